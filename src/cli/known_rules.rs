//! The rules that there are, and what is said of a name that none of them has.

use std::sync::Arc;

use crate::{
    lint::{self, Rule},
    message::Message,
    report::ToolError,
};

/// The rules that the binary carries.
pub(super) fn load() -> Result<Vec<Arc<Rule>>, ToolError> {
    let rules = lint::built_in().map(|rules| rules.into_iter().map(Arc::new).collect());
    rules.map_err(|error| ToolError::new("built-in rules", error.to_string()))
}

/// Says which rule may have been meant.
pub(super) fn unknown_rule(rules: &[Arc<Rule>], wanted: &str) -> ToolError {
    let hint = lint::rule::nearest(rules, wanted)
        .map_or_else(|| "`cinderlint rules` lists them".to_string(), |name| format!("did you mean {name}?"));
    ToolError::new(wanted, Message::from("no rule is called so").help(hint))
}

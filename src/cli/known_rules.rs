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
    let near = lint::rule::nearest_few(rules, wanted);
    let hint = match near.split_last() {
        None => "`cinderlint rules` lists them".to_string(),
        Some((name, [])) => format!("did you mean {name}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
    };
    ToolError::new("rules", Message::from(format!("unknown rule `{wanted}`")).help(hint))
}

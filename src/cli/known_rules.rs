//! The rules that there are, and what is said of a name that none of them has.

use std::sync::Arc;

use crate::{
    lint::{self, Rule},
    report::ToolError,
};

/// The rules that the binary carries.
pub(super) fn load() -> Result<Vec<Arc<Rule>>, ToolError> {
    let rules = lint::built_in().map(|rules| rules.into_iter().map(Arc::new).collect());
    rules.map_err(|error| ToolError { file: "built-in rules".into(), message: error.to_string() })
}

/// Says which rule may have been meant.
pub(super) fn unknown_rule(rules: &[Arc<Rule>], wanted: &str) -> ToolError {
    let hint = lint::rule::nearest(rules, wanted)
        .map_or_else(|| "`cinderlint rules` lists them".into(), |name| format!("did you mean {name}?"));
    ToolError { file: wanted.to_string(), message: format!("no rule is called so; {hint}") }
}

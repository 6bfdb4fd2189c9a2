//! Rules from `rules/`, the facts they match on, and the findings they make.

pub mod baseline;
mod built_in;
mod checks;
mod condition;
mod deployment;
pub(crate) mod edits;
mod engine;
mod facts;
mod finding;
pub mod host;
mod on_disk;
mod pick;
mod policy;
pub mod rule;
mod stored;
pub(crate) mod suppress;
mod template;
pub mod words;

pub use deployment::{Deployment, Remark};
pub use engine::{Choice, Lint, Speaks, finish, run, run_as};
pub use facts::Subject;
pub use finding::{Edit, Finding, Fix, Related};
pub use policy::{Demand, NasPolicy};
pub use rule::{Rule, RuleError, Severity, built_in};
pub use stored::{Later, List, Text};
pub use suppress::Directives;

/// Whether there is a native check of this name, for rules to name.
pub fn is_check(name: &str) -> bool {
    name == suppress::CHECK || name == host::CHECK || checks::ALL.iter().any(|(known, _)| *known == name)
}

//! Rules from `rules/`, the facts they match on, and the findings they make.

mod checks;
mod condition;
mod engine;
mod facts;
mod finding;
pub mod rule;
mod template;

pub use engine::{Deployment, Lint, run};
pub use facts::Subject;
pub use finding::{Edit, Finding, Fix, Related};
pub use rule::{Rule, RuleError, Severity, built_in};
pub(crate) use template::{is_unprintable, one_line};

//! Rules from `rules/`, the facts they match on, and the findings they make.

mod checks;
mod condition;
mod engine;
mod facts;
mod finding;
pub mod rule;
mod suppress;
mod template;

pub use engine::{Choice, Deployment, Lint, run, run_as};
pub use facts::Subject;
pub use finding::{Edit, Finding, Fix, Related};
pub use rule::{Rule, RuleError, Severity, built_in};
pub use suppress::Directives;
pub(crate) use template::is_unprintable;

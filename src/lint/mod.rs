//! Rules from `rules/`, the facts they match on, and the findings they make.

mod attached;
pub mod baseline;
mod built_in;
mod candidate;
mod checks;
mod choice;
mod collector;
mod condition;
mod deployment;
pub(crate) mod edits;
mod engine;
mod facts;
mod finding;
mod finds;
mod fingerprint;
pub mod host;
mod on_disk;
mod pick;
mod policy;
pub mod rule;
mod rule_parts;
mod severity;
pub mod starts;
mod stored;
pub(crate) mod suppress;
mod template;
pub mod words;

pub use built_in::built_in;
pub use choice::{Choice, Directives, Speaks};
pub use deployment::Deployment;
pub use engine::{Lint, run, run_as};
pub use facts::Subject;
pub use finding::{Edit, Finding, Fix, Related, Stop};
pub use fingerprint::finish;
pub use policy::{Demand, NasPolicy};
pub use rule::{Rule, RuleError};
pub use rule_parts::Example;
pub use severity::Severity;
pub use stored::{Later, List, Text};

/// Whether there is a native check of this name, for rules to name.
pub fn is_check(name: &str) -> bool {
    finds::of(name).is_some()
}

//! Rules about a host: the audit hands them what it found.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    candidate::Candidate,
    facts::Subject,
    finds,
    rule::Rule,
    severity::Severity,
    template::{fill, fill_exactly},
};

/// The check that such rules name.
pub const CHECK: &str = finds::AUDIT_CHECK;

/// What a rule says of one thing that was found.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What to do: its phase, what it does, and what to type or to write.
    pub steps: Vec<(u8, String, String)>,
}

/// Lets the rules about a host speak of one thing: its kind, and what is known of it.
pub fn speak(rules: &[Arc<Rule>], kind: &'static str, facts: BTreeMap<&'static str, String>) -> Vec<Spoken> {
    let candidate = Candidate { kind, facts, ..Candidate::default() };
    finds::assert_declared(&finds::AUDIT, &candidate);
    let subject: &dyn Subject = &candidate;
    let speaking = rules.iter().filter(|rule| {
        rule.check.as_deref() == Some(finds::AUDIT_CHECK)
            && rule.kind.as_deref() == Some(kind)
            && rule.when.holds(subject)
    });
    speaking
        .map(|rule| {
            let unsure = rule.unsure.iter().find(|unsure| unsure.when.holds(subject));
            let mut message = fill(&rule.message, subject);
            if let Some(because) = unsure.and_then(|unsure| unsure.because.as_ref()) {
                message.push_str(&fill(because, subject));
            }
            // A command that shows only a part of a name, or a mark in the place of a secret, would do something else.
            let steps =
                rule.steps.iter().filter(|step| step.when.holds(subject)).filter_map(|step| {
                    Some((step.phase, fill(&step.title, subject), fill_exactly(&step.run, subject)?))
                });
            Spoken {
                rule: Arc::clone(rule),
                severity: unsure.map_or(rule.severity, |unsure| unsure.severity),
                message,
                help: rule.help.as_ref().map(|help| fill(help, subject)),
                steps: steps.collect(),
            }
        })
        .collect()
}

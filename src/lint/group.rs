//! Which findings say the same of several backends, options or files: reports for people say it once, with all its places.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::{HashMap, fast::FixedState};

use super::{
    facts::Subject,
    finding::{Change, Finding},
    rule::Rule,
    severity::Severity,
    template,
};

/// What a finding of this rule in a section says, as a number: that of each other one that says the same is equal.
pub(super) fn key(rule: &Rule, severity: Severity, subject: &dyn Subject, section: Option<&str>) -> u64 {
    // Of whom a message speaks is not what it says.
    let names = |name: &str, value: &Option<String>| match name {
        "backend" | "section" => value.as_deref() == section,
        _ => name == "line",
    };
    let mut hash = FixedState::default().build_hasher();
    (rule.id.as_str(), severity as u8).hash(&mut hash);
    if rule.group_by.is_empty() {
        template::placeholders(&rule.message)
            .map(|name| (name, template::value(name, subject)))
            .filter(|(name, value)| !names(name, value))
            .for_each(|(_, value)| value.hash(&mut hash));
    } else {
        rule.group_by.iter().for_each(|name| subject.fact(name).hash(&mut hash));
    }
    hash.finish()
}

/// Numbers the groups, from 1 on, in the order of their first findings.
pub fn number(findings: &mut [Finding]) {
    let mut numbers: HashMap<(u64, Option<Change>), u64> = HashMap::default();
    let mut last = 0;
    for at in 0..findings.len() {
        let next = numbers.len() as u64 + 1;
        let finding = &findings[at];
        let number = *numbers.entry((finding.group, finding.change)).or_insert(next);
        // What a rule says several times of one place is one thing to read.
        let same = |before: &Finding| {
            (&before.rule.id, before.place, before.severity, before.change)
                == (&finding.rule.id, finding.place, finding.severity, finding.change)
        };
        last = if at > 0 && same(&findings[at - 1]) { last } else { number };
        findings[at].group = last;
    }
}

//! What a finding stops: a backend, or whole services.

use std::borrow::Cow;

use super::{facts::Subject, finding::Stop, rule::Rule, severity::Severity, template::fill};
use crate::config::Exception;

/// What a finding stops; none where the rule stops nothing, or is not sure. `section` is where the finding is.
pub(super) fn stop(rule: &Rule, severity: Severity, subject: &dyn Subject, section: Option<&str>) -> Option<Stop> {
    if rule.stops.is_empty() || severity != Severity::Error {
        return None;
    }
    // Of a native check's candidate a fact of this name may say which of the rule's ends it is, or that it is none.
    let which = subject.fact("stops");
    if which.as_deref() == Some("false") {
        return None;
    }
    let backend = subject.fact("backend").map(Cow::into_owned).or_else(|| section.map(str::to_string));
    let backend = backend.filter(|_| rule.stops.contains("backend") && which.as_deref() != Some("service"));
    let text = rule.raises.as_deref().map_or_else(|| rule.summary.to_string(), |text| fill(text, subject));
    let (class, detail) = text.split_once(": ").unwrap_or((&text, ""));
    let exception = Exception::new(class.to_string(), detail);
    Some(Stop { backend, exception })
}

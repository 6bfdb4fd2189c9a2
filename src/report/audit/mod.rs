//! What `audit` says, one file a format. All are made of the document alone, which may have come from another host:
//! everything in it is cleaned before it is shown.

mod full;
mod html;
mod prometheus;

pub use full::write as write_full;
pub use html::write as write_html;
pub use prometheus::write as write_prometheus;

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{
    audit::model::{Class, Host, Step},
    text::date,
};

/// What an operator may do on a host, each step once, those that take effect last in the end.
fn steps(host: &Host) -> Vec<(&Step, &str)> {
    let mut steps: Vec<(&Step, &str)> = Vec::new();
    for finding in &host.findings {
        for step in &finding.steps {
            if !steps.iter().any(|(known, _)| known.run == step.run) {
                steps.push((step, &finding.rule));
            }
        }
    }
    steps.sort_by_key(|(step, _)| step.phase);
    steps
}

/// How long ago that is, in days.
fn days_ago(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(seconds).max(0) / 86_400
}

/// `cinder:cinder 0660`.
fn owned(class: &Class) -> String {
    let acl = if class.acl.is_some() { "+" } else { "" };
    format!("{}{acl} {}:{}", class.owned.mode, class.owned.owner, class.owned.group)
}

/// `1.5 GiB`.
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_sizes() {
        for (seconds, text) in
            [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_714_759_331, "2024-05-03"), (-1, "1969-12-31")]
        {
            assert_eq!(date(seconds), text);
        }
        assert_eq!((size(512), size(1536)), ("512 B".into(), "1.5 KiB".into()));
    }
}

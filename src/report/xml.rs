//! What the XML formats share: escaping, and findings by file.

use std::{collections::BTreeMap, fmt};

use super::{content::Report, view::Views};
use crate::{lint::Finding, text::is_unprintable};

/// A text that may stand within a double-quoted attribute and between tags. Characters that XML 1.0 cannot hold, or that
/// steer a terminal, become U+FFFD; line ends and tabs become references, so that attributes keep them.
pub(super) struct Escaped<'t>(pub &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = 0;
        for (at, c) in self.0.char_indices() {
            let instead = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\t' => "&#9;",
                '\n' => "&#10;",
                '\r' => "&#13;",
                '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
                c if is_unprintable(c) => "\u{fffd}",
                _ => continue,
            };
            f.write_str(&self.0[plain..at])?;
            f.write_str(instead)?;
            plain = at + c.len_utf8();
        }
        f.write_str(&self.0[plain..])
    }
}

/// The findings of each linted file, and of each other file that has some, by path.
pub(super) fn by_file<'r>(report: &Report<'r>, views: &Views<'r>) -> BTreeMap<&'r str, Vec<&'r Finding>> {
    let mut files: BTreeMap<&str, Vec<&Finding>> =
        report.files.on_disk_only().take(report.linted).map(|(_, file)| (file.relative.as_str(), Vec::new())).collect();
    for finding in report.findings {
        files.entry(views.get(finding.place.file).relative()).or_default().push(finding);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(
            Escaped("a<b>&\"\t\r\n\u{1b}\u{ffff}é").to_string(),
            "a&lt;b&gt;&amp;&quot;&#9;&#13;&#10;\u{fffd}\u{fffd}é"
        );
    }
}

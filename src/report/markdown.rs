//! Markdown, for a change ticket or a review: release by release where an upgrade is looked at, else by severity.

use std::io::{self, Write};

use super::{content::Report, view::Views};
use crate::{
    lint::{Finding, Severity},
    text::is_unprintable,
};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let views = Views::new(report.files);
    let shown: Vec<&Finding> = report.findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    match report.upgrade {
        Some((from, to)) => writeln!(out, "# Upgrade of Cinder from {} to {}\n", from.title(), to.title())?,
        None => writeln!(out, "# Configuration of Cinder\n")?,
    }
    for error in report.errors {
        writeln!(out, "**Not read:** {}: {}\n", markdown(&error.file), markdown(&error.message.to_string()))?;
    }
    if shown.is_empty() {
        let nothing = if report.upgrade.is_some() { "Nothing changes" } else { "No findings" };
        return writeln!(out, "{nothing} in {} files.", report.linted);
    }
    if report.upgrade.is_some() {
        for same in shown.chunk_by(|a, b| a.change == b.change) {
            let Some(change) = same[0].change else { continue };
            let release = change.release.title();
            writeln!(out, "## {release}: {}\n", change.kind.title())?;
            writeln!(out, "[Cinder's notes on {release}]({})\n", change.reference())?;
            list(&views, same, out)?;
        }
        return Ok(());
    }
    for (severity, title) in [(Severity::Error, "Errors"), (Severity::Warning, "Warnings"), (Severity::Info, "Notes")] {
        let of: Vec<&Finding> = shown.iter().copied().filter(|finding| finding.severity == severity).collect();
        if !of.is_empty() {
            writeln!(out, "## {title}\n")?;
            list(&views, &of, out)?;
        }
    }
    Ok(())
}

fn list(views: &Views<'_>, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    for finding in findings {
        let (start, _) = views.range(finding.place);
        let file = markdown(views.get(finding.place.file).relative());
        let (rule, told) = (&finding.rule.id, markdown(&super::told(finding)));
        writeln!(out, "- [ ] {file}:{} ({rule}): {told}", start.line)?;
    }
    writeln!(out)
}

/// A text within a cell of a table or an item of a list, whatever it holds. What messages mean as code becomes code; all that could be Markdown or HTML is
/// written as character references, which mean the character and never markup.
pub(super) fn markdown(text: &str) -> String {
    let paired = text.matches('`').count().is_multiple_of(2);
    let mut code = false;
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '`' if paired => {
                cell.push_str(if code { "</code>" } else { "<code>" });
                code = !code;
            }
            '\n' => cell.push_str("<br>"),
            ' ' | ',' | '(' | ')' | ';' | '?' => cell.push(c),
            _ if c.is_ascii_alphanumeric() => cell.push(c),
            _ if c.is_ascii_graphic() => cell.push_str(&format!("&#{};", u32::from(c))),
            _ if is_unprintable(c) => cell.push('\u{fffd}'),
            _ => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_markup() {
        for hostile in [
            "<img src=x>",
            "``<b>``",
            "`<b>",
            "[a](http://b)",
            "a|b",
            "*a* _b_ ~c~",
            "@a #1",
            "\\`",
            "# a",
            "&lt;",
            "https://a",
        ] {
            let cell = markdown(hostile).replace("<code>", "").replace("</code>", "");
            let plain = cell.replace("&#", "");
            assert!(!plain.contains(|c: char| "<>[]|*_~@#`\\&:/!".contains(c)), "{hostile}: {cell}");
        }
        assert_eq!(markdown("`a` is b"), "<code>a</code> is b");
    }
}

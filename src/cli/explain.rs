use std::{
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use serde_json::json;

use super::{
    Form, Outcome, complain, complete,
    known_rules::{load, unknown_rule},
    option,
};
use crate::{
    catalog::Release,
    lint::{Rule, Severity, rule},
    report,
    settings::{Finder, SettingsError, is_meant},
    source::{Borders, Disk, HostFiles},
    style::{ColorChoice, Style},
    text::is_unprintable,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ids or names of rules, the start of ids such as CND4, or names of options
    #[arg(required = true, value_name = "RULE", add = complete::rules())]
    rules: Vec<String>,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = Form::Full)]
    pub(super) format: Form,
}

/// The site's own rules, where the settings of the working directory name some.
fn of_site(built_in: &[Arc<Rule>]) -> Result<Vec<Arc<Rule>>, SettingsError> {
    let loaded = Finder::new(&Borders::around(&Disk::shared(), [Path::new(".")], HostFiles::Own), built_in)
        .of(Path::new("."))?;
    let own = loaded.rules.iter().filter(|rule| !built_in.iter().any(|known| known.id == rule.id));
    Ok(own.cloned().collect())
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut rules = match load() {
        Ok(rules) => rules,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    // Settings that cannot be used stand in nobody's way who asks for a rule of the binary.
    if !args.rules.iter().all(|wanted| is_option(wanted) || rules.iter().any(|rule| rule.is_called(wanted))) {
        match of_site(&rules) {
            Ok(own) => rules.extend(own),
            Err(error) => return Ok(super::refuse(&error)),
        }
    }
    let style = Style::for_stdout(args.color);
    let mut outcome = Outcome::Clean;
    let mut first = true;
    for wanted in &args.rules {
        match rules.iter().find(|rule| rule.is_called(wanted)) {
            Some(rule) => {
                if !first {
                    writeln!(out)?;
                }
                first = false;
                explain(rule, &style, out)?;
            }
            None if is_option(wanted) => {
                if !first {
                    writeln!(out)?;
                }
                first = false;
                report::write_option(&option::ask(wanted), Release::NEWEST, false, &style, out)?;
            }
            None if rules.iter().any(|rule| is_meant(rule, wanted)) => {
                if !first {
                    writeln!(out)?;
                }
                first = false;
                list(rules.iter().filter(|rule| is_meant(rule, wanted)), out)?;
            }
            None => {
                out.flush()?;
                complain(&[unknown_rule(&rules, wanted)]);
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

/// Whether a word is no rule and an option.
fn is_option(wanted: &str) -> bool {
    !option::ask(wanted).found.is_empty()
}

fn explain(rule: &Rule, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let head = |text: &str| style.paint("1", text);
    let severity = match rule.severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Info => "1;36",
    };
    let severity = style.paint(severity, rule.severity.name());
    let id = rule.address().map_or_else(|| rule.id.to_string(), |address| style.link(&address, &rule.id));
    writeln!(out, "{} {} ({severity})", style.paint("1;36", &id), head(&rule.name))?;
    writeln!(out, "{}\n", code(&rule.summary, style))?;
    if rule.preview {
        writeln!(out, "A preview rule: it may change, and runs only with --preview or if it is named.\n")?;
    }
    writeln!(out, "{}\n", code(&fold(&rule.why, style.width), style))?;
    writeln!(out, "{}\n{}", head("Write instead"), code(&fold(&rule.instead, style.width), style))?;
    let releases = rule.releases.map_or_else(|| "every release".to_string(), |releases| releases.to_string());
    writeln!(out, "\n{} {releases}", head("Releases:"))?;
    if !rule.families.is_empty() {
        writeln!(out, "{} {}", head("Driver families:"), rule.families.join(", "))?;
    }
    if !rule.fix.is_empty() {
        let safe = rule.fix.iter().filter(|fix| fix.safe).count();
        let how = match safe {
            0 => "--fix --unsafe-fixes",
            some if some < rule.fix.len() => "--fix, or --fix --unsafe-fixes, depending on the case",
            _ if rule.fix.iter().any(|fix| fix.needs_release) => "--fix, if --release is given",
            _ => "--fix",
        };
        writeln!(out, "{} {how}", head("Fixed with:"))?;
    }
    for (title, lines) in [("Evidence", &rule.evidence), ("See", &rule.references)] {
        if !lines.is_empty() {
            writeln!(out, "{}", head(&format!("{title}:")))?;
            for line in lines.iter() {
                let shown = rule::address(line).map_or_else(|| line.to_string(), |address| style.link(&address, line));
                writeln!(out, "  {shown}")?;
            }
        }
    }
    for (title, color, examples) in [("Reported", "31", &rule.bad), ("Not reported", "32", &rule.good)] {
        if let Some(example) = examples.first() {
            let release = example.release.first().map(|name| format!(" ({name})")).unwrap_or_default();
            writeln!(out, "\n{}", style.paint(&format!("1;{color}"), &format!("{title}{release}")))?;
            for (number, line) in (1..).zip(example.file.lines()) {
                let line: String = line.chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect();
                let at = example.lines.contains(&number);
                let mark = if at { style.paint(&format!("1;{color}"), "  > ") } else { "    ".into() };
                writeln!(out, "{mark}{}", highlighted(&line, style))?;
            }
        }
    }
    Ok(())
}

/// What stands between backquotes, in colour.
fn code(text: &str, style: &Style) -> String {
    let parts = text.split('`').enumerate();
    let shown = |(at, part): (usize, &str)| match at % 2 {
        1 if style.color => style.paint("36", part),
        1 => format!("`{part}`"),
        _ => part.to_string(),
    };
    if text.matches('`').count().is_multiple_of(2) { parts.map(shown).collect() } else { text.to_string() }
}

/// A line of a configuration file: headers, comments and keys in colour.
fn highlighted(line: &str, style: &Style) -> String {
    match line.chars().next() {
        Some('[') => style.paint("1", line),
        Some('#' | ';') => style.paint("2", line),
        Some(c) if !c.is_whitespace() => match line.find(['=', ':']) {
            Some(at) => format!("{}{}", style.paint("36", &line[..at]), &line[at..]),
            None => line.to_string(),
        },
        _ => line.to_string(),
    }
}

/// Paragraphs, each within the width.
fn fold(text: &str, width: usize) -> String {
    let paragraphs = text.trim().split("\n\n").map(|paragraph| {
        if paragraph.lines().any(|line| line.starts_with("    ")) {
            return paragraph.to_string();
        }
        let mut folded = String::new();
        let mut column = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width.min(100) {
                folded.push('\n');
                column = 0;
            } else if column > 0 {
                folded.push(' ');
                column += 1;
            }
            folded.push_str(word);
            column += length;
        }
        folded
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

pub(super) fn rules(args: &RulesArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut rules = match load() {
        Ok(rules) => rules,
        Err(error) => {
            complain(&[error]);
            return Ok(Outcome::Failed);
        }
    };
    match of_site(&rules) {
        Ok(own) => rules.extend(own),
        Err(error) => return Ok(super::refuse(&error)),
    }
    match args.format {
        Form::Full => {
            list(rules.iter(), out)?;
        }
        Form::Json => {
            let entries: Vec<_> = rules.iter().map(|rule| entry(rule)).collect();
            serde_json::to_writer_pretty(&mut *out, &json!({"schema_version": 1, "rules": entries}))?;
            writeln!(out)?;
        }
    }
    Ok(Outcome::Clean)
}

/// One line a rule.
fn list<'r>(rules: impl Iterator<Item = &'r Arc<Rule>> + Clone, out: &mut dyn Write) -> io::Result<()> {
    let width = rules.clone().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules {
        let preview = if rule.preview { "preview: " } else { "" };
        let severity = rule.severity.name();
        writeln!(out, "{}  {severity:7}  {:width$}  {preview}{}", rule.id, rule.name, rule.summary)?;
    }
    Ok(())
}

fn entry(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity.name(),
        "preview": rule.preview,
        "summary": rule.summary,
        "releases": rule.releases.map(|r| json!({"first": r.first.name(), "last": r.last.name()})),
        "families": rule.families,
        "why": rule.why.trim(),
        "instead": rule.instead.trim(),
        "evidence": rule.evidence,
        "references": rule.references,
    })
}

//! SARIF 2.1.0, with what code scanning shows of it: help, tags, fingerprints, suppressions.

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write},
};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Report, ToolError, Views, repository::Repository};
use crate::{
    config::Place,
    lint::{Finding, Rule, Severity},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What code scanning takes of a description, in characters.
const DESCRIPTION: usize = 1024;

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Value,
    invocations: Value,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    properties: Value,
    results: Results<'r>,
}

/// The results, made one by one while they are written.
struct Results<'r> {
    report: &'r Report<'r>,
    views: Views<'r>,
    repository: Repository,
    rules: HashMap<&'r str, usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.report.findings.iter().map(|finding| self.result(finding)))
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Value> = report.rules.iter().map(|rule| descriptor(rule)).collect();
    let results = Results {
        report,
        views: Views::new(report.files),
        repository: Repository::around_here(),
        rules: report.rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect(),
    };
    let notifications: Vec<Value> = report.errors.iter().map(|error| results.notification(error)).collect();
    let run = Run {
        tool: json!({"driver": {
            "name": "cinderlint",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }}),
        invocations: json!([{
            "executionSuccessful": report.errors.is_empty(),
            "toolExecutionNotifications": notifications,
        }]),
        original_uri_base_ids: json!({"%SRCROOT%": {"description": {"text": "The top of the repository."}}}),
        column_kind: "unicodeCodePoints",
        properties: json!({"release": report.release.name()}),
        results,
    };
    serde_json::to_writer(&mut *out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn descriptor(rule: &Rule) -> Value {
    let mut properties = json!({
        "tags": tags(rule),
        "precision": if rule.unsure.is_empty() { "high" } else { "medium" },
        "problem.severity": match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "recommendation",
        },
    });
    if let Some(score) = rule.security_severity {
        properties["security-severity"] = format!("{score:.1}").into();
    }
    let why = rule.why.trim();
    let first = why.split("\n\n").next().unwrap_or(why).replace('\n', " ");
    let mut descriptor = json!({
        "id": rule.id,
        "name": pascal(&rule.name),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": first.chars().take(DESCRIPTION).collect::<String>()},
        "help": {"text": help(rule, false), "markdown": help(rule, true)},
        "defaultConfiguration": {"enabled": rule.severity > Severity::Info, "level": level(rule.severity)},
        "properties": properties,
    });
    if let Some(page) = rule.references.iter().find(|reference| is_link(reference)) {
        descriptor["helpUri"] = page.as_str().into();
    }
    descriptor
}

fn is_link(reference: &str) -> bool {
    reference.starts_with("https://") && !reference.contains(|c: char| c.is_whitespace() || "<>\"".contains(c))
}

/// `nas-security-auto` as `NasSecurityAuto`: names are to differ from ids, and to be in this form.
fn pascal(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

fn tags(rule: &Rule) -> Vec<&'static str> {
    let mut tags = vec!["openstack", "cinder"];
    tags.extend(match rule.id.get(3..4) {
        Some("1") => Some("reading"),
        Some("2") => Some("options"),
        Some("3") => Some("backends"),
        Some("4") => Some("nas"),
        Some("5") => Some("upgrades"),
        Some("6") => Some("backup"),
        Some("7") => Some("host"),
        _ => None,
    });
    tags.extend(rule.security_severity.map(|_| "security"));
    tags
}

/// Everything that is said about a rule.
fn help(rule: &Rule, markdown: bool) -> String {
    let mut text = String::new();
    let head = |title: &str| if markdown { format!("**{title}**\n\n") } else { format!("{title}\n\n") };
    let name = if markdown { format!("`{}`", rule.name) } else { rule.name.clone() };
    let releases = rule.releases.map_or_else(|| "every release".to_string(), |releases| releases.to_string());
    // Writing to a string cannot fail.
    let _ = write!(text, "{name}: {}\n\n{}\n\n", rule.summary, rule.why.trim());
    let _ = write!(text, "{}{}\n\n", head("Write instead"), rule.instead.trim());
    let _ = writeln!(text, "Releases: {releases}.");
    for (title, lines) in [("Evidence", &rule.evidence), ("See", &rule.references)] {
        if !lines.is_empty() {
            let _ = write!(text, "\n{}", head(title));
            for line in lines {
                let _ =
                    if markdown && is_link(line) { writeln!(text, "- <{line}>") } else { writeln!(text, "- {line}") };
            }
        }
    }
    text
}

impl Results<'_> {
    fn artifact(&self, relative: &str) -> Value {
        let path = self.repository.path(relative);
        let uri = percent_encoded(&path);
        // What lies outside has no place below the top.
        if path.starts_with("../") || path.starts_with('/') {
            json!({"uri": uri})
        } else {
            json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
        }
    }

    fn region(&self, place: Place) -> Value {
        let (start, end) = self.views.range(place);
        json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
    }

    fn physical(&self, place: Place) -> Value {
        json!({"artifactLocation": self.artifact(self.views.get(place.file).relative()), "region": self.region(place)})
    }

    fn result(&self, finding: &Finding) -> Value {
        let mut location = json!({"physicalLocation": self.physical(finding.place)});
        if let Some(section) = &finding.section {
            location["logicalLocations"] = json!([match &finding.option {
                Some(option) => json!({
                    "name": option, "fullyQualifiedName": format!("{section}/{option}"), "kind": "property",
                }),
                None => json!({"name": section, "fullyQualifiedName": section, "kind": "object"}),
            }]);
        }
        let mut result = json!({
            "ruleId": finding.rule.id,
            "level": level(finding.severity),
            "message": {"text": super::told(finding)},
            "locations": [location],
            "partialFingerprints": {"cinderlint/v1": finding.fingerprint},
            "suppressions": finding.suppressed.iter().map(|reason| suppression(reason, finding.baselined)).collect::<Vec<_>>(),
        });
        if let Some(&at) = self.rules.get(finding.rule.id.as_str()) {
            result["ruleIndex"] = at.into();
        }
        if !finding.related.is_empty() {
            let related = finding.related.iter().enumerate().map(|(at, related)| {
                json!({
                    "id": at + 1,
                    "physicalLocation": self.physical(related.place),
                    "message": {"text": related.message},
                })
            });
            result["relatedLocations"] = related.collect();
        }
        if let Some(fix) = &finding.fix {
            // The schema wants one change a file.
            let changes = fix.edits.chunk_by(|a, b| a.place.file == b.place.file).filter_map(|edits| {
                let file = edits.first()?.place.file;
                let replacements = edits.iter().map(
                    |edit| json!({"deletedRegion": self.region(edit.place), "insertedContent": {"text": edit.text}}),
                );
                Some(json!({
                    "artifactLocation": self.artifact(self.views.get(file).relative()),
                    "replacements": replacements.collect::<Vec<_>>(),
                }))
            });
            result["fixes"] = json!([{
                "description": {"text": fix.title},
                "artifactChanges": changes.collect::<Vec<_>>(),
                "properties": {"applicability": if fix.safe { "safe" } else { "unsafe" }},
            }]);
        }
        result
    }

    fn notification(&self, error: &ToolError) -> Value {
        json!({
            "level": "error",
            "message": {"text": format!("{}: {}", error.file, error.message)},
            "locations": [{"physicalLocation": {"artifactLocation": self.artifact(&error.file)}}],
        })
    }
}

fn suppression(reason: &str, external: bool) -> Value {
    let kind = if external { "external" } else { "inSource" };
    if reason.is_empty() { json!({"kind": kind}) } else { json!({"kind": kind, "justification": reason}) }
}

/// A path as a URI reference: everything but unreserved characters and `/` is encoded.
fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

//! SARIF 2.1.0, with what code scanning shows of it: help, tags, fingerprints, suppressions.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write},
};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{content::Report, repository::Repository, tool_error::ToolError, view::Views};
use crate::{
    lint::{Edit, Finding, Fix, Rule, Severity, rule::DOCUMENTATION},
    source::Place,
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
    /// Each file of the run.
    artifacts: Vec<Artifact>,
    rules: HashMap<&'r str, usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'r> {
    rule_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'r>,
    locations: [Location<'r>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'r>>,
    partial_fingerprints: Fingerprints,
    suppressions: Vec<Suppression<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Change<'r>>,
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    group: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'r> {
    description: Text<'r>,
    artifact_changes: Vec<OfArtifact<'r>>,
    properties: Applicability,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfArtifact<'r> {
    artifact_location: &'r Artifact,
    replacements: Vec<Replacement<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'r> {
    deleted_region: Region,
    inserted_content: Text<'r>,
}

#[derive(Serialize)]
struct Applicability {
    applicability: &'static str,
}

#[derive(Serialize)]
struct Text<'r> {
    text: Cow<'r, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'r>>,
    physical_location: Physical<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[Logical<'r>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'r> {
    artifact_location: &'r Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'r> {
    name: &'r str,
    fully_qualified_name: Cow<'r, str>,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "cinderlint/v1")]
    v1: String,
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    justification: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

impl Artifact {
    fn new(repository: &Repository, relative: &str) -> Self {
        let path = repository.path(relative);
        // What lies outside has no place below the top.
        let outside = path.starts_with("../") || path.starts_with('/');
        Self { uri: percent_encoded(&path), uri_base_id: (!outside).then_some("%SRCROOT%") }
    }
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.report.findings.iter().map(|finding| self.result(finding)))
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Value> = report.rules.iter().map(|rule| descriptor(rule)).collect();
    let repository = Repository::around_here();
    let results = Results {
        report,
        views: Views::new(report.files),
        artifacts: report.files.iter().map(|(_, file)| Artifact::new(&repository, &file.relative)).collect(),
        rules: report.rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect(),
    };
    let notifications: Vec<Value> = report.errors.iter().map(|error| notification(&repository, error)).collect();
    let mut driver = json!({
        "name": "cinderlint",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    if !DOCUMENTATION.is_empty() {
        driver["informationUri"] = DOCUMENTATION.into();
    }
    let run = Run {
        tool: json!({"driver": driver}),
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
    if let Some(page) = rule.address() {
        descriptor["helpUri"] = page.into();
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
    let name = if markdown { format!("`{}`", rule.name) } else { rule.name.to_string() };
    let releases = rule.releases.map_or_else(|| "every release".to_string(), |releases| releases.to_string());
    // Writing to a string cannot fail.
    let _ = write!(text, "{name}: {}\n\n{}\n\n", rule.summary, rule.why.trim());
    let _ = write!(text, "{}{}\n\n", head("Write instead"), rule.instead.trim());
    let _ = writeln!(text, "Releases: {releases}.");
    for (title, lines) in [("Evidence", &rule.evidence), ("See", &rule.references)] {
        if !lines.is_empty() {
            let _ = write!(text, "\n{}", head(title));
            for line in lines.iter() {
                let _ =
                    if markdown && is_link(line) { writeln!(text, "- <{line}>") } else { writeln!(text, "- {line}") };
            }
        }
    }
    text
}

impl Results<'_> {
    fn region(&self, place: Place) -> Region {
        let (start, end) = self.views.range(place);
        Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }

    fn location(&self, place: Place) -> Location<'_> {
        let artifact_location = &self.artifacts[place.file.0 as usize];
        let physical_location = Physical { artifact_location, region: self.region(place) };
        Location { id: None, message: None, physical_location, logical_locations: None }
    }

    fn result<'f>(&'f self, finding: &'f Finding) -> Entry<'f> {
        let related = finding.related.iter().enumerate().map(|(at, related)| Location {
            id: Some(at + 1),
            message: Some(Text { text: super::unlinked(Cow::Borrowed(&related.message)) }),
            ..self.location(related.place)
        });
        Entry {
            rule_id: &finding.rule.id,
            rule_index: self.rules.get(finding.rule.id.as_str()).copied(),
            level: level(finding.severity),
            message: Text { text: super::unlinked(super::told(finding)) },
            locations: [Location {
                logical_locations: logical(finding).map(|one| [one]),
                ..self.location(finding.place)
            }],
            related_locations: related.collect(),
            partial_fingerprints: Fingerprints { v1: finding.fingerprint.to_string() },
            suppressions: finding
                .suppressed
                .iter()
                .map(|reason| Suppression {
                    kind: if finding.baselined { "external" } else { "inSource" },
                    justification: reason,
                })
                .collect(),
            fixes: finding
                .fix
                .as_deref()
                .filter(|fix| fix.shown().is_some())
                .into_iter()
                .chain(&finding.alternatives)
                .map(|fix| self.fix(fix))
                .collect(),
            properties: Properties { group: finding.group },
        }
    }

    fn fix<'f>(&'f self, fix: &'f Fix) -> Change<'f> {
        let replacement = |edit: &'f Edit| Replacement {
            deleted_region: self.region(edit.place),
            inserted_content: Text { text: Cow::Borrowed(&edit.text) },
        };
        // One change a file.
        let changes = fix.edits.chunk_by(|a, b| a.place.file == b.place.file).filter_map(|edits| {
            let file = edits.first()?.place.file;
            let replacements = edits.iter().map(replacement).collect();
            Some(OfArtifact { artifact_location: &self.artifacts[file.0 as usize], replacements })
        });
        Change {
            description: Text { text: super::unlinked(Cow::Borrowed(&fix.title)) },
            artifact_changes: changes.collect(),
            properties: Applicability { applicability: if fix.safe { "safe" } else { "unsafe" } },
        }
    }
}

/// `section/option`.
fn logical(finding: &Finding) -> Option<Logical<'_>> {
    let section = finding.section.as_deref()?;
    Some(match finding.option.as_deref() {
        Some(name) => Logical { name, fully_qualified_name: format!("{section}/{name}").into(), kind: "property" },
        None => Logical { name: section, fully_qualified_name: section.into(), kind: "object" },
    })
}

fn notification(repository: &Repository, error: &ToolError) -> Value {
    json!({
        "level": "error",
        "message": {"text": super::unlinked(format!("{}: {}", error.file, error.message).into())},
        "locations": [{"physicalLocation": {"artifactLocation": Artifact::new(repository, &error.file)}}],
    })
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

//! What a change of the configuration does: backends that differ, findings that come and go.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{
    effective::{Assessed, write_json as write_effective_json},
    json::{SCHEMA_VERSION, Tool, entry},
    markdown::markdown,
    tool_error::ToolError,
    view::Views,
};
use crate::{
    catalog::Release,
    lint::{Finding, Severity},
    source::Files,
    style::Style,
    text::one_line,
};

/// One of the two states that are compared.
pub struct Side<'s> {
    /// What the user calls it.
    pub name: &'s str,
    /// The path that its files lie below; empty: they are called as in the other one.
    pub below: &'s str,
    /// The release that reads it.
    pub release: Release,
    /// The files.
    pub files: &'s Files,
    /// Its deployments.
    pub assessed: Vec<Assessed<'s>>,
    /// Its findings.
    pub findings: &'s [Finding],
    /// What could not be read.
    pub errors: &'s [ToolError],
}

/// How a backend differs.
#[derive(Debug)]
struct Backend {
    name: String,
    files: String,
    kind: &'static str,
    driver: String,
    /// Whether it starts, before and after, where that differs; then why not.
    starts: Option<(String, String, Option<String>)>,
    options: Vec<Opt>,
}

/// One option with another value.
#[derive(Debug)]
struct Opt {
    name: String,
    base: Option<String>,
    head: Option<String>,
    because: Option<String>,
}

/// What a change does.
pub struct Diff<'d> {
    base: &'d Side<'d>,
    head: &'d Side<'d>,
    backends: Vec<Backend>,
    come: Vec<&'d Finding>,
    go: Vec<&'d Finding>,
}

impl<'d> Diff<'d> {
    /// Compares two states.
    ///
    /// # Errors
    /// None that is known.
    pub fn of(base: &'d Side<'d>, head: &'d Side<'d>) -> io::Result<Self> {
        let backends = backends(&deployments(base)?, &deployments(head)?);
        let (come, go) = (new_in(head, base), new_in(base, head));
        Ok(Self { base, head, backends, come, go })
    }

    /// Whether it brings an error: a finding, or a backend that no longer starts.
    pub fn is_worse(&self) -> bool {
        let stopped =
            |one: &Backend| one.starts.as_ref().is_some_and(|(_, now, _)| now == "no") && one.kind == "differs";
        self.come.iter().any(|finding| finding.severity == Severity::Error) || self.backends.iter().any(stopped)
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let arrow = if style.unicode { "→" } else { "->" };
        for one in &self.backends {
            let name = style.paint("1;36", &format!("[{}]", one_line(&one.name)));
            writeln!(out, "{name} in {} {}: {}", one_line(&one.files), one.kind, one_line(&one.driver))?;
            if let Some((then, now, error)) = &one.starts {
                let why = error.as_ref().map(|error| format!(" ({})", one_line(error))).unwrap_or_default();
                writeln!(out, "  starts: {then} {arrow} {now}{why}")?;
            }
            for option in &one.options {
                let because = option.because.as_ref().map(|why| format!(", because {}", one_line(why)));
                let text =
                    |value: &Option<String>| value.as_deref().map_or("not set".into(), |v| one_line(v).into_owned());
                let (base, head) = (text(&option.base), text(&option.head));
                writeln!(out, "  {}: {base} {arrow} {head}{}", one_line(&option.name), because.unwrap_or_default())?;
            }
        }
        for (title, side, findings) in self.findings() {
            if findings.is_empty() {
                continue;
            }
            writeln!(out, "{}", style.paint("1", title))?;
            let views = Views::new(side.files);
            for finding in findings {
                let (start, _) = views.range(finding.place);
                let path = views.get(finding.place.file).shown();
                let (severity, id) = (finding.severity.name(), &finding.rule.id);
                writeln!(
                    out,
                    "  {path}:{}:{}: {severity}[{id}]: {}",
                    start.line,
                    start.column,
                    one_line(&finding.message)
                )?;
            }
        }
        let count = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
        writeln!(
            out,
            "{} from {} to {}; {}, {}",
            count(self.backends.len(), "backend differs", "backends differ"),
            one_line(self.base.name),
            one_line(self.head.name),
            count(self.come.len(), "finding comes", "findings come"),
            count(self.go.len(), "goes", "go"),
        )
    }

    fn findings(&self) -> [(&'static str, &'d Side<'d>, &[&'d Finding]); 2] {
        [("New findings", self.head, &self.come), ("Resolved findings", self.base, &self.go)]
    }

    /// Writes it as Markdown, for a review.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "# Configuration of Cinder: {} to {}\n", markdown(self.base.name), markdown(self.head.name))?;
        if self.backends.is_empty() && self.come.is_empty() && self.go.is_empty() {
            return writeln!(out, "No backend differs, and no finding is new or resolved.");
        }
        for one in &self.backends {
            let (name, files) = (markdown(&one.name), markdown(&one.files));
            writeln!(out, "## {name} in {files} {}\n", one.kind)?;
            writeln!(out, "Driver: {}\n", markdown(&one.driver))?;
            if one.starts.is_none() && one.options.is_empty() {
                continue;
            }
            writeln!(out, "| What | Before | After | Why |\n| --- | --- | --- | --- |")?;
            if let Some((then, now, error)) = &one.starts {
                writeln!(out, "| starts | {then} | {now} | {} |", markdown(error.as_deref().unwrap_or_default()))?;
            }
            for option in &one.options {
                let text = |value: &Option<String>| value.as_deref().map_or("not set".to_string(), markdown);
                let why = markdown(option.because.as_deref().unwrap_or_default());
                let (base, head) = (text(&option.base), text(&option.head));
                writeln!(out, "| {} | {base} | {head} | {why} |", markdown(&option.name))?;
            }
            writeln!(out)?;
        }
        for (title, side, findings) in self.findings() {
            if findings.is_empty() {
                continue;
            }
            writeln!(out, "## {title}\n")?;
            let views = Views::new(side.files);
            for finding in findings {
                let (start, _) = views.range(finding.place);
                let path = markdown(views.get(finding.place.file).relative());
                let (severity, id) = (finding.severity.name(), &finding.rule.id);
                writeln!(out, "- {path}:{} ({severity}, {id}): {}", start.line, markdown(&finding.message))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let option = |option: &Opt| json!({"option": option.name, "base": option.base, "head": option.head, "because": option.because});
        let backend = |one: &Backend| {
            let starts = one.starts.as_ref();
            json!({
                "name": one.name,
                "files": one.files,
                "change": one.kind,
                "driver": one.driver,
                "starts": starts.map(|(base, head, _)| json!({"base": base, "head": head})),
                "start_error": starts.and_then(|(.., error)| error.clone()),
                "options": one.options.iter().map(option).collect::<Vec<Value>>(),
            })
        };
        let (old, new) = (Views::new(self.base.files), Views::new(self.head.files));
        let error = |error: &ToolError| json!({"file": error.file, "message": error.message});
        let errors: Vec<Value> = self.base.errors.iter().chain(self.head.errors).map(error).collect();
        let document = json!({
            "schema_version": SCHEMA_VERSION,
            "tool": Tool::THIS,
            "base": {"name": self.base.name, "release": self.base.release.name()},
            "head": {"name": self.head.name, "release": self.head.release.name()},
            "backends": self.backends.iter().map(backend).collect::<Vec<Value>>(),
            "findings": {
                "come": self.come.iter().map(|finding| json!(entry(&new, finding))).collect::<Vec<Value>>(),
                "go": self.go.iter().map(|finding| json!(entry(&old, finding))).collect::<Vec<Value>>(),
            },
            "errors": errors,
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

/// The name of a file as the other side has it.
fn common<'p>(side: &Side<'_>, path: &'p str) -> &'p str {
    let rest = path.strip_prefix(side.below).filter(|_| !side.below.is_empty());
    rest.map_or(path, |rest| rest.trim_start_matches('/'))
}

/// Deployments by their files, each with its enabled backends by name.
type Deployments = BTreeMap<String, Backends>;
/// Backends by their names, as `effective` has them.
type Backends = BTreeMap<String, Value>;

fn deployments(side: &Side<'_>) -> io::Result<Deployments> {
    let mut text = Vec::new();
    write_effective_json(side.files, &side.assessed, &[], side.release, true, &mut text)?;
    let document: Value = serde_json::from_slice(&text)?;
    let mut found = Deployments::new();
    for one in document["deployments"].as_array().into_iter().flatten() {
        let files = one["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let files: Vec<&str> = files.map(|file| common(side, file)).collect();
        let backends = found.entry(files.join(" + ")).or_default();
        for backend in one["backends"].as_array().into_iter().flatten().filter(|one| one["enabled"] == true) {
            backends.insert(backend["name"].as_str().unwrap_or_default().to_string(), backend.clone());
        }
    }
    Ok(found)
}

fn backends(base: &Deployments, head: &Deployments) -> Vec<Backend> {
    let mut found = Vec::new();
    let nothing = Backends::new();
    let mut pairs: Vec<(&String, [&Backends; 2])> = Vec::new();
    match (base.len(), head.len()) {
        // One deployment is the same one, whatever files it is in now.
        (1, 1) => pairs.extend(base.values().zip(head).map(|(old, (files, new))| (files, [old, new]))),
        _ => {
            let all: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
            let of = |files: &String| [base, head].map(|side| side.get(files).unwrap_or(&nothing));
            pairs.extend(all.into_iter().map(|files| (files, of(files))));
        }
    }
    for (files, [old, new]) in pairs {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        found.extend(names.into_iter().filter_map(|name| backend(files, name, old.get(name), new.get(name))));
    }
    found
}

fn backend(files: &str, name: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Backend> {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let kind = match (old, new) {
        (Some(_), Some(_)) => "differs",
        (None, _) => "appears",
        (_, None) => "goes",
    };
    let any = new.or(old)?;
    let mut one = Backend {
        name: name.to_string(),
        files: files.to_string(),
        kind,
        driver: text(&any["driver"]).unwrap_or_default(),
        starts: None,
        options: Vec::new(),
    };
    let (Some(old), Some(new)) = (old, new) else {
        if let Some(new) = new.filter(|new| new["starts"] == "no") {
            one.starts = Some(("absent".into(), "no".into(), text(&new["start_error"])));
        }
        return Some(one);
    };
    if old["starts"] != new["starts"] {
        let starts = |value: &Value| text(&value["starts"]).unwrap_or_default();
        one.starts = Some((starts(old), starts(new), text(&new["start_error"])));
    }
    for (name, now) in new["nas"].as_object().into_iter().flatten().filter(|_| new["family"] != "not-nas") {
        let then = &old["nas"][name];
        if then["effective"] != now["effective"] {
            let (base, head) = (text(&then["effective"]), text(&now["effective"]));
            one.options.push(Opt { name: name.clone(), base, head, because: text(&now["because"]) });
        }
    }
    let nothing = serde_json::Map::new();
    let options = |side: &Value| side["options"].as_object().cloned().unwrap_or_else(|| nothing.clone());
    let (then, now) = (options(old), options(new));
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    for name in names {
        let value = |side: &serde_json::Map<String, Value>| side.get(name).and_then(|entry| text(&entry["value"]));
        let (base, head) = (value(&then), value(&now));
        if base != head && !one.options.iter().any(|known| known.name == *name) {
            one.options.push(Opt { name: name.clone(), base, head, because: None });
        }
    }
    (one.starts.is_some() || !one.options.is_empty()).then_some(one)
}

/// The findings of one side that the other has not: what is the same mistake is told by rule, file, section, option and count.
fn new_in<'d>(side: &'d Side<'_>, other: &Side<'_>) -> Vec<&'d Finding> {
    let key = |side: &Side<'_>, finding: &Finding| {
        let file = common(side, &side.files.get(finding.place.file).relative).to_string();
        (finding.rule.id.to_string(), file, finding.section.clone(), finding.option.clone())
    };
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for finding in other.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        *known.entry(key(other, finding)).or_default() += 1;
    }
    let is_new = |finding: &&Finding| match known.get_mut(&key(side, finding)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    side.findings.iter().filter(|finding| finding.suppressed.is_none()).filter(is_new).collect()
}

//! What a change of the configuration does: backends that differ, findings that come and go.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::Arc,
};

use foldhash::HashMap;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    effective::{Assessed, backend_json, names},
    json::{Each, SCHEMA_VERSION, Tool, entry},
    markdown::markdown,
    tool_error::ToolError,
    view::Views,
};
use crate::{
    catalog::Release,
    config,
    lint::{Finding, Severity},
    secrets,
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
    files: Arc<str>,
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
    pub fn of(base: &'d Side<'d>, head: &'d Side<'d>) -> Self {
        let backends = backends(base, head);
        let (come, go) = (new_in(head, base), new_in(base, head));
        Self { base, head, backends, come, go }
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
                "files": &*one.files,
                "change": one.kind,
                "driver": one.driver,
                "starts": starts.map(|(base, head, _)| json!({"base": base, "head": head})),
                "start_error": starts.and_then(|(.., error)| error.clone()),
                "options": one.options.iter().map(option).collect::<Vec<Value>>(),
            })
        };
        let (old, new) = (Views::new(self.base.files), Views::new(self.head.files));
        let error = |error: &ToolError| json!({"file": error.file, "message": error.message});
        let side = |side: &Side<'_>| json!({"name": side.name, "release": side.release.name()});
        let document = Document {
            schema_version: SCHEMA_VERSION,
            tool: Tool::THIS,
            base: side(self.base),
            head: side(self.head),
            backends: Each(|| self.backends.iter().map(backend)),
            findings: Findings {
                come: Each(|| self.come.iter().map(|finding| entry(&new, finding))),
                go: Each(|| self.go.iter().map(|finding| entry(&old, finding))),
            },
            errors: self.base.errors.iter().chain(self.head.errors).map(error).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Document<B: Serialize, F: Serialize> {
    schema_version: u32,
    tool: Tool,
    base: Value,
    head: Value,
    backends: B,
    findings: F,
    errors: Vec<Value>,
}

#[derive(Serialize)]
struct Findings<C: Serialize, G: Serialize> {
    come: C,
    go: G,
}

/// The name of a file as the other side has it.
fn common<'p>(side: &Side<'_>, path: &'p str) -> &'p str {
    let rest = path.strip_prefix(side.below).filter(|_| !side.below.is_empty());
    rest.map_or(path, |rest| rest.trim_start_matches('/'))
}

/// Deployments by their files, each with its enabled backends by name.
type Deployments<'d> = BTreeMap<String, Backends<'d>>;
/// Backends by their names. What each does is worked out where it is compared: all its options at once take a lot of room.
type Backends<'d> = BTreeMap<Cow<'d, str>, (&'d Assessed<'d>, &'d config::Backend)>;

fn deployments<'d>(side: &'d Side<'_>) -> Deployments<'d> {
    let mut found = Deployments::new();
    for one in &side.assessed {
        let files = names(one, |id| &side.files.get(id).relative);
        let files: Vec<&str> = files.into_iter().map(|file| common(side, file)).collect();
        let backends = found.entry(files.join(" + ")).or_default();
        for backend in one.backends.iter().filter(|backend| backend.enabled) {
            backends.insert(secrets::cover_section(&backend.name), (one, backend));
        }
    }
    found
}

fn backends(base: &Side<'_>, head: &Side<'_>) -> Vec<Backend> {
    let views = [base, head].map(|side| Views::new(side.files));
    let (base, head) = (deployments(base), deployments(head));
    let mut found = Vec::new();
    let nothing = Backends::new();
    let mut pairs: Vec<(&String, [&Backends<'_>; 2])> = Vec::new();
    match (base.len(), head.len()) {
        // One deployment is the same one, whatever files it is in now.
        (1, 1) => pairs.extend(base.values().zip(&head).map(|(old, (files, new))| (files, [old, new]))),
        _ => {
            let all: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
            let of = |files: &String| [&base, &head].map(|side| side.get(files).unwrap_or(&nothing));
            pairs.extend(all.into_iter().map(|files| (files, of(files))));
        }
    }
    for (files, sides) in pairs {
        let files: Arc<str> = files.as_str().into();
        let all: BTreeSet<&str> = sides.iter().flat_map(|side| side.keys()).map(|name| &**name).collect();
        for name in all {
            let [old, new] = [0, 1].map(|at| {
                let (one, backend) = sides[at].get(name)?;
                Some(backend_json(&views[at], &one.config, backend, &one.nas(backend), true))
            });
            found.extend(backend(&files, name, old.as_ref(), new.as_ref()));
        }
    }
    found
}

fn backend(files: &Arc<str>, name: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Backend> {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let kind = match (old, new) {
        (Some(_), Some(_)) => "differs",
        (None, _) => "appears",
        (_, None) => "goes",
    };
    let any = new.or(old)?;
    let mut one = Backend {
        name: name.to_string(),
        files: Arc::clone(files),
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
    let (then, now) = (&old["options"], &new["options"]);
    let names: BTreeSet<&String> =
        [then, now].into_iter().filter_map(Value::as_object).flat_map(|all| all.keys()).collect();
    for name in names {
        let value = |side: &Value| text(&side[name.as_str()]["value"]);
        let (base, head) = (value(then), value(now));
        if base != head && !one.options.iter().any(|known| known.name == *name) {
            one.options.push(Opt { name: name.clone(), base, head, because: None });
        }
    }
    (one.starts.is_some() || !one.options.is_empty()).then_some(one)
}

/// The findings of one side that the other has not: what is the same mistake is told by rule, file, section, option and count.
fn new_in<'d>(side: &'d Side<'_>, other: &'d Side<'_>) -> Vec<&'d Finding> {
    let key = |side: &'d Side<'_>, finding: &'d Finding| {
        let file = common(side, &side.files.get(finding.place.file).relative);
        (finding.rule.id.as_str(), file, finding.section.as_deref(), finding.option.as_deref())
    };
    let mut known: HashMap<_, usize> = HashMap::default();
    for finding in other.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        *known.entry(key(other, finding)).or_default() += 1;
    }
    let is_new = |finding: &&'d Finding| match known.get_mut(&key(side, finding)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    side.findings.iter().filter(|finding| finding.suppressed.is_none()).filter(is_new).collect()
}

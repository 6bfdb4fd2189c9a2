//! A question, and how it is answered: as `check`, `effective` and `upgrade` of the command do.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use cinderlint::{
    catalog::Release,
    lint::{self, Rule},
    report::{self, Assessed, Format, Report, Views},
    source::{FileSystem, Memory},
    style::Style,
    workspace::{self, Choices, Linted, Options, Workspace},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The hidden file of which so much depends.
const INDICATOR: &str = ".cinderSecureEnvIndicator";

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Question {
    /// The texts, by path.
    files: BTreeMap<String, String>,
    /// What is read of them; nothing: all that looks like it.
    paths: Vec<PathBuf>,
    release: Option<String>,
    new_install: Option<bool>,
    /// Whether a share has the indicator, by mount point; `*` stands for all others.
    indicator: BTreeMap<String, bool>,
    /// Absolute paths are looked up among the texts.
    root: bool,
    pedantic: bool,
    /// Every option of the drivers in `effective`.
    all: bool,
    /// The release in use now: what changes until `release` is told too.
    upgrade_from: Option<String>,
    /// Only the releases that there are.
    releases: bool,
}

/// The answer, or why there is none.
pub(crate) fn answer(question: &[u8]) -> Vec<u8> {
    let answer = serde_json::from_slice::<Question>(question).map_err(|error| error.to_string());
    let answer = answer.and_then(|question| if question.releases { Ok(releases()) } else { question.answer() });
    answer.unwrap_or_else(|error| json!({ "error": error })).to_string().into_bytes()
}

fn releases() -> Value {
    let all = Release::all().rev().map(|one| json!({ "name": one.name(), "title": one.title() }));
    json!({ "releases": all.collect::<Vec<_>>(), "version": env!("CARGO_PKG_VERSION") })
}

impl Question {
    fn answer(&self) -> Result<Value, String> {
        let rules: Vec<Arc<Rule>> =
            lint::built_in().map_err(|error| error.to_string())?.into_iter().map(Arc::new).collect();
        let mut memory = self.files.iter().fold(Memory::new().with_folder("."), |memory, (path, text)| {
            memory.with(path.trim_start_matches('/'), text.as_str())
        });
        if !self.indicator.is_empty() {
            let shares = mount_points(&effective(&self.read(memory.clone(), self.release()?, &rules)?, &rules, false)?);
            for share in shares {
                let folder = share.trim_start_matches('/');
                match self.indicator.get(&share).or_else(|| self.indicator.get("*")) {
                    Some(true) => memory.set(Path::new(folder).join(INDICATOR), ""),
                    Some(false) => memory = memory.with_folder(folder),
                    None => {}
                }
            }
        }
        let mut input = self.read(memory.clone(), self.release()?, &rules)?;
        let choices = Choices { pedantic: self.pedantic, ..Choices::default() };
        let count = input.count();
        let linted = choices.lint(&mut input, rules.clone(), None, None);
        let (check, markdown) = reports(&input, count, &linted, None)?;
        let upgrade = match &self.upgrade_from {
            Some(from) => Some(self.upgrade(from, memory, &rules)?),
            None => None,
        };
        let from = input.groups.iter().flat_map(|group| group.deployments.iter().cloned()).collect::<Vec<_>>();
        let written_for = lint::written_for(&input.files, &from).map(|(release, _)| release.name());
        Ok(json!({
            "check": check,
            "effective": effective(&input, &rules, self.all)?,
            "markdown": markdown,
            "upgrade": upgrade,
            "written_for": written_for,
            "notes": input.notes.iter().map(|note| format!("{}: {}", note.file, note.message)).collect::<Vec<_>>(),
            "rules": spoken(&linted),
            "covered": covered(&input),
        }))
    }

    fn release(&self) -> Result<Option<Release>, String> {
        self.release.as_deref().map(named).transpose()
    }

    fn read(&self, memory: Memory, release: Option<Release>, rules: &[Arc<Rule>]) -> Result<Workspace, String> {
        let options = Options {
            paths: self.paths.clone(),
            release,
            root: (self.root || !self.indicator.is_empty()).then(|| PathBuf::from(".")),
            new_install: self.new_install,
            ..Options::default()
        };
        let fs: Arc<dyn FileSystem> = Arc::new(memory);
        workspace::read(&fs, &options, rules).map_err(|error| error.to_string())
    }

    /// What `cinderlint upgrade` says.
    fn upgrade(&self, from: &str, memory: Memory, rules: &[Arc<Rule>]) -> Result<Value, String> {
        let (from, to) = (named(from)?, self.release()?.unwrap_or(Release::NEWEST));
        if from >= to {
            return Ok(json!({ "error": format!("{} is not older than {}", from.title(), to.title()) }));
        }
        let mut input = self.read(memory, Some(to), rules)?;
        for deployment in input.groups.iter_mut().flat_map(|group| &mut group.deployments) {
            deployment.from = Some(from);
        }
        let choices = Choices { pedantic: true, ..Choices::default() };
        let count = input.count();
        let upgrades = choices.upgrades(&mut input, (from, to));
        let linted = choices.lint(&mut input, rules.to_vec(), None, Some(&upgrades));
        Ok(reports(&input, count, &linted, Some((from, to)))?.0)
    }
}

fn named(release: &str) -> Result<Release, String> {
    release.parse().map_err(|_| format!("no such release: {release}"))
}

/// What `check` prints as JSON and as Markdown.
fn reports(
    input: &Workspace,
    count: usize,
    linted: &Linted,
    upgrade: Option<(Release, Release)>,
) -> Result<(Value, String), String> {
    let deployments = || input.groups.iter().flat_map(|group| &group.deployments);
    let report = Report {
        files: &input.files,
        linted: count,
        release: input.release,
        releases: deployments().map(|one| one.release).collect::<BTreeSet<_>>().into_iter().collect(),
        upgrade,
        assumed: deployments().any(|one| !one.release_given),
        rules: &linted.all,
        findings: &linted.lint.findings,
        backends: linted.lint.backends,
        errors: &input.errors,
    };
    let written = |format| {
        let mut out = Vec::new();
        report::write(&report, format, &Style::FILE, &mut out).map(|()| out).map_err(|error| error.to_string())
    };
    let check = serde_json::from_slice(&written(Format::Json)?).map_err(|error| error.to_string())?;
    Ok((check, String::from_utf8_lossy(&written(Format::Markdown)?).into_owned()))
}

/// What `effective` prints as JSON.
fn effective(input: &Workspace, rules: &[Arc<Rule>], all: bool) -> Result<Value, String> {
    let hosts = input.groups.iter().flat_map(|group| group.deployments.iter().map(|one| (&group.host, one)));
    let assessed: Vec<Assessed<'_>> = hosts
        .filter(|(_, one)| !one.layers.is_empty())
        .map(|(host, one)| Assessed::new(&input.files, one, host, rules))
        .collect();
    let mut out = Vec::new();
    report::write_effective_json(&input.files, &assessed, &input.errors, input.release, all, &mut out)
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&out).map_err(|error| error.to_string())
}

/// Where the shares are mounted.
fn mount_points(effective: &Value) -> BTreeSet<String> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let backends = list(effective, "deployments").into_iter().flat_map(|one| list(&one, "backends"));
    let shares = backends.flat_map(|one| list(&one, "shares"));
    shares.filter_map(|one| one["mount_point"].as_str().map(str::to_string)).collect()
}

/// The texts that were read, with their secrets covered.
fn covered(input: &Workspace) -> Map<String, Value> {
    let views = Views::new(&input.files);
    let of = input.files.on_disk_only().map(|(id, file)| {
        (file.relative.clone(), String::from_utf8_lossy(views.get(id).covered()).into_owned().into())
    });
    of.collect()
}

/// Why it matters, of each rule that speaks.
fn spoken(linted: &Linted) -> Map<String, Value> {
    let spoken = linted.lint.findings.iter().map(|finding| {
        let rule = &finding.rule;
        let said =
            json!({ "summary": rule.summary.as_str(), "why": rule.why.as_str(), "instead": rule.instead.as_str() });
        (rule.id.to_string(), said)
    });
    spoken.collect()
}

//! Runs the rules over deployments.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use md5::{Digest, Md5};

use super::{
    Deployment,
    checks::{self, Context},
    condition::Condition,
    edits,
    facts::{BackendFacts, Candidate, ServiceFacts, Subject},
    finding::{Finding, Fix, Related},
    on_disk,
    rule::{About, FixTemplate, Rule, Severity},
    suppress::{self, Directives},
    template::{fill, fill_exactly},
};
use crate::{
    catalog::Release,
    config::{Config, Place},
    input::{File, FileId, Files, Part},
    nas::{self, Host},
    secrets,
};

/// What a run found.
#[derive(Debug, Default)]
pub struct Lint {
    /// The findings, by path, place and rule.
    pub findings: Vec<Finding>,
    /// Number of backends that cinder-volume would start.
    pub backends: usize,
}

/// Shares files are no configuration, but findings point into them.
#[derive(Debug, Default)]
pub(super) struct Attached {
    first: u32,
    by_path: HashMap<PathBuf, u32>,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Attached {
    pub(super) fn id(&mut self, path: PathBuf, text: &[u8]) -> FileId {
        let next = self.files.len() as u32;
        let at = *self.by_path.entry(path.clone()).or_insert(next);
        if at == next {
            self.files.push((path, text.to_vec()));
        }
        FileId(self.first + at)
    }
}

/// Whether a rule speaks of a file.
pub type Speaks<'r> = dyn Fn(&File, &Rule) -> bool + 'r;

/// What a run looks for.
pub struct Choice<'r> {
    /// The rules that there are.
    pub known: &'r [Arc<Rule>],
    /// Those that speak.
    pub rules: &'r [Arc<Rule>],
    /// Findings of `info` are made as well.
    pub pedantic: bool,
    /// Whether a rule speaks of a file; not given: all of all.
    pub speaks: Option<&'r Speaks<'r>>,
    /// What directives in the files may do.
    pub directives: Directives,
    /// The releases that read the files.
    releases: Vec<Release>,
}

impl<'r> Choice<'r> {
    /// These rules, everywhere.
    pub fn of(rules: &'r [Arc<Rule>], pedantic: bool) -> Self {
        Self { known: rules, rules, pedantic, speaks: None, directives: Directives::default(), releases: Vec::new() }
    }

    /// Whether a rule holds for a release that reads the files.
    pub(super) fn applies(&self, rule: &Rule) -> bool {
        self.releases.iter().any(|&release| rule.holds_for(release))
    }
}

/// [`run_as`] with these rules, everywhere.
pub fn run(files: &mut Files, deployments: &[Deployment], host: &Host, rules: &[Arc<Rule>], pedantic: bool) -> Lint {
    run_as(files, deployments, host, Choice::of(rules, pedantic))
}

/// Applies the rules. Shares files that were read are added to `files`.
pub fn run_as(files: &mut Files, deployments: &[Deployment], host: &Host, mut choice: Choice<'_>) -> Lint {
    let mut lint = Lint::default();
    let mut attached = Attached { first: files.len() as u32, ..Attached::default() };
    let mut seen = HashSet::new();
    for deployment in deployments {
        let config = deployment.config(files, deployment.release);
        let backends = config.all_backends();
        lint.backends += backends.iter().filter(|backend| backend.enabled).count();
        let nas: Vec<nas::Nas<'_>> = backends.iter().map(|backend| nas::assess(&config, backend, host)).collect();
        let before = deployment.from.map(|from| deployment.config(files, from));
        let context = Context::new(&config, &backends, &nas, deployment, before.as_ref(), host);
        let mut sink = Sink {
            findings: &mut lint.findings,
            seen: &mut seen,
            files: config.files(),
            release_given: deployment.release_given,
            pedantic: choice.pedantic,
        };
        let rules = choice.rules.iter().filter(|rule| rule.holds_for(deployment.release));
        let (native, rest): (Vec<&Arc<Rule>>, Vec<&Arc<Rule>>) = rules.partition(|rule| rule.check.is_some());
        let (service, backend): (Vec<&Arc<Rule>>, Vec<&Arc<Rule>>) =
            rest.into_iter().partition(|rule| rule.about == About::Service);
        run_native(&context, &native, &mut attached, &mut sink);
        run_service(&config, deployment.release_given, &service, &mut sink);
        let without_list = config.enabled_backends().is_none();
        for (backend_at, nas) in context.backends.iter().zip(context.nas) {
            // Where no file says which backends are enabled, another one will; where one says so, it is done.
            if backend_at.enabled || without_list {
                let facts = BackendFacts {
                    config: &config,
                    backend: backend_at,
                    nas,
                    host,
                    demand: deployment.nas_policy.of(&backend_at.name),
                    release_given: deployment.release_given,
                    this: None,
                };
                run_backend(facts, &backend, &mut sink);
            }
        }
    }
    let first_attached = attached.first;
    for (path, text) in attached.files {
        files.add(&path, text);
    }
    let mut sink =
        Sink { findings: &mut lint.findings, seen: &mut seen, files, release_given: true, pedantic: choice.pedantic };
    if choice.directives.obeyed {
        choice.releases = deployments.iter().map(|deployment| deployment.release).collect();
        choice.releases.sort_unstable();
        choice.releases.dedup();
        let mut ids: Vec<FileId> =
            deployments.iter().flat_map(|deployment| deployment.layers.iter().copied()).collect();
        // A file of which a form only says that nothing reads it.
        let remarked = deployments.iter().flat_map(|one| one.remarks.iter().map(|remark| remark.place.file));
        ids.extend(remarked.filter(|&id| matches!(files.get(id).part, Part::Whole)));
        ids.extend((first_attached..files.len() as u32).map(FileId));
        ids.sort_unstable();
        ids.dedup();
        let rules: Vec<&Arc<Rule>> =
            choice.rules.iter().filter(|rule| rule.check.as_deref() == Some(suppress::CHECK)).collect();
        let candidates = suppress::apply(files, &ids, sink.findings, &choice);
        offer(candidates, &rules, &mut sink);
    }
    on_disk::lead_back(files, &mut lint.findings);
    if let Some(speaks) = choice.speaks {
        lint.findings.retain(|finding| speaks(files.get(finding.place.file), &finding.rule));
    }
    finish(files, &mut lint.findings);
    lint
}

struct Sink<'s> {
    findings: &'s mut Vec<Finding>,
    seen: &'s mut HashSet<(usize, Place, Option<String>)>,
    /// The files of the run; places in others are not edited.
    files: &'s Files,
    release_given: bool,
    pedantic: bool,
}

impl Sink<'_> {
    /// The first of some places that a file on disk holds; where none does, the first, for a related place may.
    fn best(&self, mut places: impl Iterator<Item = Place>) -> Option<Place> {
        let first = places.next()?;
        // A shares file that was just read is not among the files yet.
        let known = |place: &Place| self.files.find(place.file).is_none() || self.files.on_disk(*place).is_some();
        Some(std::iter::once(first).chain(places).find(known).unwrap_or(first))
    }

    /// Makes a finding of a rule that matched.
    fn add(
        &mut self,
        rule: &Arc<Rule>,
        subject: &dyn Subject,
        place: Place,
        section: Option<String>,
        option: Option<String>,
    ) {
        let unsure = rule.unsure.iter().find(|unsure| unsure.when.may_hold(subject));
        let severity = unsure.map_or(rule.severity, |unsure| unsure.severity);
        if severity == Severity::Info && !self.pedantic {
            return;
        }
        if !self.seen.insert((Arc::as_ptr(rule) as usize, place, option.clone())) {
            return;
        }
        let mut message = fill(&rule.message, subject);
        if let Some(because) = unsure.and_then(|unsure| unsure.because.as_ref()) {
            message.push_str(&fill(because, subject));
        }
        let related = rule.related.iter().filter_map(|related| {
            let place = related.at.iter().find_map(|at| subject.place(at))?;
            Some(Related { place, message: fill(&related.message, subject) })
        });
        let fix = rule.fix.iter().find_map(|fix| self.fix(rule, fix, place, subject));
        // The same thing may be offered at several places, as a fix may: the first counts.
        let mut offered: Vec<Fix> = Vec::new();
        for other in rule.alternative.iter().filter_map(|other| self.fix(rule, other, place, subject)) {
            if offered.iter().all(|known| known.title != other.title) {
                offered.push(other);
            }
        }
        offered.retain(|other| fix.as_ref().is_none_or(|fix| fix.edits != other.edits));
        let help = rule.help_when.iter().find(|one| one.when.holds(subject)).map(|one| &one.help);
        let help = help.or(rule.help.as_deref());
        self.findings.push(Finding {
            rule: Arc::clone(rule),
            severity,
            message,
            help: help.map(|help| fill(help, subject)),
            place,
            section: section.map(|name| secrets::cover_section(&name).into_owned()),
            option: option.map(|key| secrets::cover_key(&key).into_owned()),
            related: related.filter(|related| related.place != place).collect(),
            fix,
            alternatives: offered,
            fingerprint: String::new(),
            suppressed: None,
            baselined: false,
        });
    }

    /// The edit of a rule, where it applies.
    fn fix(&self, rule: &Rule, fix: &FixTemplate, place: Place, subject: &dyn Subject) -> Option<Fix> {
        if !fix.when.holds(subject) {
            return None;
        }
        // What another release would take is no certain text to replace where nobody said which release reads the file.
        let release_is_open = |condition: &Condition| condition.asks(&|fact| fact == "release-given");
        let certain = !rule.unsure.iter().any(|unsure| release_is_open(&unsure.when) && unsure.when.holds(subject));
        let text = fill_exactly(&fix.text, subject)?;
        let (place, is_below) = match (&fix.at, &fix.below) {
            (Some(at), _) if at == "this" => (place, false),
            (Some(at), _) => (subject.place(at)?, false),
            (None, Some(below)) => (subject.place(below)?, true),
            (None, None) => return None,
        };
        let file = self.files.find(place.file)?;
        let edit =
            if is_below { edits::line_below(file, place, &text)? } else { edits::replacement(file, place, text)? };
        let safe = fix.safe && certain && (self.release_given || !fix.needs_release);
        Some(Fix { safe, title: fill(&fix.title, subject), edits: vec![edit] })
    }
}

fn run_native(context: &Context<'_, '_>, rules: &[&Arc<Rule>], attached: &mut Attached, sink: &mut Sink<'_>) {
    let mut by_check: HashMap<&str, Vec<&Arc<Rule>>> = HashMap::new();
    for rule in rules {
        if let Some(check) = &rule.check
            && (sink.pedantic || rule.severity > Severity::Info)
        {
            by_check.entry(check).or_default().push(rule);
        }
    }
    for (name, check) in checks::ALL {
        let Some(rules) = by_check.get(name) else { continue };
        let mut candidates: Vec<Candidate> = Vec::new();
        check(context, attached, &mut candidates);
        offer(candidates, rules, sink);
    }
}

/// Lets the rules of a check speak of its candidates.
fn offer(candidates: Vec<Candidate>, rules: &[&Arc<Rule>], sink: &mut Sink<'_>) {
    for candidate in candidates {
        let matching = rules.iter().filter(|rule| {
            rule.kind.as_deref().is_none_or(|kind| kind == candidate.kind)
                && (rule.options.is_empty()
                    || candidate.option.as_ref().is_some_and(|option| rule.options.contains(option)))
                && rule.when.holds(&candidate)
        });
        for rule in matching {
            let places = rule.at.iter().filter_map(|at| candidate.place(at)).chain([candidate.place]);
            let Some(place) = sink.best(places) else { continue };
            sink.add(rule, &candidate, place, candidate.section.clone(), candidate.option.clone());
        }
    }
}

/// Runs rules about one subject; `aim` chooses the option that is `this`.
fn run_rules<'r, S: Subject>(
    rules: impl Iterator<Item = &'r &'r Arc<Rule>>,
    subject: &mut S,
    aim: fn(&mut S, Option<&'r str>),
    fallback: &[&str],
    section: Option<&str>,
    sink: &mut Sink<'_>,
) {
    for rule in rules {
        let options: Vec<Option<&str>> =
            if rule.options.is_empty() { vec![None] } else { rule.options.iter().map(|o| Some(o.as_str())).collect() };
        for this in options {
            aim(subject, this);
            if !rule.when.holds(subject) {
                continue;
            }
            let places = rule.at.iter().map(String::as_str).chain(fallback.iter().copied());
            if let Some(place) = sink.best(places.filter_map(|at| subject.place(at))) {
                let option = this.or_else(|| rule.at.first().and_then(|at| at.split_once(':')).map(|(_, name)| name));
                let option = option.filter(|name| *name != "this").map(str::to_string);
                sink.add(rule, subject, place, section.map(str::to_string), option);
            }
        }
    }
}

fn run_backend<'r>(mut facts: BackendFacts<'_, '_, 'r>, rules: &'r [&'r Arc<Rule>], sink: &mut Sink<'_>) {
    let (config, backend) = (facts.config, facts.backend);
    let section = backend.group.map_or_else(|| backend.name.clone(), |group| config.spelled(group).into_owned());
    let family = facts.nas.driver.family.name();
    let rules = rules.iter().filter(|rule| rule.families.is_empty() || rule.families.iter().any(|name| name == family));
    let fallback = ["value:volume_driver", "header", "listed"];
    run_rules(rules, &mut facts, |facts, this| facts.this = this, &fallback, Some(&section), sink);
}

fn run_service<'r>(config: &Config<'_>, release_given: bool, rules: &'r [&'r Arc<Rule>], sink: &mut Sink<'_>) {
    let mut facts = ServiceFacts { config, release_given, this: None };
    run_rules(rules.iter(), &mut facts, |facts, this| facts.this = this, &[], Some("DEFAULT"), sink);
}

/// Sorts the findings and gives each its fingerprint.
pub fn finish(files: &Files, findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.place.span.start, f.place.span.end);
        (files.get(a.place.file).relative.as_str(), key(a), a.rule.id.as_str(), a.option.as_deref(), a.message.as_str())
            .cmp(&(
                files.get(b.place.file).relative.as_str(),
                key(b),
                b.rule.id.as_str(),
                b.option.as_deref(),
                b.message.as_str(),
            ))
    });
    let mut counts: HashMap<[u8; 16], u32> = HashMap::new();
    for finding in findings {
        let digest = |count: Option<u32>| -> [u8; 16] {
            let mut hash = Md5::new();
            for part in [
                finding.rule.id.as_str(),
                files.get(finding.place.file).relative.as_str(),
                finding.section.as_deref().unwrap_or_default(),
                finding.option.as_deref().unwrap_or_default(),
            ] {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
            if let Some(count) = count {
                hash.update(count.to_le_bytes());
            }
            hash.finalize().into()
        };
        let count = counts.entry(digest(None)).or_default();
        *count += 1;
        finding.fingerprint = digest(Some(*count)).iter().map(|byte| format!("{byte:02x}")).collect();
    }
}

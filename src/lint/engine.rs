//! Runs the rules over deployments.

use std::{path::PathBuf, sync::Arc};

use data_encoding::HEXLOWER;
use foldhash::{HashMap, HashSet};
use md5::{Digest, Md5};

use super::{
    Deployment,
    checks::{self, Context, NasDigest},
    condition::Condition,
    edits,
    facts::{BackendFacts, Candidate, ServiceFacts, Subject},
    finding::{Finding, Fix, Related},
    on_disk,
    pick::{Pick, Unit},
    rule::{About, FixTemplate, Rule, Severity},
    stored::Text,
    suppress::{self, Directives},
    template::{fill, fill_exactly},
};
use crate::{
    catalog::Release,
    config::{Backend, Config, Texts},
    nas::{self, Host},
    parallel, secrets,
    source::{File, FileId, Files, Part, Place},
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
        match self.by_path.get(&path) {
            Some(at) => FileId(self.first + at),
            None => self.take(path, text.to_vec()),
        }
    }

    fn take(&mut self, path: PathBuf, text: Vec<u8>) -> FileId {
        let next = self.files.len() as u32;
        let at = *self.by_path.entry(path.clone()).or_insert(next);
        if at == next {
            self.files.push((path, text));
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

/// What one deployment has, or one part of the work on it.
#[derive(Default)]
struct Found {
    backends: usize,
    findings: Vec<Finding>,
    /// Findings point into these by numbers behind those of the files of the run.
    attached: Vec<(PathBuf, Vec<u8>)>,
}

/// What several have, in order.
struct Gathered<'s> {
    sink: Sink<'s>,
    attached: Attached,
    backends: usize,
}

impl<'s> Gathered<'s> {
    fn new(sink: Sink<'s>) -> Self {
        let attached = Attached { first: sink.files.len() as u32, ..Attached::default() };
        Self { sink, attached, backends: 0 }
    }

    fn add(&mut self, mut found: Found) {
        self.backends += found.backends;
        let ids: Vec<FileId> = found.attached.into_iter().map(|(path, text)| self.attached.take(path, text)).collect();
        let first = self.attached.first;
        let moved = |id: FileId| id.0.checked_sub(first).and_then(|at| ids.get(at as usize).copied()).unwrap_or(id);
        for finding in &mut found.findings {
            finding.place.file = moved(finding.place.file);
            for related in &mut finding.related {
                related.place.file = moved(related.place.file);
            }
        }
        self.sink.absorb(found.findings);
    }
}

/// The fewest deployments, and backends of one deployment, that are worth a thread.
const DEPLOYMENTS: usize = 4;
const BACKENDS: usize = 64;
/// The fewest assignments with which the checks of one deployment are.
const ASSIGNMENTS: usize = 500;
/// The fewest fingerprints.
const FINGERPRINTS: usize = 1000;

/// Applies the rules. Shares files that were read are added to `files`.
pub fn run_as(files: &mut Files, deployments: &[Deployment], host: &Host, mut choice: Choice<'_>) -> Lint {
    let first_attached = files.len() as u32;
    let (rules, pedantic) = (choice.rules, choice.pedantic);
    let look = |deployment: &Deployment| look_at(files, deployment, host, rules, pedantic);
    let look_at_each = |some: &[Deployment]| some.iter().map(look).collect::<Vec<Found>>();
    let found = parallel::pieces(deployments, DEPLOYMENTS, look_at_each).into_iter().flatten();
    let mut all = Gathered::new(Sink::new(files, true, choice.pedantic));
    found.for_each(|found| all.add(found));
    let Gathered { sink, attached, backends } = all;
    let mut lint = Lint { findings: sink.findings, backends };
    for (path, text) in attached.files {
        files.add(&path, text);
    }
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
        let candidates = suppress::apply(files, &ids, &mut lint.findings, &choice);
        let mut sink = Sink::new(files, true, choice.pedantic);
        offer(candidates, &rules, &mut sink);
        lint.findings.append(&mut sink.findings);
    }
    on_disk::lead_back(files, &mut lint.findings);
    if let Some(speaks) = choice.speaks {
        lint.findings.retain(|finding| speaks(files.get(finding.place.file), &finding.rule));
    }
    finish(files, &mut lint.findings);
    lint
}

/// Applies the rules to one deployment.
fn look_at(files: &Files, deployment: &Deployment, host: &Host, rules: &[Arc<Rule>], pedantic: bool) -> Found {
    let config = deployment.config(files, deployment.release);
    let backends = config.all_backends();
    let rules = rules.iter().filter(|rule| rule.holds_for(deployment.release));
    let (native, rest): (Vec<&Arc<Rule>>, Vec<&Arc<Rule>>) = rules.partition(|rule| rule.check.is_some());
    let (service, backend): (Vec<&Arc<Rule>>, Vec<&Arc<Rule>>) =
        rest.into_iter().partition(|rule| rule.about == About::Service);
    let pick = if backends.len() > BACKENDS && config.is_certain() {
        let none = Backend::without_section();
        let texts = Texts::new(&config, &none);
        let nas = nas::assess_with(&texts, host);
        Pick::new(&backend, deployment.release, Some(facts(deployment, host, &texts, &nas)))
    } else {
        Pick::new(&backend, deployment.release, None)
    };
    // Where no file says which backends are enabled, another one will; where one says so, it is done.
    let without_list = config.enabled_backends().is_none();
    let sink = || Sink::new(files, deployment.release_given, pedantic);
    let each = |some: &[Backend]| {
        let mut sink = sink();
        let look = |one: &Backend| {
            let texts = Texts::new(&config, one);
            let nas = nas::assess_with(&texts, host);
            if one.enabled || without_list {
                run_backend(facts(deployment, host, &texts, &nas), &pick, &mut sink);
            }
            NasDigest::from(nas)
        };
        let nas: Vec<NasDigest> = some.iter().map(look).collect();
        (nas, sink.findings)
    };
    let mut all = Gathered::new(sink());
    let mut nas = Vec::with_capacity(backends.len());
    for (mut some, findings) in parallel::pieces(&backends, BACKENDS, each) {
        nas.append(&mut some);
        all.add(Found { findings, ..Found::default() });
    }
    let before = deployment.from.map(|from| deployment.config(files, from));
    let context = Context::new(&config, &backends, &nas, deployment, before.as_ref(), host);
    run_native(&context, &native, sink).into_iter().for_each(|found| all.add(found));
    run_service(&config, deployment.release_given, &service, &mut all.sink);
    Found {
        backends: backends.iter().filter(|backend| backend.enabled).count(),
        findings: all.sink.findings,
        attached: all.attached.files,
    }
}

fn facts<'c, 'f, 'r>(
    deployment: &Deployment,
    host: &'c Host,
    texts: &'c Texts<'c, 'f>,
    nas: &'c nas::Nas<'f>,
) -> BackendFacts<'c, 'f, 'r> {
    BackendFacts {
        config: texts.config,
        backend: texts.backend,
        texts,
        nas,
        host,
        demand: deployment.nas_policy.of(&texts.backend.name),
        release_given: deployment.release_given,
        this: None,
    }
}

/// What makes two findings one.
type Key = (usize, Place, Option<String>);

fn key(finding: &Finding) -> Key {
    (Arc::as_ptr(&finding.rule) as usize, finding.place, finding.option.clone())
}

struct Sink<'s> {
    findings: Vec<Finding>,
    seen: HashSet<Key>,
    /// The files of the run; places in others are not edited.
    files: &'s Files,
    release_given: bool,
    pedantic: bool,
}

impl<'s> Sink<'s> {
    fn new(files: &'s Files, release_given: bool, pedantic: bool) -> Self {
        Self { findings: Vec::new(), seen: HashSet::default(), files, release_given, pedantic }
    }

    /// Takes what another one has found; of what both have, the first counts.
    fn absorb(&mut self, mut findings: Vec<Finding>) {
        findings.retain(|finding| self.seen.insert(key(finding)));
        self.findings.append(&mut findings);
    }

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
        let option = option.map(|key| secrets::cover_key(&key).into_owned());
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
        let mut offered: Vec<Fix> = Vec::with_capacity(rule.alternative.len());
        for other in rule.alternative.iter().filter_map(|other| self.fix(rule, other, place, subject)) {
            if offered.iter().all(|known| known.title != other.title) {
                offered.push(other);
            }
        }
        offered.retain(|other| fix.as_ref().is_none_or(|fix| fix.edits != other.edits));
        let help = rule.help_when.iter().find(|one| one.when.holds(subject)).map(|one| one.help.as_str());
        let help = help.or(rule.help.as_deref());
        self.findings.push(Finding {
            rule: Arc::clone(rule),
            severity,
            message,
            help: help.map(|help| fill(help, subject)),
            place,
            section: section.map(|name| secrets::cover_section(&name).into_owned()),
            option,
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

/// Runs the native checks that rules name: of what each finds, with the files that it points into.
fn run_native<'s>(context: &Context<'_, '_>, rules: &[&Arc<Rule>], sink: impl Fn() -> Sink<'s> + Sync) -> Vec<Found> {
    let pedantic = sink().pedantic;
    let mut by_check: HashMap<&str, Vec<&Arc<Rule>>> = HashMap::default();
    for rule in rules {
        if let Some(check) = &rule.check
            && (pedantic || rule.severity > Severity::Info)
        {
            by_check.entry(check).or_default().push(rule);
        }
    }
    let run = |(name, check): &(&str, checks::Check)| {
        let mut sink = sink();
        let mut attached = Attached { first: sink.files.len() as u32, ..Attached::default() };
        if let Some(rules) = by_check.get(name) {
            let mut candidates: Vec<Candidate> = Vec::new();
            check(context, &mut attached, &mut candidates);
            offer(candidates, rules, &mut sink);
        }
        Found { backends: 0, findings: sink.findings, attached: attached.files }
    };
    let least = least_checks(context.backends.len(), context.config.assignments());
    let found = parallel::pieces(&checks::ALL, least, |some| some.iter().map(run).collect::<Vec<Found>>());
    found.into_iter().flatten().collect()
}

/// The fewest checks that are worth a thread.
fn least_checks(backends: usize, assignments: usize) -> usize {
    if backends > BACKENDS || assignments > ASSIGNMENTS { 1 } else { checks::ALL.len() }
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
    units: impl Iterator<Item = Unit<'r>>,
    subject: &mut S,
    aim: fn(&mut S, Option<&'r str>),
    fallback: &[&str],
    section: &str,
    sink: &mut Sink<'_>,
) {
    for (rule, this) in units {
        aim(subject, this);
        if !rule.when.holds(subject) {
            continue;
        }
        let places = rule.at.iter().map(Text::as_str).chain(fallback.iter().copied());
        if let Some(place) = sink.best(places.filter_map(|at| subject.place(at))) {
            let option = this.or_else(|| rule.at.first().and_then(|at| at.split_once(':')).map(|(_, name)| name));
            let option = option.filter(|name| *name != "this").map(str::to_string);
            sink.add(rule, subject, place, Some(section.to_string()), option);
        }
    }
}

fn run_backend<'r>(mut facts: BackendFacts<'_, '_, 'r>, pick: &Pick<'r>, sink: &mut Sink<'_>) {
    let (config, backend) = (facts.config, facts.backend);
    let section = backend.group.map_or_else(|| backend.name.as_str().into(), |group| config.spelled(group));
    let family = facts.nas.driver.family.name();
    let speaks = |(rule, _): &Unit<'_>| rule.families.is_empty() || rule.families.iter().any(|name| name == family);
    let own = backend.group.into_iter().flat_map(|group| config.settings(group));
    let units = pick.of(own.map(|setting| setting.option.key.of(&setting.source().text))).filter(speaks);
    let fallback = ["value:volume_driver", "header", "listed"];
    run_rules(units, &mut facts, |facts, this| facts.this = this, &fallback, &section, sink);
}

fn run_service(config: &Config<'_>, release_given: bool, rules: &[&Arc<Rule>], sink: &mut Sink<'_>) {
    let mut facts = ServiceFacts { config, release_given, this: None };
    let units = Pick::new(rules, config.release, None);
    run_rules(units.of(std::iter::empty()), &mut facts, |facts, this| facts.this = this, &[], "DEFAULT", sink);
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
    // The same mistake at several lines is told by its count.
    let mut counts: HashMap<[&str; 4], u32> = HashMap::default();
    let mut counted: Vec<([&str; 4], u32)> = Vec::with_capacity(findings.len());
    for finding in findings.iter() {
        let parts = [
            finding.rule.id.as_str(),
            files.get(finding.place.file).relative.as_str(),
            finding.section.as_deref().unwrap_or_default(),
            finding.option.as_deref().unwrap_or_default(),
        ];
        let count = counts.entry(parts).or_default();
        *count += 1;
        counted.push((parts, *count));
    }
    let fingerprint = |(parts, count): &([&str; 4], u32)| {
        let mut hash = Md5::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(count.to_le_bytes());
        HEXLOWER.encode(&hash.finalize())
    };
    let fingerprints =
        parallel::pieces(&counted, FINGERPRINTS, |some| some.iter().map(fingerprint).collect::<Vec<_>>());
    for (finding, fingerprint) in findings.iter_mut().zip(fingerprints.into_iter().flatten()) {
        finding.fingerprint = fingerprint;
    }
}

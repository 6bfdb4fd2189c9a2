//! Runs the rules over deployments.

use std::{borrow::Cow, sync::Arc};

use foldhash::HashMap;

use super::{
    Deployment,
    attached::Attached,
    belongs::Belongs,
    candidate::{Candidate, Candidates},
    checks::{self, Context, NasDigest},
    choice::Choice,
    collector::{Found, Gathered, Sink},
    facts::{BackendFacts, ServiceFacts, Subject},
    finding::Finding,
    finds,
    fingerprint::finish,
    on_disk,
    pick::{Pick, Unit},
    pool::Pool,
    rule::{About, Rule},
    severity::Severity,
    stored::Text,
    suppress,
};
use crate::{
    config::{Backend, Config, Texts},
    nas::{self, Host},
    parallel,
    source::{FileId, Files, Part, Place},
    vocabulary::Finds,
};

/// What a run found.
#[derive(Debug, Default)]
pub struct Lint {
    /// The findings, by path, place and rule.
    pub findings: Vec<Finding>,
    /// Number of backends that cinder-volume would start.
    pub backends: usize,
}

/// [`run_as`] with these rules, everywhere.
pub fn run(files: &mut Files, deployments: &[Deployment], host: &Host, rules: &[Arc<Rule>], pedantic: bool) -> Lint {
    run_as(files, deployments, host, Choice::of(rules, pedantic))
}

/// The fewest deployments, and backends of one deployment, that are worth a thread.
const DEPLOYMENTS: usize = 4;
const BACKENDS: usize = 64;
/// Of how many deployments the findings are held at once: many share files, and have the same ones.
const AT_ONCE: usize = 64;
/// The fewest assignments with which the checks of one deployment are.
const ASSIGNMENTS: usize = 500;
/// Applies the rules. Shares files that were read are added to `files`.
pub fn run_as(files: &mut Files, deployments: &[Deployment], host: &Host, mut choice: Choice<'_>) -> Lint {
    let first_attached = files.len() as u32;
    let (rules, pedantic) = (choice.rules, choice.pedantic);
    let look = |deployment: &Deployment| look_at(files, deployment, host, rules, pedantic, false);
    let look_at_each = |some: &[Deployment]| some.iter().map(look).collect::<Vec<Found>>();
    let mut belongs = Belongs::new(deployments);
    let mut all = Gathered::new(Sink::new(files, true, choice.pedantic));
    for some in deployments.chunks(AT_ONCE) {
        let found = parallel::pieces(some, DEPLOYMENTS, look_at_each).into_iter().flatten();
        for (deployment, found) in some.iter().zip(found) {
            belongs.note(files, deployment, &found);
            all.add(found);
        }
    }
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
            choice.rules.iter().filter(|rule| rule.check.as_deref() == Some(finds::SUPPRESSIONS_CHECK)).collect();
        let candidates = suppress::apply(files, &ids, &mut lint.findings, &choice);
        let mut sink = Sink::new(files, true, choice.pedantic);
        candidates.iter().for_each(|candidate| offer(&finds::SUPPRESSIONS, candidate, &rules, &mut sink));
        lint.findings.append(&mut sink.findings);
    }
    let older: Vec<&Arc<Rule>> =
        choice.rules.iter().filter(|rule| rule.check.as_deref() == Some(checks::AGE_CHECK)).collect();
    if !choice.each && !older.is_empty() {
        for (candidate, related) in checks::grouped(files, deployments, &mut lint.findings) {
            let mut sink = Sink::new(files, true, choice.pedantic);
            offer(&checks::AGE, &candidate, &older, &mut sink);
            lint.findings
                .extend(sink.findings.into_iter().map(|one| Finding { related: related.clone().into(), ..one }));
        }
    }
    on_disk::lead_back(files, &mut lint.findings);
    belongs.tell(files, &mut lint.findings);
    if let Some(speaks) = choice.speaks {
        lint.findings.retain(|finding| speaks(files.get(finding.place.file), &finding.rule));
    }
    finish(files, &mut lint.findings);
    lint
}

/// What the rules that tell of an end say of one deployment: each finding with its [`super::finding::Stop`].
pub(super) fn stops(files: &Files, deployment: &Deployment, host: &Host, rules: &[Arc<Rule>]) -> Vec<Finding> {
    let rules: Vec<Arc<Rule>> = rules.iter().filter(|rule| !rule.stops.is_empty()).cloned().collect();
    // What a release does is asked here, not whether it is the one that was meant.
    let deployment = Deployment { release_given: true, ..deployment.clone() };
    let mut found = look_at(files, &deployment, host, &rules, false, true).findings;
    found.retain(|finding| finding.stops);
    found
}

/// Applies the rules to one deployment.
///
/// With `asks_stops`, what is said of one place is said once for each backend that it is about, with what ends.
fn look_at(
    files: &Files,
    deployment: &Deployment,
    host: &Host,
    rules: &[Arc<Rule>],
    pedantic: bool,
    asks_stops: bool,
) -> Found {
    let config = deployment.config(files, deployment.release);
    let backends = config.all_backends();
    let rules = rules.iter().filter(|rule| rule.holds_for(deployment.release) && rule.is_about(deployment.services));
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
    let sink = || {
        let mut sink = Sink::new(files, deployment.release_given, pedantic);
        sink.asks_stops = asks_stops;
        sink
    };
    let each = |some: &[Backend]| {
        let (mut sink, mut pool) = (sink(), Pool::default());
        let look = |one: &Backend| {
            let texts = Texts::new(&config, one);
            let nas = nas::assess_with(&texts, host);
            if one.enabled || without_list {
                run_backend(facts(deployment, host, &texts, &nas), &pick, &mut sink);
            }
            NasDigest::of(nas, &mut pool)
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
    let run = |(finds, check): &(&Finds, checks::Check)| {
        let mut sink = sink();
        let mut attached = Attached::after(sink.files);
        if let Some(rules) = by_check.get(finds.check) {
            let mut take = |mut candidate: Candidate| {
                candidate.place = in_a_file(context, &candidate);
                offer(finds, &candidate, rules, &mut sink);
            };
            check(context, &mut attached, &mut Candidates::new(&mut take));
        }
        Found { backends: 0, findings: sink.findings, attached: attached.files }
    };
    let least = least_checks(context.backends.len(), context.config.assignments());
    let found = parallel::pieces(&checks::ALL, least, |some| some.iter().map(run).collect::<Vec<Found>>());
    found.into_iter().flatten().collect()
}

/// The place of a candidate; of a section that a program fills, the header that causes it. What a program writes for an option is its
/// own affair.
fn in_a_file(context: &Context<'_, '_>, candidate: &Candidate) -> Place {
    let config = context.config;
    let is_of_a_file = |file| config.files().find(file).is_none_or(|file| file.part.is_of_a_file());
    if candidate.option.is_some() || is_of_a_file(candidate.place.file) {
        return candidate.place;
    }
    let group = candidate.section.as_deref().and_then(|section| config.group(section));
    let header = group.and_then(|group| config.headers(group).find(|(file, _)| is_of_a_file(*file)));
    header.map_or(candidate.place, |(file, section)| Place { file, span: section.header })
}

/// The fewest checks that are worth a thread.
fn least_checks(backends: usize, assignments: usize) -> usize {
    if backends > BACKENDS || assignments > ASSIGNMENTS { 1 } else { checks::ALL.len() }
}

/// Lets the rules of a check speak of a candidate.
fn offer(finds: &Finds, candidate: &Candidate, rules: &[&Arc<Rule>], sink: &mut Sink<'_>) {
    finds::assert_declared(finds, candidate);
    let matching = rules.iter().filter(|rule| {
        rule.kind.as_deref().is_none_or(|kind| kind == candidate.kind)
            && (rule.options.is_empty()
                || candidate.option.as_ref().is_some_and(|option| rule.options.contains(option)))
            && rule.when.holds(candidate)
    });
    for rule in matching {
        let places = rule.at.iter().filter_map(|at| candidate.place(at)).chain([candidate.place]);
        let Some(place) = sink.best(places) else { continue };
        sink.add(rule, candidate, place, candidate.section.as_deref(), candidate.option.as_deref());
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
            // That of the place, or of the first where it points at none.
            let pointed = rule.at.iter().find(|at| subject.place(at).as_ref() == Some(&place));
            let named = |at: &'r Text| at.split_once(':').map(|(_, name)| name);
            let option = this.or_else(|| pointed.and_then(named)).or_else(|| rule.at.first().and_then(named));
            sink.add(rule, subject, place, Some(section), option.filter(|name| *name != "this"));
        }
    }
}

fn run_backend<'r>(mut facts: BackendFacts<'_, '_, 'r>, pick: &Pick<'r>, sink: &mut Sink<'_>) {
    let (config, backend) = (facts.config, facts.backend);
    let section = backend.group.map_or_else(|| Cow::Borrowed(&*backend.name), |group| config.spelled(group));
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

//! The examples in the rule files are the rules' tests.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use cinderlint::{
    audit::{
        self, Request,
        collection::{self, Recorded, Recorder},
    },
    catalog::Release,
    input::{
        Root,
        forms::{self, Candidate, Run, Taken},
    },
    lint::{self, Choice, Deployment, Example, NasPolicy, Rule},
    nas::{Host, Python},
    source::{Disk, Files, Origin},
};

fn rules() -> Vec<Rule> {
    lint::built_in().expect("every rule loads")
}

/// Rules without releases of their own whose conditions can hold in some only: the first and the last.
const BETWEEN: [(&str, &str, &str); 16] = [
    // On Python 2 oslo.config reads bytes.
    ("CND102", "rocky", "2026.2"),
    // The driver came with Liberty.
    ("CND432", "liberty", "2026.2"),
    // What is gone was there before; what is new is there later.
    ("CND501", "liberty", "2026.2"),
    ("CND502", "liberty", "2026.2"),
    ("CND503", "kilo", "2026.1"),
    ("CND506", "liberty", "2026.2"),
    ("CND507", "mitaka", "2026.2"),
    ("CND508", "kilo", "2026.1"),
    ("CND512", "liberty", "2026.2"),
    ("CND513", "kilo", "2026.1"),
    // `SUPPORTED` came with Newton.
    ("CND515", "newton", "2026.2"),
    // An upgrade leads from one release to another; for the NAS pair the first that changes something is Mitaka.
    ("CND521", "liberty", "2026.2"),
    ("CND522", "liberty", "2026.2"),
    ("CND523", "mitaka", "2026.2"),
    ("CND524", "liberty", "2026.2"),
    // It speaks where no release is named, and the newest reads the file.
    ("CND527", "2026.2", "2026.2"),
];

fn release(name: &str) -> Release {
    name.parse().expect("a release")
}

/// What an example's file is: a `cinder.conf`, or what the form that knows its path makes of it.
/// That one lies among the files of the host.
fn deployments(files: &mut Files, example: &Example, host: &Path, release: Release) -> Vec<Deployment> {
    // The first 256 characters of Unicode are those of Latin-1.
    let latin1 = || example.file.chars().map(|c| u8::try_from(c).expect("a character of Latin-1")).collect();
    let text = if example.latin1 { latin1() } else { example.file.clone().into_bytes() };
    let Some(path) = example.path.as_ref().map(|path| host.join(path)) else {
        let id = files.add(Path::new("cinder.conf"), text);
        return vec![Deployment::new(vec![id], release)];
    };
    let (form, why) = forms::of(&Candidate::with_text(&Disk, &path, &text)).expect("a form that knows the file");
    let mut run = Run::new(files, &Disk);
    run.give(&path, text, Origin::None);
    form.read(&[Taken { path, why, named: false }], &mut run);
    let found = run.found.into_iter();
    found
        .map(|one| Deployment {
            unseen: one.unseen,
            shares: one.shares,
            remarks: one.remarks,
            ..Deployment::new(one.layers, one.release.unwrap_or(release))
        })
        .collect()
}

/// The lines at which a rule speaks on an example, and the message at each.
fn lines(rule: &Rule, all: &[Arc<Rule>], example: &Example, release: Option<&str>) -> Vec<(u32, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mode = |path: &str| {
        use std::os::unix::fs::PermissionsExt;
        example
            .modes
            .get(path)
            .map(|mode| std::fs::Permissions::from_mode(u32::from_str_radix(mode, 8).expect("an octal mode")))
    };
    for (path, text) in &example.host {
        let place = folder.path().join(path.trim_start_matches('/'));
        if path.ends_with('/') {
            std::fs::create_dir_all(place).expect("a folder");
        } else {
            std::fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
            std::fs::write(place, text).expect("a file");
        }
    }
    for path in example.modes.keys() {
        let place = folder.path().join(path.trim_matches('/'));
        std::fs::set_permissions(place, mode(path).expect("a mode")).expect("the mode is set");
    }
    for (path, owner) in &example.owners {
        let (uid, gid) = owner.split_once(':').expect("UID:GID");
        let id = |id: &str| Some(id.parse().expect("a number"));
        std::os::unix::fs::chown(folder.path().join(path.trim_matches('/')), id(uid), id(gid)).expect("root may");
    }
    if rule.check.as_deref() == Some(lint::host::CHECK) {
        return audited(rule, all, example, folder.path(), release);
    }
    let given = release.is_some();
    let release: Release = release.map_or(Release::NEWEST, self::release);
    let mut files = Files::default();
    let deployments =
        deployments(&mut files, example, folder.path(), release).into_iter().map(|deployment| Deployment {
            release_given: given,
            from: example.from.as_deref().map(|name| name.parse().expect("a release")),
            nas_policy: NasPolicy { default: example.nas_policy, ..NasPolicy::default() },
            ..deployment
        });
    let deployments: Vec<Deployment> = deployments.collect();
    let python = if release <= Release::QUEENS { Python::Two } else { Python::Three };
    let host = Host { root: Root::new(Some(folder.path())), new_install: example.new_install, python };
    let mut choice = Choice::of(all, true);
    choice.directives.need_reason = example.require_suppression_reason;
    let found = lint::run_as(&mut files, &deployments, &host, choice);
    let views = cinderlint::report::Views::new(&files);
    found
        .findings
        .iter()
        .filter(|finding| finding.rule.id == rule.id)
        .map(|finding| (views.range(finding.place).0.line, finding.message.to_string()))
        .collect()
}

/// What an audit of the example's host says.
fn audited(
    rule: &Rule,
    all: &[Arc<Rule>],
    example: &Example,
    root: &Path,
    release: Option<&str>,
) -> Vec<(u32, String)> {
    let conf = root.join("etc/cinder/cinder.conf");
    std::fs::create_dir_all(conf.parent().expect("a parent")).expect("a folder");
    std::fs::write(&conf, &example.file).expect("a file");
    let sight = Recorder::new(Some(root));
    let request = Request {
        sight: &sight,
        named: Vec::new(),
        release: release.map(self::release),
        new_install: example.new_install,
        python: None,
        wanted: Vec::new(),
        owners_as_they_are: true,
        logs: example.logs.iter().map(|path| root.join(path.trim_start_matches('/'))).collect(),
        jobs: 1,
        limit: 5,
        timeout: std::time::Duration::from_secs(example.timeout.unwrap_or(30)),
        stop: &AtomicBool::new(false),
        beat: &|_| (),
        rules: all,
    };
    let host = audit::run(&mut Files::default(), &request).expect("an audit");
    // What was collected says the same elsewhere.
    let mut archive = Vec::new();
    let collected = sight.finish(&host, 0);
    collection::write(&collected, &mut archive).expect("an archive");
    let recorded = Recorded::new(collection::read(archive.as_slice()).expect("a collection"));
    let again = audit::run(&mut Files::default(), &Request { sight: &recorded, ..request }).expect("an audit");
    let json = |host: &cinderlint::audit::model::Host| serde_json::to_string_pretty(host).expect("JSON");
    assert_eq!(json(&host), json(&again), "{}: the collection says something else", rule.id);
    let mine = host.findings.into_iter().filter(|finding| finding.rule == rule.id);
    mine.flat_map(|finding| {
        let steps = finding.steps.into_iter().flat_map(|step| [step.title, step.run.replace("{}", "")]);
        std::iter::once(finding.message).chain(steps).map(|text| (0, text)).collect::<Vec<_>>()
    })
    .collect()
}

/// The releases that an example is read for.
fn releases(example: &Example) -> Vec<Option<&str>> {
    if example.release.is_empty() {
        vec![None]
    } else {
        example.release.iter().map(|name| Some(name.as_str())).collect()
    }
}

#[test]
fn examples_hold() {
    assert_examples_hold(|example| example.owners.is_empty());
}

#[test]
#[ignore = "needs root"]
fn as_root_examples_with_owners_hold() {
    assert_examples_hold(|example| !example.owners.is_empty());
}

fn assert_examples_hold(wanted: impl Fn(&Example) -> bool) {
    let rules = rules();
    let all: Vec<Arc<Rule>> = rules.iter().cloned().map(Arc::new).collect();
    let mut failures = Vec::new();
    for rule in &rules {
        let bad = rule
            .bad
            .iter()
            .enumerate()
            .filter(|(_, e)| wanted(e))
            .flat_map(|(nth, e)| releases(e).into_iter().map(move |r| (nth, e, r)));
        for (nth, example, release) in bad {
            let found = lines(rule, &all, example, release);
            let at: BTreeSet<u32> = found.iter().map(|(line, _)| *line).collect();
            let wanted: BTreeSet<u32> = example.lines.iter().copied().collect();
            if found.is_empty() || !wanted.is_empty() && wanted != at {
                failures.push(format!("{} bad {nth} {release:?}: expected lines {wanted:?}, found {found:?}", rule.id));
            }
            for (_, message) in found {
                if message.contains('?') && message.contains("`?`") || message.contains("{") {
                    failures.push(format!("{} bad {nth}: a placeholder without a value: {message}", rule.id));
                }
            }
        }
        let good = rule
            .good
            .iter()
            .enumerate()
            .filter(|(_, e)| wanted(e))
            .flat_map(|(nth, e)| releases(e).into_iter().map(move |r| (nth, e, r)));
        for (nth, example, release) in good {
            let found = lines(rule, &all, example, release);
            if !found.is_empty() {
                failures.push(format!("{} good {nth} {release:?}: {found:?}", rule.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_is_complete() {
    let mut names = HashMap::new();
    for rule in rules() {
        let id = &rule.id;
        assert!(id.len() == 6 && id.starts_with("CND") && id[3..].bytes().all(|b| b.is_ascii_digit()), "{id}");
        assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{id}");
        assert!(!rule.bad.is_empty(), "{id} has no bad example");
        assert!(!rule.good.is_empty(), "{id} has no good example");
        assert!(!rule.why.trim().is_empty() && !rule.instead.trim().is_empty(), "{id}");
        assert!(!rule.summary.ends_with('.') && !rule.message.ends_with('.'), "{id}");
        assert_eq!(names.insert(rule.name.clone(), id.clone()), None, "{id}");
        assert_eq!(lint::validate::unknown(&rule), None, "{id}");
    }
}

/// The first and the last release that a rule holds for have a bad and a good example, and so has, good ones only, the
/// release just outside. A rule without releases holds for all; where what it is about came or went between, its families
/// or the catalogue say so, and `BETWEEN` has the releases.
#[test]
fn every_rule_has_examples_at_its_borders() {
    let mut missing = Vec::new();
    // What lies on a host does not depend on the release.
    for rule in rules().into_iter().filter(|rule| rule.check.as_deref() != Some(lint::host::CHECK)) {
        let read = |examples: &[Example]| -> BTreeSet<Release> {
            examples.iter().flat_map(releases).map(|name| name.map_or(Release::NEWEST, release)).collect()
        };
        let (bad, good) = (read(&rule.bad), read(&rule.good));
        let between = BETWEEN.iter().find(|(id, ..)| *id == rule.id);
        let (first, last) = match (rule.releases, between) {
            (Some(releases), _) => (releases.first, releases.last),
            (None, Some((_, first, last))) => (release(first), release(last)),
            (None, None) => (Release::KILO, Release::NEWEST),
        };
        for border in [first, last] {
            if !bad.contains(&border) {
                missing.push(format!("{} bad {border}", rule.id));
            }
            if !good.contains(&border) {
                missing.push(format!("{} good {border}", rule.id));
            }
        }
        let all: Vec<Release> = Release::all().collect();
        let at = |wanted: Release| all.iter().position(|release| *release == wanted).expect("a known release");
        let before = at(first).checked_sub(1).and_then(|at| all.get(at));
        for outside in before.into_iter().chain(all.get(at(last) + 1)) {
            if rule.releases.is_some() && !good.contains(outside) {
                missing.push(format!("{} outside {outside}", rule.id));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn file_names_say_id_and_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let names: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the rules")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().strip_suffix(".toml")?.to_string()))
        .collect();
    let expected: BTreeSet<String> = rules().iter().map(|rule| format!("{}-{}", rule.id, rule.name)).collect();
    assert_eq!(names, expected);
}

/// The binary holds its rules as constants: they are what the loader of a site's rules makes of the same files.
#[test]
fn constants_are_what_the_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    for rule in rules() {
        let file = folder.join(format!("{}-{}.toml", rule.id, rule.name));
        let read = lint::rule::read(&std::fs::read_to_string(file).expect("a rule file")).expect("a rule");
        assert_eq!(format!("{rule:#?}"), format!("{read:#?}"));
    }
}

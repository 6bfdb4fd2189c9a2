//! Configuration inside something else: any bytes as any form. The first byte says under which name they lie, or which form is to read them.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use cinderlint::{
    catalog::Release,
    fix::Texts,
    input::{
        Root,
        forms::{self, Candidate, Form, Run, Taken},
        yaml,
    },
    lint::{self, Deployment, Rule},
    nas::{Host, Python},
    report::{self, Format, Report},
    source::{Disk, Files, Origin},
    style::{ColorChoice, Style},
};
use libfuzzer_sys::fuzz_target;

static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();

const NAMES: [&str; 13] = [
    "plane.yaml",
    "values.yaml",
    "user_variables.yml",
    "environment.yaml",
    "hieradata/common.yaml",
    "answers.txt",
    "local.conf",
    "etc/kolla/globals.yml",
    "etc/kolla/config/cinder.conf",
    "etc/kolla/config/nfs_shares",
    "cinder.conf.j2",
    "plane.yaml.j2",
    "cinder.conf",
];

fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first() else { return };
    let rules = RULES.get_or_init(|| lint::built_in().unwrap_or_default().into_iter().map(Arc::new).collect());
    let at = usize::from(choice.wrapping_sub(b'a'));
    let path = Path::new("/nothing").join(NAMES[at % NAMES.len()]);
    // As capital letters: whatever it looks like.
    let forced = usize::from(choice.wrapping_sub(b'A'));
    let known = forms::of(&Candidate::with_text(&Disk, &path, text)).map(|(form, _)| form);
    let form: &dyn Form = forms::ALL.get(forced).copied().or(known).unwrap_or(forms::PLAIN);
    let _ = forms::not_read(&Candidate::with_text(&Disk, &path, text));

    let read = |text: &[u8]| {
        let mut files = Files::default();
        let mut run = Run::new(&mut files, &Disk);
        run.give(&path, text.to_vec(), Origin::Stdin);
        form.read(&[Taken { path: path.clone(), why: "fuzzing".into(), named: true }], &mut run);
        let mut deployments: Vec<Deployment> = Vec::new();
        for one in std::mem::take(&mut run.found) {
            let release = one.release.unwrap_or(Release::NEWEST);
            let whole = Deployment::new(one.layers, release);
            deployments.push(Deployment { unseen: one.unseen, shares: one.shares, remarks: one.remarks, ..whole });
        }
        drop(run);
        (files, deployments)
    };
    let (mut files, deployments) = read(text);
    let texts = Texts::of(&files);
    let host = Host { root: Root::new(Some(Path::new("/nothing"))), new_install: None, python: Python::Three };
    let lint = lint::run(&mut files, &deployments, &host, rules, true);
    for finding in &lint.findings {
        let span = finding.place.span;
        assert!(span.start <= span.end && span.end as usize <= files.get(finding.place.file).text.len());
    }
    let report = Report {
        upgrade: None,
        files: &files,
        linted: 1,
        release: Release::NEWEST,
        releases: Vec::new(),
        assumed: false,
        findings: &lint.findings,
        backends: lint.backends,
        errors: &[],
        rules,
    };
    for format in [Format::Full, Format::Json] {
        let mut out = Vec::new();
        assert!(report::write(&report, format, &Style::for_stdout(ColorChoice::Never), &mut out).is_ok());
        assert!(std::str::from_utf8(&out).is_ok() && !out.contains(&0x1b));
    }
    // What is fixed is still YAML.
    let errors = |text: &[u8]| yaml::read(text).iter().filter(|document| document.error.is_some()).count();
    if !texts.round(&mut files, &lint.findings, true).is_empty() {
        let now = files.iter().find(|(_, file)| file.origin == Origin::Stdin).map(|(_, file)| file.text.clone());
        let now = now.unwrap_or_default();
        assert!(form.name() == "ini" || errors(&now) <= errors(text), "{}", String::from_utf8_lossy(&now));
        let _ = read(&now);
    }
});

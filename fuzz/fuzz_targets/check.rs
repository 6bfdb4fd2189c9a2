//! A whole run on any bytes, in every format, with what `effective` says.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use cinderlint::{
    catalog::Release,
    input::Root,
    lint::{self, Deployment, Rule},
    nas::{Host, Python},
    report::{self, Assessed, Format, Report},
    source::Files,
    style::{ColorChoice, Style},
};
use libfuzzer_sys::fuzz_target;

static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, text) = input;
    let rules = RULES.get_or_init(|| lint::built_in().unwrap_or_default().into_iter().map(Arc::new).collect());
    let release = Release::from_index(choice % 24).unwrap_or(Release::NEWEST);
    let mut files = Files::default();
    let deployments = [Deployment::new(vec![files.add(Path::new("x.conf"), text.to_vec())], release)];
    let python = if choice & 0x80 == 0 { Python::Two } else { Python::Three };
    let host = Host { root: Root::new(Some(Path::new("/nothing"))), new_install: None, python };
    let lint = lint::run(&mut files, &deployments, &host, rules, true);
    let style = Style::for_stdout(ColorChoice::Never);
    let report = Report {
        upgrade: None,
        files: &files,
        linted: 1,
        release,
        releases: Vec::new(),
        assumed: false,
        findings: &lint.findings,
        backends: lint.backends,
        errors: &[],
        rules,
    };
    for format in [Format::Full, Format::Concise, Format::Json] {
        let mut out = Vec::new();
        assert!(report::write(&report, format, &style, &mut out).is_ok());
        assert!(std::str::from_utf8(&out).is_ok());
        assert!(!out.contains(&0x1b));
    }
    let assessed = [Assessed::new(&files, &deployments[0], &host, rules)];
    let mut out = Vec::new();
    assert!(report::write_effective(&files, &assessed, true, &style, &mut out).is_ok());
    assert!(report::write_effective_json(&files, &assessed, &[], release, true, &mut out).is_ok());
});

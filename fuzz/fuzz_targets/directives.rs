//! Suppressions: whatever stands in a comment, a run ends, and no directive lets its own finding pass.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use cinderlint::{
    catalog::Release,
    input::Root,
    lint::{self, Choice, Deployment, Rule},
    nas::{Host, Python},
    source::Files,
};
use libfuzzer_sys::fuzz_target;

static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();

fuzz_target!(|input: (bool, &[u8])| {
    let (need_reason, text) = input;
    let rules = RULES.get_or_init(|| lint::built_in().unwrap_or_default().into_iter().map(Arc::new).collect());
    // Each line becomes a directive, before a section, a key, a value that goes on, and nothing.
    let mut file = b"[DEFAULT]\nenabled_backends = a\n".to_vec();
    for line in text.split(|&byte| byte == b'\n') {
        for (start, end) in
            [("# cinderlint: ", "\n[a]\n"), ("#cinderlint:ignore[", "\nauth_strategy = keystone\n"), (";", "\n x\n")]
        {
            file.extend([start.as_bytes(), line, end.as_bytes()].concat());
        }
    }
    let mut files = Files::default();
    let layers = vec![files.add(Path::new("x.conf"), file)];
    let deployments = [Deployment::new(layers, Release::NEWEST)];
    let host = Host { root: Root::new(Some(Path::new("/nothing"))), new_install: None, python: Python::Three };
    let mut choice = Choice::of(rules, true);
    choice.directives.need_reason = need_reason;
    let lint = lint::run_as(&mut files, &deployments, &host, choice);
    assert!(lint.findings.iter().all(|finding| finding.suppressed.is_none() || !finding.rule.id.starts_with("CND9")));
});

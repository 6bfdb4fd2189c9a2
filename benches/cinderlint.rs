//! What each stage costs. `benches/inputs.py` makes the inputs, in `target/bench`; what is not there is left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, missing_docs)]

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    sync::Arc,
};

use cinderlint::{
    catalog::{self, Release},
    config::Config,
    ini::Document,
    input::{Root, discover},
    lint::{self, Deployment},
    nas::{self, Host, Python},
    report::{self, Format, Report},
    source::{Disk, FileId, Files},
    style::Style,
};
use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};

fn main() {
    for name in TEXTS.iter().chain(&CURVE).chain(&["tree"]) {
        if !in_bench(name).exists() {
            eprintln!("left out, as benches/inputs.py has not made it: {name}");
        }
    }
    if corpus().is_empty() {
        eprintln!("left out, as it is not there: {CORPUS}");
    }
    divan::main();
}

fn in_bench(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench").join(name)
}

/// The bytes of an input; nothing where it was not made.
fn input(name: &str) -> Option<Vec<u8>> {
    fs::read(in_bench(name)).ok()
}

const TEXTS: [&str; 3] = ["sample.conf", "sample-set.conf", "big.conf"];
const CURVE: [&str; 4] = ["lines-1e3.conf", "lines-1e4.conf", "lines-1e5.conf", "lines-1e6.conf"];
const CORPUS: &str = "../shared/corpus";

/// All files of a collection of real ones, where there is one.
fn corpus() -> Vec<Vec<u8>> {
    let files = walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS)).sort_by_file_name();
    files
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .flat_map(|entry| fs::read(entry.path()))
        .collect()
}

#[divan::bench(args = TEXTS, sample_count = 10)]
fn reading(bencher: Bencher<'_, '_>, name: &str) {
    let Some(text) = input(name) else { return };
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| Document::read(black_box(&text)));
}

#[divan::bench(args = CURVE, sample_count = 10)]
fn reading_more_lines(bencher: Bencher<'_, '_>, name: &str) {
    reading(bencher, name);
}

#[divan::bench(sample_count = 10)]
fn reading_the_corpus(bencher: Bencher<'_, '_>) {
    let texts = corpus();
    if !texts.is_empty() {
        let bytes: usize = texts.iter().map(Vec::len).sum();
        bencher.counter(BytesCount::new(bytes)).bench_local(|| {
            for text in &texts {
                black_box(Document::read(black_box(text)));
            }
        });
    }
}

#[divan::bench(args = TEXTS, sample_count = 5)]
fn reading_with_rust_ini(bencher: Bencher<'_, '_>, name: &str) {
    let Some(text) = input(name) else { return };
    let text = String::from_utf8(text).unwrap();
    // A file that it refuses halfway would be read too fast.
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| ini::Ini::load_from_str(black_box(&text)).unwrap());
}

#[divan::bench]
fn catalogue_look_up() -> bool {
    catalog::option(Release::NEWEST, "backend_defaults", black_box("nas_secure_file_operations")).is_some()
}

#[divan::bench]
fn reading_built_in_rules() -> usize {
    lint::built_in().unwrap().len()
}

/// A configuration with this many backends, with a finding each or none.
fn backends(count: usize, found: bool) -> Files {
    let names: Vec<String> = (0..count).map(|n| format!("nfs{n}")).collect();
    let mut text = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
    for name in &names {
        text.push_str(&format!(
            "\n[{name}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = {name}\n\
             nfs_shares_config = /etc/cinder/nfs_shares_{name}\nnas_secure_file_operations = false\n"
        ));
        if !found {
            text.push_str("nas_secure_file_permissions = false\n");
        }
    }
    let mut files = Files::default();
    files.add(Path::new("cinder.conf"), text.into_bytes());
    files
}

fn host() -> Host {
    Host { root: Root::new(None), new_install: None, python: Python::Three }
}

const COUNTS: [usize; 4] = [10, 100, 1_000, 10_000];

fn all(files: &Files) -> Vec<FileId> {
    files.iter().map(|(id, _)| id).collect()
}

#[divan::bench(args = COUNTS, sample_count = 5)]
fn effective_values(bencher: Bencher<'_, '_>, count: usize) {
    let files = backends(count, false);
    let config = Config::new(&files, all(&files), Release::NEWEST);
    let backends = config.all_backends();
    let host = host();
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        backends.iter().filter(|backend| nas::assess(&config, backend, &host).start_error.is_none()).count()
    });
}

/// All rules, on backends that are as they should be.
#[divan::bench(args = COUNTS, sample_count = 5)]
fn rules(bencher: Bencher<'_, '_>, count: usize) {
    lint_all(bencher, count, false);
}

#[divan::bench(args = COUNTS, sample_count = 5)]
fn rules_with_a_finding_each(bencher: Bencher<'_, '_>, count: usize) {
    lint_all(bencher, count, true);
}

fn built_in() -> Vec<Arc<lint::Rule>> {
    lint::built_in().unwrap().into_iter().map(Arc::new).collect()
}

fn lint_all(bencher: Bencher<'_, '_>, count: usize, found: bool) {
    let rules = built_in();
    let host = host();
    // Files that rules read are added to the list: it is made afresh.
    bencher.counter(ItemsCount::new(count)).with_inputs(|| backends(count, found)).bench_local_values(|mut files| {
        let deployment = Deployment::new(all(&files), Release::NEWEST);
        lint::run(&mut files, &[deployment], &host, &rules, false).findings.len()
    });
}

const FORMATS: [Format; 11] = [
    Format::Full,
    Format::Concise,
    Format::Json,
    Format::Jsonl,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Checkstyle,
    Format::Rdjson,
    Format::Zuul,
];

/// 10,000 findings and one that compares the backends.
#[divan::bench(args = FORMATS, sample_count = 5)]
fn report_of_10_000_findings(bencher: Bencher<'_, '_>, format: Format) {
    let rules = built_in();
    let mut files = backends(10_000, true);
    let deployment = Deployment::new(all(&files), Release::NEWEST);
    let mut lint = lint::run(&mut files, &[deployment], &host(), &rules, false);
    lint::finish(&files, &mut lint.findings);
    let report = Report {
        upgrade: None,
        files: &files,
        linted: 1,
        release: Release::NEWEST,
        releases: vec![Release::NEWEST],
        assumed: true,
        rules: &rules,
        findings: &lint.findings,
        backends: lint.backends,
        errors: &[],
    };
    bencher.counter(ItemsCount::new(lint.findings.len())).bench_local(|| {
        let mut out = Vec::new();
        report::write(&report, format, &Style::FILE, &mut out).unwrap();
        out
    });
}

/// 100,000 files, 2,000 of them configurations.
#[divan::bench(sample_count = 5)]
fn discovery(bencher: Bencher<'_, '_>) {
    let tree = in_bench("tree");
    if tree.exists() {
        bencher.bench_local(|| discover(&Disk, &tree, |_| false).taken.len());
    }
}

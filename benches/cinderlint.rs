//! What each stage costs. `benches/inputs.py target/bench` makes the inputs; what is not there is left out.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::{fs, hint::black_box, path::Path};

use cinderlint::{
    catalog::{self, Release},
    config::Config,
    ini::Document,
    input::{Files, Root},
    lint,
    nas::{self, Host, Python},
};
use divan::{Bencher, counter::BytesCount};

fn main() {
    divan::main();
}

/// The bytes of an input; nothing where it was not made.
fn input(name: &str) -> Option<Vec<u8>> {
    fs::read(Path::new("target/bench").join(name)).ok()
}

const TEXTS: [&str; 3] = ["sample.conf", "sample-set.conf", "big.conf"];

#[divan::bench(args = TEXTS, sample_count = 10)]
fn reading(bencher: Bencher<'_, '_>, name: &str) {
    let Some(text) = input(name) else { return };
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| Document::read(black_box(&text)));
}

#[divan::bench(args = TEXTS, sample_count = 5)]
fn reading_with_rust_ini(bencher: Bencher<'_, '_>, name: &str) {
    let Some(text) = input(name) else { return };
    let text = String::from_utf8(text).unwrap();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| ini::Ini::load_from_str(black_box(&text)).is_ok());
}

#[divan::bench]
fn catalogue_look_up() -> bool {
    catalog::option(Release::NEWEST, "backend_defaults", black_box("nas_secure_file_operations")).is_some()
}

#[divan::bench]
fn built_in_rules() -> usize {
    lint::built_in().unwrap().len()
}

/// A configuration with this many backends.
fn backends(count: usize) -> Files {
    let names: Vec<String> = (0..count).map(|n| format!("nfs{n}")).collect();
    let mut text = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
    for name in &names {
        text.push_str(&format!(
            "\n[{name}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = {name}\n\
             nfs_shares_config = /etc/cinder/nfs_shares_{name}\nnas_secure_file_operations = false\n"
        ));
    }
    let mut files = Files::default();
    files.add(Path::new("cinder.conf"), text.into_bytes());
    files
}

fn host() -> Host {
    Host { root: Root::new(None), new_install: None, python: Python::Three }
}

#[divan::bench(args = [10, 100, 1000, 10000], sample_count = 5)]
fn effective_values(bencher: Bencher<'_, '_>, count: usize) {
    let files = backends(count);
    let ids = files.iter().map(|(id, _)| id).collect();
    let config = Config::new(&files, ids, Release::NEWEST);
    let backends = config.all_backends();
    let host = host();
    bencher.bench_local(|| {
        backends.iter().filter(|backend| nas::assess(&config, backend, &host).start_error.is_none()).count()
    });
}

//! What holds for any bytes: nothing panics, reading loses nothing, positions are what a slow reading says, and masking
//! hides every secret wherever it stands.

use std::{path::Path, sync::Arc};

use cinderlint::{
    catalog::Release,
    fix::{self, Texts},
    ini::{self, Document, Span},
    input::{
        Root,
        forms::{self, Run, Taken},
        yaml::{self, Kind, Node},
    },
    lint::{self, Deployment, Finding, Lint, Rule},
    nas::{Host, Python},
    report::{self, Assessed, Format, Report, Views},
    secrets,
    source::{Disk, Files, Origin, Place},
    style::{ColorChoice, Style},
};
use clap::ValueEnum;
use proptest::{prelude::*, test_runner::RngSeed};

fn rules() -> &'static [Arc<Rule>] {
    static RULES: std::sync::OnceLock<Vec<Arc<Rule>>> = std::sync::OnceLock::new();
    RULES.get_or_init(|| lint::built_in().unwrap().into_iter().map(Arc::new).collect())
}

fn host() -> Host {
    Host { root: Root::new(Some(Path::new("/nothing"))), new_install: None, python: Python::Two }
}

/// The parts that documents are made of: what the dialect gives a meaning, in every order.
fn part() -> impl Strategy<Value = Vec<u8>> {
    const PARTS: [&str; 69] = [
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "=",
        ":",
        "\"",
        "'",
        "#",
        ";",
        "[",
        "]",
        "[]",
        "$",
        "${",
        "}",
        "$$",
        ",",
        "\u{feff}",
        "\u{a0}",
        "\u{85}",
        "\u{1c}",
        "\u{3000}",
        "\u{1b}[31m",
        "\u{202e}",
        "\0",
        "é",
        "\u{1f600}",
        "[DEFAULT]\n",
        "[a]\n",
        "[backend_defaults]\n",
        "enabled_backends = a,b\n",
        "enabled_backends",
        "volume_driver = cinder.volume.drivers.nfs.NfsDriver\n",
        "volume_driver",
        "nas_host = h\n",
        "nas_share_path = /x\n",
        "nas_secure_file_operations = auto\n",
        "nas_secure_file_permissions",
        "nfs_mount_options",
        "nfs_shares_config = /s\n",
        "san_password",
        "san_password = x\n",
        "password",
        "$san_password",
        "$nas_host",
        "true",
        "auto",
        "x",
        "http://u:p@h/",
        "//",
        "@",
        "\n ",
        "\n[",
        " # x",
        "state_path = $state_path\n",
        "a",
        "nfs_mount_attempts = 0\n",
        "nas_secure_file_operations = yes\n",
        "nas_ip = h\n",
        "host: h\n",
        "backup_driver = cinder.backup.drivers.nfs\n",
        "volume_driver = cinder.volume.drivers.quobyte.QuobyteDriver\nquobyte_volume_url = quobyte://h/v\n",
        "volume_driver=\"cinder.volume.drivers.nimble.NimbleISCSIDriver\"\n",
        "# cinderlint: ignore[CND111]\n",
        "\n; cinderlint: ignore[CND450 , CND410,CND903]\r\n",
    ];
    prop_oneof![
        8 => prop::sample::select(PARTS.to_vec()).prop_map(|part| part.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ]
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(part(), 0..60).prop_map(|parts| parts.concat())
}

fn release() -> impl Strategy<Value = Release> {
    (0..Release::all().count() as u8).prop_map(|index| Release::from_index(index).unwrap())
}

/// Lints files that are a deployment each.
fn lint(texts: &[(&str, &[u8])], release: Release) -> (Files, Vec<Deployment>, Lint) {
    let mut files = Files::default();
    let deployments: Vec<Deployment> = texts
        .iter()
        .map(|(name, text)| Deployment {
            release_given: true,
            ..Deployment::new(vec![files.add(Path::new(name), text.to_vec())], release)
        })
        .collect();
    let lint = lint::run(&mut files, &deployments, &host(), rules(), true);
    (files, deployments, lint)
}

/// Everything that can be said of the files.
fn reports(files: &Files, deployments: &[Deployment], lint: &Lint, release: Release) -> Vec<String> {
    let style = Style::for_stdout(ColorChoice::Never);
    let report = Report {
        upgrade: None,
        files,
        linted: deployments.len(),
        release,
        releases: Vec::new(),
        assumed: false,
        rules: rules(),
        findings: &lint.findings,
        backends: lint.backends,
        errors: &[],
    };
    let mut all = Vec::new();
    for &format in Format::value_variants() {
        let mut out = Vec::new();
        report::write(&report, format, &style, &mut out).unwrap();
        all.push(String::from_utf8(out).unwrap());
    }
    let host = host();
    let assessed: Vec<Assessed<'_>> =
        deployments.iter().map(|deployment| Assessed::new(files, deployment, &host, rules())).collect();
    let mut out = Vec::new();
    report::write_effective(files, &assessed, true, &style, &mut out).unwrap();
    all.push(String::from_utf8(out).unwrap());
    let mut out = Vec::new();
    report::write_effective_json(files, &assessed, &[], release, true, &mut out).unwrap();
    all.push(String::from_utf8(out).unwrap());
    all
}

/// As it is linted by `--fix`, with a text that can be written.
struct Fixing {
    files: Files,
    deployments: [Deployment; 1],
    texts: Texts,
}

impl Fixing {
    fn new(text: &[u8], release: Release) -> Self {
        let mut files = Files::default();
        let id = files.add_from(Path::new("x.conf"), text.to_vec(), Origin::Stdin);
        let texts = Texts::of(&files);
        Self { files, deployments: [Deployment { release_given: true, ..Deployment::new(vec![id], release) }], texts }
    }

    fn lint(&mut self) -> Vec<Finding> {
        self.files.truncate(1);
        lint::run(&mut self.files, &self.deployments, &host(), rules(), true).findings
    }

    fn text(&self) -> &[u8] {
        &self.files.iter().next().unwrap().1.text
    }

    /// Until nothing changes; panics where that does not end.
    fn fix(&mut self) {
        for _ in 0..20 {
            let findings = self.lint();
            if self.texts.round(&mut self.files, &findings, true).is_empty() {
                return;
            }
        }
        panic!("does not end: {:?}", String::from_utf8_lossy(self.text()));
    }
}

/// A control plane whose volume service has this configuration, with something on both sides of it.
fn inside_yaml(text: &str) -> String {
    // YAML has no way to write these in a block; a line end is one, and an indented first line would set the indentation.
    let kept: String =
        text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    let block: String = kept.replace('\u{feff}', "").lines().map(|line| format!("            {line}\n")).collect();
    format!(
        "kind: OpenStackControlPlane\nadmin_password: Mk1Q\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n        a:\n          customServiceConfig: |\n            # first\n{block}            # last\n          other: [1, 'x'] # kept\n"
    )
}

/// A file of custom resources, as `--fix` reads it.
fn resources(text: &str, release: Release) -> (Files, Vec<Deployment>) {
    let mut files = Files::default();
    let path = Path::new("/nothing/plane.yaml");
    let mut run = Run::new(&mut files, &Disk);
    run.give(path, text.as_bytes().to_vec(), Origin::Stdin);
    let taken = Taken { path: path.to_path_buf(), why: String::new(), named: true };
    forms::named("custom-resource").unwrap().read(&[taken], &mut run);
    let found = std::mem::take(&mut run.found).into_iter();
    let deployments = found.map(|one| Deployment {
        release_given: true,
        unseen: one.unseen,
        shares: one.shares,
        remarks: one.remarks,
        ..Deployment::new(one.layers, release)
    });
    let deployments = deployments.collect();
    (files, deployments)
}

/// Every scalar, keys too, with the map around it.
fn scalars(node: &Node, place: &str, found: &mut Vec<(String, String)>) {
    match &node.kind {
        Kind::Scalar(scalar) => found.push((place.to_string(), scalar.text.to_string())),
        Kind::Mapping(entries) => {
            entries.iter().for_each(|entry| scalars(&entry.value, &format!("{place}/{}", entry.key.text()), found));
        }
        Kind::Sequence(items) => items.iter().for_each(|item| scalars(item, &format!("{place}/-"), found)),
    }
}

/// Sections and options with their values; of those that an edit touches, nothing.
fn read_but(text: &[u8], touched: &[Span]) -> Vec<(String, String)> {
    let document = Document::read(text);
    let string = |span: Span| String::from_utf8_lossy(span.of(text)).into_owned();
    let far = |span: Span| !touched.iter().any(|edit| edit.start <= span.end && span.start <= edit.end);
    let mut all: Vec<(u32, String, String)> = Vec::new();
    let named = document.sections.iter().filter(|section| section.line > 0);
    all.extend(named.map(|section| (section.header.start, string(section.header), String::new())));
    let options = document
        .options
        .iter()
        .filter(|option| far(Span::new(option.key.start, option.raw.end.max(option.separator + 1))));
    all.extend(options.map(|option| (option.key.start, string(option.key), document.value(text, option).into_owned())));
    all.sort();
    all.into_iter().map(|(_, name, value)| (name, value)).collect()
}

/// Line and column of an offset, counted character by character.
fn slow_position(text: &[u8], offset: usize) -> (u32, u32) {
    let (mut line, mut start, mut at) = (1, 0, 0);
    while at < offset {
        let width = if text[at..].starts_with(b"\r\n") { 2 } else { 1 };
        if matches!(text[at], b'\n' | b'\r') && at + width <= offset && at + width < text.len() {
            line += 1;
            start = at + width;
        }
        at += width;
    }
    (line, String::from_utf8_lossy(&text[start..offset]).chars().count() as u32 + 1)
}

/// The same cases in every run, so that a change is judged by what it changes; `PROPTEST_CASES=20000` asks for others.
fn cases(few: u32) -> ProptestConfig {
    let config =
        ProptestConfig { failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases: few, rng_seed: RngSeed::Fixed(1), ..config },
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn reading_loses_nothing(text in document()) {
        let mut at = 0;
        for (nth, line) in ini::lines(&text).enumerate() {
            prop_assert_eq!(line.span.start, at);
            prop_assert!(line.span.end > line.span.start);
            prop_assert!(line.span.start <= line.text_end && line.text_end <= line.span.end);
            prop_assert_eq!(line.number as usize, nth + 1);
            at = line.span.end;
        }
        prop_assert_eq!(at as usize, text.len());
        let document = Document::read(&text);
        prop_assert_eq!(document.lines as usize, ini::lines(&text).count());
        let mut end = 0;
        for option in &document.options {
            prop_assert!(end <= option.key.start && option.key.end <= option.separator && option.separator < option.raw.start.max(option.separator + 1));
            prop_assert!(option.raw.start <= option.value.start && option.value.end <= option.raw.end);
            prop_assert!(matches!(text[option.separator as usize], b'=' | b':'));
            end = option.raw.end;
        }
        for section in &document.sections {
            prop_assert!(section.name.start >= section.header.start && section.name.end <= section.header.end);
        }
        for error in &document.errors {
            prop_assert!(error.line >= 1 && error.span.end as usize <= text.len());
        }
    }

    #[test]
    fn positions_are_what_a_slow_reading_says(text in document(), at in any::<prop::sample::Index>()) {
        let mut files = Files::default();
        let id = files.add(Path::new("x.conf"), text.clone());
        let offset = at.index(text.len() + 1);
        // Inside a line break or a character there is no position.
        prop_assume!(text.get(offset) != Some(&b'\n') || offset == 0 || text[offset - 1] != b'\r');
        prop_assume!(std::str::from_utf8(&text[..offset]).is_ok());
        let span = Span::new(offset as u32, offset as u32);
        let (position, _) = Views::new(&files).range(Place { file: id, span });
        prop_assert_eq!((position.line, position.column), slow_position(&text, offset));
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn nothing_panics_and_nothing_steers_the_terminal(text in document(), release in release()) {
        let (files, deployments, lint) = lint(&[("x.conf", &text)], release);
        for finding in &lint.findings {
            let span = finding.place.span;
            prop_assert!(span.start <= span.end && span.end as usize <= files.get(finding.place.file).text.len());
            prop_assert!(!finding.message.contains('\n') && !finding.message.is_empty());
        }
        let reports = reports(&files, &deployments, &lint, release);
        let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        for report in &reports {
            // JSON escapes what it must, and nobody reads it on a terminal.
            if !is_json(report) && !report.lines().all(is_json) {
                let steers = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                prop_assert!(!report.chars().any(steers), "{:?}", report);
            }
        }
    }

    #[test]
    fn the_order_of_files_changes_nothing(texts in prop::collection::vec(document(), 3), release in release()) {
        let named: Vec<(&str, &[u8])> = ["a.conf", "b.conf", "c.conf"].into_iter().zip(texts.iter().map(Vec::as_slice)).collect();
        let said = |order: [usize; 3]| {
            let texts: Vec<(&str, &[u8])> = order.iter().map(|&at| named[at]).collect();
            let (files, deployments, lint) = lint(&texts, release);
            reports(&files, &deployments, &lint, release)[..3].to_vec()
        };
        let first = said([0, 1, 2]);
        for order in [[2, 1, 0], [1, 0, 2]] {
            prop_assert_eq!(&first, &said(order));
        }
    }

    /// A secret in front of, behind and between anything.
    #[test]
    fn secrets_stay_hidden(
        before in document(),
        key in prop::sample::select(vec!["san_password", "SAN-PASSWORD", "my_token", "transport_url", "replication_device", "nas_pasword", "rabbit_password"]),
        way in prop::sample::select(vec![
            "KEY = M", "KEY: \"M\"", "KEY =\n\tM", "KEY = 'x\r\n M'", "nfs_mount_options = vers=3,password=M", "nas_mount_options = username=u,pass=M",
            "volume_backend_name = ${KEY}\nKEY = M", "nfs_shares_config = http://u:M@h/", "KEY = x\n M\n\tM", "#KEY = M", "KEY M", " KEY = M", "[KEY = M", "x = http://u:M@h/", "= M", "KEY = M # M", "KEY = M\nx = $KEY", "KEY = M\nvolume_driver = $KEY",
        ]),
        after in document(),
        release in release(),
    ) {
        let secret = way.replace("KEY", key).replace('M', "Mk0Q");
        for (start, end) in [("[a]\n", "\n"), ("", "\n"), ("[DEFAULT]\n", "\n[a]\nx = 1\nx = 2\n")] {
            let text = [&before[..], b"\n", start.as_bytes(), secret.as_bytes(), end.as_bytes(), &after].concat();
            let (files, deployments, lint) = lint(&[("x.conf", &text)], release);
            for report in reports(&files, &deployments, &lint, release) {
                prop_assert!(!report.contains("Mk0Q"), "{}", report);
            }
        }
        let text = [&before[..], b"\n[a]\n", secret.as_bytes(), b"\n", &after].concat();
        let mut fixing = Fixing::new(&text, release);
        fixing.fix();
        let mut diff = Vec::new();
        let covered = [&text[..], fixing.text()].map(|text| {
            let mut files = Files::default();
            let id = files.add(Path::new("x.conf"), text.to_vec());
            Views::new(&files).get(id).covered().to_vec()
        });
        let side = |text, nth: usize| fix::diff::Side { text, covered: &covered[nth] };
        fix::diff::write("x.conf", side(&text, 0), side(fixing.text(), 1), &Style::FILE, &mut diff).unwrap();
        prop_assert!(!String::from_utf8(diff).unwrap().contains("Mk0Q"));
    }

    #[test]
    fn fixing_ends_and_twice_is_once(text in document(), release in release()) {
        let mut fixing = Fixing::new(&text, release);
        fixing.fix();
        let mut again = Fixing::new(fixing.text(), release);
        again.fix();
        prop_assert_eq!(fixing.text(), again.text());
    }

    /// One fix by itself: its finding is gone, and everything else is read as before.
    #[test]
    fn a_fix_does_what_it_says_and_nothing_else(text in document(), release in release()) {
        let findings = Fixing::new(&text, release).lint();
        for finding in findings.iter().filter(|finding| finding.suppressed.is_none() && finding.fix.is_some()) {
            let mut fixing = Fixing::new(&text, release);
            prop_assert_eq!(fixing.texts.round(&mut fixing.files, std::slice::from_ref(finding), true).len(), 1);
            let fix = finding.fix.as_ref().unwrap();
            let old: Vec<Span> = fix.edits.iter().map(|edit| edit.place.span).collect();
            let mut new = old.clone();
            let mut moved = 0;
            for (span, edit) in new.iter_mut().zip(&fix.edits) {
                *span = Span::new((span.start as i64 + moved) as u32, (span.start as i64 + moved) as u32 + edit.text.len() as u32);
                moved += edit.text.len() as i64 - i64::from(edit.place.span.len());
            }
            let now = fixing.text().to_vec();
            prop_assert_eq!(read_but(&text, &old), read_but(&now, &new), "{:?}\n{:?}\n{:?}", fix, String::from_utf8_lossy(&text), String::from_utf8_lossy(&now));
            let alike = |all: &[Finding]| {
                let same = |other: &&Finding| other.rule.id == finding.rule.id && other.section == finding.section && other.option == finding.option && other.message == finding.message && other.suppressed.is_none();
                all.iter().filter(same).count()
            };
            prop_assert!(alike(&fixing.lint()) < alike(&findings), "{} stays\n{:?}\n{:?}\n{:?}", finding.rule.id, fix, String::from_utf8_lossy(&text), String::from_utf8_lossy(&now));
        }
    }

    /// The same in YAML: the map stays, and of the configuration in it all that no edit names.
    #[test]
    fn a_fix_inside_yaml_leaves_the_rest(text in document(), release in release()) {
        let text = inside_yaml(&String::from_utf8_lossy(&text));
        let (mut files, deployments) = resources(&text, release);
        let texts = Texts::of(&files);
        let lint = lint::run(&mut files, &deployments, &host(), rules(), true);
        for report in reports(&files, &deployments, &lint, release) {
            prop_assert!(!report.contains("Mk1Q"), "{}", report);
        }
        let read = |text: &[u8]| {
            let documents = yaml::read(text);
            assert!(documents.len() == 1 && documents[0].error.is_none(), "{documents:?}");
            let mut found = Vec::new();
            scalars(documents[0].root.as_ref().unwrap(), "", &mut found);
            found
        };
        let edits = |finding: &Finding| finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.text.clone()).collect::<Vec<_>>();
        let said: Vec<String> = lint.findings.iter().filter(|finding| finding.suppressed.is_none()).flat_map(edits).collect();
        let made = texts.round(&mut files, &lint.findings, true).len();
        let now = files.iter().find(|(_, file)| file.origin == Origin::Stdin).unwrap().1.text.clone();
        let (before, after) = (read(text.as_bytes()), read(&now));
        prop_assert_eq!(made == 0, text.as_bytes() == &now[..]);
        prop_assert_eq!(before.len(), after.len());
        for ((place, old), (other, new)) in before.iter().zip(&after) {
            prop_assert_eq!(place, other);
            if !place.ends_with("customServiceConfig") {
                prop_assert_eq!(old, new);
                continue;
            }
            // Every line is one of before, has the text of an edit in it, or lost a part.
            let old: Vec<&str> = old.lines().collect();
            let edited = |line: &str| said.iter().any(|text| text.lines().any(|part| line.contains(part.trim())));
            let cut = |line: &str| old.iter().any(|old| line.chars().try_fold(old.chars(), |mut rest, c| rest.any(|o| o == c).then_some(rest)).is_some());
            let alien = new.lines().find(|line| !old.contains(line) && !edited(line) && !cut(line));
            prop_assert_eq!(alien, None);
        }
    }

    #[test]
    fn covers_keep_the_shape(key in "[a-z_ -]{1,20}", value in "\\PC{0,40}") {
        let shape = secrets::shape_of_value(&key, &value);
        prop_assert_eq!(shape.chars().count(), value.chars().count());
        let twice = secrets::cover_urls(&value).into_owned();
        prop_assert_eq!(secrets::cover_urls(&twice).into_owned(), twice.clone());
    }
}

//! Configuration inside of another file: places, fixes and secrets are those of the file that a person edits.

use std::{path::Path, sync::Arc};

use cinderlint::{
    catalog::Release,
    input::{Root, yaml},
    lint::{self, Deployment, Lint},
    nas::{Host, Python},
    report::{self, Format, Report},
    source::{Files, Origin},
    style::{ColorChoice, Style},
};

const RESOURCE: &str = "kind: X\nadmin_password: hunter1\nspec:\n  config: |\n    [nfs]\n    volume_backend_name = nfs\n    volume_driver = cinder.volume.drivers.nfs.NfsDriver\n    nas_secure_file_operations = no\n    nfs_mount_optons = x\n    san_password = hunter2\n      hunter3\n  one: \"[nfs]\\nnas_pasword = hunter4\\nnas_secure_file_permissions = yess\\n\"\n  other: |\n    hunter5: unrelated\n  token: |\n    hunter6\n";

fn linted() -> (Files, Lint, Vec<Arc<lint::Rule>>) {
    let mut files = Files::default();
    let container = files.add_container(Path::new("cr.yaml"), RESOURCE.into(), Origin::None);
    let root = yaml::read(RESOURCE.as_bytes()).remove(0).root.unwrap();
    let mut layers =
        vec![files.add_synthetic("the operator", b"[DEFAULT]\nenabled_backends = nfs\nnonsense = 1\n".to_vec())];
    for key in ["config", "one"] {
        let scalar = root.at(&["spec", key]).unwrap().scalar().unwrap();
        layers.push(files.add_piece(container, scalar.text.as_bytes().to_vec(), (*scalar.map).clone()));
    }
    let rules: Vec<Arc<lint::Rule>> = lint::built_in().unwrap().into_iter().map(Arc::new).collect();
    let host = Host { root: Root::new(Some(Path::new("/nothing"))), new_install: None, python: Python::Three };
    let lint = lint::run(&mut files, &[Deployment::new(layers, Release::NEWEST)], &host, &rules, true);
    (files, lint, rules)
}

#[test]
fn places_are_those_of_the_container() {
    let (files, lint, _) = linted();
    let shown: Vec<(&str, String)> = lint
        .findings
        .iter()
        .map(|finding| {
            let span = finding.place.span;
            assert_eq!(files.get(finding.place.file).relative, "cr.yaml");
            (finding.rule.id.as_str(), RESOURCE[span.start as usize..span.end as usize].to_string())
        })
        .collect();
    for wanted in [("CND403", "no"), ("CND403", "yess"), ("CND201", "nfs_mount_optons"), ("CND201", "nas_pasword")] {
        assert!(shown.contains(&(wanted.0, wanted.1.to_string())), "{wanted:?}: {shown:?}");
    }
    // What the operator adds is nobody's to mend.
    assert!(shown.iter().all(|(_, text)| !text.contains("nonsense")), "{shown:?}");
    for finding in &lint.findings {
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            let old = &RESOURCE[edit.place.span.start as usize..edit.place.span.end as usize];
            assert_eq!((old, edit.text.as_str()), ("no", "false"), "{}", finding.rule.id);
        }
    }
    assert!(lint.findings.iter().any(|finding| finding.fix.is_some()));
}

#[test]
fn no_format_shows_a_secret_of_a_container() {
    let (files, lint, rules) = linted();
    let formats = [
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
    for format in formats {
        let report = Report {
            upgrade: None,
            releases: Vec::new(),
            assumed: false,
            files: &files,
            linted: 1,
            release: Release::NEWEST,
            rules: &rules,
            findings: &lint.findings,
            backends: lint.backends,
            errors: &[],
        };
        let mut out = Vec::new();
        report::write(&report, format, &Style::for_stdout(ColorChoice::Never), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        for secret in ["hunter1", "hunter2", "hunter3", "hunter4", "hunter6"] {
            assert!(!out.contains(secret), "{format:?}: {out}");
        }
    }
    // All of the file, not only the lines that findings show.
    let views = report::Views::new(&files);
    let covered = String::from_utf8(views.get(cinderlint::source::FileId(0)).covered().to_vec()).unwrap();
    for secret in ["hunter1", "hunter2", "hunter3", "hunter4", "hunter6"] {
        assert!(!covered.contains(secret), "{covered}");
    }
    assert!(covered.contains("hunter5") && covered.contains("nfs_mount_optons = x"), "{covered}");
}

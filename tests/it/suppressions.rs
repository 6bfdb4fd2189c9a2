//! Directives in comments, at the command line.

use crate::command::TestDir;

const HEAD: &str = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
    nas_host = 192.0.2.1\nnas_share_path = /a\nnas_secure_file_operations = false\n";

fn auto(directive: &str) -> String {
    format!("{HEAD}{directive}nas_secure_file_permissions = auto\n")
}

#[test]
fn a_directive_lets_a_finding_pass_and_keeps_it_in_the_reports() {
    let text = auto("# cinderlint: ignore[CND401] -- decided by hand, see OPS-1\n# a note\n\n");
    let place = TestDir::new(&[("cinder.conf", &text)]);
    let (code, shown, _) = place.said(&["check", "cinder.conf"]);
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("CND401"), "{shown}");
    assert!(shown.contains("1 suppressed"), "{shown}");
    let document = place.json(&["check", "--format", "json", "cinder.conf"]);
    assert_eq!(document["findings"][0]["suppressed"]["reason"], "decided by hand, see OPS-1");
    assert_eq!((&document["summary"]["suppressed"], &document["summary"]["error"]), (&1.into(), &0.into()));
    let sarif = place.json(&["check", "--format", "sarif", "cinder.conf"]);
    let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["justification"], "decided by hand, see OPS-1");
    let (code, shown, _) = place.said(&["check", "--no-suppressions", "--format", "concise", "cinder.conf"]);
    assert_eq!((code, shown.lines().count()), (1, 1), "{shown}");
}

#[test]
fn what_a_directive_covers() {
    let at =
        |text: &str| TestDir::new(&[("c.conf", text)]).findings(&["--pedantic", "--select", "CND401,CND9", "c.conf"]);
    for directive in ["; cinderlint: ignore[nas-security-auto]\n", "#cinderlint:ignore [ cnd401 , CND401 ]--x\r\n"] {
        let found = at(&auto(directive));
        assert!(!found.iter().any(|f| f.contains("CND401")), "{directive}: {found:?}");
    }
    // A section, the whole file, the option above.
    let section =
        HEAD.replace("[nfs1]", "# cinderlint: ignore[CND401]\n[nfs1]") + "nas_secure_file_permissions = auto\n";
    assert_eq!(at(&section), [""; 0]);
    assert_eq!(at(&format!("# cinderlint: ignore-file[CND401]\n{}", auto(""))), [""; 0]);
    let default = auto("").replace("[DEFAULT]", "# cinderlint: ignore[CND401]\n[DEFAULT]");
    assert_eq!(at(&default), ["c.conf:1 CND903", "c.conf:9 CND401"]);
    // Further lines of a value belong to the option.
    let place = TestDir::new(&[("c.conf", "[DEFAULT]\n# cinderlint: ignore[CND110]\na = 1\n b # c\n# x\nb = 1 # c\n")]);
    assert_eq!(place.findings(&["--select", "CND110", "c.conf"]), ["c.conf:6 CND110"]);
    // Prose is no directive.
    assert_eq!(at("[DEFAULT]\n# see cinderlint: ignore[CND401]\ndebug = true\n"), [""; 0]);
}

#[test]
fn only_what_was_looked_for_is_called_unused() {
    let place = TestDir::new(&[("c.conf", "# cinderlint: ignore-file[CND112, CND103]\n[DEFAULT]\ndebug = true\n")]);
    let unused = |arguments: &[&str]| place.findings(&[arguments, &["c.conf"]].concat()).len();
    assert_eq!(unused(&["--pedantic"]), 2);
    assert_eq!(unused(&[]), 1);
    assert_eq!(unused(&["--ignore", "CND103"]), 0);
    assert_eq!(unused(&["--select", "CND9"]), 0);
}

#[test]
fn what_holds_for_no_release_that_reads_the_file_is_not_called_unused() {
    let place = TestDir::new(&[("c.conf", "# cinderlint: ignore-file[CND410]\n[DEFAULT]\ndebug = true\n")]);
    assert_eq!(place.findings(&["--release", "pike", "c.conf"]), [""; 0]);
    assert_eq!(place.findings(&["--release", "queens", "c.conf"]), ["c.conf:1 CND903"]);
}

#[test]
fn of_two_directives_the_nearer_is_used() {
    let text = auto("# cinderlint: ignore[CND401]\n").replace("[nfs1]", "# cinderlint: ignore[CND401]\n[nfs1]");
    let place = TestDir::new(&[("c.conf", &text)]);
    assert_eq!(place.findings(&["c.conf"]), ["c.conf:3 CND903"]);
    place.write("c.conf", &format!("# cinderlint: ignore-file[CND401]\n{text}"));
    assert_eq!(place.findings(&["c.conf"]), ["c.conf:1 CND903", "c.conf:4 CND903"]);
}

#[test]
fn mistakes_in_directives_are_answered() {
    let place = TestDir::new(&[("c.conf", "[DEFAULT]\n# cinderlint: ignore[nas-securty-auto] -- x\ndebug = true\n")]);
    let (code, shown, _) = place.said(&["check", "--format", "concise", "c.conf"]);
    assert_eq!(code, 0);
    assert!(
        shown.starts_with("c.conf:2:22: warning[CND902]: ") && shown.contains("did you mean nas-security-auto?"),
        "{shown}"
    );
    for (directive, says) in [
        ("ignore", "the rules must stand in brackets"),
        ("ignore CND401", "the rules must stand in brackets"),
        ("ignor[CND401]", "a directive is"),
        ("ignore[CND401", "the closing bracket is missing"),
        ("ignore[CND401,]", "the brackets name no rule"),
        ("ignore[CND401] - x", "after the bracket, only"),
        ("ignore-file[CND401]", "before the first section header"),
        ("ignore[CND401]", "no option and no section header follows"),
    ] {
        place.write("c.conf", &format!("[DEFAULT]\n#  cinderlint:  {directive}"));
        let (_, shown, _) = place.said(&["check", "--format", "concise", "c.conf"]);
        assert!(shown.starts_with("c.conf:2:1: warning[CND901]: ") && shown.contains(says), "{directive}: {shown}");
    }
}

#[test]
fn secrets_and_controls_in_reasons_are_covered() {
    let text = auto("# cinderlint: ignore[CND401] -- as http://u:hunter2@h/ says \u{1b}[31m\n");
    let place = TestDir::new(&[("c.conf", &text)]);
    for format in ["full", "json", "jsonl", "sarif", "junit"] {
        let (_, shown, _) = place.said(&["check", "--format", format, "c.conf"]);
        assert!(!shown.contains("hunter2") && !shown.contains('\u{1b}') && !shown.contains("u001b"), "{shown}");
    }
}

#[test]
fn many_directives_and_findings_take_linear_time() {
    let mut text = String::from("[DEFAULT]\n");
    for n in 0..20_000 {
        text.push_str(&format!("# cinderlint: ignore[CND110, CND111] -- x\no{n} = 1 # c\n"));
    }
    let place = TestDir::new(&[("c.conf", &text)]);
    let start = std::time::Instant::now();
    let document = place.json(&["check", "--format", "json", "--select", "CND110", "c.conf"]);
    assert_eq!(document["summary"]["suppressed"], 20_000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn suppressions_are_added() {
    let text = "[DEFAULT]\nenabled_backends = nfs1\n# kept\n\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
        nas_host = 192.0.2.1\nnas_share_path = /a\nnas_secure_file_operations = auto\nnfs_mount_attempts = 0,\n  0\n\
        # cinderlint: ignore[CND111] -- OPS-1\nnas_secure_file_permissions = auto\n";
    for end in ["\n", "\r\n", "\r"] {
        let place = TestDir::new(&[("cinderlint.toml", "select = ['CND401', 'CND206', 'CND111']\n")]);
        place.write("cinder.conf", &text.replace('\n', end));
        let (code, _, _) = place.said(&["check", "cinder.conf"]);
        assert_eq!(code, 1);
        let (code, shown, err) = place.said(&["check", "--add-suppressions", "OPS-1", "--diff", "cinder.conf"]);
        assert!(code == 1 && shown.contains("\n+# cinderlint: ignore[CND206] -- OPS-1"), "{shown}");
        assert_eq!(err, "cinderlint: Would suppress 3 findings in 1 file\n");
        let (code, shown, err) = place.said(&["check", "--add-suppressions", "OPS-1", "cinder.conf"]);
        assert_eq!((code, err.as_str()), (0, "cinderlint: Suppressed 3 findings in 1 file\n"), "{shown}");
        let wanted = text
            .replace("nfs_mount", "# cinderlint: ignore[CND206] -- OPS-1\nnfs_mount")
            .replace("nas_secure_file_o", "# cinderlint: ignore[CND401] -- OPS-1\nnas_secure_file_o")
            .replace("[CND111]", "[CND111, CND401]");
        assert_eq!(place.read("cinder.conf"), wanted.replace('\n', end));
        let (code, _, err) = place.said(&["check", "--add-suppressions", "OPS-1", "cinder.conf"]);
        assert_eq!((code, err.as_str(), place.read("cinder.conf")), (0, "", wanted.replace('\n', end)));
    }
}

#[test]
fn what_cannot_be_suppressed_is_said() {
    let text = format!("{}# cinderlint: ignore[CND1]\n", auto(""));
    let place = TestDir::new(&[
        ("cinderlint.toml", "select = ['CND401', 'CND901', 'CND902', 'CND206']\n"),
        ("cinder.conf", &text),
    ]);
    let (_, shown, err) = place.said(&["check", "--add-suppressions", "", "--format", "concise", "cinder.conf"]);
    assert_eq!(err, "cinderlint: Suppressed 1 finding in 1 file; 1 finding cannot be suppressed\n", "{shown}");
    assert!(shown.contains("CND902") || shown.contains("CND901"), "{shown}");
    assert!(place.read("cinder.conf").contains("# cinderlint: ignore[CND401]\nnas_secure_file_permissions"));
    place.write("cinder.conf", &auto(""));
    place.write("cinderlint.toml", "select = ['CND401']\nnot-suppressible = ['CND401']\n");
    let (code, _, err) = place.said(&["check", "--add-suppressions", "x", "cinder.conf"]);
    assert_eq!((code, err.as_str()), (1, "cinderlint: 1 finding cannot be suppressed\n"));
    place.write("cinderlint.toml", "select = ['CND401']\nrequire-suppression-reason = true\n");
    let (code, _, err) = place.said(&["check", "--add-suppressions", " ", "cinder.conf"]);
    assert!(code == 2 && err.contains("the settings require a reason"), "{err}");
    assert_eq!(place.read("cinder.conf"), auto(""));
    // Above a byte order mark nothing may stand, and beside a template a line may not stay one.
    for head in ["\u{feff}[DEFAULT]\nenabled_backends =\n", "[DEFAULT]\n{%- if a %}enabled_backends ="] {
        place.write("cinderlint.toml", "select = ['CND101', 'CND301', 'CND108', 'CND105']\n");
        place.write("cinder.conf", head);
        place.run(&["check", "--add-suppressions", "x", "cinder.conf"]);
        let now = place.read("cinder.conf");
        assert!(now.starts_with(head.lines().next().unwrap()) && !now.contains("x\n{%"), "{now}");
    }
}

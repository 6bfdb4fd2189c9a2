//! The baseline, at the command line.

use crate::command::TestDir;

const AUTO: &str = "[DEFAULT]\nenabled_backends = n\n[n]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
    nas_host = 192.0.2.1\nnas_share_path = /a\nsan_password = hunter2\nnas_secure_file_permissions = auto\n";

/// What further rules say of the files does not matter here.
const RULES: (&str, &str) = ("cinderlint.toml", "select = ['CND401', 'CND105']\n");

#[test]
fn the_past_passes_and_one_more_mistake_is_one_finding() {
    let place = TestDir::new(&[RULES, ("etc/cinder.conf", AUTO), ("b/cinder.conf", AUTO)]);
    assert_eq!(place.findings(&["etc"]).len(), 2);
    let (code, shown, err) = place.said(&["baseline", "write"]);
    assert_eq!((code, shown.as_str(), err.as_str()), (0, "cinderlint-baseline.toml: 4 findings in 4 entries\n", ""));
    let kept = place.read("cinderlint-baseline.toml");
    assert!(!kept.contains("hunter2") && !kept.contains("auto") && !kept.contains("line ="), "{kept}");
    let checked = ["check", "--baseline", "cinderlint-baseline.toml", "."];
    let (code, shown, err) = place.said(&checked);
    assert_eq!((code, err.as_str()), (0, ""), "{shown}");
    // Lines move, and values change.
    let moved = format!("# a note\n\n{}", AUTO.replace("[n]", "\n# n\n[n]").replace("= auto", "= AUTO"));
    place.write("etc/cinder.conf", &moved);
    assert_eq!(place.said(&checked).0, 0);
    place.write("etc/cinder.conf", &format!("{moved}oops\n"));
    assert_eq!(place.findings(&checked[1..]), ["etc/cinder.conf:13 CND105"]);
    let sarif = place.json(&["check", "--format", "sarif", "--baseline", "cinderlint-baseline.toml", "b"]);
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["kind"], "external");
    // The command line may stand elsewhere.
    let output = place.command(&["check", "--baseline", "../cinderlint-baseline.toml", "cinder.conf"]);
    let output = { output }.current_dir(place.path("b")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn an_entry_for_none_lets_none_pass() {
    let place = TestDir::new(&[RULES, ("cinder.conf", AUTO)]);
    let checked = ["check", "--baseline", "cinderlint-baseline.toml", "."];
    place.said(&["baseline", "write"]);
    assert_eq!(place.said(&checked).0, 0);
    let kept = place.read("cinderlint-baseline.toml");
    place.write("cinderlint-baseline.toml", &kept.replace("count = 1", "count = 0"));
    assert_eq!(place.said(&checked).0, 1);
}

#[test]
fn what_is_mended_is_said_and_pruned() {
    let place = TestDir::new(&[RULES, ("a.conf", AUTO), ("b.conf", AUTO)]);
    assert_eq!(place.said(&["baseline", "write", "a.conf", "b.conf"]).0, 0);
    let kept = place.read("cinderlint-baseline.toml");
    place.write(
        "cinderlint-baseline.toml",
        &kept.replacen("count = 1\n", "count = 1\nreason = \"OPS-1\"\nexpires = \"2999-01-31\"\n", 1),
    );
    place.write("b.conf", &AUTO.replace("= auto", "= false"));
    let (code, _, err) = place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf", "b.conf"]);
    assert_eq!(code, 0);
    assert!(
        err.contains("CND401 b.conf n nas_secure_file_permissions: 1 too many") && err.lines().count() == 1,
        "{err}"
    );
    // Of what this run does not read, nothing is said.
    assert_eq!(place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf"]).2, "");
    let (code, shown, _) = place.said(&["baseline", "prune", "a.conf", "b.conf"]);
    assert_eq!((code, shown.as_str()), (0, "cinderlint-baseline.toml: 3 findings in 3 entries\n"));
    let (_, shown, _) = place.said(&["baseline", "show"]);
    assert!(shown.contains("until 2999-01-31  -- OPS-1") && shown.ends_with("3 in 3 entries\n"), "{shown}");
    // Reasons stay when it is written anew.
    assert_eq!(place.said(&["baseline", "write", "a.conf", "b.conf"]).0, 0);
    assert!(place.read("cinderlint-baseline.toml").contains("OPS-1"));
    std::fs::remove_file(place.path("b.conf")).unwrap();
    let (_, shown, _) = place.said(&["baseline", "prune", "a.conf"]);
    assert_eq!(shown, "cinderlint-baseline.toml: 2 findings in 2 entries\n");
}

#[test]
fn of_several_findings_as_many_stay_as_there_are() {
    let two = "[DEFAULT]\nenabled_backends = a\n[a]\nnfs_mount_optons = x\nnfs_mount_optons = y\n";
    let place = TestDir::new(&[("cinderlint.toml", "release = '2026.2'\nselect = ['CND201']\n"), ("a.conf", two)]);
    place.said(&["baseline", "write", "a.conf"]);
    assert!(place.read("cinderlint-baseline.toml").contains("count = 2"));
    place.write("a.conf", &two.replace("nfs_mount_optons = y\n", ""));
    place.said(&["baseline", "prune", "a.conf"]);
    assert!(place.read("cinderlint-baseline.toml").contains("count = 1"));
}

#[test]
fn days_pass() {
    let place = TestDir::new(&[RULES, ("a.conf", AUTO)]);
    assert_eq!(place.said(&["baseline", "write", "a.conf"]).0, 0);
    let kept = place.read("cinderlint-baseline.toml");
    let day = |day: &str| {
        place.write(
            "cinderlint-baseline.toml",
            &kept.replace("count = 1\n", &format!("count = 1\nexpires = \"{day}\"\n")),
        )
    };
    day("2020-02-29");
    let (code, _, err) = place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf"]);
    assert_eq!(code, 1);
    assert!(err.contains("expired on 2020-02-29"), "{err}");
    day("tomorrow");
    let (code, _, err) = place.said(&["check", "--baseline", "cinderlint-baseline.toml", "a.conf"]);
    assert_eq!(code, 2);
    assert!(err.contains("a date is written"), "{err}");
    assert_eq!(place.said(&["check", "--baseline", "missing.toml", "a.conf"]).0, 2);
}

/// The bad examples of all rules, and real files.
fn files_with_a_past() -> Vec<Vec<u8>> {
    let rules = cinderlint::lint::built_in().unwrap();
    let mut files: Vec<Vec<u8>> =
        rules.iter().flat_map(|rule| rule.bad.iter().map(|example| example.file.clone().into_bytes())).collect();
    files.extend(crate::command::repository_files().into_iter().map(|path| std::fs::read(path).unwrap()));
    // DevStack's sections of other files would be taken for Cinder's.
    files.retain(|text| !text.starts_with(b"[["));
    files
}

/// The lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    cinderlint::ini::lines(text).map(|line| line.span.of(text)).collect()
}

/// Comments and blank lines are put in front of some lines, but into no value and not above a byte order mark.
fn with_lines(text: &[u8], seed: usize) -> Vec<u8> {
    let mut new = Vec::new();
    for (nth, line) in lines(text).into_iter().enumerate() {
        let free = !matches!(line.first(), Some(b' ' | b'\t' | 0xef));
        match (nth * 7 + seed) % 5 {
            0 if free => new.extend_from_slice(b"# a note\n"),
            1 if free => new.extend_from_slice(b"\n\n"),
            _ => {}
        }
        new.extend_from_slice(line);
    }
    new
}

/// Assignments that stand one below the other, and go on in no further line, change places.
fn with_moves(text: &[u8], seed: usize) -> Vec<u8> {
    let mut all = lines(text);
    let key = |line: &[u8]| -> Option<Vec<u8>> {
        let starts = line.first().is_some_and(u8::is_ascii_alphanumeric) && line.ends_with(b"\n");
        let at = line.iter().position(|byte| matches!(byte, b'=' | b':')).filter(|_| starts)?;
        Some(line[..at].trim_ascii().to_ascii_lowercase())
    };
    let mut at = 1 + seed % 2;
    while at + 1 < all.len() {
        let goes_on = matches!(all[at + 1].first(), Some(b' ' | b'\t'));
        if let (Some(a), Some(b)) = (key(all[at - 1]), key(all[at]))
            && a != b
            && !goes_on
        {
            all.swap(at - 1, at);
            at += 1;
        }
        at += 1;
    }
    all.concat()
}

/// Behind the first `[DEFAULT]` an option that nobody knows.
fn with_mistake(text: &[u8]) -> Option<Vec<u8>> {
    let mut all = lines(text);
    let at = all.iter().position(|line| line.trim_ascii_end() == b"[DEFAULT]" && line.ends_with(b"\n"))?;
    if matches!(all.get(at + 1)?.first(), Some(b' ' | b'\t')) {
        return None;
    }
    all.insert(at + 1, b"zzqx_zzqx = 1\n");
    Some(all.concat())
}

#[test]
fn lines_may_move_and_one_new_mistake_is_one_finding() {
    let place = TestDir::new(&[]);
    let files = files_with_a_past();
    let names: Vec<String> = (0..files.len()).map(|nth| format!("{nth}.conf")).collect();
    let mut mistakes = 0;
    for some in names.iter().zip(&files).collect::<Vec<_>>().chunks(300) {
        let write = |change: &dyn Fn(&[u8]) -> Vec<u8>| {
            for (name, text) in some {
                std::fs::write(place.path(name), change(text)).unwrap();
            }
        };
        let paths: Vec<&str> = some.iter().map(|(name, _)| name.as_str()).collect();
        write(&|text| text.to_vec());
        let output = place.run(&[&["baseline", "write", "--pedantic", "--form", "ini"], &paths[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let flags = ["--pedantic", "--form", "ini", "--baseline", "cinderlint-baseline.toml"];
        let found = || place.findings(&[&flags, &paths[..]].concat());
        assert_eq!(found(), [""; 0]);
        for seed in 0..2 {
            write(&|text| with_lines(text, seed));
            assert_eq!(found(), [""; 0], "inserted, {seed}");
        }
        for seed in 0..2 {
            write(&|text| with_moves(text, seed));
            assert_eq!(found(), [""; 0], "moved, {seed}");
        }
        write(&|text| with_mistake(text).unwrap_or_else(|| text.to_vec()));
        // Nothing is said of lines that oslo.config does not reach.
        let parsed = place.json(&[&["parse", "--format", "json"], &paths[..]].concat());
        let stops: Vec<Option<u64>> =
            parsed.as_array().unwrap().iter().map(|one| one["errors"][0]["line"].as_u64()).collect();
        let is_reached = |(name, text): &(&String, &Vec<u8>)| {
            let text = with_mistake(text)?;
            let line = lines(&text).iter().position(|line| line.starts_with(b"zzqx_zzqx"))? as u64 + 1;
            let at = paths.iter().position(|path| path == name)?;
            stops[at].is_none_or(|stop| stop > line).then_some(())
        };
        let wrong: Vec<&str> =
            some.iter().filter(|one| is_reached(one).is_some()).map(|(name, _)| name.as_str()).collect();
        let mut told: Vec<String> = found()
            .iter()
            .map(|found| format!("{} {}", found.split(':').next().unwrap(), &found[found.len() - 6..]))
            .collect();
        told.sort();
        let mut wanted: Vec<String> = wrong.iter().map(|name| format!("{name} CND201")).collect();
        wanted.sort();
        mistakes += wrong.len();
        let odd: Vec<&String> = told
            .iter()
            .filter(|one| !wanted.contains(one))
            .chain(wanted.iter().filter(|one| !told.contains(one)))
            .collect();
        assert_eq!(told, wanted, "{odd:?}");
    }
    assert!(mistakes * 8 > files.len(), "{mistakes} of {}", files.len());
}

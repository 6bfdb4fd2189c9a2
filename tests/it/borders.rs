//! What a linted tree names is read inside what was given alone, and files that are not linted are never shown.

use crate::command::TestDir;

const NFS: &str = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_backend_name = a\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n";

/// The output of `check` and `effective` on a configuration that names a list of shares.
fn said(place: &TestDir, path: &str, more: &[&str]) -> String {
    place.write("in/cinder.conf", &format!("{NFS}nfs_shares_config = {path}\n"));
    let mut all = String::new();
    for command in ["check", "effective"] {
        let (code, out, err) = place.said(&[&[command, "in"], more].concat());
        assert_ne!(code, 101, "{err}");
        all.push_str(&out);
        all.push_str(&err);
    }
    all
}

#[test]
#[cfg(target_os = "linux")]
fn no_file_of_the_kernel_is_read() {
    let place = TestDir::new(&[("in/keep", "")]);
    std::os::unix::fs::symlink("/proc/self", place.path("in/self")).unwrap();
    let linked = place.path("in/self/environ");
    for path in [
        "/proc/self/environ",
        "/etc/../proc/self/environ",
        "//proc/kmsg",
        "/sys/kernel/uevent_seqnum",
        "/dev/zero",
        linked.to_str().unwrap(),
    ] {
        for more in [&[][..], &["--root", "/"]] {
            let all = said(&place, path, more);
            assert!(!all.contains("PATH=") && !all.contains("LC_ALL"), "{path} {more:?}: {all}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_list_outside_of_what_was_given_is_not_read() {
    let place = TestDir::new(&[("out/shares", "Mark0001 is no share\n"), ("in/shares", "Mark0002 is no share\n")]);
    std::os::unix::fs::symlink(place.path("out/shares"), place.path("in/link")).unwrap();
    for path in ["out/shares", "in/../out/shares", "in/link"] {
        let all = said(&place, place.path(path).to_str().unwrap(), &[]);
        assert!(!all.contains("Mark0001"), "{path}: {all}");
    }
    assert!(said(&place, place.path("in/shares").to_str().unwrap(), &[]).contains("Mark0002"));
    for more in [&["--root", "/"][..], &["--host"]] {
        assert!(said(&place, place.path("out/shares").to_str().unwrap(), more).contains("Mark0001"), "{more:?}");
    }
    let all = said(&place, place.path("out/shares").to_str().unwrap(), &[]);
    assert!(all.contains("see --host"), "{all}");
}

/// Settings, rules and baselines that are another file by mistake, or because a stranger says so.
#[test]
fn an_unreadable_file_of_ours_is_not_shown() {
    for text in [
        "[registry]\ntoken = \"Mark0001\"\n",
        "[DEFAULT]\nsan_password = Mark0001\n",
        "release = \"Mark0001\"\n",
        "python = \"Mark0001\"\n",
        "Mark0001\n",
        "Mark0001 = 1\n",
        "id = 'Mark0001\n",
        "version = \"Mark0001\"\n",
        "severity = \"Mark0001\"\n",
        "[severities]\nCND401 = \"Mark0001\"\n",
    ] {
        let place =
            TestDir::new(&[("in/cinder.conf", NFS), ("out/x.toml", text), ("rules.toml", "rules-dir = 'out'\n")]);
        for args in [
            &["check", "in", "--settings", "out/x.toml"][..],
            &["check", "in", "--settings", "rules.toml"],
            &["check", "in", "--baseline", "out/x.toml"],
        ] {
            let (code, out, err) = place.said(args);
            assert_eq!(code, 2, "{args:?} {text}: {out}{err}");
            assert!(!out.contains("Mark0001") && !err.contains("Mark0001"), "{args:?} {text}: {out}{err}");
            assert!(err.contains("x.toml"), "{args:?} {text}: {err}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn standard_input_that_is_closed_is_an_error() {
    let place = TestDir::new(&[("cinder.conf", NFS)]);
    for (redirect, code) in [("<&-", 2), ("< /dev/null", 0), ("< cinder.conf", 0)] {
        let line = format!("exec {} check --exit-zero - {redirect}", env!("CARGO_BIN_EXE_cinderlint"));
        let ran = std::process::Command::new("sh").arg("-c").arg(line).current_dir(place.path("")).output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{redirect}: {ran:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_waits_for_no_reader() {
    let place = TestDir::new(&[("cinder.conf", NFS)]);
    assert!(std::process::Command::new("mkfifo").arg(place.path("fifo")).status().unwrap().success());
    let ran = crate::command::run(&place.path(""), &["check", "cinder.conf", "--report", "json=fifo"]);
    assert!(ran.code == 2 && ran.err().contains("fifo"), "{ran:?}");
    let line = format!(
        "cat fifo > out & {} check cinder.conf --exit-zero --report json=fifo; wait",
        env!("CARGO_BIN_EXE_cinderlint")
    );
    // The reader may come a moment later than the report.
    let read = |_: u32| {
        let ran =
            std::process::Command::new("timeout").args(["5", "sh", "-c", &line]).current_dir(place.path("")).output();
        ran.is_ok() && place.read("out").contains("schema_version")
    };
    assert!((0..20).any(read));
}

/// What is outside: a configuration with a mark.
const OUT: &str = "[DEFAULT]\nMark0001 = x\nMark0001 = y\n[Mark0001\n";

/// A tree `in` with links that lead out of it, in every place that is read.
#[cfg(unix)]
fn linked() -> TestDir {
    use std::os::unix::fs::symlink;
    let place = TestDir::new(&[
        ("out/cinder.conf", OUT),
        ("out/values.yaml", "conf:\n  cinder:\n    DEFAULT:\n      Mark0001: 1\n      debug: nonsense\n"),
        ("out/rules/a.toml", "id = 'Mark0001'\n"),
        ("out/cinderlint.toml", "ignore = ['Mark0001']\n"),
        ("in/cinder.conf", NFS),
        ("in/cinder.conf.d/own.conf", "[DEFAULT]\n"),
        ("in/sub/own.conf", "[DEFAULT]\n"),
    ]);
    for (target, link) in [
        ("../out/cinder.conf", "in/cinder-a.conf"),
        ("../out/values.yaml", "in/values.yaml"),
        ("../../out/cinder.conf", "in/cinder.conf.d/x.conf"),
        ("../out", "in/folder"),
        ("../out/cinderlint.toml", "in/x.toml"),
        ("../out/rules", "in/rules"),
        ("/proc/self/environ", "in/cinder-proc.conf"),
    ] {
        symlink(target, place.path(link)).unwrap();
    }
    place
}

#[test]
#[cfg(target_os = "linux")]
fn no_link_out_of_what_was_given_is_followed() {
    let place = linked();
    for (args, told) in [
        (&["check", "in"][..], &["in/cinder-a.conf", "in/cinder.conf.d/x.conf", "in/cinder-proc.conf"][..]),
        (&["check", "in/cinder-a.conf"], &["in/cinder-a.conf"]),
        (&["check", "--config-file", "in/cinder-a.conf"], &["in/cinder-a.conf"]),
        (&["check", "--config-dir", "in/cinder.conf.d"], &["in/cinder.conf.d/x.conf"]),
        (&["check", "--config-dir", "in/folder"], &["in/folder"]),
        (&["check", "in/folder"], &["in/folder"]),
        (&["check", "--no-settings", "in/folder/cinder.conf"], &[]),
        (&["check", "in/sub/own.conf", "--settings", "in/x.toml"], &["in/x.toml"]),
        (&["check", "in/sub/own.conf", "--baseline", "in/x.toml"], &["in/x.toml"]),
        (&["baseline", "show", "--baseline", "in/x.toml"], &["in/x.toml"]),
        (&["check", "in/sub/own.conf", "--vars", "in/values.yaml"], &["in/values.yaml"]),
        (&["parse", "in/cinder-a.conf"], &["in/cinder-a.conf"]),
        (&["effective", "in"], &["in/cinder-a.conf"]),
    ] {
        let (code, out, err) = place.said(args);
        let followed = args.contains(&"in/folder/cinder.conf");
        assert_eq!(code, if followed { 1 } else { 2 }, "{args:?}: {out}{err}");
        assert!(followed || !(out.clone() + &err).contains("Mark0001"), "{args:?}: {out}{err}");
        for path in told {
            let lines = err.lines().filter(|line| line.contains(&format!("{path}: ")));
            assert_eq!(lines.count(), 1, "{args:?} {path}: {err}");
        }
    }
    // What the user says is the host's is read, but for what the kernel makes.
    let (code, out, err) = place.said(&["check", "--host", "in/cinder-a.conf", "in/cinder-proc.conf"]);
    assert!(code == 2 && out.contains("Mark0001") && !out.contains("PATH"), "{out}{err}");
}

#[test]
#[cfg(unix)]
fn links_inside_of_what_was_given_are_followed() {
    let place = TestDir::new(&[("in/..data/cinder.conf", "[DEFAULT]\ndebug = x\n"), ("cinder.conf", "")]);
    std::os::unix::fs::symlink("..data/cinder.conf", place.path("in/cinder.conf")).unwrap();
    std::os::unix::fs::symlink("in", place.path("now")).unwrap();
    for path in ["in", "in/cinder.conf", "now", "now/cinder.conf", "./now/../now/cinder.conf"] {
        let (code, out, err) = place.said(&["check", path]);
        assert!(code == 1 && out.contains("debug"), "{path}: {out}{err}");
    }
    let whole = place.path("now/cinder.conf");
    assert_eq!(place.said(&["check", whole.to_str().unwrap()]).0, 1);
}

/// Settings of a tree choose inside of it.
#[test]
#[cfg(unix)]
fn settings_of_a_tree_read_nothing_outside() {
    let place = linked();
    let out = place.path("out");
    for (settings, said) in [
        ("rules-dir = 'rules'\n".to_string(), "rules-dir"),
        ("rules-dir = '../out/rules'\n".to_string(), "rules-dir"),
        (format!("rules-dir = '{}'\n", out.join("rules").display()), "rules-dir"),
        (
            "[[deployment]]\nname = 'x'\nconfig-files = ['sub/own.conf', '../out/cinder.conf']\n".to_string(),
            "out/cinder.conf",
        ),
        (
            "[[deployment]]\nname = 'x'\nconfig-files = ['sub/own.conf', 'cinder-a.conf']\n".to_string(),
            "in/cinder-a.conf",
        ),
        (
            format!(
                "[[deployment]]\nname = 'x'\nconfig-files = ['sub/own.conf']\nconfig-dirs = ['{}']\n",
                out.display()
            ),
            "out: ",
        ),
        ("root = '../out'\n".to_string(), "out: "),
        ("root = 'folder'\n".to_string(), "in/folder: "),
        ("root = '/'\n".to_string(), ": "),
    ] {
        place.write("in/cinderlint.toml", &settings);
        for path in ["in/sub/own.conf", "in/sub"] {
            let (code, out, err) = place.said(&["check", path]);
            let all = out + &err;
            let nothing_there = path == "in/sub" && all.contains("no cinder*.conf");
            assert!(code == 2 && !all.contains("Mark0001"), "{settings} {path}: {all}");
            assert!(all.contains(said) || nothing_there, "{settings} {path}: {all}");
        }
        // Where people say so, settings are not looked for.
        assert_eq!(place.said(&["check", "--isolated", "in/sub/own.conf"]).0, 0, "{settings}");
    }
}

/// A file that `--fix` would change.
#[cfg(unix)]
const FIXABLE: &str = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = h\nnas_share_path = /x\nnas_secure_file_operations = no\nnas_secure_file_permissions = false\n";

#[test]
#[cfg(unix)]
fn fixes_stay_inside_of_what_was_given() {
    use std::os::unix::fs::symlink;
    let place = TestDir::new(&[
        ("out/cinder.conf", FIXABLE),
        ("in/own.conf", "[DEFAULT]\n"),
        ("in/real/cinder.conf", FIXABLE),
        ("cinderlint.toml", "[[deployment]]\nname = 'x'\nconfig-files = ['in/own.conf', 'out/cinder.conf']\n"),
    ]);
    symlink("../out/cinder.conf", place.path("in/cinder.conf")).unwrap();
    symlink("real/cinder.conf", place.path("in/cinder-inner.conf")).unwrap();
    symlink("../out", place.path("in/folder")).unwrap();
    let fix = ["check", "--fix", "--unsafe-fixes"];
    // What the settings beside both declare is read; only what was given is written.
    for paths in [&["in"][..], &["in/cinder.conf"], &["in/own.conf"], &["--no-settings", "in"]] {
        let (code, out, err) = place.said(&[&fix[..], paths].concat());
        assert!(code == 2 && err.contains("cinder.conf: "), "{paths:?}: {out}{err}");
        assert_eq!(place.read("out/cinder.conf"), FIXABLE, "{paths:?}");
    }
    assert_ne!(place.read("in/real/cinder.conf"), FIXABLE, "a link inside is followed");
    assert!(place.path("in/cinder-inner.conf").is_symlink());
    let (code, out, err) = place.said(&[&fix[..], &["out/cinder.conf", "in/own.conf"]].concat());
    assert!(code < 2 && place.read("out/cinder.conf") != FIXABLE, "{out}{err}");
}

#[test]
#[cfg(unix)]
fn no_report_is_written_through_a_link_that_leads_away() {
    use std::os::unix::fs::symlink;
    let place = TestDir::new(&[("in/cinder.conf", "[DEFAULT]\n"), ("in/sub/keep", "")]);
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("kept"), "kept").unwrap();
    symlink(out.path().join("kept"), place.path("in/report")).unwrap();
    symlink(out.path().join("new"), place.path("in/dangling")).unwrap();
    symlink(out.path(), place.path("in/folder")).unwrap();
    symlink("sub/own", place.path("in/inner")).unwrap();
    std::fs::write(place.path("in/sub/own"), "old").unwrap();
    for path in ["in/report", "in/dangling", "in/folder/new", "in/folder/kept"] {
        for args in [
            &["check", "in/cinder.conf", "--report", &format!("json={path}")][..],
            &["baseline", "write", "in/cinder.conf", "--baseline", path],
        ] {
            let (code, said, err) = place.said(args);
            assert!(code == 2 && err.contains(path), "{args:?}: {said}{err}");
        }
    }
    assert_eq!(std::fs::read_to_string(out.path().join("kept")).unwrap(), "kept");
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1);
    assert_eq!(place.said(&["check", "in/cinder.conf", "--report", "json=in/inner"]).0, 0);
    assert!(place.read("in/sub/own").contains("schema_version"));
    assert_eq!(place.said(&["check", "in/cinder.conf", "-q", "--report", "json=/dev/stdout"]).0, 0);
}

#[test]
#[cfg(unix)]
fn an_ignore_file_that_is_none() {
    let place = TestDir::new(&[("in/cinder.conf", "[DEFAULT]\n")]);
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("x"), "cinder.conf\n").unwrap();
    std::os::unix::fs::symlink(out.path().join("x"), place.path("in/.gitignore")).unwrap();
    let (code, _, err) = place.said(&["check", "in"]);
    assert!(code == 2 && err.contains("symbolic link"), "{err}");
    std::fs::remove_file(place.path("in/.gitignore")).unwrap();
    place.write("in/.gitignore", &"a*b*c*d\n".repeat(1 << 17));
    let (code, _, err) = place.said(&["check", "in"]);
    assert!(code == 2 && err.contains("larger than"), "{err}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_document_that_is_none_is_not_shown() {
    let place = TestDir::new(&[
        ("x.json", "{\"schema_version\": 1, \"hosts\": \"Mark0001\"}"),
        ("y.json", "{\"auths\": \"Mark0001\"}"),
    ]);
    for path in ["x.json", "y.json"] {
        let (code, out, err) = place.said(&["audit", "--merge", path]);
        assert!(code == 2 && err.contains(path) && !(out + &err).contains("Mark0001"), "{path}: {err}");
    }
}

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

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

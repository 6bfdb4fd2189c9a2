//! `--fix` and `--diff` where the configuration stands inside of another file.

use std::{io::Write, process::Stdio};

use crate::command::TestDir;

const RULES: (&str, &str) =
    ("cinderlint.toml", "release = '2026.2'\nselect = ['CND601', 'CND450', 'CND403', 'CND903']\n");

/// A control plane; `B` stands for the driver of the backup, `A` for a number, `S` for a boolean.
const PLANE: &str = "# caf\u{e9}\nkind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderBackups:\n        one:\n\
    \x20         customServiceConfig: |-\n            [DEFAULT]\n            backup_driver = B\n            backup_share = h:/b\n\
    \x20     cinderVolumes:\n        nfs:\n          customServiceConfig: |\n            [nfs]\n\
    \x20           volume_driver = cinder.volume.drivers.nfs.NfsDriver\n            san_password = hunter2\n\
    \x20           nfs_mount_attempts = A\n            nas_secure_file_permissions = false\n\
    \x20           nas_secure_file_operations = S\n\
    \x20       quoted:\n          customServiceConfig: \"[quoted]\\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\\nnfs_mount_attempts = A\\n\"\n";

fn plane(driver: &str, attempts: &str, secure: &str) -> String {
    let text = PLANE.replace("= B", &format!("= {driver}"));
    text.replace("= A", &format!("= {attempts}")).replace("= S", &format!("= {secure}"))
}

fn old() -> String {
    plane("cinder.backup.drivers.nfs", "0", "no")
}

fn safe() -> String {
    plane("cinder.backup.drivers.nfs.NFSBackupDriver", "1", "no")
}

#[test]
fn fixes_are_written_into_yaml_and_once_is_enough() {
    for ends in ["\n", "\r\n"] {
        let place = TestDir::new(&[RULES, ("cr.yaml", &old().replace('\n', ends))]);
        let (code, out, err) = place.said(&["check", "--fix", "--format", "concise", "."]);
        assert_eq!((code, err.as_str()), (1, "cinderlint: Fixed 3 findings in 1 file\n"), "{out}");
        assert_eq!(place.read("cr.yaml"), safe().replace('\n', ends));
        let (code, _, err) = place.said(&["check", "--fix", "--format", "concise", "."]);
        assert_eq!((code, err.as_str()), (1, ""));
        let (code, out, err) = place.said(&["check", "--fix", "--unsafe-fixes", "--format", "concise", "."]);
        assert_eq!((code, out.as_str(), err.as_str()), (0, "", "cinderlint: Fixed 1 finding in 1 file\n"));
        let all = plane("cinder.backup.drivers.nfs.NFSBackupDriver", "1", "false").replace('\n', ends);
        assert_eq!(place.read("cr.yaml"), all);
        let again = place.said(&["check", "--fix", "--unsafe-fixes", "--format", "concise", "."]);
        assert_eq!(again, (0, "".into(), "".into()));
        assert_eq!(place.read("cr.yaml"), all);
    }
}

#[test]
fn the_difference_is_that_of_the_file_and_covers_secrets() {
    let place = TestDir::new(&[RULES, ("cr.yaml", &old())]);
    let (code, out, err) = place.said(&["check", "--diff", "."]);
    assert_eq!((code, err.as_str()), (1, "cinderlint: Would fix 3 findings in 1 file\n"));
    assert!(out.contains("-            nfs_mount_attempts = 0\n+            nfs_mount_attempts = 1\n"), "{out}");
    assert!(!out.contains("hunter2") && out.contains("             san_password = *******\n"), "{out}");
    assert_eq!(place.read("cr.yaml"), old());
}

#[test]
fn standard_input_goes_through_the_forms() {
    let place = TestDir::new(&[RULES]);
    let mut command = place.command(&["check", "--fix", "--stdin-filename", "x.yaml", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(old().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), safe());
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("Fixed 3 findings in 1 file") && err.contains("x.yaml:"), "{err}");
}

/// A directive that nothing needs goes with its line, indentation and all.
#[test]
fn whole_lines_are_removed() {
    let with = safe()
        .replace("            san_password", "            # cinderlint: ignore[CND450] -- x\n            san_password");
    let place = TestDir::new(&[RULES, ("cr.yaml", &with)]);
    let (_, out, err) = place.said(&["check", "--fix", "--format", "concise", "."]);
    assert_eq!(place.read("cr.yaml"), safe(), "{out}{err}");
    assert_eq!(err, "cinderlint: Fixed 1 finding in 1 file\n");
}

#[test]
fn what_a_template_writes_is_never_fixed() {
    let text = plane("cinder.backup.drivers.{{ nfs }}", "{{ attempts }}", "{{ 'no' }}");
    let place = TestDir::new(&[RULES, ("cr.yaml.j2", &text)]);
    place.said(&["check", "--fix", "--unsafe-fixes", "."]);
    assert_eq!(place.read("cr.yaml.j2"), text);
}

#[test]
fn no_directives_are_written_into_yaml() {
    let place = TestDir::new(&[RULES, ("cr.yaml", &old())]);
    let (_, _, err) = place.said(&["check", "--add-suppressions", "for now", "."]);
    assert!(err.contains("4 findings cannot be suppressed (cinderlint writes no directives into YAML"), "{err}");
    assert_eq!(place.read("cr.yaml"), old());
}

#[test]
fn renames_and_moves_are_written_into_yaml_where_the_place_is_exact() {
    let block = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: cinder-config
data:
  cinder.conf: |
    [DEFAULT]
    enabled_backends = b
    verbose = true
    notification_topics = x
    [b]
    volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver
    iscsi_helper = tgtadm
  other: text
";
    let place = TestDir::new(&[("cinder-map.yaml", block)]);
    place.run(&["upgrade", "--from", "ocata", "--fix", "cinder-map.yaml"]);
    let moved = block.replace("    notification_topics = x\n", "").replace("iscsi_helper", "target_helper");
    let moved = moved.replace("  other:", "\n    [oslo_messaging_notifications]\n    topics = x\n  other:");
    assert_eq!(place.read("cinder-map.yaml"), moved);
    place.run(&["upgrade", "--from", "ocata", "--fix", "--unsafe-fixes", "cinder-map.yaml"]);
    assert!(!place.read("cinder-map.yaml").contains("verbose"), "{}", place.read("cinder-map.yaml"));

    let last = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: cinder-config
data:
  cinder.conf: |
    [DEFAULT]
    debug = true
    notification_topics = x
  other: text
";
    let place = TestDir::new(&[("cinder-map.yaml", last)]);
    place.run(&["upgrade", "--from", "ocata", "--fix", "cinder-map.yaml"]);
    let moved = last.replace("notification_topics", "[oslo_messaging_notifications]\n    topics");
    assert_eq!(place.read("cinder-map.yaml"), moved);

    let map = "\
cinder_backends:
  one: &one
    volume_driver: cinder.volume.drivers.lvm.LVMVolumeDriver
    iscsi_helper: tgtadm
  two:
    volume_driver: cinder.volume.drivers.lvm.LVMVolumeDriver
    iscsi_protocol: iscsi
";
    let place = TestDir::new(&[("user_variables.yml", map)]);
    place.run(&["upgrade", "--from", "ocata", "--fix", "user_variables.yml"]);
    let renamed = map.replace("iscsi_helper", "target_helper").replace("iscsi_protocol", "target_protocol");
    assert_eq!(place.read("user_variables.yml"), renamed);

    let shared = map.replace("  two:\n", "  two:\n    <<: *one\n");
    let place = TestDir::new(&[("user_variables.yml", &shared)]);
    place.run(&["upgrade", "--from", "ocata", "--fix", "user_variables.yml"]);
    let kept = place.read("user_variables.yml");
    assert!(
        kept.contains("    iscsi_helper: tgtadm\n") && kept.contains("target_protocol"),
        "two backends have it: {kept}"
    );
}

/// Somebody turns a folder into a link and back while a file in it is written: nothing is written where the link leads.
#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_becomes_a_link_meanwhile() {
    use std::{
        fs, io,
        os::unix::fs::symlink,
        sync::atomic::{AtomicBool, Ordering},
    };

    let place = TestDir::new(&[("in/a/cinder.conf", "old"), ("out/cinder.conf", "old")]);
    let root = place.path("").canonicalize().unwrap();
    let path = |name: &str| root.join(name);
    let done = AtomicBool::new(false);
    let may = |real: &std::path::Path| match real.starts_with(path("in")) {
        true => Ok(()),
        false => Err(io::ErrorKind::PermissionDenied.into()),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                fs::rename(path("in/a"), path("in/real")).unwrap();
                symlink(path("out"), path("in/a")).unwrap();
                fs::remove_file(path("in/a")).unwrap();
                fs::rename(path("in/real"), path("in/a")).unwrap();
            }
        });
        for _ in 0..1500 {
            let replaced = cinderlint::fix::replace(&path("in/a/cinder.conf"), Some(b"old"), b"new", &may);
            if replaced.is_ok() {
                let _ = ["in/a/cinder.conf", "in/real/cinder.conf"].map(|name| {
                    fs::OpenOptions::new()
                        .write(true)
                        .truncate(true)
                        .open(path(name))
                        .and_then(|mut file| file.write_all(b"old"))
                });
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    // How often it came to a write is chance; now nothing is in its way.
    fs::write(path("in/a/cinder.conf"), "old").unwrap();
    cinderlint::fix::replace(&path("in/a/cinder.conf"), Some(b"old"), b"new", &may).unwrap();
    assert_eq!(fs::read_to_string(path("out/cinder.conf")).unwrap(), "old");
    let left = fs::read_dir(path("out")).unwrap().count();
    assert_eq!(left, 1, "nothing else was made there");
}

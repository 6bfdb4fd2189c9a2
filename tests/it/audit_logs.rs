//! What cinder-volume's own log tells: what was in force, since when, and what no file holds.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Write as _,
    time::{Duration, SystemTime},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use crate::command::TestDir;

/// The MD5 of 192.0.2.10:/export/cinder.
pub(crate) const DIGEST: &str = "93f6d10e708470ccc959ceb8398f77a1";
const CONF: &str = "\
[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.10
nas_share_path = /export/cinder
";

/// The same configuration with the pair stated.
pub(crate) fn stated() -> String {
    format!("{CONF}nas_secure_file_operations = false\nnas_secure_file_permissions = false\n")
}

/// What the service of the incident wrote: a new installation, then a volume.
fn log() -> String {
    format!(
        "2024-05-01 10:00:00.000 7 INFO cinder.volume.drivers.remotefs [req-1 - - - - -] New Cinder secure environment indicator file created at path /var/lib/cinder/mnt/{DIGEST}/.cinderSecureEnvIndicator.\n\
         2024-05-01 10:00:00.010 7 DEBUG cinder.volume.drivers.nfs [req-1 - - - - -] NAS variable secure_file_permissions setting is: true set_nas_security_options /usr/lib/nfs.py:430\n\
         2024-05-01 10:00:00.020 7 DEBUG cinder.volume.drivers.nfs [req-1 - - - - -] NAS secure file operations setting is: true set_nas_security_options /usr/lib/nfs.py:450\n\
         2024-05-02 11:00:00.000 7 DEBUG oslo_concurrency.processutils [req-2 u p - default default] Running cmd (subprocess): chmod 660 /var/lib/cinder/mnt/{DIGEST}/volume-1 execute /usr/lib/processutils.py:384\n\
         2024-05-02 11:00:00.010 7 DEBUG oslo_concurrency.processutils [req-2 u p - default default] CMD \"chmod 660 /var/lib/cinder/mnt/{DIGEST}/volume-1\" returned: 0 in 0.005s execute /usr/lib/processutils.py:422\n"
    )
}

/// The configuration, as old as a day in 2024.
fn place(conf: &str) -> TestDir {
    let place = TestDir::new(&[("etc/cinder/cinder.conf", conf), ("proc/self/mountinfo", "")]);
    age(&place, 1_714_000_000);
    place
}

fn age(place: &TestDir, seconds: u64) {
    let file = fs::File::options().write(true).open(place.path("etc/cinder/cinder.conf")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

fn effective(place: &TestDir, logs: &[&str]) -> Value {
    let mut arguments = vec!["effective", "--format", "json", "etc/cinder/cinder.conf"];
    logs.iter().for_each(|log| arguments.extend(["--log", log]));
    place.json(&arguments)["deployments"][0]["backends"][0]["nas"].clone()
}

#[test]
fn what_the_log_proves() {
    let place = place(CONF);
    assert_eq!(effective(&place, &[])["nas_secure_file_permissions"]["effective"], "undetermined");
    let own = log();
    place.write("own.log", &own);
    let prefixed: String =
        own.lines().map(|line| format!("2024-05-01T08:00:00.123456789Z stderr F {line}\n")).collect();
    place.write("cri.log", &prefixed);
    let journal: String = own
        .lines()
        .map(|line| {
            format!(
                "{}\n",
                serde_json::json!({"__REALTIME_TIMESTAMP": "1714550400000000", "MESSAGE": line, "_PID": "1"})
            )
        })
        .collect();
    place.write("journal.json", &journal);
    // Python 2 writes its lines alike; the subprocess module's older words stand before the command.
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(own.as_bytes()).unwrap();
    fs::write(place.path("volume.log.1.gz"), gz.finish().unwrap()).unwrap();
    for name in ["own.log", "cri.log", "journal.json", "volume.log.1.gz"] {
        let nas = effective(&place, &[name]);
        for option in ["nas_secure_file_operations", "nas_secure_file_permissions"] {
            assert_eq!(nas[option]["effective"], "true", "{name}: {nas}");
            let because = nas[option]["because"].as_str().unwrap();
            assert!(because.starts_with(&format!("the log proves it: {name}:")), "{because}");
        }
    }
    let (code, text, err) = place.said(&["effective", "etc/cinder/cinder.conf", "--log", "own.log"]);
    assert!(code == 0 && text.contains("the log proves it: own.log:"), "{text}{err}");
    // A later start counts, whatever the order of the files.
    place.write(
        "later.log",
        "2024-05-03 18:00:00.000 9 WARNING cinder.volume.drivers.nfs [-] The NAS file permissions mode will be 666 (allowing other/world read & write access).\n\
         2024-05-03 18:00:00.001 9 WARNING cinder.volume.drivers.nfs [-] The NAS file operations will be run as root: allowing root level access at the storage backend.\n",
    );
    for order in [["own.log", "later.log"], ["later.log", "own.log"]] {
        let nas = effective(&place, &order);
        assert_eq!(nas["nas_secure_file_permissions"]["effective"], "false", "{nas}");
    }
    let (code, _, err) = place.said(&["effective", "etc/cinder/cinder.conf", "--log", "missing.log"]);
    assert!(code == 2 && err.contains("missing.log"), "{err}");
    // The configuration was changed after the log ends.
    age(&place, 1_800_000_000);
    let nas = effective(&place, &["own.log"]);
    assert_eq!(nas["nas_secure_file_permissions"]["effective"], "undetermined");
    assert!(nas["nas_secure_file_permissions"]["because"].as_str().unwrap().contains("it proves nothing"), "{nas}");
    // What is stated is not asked of a log.
    let stated = place_with_stated();
    stated.write("own.log", &own);
    assert_eq!(effective(&stated, &["own.log"])["nas_secure_file_permissions"]["effective"], "false");
}

fn place_with_stated() -> TestDir {
    place(&stated())
}

#[test]
fn the_time_line_of_a_backend() {
    let place = place(CONF);
    place.write("own.log", &log());
    let host = place.json(&["audit", "--root", ".", "--log", "own.log", "--format", "json"])["hosts"][0].clone();
    let backend = &host["backends"][0];
    assert_eq!(backend["permissions"]["now"], "true", "{backend}");
    assert!(
        backend["permissions"]["because"].as_str().unwrap().starts_with("the log proves it: own.log:2"),
        "{backend}"
    );
    let told: Vec<&str> = backend["told"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "a start came to nas_secure_file_operations true, nas_secure_file_permissions true; the volume database was empty, and the indicator was made",
            "1 × a file was made 0660 by cinder's user",
        ]
    );
    let (_, text, _) = place.said(&["audit", "--root", ".", "--log", "own.log"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("log: 2024-05-02 11:00:00.010 1 × a file was made 0660 by cinder's user (own.log:5)"),
        "{text}"
    );
    age(&place, 1_800_000_000);
    let host = place.json(&["audit", "--root", ".", "--log", "own.log", "--format", "json"])["hosts"][0].clone();
    assert_ne!(host["backends"][0]["permissions"]["now"], "true");
    assert!(host["unseen"].to_string().contains("the log ends before the configuration was changed"));
}

/// No secret of a line is told, and no line of a log is too much.
#[test]
fn hostile_logs() {
    let place = place(CONF);
    let secret = "hunter2";
    place.write(
        "odd.log",
        &format!(
            "{{\"MESSAGE\": \"password={secret} chmod 660 /m/{DIGEST}/volume-1\"}}\n\
             2024-05-01 10:00:00.000 7 D [-] CMD \"chmod 660 /m/{DIGEST}/volume-1\" returned: 0 in 0.1s password={secret}\n\
             9999-99-99 99:99:99 7 D [-] NAS variable secure_file_permissions setting is: {secret}\n{{{{{{{{\n\u{1b}[31m\n"
        ),
    );
    for format in ["full", "json", "html", "prometheus"] {
        let (code, out, err) = place.said(&["audit", "--root", ".", "--log", "odd.log", "--format", format]);
        assert!(code <= 1 && !out.contains(secret) && !err.contains(secret), "{format}: {out}{err}");
    }
}

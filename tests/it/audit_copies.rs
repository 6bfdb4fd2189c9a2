//! What `audit` says of copies of hosts: what is missing in them is said, and nothing is judged by it.
#![cfg(target_os = "linux")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    process::Command,
};

use serde_json::Value;

use crate::{
    audit_logs::{DIGEST, stated},
    command::{BINARY, TestDir},
};

const PASSWD: &str = "root:x:0:0:::\ncinder:x:64061:64061:::\nqemu:x:64055:64055:::\n";
const VOLUME: &str = "volume-00000000-0000-4000-8000-000000000001";

fn guest(path: &str) -> String {
    format!(
        "<domstatus state='running' pid='0'><domain type='kvm'><name>instance-1</name><uuid>u-1</uuid><devices>\
         <disk type='file'><source file='{path}'/><target dev='vda'/></disk></devices>\
         <seclabel type='dynamic' model='dac'><label>+64055:+64055</label></seclabel></domain></domstatus>"
    )
}

fn unseen(host: &Value) -> String {
    let all = host["unseen"].as_array().unwrap();
    all.iter().map(|one| format!("{} | {}\n", one["what"].as_str().unwrap(), one["why"].as_str().unwrap())).collect()
}

fn audited(place: &TestDir) -> Value {
    place.json(&["audit", "--root", ".", "--owners", "--format", "json"])["hosts"][0].clone()
}

/// A guest of a copy without a table of mounts is tied to its share by the digest, whatever the base is.
#[test]
fn guests_without_a_table_of_mounts() {
    let place = TestDir::new(&[
        ("etc/cinder/cinder.conf", &stated()),
        ("etc/passwd", PASSWD),
        ("run/libvirt/qemu/instance-1.xml", &guest(&format!("/var/lib/nova/mnt/{DIGEST}/{VOLUME}"))),
    ]);
    place.write(&format!("var/lib/cinder/mnt/{DIGEST}/{VOLUME}"), "");
    let share = place.path(&format!("var/lib/cinder/mnt/{DIGEST}"));
    fs::set_permissions(share.join(VOLUME), fs::Permissions::from_mode(0o600)).unwrap();
    let host = audited(&place);
    assert_eq!(host["shares"].as_array().unwrap().len(), 1);
    assert_eq!(host["shares"][0]["also_at"][0], format!("/var/lib/nova/mnt/{DIGEST}"));
    let disk = &host["machines"][0]["disks"][0];
    assert_eq!((&disk["share"], &disk["there"], &disk["open"]), (&0.into(), &"yes".into(), &"no".into()));
    assert!(unseen(&host).contains("the mounts that guests' disks are on"), "{}", unseen(&host));
    let found = host["findings"].as_array().unwrap();
    let closed = found.iter().find(|finding| finding["rule"] == "CND721").unwrap();
    assert!(!closed["message"].as_str().unwrap().contains("no running guest"), "{closed}");
    // A compute host knows no address: the digest is all there is.
    let place = TestDir::new(&[(
        "run/libvirt/qemu/instance-1.xml",
        &guest(&format!("/var/lib/nova/mnt/0123456789abcdef0123456789abcdef/{VOLUME}")),
    )]);
    let host = audited(&place);
    assert_eq!(host["shares"][0]["address"], "the share with the MD5 0123456789abcdef0123456789abcdef");
    assert_eq!((&host["machines"][0]["disks"][0]["there"], &host["name"]), (&"unknown".into(), &"host unknown".into()));
}

#[test]
fn what_nobody_looks_at_is_named() {
    let place = TestDir::new(&[(
        "etc/cinder/cinder.conf",
        "[DEFAULT]\nenabled_backends = rbd1,lvm1\nbackup_driver = cinder.backup.drivers.nfs.NFSBackupDriver\n\
         backup_share = 192.0.2.30:/backup\n[rbd1]\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n[lvm1]\n\
         volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver\n",
    )]);
    let (code, text, _) = place.said(&["audit", "--root", "."]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 backends: rbd1 (RBDDriver), lvm1 (LVMVolumeDriver): audit looks at"), "{text}");
    assert!(text.contains("the share for backups, 192.0.2.30:/backup: audit looks at"), "{text}");
    assert!(text.starts_with("host unknown:"), "{text}");
}

/// `***` stands where a program that collected the files covered a value.
#[test]
fn covered_values_are_unknown() {
    let covered = stated().replace("nas_share_path = /export/cinder", "nas_share_path = *********");
    let place = TestDir::new(&[("etc/cinder/cinder.conf", &covered), ("proc/self/mountinfo", "")]);
    let host = audited(&place);
    assert_eq!(host["shares"].as_array().unwrap().len(), 0, "{host}");
    assert!(unseen(&host).contains("the shares of backend nfs1"), "{}", unseen(&host));
    let permissions = covered.replace("permissions = false", "permissions = ***");
    place.write("etc/cinder/cinder.conf", &permissions.replace("*********", "/export/cinder"));
    let host = audited(&place);
    assert_eq!(host["backends"][0]["permissions"]["restart"], "undetermined");
    let (code, out, err) = place.said(&["check", "etc/cinder/cinder.conf", "--fail-on", "info"]);
    assert!(code <= 1 && !out.contains("CND209"), "{out}{err}");
}

/// Whoever extracts an archive without being root owns all of it.
#[test]
fn owners_of_an_extracted_archive() {
    const SOMEBODY: u32 = 64_997;
    let place = TestDir::new(&[("etc/cinder/cinder.conf", &stated()), ("etc/passwd", PASSWD), ("etc/hostname", "a\n")]);
    place.write(&format!("var/lib/cinder/mnt/{DIGEST}/{VOLUME}"), "");
    fs::set_permissions(
        place.path(&format!("var/lib/cinder/mnt/{DIGEST}/{VOLUME}")),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        for entry in walkdir::WalkDir::new(place.path("")) {
            chown(entry.unwrap().path(), Some(SOMEBODY), Some(SOMEBODY)).unwrap();
        }
    }
    let run = |more: &[&str]| -> Value {
        let script =
            "if [ $(id -u) = 0 ]; then exec setpriv --reuid 64997 --regid 64997 --clear-groups \"$@\"; fi; exec \"$@\"";
        let arguments = ["audit", "--root", ".", "--format", "json"];
        let mut command = Command::new("bash");
        command.args(["-c", script, "bash", BINARY]).args(arguments).args(more);
        let output = command.current_dir(place.path("")).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))["hosts"]
            [0]
        .clone()
    };
    let host = run(&[]);
    let rules: Vec<&str> =
        host["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    // What modes alone say stays.
    assert_eq!((&host["owners_kept"], rules), (&false.into(), vec!["CND723"]), "{host}");
    assert!(unseen(&host).contains("the owners of files"), "{}", unseen(&host));
    let host = run(&["--owners"]);
    assert!(host["findings"].to_string().contains("CND721"), "{host}");
}

/// A sosreport has users from `getent`, command lines from `ps`, and the mounts of a container in the table of its service.
#[test]
fn a_sosreport_is_read_by_what_it_has() {
    let place = TestDir::new(&[
        ("etc/cinder/cinder.conf", &stated()),
        ("etc/libvirt/qemu.conf", "user = \"nova\"\n"),
        ("sos_reports/manifest.json", "{}"),
        ("sos_commands/getent/getent_passwd", "cinder:x:165:165:::\nnova:x:162:162:::\n"),
        ("sos_commands/getent/getent_group", "cinder:x:165:\nnova:x:162:\n"),
        (
            "sos_commands/process/ps_axo_flags_state_uid_pid_ppid_lstart_tty_time_cmd",
            "F S   UID     PID    PPID                  STARTED TT           TIME CMD\n\
             4 S     0       1       0 Mon Nov  2 09:00:00 2026 ?        00:00:05 /usr/lib/systemd/systemd\n\
             4 S   165    4242       1 Mon Nov  2 09:01:00 2026 ?        00:10:05 /usr/bin/python3 /usr/bin/cinder-volume \
             --config-file /etc/cinder/cinder.conf\n",
        ),
        ("proc/4242/status", "Uid:\t165\t165\t165\t165\nGid:\t165\t165\t165\t165\nGroups:\t165\n"),
        ("proc/self/mountinfo", "22 1 253:0 / / rw - xfs /dev/root rw\n"),
    ]);
    let mount = format!(
        "22 1 253:0 / / rw - xfs /dev/root rw\n36 22 0:44 / /var/lib/cinder/mnt/{DIGEST} rw - nfs4 192.0.2.10:/export/cinder rw\n"
    );
    place.write("proc/4242/mountinfo", &mount);
    let host = audited(&place);
    assert_eq!(host["deployments"][0]["found"], "the running cinder-volume, process 4242");
    assert!(host["identities"].to_string().contains("162"), "{}", host["identities"]);
    assert_eq!(host["findings"].as_array().unwrap().len(), 0, "{}", host["findings"]);
    assert!(unseen(&host).contains("what a sosreport leaves out"), "{}", unseen(&host));
}

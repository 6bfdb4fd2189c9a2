//! Every kind of secret in what an audit says of a host, and in what is collected of it.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;

use crate::{
    command::TestDir,
    secrets_matrix::{KINDS, Marks, TEXTS},
};

fn assert_none(leaks: &BTreeSet<String>) {
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
}

/// A host whose configuration has each kind: what the audit says, in each format, and what is collected.
#[test]
fn no_audit_and_no_collection_shows_one() {
    let mut marks = Marks(Vec::new());
    let mut text =
        String::from("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n");
    for kind in KINDS {
        for way in
            ["nas_secure_file_permissions = V", "nfs_mount_options = V", "my_option = V", "# V", "nas_host = V", "K V"]
        {
            text.push_str(&format!("{}\n", way.replace('V', &marks.put(way, kind))));
        }
    }
    for said in TEXTS {
        text.push_str(&format!("# {}\n", marks.put("comment", said)));
    }
    text.push_str("nas_host = 192.0.2.1\nnas_share_path = /x\nnas_secure_file_permissions = auto\n");
    let mut shares = String::new();
    // A share ends at the first blank, and what is the name of an option elsewhere is an address there: SECURITY.md names these two.
    for kind in KINDS.into_iter().filter(|kind| !kind.contains("M words@") && !kind.starts_with("username=u%")) {
        shares.push_str(&format!("{}\n192.0.2.1:/s -o {}\n", marks.put("share", kind), marks.put("options", kind)));
    }
    let place = TestDir::new(&[
        ("etc/cinder/cinder.conf", text.as_str()),
        ("etc/cinder/nfs_shares", &shares),
        ("etc/passwd", "cinder:x:64061:64061::/:/bin/false\n"),
        ("etc/group", "cinder:x:64061:\n"),
        ("proc/self/mountinfo", ""),
    ]);
    let mut leaks = BTreeSet::new();
    for list in [false, true] {
        if list {
            let text = text
                .replace("nas_host = 192.0.2.1\nnas_share_path = /x\n", "nfs_shares_config = /etc/cinder/nfs_shares\n");
            let text: String =
                text.lines().filter(|line| !line.starts_with("nas_host")).map(|line| format!("{line}\n")).collect();
            place.write("etc/cinder/cinder.conf", &text);
        }
        for format in ["full", "json", "html", "prometheus"] {
            let (code, out, err) = place.said(&["audit", "--root", ".", "--format", format]);
            assert!(code < 3 && !out.is_empty(), "{err}");
            for text in [&out, &err] {
                leaks.extend(marks.shown(text).into_iter().map(|what| format!("audit {format}: {what}")));
            }
        }
        let archive = format!("{list}.tar.gz");
        let (code, out, err) = place.said(&["collect", "--root", ".", "-o", &archive]);
        assert_eq!(code, 0, "{out}{err}");
        let bytes = std::fs::read(place.path(&archive)).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
        assert!(text.contains("enabled_backends"), "{}", text.len());
        leaks.extend(marks.shown(&text).into_iter().map(|what| format!("collect: {what}")));
    }
    assert_none(&leaks);
}

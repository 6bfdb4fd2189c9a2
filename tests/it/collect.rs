//! What `collect` takes of a host: `audit` says elsewhere what it says there, and no secret of the host is in the archive.
#![cfg(target_os = "linux")]

use std::{
    ffi::OsStr,
    fs,
    io::{Read, Write as _},
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    },
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use tar::{Builder, EntryType, Header};

use crate::command::TestDir;

/// The mount point of 192.0.2.10:/export/cinder below the usual base.
const FIRST: &str = "var/lib/cinder/mnt/93f6d10e708470ccc959ceb8398f77a1";
const VOLUME: &str = "volume-00000000-0000-4000-8000-000000000001";
/// Stands wherever a host may have a secret.
const SECRET: &str = "hunter2";

fn host() -> TestDir {
    let conf = format!(
        "[DEFAULT]\nenabled_backends = nfs1,nfs2\ntransport_url = rabbit://u:{SECRET}@h:5672/\n# password = {SECRET}\n\
         [database]\nconnection = mysql://c:{SECRET}@h/c\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
         nas_host = 192.0.2.10\nnas_share_path = /export/cinder\nnas_password = {SECRET}\nsan_password = {SECRET}\n  {SECRET}\n\
         [nfs2]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_shares_config = /etc/cinder/shares\n\
         [coordination]\nbackend_url = redis://:{SECRET}@h:6379\n"
    );
    let guest = format!(
        "<domstatus state='running' pid='7'><domain><name>instance-1</name><uuid>u-1</uuid><description>{SECRET}</description><devices>\
         <graphics type='vnc' passwd='{SECRET}'/><disk type='file'><source file='/{FIRST}/{VOLUME}'/><target dev='vda'/>\
         <encryption><secret>{SECRET}</secret></encryption></disk></devices>\
         <seclabel model='dac'><label>+64055:+64055</label></seclabel></domain></domstatus>"
    );
    let table = format!(
        "60 1 0:60 / /{FIRST} rw,relatime - nfs4 192.0.2.10:/export/cinder rw,vers=4.2,sec=sys\n\
         61 1 0:61 / /srv/c rw - cifs //h/s rw,username=u,password={SECRET}\n62 1 0:62 / /var/lib/cinder/mnt/old rw - nfs h:/old rw,soft\n"
    );
    let files = [
        ("etc/cinder/cinder.conf", conf.as_str()),
        ("etc/cinder/cinder.conf.d/more.conf", "[DEFAULT]\nvolume_name_template = volume-%s\n"),
        (
            "etc/cinder/shares",
            "192.0.2.20:/secret-export -o vers=4.1\n# a remark\n//h/s -o username=u,password=hunter2\n",
        ),
        (
            "etc/passwd",
            "root:x:0:0:hunter2:/root:\ncinder:x:64061:64061:hunter2::\nqemu:x:64055:64055:::\nalice:x:30001:30001:Alice:::\n",
        ),
        (
            "etc/group",
            "root:x:0:\ncinder:x:64061:alice\nqemu:x:64055:\nstaff:x:30001:alice\nextra:x:30002:cinder,alice\n",
        ),
        ("etc/hostname", "compute-1\nhunter2\n"),
        ("etc/idmapd.conf", "[General]\nDomain = example.org\nsecret = hunter2\n[Mapping]\nNobody-User = nobody\n"),
        ("etc/nfs.conf", "[gssd\nhunter2"),
        ("etc/libvirt/qemu.conf", "vnc_password = \"hunter2\"\nuser = \"+64055\" # hunter2\ndynamic_ownership = 0\n"),
        (
            "etc/systemd/system/cinder-volume.service",
            "[Service]\nUser=cinder\nEnvironment=PASSWORD=hunter2\nSupplementaryGroups=extra\n",
        ),
        ("etc/nova/nova.conf", "[neutron]\npassword = hunter2\n[libvirt]\nnfs_mount_point_base = /var/lib/nova/mnt\n"),
        ("proc/stat", "cpu 1 2\nbtime 1700000000\n"),
        ("proc/self/mountinfo", table.as_str()),
        ("proc/7/cmdline", "/usr/bin/qemu-system-x86_64\0-object\0secret,data=hunter2\0"),
        (
            "proc/7/status",
            "Name:\thunter2\nUid:\t64055\t64055\t64055\t64055\nGid:\t64055\t64055\t64055\t64055\nGroups:\t\n",
        ),
        (
            "proc/8/cmdline",
            "/usr/bin/python3\0/usr/bin/cinder-volume\0--config-file\0/etc/cinder/cinder.conf\0--password\0hunter2\0",
        ),
        ("proc/8/status", "Uid:\t64061\t64061\t64061\t64061\nGid:\t64061\t64061\t64061\t64061\nGroups:\t30002\n"),
        ("proc/9/cmdline", "mysql\0-phunter2\0"),
        ("proc/9/status", "Name:\thunter2\n"),
        ("run/libvirt/qemu/instance-1.xml", guest.as_str()),
        ("etc/libvirt/qemu/broken.xml", "<domain><name>hunter2</oops>"),
    ];
    let place = TestDir::new(&files);
    for (name, mode) in [(VOLUME, 0o660), ("volume-00000000-0000-4000-8000-000000000002", 0o666), ("in/side", 0o600)] {
        place.write(&format!("{FIRST}/{name}"), SECRET);
        fs::set_permissions(place.path(FIRST).join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    place.write(&format!("{FIRST}/.cinderSecureEnvIndicator"), SECRET);
    fs::write(place.path(FIRST).join(OsStr::from_bytes(b"\xff\x1b[31m")), "").unwrap();
    symlink("/etc/shadow", place.path(FIRST).join("link")).unwrap();
    fs::remove_file(place.path("etc/hostname")).unwrap();
    place.write("etc/real-hostname", "compute-1\nhunter2\n");
    symlink("real-hostname", place.path("etc/hostname")).unwrap();
    place
}

/// All texts of an archive, one after the other.
fn unpacked(path: &std::path::Path) -> String {
    let mut text = Vec::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn the_collection_says_what_the_host_says() {
    let place = host();
    let (code, out, err) = place.said(&["collect", "--root", ".", "-o", "a.tar.gz"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let more: [&[&str]; 4] = [&[], &["--as", "64061:64061"], &["--limit", "2"], &["--new-install", "yes"]];
    for more in more {
        for format in ["json", "full"] {
            let said = |root| place.said(&[&["audit", "--owners", "--root", root, "--format", format], more].concat());
            let (there, here) = (said("."), said("a.tar.gz"));
            assert!(there.1.contains("CND") && there.0 == 1, "{there:?}");
            assert_eq!(there.1, here.1, "{more:?}");
            assert_eq!(there, here, "{more:?}");
        }
    }
    let text = unpacked(&place.path("a.tar.gz"));
    let at = text.find(SECRET).map(|at| text[at.saturating_sub(200)..].chars().take(300).collect::<String>());
    assert_eq!(at, None);
    for private in ["alice", "Alice", "/etc/shadow", "mysql\0"] {
        assert!(!text.contains(private), "{private}");
    }
    let mode = fs::metadata(place.path("a.tar.gz")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_would_be_collected() {
    let place = host();
    let (code, out, _) = place.said(&["collect", "--root", ".", "--dry-run"]);
    assert_eq!(code, 0);
    assert!(out.lines().any(|line| line.starts_with("present") && line.ends_with(" /etc/cinder/cinder.conf")), "{out}");
    assert!(out.lines().any(|line| line.starts_with("absent")), "{out}");
    assert!(out.contains(&format!("at /{FIRST}")) && !out.contains('\u{1b}'), "{out}");
    assert!(fs::read_dir(place.path("")).unwrap().all(|entry| !entry.unwrap().path().ends_with(".tar.gz")));
    place.write("a.tar.gz", "mine");
    let (code, _, err) = place.said(&["collect", "--root", ".", "-o", "a.tar.gz"]);
    assert!(code == 2 && err.contains("is there already") && place.read("a.tar.gz") == "mine", "{err}");
    let (code, _, err) = place.said(&["collect", "--root", "missing"]);
    assert!(code == 2 && err.contains("is not a folder"), "{err}");
}

#[test]
fn all_names() {
    let place = TestDir::new(&[(
        "etc/cinder/cinder.conf",
        "[DEFAULT]\nenabled_backends = a\n[a]\n\
        volume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = 192.0.2.10\nnas_share_path = /export/cinder\n",
    )]);
    for number in 0..20 {
        place.write(&format!("{FIRST}/volume-00000000-0000-4000-8000-{number:012}"), "");
    }
    for (name, more, count) in [("few.tar.gz", &[][..], 5), ("all.tar.gz", &["--names"], 20)] {
        let arguments = [&["collect", "--root", ".", "-o", name], more].concat();
        assert_eq!(place.said(&arguments).0, 0);
        let host = place.json(&["audit", "--root", name, "--format", "json", "--limit", "1000"])["hosts"][0].clone();
        let classes = host["shares"][0]["classes"].as_array().unwrap();
        assert_eq!(classes[0]["examples"].as_array().unwrap().len(), count);
    }
}

/// What no collection holds is refused, and nothing is written anywhere.
#[test]
fn hostile_archives() {
    let place = host();
    assert_eq!(place.said(&["collect", "--root", ".", "-o", "good.tar.gz"]).0, 0);
    let mut good = Vec::new();
    GzDecoder::new(fs::File::open(place.path("good.tar.gz")).unwrap()).read_to_end(&mut good).unwrap();
    let gz = |bytes: &[u8]| {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    };
    let member = |name: &[u8], kind: EntryType, size: u64, text: &[u8]| {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        let _ = header.set_link_name("/etc/passwd");
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(text);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    };
    // Behind the members of a good one, before its end.
    let with = |more: Vec<u8>| gz(&[&more[..], &good[..]].concat());
    let mut many = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = Header::new_ustar();
    header.set_size(8);
    many.append_data(&mut header, "manifest.json", &b"{\"a\": 1}"[..]).unwrap();
    let odd = many.into_inner().unwrap().finish().unwrap();
    let text = String::from_utf8_lossy(&good).into_owned();
    for (name, bytes) in [
        ("slip", with(member(b"texts/../../x", EntryType::Regular, 1, b"x"))),
        ("absolute", with(member(b"/etc/x", EntryType::Regular, 1, b"x"))),
        ("symlink", with(member(b"texts/a", EntryType::Symlink, 0, b""))),
        ("hardlink", with(member(b"texts/a", EntryType::Link, 0, b""))),
        ("device", with(member(b"texts/a", EntryType::Char, 0, b""))),
        ("fifo", with(member(b"texts/a", EntryType::Fifo, 0, b""))),
        ("long-name", with(member(b"texts/a", EntryType::GNULongName, 1, b"x"))),
        ("pax", with(member(b"texts/a", EntryType::XHeader, 1, b"x"))),
        ("sparse", with(member(b"texts/a", EntryType::GNUSparse, 1, b"x"))),
        ("twice", with(member(b"manifest.json", EntryType::Regular, 1, b"x"))),
        ("huge", with(member(b"texts/a", EntryType::Regular, 1 << 40, b"x"))),
        ("wrong-size", gz(&member(b"texts/a", EntryType::Regular, 4096, b"x"))),
        ("empty", gz(b"")),
        ("cut", gz(&good[..good.len() / 2])),
        ("no-gzip", good.clone()),
        ("odd", odd),
        ("absurd", gz(text.replacen("\"files\": 1", "\"files\": 18446744073709551615", 1).as_bytes())),
        ("text", b"no archive".to_vec()),
    ] {
        let file = format!("{name}.tar.gz");
        fs::write(place.path(&file), bytes).unwrap();
        let (code, out, err) = place.said(&["audit", "--root", &file, "--format", "json"]);
        assert_eq!((code, out.as_str()), (2, ""), "{name}: {err}");
        assert!(err.contains(&file) && !err.contains("panicked"), "{name}: {err}");
    }
    assert!(!place.path("x").exists());
    let (code, _, err) = place.said(&["audit", "--root", "good.tar.gz", "etc/cinder/cinder.conf"]);
    assert!(code == 2 && err.contains("no folder in which files could be named"), "{err}");
}

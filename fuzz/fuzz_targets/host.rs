//! The files of a host that an audit reads: users, services of NFS, nova and libvirt, units, /proc. A byte 0 ends one; a byte 1 stands for 0.
#![no_main]

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use cinderlint::{
    audit::{self, Request, merge, model::Document, sight::Live},
    lint::{self, Rule},
    report,
    source::Files,
    style::{ColorChoice, Style},
};
use libfuzzer_sys::fuzz_target;

static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();
static ROOT: OnceLock<PathBuf> = OnceLock::new();

const PATHS: [&str; 18] = [
    "etc/cinder/cinder.conf",
    "etc/passwd",
    "etc/group",
    "etc/idmapd.conf",
    "etc/nfs.conf",
    "etc/nfsmount.conf",
    "etc/nova/nova.conf",
    "etc/libvirt/qemu.conf",
    "etc/libvirt/qemu/a.xml",
    "etc/systemd/system/cinder-volume.service",
    "etc/systemd/system/openstack-cinder-volume.service.d/a.conf",
    "etc/cinder/nfs_shares",
    "proc/7/cmdline",
    "proc/7/status",
    "proc/7/stat",
    "proc/stat",
    "proc/1/mountinfo",
    "etc/hostname",
];

fuzz_target!(|input: &[u8]| {
    let rules = RULES.get_or_init(|| lint::built_in().unwrap_or_default().into_iter().map(Arc::new).collect());
    let root = ROOT.get_or_init(|| {
        let root = std::env::temp_dir().join(format!("cinderlint-fuzz-host-{}", std::process::id()));
        for path in PATHS {
            let _ = fs::create_dir_all(root.join(path).parent().unwrap_or(&root));
        }
        let _ = fs::create_dir_all(root.join("var/lib/cinder/mnt/56c4a1ec779451241fdbd1bfb7f46ea9"));
        root
    });
    let mut texts = input.split(|byte| *byte == 0);
    for path in PATHS {
        let place = root.join(path);
        let _ = match texts.next() {
            Some(text) if !text.is_empty() => {
                fs::write(place, text.iter().map(|byte| byte & !u8::from(*byte == 1)).collect::<Vec<u8>>())
            }
            _ => fs::remove_file(place),
        };
    }
    let request = Request {
        sight: &Live::new(Some(root)),
        named: Vec::new(),
        release: None,
        new_install: None,
        python: None,
        wanted: Vec::new(),
        owners_as_they_are: false,
        logs: Vec::new(),
        jobs: 1,
        limit: 5,
        timeout: Duration::from_secs(5),
        stop: &AtomicBool::new(false),
        beat: &|_| (),
        rules,
    };
    let Ok(host) = audit::run(&mut Files::default(), &request) else { return };
    let document = Document::new(vec![host]);
    let mut out = Vec::new();
    assert!(report::audit::write_full(&document, &Style::for_stdout(ColorChoice::Never), &mut out).is_ok());
    assert!(report::audit::write_html(&document, &mut out).is_ok());
    assert!(report::audit::write_prometheus(&document, &mut out).is_ok());
    assert!(std::str::from_utf8(&out).is_ok_and(|text| !text.contains('\u{1b}')));
    // What is written can be read again.
    let written = serde_json::to_vec(&document).unwrap_or_default();
    assert!(merge::read(&written).is_ok());
});

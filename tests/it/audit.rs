//! What `audit` says of hosts: real owners, modes, ACLs and mounts where the tests run as root, copies elsewhere.
#![cfg(target_os = "linux")]

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, chown, symlink},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::command::{BINARY, TestDir};
use serde_json::Value;

/// The mount points of 192.0.2.10:/export/cinder and 192.0.2.20:/export/cinder below the usual base.
const FIRST: &str = "var/lib/cinder/mnt/93f6d10e708470ccc959ceb8398f77a1";
const SECOND: &str = "var/lib/cinder/mnt/2609feca9818a45a8d3ddc7cc4e377e2";
const CONF: &str = "\
[DEFAULT]
enabled_backends = nfs1,nfs2
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.10
nas_share_path = /export/cinder
[nfs2]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nas_host = 192.0.2.20
nas_share_path = /export/cinder
";
const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/sh
cinder:x:64061:64061::/var/lib/cinder:/usr/sbin/nologin
nova:x:64060:64060::/var/lib/nova:/usr/sbin/nologin
qemu:x:64055:64055::/:/usr/sbin/nologin
";
const GROUP: &str = "root:x:0:\ncinder:x:64061:\nnova:x:64060:\nqemu:x:64055:\n";
const CINDER: u32 = 64061;
const NOVA: u32 = 64060;
const QEMU: u32 = 64055;

fn volume(number: usize) -> String {
    format!("volume-00000000-0000-4000-8000-{number:012}")
}

fn domain(number: usize, file: &str) -> String {
    format!(
        "<domstatus state='running' pid='0'><domain type='kvm'><name>instance-{number:08x}</name>\
         <uuid>00000000-0000-4000-9000-{number:012}</uuid><devices><disk type='file' device='disk'>\
         <source file='{file}'/><target dev='vda'/></disk></devices>\
         <seclabel type='dynamic' model='dac'><label>+{QEMU}:+{QEMU}</label></seclabel></domain></domstatus>"
    )
}

fn rules(host: &Value) -> BTreeSet<String> {
    host["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap().to_string()).collect()
}

/// With mounts of its own.
mod with_mounts {
    use super::*;

    /// The evening: one share as it was made, one of three kinds of files, and guests that lose their disks. In a mount
    /// namespace, on `/etc` and `/var/lib` of its own, so that `audit` is run as an operator runs it: without any flag.
    #[test]
    #[ignore = "needs root and `unshare -m`"]
    fn the_evening_and_the_way_out() {
        let place = TestDir::new(&[
            ("etc/cinder/cinder.conf", CONF),
            ("etc/passwd", PASSWD),
            ("etc/group", GROUP),
            ("etc/shadow", "root:*:1::::::\ncinder:!:1::::::\nnova:!:1::::::\nqemu:!:1::::::\n"),
            ("etc/gshadow", "root:*::\ncinder:!::\nnova:!::\nqemu:!::\n"),
            ("etc/hostname", "compute-1\n"),
            ("etc/libvirt/qemu.conf", "user = \"qemu\"\ngroup = \"qemu\"\n"),
            ("bin/openstack", "#!/bin/sh\necho \"$@\" >> \"$STUB\"\n"),
        ]);
        fs::set_permissions(place.path("bin/openstack"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(place.path("bound")).unwrap();
        let files = |folder: &str, range: std::ops::Range<usize>, mode: u32, owner: u32| {
            let names: String = range.map(|number| format!(" {}", volume(number))).collect();
            format!("( cd /{folder}; touch{names}; chown {owner}:{owner}{names}; chmod {mode:o}{names} )\n")
        };
        let mut made = format!(
            "set -e\nmount --bind etc /etc\nmount -t tmpfs none /var/lib\nmount -t tmpfs none /run\n\
         mkdir -p /{FIRST} /{SECOND} /run/libvirt/qemu\nmount -t tmpfs none /{FIRST}\nmount --bind bound /{SECOND}\n\
         chmod 755 /{FIRST} /{SECOND}\n\
         echo x > /{FIRST}/.cinderSecureEnvIndicator; chown {CINDER}:{CINDER} /{FIRST}/.cinderSecureEnvIndicator\n"
        );
        made += &files(FIRST, 0..20, 0o660, CINDER);
        made += &files(SECOND, 20..30, 0o660, CINDER);
        made += &files(SECOND, 30..50, 0o666, 0);
        made += &files(SECOND, 50..53, 0o660, NOVA);
        for (number, folder) in [(1, FIRST), (21, SECOND), (31, SECOND), (51, SECOND)] {
            let xml = domain(number, &format!("/{folder}/{}", volume(number)));
            made += &format!("cat > /run/libvirt/qemu/instance-{number}.xml <<'END'\n{xml}\nEND\n");
        }
        // The printed commands are run as they are printed; what is to be stated goes into the section.
        let script = made
            + r#"
"$BIN" audit --format json > before.json || echo "before: $?"
"$BIN" collect -o here.tar.gz && "$BIN" audit --root here.tar.gz --format json > again.json || echo "again: $?"
"$BIN" audit > before.txt || true
for phase in 0 1 2; do
  python3 - "$phase" <<'END'
import json, re, subprocess, sys
host = json.load(open("before.json"))["hosts"][0]
done = set()
for finding in host["findings"]:
    for step in finding["steps"]:
        if step["phase"] != int(sys.argv[1]) or step["run"] in done:
            continue
        done.add(step["run"])
        if step["phase"] == 0:
            section = re.search(r"in \[(\w+)\]", step["title"]).group(1)
            path = "/etc/cinder/cinder.conf"
            text = open(path).read()
            open(path, "w").write(text.replace(f"[{section}]\n", f"[{section}]\n{step['run']}\n"))
        else:
            subprocess.run(["sh", "-c", step["run"]], check=True)
END
done
"$BIN" audit --fail-on warning --format json > after.json && echo "after: 0" || echo "after: $?"
"$BIN" audit > after.txt || true
"#;
        let output = Command::new("unshare")
            .args(["-m", "sh", "-c", &script])
            .current_dir(place.path(""))
            .env("BIN", BINARY)
            .env("STUB", place.path("rebooted"))
            .env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", place.path("bin").display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("before: 1"), "{said}");
        let before: Value = serde_json::from_str(&place.read("before.json")).unwrap();
        let host = &before["hosts"][0];
        // What was collected says the same, but for its day.
        let mut again: Value = serde_json::from_str(&place.read("again.json")).unwrap();
        let unseen = again["hosts"][0]["unseen"].as_array_mut().unwrap();
        unseen.retain(|one| one["what"] != "the time of the copy");
        assert!(said.contains("again: 1") && again["hosts"][0] == *host, "{again:#}");
        let found = rules(host);
        for rule in ["CND721", "CND722", "CND726", "CND731"] {
            assert!(found.contains(rule), "{rule} is not in {found:?}");
        }
        assert_eq!(host["backends"][1]["state"], "broken");
        assert_eq!(
            (&host["shares"][0]["mount"]["fs_type"], &host["shares"][1]["mounted"]),
            (&"tmpfs".into(), &"yes".into())
        );
        assert_eq!((&before["summary"]["disks"], &before["summary"]["closed"]), (&53.into(), &33.into()));
        assert_eq!((&before["summary"]["machines"], &before["summary"]["machines_denied"]), (&4.into(), &3.into()));
        let text = place.read("before.txt");
        assert!(text.contains("[nfs2] BROKEN") && text.contains("What to do, in this order"), "{text}");
        let after: Value = serde_json::from_str(&place.read("after.json")).unwrap();
        assert!(said.contains("after: 0"), "{said}{}", place.read("after.txt"));
        let states: Vec<&Value> =
            after["hosts"][0]["backends"].as_array().unwrap().iter().map(|b| &b["state"]).collect();
        assert_eq!(states, ["clean", "clean"], "{}", place.read("after.txt"));
        assert_eq!((&after["summary"]["closed"], &after["summary"]["machines_denied"]), (&0.into(), &0.into()));
        let rebooted = place.read("rebooted");
        assert_eq!(rebooted.lines().count(), 3, "{rebooted}");
    }
}

/// Numbers from a seed, so that a failure can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn id(&mut self) -> u32 {
        [7001, 7002, 7003, 7004, 0][self.below(5) as usize]
    }

    /// The bytes of a POSIX ACL that the kernel accepts.
    fn acl(&mut self) -> Vec<u8> {
        let mut named: BTreeMap<(u16, u32), u8> = BTreeMap::new();
        for _ in 0..self.below(4) {
            let tag = if self.below(2) == 0 { 0x02 } else { 0x08 };
            named.insert((tag, self.id()), self.below(8) as u8);
        }
        let mut entries: Vec<(u16, u8, u32)> = vec![(0x01, self.below(8) as u8, u32::MAX)];
        entries.extend(named.iter().filter(|((tag, _), _)| *tag == 0x02).map(|((tag, id), bits)| (*tag, *bits, *id)));
        entries.push((0x04, self.below(8) as u8, u32::MAX));
        entries.extend(named.iter().filter(|((tag, _), _)| *tag == 0x08).map(|((tag, id), bits)| (*tag, *bits, *id)));
        entries.push((0x10, self.below(8) as u8, u32::MAX));
        entries.push((0x20, self.below(8) as u8, u32::MAX));
        let mut bytes = vec![2, 0, 0, 0];
        for (tag, bits, id) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(u16::from(bits).to_le_bytes());
            bytes.extend(id.to_le_bytes());
        }
        bytes
    }
}

fn furnish(path: &Path, mode: u32, random: &mut Random, with_acl: bool) {
    chown(path, Some(random.id()), Some(random.id())).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    if with_acl {
        let acl = random.acl();
        let set = rustix::fs::setxattr(path, "system.posix_acl_access", &acl, rustix::fs::XattrFlags::empty());
        set.unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }
}

/// With owners that only root can give.
mod as_root {
    use super::*;

    /// What is predicted is what `setpriv` with that identity really gets: 1,000 files, half of them with ACLs, in folders
    /// that are random as well.
    #[test]
    #[ignore = "needs root"]
    fn predicted_access_is_what_the_kernel_grants() {
        let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF), ("etc/passwd", PASSWD), ("etc/group", GROUP)]);
        fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        let share = place.path(FIRST);
        fs::create_dir_all(&share).unwrap();
        fs::set_permissions(&share, fs::Permissions::from_mode(0o755)).unwrap();
        let mut random = Random(20_240_503);
        let mut folders = vec![share.clone()];
        for number in 0..12 {
            let folder = folders[random.below(folders.len() as u64) as usize].join(format!("d{number}"));
            fs::create_dir(&folder).unwrap();
            folders.push(folder);
        }
        let mut files: Vec<PathBuf> = Vec::new();
        for number in 0..1000 {
            let folder = if number % 3 == 0 { &folders[random.below(13) as usize] } else { &share };
            let file = folder.join(volume(number));
            fs::write(&file, "x").unwrap();
            let mode = random.below(0o1000) as u32;
            furnish(&file, mode, &mut random, number % 2 == 0);
            files.push(file);
        }
        for (number, folder) in folders.iter().enumerate().skip(1) {
            let mode = random.below(0o1000) as u32;
            furnish(folder, mode, &mut random, number % 3 == 0);
        }
        let identities =
            ["7001:7001", "7002:7001,7003", "7003:7002", "7004:7004,7001,7002,7003", "7005:7004", "7009:7009"];
        let mut arguments = vec!["audit", "--root", ".", "--format", "json", "--limit", "1000", "--fail-on", "never"];
        for identity in identities {
            arguments.extend(["--as", identity]);
        }
        let document = place.json(&arguments);
        let host = &document["hosts"][0];
        let labels: Vec<&str> =
            host["identities"].as_array().unwrap().iter().map(|i| i["label"].as_str().unwrap()).collect();
        let mut predicted: BTreeMap<(String, String), [bool; 3]> = BTreeMap::new();
        for class in host["shares"][0]["classes"].as_array().unwrap() {
            for name in class["examples"].as_array().unwrap() {
                for (label, access) in labels.iter().zip(class["access"].as_array().unwrap()) {
                    let yes = |what: &str| access[what].as_str().unwrap() == "yes";
                    let key = ((*label).to_string(), name.as_str().unwrap().to_string());
                    predicted.insert(key, [yes("read"), yes("write"), yes("open")]);
                }
            }
        }
        let probe = "import os, sys\nfor f in sys.stdin.read().split('\\0'):\n    a = ''\n    for how in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):\n        try:\n            os.close(os.open(f, how)); a += '1'\n        except OSError:\n            a += '0'\n    print(a)\n";
        let (mut compared, mut granted) = (0, 0);
        let mut wrong = Vec::new();
        for identity in identities {
            let (uid, gids) = identity.split_once(':').unwrap();
            let list = place.path("list");
            let names: Vec<&[u8]> = files.iter().map(|file| file.as_os_str().as_bytes()).collect();
            fs::write(&list, names.join(&0)).unwrap();
            let output = Command::new("setpriv")
                .args(["--reuid", uid, "--regid", gids.split(',').next().unwrap(), "--groups", gids, "--inh-caps=-all"])
                .args(["--bounding-set=-all", "python3", "-I", "-c", probe])
                .current_dir("/")
                // Root's own python may be where others cannot search.
                .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
                .stdin(fs::File::open(&list).unwrap())
                .stderr(Stdio::inherit())
                .output()
                .unwrap();
            assert!(output.status.success(), "{identity}: {}", output.status);
            let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_string).collect();
            assert_eq!(lines.len(), files.len());
            for (file, line) in files.iter().zip(lines) {
                let name = file.strip_prefix(&share).unwrap().to_str().unwrap().to_string();
                let real: Vec<bool> = line.bytes().map(|byte| byte == b'1').collect();
                let said = predicted
                    .get(&(identity.to_string(), name.clone()))
                    .unwrap_or_else(|| panic!("{name} is not in the report"));
                compared += 3;
                granted += real.iter().filter(|yes| **yes).count();
                if real != said {
                    wrong.push(format!("{identity} {name}: predicted {said:?}, real {real:?}"));
                }
            }
        }
        println!("{compared} answers compared, {granted} of them yes, {} differ", wrong.len());
        assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(10)].join("\n"));
        assert!(compared == 18_000 && granted > 2000);
    }
}

/// Loops, FIFOs, sockets, names of all kinds: counted, never followed, never opened, printed so that nothing steers.
#[test]
fn hostile_trees() {
    let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF)]);
    let share = place.path(FIRST);
    fs::create_dir_all(share.join("in/side")).unwrap();
    symlink("..", share.join("in/loop")).unwrap();
    symlink("self", share.join("self")).unwrap();
    symlink("/", share.join("root")).unwrap();
    symlink("nowhere", share.join(".cinderSecureEnvIndicator")).unwrap();
    for name in
        [&b"\xff\xfe"[..], b"a\x1b[31mb", b"new\nline", b"-rf", b"<script>alert(1)<b>", "\u{202e}txt".as_bytes()]
    {
        fs::write(share.join(OsStr::from_bytes(name)), "").unwrap();
    }
    let odd = share.join(OsStr::from_bytes(b"in/\x1b]0;x\x07\xff"));
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join(volume(1)), "").unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        share.join(volume(2)),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o666),
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(share.join("s")).unwrap();
    let mut deep = share.join("deep");
    for _ in 0..200 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    for format in ["full", "html", "prometheus", "json"] {
        let (code, out, err) =
            place.said(&["audit", "--root", ".", "--format", format, "--as", "7001:7001", "--limit", "1000"]);
        assert!(code <= 1, "{format}: {err}");
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{format}");
        assert!(format != "html" || !out.contains("<script"));
        assert!(!out.contains('\u{7}'), "{format}");
    }
    let document = place.json(&["audit", "--root", ".", "--format", "json"]);
    let first = &document["hosts"][0]["shares"][0];
    assert_eq!(first["indicator"]["state"], "odd");
    let kinds = |kind: &str| -> u64 {
        let classes = first["classes"].as_array().unwrap().iter().filter(|class| class["kind"] == kind);
        classes.map(|class| class["files"].as_u64().unwrap()).sum()
    };
    assert_eq!((kinds("link"), kinds("special"), kinds("volume"), kinds("other")), (4, 2, 1, 6));
    assert_eq!(first["unreadable_count"], 1, "the folder that lies too deep");
    let second = &document["hosts"][0]["shares"][1];
    assert_eq!(second["answered"], "absent");
}

/// Files that come and go while they are counted.
#[test]
fn vanishing_files() {
    let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF)]);
    let share = place.path(FIRST);
    fs::create_dir_all(&share).unwrap();
    for number in 0..200 {
        fs::write(share.join(volume(number)), "").unwrap();
    }
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for number in 1000..1200 {
                    let path = share.join(volume(number));
                    let _ = if number % 2 == 0 { fs::create_dir(&path) } else { fs::write(&path, "") };
                }
                for number in 1000..1200 {
                    let path = share.join(volume(number));
                    let _ = if number % 2 == 0 { fs::remove_dir(&path) } else { fs::remove_file(&path) };
                }
            }
        });
        for _ in 0..20 {
            let (code, out, err) = place.said(&["audit", "--root", ".", "--format", "json", "--fail-on", "never"]);
            assert_eq!(code, 0, "{err}");
            let document: Value = serde_json::from_str(&out).unwrap();
            assert!(document["hosts"][0]["shares"][0]["files"].as_u64().unwrap() >= 200);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// With a file system that answers when the test says so.
mod with_fuse {
    use super::*;

    /// A file system whose server never answers: the share is given up after the time-out, the other one is reported, and
    /// Ctrl-C does not wait for it either.
    #[test]
    #[ignore = "needs root, `unshare -m` and /dev/fuse"]
    fn a_share_that_does_not_answer() {
        let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF)]);
        for folder in [FIRST, SECOND] {
            fs::create_dir_all(place.path(folder)).unwrap();
            fs::write(place.path(folder).join(volume(1)), "").unwrap();
        }
        let script = r##"
import ctypes, os, signal, struct, subprocess, sys, threading, time
silent, binary = sys.argv[1:3]
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"silent", silent.encode(), b"fuse.silent", 0, options):
    sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")
def serve():
    while True:
        request = os.read(device, 1 << 17)
        _, opcode, unique = struct.unpack_from("<IIQ", request)
        error, body = 0, b""
        if opcode == 26:  # INIT
            body = struct.pack("<IIIIHHII", 7, 31, 0, 0, 12, 9, 4096, 1) + bytes(36)
        elif opcode == 3:  # GETATTR
            body = struct.pack("<QII", 0, 0, 0) + struct.pack("<6Q10I", 1, *[0] * 5, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0)
        elif opcode == 1:  # LOOKUP
            error = -2
        elif opcode == 22:  # GETXATTR
            error = -95
        elif opcode == 36:  # INTERRUPT: who waits is killed
            error, unique = -4, struct.unpack_from("<Q", request, 40)[0]
        else:  # The folder is never opened.
            continue
        os.write(device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
if sys.argv[3] == "some":
    threading.Thread(target=serve, daemon=True).start()
os.makedirs("proc/self")
open("proc/self/mountinfo", "w").write("".join(l.replace(os.getcwd(), "") for l in open("/proc/self/mountinfo") if os.getcwd() in l))
start = time.monotonic()
run = subprocess.Popen([binary, "audit", "--root", ".", "--format", "json", "--timeout", sys.argv[4]], stdout=subprocess.PIPE)
if sys.argv[5] == "interrupt":
    time.sleep(1.5)
    run.send_signal(signal.SIGINT)
out, _ = run.communicate(timeout=45)
sys.stdout.write(out.decode())
print(f"#{run.returncode} {time.monotonic() - start:.1f}", flush=True)
os._exit(0)
"##;
        let audit = |answers: &str, timeout: &str, how: &str| -> (Value, i32, f64) {
            let _ = fs::remove_dir_all(place.path("proc"));
            let since = Instant::now();
            let output = Command::new("unshare")
                .args(["-m", "python3", "-I", "-c", script])
                .arg(place.path(FIRST))
                .args([BINARY, answers, timeout, how])
                .current_dir(fs::canonicalize(place.path("")).unwrap())
                .output()
                .unwrap();
            assert!(since.elapsed() < Duration::from_secs(50));
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let (json, rest) =
                text.rsplit_once('#').unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
            let (code, time) = rest.trim().split_once(' ').unwrap();
            (serde_json::from_str(json).unwrap(), code.parse().unwrap(), time.parse().unwrap())
        };
        for answers in ["nothing", "some"] {
            let (document, code, time) = audit(answers, "2", "wait");
            let host = &document["hosts"][0];
            assert_eq!((&host["shares"][0]["answered"], &host["shares"][1]["answered"]), (&"no".into(), &"yes".into()));
            assert_eq!(host["shares"][1]["files"], 1);
            assert!(rules(host).contains("CND707") && code == 1 && time < 12.0, "{code} {time}");
            println!("a server that answers {answers}: given up after {time} s with --timeout 2");
            let (document, code, time) = audit(answers, "40", "interrupt");
            assert!(code == 2 && document["hosts"][0]["complete"] == false && time < 12.0, "{code} {time}: {document}");
            println!("a server that answers {answers}: interrupted after {time} s with --timeout 40");
        }
    }
}

/// A host with everything: what html, prometheus, merge and the schema are tried on.
fn furnished() -> TestDir {
    let mount = |id: usize, folder: &str, source: &str| {
        format!("{id} 1 0:{id} / /{folder} rw,relatime - nfs4 {source} rw,vers=4.2,sec=sys\n")
    };
    let table = mount(60, FIRST, "192.0.2.10:/export/cinder") + &mount(61, SECOND, "192.0.2.20:/export/cinder");
    let file = format!("/{SECOND}/{}", volume(9));
    let place = TestDir::new(&[
        ("etc/cinder/cinder.conf", CONF),
        ("etc/passwd", PASSWD),
        ("etc/group", GROUP),
        ("etc/hostname", "host-<1>\n"),
        ("etc/idmapd.conf", "[General]\nDomain = example.org\n"),
        ("etc/libvirt/qemu.conf", "user = \"+64055\"\ndynamic_ownership = 0\n"),
        ("proc/self/mountinfo", &table),
        ("run/libvirt/qemu/instance-00000009.xml", &domain(9, &file)),
        (
            "var/log/libvirt/qemu/instance-00000009.log",
            "x qemu-kvm: block I/O error in device 'drive-virtio-disk0': Permission denied (13)\npassword=hunter2\n",
        ),
    ]);
    for number in 0..30 {
        let folder = if number % 3 == 0 { SECOND } else { FIRST };
        place.write(&format!("{folder}/{}", volume(number)), "");
        let mode = if number % 2 == 0 { 0o666 } else { 0o600 };
        fs::set_permissions(place.path(folder).join(volume(number)), fs::Permissions::from_mode(mode)).unwrap();
    }
    place.write(&format!("{FIRST}/.cinderSecureEnvIndicator"), "");
    place
}

const FURNISHED: [&str; 7] =
    ["audit", "--root", ".", "--log", "var/log/libvirt/qemu/instance-00000009.log", "--fail-on", "never"];

fn furnished_json(place: &TestDir) -> Value {
    place.json(&[&FURNISHED[..], &["--format", "json"]].concat())
}

#[test]
fn the_page_has_the_numbers_of_the_json() {
    let place = furnished();
    let json = furnished_json(&place);
    let (code, page, err) = place.said(&[&FURNISHED[..], &["--format", "html"]].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let parsed = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let numbers: Vec<_> = parsed.descendants().filter(|node| node.has_attribute("data-n")).collect();
    for node in &numbers {
        let pointer = node.attribute("data-n").unwrap();
        let value = json.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in the JSON"));
        assert_eq!(node.text().unwrap(), value.to_string(), "{pointer}");
    }
    let classes: usize = json["hosts"][0]["shares"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| share["classes"].as_array().unwrap().len())
        .sum();
    assert_eq!(numbers.len(), 10 + 2 + classes + 2);
    assert!(page.contains("host-&lt;1&gt;") && !page.contains("hunter2"));
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
}

/// What somebody puts in the place of a file between the search and the change is not changed. The search is left out here, as if it
/// had met the file that was there before.
#[test]
fn printed_commands_change_only_what_they_looked_at() {
    let place = furnished();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let private = |path: &str| {
        place.write(path, "");
        fs::set_permissions(place.path(path), fs::Permissions::from_mode(0o600)).unwrap();
    };
    private("outside");
    let pair =
        "nas_share_path = /export/cinder\nnas_secure_file_operations = false\nnas_secure_file_permissions = false\n";
    place.write("etc/cinder/cinder.conf", &CONF.replace("nas_share_path = /export/cinder\n", pair));
    let arguments = ["audit", "--root", ".", "--owners", "--fail-on", "never", "--format", "json"];
    let json = place.json(&arguments);
    let steps =
        json["hosts"][0]["findings"].as_array().unwrap().iter().flat_map(|one| one["steps"].as_array().unwrap());
    let runs: Vec<&str> =
        steps.map(|step| step["run"].as_str().unwrap()).filter(|run| run.contains("/dev/fd/3")).collect();
    let run = runs.iter().find(|run| run.contains("chmod ugo+rw")).unwrap_or_else(|| panic!("{json:#}"));
    assert!(runs.iter().all(|run| !run.contains(" -exec ")), "{runs:#?}");
    let folder = Path::new(run.split(' ').nth(1).unwrap()).strip_prefix("/").unwrap().to_str().unwrap();
    let (_, change) = run.split_once(" -execdir ").unwrap();
    let open = format!("find {} -name 'volume-*' -execdir {change}", place.path(folder).display());
    let closed = |number: usize| place.path(folder).join(volume(number));
    let files: Vec<usize> = (0..30).filter(|number| closed(*number).exists()).collect();
    let was: Vec<u32> = files.iter().map(|number| mode(&closed(*number))).collect();
    let swapped = files[was.iter().position(|mode| *mode == 0o600).unwrap()];
    fs::remove_file(closed(swapped)).unwrap();
    symlink(place.path("outside"), closed(swapped)).unwrap();
    let other = files[was.iter().position(|mode| *mode == 0o666).unwrap()];
    fs::set_permissions(closed(other), fs::Permissions::from_mode(0o644)).unwrap();
    let ran = Command::new("sh").args(["-c", &open]).current_dir(place.path("")).output().unwrap();
    assert_eq!(mode(&place.path("outside")), 0o600, "{open}: {ran:?}");
    assert_eq!(mode(&closed(other)), 0o644, "of another mode than was seen");
    for number in files.into_iter().filter(|number| ![swapped, other].contains(number)) {
        assert_eq!(mode(&closed(number)), 0o666, "{number}: {open}: {ran:?}");
    }
    // The folder of a share.
    place.write("elsewhere/x", "");
    fs::set_permissions(place.path("elsewhere"), fs::Permissions::from_mode(0o700)).unwrap();
    for (name, wanted) in [("real", 0o701), ("link", 0o700)] {
        if name == "link" {
            fs::remove_dir(place.path("point")).unwrap();
            symlink("elsewhere", place.path("point")).unwrap();
        } else {
            fs::create_dir(place.path("point")).unwrap();
            fs::set_permissions(place.path("point"), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let point = place.path("").canonicalize().unwrap().join("point").display().to_string();
        let run = format!("(cd {point} && [ \"$(pwd -P)\" = {point} ] && chmod o+x .)");
        let _ = Command::new("sh").args(["-c", &run]).output().unwrap();
        assert_eq!(mode(&place.path("point")), wanted, "{name}");
    }
    let rule =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/CND728-share-folder-closed.toml")).unwrap();
    assert!(rule.contains("(cd {quoted-point} && [ \\\"$(pwd -P)\\\" = {quoted-point} ] && chmod o+x .)"), "{rule}");
}

#[test]
fn the_document_fits_its_schema() {
    let place = furnished();
    let (code, schema, _) = place.said(&["schema", "audit"]);
    assert_eq!(code, 0);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = furnished_json(&place);
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert_eq!(document, furnished_json(&place), "two runs say the same");
    assert_eq!(document["hosts"][0]["machines"][0]["open"], Value::Null);
    let log = &document["hosts"][0]["logs"][0]["events"][0];
    assert_eq!((&log["kind"], &log["backends"][0]), (&"permission-denied".into(), &"nfs2".into()));
}

#[test]
fn documents_of_many_hosts_become_one() {
    let place = furnished();
    let one = furnished_json(&place);
    let mut other = one.clone();
    other["hosts"][0]["name"] = "a-host".into();
    place.write("1.json", &one.to_string());
    place.write("2.json", &other.to_string());
    place.write("odd.json", "{\"schema_version\": 1}");
    let merged = place.json(&["audit", "--merge", "1.json", "2.json", "--format", "json"]);
    let names: Vec<&Value> = merged["hosts"].as_array().unwrap().iter().map(|host| &host["name"]).collect();
    assert_eq!(names, ["a-host", "host-<1>"]);
    for sum in ["files", "disks", "closed", "machines", "error"] {
        assert_eq!(merged["summary"][sum].as_u64(), one["summary"][sum].as_u64().map(|n| 2 * n), "{sum}");
    }
    let (_, metrics, _) = place.said(&["audit", "--merge", "1.json", "2.json", "--format", "prometheus"]);
    assert!(metrics.contains("cinderlint_audit_guests{host=\"a-host\"} 1"), "{metrics}");
    let (code, _, err) = place.said(&["audit", "--merge", "1.json", "odd.json", "missing.json"]);
    assert_eq!((code, err.lines().count()), (2, 2), "{err}");
}

/// A host with more mounts than it lets one user have threads.
#[test]
fn thousands_of_mounts_and_few_threads() {
    let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF)]);
    fs::create_dir_all(place.path(FIRST)).unwrap();
    fs::write(place.path(FIRST).join(volume(1)), "").unwrap();
    let mounts: String = (0..3000).map(|n| format!("{n} 1 0:{n} / /srv/{n} rw - nfs4 h:/{n} rw\n")).collect();
    place.write("proc/self/mountinfo", &mounts);
    fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    // Root may have as many as it likes; a number that nobody else has counts its own threads.
    let script =
        "ulimit -u 4; if [ $(id -u) = 0 ]; then exec setpriv --reuid 64997 --clear-groups \"$@\"; fi; exec \"$@\"";
    let output = Command::new("bash")
        .args(["-c", script, "bash", BINARY, "audit", "--root", "."])
        .current_dir(place.path(""))
        .output();
    let output = output.unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("panicked"), "{}", err.lines().take(3).collect::<String>());
}

/// Numbers that no host has: in `/proc`, and in a document of another program.
#[test]
fn absurd_numbers() {
    let place = TestDir::new(&[("etc/cinder/cinder.conf", CONF), ("proc/7/cmdline", "/usr/bin/cinder-volume\0")]);
    fs::create_dir_all(place.path(FIRST)).unwrap();
    fs::write(place.path(FIRST).join(".cinderSecureEnvIndicator"), "").unwrap();
    fs::write(place.path(FIRST).join(volume(1)), "").unwrap();
    for number in [i64::MAX, i64::MIN] {
        place.write("proc/stat", &format!("btime {number}\n"));
        place.write("proc/7/stat", &format!("7 (x) S{} {number} 1", " 1".repeat(18)));
        let (code, _, err) = place.said(&["audit", "--root", "."]);
        assert!(code <= 1, "{number}: {err}");
    }
    let mut document = place.json(&["audit", "--root", ".", "--format", "json"]);
    let host = &mut document["hosts"][0];
    host["logs"] = serde_json::json!([{"file": "x", "lines": u64::MAX, "events":
        [{"kind": "a", "about": "b", "backends": [], "count": u64::MAX}]}]);
    let share = &mut host["shares"][0];
    share["indicator"]["modified"] = i64::MIN.into();
    for name in ["files", "closed", "bytes", "unclassed", "vanished", "unreadable_count", "other_file_systems"] {
        share[name] = u64::MAX.into();
    }
    for class in share["classes"].as_array_mut().unwrap() {
        for name in ["files", "bytes", "more"] {
            class[name] = u64::MAX.into();
        }
    }
    let classes = share["classes"].as_array_mut().unwrap();
    classes.extend(classes.clone());
    place.write("odd.json", &document.to_string());
    for format in ["full", "json", "html", "prometheus"] {
        let (code, _, err) = place.said(&["audit", "--merge", "odd.json", "odd.json", "--format", format]);
        assert!(code <= 1, "{format}: {err}");
    }
}

#[test]
fn secrets_stay_where_they_are() {
    let place = furnished();
    let secret = "hunter2";
    place.write(
        "etc/cinder/cinder.conf",
        &format!("{CONF}nas_password = {secret}\nnas_secure_file_operations = rabbit://u:{secret}@h/\n"),
    );
    place.write(
        "etc/libvirt/qemu/instance-0000000a.xml",
        &format!(
            "<domain><name>a</name><description>{secret}</description><devices><graphics passwd='{secret}'/>\
             <disk type='file'><source file='/{FIRST}/{}'/><encryption><secret>{secret}</secret></encryption>\
             <serial>password={secret}</serial></disk>\
             </devices></domain>",
            volume(1)
        ),
    );
    place.write("etc/libvirt/qemu/broken.xml", &format!("<domain><name>{secret}</oops>"));
    place.write("etc/idmapd.conf", &format!("[General]\nsecret = {secret}\n{secret}\n"));
    place.write("etc/nova/nova.conf", &format!("[libvirt]\nrbd_secret = {secret}\n{secret}\n"));
    place.write(
        "volume.log",
        &format!("password={secret} is being set with open permissions: ugo+rw\npassword={secret} /v is being set with open permissions\n"),
    );
    for format in ["full", "json", "html", "prometheus"] {
        let arguments = [&FURNISHED[..], &["--log", "volume.log", "--format", format]].concat();
        let (_, out, err) = place.said(&arguments);
        assert!(!out.contains(secret) && !err.contains(secret), "{format}");
    }
}

/// Two names for one number: the first in the file is its name, and one that is given keeps its own groups.
#[test]
fn users_with_two_names() {
    let place = TestDir::new(&[
        ("etc/cinder/cinder.conf", CONF),
        ("etc/passwd", "root:x:0:0:::\nadmin:x:0:7001:::\nzoe:x:7002:7002:::\nanna:x:7002:7003:::\n"),
        ("etc/group", "staff:x:7001:\nabc:x:7001:\nextra:x:7004:zoe\n"),
    ]);
    let arguments = ["--as", "root", "--as", "admin", "--as", "zoe", "--as", "+7002"];
    let document = place.json(&[&["audit", "--root", ".", "--format", "json"], &arguments[..]].concat());
    let identities = document["hosts"][0]["identities"].as_array().unwrap();
    let labels: Vec<&str> = identities.iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["root:0", "root:staff", "zoe:7002,extra"]);
}

#[test]
fn flags_that_cannot_be_used() {
    let place = furnished();
    for (arguments, words) in [
        (&["audit", "--root", ".", "--as", "nobody-here"][..], "no user `nobody-here`"),
        (&["audit", "--root", "missing"], "is not a folder"),
        (&["audit", "--root", ".", "--log", "missing.log"], "missing.log"),
        (&["audit", "missing.conf"], "missing.conf"),
    ] {
        let (code, _, err) = place.said(arguments);
        assert!(code == 2 && err.contains(words), "{arguments:?}: {err}");
    }
    let (code, ..) =
        place.said(&["audit", "--root", ".", "--config-file", "etc/cinder/cinder.conf", "--as", "7001:7001"]);
    assert_eq!(code, 1);
}

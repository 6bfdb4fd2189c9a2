//! Files, folders and outputs that are meant to hurt: the command must answer, clearly, with the right exit code.

#![cfg(unix)]

use std::{
    ffi::{OsStr, OsString},
    fmt::Write as _,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
    path::Path,
    process::{Command, Stdio},
};

use crate::command::{BINARY, Ran, finish, limited as command, run, run_on};
use tempfile::TempDir;

const GOOD: &str = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
                    nas_secure_file_operations = false\nnas_secure_file_permissions = false\nnas_host = h\nnas_share_path = /x\n";
const BAD: &str = "[DEFAULT]\nenabled_backends = a\n[a\n";
const FORMATS: [&str; 3] = ["full", "concise", "json"];

/// Every way to have a file read, with the arguments in front of its name.
const READERS: [&[&str]; 7] = [
    &["check", "--pedantic", "--format", "full"],
    &["check", "--pedantic", "--format", "concise"],
    &["check", "--pedantic", "--format", "json"],
    &["effective"],
    &["effective", "--all", "--format", "json"],
    &["parse"],
    &["parse", "--format", "json"],
];

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs every reader on one name.
fn every(folder: &Path, name: impl AsRef<OsStr>) -> Vec<Ran> {
    READERS
        .iter()
        .map(|args| {
            let args: Vec<OsString> = args.iter().map(|&arg| arg.into()).chain([name.as_ref().to_owned()]).collect();
            let ran = run(folder, &args);
            if args.iter().any(|arg| arg == "json") {
                ran.json();
            }
            ran
        })
        .collect()
}

/// Runs every reader on a name that cannot be read: 2, and a message that holds `why`.
fn refuses(folder: &Path, name: &str, why: &str) {
    for ran in every(folder, name) {
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        assert!(ran.err().contains(why), "{name}: {}", ran.err());
        assert_eq!(ran.err().lines().count(), 1, "{name}: {}", ran.err());
    }
}

/// A file with one backend of that driver and these lines.
fn backend(driver: &str, lines: &str) -> String {
    format!("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.{driver}\n{lines}\n")
}

#[test]
fn things_that_are_no_files() {
    let folder = folder();
    let at = folder.path();
    fifo(&at.join("fifo.conf"));
    let _socket = UnixListener::bind(at.join("socket.conf")).unwrap();
    symlink("loop.conf", at.join("loop.conf")).unwrap();
    symlink("nothing", at.join("dangling.conf")).unwrap();
    refuses(at, "fifo.conf", "is a FIFO");
    refuses(at, "socket.conf", "is a socket");
    refuses(at, "/dev/zero", "is a device");
    refuses(at, "loop.conf", "symbolic links");
    refuses(at, "dangling.conf", "No such file");
    refuses(at, "nothing.conf", "No such file");
    refuses(at, "fifo.conf/x", "Not a directory");
    refuses(at, &"x".repeat(5000), "name too long");
}

#[test]
fn a_folder_is_searched_and_parse_refuses_it() {
    let folder = folder();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for args in READERS {
        let ran = run(folder.path(), &[args, &["empty"]].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(!ran.err().is_empty());
    }
}

#[test]
fn what_a_search_meets() {
    let folder = folder();
    let at = folder.path();
    write(at, "ok/cinder.conf", BAD);
    fs::create_dir(at.join("target")).unwrap();
    for (name, why) in
        [("link", "is a folder"), ("pipe", "is a FIFO"), ("round", "symbolic links"), ("gone", "No such file")]
    {
        fs::create_dir(at.join(name)).unwrap();
        let place = at.join(name).join("cinder.conf");
        match name {
            "link" => symlink("../target", &place).unwrap(),
            "pipe" => fifo(&place),
            "round" => symlink("cinder.conf", &place).unwrap(),
            _ => symlink("nothing", &place).unwrap(),
        }
        for format in FORMATS {
            let ran = run(at, &["check", "--format", format, "."]);
            assert_eq!(ran.code, 2, "{name}: {ran:?}");
            assert!(ran.err().contains(why), "{name}: {}", ran.err());
            assert!(ran.out().contains("CND103"), "what can be read is linted: {name}: {}", ran.out());
        }
        fs::remove_file(place).unwrap();
    }
    assert_eq!(run(at, &["check", "."]).code, 1);
}

#[test]
fn links_between_folders_do_not_lead_a_search_astray() {
    let folder = folder();
    let at = folder.path();
    write(at, "a/cinder.conf", GOOD);
    symlink("..", at.join("a/up")).unwrap();
    symlink("self", at.join("a/self")).unwrap();
    symlink("/", at.join("a/root")).unwrap();
    let ran = run(at, &["check", "--format", "json", "."]);
    assert_eq!((ran.code, ran.json()["summary"]["files"].as_u64()), (0, Some(1)), "{ran:?}");
}

#[test]
fn a_search_does_not_wait_for_the_ignore_files_of_others() {
    for name in [".ignore", ".gitignore"] {
        let folder = folder();
        let at = folder.path();
        fs::create_dir(at.join(".git")).unwrap();
        write(at, "cinder.conf", GOOD);
        fifo(&at.join(name));
        assert_ne!(run(at, &["check", "."]).code, 1, "{name}");
    }
}

/// What the tool reads for itself is as open to surprises as what it lints.
#[test]
fn settings_baselines_rules_and_variables_that_are_no_files() {
    let folder = folder();
    let at = folder.path();
    write(at, "x.conf", GOOD);
    write(at, "site.toml", "rules-dir = 'rules'\n");
    fs::create_dir(at.join("rules")).unwrap();
    fifo(&at.join("rules/a.toml"));
    fifo(&at.join("fifo"));
    for (args, why) in [
        (&["check", "x.conf", "--settings", "fifo"][..], "is a FIFO"),
        (&["check", "x.conf", "--settings", "/dev/zero"], "is a device"),
        (&["check", "x.conf", "--settings", "site.toml"], "is a FIFO"),
        (&["check", "x.conf", "--baseline", "fifo"], "is a FIFO"),
        (&["check", "x.conf", "--baseline", "/dev/zero"], "is a device"),
        (&["baseline", "show", "--baseline", "fifo"], "is a FIFO"),
        (&["baseline", "prune", "x.conf", "--baseline", "fifo"], "is a FIFO"),
        (&["check", "x.conf", "--vars", "fifo"], "is a FIFO"),
        (&["audit", "--merge", "fifo"], "is a FIFO"),
        (&["audit", "--merge", "/dev/zero"], "is a device"),
        (&["audit", "--root", ".", "--log", "fifo"], "is not a regular file"),
    ] {
        let ran = run(at, args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!((ran.out() + &ran.err()).contains(why), "{args:?}: {ran:?}");
    }
}

/// Folders come and go while they are searched: what is read is linted, what is gone is said, and nothing panics.
#[test]
fn a_folder_that_vanishes_while_it_is_searched() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = folder();
    let at = folder.path();
    write(at, "stays/cinder.conf", BAD);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for name in ["a", "b", "z"] {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    for deep in ["cinder.conf", "one/cinder.conf", "one/two/cinder.conf", "one/cinder.conf.d/x.conf"] {
                        write(at, &format!("{name}/{deep}"), GOOD);
                    }
                    fs::remove_dir_all(at.join(name)).unwrap();
                }
            });
        }
        for nth in 0..40 {
            let args = if nth % 2 == 0 { ["check", "--format=concise", "."] } else { ["check", "--format=json", "."] };
            let ran = run(at, &args);
            let said = (ran.out(), ran.err());
            let gone = |line: &str| line.contains("No such file") || line.contains("cinderlint: ");
            let holds = matches!(ran.code, 1 | 2) && said.0.contains("CND103") && said.1.lines().all(gone);
            if !holds {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(holds, "{ran:?}");
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_conf_d_folder_full_of_surprises() {
    let folder = folder();
    let at = folder.path();
    write(at, "cinder.conf", BAD);
    fs::create_dir(at.join("cinder.conf.d")).unwrap();
    fifo(&at.join("cinder.conf.d/a.conf"));
    symlink("b.conf", at.join("cinder.conf.d/b.conf")).unwrap();
    fs::create_dir(at.join("cinder.conf.d/c.conf")).unwrap();
    for args in [
        &["check", "."][..],
        &["check", "cinder.conf"],
        &["check", "--config-file", "cinder.conf", "--config-dir", "cinder.conf.d"],
    ] {
        let ran = run(at, args);
        assert_eq!((ran.code, ran.err().lines().count()), (2, 3), "{args:?}: {ran:?}");
        assert!(ran.out().contains("CND103"), "{ran:?}");
    }
    let ran = run(at, &["check", "--config-dir", "nothing"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let at = folder.path();
    write(at, "locked/cinder.conf", GOOD);
    write(at, "cinder.conf", GOOD);
    fs::set_permissions(at.join("cinder.conf"), fs::Permissions::from_mode(0o0)).unwrap();
    fs::set_permissions(at.join("locked"), fs::Permissions::from_mode(0o0)).unwrap();
    // The super-user may read everything.
    if fs::read(at.join("cinder.conf")).is_err() {
        refuses(at, "cinder.conf", "Permission denied");
        let ran = run(at, &["check", "."]);
        assert_eq!((ran.code, ran.err().lines().count()), (2, 2), "{ran:?}");
    }
    fs::set_permissions(at.join("locked"), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_huge_file_is_refused_unread() {
    let folder = folder();
    fs::File::create(folder.path().join("huge.conf")).unwrap().set_len(300 << 20).unwrap();
    refuses(folder.path(), "huge.conf", "larger than 256 MiB");
}

#[test]
fn an_endless_standard_input_is_refused() {
    let folder = folder();
    let zero = fs::File::open("/dev/zero").unwrap();
    let ran = finish(command(folder.path(), &["check", "-"]).stdin(zero).spawn().unwrap(), "/dev/zero");
    assert_eq!(ran.code, 2);
    assert!(ran.err().contains("larger than"), "{}", ran.err());
}

#[test]
fn one_long_line() {
    let folder = folder();
    let long = "a/".repeat(1 << 20);
    for (name, text) in [
        ("value", format!("[DEFAULT]\nx = {long}\nx = 2\n")),
        ("key", format!("[DEFAULT]\n{long} = 1\n{long} = 2\n")),
        ("section", format!("[{long}]\nvolume_driver = x\n")),
        ("broken", format!("[DEFAULT]\n{long}\n")),
        ("bracket", format!("[{long}\n")),
        ("secret", format!("[DEFAULT]\nnas_password = {long}\nnas_password = 1\n")),
        ("comment", format!("# {long}\n[DEFAULT\n")),
        ("continued", format!("[DEFAULT]\nx = 1\n {long}\nx = 2\n")),
        ("slashes", format!("[DEFAULT]\nx = {}\nx = 2\n", "/".repeat(1 << 20))),
        ("addresses", format!("[DEFAULT]\nx = {}\nx = 2\n", "//@".repeat(1 << 20))),
        ("dollars", format!("[DEFAULT]\nstate_path = {}\n", "$".repeat(1 << 20))),
        ("names", format!("[DEFAULT]\nstate_path = {}\n", "$x".repeat(1 << 10))),
        ("brackets", format!("[DEFAULT]\n{}\n", "[".repeat(1 << 20))),
        ("returns", format!("[DEFAULT]\n{}\nx\n", "\r".repeat(1 << 20))),
        ("blank", format!("[DEFAULT]\nx = 1{}2\nx = 2\n", " ".repeat(1 << 20))),
        ("not utf-8", String::new()),
    ] {
        let text = if name == "not utf-8" { [&b"[a]\nx = "[..], &[0xff; 1 << 20]].concat() } else { text.into_bytes() };
        write(folder.path(), "x.conf", text);
        for format in FORMATS {
            let ran = run(folder.path(), &["check", "--pedantic", "--format", format, "x.conf"]);
            assert_ne!(ran.code, 2, "{name}: {}", ran.err());
        }
    }
}

fn many(count: usize, one: &dyn Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |all, n| all + &one(n))
}

/// Every format on a text with very many of something.
fn very_many(name: &str, text: &str) {
    let folder = folder();
    write(folder.path(), "x.conf", text);
    for args in [&["check", "--pedantic", "--format", "json"][..], &["effective", "--format", "json"]] {
        let ran = run(folder.path(), &[args, &["x.conf"]].concat());
        assert_ne!(ran.code, 2, "{name}: {}", ran.err());
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&ran.out).is_ok(), "{name}");
    }
    // 100,000 drawn findings are more than a test has time for.
    if name != "names without sections" {
        assert_ne!(run(folder.path(), &["check", "x.conf"]).code, 2, "{name}");
    }
}

#[test]
fn very_many_sections_and_lines() {
    for (name, text) in [
        ("sections", many(200_000, &|n| format!("[s{n}]\nk = v\n"))),
        ("the same section", many(10_000, &|_| "[s]\nk = v\n".into())),
        ("errors", many(10_000, &|_| "[\n".into())),
        ("continuations", format!("[DEFAULT]\nx = 1\n{}", many(200_000, &|_| " y\n".into()))),
    ] {
        very_many(name, &text);
    }
}

#[test]
fn very_many_options() {
    very_many("the same option", &format!("[DEFAULT]\n{}", many(10_000, &|n| format!("debug = {n}\n"))));
    very_many("options", &format!("[DEFAULT]\n{}", many(100_000, &|n| format!("o{n} = {n}\n"))));
}

#[test]
fn very_many_backends() {
    let nfs = "volume_driver = cinder.volume.drivers.nfs.NfsDriver\n";
    let listed = many(2_000, &|n| format!("b{n},"));
    for (name, text) in [
        ("names without sections", format!("[DEFAULT]\nenabled_backends = {}", many(100_000, &|n| format!("b{n},")))),
        ("commas", format!("[DEFAULT]\nenabled_backends = {}", ",".repeat(1_000_000))),
        ("one name", format!("[DEFAULT]\nenabled_backends = {}", "a,".repeat(10_000))),
        ("backends", format!("[DEFAULT]\nenabled_backends = {listed}\n{}", many(2_000, &|n| format!("[b{n}]\n{nfs}")))),
        ("others", format!("[DEFAULT]\nenabled_backends = {listed}\n{}", many(2_000, &|n| format!("[c{n}]\n{nfs}")))),
        ("unlisted", many(2_000, &|n| format!("[c{n}]\n{nfs}"))),
    ] {
        very_many(name, &text);
    }
}

#[test]
fn folders_in_folders() {
    let folder = folder();
    let mut deep = folder.path().to_path_buf();
    for _ in 0..300 {
        deep.push("ddddd");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("cinder.conf"), BAD).unwrap();
    let ran = run(folder.path(), &["check", "--format", "concise", "."]);
    let errors = ran.out().lines().filter(|line| line.contains(": error[")).count();
    assert_eq!((ran.code, errors), (1, 1));
}

#[test]
fn a_file_that_is_no_text_is_one_finding() {
    let folder = folder();
    let bytes: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for start in [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"", b"[DEFAULT]\n"] {
        write(folder.path(), "cinder.conf", [start, &bytes].concat());
        let ran = run(folder.path(), &["check", "--format", "concise", "cinder.conf"]);
        assert_eq!((ran.code, ran.out().lines().count(), ran.err().lines().count()), (2, 0, 1), "{start:?}: {ran:?}");
    }
}

#[test]
fn nothing_and_next_to_nothing() {
    let folder = folder();
    let texts: [&[u8]; 14] = [
        b"",
        b"\n",
        b"\0",
        b"\0\0=\0\n",
        b"[",
        b"]",
        b"[]",
        b"=",
        b":",
        b" ",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\r",
        b"[DEFAULT]\0\nx\0=\0",
    ];
    for text in texts {
        write(folder.path(), "x.conf", text);
        for ran in every(folder.path(), "x.conf") {
            assert_ne!(ran.code, 2, "{text:?}: {ran:?}");
        }
    }
}

/// What steers a terminal, or turns the direction of writing.
const STEERING: [char; 16] = [
    '\u{1b}', '\u{7}', '\u{8}', '\u{0}', '\u{b}', '\u{7f}', '\u{9b}', '\u{85}', '\u{200e}', '\u{200f}', '\u{202a}',
    '\u{202e}', '\u{2066}', '\u{2069}', '\u{61c}', '\u{9d}',
];

fn steers(text: &str) -> Option<char> {
    text.chars().find(|c| STEERING.contains(c) || c.is_control() && *c != '\n')
}

#[test]
fn nothing_steers_the_terminal() {
    let folder = folder();
    for c in STEERING {
        let s = format!("{c}[31mx{c}");
        let mut text = format!(
            "[DEFAULT]\nenabled_backends = a{s},{s},$a{s},b\n[a{s}]\nvolume_driver = {s}\nvolume_backend_name = {s}\n"
        );
        for driver in ["nfs.NfsDriver", "x.y"] {
            write!(
                text,
                "[b]\nvolume_driver = cinder.volume.drivers.{driver}{s}\nvolume_driver = cinder.volume.drivers.{driver}\nnas_host = {s}\n\
                 nas_share_path = /{s}\nnas_secure_file_operations = {s}\nnas_secure_file_permissions = auto{s}\n\
                 nfs_mount_options = {s} # {s}\nnfs_mount_point_base = $x{s}/{s}\nnfs_snapshot_support = {s}\nNAS-host{s} = 1\n{s}{s} = 2\n\
                 {s}\n[{s}\n[]{s}\n {s}\n= {s}\n#{s}\nnfs_shares_config = /nothing/{s}\nk{s} = 1\nk{s} = 2\n \t{s}\n[b]\n[B{s}]\n"
            )
            .unwrap();
        }
        write(folder.path(), "x.conf", &text);
        write(folder.path(), "shares", format!("h:/x{s} -o {s}\n{s}\n h:/{s}\nh:/x\t{s} {s}\n"));
        let shares = folder.path().join("shares");
        write(folder.path(), "y.conf", backend("nfs.NfsDriver", &format!("nfs_shares_config = {}", shares.display())));
        for name in ["x.conf", "y.conf"] {
            for args in READERS.iter().filter(|args| !args.contains(&"json")) {
                let ran = run(folder.path(), &[args, &[name][..]].concat());
                assert_ne!(ran.code, 2, "{ran:?}");
                for text in [ran.out(), ran.err()] {
                    assert_eq!(steers(&text), None, "{args:?} {name} lets {c:?} through: {text}");
                }
            }
        }
    }
}

#[test]
fn odd_names_of_files() {
    for name in [
        &b"cinder\n.conf"[..],
        b"cinder\x1b[31m.conf",
        b"cinder\xff\xfe.conf",
        "cinder\u{202e}.conf".as_bytes(),
        b"cinder:1:2: x.conf",
        b"cinder\\.conf",
    ] {
        let folder = folder();
        let at = folder.path();
        fs::write(at.join(OsStr::from_bytes(name)), BAD).unwrap();
        fifo(&at.join(OsStr::from_bytes(&[b"cinder-fifo", name, b".conf"].concat())));
        for target in [OsStr::new("."), OsStr::from_bytes(name)] {
            for ran in every(at, target) {
                if ran.code == 2 {
                    assert!(!ran.err().is_empty(), "{ran:?}");
                }
                for text in [ran.out(), ran.err()] {
                    assert!(text.starts_with(['{', '[']) || steers(&text).is_none(), "{name:?}: {text}");
                }
            }
            let ran = run(at, &[OsStr::new("check"), OsStr::new("--format=concise"), target]);
            for line in ran.out().lines() {
                assert!(line.contains("[CND"), "{name:?}: {}", ran.out());
            }
            for line in ran.err().lines() {
                assert!(line.starts_with("cinderlint: "), "{name:?}: {}", ran.err());
            }
        }
    }
}

#[test]
fn whoever_reads_the_report_may_leave() {
    let folder = folder();
    write(folder.path(), "x.conf", "[\n".repeat(10_000));
    for args in READERS {
        let mut child = command(folder.path(), &[args, &["x.conf"]].concat()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = finish(child, "broken pipe");
        assert_eq!((ran.code, ran.err().as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let folder = folder();
    write(folder.path(), "x.conf", BAD);
    write(folder.path(), "large.conf", "[\n".repeat(10_000));
    for name in ["x.conf", "large.conf"] {
        for args in READERS {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let child = command(folder.path(), &[args, &[name]].concat()).stdout(full).spawn().unwrap();
            let ran = finish(child, "full");
            assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
            assert!(ran.err().contains("No space left"), "{args:?}: {ran:?}");
        }
    }
}

#[test]
fn standard_input() {
    let folder = folder();
    for args in READERS {
        let ran = run_on(folder.path(), &[args, &["-"]].concat(), BAD.as_bytes());
        assert_eq!(ran.code, i32::from(args[0] == "check"), "{args:?}: {ran:?}");
        // The shell closes it.
        let line = format!("exec {BINARY} {} - <&-", args.join(" "));
        let mut closed = Command::new("sh");
        closed.arg("-c").arg(line).current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = finish(closed.spawn().unwrap(), "closed standard input");
        assert!(matches!(ran.code, 0 | 2), "{ran:?}");
    }
    let ran = run_on(
        folder.path(),
        &["check", "-", "--format", "concise", "--stdin-filename", "a\n\u{1b}b.conf"],
        BAD.as_bytes(),
    );
    assert_eq!(steers(&ran.out()), None, "{}", ran.out());
    assert!(ran.out().lines().all(|line| line.contains("[CND")), "{}", ran.out());
}

#[test]
fn exit_codes() {
    let folder = folder();
    let at = folder.path();
    write(at, "good.conf", GOOD);
    write(at, "bad.conf", BAD);
    for (args, code) in [
        (&["check", "good.conf"][..], 0),
        (&["check", "bad.conf"], 1),
        (&["bad.conf"], 1),
        (&["check", "bad.conf", "--exit-zero"], 0),
        (&["check", "bad.conf", "--fail-on", "never"], 0),
        (&["check", "bad.conf", "-q"], 1),
        (&["check", "bad.conf", "--statistics"], 1),
        (&["check", "nothing.conf", "--exit-zero"], 2),
        (&["check", "nothing.conf", "--fail-on", "never"], 2),
        (&["check", "good.conf", "nothing.conf"], 2),
        (&["check", "good.conf", "--root", "nothing"], 2),
        (&["check", "good.conf", "--root", "bad.conf"], 2),
        (&["check", "good.conf", "--release", "nothing"], 2),
        (&["check", "good.conf", "--select", "nothing"], 2),
        (&["check", "--nothing"], 2),
        (&["check", "good.conf", "--config-file", "good.conf"], 2),
        (&["explain", "nothing"], 2),
        (&["effective", "bad.conf"], 0),
        (&["parse", "bad.conf"], 0),
        (&["--version"], 0),
        (&["check", ""], 2),
    ] {
        assert_eq!(run(at, args).code, code, "{args:?}");
    }
    for format in FORMATS {
        for args in [["nothing.conf", "bad.conf"], ["bad.conf", "nothing.conf"]] {
            let ran = run(at, &[&["check", "--format", format], &args[..]].concat());
            assert_eq!(ran.code, 2, "2 wins over 1");
            assert!(ran.out().contains("CND103"), "what can be read is linted: {}", ran.out());
            assert!(ran.err().contains("nothing.conf"), "{}", ran.err());
        }
    }
    let json = run(at, &["check", "--format", "json", "nothing.conf"]).json();
    assert_eq!(json["errors"][0]["file"], "nothing.conf");
}

#[test]
fn shares_files_that_hurt() {
    let folder = folder();
    let at = folder.path();
    let root = at.join("root");
    fs::create_dir(&root).unwrap();
    fifo(&root.join("fifo"));
    fs::create_dir(root.join("folder")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("/etc/nothing", root.join("dangling")).unwrap();
    symlink("../../../../../../../../../etc/hostname", root.join("outside")).unwrap();
    write(&root, "latin1", b"h:/x\xe9\n");
    write(&root, "nul", b"h:/x\0y\n\0\n");
    write(&root, "empty", b"");
    write(&root, "many", (0..3_000).fold(String::new(), |all, n| all + &format!("h:/x{n}\n")));
    write(&root, "bad", " h:/x\n".repeat(2_000));
    write(&root, "long", format!("h:/{}\n", "x".repeat(1 << 20)));
    fs::File::create(root.join("huge")).unwrap().set_len(300 << 20).unwrap();
    for name in [
        "fifo",
        "folder",
        "loop",
        "dangling",
        "outside",
        "latin1",
        "nul",
        "empty",
        "many",
        "bad",
        "long",
        "huge",
        "nothing",
        "folder/../fifo",
    ] {
        for driver in
            ["nfs.NfsDriver", "nexenta.nfs.NexentaNfsDriver", "smbfs.SmbfsDriver", "vzstorage.VZStorageDriver"]
        {
            let text = backend(
                driver,
                &format!(
                    "nfs_shares_config = /{name}\nvzstorage_shares_config = /{name}\nnexenta_shares_config = /{name}"
                ),
            );
            write(at, "x.conf", text);
            for args in READERS.iter().filter(|args| args[0] != "parse") {
                for release in ["2026.2", "queens", "kilo"] {
                    if release != "2026.2" && (args[0] == "check" || !args.contains(&"json")) {
                        continue;
                    }
                    let ran = run(at, &[args, &["x.conf", "--root", "root", "--release", release][..]].concat());
                    assert_ne!(ran.code, 2, "{name}: {ran:?}");
                    if args.contains(&"json") {
                        ran.json();
                    }
                }
            }
        }
    }
}

/// Ten thousand backends name one file with a hundred shares: a million shares, in the room that a run may take.
#[test]
fn one_shares_file_for_very_many_backends() {
    let folder = folder();
    let at = folder.path();
    write(at, "root/shares", (0..100).fold(String::new(), |all, n| all + &format!("h{n}:/x\n")));
    let names: Vec<String> = (0..10_000).map(|n| format!("b{n}")).collect();
    let mut text = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
    for name in &names {
        writeln!(text, "[{name}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_shares_config = /shares")
            .unwrap();
    }
    write(at, "x.conf", text);
    for args in [&["check", "-q"][..], &["effective", "--format", "json"]] {
        let ran = run(at, &[args, &["x.conf", "--root", "root"]].concat());
        assert_ne!(ran.code, 2, "{}", ran.err());
        if args[0] == "effective" {
            assert_eq!(memchr::memmem::find_iter(&ran.out, b"\"address\": \"").count(), 1_000_000);
        }
    }
}

/// Brackets in brackets: whoever reads with a call for each runs out of stack.
#[test]
fn deep_nesting() {
    let folder = folder();
    let at = folder.path();
    let flow = format!("kind: OpenStackControlPlane\nspec: {{cinder: {}", "[".repeat(100_000));
    let block = (0..3_000).fold("cinder_backends:\n".into(), |all: String, n| all + &" ".repeat(n + 1) + "a:\n");
    let maps = format!("conf: {{cinder: {{DEFAULT: {}", "{a: ".repeat(50_000));
    let references = (1..12).fold("a: &a0 [x, x, x, x, x, x, x, x, x]\n".to_string(), |all, n| {
        all + &format!("b{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))
    }) + "cinder_backends: {a: *a11}\n";
    let tags = format!("[DEFAULT]\n{}x = 1\n{}", "{% if a %}\n".repeat(20_000), "{% endif %}\n".repeat(20_000));
    let calls = format!("[DEFAULT]\ny = {{{{ {}a{} }}}}\n", "(".repeat(50_000), ")".repeat(50_000));
    write(at, "vars.yml", "a: 1\nb: \"{{ c }}\"\nc: \"{{ b }}\"\n");
    write(at, "deep.yml", format!("a: {}", "[".repeat(50_000)));
    for (name, form, text) in [
        ("x.yaml", "custom-resource", flow),
        ("x.yml", "openstack-ansible", block),
        ("values.yaml", "helm", maps),
        ("x.yml", "openstack-ansible", references),
        ("cinder.conf.j2", "ini", tags),
        ("cinder.conf.j2", "ini", calls),
    ] {
        write(at, name, &text);
        for more in [&[][..], &["--vars", "vars.yml"], &["--vars", "deep.yml"]] {
            let ran = run(at, &[&["check", "--format", "json", "--form", form, name][..], more].concat());
            assert!(ran.code <= 2, "{ran:?}");
            ran.json();
        }
    }
    // XML, and JSON of other hosts.
    write(at, "root/etc/libvirt/qemu/a.xml", "<domain><name>a</name>".repeat(20_000));
    assert!(run(at, &["audit", "--root", "root", "--format", "json"]).code <= 2);
    write(at, "x.json", "{\"hosts\":[".repeat(50_000));
    assert_eq!(run(at, &["audit", "--merge", "x.json"]).code, 2);
}

#[test]
fn share_directories_that_hurt() {
    let folder = folder();
    let at = folder.path();
    // md5 of 1.2.3.4:/exp
    let digest = "56c4a1ec779451241fdbd1bfb7f46ea9";
    let indicator = ".cinderSecureEnvIndicator";
    let lines = "nas_host = 1.2.3.4\nnas_share_path = /exp\nnfs_mount_point_base = /mnt";
    write(at, "x.conf", backend("nfs.NfsDriver", lines));
    let seen = |setup: &dyn Fn(&Path)| {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("mnt")).unwrap();
        setup(&root.path().join("mnt"));
        let ran = run(at, &["effective", "--format", "json", "x.conf", "--root", root.path().to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_ne!(run(at, &["check", "x.conf", "--root", root.path().to_str().unwrap()]).code, 2);
        ran.json()["deployments"][0]["backends"][0]["shares"][0]["indicator"].as_str().unwrap().to_string()
    };
    let share = |mnt: &Path| {
        fs::create_dir(mnt.join(digest)).unwrap();
        mnt.join(digest).join(indicator)
    };
    assert_eq!(seen(&|_| {}), "unknown");
    assert_eq!(seen(&|mnt| fs::write(share(mnt), "").unwrap()), "present");
    assert_eq!(seen(&|mnt| fifo(&share(mnt))), "absent");
    assert_eq!(seen(&|mnt| fs::create_dir(share(mnt)).unwrap()), "absent");
    assert_eq!(seen(&|mnt| symlink("nothing", share(mnt)).unwrap()), "absent");
    // `os.path.isfile` is false for a loop.
    assert_eq!(seen(&|mnt| symlink(indicator, share(mnt)).unwrap()), "absent");
    assert_eq!(seen(&|mnt| symlink(digest, mnt.join(digest)).unwrap()), "unknown");
    assert_eq!(seen(&|mnt| fifo(&mnt.join(digest))), "unknown");
    assert_eq!(
        seen(&|mnt| {
            fs::remove_dir(mnt).unwrap();
            symlink("mnt", mnt).unwrap();
        }),
        "unknown"
    );
}

#[test]
fn references_that_lead_far() {
    let folder = folder();
    let at = folder.path();
    // Text options that the driver of LVM reads, from the catalogue itself.
    let newest = cinderlint::catalog::Release::NEWEST;
    let driver = "cinder.volume.drivers.lvm.LVMVolumeDriver";
    let row = cinderlint::catalog::driver(newest, driver).unwrap();
    let names: Vec<&str> = cinderlint::catalog::backend_options(newest)
        .filter(|option| row.reads(newest, option.name()) == Some(true) && !option.is_secret() && !option.is_multi())
        .map(|option| option.name())
        .filter(|name| *name != "volume_driver")
        .collect();
    let shared: Vec<&str> = cinderlint::catalog::all_options()
        .filter(|row| row.group() == "DEFAULT" && row.last() == newest && !row.is_secret() && !row.is_multi())
        .map(|row| row.name())
        .filter(|name| *name != "enabled_backends")
        .collect();
    for (section, names) in [("a", names), ("DEFAULT", shared)] {
        assert!(names.len() > 25, "{}", names.len());
        for value in ["$N", "$N$N", "$N$N$N $N", "${N}x${N}", "$N.$N"] {
            let mut text = format!("[a]\nvolume_driver = {driver}\n[DEFAULT]\nenabled_backends = a\n[{section}]\n");
            for pair in names.windows(2) {
                writeln!(text, "{} = {}", pair[0], value.replace('N', pair[1])).unwrap();
            }
            for last in ["x".repeat(100_000), format!("${}", names[0])] {
                write(at, "x.conf", format!("{text}{} = {last}\n", names[names.len() - 1]));
                for args in [&["check", "--format", "json"][..], &["effective", "--format", "json"]] {
                    let ran = run(at, &[args, &["x.conf"]].concat());
                    assert_ne!(ran.code, 2, "{section} {value}: {ran:?}");
                }
            }
        }
    }
}

/// Which backends there are, and what drives them, may be made of what other backends say.
#[test]
fn references_that_lead_round_through_drivers() {
    let folder = folder();
    let at = folder.path();
    let nfs = "cinder.volume.drivers.nfs.NfsDriver";
    for (list, a, b) in [
        ("a,b", "$b.nas_host", nfs),
        ("a,b", "$b.volume_driver", "$a.volume_driver"),
        ("a,b", "$a.volume_driver", "$nothing.x"),
        ("$b.nas_host,b", nfs, nfs),
        ("$a.volume_driver,$b.volume_driver,a", "$b.x", "$a.x"),
    ] {
        let text = format!(
            "[DEFAULT]\nenabled_backends = {list}\n[a]\nvolume_driver = {a}\nnas_host = $b.nas_host\n[b]\nvolume_driver = {b}\nnas_host = a\n"
        );
        write(at, "x.conf", text);
        for ran in every(at, "x.conf") {
            assert_ne!(ran.code, 2, "{list} {a} {b}: {ran:?}");
        }
    }
}

#[test]
fn two_runs_say_the_same_and_order_does_not_matter() {
    let folder = folder();
    let at = folder.path();
    let nfs =
        "volume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_shares_config = /nothing\ndebug = 1\ndebug = 2\n";
    write(at, "a.conf", format!("[DEFAULT]\nenabled_backends = a,b,c\nx = $y\n[a]\n{nfs}[b]\n{nfs}[x]\n{nfs}"));
    write(at, "b.conf", format!("[DEFAULT]\nenabled_backends = a\n[a]\n{nfs}[b]\n{nfs}[a]\n[\n"));
    write(at, "d/cinder.conf", format!("[a]\n{nfs}"));
    write(at, "d/cinder.conf.d/x.conf", "[a]\nnas_secure_file_operations = auto\n");
    for args in READERS {
        let names = if args[0] == "parse" { &["a.conf", "b.conf"][..] } else { &["a.conf", "b.conf", "d"][..] };
        let all = [args, names].concat();
        assert_eq!(run(at, &all).out, run(at, &all).out, "{args:?}");
    }
    for format in FORMATS {
        let check = ["check", "--pedantic", "--format", format];
        let there = run(at, &[&check[..], &["a.conf", "b.conf", "d"]].concat());
        for others in [["d", "b.conf", "a.conf"], ["b.conf", "d", "a.conf"]] {
            assert_eq!(there.out(), run(at, &[&check[..], &others[..]].concat()).out(), "{format}");
        }
        // A file that is named twice is one file.
        let twice = run(at, &[&check[..], &["a.conf", "./a.conf", "b.conf", "d", "d/../d", "a.conf"]].concat());
        assert_eq!(there.out(), twice.out(), "{format}");
    }
}

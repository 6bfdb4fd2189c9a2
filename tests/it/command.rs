//! Runs the built command: in a folder with files, or in a given one; with limits where it is fed what is meant to hurt.

use std::{
    ffi::OsStr,
    fs,
    io::{Read, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// The built command.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_cinderlint");

/// The command in a folder.
pub(crate) fn command<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(args);
    prepared(command, folder)
}

/// A process in a folder, with an environment that changes nothing of what it prints, and nothing on standard input.
fn prepared(mut command: Command, folder: &Path) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    command.current_dir(folder).env_clear().env("LC_ALL", "C.UTF-8").env("PATH", path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a run of the command prints as JSON, whatever its exit code.
pub(crate) fn json<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Value {
    let output = command(folder, args).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Files to try things on: those of the examples and the tests, and all below the folder that `CINDERLINT_CORPUS` names.
pub(crate) fn repository_files() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> =
        ["examples", "tests/examples", "tests/forms", "tests/checks"].map(|path| here.join(path)).into();
    folders.extend(std::env::var_os("CINDERLINT_CORPUS").map(|path| here.join(path)));
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// A temporary folder with files, in which the command runs.
pub(crate) struct TestDir {
    folder: tempfile::TempDir,
}

impl TestDir {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        // Settings above the folder do not count.
        std::fs::create_dir(place.path(".git")).unwrap();
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(self.folder.path(), arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Exit code, standard output, standard error.
    pub(crate) fn said(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// File, rule and line of every finding that counts.
    pub(crate) fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let document = self.json(&[&["check", "--format", "json"], arguments].concat());
        let entries = document["findings"].as_array().unwrap();
        let counting = entries.iter().filter(|finding| finding["suppressed"].is_null());
        let shown =
            |f: &Value| format!("{}:{} {}", f["file"].as_str().unwrap(), f["line"], f["rule"].as_str().unwrap());
        counting.map(shown).collect()
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; a signal fails the test before.
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: Vec<u8>,
}

impl Ran {
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.err).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.out()))
    }
}

/// A run that takes longer hangs: every test here takes a second or two.
const HANGS: Duration = Duration::from_secs(50);
/// Address space of a run, in KiB; more than a linter of text files can need.
const MEMORY: &str = "2000000";

/// The command with a limited address space.
pub(crate) fn limited<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")).arg(BINARY).args(args);
    prepared(command, folder)
}

/// Runs the command in `folder`.
pub(crate) fn run<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Ran {
    let shown: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()).collect();
    finish(limited(folder, args).spawn().unwrap(), &shown.join(" "))
}

/// Runs the command in `folder` on a text that it reads from `-`.
pub(crate) fn run_on<A: AsRef<OsStr>>(folder: &Path, args: &[A], text: &[u8]) -> Ran {
    let mut child = limited(folder, args).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&text);
    });
    let ran = finish(child, "on standard input");
    let _ = writer.join();
    ran
}

/// Waits for a run; fails where it hangs, panics or dies of a signal.
pub(crate) fn finish(mut child: Child, what: &str) -> Ran {
    fn all(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = from.read_to_end(&mut bytes);
            bytes
        })
    }
    let out = child.stdout.take().map(all);
    let err = child.stderr.take().map(all);
    let since = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if since.elapsed() > HANGS => {
                let _ = child.kill();
                panic!("hangs: {what}");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let take = |from: Option<std::thread::JoinHandle<Vec<u8>>>| from.map_or(Vec::new(), |from| from.join().unwrap());
    let (out, err) = (take(out), take(err));
    let said = String::from_utf8_lossy(&err);
    assert!(!said.contains("panicked at"), "{what}: {said}");
    let code = status.code().unwrap_or_else(|| panic!("{what}: {status}: {said}"));
    Ran { code, out, err }
}

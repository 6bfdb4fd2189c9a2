//! Runs the built command, so that a hang or an explosion of memory fails a test instead of stopping all of them.

use std::{
    ffi::OsStr,
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

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

/// The command, limited in memory, in `folder`, with an environment that changes nothing of what it prints.
pub(crate) fn command<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")).arg(env!("CARGO_BIN_EXE_cinderlint"));
    command.args(args).current_dir(folder).env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the command in `folder`.
pub(crate) fn run<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Ran {
    let shown: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy().into_owned()).collect();
    finish(command(folder, args).spawn().unwrap(), &shown.join(" "))
}

/// Runs the command in `folder` on a text that it reads from `-`.
pub(crate) fn run_on<A: AsRef<OsStr>>(folder: &Path, args: &[A], text: &[u8]) -> Ran {
    let mut child = command(folder, args).stdin(Stdio::piped()).spawn().unwrap();
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

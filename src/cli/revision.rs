//! A revision of Git as a file system, read through Git's own program: nothing is checked out, and no hook, filter or fetch runs.

use std::{
    ffi::OsStr,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{message::Message, report::ToolError, source::Memory};

/// Larger files than this are no configuration, in bytes.
const LARGEST: u64 = 4 << 20;
/// More than this is not kept in memory, in bytes.
const MOST: u64 = 1 << 30;
/// A longer list of files than this is not read, in bytes: folders that share folders make one of any length.
const LIST: u64 = 64 << 20;

/// The tree of a revision, at the paths that it has when it is checked out here.
///
/// # Errors
/// No repository around the working directory, no such revision, no Git.
pub(super) fn read(revision: &str) -> Result<Memory, ToolError> {
    let fail = |message: Message| ToolError::new(revision, message);
    let tree = git(["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{tree}}")]);
    let tree = tree.map_err(|error| {
        let help = "write an existing path, or a branch, a tag or a commit (anything that `git rev-parse` accepts)";
        fail(Message::from(error.unwrap_or_else(|| "is neither a file here nor a Git revision".into())).help(help))
    })?;
    let said = |error: Option<String>| fail(Message::from(error.unwrap_or_else(|| "Git could not read it".into())));
    let top = PathBuf::from(line(&git(["rev-parse", "--show-toplevel"]).map_err(said)?));
    let tree = line(&tree);
    let list = git(["ls-tree", "-r", "-z", "-l", "--full-tree", &tree]).map_err(said)?;
    let mut wanted: Vec<(String, PathBuf, bool)> = Vec::new();
    let mut sum = 0;
    for entry in list.split(|byte| *byte == 0) {
        // `MODE TYPE OBJECT SIZE<tab>PATH`
        let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else { continue };
        let (head, path) = (String::from_utf8_lossy(&entry[..tab]), path_of(&entry[tab + 1..]));
        let mut words = head.split_ascii_whitespace();
        let (Some(mode), Some("blob"), Some(object), Some(size)) =
            (words.next(), words.next(), words.next(), words.next().and_then(|size| size.parse::<u64>().ok()))
        else {
            continue;
        };
        if size <= LARGEST {
            sum += size;
            wanted.push((object.to_string(), top.join(path), mode == "120000"));
        }
    }
    if sum > MOST {
        return Err(fail(Message::from("is too large to be read into memory")));
    }
    contents(wanted).map_err(|error| fail(Message::from(error.to_string())))
}

fn contents(wanted: Vec<(String, PathBuf, bool)>) -> io::Result<Memory> {
    let mut child = command(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let objects: Vec<String> = wanted.iter().map(|(object, ..)| format!("{object}\n")).collect();
    // Git answers while it is asked: who writes all before reading may wait for ever.
    let asking = std::thread::spawn(move || objects.iter().try_for_each(|object| input.write_all(object.as_bytes())));
    let mut output = BufReader::new(output);
    let mut memory = Memory::new();
    for (_, path, is_link) in wanted {
        let mut head = String::new();
        output.read_line(&mut head)?;
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| io::Error::other("Git does not have all of its files here"))?;
        let mut text = Vec::new();
        (&mut output).take(size).read_to_end(&mut text)?;
        output.read_exact(&mut [0])?;
        memory = if is_link { memory.with_link(path, path_of(&text)) } else { memory.with(path, text) };
    }
    let _ = asking.join();
    child.wait()?;
    Ok(memory)
}

fn command<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new("git");
    // A repository's own configuration may name programs. A bare one inside of a tree is none of whoever works in that tree.
    command.args([
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "safe.bareRepository=explicit",
    ]);
    // No file is fetched that is not here; Git before 2.45 knows only the second: no protocol is allowed.
    command.args(arguments).env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none");
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    command.stderr(Stdio::piped()).stdin(Stdio::null());
    command
}

/// What Git prints; where it fails, the first line of what it says, if it says something.
fn git<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Vec<u8>, Option<String>> {
    let fail = |error: io::Error| Some(format!("git: {error}"));
    let mut child = command(arguments).stdout(Stdio::piped()).spawn().map_err(fail)?;
    // Who reads one pipe only may wait for ever.
    let errors = child.stderr.take().map(|mut errors| {
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = (&mut errors).take(4096).read_to_end(&mut said);
            let _ = io::copy(&mut errors, &mut io::sink());
            said
        })
    });
    let mut listed = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(LIST + 1).read_to_end(&mut listed).map_err(fail)?;
    }
    if listed.len() as u64 > LIST {
        // What it still writes goes nowhere: its end of the pipe is closed.
        let _ = child.wait();
        return Err(Some("has too many files".into()));
    }
    if child.wait().map_err(fail)?.success() {
        return Ok(listed);
    }
    let said = errors.and_then(|errors| errors.join().ok()).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    Err(said.lines().next().map(|line| line.trim_start_matches("fatal: ").to_string()))
}

fn line(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim_end_matches(['\n', '\r']).to_string()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new(OsStr::from_bytes(bytes)).to_path_buf()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    Path::new(&*String::from_utf8_lossy(bytes)).to_path_buf()
}

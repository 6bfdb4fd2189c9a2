//! Lines of cinder-volume that tell what was in force.
//!
//! Sources: the LOG calls of `set_nas_security_options` (`cinder/volume/drivers/nfs.py`, Kilo to 29.0.0) and of
//! `_determine_nas_security_option_setting` and `_set_rw_permissions` (`remotefs.py`); oslo.concurrency's
//! `processutils.execute` ("Running cmd (subprocess): …", "CMD \"…\" returned: 0 in 0.1s").

use super::line::Line;

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tells {
    /// What `nas_secure_file_permissions` came to.
    Permissions(bool),
    /// What `nas_secure_file_operations` came to.
    Operations(bool),
    /// The indicator was there.
    Found,
    /// The indicator was made: the volume database was empty.
    Made,
    /// The indicator could not be made: the volume database was empty as well, and the value is false.
    Reverted,
    /// A file was given its mode: open to everybody or not, as root or not.
    Mode {
        /// Open to everybody.
        open: bool,
        /// By a command that ran as root.
        as_root: bool,
    },
    /// Only whose lines those of this process are.
    Place,
}

/// A line that tells something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// What it tells.
    pub tells: Tells,
    /// When it was written.
    pub time: Option<String>,
    /// The process that wrote it.
    pub process: String,
    /// The number of the line, from 1.
    pub line: u64,
    /// The MD5 of the share that it names.
    pub digest: Option<String>,
    /// The backend that it names.
    pub backend: Option<String>,
    /// The part of the line that tells it.
    pub words: String,
}

/// What a line tells; none where it tells nothing.
pub fn read(line: &Line<'_>, number: u64) -> Option<Sign> {
    let text = line.text.as_ref();
    let (tells, words) = tells(text)?;
    let digest = digest(text);
    let backend = backend(text);
    if tells == Tells::Place && digest.is_none() && backend.is_none() {
        return None;
    }
    Some(Sign {
        tells,
        time: line.time.clone(),
        process: line.process.clone().unwrap_or_default(),
        line: number,
        digest,
        backend,
        words,
    })
}

fn tells(text: &str) -> Option<(Tells, String)> {
    for (words, of) in [
        ("secure_file_permissions setting is: ", Tells::Permissions as fn(bool) -> Tells),
        ("secure_file_operations setting is: ", Tells::Operations),
        ("secure file operations setting is: ", Tells::Operations),
    ] {
        if let Some((_, rest)) = text.split_once(words) {
            let value = rest.split_whitespace().next()?.trim_matches(|c: char| !c.is_ascii_alphabetic());
            let value = [("true", true), ("false", false)].into_iter().find(|(name, _)| value == *name)?.1;
            return Some((of(value), format!("{words}{value}")));
        }
    }
    for (words, told) in [
        ("The NAS file permissions mode will be 666", Tells::Permissions(false)),
        ("The NAS file operations will be run as root", Tells::Operations(false)),
        ("Cinder secure environment indicator file exists", Tells::Found),
        ("New Cinder secure environment indicator file created", Tells::Made),
        ("Reverting to non-secure mode", Tells::Reverted),
        ("mount -t nfs", Tells::Place),
        ("qemu-img create", Tells::Place),
        ("Image-volume cache ", Tells::Place),
    ] {
        if text.contains(words) {
            return Some((told, words.to_string()));
        }
    }
    // Once as it is run, once as it has returned: the first would tell of one that failed.
    let (_, command) = text.split_once("CMD \"").or_else(|| text.split_once("CMD '"))?;
    let (command, returned) = command.split_once(" returned: ")?;
    if returned.split_whitespace().next() != Some("0") {
        return None;
    }
    let as_root = command.starts_with("sudo ") || command.contains("rootwrap");
    [("chmod 660 ", false), ("chmod ugo+rw ", true)].into_iter().find_map(|(words, open)| {
        let (_, path) = command.split_once(words)?;
        let path = path.split_whitespace().next().unwrap_or_default().trim_end_matches(['"', '\'']);
        Some((Tells::Mode { open, as_root }, format!("{words}{}", super::short(path))))
    })
}

/// The MD5 in a path of a share.
fn digest(text: &str) -> Option<String> {
    let is_digest =
        |part: &&str| part.len() == 32 && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    text.split(['/', ' ', '"', '\'', '.', ',']).find(is_digest).map(str::to_string)
}

/// The backend in `for host HOST@BACKEND`.
fn backend(text: &str) -> Option<String> {
    let (_, host) = text.split_once(" for host ")?;
    let host = host.split_whitespace().next()?;
    let (_, name) = host.split_once('@')?;
    Some(name.split('#').next()?.trim_end_matches('.').to_string())
}

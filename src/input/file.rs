use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use crate::{
    message::{Message, hint_for},
    text::plain,
};

/// The largest file that is read, in bytes. A `cinder.conf` with every option of every driver has 0.3 MB.
pub const MAX_BYTES: u64 = 256 << 20;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The operating system said no.
    #[error("{}", plain(.0))]
    Io(#[from] io::Error),
    /// A folder where a file is wanted.
    #[error("is a folder, not a regular file")]
    Folder,
    /// Neither a file nor something that ends.
    #[error("is {0}, not a regular file")]
    Kind(&'static str),
    /// Larger than [`MAX_BYTES`].
    #[error("is larger than {} MiB, the most that is read as a configuration file", MAX_BYTES >> 20)]
    TooLarge,
    /// Bytes where only text is read.
    #[error("is not UTF-8")]
    NotText,
}

impl From<&InputError> for Message {
    fn from(error: &InputError) -> Self {
        let hint = match error {
            InputError::Io(error) => hint_for(error),
            InputError::Folder => Some("name the files in it"),
            InputError::Kind(_) | InputError::TooLarge | InputError::NotText => None,
        };
        Self::from(error.to_string()).hint(hint)
    }
}

/// Reads a file; refuses what could block, never end, or not fit.
pub fn read_path(path: &Path) -> Result<Vec<u8>, InputError> {
    let kind = fs::metadata(path)?;
    if !kind.is_file() && !is_own_descriptor(path) {
        return Err(if kind.is_dir() { InputError::Folder } else { InputError::Kind(kind_name(&kind)) });
    }
    if kind.len() > MAX_BYTES {
        return Err(InputError::TooLarge);
    }
    read_limited(fs::File::open(path)?, kind.len())
}

/// Opens a file that is a regular one. Nothing else is opened: a FIFO could wait for ever. One that a listing of its folder
/// has just called regular is not asked for first.
#[cfg(target_os = "linux")]
pub(super) fn open_regular(path: &Path, listed: bool) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    if !listed && !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // Should it have become a FIFO since then, neither opening nor reading it waits.
    let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens a file that is a regular one. Nothing else is opened: a FIFO could wait for ever.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_regular(path: &Path, _: bool) -> io::Result<fs::File> {
    if fs::metadata(path)?.is_file() { fs::File::open(path) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Reads a file of the tool itself, which is text.
///
/// # Errors
/// As [`read_path`]; and bytes that are not UTF-8.
pub fn read_text(path: &Path) -> Result<String, InputError> {
    String::from_utf8(read_path(path)?).map_err(|_| InputError::NotText)
}

/// Reads standard input to its end.
///
/// # Errors
/// As [`read_path`].
pub fn read_stdin() -> Result<Vec<u8>, InputError> {
    read_limited(io::stdin().lock(), 0)
}

/// Reads to the end, at most [`MAX_BYTES`].
fn read_limited(from: impl Read, expected: u64) -> Result<Vec<u8>, InputError> {
    let mut text = Vec::with_capacity(expected as usize + 1);
    from.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES { Err(InputError::TooLarge) } else { Ok(text) }
}

/// `/dev/stdin` and the `/dev/fd/63` of a shell's `<(command)`: pipes that are open already, so that reading them
/// cannot wait for a writer that never comes.
fn is_own_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

#[cfg(unix)]
fn kind_name(meta: &fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = meta.file_type();
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something else"
    }
}

#[cfg(not(unix))]
fn kind_name(_: &fs::Metadata) -> &'static str {
    "something else"
}

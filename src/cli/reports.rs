//! Reports beside the one on screen: `--report FORMAT=PATH`, and the job summary of GitHub Actions.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::{
    Arg, Command, ValueEnum,
    builder::{PossibleValue, TypedValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    message::{Message, hint_for},
    report::{self, Format, Report, ToolError},
    source::{self, Borders, Disk, HostFiles},
    style::Style,
    text,
};

/// One `--report`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub format: Format,
    pub path: PathBuf,
}

/// Reads `FORMAT=PATH`; the path need not be UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WantedParser;

impl TypedValueParser for WantedParser {
    type Value = Wanted;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &std::ffi::OsStr) -> Result<Wanted, clap::Error> {
        let bytes = value.as_encoded_bytes();
        let at = bytes.iter().position(|&byte| byte == b'=').unwrap_or(bytes.len());
        let name = String::from_utf8_lossy(&bytes[..at]);
        let format = Format::from_str(&name, false).map_err(|_| unknown_format(command, arg, &name))?;
        let path = path_after(value, at);
        if path.is_empty() || path == "-" {
            let message = format!(
                "'{}' names no file: write --report {name}=FILE; --format {name} writes to standard output\n",
                value.to_string_lossy()
            );
            return Err(clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command));
        }
        Ok(Wanted { format, path: path.into() })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        None
    }
}

/// What stands behind the byte at `at`.
#[cfg(unix)]
fn path_after(value: &std::ffi::OsStr, at: usize) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(value.as_bytes().get(at + 1..).unwrap_or_default()).to_os_string()
}

/// What stands behind the byte at `at`.
#[cfg(not(unix))]
fn path_after(value: &std::ffi::OsStr, at: usize) -> OsString {
    value.to_string_lossy().get(at + 1..).unwrap_or_default().into()
}

/// As clap says it of `--format`, the nearest format included.
fn unknown_format(command: &Command, arg: Option<&Arg>, name: &str) -> clap::Error {
    let formats: Vec<String> =
        Format::value_variants().iter().filter_map(|f| Some(f.to_possible_value()?.get_name().to_string())).collect();
    let near = formats.iter().map(|known| (strsim::osa_distance(known, name), known)).min();
    let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
    error.insert(
        ContextKind::InvalidArg,
        ContextValue::String(arg.map_or_else(|| "--report".to_string(), ToString::to_string)),
    );
    error.insert(ContextKind::InvalidValue, ContextValue::String(name.to_string()));
    if let Some((distance, known)) = near
        && distance <= 2
    {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(known.clone()));
    }
    error.insert(ContextKind::ValidValue, ContextValue::Strings(formats));
    error
}

/// The files of all reports, open before the work starts.
#[derive(Debug)]
pub(crate) struct Reports(Vec<(Wanted, File)>);

impl Reports {
    /// Creates the files. What is in them stays until the report is written.
    ///
    /// # Errors
    /// A file that cannot be written, or that two reports share.
    pub(crate) fn open(wanted: &[Wanted]) -> Result<Self, ToolError> {
        let mut reports: Vec<(Wanted, File)> = Vec::with_capacity(wanted.len());
        for one in wanted {
            let file = inside(&one.path).and_then(|()| open(&one.path));
            let file = file.map_err(|error| cannot(&one.path, &error))?;
            let real = real(&one.path);
            if reports.iter().any(|(other, _)| is_regular(&file) && self::real(&other.path) == real) {
                let message = "two reports cannot share a file";
                return Err(ToolError::new(source::relative(&one.path), message));
            }
            reports.push((one.clone(), file));
        }
        Ok(Self(reports))
    }

    /// Writes all of them; what fails is said, and the others are written.
    pub(crate) fn write(self, report: &Report<'_>) -> Vec<ToolError> {
        let linted: Vec<PathBuf> = match self.0.is_empty() {
            true => Vec::new(),
            false => report.files.on_disk_only().map(|(_, file)| real(Path::new(&file.relative))).collect(),
        };
        let mut errors = Vec::new();
        for (wanted, file) in self.0 {
            let path = &wanted.path;
            if linted.contains(&real(path)) {
                let message = "is one of the linted files: the report would overwrite it";
                errors.push(ToolError::new(source::relative(path), message));
            } else if let Err(error) = write_one(report, wanted.format, file) {
                errors.push(cannot(path, &error));
            }
        }
        errors
    }
}

/// A link that somebody put where a report is to be written would have another file overwritten. What a shell makes of `>(command)`, and
/// what leads elsewhere inside of the same folder, is followed.
pub(super) fn inside(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if is_stream(path) || !folder.exists() {
        return Ok(());
    }
    let borders = Borders::around(&Disk::shared(), [path], HostFiles::Own);
    if path.is_symlink() { borders.check(path) } else { borders.check(folder) }
}

/// Whether a path is another name of something that is open already.
fn is_stream(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/null"].iter().any(|stream| path == Path::new(stream))
        || path.starts_with("/dev/fd")
        || path.starts_with("/proc/self/fd")
}

/// Opens the file of a report. A FIFO that nobody reads is an error, where opening it would wait for ever.
#[cfg(target_os = "linux")]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).custom_flags(OFlags::NONBLOCK.bits() as i32);
    // A link was followed to its end before: none may stand there now.
    let path =
        if is_stream(path) { path.to_path_buf() } else { fs::canonicalize(path).unwrap_or_else(|_| path.into()) };
    if !is_stream(&path) {
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits() as i32);
    }
    let file = options.open(&path)?;
    // Writing waits for whoever reads.
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Opens the file of a report.
#[cfg(not(target_os = "linux"))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path)
}

fn write_one(report: &Report<'_>, format: Format, file: File) -> io::Result<()> {
    if is_regular(&file) {
        file.set_len(0)?;
    }
    let mut out = BufWriter::with_capacity(1 << 16, file);
    report::write(report, format, &Style::FILE, &mut out)?;
    out.flush()
}

fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file())
}

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

fn cannot(path: &Path, error: &io::Error) -> ToolError {
    let message = Message::from(format!("cannot write the report: {}", text::plain(error)));
    ToolError::new(source::relative(path), message.hint(hint_for(error)))
}

/// Adds a Markdown summary to the page of the job, where GitHub Actions asks for one (`GITHUB_STEP_SUMMARY`).
pub(crate) fn summarize(report: &Report<'_>) -> Result<(), ToolError> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(OpenOptions::new().append(true).create(true).open(&path)?);
        report::write_github_summary(report, &mut out)?;
        out.flush()
    };
    write().map_err(|error| cannot(Path::new(&path), &error))
}

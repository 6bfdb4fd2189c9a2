use std::{
    borrow::Cow,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{Form, Outcome, complain};
use crate::{
    ini::{Document, Span},
    input::forms::{self, Candidate},
    message::Message,
    report::{Each, ToolError},
    secrets,
    source::{self, Borders, Disk, FileSystem, Files, HostFiles},
    template::jinja_tags,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The files, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Form::Full)]
    pub(super) format: Form,
}

/// What is written of a file: a hundred megabytes of it one by one.
struct Parsed<'f> {
    path: &'f str,
    text: &'f [u8],
    document: &'f Document,
}

#[derive(Serialize)]
struct OfFile<'f, S: Serialize, E: Serialize> {
    file: &'f str,
    sections: S,
    errors: E,
}

#[derive(Serialize)]
struct Section<'f, O: Serialize> {
    name: Cow<'f, str>,
    line: u32,
    options: O,
}

#[derive(Serialize)]
struct OptionEntry<'f> {
    name: Cow<'f, str>,
    line: u32,
    column: u32,
    value: Cow<'f, str>,
}

#[derive(Serialize)]
struct ParseError {
    line: u32,
    column: u32,
    message: &'static str,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut files = Files::default();
    let mut errors = Vec::new();
    let mut notes = Vec::new();
    let borders = Borders::around(&Disk::shared(), args.files.iter().map(PathBuf::as_path), HostFiles::Own);
    for path in &args.files {
        let stdin = path == Path::new("-");
        match if stdin { Disk.read_stdin() } else { borders.read(path) } {
            Ok(text) => {
                let path = if stdin { Path::new("<stdin>") } else { path };
                if let Some(message) = otherwise(path, &text) {
                    notes.push(ToolError::new(source::relative(path), message));
                }
                files.add_as_it_is(path, text);
            }
            Err(error) => errors.push(ToolError::new(source::relative(path), &error)),
        }
    }
    let parsed: Vec<Parsed<'_>> = files
        .iter()
        .map(|(_, file)| Parsed { path: &file.relative, text: &file.text, document: &file.document })
        .collect();
    match args.format {
        Form::Json => {
            serde_json::to_writer(&mut *out, &Each(|| parsed.iter().map(Parsed::json)))?;
            writeln!(out)?;
        }
        Form::Full => {
            for one in &parsed {
                one.human(out)?;
            }
        }
    }
    out.flush()?;
    complain(&notes);
    complain(&errors);
    Ok(if errors.is_empty() { Outcome::Clean } else { Outcome::Failed })
}

/// What is said of a file that is read otherwise elsewhere.
fn otherwise(path: &Path, text: &[u8]) -> Option<Message> {
    let candidate = Candidate::with_text(&Disk, path, text);
    let form = forms::of(&candidate).filter(|_| candidate.is_yaml());
    let what = match form {
        Some((form, _)) => format!("contains {}", form.title()),
        None if !jinja_tags(text).is_empty() => "is a template".to_string(),
        None => return None,
    };
    let help = "this is how oslo.config reads the file itself: `effective` shows the result";
    Some(Message::from(what).help(help))
}

impl<'f> Parsed<'f> {
    fn string(&self, span: Span) -> Cow<'f, str> {
        String::from_utf8_lossy(span.of(self.text))
    }

    /// The column of an offset: characters from the start of its line, from 1.
    fn column(&self, offset: u32) -> u32 {
        let before = &self.text[..offset as usize];
        let line = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
        before[line..].iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32 + 1
    }

    /// The sections with their numbers; what stands before any header has none.
    fn sections(&self) -> impl Iterator<Item = (usize, Cow<'f, str>, u32)> {
        let sections = self.document.sections.iter().enumerate().filter(|(_, section)| section.line > 0);
        sections.map(|(at, section)| (at, shape(self.string(section.name), secrets::shape_of_section), section.line))
    }

    fn options(&self, section: usize) -> impl Iterator<Item = OptionEntry<'f>> {
        self.document.options_of(section).iter().map(|option| {
            let name = self.string(option.key);
            // The shape of a secret is kept, so that line breaks and lengths can be compared.
            let value = shape(self.document.value(self.text, option), |value| secrets::shape_of_value(&name, value));
            let column = self.column(option.key.start);
            OptionEntry { line: option.line, column, value, name: shape(name, secrets::shape_of_key) }
        })
    }

    fn errors(&self) -> impl Iterator<Item = ParseError> {
        self.document.errors.iter().map(|error| ParseError {
            line: error.line,
            column: self.column(error.span.start),
            message: error.kind.message(),
        })
    }

    fn json(&'f self) -> impl Serialize + use<'f> {
        let section = move |(at, name, line)| Section { name, line, options: Each(move || self.options(at)) };
        OfFile { file: self.path, sections: Each(move || self.sections().map(section)), errors: Each(|| self.errors()) }
    }

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let clean = |text: &str| -> String {
            text.chars().map(|c| if crate::text::is_unprintable(c) && c != '\n' { '\u{fffd}' } else { c }).collect()
        };
        writeln!(out, "{}", clean(self.path))?;
        for (at, name, line) in self.sections() {
            writeln!(out, "{line:>6}  [{}]", clean(&name))?;
            for option in self.options(at) {
                let value = clean(&option.value).replace('\n', "\n            ");
                writeln!(out, "{:>6}    {} = {value}", option.line, clean(&option.name))?;
            }
        }
        for error in self.errors() {
            writeln!(out, "{:>6}  oslo.config stops: {}", error.line, error.message)?;
        }
        Ok(())
    }
}

/// A text of a file as it may be shown.
fn shape<'t>(text: Cow<'t, str>, shape: impl Fn(&str) -> Cow<'_, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => shape(text),
        Cow::Owned(text) => Cow::Owned(shape(&text).into_owned()),
    }
}

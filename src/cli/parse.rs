use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{Form, Outcome, complain};
use crate::{
    ini::{Document, Span},
    input::{
        self, Files,
        forms::{self, Candidate},
        template::jinja_tags,
    },
    report::{ToolError, Views},
    secrets,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The files, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Form::Full)]
    format: Form,
}

#[derive(Serialize)]
struct Parsed {
    file: String,
    sections: Vec<Section>,
    errors: Vec<ParseError>,
}

#[derive(Serialize)]
struct Section {
    name: String,
    line: u32,
    options: Vec<OptionEntry>,
}

#[derive(Serialize)]
struct OptionEntry {
    name: String,
    line: u32,
    column: u32,
    value: String,
}

#[derive(Serialize)]
struct ParseError {
    line: u32,
    column: u32,
    message: String,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut files = Files::default();
    let mut errors = Vec::new();
    let mut notes = Vec::new();
    for path in &args.files {
        let stdin = path == Path::new("-");
        match if stdin { input::read_stdin() } else { input::read_path(path) } {
            Ok(text) => {
                let path = if stdin { Path::new("<stdin>") } else { path };
                if let Some(message) = otherwise(path, &text) {
                    notes.push(ToolError { file: input::relative(path), message });
                }
                files.add_as_it_is(path, text);
            }
            Err(error) => errors.push(ToolError { file: input::relative(path), message: error.to_string() }),
        }
    }
    let views = Views::new(&files);
    let parsed = files.iter().map(|(id, file)| {
        let column = |offset: u32| views.get(id).position(offset).column;
        parsed(&file.relative, &file.text, &file.document, &column)
    });
    match args.format {
        Form::Json => {
            serde_json::to_writer(&mut *out, &parsed.collect::<Vec<_>>())?;
            writeln!(out)?;
        }
        Form::Full => {
            for one in parsed {
                human(&one, out)?;
            }
        }
    }
    out.flush()?;
    complain(&notes);
    complain(&errors);
    Ok(if errors.is_empty() { Outcome::Clean } else { Outcome::Failed })
}

/// What is said of a file that is read otherwise elsewhere.
fn otherwise(path: &Path, text: &[u8]) -> Option<String> {
    let candidate = Candidate::with_text(path, text);
    let form = forms::of(&candidate).filter(|_| candidate.is_yaml());
    let what = match form {
        Some((form, _)) => format!("holds {}", form.title()),
        None if !jinja_tags(text).is_empty() => "is a template".to_string(),
        None => return None,
    };
    Some(format!("{what}; here it is what oslo.config makes of it as it stands: `effective` shows what comes of it"))
}

fn parsed(path: &str, text: &[u8], document: &Document, column: &dyn Fn(u32) -> u32) -> Parsed {
    let string = |span: Span| String::from_utf8_lossy(span.of(text)).into_owned();
    let sections = document.sections.iter().enumerate().filter(|(_, section)| section.line > 0).map(|(at, section)| {
        let options = document.options_of(at).iter().map(|option| {
            let name = string(option.key);
            let value = document.value(text, option);
            OptionEntry {
                line: option.line,
                column: column(option.key.start),
                // The shape of a secret is kept, so that line breaks and lengths can be compared.
                value: secrets::shape_of_value(&name, &value).into_owned(),
                name: secrets::shape_of_key(&name).into_owned(),
            }
        });
        Section {
            name: secrets::shape_of_section(&string(section.name)).into_owned(),
            line: section.line,
            options: options.collect(),
        }
    });
    let errors = document.errors.iter().map(|error| ParseError {
        line: error.line,
        column: column(error.span.start),
        message: error.kind.message().to_string(),
    });
    Parsed { file: path.to_string(), sections: sections.collect(), errors: errors.collect() }
}

fn human(parsed: &Parsed, out: &mut dyn Write) -> io::Result<()> {
    let clean = |text: &str| -> String {
        text.chars().map(|c| if crate::lint::is_unprintable(c) && c != '\n' { '\u{fffd}' } else { c }).collect()
    };
    writeln!(out, "{}", clean(&parsed.file))?;
    for section in &parsed.sections {
        writeln!(out, "{:>6}  [{}]", section.line, clean(&section.name))?;
        for option in &section.options {
            let value = clean(&option.value).replace('\n', "\n            ");
            writeln!(out, "{:>6}    {} = {value}", option.line, clean(&option.name))?;
        }
    }
    for error in &parsed.errors {
        writeln!(out, "{:>6}  oslo.config stops: {}", error.line, error.message)?;
    }
    Ok(())
}

//! Templates of Jinja, filled in with variables that somebody gives (`--vars`).
//!
//! So that every place in the result leads back to the template, each literal stretch is marked before the engine sees
//! it, with characters of a private plane that no filter changes; the result without marks must be what the engine
//! writes without them, or nothing is filled in.

mod marks;
mod vars;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, syntax::SyntaxConfig};

use crate::{
    ini::Span,
    source::map::{Map, Writing},
    template::{Template, jinja_tags},
};

pub use vars::{VarsError, read as read_vars};

/// How many steps a template may take. One with a thousand lines takes some ten thousand.
const FUEL: u64 = 500_000;
/// How long the engine may take.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(5);
/// In bytes.
const STACK: usize = 16 << 20;
/// How many expressions may stay as they are.
const OPAQUE: usize = 200;
/// The largest template that is filled in, and the most that may come of it, in bytes.
const LARGEST: usize = 4 << 20;

/// The variables.
#[derive(Debug)]
pub struct Vars {
    context: Value,
}

/// What stays as the template has it: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The line, from 1.
    pub line: u32,
    /// Why; holds no value.
    pub why: String,
}

/// A template that was filled in.
#[derive(Debug)]
pub struct Rendered {
    /// The result.
    pub text: Vec<u8>,
    /// Leads back to the template.
    pub map: Map,
    /// The expressions that stay.
    pub left: Vec<Left>,
}

impl Vars {
    /// These variables: a mapping.
    pub fn new(context: Value) -> Self {
        Self { context }
    }

    /// Fills in a template; none: there is nothing of Jinja in it.
    ///
    /// # Errors
    /// It cannot be filled in: the line, and why.
    pub fn render(&self, text: &[u8]) -> Option<Result<Rendered, Left>> {
        Template::read(text)?;
        let tags = jinja_tags(text);
        if tags.is_empty() {
            return None;
        }
        Some(self.fill_in(text, &tags))
    }

    fn fill_in(&self, bytes: &[u8], tags: &[(Span, bool)]) -> Result<Rendered, Left> {
        let whole = |why: &str| Left { line: 1, why: why.into() };
        let text = std::str::from_utf8(bytes).map_err(|_| whole("is not UTF-8"))?;
        if text.len() > LARGEST {
            return Err(whole("is too large to be filled in"));
        }
        if text.contains(marks::is_mark) {
            return Err(whole("contains characters that cinderlint needs to fill it in"));
        }
        let mut opaque = vec![false; tags.len()];
        let mut left = Vec::new();
        loop {
            let marked = marks::mark(text, tags, &opaque, true);
            match self.engine(&marked.text) {
                Ok(result) => {
                    let plain = self.engine(&marks::mark(text, tags, &opaque, false).text);
                    let unmarked: String = result.chars().filter(|c| !marks::is_mark(*c)).collect();
                    if plain.as_ref() != Ok(&unmarked) {
                        return Err(whole("uses its own text, so places in it cannot be found again"));
                    }
                    let (text, map) = marks::read(&result, text, tags, Map::new(Writing::Indented(Vec::new())));
                    return Ok(Rendered { text, map, left });
                }
                Err(failed) => {
                    let at = failed.at.and_then(|at| marked.source(at)).unwrap_or(0);
                    let line = memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() as u32 + 1;
                    let tag = tags.iter().position(|(span, _)| (span.start as usize) <= at && at < span.end as usize);
                    let name = tag.and_then(|tag| name(tags[tag].0.of(bytes)));
                    let why = name.map_or(failed.why.to_string(), |name| format!("{}: {name}", failed.why));
                    let why = Left { line, why };
                    // An expression that has no value stays; what decides over other text may not.
                    match tag.filter(|&tag| tags[tag].1 && !opaque[tag] && failed.local && left.len() < OPAQUE) {
                        Some(tag) => {
                            opaque[tag] = true;
                            left.push(why);
                        }
                        None => return Err(why),
                    }
                }
            }
        }
    }

    fn engine(&self, text: &str) -> Result<String, Failed> {
        in_time(text.to_string(), self.context.clone())
    }
}

/// Whether the engine would go deeper than its stack: it goes a step down for each branch, and for each operator of an expression.
fn is_too_deep(text: &str) -> bool {
    const BRANCHES: usize = 500;
    const NESTED: usize = 100;
    const LENGTH: usize = 4096;
    // Of each tag that is open, how many branches it has.
    let mut open: Vec<usize> = vec![0];
    jinja_tags(text.as_bytes()).into_iter().any(|(span, _)| {
        let tag = span.of(text.as_bytes());
        let inner = tag.get(2..).unwrap_or_default();
        let from = inner.iter().take_while(|b| b.is_ascii_whitespace() || matches!(b, b'-' | b'+')).count();
        let word = inner[from..].split(|b| !b.is_ascii_alphabetic()).next().unwrap_or_default();
        match word {
            _ if !tag.starts_with(b"{%") => {}
            b"elif" | b"else" => open.last_mut().into_iter().for_each(|branches| *branches += 1),
            word if word.starts_with(b"end") => open.truncate((open.len() - 1).max(1)),
            b"if" | b"for" | b"macro" | b"filter" | b"with" | b"call" | b"block" | b"autoescape" | b"raw" => {
                open.push(0)
            }
            _ => {}
        }
        open.last().is_some_and(|branches| *branches > BRANCHES)
            || open.len() > NESTED
            || tag.len() > LENGTH && !tag.starts_with(b"{#")
    })
}

/// Has the engine work, and waits only so long: not everything that it does counts as a step.
fn in_time(text: String, context: Value) -> Result<String, Failed> {
    if is_too_deep(&text) {
        return Err(Failed {
            at: None,
            why: "it has too many branches, or an expression that is too long",
            local: false,
        });
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let work = move || {
        let result = environment().and_then(|environment| {
            let mut out = Limited(Vec::new());
            environment.template_from_str(&text)?.render_captured_to(&context, &mut out)?;
            Ok(String::from_utf8_lossy(&out.0).into_owned())
        });
        // Nobody waits any more, or the answer arrives.
        let _ = sender.send(result.map_err(|error| Failed::new(&error)));
    };
    let late = Failed { at: None, why: "it takes too long", local: false };
    // In a browser there are no threads: whoever started the worker waits only so long.
    if cfg!(target_family = "wasm") {
        work();
        return receiver.try_recv().unwrap_or(Err(late));
    }
    if std::thread::Builder::new().stack_size(STACK).spawn(work).is_err() {
        return Err(late);
    }
    receiver.recv_timeout(LONGEST).unwrap_or(Err(late))
}

/// The variable that an expression starts with. The rest may hold what nobody is to see.
fn name(tag: &[u8]) -> Option<String> {
    let inner = std::str::from_utf8(tag).ok()?.trim_start_matches(['{', '-', '+', ' ']);
    let end = inner.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(inner.len());
    let name = &inner[..end];
    name.starts_with(|c: char| c.is_alphabetic() || c == '_').then(|| name.to_string())
}

/// As Ansible sets Jinja up.
fn environment<'e>() -> Result<Environment<'e>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("bool", vars::truth);
    Ok(environment)
}

/// Takes only so much.
struct Limited(Vec<u8>);

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // Marks take more room than what they mark.
        if self.0.len() + bytes.len() > 8 * LARGEST {
            return Err(std::io::Error::other("too much"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Why the engine stopped, without any value.
#[derive(PartialEq)]
struct Failed {
    at: Option<usize>,
    why: &'static str,
    /// It is the expression that cannot be had, not the template.
    local: bool,
}

impl Failed {
    fn new(error: &minijinja::Error) -> Self {
        // Details may quote values.
        let (why, local) = match error.kind() {
            ErrorKind::UndefinedError => ("a variable is not in the file of variables", true),
            ErrorKind::UnknownFilter => ("cinderlint does not know a filter in it", true),
            ErrorKind::UnknownTest => ("cinderlint does not know a test in it", true),
            ErrorKind::UnknownFunction => ("cinderlint does not know a function in it", true),
            ErrorKind::UnknownMethod => ("cinderlint does not know a method in it", true),
            ErrorKind::SyntaxError => ("it is not Jinja that cinderlint understands", false),
            ErrorKind::OutOfFuel => ("it takes too many steps", false),
            ErrorKind::TemplateNotFound => ("it includes another template", false),
            ErrorKind::WriteFailure => ("it writes too much", false),
            _ => ("an expression has no value", true),
        };
        Self { at: error.range().map(|range| range.start), why, local }
    }
}

//! `$name`, `${name}`, `$group.name`, `$$` and `\$`, as `ConfigOpts._substitute` replaces them.

use std::{borrow::Cow, ops::Range};

use super::{Backend, Config, GroupId, Setting};
use crate::catalog::{
    self, Default, Release,
    types::{self, Type},
};
use crate::secrets;

/// Where `$name` is looked for first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope<'b> {
    /// A backend's own section.
    Backend(&'b Backend),
    /// Any other section, by its normalized name; `DEFAULT` and `backend_defaults` too.
    Group(&'b str),
}

/// Why a reference has no value that can be known from the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// oslo.config raises `NoSuchOptError`.
    NoSuchOption {
        /// What stands behind the `$`.
        name: String,
        /// Where oslo.config looked last.
        group: String,
    },
    /// oslo.config raises `NoSuchGroupError`.
    NoSuchGroup(String),
    /// The option is made of itself.
    Cycle(String),
    /// The value depends on the machine, or is no text.
    Unknown(String),
    /// A template has yet to write the value, or it may stand where nobody can see it.
    Unseen,
}

/// One `$name` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'t> {
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// What it names: `name` or `group.name`. Empty for `$$` and `\$`, which stand for a dollar sign.
    pub name: &'t str,
}

/// Finds the references of a text (`string.Template` with oslo.config's pattern).
pub fn references(text: &str) -> Vec<Reference<'_>> {
    if memchr::memchr(b'$', text.as_bytes()).is_none() {
        return Vec::new();
    }
    // oslo.config turns `\$` into `$$` before anything else; both are two bytes long.
    let escaped = text.replace("\\$", "$$");
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dollar) = memchr::memchr(b'$', &escaped.as_bytes()[at..]).map(|d| d + at) {
        let rest = &escaped[dollar + 1..];
        at = dollar + 1;
        let (name, behind) = if rest.starts_with('$') {
            (at..at, 1)
        } else if let Some(braced) = rest.strip_prefix('{') {
            let end = identifier(braced);
            if end == 0 || !braced[end..].starts_with('}') {
                continue;
            }
            (at + 1..at + 1 + end, end + 2)
        } else {
            let end = identifier(rest);
            if end == 0 {
                continue;
            }
            (at..at + end, end)
        };
        at += behind;
        found.push(Reference { range: dollar..at, name: &text[name] });
    }
    found
}

/// Length in bytes of the name at the start of `text`: `[_a-z][._a-z0-9]*`, ignoring case as Python does.
fn identifier(text: &str) -> usize {
    let letter = |c: char| c == '_' || c.is_ascii_alphabetic() || matches!(c, 'ı' | 'İ' | 'ſ' | '\u{212a}');
    let mut end = 0;
    for c in text.chars() {
        if !(letter(c) || end > 0 && (c == '.' || c.is_ascii_digit())) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// The way through references so far.
#[derive(Debug)]
pub(crate) struct Trail {
    names: Vec<String>,
    left: u32,
}

/// How many references one text may lead to, and how long it may become, in bytes. Real ones have a handful; without a
/// limit a text could double at each of many steps.
const MAX_REFERENCES: u32 = 1000;
const MAX_LENGTH: usize = 1 << 16;
/// How many steps a reference may take: Python gives up on longer chains with RecursionError.
const MAX_DEPTH: usize = 100;

impl std::default::Default for Trail {
    fn default() -> Self {
        Self { names: Vec::new(), left: MAX_REFERENCES }
    }
}

impl Scope<'_> {
    fn label(self) -> String {
        match self {
            Self::Backend(backend) => format!("[{}]", backend.name),
            Self::Group(group) => format!("[{group}]"),
        }
    }
}

impl Config<'_> {
    /// [`Self::substitute`] for a text that is kept as it is where nothing stands for anything.
    pub(super) fn substituted<'t>(
        &self,
        text: Cow<'t, str>,
        scope: Scope<'_>,
        trail: &mut Trail,
    ) -> Result<Cow<'t, str>, Problem> {
        if memchr::memchr(b'$', text.as_bytes()).is_none() {
            return Ok(text);
        }
        self.substitute(&text, scope, trail).map(Cow::Owned)
    }

    /// Replaces every reference in `text`.
    pub(crate) fn substitute(&self, text: &str, scope: Scope<'_>, trail: &mut Trail) -> Result<String, Problem> {
        let found = references(text);
        if found.is_empty() {
            return Ok(text.to_string());
        }
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for reference in found {
            result.push_str(&text[at..reference.range.start]);
            at = reference.range.end;
            if reference.name.is_empty() {
                result.push('$');
            } else {
                result.push_str(&self.reference(reference.name, scope, trail)?);
                if result.len() > MAX_LENGTH {
                    return Err(Problem::Unknown(reference.name.to_string()));
                }
            }
        }
        result.push_str(&text[at..]);
        Ok(result)
    }

    /// The text of a line after substitution: of a backend's own section, or of any other by its normalized name.
    ///
    /// # Errors
    /// See [`Problem`].
    pub fn text_in(&self, setting: &Setting<'_>, group: &str, backend: Option<&Backend>) -> Result<String, Problem> {
        self.substitute(&setting.value(), Self::scope(group, backend), &mut Trail::default())
    }

    fn scope<'b>(group: &'b str, backend: Option<&'b Backend>) -> Scope<'b> {
        match backend {
            Some(backend) if &*backend.name != "DEFAULT" => Scope::Backend(backend),
            _ => Scope::Group(group),
        }
    }

    /// What `$name` stands for in a section: a backend's own, or any other by its normalized name.
    ///
    /// # Errors
    /// See [`Problem`].
    pub fn look_up(&self, name: &str, group: &str, backend: Option<&Backend>) -> Result<String, Problem> {
        self.reference(name, Self::scope(group, backend), &mut Trail::default())
    }

    /// The text of an option of a service's section, its default included; none: it has no value, or none that is
    /// known. It may be a secret: nothing covers it.
    pub fn service_text(&self, group: &str, known: &catalog::OptionRow) -> Option<String> {
        let setting = self.group(group).and_then(|id| self.known_setting(id, known));
        let text = match (&setting, known.default()) {
            _ if self.is_uncertain(group, known.name()) => return None,
            (Some(setting), _) => setting.value(),
            (None, Default::Text(text)) => text.into(),
            (None, Default::None | Default::Dynamic) => return None,
        };
        self.substitute(&text, Scope::Group(group), &mut Trail::default()).ok()
    }

    /// The text that stands for `$name`; empty for an option without a value. A secret stays one in every text that it
    /// becomes a part of: what stands for it is [`secrets::COVER`].
    pub(crate) fn reference(&self, name: &str, scope: Scope<'_>, trail: &mut Trail) -> Result<String, Problem> {
        let step = format!("{}{name}", scope.label());
        if trail.names.contains(&step) || trail.names.len() >= MAX_DEPTH {
            return Err(Problem::Cycle(name.to_string()));
        }
        if trail.left == 0 {
            return Err(Problem::Unknown(name.to_string()));
        }
        trail.left -= 1;
        trail.names.push(step);
        let text = self.reference_uncovered(name, scope, trail);
        trail.names.pop();
        let text = text?;
        let option = name.split_once('.').map_or(name, |(_, option)| option);
        Ok(if !text.is_empty() && secrets::is_secret(option) { secrets::COVER.to_string() } else { text })
    }

    fn reference_uncovered(&self, name: &str, scope: Scope<'_>, trail: &mut Trail) -> Result<String, Problem> {
        let unknown = || Problem::Unknown(name.to_string());
        let (scope, option) = match name.split_once('.') {
            None => (scope, name),
            Some((group, option)) if matches!(scope, Scope::Backend(backend) if *backend.name == *group) => {
                (scope, option)
            }
            Some((group @ "backend_defaults", option)) => (Scope::Group(group), option),
            Some((group, option)) => {
                if !catalog::group_exists(self.release, group) {
                    // A backend's section: its options are known once it was loaded.
                    let Some(other) = self.listed_backend(group, trail) else {
                        let exists = self.group(group).is_some();
                        return Err(if exists { unknown() } else { Problem::NoSuchGroup(group.into()) });
                    };
                    return self.reference(option, Scope::Backend(&other), trail);
                }
                (Scope::Group(group), option)
            }
        };
        let own = match scope {
            Scope::Backend(backend) if !self.is_registered(backend, option) => None,
            Scope::Backend(backend) => {
                let Some(known) = catalog::backend_option(self.release, option) else { return Err(unknown()) };
                let found = backend.group.and_then(|group| self.backend_names(group, option));
                let text = match (found, known.default()) {
                    (Some(setting), _) if setting.is_doubtful => return Err(Problem::Unseen),
                    (Some(setting), _) => self.substitute(&setting.value(), scope, trail)?,
                    (None, _) if self.hides(&super::normalize_group(&backend.name)) => return Err(Problem::Unseen),
                    // Since Pike an option is registered here without its default, so that [backend_defaults] can follow.
                    (None, Default::None) => String::new(),
                    (None, _) if self.release >= Release::PIKE => return Ok(String::new()),
                    (None, Default::Text(text)) => self.substitute(text, scope, trail)?,
                    (None, Default::Dynamic) => return Err(unknown()),
                };
                return written_out(&known, text).ok_or_else(unknown);
            }
            Scope::Group(group) => catalog::option(self.release, group, option).map(|known| (group, known)),
        };
        let own = own.or_else(|| catalog::option(self.release, "DEFAULT", name).map(|known| ("DEFAULT", known)));
        let Some((group, known)) = own else {
            return Err(Problem::NoSuchOption { name: name.to_string(), group: "DEFAULT".into() });
        };
        let scope = Scope::Group(group);
        let text = match self.group(group).and_then(|id| self.known_setting(id, &known)) {
            Some(setting) if setting.is_doubtful => return Err(Problem::Unseen),
            Some(setting) => self.substitute(&setting.value(), scope, trail)?,
            None if self.hides(group) => return Err(Problem::Unseen),
            None => match known.default() {
                Default::None => String::new(),
                Default::Text(text) => self.substitute(text, scope, trail)?,
                Default::Dynamic => return Err(unknown()),
            },
        };
        written_out(&known, text).ok_or_else(unknown)
    }

    /// The assignment that takes effect for an option of the catalogue in a section, under any of its names.
    pub(crate) fn known_setting(&self, group: GroupId, known: &catalog::OptionRow) -> Option<Setting<'_>> {
        let names = std::iter::once((Some(group), known.name()))
            .chain(known.deprecated().map(|(other, name)| {
                let other = if other.is_empty() { Some(group) } else { self.group(other) };
                (other, if name.is_empty() { known.name() } else { name })
            }))
            .filter_map(|(group, name)| Some((group?, name)));
        self.first_of(names)
    }
}

/// `str()` of the value that oslo.config makes of a text; none where that is not worth knowing.
fn written_out(known: &catalog::OptionRow, text: String) -> Option<String> {
    match known.value_type() {
        _ if known.is_multi() => None,
        list @ Type::List { .. } => list_repr(&list.items(&text)),
        Type::Dict { .. } if !text.is_empty() => None,
        Type::Boolean => types::as_bool(&text).map(|yes| if yes { "True" } else { "False" }.to_string()),
        Type::Integer { .. } | Type::Port { .. } => {
            Some(text.trim().parse::<i64>().map_or(text, |number| number.to_string()))
        }
        _ => Some(text),
    }
}

/// `str()` of a Python list of texts; none where a text needs Python's escapes.
fn list_repr(items: &[&str]) -> Option<String> {
    let plain = |item: &&&str| {
        item.chars().all(|c| c != '\'' && c != '\\' && (c == ' ' || !c.is_whitespace() && !c.is_control()))
    };
    (items.iter().filter(plain).count() == items.len())
        .then(|| format!("[{}]", items.iter().map(|item| format!("'{item}'")).collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        references(text).into_iter().map(|r| r.name).collect()
    }

    #[test]
    fn lists_are_written_as_python_does() {
        assert_eq!(list_repr(&["a", "b c", ""]).as_deref(), Some("['a', 'b c', '']"));
        // Python writes these with other quotes, or with escapes.
        for odd in ["it's", "a\\b", "a\tb", "a\u{a0}b", "a\u{7}b"] {
            assert_eq!(list_repr(&["a", odd]), None, "{odd:?}");
        }
    }

    #[test]
    fn finds_what_string_template_finds() {
        assert_eq!(names("$state_path/mnt"), ["state_path"]);
        assert_eq!(names("${my_ip}x$DEFAULT.host."), ["my_ip", "DEFAULT.host."]);
        assert_eq!(names(r"a$$b\$c$1 ${ $ ${x $-"), ["", ""]);
        assert_eq!(names("$"), Vec::<&str>::new());
        assert_eq!(names(r"$\$x \\$y"), ["", "x", ""]);
    }
}

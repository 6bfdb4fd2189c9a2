//! The types of oslo.config, and what they make of a text.
//!
//! [`Type::check`] answers what `oslo_config.types` (10.7.0, on Python 3.11) answers when it is called with the text of an
//! option, after `$` substitution, and says it in the same words. `tests/oracle/check_types.py` asks the real types.
//!
//! A `MultiOpt` has one text for each of its lines: check them one by one against its item type.
//!
//! Known differences, none of which refuses what oslo.config takes:
//! - A pattern other than those in [`knows_regex`] is not run; every text passes. All releases of Cinder have one pattern.
//! - A list or dict whose items are joined again over and over (4 MiB of failing tries) passes.
//! - Decimal digits are those of Unicode 14 (Python 3.11).
//! - Older releases refuse a little more: `1_000` before Python 3.6, an empty item in a list of addresses.
//!
//! Older releases also take a little more, which hardly comes up: a text that is one quote, where quotes are stripped
//! (before oslo.config 6.11.1); digits alone as a host name (before 3.22) and anything against a bound of 0 (before 2.4), but
//! no option of Cinder had these types then.
//!
//! Differences in the message alone: integer choices are shown the way Python 3.11 shows them and without descriptions; a
//! list of integer choices goes on past a number beyond 1.8e308; allowed schemes come sorted; what is printable is what this
//! compiler's Unicode says.

mod collection;
mod net;
mod number;
mod python;
mod regex;
mod uri;

use std::fmt;

use number::number_list;
use python::{Repr, strip};
pub use regex::knows_regex;

/// The type of an option: a class of `oslo_config.types` with its arguments. Made to be written as a `static`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    /// Any text, or a narrower one.
    String {
        /// The allowed values; empty: any.
        choices: &'static [&'static str],
        /// Strip one pair of quotes; one that is not closed is an error.
        quotes: bool,
        /// A pattern in Python's syntax, searched for anywhere in the text.
        regex: Option<&'static str>,
        /// Whether `choices` and `regex` take either case.
        ignore_case: bool,
        /// Longest text, in Unicode scalar values; 0 is no limit.
        max_length: Option<u32>,
    },
    /// `true`, `yes`, `on`, `1` and their opposites, in either case.
    Boolean,
    /// A decimal integer of any size; blank is `None`.
    Integer {
        /// Smallest value.
        min: Option<i64>,
        /// Largest value.
        max: Option<i64>,
        /// The allowed values; empty: any. Where given, `min` and `max` are not looked at.
        choices: &'static [i64],
    },
    /// A floating point number, `inf` and `nan` included; blank is `None`.
    Float {
        /// Smallest value.
        min: Option<f64>,
        /// Largest value.
        max: Option<f64>,
    },
    /// An integer from 0 to 65535, or narrower.
    Port {
        /// Smallest port, 0 where not given.
        min: Option<i64>,
        /// Largest port, 65535 where not given.
        max: Option<i64>,
        /// The allowed ports; empty: any.
        choices: &'static [i64],
    },
    /// Items between commas.
    List {
        /// The type of each item.
        item: &'static Type,
        /// Whether `[` and `]` must stand around the items.
        bounds: bool,
    },
    /// `key:value` pairs between commas.
    Dict {
        /// The type of each value; keys are any text.
        item: &'static Type,
        /// Whether `{` and `}` must stand around the pairs.
        bounds: bool,
    },
    /// `5` or `1-5`, also backwards and with negative ends.
    Range {
        /// Smallest end.
        min: Option<i64>,
        /// Largest end.
        max: Option<i64>,
    },
    /// An IP address or a host name.
    HostAddress {
        /// 4 or 6; both where not given.
        version: Option<u8>,
    },
    /// Like [`Type::HostAddress`], with `_` in names.
    HostDomain {
        /// 4 or 6; both where not given.
        version: Option<u8>,
    },
    /// A host name whose last label is not a number.
    Hostname,
    /// An IP address.
    IpAddress {
        /// 4 or 6; both where not given.
        version: Option<u8>,
    },
    /// A URI with a scheme and a host.
    Uri {
        /// Longest text, in Unicode scalar values.
        max_length: Option<u32>,
        /// The allowed schemes; empty: any.
        schemes: &'static [&'static str],
    },
    /// A type of somebody's own: everything passes.
    Unknown,
}

impl Type {
    /// The texts that it allows, where they are few and named.
    pub fn choices(&self) -> Vec<String> {
        match self {
            Self::String { choices, .. } => choices.iter().map(ToString::to_string).collect(),
            Self::Boolean => vec!["true".into(), "false".into()],
            Self::Integer { choices, .. } | Self::Port { choices, .. } => {
                choices.iter().map(ToString::to_string).collect()
            }
            Self::List { item, .. } => item.choices(),
            _ => Vec::new(),
        }
    }

    /// Any text (`StrOpt` without arguments).
    pub const STRING: Self =
        Self::String { choices: &[], quotes: false, regex: None, ignore_case: false, max_length: None };
    /// Texts between commas (`ListOpt` without arguments).
    pub const LIST: Self = Self::List { item: &Self::STRING, bounds: false };

    /// Checks the text of an option, after `$` substitution.
    ///
    /// # Errors
    ///
    /// The `ValueError` of oslo.config, word for word; Cinder logs `Value for option NAME from PLACE is not valid: ` and it.
    pub fn check(&self, text: &str) -> Result<(), Rejected> {
        self.check_within(text, &mut { collection::FUEL })
    }

    /// Whether oslo.config makes `None` of a text: a number without digits.
    pub fn is_none(&self, text: &str) -> bool {
        matches!(self, Self::Integer { .. } | Self::Float { .. } | Self::Port { .. })
            && text.trim_matches(crate::ini::python::is_space).is_empty()
    }

    /// The name of the type in the catalogue.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::String { .. } => "string",
            Self::Boolean => "boolean",
            Self::Integer { .. } => "integer",
            Self::Float { .. } => "float",
            Self::Port { .. } => "port",
            Self::List { .. } => "list",
            Self::Dict { .. } => "dict",
            Self::Range { .. } => "range",
            Self::HostAddress { .. } => "hostaddress",
            Self::HostDomain { .. } => "hostdomain",
            Self::Hostname => "hostname",
            Self::IpAddress { .. } => "ip",
            Self::Uri { .. } => "uri",
            Self::Unknown => "custom",
        }
    }

    /// The items of a list's text, as its item type sees them: blanks and quotes stripped, a last comma dropped. For
    /// any other type, and for a text that [`Type::check`] refuses, the text is cut as a plain list.
    pub fn items<'t>(&self, text: &'t str) -> Vec<&'t str> {
        match self {
            Self::List { item, bounds } => {
                collection::list(item, *bounds, text, &mut { collection::FUEL }).unwrap_or_else(|_| list_items(text))
            }
            _ => list_items(text),
        }
    }

    fn check_within(&self, text: &str, fuel: &mut usize) -> Result<(), Rejected> {
        if *fuel == 0 {
            return Ok(());
        }
        match *self {
            Self::String { choices, quotes, regex, ignore_case, max_length } => {
                let text = if quotes { unquote(text)? } else { text };
                check_length(text, max_length.filter(|&max| max > 0))?;
                if let Some(pattern) = regex
                    && regex::search(pattern, ignore_case, text) == Some(false)
                {
                    let rest = format!(" doesn't match regex {}", Repr(pattern));
                    return Err(Rejected::new(format!("Value {}{rest}", Repr(text)), format!("Value{rest}")));
                }
                check_choice(choices, ignore_case, text)
            }
            Self::Boolean => match as_bool(text) {
                Some(_) => Ok(()),
                None => Err(Rejected::around("Unexpected boolean value", format_args!(" {}", Repr(text)))),
            },
            Self::Integer { min, max, choices } => number::integer(text, min, max, choices),
            Self::Port { min, max, choices } => {
                number::integer(text, min.or(Some(0)), max.or(Some(i64::from(u16::MAX))), choices)
            }
            Self::Float { min, max } => number::float(text, min, max),
            Self::List { item, bounds } => collection::list(item, bounds, text, fuel).map(drop),
            Self::Dict { item, bounds } => collection::dict(item, bounds, text, fuel),
            Self::Range { min, max } => number::range(text, min, max),
            Self::HostAddress { version } => net::host_address(text, version, false),
            Self::HostDomain { version } => net::host_address(text, version, true),
            Self::Hostname => net::hostname(text, false),
            Self::IpAddress { version } => net::ip_address(text, version),
            Self::Uri { max_length, schemes } => {
                uri::check(text, schemes)?;
                check_length(text, max_length)
            }
            Self::Unknown => Ok(()),
        }
    }
}

/// What a person would call a value of the type: `an integer from 0 to 100`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::String { choices, regex, max_length, .. } => {
                if !choices.is_empty() {
                    return write!(f, "one of {}", choices.join(", "));
                }
                f.write_str("a string")?;
                if let Some(pattern) = regex {
                    write!(f, " matching {pattern}")?;
                }
                match max_length {
                    Some(max) if max > 0 => write!(f, " of at most {max} characters"),
                    _ => Ok(()),
                }
            }
            Self::Boolean => f.write_str("`true` or `false`"),
            Self::Integer { choices, .. } | Self::Port { choices, .. } if !choices.is_empty() => {
                write!(f, "one of {}", number_list(choices))
            }
            Self::Integer { min, max, .. } => number::describe(f, "an integer", min, max),
            Self::Port { min, max, .. } => {
                number::describe(f, "a port", min.or(Some(0)), max.or(Some(i64::from(u16::MAX))))
            }
            Self::Float { min, max } => number::describe(f, "a number", min, max),
            Self::Range { min, max } => number::describe(f, "a range of integers", min, max),
            Self::List { item: &Self::STRING, bounds } => {
                f.write_str(if bounds { "a list in [ ]" } else { "a comma-separated list" })
            }
            Self::List { item, bounds } => {
                write!(f, "{}, each item {item}", if bounds { "a list in [ ]" } else { "a comma-separated list" })
            }
            Self::Dict { item, bounds } => {
                f.write_str(if bounds { "key:value pairs in { }" } else { "comma-separated key:value pairs" })?;
                if *item == Self::STRING { Ok(()) } else { write!(f, ", each value {item}") }
            }
            Self::HostAddress { version } => write!(f, "a host name or an {}", net::family(version)),
            Self::HostDomain { version } => write!(f, "a host name (with _ allowed) or an {}", net::family(version)),
            Self::Hostname => f.write_str("a host name"),
            Self::IpAddress { version } => write!(f, "an {}", net::family(version)),
            Self::Uri { schemes, .. } => {
                f.write_str("a URI with scheme and host")?;
                if schemes.is_empty() { Ok(()) } else { write!(f, ", the scheme one of {}", schemes.join(", ")) }
            }
            Self::Unknown => f.write_str("a value of a type of its own"),
        }
    }
}

/// Why oslo.config refuses a text. Its `Display` is the message of the `ValueError`, which may hold the value: where
/// the option is a secret, show [`Rejected::without_value`]. `Debug` never holds the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejected {
    message: String,
    without_value: String,
}

impl Rejected {
    fn new(message: String, without_value: String) -> Self {
        Self { message, without_value }
    }

    /// A message that has no value in it.
    fn plain(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { without_value: message.clone(), message }
    }

    /// `start`, then a part that shows the value.
    fn around(start: &str, value: fmt::Arguments<'_>) -> Self {
        Self { message: format!("{start}{value}"), without_value: start.to_owned() }
    }

    /// The message without any part of the value.
    pub fn without_value(&self) -> &str {
        &self.without_value
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejected").field(&self.without_value).finish()
    }
}

impl std::error::Error for Rejected {}

/// What a `BoolOpt` makes of a text; `None` where it refuses it.
pub fn as_bool(text: &str) -> Option<bool> {
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if ["true", "1", "on", "yes"].iter().any(is) {
        Some(true)
    } else if ["false", "0", "off", "no"].iter().any(is) {
        Some(false)
    } else {
        None
    }
}

/// What a plain `ListOpt` makes of a text. Commas at the end make no items, other empty items stay; quotes stay.
pub fn list_items(text: &str) -> Vec<&str> {
    match strip(text).trim_end_matches(',') {
        "" => Vec::new(),
        text => text.split(',').map(strip).collect(),
    }
}

fn unquote(text: &str) -> Result<&str, Rejected> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return Ok(text) };
    text[1..].strip_suffix(quote).ok_or_else(|| Rejected::around("Non-closed quote", format_args!(": {text}")))
}

fn check_length(text: &str, max: Option<u32>) -> Result<(), Rejected> {
    match max {
        Some(max) if text.chars().count() > max as usize => {
            let rest = format!(" exceeds maximum length {max}");
            Err(Rejected::new(format!("Value {}{rest}", Repr(text)), format!("Value{rest}")))
        }
        _ => Ok(()),
    }
}

fn check_choice(choices: &[&str], ignore_case: bool, text: &str) -> Result<(), Rejected> {
    let found = if ignore_case {
        let text = text.to_lowercase();
        choices.iter().any(|choice| choice.to_lowercase() == text)
    } else {
        choices.contains(&text)
    };
    if found || choices.is_empty() {
        return Ok(());
    }
    let start = format!("Valid values are [{}]", choices.join(", "));
    Err(Rejected::around(&start, format_args!(", but found {}", Repr(text))))
}

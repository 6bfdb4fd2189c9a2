//! What could not be done, and what to do about it: the text of an error of the tool itself.

use std::{fmt, io};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::plain;

/// Why something could not be done. Shown as one text, `what; help`, in every format for machines; a terminal sets the help apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    what: String,
    help: Option<String>,
    hint: Option<&'static str>,
}

impl Message {
    /// The same with what to do, which belongs to the message everywhere.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what may help: only a terminal shows it, where nothing else says what to do.
    #[must_use]
    pub fn hint(mut self, hint: Option<&'static str>) -> Self {
        self.hint = hint;
        self
    }

    /// What is wrong, without what to do.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do, as a terminal shows it.
    pub fn next(&self) -> Option<&str> {
        self.help.as_deref().or(self.hint)
    }
}

/// What to do about an error of the operating system, which says only what is wrong.
pub(crate) fn hint_for(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::NotFound => Some("relative paths start at the working directory"),
        // Our own no, not the operating system's.
        io::ErrorKind::PermissionDenied if error.get_ref().is_some() => {
            Some("name the file itself, or write --host if this is the configuration of this host")
        }
        io::ErrorKind::PermissionDenied => Some("run as a user who may read it, or name other files"),
        io::ErrorKind::StorageFull => Some("free some space and run again"),
        _ => None,
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl From<String> for Message {
    fn from(what: String) -> Self {
        Self { what, help: None, hint: None }
    }
}

impl From<&str> for Message {
    fn from(what: &str) -> Self {
        what.to_string().into()
    }
}

impl From<&io::Error> for Message {
    fn from(error: &io::Error) -> Self {
        Self::from(plain(error)).hint(hint_for(error))
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_belongs_to_the_text_and_a_hint_does_not() {
        let message = Message::from("unknown rule").help("`cinderlint rules` lists them");
        assert_eq!(message.to_string(), "unknown rule; `cinderlint rules` lists them");
        assert_eq!((message.what(), message.next()), ("unknown rule", Some("`cinderlint rules` lists them")));
        let message = Message::from(&io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(message.to_string(), "entity not found");
        assert_eq!(message.next(), Some("relative paths start at the working directory"));
    }

    #[test]
    fn a_text_with_a_semicolon_stays_whole() {
        let message = Message::from("is a; b");
        assert_eq!((message.what(), message.next()), ("is a; b", None));
        let read: Message = serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap();
        assert_eq!(read, message);
    }
}

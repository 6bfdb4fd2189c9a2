//! Documents of many hosts become one.

use super::model::{Document, SCHEMA_VERSION};
use crate::message::Message;
use crate::text::{is_unprintable, one_line};

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It is not what `audit --format json` writes.
    #[error("is not a document of `cinderlint audit --format json` (line {}, column {})", .0.line(), .0.column())]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error("has schema version {0}")]
    Version(u32),
}

impl From<&MergeError> for Message {
    fn from(error: &MergeError) -> Self {
        let message = Self::from(error.to_string());
        match error {
            MergeError::Form(_) => message,
            MergeError::Version(_) => message.help(format!("this cinderlint reads version {SCHEMA_VERSION}")),
        }
    }
}

/// Reads one document.
///
/// # Errors
/// Text that is none.
pub fn read(text: &[u8]) -> Result<Document, MergeError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema_version: u32,
    }
    let version: Version = serde_json::from_slice(text)?;
    if version.schema_version != SCHEMA_VERSION {
        return Err(MergeError::Version(version.schema_version));
    }
    let mut value: serde_json::Value = serde_json::from_slice(text)?;
    clean(&mut value);
    let mut document: Document = serde_json::from_value(value)?;
    document.hosts.iter_mut().for_each(super::model::Host::tidy);
    Ok(document)
}

/// The document comes from another host: no text in it steers a terminal.
fn clean(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.contains(is_unprintable) => *text = one_line(text).into_owned(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(clean),
        serde_json::Value::Object(map) => {
            if map.keys().any(|key| key.contains(is_unprintable)) {
                let entries = std::mem::take(map).into_iter();
                *map = entries.map(|(key, value)| (one_line(&key).into_owned(), value)).collect();
            }
            map.values_mut().for_each(clean);
        }
        _ => {}
    }
}

/// One document of all hosts, by name; sums are made anew.
pub fn merge(documents: Vec<Document>) -> Document {
    let mut hosts: Vec<_> = documents.into_iter().flat_map(|document| document.hosts).collect();
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    Document::new(hosts)
}

//! Drivers that are not part of Cinder, with the options that a site says they have.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    catalog::types::{Rejected, Type},
    ini::Span,
    source::File,
};

/// A driver of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteDriver {
    /// The value of `volume_driver`.
    pub class: String,
    /// Its options, by the names that files have.
    options: BTreeMap<String, SiteOption>,
}

/// An option of such a driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteOption {
    kind: Kind,
    /// Its value is not shown.
    pub is_secret: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// Any text: nothing else was said.
    #[default]
    Text,
    Choices(Vec<String>),
    Boolean,
    Integer(Option<i64>, Option<i64>),
    Float,
    Port,
}

/// What `oslo-config-generator --format json` prints (oslo.config 10.7.0, `generator._generate_machine_readable_data`).
#[derive(Deserialize)]
struct Generated {
    options: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
struct Group {
    opts: Vec<Generic>,
}

#[derive(Deserialize)]
struct Generic {
    dest: String,
    #[serde(rename = "type", default)]
    value_type: String,
    #[serde(default)]
    choices: Vec<Value>,
    #[serde(default)]
    min: Value,
    #[serde(default)]
    max: Value,
    #[serde(default)]
    secret: bool,
}

impl SiteDriver {
    /// A driver with options that may have any value.
    pub fn new(class: &str, options: &[String]) -> Self {
        let options = options.iter().map(|name| (name.replace('-', "_"), SiteOption::default()));
        Self { class: class.to_string(), options: options.collect() }
    }

    /// Adds the options of a document of oslo-config-generator, whatever section they are in there.
    ///
    /// # Errors
    /// The document is something else.
    pub fn add_generated(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let Generated { options } = serde_json::from_str(text)?;
        for option in options.into_values().flat_map(|group| group.opts) {
            let name = option.dest.replace('-', "_");
            self.options.insert(name, SiteOption { is_secret: option.secret, kind: option.kind() });
        }
        Ok(())
    }

    /// An option, as files name it.
    pub fn option(&self, name: &str) -> Option<&SiteOption> {
        self.options.get(name)
    }

    /// The values in a file that may not be shown, because one of some drivers has a secret option of that name.
    pub fn secrets(drivers: &[Self], file: &File) -> Vec<Span> {
        let is_secret = |name: &str| drivers.iter().any(|one| one.option(name).is_some_and(|it| it.is_secret));
        let options = file.document.options.iter();
        let secrets = options.filter(|one| std::str::from_utf8(one.key.of(&file.text)).is_ok_and(is_secret));
        secrets.map(|option| option.raw).collect()
    }

    /// The names of its options.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }
}

impl Generic {
    fn kind(&self) -> Kind {
        // A choice may come with its description.
        let choice = |value: &Value| match value {
            Value::Array(pair) => pair.first().and_then(Value::as_str).map(str::to_string),
            value => value.as_str().map(str::to_string),
        };
        let choices: Option<Vec<String>> = self.choices.iter().map(choice).collect();
        match (self.value_type.as_str(), choices) {
            ("string value", Some(choices)) if !choices.is_empty() => Kind::Choices(choices),
            ("boolean value", _) => Kind::Boolean,
            ("integer value", _) if self.choices.is_empty() => Kind::Integer(self.min.as_i64(), self.max.as_i64()),
            ("floating point value", _) => Kind::Float,
            ("port value", _) => Kind::Port,
            _ => Kind::Text,
        }
    }
}

impl SiteOption {
    /// What oslo.config says of a text that it refuses, without the text where that is to be hidden; and what it takes.
    pub fn refusal(&self, text: &str, is_hidden: bool) -> Option<(String, String)> {
        let value_type = match &self.kind {
            Kind::Text => return None,
            Kind::Choices(choices) if choices.iter().any(|choice| choice == text) => return None,
            Kind::Choices(choices) => {
                let all = choices.join(", ");
                let says = if is_hidden { String::new() } else { format!(", but found '{text}'") };
                return Some((format!("Valid values are [{all}]{says}"), format!("one of {all}")));
            }
            Kind::Boolean => Type::Boolean,
            Kind::Integer(min, max) => Type::Integer { min: *min, max: *max, choices: &[] },
            Kind::Float => Type::Float { min: None, max: None },
            Kind::Port => Type::Port { min: None, max: None, choices: &[] },
        };
        let rejected: Rejected = value_type.check(text).err()?;
        let says = if is_hidden { rejected.without_value().to_string() } else { rejected.to_string() };
        Some((says, value_type.to_string()))
    }
}

use std::path::Path;

use serde_json::{Map, Value};

use super::{
    super::yaml::{self, Kind, Node, Style},
    Vars,
};
use crate::{
    message::Message,
    secrets,
    source::{FileSystem, ReadError},
};

/// What stands for a secret: it never comes near the engine. It is an expression itself, so that nobody judges it.
const COVERED: &str = "{{ covered }}";

/// Why there are no variables. Names no value.
#[derive(Debug, thiserror::Error)]
pub enum VarsError {
    /// It cannot be read.
    #[error(transparent)]
    Input(#[from] ReadError),
    /// It is no YAML.
    #[error("is not valid YAML (line {0})")]
    Yaml(u32),
    /// It is YAML of another kind.
    #[error("does not map names to values")]
    Kind,
}

impl From<&VarsError> for Message {
    fn from(error: &VarsError) -> Self {
        match error {
            VarsError::Input(error) => error.into(),
            VarsError::Yaml(_) | VarsError::Kind => error.to_string().into(),
        }
    }
}

/// How often variables that name others are filled in.
const ROUNDS: usize = 5;

/// Reads a file of variables: a mapping, as Ansible reads it.
///
/// # Errors
/// See [`VarsError`].
pub fn read(fs: &dyn FileSystem, path: &Path) -> Result<Vars, VarsError> {
    let text = fs.read(path)?;
    let mut found = Map::new();
    for document in yaml::read(&text) {
        if let Some((_, at)) = document.error {
            let line = memchr::memchr_iter(b'\n', text.get(..at as usize).unwrap_or_default()).count();
            return Err(VarsError::Yaml(line as u32 + 1));
        }
        let Some(root) = document.root else { continue };
        let empty = root.scalar().is_some_and(|scalar| scalar.text.is_empty());
        if !matches!(root.kind, Kind::Mapping(_)) && !empty {
            return Err(VarsError::Kind);
        }
        found.extend(entries(&root, false));
    }
    Ok(Vars::new(engine(&Value::Object(filled_in(found)))))
}

/// The entries of a mapping.
fn entries(node: &Node, secret: bool) -> Vec<(String, Value)> {
    let known = |name: &str, node: &Node| Some((name.to_string(), value(node, secret || secrets::is_secret(name))?));
    node.entries().iter().filter_map(|entry| known(entry.key.text(), &entry.value)).collect()
}

/// What a node is; none: it is not known, as what is encrypted.
fn value(node: &Node, secret: bool) -> Option<Value> {
    let scalar = match &node.kind {
        Kind::Mapping(_) => return Some(Value::Object(entries(node, secret).into_iter().collect())),
        Kind::Sequence(items) => {
            return Some(Value::from(items.iter().filter_map(|item| value(item, secret)).collect::<Vec<_>>()));
        }
        Kind::Scalar(scalar) => scalar,
    };
    if scalar.text.starts_with("$ANSIBLE_VAULT") {
        return None;
    }
    let is_plain = scalar.style == Style::Plain;
    let value = if is_plain { plain(&scalar.text) } else { Value::from(&*scalar.text) };
    Some(match value.as_str() {
        _ if secret && (value.as_str().is_some() || value.is_number()) => Value::from(COVERED),
        Some(text) => Value::from(&*secrets::cover_urls(text)),
        None => value,
    })
}

/// A plain scalar of YAML 1.1, which Ansible reads.
fn plain(text: &str) -> Value {
    match text.to_ascii_lowercase().as_str() {
        "" | "~" | "null" => return Value::Null,
        "true" | "yes" | "on" => return Value::from(true),
        "false" | "no" | "off" => return Value::from(false),
        _ => {}
    }
    let digits = text.trim_start_matches(['-', '+']);
    let octal = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| matches!(b, b'0'..=b'7'));
    match text.parse::<i64>() {
        Ok(_) if octal => Value::from(i64::from_str_radix(digits, 8).unwrap_or_default()),
        Ok(number) => Value::from(number),
        Err(_) if digits.contains('.') && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            text.parse::<f64>().map_or_else(|_| Value::from(text), Value::from)
        }
        Err(_) => Value::from(text),
    }
}

/// A value for the engine.
fn engine(value: &Value) -> minijinja::Value {
    match value {
        Value::Null => minijinja::Value::from(()),
        Value::Bool(truth) => minijinja::Value::from(*truth),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => minijinja::Value::from(number),
            (None, number) => minijinja::Value::from(number.unwrap_or_default()),
        },
        Value::String(text) => minijinja::Value::from(text.as_str()),
        Value::Array(items) => minijinja::Value::from(items.iter().map(engine).collect::<Vec<_>>()),
        Value::Object(entries) => {
            minijinja::Value::from_pairs(entries.iter().map(|(name, value)| (name.as_str(), engine(value))))
        }
    }
}

/// Whether a value, or one in it, names others.
fn open(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let text = text.replace(COVERED, "");
            text.contains("{{") || text.contains("{%")
        }
        Value::Array(items) => items.iter().any(open),
        Value::Object(entries) => entries.values().any(open),
        _ => false,
    }
}

/// Fills in a value, or what is in it; what cannot be had stays.
fn fill(value: &mut Value, context: &minijinja::Value) {
    match value {
        Value::String(text) => {
            if let Ok(new) = super::in_time(text.clone(), context.clone()) {
                *text = new;
            }
        }
        Value::Array(items) => items.iter_mut().filter(|item| open(item)).for_each(|item| fill(item, context)),
        Value::Object(entries) => {
            entries.values_mut().filter(|item| open(item)).for_each(|item| fill(item, context));
        }
        _ => {}
    }
}

/// Takes out what has no value.
fn prune(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(prune);
            items.retain(|item| !(item.is_string() && open(item)));
        }
        Value::Object(entries) => {
            entries.values_mut().for_each(prune);
            entries.retain(|_, item| !(item.is_string() && open(item)));
        }
        _ => {}
    }
}

/// Fills in variables of which the value names others; what has no value in the end is not known.
fn filled_in(mut found: Map<String, Value>) -> Map<String, Value> {
    for _ in 0..ROUNDS {
        let waiting: Vec<String> =
            found.iter().filter(|(_, value)| open(value)).take(1000).map(|(name, _)| name.clone()).collect();
        if waiting.is_empty() {
            break;
        }
        let known = found.iter().filter(|(_, value)| !open(value));
        let known: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
        let context = engine(&Value::Object(known));
        for name in waiting {
            if let Some(value) = found.get_mut(&name) {
                fill(value, &context);
            }
        }
    }
    let mut all = Value::Object(found);
    prune(&mut all);
    match all {
        Value::Object(found) => found,
        _ => Map::new(),
    }
}

/// Ansible's filter `bool`.
pub(super) fn truth(value: &minijinja::Value) -> bool {
    let text = value.to_string().to_ascii_lowercase();
    matches!(text.as_str(), "true" | "yes" | "on" | "1" | "y" | "t")
}

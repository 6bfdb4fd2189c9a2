//! Texts and lists of rules. Those of a site's rules are read from its files; those of the built-in rules stand ready in the
//! binary as numbers that point into tables, so that nothing is decoded, allocated or relocated when the program starts.

use std::{borrow::Borrow, cmp::Ordering, fmt, hash, ops::Deref, slice, sync::OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

/// All texts of the built-in rules.
static POOL: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.txt"));

/// Something that has a place in a table of the binary, or memory of its own.
#[derive(Clone)]
enum Held<O> {
    /// Where it starts, and how long it is.
    Stored(u32, u32),
    Own(O),
}

/// What a table of the binary holds.
pub trait Stored: Sized + 'static {
    /// The table.
    fn table() -> &'static [Self];
}

/// A text of a rule.
#[derive(Clone)]
pub struct Text(Held<Box<str>>);

impl Text {
    pub(super) const fn stored(at: u32, length: u32) -> Self {
        Self(Held::Stored(at, length))
    }

    /// The text itself.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Held::Stored(at, length) => POOL.get(*at as usize..(at + length) as usize).unwrap_or_default(),
            Held::Own(text) => text,
        }
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl hash::Hash for Text {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Held::Own(text.into())))
    }
}

/// A list in a rule.
#[derive(Clone)]
pub struct List<T>(Held<Vec<T>>);

impl<T> List<T> {
    pub(super) const fn stored(at: u32, length: u32) -> Self {
        Self(Held::Stored(at, length))
    }

    /// Whether nothing is in it: most lists of most conditions are so.
    #[inline]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Held::Stored(_, length) => *length == 0,
            Held::Own(list) => list.is_empty(),
        }
    }
}

impl<T: Stored + Clone> List<T> {
    /// The list, to change what stands in it.
    pub fn to_mut(&mut self) -> &mut [T] {
        if let Held::Stored(..) = self.0 {
            self.0 = Held::Own(self.to_vec());
        }
        match &mut self.0 {
            Held::Own(list) => list,
            Held::Stored(..) => &mut [],
        }
    }
}

impl List<Text> {
    /// Whether this text is in it.
    pub fn contains(&self, text: &str) -> bool {
        self.iter().any(|own| own == text)
    }
}

impl<T: Stored> Deref for List<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Held::Stored(_, 0) => &[],
            Held::Stored(at, length) => T::table().get(*at as usize..(at + length) as usize).unwrap_or_default(),
            Held::Own(list) => list,
        }
    }
}

impl<'l, T: Stored> IntoIterator for &'l List<T> {
    type Item = &'l T;
    type IntoIter = slice::Iter<'l, T>;

    fn into_iter(self) -> slice::Iter<'l, T> {
        self.iter()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self::stored(0, 0)
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(list: Vec<T>) -> Self {
        Self(Held::Own(list))
    }
}

impl<T: Stored + fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: Stored + Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::from)
    }
}

/// A part of a rule that hardly any run needs: of a built-in rule it is JSON until somebody looks at it.
#[derive(Clone)]
pub struct Later<T> {
    json: Text,
    value: OnceLock<T>,
}

impl<T> Later<T> {
    pub(super) const fn stored(at: u32, length: u32) -> Self {
        Self { json: Text::stored(at, length), value: OnceLock::new() }
    }
}

impl<T: DeserializeOwned + Default> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // The tests compare all of every rule file with the result, so that it cannot fail in a binary that passed them.
        self.value.get_or_init(|| serde_json::from_str(&self.json).unwrap_or_default())
    }
}

impl<T: Default> Default for Later<T> {
    fn default() -> Self {
        Self { json: Text::stored(0, 0), value: OnceLock::from(T::default()) }
    }
}

impl<T: DeserializeOwned + Default + fmt::Debug> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(|value| Self { json: Text::stored(0, 0), value: OnceLock::from(value) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;
    use crate::lint::{Severity, built_in};

    fn own(text: &str) -> Text {
        Text(Held::Own(text.into()))
    }

    #[test]
    fn a_text_is_what_it_says() {
        assert_eq!(format!("{:?} {:>3}", own("a\n"), own("b")), "\"a\\n\"   b");
        let (text, same, other) = (own("a"), String::from("a"), String::from("b"));
        assert_eq!(text, same);
        assert_eq!(same, text);
        assert_ne!(text, other);
        assert_ne!(other, text);
        // In sets of either kind it is found by what it says.
        let all = [own("b"), own("a"), own("b")];
        assert_eq!(all.iter().cloned().collect::<HashSet<_>>().len(), 2);
        let sorted: BTreeSet<Text> = all.into_iter().collect();
        assert!(sorted.contains("a") && !sorted.contains("c"));
        assert_eq!(own("a").partial_cmp(&own("b")), Some(Ordering::Less));
    }

    #[test]
    fn what_is_stored_is_copied_when_it_is_changed() {
        let mut rule = built_in().unwrap().into_iter().find(|rule| !rule.unsure.is_empty()).unwrap();
        let before = format!("{rule:?}");
        assert!(before.contains(&format!("id: {:?}", rule.id)), "{before}");
        assert!(before.contains("unsure: [Unsure {"), "{before}");
        let severity = if rule.unsure[0].severity == Severity::Info { Severity::Warning } else { Severity::Info };
        rule.unsure.to_mut()[0].severity = severity;
        assert_eq!(rule.unsure[0].severity, severity);
        assert_ne!(format!("{rule:?}"), before);
        let stored = built_in().unwrap().into_iter().find(|stored| stored.id == rule.id).unwrap();
        assert_eq!(format!("{stored:?}"), before);
    }

    #[test]
    fn what_is_looked_at_later_is_shown_as_it_is() {
        let later = Later { json: own("[1, 2]"), value: OnceLock::new() };
        assert_eq!(format!("{later:?}"), format!("{:?}", vec![1, 2]));
        let _: &Vec<i32> = &later;
    }
}

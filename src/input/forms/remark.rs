//! What only the form of a file knows.

use crate::source::Place;

/// Something that a form of files has to say; rules with `check = "forms"` speak of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// Which rule speaks of it: its `kind`.
    pub kind: &'static str,
    /// Where.
    pub place: Place,
    /// The section it is about.
    pub section: Option<String>,
    /// The option it is about.
    pub option: Option<String>,
    /// What the texts of the rule may name. Holds no secret.
    pub facts: Vec<(&'static str, String)>,
    /// Places that the rule may name.
    pub places: Vec<(&'static str, Place)>,
}

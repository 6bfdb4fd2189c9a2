use std::{borrow::Cow, fmt};

use super::Problem;

/// An exception that Cinder or oslo.config raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its class, as Python names it.
    pub class: Cow<'static, str>,
    /// What it says.
    pub detail: String,
    /// The option that it is about, where there is one.
    pub option: Option<&'static str>,
}

impl Exception {
    /// An exception of this class that says this.
    pub fn new(class: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { class: class.into(), detail: detail.into(), option: None }
    }

    /// The same, about an option.
    #[must_use]
    pub fn about(mut self, option: &'static str) -> Self {
        self.option = Some(option);
        self
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.class)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

impl Problem {
    /// What oslo.config raises; none where it is only that nobody can see the value from here.
    pub fn exception(&self) -> Option<Exception> {
        Some(match self {
            Self::NoSuchOption { name, group } => {
                Exception::new("NoSuchOptError", format!("no such option {name} in group [{group}]"))
            }
            Self::NoSuchGroup(group) => Exception::new("NoSuchGroupError", format!("no such group [{group}]")),
            Self::Cycle(name) => Exception::new("RecursionError", format!("${name} refers to itself")),
            Self::Unknown(_) | Self::Unseen => return None,
        })
    }
}

use std::cell::RefCell;

use foldhash::HashMap;

use super::{Backend, Config, Setting, Text};
use crate::catalog;

/// The options of one backend, each worked out once: many rules ask for the same ones.
#[derive(Debug)]
pub struct Texts<'c, 'f> {
    /// The configuration.
    pub config: &'c Config<'f>,
    /// The backend.
    pub backend: &'c Backend,
    known: RefCell<HashMap<&'static str, Text<'f>>>,
}

impl<'c, 'f> Texts<'c, 'f> {
    /// Of this backend.
    pub fn new(config: &'c Config<'f>, backend: &'c Backend) -> Self {
        Self { config, backend, known: RefCell::default() }
    }

    /// [`Config::backend_text`].
    pub fn get(&self, name: &str) -> Text<'f> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let text = self.config.backend_text(self.backend, name);
        // Names that the catalogue does not have are rare, and do not live as long.
        if let Some(row) = catalog::options_named(name).next() {
            self.known.borrow_mut().insert(row.name(), text.clone());
        }
        text
    }

    /// [`Config::backend_setting`].
    pub fn setting(&self, name: &str) -> Option<Setting<'f>> {
        self.config.backend_setting(self.backend, name)
    }
}

//! Texts that many findings have in common.

use std::sync::Arc;

use foldhash::HashSet;

/// Texts, each kept once.
#[derive(Debug, Default)]
pub(super) struct Pool(HashSet<Arc<str>>);

impl Pool {
    /// The one text that is equal to this one.
    pub(super) fn keep(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

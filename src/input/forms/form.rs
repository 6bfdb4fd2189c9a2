//! What every form can do.

use super::{Candidate, Run, Taken};

/// One form.
pub trait Form: Sync {
    /// Its name for `--form`.
    fn name(&self) -> &'static str;
    /// What it is, for `--show-files`: "a file of oslo.config".
    fn title(&self) -> &'static str;
    /// Why a file that a search met is one of these; none: it is not.
    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String>;
    /// Reads files of this form, all under the same settings. What belongs together is told by their paths.
    fn read(&self, taken: &[Taken], run: &mut Run<'_>);
}

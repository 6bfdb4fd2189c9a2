//! What was read, in order, so that it can be read again.

use std::{path::PathBuf, sync::Arc};

use crate::{
    catalog::Release,
    input::{
        forms::{Assembled, Form, Run, Taken},
        render::Vars,
    },
    settings::Loaded,
};

/// The files of one form under the same settings.
pub(super) type FormFiles = (Arc<Loaded>, &'static dyn Form, Vec<Taken>);

/// What was read, in order, so that it can be read again of other texts.
#[derive(Default)]
pub(super) struct Script {
    /// The name of standard input.
    pub(super) stdin: PathBuf,
    /// The release that the flags name.
    pub(super) release: Option<Release>,
    /// The files that were named as layers; they are read first.
    pub(super) layers: Vec<PathBuf>,
    /// What templates are filled in with.
    pub(super) vars: Option<Arc<Vars>>,
    /// All others, by settings and form.
    pub(super) forms: Vec<FormFiles>,
}

impl Script {
    /// Has the forms read; what each found.
    pub(super) fn forms(&self, run: &mut Run<'_>) -> Vec<Vec<Assembled>> {
        let read = |(settings, form, taken): &FormFiles| {
            run.release = self.release.or(settings.settings.release);
            form.read(taken, run);
            std::mem::take(&mut run.found)
        };
        self.forms.iter().map(read).collect()
    }
}

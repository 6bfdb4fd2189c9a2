//! A baseline as a file.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    lint::baseline::Baseline,
    message::Message,
    report::ToolError,
    settings::SettingsError,
    source::{self, Borders, Disk, FileSystem, HostFiles},
};

/// A baseline that was read, and the folder that its paths are seen from.
#[derive(Clone)]
pub(crate) struct Kept {
    pub path: PathBuf,
    pub folder: PathBuf,
    pub baseline: Baseline,
}

impl Kept {
    /// Reads a baseline.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let text =
            given(path).read_text(path).map_err(|error| SettingsError::new(path, "", None, error.to_string()))?;
        let baseline = Baseline::read(&text).map_err(|error| SettingsError::toml(path, &text, &error))?;
        Ok(Self { path: path.to_path_buf(), folder: folder_of(path), baseline })
    }

    /// What is said of entries that let nothing pass any more.
    pub(crate) fn stale(&self, files: &source::Files) -> Vec<ToolError> {
        let stale = self.baseline.stale(&Disk, files, &self.folder);
        let said = stale.into_iter().map(|entry| {
            let key = &entry.key;
            let place = [key.section.as_deref(), key.option.as_deref()].into_iter().flatten();
            let place: Vec<&str> = std::iter::once(key.path.as_str()).chain(place).collect();
            let what = match &entry.expires {
                Some(day) if entry.has_expired() => format!("expired on {day}"),
                _ => format!("{} too many", entry.count),
            };
            let message = format!("{} {}: {what}", key.rule, place.join(" "));
            let message = Message::from(message.replace(crate::text::is_unprintable, "\u{fffd}"));
            let message = match entry.has_expired() {
                true => message,
                false => message.help("`cinderlint baseline prune` removes entries that match nothing"),
            };
            ToolError::new(source::relative(&self.path), message)
        });
        said.collect()
    }
}

/// What is read where this file alone was given: a link in it leads no further than its folder.
pub(crate) fn given(path: &Path) -> Arc<Borders> {
    Borders::around(&Disk::shared(), [], HostFiles::Own).with_file(path)
}

pub(super) fn folder_of(path: &Path) -> PathBuf {
    source::absolute(path).parent().unwrap_or(Path::new("/")).to_path_buf()
}

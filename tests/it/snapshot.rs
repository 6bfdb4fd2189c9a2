//! Snapshots: files with what is said, one a case or a rule. A difference is shown as `diff -u` shows it, all of a run at once;
//! `BLESS=1` in the environment writes the files anew instead, and Git shows what changed.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use similar::TextDiff;

/// The snapshots that one test compares. `finish` fails the test.
#[must_use]
pub(crate) struct Snapshots {
    /// Files of which none compared yet is one.
    unused: BTreeSet<PathBuf>,
    differences: String,
    bless: bool,
}

impl Snapshots {
    /// Snapshots anywhere.
    pub(crate) fn new() -> Self {
        Self { unused: BTreeSet::new(), differences: String::new(), bless: std::env::var_os("BLESS").is_some() }
    }

    /// Snapshots in a folder in which nothing else is: a file there that no case has is a difference too.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        Self { unused: files.collect(), ..Self::new() }
    }

    /// Compares what a case says with its file.
    pub(crate) fn compare(&mut self, file: &Path, said: &str) {
        self.unused.remove(file);
        let expected = fs::read_to_string(file).unwrap_or_default();
        if expected == said && file.exists() {
            return;
        }
        if self.bless {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, said).unwrap();
            return;
        }
        let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string();
        let difference = TextDiff::from_lines(expected.as_str(), said);
        let shown = difference.unified_diff().context_radius(2).header(&name, "what is said now").to_string();
        writeln!(self.differences, "{shown}").unwrap();
    }

    /// Fails where anything differs.
    pub(crate) fn finish(mut self) {
        for file in &self.unused {
            if self.bless {
                fs::remove_file(file).unwrap();
            } else {
                writeln!(self.differences, "{}: no case has this file", file.display()).unwrap();
            }
        }
        assert!(
            self.differences.is_empty(),
            "{}If that is what you want: BLESS=1 cargo test --test it",
            self.differences
        );
    }
}

//! Tables that are read by their first column, as `build/rows.rs` writes them: nothing is decoded before somebody asks.

use super::Release;

/// A table: its text, sorted by the first column, and where each line begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub text: &'static str,
    pub lines: &'static [u32],
}

/// One line of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row(&'static str);

/// Between the items of a list.
const SEPARATOR: char = '\u{1f}';

impl Table {
    /// The lines whose first column is `key`, in the order of the file that they were made of.
    pub(super) fn rows(self, key: &str) -> impl Iterator<Item = Row> + use<> {
        let first = self.lines.partition_point(|&start| self.key(start) < key);
        let count = self.lines[first..].iter().take_while(|&&start| self.key(start) == key).count();
        self.lines[first..first + count].iter().map(move |&start| self.row(start))
    }

    /// All lines, sorted by the first column.
    pub(super) fn all(self) -> impl Iterator<Item = Row> {
        self.lines.iter().map(move |&start| self.row(start))
    }

    /// The first column; the rest of a long line is not looked at.
    fn key(self, start: u32) -> &'static str {
        self.text.get(start as usize..).and_then(|rest| rest.split('\t').next()).unwrap_or_default()
    }

    fn row(self, start: u32) -> Row {
        Row(self.text.get(start as usize..).and_then(|rest| rest.split('\n').next()).unwrap_or_default())
    }
}

impl Row {
    /// A column; empty where there is none.
    pub(super) fn cell(self, column: usize) -> &'static str {
        self.0.split('\t').nth(column).unwrap_or_default()
    }

    /// The items of a column that holds a list.
    pub(super) fn list(self, column: usize) -> impl Iterator<Item = &'static str> {
        self.cell(column).split(SEPARATOR).filter(|item| !item.is_empty())
    }

    /// Whether a release lies between the releases in two columns.
    pub(super) fn holds_for(self, first: usize, last: usize, release: Release) -> bool {
        let number = |column| self.cell(column).parse::<u8>().ok();
        number(first).is_some_and(|first| first <= release.index())
            && number(last).is_some_and(|last| release.index() <= last)
    }
}

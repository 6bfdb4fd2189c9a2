//! What options of a release may name in Cinder: modules, classes, filters and weighers.
//!
//! `catalog/code.py` reads them in Cinder's sources.

use super::{
    Release,
    rows::{Row, Table},
};

include!(concat!(env!("OUT_DIR"), "/code.rs"));
static TABLE: Table = Table { text: include_str!(concat!(env!("OUT_DIR"), "/code.tsv")), lines: &CODE_LINES };

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A module or a package.
    Module,
    /// A class, by its path.
    Class,
    /// Something else in a module, by its path.
    Other,
    /// A filter of the scheduler, by the name of its class.
    Filter,
    /// A weigher of the scheduler, by the name of its class.
    Weigher,
}

/// One name, in a range of releases.
#[derive(Clone, Copy, Debug)]
pub struct Code(Row);

impl Code {
    /// The path of a module or class, or the name of a filter or weigher.
    pub fn path(self) -> &'static str {
        self.0.cell(0)
    }

    /// What it stands for.
    pub fn kind(self) -> Kind {
        match self.0.cell(3) {
            "class" => Kind::Class,
            "filter" => Kind::Filter,
            "weigher" => Kind::Weigher,
            "name" => Kind::Other,
            _ => Kind::Module,
        }
    }

    /// The entry point of a filter or weigher, where it has another name than the class.
    pub fn entry(self) -> &'static str {
        self.0.cell(4)
    }

    /// The first and the last release of the range.
    pub fn releases(self) -> super::Releases {
        let number = |column| self.0.cell(column).parse().ok().and_then(Release::from_index).unwrap_or(Release::NEWEST);
        super::Releases { first: number(1), last: number(2) }
    }

    /// Whether a release has it.
    pub fn is_in(self, release: Release) -> bool {
        self.0.holds_for(1, 2, release)
    }
}

/// What stands under a path in a release.
pub fn code(release: Release, path: &str) -> Option<Code> {
    code_anywhere(path).find(|code| code.is_in(release))
}

/// What stands under a path in any release.
pub fn code_anywhere(path: &str) -> impl Iterator<Item = Code> + use<> {
    TABLE.rows(path).map(Code)
}

/// Everything of one kind in a release, sorted.
pub fn all_code(release: Release, kind: Kind) -> impl Iterator<Item = Code> {
    TABLE.all().map(Code).filter(move |code| code.is_in(release) && code.kind() == kind)
}

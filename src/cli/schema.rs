use clap::ValueEnum;

/// Something that is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// `cinderlint.toml`.
    Settings,
    /// What `check --format json` writes.
    Report,
    /// What `effective --format json` writes.
    Effective,
    /// What `audit --format json` writes.
    Audit,
    /// A rule file.
    Rule,
}

impl What {
    /// The schema. Tests hold it against what is really read and written.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Settings => include_str!("../../schemas/settings.json"),
            Self::Report => include_str!("../../schemas/report.json"),
            Self::Effective => include_str!("../../schemas/effective.json"),
            Self::Audit => include_str!("../../schemas/audit.json"),
            Self::Rule => include_str!("../../schemas/rule.json"),
        }
    }
}

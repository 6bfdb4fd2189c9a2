//! How many findings each rule and each file has: for `--statistics`, and for the end of the report for people.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use foldhash::HashSet;
use serde::Serialize;

use super::{content::Report, json::SCHEMA_VERSION};
use crate::{
    lint::{Finding, Severity},
    source::FileId,
};

#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Counts {
    pub(super) error: usize,
    pub(super) warning: usize,
    pub(super) info: usize,
    /// How many have a fix, safe or unsafe.
    fixable: usize,
}

#[derive(Serialize)]
pub(super) struct OfRule<'r> {
    pub(super) rule: &'r str,
    pub(super) name: &'r str,
    /// How many blocks its findings are.
    pub(super) blocks: usize,
    #[serde(flatten)]
    pub(super) counts: Counts,
}

#[derive(Serialize)]
pub(super) struct OfFile<'r> {
    pub(super) file: &'r str,
    #[serde(skip)]
    pub(super) shown: &'r str,
    #[serde(flatten)]
    pub(super) counts: Counts,
}

#[derive(Serialize)]
pub(super) struct Statistics<'r> {
    schema_version: u32,
    pub(super) rules: Vec<OfRule<'r>>,
    pub(super) files: Vec<OfFile<'r>>,
    pub(super) total: Counts,
}

impl Counts {
    fn add(&mut self, finding: &Finding) {
        match finding.severity {
            Severity::Error => self.error += 1,
            Severity::Warning => self.warning += 1,
            Severity::Info => self.info += 1,
        }
        self.fixable += usize::from(finding.fix.is_some());
    }

    /// The most errors first.
    pub(super) fn worst(&self) -> std::cmp::Reverse<(usize, usize, usize)> {
        std::cmp::Reverse((self.error, self.warning, self.info))
    }

    /// The most findings first.
    fn order(&self) -> std::cmp::Reverse<(usize, usize)> {
        std::cmp::Reverse((self.error + self.warning + self.info, self.error))
    }
}

pub(super) fn of<'r>(report: &'r Report<'_>) -> Statistics<'r> {
    let mut rules: BTreeMap<&str, OfRule<'_>> = BTreeMap::new();
    let mut files: BTreeMap<FileId, Counts> = BTreeMap::new();
    let mut blocks: HashSet<(&str, u64)> = HashSet::default();
    let mut total = Counts::default();
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let (rule, name) = (finding.rule.id.as_str(), finding.rule.name.as_str());
        let of_rule = rules.entry(rule).or_insert(OfRule { rule, name, blocks: 0, counts: Counts::default() });
        of_rule.counts.add(finding);
        of_rule.blocks += usize::from(blocks.insert((rule, finding.group)));
        files.entry(finding.place.file).or_default().add(finding);
        total.add(finding);
    }
    let mut rules: Vec<OfRule<'_>> = rules.into_values().collect();
    rules.sort_by_key(|rule| rule.counts.order());
    let of_file = |(id, counts)| {
        let file = report.files.get(id);
        OfFile { file: &file.relative, shown: &file.shown, counts }
    };
    let mut files: Vec<OfFile<'_>> = files.into_iter().map(of_file).collect();
    files.sort_by(|a, b| a.counts.order().cmp(&b.counts.order()).then(a.file.cmp(b.file)));
    Statistics { schema_version: SCHEMA_VERSION, rules, files, total }
}

/// Writes the counts as one JSON document.
///
/// # Errors
/// Those of the writer.
pub fn write_statistics_json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &of(report))?;
    writeln!(out)
}

/// Writes the counts as tables.
///
/// # Errors
/// Those of the writer.
pub fn write_statistics(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Statistics { rules, files, total, .. } = of(report);
    let head = |name: &str, out: &mut dyn Write| {
        writeln!(out, "{:>7}  {:>8}  {:>7}  {:>7}  {name}", "errors", "warnings", "info", "fixable")
    };
    let row = |counts: Counts, name: &str, out: &mut dyn Write| {
        let Counts { error, warning, info, fixable } = counts;
        writeln!(out, "{error:>7}  {warning:>8}  {info:>7}  {fixable:>7}  {name}")
    };
    head("rule", out)?;
    rules.iter().try_for_each(|rule| row(rule.counts, &format!("{} {}", rule.rule, rule.name), out))?;
    writeln!(out)?;
    head("file", out)?;
    files.iter().try_for_each(|file| row(file.counts, file.file, out))?;
    row(total, "total", out)
}

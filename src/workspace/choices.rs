//! Which rules speak, and what of it counts: what somebody asks for, over the settings.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::model::{Group, Workspace};
use crate::{
    catalog::Release,
    lint::{self, Choice, Lint, Rule, Severity, baseline::Baseline, change::Upgrade},
    settings::{FailOn, is_meant},
    source::File,
};

/// What somebody asks for; it wins over the settings.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Only these rules, by id, name, or the start of ids.
    pub select: Vec<String>,
    /// All rules but these.
    pub ignore: Vec<String>,
    /// Findings of severity info are shown too.
    pub pedantic: bool,
    /// Rules that are new and may change speak too.
    pub preview: bool,
    /// The lowest severity that counts.
    pub fail_on: Option<FailOn>,
    /// What comments in the files let pass is shown.
    pub no_suppressions: bool,
    /// Each option that was removed is said, also where a file has many of them and no release is named.
    pub each: bool,
}

/// What a run found.
pub struct Linted {
    /// The rules that there are.
    pub all: Vec<Arc<Rule>>,
    /// The findings.
    pub lint: Lint,
    /// Whether a finding counts.
    pub fails: bool,
}

impl Choices {
    /// A name in [`Choices::select`] or [`Choices::ignore`] that no rule has.
    pub fn unknown<'c>(&'c self, rules: &[Arc<Rule>]) -> Option<&'c str> {
        let mut names = self.select.iter().chain(&self.ignore);
        names.find(|name| !rules.iter().any(|rule| is_meant(rule, name))).map(String::as_str)
    }

    /// The rules that there are: the tool's, and those of all settings.
    pub fn rules(input: &Workspace, built_in: Vec<Arc<Rule>>) -> Vec<Arc<Rule>> {
        let mut all = match input.groups.first() {
            Some(group) => group.settings.rules.clone(),
            None => built_in,
        };
        for group in input.groups.iter().skip(1) {
            let new = group.settings.rules.iter().filter(|rule| !all.iter().any(|known| known.id == rule.id));
            let new: Vec<Arc<Rule>> = new.cloned().collect();
            all.extend(new);
        }
        all
    }

    /// Lints everything that was read. What a baseline lets pass counts from a folder.
    pub fn lint(
        &self,
        input: &mut Workspace,
        built_in: Vec<Arc<Rule>>,
        mut kept: Option<(&mut Baseline, &PathBuf)>,
        upgrades: Option<&[Upgrade]>,
    ) -> Linted {
        let all = Self::rules(input, built_in);
        let mut lint = Lint::default();
        let mut fails = false;
        for (at, group) in input.groups.iter().enumerate() {
            let settings = &group.settings;
            let chosen = self.chosen(group);
            let mut choice = Choice::of(&chosen, self.pedantic || settings.settings.pedantic.unwrap_or(false));
            choice.known = &settings.rules;
            choice.each = self.each;
            choice.directives.obeyed = !self.no_suppressions && !input.isolated;
            choice.directives.need_reason = settings.settings.require_suppression_reason;
            choice.directives.forbidden = settings.forbidden.clone();
            let speaks = |file: &File, rule: &Rule| settings.speaks(Path::new(&file.relative), rule);
            if !settings.settings.per_path.is_empty() {
                choice.speaks = Some(&speaks);
            }
            let mut found = lint::run_as(&mut input.files, &group.deployments, &group.host, choice);
            if let Some(upgrade) = upgrades.and_then(|upgrades| upgrades.get(at)) {
                upgrade.keep(&input.files, &mut found.findings);
            }
            if let Some((baseline, folder)) = &mut kept {
                baseline.apply(&input.files, folder, &mut found.findings);
            }
            lint::reached::keep_read(&input.files, &mut found.findings);
            fails |= self.fails(group, &found);
            lint.backends += found.backends;
            lint.findings.extend(found.findings);
        }
        if input.groups.len() > 1 {
            lint::finish(&input.files, &mut lint.findings);
        }
        if upgrades.is_some() {
            lint::change::order(&input.files, &mut lint.findings);
        }
        lint::number_groups(&mut lint.findings);
        Linted { all, lint, fails }
    }

    /// What an upgrade changes for each group of deployments.
    pub fn upgrades(&self, input: &mut Workspace, step: (Release, Release)) -> Vec<Upgrade> {
        let of =
            |group: &Group| Upgrade::of(&mut input.files, &group.deployments, &group.host, &self.chosen(group), step);
        input.groups.iter().map(of).collect()
    }

    /// `--select` instead of what the settings choose; `--ignore` beside it.
    pub fn chosen(&self, group: &Group) -> Vec<Arc<Rule>> {
        let settings = &group.settings.settings;
        let by_settings = |rule: &Rule| {
            let any = |names: &[toml::Spanned<String>]| names.iter().any(|name| is_meant(rule, name.get_ref()));
            (settings.select.is_empty() || any(&settings.select)) && !any(&settings.ignore)
        };
        let any = |rule: &Rule, names: &[String]| names.iter().any(|wanted| is_meant(rule, wanted));
        let preview = self.preview(group);
        // Who names a rule outright wants it.
        let named = |rule: &Rule| {
            let by_settings = settings.select.iter().map(toml::Spanned::get_ref);
            self.select.iter().chain(by_settings).any(|name| rule.is_called(name.trim()))
        };
        let known = group.settings.rules.iter().filter(|rule| preview || !rule.preview || named(rule));
        let rules = known.filter(|rule| !any(rule, &self.ignore));
        rules
            .filter(|rule| if self.select.is_empty() { by_settings(rule) } else { any(rule, &self.select) })
            .cloned()
            .collect()
    }

    /// Whether rules that may change speak.
    pub fn preview(&self, group: &Group) -> bool {
        self.preview || group.settings.settings.preview.unwrap_or(false)
    }

    /// What makes the exit code 1.
    pub fn threshold(&self, group: &Group) -> FailOn {
        self.fail_on.or(group.settings.settings.fail_on).unwrap_or(FailOn::Error)
    }

    fn fails(&self, group: &Group, lint: &Lint) -> bool {
        let lowest = match self.threshold(group) {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
            FailOn::Never => return false,
        };
        lint.findings.iter().any(|finding| finding.suppressed.is_none() && finding.severity >= lowest)
    }
}

//! Which rules speak, and what of it counts: flags over settings.

use std::{path::Path, sync::Arc};

use super::complete;
use crate::{
    catalog::Release,
    cli::baseline_file::Kept,
    lint::{self, Choice, Lint, Rule, Severity, change::Upgrade},
    report::ToolError,
    settings::{FailOn, is_meant},
    source::File,
    workspace::{Group, Workspace},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Choices {
    /// Only these rules, by id, name, or the start of ids: CND4 (comma separated)
    #[arg(long, value_name = "RULE,…", add = complete::rules(), value_delimiter = ',')]
    pub select: Vec<String>,
    /// All rules but these
    #[arg(long, value_name = "RULE,…", add = complete::rules(), value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Also show findings of severity info: style and hygiene
    #[arg(long)]
    pub pedantic: bool,
    /// Also run the rules that are new and may change
    #[arg(long)]
    pub preview: bool,
    /// Exit with 1 when there is a finding of this severity or a worse one [default: error]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Show what comments in the files let pass: `# cinderlint: ignore[RULE] -- reason`
    #[arg(long)]
    pub no_suppressions: bool,
}

/// What a run found.
pub(crate) struct Linted {
    /// The rules that there are.
    pub all: Vec<Arc<Rule>>,
    pub lint: Lint,
    /// Whether a finding counts.
    pub fails: bool,
}

impl Choices {
    /// Lints everything that was read.
    ///
    /// # Errors
    /// A rule that no settings know.
    pub(crate) fn lint(
        &self,
        input: &mut Workspace,
        built_in: Vec<Arc<Rule>>,
        mut kept: Option<&mut Kept>,
        upgrades: Option<&[Upgrade]>,
    ) -> Result<Linted, ToolError> {
        let mut all = match input.groups.first() {
            Some(group) => group.settings.rules.clone(),
            None => built_in,
        };
        for group in input.groups.iter().skip(1) {
            let new = group.settings.rules.iter().filter(|rule| !all.iter().any(|known| known.id == rule.id));
            let new: Vec<Arc<Rule>> = new.cloned().collect();
            all.extend(new);
        }
        for wanted in self.select.iter().chain(&self.ignore) {
            if !all.iter().any(|rule| is_meant(rule, wanted)) {
                return Err(super::known_rules::unknown_rule(&all, wanted));
            }
        }
        let mut lint = Lint::default();
        let mut fails = false;
        for (at, group) in input.groups.iter().enumerate() {
            let settings = &group.settings;
            let chosen = self.chosen(group);
            let mut choice = Choice::of(&chosen, self.pedantic || settings.settings.pedantic.unwrap_or(false));
            choice.known = &settings.rules;
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
            if let Some(kept) = &mut kept {
                kept.baseline.apply(&input.files, &kept.folder, &mut found.findings);
            }
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
        Ok(Linted { all, lint, fails })
    }

    /// What an upgrade changes for each group of deployments.
    pub(crate) fn upgrades(&self, input: &mut Workspace, step: (Release, Release)) -> Vec<Upgrade> {
        let of =
            |group: &Group| Upgrade::of(&mut input.files, &group.deployments, &group.host, &self.chosen(group), step);
        input.groups.iter().map(of).collect()
    }

    /// `--select` instead of what the settings choose; `--ignore` beside it.
    pub(super) fn chosen(&self, group: &Group) -> Vec<Arc<Rule>> {
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
    pub(super) fn preview(&self, group: &Group) -> bool {
        self.preview || group.settings.settings.preview.unwrap_or(false)
    }

    /// What makes the exit code 1.
    pub(super) fn threshold(&self, group: &Group) -> FailOn {
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

//! The flags that say which rules speak, and what of it counts.

use std::sync::Arc;

use super::complete;
use crate::{
    cli::baseline_file::Kept,
    lint::{Rule, change::Upgrade},
    report::ToolError,
    settings::FailOn,
    workspace::{self, Linted, Workspace},
};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Choices {
    /// Run only these rules: ids, names, or the start of ids such as CND4 (comma-separated)
    #[arg(long, value_name = "RULE,…", add = complete::rules(), value_delimiter = ',')]
    pub select: Vec<String>,
    /// Do not run these rules
    #[arg(long, value_name = "RULE,…", add = complete::rules(), value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Also report findings of severity info: style and hygiene
    #[arg(long)]
    pub pedantic: bool,
    /// Also run preview rules, which are new and may change
    #[arg(long)]
    pub preview: bool,
    /// Exit with 1 if there is a finding of this severity or a higher one [default: error]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Report also the findings that comments suppress: `# cinderlint: ignore[RULE] -- reason`
    #[arg(long)]
    pub no_suppressions: bool,
    /// What is said of single lines is compared or written: nothing is put together.
    #[arg(skip)]
    pub each: bool,
}

impl Choices {
    /// The same, with nothing put together where `each`.
    pub(crate) fn with_each(&self, each: bool) -> Self {
        Self { each, ..self.clone() }
    }

    /// What was asked for.
    pub(crate) fn asked(&self) -> workspace::Choices {
        workspace::Choices {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            pedantic: self.pedantic,
            preview: self.preview,
            fail_on: self.fail_on,
            no_suppressions: self.no_suppressions,
            each: self.each,
        }
    }

    /// Lints everything that was read.
    ///
    /// # Errors
    /// A rule that no settings know.
    pub(crate) fn lint(
        &self,
        input: &mut Workspace,
        built_in: Vec<Arc<Rule>>,
        kept: Option<&mut Kept>,
        upgrades: Option<&[Upgrade]>,
    ) -> Result<Linted, ToolError> {
        let asked = self.asked();
        let all = workspace::Choices::rules(input, built_in.clone());
        if let Some(wanted) = asked.unknown(&all) {
            return Err(super::known_rules::unknown_rule(&all, wanted));
        }
        let kept = kept.map(|kept| (&mut kept.baseline, &kept.folder));
        Ok(asked.lint(input, built_in, kept, upgrades))
    }
}

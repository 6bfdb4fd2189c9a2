//! `--fix` and `--diff`: rounds of linting and editing in memory, then the files.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
};

use super::choices::Choices;
use crate::{
    cli::baseline_file::Kept,
    fix::{self, Made, Target, Texts},
    lint::{self, Finding, Rule, change::Upgrade},
    report::{ToolError, Views},
    source::{Origin, Part},
    style::Style,
    text::{self, counted},
    workspace::{Group, Linted, Workspace},
};

/// What one fix uncovers is fixed in the next round. Rules that undo each other would never end.
const ROUNDS: usize = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// Write the safe fixes into the files (for standard input: to standard output)
    #[arg(long)]
    fix: bool,
    /// Print what --fix would write, without writing it
    #[arg(long)]
    diff: bool,
    /// With --fix or --diff: also apply the fixes that change what Cinder does
    #[arg(long)]
    unsafe_fixes: bool,
    /// Exit with 1 if --fix has fixed something, even if no finding is left
    #[arg(long)]
    exit_non_zero_on_fix: bool,
    /// Write a suppression with this reason above each present finding (with --diff: print it)
    #[arg(long, value_name = "REASON", conflicts_with_all = ["fix", "unsafe_fixes", "no_suppressions", "isolated"])]
    #[arg(value_parser = reason)]
    add_suppressions: Option<String>,
}

/// A reason is what stands behind ` -- ` in a line.
fn reason(text: &str) -> Result<String, String> {
    if text.contains(text::is_unprintable) {
        return Err("a reason must be one line of plain text".into());
    }
    Ok(text.trim().to_string())
}

/// What became of the files.
#[derive(Default)]
pub(super) struct Fixed {
    /// What is said of it on standard error.
    pub said: Option<String>,
    /// What went wrong.
    pub errors: Vec<ToolError>,
    /// Whether there is something that is fixed, or would be.
    pub any: bool,
}

impl Flags {
    /// Whether something is fixed, or shown fixed.
    pub(super) fn asked(&self) -> bool {
        self.writes() || self.diff
    }

    fn writes(&self) -> bool {
        self.fix || self.add_suppressions.is_some()
    }

    /// Whether only the difference is shown.
    pub(super) fn only_diff(&self) -> bool {
        self.diff
    }

    /// Whether a fix makes the exit code 1.
    pub(super) fn fix_counts(&self) -> bool {
        self.exit_non_zero_on_fix
    }

    /// Whether standard output is the fixed text of standard input, where that is given.
    pub(super) fn writes_text(&self, stdin: bool) -> bool {
        stdin && self.writes() && !self.diff
    }

    /// Whether standard output is taken by the fixed text of standard input.
    pub(super) fn takes_stdout(&self, input: &Workspace) -> bool {
        let stdin = || input.files.iter().any(|(_, file)| file.origin == Origin::Stdin);
        self.writes() && !self.diff && (input.unlinted.is_some() || stdin())
    }

    /// What is said of a flag that does nothing.
    pub(super) fn hint(&self) -> Option<&'static str> {
        let lost = (self.unsafe_fixes || self.exit_non_zero_on_fix) && !self.asked();
        lost.then_some("--unsafe-fixes and --exit-non-zero-on-fix have no effect without --fix or --diff")
    }

    /// Fixes what can be fixed, and writes it or shows it. `linted` is then what remains, true to what is in the files.
    ///
    /// # Errors
    /// Those of standard output.
    pub(super) fn run(&self, run: &mut Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<Fixed> {
        let texts = Texts::of(&run.input.files);
        let before = self.covered(run, &texts);
        let mut fixed = Fixed::default();
        let mut made = match &self.add_suppressions {
            Some(reason) if reason.is_empty() && run.needs_reasons() => {
                let message = "the settings require a reason in every suppression";
                fixed.errors.push(ToolError::new("--add-suppressions", message));
                return Ok(fixed);
            }
            Some(reason) => run.suppress(&texts, reason),
            None => self.rounds(run, &texts, &mut fixed),
        };
        let after = self.covered(run, &texts);
        let shown: Vec<_> = before.into_iter().zip(after).collect();
        self.write(run, &texts, &shown, &mut made, &mut fixed, style, out)?;
        fixed.any = !made.is_empty();
        let files: BTreeSet<usize> = made.iter().map(|one| one.target).collect();
        let (findings, files) = (counted(made.len() as u64, "finding"), counted(files.len() as u64, "file"));
        let what = match (self.add_suppressions.is_some(), self.diff) {
            (false, false) => "Fixed",
            (false, true) => "Would fix",
            (true, false) => "Suppressed",
            (true, true) => "Would suppress",
        };
        fixed.said = fixed.any.then(|| format!("{what} {findings} in {files}"));
        let open = || run.linted.lint.findings.iter().filter(|finding| finding.suppressed.is_none());
        let left = open().count();
        if self.add_suppressions.is_some() && !self.diff && left > 0 {
            let said = fixed.said.get_or_insert_default();
            said.push_str(&format!(
                "{}{} cannot be suppressed",
                if said.is_empty() { "" } else { "; " },
                counted(left as u64, "finding")
            ));
            let inside = |finding: &&Finding| !matches!(run.input.files.get(finding.place.file).part, Part::Whole);
            if open().any(|finding| inside(&finding)) {
                said.push_str(" (cinderlint writes no directives into YAML and rendered templates: add them by hand)");
            }
        }
        Ok(fixed)
    }

    /// The texts as they may be shown.
    fn covered(&self, run: &Run<'_>, texts: &Texts) -> Vec<Vec<u8>> {
        let views = Views::new(&run.input.files);
        let of = |target: &Target| views.get(target.ids[0]).covered().to_vec();
        texts.targets.iter().filter(|_| self.diff).map(of).collect()
    }

    /// Lints and edits until nothing changes.
    fn rounds(&self, run: &mut Run<'_>, texts: &Texts, fixed: &mut Fixed) -> Vec<Made> {
        let mut made: Vec<Made> = Vec::new();
        for round in 0.. {
            let now = texts.round(&mut run.input.files, &run.linted.lint.findings, self.unsafe_fixes);
            if now.is_empty() {
                break;
            }
            if round == ROUNDS {
                let lost: BTreeSet<usize> = now.iter().map(|one| one.target).collect();
                let rules: BTreeSet<&str> = now.iter().map(|one| one.rule.as_str()).collect();
                let rules: Vec<&str> = rules.into_iter().collect();
                for at in lost {
                    let message = format!(
                        "is not changed: after {ROUNDS} rounds its fixes still undo each other ({})",
                        rules.join(", ")
                    );
                    fixed.errors.push(ToolError::new(run.name(&texts.targets[at]), message));
                    run.restore(&texts.targets[at]);
                    made.retain(|one| one.target != at);
                }
                run.lint();
                break;
            }
            if !run.lint() {
                // Nothing may be written of which it is not known what it is now.
                let lost: BTreeSet<usize> = now.iter().chain(&made).map(|one| one.target).collect();
                for at in lost {
                    if !run.is_container(&texts.targets[at]) {
                        continue;
                    }
                    let message = "is not changed: with the fixes it would be read differently";
                    fixed.errors.push(ToolError::new(run.name(&texts.targets[at]), message));
                    run.restore(&texts.targets[at]);
                }
                made.extend(now);
                made.retain(|one| !run.is_container(&texts.targets[one.target]));
                run.lint();
                break;
            }
            made.extend(now);
        }
        made
    }

    #[expect(clippy::too_many_arguments, reason = "each is one thing that the last step needs")]
    /// Writes the texts that are new, or shows them; what cannot be written is linted as it was.
    fn write(
        &self,
        run: &mut Run<'_>,
        texts: &Texts,
        shown: &[(Vec<u8>, Vec<u8>)],
        made: &mut Vec<Made>,
        fixed: &mut Fixed,
        style: &Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut again = false;
        for (at, target) in texts.targets.iter().enumerate() {
            let new = &run.input.files.get(target.ids[0]).text;
            let changed = *new != target.original;
            if self.diff {
                if let Some((before, after)) = shown.get(at).filter(|_| changed) {
                    let old = fix::diff::Side { text: &target.original, covered: before };
                    let new = fix::diff::Side { text: new, covered: after };
                    fix::diff::write(&run.name(target), old, new, style, out)?;
                    run.restore(target);
                    again = true;
                }
                continue;
            }
            match &target.origin {
                Origin::Stdin => out.write_all(new)?,
                Origin::Disk(path) if changed => {
                    let inside = run.input.borders.check(path).map_err(fix::ReplaceError::Io);
                    let may = |real: &Path| run.input.borders.check(real);
                    if let Err(error) = inside.and_then(|()| fix::replace(path, Some(&target.original), new, &may)) {
                        fixed.errors.push(ToolError::new(run.name(target), &error));
                        made.retain(|one| one.target != at);
                        run.restore(target);
                        again = true;
                    }
                }
                Origin::Disk(_) | Origin::None => {}
            }
        }
        if let Some(text) = run.input.unlinted.as_ref().filter(|_| !self.diff) {
            out.write_all(text)?;
        }
        if again {
            run.lint();
        }
        out.flush()
    }
}

/// A run that can lint again.
pub(super) struct Run<'r> {
    pub input: &'r mut Workspace,
    pub choices: &'r Choices,
    pub rules: &'r [std::sync::Arc<Rule>],
    /// The baseline as it was read, and as the last linting left it.
    pub kept: Option<Kept>,
    pub left: Option<Kept>,
    pub linted: Linted,
    /// What an upgrade changes, where one is looked at: of the texts as they were.
    upgrades: Option<Vec<Upgrade>>,
    files: usize,
}

impl<'r> Run<'r> {
    /// Lints everything that was read.
    ///
    /// # Errors
    /// See [`Choices::lint`].
    pub(super) fn new(
        input: &'r mut Workspace,
        choices: &'r Choices,
        rules: &'r [std::sync::Arc<Rule>],
        kept: Option<Kept>,
        upgrades: Option<Vec<Upgrade>>,
    ) -> Result<Self, ToolError> {
        let files = input.files.len();
        let mut left = kept.clone();
        let linted = choices.lint(input, rules.to_vec(), left.as_mut(), upgrades.as_deref())?;
        Ok(Self { input, choices, rules, kept, left, linted, upgrades, files })
    }

    /// Lints the texts as they are now. False: a file that holds configuration in pieces holds others now.
    fn lint(&mut self) -> bool {
        self.input.files.truncate(self.files);
        if !self.input.read_again() {
            return false;
        }
        self.left = self.kept.clone();
        // What can be wrong (a rule that no settings know) was found the first time.
        if let Ok(linted) =
            self.choices.lint(self.input, self.rules.to_vec(), self.left.as_mut(), self.upgrades.as_deref())
        {
            self.linted = linted;
        }
        true
    }

    fn is_container(&self, target: &Target) -> bool {
        matches!(self.input.files.get(target.ids[0]).part, Part::Container)
    }

    fn needs_reasons(&self) -> bool {
        self.input.groups.iter().any(|group| group.settings.settings.require_suppression_reason)
    }

    /// Lets everything pass that is found now, but for what nothing lets pass.
    fn suppress(&mut self, texts: &Texts, reason: &str) -> Vec<Made> {
        let groups = &self.input.groups;
        let may = |finding: &Finding| {
            let of = |group: &&Group| {
                group.deployments.iter().any(|deployment| deployment.layers.contains(&finding.place.file))
            };
            let forbidden =
                groups.iter().filter(of).any(|group| group.settings.forbidden.contains(finding.rule.id.as_str()));
            !forbidden && !lint::suppress::is_own(&finding.rule)
        };
        let covered = fix::suppressions::add(texts, &mut self.input.files, &self.linted.lint.findings, &may, reason);
        self.lint();
        let made = |(target, count)| std::iter::repeat_n(Made { target, rule: String::new() }, count);
        covered.into_iter().flat_map(made).collect()
    }

    fn restore(&mut self, target: &Target) {
        for &id in &target.ids {
            self.input.files.set_text(id, target.original.clone());
        }
    }

    fn name(&self, target: &Target) -> String {
        self.input.files.get(target.ids[0]).relative.clone()
    }
}

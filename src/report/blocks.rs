//! What reports for people say once: the findings of one group, with all their places.

use foldhash::HashMap;

use super::view::Views;
use crate::{
    lint::{Finding, Related},
    source::{FileId, Place},
    text::one_line,
};

/// From how many characters on the path is not said again for each place in the same file.
const LONG: usize = 30;

/// How many places that belong to a finding are drawn, or said in full; of more, each is a line below it.
pub(super) const DRAWN: usize = 4;

/// How many lines away they may be.
const NEAR: u32 = 2;

/// At how many characters a list of lines goes on in a line of its own.
const TOGETHER: usize = 60;

/// The findings of one group, in the order of the report: those that pass are not among them.
pub(super) struct Block<'r> {
    pub(super) findings: Vec<&'r Finding>,
}

impl<'r> Block<'r> {
    /// All of a report, in the order of their first findings.
    pub(super) fn all(findings: impl Iterator<Item = &'r Finding>) -> Vec<Self> {
        let mut at: HashMap<u64, usize> = HashMap::default();
        let mut blocks: Vec<Self> = Vec::new();
        for finding in findings.filter(|finding| finding.suppressed.is_none()) {
            let next = blocks.len();
            match blocks.get_mut(*at.entry(finding.group).or_insert(next)) {
                Some(block) => block.findings.push(finding),
                None => blocks.push(Self { findings: vec![finding] }),
            }
        }
        blocks
    }

    pub(super) fn first(&self) -> &'r Finding {
        self.findings[0]
    }

    /// The findings at each place: two options that are missing at the same place are one thing to read.
    pub(super) fn places(&self) -> impl Iterator<Item = &[&'r Finding]> {
        self.findings.chunk_by(|a, b| a.place == b.place)
    }

    /// Each place but the first as `path:line` (or `line 7`, in the same file), and what is its own there. Places of a file that have
    /// nothing of their own are told together: `lines 7, 9 to 90`.
    pub(super) fn others<'s>(&'s self, views: &'s Views<'r>) -> impl Iterator<Item = (String, String)> + 's {
        let options = |place: &[&'r Finding]| place.iter().map(|finding| finding.option.as_deref()).collect::<Vec<_>>();
        let first_options = options(self.places().next().unwrap_or_default());
        let (helps_each, first_help) = (self.first().rule.helps_each(), self.first().help.as_deref());
        let named = self.places().any(|place| options(place) != first_options);
        let first_section = self.first().section.as_deref();
        let what = move |place: &[&'r Finding]| {
            let finding = place[0];
            let mut what = finding.section.as_ref().map(|section| format!("[{section}]")).unwrap_or_default();
            if named {
                for option in place.iter().filter_map(|finding| finding.option.as_deref()) {
                    what.push_str(&format!("{}`{option}`", if what.is_empty() { "" } else { " " }));
                }
            }
            // The second of two helps that are the same says nothing; where the section does not tell whom it is about, the help does.
            let says_whom = !named && finding.section.as_deref() == first_section;
            let helps = |help: &&str| {
                let differs = Some(*help) != first_help;
                helps_each && (named || differs) || says_whom && differs
            };
            if let Some(help) = finding.help.as_deref().filter(helps) {
                what.push_str(&format!(": {help}"));
            }
            (finding.place, one_line(&what).into_owned())
        };
        let mut others = self.places().skip(1).map(what).peekable();
        let line = |place: Place| (place.file, views.range(place).0.line);
        std::iter::from_fn(move || {
            let (first, what) = others.next()?;
            let (file, mut last) = line(first);
            let mut lines = last.to_string();
            let mut many = false;
            while what.is_empty() && lines.len() < TOGETHER {
                let mut end = last;
                while others.next_if(|(next, what)| what.is_empty() && line(*next) == (file, end + 1)).is_some() {
                    end += 1;
                }
                if end > last {
                    lines.push_str(&format!(" to {end}"));
                    many = true;
                }
                let Some((next, _)) = others.next_if(|(next, what)| what.is_empty() && line(*next).0 == file) else {
                    break;
                };
                (last, many) = (line(next).1, true);
                lines.push_str(&format!(", {last}"));
            }
            Some((self.place(views, file, &lines, many), what))
        })
    }

    /// The places that belong to the first finding, and are drawn beside it: those within its lines.
    pub(super) fn drawn(&self, views: &Views<'r>) -> impl Iterator<Item = &'r Related> {
        let (first, line) = (self.first(), |place: Place| views.range(place).0.line);
        let few = first.related.len() <= DRAWN;
        let is_near =
            move |place: Place| place.file == first.place.file && line(place).abs_diff(line(first.place)) <= NEAR;
        first.related.iter().filter(move |related| few && is_near(related.place))
    }

    /// The others.
    pub(super) fn related<'s>(&'s self, views: &'s Views<'r>) -> impl Iterator<Item = (String, String)> + 's {
        let drawn: Vec<Place> = self.drawn(views).map(|related| related.place).collect();
        let at = |place: Place| self.place(views, place.file, &views.range(place).0.line.to_string(), false);
        let others = self.first().related.iter().filter(move |related| !drawn.contains(&related.place));
        others.map(move |related| (at(related.place), one_line(&related.message).into_owned()))
    }

    fn place(&self, views: &Views<'r>, file: FileId, lines: &str, many: bool) -> String {
        let path = views.get(file).shown();
        if file == self.first().place.file && path.chars().count() > LONG {
            format!("line{} {lines}", if many { "s" } else { "" })
        } else {
            format!("{path}:{lines}")
        }
    }
}

/// The messages of findings at one place. Where they differ in nothing but the option, one message that names all options, and true.
pub(super) fn said_once(group: &[&Finding]) -> (String, bool) {
    let first = group[0];
    let quoted = |finding: &Finding| finding.option.as_ref().map(|option| format!("`{option}`"));
    if let Some(name) = quoted(first)
        && group.len() > 1
        && group.iter().all(|other| quoted(other).is_some_and(|o| *other.message == *first.message.replace(&name, &o)))
    {
        let names: Vec<String> = group.iter().filter_map(|finding| quoted(finding)).collect();
        return (first.message.replacen(&name, &names.join(", "), 1), true);
    }
    (group.iter().map(|finding| &*finding.message).collect::<Vec<_>>().join("\n"), false)
}

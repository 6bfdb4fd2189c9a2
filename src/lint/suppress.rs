//! Directives in comments of the linted files, by which findings pass.
//!
//! `# cinderlint: ignore[RULE, …] -- reason` on a line of its own covers what the next line that says something holds: an
//! assignment with all its lines, or a section header with everything down to the next header. What stands in between (blank
//! lines, comments, further directives) does not matter. `ignore-file` stands before the first section header and covers
//! the whole file. Of several directives that cover a finding, the nearest is taken.

use std::sync::Arc;

use foldhash::HashMap;

use super::{
    candidate::Candidate,
    checks,
    choice::Choice,
    finding::Finding,
    finds::SUPPRESSIONS_CHECK,
    rule::{self, Rule},
    severity::Severity,
    words,
};
use crate::{
    ini::{self, Piece, Span, python},
    secrets,
    source::{File, FileId, Files, Place},
    text::is_unprintable,
};

/// What starts a directive, behind `#` or `;` and blanks.
const MARK: &[u8] = b"cinderlint:";

/// One rule of one directive.
struct Item {
    name: Span,
    /// What is deleted to be rid of it: its place in the list, or the whole line.
    all: Span,
    id: String,
    directive: usize,
    used: bool,
}

struct Directive {
    reason: Arc<str>,
    target: usize,
}

/// What a directive covers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Covers {
    File,
    Section,
    Option,
    Line,
}

impl Covers {
    /// The word that rules use for it.
    fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Section => "section",
            Self::Option => "option",
            Self::Line => "line",
        }
    }
}

/// Where a directive holds.
struct Target {
    span: Span,
    covers: Covers,
}

/// The directives of one file.
struct Reader<'f, 'c> {
    id: FileId,
    file: &'f File,
    choice: &'c Choice<'c>,
    targets: Vec<Target>,
    directives: Vec<Directive>,
    items: Vec<Item>,
    found: Vec<Candidate>,
}

/// Marks the findings that directives in these files let pass, and returns what is wrong with the directives.
pub(super) fn apply(files: &Files, ids: &[FileId], findings: &mut [Finding], choice: &Choice<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut by_file: HashMap<FileId, Vec<usize>> = HashMap::default();
    for &id in ids {
        let file = files.get(id);
        if memchr::memmem::find(&file.text, MARK).is_none() {
            continue;
        }
        if by_file.is_empty() {
            for (at, finding) in findings.iter().enumerate() {
                by_file.entry(finding.place.file).or_default().push(at);
            }
        }
        let mut reader = Reader {
            id,
            file,
            choice,
            targets: Vec::new(),
            directives: Vec::new(),
            items: Vec::new(),
            found: Vec::new(),
        };
        reader.read();
        reader.mark(findings, by_file.get(&id).map_or(&[][..], Vec::as_slice));
        found.append(&mut reader.found);
    }
    found
}

impl Reader<'_, '_> {
    /// Finds the directives, and what each covers.
    fn read(&mut self) {
        let text = self.file.masked();
        let whole = Span::new(0, text.len() as u32);
        self.targets.push(Target { span: whole, covers: Covers::File });
        let mut waiting: Vec<(usize, Span)> = Vec::new();
        let mut open_section = None;
        let mut option = None;
        let mut options = 0;
        for line in ini::lines(text) {
            let said = Span::new(line.span.start, line.text_end);
            match line.piece {
                Piece::Blank => option = None,
                Piece::Comment => {
                    option = None;
                    if let Some(mark) = mark_in_comment(said.of(text)) {
                        self.directive(line.span, said, mark, open_section.is_some(), &mut waiting);
                    }
                }
                Piece::Section { .. } => {
                    option = None;
                    if let Some(at) = open_section.replace(self.targets.len()) {
                        let target: &mut Target = &mut self.targets[at];
                        target.span.end = line.span.start;
                    }
                    self.target(Span::new(line.span.start, whole.end), Covers::Section, &mut waiting);
                }
                Piece::Option { separator, .. } => {
                    option = Some((self.targets.len(), options));
                    options += 1;
                    self.target(said, Covers::Option, &mut waiting);
                    self.swallowed(Span::new(separator, line.text_end), options - 1);
                }
                Piece::Continuation { value } => {
                    if let Some((at, nth)) = option {
                        self.targets[at].span.end = line.text_end;
                        self.swallowed(value, nth);
                    }
                }
                Piece::Invalid => {
                    option = None;
                    self.target(said, Covers::Line, &mut waiting);
                }
            }
        }
        for (_, span) in waiting {
            self.malformed(span, "no option and no section header follows it");
        }
    }

    /// Everything that waits for something to cover has found it.
    fn target(&mut self, span: Span, covers: Covers, waiting: &mut Vec<(usize, Span)>) {
        for (directive, _) in waiting.drain(..) {
            self.directives[directive].target = self.targets.len();
        }
        self.targets.push(Target { span, covers });
    }

    /// A comment that is a directive; `mark` is the offset behind `cinderlint:`.
    fn directive(
        &mut self,
        whole_line: Span,
        line: Span,
        mark: usize,
        behind_header: bool,
        waiting: &mut Vec<(usize, Span)>,
    ) {
        let from = line.start + mark as u32;
        let rest = Span::new(from, line.end).of(&self.file.text);
        let parsed = match parse(rest) {
            Ok(parsed) if parsed.whole && behind_header => {
                return self.malformed(line, "`ignore-file` must stand before the first section header");
            }
            Ok(parsed) => parsed,
            Err(says) => return self.malformed(line, says),
        };
        let reason = printable(&String::from_utf8_lossy(parsed.reason.of(rest)));
        let at = self.directives.len();
        let lacks_reason = reason.is_empty() && self.choice.directives.need_reason;
        if lacks_reason {
            self.say("no-reason", line);
        }
        let mut named = 0;
        let names: Vec<Span> = parsed.names.iter().map(|name| Span::new(from + name.start, from + name.end)).collect();
        for (nth, &name) in names.iter().enumerate() {
            let all = match (names.get(nth + 1), nth.checked_sub(1)) {
                (Some(next), _) => Span::new(name.start, next.start),
                (None, Some(previous)) => Span::new(names[previous].end, name.end),
                (None, None) => whole_line,
            };
            if let Some(id) = self.rule(name)
                && !lacks_reason
            {
                self.items.push(Item { name, all, id, directive: at, used: false });
                named += 1;
            }
        }
        self.directives.push(Directive { reason: reason.into(), target: 0 });
        if !parsed.whole && named > 0 {
            waiting.push((at, line));
        }
    }

    /// The id of the rule that is named here, if it is one that may be named.
    fn rule(&mut self, span: Span) -> Option<String> {
        let name = String::from_utf8_lossy(span.of(&self.file.text)).into_owned();
        let Some(rule) = self.choice.known.iter().find(|rule| rule.is_called(&name)) else {
            let hint = rule::nearest(self.choice.known, &name)
                .map_or_else(|| "`cinderlint rules` lists them".into(), |near| format!("did you mean {near}?"));
            let candidate = self.say("unknown-rule", span);
            candidate.facts.insert("name", name.chars().take(60).collect());
            candidate.facts.insert("hint", hint);
            return None;
        };
        let id = rule.id.to_string();
        if is_own(rule) || self.choice.directives.forbidden.contains(&id) {
            self.say("not-allowed", span).facts.insert("name", name);
            return None;
        }
        Some(id)
    }

    /// A directive inside a value, which Cinder reads as part of it.
    fn swallowed(&mut self, value: Span, option: usize) {
        let Some((from, to)) = mark_in_value(value.of(&self.file.text)) else { return };
        let option = self.file.document.options.get(option);
        let key = option.map(|option| option.key).unwrap_or_default();
        let key = String::from_utf8_lossy(key.of(&self.file.text)).into_owned();
        let section = option.and_then(|option| self.file.document.section_of(option)).map(|section| section.name);
        let section = section.map(|name| String::from_utf8_lossy(name.of(&self.file.text)).into_owned());
        let candidate = self.say("swallowed", Span::new(value.start + from as u32, value.start + to as u32));
        candidate.option = Some(key);
        candidate.section = section;
    }

    fn malformed(&mut self, span: Span, says: &str) {
        self.say("malformed", span).facts.insert("says", says.to_string());
    }

    fn say(&mut self, kind: &'static str, span: Span) -> &mut Candidate {
        let place = Place { file: self.id, span };
        self.found.push(Candidate { kind, place, ..Candidate::default() });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Lets findings of this file pass, and says which rules of which directives have none.
    fn mark(&mut self, findings: &mut [Finding], here: &[usize]) {
        let mut by_rule: HashMap<(usize, &str), usize> = HashMap::default();
        for (at, item) in self.items.iter().enumerate() {
            by_rule.entry((self.directives[item.directive].target, &item.id)).or_insert(at);
        }
        let (sections, lines): (Vec<usize>, Vec<usize>) =
            (1..self.targets.len()).partition(|&at| self.targets[at].covers == Covers::Section);
        let mut used = Vec::new();
        for &at in here {
            let finding = &mut findings[at];
            let start = finding.place.span.start;
            let around = |targets: &[usize]| -> Option<usize> {
                let at = targets.partition_point(|&at| self.targets[at].span.start <= start).checked_sub(1)?;
                (start <= self.targets[targets[at]].span.end).then_some(targets[at])
            };
            let targets = [around(&lines), around(&sections), Some(0)];
            let item =
                targets.into_iter().flatten().find_map(|target| by_rule.get(&(target, finding.rule.id.as_str())));
            if let Some(&item) = item {
                finding.suppressed = Some(self.directives[self.items[item].directive].reason.clone());
                used.push(item);
            }
        }
        drop(by_rule);
        for item in used {
            self.items[item].used = true;
        }
        for item in std::mem::take(&mut self.items) {
            let Some(rule) = self.choice.rules.iter().find(|rule| rule.id == item.id) else { continue };
            // What was not looked for in this run may well be there.
            let shown = rule.lowest() > Severity::Info || self.choice.pedantic;
            let spoke = self.choice.speaks.is_none_or(|speaks| speaks(self.file, rule));
            if item.used || !shown || !spoke || !self.choice.applies(rule) {
                continue;
            }
            let covers = self.targets[self.directives[item.directive].target].covers;
            let name = String::from_utf8_lossy(item.name.of(&self.file.text)).into_owned();
            let rule = Arc::clone(rule);
            let file = self.id;
            let candidate = self.say("unused", item.name);
            candidate.places.insert("all", Place { file, span: item.all });
            candidate.facts.insert("name", name);
            candidate.facts.insert("covered", covers.name().to_string());
            candidate.facts.insert("host", if asks_the_host(&rule) { "true" } else { "false" }.to_string());
        }
    }
}

/// Whether a rule's findings depend on what is found on the host.
fn asks_the_host(rule: &Rule) -> bool {
    let declared = || words::BACKEND.iter().chain(words::SERVICE);
    let of_the_host = |name: &str| declared().any(|fact| fact.of_host && fact.name == name);
    rule.check.as_deref() == Some(checks::SHARES_LINES_CHECK) || rule.when.asks(&of_the_host)
}

/// The offset behind `cinderlint:` in a comment that is a directive.
fn mark_in_comment(line: &[u8]) -> Option<usize> {
    let blanks = line.get(1..)?.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    line[1 + blanks..].starts_with(MARK).then_some(1 + blanks + MARK.len())
}

/// Of a comment that is an `ignore[…]`: where the list of rules ends, and the reason.
pub(crate) fn list_and_reason(line: &[u8]) -> Option<(usize, &[u8])> {
    let mark = mark_in_comment(line)?;
    let rest = &line[mark..];
    let parsed = parse(rest).ok().filter(|parsed| !parsed.whole)?;
    Some((mark + parsed.names.last()?.end as usize, parsed.reason.of(rest)))
}

/// Whether a rule is one about directives, which none lets pass.
pub(crate) fn is_own(rule: &Rule) -> bool {
    rule.check.as_deref() == Some(SUPPRESSIONS_CHECK)
}

/// Where a directive stands in a line of a value.
fn mark_in_value(value: &[u8]) -> Option<(usize, usize)> {
    memchr::memmem::find_iter(value, MARK).find_map(|at| {
        let before = python::rstrip(&value[..at]);
        let sign = before.checked_sub(1)?;
        matches!(value[sign], b'#' | b';').then_some((sign, value.len()))
    })
}

/// What a directive says; spans are relative to what stands behind `cinderlint:`.
struct Parsed {
    whole: bool,
    names: Vec<Span>,
    reason: Span,
}

fn parse(text: &[u8]) -> Result<Parsed, &'static str> {
    let stripped = |from: usize, to: usize| {
        let piece = &text[from..to];
        let left = python::lstrip(piece);
        let right = python::rstrip(piece).max(left);
        Span::new((from + left) as u32, (from + right) as u32)
    };
    let start = python::lstrip(text);
    let word = text[start..].iter().position(|b| !b.is_ascii_lowercase() && *b != b'-').unwrap_or(text.len() - start);
    let behind = start + word;
    let whole = match &text[start..behind] {
        b"ignore" => false,
        b"ignore-file" => true,
        _ => return Err("a directive is `ignore[RULE] -- reason` or `ignore-file[RULE] -- reason`"),
    };
    let open = behind + python::lstrip(&text[behind..]);
    if text.get(open) != Some(&b'[') {
        return Err("the rules must stand in brackets: `ignore[RULE]`");
    }
    let close = memchr::memchr(b']', &text[open..]).ok_or("the closing bracket is missing")? + open;
    let mut names = Vec::new();
    let mut from = open + 1;
    for part in text[open + 1..close].split(|&b| b == b',') {
        let name = stripped(from, from + part.len());
        from += part.len() + 1;
        if name.is_empty() {
            return Err("the brackets name no rule");
        }
        names.push(name);
    }
    let rest = stripped(close + 1, text.len());
    if rest.is_empty() {
        return Ok(Parsed { whole, names, reason: rest });
    }
    if !rest.of(text).starts_with(b"--") {
        return Err("after the bracket, only ` -- ` and a reason are allowed");
    }
    Ok(Parsed { whole, names, reason: stripped(rest.start as usize + 2, text.len()) })
}

fn printable(reason: &str) -> String {
    secrets::cover_urls(reason).replace(is_unprintable, "\u{fffd}")
}

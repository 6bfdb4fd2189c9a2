use crate::ini::Span;

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text comes in its place.
    Writes,
    /// Any lines come in its place.
    Includes,
    /// What follows is there on a condition, or again and again.
    Opens,
    /// The other branch.
    Switches,
    /// The end of it.
    Closes,
    /// Nothing: a comment, an assignment.
    Silent,
}

impl Kind {
    pub(super) fn writes(self) -> bool {
        self == Self::Writes
    }
}

/// One tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) span: Span,
    pub(super) kind: Kind,
    /// Its first word, for those that open and close.
    pub(super) word: Span,
}

/// Whether it is worth a closer look.
pub(super) fn may_be_template(text: &[u8]) -> bool {
    memchr::memchr_iter(b'{', text)
        .any(|at| matches!(text.get(at + 1), Some(b'{' | b'%' | b'#')) || behind_dollar(text, at))
        || memchr::memmem::find(text, b"<%").is_some()
        || memchr::memchr2_iter(b'@', b'%', text).any(|at| placeholder(text, at).is_some())
        || WORDS.iter().any(|word| memchr::memmem::find(text, word).is_some())
        || memchr::memchr_iter(b'<', text).any(|at| word_to_fill(&text[at..]).is_some())
        || memchr::memmem::find(text, b"***").is_some()
}

/// Words in the place of values that are to come.
const WORDS: [&[u8]; 6] = [b"_replaced_", b"CHANGEME", b"CHANGE_ME", b"REPLACEME", b"REPLACE_ME", b"MARK"];

/// The length of a word in the place of a value that is to come, at the start of a text: `_replaced_`, `CHANGEME`, `<HOST>`, `MARK`.
pub(super) fn word_to_fill(text: &[u8]) -> Option<usize> {
    let ends = |at: usize| text.get(at).is_none_or(|b| b.is_ascii_whitespace());
    if let Some(name) = text.strip_prefix(b"<").and_then(capitals) {
        return (text.get(name + 1) == Some(&b'>') && ends(name + 2)).then_some(name + 2);
    }
    WORDS.iter().find(|word| text.starts_with(word) && ends(word.len())).map(|word| word.len())
}

/// The length of the asterisks that a program that collects files puts in the place of a secret, at the start of a text; the
/// whole value is covered.
pub(super) fn covered(text: &[u8]) -> Option<usize> {
    let length = text.iter().take_while(|byte| **byte == b'*').count();
    let rest = &text[length..];
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let ends = matches!(rest.get(blanks), None | Some(b'\n' | b'\r'));
    (length > 2 && ends).then_some(length)
}

/// The end of such a word, where it is the first of a value.
fn fill(text: &[u8], at: usize) -> Option<usize> {
    let word = word_to_fill(&text[at..]);
    let length = word.or_else(|| covered(&text[at..]))?;
    let line = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
    let before = text[line..at].trim_ascii_end();
    let key = before.strip_suffix(b"=").or_else(|| before.strip_suffix(b":"))?.trim_ascii();
    // Asterisks that are a part of a value cover that part alone: `a,password=***`.
    let is_key = !key.iter().any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b':'));
    (!key.starts_with(b"#") && (word.is_some() || is_key)).then_some(at + length)
}

fn behind_dollar(text: &[u8], at: usize) -> bool {
    at > 0 && text[at - 1] == b'$'
}

/// Whether a tag may begin with a byte.
static BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let mut first = b"{<@%$_CMR*".as_slice();
    while let [byte, rest @ ..] = first {
        begins[*byte as usize] = true;
        first = rest;
    }
    begins
};

/// Finds every tag, in order.
pub(super) fn find(text: &[u8]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut ends = Ends { text, clear: [0; 4] };
    let mut at = 0;
    while let Some(next) = text[at..].iter().position(|byte| BEGINS[usize::from(*byte)]) {
        let from = at + next;
        match tag(text, from, &mut ends) {
            Some(tag) => {
                at = tag.span.end as usize;
                found.push(tag);
            }
            None => at = from + 1,
        }
    }
    found
}

/// How far a tag may reach, in bytes. Comments may be long.
const LONGEST: usize = 4096;
const LONGEST_COMMENT: usize = 1 << 16;

/// Finds the ends of tags, looking at each byte once.
struct Ends<'t> {
    text: &'t [u8],
    /// Up to where there is no end of each kind.
    clear: [usize; 4],
}

impl Ends<'_> {
    /// Where a tag that starts at `from` ends.
    fn behind(&mut self, from: usize, kind: usize) -> Option<usize> {
        let end: &[u8] = [&b"}}"[..], b"%}", b"#}", b"%>"][kind];
        let start = (from + 2).max(self.clear[kind]);
        let last = (from + if kind == 2 { LONGEST_COMMENT } else { LONGEST }).min(self.text.len());
        let found = self.text.get(start..last).and_then(|text| memchr::memmem::find(text, end));
        self.clear[kind] = found.map_or(start.max(last.saturating_sub(1)), |at| start + at);
        found.map(|at| start + at + end.len())
    }
}

fn tag(text: &[u8], from: usize, ends: &mut Ends<'_>) -> Option<Found> {
    let rest = &text[from..];
    let whole = |to: usize, (kind, word): (Kind, Span)| Found { span: Span::new(from as u32, to as u32), kind, word };
    match (rest.first()?, rest.get(1)?) {
        (b'{', b'{') => {
            let mut to = ends.behind(from, 0)?;
            // `{{ {"a": 1}}}` ends at the last brace.
            while text.get(to) == Some(&b'}') {
                to += 1;
            }
            Some(whole(to, go(text, from + 2, to)))
        }
        (b'{', b'%') => {
            let to = ends.behind(from, 1)?;
            Some(whole(to, jinja(text, from + 2)))
        }
        (b'{', b'#') => Some(whole(ends.behind(from, 2)?, (Kind::Silent, Span::default()))),
        (b'<', b'%') => {
            let to = ends.behind(from, 3)?;
            Some(whole(to, erb(text, from + 2, to)))
        }
        (b'@' | b'%', _) => Some(whole(placeholder(text, from)?, (Kind::Writes, Span::default()))),
        (b'$', b'{') => {
            let name = capitals(&rest[2..])?;
            (rest.get(2 + name) == Some(&b'}')).then(|| whole(from + 3 + name, (Kind::Writes, Span::default())))
        }
        // The first letters of words to fill.
        (b'<', _) | (b'_', b'r') | (b'C', b'H') | (b'M', b'A') | (b'R', b'E') => {
            Some(whole(fill(text, from)?, (Kind::Writes, Span::default())))
        }
        (b'*', b'*') if from == 0 || text[from - 1] != b'*' => {
            Some(whole(fill(text, from)?, (Kind::Writes, Span::default())))
        }
        _ => None,
    }
}

/// The end of `@VAR@` or `%VAR%`.
fn placeholder(text: &[u8], at: usize) -> Option<usize> {
    let name = capitals(text.get(at + 1..)?)?;
    (name > 1 && text.get(at + 1 + name) == Some(&text[at])).then_some(at + 2 + name)
}

/// Length of a name in capitals.
fn capitals(text: &[u8]) -> Option<usize> {
    let length = text.iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_').count();
    text.first().is_some_and(|b| b.is_ascii_uppercase() || *b == b'_').then_some(length)
}

/// The first word behind the delimiter, its sign and blanks.
fn word(text: &[u8], from: usize) -> Span {
    let blank = |b: &&u8| matches!(b, b'-' | b'+' | b'~') || b.is_ascii_whitespace();
    let start = from + text[from..].iter().take_while(blank).count();
    let letter = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let length = text[start..].iter().take_while(letter).count();
    Span::new(start as u32, (start + length) as u32)
}

fn jinja(text: &[u8], from: usize) -> (Kind, Span) {
    let word = word(text, from);
    let kind = match word.of(text) {
        b"if" | b"for" | b"macro" | b"call" | b"filter" => Kind::Opens,
        b"elif" | b"else" => Kind::Switches,
        b"endif" | b"endfor" | b"endmacro" | b"endcall" | b"endfilter" => Kind::Closes,
        b"include" | b"extends" => Kind::Includes,
        _ => Kind::Silent,
    };
    (kind, word)
}

/// `{{ … }}`: an expression of Jinja, or anything of a Go template.
fn go(text: &[u8], from: usize, to: usize) -> (Kind, Span) {
    let word = word(text, from);
    let behind = text.get(word.end as usize).copied().unwrap_or(b' ');
    let inner = text[word.start as usize..to].trim_ascii();
    let alone = behind.is_ascii_whitespace() || matches!(behind, b'}' | b'-');
    let kind = match word.of(text) {
        b"if" | b"with" | b"range" | b"define" | b"block" if behind.is_ascii_whitespace() => Kind::Opens,
        b"else" if alone => Kind::Switches,
        b"end" if alone => Kind::Closes,
        b"template" if behind.is_ascii_whitespace() => Kind::Includes,
        _ if inner.starts_with(b"/*") => Kind::Silent,
        _ if inner.starts_with(b"$") && memchr::memmem::find(inner, b":=").is_some() => Kind::Silent,
        _ => Kind::Writes,
    };
    (kind, if kind == Kind::Closes { Span::default() } else { word })
}

fn erb(text: &[u8], from: usize, to: usize) -> (Kind, Span) {
    let none = Span::default();
    match text.get(from) {
        Some(b'=') => return (Kind::Writes, none),
        Some(b'#') => return (Kind::Silent, none),
        _ => {}
    }
    let word = word(text, from);
    let inner = text[from..to - 2].trim_ascii().trim_suffix_dash();
    let loops = inner.ends_with(b" do") || inner.ends_with(b"|") && memchr::memmem::find(inner, b" do |").is_some();
    let kind = match word.of(text) {
        b"if" | b"unless" | b"case" | b"for" | b"while" => Kind::Opens,
        b"else" | b"elsif" | b"when" => Kind::Switches,
        b"end" => Kind::Closes,
        _ if loops => Kind::Opens,
        _ => Kind::Silent,
    };
    // Ruby's `end` ends whatever is open.
    (kind, none)
}

trait TrimDash {
    fn trim_suffix_dash(&self) -> &[u8];
}

impl TrimDash for [u8] {
    fn trim_suffix_dash(&self) -> &[u8] {
        self.strip_suffix(b"-").unwrap_or(self).trim_ascii_end()
    }
}

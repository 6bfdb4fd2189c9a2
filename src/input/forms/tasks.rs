//! What writes options into a `cinder.conf`: tasks of Ansible with `ini_file` and `blockinfile`, and `crudini` or `openstack-config` in a
//! shell, of a task or of a script.
//!
//! What is literal in them is judged, also in the items of a loop. The file has more than they write.

use std::collections::BTreeMap;

use super::{
    super::yaml::{self, Entry, Node, Text},
    Assembled, Builder, Candidate, Form, Run, Taken,
    maps::{self, JINJA},
};
use crate::{
    ini::Span,
    secrets::is_secret,
    source::{
        FileId, Services, Unseen,
        map::{Map, Segment},
    },
};

/// See the module.
#[derive(Debug)]
pub(super) struct Tasks;

/// Modules that write one option.
const INI_FILE: [&str; 3] = ["ini_file", "community.general.ini_file", "ansible.builtin.ini_file"];
/// Modules that write several lines.
const BLOCK: [&str; 2] = ["blockinfile", "ansible.builtin.blockinfile"];
/// Modules that run commands.
const SHELL: [&str; 6] =
    ["shell", "command", "ansible.builtin.shell", "ansible.builtin.command", "raw", "ansible.builtin.raw"];
/// Programs that write one option: `crudini --set FILE SECTION OPTION VALUE`.
const PROGRAMS: [&str; 2] = ["crudini", "openstack-config"];

impl Form for Tasks {
    fn name(&self) -> &'static str {
        "ansible-tasks"
    }

    fn title(&self) -> &'static str {
        "tasks of Ansible that write options"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        let is_script = is_script(candidate);
        if !is_script && !candidate.is_yaml() || !candidate.mentions(&["cinder.conf"]) {
            return None;
        }
        if is_script {
            let word = PROGRAMS.into_iter().find(|word| candidate.mentions(&[word]))?;
            return candidate.mentions(&["--set"]).then(|| format!("a command of it writes to a cinder.conf ({word})"));
        }
        let words = ["ini_file:", "blockinfile:", PROGRAMS[0], PROGRAMS[1]];
        let word = words.into_iter().find(|word| candidate.mentions(&[word]))?;
        // Tasks and plays are items of a list.
        let is_list =
            candidate.head().split(|byte| *byte == b'\n').any(|line| line.trim_ascii_start().starts_with(b"- "));
        is_list.then(|| format!("a task of it writes to a cinder.conf ({})", word.trim_end_matches(':')))
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        for one in taken {
            let Some(id) = run.container(&one.path) else { continue };
            let text = run.text(id).to_vec();
            let is_script = run.given_text(&one.path).map_or_else(
                || is_script(&Candidate::new(run.fs(), &one.path)),
                |text| is_script(&Candidate::with_text(run.fs(), &one.path, text)),
            );
            let mut found = Found::default();
            if let Some(script) = script(&text).filter(|_| is_script) {
                shell(&script, &mut found);
            }
            let documents = if is_script { Vec::new() } else { yaml::read(&text) };
            for root in documents.iter().filter_map(|document| document.root.as_ref()) {
                look(root, &mut found);
            }
            run.hide(id, found.secrets);
            let mut written = found.files;
            let mut remarks: Vec<_> = maps::unreadable(id, &documents).collect();
            if written.is_empty() && remarks.is_empty() {
                run.left.push((one.path.clone(), "nothing in it writes a literal option to a cinder.conf".into()));
            }
            let name = run.files().get(id).relative.clone();
            if written.is_empty() && !remarks.is_empty() {
                written.insert(String::new(), File::default());
            }
            for (path, file) in written {
                let layers = file.layers(id, &text, run);
                let mut partial =
                    Assembled::new(&one.path, &format!("{name}: {}", crate::text::one_line(&path)), layers);
                partial.unseen = Unseen::Everything;
                let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".conf")).unwrap_or_default();
                partial.services = Services::named(stem).unwrap_or_default();
                partial.remarks = std::mem::take(&mut remarks);
                run.found.push(partial);
            }
        }
    }
}

/// What the tasks of a file write.
#[derive(Default)]
struct Found {
    /// By path.
    files: BTreeMap<String, File>,
    /// Values that may not be shown, whatever file they are written to.
    secrets: Vec<Span>,
}

/// What tasks write to one file.
#[derive(Default)]
struct File {
    /// By section, in the order of the tasks.
    sections: Vec<(String, Vec<Written>)>,
    blocks: Vec<Text>,
}

/// An option that a task writes.
struct Written {
    section: Span,
    name: String,
    at: Span,
    value: Node,
}

impl File {
    fn add(&mut self, section: &str, written: Written) {
        let section = if section.is_empty() { "DEFAULT" } else { section };
        match self.sections.iter_mut().find(|(known, _)| known == section) {
            Some((_, options)) => options.push(written),
            None => self.sections.push((section.to_string(), vec![written])),
        }
    }

    fn layers(&self, id: FileId, source: &[u8], run: &mut Run<'_>) -> Vec<FileId> {
        let mut builder = Builder::new(source);
        for (section, options) in &self.sections {
            builder.section_called(section, options.first().map_or(Span::default(), |first| first.section));
            for one in options {
                maps::option_called(&mut builder, &one.name, one.at, &one.value, JINJA);
            }
        }
        let (text, map) = builder.finish();
        let blocks = self.blocks.iter().map(|text| run.piece(id, text.text.as_bytes(), (*text.map).clone()));
        let mut layers: Vec<FileId> = blocks.collect();
        if !text.is_empty() {
            layers.push(run.piece(id, text, map));
        }
        layers
    }
}

/// Looks for tasks in all of a document.
fn look(root: &Node, found: &mut Found) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            let key = entry.key.text();
            if INI_FILE.contains(&key) {
                ini_file(node, entry, found);
            } else if BLOCK.contains(&key) {
                block(&entry.value, found);
            } else if SHELL.contains(&key) {
                let text = entry.value.scalar().or_else(|| entry.value.get("cmd")?.scalar());
                if let Some(text) = text {
                    shell(text, found);
                }
            }
        }
        open.extend(node.items().iter().rev());
        open.extend(node.entries().iter().rev().map(|entry| &entry.value));
    }
}

/// Whether a path is that of a file that Cinder reads.
fn is_cinders(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.ends_with(".conf") && (name.starts_with("cinder") || path.contains("cinder/") && path.contains("conf.d/"))
}

fn path_of(module: &Node) -> Option<&str> {
    let path = ["path", "dest", "destfile", "name"].iter().find_map(|key| module.get(key))?;
    Some(path.text()).filter(|path| is_cinders(path))
}

/// A task with `ini_file`, for each item of its loop.
fn ini_file(task: &Node, module: &Entry, found: &mut Found) {
    let module = &module.value;
    let Some(option) = module.get("option") else { return };
    let path = path_of(module);
    if module.get("state").is_some_and(|state| state.text() == "absent") {
        return;
    }
    let nothing = option.clone();
    let items = ["loop", "with_items", "with_list"].iter().find_map(|key| task.get(key)).map(Node::items);
    for item in items.filter(|items| !items.is_empty()).unwrap_or(std::slice::from_ref(&nothing)) {
        let filled = |node: &Node| of_item(node, item).unwrap_or_else(|| node.clone());
        let (option, section) = (filled(option), module.get("section").map(filled));
        let section_name = section.as_ref().map_or("DEFAULT", Node::text);
        let (name, Some(value)) = (option.text(), module.get("value").map(filled)) else { continue };
        found.secrets.extend(Some(value.span).filter(|_| is_secret(name)));
        let Some(path) = path else { continue };
        // What a template writes has no place of its own.
        if name.is_empty() || [name, section_name].iter().any(|text| text.contains("{{") || text.contains('\n')) {
            continue;
        }
        let one = Written {
            section: section.as_ref().map_or(option.span, |section| section.span),
            name: name.to_string(),
            at: option.span,
            value,
        };
        found.files.entry(path.to_string()).or_default().add(section_name, one);
    }
}

/// What `{{ item.key }}` is for an item of a loop.
fn of_item(node: &Node, item: &Node) -> Option<Node> {
    let inner = node.text().trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    match inner.strip_prefix("item")? {
        "" => Some(item.clone()),
        rest => item.get(rest.strip_prefix('.')?).cloned(),
    }
}

/// Lines that a task writes, with their sections.
fn block(module: &Node, found: &mut Found) {
    let lines = module.get("block").and_then(Node::scalar);
    if let (Some(path), Some(lines)) = (path_of(module), lines)
        && lines.text.trim_start().starts_with('[')
    {
        found.files.entry(path.to_string()).or_default().blocks.push(lines.clone());
    }
}

/// Whether a file is a script of a shell, by its name or its first line.
fn is_script(candidate: &Candidate<'_>) -> bool {
    let first = candidate.head().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = candidate.base_name();
    name.ends_with(".sh") || name.ends_with(".bash") || first.starts_with(b"#!") && first.trim_ascii().ends_with(b"sh")
}

/// All of a script as one text.
fn script(text: &[u8]) -> Option<Text> {
    let plain = std::str::from_utf8(text).ok()?;
    let whole = Span::new(0, u32::try_from(plain.len()).ok()?);
    let mut map = Map::default();
    map.push(Segment { piece: whole, source: whole, exact: true });
    Some(Text { text: plain.into(), style: yaml::Style::Literal, map: std::rc::Rc::new(map) })
}

/// The options that commands write.
fn shell(text: &Text, found: &mut Found) {
    // What is assigned to names, which paths are written with.
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for command in commands(&text.text) {
        for (word, _) in command.iter().take_while(|(word, _)| word.contains('=') || word == "export") {
            let name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if let Some((name, value)) = word.split_once('=').filter(|(key, value)| name(key) && is_literal(value)) {
                names.insert(name.to_string(), value.to_string());
            }
        }
        let Some(program) =
            command.iter().position(|(word, _)| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or_default()))
        else {
            continue;
        };
        let (flags, words): (Vec<&Word>, Vec<&Word>) =
            command[program + 1..].iter().partition(|(word, _)| word.starts_with("--"));
        let [path, section, option, value, ..] = &words[..] else { continue };
        let place = |span: Span| text.map.source(span).map_or(Span::default(), |(span, _)| span);
        found.secrets.extend(Some(place(value.1)).filter(|_| is_secret(&option.0)));
        let is_set = flags.iter().any(|(word, _)| word == "--set");
        let path = path.0.strip_prefix('$').map_or(path.0.as_str(), |name| {
            let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
            names.get(name).map_or("", String::as_str)
        });
        // What the shell has yet to fill in.
        let is_whole = [section, option].iter().all(|(word, _)| is_literal(word) && !word.contains(['{', '\n']));
        if !is_set || !is_whole || !is_cinders(path) || option.0.is_empty() {
            continue;
        }
        let shown = if is_literal(&value.0) { value.0.as_str() } else { maps::OPAQUE };
        let mut map = Map::default();
        let (piece, source) = (Span::new(0, shown.len() as u32), place(value.1));
        map.push(Segment { piece, source, exact: false });
        let scalar = Text { text: shown.into(), style: yaml::Style::Double, map: std::rc::Rc::new(map) };
        let one = Written {
            section: place(section.1),
            name: option.0.clone(),
            at: place(option.1),
            value: Node { span: source, kind: yaml::Kind::Scalar(scalar) },
        };
        found.files.entry(path.to_string()).or_default().add(&section.0, one);
    }
}

/// Whether the shell takes a word as it is.
fn is_literal(word: &str) -> bool {
    !word.contains(['$', '`'])
}

/// A word, with the quotes taken off, and where it stands.
type Word = (String, Span);

/// The commands of a text for a shell, each with its words.
fn commands(text: &str) -> Vec<Vec<Word>> {
    let mut found = vec![Vec::new()];
    let mut word: Option<(usize, String)> = None;
    let mut quote: Option<char> = None;
    let mut is_comment = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_comment && c != '\n' {
            continue;
        }
        let is_end = quote.is_none() && (c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')'));
        if is_end
            && let Some((start, text)) = word.take()
            && let Some(last) = found.last_mut()
        {
            last.push((text, Span::new(start as u32, at as u32)));
        }
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            // A quote that is left open ends with its line: what follows is still read.
            (Some(_), '\n') => (quote, word) = (None, None),
            (Some(_), _) => word.get_or_insert_with(|| (at, String::new())).1.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_with(|| (at, String::new()));
            }
            // A line goes on.
            (None, '\\') if matches!(chars.peek(), Some((_, '\n'))) => {
                chars.next();
            }
            (None, '#') if word.is_none() => is_comment = true,
            (None, '\n' | ';' | '&' | '|' | '(' | ')') => {
                is_comment = false;
                found.push(Vec::new());
            }
            (None, _) if is_end => {}
            (None, _) => word.get_or_insert_with(|| (at, String::new())).1.push(c),
        }
    }
    if let (Some((start, rest)), Some(last)) = (word, found.last_mut()) {
        last.push((rest, Span::new(start as u32, text.len() as u32)));
    }
    found.retain(|command| !command.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        let said = |text: &str| {
            let words = |command: Vec<Word>| command.into_iter().map(|(word, _)| word).collect::<Vec<_>>();
            commands(text).into_iter().map(words).collect::<Vec<_>>()
        };
        assert_eq!(said("crudini --set a 'b c' d \"\"\n"), [["crudini", "--set", "a", "b c", "d", ""]]);
        assert_eq!(said("a b; c d\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(said("a b && c d # e f\ng h"), [["a", "b"], ["c", "d"], ["g", "h"]]);
        assert_eq!(said("a \\\n  b"), [["a", "b"]]);
    }
}

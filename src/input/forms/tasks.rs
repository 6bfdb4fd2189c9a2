//! Tasks of Ansible that write options into a `cinder.conf`: `ini_file`, `blockinfile`, and `crudini` or `openstack-config` in a shell.
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
        if !candidate.is_yaml() || !candidate.mentions(&["cinder.conf"]) {
            return None;
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
            let documents = yaml::read(&text);
            let mut found = Found::default();
            for root in documents.iter().filter_map(|document| document.root.as_ref()) {
                look(root, &mut found);
            }
            run.hide(id, found.secrets);
            let mut written = found.files;
            let mut remarks: Vec<_> = maps::unreadable(id, &documents).collect();
            if written.is_empty() && remarks.is_empty() {
                run.left.push((one.path.clone(), "no task writes a literal option to a cinder.conf".into()));
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

/// The options that commands write.
fn shell(text: &Text, found: &mut Found) {
    let mut from = 0;
    for line in text.text.split_inclusive('\n') {
        let start = from;
        from += line.len();
        let words = words(line, start);
        let Some(program) =
            words.iter().position(|(word, _)| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or_default()))
        else {
            continue;
        };
        let words: Vec<&(String, Span)> =
            words[program + 1..].iter().filter(|(word, _)| !word.starts_with("--")).collect();
        let [path, section, option, value, ..] = &words[..] else { continue };
        let place = |span: Span| text.map.source(span).map_or(Span::default(), |(span, _)| span);
        found.secrets.extend(Some(place(value.1)).filter(|_| is_secret(&option.0)));
        let is_set = line.contains("--set");
        // What the shell has yet to fill in.
        let is_literal = [section, option].iter().all(|(word, _)| !word.contains(['$', '{', '`']));
        if !is_set || !is_literal || !is_cinders(&path.0) || option.0.is_empty() {
            continue;
        }
        let is_open = value.0.contains(['$', '`']);
        let shown = if is_open { maps::OPAQUE } else { value.0.as_str() };
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
        found.files.entry(path.0.clone()).or_default().add(&section.0, one);
    }
}

/// The words of a line of a shell, with the quotes taken off, and where they stand.
fn words(line: &str, at: usize) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let mut quote: Option<char> = None;
    for (offset, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.get_or_insert_with(|| (offset, String::new())).1.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_with(|| (offset, String::new()));
            }
            (None, ';' | '&' | '|' | '#') if word.is_none() => break,
            (None, _) if c.is_whitespace() || c == ';' => {
                if let Some((start, text)) = word.take() {
                    found.push((text, Span::new((at + start) as u32, (at + offset) as u32)));
                }
                if c == ';' {
                    break;
                }
            }
            (None, _) => word.get_or_insert_with(|| (offset, String::new())).1.push(c),
        }
    }
    if let Some((start, text)) = word {
        found.push((text, Span::new((at + start) as u32, (at + line.len()) as u32)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        let said = |line: &str| words(line, 0).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        assert_eq!(said("crudini --set a 'b c' d \"\"\n"), ["crudini", "--set", "a", "b c", "d", ""]);
        assert_eq!(said("a b; c"), ["a", "b"]);
        assert_eq!(said("a # b"), ["a"]);
    }
}

//! What modules of Ansible write: `ini_file`, `blockinfile`, `copy` with the text itself, and commands.

use std::{collections::HashMap, rc::Rc};

use super::{
    super::{
        super::yaml::{Entry, Kind, Node, Style, Text},
        maps::OPAQUE,
    },
    Found, Written, is_cinders,
    shell::{PROGRAMS, commands, shell},
};
use crate::{
    ini::Span,
    secrets::is_secret,
    source::map::{Map, Segment},
};

/// Modules that write one option.
const INI_FILE: [&str; 3] = ["ini_file", "community.general.ini_file", "ansible.builtin.ini_file"];
/// Modules that write several lines.
const BLOCK: [&str; 2] = ["blockinfile", "ansible.builtin.blockinfile"];
/// Modules that run commands.
const SHELL: [&str; 6] =
    ["shell", "command", "ansible.builtin.shell", "ansible.builtin.command", "raw", "ansible.builtin.raw"];
/// Keys of texts for people.
const PROSE: [&str; 5] = ["name", "msg", "description", "when", "register"];

/// Looks for tasks in all of a document.
pub(super) fn look(root: &Node, found: &mut Found) {
    let mut names = HashMap::new();
    variables(root, &mut names);
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if let Some(text) = node.scalar() {
            // Of `runcmd`, `local_action`, …
            if text.text.contains("--set") && PROGRAMS.iter().any(|program| text.text.contains(program)) {
                shell(text, found);
            }
            continue;
        }
        whole(node, &names, found);
        let mut next = Vec::new();
        for entry in node.entries() {
            let key = entry.key.text();
            if INI_FILE.contains(&key) {
                ini_file(node, entry, &names, found);
            } else if BLOCK.contains(&key) {
                block(&entry.value, &names, found);
            } else if SHELL.contains(&key) {
                command(node, &entry.value, found);
                continue;
            }
            if !PROSE.contains(&key) {
                next.push(&entry.value);
            }
        }
        open.extend(node.items().iter().rev());
        open.extend(next.into_iter().rev());
    }
}

/// The variables that are set beside tasks.
fn variables<'n>(root: &'n Node, names: &mut HashMap<&'n str, &'n str>) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            if entry.key.text() == "vars" {
                let texts = entry.value.entries().iter().filter(|one| one.value.scalar().is_some());
                names.extend(texts.map(|one| (one.key.text(), one.value.text())));
            }
            open.push(&entry.value);
        }
        open.extend(node.items());
    }
}

/// The path of a module, where it is one of a file that Cinder reads.
fn path_of<'n>(module: &'n Node, names: &HashMap<&'n str, &'n str>) -> Option<&'n str> {
    let path = ["path", "dest", "destfile", "name"].iter().find_map(|key| module.get(key))?.text();
    let path = inner(path).and_then(|name| names.get(name).copied()).unwrap_or(path);
    Some(path).filter(|path| is_cinders(path))
}

/// What stands in `{{ … }}`.
fn inner(text: &str) -> Option<&str> {
    Some(text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim())
}

/// The items of a task's loop, and what each is called.
fn items(task: &Node) -> (Vec<Node>, &str) {
    let own = task.at(&["loop_control", "loop_var"]).map_or("item", Node::text);
    let listed = ["loop", "with_items", "with_list"].iter().find_map(|key| task.get(key)).map(Node::items);
    let items = match (listed, task.get("with_dict")) {
        (Some(items), _) => items.to_vec(),
        (None, Some(map)) => map.entries().iter().map(as_item).collect(),
        (None, None) => Vec::new(),
    };
    (items, own)
}

/// What `with_dict` makes of a key and its value.
fn as_item(entry: &Entry) -> Node {
    let pair = [("key", &entry.key), ("value", &entry.value)];
    let pair = pair.map(|(name, node)| Entry { key: word(name, entry.key.span), value: node.clone() });
    Node { span: entry.key.span, kind: Kind::Mapping(Rc::new(pair.to_vec())) }
}

/// A task with `ini_file`, for each item of its loop.
fn ini_file(task: &Node, entry: &Entry, names: &HashMap<&str, &str>, found: &mut Found) {
    let arguments = entry.value.scalar().map(arguments);
    let module = arguments.as_ref().unwrap_or(&entry.value);
    let Some(option) = module.get("option") else { return };
    let path = path_of(module, names);
    if module.get("state").is_some_and(|state| state.text() == "absent") {
        return;
    }
    let (mut items, name) = items(task);
    if items.is_empty() {
        items.push(option.clone());
    }
    let values: Vec<&Node> = match (module.get("value"), module.get("values")) {
        (Some(value), _) => vec![value],
        (None, Some(several)) => several.items().iter().collect(),
        (None, None) => Vec::new(),
    };
    for (item, value) in items.iter().flat_map(|item| values.iter().map(move |value| (item, *value))) {
        let filled = |node: &Node| of_item(node, item, name).unwrap_or_else(|| node.clone());
        let (option, section) = (filled(option), module.get("section").map(filled));
        let section_name = section.as_ref().map_or("DEFAULT", Node::text);
        let (name, value) = (option.text(), filled(value));
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

/// `path=/etc/cinder/cinder.conf section=DEFAULT option=debug value=true`
fn arguments(text: &Text) -> Node {
    let mut entries = Vec::new();
    for (word_of, at) in commands(&text.text).into_iter().flatten() {
        let Some((key, value)) = word_of.split_once('=') else { continue };
        let written = text.text.get(at.start as usize..at.end as usize).unwrap_or_default();
        let from = written.rfind(value).map_or(at.start, |from| at.start + from as u32);
        let source = |span: Span| text.map.source(span).map_or(Span::default(), |(span, _)| span);
        let value_at = source(Span::new(from, from + value.len() as u32));
        // Blanks of a template part its words.
        let value = if value.contains("{{") { OPAQUE } else { value };
        entries.push(Entry { key: word(key, source(at)), value: word(value, value_at) });
    }
    Node { span: Span::default(), kind: Kind::Mapping(Rc::new(entries)) }
}

/// A word that a place stands for.
fn word(text: &str, source: Span) -> Node {
    Node { span: source, kind: Kind::Scalar(said(text, source)) }
}

fn said(text: &str, source: Span) -> Text {
    let mut map = Map::default();
    map.push(Segment { piece: Span::new(0, text.len() as u32), source, exact: false });
    Text { text: text.into(), style: Style::Double, map: Rc::new(map) }
}

/// What `{{ item.key }}` is for an item of a loop.
fn of_item(node: &Node, item: &Node, name: &str) -> Option<Node> {
    value_of(inner(node.text())?, item, name)
}

/// What `item`, `item.key` or `item['key']` is.
fn value_of(expression: &str, item: &Node, name: &str) -> Option<Node> {
    let rest = expression.strip_prefix(name)?;
    let quoted = || rest.strip_prefix(['['])?.strip_suffix(']').map(|key| key.trim_matches(['\'', '"']));
    match rest {
        "" => Some(item.clone()),
        _ => item.get(rest.strip_prefix('.').or_else(quoted)?).cloned(),
    }
}

/// A command, for each item of its loop.
fn command(task: &Node, module: &Node, found: &mut Found) {
    let listed = module.get("argv").or_else(|| module.get("cmd")).unwrap_or(module);
    let (items, name) = items(task);
    let Some(text) = listed.scalar() else {
        argv(listed, found);
        return;
    };
    let of_item = |item: &Node| -> Option<Text> {
        let mut made = String::new();
        let mut rest: &str = &text.text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (expression, after) = after.split_once("}}")?;
            made += before;
            made += value_of(expression.trim(), item, name)?.scalar()?.text.as_ref();
            rest = after;
        }
        Some(said(&(made + rest), item.span))
    };
    let is_of_loop = text.text.contains("{{") && !items.is_empty();
    let filled: Vec<Text> = items.iter().filter(|_| is_of_loop).filter_map(of_item).collect();
    if filled.is_empty() {
        shell(text, found);
    }
    filled.iter().for_each(|text| shell(text, found));
}

/// `[crudini, --set, /etc/cinder/cinder.conf, nfs, nas_host, 192.0.2.1]`
fn argv(list: &Node, found: &mut Found) {
    let words: Vec<&Node> = list.items().iter().filter(|item| !item.text().starts_with("--")).collect();
    let sets = list.items().iter().any(|item| item.text() == "--set");
    let [program, path, section, option, value, ..] = &words[..] else { return };
    let is_program = PROGRAMS.contains(&program.text().rsplit('/').next().unwrap_or_default());
    if !sets || !is_program || !is_cinders(path.text()) || option.text().is_empty() || option.text().contains("{{") {
        return;
    }
    found.secrets.extend(Some(value.span).filter(|_| is_secret(option.text())));
    let one =
        Written { section: section.span, name: option.text().to_string(), at: option.span, value: (*value).clone() };
    found.files.entry(path.text().to_string()).or_default().add(section.text(), one);
}

/// Lines that a task writes, with their sections.
fn block(module: &Node, names: &HashMap<&str, &str>, found: &mut Found) {
    let lines = module.get("block").and_then(Node::scalar);
    if let (Some(path), Some(lines)) = (path_of(module, names), lines) {
        add_lines(path, lines, found);
    }
}

/// A text that stands beside the path of its file: of `copy`, of `write_files`.
fn whole(node: &Node, names: &HashMap<&str, &str>, found: &mut Found) {
    let lines = node.get("content").and_then(Node::scalar);
    if let Some(lines) = lines
        && let Some(path) = path_of(node, names)
    {
        add_lines(path, lines, found);
    }
}

fn add_lines(path: &str, lines: &Text, found: &mut Found) {
    let mut said = lines.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    if said.next().is_some_and(|line| line.starts_with('[')) {
        found.files.entry(path.to_string()).or_default().blocks.push(lines.clone());
    }
}

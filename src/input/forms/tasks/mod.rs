//! What writes options into a `cinder.conf`: tasks of Ansible with `ini_file`, `blockinfile` and `copy`, and `crudini` or `openstack-config`
//! in a shell, of a task or of a script.
//!
//! What is literal in them is judged, also in the items of a loop. The file has more than they write.

mod modules;
mod shell;

use std::collections::BTreeMap;

use self::shell::{PROGRAMS, shell};
use super::{
    super::yaml::{self, Node, Text},
    Assembled, Builder, Candidate, Form, Run, Taken,
    maps::{self, JINJA},
};
use crate::{
    ini::Span,
    source::{
        FileId, Services, Unseen,
        map::{Map, Segment},
    },
};

/// See the module.
#[derive(Debug)]
pub(super) struct Tasks;

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
        let words = ["ini_file:", "blockinfile:", PROGRAMS[0], PROGRAMS[1], "content:"];
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
                modules::look(root, &mut found);
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

/// Whether a path is that of a file that Cinder reads.
fn is_cinders(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.ends_with(".conf") && (name.starts_with("cinder") || path.contains("cinder/") && path.contains("conf.d/"))
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

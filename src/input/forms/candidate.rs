use std::{cell::OnceCell, path::Path};

use crate::source::FileSystem;

/// How much of a file is looked at to tell its form, in bytes. Custom resources of whole control planes have 0.1 MB.
const HEAD: usize = 256 << 10;

/// A file that may be configuration.
#[derive(Debug)]
pub struct Candidate<'c> {
    /// Where it lies.
    pub path: &'c Path,
    /// Where it is kept.
    pub fs: &'c dyn FileSystem,
    name: &'c str,
    base_name: &'c str,
    /// A listing of its folder said that it is a regular file.
    regular: bool,
    head: OnceCell<Vec<u8>>,
}

impl<'c> Candidate<'c> {
    /// A file on disk; nothing is read until somebody asks.
    pub fn new(fs: &'c dyn FileSystem, path: &'c Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        Self { path, fs, name, base_name: base_name(name), regular: false, head: OnceCell::new() }
    }

    /// A file on disk that is listed as a regular one.
    pub fn regular(fs: &'c dyn FileSystem, path: &'c Path) -> Self {
        Self { regular: true, ..Self::new(fs, path) }
    }

    /// A text that was read already.
    pub fn with_text(fs: &'c dyn FileSystem, path: &'c Path, text: &[u8]) -> Self {
        Self { head: OnceCell::from(text[..text.len().min(HEAD)].to_vec()), ..Self::new(fs, path) }
    }

    /// The file's name; empty where it is not UTF-8.
    pub fn name(&self) -> &str {
        self.name
    }

    /// The name without the suffixes of template engines.
    pub fn base_name(&self) -> &str {
        self.base_name
    }

    /// The name of the folder it lies in.
    pub fn folder(&self) -> &str {
        self.path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Whether folders of these names, one in the other, hold the file: `under(&["config", "cinder"])`.
    pub fn is_under(&self, folders: &[&str]) -> bool {
        let mut parents = self.path.ancestors().skip(1);
        folders.iter().rev().all(|wanted| parents.next().and_then(Path::file_name).is_some_and(|name| name == *wanted))
    }

    /// Whether it is YAML by its name.
    pub fn is_yaml(&self) -> bool {
        self.base_name().rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yaml" | "yml"))
    }

    /// The start of the text, read once; empty where it cannot be read, and for what is no regular file.
    pub fn head(&self) -> &[u8] {
        self.head.get_or_init(|| self.fs.read_head(self.path, HEAD, self.regular))
    }

    /// Whether the start of the text holds one of these.
    pub fn mentions(&self, words: &[&str]) -> bool {
        words.iter().any(|word| memchr::memmem::find(self.head(), word.as_bytes()).is_some())
    }
}

/// A name without the suffixes of template engines.
fn base_name(name: &str) -> &str {
    const TEMPLATES: [&str; 11] =
        ["j2", "jinja", "jinja2", "erb", "epp", "tpl", "tmpl", "gotmpl", "template", "in", "envsubst"];
    let mut base = name;
    while let Some((stem, suffix)) = base.rsplit_once('.')
        && TEMPLATES.contains(&suffix)
        && !stem.is_empty()
    {
        base = stem;
    }
    base
}

/// The name of the file that this one is a backup of, by its own name.
pub fn backup_of(name: &str) -> Option<&str> {
    const BACKUPS: [&str; 22] = [
        ".bak",
        ".bckp",
        ".bck",
        ".backup",
        ".orig",
        ".original",
        ".org",
        ".saved",
        ".save",
        ".sav",
        ".old",
        ".rpmnew",
        ".rpmsave",
        ".rpmorig",
        ".dpkg-dist",
        ".dpkg-old",
        ".dpkg-new",
        ".dpkg-bak",
        ".ucf-dist",
        ".ucf-old",
        ".swp",
        "~",
    ];
    let stem = BACKUPS.iter().find_map(|suffix| name.strip_suffix(suffix)).or_else(|| {
        // `cinder.conf.2019-01-31`, `cinder.conf.bak.1`, `cinder.conf_bak`
        let (stem, rest) = name.rsplit_once(['.', '_'])?;
        let dated = rest.len() >= 4 && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let numbered = rest.bytes().all(|b| b.is_ascii_digit()) && stem.ends_with(".bak");
        (dated || numbered || matches!(rest, "bak" | "backup" | "old" | "orig")).then_some(stem)
    })?;
    Some(backup_of(stem).unwrap_or(stem).trim_start_matches('.')).filter(|stem| !stem.is_empty())
}

/// The name of the file that this one is a copy of, by its own name: `globals.yml.centos`, `cinder-volume.conf.new`.
pub fn copy_of(name: &str) -> Option<&str> {
    if base_name(name).len() < name.len() {
        return None;
    }
    let end = |extension: &str| {
        let end = name.find(extension)? + extension.len();
        name[end..].starts_with(['.', '-', '_']).then_some(end)
    };
    let stem = [".conf", ".yaml", ".yml"].iter().find_map(|extension| end(extension)).map(|end| &name[..end]);
    let plain = [".sample", ".example", ".dist", ".default"].iter().find_map(|suffix| name.strip_suffix(suffix));
    stem.or(plain).filter(|stem| !stem.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies() {
        for (name, original) in [
            ("globals.yml.centos", Some("globals.yml")),
            ("globals.yml-works", Some("globals.yml")),
            ("cinder-volume.conf.rbdcopy", Some("cinder-volume.conf")),
            ("ctlplane.sample", Some("ctlplane")),
            ("cinder.conf.j2", None),
            ("cinder.conf", None),
            ("cinder.conf.d", Some("cinder.conf")),
            (".yml.x", None),
        ] {
            assert_eq!(copy_of(name), original, "{name}");
        }
    }

    #[test]
    fn backups() {
        for name in [
            "cinder.conf.bak",
            "cinder.conf~",
            "cinder.conf.rpmnew",
            "cinder.conf.2019-01-31",
            "cinder.conf_bak",
            "cinder.conf.bak.1",
        ] {
            assert_eq!(backup_of(name), Some("cinder.conf"), "{name}");
        }
        for name in ["cinder.conf", "cinder.conf.j2", "cinder.conf.sample", "~", ".bak"] {
            assert_eq!(backup_of(name), None, "{name}");
        }
    }
}

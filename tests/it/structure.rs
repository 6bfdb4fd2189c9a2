//! The house keeps its order: which module may import which, no circle of files, no file too long to read at once, and who may
//! touch the disk. `docs/layout.md` draws it for people.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

/// The modules from the ground up. A module imports from lower floors only; those of one floor do not know each other.
const FLOORS: [&[&str]; 13] = [
    &["text", "style", "parallel", "vocabulary", "ini"],
    &["message", "template", "catalog"],
    &["source", "secrets"],
    &["input", "config"],
    &["nas"],
    &["lint"],
    &["audit", "fix", "settings"],
    &["report"],
    &["workspace"],
    &["lsp"],
    &["cli"],
    &["lib"],
    &["main"],
];

/// The most lines that a file has.
const MAX_LINES: usize = 400;

/// Who asks the operating system for files: the file system of the machine; the audit, which looks at a host; edits that are
/// written; the command line. All else is given a `FileSystem`.
const TOUCH_THE_DISK: [&str; 4] = ["src/source/disk.rs", "src/audit/", "src/fix/", "src/cli/"];

/// A source file: its path, its module, and its text without tests and comments.
struct Source {
    path: String,
    module: Vec<String>,
    text: String,
    lines: usize,
}

/// The imports of a file: each a whole path of names, and whether it is only handed on (`pub use`).
type Import = (Vec<String>, bool);

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![root.join("src")];
    let mut found: Vec<PathBuf> = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    let sources = found.iter().filter(|path| path.file_stem().is_some_and(|stem| stem != "tests"));
    sources.map(|path| source(root, path)).collect()
});

fn source(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().count();
    let below = path.strip_prefix(root).unwrap();
    let mut module: Vec<String> =
        below.with_extension("").iter().skip(1).map(|name| name.to_str().unwrap().to_string()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let text = text[..end].lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let path = below.iter().map(|name| name.to_str().unwrap()).collect::<Vec<_>>().join("/");
    Source { path, module, text, lines }
}

/// The names of a tree of imports: `a::{b, c::d}` are `a::b` and `a::c::d`.
fn leaves(tree: &str, before: &[String], out: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let Some((first, list)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        if !name.is_empty() {
            let names = name.split("::").filter(|name| !name.is_empty()).map(str::to_string);
            out.push(before.iter().cloned().chain(names).collect());
        }
        return;
    };
    let names = first.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_string);
    let before: Vec<String> = before.iter().cloned().chain(names).collect();
    let list = &list[..list.rfind('}').unwrap_or(list.len())];
    let (mut depth, mut start) = (0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                leaves(&list[start..at], &before, out);
                start = at + 1;
            }
            _ => {}
        }
    }
    leaves(&list[start..], &before, out);
}

/// All that a file imports, and all paths in its code that begin with `crate`, `super` or `self`.
fn imports(source: &Source) -> Vec<Import> {
    static USE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);"));
    static PATH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:crate|super|self)(?:::\w+)+"));
    let mut found = Vec::new();
    for one in USE.captures_iter(&source.text) {
        let mut names = Vec::new();
        leaves(&one[2], &[], &mut names);
        found.extend(names.into_iter().map(|names| (names, one.get(1).is_some())));
    }
    let code = USE.replace_all(&source.text, "").replace("pub(in super::super)", "");
    for path in PATH.find_iter(&code) {
        found.push((path.as_str().split("::").map(str::to_string).collect(), false));
    }
    found
}

/// What the modules are, and what they hand on.
struct House {
    files: BTreeMap<Vec<String>, usize>,
    handed_on: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl House {
    fn new() -> Self {
        let files = SOURCES.iter().enumerate().map(|(at, source)| (source.module.clone(), at)).collect();
        let mut house = Self { files, handed_on: BTreeMap::new() };
        for source in SOURCES.iter() {
            // What a module imports, its own modules may take from it.
            for (names, _) in imports(source) {
                if let (Some(whole), Some(last)) = (house.whole(source, &names), names.last()) {
                    house.handed_on.insert((source.module.clone(), last.clone()), whole);
                }
            }
        }
        house
    }

    /// A path from the root of the crate; none: it leads into another crate.
    fn whole(&self, source: &Source, names: &[String]) -> Option<Vec<String>> {
        let mut at = source.module.clone();
        let mut names = names.iter().map(String::as_str).peekable();
        match names.peek().copied()? {
            "crate" => {
                at.clear();
                names.next();
            }
            "self" => {
                names.next();
            }
            "super" => {
                while names.next_if_eq(&"super").is_some() {
                    at.pop();
                }
            }
            first => {
                at.push(first.to_string());
                if !self.files.contains_key(&at) {
                    return None;
                }
                at.pop();
            }
        }
        at.extend(names.filter(|name| *name != "self").map(str::to_string));
        Some(at)
    }

    /// The file in which a name is defined, past all that only hand it on.
    fn defined_in(&self, whole: &[String]) -> Option<usize> {
        let mut whole = whole.to_vec();
        for _ in 0..8 {
            let depth = (0..=whole.len()).rev().find(|&depth| self.files.contains_key(&whole[..depth]))?;
            let module = whole[..depth].to_vec();
            let Some(name) = whole.get(depth) else { return self.files.get(&module).copied() };
            match self.handed_on.get(&(module.clone(), name.clone())) {
                Some(further) => whole = further.iter().chain(&whole[depth + 1..]).cloned().collect(),
                None => return self.files.get(&module).copied(),
            }
        }
        None
    }

    /// For each file the files that it imports, each with the names that it takes.
    fn arrows(&self) -> Vec<BTreeMap<usize, BTreeSet<String>>> {
        let of = |source: &Source| {
            let mut arrows: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
            for (names, _) in imports(source).into_iter().filter(|(_, is_handed_on)| !is_handed_on) {
                let to = self.whole(source, &names).and_then(|whole| self.defined_in(&whole));
                // A module and its own files are one: those see what it says, as privacy in Rust has it.
                let is_own = |to: &usize| source.module.starts_with(&SOURCES[*to].module);
                if let Some(to) = to.filter(|to| !is_own(to)) {
                    arrows.entry(to).or_default().insert(names.join("::"));
                }
            }
            arrows
        };
        SOURCES.iter().map(of).collect()
    }
}

fn floor(source: &Source) -> usize {
    let module = source.module.first().map_or("lib", String::as_str);
    FLOORS.iter().position(|floor| floor.contains(&module)).unwrap_or_else(|| {
        panic!("{}: the module `{module}` is on no floor of tests/it/structure.rs and docs/layout.md", source.path)
    })
}

#[test]
fn no_module_imports_from_its_own_floor_or_a_higher_one() {
    let mut wrong = Vec::new();
    for (at, arrows) in House::new().arrows().iter().enumerate() {
        let source = &SOURCES[at];
        for (to, names) in arrows {
            let target = &SOURCES[*to];
            if source.module.first() != target.module.first() && floor(target) >= floor(source) {
                wrong.push(format!("{} imports {} ({names:?})", source.path, target.path));
            }
        }
    }
    assert!(wrong.is_empty(), "these arrows run up or sideways (see docs/layout.md):\n{}", wrong.join("\n"));
}

/// Whether arrows lead from a file to another one, over whatever others.
fn leads(arrows: &[BTreeMap<usize, BTreeSet<String>>], from: usize, to: usize) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(at) = waiting.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            waiting.extend(arrows[at].keys());
        }
    }
    false
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let arrows = House::new().arrows();
    let mut circles = Vec::new();
    for (at, imported) in arrows.iter().enumerate() {
        for (to, names) in imported.iter().filter(|(to, _)| leads(&arrows, **to, at)) {
            circles.push(format!("{} imports {} ({names:?})", SOURCES[at].path, SOURCES[*to].path));
        }
    }
    assert!(circles.is_empty(), "these files import each other in circles:\n{}", circles.join("\n"));
}

#[test]
fn no_file_is_too_long_to_read_at_once() {
    let long = SOURCES.iter().filter(|source| source.lines > MAX_LINES);
    let long: Vec<String> = long.map(|source| format!("{}: {} lines", source.path, source.lines)).collect();
    assert!(long.is_empty(), "above {MAX_LINES} lines; split them by what their parts mean:\n{}", long.join("\n"));
}

#[test]
fn only_those_who_must_touch_the_disk() {
    let touches = pattern(
        r"\bstd::fs\b|\b(?:TcpStream|TcpListener|UdpSocket|UnixStream|Command)::|\bfs::(?:read|write|metadata|symlink_metadata|canonicalize|read_dir|File|OpenOptions)\b|\bio::stdin\b|\.(?:exists|is_file|is_dir|canonicalize|metadata|symlink_metadata|read_dir|read_link)\(\)",
    );
    let mut wrong = Vec::new();
    for source in SOURCES.iter().filter(|source| !TOUCH_THE_DISK.iter().any(|may| source.path.starts_with(may))) {
        let found = touches.find_iter(&source.text).filter(|found| {
            // `entry.file_type().is_dir()` asks what a listing has said already.
            !source.text[..found.start()].ends_with("kind")
        });
        wrong.extend(found.map(|found| format!("{}: {}", source.path, found.as_str())));
    }
    assert!(
        wrong.is_empty(),
        "these read or write by themselves instead of through `FileSystem`:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_map_shows_every_module() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let layout = fs::read_to_string(root.join("docs/layout.md")).unwrap();
    let map = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let mut wrong = Vec::new();
    for module in FLOORS.iter().flat_map(|floor| floor.iter()).filter(|module| !matches!(**module, "lib" | "main")) {
        let file =
            if root.join("src").join(module).is_dir() { format!("src/{module}/") } else { format!("src/{module}.rs") };
        for (page, text) in [("docs/layout.md", &layout), ("CONTRIBUTING.md", &map)] {
            if !text.contains(&format!("`{file}`")) {
                wrong.push(format!("{page} does not show `{file}`"));
            }
        }
    }
    for (page, text) in [("docs/layout.md", &layout), ("CONTRIBUTING.md", &map)] {
        for named in
            pattern(r"`((?:src|tests|docs|rules|catalog|benches|fuzz|packaging|schemas)/[\w./-]*)`").captures_iter(text)
        {
            if !root.join(&named[1]).exists() && !["NAME", "nnn"].iter().any(|one| named[1].contains(one)) {
                wrong.push(format!("{page} shows {}, which is not there", &named[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

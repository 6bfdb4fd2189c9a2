//! Settings, of a file of their own or of pyproject.toml: an error that can be shown, or settings that answer.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use cinderlint::{
    lint::{self, Rule},
    settings::Finder,
    source::{Borders, FileSystem, HostFiles, Memory},
    style::Style,
};
use libfuzzer_sys::fuzz_target;

static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();

fuzz_target!(|text: &[u8]| {
    let rules = RULES.get_or_init(|| lint::built_in().unwrap_or_default().into_iter().map(Arc::new).collect());
    let name = if text.windows(6).any(|word| word == b"[tool.") { "pyproject.toml" } else { "cinderlint.toml" };
    let place = Path::new("/site").join(name);
    // The text is also a rule of the site's own, should it name the folder.
    let fs = Memory::new().with(&place, text).with("/site/rules/rule.toml", text);
    let fs: Arc<dyn FileSystem> = Arc::new(fs);
    let borders = Borders::around(&fs, [Path::new("/site")], HostFiles::Own);
    match Finder::file(&borders, rules, &place) {
        Err(error) => assert!(!error.render(&Style::FILE).is_empty()),
        Ok(mut finder) => {
            if let Ok(loaded) = finder.of(Path::new("/")) {
                let file = Path::new("/etc/cinder/cinder.conf");
                let _ = (loaded.excludes(file), loaded.root());
                assert!(loaded.rules.iter().all(|rule| loaded.speaks(file, rule) || !rule.id.is_empty()));
            }
        }
    }
});

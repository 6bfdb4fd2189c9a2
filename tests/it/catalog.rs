//! The catalogue and the rules that stand on it, option by option.

use std::{collections::HashMap, path::Path, sync::Arc};

use cinderlint::{
    catalog::{self, Release},
    input::Root,
    lint::{self, Deployment, Rule},
    nas::{Host, Python},
    source::Files,
};

/// One section for every section of a release, and one backend for every driver; each option stands in the first section that
/// reads it.
fn sections(release: Release) -> Vec<(String, Vec<&'static str>)> {
    let mut sections: HashMap<String, Vec<&'static str>> = HashMap::new();
    let drivers: Vec<_> = catalog::all_drivers()
        .filter(|row| row.is_in(release) && row.asked() == row.path() && !row.is_unsupported(release))
        .collect();
    for row in catalog::all_options().filter(|row| row.is_in(release) && row.name() != "volume_driver") {
        let section = if row.group() == "backend_defaults" {
            let reader = drivers.iter().position(|driver| driver.reads(release, row.name()) == Some(true));
            let Some(at) = reader else { continue };
            format!("b{at}")
        } else if row.group() == "DEFAULT" && catalog::backend_option(release, row.name()).is_some()
            || row.group().contains("_example")
            || row.group().starts_with("sample_")
            || row.group() == "backend"
        {
            continue;
        } else {
            row.group().to_string()
        };
        sections.entry(section).or_default().push(row.name());
    }
    let mut sections: Vec<_> = sections.into_iter().collect();
    sections.sort();
    sections.iter_mut().for_each(|(_, names)| names.dedup());
    sections
}

/// The text of a file with these sections; `line` makes the text of each option.
fn file(
    release: Release,
    sections: &[(String, Vec<&'static str>)],
    line: &dyn Fn(&str, &str) -> String,
) -> (String, Vec<(u32, &'static str)>) {
    let drivers: Vec<_> = catalog::all_drivers()
        .filter(|row| row.is_in(release) && row.asked() == row.path() && !row.is_unsupported(release))
        .collect();
    let names: Vec<String> = (0..drivers.len()).map(|at| format!("b{at}")).collect();
    let mut lines = vec!["[DEFAULT]".to_string(), format!("enabled_backends = {}", names.join(","))];
    let mut at = Vec::new();
    for (section, options) in sections {
        lines.push(format!("[{section}]"));
        if let Some(driver) = section.strip_prefix('b').and_then(|at| at.parse::<usize>().ok()) {
            lines.push(format!("volume_driver = {}", drivers[driver].path()));
        }
        for name in options {
            lines.push(line(section, name));
            at.push((lines.len() as u32, *name));
        }
    }
    (lines.join("\n") + "\n", at)
}

/// The findings of some rules: line, rule and help.
fn check(text: String, release: Release, ids: &[&str]) -> Vec<(u32, String, String)> {
    let rules: Vec<Arc<Rule>> =
        lint::built_in().unwrap().into_iter().filter(|rule| ids.contains(&rule.id.as_str())).map(Arc::new).collect();
    let mut files = Files::default();
    let id = files.add(Path::new("cinder.conf"), text.into_bytes());
    let host = Host { root: Root::new(Some(Path::new("/nonexistent"))), new_install: None, python: Python::Three };
    let deployment = Deployment { release_given: true, ..Deployment::new(vec![id], release) };
    let found = lint::run(&mut files, &[deployment], &host, &rules, true);
    let views = cinderlint::report::Views::new(&files);
    found
        .findings
        .iter()
        .map(|f| {
            (views.range(f.place).0.line, f.rule.id.to_string(), f.help.as_deref().unwrap_or_default().to_string())
        })
        .collect()
}

const NOT_READ: [&str; 9] = ["CND201", "CND202", "CND203", "CND204", "CND205", "CND501", "CND502", "CND503", "CND508"];

#[test]
fn every_option_is_read_where_the_catalogue_has_it() {
    for release in Release::all() {
        let (text, lines) = file(release, &sections(release), &|_, name| format!("{name} = x"));
        assert!(lines.len() > 500, "{release}: {}", lines.len());
        let found = check(text, release, &NOT_READ);
        assert!(found.is_empty(), "{release}: {found:?}");
    }
}

/// Defaults that oslo.config would refuse in a file: Cinder never checks a default.
const REFUSED: [&str; 3] = ["kafka_consumer_timeout", "u4p_failover_timeout", "ztePoolVolIsThin"];

#[test]
fn every_option_at_its_default_is_no_finding() {
    let ids: Vec<String> = lint::built_in()
        .unwrap()
        .into_iter()
        .map(|rule| rule.id.to_string())
        .filter(|id| id.starts_with("CND2"))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| *id != "CND207").collect();
    for release in Release::all() {
        let line = |section: &str, name: &str| {
            let is_backend = section.strip_prefix('b').is_some_and(|at| at.parse::<usize>().is_ok());
            let group = if is_backend { "backend_defaults" } else { section };
            let here = |row: &catalog::OptionRow| row.group() == group;
            let default = catalog::options_named(name)
                .filter(|row| row.is_in(release) && !row.is_multi() && here(row))
                .find_map(|row| if let catalog::Default::Text(text) = row.default() { Some(text) } else { None });
            default.map_or_else(|| "# none".to_string(), |text| format!("{name} = {text}"))
        };
        let (text, lines) = file(release, &sections(release), &line);
        let names: HashMap<u32, &str> = lines.into_iter().collect();
        let found = check(text, release, &ids);
        let wrong: Vec<_> = found
            .iter()
            .map(|(line, id, help)| (names.get(line), id, help))
            .filter(|(name, ..)| !name.is_some_and(|name| REFUSED.contains(name)))
            .collect();
        assert!(wrong.is_empty(), "{release}: {wrong:?}");
    }
}

/// Changes one letter; which one, and how, depends on the name: replaced, left out, doubled, or swapped with the next.
fn misspell(name: &str) -> String {
    let seed = name.bytes().fold(7usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let letters: Vec<usize> =
        name.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphabetic()).map(|(at, _)| at).collect();
    let at = letters[seed / 4 % letters.len()];
    let mut bytes = name.as_bytes().to_vec();
    match seed % 4 {
        0 => bytes[at] = if bytes[at] == b'z' { b'a' } else { bytes[at] + 1 },
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, bytes[at]),
        _ if at + 1 < bytes.len() => bytes.swap(at, at + 1),
        _ => bytes.swap(at - 1, at),
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn one_wrong_letter_is_found_and_the_right_name_is_suggested() {
    let release = Release::NEWEST;
    let (text, lines) = file(release, &sections(release), &|_, name| format!("{} = x", misspell(name)));
    let mut found: HashMap<u32, String> = HashMap::new();
    for (line, _, help) in check(text, release, &[&NOT_READ[..], &["CND504"]].concat()) {
        found.insert(line, help);
    }
    let (mut right, mut all, mut missed) = (0, 0, Vec::new());
    for (line, name) in lines {
        let written = misspell(name);
        // Another option's name, or the same two letters swapped.
        if written == name || catalog::options_named(&written).next().is_some() {
            continue;
        }
        all += 1;
        let help = found.get(&line).unwrap_or_else(|| panic!("{written} is not reported"));
        match help.split('`').nth(1) {
            Some(first) if first == name => right += 1,
            _ => missed.push(format!("{written}: {help}")),
        }
    }
    assert!(all > 1500, "{all}");
    assert!(right * 100 >= all * 97, "{right} of {all} right: {missed:#?}");
}

//! The answers of the real oslo.config and Cinder that stand in `tests/data` (`tests/oracle/record.sh` asks for them).

use std::{collections::BTreeMap, fs, path::Path};

use crate::command::TestDir;
use serde_json::{Value, json};

/// The recorded lines of an oracle, by release.
fn recorded(oracle: &str) -> BTreeMap<String, Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(oracle);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let lines = |path: &Path| {
        fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_string(), lines(&path))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn report(differences: &[String]) {
    let shown = differences.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(differences.is_empty(), "{} differences\n{shown}", differences.len());
}

/// Whether a text is shown with the secrets in it covered: in the same shape, with x for what they are made of.
fn covers(shown: &str, whole: &str) -> bool {
    let same = |(a, b): (char, char)| a == b || a == 'x' && b != '\n';
    shown.chars().count() == whole.chars().count() && shown.chars().zip(whole.chars()).all(same)
}

#[test]
fn reads_as_oslo_config_does() {
    let cases = &recorded("reading")["2026.2"];
    let place = TestDir::new(&[]);
    let names: Vec<String> = (0..cases.len()).map(|at| format!("{at}.conf")).collect();
    for (name, case) in names.iter().zip(cases) {
        let hex = text(&case["hex"]).as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap());
        let bytes: Vec<u8> = hex.map(|two| u8::from_str_radix(two, 16).unwrap()).collect();
        fs::write(place.path(name), [text(&case["text"]).as_bytes(), &bytes].concat()).unwrap();
    }
    let arguments: Vec<&str> =
        ["parse", "--format", "json"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let answers = place.json(&arguments);
    let mut differences = Vec::new();
    for (case, answer) in cases.iter().zip(answers.as_array().unwrap()) {
        let lines: Vec<&Value> = answer["errors"].as_array().unwrap().iter().map(|error| &error["line"]).collect();
        let same = if case["error"].is_string() {
            if case["any"] == true { lines.contains(&&case["line"]) } else { lines.first() == Some(&&case["line"]) }
        } else {
            let sections = answer["sections"].as_array().unwrap();
            let headers: Vec<Value> = sections.iter().map(|one| json!([one["name"], one["line"]])).collect();
            let options: Vec<[&Value; 4]> = sections
                .iter()
                .flat_map(|one| one["options"].as_array().unwrap().iter().map(move |option| (one, option)))
                .map(|(one, option)| [&one["name"], &option["name"], &option["line"], &option["value"]])
                .collect();
            let wanted = case["options"].as_array().unwrap();
            let equal = |(mine, theirs): (&[&Value; 4], &Value)| {
                *mine[0] == theirs[0]
                    && covers(text(mine[1]), text(&theirs[1]))
                    && *mine[2] == theirs[2]
                    && covers(text(mine[3]), text(&theirs[3]))
            };
            lines.is_empty()
                && Value::from(headers) == case["sections"]
                && options.len() == wanted.len()
                && options.iter().zip(wanted).all(equal)
        };
        if !same {
            differences.push(format!("{case}\n{answer}"));
        }
    }
    assert!(cases.len() >= 300);
    report(&differences);
}

/// Whether cinderlint's text stands for the value that Cinder has.
fn stands_for(kind: &str, shown: &Value, value: &Value) -> bool {
    let Some(shown) = shown.as_str() else { return shown == value };
    if kind == "secret" || value["error"].is_string() || shown.contains("***") {
        return true;
    }
    match kind {
        "Boolean" => *value == matches!(shown.to_lowercase().as_str(), "true" | "1" | "on" | "yes"),
        "Integer" | "Port" => shown.trim().parse::<i64>().ok() == value.as_i64(),
        "Float" => shown.trim().parse::<f64>().ok() == value.as_f64(),
        "List" if shown.trim().is_empty() => *value == json!([]),
        "List" => *value == Value::from(shown.split(',').map(str::trim).collect::<Vec<_>>()),
        _ => *value == shown,
    }
}

#[test]
fn resolves_options_as_cinder_does() {
    let mut differences = Vec::new();
    for (release, cases) in recorded("deployment") {
        assert!(cases.len() >= 20, "{release}");
        for case in &cases {
            let place = TestDir::new(&[]);
            for (name, content) in case["files"].as_object().unwrap() {
                place.write(name, text(content));
            }
            let flags = case["args"].as_array().unwrap().iter().map(text);
            let arguments: Vec<&str> =
                ["effective", "--format", "json", "--release", &release].into_iter().chain(flags).collect();
            let answer = place.json(&arguments);
            let backends: BTreeMap<&str, &Value> = answer["deployments"][0]["backends"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|backend| backend["enabled"] == true)
                .map(|backend| (text(&backend["name"]), backend))
                .collect();
            let mut wrong = |what: String| differences.push(format!("{release}: {what}\n{case}"));
            if !case["names"].as_array().unwrap().iter().all(|name| backends.contains_key(text(name))) {
                wrong(format!("backends {:?}", backends.keys()));
                continue;
            }
            for (name, wanted) in case["backends"].as_object().unwrap() {
                let backend = backends[name.as_str()];
                if backend["driver"] != wanted[0] {
                    wrong(format!("[{name}] {}", backend["driver"]));
                }
                for (option, wanted) in wanted[1].as_object().unwrap() {
                    let mut spellings =
                        std::iter::once(option.as_str()).chain(wanted[0].as_array().unwrap().iter().map(text));
                    let found = spellings.find_map(|spelling| backend["options"].get(spelling));
                    let Some(found) = found else {
                        if option != "volume_driver" {
                            wrong(format!("[{name}] {option} is missing"));
                        }
                        continue;
                    };
                    let place = json!([found["origin"]["file"], found["origin"]["line"]]);
                    if place != wanted[3] || !stands_for(text(&wanted[1]), &found["value"], &wanted[2]) {
                        wrong(format!("[{name}] {option}: {found}, wanted {wanted}"));
                    }
                }
            }
        }
    }
    report(&differences);
}

/// What the contract says of a backend, in the shape of a recorded answer.
fn answered(backend: &Value, wanted: &Value) -> Value {
    // NetApp's proxy may be named, or the class that it makes.
    let driver = text(&backend["driver"])
        .replace("netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver", "netapp.common.NetAppDriver");
    let mut got = json!({"driver": driver, "family": backend["family"]});
    for key in wanted.as_object().unwrap().keys() {
        got[key] = match key.as_str() {
            "driver" | "family" => continue,
            "starts" => backend["starts"].clone(),
            "error" => text(&backend["start_error"]).split(':').next().into(),
            key => match key.split_once(' ') {
                Some((option, branch)) => backend["nas"][option][branch].clone(),
                None => backend["nas"][key]["effective"].clone(),
            },
        };
    }
    got
}

#[cfg(unix)]
#[test]
fn decides_as_each_driver_does() {
    let mut differences = Vec::new();
    for (release, lines) in recorded("nas") {
        assert!(lines.len() > 50, "{release}");
        let (first, cases) = lines.split_first().unwrap();
        let place = TestDir::new(&[]);
        let mut links = Vec::new();
        for (path, content) in first["tree"].as_object().unwrap() {
            let target = place.path("root").join(path);
            fs::create_dir_all(if path.ends_with('/') { &target } else { target.parent().unwrap() }).unwrap();
            match &content["link"] {
                Value::String(link) => links.push((link.clone(), target)),
                _ if path.ends_with('/') => {}
                _ => fs::write(target, text(content)).unwrap(),
            }
        }
        for (link, target) in links {
            std::os::unix::fs::symlink(link, target).unwrap();
        }
        let names: Vec<String> = (0..cases.len()).map(|at| format!("{at}.conf")).collect();
        for (name, case) in names.iter().zip(cases) {
            place.write(name, text(&case["conf"]));
        }
        let python = first["python"].to_string();
        let shared = ["effective", "--format", "json", "--root", "root", "--release", &release, "--python", &python];
        for (database, flags) in
            [("empty", &["--new-install", "yes"][..]), ("used", &["--new-install", "no"]), ("unknown", &[])]
        {
            let arguments: Vec<&str> =
                shared.iter().chain(flags).copied().chain(names.iter().map(String::as_str)).collect();
            let answer = place.json(&arguments);
            let found: BTreeMap<&str, &Value> = answer["deployments"]
                .as_array()
                .unwrap()
                .iter()
                .map(|deployment| (text(&deployment["files"][0]), &deployment["backends"][0]))
                .collect();
            for (name, case) in names.iter().zip(cases) {
                let wanted = case.get(database).unwrap_or(&case["empty"]);
                let got = answered(found[name.as_str()], wanted);
                if got != *wanted {
                    differences.push(format!("{release} {database}: {got}\n{case}"));
                }
            }
        }
    }
    report(&differences);
}

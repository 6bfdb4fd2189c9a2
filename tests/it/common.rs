//! A folder with files, and the command run in it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        // Nothing above the folder is to count.
        std::fs::create_dir(place.path(".git")).unwrap();
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let place = self.path(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cinderlint"));
        command.current_dir(self.folder.path()).args(arguments).env("LANG", "C.UTF-8").stdin(Stdio::null());
        for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Exit code, standard output, standard error.
    pub(crate) fn said(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// File, rule and line of every finding that counts.
    pub(crate) fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let document = self.json(&[&["check", "--format", "json"], arguments].concat());
        let entries = document["findings"].as_array().unwrap();
        let counting = entries.iter().filter(|finding| finding["suppressed"].is_null());
        let shown =
            |f: &Value| format!("{}:{} {}", f["file"].as_str().unwrap(), f["line"], f["rule"].as_str().unwrap());
        counting.map(shown).collect()
    }
}

/// All that is said of one finding.
pub(crate) fn shown(folder: &Path, finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let number = |of: &Value, key: &str| usize::try_from(of[key].as_u64().unwrap()).unwrap();
    let mut shown = format!(
        "{}:{}:{}: {} {}{}: {}\n",
        text(&finding["file"]),
        finding["line"],
        finding["column"],
        text(&finding["rule"]),
        text(&finding["severity"]),
        if finding["suppressed"].is_null() { "" } else { " (suppressed)" },
        text(&finding["message"])
    );
    let at = [&finding["section"], &finding["option"]].map(|name| name.as_str().unwrap_or("-"));
    let file = fs::read(folder.join(text(&finding["file"]))).unwrap();
    let span = String::from_utf8_lossy(&file[number(finding, "byte_start")..number(finding, "byte_end")]).into_owned();
    writeln!(shown, "    at: [{}] {}: {span:?}", at[0], at[1]).unwrap();
    for line in finding["help"].as_str().unwrap_or_default().lines() {
        writeln!(shown, "    help: {line}").unwrap();
    }
    for related in finding["related"].as_array().unwrap() {
        let file = text(&related["file"]);
        writeln!(shown, "    also: {file}:{}:{}: {}", related["line"], related["column"], text(&related["message"]))
            .unwrap();
    }
    let others = finding["alternatives"].as_array().into_iter().flatten().map(|fix| ("or", fix));
    for (word, fix) in finding.get("fix").filter(|fix| !fix.is_null()).map(|fix| ("fix", fix)).into_iter().chain(others)
    {
        writeln!(shown, "    {word} ({}): {}", text(&fix["applicability"]), text(&fix["title"])).unwrap();
        for edit in fix["edits"].as_array().unwrap() {
            let file = text(&edit["file"]);
            let bytes = fs::read(folder.join(&file)).unwrap();
            let old =
                String::from_utf8_lossy(&bytes[number(edit, "byte_start")..number(edit, "byte_end")]).into_owned();
            writeln!(shown, "      {file}: {old:?} becomes {:?}", text(&edit["text"])).unwrap();
        }
    }
    shown
}

/// Whether what is said is what `EXPECTED` in a folder has; `BLESS` writes it anew.
pub(crate) fn expect(folder: &Path, said: &str) {
    let path = folder.join("EXPECTED");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, said).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (line, (said, expected)) in said.lines().zip(expected.lines()).enumerate() {
        assert_eq!(said, expected, "line {} of {}", line + 1, path.display());
    }
    assert_eq!(said.lines().count(), expected.lines().count(), "{}", path.display());
}

//! What logs tell of a backend: each start of its service, with what it came to, and how files were made since.

use std::collections::{BTreeMap, BTreeSet};

use super::signs::{Sign, Tells};

/// A backend to tell of: its name, and the MD5s of its shares.
#[derive(Clone, Debug)]
pub struct Teller<'t> {
    /// Its name.
    pub name: &'t str,
    /// The last parts of the mount points of its shares.
    pub digests: Vec<&'t str>,
    /// No other backend of the service decides in this way: what no line ties to a backend is its.
    pub alone: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Moment {
    /// When, in the log's own time; none: the line has no time.
    pub time: Option<String>,
    /// The log.
    pub file: String,
    /// The line in it, from 1.
    pub line: u64,
    /// What happened, in words.
    pub what: String,
}

/// What a log proves of one of the two options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The value in force since the last start.
    pub value: bool,
    /// The line that proves it.
    pub moment: Moment,
}

impl Proof {
    /// The line in words: where, when, what.
    pub fn line(&self) -> String {
        let Moment { time, file, line, what } = &self.moment;
        let time = time.as_ref().map(|time| format!(" of {time}")).unwrap_or_default();
        format!("{file}:{line}{time}, \"{what}\"")
    }
}

/// What logs tell of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What happened, in order.
    pub moments: Vec<Moment>,
    /// What `nas_secure_file_operations` is since the last start.
    pub operations: Option<Proof>,
    /// What `nas_secure_file_permissions` is since the last start.
    pub permissions: Option<Proof>,
    /// Whether the volume database was empty at the last start.
    pub new_install: Option<bool>,
}

/// A start as it is put together.
#[derive(Debug, Default)]
struct Start<'s> {
    first: Option<(&'s str, &'s Sign)>,
    operations: Option<(bool, &'s str, &'s Sign)>,
    permissions: Option<(bool, &'s str, &'s Sign)>,
    /// The indicator was there, or was made: what was left to it is true.
    found: Option<(bool, &'s str, &'s Sign)>,
    made: bool,
    reverted: bool,
}

/// The logs, each with its signs.
type Logs<'s> = &'s [(String, Vec<Sign>)];

/// What the logs tell of a backend.
pub fn tell(logs: Logs<'_>, backend: &Teller<'_>) -> Story {
    let mine = processes(logs, backend);
    let mut all: Vec<(&str, &Sign)> =
        logs.iter().flat_map(|(file, signs)| signs.iter().map(move |sign| (file.as_str(), sign))).collect();
    // Logs come in any order; lines without a time stay where they stand.
    all.sort_by(|a, b| (&a.1.time, a.0, a.1.line).cmp(&(&b.1.time, b.0, b.1.line)));
    let is_mine = |(_, sign): &&(&str, &Sign)| match (&sign.backend, &sign.digest) {
        (Some(name), _) => name == backend.name,
        (None, Some(digest)) if !backend.digests.is_empty() => backend.digests.contains(&digest.as_str()),
        _ => mine.contains(sign.process.as_str()),
    };
    let mut story = Story::default();
    let mut running: BTreeMap<&str, Start<'_>> = BTreeMap::new();
    let mut modes: BTreeMap<Tells, (u64, &str, &Sign, &Sign)> = BTreeMap::new();
    for &(file, sign) in all.iter().filter(is_mine) {
        let start = running.entry(sign.process.as_str()).or_default();
        match sign.tells {
            Tells::Permissions(_) | Tells::Found | Tells::Made | Tells::Reverted if start.operations.is_some() => {
                let ended = std::mem::take(start);
                story.started(&ended);
                story.modes(&mut modes);
            }
            _ => {}
        }
        if !matches!(sign.tells, Tells::Mode { .. } | Tells::Place) {
            if start.first.is_none() {
                // How files were made until now tells nothing of this start.
                story.modes(&mut modes);
            }
            start.first.get_or_insert((file, sign));
        }
        match sign.tells {
            Tells::Permissions(value) => _ = start.permissions.get_or_insert((value, file, sign)),
            Tells::Operations(value) => _ = start.operations.get_or_insert((value, file, sign)),
            Tells::Found => _ = start.found.get_or_insert((true, file, sign)),
            Tells::Made => {
                start.made = true;
                start.found.get_or_insert((true, file, sign));
            }
            Tells::Reverted => start.reverted = true,
            Tells::Mode { .. } => {
                let entry = modes.entry(sign.tells).or_insert((0, file, sign, sign));
                entry.0 += 1;
                entry.3 = sign;
            }
            Tells::Place => {}
        }
    }
    let mut starts: Vec<Start<'_>> = running.into_values().collect();
    starts.sort_by(|a, b| a.first.map(|(_, sign)| &sign.time).cmp(&b.first.map(|(_, sign)| &sign.time)));
    for start in &starts {
        story.started(start);
    }
    story.modes(&mut modes);
    story.moments.sort_by(|a, b| a.time.cmp(&b.time));
    story
}

/// The processes whose lines are about a backend: those that name it, or one of its shares.
fn processes<'s>(logs: Logs<'s>, backend: &Teller<'_>) -> BTreeSet<&'s str> {
    let signs = || logs.iter().flat_map(|(_, signs)| signs);
    let names_it = |sign: &&Sign| match (&sign.backend, &sign.digest) {
        (Some(name), _) => name == backend.name,
        (None, Some(digest)) => backend.digests.contains(&digest.as_str()),
        (None, None) => false,
    };
    let mut mine: BTreeSet<&str> = signs().filter(names_it).map(|sign| sign.process.as_str()).collect();
    if backend.alone {
        // What nothing ties to another one.
        let tied: BTreeSet<&str> = signs()
            .filter(|sign| sign.backend.is_some() || sign.digest.is_some())
            .map(|sign| sign.process.as_str())
            .collect();
        mine.extend(signs().map(|sign| sign.process.as_str()).filter(|process| !tied.contains(process)));
    }
    mine
}

fn moment(file: &str, sign: &Sign, what: String) -> Moment {
    Moment { time: sign.time.clone(), file: file.to_string(), line: sign.line, what }
}

impl Story {
    fn started(&mut self, start: &Start<'_>) {
        let Some((file, first)) = start.first else { return };
        // The service says `true` with a level of DEBUG only.
        let by_indicator = start.found.filter(|_| !start.reverted);
        let (operations, permissions) = (start.operations.or(by_indicator), start.permissions.or(by_indicator));
        let value = |one: Option<(bool, &str, &Sign)>| match one {
            Some((value, ..)) => value.to_string(),
            None => "not told".into(),
        };
        let why = match start {
            Start { reverted: true, .. } => "; the volume database was empty, and the indicator could not be made",
            Start { made: true, .. } => "; the volume database was empty, and the indicator was made",
            Start { found: Some(_), .. } => "; the indicator was found",
            _ => "",
        };
        self.moments.push(moment(
            file,
            first,
            format!(
                "a start came to nas_secure_file_operations {}, nas_secure_file_permissions {}{why}",
                value(operations),
                value(permissions)
            ),
        ));
        let proof = |one: Option<(bool, &str, &Sign)>| {
            one.map(|(value, file, sign)| Proof { value, moment: moment(file, sign, sign.words.clone()) })
        };
        // A later start counts, also where it tells less.
        self.operations = proof(operations);
        self.permissions = proof(permissions);
        self.new_install = (start.made || start.reverted).then_some(true);
    }

    /// How files were made since the last start.
    fn modes(&mut self, modes: &mut BTreeMap<Tells, (u64, &str, &Sign, &Sign)>) {
        for (tells, (count, file, first, last)) in std::mem::take(modes) {
            let Tells::Mode { open, as_root } = tells else { continue };
            let mode = if open { "0666" } else { "0660" };
            let who = if as_root { "root" } else { "cinder's user" };
            let until = last.time.as_ref().filter(|_| count > 1).map(|time| format!(", the last at {time}"));
            let what = format!("{count} × a file was made {mode} by {who}{}", until.unwrap_or_default());
            self.moments.push(moment(file, first, what));
            // Clones and images are opened to everybody whatever the value is: only 0660 proves one.
            if !open {
                let proof = |value| Proof { value, moment: moment(file, first, first.words.clone()) };
                self.permissions.get_or_insert_with(|| proof(true));
                self.operations.get_or_insert_with(|| proof(!as_root));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    const A: &str = "93f6d10e708470ccc959ceb8398f77a1";
    const B: &str = "2609feca9818a45a8d3ddc7cc4e377e2";

    fn told(log: &str, digest: &str, alone: bool) -> Story {
        let signs = read(log.as_bytes()).unwrap().signs;
        tell(&[("v.log".into(), signs)], &Teller { name: "nfs1", digests: vec![digest], alone })
    }

    #[test]
    fn each_start_and_what_was_made() {
        let log = format!(
            "2024-05-01 10:00:00.000 7 INFO c [-] New Cinder secure environment indicator file created at path /m/{A}/.cinderSecureEnvIndicator.\n\
             2024-05-01 10:00:00.010 7 DEBUG c [-] NAS variable secure_file_permissions setting is: true set_nas /x.py:1\n\
             2024-05-01 10:00:00.020 7 DEBUG c [-] NAS secure file operations setting is: true set_nas /x.py:1\n\
             2024-05-01 11:00:00.000 7 DEBUG p [-] Running cmd (subprocess): chmod 660 /m/{A}/volume-1 execute\n\
             2024-05-01 11:00:00.010 7 DEBUG p [-] CMD \"chmod 660 /m/{A}/volume-1\" returned: 0 in 0.005s execute\n\
             2024-05-01 11:00:00.010 8 DEBUG p [-] CMD \"sudo cinder-rootwrap /r chmod ugo+rw /m/{B}/volume-2\" returned: 0 in 0.005s execute\n\
             2024-05-03 18:00:00.000 9 WARNING c [-] The NAS file permissions mode will be 666 (allowing\n\
             2024-05-03 18:00:00.000 9 WARNING c [-] The NAS file operations will be run as root: allowing\n\
             2024-05-03 18:00:01.000 9 INFO c [-] Image-volume cache disabled for host ctl@nfs1.\n"
        );
        let story = told(&log, A, false);
        let what: Vec<&str> = story.moments.iter().map(|moment| moment.what.as_str()).collect();
        assert_eq!(
            what,
            [
                "a start came to nas_secure_file_operations true, nas_secure_file_permissions true; the volume database was empty, and the indicator was made",
                "1 × a file was made 0660 by cinder's user",
                "a start came to nas_secure_file_operations false, nas_secure_file_permissions false",
            ]
        );
        let permissions = story.permissions.unwrap();
        assert_eq!((permissions.value, permissions.moment.line), (false, 7));
        assert_eq!(story.new_install, None);
        let other = told(&log, B, false);
        assert_eq!(other.moments.len(), 1 + 1, "{:?}", other.moments);
    }

    #[test]
    fn nothing_is_proved_of_another_backend() {
        let log = format!("2024-05-01 10:00:00 7 D [-] CMD \"chmod 660 /m/{A}/volume-1\" returned: 0 in 0.005s\n");
        assert_eq!(told(&log, B, true), Story::default());
        assert!(told(&log, A, true).permissions.unwrap().value);
    }
}

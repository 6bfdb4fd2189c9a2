//! What native checks find: the one list of all of them, and the declarations of those that are not run as a search over a deployment.

use super::{candidate::Candidate, checks};
use crate::{
    nas::Effective,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// All native checks.
pub(crate) fn all() -> impl Iterator<Item = &'static Finds> {
    checks::ALL.iter().map(|(finds, _)| *finds).chain([&SUPPRESSIONS, &checks::AGE, &AUDIT])
}

/// The native check of this name.
pub(crate) fn of(check: &str) -> Option<&'static Finds> {
    all().find(|finds| finds.check == check)
}

/// What every candidate knows, whatever its kind.
pub(crate) const OF_ALL: &[Fact] = &[
    Fact::text("kind", "the kind of what was found"),
    Fact::text("section", "the section that it is about"),
    Fact::text("option", "the option that it is about"),
];

/// Fails, in a build with debug assertions, where a native check hands out what it does not declare: rule files could name it,
/// and nobody could tell that from a misspelling.
pub(super) fn assert_declared(finds: &Finds, candidate: &Candidate) {
    if cfg!(debug_assertions) {
        let undeclared = undeclared(finds, candidate);
        let check = finds.check;
        assert!(undeclared.is_none(), "check `{check}` does not declare {}", undeclared.unwrap_or_default());
    }
}

/// What a candidate says that its check does not declare; none: all is declared.
fn undeclared(finds: &Finds, candidate: &Candidate) -> Option<String> {
    let Some(kind) = finds.kind(candidate.kind) else { return Some(format!("kind {}", candidate.kind)) };
    let is_declared = |(name, value): &(&&str, &String)| {
        kind.all_facts().any(|fact| fact.name == **name && fact.takes(value))
            || OF_ALL.iter().any(|fact| fact.name == **name)
    };
    if let Some((name, value)) = candidate.facts.iter().find(|fact| !is_declared(fact)) {
        return Some(format!("{}: fact {name} = {value:?}", kind.name));
    }
    let place = candidate.places.keys().find(|name| kind.all_places().all(|place| place.name != **name));
    place.map(|name| format!("{}: place {name}", kind.name))
}

/// The native check of the rules about directives.
pub(super) const SUPPRESSIONS_CHECK: &str = "suppressions";
/// What is handed to them.
pub(super) static SUPPRESSIONS: Finds = Finds {
    check: SUPPRESSIONS_CHECK,
    meaning: "Directives in comments (`cinderlint: ignore[…]`)",
    kinds: &[
        Kind::new("malformed", "a directive that cannot be read")
            .facts(&[&[Fact::text("says", "what is wrong in it")]]),
        Kind::new("no-reason", "a directive without the reason that the settings ask for"),
        Kind::new("unknown-rule", "a name that no rule has")
            .facts(&[&[NAME, Fact::text("hint", "what may be meant, in words")]]),
        Kind::new("not-allowed", "a rule that no directive may name").facts(&[&[NAME]]),
        Kind::new("swallowed", "a directive inside a value, which Cinder reads as part of it"),
        Kind::new("unused", "a rule that has no finding there")
            .facts(&[&[
                NAME,
                Fact::one_of("covered", &["file", "section", "option", "line"], "what the directive covers"),
                Fact::flag("host", "the rule asks the host, which may be another one"),
            ]])
            .places(&[&[PlaceName::new("all", "what is deleted with the name: its place in the list, or the line")]]),
    ],
};
const NAME: Fact = Fact::text("name", "the name as it is written");
/// The native check of the rules about a host.
pub(super) const AUDIT_CHECK: &str = "audit";

/// What `cinderlint audit` hands to rules.
pub(super) static AUDIT: Finds = Finds {
    check: AUDIT_CHECK,
    meaning: "A host as it is (`cinderlint audit`)",
    kinds: &[
        Kind::new("not-mounted", "a share of a backend that is not mounted").facts(&[SHARE]),
        Kind::new("silent", "a share that does not answer").facts(&[SHARE]),
        Kind::new("other-source", "a share that is mounted from elsewhere").facts(&[SHARE, MOUNT]),
        Kind::new("read-only", "a share that is mounted read-only").facts(&[SHARE, MOUNT]),
        Kind::new("soft", "a share that is mounted soft").facts(&[SHARE, MOUNT]),
        Kind::new("stacked", "several mounts on one mount point").facts(&[SHARE, MOUNT]),
        Kind::new("unexplained", "a mount that no backend and no guest explains").facts(&[SHARE, MOUNT]),
        Kind::new("mixed", "volumes of several modes").facts(&[
            SHARE,
            MODES,
            &[Fact::flag("only-clones", "the others are clones, which Cinder makes so")],
        ]),
        Kind::new("clones", "clones that Cinder makes open to everybody").facts(&[SHARE, MODES]),
        Kind::new("otherwise", "volumes whose mode is not that of the value in force").facts(&[
            SHARE,
            MODES,
            &[
                Fact::flag("only-clones", "the others are clones, which Cinder makes so"),
                Fact::number("otherwise", "how many there are"),
            ],
        ]),
        Kind::new("nobody", "volumes that belong to nobody").facts(&[SHARE, MODES, FILES, NOBODY]),
        Kind::new("foreign", "volumes that belong to neither Cinder nor qemu")
            .facts(&[SHARE, MODES, FILES, NOBODY, FOREIGN]),
        Kind::new("left-over", "files that snapshots left").facts(&[
            SHARE,
            MODES,
            FILES,
            NOBODY,
            FOREIGN,
            &[Fact::number("left", "how many there are")],
        ]),
        Kind::new("folder-closed", "a folder of a share that is closed to a user who needs the volumes")
            .facts(&[SHARE, CLOSED]),
        Kind::new("folder-unwritable", "a folder of a share in which the user who creates volumes cannot create files")
            .facts(&[
                SHARE,
                &[
                    Fact::text("writing", "the backends whose files cannot be made, in words"),
                    Fact::one_of("writer", &["cinder", "root", "either"], "who makes the files"),
                    Fact::text("who", "cinder's user and groups"),
                    Fact::text("mode", "the mode of the folder, in octal"),
                    Fact::text("owner", "the name of its owner"),
                    Fact::text("group", "the name of its group"),
                    Fact::text("change", "a command that lets cinder make files; empty: cinder's user is not known"),
                ],
            ]),
        Kind::new("closed", "volumes that a user who needs them cannot open").facts(&[
            SHARE,
            CLOSED,
            &[
                Fact::text("gid-name", "the group of the files, as a word for a shell"),
                Fact::text("user", "the user who cannot open them, as a word for a shell"),
                Fact::number("user-gid", "the number of that user's first group"),
                Fact::one_of("remedy", &["own", "regroup", "mode", "group", "open", "unknown"], "the narrow way out"),
                Fact::text("select", "a find command that lists the files"),
                Fact::text("owned", "`UID:GID:MODE` of the files, as `stat -c %u:%g:%a` prints them"),
                Fact::text("backend", "the name of the first backend on the share; empty: none"),
                Fact::flag("certain", "libvirt does not give guests their files"),
                Fact::flag("to-state", "the backend is to state a value"),
                Fact::one_of("value", &["true", "false"], "that value"),
            ],
        ]),
        Kind::new("guest-denied", "guests whose qemu cannot open a disk").facts(&[SHARE, GUESTS]),
        Kind::new("guest-missing", "guests whose disk is not there").facts(&[SHARE, GUESTS]),
        Kind::new("list-closed", "a shares file that cinder-volume cannot read").facts(&[BACKEND, LIST]),
        Kind::new("restart-decides", "a backend whose values change at a restart").facts(&[BACKEND, LIST]),
        Kind::new("newer", "a backend whose configuration is newer than its service").facts(&[BACKEND, LIST]),
        Kind::new("indicator-odd", "an indicator that is not a file").facts(&[BACKEND, LIST, INDICATOR]),
        Kind::new("indicator-elsewhere", "an indicator on a share that does not decide").facts(&[
            BACKEND,
            LIST,
            INDICATOR,
            &[Fact::text("elsewhere", "the shares that have one, with commas between")],
        ]),
        Kind::new("log-denied", "lines of a log about files that could not be opened").facts(&[LOG]),
        Kind::new("log-open", "lines of a log about files that were made open to everybody").facts(&[LOG]),
    ],
};
const SHARE: &[Fact] = &[
    Fact::text("address", "the address of the share"),
    Fact::text("point", "the mount point"),
    Fact::text("quoted-point", "the mount point, as a word for a shell"),
    Fact::text("backends", "the backends on the share, in words"),
    Fact::number("files", "how many files are on it"),
    Fact::number("disks", "how many of them are volumes or belong to their snapshots"),
    Fact::text("which", "of which value `expected` is the mode, in words"),
    Fact::one_of("expected", &["0660", "0666", "unknown"], "the mode that new volumes have"),
];
const MOUNT: &[Fact] = &[
    Fact::text("source", "from where it is mounted"),
    Fact::text("type", "the type of the file system"),
    Fact::number("layers", "how many mounts lie on the mount point"),
];
const MODES: &[Fact] = &[
    Fact::text("modes", "how many volumes have which mode, in words"),
    Fact::number("clones", "how many of them are clones that Cinder makes so"),
];
const FILES: &[Fact] = &[
    Fact::flag("only-clones", "the volumes of other modes are clones, which Cinder makes so"),
    Fact::number("otherwise", "how many volumes do not have the mode of the value in force"),
];
const NOBODY: &[Fact] = &[
    Fact::number("nobody", "how many volumes belong to nobody"),
    Fact::text("domain", "the NFSv4 domain of the host, in words"),
    Fact::text("version", "the type of the file system"),
];
const FOREIGN: &[Fact] = &[
    Fact::number("foreign", "how many volumes belong to others"),
    Fact::text("owners", "whose they are, with commas between"),
    Fact::text("select", "a find command that lists them"),
    Fact::text("owner", "whose they should be, `UID:GID`"),
];
const CLOSED: &[Fact] = &[
    Fact::text("who", "who cannot open them, with semicolons between"),
    Fact::number("count", "how many volumes are closed"),
    Fact::text("mode", "the mode, in octal"),
    Fact::text("owner", "the name of the owner"),
    Fact::text("group", "the name of the group"),
];
const GUESTS: &[Fact] = &[
    Fact::number("count", "how many guests there are"),
    Fact::text("machines", "the first of them, in words"),
    Fact::number("running", "how many of them run"),
    Fact::text("uuids", "the uuids of the first that run, as words for a shell"),
    Fact::number("more", "how many more run"),
];
const BACKEND: &[Fact] = &[
    Fact::text("backend", "the name of the backend"),
    Fact::one_of("operations-now", EFFECTIVE, "the value of operations in the running service"),
    Fact::one_of("operations-restart", EFFECTIVE, "the result for operations after a restart"),
    Fact::one_of("permissions-now", EFFECTIVE, "the value of permissions in the running service"),
    Fact::one_of("permissions-restart", EFFECTIVE, "the result for permissions after a restart"),
    Fact::text("because", "why, in words"),
    Fact::one_of("basis", &["files", "service"], "whether the volumes told it, or the service and its configuration"),
    Fact::text("indicator", "the name of the indicator"),
];
const EFFECTIVE: &[&str] = Effective::NAMES;
const LIST: &[Fact] = &[
    Fact::text("who", "who cannot read the shares file"),
    Fact::text("path", "the path of the shares file"),
    Fact::text("quoted-path", "the same, as a word for a shell"),
];
const INDICATOR: &[Fact] = &[
    Fact::text("first", "the address of the first share"),
    Fact::text("kind-of-file", "what stands in the place of the indicator: `folder`, `link`, `special`"),
    Fact::text("point", "the mount point of the first share"),
];
const LOG: &[Fact] = &[
    Fact::text("file", "the log"),
    Fact::number("count", "how many lines there are"),
    Fact::text("about", "the devices or files, in words"),
    Fact::text("backends", "the backends that they belong to, in words"),
];

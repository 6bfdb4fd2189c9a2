//! What rules may name where no native check finds the candidates: the facts and places of a backend, and of what the services share.

use crate::{
    nas::{Effective, Family},
    vocabulary::{Fact, Finds, PlaceName},
};

/// What a rule about a backend can ask about.
pub const BACKEND: &[Fact] = &[
    Fact::text("backend", "the name of the backend"),
    Fact::flag("enabled", "enabled_backends names it"),
    Fact::flag("section", "it has a section"),
    Fact::text("driver", "the class of volume_driver, as it is written"),
    Fact::text("class", "the path of that class, under the name that the release has for it"),
    Fact::one_of("family", &Family::NAMES, "the NAS family of the driver"),
    Fact::text("release", "the release that reads the files"),
    Fact::flag("release-given", "that release was named; otherwise it is the newest"),
    Fact::text("option", "the option that the rule looks at"),
    Fact::text("value", "the text of that option, its default included"),
    Fact::text("lower", "the same in lower case"),
    Fact::flag("unresolved-this", "a reference in that option cannot be resolved"),
    Fact::text("reason", "what is configured for that option of the NAS pair, and what Cinder makes of it, in words"),
    Fact::text("outcome", "what Cinder makes of it, in words"),
    Fact::flag("validates", "the driver refuses a value of the NAS pair other than `auto`, `true` and `false`"),
    Fact::flag("checks-snapshots", "the driver refuses to start if snapshots are on and not possible"),
    Fact::flag("bad-address", "nas_share_path cannot be part of an address"),
    Fact::one_of("effective", Effective::NAMES, "the result of that option of the NAS pair").from_host(),
    Fact::one_of("if-new-install", Effective::NAMES, "the same, if no volume exists yet").from_host(),
    Fact::one_of("if-existing", Effective::NAMES, "the same, if volumes exist").from_host(),
    Fact::text("if-false", "the effect of `false` for that option of the NAS pair, in words"),
    Fact::text("if-true", "the effect of `true`, in words"),
    Fact::text("if-effective", "the effect of the value in force, in words").from_host(),
    Fact::one_of("policy", &["explicit", "secure", "open"], "what the settings demand of the NAS pair"),
    Fact::one_of("state", Effective::NAMES, "the value that is set, or the result of the driver if it is not set"),
    Fact::text("if-state", "the effect of that, in words"),
    Fact::one_of("demanded", &["true", "false"], "the value that the settings demand; not set: none"),
    Fact::text("if-demanded", "the effect of that, in words"),
    Fact::one_of("operations", Effective::NAMES, "the result of nas_secure_file_operations").from_host(),
    Fact::one_of("operations-if-new-install", Effective::NAMES, "the same, if no volume exists yet").from_host(),
    Fact::one_of("operations-if-existing", Effective::NAMES, "the same, if volumes exist").from_host(),
    Fact::one_of("permissions", Effective::NAMES, "the result of nas_secure_file_permissions").from_host(),
    Fact::one_of("starts", &["yes", "no", "undetermined"], "whether cinder-volume initialises the backend").from_host(),
    Fact::text("start-error", "the exception that prevents it, with its text"),
    Fact::text("start-error-class", "the class of that exception"),
    Fact::text("start-error-option", "the option that causes it"),
    Fact::number("shares", "how many shares it has; not set: not known").from_host(),
    Fact::one_of("shares-from", &["file", "pair"], "whether a shares file names them, or nas_host and nas_share_path"),
    Fact::one_of(
        "shares-file",
        &["empty", "read", "absent", "absent-here", "unreadable", "no-name", "unknown"],
        "the state of the shares file",
    )
    .from_host(),
    Fact::text("shares-file-path", "the path of the shares file"),
    Fact::text("share", "the address of the first share").from_host(),
    Fact::text("consulted-share", "the address of the share whose indicator file decides").from_host(),
    Fact::text("indicator", "the state of that indicator file").from_host(),
    Fact::flag("reads-pair", "the driver reads nas_host and nas_share_path"),
    Fact::flag("active-active", "the driver supports a cluster"),
    Fact::flag("complete", "the files look like everything that the service reads"),
    Fact::flag("reads-this", "the driver reads the option that the rule looks at"),
    Fact::one_of(
        "exists:OPTION",
        &["true", "false", "unknown"],
        "whether the absolute path that the option holds is there; unknown on another machine",
    ),
];

/// What a rule about what the services share can ask about.
pub const SERVICE: &[Fact] = &[
    Fact::text("release", "the release that reads the files"),
    Fact::flag("release-given", "that release was named; otherwise it is the newest"),
    Fact::text("option", "the option that the rule looks at"),
    Fact::text("key", "the name under which it is set, which may be an older one"),
    Fact::text("section", "the section of the option"),
    Fact::text("value", "the text of the option, its default included; a secret is covered"),
    Fact::flag("complete", "the files look like everything that the service reads"),
];

/// Where a rule about a backend can point.
pub const BACKEND_PLACES: &[PlaceName] = &[
    PlaceName::new("header", "the header of the backend's section"),
    PlaceName::new("driver", "the value of volume_driver"),
    PlaceName::new("listed", "the backend's name in enabled_backends"),
    PlaceName::new("value:OPTION", "the value of the option, wherever the backend takes it from"),
    PlaceName::new("own:OPTION", "the value of the option, only where the backend's own section sets it"),
    PlaceName::new("key:OPTION", "the name of the option"),
    PlaceName::new("default:OPTION", "the assignment of the option in [DEFAULT]"),
];

/// Where a rule about what the services share can point.
pub const SERVICE_PLACES: &[PlaceName] = &[
    PlaceName::new("value:OPTION", "the value of the option"),
    PlaceName::new("key:OPTION", "the name of the option"),
    PlaceName::new("setting:OPTION", "the assignment, with its name"),
];

/// What every candidate of a native check knows, whatever its kind.
pub const OF_ALL: &[Fact] = super::finds::OF_ALL;

/// All native checks, with what each finds.
pub fn checks() -> impl Iterator<Item = &'static Finds> {
    super::finds::all()
}

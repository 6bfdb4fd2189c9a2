//! What only the form of a file knows.

use crate::{
    source::Place,
    vocabulary::{Fact, Finds, Kind, PlaceName},
};

/// Something that a form of files has to say; rules with `check = "forms"` speak of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// Which rule speaks of it: its `kind`.
    pub kind: &'static str,
    /// The bytes that it is about.
    pub place: Place,
    /// The section it is about.
    pub section: Option<String>,
    /// The option it is about.
    pub option: Option<String>,
    /// What the texts of the rule may name. Holds no secret.
    pub facts: Vec<(&'static str, String)>,
    /// Places that the rule may name.
    pub places: Vec<(&'static str, Place)>,
}

/// What the forms hand to rules.
pub static FINDS: Finds = Finds {
    check: "forms",
    meaning: "What only the form of a file knows",
    kinds: &[
        Kind::new("yaml-unreadable", "a file that is not YAML").facts(&[&[Fact::text("error", "what is wrong in it")]]),
        Kind::new("yaml-duplicate-key", "a key that stands twice in one mapping, with different values")
            .facts(&[&[Fact::text("key", "the key")]])
            .places(&[&[PlaceName::new("later", "the key that takes effect")]]),
        Kind::new("conf-is-yaml", "YAML in a file with the name of a file of oslo.config"),
        Kind::new("kolla-path", "a file at a path that kolla-ansible does not read").facts(&[
            PATH,
            READ,
            &[Fact::flag("pair", "the file sets the NAS pair, and its path looks like one that is read")],
        ]),
        Kind::new("kolla-host", "a file for a host that is not in the inventory")
            .facts(&[PATH, &[Fact::text("host", "the host")]]),
        Kind::new("kolla-shares-path", "a list of shares at a path that kolla-ansible does not read")
            .facts(&[PATH, READ]),
        Kind::new("kolla-shares-off", "a list of shares, although no backend of kolla-ansible reads one")
            .facts(&[PATH, READ]),
        Kind::new("kolla-shares-order", "a list of shares that another one comes before").facts(&[PATH, READ]),
        Kind::new("kolla-shares-missing", "the NFS backend of kolla-ansible is on, but it has no list of shares")
            .facts(&[VISIBLE]),
        Kind::new("kolla-no-backend", "kolla-ansible deploys Cinder, and nothing enables a backend").facts(&[VISIBLE]),
        Kind::new("kolla-backup-driver", "a value of cinder_backup_driver that kolla-ansible does not know").facts(&[
            &[Fact::text("driver", "the value"), Fact::text("version", "the version of kolla-ansible, in words")],
        ]),
        Kind::new("helm-volume-replicas", "several pods of cinder-volume with one name of a host")
            .facts(&[&[Fact::number("replicas", "the number of pods"), Fact::text("host", "the name")]]),
        Kind::new("kolla-bool", "a switch of kolla-ansible with a text that is not a boolean")
            .facts(&[&[Fact::text("switch", "the variable"), Fact::text("value", "the text")]]),
        Kind::new("never-enabled", "a section with a driver that its service never enables").facts(&[&[
            Fact::text("mark", "the option that only a backend has"),
            Fact::text("service", "the service"),
            Fact::text("advice", "what to do, in words"),
        ]]),
        Kind::new("secret-section", "a section of a Secret that no backend has as its name")
            .facts(&[&[
                Fact::text("services", "the services that mount the Secret"),
                Fact::text("wanted", "the sections that they have"),
                Fact::text("store", "the name of the Secret"),
            ]])
            .places(&[&[PlaceName::new("service", "the section of the backend")]]),
        Kind::new("of-another-service", "a section of a Secret that one of several services has"),
        Kind::new("osa-container-vars", "cinder_backends below a key that OpenStack-Ansible does not read"),
        Kind::new("osa-dead-key", "a key that no release of OpenStack-Ansible reads"),
        Kind::new("printed-as-python", "a list or mapping that OpenStack-Ansible prints as Python does")
            .facts(&[&[Fact::text("printed", "what it prints")]]),
    ],
};
const PATH: &[Fact] = &[Fact::text("path", "the path below the folder of overrides")];
const READ: &[Fact] = &[Fact::text("read", "the path that is read; empty: none")];
const VISIBLE: &[Fact] = &[Fact::flag("visible", "the folder of overrides is among the files that were read")];

//! The forms in which people keep Cinder's configuration. Each is one file here and one line in [`ALL`].
//!
//! A form says of a file whether it is one of its own ([`Form::recognises`]: by path, and where that does not say, by the start
//! of the text), and makes deployments of all its files of a run ([`Form::read`]): layers of whole files, of pieces with a
//! [`Map`](super::map::Map) back to the file's bytes, and of what a program adds.

mod builder;
mod candidate;
mod custom_resource;
mod helm;
mod ini;
mod kolla;
mod maps;
mod openstack_ansible;
mod parameters;
mod run;
mod shares;

pub use builder::Builder;
pub use candidate::{Candidate, backup_of};
pub use run::{Assembled, Run, Taken};

/// One form.
pub trait Form: Sync {
    /// Its name for `--form`.
    fn name(&self) -> &'static str;
    /// What it is, for `--show-files`: "a file of oslo.config".
    fn title(&self) -> &'static str;
    /// Why a file that a search met is one of these; none: it is not.
    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String>;
    /// Reads files of this form, all under the same settings. What belongs together is told by their paths.
    fn read(&self, taken: &[Taken], run: &mut Run<'_>);
}

/// Every form; the first that recognises a file has it.
pub static ALL: [&dyn Form; 10] = [
    &kolla::Kolla,
    &shares::Shares,
    &helm::Helm,
    &openstack_ansible::OpenStackAnsible,
    &parameters::Tripleo,
    &parameters::Hiera,
    &parameters::Packstack,
    &parameters::Devstack,
    &custom_resource::CustomResource,
    &ini::Ini,
];

/// The form of a file of oslo.config, which every file is that is named outright and that no other form knows.
pub static PLAIN: &dyn Form = &ini::Ini;

/// The form of a file.
pub fn of(candidate: &Candidate<'_>) -> Option<(&'static dyn Form, String)> {
    ALL.iter().find_map(|form| Some((*form, form.recognises(candidate)?)))
}

/// The form of this name.
pub fn named(name: &str) -> Option<&'static dyn Form> {
    ALL.iter().copied().find(|form| form.name() == name)
}

/// Why a file that is named outright cannot be read as configuration: a program that makes some, not the configuration.
pub fn unsupported(candidate: &Candidate<'_>) -> Option<&'static str> {
    const PROGRAMS: [(&str, &str); 9] = [
        ("py", "a Python program"),
        ("sh", "a shell script"),
        ("bash", "a shell script"),
        ("rb", "a Ruby program (Chef recipes are no configuration until they ran)"),
        ("pp", "a Puppet manifest (no configuration until it is compiled)"),
        ("sls", "a Salt state or pillar (no configuration until it is rendered)"),
        ("md", "a document"),
        ("rst", "a document"),
        ("html", "a document"),
    ];
    let extension = candidate.name().rsplit_once('.').map(|(_, extension)| extension);
    if candidate.head().starts_with(b"#!") {
        return Some("a script");
    }
    if candidate.is_yaml() || [".yml.", ".yaml."].iter().any(|part| candidate.name().contains(part)) {
        return Some(if candidate.mentions(&["heat_template_version"]) {
            "a template of Heat, which declares parameters; environments give them"
        } else if candidate.mentions(&["kind: ConfigMap", "{{- range", "{{ range"]) {
            "a template or a script in YAML, no configuration until it is rendered or ran"
        } else {
            "YAML with none of the maps that are known to hold Cinder's configuration"
        });
    }
    PROGRAMS.iter().find(|(known, _)| Some(*known) == extension).map(|(_, what)| *what)
}

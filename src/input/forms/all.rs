//! Every form, and which one a file has.

use super::{
    Candidate, Form, custom_resource, helm, ini, juju, kolla, openstack_ansible, ours, parameters, shares, tasks,
};

/// Every form; the first that recognises a file has it.
pub static ALL: [&dyn Form; 12] = [
    &kolla::Kolla,
    &shares::Shares,
    &helm::Helm,
    &openstack_ansible::OpenStackAnsible,
    &parameters::Tripleo,
    &parameters::Hiera,
    &parameters::Packstack,
    &parameters::Devstack,
    &custom_resource::CustomResource,
    &juju::Juju,
    &tasks::Tasks,
    &ini::Ini,
];

/// The form of a file of oslo.config, which every file is that is named outright and that no other form knows.
pub static PLAIN: &dyn Form = &ini::Ini;

/// The form of a file.
pub fn of(candidate: &Candidate<'_>) -> Option<(&'static dyn Form, String)> {
    ALL.iter().find_map(|form| Some((*form, form.recognises(candidate)?)))
}

/// Why a file that looks as if it were Cinder's is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It is this: "a file of tgt".
    Is(String),
    /// It may be Cinder's: it is read where it is named. Why a search leaves it out.
    Doubtful(String),
    /// It configures Cinder in a form that is not read: this.
    Unread(&'static str),
}

/// Why a file is left out; none: it is read, or nothing about it is Cinder's.
pub fn left_out(candidate: &Candidate<'_>) -> Option<LeftOut> {
    match ours::judge(candidate) {
        Some(ours::Verdict::Ours(_)) => None,
        Some(ours::Verdict::Other(what)) => Some(LeftOut::Is(what)),
        Some(ours::Verdict::Doubtful(why)) => Some(LeftOut::Doubtful(why)),
        None => of_no_form(candidate).map(LeftOut::Unread),
    }
}

/// What a file is that configures Cinder in a form that is not read.
fn of_no_form(candidate: &Candidate<'_>) -> Option<&'static str> {
    const PROGRAMS: [(&str, &str); 5] = [
        ("sh", "a shell script that configures Cinder, which is not read"),
        ("pp", "a Puppet manifest that configures Cinder, which is not read"),
        ("sls", "a Salt file that configures Cinder, which is not read"),
        ("rb", "a Ruby program that configures Cinder, which is not read"),
        ("tf", "a Terraform file that configures Cinder, which is not read"),
    ];
    let extension = candidate.base_name().rsplit_once('.').map_or("", |(_, extension)| extension);
    let what = PROGRAMS.iter().find(|(known, _)| *known == extension).map(|(_, what)| *what);
    let what = what.or_else(|| candidate.is_yaml().then_some("YAML that configures Cinder in no form that is read"))?;
    let is_note = candidate.path.ancestors().skip(1).take(3).any(|folder| folder.ends_with("releasenotes"));
    // `cat > /etc/cinder/cinder.conf <<EOF`
    let is_redirected =
        |line: &[u8]| ["<<", "cinder.conf"].iter().all(|word| memchr::memmem::find(line, word.as_bytes()).is_some());
    let writes_file = || candidate.head().split(|byte| *byte == b'\n').any(is_redirected);
    let configures = || {
        candidate.mentions(&["nas_secure_file_"])
            || candidate.mentions(&["volume_driver"]) && candidate.mentions(&["cinder.volume.drivers."])
            || extension == "sh" && writes_file()
    };
    (!is_note && configures()).then_some(what)
}

/// Why a file that is named outright, and has no form, is not read all the same: "is a shell script, which is not read".
pub fn not_read(candidate: &Candidate<'_>) -> Option<String> {
    match (unsupported(candidate), left_out(candidate)) {
        (Some(what), _) => Some(format!("is {what}, which is not read")),
        (None, Some(LeftOut::Is(what))) => Some(format!("is {what}, which Cinder does not read")),
        _ => None,
    }
}

/// The form of this name.
pub fn named(name: &str) -> Option<&'static dyn Form> {
    ALL.iter().copied().find(|form| form.name() == name)
}

/// Why a file that is named outright cannot be read as configuration: a program that makes some, not the configuration.
fn unsupported(candidate: &Candidate<'_>) -> Option<&'static str> {
    if let Some(what) = ours::binary(candidate.head()) {
        return Some(what);
    }
    const PROGRAMS: [(&str, &str); 9] = [
        ("py", "a Python program"),
        ("sh", "a shell script"),
        ("bash", "a shell script"),
        ("rb", "a Ruby program (Chef recipes are not yet a configuration)"),
        ("pp", "a Puppet manifest (not yet a configuration)"),
        ("sls", "a Salt state or pillar (not yet a configuration)"),
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
            "a Heat template, which only declares parameters; environments set them"
        } else if candidate.mentions(&["kind: ConfigMap"]) {
            "a ConfigMap without a file of Cinder"
        } else if candidate.mentions(&["{{- range", "{{ range"]) {
            "a template or a script in YAML, not yet a configuration"
        } else {
            "YAML without any map that holds configuration of Cinder"
        });
    }
    PROGRAMS.iter().find(|(known, _)| Some(*known) == extension).map(|(_, what)| *what)
}

//! Whether a text is oslo.config's, and Cinder's: the one question that is asked of every file that may be a `cinder.conf`.
//!
//! Name, place, shape and vocabulary answer it together. Many programs have files that are called after Cinder (tgt, nginx,
//! supervisor, logrotate, …), and other services have options of the same names.

mod shape;
mod words;

use std::path::Path;

use self::{
    shape::Shape,
    words::{MARKS, PLACES, SERVICES, SURE_MARKS},
};
use super::Candidate;

pub(super) use shape::{binary, is_yaml};

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Cinder's, and why.
    Ours(String),
    /// Another program's, or no text: what it is, as in "is a file of tgt".
    Other(String),
    /// Nothing in it says whose it is, as in "has no option of Cinder".
    Doubtful(String),
}

/// What a file is; none: neither its name nor its text has to do with Cinder.
pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Verdict> {
    let base = candidate.base_name();
    let stem = base.strip_suffix(".conf")?;
    let template = if base.len() < candidate.name().len() { ", a template" } else { "" };
    let stem = stem.strip_prefix('_').unwrap_or(stem);
    if is_cinder(stem) {
        return Some(named_like_cinder(candidate, stem, &format!("its name is {base}{template}")));
    }
    let in_folder = matches!(candidate.folder(), "cinder" | "cinder.conf.d" | "backends.conf.d");
    if in_folder && candidate.mentions(&MARKS) {
        let why = format!("a *.conf of Cinder in {}/{template}", candidate.folder());
        return Some(named_otherwise(candidate, stem, why));
    }
    candidate
        .mentions(&SURE_MARKS)
        .then(|| named_otherwise(candidate, stem, format!("a *.conf with options of Cinder{template}")))
}

/// A file whose name begins with `cinder`.
fn named_like_cinder(candidate: &Candidate<'_>, stem: &str, why: &str) -> Verdict {
    if let Some(what) = binary(candidate.head()) {
        return Verdict::Other(what.into());
    }
    let shape = Shape::of(candidate.head());
    if let Some(sign) = shape.foreign {
        return Verdict::Other(format!("a file of another program (it has `{sign}`)"));
    }
    if let Some(place) = place(candidate.path)
        && (shape.ours == 0 || shape.sections == 0)
    {
        return Verdict::Other(format!("a file of another program (it is below {place}/)"));
    }
    let says = shape.known + shape.unknown + shape.others + shape.sections;
    if stem == "cinder" {
        if says > 0 && shape.known + shape.sections + shape.unknown == 0 {
            return Verdict::Doubtful("no line in it is a line for oslo.config".into());
        }
        // A text of YAML that speaks of Cinder was saved under the wrong name.
        let is_told = is_yaml(candidate.head()) && candidate.mentions(&["cinder:"]);
        if shape.known + shape.own_sections == 0 && says > 0 && !is_told {
            return Verdict::Doubtful("it has no section and no option of Cinder".into());
        }
        return Verdict::Ours(why.into());
    }
    if is_yaml(candidate.head()) && candidate.mentions(&["cinder:"]) && candidate.mentions(&MARKS) {
        return Verdict::Ours(why.into());
    }
    let fits = shape.known > 0 && shape.known + shape.unknown + shape.sections >= shape.others
        || says == 0
        || shape.sections > 0 && shape.unknown == 0 && shape.others == 0;
    if fits { Verdict::Ours(why.into()) } else { Verdict::Doubtful("it has no option of Cinder".into()) }
}

/// A file that has options of Cinder's and another name.
fn named_otherwise(candidate: &Candidate<'_>, stem: &str, why: String) -> Verdict {
    if let Some(what) = binary(candidate.head()) {
        return Verdict::Other(what.into());
    }
    let service = |name: &str| {
        let first = name.split(['-', '_', '.']).next().unwrap_or_default();
        SERVICES.iter().find(|service| **service == first)
    };
    if let Some(service) = service(stem).or_else(|| service(candidate.folder())) {
        return Verdict::Other(format!("a file of {service}"));
    }
    let shape = Shape::of(candidate.head());
    if let Some(sign) = shape.foreign {
        return Verdict::Other(format!("a file of another program (it has `{sign}`)"));
    }
    if let Some(sign) = shape.of_others {
        return Verdict::Other(format!("a file of another service (it has {sign})"));
    }
    if let Some(place) = place(candidate.path) {
        return Verdict::Other(format!("a file of another program (it is below {place}/)"));
    }
    if shape.ours == 0 || shape.known + shape.sections < shape.others {
        return Verdict::Doubtful("it has no option of Cinder".into());
    }
    Verdict::Ours(why)
}

/// The folder of another program that a path leads through, at most three up.
fn place(path: &Path) -> Option<&'static str> {
    let folders = path.ancestors().skip(1).take(3).filter_map(|folder| folder.file_name()?.to_str());
    let mut found = folders.filter_map(|name| PLACES.iter().find(|place| **place == name).copied());
    found.next()
}

/// `cinder*`, without the other programs' files that are called so.
pub(super) fn is_cinder(stem: &str) -> bool {
    const OTHERS: [&str; 3] = ["cinder-wsgi", "cinder_wsgi", "cinder_tgt"];
    stem.starts_with("cinder") && !stem.ends_with("_audit_map") && !OTHERS.iter().any(|other| stem.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Disk;

    fn judged(path: &str, text: &str) -> Option<Verdict> {
        judge(&Candidate::with_text(&Disk, Path::new(path), text.as_bytes()))
    }

    #[test]
    fn files_of_other_programs_are_not_cinders() {
        for (path, text) in [
            ("etc/tgt/conf.d/cinder.conf", "include /var/lib/cinder/volumes/*\n"),
            ("files/cinder.conf", "include /var/lib/cinder/volumes/*\n"),
            ("nginx/cinder.conf", "server {\n    listen 8776;\n}\n"),
            ("x/cinder-api.conf", "upstream cinder {\n  server 192.0.2.1:8776;\n}\n"),
            ("haproxy/cinder.conf", "listen cinder_api\n  bind 192.0.2.1:8776\n"),
            ("etc/rsyslog.d/cinder.conf", ":programname, startswith, \"cinder\" /var/log/cinder.log\n"),
            ("x/cinder-logrotate.conf", "/var/log/cinder/*.log {\n    weekly\n}\n"),
            ("x/cinder-volume.conf", "[program:cinder-volume]\ncommand = cinder-volume\n"),
            ("tmpfiles.d/cinder.conf", "d /var/run/cinder 0755 cinder cinder -\n"),
            ("x/cinder-volume-lvm.conf", "devices {\n    filter = [ \"a/sdb/\" ]\n}\n"),
            ("x/cinder-lvm.conf", "d /run/lvm 0700 root root -\n"),
            ("tools/config/cinder-config-generator.conf", "[DEFAULT]\noutput_file = x\nnamespace = cinder\n"),
            ("fail2ban/cinder.conf", "[cinder-api]\nenabled = true\nfilter = cinder\n"),
            ("sysctl.d/cinder.conf", "net.core.rmem_max = 1\n"),
            ("x/cinder.conf", "OS_USERNAME=cinder\nOS_PASSWORD=x\n"),
            ("x/cinder.conf", "module(load=\"imfile\")\ninput(type=\"imfile\" Tag=\"cinder\")\n"),
            ("mysql/conf.d/cinder.conf", "[mysqld]\nmax_connections = 100\n"),
            ("fluent-bit/etc/cinder.conf", "[INPUT]\n    Name tail\n    Path /var/log/cinder/*.log\n"),
            ("vector/cinder.conf", "[sources.cinder]\ntype = \"file\"\n"),
            ("x/cinder.conf", "filebeat.inputs:\n- type: log\n"),
            ("ceph/cinder.conf", "[client.cinder]\nkeyring = /etc/ceph/x\n"),
            (
                "php-fpm.d/cinder.conf",
                "[cinder]\nuser = www-data\ngroup = www-data\nlisten = /run/x.sock\npm = dynamic\n",
            ),
            ("my.cnf/cinder.conf", "[client]\nuser = cinder\npassword = x\nhost = 192.0.2.1\n"),
            ("x/cinder.conf", "PK\x03\x04 [DEFAULT]\nvolume_driver = x\n"),
            ("etc/nova/nova.conf", "[DEFAULT]\nosapi_volume_listen = 0.0.0.0\n"),
            ("x/compute.conf", "[DEFAULT]\nosapi_volume_listen = 0.0.0.0\n[libvirt]\nvirt_type = kvm\n"),
            ("etc/octavia/octavia.conf", "[controller_worker]\nvolume_driver = volume_cinder_driver\n"),
            ("neutron/server.conf", "[DEFAULT]\nosapi_volume_workers = 1\n"),
        ] {
            assert!(!matches!(judged(path, text), Some(Verdict::Ours(_)) | None), "{path}: {:?}", judged(path, text));
        }
        assert_eq!(judged("etc/glance/glance-api.conf", "[DEFAULT]\nenabled_backends = a:file\n"), None);
    }

    #[test]
    fn files_of_cinder_are() {
        for (path, text) in [
            ("etc/cinder/cinder.conf", "[DEFAULT]\nenabled_backends = a\n"),
            ("cinder.conf", ""),
            ("cinder.conf", "# nothing yet\n"),
            ("cinder.conf", "[DEFAULT]\nmisspelt = 1\n"),
            ("cinder.conf", "some prose\n[DEFAULT]\ndebug = true\n"),
            ("cinder.conf", "volume_driver: x\n"),
            ("cinder-volume.conf", "[nfs]\nnas_host = 192.0.2.1\n"),
            ("cinder-volume.conf.j2", "{% for x in y %}\n{{ x }}\n{% endfor %}\n"),
            ("x/backends.conf", "[a]\nvolume_backend_name = a\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n"),
            ("haproxy/cinder.conf", "[DEFAULT]\nvolume_driver = x\n"),
        ] {
            assert!(matches!(judged(path, text), Some(Verdict::Ours(_))), "{path} {text}: {:?}", judged(path, text));
        }
    }
}

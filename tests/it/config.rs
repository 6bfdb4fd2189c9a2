//! What the merged configuration answers to those who ask it, where no message shows it plainly.

use std::path::Path;

use cinderlint::{
    catalog::{self, Release},
    config::{Backend, Config, Problem},
    source::{Files, Unseen},
};

fn files(texts: &[&str]) -> Files {
    let mut files = Files::default();
    for text in texts {
        files.add(Path::new("cinder.conf"), text.as_bytes().to_vec());
    }
    files
}

/// What is made of one text for the newest release.
fn with<T>(text: &str, ask: impl FnOnce(&mut Config<'_>) -> T) -> T {
    in_release(text, Release::NEWEST, ask)
}

fn in_release<T>(text: &str, release: Release, ask: impl FnOnce(&mut Config<'_>) -> T) -> T {
    let files = files(&[text]);
    ask(&mut Config::new(&files, files.iter().map(|(id, _)| id).collect(), release))
}

fn backend(config: &Config<'_>, name: &str) -> Backend {
    config.all_backends().into_iter().find(|backend| &*backend.name == name).unwrap()
}

/// What a reference in a backend's section stands for.
fn looked_up(config: &Config<'_>, name: &str, section: &str) -> Result<String, Problem> {
    config.look_up(name, section, Some(&backend(config, section)))
}

/// What an option of a backend is.
fn text(config: &Config<'_>, backend: &Backend, name: &str) -> Result<Option<String>, Problem> {
    config.backend_text(backend, name).text.map(|text| text.map(Into::into))
}

fn unknown(name: &str) -> Result<String, Problem> {
    Err(Problem::Unknown(name.into()))
}

const NFS: &str = "volume_driver = cinder.volume.drivers.nfs.NfsDriver\n";
const LVM: &str = "volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver\n";

#[test]
fn an_empty_list_names_no_backend() {
    let listed = |value: &str| {
        with(&format!("[DEFAULT]\nenabled_backends ={value}\n"), |config| {
            config.listed_backends().into_iter().map(|listed| listed.name).collect::<Vec<_>>()
        })
    };
    assert!(listed("").is_empty());
    // Not so a list of empty names, of which each is a mistake.
    assert_eq!(listed(" ,"), ["", ""]);
    assert_eq!(listed(" a"), ["a"]);
}

#[test]
fn a_driver_that_refers_to_nothing_is_the_one_that_the_release_defaults_to() {
    for (release, driver) in [
        (Release::KILO, "cinder.volume.drivers.lvm.LVMISCSIDriver"),
        (Release::LIBERTY, "cinder.volume.drivers.lvm.LVMVolumeDriver"),
    ] {
        in_release("[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = $nothing_like_it\n", release, |config| {
            assert_eq!(&*backend(config, "a").driver, driver);
        });
    }
}

#[test]
fn what_may_be_set_where_nobody_sees_it() {
    with("[DEFAULT]\na = b\n[database]\nconnection = c\n[nfs1]\nc = d\n", |config| {
        for (unseen, hidden) in [
            (Unseen::Nothing, [false; 5]),
            // Sections that are not there, and those of services, which may go on elsewhere; not what is a backend's own.
            (Unseen::Sections, [true, true, false, true, false]),
            (Unseen::Everything, [true; 5]),
        ] {
            config.unseen = unseen;
            let asked = ["DEFAULT", "database", "nfs1", "nfs2", "backend_defaults"];
            assert_eq!(asked.map(|section| config.hides(section)), hidden, "{unseen:?}");
            assert_eq!(config.hides_sections(), unseen != Unseen::Nothing);
        }
    });
}

#[test]
fn what_a_template_may_add() {
    let hidden = |text: &str| {
        with(text, |config| {
            (
                ["DEFAULT", "nfs1", "nfs2", "backend_defaults"].map(|section| config.hides(section)),
                config.hides_sections(),
            )
        })
    };
    assert_eq!(hidden("[DEFAULT]\na = {{ b }}\n[nfs1]\nc = d\n"), ([false; 4], false));
    // Lines may come in any section.
    assert_eq!(hidden("[DEFAULT]\n{{ a }}\n[nfs1]\nc = d\n"), ([true; 4], true));
    // A key that is to come may be any of its section, a section that is to come any but the one that Cinder names.
    assert_eq!(hidden("[DEFAULT]\n{{ a }} = b\n[nfs1]\nc = d\n"), ([true, false, false, false], false));
    assert_eq!(hidden("[DEFAULT]\na = b\n[nfs1]\nc = d\n[{{ e }}]\n"), ([false, false, true, false], true));
    // What stands above all sections belongs to none.
    assert_eq!(hidden("{{ a }} = b\n[DEFAULT]\na = b\n[nfs1]\nc = d\n"), ([false; 4], false));
}

#[test]
fn options_of_a_backend_that_is_not_seen() {
    let conf = format!("[DEFAULT]\nenabled_backends = nfs1,nfs2\n[nfs1]\n{NFS}[{{{{ more }}}}]\n");
    with(&conf, |config| {
        let [seen, not] = ["nfs1", "nfs2"].map(|name| backend(config, name));
        assert_eq!(text(config, &seen, "nas_host"), Ok(Some(String::new())));
        assert_eq!(text(config, &not, "nas_host"), Err(Problem::Unseen));
        assert_eq!(&*not.driver, "");
        assert_eq!(looked_up(config, "nas_host", "nfs1"), Ok(String::new()));
        assert_eq!(looked_up(config, "nas_host", "nfs2"), Err(Problem::Unseen));
        // A number without digits is none, and the default stands, whatever else the section may hold.
        let numbers =
            format!("[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\n{NFS}nfs_mount_attempts =\n{{{{ key }}}} = x\n");
        with(&numbers, |config| {
            let nfs1 = backend(config, "nfs1");
            assert_eq!(text(config, &nfs1, "nfs_mount_attempts"), Ok(Some("3".into())));
            assert_eq!(text(config, &nfs1, "nas_host"), Err(Problem::Unseen));
        });
        // A backend is found by its name wherever it is asked from.
        assert_eq!(config.look_up("nfs2.nas_host", "DEFAULT", None), Err(Problem::Unseen));
    });
}

#[test]
fn values_that_a_template_writes_are_not_seen_through_references() {
    let conf = format!(
        "[DEFAULT]\nenabled_backends = nfs1\nmy_ip = {{{{ ip }}}}\nstate_path = /a\n[nfs1]\n{NFS}nas_login = {{{{ login }}}}\n"
    );
    with(&conf, |config| {
        for (name, result) in [
            ("my_ip", Err(Problem::Unseen)),
            ("state_path", Ok("/a".to_string())),
            ("nas_login", Err(Problem::Unseen)),
            ("nfs1.nas_login", Err(Problem::Unseen)),
            ("nas_ssh_port", Ok(String::new())),
        ] {
            assert_eq!(looked_up(config, name, "nfs1"), result, "{name}");
        }
        assert_eq!(config.look_up("host", "DEFAULT", None), unknown("host"));
        let row = |name: &str| catalog::option(Release::NEWEST, "DEFAULT", name).unwrap();
        assert_eq!(config.service_text("DEFAULT", &row("my_ip")), None);
        assert_eq!(config.service_text("DEFAULT", &row("state_path")).as_deref(), Some("/a"));
    });
    // Where any line may come, one may set what is not seen.
    with("[DEFAULT]\n{{ lines }}\nmy_ip = 192.0.2.1\n", |config| {
        assert_eq!(config.look_up("my_ip", "DEFAULT", None), Ok("192.0.2.1".into()));
        assert_eq!(config.look_up("state_path", "DEFAULT", None), Err(Problem::Unseen));
    });
}

#[test]
fn where_a_name_is_looked_for() {
    let conf = format!(
        "[DEFAULT]\nenabled_backends = b\nvolumes_dir = of-default\nstate_path = $volumes_dir\n\
         [backend_defaults]\nvolumes_dir = of-defaults\ntarget_ip_address = $volumes_dir\n\
         [b]\n{LVM}volumes_dir = own\n[other]\n{LVM}volumes_dir = others\ntarget_ip_address = $other.volumes_dir\n"
    );
    with(&conf, |config| {
        let b = backend(config, "b");
        for (section, backend, result) in
            [("b", Some(&b), "own"), ("backend_defaults", None, "of-defaults"), ("DEFAULT", None, "of-default")]
        {
            assert_eq!(config.look_up("volumes_dir", section, backend).as_deref(), Ok(result), "{section}");
        }
        // What stands for a name is made of names of its own section.
        assert_eq!(config.look_up("backend_defaults.target_ip_address", "b", Some(&b)).as_deref(), Ok("of-defaults"));
        assert_eq!(config.look_up("DEFAULT.state_path", "b", Some(&b)).as_deref(), Ok("of-default"));
        // A section that is no backend knows itself alone.
        assert_eq!(looked_up(config, "other.volumes_dir", "other").as_deref(), Ok("others"));
        assert_eq!(looked_up(config, "other.volumes_dir", "b"), unknown("other.volumes_dir"));
    });
    // Up to Newton [DEFAULT] may be the backend: it is no other section for that.
    in_release(&format!("[DEFAULT]\n{LVM}state_path = /a\n"), Release::NEWTON, |config| {
        assert_eq!(looked_up(config, "state_path", "DEFAULT").as_deref(), Ok("/a"));
        assert_eq!(looked_up(config, "DEFAULT.state_path", "DEFAULT").as_deref(), Ok("/a"));
        assert_eq!(
            looked_up(config, "nothing_like_it", "DEFAULT"),
            Err(Problem::NoSuchOption { name: "nothing_like_it".into(), group: "DEFAULT".into() })
        );
    });
}

#[test]
fn secrets_are_covered_in_what_refers_to_them() {
    let conf =
        format!("[DEFAULT]\nenabled_backends = b\n[b]\n{NFS}nas_password = hunter2\nnas_login = a$nas_password\n");
    with(&conf, |config| {
        assert_eq!(looked_up(config, "nas_password", "b").as_deref(), Ok("***"));
        assert_eq!(looked_up(config, "nas_login", "b").as_deref(), Ok("a***"));
    });
    with("[DEFAULT]\ntransport_url =\n", |config| {
        assert_eq!(config.look_up("transport_url", "DEFAULT", None).as_deref(), Ok(""));
    });
}

#[test]
fn values_that_are_no_text() {
    let conf = format!(
        "[DEFAULT]\nenabled_backends = b\nosapi_volume_extension = a\nmanager_ips = a:b\n[b]\n{NFS}replication_device = a:b\n"
    );
    with(&conf, |config| {
        for name in ["osapi_volume_extension", "manager_ips"] {
            assert_eq!(config.look_up(name, "DEFAULT", None), unknown(name), "{name}");
        }
        // An empty one is a text as good as any.
        assert_eq!(config.look_up("datera_volume_type_defaults", "DEFAULT", None).as_deref(), Ok(""));
    });
}

#[test]
fn references_end() {
    // A reference from backend to backend is two steps.
    let chain = |length: usize| {
        let names: Vec<String> = (0..length).map(|at| format!("b{at}")).collect();
        let mut conf = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
        for at in 0..length {
            let value = if at + 1 < length { format!("$b{}.nas_login", at + 1) } else { "end".into() };
            conf.push_str(&format!("[b{at}]\n{NFS}nas_login = {value}\n"));
        }
        with(&conf, |config| looked_up(config, "nas_login", "b0"))
    };
    assert_eq!(chain(3).as_deref(), Ok("end"));
    assert_eq!(chain(40).as_deref(), Ok("end"));
    assert!(matches!(chain(60), Err(Problem::Cycle(_))));

    let with_login = |login: &str| {
        with(
            &format!(
                "[DEFAULT]\nenabled_backends = b\nstate_path = {}\n[b]\n{NFS}nas_share_path = /a\nnas_login = {login}\n",
                "x".repeat(1000)
            ),
            |config| text(config, &backend(config, "b"), "nas_login"),
        )
    };
    // Of two options that are made of each other the one is named that comes up again.
    let conf = format!(
        "[DEFAULT]\nenabled_backends = b\n[b]\n{NFS}nas_login = $nas_share_path\nnas_share_path = a$nfs_mount_options\nnfs_mount_options = $nas_share_path\n"
    );
    with(&conf, |config| {
        assert_eq!(text(config, &backend(config, "b"), "nas_login"), Err(Problem::Cycle("nas_share_path".into())));
    });
    // References may be many, and what they make may be long, within reason.
    assert_eq!(with_login(&"$nas_share_path".repeat(1000)), Ok(Some("/a".repeat(1000))));
    assert_eq!(with_login(&"$nas_share_path".repeat(1001)), Err(Problem::Unknown("nas_share_path".into())));
    assert_eq!(with_login(&"$state_path".repeat(60)).unwrap().unwrap().len(), 60_000);
    assert_eq!(with_login(&"$state_path".repeat(70)), Err(Problem::Unknown("state_path".into())));
}

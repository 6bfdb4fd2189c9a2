//! What the words of rule files stand for, as a site's own rules use them.

use crate::command::TestDir;
use serde_json::Value;

const CONF: &str = "[DEFAULT]\nenabled_backends = nfs1\ntransport_url = rabbit://u:hunter2@h/\n[database]\nconnection = sqlite://\n\
    [nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = Big One\nnfs_mount_attempts = 7\n\
    nas_host = h\nnas_share_path = /a\nnas_secure_file_operations = TRUE\nnas_secure_file_permissions = auto\nnfs_mount_options =\n";

/// A folder with one rule of a site: what all rules need, and `rule`.
fn place(rule: &str, conf: &str) -> TestDir {
    let head =
        "id = \"SITE001\"\nname = \"site\"\nseverity = \"warning\"\nsummary = \"S\"\nwhy = \"W\"\ninstead = \"I\"\n";
    TestDir::new(&[
        ("cinderlint.toml", "rules-dir = 'site'\nrelease = '2026.2'\nroot = 'root'\nselect = ['SITE001']\n"),
        ("root/etc/cinder/x", ""),
        ("site/SITE001.toml", &format!("{head}{rule}")),
        ("cinder.conf", conf),
    ])
}

/// The findings of one rule of a site.
fn found(rule: &str, conf: &str) -> Vec<Value> {
    let document = place(rule, conf).json(&["check", "--format", "json", "cinder.conf"]);
    document["findings"].as_array().unwrap_or_else(|| panic!("{document}")).clone()
}

/// Line, and message, of each finding.
fn said(rule: &str, conf: &str) -> Vec<(u64, String)> {
    let say = |finding: &Value| (finding["line"].as_u64().unwrap(), finding["message"].as_str().unwrap().to_string());
    found(rule, conf).iter().map(say).collect()
}

#[test]
fn facts_of_a_backend() {
    let rule = "families = [\"indicator\"]\nat = [\"driver\"]\nmessage = \"{backend} {enabled} {section} {driver} {class} {family} \
        {release} {release-given} {validates} {checks-snapshots} {bad-address} {policy} {operations} \
        {operations-if-new-install} {operations-if-existing} {permissions} {starts} {shares} {shares-from} {share} \
        {consulted-share} {indicator} {reads-pair} {active-active} {complete} {exists:nfs_shares_config} \
        {exists:nfs_mount_point_base} {option:nas_host} {option:DEFAULT/transport_url}\"\n";
    let class = "cinder.volume.drivers.nfs.NfsDriver";
    assert_eq!(
        said(rule, CONF),
        [(
            7,
            format!(
                "nfs1 true true {class} {class} indicator 2026.2 true true true false explicit true true true \
                 undetermined yes 1 pair h:/a h:/a unknown true false true false false h rabbit://u:***@h/"
            )
        )]
    );
    // What is not known is a question mark; nothing of a driver outside Cinder is.
    let odd = CONF.replace("cinder.volume.drivers.nfs.NfsDriver", "acme.Driver").replace("[database]", "[databases]");
    let rule = "at = [\"listed\"]\nmessage = \"{family} {validates} {shares} {shares-from} {share} {active-active} {complete} {starts}\"\n";
    assert_eq!(said(rule, &odd), [(2, "unknown false ? ? ? ? false undetermined".to_string())]);
}

#[test]
fn what_a_template_may_add_is_not_known_to_be_complete() {
    let rule = "at = [\"driver\"]\nmessage = \"{complete}\"\n";
    let line = "volume_driver = cinder.volume.drivers.nfs.NfsDriver\n";
    assert_eq!(said(rule, CONF), [(7, "true".to_string())]);
    // A value that is to come adds no section, a section whose name is to come may be any.
    let value = CONF.replace(line, &format!("{line}san_login = {{{{ x }}}}\n"));
    assert_eq!(said(rule, &value), [(7, "true".to_string())]);
    assert_eq!(said(rule, &format!("{CONF}[{{{{ x }}}}]\na = b\n")), [(7, "false".to_string())]);
}

#[test]
fn the_class_behind_a_proxy() {
    let rule = "at = [\"driver\"]\nmessage = \"{class}\"\n";
    for (family, protocol, class) in [
        ("ontap_7mode", "nfs", "netapp.dataontap.nfs_7mode.NetApp7modeNfsDriver"),
        ("ontap_cluster", "nfs", "netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver"),
        ("ontap_cluster", "iscsi", "netapp.common.NetAppDriver"),
    ] {
        let conf = format!(
            "[DEFAULT]\nenabled_backends = n\n[n]\nvolume_driver = cinder.volume.drivers.netapp.common.NetAppDriver\n\
             netapp_storage_family = {family}\nnetapp_storage_protocol = {protocol}\n"
        );
        let place = place(rule, &conf);
        let document = place.json(&["check", "--format", "json", "--release", "mitaka", "cinder.conf"]);
        assert_eq!(document["findings"][0]["message"], format!("cinder.volume.drivers.{class}"));
    }
}

#[test]
fn facts_of_the_option_that_a_rule_looks_at() {
    let rule = "options = [\"nas_secure_file_operations\", \"nas_secure_file_permissions\", \"volume_backend_name\"]\n\
        when = { option = \"this\", set = true }\nat = [\"value:this\"]\n\
        message = \"{option} {value} {lower} {unresolved-this} {effective} {if-new-install} {if-existing} {if-false}; {if-true}; \
        {state} {if-state} {demanded} {if-effective} {reads-this}\"\n";
    assert_eq!(
        said(rule, CONF),
        [
            (8, "volume_backend_name Big One big one false ? ? ? ?; ?; ? ? ? ? true".to_string()),
            (
                12,
                "nas_secure_file_operations TRUE true false true true true commands run as root, snapshots are available; \
                 commands run as cinder, no snapshots; true commands run as cinder, no snapshots ? commands run as cinder, \
                 no snapshots true"
                    .to_string()
            ),
            (
                13,
                "nas_secure_file_permissions auto auto false undetermined true undetermined files get mode 0666; files get mode 0660; \
                 undetermined ? ? ? true"
                    .to_string()
            ),
        ]
    );
}

#[test]
fn facts_and_places_of_the_services() {
    let conf = "[DEFAULT]\nenabled_backends = a\nsql_connection = sqlite://u:hunter2@h/x\n[database]\nconnection =\n";
    let rule = "about = \"service\"\noptions = [\"database/connection\"]\nwhen = { option = \"this\", set = true }\n\
        message = \"{option} {key} {section} {release} {release-given} {complete} {value}\"\n";
    for (at, text) in [("value", ""), ("key", "connection"), ("setting", "connection =")] {
        let finding = found(&format!("{rule}at = [\"{at}:this\"]\n"), conf).remove(0);
        assert_eq!(finding["message"], "connection connection database 2026.2 true false ");
        let place = |key: &str| finding[key].as_u64().unwrap() as usize;
        let shown = &conf[place("byte_start")..place("byte_end")];
        // An empty value is shown with its assignment.
        assert!(shown == text || text.is_empty() && shown == "connection =", "{at}: {shown:?}");
    }
    assert_eq!(said(&format!("{rule}at = [\"key:this\"]\n"), "[DEFAULT]\nenabled_backends = a\n"), []);
}

#[test]
fn conditions() {
    let conditions = [
        ("{ option = \"volume_backend_name\", is = \"Big One\" }", true),
        ("{ option = \"volume_backend_name\", is = \"big one\" }", false),
        ("{ option = \"volume_backend_name\", in = [\"x\", \"Big One\"] }", true),
        ("{ option = \"volume_backend_name\", in = [\"x\", \"Big\"] }", false),
        ("{ option = \"volume_backend_name\", in-any-case = [\"big one\"] }", true),
        ("{ option = \"volume_backend_name\", in-any-case = [\"big\"] }", false),
        ("{ option = \"volume_backend_name\", contains = [\"x\", \"g O\"] }", true),
        ("{ option = \"volume_backend_name\", contains = [\"go\"] }", false),
        ("{ option = \"volume_backend_name\", starts-with = [\"Big\"] }", true),
        ("{ option = \"volume_backend_name\", starts-with = [\"One\"] }", false),
        ("{ option = \"volume_backend_name\", ends-with = [\"One\"] }", true),
        ("{ option = \"volume_backend_name\", ends-with = [\"Big\"] }", false),
        ("{ option = \"volume_backend_name\", items = [\"One\"] }", true),
        ("{ option = \"volume_backend_name\", items = [\"Big One\"] }", false),
        ("{ option = \"volume_backend_name\", json = false }", true),
        ("{ option = \"nfs_mount_attempts\", json = true }", true),
        ("{ option = \"nfs_mount_attempts\", json = false }", false),
        ("{ option = \"nfs_mount_attempts\", above = 6 }", true),
        ("{ option = \"nfs_mount_attempts\", above = 7 }", false),
        ("{ option = \"nfs_mount_attempts\", below = 8 }", true),
        ("{ option = \"nfs_mount_attempts\", below = 7 }", false),
        ("{ option = \"volume_backend_name\", above = 0 }", false),
        ("{ option = \"nas_secure_file_operations\", bool = true }", true),
        ("{ option = \"nas_secure_file_operations\", bool = false }", false),
        ("{ option = \"volume_backend_name\", bool = false }", false),
        ("{ option = \"nfs_mount_options\", empty = true }", true),
        ("{ option = \"volume_backend_name\", empty = true }", false),
        ("{ option = \"volume_backend_name\", empty = false }", true),
        ("{ option = \"volume_backend_name\", set = true }", true),
        ("{ option = \"nfs_sparsed_volumes\", set = true }", false),
        ("{ option = \"nfs_sparsed_volumes\", set = false, bool = true }", true),
        ("{ option = \"no_such_option\", set = false }", true),
        ("{ option = \"no_such_option\", contains = [\"\"] }", false),
        ("{ option = \"nfs_mount_attempts\", no-multiple-of = \"num_volume_device_scan_tries\" }", true),
        ("{ option = \"num_volume_device_scan_tries\", no-multiple-of = \"num_volume_device_scan_tries\" }", false),
        ("{ option = \"nfs_mount_attempts\", no-multiple-of = \"reserved_percentage\" }", false),
        ("{ option = \"nfs_mount_attempts\", no-multiple-of = \"volume_backend_name\" }", false),
        ("{ fact = \"family\", is = \"indicator\" }", true),
        ("{ fact = \"start-error\", set = false }", true),
        ("{ fact = \"start-error\", set = true }", false),
        ("{ any = [{ fact = \"starts\", is = \"no\" }, { fact = \"starts\", is = \"yes\" }] }", true),
        ("{ any = [{ fact = \"starts\", is = \"no\" }] }", false),
        ("{ all = [{ fact = \"starts\", is = \"no\" }, { fact = \"starts\", is = \"yes\" }] }", false),
        ("{ not = { fact = \"starts\", is = \"no\" } }", true),
        ("{ not = { fact = \"starts\", is = \"yes\" } }", false),
    ];
    let place = TestDir::new(&[
        ("cinderlint.toml", "rules-dir = 'site'\nrelease = '2026.2'\nselect = ['SITE']\n"),
        ("cinder.conf", CONF),
    ]);
    for (nth, (when, _)) in conditions.iter().enumerate() {
        let head = format!(
            "id = \"SITE{nth:03}\"\nname = \"site-{nth}\"\nseverity = \"warning\"\nsummary = \"S\"\nwhy = \"W\"\n"
        );
        let rule = format!("{head}instead = \"I\"\nwhen = {when}\nat = [\"header\"]\nmessage = \"M\"\n");
        place.write(&format!("site/SITE{nth:03}.toml"), &rule);
    }
    let found = place.findings(&["cinder.conf"]);
    for (nth, (when, holds)) in conditions.iter().enumerate() {
        assert_eq!(found.contains(&format!("cinder.conf:6 SITE{nth:03}")), *holds, "{when}");
    }
}

#[test]
fn places_of_a_backend() {
    let conf =
        format!("{CONF}[backend_defaults]\nreserved_percentage = 3\n").replace("[database]", "san_ip = x\n[database]");
    for (at, line) in [
        ("header", 7),
        ("driver", 8),
        ("listed", 2),
        ("value:nas_host", 11),
        ("key:nas_host", 11),
        ("value:reserved_percentage", 17),
        ("default:san_ip", 4),
        ("value:database/connection", 6),
        // Only where the backend's own section has it: otherwise the next place counts.
        ("own:reserved_percentage", 8),
        ("own:nas_host", 11),
    ] {
        assert_eq!(said(&format!("at = [\"{at}\"]\nmessage = \"M\"\n"), &conf), [(line, "M".to_string())], "{at}");
    }
}

#[test]
fn rules_may_narrow_down_what_a_check_finds() {
    let conf = "[DEFAULT]\nenabled_backends = a\ndebgu = one\nverbos = two\n";
    let rule = "check = \"options\"\nkind = \"unknown\"\nmessage = \"{section}: {option} = {value}, {option:this}\"\n";
    let all = [(3, "DEFAULT: debgu = one, one".to_string()), (4, "DEFAULT: verbos = two, two".to_string())];
    assert_eq!(said(rule, conf), all);
    assert_eq!(said(&format!("{rule}when = {{ option = \"this\", is = \"two\" }}\n"), conf), all[1..]);
    assert_eq!(said(&format!("{rule}when = {{ option = \"this\", set = true }}\n"), conf), all);
    assert_eq!(
        said(
            &format!("{rule}when = {{ fact = \"kind\", is = \"not-read\" }}\n").replace("kind = \"unknown\"\n", ""),
            conf
        ),
        []
    );
    assert_eq!(said(&format!("{rule}options = [\"debgu\"]\n"), conf), all[..1]);
}

#[test]
fn the_name_of_a_backends_host_is_read_before_its_driver() {
    let conf = "[DEFAULT]\nenabled_backends = a\n[backend_defaults]\nbackend_host = x\nreserved_percentage = 3\n[a]\nvolume_driver = acme.D\n";
    let rule = "check = \"options\"\nkind = \"not-read\"\nmessage = \"{option}\"\n";
    assert_eq!(said(rule, conf), [(4, "backend_host".to_string())]);
}

#[test]
fn a_value_of_several_lines_is_said_in_one() {
    let conf = CONF.replace("Big One", "Big\n  One\u{1b}");
    let rule = "options = [\"volume_backend_name\"]\nat = [\"value:this\"]\nmessage = \"{value}\"\n";
    assert_eq!(said(rule, &conf), [(8, "Big\u{23ce}One\u{fffd}".to_string())]);
}

#[test]
fn fixes_of_a_site() {
    let rule = |fix: &str| {
        format!(
            "at = [\"value:nfs_mount_options\"]\nmessage = \"M {{{{x}}}} }} {{\"\n[[fix]]\ntitle = \"T\"\nsafe = true\n{fix}"
        )
    };
    for (fix, old, new) in [
        // Behind the sign of an option that has no value.
        ("at = \"this\"\ntext = \"hard,{{x}}\"\n", "nfs_mount_options =", "nfs_mount_options = hard,{x}"),
        ("at = \"value:nas_host\"\ntext = \"{backend}.example\"\n", "nas_host = h", "nas_host = nfs1.example"),
        ("below = \"header\"\ntext = \"a = {option:nfs_mount_attempts}\"\n", "[nfs1]\n", "[nfs1]\na = 7\n"),
        // What is not known, or is a secret, is not written.
        ("at = \"this\"\ntext = \"{start-error}\"\n", "", ""),
        ("at = \"this\"\ntext = \"{option:DEFAULT/transport_url}\"\n", "", ""),
        ("at = \"value:san_ip\"\ntext = \"x\"\n", "", ""),
    ] {
        let finding = found(&rule(fix), CONF).remove(0);
        let mut fixed = CONF.to_string();
        for edit in finding["fix"]["edits"].as_array().into_iter().flatten() {
            let at = |key: &str| edit[key].as_u64().unwrap() as usize;
            fixed.replace_range(at("byte_start")..at("byte_end"), edit["text"].as_str().unwrap());
        }
        assert_eq!(fixed, if old.is_empty() { CONF.into() } else { CONF.replace(old, new) }, "{finding}");
    }
    assert_eq!(said(&rule("at = \"this\"\ntext = \"x\"\n"), CONF), [(14, "M {x} } {".to_string())]);
}

#[test]
fn words_that_nobody_knows_are_answered_wherever_they_stand() {
    let rule = "at = [\"header\"]\nmessage = \"M\"\n";
    for (wrong, part) in [
        ("help = \"{opton}\"\n", "unknown placeholder `opton`"),
        ("help = \"{}\"\n", "unknown placeholder ``"),
        ("[[help-when]]\nwhen = { fact = \"strts\", is = \"x\" }\nhelp = \"H\"\n", "unknown fact `strts`"),
        ("[[help-when]]\nwhen = { fact = \"starts\", is = \"no\" }\nhelp = \"{hlp}\"\n", "unknown placeholder `hlp`"),
        ("[[related]]\nat = [\"heder\"]\nmessage = \"M\"\n", "unknown place `heder`"),
        ("[[related]]\nat = [\"header\"]\nmessage = \"{mesage}\"\n", "unknown placeholder `mesage`"),
        (
            "[[unsure]]\nwhen = { any = [{ fact = \"strts\", is = \"x\" }] }\nseverity = \"info\"\n",
            "unknown fact `strts`",
        ),
        (
            "[[unsure]]\nwhen = { not = { fact = \"exsts:x\", is = \"x\" } }\nseverity = \"info\"\n",
            "unknown fact `exsts:x`",
        ),
        (
            "[[unsure]]\nwhen = { fact = \"starts\", is = \"no\" }\nseverity = \"info\"\nbecause = \"{why}\"\n",
            "unknown placeholder `why`",
        ),
        (
            "[[fix]]\nwhen = { all = [{ fact = \"strts\", is = \"x\" }] }\nat = \"this\"\ntext = \"x\"\ntitle = \"T\"\n",
            "unknown fact `strts`",
        ),
        ("[[fix]]\nat = \"headr\"\ntext = \"x\"\ntitle = \"T\"\n", "unknown place `headr`"),
        ("[[fix]]\nbelow = \"lsted\"\ntext = \"x\"\ntitle = \"T\"\n", "unknown place `lsted`"),
        ("[[fix]]\nat = \"this\"\ntext = \"{txt}\"\ntitle = \"T\"\n", "unknown placeholder `txt`"),
        ("[[fix]]\nat = \"this\"\ntext = \"x\"\ntitle = \"{titl}\"\n", "unknown placeholder `titl`"),
        ("help = \"{{no}} {option:any} {exists:any} {family\"\n", ""),
        ("help = 3\n", "expected a string"),
        ("references = [3]\n", "expected a string"),
    ] {
        let (code, _, err) = place(&format!("{rule}{wrong}"), CONF).said(&["check", "cinder.conf"]);
        assert_eq!(code, if part.is_empty() { 0 } else { 2 }, "{wrong}{err}");
        assert!(err.contains(part), "{wrong}{err}");
    }
    // A service has other facts and places.
    for (wrong, part) in [
        ("at = [\"header\"]\nmessage = \"M\"\n", "unknown place `header`"),
        ("at = [\"value:debug\"]\nmessage = \"{family}\"\n", "unknown placeholder `family`"),
        ("at = [\"value:debug\"]\nmessage = \"{exists:debug}\"\n", "unknown placeholder `exists:debug`"),
        ("families = [\"not-nas\"]\nat = [\"setting:debug\"]\nmessage = \"{key}\"\n", ""),
    ] {
        let (code, _, err) = place(&format!("about = \"service\"\n{wrong}"), CONF).said(&["check", "cinder.conf"]);
        assert_eq!(code, if part.is_empty() { 0 } else { 2 }, "{wrong}{err}");
        assert!(err.contains(part), "{wrong}{err}");
    }
}

/// Whether a rule speaks of a configuration that is the same but for one value: as it is, and with a template's.
fn speaks_of_both(rule: &str, conf: &str, line: &str) -> [bool; 2] {
    let (key, _) = line.split_once('=').unwrap();
    assert!(conf.contains(line));
    [conf.to_string(), conf.replace(line, &format!("{key}= {{{{ x }}}}\n"))].map(|conf| !said(rule, &conf).is_empty())
}

#[test]
fn facts_that_a_template_has_yet_to_write_are_neither_so_nor_not() {
    let not = |fact: &str| {
        let other = match fact {
            "unresolved-this" => "true",
            "family" => "gpfs",
            "shares" => "77",
            "shares-from" => "file",
            "shares-file" => "no-name",
            "exists:nfs_shares_config" => "false",
            _ => "other",
        };
        format!("when = {{ not = {{ fact = \"{fact}\", is = \"{other}\" }} }}\nmessage = \"M\"\n")
    };
    let service = "about = \"service\"\noptions = [\"database/connection\"]\nat = [\"value:DEFAULT/transport_url\", \"key:this\"]\n";
    for fact in ["value", "key"] {
        let rule = format!("{service}{}", not(fact));
        assert_eq!(speaks_of_both(&rule, CONF, "connection = sqlite://\n"), [true, false], "{fact}");
    }
    let pair = "options = [\"nas_secure_file_operations\"]\nat = [\"header\"]\n";
    for fact in ["value", "lower", "reason", "unresolved-this"] {
        let rule = format!("{pair}{}", not(fact));
        assert_eq!(speaks_of_both(&rule, CONF, "nas_secure_file_operations = TRUE\n"), [true, false], "{fact}");
    }
    let driver = "volume_driver = cinder.volume.drivers.nfs.NfsDriver\n";
    for fact in ["class", "driver", "family", "shares", "shares-from", "shares-file"] {
        let rule = format!("at = [\"header\"]\n{}", not(fact));
        let of_shares = fact.starts_with("shares");
        assert_eq!(speaks_of_both(&rule, CONF, driver), [true, of_shares], "{fact}");
        for line in ["nas_host = h\n", "nas_share_path = /a\n"] {
            assert_eq!(speaks_of_both(&rule, CONF, line), [true, !of_shares], "{fact} {line}");
            // Another driver has no shares, whatever its options say.
            let other = CONF.replace("nfs.NfsDriver", "lvm.LVMVolumeDriver");
            assert_eq!(speaks_of_both(&rule, &other, line), [true, true], "{fact} {line}");
        }
    }
    let rule = format!("at = [\"header\"]\n{}", not("exists:nfs_shares_config"));
    let conf = format!("{CONF}nfs_shares_config = /etc/cinder/x\n");
    assert_eq!(speaks_of_both(&rule, &conf, "nfs_shares_config = /etc/cinder/x\n"), [true, false]);
}

#[test]
fn secrets_are_covered_under_each_word() {
    let conf = CONF.replace("[nfs1]", "my_password = hunter3\n[nfs1]\nnas_password = hunter2");
    let rule =
        "options = [\"nas_password\"]\nat = [\"value:this\"]\nmessage = \"{option:nas_password} {option:this}\"\n";
    assert_eq!(said(rule, &conf), [(8, "*** ***".to_string())]);
    let rule = "check = \"options\"\nkind = \"unknown\"\nmessage = \"{option:this} {value}\"\n";
    assert_eq!(said(rule, &conf), [(6, "*** ***".to_string())]);
}

#[test]
fn what_is_stated_is_stated_even_where_nothing_starts() {
    let rule = "options = [\"nas_secure_file_operations\", \"nas_secure_file_permissions\"]\nat = [\"value:this\"]\n\
        message = \"{state} {if-state} {effective}\"\n";
    let conf = CONF
        .replace("nas_host = h\n", "nfs_shares_config = /none\n")
        .replace("permissions = auto", "permissions = FALSE");
    assert_eq!(
        said(rule, &conf),
        [
            (12, "true commands run as cinder, no snapshots error".to_string()),
            (13, "false files get mode 0666 error".to_string())
        ]
    );
}

#[test]
fn where_the_shares_are_said_to_be() {
    let rule = "at = [\"header\"]\nmessage = \"{shares-file} {shares-file-path}\"\n";
    let conf = CONF.replace("nas_host = h\n", "nfs_shares_config = /etc/cinder/x\n");
    for (text, state) in [("", "empty"), ("# h:/a\n", "empty"), ("h:/a\n", "read")] {
        let place = place(rule, &conf);
        place.write("root/etc/cinder/x", text);
        let document = place.json(&["check", "--format", "json", "cinder.conf"]);
        assert_eq!(document["findings"][0]["message"], format!("{state} /etc/cinder/x"), "{text:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_on_this_machine_may_be_on_the_other() {
    let rule = "at = [\"header\"]\nmessage = \"{exists:nfs_shares_config}\"\n";
    let place = place(rule, CONF);
    place.write("cinderlint.toml", "rules-dir = 'site'\nrelease = '2026.2'\nselect = ['SITE001']\n");
    let here = place.path("").to_str().unwrap().trim_end_matches('/').to_string();
    for (path, exists) in [
        (format!("{here}/cinder.conf"), "true"),
        // The folder is here, the file is not.
        (format!("{here}/none"), "false"),
        (format!("{here}/none/none"), "unknown"),
        ("none".to_string(), "?"),
    ] {
        place.write("cinder.conf", &format!("{CONF}nfs_shares_config = {path}\n"));
        let document = place.json(&["check", "--format", "json", "cinder.conf"]);
        assert_eq!(document["findings"][0]["message"], exists, "{path}");
    }
}

#[test]
fn related_places_and_doubts_of_a_site() {
    let rule = "at = [\"header\"]\nmessage = \"M\"\n[[related]]\nat = [\"driver\", \"listed\"]\nmessage = \"R\"\n\
        [[fix]]\nat = \"value:nas_host\"\ntext = \"x\"\ntitle = \"T\"\nsafe = true\n\
        [[unsure]]\nseverity = \"info\"\nwhen = ";
    for (when, severity, applies) in [
        ("{ fact = \"starts\", is = \"no\" }", "warning", "safe"),
        // It is said less loudly, and mended all the same.
        ("{ fact = \"starts\", is = \"yes\" }", "info", "safe"),
        // Another release would have another text.
        ("{ fact = \"release-given\", is = \"true\" }", "info", "unsafe"),
        ("{ fact = \"release-given\", is = \"false\" }", "warning", "safe"),
    ] {
        let place = place(&format!("{rule}{when}\n"), CONF);
        let document = place.json(&["check", "--pedantic", "--format", "json", "cinder.conf"]);
        let finding = &document["findings"][0];
        assert_eq!(finding["related"][0]["line"], 7, "{when}");
        assert_eq!(finding["severity"], severity, "{when}");
        assert_eq!(finding["fix"]["applicability"], applies, "{when}");
    }
}

#[test]
fn checks_that_there_are() {
    for check in ["options", "suppressions", "audit", "nothing"] {
        let (code, _, err) =
            place(&format!("check = \"{check}\"\nmessage = \"M\"\n"), CONF).said(&["check", "cinder.conf"]);
        assert_eq!((code, err.contains(check)), if check == "nothing" { (2, true) } else { (0, false) }, "{err}");
    }
}

#[test]
fn rules_of_a_site_speak_of_many_backends_as_of_few() {
    let backend = |at: usize, more: &str| {
        format!(
            "[b{at}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = h\nnas_share_path = /a{at}\n{more}"
        )
    };
    let conf = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("b{at}")).collect();
        let mut conf = format!("[DEFAULT]\nenabled_backends = {}\n", names.join(","));
        conf.push_str(&backend(0, "volume_backend_name = x\nnum_volume_device_scan_tries = 2\n"));
        (1..count).for_each(|at| conf.push_str(&backend(at, "")));
        conf
    };
    for (rule, of_first, of_each) in [
        ("options = [\"nas_host\", \"nas_login\"]\nwhen = { option = \"volume_backend_name\", is = \"x\" }\n", 2, 0),
        ("options = [\"nas_host\", \"nas_login\"]\nwhen = { option = \"this\", set = true }\n", 1, 1),
        ("when = { option = \"nfs_mount_attempts\", no-multiple-of = \"num_volume_device_scan_tries\" }\n", 1, 0),
        ("when = { option = \"DEFAULT/enabled_backends\", set = true }\n", 1, 1),
    ] {
        let rule = format!("{rule}at = [\"header\"]\nmessage = \"M\"\n");
        for count in [2, 70] {
            assert_eq!(found(&rule, &conf(count)).len(), of_first + of_each * (count - 1), "{count} backends, {rule}");
        }
    }
}

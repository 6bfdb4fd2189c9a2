//! `cinderlint upgrade`: what changes between two releases, and the edits that keep what the files mean.

use cinderlint::catalog;
use serde_json::Value;

use crate::command::TestDir;

const OLD: &str = "\
[DEFAULT]
enabled_backends = lvm
verbose = true
rpc_thread_pool_size = 64
[lvm]
# tgt is what we have
iscsi_helper = tgtadm
volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver
[sql]
connection = mysql+pymysql://cinder:hunter2@db/cinder
";

fn changes(document: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|f| (text(&f["change"]["release"]), text(&f["change"]["kind"]), text(&f["option"]))).collect()
}

#[test]
fn each_change_is_told_once_with_the_release_that_brings_it() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let document = place.json(&["upgrade", "--from", "newton", "--format", "json", "cinder.conf"]);
    assert_eq!(document["upgrade"]["from"], "newton");
    assert_eq!(document["upgrade"]["to"], "2026.2");
    let found = changes(&document);
    let has = |release: &str, kind: &str, option: &str| {
        found.contains(&(release.to_string(), kind.to_string(), option.to_string()))
    };
    assert!(has("pike", "ignored", "verbose"), "{found:?}");
    assert!(has("stein", "ignored", "iscsi_helper"), "{found:?}");
    assert!(has("pike", "meaning", "lvm_type"), "{found:?}");
    let releases: Vec<&String> = found.iter().map(|(release, ..)| release).collect();
    let mut sorted = releases.clone();
    sorted.sort_by_key(|release| release.parse::<cinderlint::catalog::Release>().unwrap());
    assert_eq!(releases, sorted, "release by release");
}

#[test]
fn what_was_dead_before_is_no_change() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let document = place.json(&["upgrade", "--from", "queens", "--format", "json", "cinder.conf"]);
    assert!(changes(&document).iter().all(|(_, _, option)| option != "verbose"));
    let document = place.json(&["upgrade", "--from", "stein", "--to", "train", "--format", "json", "cinder.conf"]);
    assert!(changes(&document).iter().all(|(_, _, option)| option != "iscsi_helper"));
}

#[test]
fn what_stops_a_backend_is_an_error() {
    let text = "\
[DEFAULT]
enabled_backends = x
[x]
volume_driver = cinder.volume.drivers.sheepdog.SheepdogDriver
enable_unsupported_driver = true
";
    let place = TestDir::new(&[("cinder.conf", text)]);
    let (code, said, _) = place.said(&["upgrade", "--from", "train", "--to", "ussuri", "--format", "concise", "."]);
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("cinder.conf:4:17: error[CND512]"), "{said}");
    let (code, said, _) = place.said(&["upgrade", "--from", "ussuri", "--format", "concise", "."]);
    assert!(code == 0 && !said.contains("CND512"), "{said}");
}

#[test]
fn safe_fixes_rename_and_move_what_the_old_release_reads() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    place.run(&["upgrade", "--from", "newton", "--fix", "cinder.conf"]);
    let text = place.read("cinder.conf");
    assert!(text.contains("# tgt is what we have\ntarget_helper = tgtadm\n"), "{text}");
    assert!(text.ends_with("[sql]\n\n[database]\nconnection = mysql+pymysql://cinder:hunter2@db/cinder\n"), "{text}");
    assert!(text.contains("verbose = true\n"), "only --unsafe-fixes removes a line: {text}");
}

#[test]
fn unsafe_fixes_remove_dead_lines_and_keep_old_defaults() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    place.run(&["upgrade", "--from", "newton", "--fix", "--unsafe-fixes", "cinder.conf"]);
    let text = place.read("cinder.conf");
    assert!(!text.contains("verbose"), "{text}");
    assert!(text.contains("[lvm]\nlvm_type = default\n"), "{text}");
    // A second time there is nothing left to write.
    place.run(&["upgrade", "--from", "newton", "--fix", "--unsafe-fixes", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), text);
}

#[test]
fn a_secret_that_is_moved_stands_in_no_report() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    for arguments in [
        &["upgrade", "--from", "newton", "--format", "json"][..],
        &["upgrade", "--from", "newton", "--format", "sarif"],
        &["upgrade", "--from", "newton", "--format", "rdjson"],
        &["upgrade", "--from", "newton", "--format", "markdown"],
        &["upgrade", "--from", "newton", "--unsafe-fixes", "--diff"],
    ] {
        let (_, said, errors) = place.said(&[arguments, &["cinder.conf"]].concat());
        assert!(!said.contains("hunter2") && !errors.contains("hunter2"), "{said}{errors}");
    }
}

#[test]
fn a_step_back_and_a_missing_start_are_refused() {
    let place = TestDir::new(&[("cinder.conf", "[DEFAULT]\ndebug = true\n")]);
    assert_eq!(place.said(&["upgrade", "--from", "train", "--to", "stein", "."]).0, 2);
    let (code, _, errors) = place.said(&["upgrade", "."]);
    assert!(code == 2 && errors.contains("--from"), "{errors}");
}

#[test]
fn without_a_start_the_files_may_tell_it() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let (code, said, errors) = place.said(&["upgrade", "--format", "json", "."]);
    assert!(code < 2 && errors.contains("Ocata was the last release to read"), "{errors}");
    assert!(said.contains("\"from\": \"ocata\""), "{said}");
}

#[test]
fn a_ticket_in_markdown_has_a_heading_for_each_release() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    let (_, said, _) = place.said(&["upgrade", "--from", "newton", "--format", "markdown", "."]);
    assert!(said.starts_with("# Upgrade of Cinder from Newton to 2026.2\n"), "{said}");
    assert!(said.contains("## Stein: is ignored\n"), "{said}");
}

#[test]
fn each_release_comes_with_the_address_of_its_notes() {
    let place = TestDir::new(&[("cinder.conf", OLD)]);
    for format in ["full", "markdown", "json"] {
        let (_, said, _) = place.said(&["upgrade", "--from", "newton", "--format", format, "."]);
        assert!(said.contains("https://docs.openstack.org/releasenotes/cinder/stein.html"), "{said}");
    }
}

#[test]
fn a_line_goes_only_to_the_option_that_took_its_place() {
    let text =
        "[DEFAULT]\ndebug = true\n[oslo_messaging_rabbit]\npool_timeout = 31\n[matchmaker_redis]\npassword = hunter2\n";
    let place = TestDir::new(&[("cinder.conf", text)]);
    place.run(&["upgrade", "--from", "queens", "--fix", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), text, "options of other sections have these names by chance");
}

#[test]
fn of_several_old_names_the_first_is_renamed() {
    let place = TestDir::new(&[("cinder.conf", "[cache]\nredis_username = a\nmemcache_username = b\n")]);
    place.run(&["upgrade", "--from", "2025.2", "--to", "2026.1", "--fix", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), "[cache]\nusername = b\n");
}

#[test]
fn a_line_whose_place_is_taken_is_removed() {
    let text = "[DEFAULT]\nenabled_backends = b\n[b]\nvolume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver\n\
        iscsi_helper = tgtadm\ntarget_helper = lioadm\n";
    let place = TestDir::new(&[("cinder.conf", text)]);
    place.run(&["check", "--release", "stein", "--fix", "--unsafe-fixes", "cinder.conf"]);
    let text = place.read("cinder.conf");
    assert!(!text.contains("iscsi_helper") && text.contains("target_helper = lioadm\n"), "{text}");
}

#[test]
fn many_removed_options_of_a_file_are_one_finding() {
    let text = "[DEFAULT]\nverbose = true\nrpc_backend = rabbit\nglance_host = 192.0.2.1\nvolume_topic = v\nscheduler_topic = s\n";
    let place = TestDir::new(&[("cinder.conf", text)]);
    let (_, said, _) = place.said(&["check", "--no-settings", "--format", "concise", "."]);
    assert!(said.contains("CND527") && !said.contains("CND501") && !said.contains("CND502"), "{said}");
    let (_, said, _) = place.said(&["check", "--no-settings", "--release", "2026.2", "--format", "concise", "."]);
    assert!(!said.contains("CND527") && said.contains("`verbose`"), "{said}");
    let document = place.json(&["check", "--no-settings", "--format", "json", "."]);
    assert!(document.to_string().contains("scheduler_topic"), "each line belongs to it: {document}");
}

#[test]
fn a_line_goes_to_the_section_of_its_successor_though_its_own_has_an_option_of_that_name() {
    let text =
        "[DEFAULT]\nnotification_transport_url = rabbit://192.0.2.9:5672/\ntransport_url = rabbit://192.0.2.8:5672/\n";
    for text in [text, text.rsplit_once("transport_url").map(|(first, _)| first).unwrap()] {
        let place = TestDir::new(&[("cinder.conf", text)]);
        place.run(&["upgrade", "--from", "2024.2", "--fix", "cinder.conf"]);
        let moved = "\n[oslo_messaging_notifications]\ntransport_url = rabbit://192.0.2.9:5672/\n";
        let kept = text.replace("notification_transport_url = rabbit://192.0.2.9:5672/\n", "");
        assert_eq!(place.read("cinder.conf"), format!("{kept}{moved}"));
    }
}

#[test]
fn of_an_option_with_many_lines_a_single_one_is_moved() {
    for from in ["2024.1", "2024.2"] {
        let place = TestDir::new(&[("cinder.conf", "[DEFAULT]\nnotification_driver = messagingv2\n")]);
        place.run(&["upgrade", "--from", from, "--to", "2025.1", "--fix", "cinder.conf"]);
        assert_eq!(place.read("cinder.conf"), "[DEFAULT]\n\n[oslo_messaging_notifications]\ndriver = messagingv2\n");
    }
    // Several go together, which no single fix can do.
    let text = "[DEFAULT]\nnotification_driver = messagingv2\nnotification_driver = log\n";
    let place = TestDir::new(&[("cinder.conf", text)]);
    place.run(&["upgrade", "--from", "2024.1", "--fix", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), text);
}

#[test]
fn a_single_text_becomes_a_list_of_it() {
    let with = |pool: &str| {
        format!(
            "[DEFAULT]\nenabled_backends = b\n[b]\nvolume_driver = cinder.volume.drivers.hpe.xp.hpe_xp_fc.HPEXPFCDriver\n{pool}\n"
        )
    };
    let place = TestDir::new(&[("cinder.conf", &with("hpxp_pool = p1"))]);
    place.run(&["check", "--release", "2026.2", "--fix", "--unsafe-fixes", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), with("hpexp_pools = p1"));
    let place = TestDir::new(&[("cinder.conf", &with("hpxp_pool = a,b"))]);
    place.run(&["check", "--release", "2026.2", "--fix", "--unsafe-fixes", "cinder.conf"]);
    assert_eq!(place.read("cinder.conf"), with("hpxp_pool = a,b"), "that is one pool with a comma");
}

#[test]
fn of_a_line_that_a_note_renames_one_finding_speaks() {
    let with = |lines: &str| {
        format!(
            "[DEFAULT]\nenabled_backends = b\n[b]\nvolume_driver = cinder.volume.drivers.ibm.ibm_storage.IBMStorageDriver\n{lines}\n"
        )
    };
    let old = with("xiv_ds8k_proxy = a\nxiv_ds8k_connection_type = iscsi\nxiv_chap = disabled");
    let place = TestDir::new(&[("cinder.conf", &old)]);
    let arguments = ["upgrade", "--from", "mitaka", "--to", "ocata", "--format", "concise", "cinder.conf"];
    let (_, said, _) = place.said(&arguments);
    for line in ["cinder.conf:5:", "cinder.conf:6:", "cinder.conf:7:"] {
        let of_line: Vec<&str> = said.lines().filter(|one| one.starts_with(line)).collect();
        assert!(of_line.len() == 1 && of_line[0].contains("CND502"), "{said}");
    }
    place.run(&["upgrade", "--from", "mitaka", "--to", "ocata", "--fix", "--unsafe-fixes", "cinder.conf"]);
    let new = place.read("cinder.conf");
    assert!(new.ends_with("xiv_ds8k_proxy = a\nconnection_type = iscsi\nchap = disabled\n"), "{new}");
}

#[test]
fn no_note_repeats_what_is_said_of_an_option_that_is_gone() {
    for note in catalog::notes() {
        let (release, section) = (note.release, note.section.as_deref().unwrap_or(catalog::BACKENDS));
        // Of a section that is gone as a whole, nothing else says what becomes of its lines.
        if !catalog::group_exists(release, section) && note.section.is_some() {
            continue;
        }
        let was =
            |name: &String| catalog::options_named(name).any(|row| row.group() == section && row.last() < release);
        let is = |name: &String| {
            let rows = catalog::all_options().filter(|row| row.is_in(release));
            catalog::option(release, section, name).is_some() || rows.into_iter().any(|row| row.was_at(section, name))
        };
        let repeats = note.set.iter().find(|name| was(name) && !is(name));
        assert_eq!(repeats, None, "{}: say it in catalog/replacements.json", note.note);
    }
}

/// What an upgrade says of these files, in one line each.
fn said(text: &str, from: &str, to: &str) -> String {
    let place = TestDir::new(&[("cinder.conf", text)]);
    place.said(&["upgrade", "--from", from, "--to", to, "--format", "concise", "cinder.conf"]).1
}

#[test]
fn an_old_name_that_is_an_option_of_its_own_is_read_by_both() {
    let driver = "cinder.volume.drivers.falconstor.iscsi.FSSISCSIDriver";
    let text = format!(
        "[DEFAULT]\nenabled_backends = f\n[f]\nvolume_driver = {driver}\nenable_unsupported_driver = true\nfss_pool = 7\n"
    );
    let found = said(&text, "ocata", "pike");
    let refused = "cinder.conf:6:12: error[CND206]: `fss_pool`: ";
    assert!(found.contains(refused) && found.contains("(it is an old name of `fss_pools`, too)"), "{found}");
    assert!(!said(&format!("{text}fss_pools = A:7\n"), "ocata", "pike").contains("CND206"));
}

#[test]
fn the_driver_of_a_default_section_that_no_backend_reads_was_dead_before() {
    let text = "[DEFAULT]\nenabled_backends = r\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n\
        [r]\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n";
    for from in ["mitaka", "ocata"] {
        assert!(!said(text, from, "queens").contains("CND208"), "{from}");
    }
    let alone = "[DEFAULT]\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n";
    assert!(said(alone, "mitaka", "queens").contains("error[CND133]"));
}

#[test]
fn of_a_change_in_point_releases_it_is_said_that_they_may_have_it() {
    let text =
        "[DEFAULT]\nenabled_backends = v\n[v]\nvolume_driver = cinder.volume.drivers.vmware.vmdk.VMwareVcVmdkDriver\n";
    let found = said(text, "pike", "queens");
    assert!(found.contains("(from Queens on, and in the last point releases of Pike; release note "), "{found}");
    let found = said(text, "ocata", "queens");
    assert!(found.contains("(from Pike on; release note "), "{found}");
}

#[test]
fn defaults_of_fabrics_are_those_of_the_sections_that_are_read() {
    let text = "[DEFAULT]\ndebug = true\n[fc-zone-manager]\nZONE[BRCD_FABRIC_EXAMPLE]\nfc_fabric_user = x\n\
        [fab1]\nfc_fabric_user = x\n";
    let of = |zone: &str| said(&text.replace("ZONE", zone), "queens", "train");
    let found = of("fc_fabric_names = fab1\n");
    assert!(found.contains("`fc_southbound_protocol` in [fab1] is not set"), "{found}");
    assert!(!found.contains("BRCD_FABRIC_EXAMPLE"), "{found}");
    for zone in [
        "",
        "fc_fabric_names = fab1\nzone_driver = cinder.zonemanager.drivers.cisco.cisco_fc_zone_driver.CiscoFCZoneDriver\n",
    ] {
        assert!(!of(zone).contains("fc_southbound_protocol"), "{zone}");
    }
}

#[test]
fn an_old_name_of_an_option_that_two_drivers_of_a_library_list_is_read() {
    let text = "[DEFAULT]\ndebug = true\n[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n";
    assert!(said(text, "ocata", "queens").contains("warning[CND504]: `rabbit_use_ssl` was renamed to `ssl`"));
    assert!(said(text, "ocata", "2025.1").contains("2024.2 was the last release to read it"));
}

#[test]
fn a_line_that_makes_a_section_and_one_that_ends_the_last_one_do_not_mix() {
    let text = "[DEFAULT]\nos_region_name = R\nlock_path = /x\n[oslo_concurrency]\ndisable_process_locking = true";
    let place = TestDir::new(&[("cinder.conf", text)]);
    place.run(&["upgrade", "--from", "queens", "--fix", "cinder.conf"]);
    let wanted =
        "[DEFAULT]\n[oslo_concurrency]\ndisable_process_locking = true\nlock_path = /x\n\n[nova]\nregion_name = R";
    assert_eq!(place.read("cinder.conf"), wanted);
}

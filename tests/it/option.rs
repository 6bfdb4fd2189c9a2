//! `cinderlint option`: what the catalogue knows.

use serde_json::Value;

use crate::command::TestDir;

#[test]
fn an_option_is_described_by_section_type_default_releases_and_drivers() {
    let place = TestDir::new(&[]);
    let (code, said, errors) = place.said(&["option", "nas_secure_file_permissions"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    for part in ["a backend's section", "a string", "auto", "every release", "cinder.volume.drivers.nfs.NfsDriver"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (_, said, _) = place.said(&["option", "debug"]);
    assert!(said.contains("[DEFAULT]") && said.contains("SIGHUP"), "{said}");
    let (_, said, _) = place.said(&["option", "volume_backend_name"]);
    assert!(said.contains("all drivers"), "{said}");
}

#[test]
fn an_old_name_leads_to_the_present_one() {
    let place = TestDir::new(&[]);
    let document = place.json(&["option", "nas_ip", "--format", "json"]);
    let entries = document["options"][0]["entries"].as_array().unwrap();
    let present = entries.iter().find(|entry| entry["name"] == "nas_host").unwrap();
    assert_eq!(present["is_old_name"], true);
    assert_eq!(present["last"], "2026.2");
}

#[test]
fn the_release_decides_the_default_and_who_reads_it() {
    let place = TestDir::new(&[]);
    let entry = |release: &str| -> Value {
        let arguments = ["option", "max_over_subscription_ratio", "--format", "json", "--release", release];
        place.json(&arguments)["options"][0]["entries"][0].clone()
    };
    assert_eq!(entry("2026.2")["default"], "20.0");
    assert_eq!(entry("kilo")["read"], true);
    let (_, said, _) = place.said(&["option", "nfs_oversub_ratio", "--release", "ocata"]);
    assert!(said.contains("Ocata does not read it; write max_over_subscription_ratio"), "{said}");
}

#[test]
fn an_unknown_name_is_an_error_with_a_suggestion() {
    let place = TestDir::new(&[]);
    let (code, said, errors) = place.said(&["option", "debug", "nas_hosts"]);
    assert_eq!(code, 2);
    assert!(said.contains("debug") && errors.contains("did you mean nas_host"), "{said}{errors}");
}

#[test]
fn explain_of_an_option_is_its_description() {
    let place = TestDir::new(&[]);
    let (code, said, _) = place.said(&["explain", "nas_host"]);
    assert!(code == 0 && said.contains("a backend's section"), "{said}");
}

//! What `effective` says of older releases, where the real Cinder of the release was found to do otherwise than the newest.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod common;

use common::Place;
use serde_json::Value;

/// The backend `b` of a text, with the shares file in `shares`, as `effective` shows it at a release.
fn backend(text: &str, arguments: &[&str]) -> Value {
    let place = Place::new(&[("cinder.conf", &format!("[DEFAULT]\nenabled_backends = b\n[b]\n{text}"))]);
    std::fs::create_dir_all(place.path("root/shares.d/folder")).unwrap();
    let document =
        place.json(&[&["effective", "--format", "json", "--root", "root", "cinder.conf"], arguments].concat());
    document["deployments"][0]["backends"][0].clone()
}

#[test]
fn before_pike_a_reference_to_an_unset_option_of_the_backend_is_its_default() {
    let text =
        "volume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = $nfs_mount_attempts-$nas_host\n";
    let name =
        |release: &str| backend(text, &["--release", release])["options"]["volume_backend_name"]["value"].clone();
    assert_eq!(name("ocata"), "3-");
    assert_eq!(name("pike"), "-");
    assert_eq!(name("2026.2"), "-");
}

#[test]
fn exceptions_have_the_names_of_the_python() {
    let nexenta =
        "volume_driver = cinder.volume.drivers.nexenta.nfs.NexentaNfsDriver\nnas_host = h\nnas_share_path = /a\n";
    let missing = format!("{nexenta}nexenta_shares_config = /shares.d/none\n");
    let folder = format!("{nexenta}nexenta_shares_config = /shares.d/folder\n");
    let gone = "volume_driver = cinder.volume.drivers.nothing.Driver\n";
    for (text, python, error) in [
        (missing.as_str(), "2", "IOError: [Errno 2]"),
        (&missing, "3", "FileNotFoundError: [Errno 2]"),
        (&folder, "2", "IOError: "),
        (&folder, "3", "IsADirectoryError: "),
        (gone, "2", "ImportError: No module named nothing"),
        (gone, "3", "ModuleNotFoundError: No module named 'cinder.volume.drivers.nothing'"),
    ] {
        let backend = backend(text, &["--release", "stein", "--python", python]);
        let said = backend["start_error"].as_str().unwrap();
        assert!(said.starts_with(error), "{said}");
    }
}

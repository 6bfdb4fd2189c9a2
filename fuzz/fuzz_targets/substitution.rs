//! References: where they stand, and what they lead to.
#![no_main]

use std::path::Path;

use cinderlint::{
    catalog::Release,
    config::{Config, references},
    source::Files,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for reference in references(text) {
        assert!(text.get(reference.range.clone()).is_some_and(|found| found.contains(reference.name)));
    }
    // Lines of options that Cinder knows, each with a piece of the input; some of them say which backends there are.
    let names = [
        "state_path",
        "my_ip",
        "host",
        "nas_host",
        "volume_dd_blocksize",
        "nfs_mount_point_base",
        "volume_driver",
        "enabled_backends",
    ];
    let mut file = String::from("[DEFAULT]\nenabled_backends = a,b\n");
    for (nth, section) in ["DEFAULT", "a", "backend_defaults", "b"].into_iter().enumerate() {
        file.push_str(&format!("[{section}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n"));
        for (name, value) in names.iter().zip(text.split('\n').cycle().skip(nth)) {
            file.push_str(&format!("{name} = {value}\n"));
        }
    }
    let mut files = Files::default();
    let id = files.add(Path::new("x.conf"), file.into_bytes());
    for release in [Release::NEWEST, Release::OLDEST] {
        let config = Config::new(&files, vec![id], release);
        for backend in config.backends() {
            for name in names {
                let _ = config.backend_text(&backend, name);
                let _ = config.look_up(name, "DEFAULT", None);
            }
        }
    }
});

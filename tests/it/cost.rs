//! What grows in the input and must not grow faster in the output, nor go deeper than the stack. `benches/doubling.py` counts instructions.

#![cfg(unix)]

use crate::command::{TestDir, limited, run};

const NFS: &str = "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_host = h\nnas_share_path = /x\n";

/// The output of a run on one file, with limits on time and memory.
fn said(name: &str, text: &str, more: &[&str]) -> (i32, String) {
    let place = TestDir::new(&[(name, text), ("vars.yml", "c: 1\n")]);
    let args = [&["check", "--pedantic"], more, &[name]].concat();
    let output = limited(&place.path(""), &args).output().unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("{name} {more:?}: {:?}", output.status));
    (code, String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn one_value_with_very_many_references() {
    let (code, out) =
        said("cinder.conf", &format!("{NFS}nfs_mount_options = {}\n", "$zz ".repeat(100_000)), &["--format", "json"]);
    assert!(code == 1 && out.contains("$zz`") && out.len() < 100_000, "{code}: {} bytes", out.len());
    let names: String = (0..20_000).map(|n| format!("$z{n} ")).collect();
    let (code, out) = said("cinder.conf", &format!("{NFS}nfs_mount_options = {names}\n"), &["--format", "json"]);
    assert!(code == 1 && out.len() < 200_000, "{code}: {} bytes", out.len());
}

#[test]
fn a_long_name_in_many_findings() {
    for name in ["s".repeat(100_000), format!("password {}", "s".repeat(100_000))] {
        let (code, out) =
            said("cinder.conf", &format!("[{name}]\n{}", "debug = 1\n".repeat(1000)), &["--format", "json"]);
        assert!(code < 2 && out.len() < 2_000_000, "{code}: {} bytes", out.len());
        let (code, out) = said("cinder.conf", &format!("[DEFAULT]\n{name} = 1\n{name} = 2\n"), &["--format", "json"]);
        assert!(code < 2 && out.len() < 50_000, "{code}: {} bytes", out.len());
    }
}

#[test]
fn a_template_that_is_deeper_than_the_stack() {
    for text in [
        format!("[DEFAULT]\n{{% if a %}}\n{}{{% endif %}}\n", "{% elif b %}\nx = 1\n".repeat(16_000)),
        format!("[DEFAULT]\n{}x = 1\n{}", "{% if a %}\n".repeat(16_000), "{% endif %}\n".repeat(16_000)),
    ] {
        let (code, out) = said("cinder.conf", &text, &["--format", "concise", "--vars", "vars.yml"]);
        assert!(code == 2 && out.contains("too many branches"), "{code}: {}", &out[..out.len().min(300)]);
    }
    // One expression: whatever is said of it, the program does not die of it.
    for length in [1000, 100_000] {
        for (start, more) in [("a", ".b"), ("1", " ~ 1"), ("a", "|lower"), ("(", "("), ("a", " if a else b")] {
            let text = format!("[DEFAULT]\nx = {{{{ {start}{} }}}}\n", more.repeat(length));
            said("cinder.conf", &text, &["--format", "concise", "--vars", "vars.yml"]);
        }
    }
    let real =
        format!("[DEFAULT]\n{}", "{% if c == 1 %}\ndebug = true\n{% else %}\ndebug = x\n{% endif %}\n".repeat(2000));
    let (code, out) = said("cinder.conf", &real, &["--format", "concise", "--vars", "vars.yml"]);
    assert!(code < 2, "many small ones are none: {}", &out[..out.len().min(300)]);
}

#[test]
fn full_stops_drawing_and_says_so() {
    let text = format!("[DEFAULT]\n{}", "debug = x\n".repeat(1500));
    let (_, full) = said("cinder.conf", &text, &[]);
    assert!(full.contains("more places: --format concise lists them"), "{}", &full[full.len().saturating_sub(500)..]);
    let (_, concise) = said("cinder.conf", &text, &["--format", "concise"]);
    assert!(concise.matches("CND112").count() > 1400);
    let names: Vec<String> = (0..1500).map(|n| format!("b{n}")).collect();
    let backend = |name: &String| {
        format!("[{name}]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_mount_attempts = w{name}\n")
    };
    let backends: String = names.iter().map(backend).collect();
    let text = format!("[DEFAULT]\nenabled_backends = {}\n{backends}", names.join(","));
    let (_, full) = said("cinder.conf", &text, &[]);
    assert!(full.contains(" more of CND206 are not drawn"), "{}", &full[full.len().saturating_sub(500)..]);
}

#[test]
fn a_text_that_many_aliases_use() {
    let text = format!(
        "x: &a |\n  [a]\n{}kind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n{}",
        "  nas_hots = x\n".repeat(3000),
        (0..3000).map(|n| format!("        v{n}:\n          customServiceConfig: *a\n")).collect::<String>()
    );
    let (code, out) = said("plane.yaml", &text, &["--format", "json"]);
    assert!(code < 2 && out.len() < 100_000_000, "{code}: {} bytes", out.len());
}

/// A custom resource with these volumes.
fn plane(volumes: &str) -> String {
    format!("kind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n{volumes}")
}

/// So many volumes, each with a backend.
fn volumes(count: usize) -> String {
    let one = |n| {
        format!(
            "        v{n}:\n          customServiceConfig: |\n            [a{n}]\n            \
             volume_driver = cinder.volume.drivers.nfs.NfsDriver\n            nas_secure_file_operations = maybe\n"
        )
    };
    (0..count).map(one).collect()
}

#[test]
fn kustomizations_that_name_themselves_and_each_other() {
    let place = TestDir::new(&[
        ("base/plane.yaml", plane(&volumes(1)).as_str()),
        ("base/kustomization.yaml", "resources: [plane.yaml]\n"),
        ("overlay/kustomization.yaml", "resources: [../round, ../base]\n"),
    ]);
    place.write("round/kustomization.yaml", &format!("resources:\n{}", "- ../round\n".repeat(50)));
    let ran = run(&place.path(""), &["check", "--format", "json", "."]);
    assert!(ran.code == 2 && ran.out().contains("CND403"), "{}", ran.err());
    assert_eq!(ran.err().matches("is not put together").count(), 1, "{}", ran.err());
}

#[test]
fn overlays_of_a_large_base() {
    let place = TestDir::new(&[
        ("base/plane.yaml", plane(&volumes(1000)).as_str()),
        ("base/kustomization.yaml", "resources: [plane.yaml]\n"),
    ]);
    for n in 0..300 {
        place.write(&format!("overlay{n}/kustomization.yaml"), "resources: [../base]\npatches: [{path: patch.yaml}]\n");
        place.write(&format!("overlay{n}/patch.yaml"), &plane(&volumes(1)));
    }
    let ran = run(&place.path(""), &["check", "--format", "concise", "."]);
    assert!(ran.code == 2 && ran.out().contains("CND403"), "{}", ran.err());
    // What was put together until then is said as always, and what was not, once.
    assert!(ran.out().contains("overlay0"), "{}", ran.out());
    assert_eq!(ran.err().matches("is not put together").count(), 1, "{}", ran.err());
}

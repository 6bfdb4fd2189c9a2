//! No secret of a file that holds configuration in pieces reaches any output.

use crate::command::TestDir;

/// Ways to write a secret into the configuration of a service, with `M` for it.
const WAYS: [&str; 12] = [
    "san_password = M",
    "san_password: M",
    "san_password = x\n M",
    "san_password M",
    "san_pasword = \"M\" # x",
    "# san_password = M",
    "my_token = M",
    "transport_url = rabbit://u:M@h:1,u:M@i:2/",
    "nas_host = http://u:M@h",
    "volume_driver = $san_password\nsan_password = M",
    "nfs_mount_options = vers=3,password=M",
    "[san_password = M",
];

/// A control plane, a Secret and values, with a finding above and below each secret.
fn containers(marker: &mut impl FnMut() -> String) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (nth, way) in WAYS.iter().enumerate() {
        let mut ini = |indent: &str| {
            let text = format!(
                "[nfs]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = nfs\nnas_hots = x\n\
                 nfs_mount_attempts = 0\n{}\nnfs_mount_attempts = 0\nnas_secure_file_operations = no\nnas_hots = y\n",
                way.replace('M', &marker())
            );
            text.lines().map(|line| format!("{indent}{line}\n")).collect::<String>()
        };
        let plane = format!(
            "kind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n        nfs:\n          customServiceConfig: |\n{}          customServiceConfigSecrets: [cinder-nfs]\n",
            ini("            ")
        );
        let quoted = ini("").replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let quoted = format!(
            "kind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n        nfs:\n          customServiceConfig: \"{quoted}\"\n"
        );
        let inner = ini("    ");
        let secret = format!(
            "kind: Secret\nmetadata:\n  name: cinder-nfs\nstringData:\n  nfs.conf: |\n{inner}  other: {}\n  more: |\n    {}\ndata:\n  some.conf: {}\n",
            marker(),
            marker(),
            marker()
        );
        files.push((format!("{nth}/plane.yaml"), plane));
        files.push((format!("{nth}/quoted.yaml"), quoted));
        files.push((format!("{nth}/secret.yaml"), secret));
    }
    files
}

#[test]
fn no_output_shows_a_secret_of_a_container() {
    let mut count = 0;
    let files = containers(&mut || {
        count += 1;
        format!("Mk{count:05}Q")
    });
    let place = TestDir::new(&[("cinderlint.toml", "release = '2026.2'\n")]);
    for (path, text) in &files {
        place.write(path, text);
    }
    let formats =
        ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "zuul"];
    let mut runs: Vec<Vec<&str>> =
        formats.iter().map(|format| vec!["check", "--pedantic", "--format", format, "."]).collect();
    runs.push(vec!["effective", "--all", "."]);
    runs.push(vec!["effective", "--all", "--format", "json", "."]);
    runs.push(vec!["check", "--diff", "--unsafe-fixes", "."]);
    runs.push(vec!["check", "--show-files", "."]);
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    runs.push([&["parse"][..], &paths].concat());
    // Last: it changes the files.
    runs.push(vec!["check", "--fix", "--unsafe-fixes", "--format", "full", "."]);
    let mut leaks = std::collections::BTreeSet::new();
    for run in runs {
        let (code, out, err) = place.said(&run);
        assert!(code < 3, "{run:?}: {err}");
        for (at, _) in [&out, &err].into_iter().flat_map(|text| text.match_indices("Mk0")) {
            let marker = [&out, &err].into_iter().find_map(|text| text.get(at..at + 8)).unwrap_or_default();
            let file = files.iter().find(|(_, text)| text.contains(marker)).map_or("?", |(path, _)| path);
            leaks.insert(format!("{}: {file}: {marker}", run[..4.min(run.len())].join(" ")));
        }
        if run.contains(&"--diff") {
            assert!(out.matches("nas_secure_file_operations = false").count() > 10, "{}", out.len());
        }
        if run.contains(&"full") && !run.contains(&"--fix") {
            assert!(out.contains("nas_hots") && out.matches(" [nfs]\n").count() > 20, "{out}");
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.into_iter().take(40).collect::<Vec<_>>().join("\n"));
}

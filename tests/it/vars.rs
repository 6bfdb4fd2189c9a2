//! `--vars`: templates that are filled in, and the places in them.

use crate::command::TestDir;

const TEMPLATE: &str = "[DEFAULT]\nenabled_backends = {{ backends | join(',') }}\n{% for b in backends %}\n[{{ b }}]\n\
    volume_driver = cinder.volume.drivers.nfs.NfsDriver\nvolume_backend_name = {{ b }}\nnas_host = {{ hosts[b] }}\n\
    nas_share_path = /x\n{% if secure %}\nnas_secure_file_operations = false\n{% else %}\n\
    nas_secure_file_operations = {{ mode }}\n{% endif %}\nnas_secure_file_permissions = fals\nsan_password = {{ the_password }}\n{% endfor %}\n";
const VARS: &str = "backends: [one, two]\nhosts:\n  one: 192.0.2.1\n  two: '{{ other }}'\nother: 192.0.2.2\nsecure: no\nmode: nope\n\
    the_password: hunter2\ntoken: 7777123\nurl: http://u:hunter3@h/\n";
const SETTINGS: (&str, &str) = ("cinderlint.toml", "release = '2026.2'\n");

fn place(template: &str) -> TestDir {
    TestDir::new(&[SETTINGS, ("cinder.conf.j2", template), ("vars.yml", VARS)])
}

fn said(place: &TestDir, more: &[&str]) -> (i32, String, String) {
    place.said(&[&["check", "--format", "concise", "--vars", "vars.yml", "cinder.conf.j2"], more].concat())
}

#[test]
fn what_comes_of_a_template_is_judged_where_it_stands() {
    let place = place(TEMPLATE);
    let (code, out, err) = said(&place, &[]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    // A literal exactly, an expression at its tag.
    assert!(out.contains("cinder.conf.j2:14:31: error[CND403]"), "{out}");
    assert!(out.contains("cinder.conf.j2:12:30: error[CND403]") && out.contains("nope"), "{out}");
    assert!(!out.contains("cinder.conf.j2:10:"), "{out}");
    let (_, shown, _) = place.said(&["effective", "--format", "json", "--vars", "vars.yml", "cinder.conf.j2"]);
    for wanted in ["\"one\"", "\"two\"", "nope"] {
        assert!(shown.contains(wanted), "{shown}");
    }
    // Without variables nothing of it is known.
    let (_, out, _) = place.said(&["check", "--format", "concise", "cinder.conf.j2"]);
    assert!(!out.contains(":12:"), "{out}");
}

#[test]
fn values_of_yaml_are_filled_in_too() {
    let text = "kind: OpenStackControlPlane\nspec:\n  cinder:\n    template:\n      cinderVolumes:\n        nfs:\n          customServiceConfig: |\n\
        \x20           [nfs]\n            volume_driver = {{ driver | default('cinder.volume.drivers.nfs.NfsDriver') }}\n\
        \x20           nas_secure_file_operations = {{ mode }}\n            nas_secure_file_permissions = fals\n";
    let place = TestDir::new(&[SETTINGS, ("cr.yaml.j2", text), ("vars.yml", VARS)]);
    let (_, out, err) = place.said(&["check", "--format", "concise", "--vars", "vars.yml", "cr.yaml.j2"]);
    assert!(
        out.contains("cr.yaml.j2:10:42: error[CND403]") && out.contains("cr.yaml.j2:11:43: error[CND403]"),
        "{out}{err}"
    );
}

#[test]
fn what_is_not_known_stays_open_and_is_said() {
    let place = place(
        "[DEFAULT]\nenabled_backends = nfs\n[nfs]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n\
        nas_secure_file_operations = {{ unknown.mode | ternary('hunter9', 2) }}\nnas_secure_file_permissions = {{ mode }}\n",
    );
    let (_, out, err) = said(&place, &[]);
    assert_eq!(
        err,
        "cinderlint: cinder.conf.j2: line 5: not filled in (a variable is not in the file of variables: unknown.mode)\n"
    );
    assert!(out.contains(":6:31: error[CND403]") && !out.contains(":5:30: error[CND403]"), "{out}");
    // What decides over other text may not be guessed.
    place.write("cinder.conf.j2", "[DEFAULT]\n{% if unknown %}\ndebug = maybe\n{% endif %}\n");
    let (code, _, err) = said(&place, &[]);
    assert_eq!((code, err.contains("line 2: a variable is not in the file of variables")), (2, true), "{err}");
    let (code, _, err) = place.said(&["check", "--vars", "none.yml", "cinder.conf.j2"]);
    assert_eq!((code, err.contains("none.yml: ")), (2, true), "{err}");
}

#[test]
fn hostile_templates_end() {
    for text in [
        "{% for a in range(99999) %}{% for b in range(99999) %}x = {{ a }}{% endfor %}{% endfor %}\n",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}\n",
        "x = {{ 'a' * 9999999999 }}\n",
        "{% set ns = namespace(x='aaaa') %}{% for a in range(200) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}\n",
        "{% set ns = namespace(x='aaaa') %}{% for a in range(200) %}{% set ns.x = ns.x | replace('a', 'aa') %}{% endfor %}{{ ns.x }}\n",
        "{% if x\n",
        "{{ {{ }} }}\n",
        "{% raw %}\n",
        "{% include '/etc/passwd' %}\n",
        "{% set x %}a{% endset %}{{ x | length }}\n",
    ] {
        let place = place(&format!("[DEFAULT]\n{text}"));
        let start = std::time::Instant::now();
        let (code, out, err) = said(&place, &[]);
        assert!(start.elapsed().as_secs() < 60 && code <= 2 && !err.contains("panicked"), "{text}: {out}{err}");
    }
}

#[test]
fn literal_text_is_fixed_and_nothing_else() {
    let place = place(&TEMPLATE.replace("= fals\n", "= no\n").replace("{{ mode }}", "{{ 'no' }}"));
    let (_, out, err) = said(&place, &["--fix", "--unsafe-fixes", "--select", "CND403"]);
    let wanted = TEMPLATE.replace("= fals\n", "= false\n").replace("{{ mode }}", "{{ 'no' }}");
    assert_eq!(place.read("cinder.conf.j2"), wanted, "{out}{err}");
    assert!(err.contains("Fixed 1 finding in 1 file"), "{err}");
}

/// Wherever a template puts them.
#[test]
fn no_secret_of_the_variables_is_shown() {
    let mut text = TEMPLATE.to_string();
    for option in ["nas_host", "nas_secure_file_operations", "volume_driver", "nfs_mount_options", "stray", "nas_hots"]
    {
        text.push_str(&format!(
            "[two]\n{option} = {{{{ the_password }}}}\n{option} = x{{{{ token }}}}\n{option} = {{{{ url }}}}\n"
        ));
        text.push_str(&format!("{option} = {{{{ [the_password, url] | join(' ') | upper | replace('X', 'y') }}}}\n[{{{{ the_password }}}}]\n"));
        text.push_str("{{ the_password }} = 1\n{{ the_password }}\n");
    }
    // A branch that is not taken stands in the lines around a finding.
    text.push_str("[two]\nnas_hots = x\n{% if secure %}\nsan_password = x\n hunter2\nsan_password hunter2\n{% endif %}\nnas_hots = y\n");
    let place = place(&text);
    let formats =
        ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "zuul"];
    let mut runs: Vec<Vec<&str>> =
        formats.iter().map(|format| vec!["check", "--pedantic", "--format", format]).collect();
    runs.extend([
        vec!["check", "--diff", "--unsafe-fixes"],
        vec!["effective", "--all"],
        vec!["effective", "--all", "--format", "json"],
    ]);
    for run in runs {
        let (code, out, err) = place.said(&[&run[..], &["--vars", "vars.yml", "cinder.conf.j2"]].concat());
        assert_ne!(code, 101, "{err}");
        for secret in ["hunter2", "HUNTER2", "7777123", "hunter3", "HUNTER3"] {
            assert!(!out.contains(secret) && !err.contains(secret), "{run:?}: {secret}: {out}{err}");
        }
    }
}

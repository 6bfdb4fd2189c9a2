//! `upgrade --fix --unsafe-fixes` where sections are maps of YAML: entries go, and move into other maps, and all else stays.

use std::collections::BTreeMap;

use cinderlint::input::yaml::{self, Kind, Node};
use proptest::prelude::*;

use crate::command::TestDir;

const FIX: [&str; 6] = ["upgrade", "--from", "queens", "--fix", "--unsafe-fixes", "--no-settings"];

/// A file after the upgrade, and after another one, which changes nothing.
fn upgraded(name: &str, text: &str, from: &str) -> String {
    let place = TestDir::new(&[(name, text)]);
    let mut arguments = FIX.to_vec();
    arguments[2] = from;
    arguments.push(name);
    let (code, out, errors) = place.said(&arguments);
    assert!(code < 2, "{out}{errors}");
    let after = place.read(name);
    place.said(&arguments);
    assert_eq!(place.read(name), after, "once is enough");
    after
}

const HELM: &str = "\
conf:
  cinder:
    DEFAULT:
      # why we have it
      os_region_name: RegionOne  # one region
      enabled_backends: lvm
      debug: true
      rpc_backend: rabbit
    # the key
    keymgr:
      fixed_key: 'hunter2'
  backends:
    lvm:
      volume_driver: cinder.volume.drivers.lvm.LVMVolumeDriver
      iscsi_helper: tgtadm
      volume_backend_name: lvm
pod:
  replicas: {volume: 1}
";

#[test]
fn entries_of_helm_values_move_into_other_sections() {
    let text = upgraded("values.yaml", HELM, "mitaka");
    assert!(text.contains("      # why we have it\n      enabled_backends: lvm\n"), "{text}");
    assert!(text.contains("\n    nova:\n      region_name: RegionOne  # one region\n"), "{text}");
    assert!(text.contains("    # the key\n    keymgr: {}\n"), "{text}");
    assert!(text.contains("    key_manager:\n      fixed_key: 'hunter2'\n"), "{text}");
    assert!(text.contains("      target_helper: tgtadm\n"), "{text}");
    assert!(text.ends_with("pod:\n  replicas: {volume: 1}\n"), "{text}");
}

#[test]
fn a_secret_that_moves_between_maps_stands_in_no_report() {
    let place = TestDir::new(&[("values.yaml", HELM)]);
    for arguments in [
        &["upgrade", "--from", "mitaka", "--format", "json"][..],
        &["upgrade", "--from", "mitaka", "--format", "sarif"],
        &["upgrade", "--from", "mitaka", "--unsafe-fixes", "--diff"],
    ] {
        let (_, said, errors) = place.said(&[arguments, &["values.yaml"]].concat());
        assert!(!said.contains("hunter2") && !errors.contains("hunter2"), "{said}{errors}");
    }
}

#[test]
fn an_entry_joins_the_section_that_is_there() {
    let text = "\
cinder_cinder_conf_overrides:
  nova:
      interface: internal
      # of the other site
      region_name2: x

  DEFAULT:
    os_region_name: RegionOne
    debug: true
";
    let after = upgraded("user_variables.yml", text, "queens");
    let wanted = text
        .replace("    os_region_name: RegionOne\n", "")
        .replace("region_name2: x\n", "region_name2: x\n      region_name: RegionOne\n");
    assert_eq!(after, wanted);
    let empty = "cinder_cinder_conf_overrides:\n  nova: {}\n  DEFAULT:\n    os_region_name: |\n      RegionOne\n    debug: true\n";
    let after = upgraded("user_variables.yml", empty, "queens");
    assert_eq!(
        after,
        "cinder_cinder_conf_overrides:\n  nova:\n    region_name: |\n      RegionOne\n  DEFAULT:\n    debug: true\n"
    );
}

#[test]
fn all_entries_of_a_section_may_go() {
    let text = "\
cinder_cinder_conf_overrides:
  DEFAULT:   # ours
    verbose: true

    enable_v1_api: false
    # last
    glance_api_version: 2
  oslo_concurrency:
    lock_path: /x
";
    let after = upgraded("user_variables.yml", text, "ocata");
    let wanted =
        "cinder_cinder_conf_overrides:\n  DEFAULT: {}   # ours\n\n    # last\n  oslo_concurrency:\n    lock_path: /x\n";
    assert_eq!(after, wanted);
}

#[test]
fn line_ends_and_what_stands_in_texts_are_kept() {
    let text = HELM.replace('\n', "\r\n");
    let after = upgraded("values.yaml", &text, "mitaka");
    assert_eq!(after.matches("\r\n").count(), after.matches('\n').count(), "{after:?}");
    assert!(after.contains("\r\n    nova:\r\n      region_name: RegionOne  # one region\r\n"), "{after}");
    // Values that are a text of their own: a release of Argo CD or of Flux.
    let inside: String = HELM.lines().map(|line| format!("      {line}\n")).collect();
    let text = format!("spec:\n  source:\n    helm:\n     values: |\n{inside}  project: x\n");
    let after = upgraded("application.yaml", &text, "mitaka");
    assert!(after.contains("\n          nova:\n            region_name: RegionOne  # one region\n"), "{after}");
    assert!(after.contains("\n          keymgr: {}\n"), "{after}");
    assert!(after.ends_with("        replicas: {volume: 1}\n  project: x\n"), "{after}");
}

#[test]
fn what_is_not_exact_stays_as_it_is() {
    for text in [
        // In braces.
        "cinder_cinder_conf_overrides:\n  DEFAULT: {verbose: true, os_region_name: x, debug: true}\n",
        // For two at once.
        "x: &a\n  verbose: true\n  debug: true\ncinder_cinder_conf_overrides:\n  DEFAULT: *a\n",
        "x: &a\n  verbose: true\ncinder_cinder_conf_overrides:\n  DEFAULT:\n    <<: *a\n    debug: true\n",
        "cinder_cinder_conf_overrides:\n  DEFAULT: &a\n    verbose: true\n    debug: true\nx: *a\n",
        // Written by a template.
        "cinder_cinder_conf_overrides:\n  DEFAULT:\n    verbose: \"{{ x }}\"\n    debug: true\n",
        // What is behind would become a part of the text before.
        "cinder_cinder_conf_overrides:\n  DEFAULT:\n    state_path: |\n      /x\n    verbose: true\n      # no comment then\n    debug: true\n",
    ] {
        assert_eq!(upgraded("user_variables.yml", text, "ocata"), text);
    }
    // Into a section that is nothing, which takes the chart's away, and into braces with something in them.
    for nova in ["", " null", " {interface: internal}"] {
        let text =
            format!("conf:\n  cinder:\n    nova:{nova}\n    DEFAULT:\n      os_region_name: x\n      debug: true\n");
        assert_eq!(upgraded("values.yaml", &text, "queens"), text);
    }
}

/// Options of `[DEFAULT]` that Queens reads, with what becomes of each: its section and name in 2026.2; none: it is dead.
const OPTIONS: [(&str, Option<(&str, &str)>); 12] = [
    ("os_region_name", Some(("nova", "region_name"))),
    ("lock_path", Some(("oslo_concurrency", "lock_path"))),
    ("sql_idle_timeout", Some(("database", "connection_recycle_time"))),
    ("rabbit_ha_queues", Some(("oslo_messaging_rabbit", "rabbit_ha_queues"))),
    ("rpc_thread_pool_size", Some(("DEFAULT", "executor_thread_pool_size"))),
    ("enable_v2_api", None),
    ("enable_v3_api", None),
    ("rpc_zmq_host", None),
    ("rpc_zmq_ipc_dir", None),
    ("debug", Some(("DEFAULT", "debug"))),
    ("state_path", Some(("DEFAULT", "state_path"))),
    ("api_rate_limit", Some(("DEFAULT", "api_rate_limit"))),
];

/// An option in a map: which, how its value is written, what stands around it.
type Line = (usize, usize, usize);

/// How the value of an option is written in YAML, after its colon, and what it is.
fn value_of(option: usize, how: usize, indent: usize) -> (String, String) {
    let value = match OPTIONS[option].0 {
        "rabbit_ha_queues" | "enable_v2_api" | "enable_v3_api" | "api_rate_limit" | "debug" => "true".to_string(),
        "rpc_thread_pool_size" | "sql_idle_timeout" => "65".to_string(),
        name => format!("/x/{name}"),
    };
    let inner = " ".repeat(indent + 2);
    let written = match how {
        0 => format!(" {value}"),
        1 => format!(" '{value}'"),
        2 => format!(" \"{value}\"   # {value}: x"),
        3 => format!(" |-\n{inner}{value}"),
        4 => format!("\n{inner}'{value}'"),
        _ => format!("   {value}  "),
    };
    (written, value)
}

/// The sections of a document, as sorted texts.
fn sections(root: &Node, path: &[&str]) -> BTreeMap<(String, String), String> {
    let map = path.iter().try_fold(root, |node, key| node.get(key)).unwrap();
    let options = |section: &yaml::Entry| {
        let name = section.key.text().to_string();
        let one =
            move |entry: &yaml::Entry| ((name.clone(), entry.key.text().into()), entry.value.text().trim().into());
        section.value.entries().iter().map(one).collect::<Vec<_>>()
    };
    map.entries().iter().flat_map(options).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn the_new_release_reads_what_the_old_one_read(
        lines in prop::collection::btree_map(0_usize..OPTIONS.len(), (0_usize..6, 0_usize..4), 1..OPTIONS.len()),
        order in prop::collection::vec(any::<u16>(), OPTIONS.len()),
        around in (0_usize..4, 2_usize..5, 0_usize..3),
    ) {
        let mut lines: Vec<Line> = lines.into_iter().map(|(option, (how, comment))| (option, how, comment)).collect();
        lines.sort_by_key(|line| order[line.0]);
        let (others, step, form) = around;
        let (name, path): (&str, &[&str]) = match form {
            0 => ("user_variables.yml", &["cinder_cinder_conf_overrides"]),
            1 => ("values.yaml", &["conf", "cinder"]),
            _ => ("user_variables_other.yml", &["cinder_cinder_conf_overrides"]),
        };
        let mut text = String::new();
        for (depth, key) in path.iter().enumerate() {
            text.push_str(&format!("{}{key}:\n", " ".repeat(depth * step)));
        }
        let outer = " ".repeat(path.len() * step);
        let indent = (path.len() + 1) * step;
        let inner = " ".repeat(indent);
        let mut wanted: BTreeMap<(String, String), String> = BTreeMap::new();
        if others & 1 == 1 {
            text.push_str(&format!("{outer}oslo_concurrency:\n{inner}# here\n{inner}disable_process_locking: true\n"));
            wanted.insert(("oslo_concurrency".into(), "disable_process_locking".into()), "true".into());
        }
        text.push_str(&format!("{outer}DEFAULT: # all\n"));
        for (option, how, comment) in lines {
            let (written, value) = value_of(option, how, indent);
            let (before, behind) = [("", ""), ("# c\n", ""), ("\n", ""), ("", "\n")][comment];
            let before = if before.starts_with('#') { format!("{inner}{before}") } else { before.to_string() };
            text.push_str(&format!("{before}{inner}{}:{written}\n{behind}", OPTIONS[option].0));
            if let Some((section, name)) = OPTIONS[option].1 {
                wanted.insert((section.into(), name.into()), value);
            }
        }
        if others & 2 == 2 {
            text.push_str(&format!("{outer}nova: {{}}  # empty\n"));
        }
        text.push_str("other:\n  - 'x'  # y\n");
        let after = upgraded(name, &text, "queens");
        let documents = yaml::read(after.as_bytes());
        prop_assert!(documents.len() == 1 && documents[0].error.is_none(), "{text}\n{after}");
        let root = documents[0].root.as_ref().unwrap();
        prop_assert!(root.duplicates().is_empty(), "{}\n{}", text, after);
        prop_assert_eq!(sections(root, path), wanted, "{}\n{}", text, after);
        // No map became nothing, no comment went, and the rest is as it was.
        let maps = path.iter().try_fold(root, |node, key| node.get(key)).unwrap();
        prop_assert!(maps.entries().iter().all(|one| matches!(one.value.kind, Kind::Mapping(_))), "{text}\n{after}");
        prop_assert_eq!(after.matches("# c\n").count(), text.matches("# c\n").count(), "{}\n{}", text, after);
        prop_assert!(after.ends_with("other:\n  - 'x'  # y\n"), "{text}\n{after}");
    }
}

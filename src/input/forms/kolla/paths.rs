//! Which paths kolla-ansible reads.
//!
//! Source: `ansible/roles/cinder/tasks/config.yml` at the tags 4.0.0 (Ocata) to 22.1.0 (2026.1): the sources of `merge_configs`,
//! and the files of the task that copies `nfs_shares`.

use std::path::{Path, PathBuf};

use super::{
    super::{
        Candidate,
        ours::{self, Verdict},
        shares,
    },
    files,
};
use crate::source::{FileSystem, Kind, absolute};

/// What folders of overrides are called that are nothing else.
const CUSTOM: &str = "node_custom_config";

/// The services with a file each, cinder-volume first.
pub(super) const SERVICES: [&str; 4] = ["cinder-volume", "cinder-backup", "cinder-scheduler", "cinder-api"];

/// What a file below a folder of overrides is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `global.conf`, `cinder.conf`, `cinder/cinder-volume.conf`, …: read.
    Live,
    /// `cinder/HOST/cinder.conf`: read for that host.
    Host(String),
    /// Never read; this is.
    Dead(String),
    /// `nfs_shares`.
    Shares,
}

/// A file that belongs to kolla-ansible.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The folder of overrides, absolute.
    pub(super) root: PathBuf,
    /// The path below it, with `/`.
    pub(super) below: String,
    pub(super) role: Role,
}

/// What a file is, by its path and by what lies around it.
pub(super) fn known(candidate: &Candidate<'_>) -> Option<Known> {
    let name = candidate.base_name();
    let is_conf = name.ends_with(".conf");
    if !is_conf && name != "nfs_shares" {
        return None;
    }
    let whole = absolute(candidate.path);
    let (root, certain) = root_of(candidate.fs, &whole)?;
    let below = whole.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
    let role = if is_conf { conf(&below, candidate)? } else { Role::Shares };
    if role == Role::Shares && !shares::looks_like_shares(candidate.head()) {
        return None;
    }
    let of_a_service = SERVICES.iter().any(|service| below == format!("cinder/{service}.conf"));
    // A folder that is just called `config`.
    let fits = || {
        role == Role::Shares
            || has_kolla(candidate.fs, &root, &below)
            || is_partial(candidate) && (of_a_service || is_of_role(candidate))
    };
    (certain || fits()).then_some(Known { root, below, role })
}

/// Whether a file has variables of kolla-ansible.
pub(super) fn is_variables(candidate: &Candidate<'_>) -> bool {
    const MARKS: [&str; 6] = [
        "kolla_internal_",
        "kolla_base_distro",
        "enable_cinder",
        "openstack_release",
        "cinder_backend_",
        "kolla_enable_",
    ];
    // `globals.yml.j2` is one as well.
    let name = candidate.base_name();
    if !candidate.is_yaml() {
        return false;
    }
    let osism = candidate.is_under(&["environments", "kolla"]) && name == "configuration.yml";
    if name == "configuration.yml" && candidate.mentions(&["openstack_version:", "openstack_release:"]) {
        // What says the release of the whole cloud is a part of it.
        let environments = environments(candidate.path).filter(|folder| !folder.ends_with("kolla"));
        if environments.is_some_and(|folder| candidate.fs.is_file(&folder.join("kolla/configuration.yml"))) {
            return true;
        }
    }
    let kayobe = matches!(name, "kolla.yml" | "kolla.yaml");
    if !kayobe && of_kayobe(candidate.path) && candidate.mentions(&["\nkolla_enable_cinder"]) {
        return !is_list(candidate.head());
    }
    let named =
        matches!(name, "globals.yml" | "globals.yaml") || files::is_variant(name) || candidate.folder() == "globals.d";
    let marks: &[&str] = if kayobe {
        &["kolla_enable_cinder", "kolla_base_distro", "kolla_openstack_release", "kolla_cinder_"]
    } else {
        &MARKS
    };
    // `inventories/prod/group_vars/all.yml`: whoever says which network and images kolla has, and that there is Cinder.
    let of_inventory = candidate.mentions(&["\nenable_cinder"])
        && candidate.mentions(&["kolla_base_distro:", "kolla_internal_vip_address:", "kolla_internal_fqdn:"]);
    // Tasks are lists; variables are a map.
    (osism || kayobe || named || of_inventory) && candidate.mentions(marks) && !is_list(candidate.head())
}

/// The folder `environments` of OSISM that a file of variables lies in: itself, or one below it.
fn environments(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).take(2).find(|folder| folder.ends_with("environments"))
}

/// Whether a file lies where kayobe reads every YAML file: in its folder, and in those of environments.
fn of_kayobe(path: &Path) -> bool {
    path.parent().is_some_and(files::is_kayobes)
}

/// Whether a YAML text is a list, by its first line that says something.
fn is_list(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let first = lines.find(|line| !line.is_empty() && !matches!(line[0], b'#' | b'%') && *line != b"---");
    first.is_some_and(|line| line.starts_with(b"- "))
}

/// The folder of overrides that goes with a file of variables: the one that is there, else the one that there would be.
pub(super) fn root_of_variables(fs: &dyn FileSystem, path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder.ends_with("environments/kolla") {
        return folder.join("files/overlays");
    }
    if path.ends_with("configuration.yml")
        && let Some(environments) = environments(path)
    {
        return environments.join("kolla/files/overlays");
    }
    let folder = if folder.ends_with("globals.d") { folder.parent().unwrap_or(folder) } else { folder };
    let is_kayobe = path.file_name().is_some_and(|name| name == "kolla.yml" || name == "kolla.yaml");
    if is_kayobe || files::is_kayobes(folder) {
        return folder.join("kolla/config");
    }
    // `inventory/group_vars/all/globals.yml`: the repository is above.
    let above =
        folder.ancestors().take(4).find(|folder| folder.ends_with("inventory") || folder.ends_with("group_vars"));
    let outer = above
        .and_then(Path::parent)
        .map(|folder| if folder.ends_with("inventory") { folder.parent().unwrap_or(folder) } else { folder });
    let mut roots = Vec::new();
    for folder in [Some(folder), outer].into_iter().flatten() {
        roots.extend(["config", "kolla/config", "etc/kolla/config"].map(|below| folder.join(below)));
    }
    roots.extend(custom_root(fs, path));
    let first = roots[0].clone();
    roots.into_iter().find(|root| fs.is_folder(root)).unwrap_or(first)
}

/// The folder near a file of variables that its `node_custom_config` names: `/etc/kolla/overrides` is `overrides` beside it.
fn custom_root(fs: &dyn FileSystem, variables: &Path) -> Option<PathBuf> {
    let text = fs.read_text(variables).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("node_custom_config:"))?;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']).trim_end_matches('/');
    let last = value.rsplit(['/', ' ', '}']).next().filter(|last| !last.is_empty() && !last.contains('{'))?;
    let folders = variables.ancestors().skip(1).take(3);
    let mut roots = folders.map(|folder| folder.join(last)).filter(|root| fs.is_folder(root));
    roots.next()
}

/// The folder of overrides above a file, and whether its path alone says so.
fn root_of(fs: &dyn FileSystem, whole: &Path) -> Option<(PathBuf, bool)> {
    let near = || whole.ancestors().skip(1).take(4);
    let is_certain =
        |folder: &Path| ["kolla/config", "kolla/files/overlays", CUSTOM].iter().any(|end| folder.ends_with(end));
    let certain = near().find(|folder| is_certain(folder));
    if let Some(root) = certain {
        return Some((root.to_path_buf(), true));
    }
    if let Some(root) = near().find(|folder| folder.ends_with("config")) {
        return Some((root.to_path_buf(), false));
    }
    // Folders of other names are those that variables beside them name.
    let named = whole
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with("cinder") || name.starts_with("nfs_shares"));
    let mut around = near().flat_map(|folder| folder.ancestors().take(3)).filter(|_| named);
    let root = around.find_map(|folder| {
        let variables = folder.join("globals.yml");
        custom_root(fs, &variables).filter(|root| whole.starts_with(root))
    })?;
    Some((root, true))
}

fn conf(below: &str, candidate: &Candidate<'_>) -> Option<Role> {
    let plain = below.strip_suffix(candidate.name())?.to_string() + candidate.base_name();
    let parts: Vec<&str> = plain.split('/').collect();
    let live = match parts[..] {
        ["global.conf" | "cinder.conf"] => Some(Role::Live),
        ["cinder", file] if SERVICES.iter().any(|service| file.strip_suffix(".conf") == Some(service)) => {
            Some(Role::Live)
        }
        _ => host_of(&plain).map(|host| Role::Host(host.to_string())),
    };
    if let Some(live) = live {
        // A template's suffix is a part of the name: kolla-ansible looks for the name without it.
        return Some(if plain == below { live } else { Role::Dead(plain) });
    }
    // Merged into /etc/ceph, and read by librados.
    if plain == "cinder/ceph.conf" {
        return None;
    }
    let (name, folders) = parts.split_last()?;
    let stem = name.strip_suffix(".conf")?;
    if !matches!(ours::judge(candidate), Some(Verdict::Ours(_))) {
        return None;
    }
    let service =
        |text: &str| SERVICES.iter().find(|service| text.replace('_', "-").contains(&service["cinder-".len()..]));
    let meant = service(stem).or_else(|| folders.iter().rev().find_map(|folder| service(folder)));
    Some(Role::Dead(meant.map_or("cinder.conf".into(), |service| format!("cinder/{service}.conf"))))
}

/// Whether something else in or beside the folder is kolla-ansible's.
fn has_kolla(fs: &dyn FileSystem, root: &Path, below: &str) -> bool {
    const BESIDE: [&str; 6] =
        ["globals.yml", "etc/kolla/globals.yml", "globals.d", "passwords.yml", "multinode", "all-in-one"];
    const INSIDE: [&str; 4] =
        ["global.conf", "nova/nova-compute.conf", "glance/glance-api.conf", "neutron/ml2_conf.ini"];
    let has = |folder: &Path, names: &[&str]| names.iter().any(|name| fs.exists(&folder.join(name)));
    root.parent().is_some_and(|beside| has(beside, &BESIDE) || files::has_variants(fs, beside))
        || has(root, &INSIDE)
        || SERVICES
            .iter()
            .map(|service| format!("cinder/{service}.conf"))
            .any(|one| one != below && fs.exists(&root.join(one)))
}

/// A whole configuration says how to reach the database or the message bus; an override leaves that to the role.
fn is_partial(candidate: &Candidate<'_>) -> bool {
    !candidate.mentions(&[
        "[database]",
        "transport_url",
        "rabbit_host",
        "rpc_backend",
        "sql_connection",
        "[keystone_authtoken]",
    ])
}

/// Whether a file speaks of sections or variables of the role.
fn is_of_role(candidate: &Candidate<'_>) -> bool {
    candidate.mentions(&["[rbd-1]", "[lvm-1]", "[nfs-1]", "cinder_rbd_secret_uuid", "ceph_cinder_", "/var/log/kolla"])
}

/// Whether people take this path for one that is read: it is nobody's backup.
pub(super) fn is_taken_for_live(below: &str) -> bool {
    let service = below.strip_prefix("cinder/").and_then(|rest| rest.strip_suffix("/cinder.conf"));
    below == "cinder/cinder.conf" || service.is_some_and(|service| SERVICES.contains(&service))
}

/// The host of `cinder/HOST/cinder.conf` and `cinder/HOST/nfs_shares`; a folder named like a service is none.
pub(super) fn host_of(below: &str) -> Option<&str> {
    let (host, file) = below.strip_prefix("cinder/")?.split_once('/')?;
    let is_read = matches!(file, "cinder.conf" | "nfs_shares" | "nfs_shares.j2");
    (is_read && !SERVICES.contains(&host)).then_some(host)
}

/// The places of the list of shares, in the order in which they are looked for; the first that is there is copied.
pub(super) fn shares_paths(host: Option<&str>) -> Vec<String> {
    let mut folders = vec![String::new(), "cinder/".into(), "cinder/cinder-volume/".into()];
    folders.extend(host.map(|host| format!("cinder/{host}/")));
    [".j2", ""].iter().flat_map(|suffix| folders.iter().map(move |f| format!("{f}nfs_shares{suffix}"))).collect()
}

/// The largest inventory that is looked into, in bytes.
const LARGEST_INVENTORY: u64 = 1 << 20;

/// Whether the inventory of a repository knows a host; none: there is no inventory to be seen.
pub(super) fn inventory_has(fs: &dyn FileSystem, root: &Path, host: &str) -> Option<bool> {
    const NAMES: [&str; 9] = [
        "inventory",
        "inventories",
        "hosts",
        "multinode",
        "all-in-one",
        "inventory.ini",
        "inventory.yml",
        "hosts.ini",
        "hosts.yml",
    ];
    let mut seen = false;
    for folder in root.ancestors().skip(1).take(4) {
        for name in NAMES {
            let mut met = Vec::new();
            list(fs, &folder.join(name), 0, &mut met);
            for (path, depth, kind) in met {
                let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if file == host || file.split_once('.').is_some_and(|(stem, end)| stem == host && end.starts_with('y'))
                {
                    return Some(true);
                }
                let is_list = depth < 2 || path.parent().is_some_and(|parent| parent.ends_with("inventory"));
                if !is_list || !matches!(kind, Kind::File(_)) {
                    continue;
                }
                if !matches!(fs.look(&path), Ok(Kind::File(0..=LARGEST_INVENTORY))) {
                    continue;
                }
                let Ok(text) = fs.read_text(&path) else { continue };
                seen |= text.lines().any(|line| line.starts_with('[') || line.trim_end().ends_with("hosts:"));
                let word = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '[' | ':' | ']'));
                // A template or `node[01:03]` may make any name.
                if text.contains("{{") || text.split(word).any(|w| w.trim_end_matches(':') == host || is_range(w, host))
                {
                    return Some(true);
                }
            }
        }
        if fs.exists(&folder.join(".git")) {
            break;
        }
    }
    seen.then_some(false)
}

/// A path and what is below it, at most so many, with how deep each is.
fn list(fs: &dyn FileSystem, path: &Path, depth: usize, met: &mut Vec<(PathBuf, usize, Kind)>) {
    const MOST: usize = 500;
    const DEEPEST: usize = 4;
    let kind = if depth == 0 { fs.look(path) } else { fs.look_at_link(path) };
    let Ok(kind) = kind else { return };
    if met.len() == MOST {
        return;
    }
    met.push((path.to_path_buf(), depth, kind));
    if kind == Kind::Folder && depth < DEEPEST {
        for entry in fs.list(path).unwrap_or_default() {
            list(fs, &path.join(entry.name), depth + 1, met);
        }
    }
}

/// Whether a word such as `node[01:03]` may stand for a host.
fn is_range(word: &str, host: &str) -> bool {
    word.split_once('[')
        .is_some_and(|(prefix, rest)| rest.contains(':') && host.starts_with(prefix) && !prefix.is_empty())
}

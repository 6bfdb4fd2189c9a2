//! Overrides of kolla-ansible's configuration, also those of kayobe and OSISM: parts of `cinder.conf` that the cinder role
//! merges over what it writes itself.

mod files;
mod globals;
mod never_read;
mod paths;
mod role;
mod tree;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use self::{
    globals::Globals,
    paths::{Known, Role},
    tree::Tree,
};
use super::{Candidate, Form, Run, Taken};
use crate::{
    catalog::Release,
    source::{FileSystem, Services, absolute, from_here},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Kolla;

impl Form for Kolla {
    fn name(&self) -> &'static str {
        "kolla"
    }

    fn title(&self) -> &'static str {
        "kolla-ansible's overrides and variables"
    }

    fn recognises(&self, candidate: &Candidate<'_>) -> Option<String> {
        if paths::is_variables(candidate) {
            return Some("it has variables of kolla-ansible".into());
        }
        let known = paths::known(candidate)?;
        let root = from_here(&known.root);
        Some(match known.role {
            Role::Host(host) => format!("kolla-ansible merges it for the host {host}, below {root}"),
            Role::Dead(_) => format!("it is below {root}, but kolla-ansible does not read it"),
            Role::Shares => format!("a list of shares of kolla-ansible, below {root}"),
            _ => format!("kolla-ansible merges it, below {root}"),
        })
    }

    fn read(&self, taken: &[Taken], run: &mut Run<'_>) {
        let mut overrides: BTreeMap<PathBuf, Vec<(Known, &Taken)>> = BTreeMap::new();
        let given: HashMap<PathBuf, PathBuf> =
            taken.iter().map(|one| (absolute(&one.path), one.path.clone())).collect();
        let mut variables: BTreeMap<PathBuf, &Taken> = BTreeMap::new();
        for one in taken {
            let candidate = match run.given_text(&one.path) {
                Some(text) => Candidate::with_text(run.fs(), &one.path, text),
                None => Candidate::new(run.fs(), &one.path),
            };
            if let Some(known) = paths::known(&candidate) {
                overrides.entry(known.root.clone()).or_default().push((known, one));
            } else if paths::is_variables(&candidate) {
                variables.insert(absolute(&one.path), one);
            } else {
                let root = absolute(&one.path).parent().map(Path::to_path_buf).unwrap_or_default();
                let below = one.path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
                let known = Known { root: root.clone(), below, role: Role::Live };
                overrides.entry(root).or_default().push((known, one));
            }
        }
        let is_file = |path: &Path| given.contains_key(path) || run.fs().is_file(path);
        let mut sites: Vec<Site> = Vec::new();
        for (root, files) in overrides {
            let roots = roots(run.fs(), &root);
            sites.extend(files::sets(run.fs(), &roots, &is_file).into_iter().map(|set| Site::new(&roots, set, &files)));
        }
        for path in variables.keys() {
            let is_read = |sites: &[Site]| sites.iter().any(|site| site.variables.iter().any(|one| one.path == *path));
            if is_read(&sites) {
                continue;
            }
            let roots = roots(run.fs(), &paths::root_of_variables(run.fs(), path));
            let sets = files::sets(run.fs(), &roots, &is_file);
            let with_it = sets.into_iter().filter(|set| set.iter().any(|one| one.path == *path));
            sites.extend(with_it.map(|set| Site::new(&roots, set, &[])));
            if !is_read(&sites) {
                let alone = files::Variables { path: path.clone(), is_osism: false };
                sites.push(Site::new(&roots, vec![alone], &[]));
            }
        }
        let bases: BTreeSet<PathBuf> =
            sites.iter().filter(|site| site.roots.len() > 1).map(|site| site.roots[0].clone()).collect();
        let mut silent: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for site in sites {
            let before = run.found.len();
            let asked = |path: &Path| given.get(path).cloned().unwrap_or_else(|| PathBuf::from(from_here(path)));
            let globals = Globals::read(&site.variables, &asked, run);
            let release = globals.release();
            let major = release.unwrap_or(Release::NEWEST).index().max(4);
            let is_base = site.roots.last().is_some_and(|root| bases.contains(root)) && site.roots.len() == 1;
            let version = release.map_or("kolla-ansible".into(), |_| format!("kolla-ansible {major}"));
            let role = role::Role::new(major, &globals);
            let visible = site.roots.iter().any(|root| run.fs().is_folder(root)) || !site.overrides.is_empty();
            let Site { roots, variables, overrides } = site;
            let mut tree = Tree {
                roots,
                variables: &variables,
                globals,
                release,
                major,
                version,
                role,
                layers: Vec::new(),
                common: None,
                is_base,
                services: Services::VOLUME,
                visible,
                given: &given,
                run,
            };
            tree.deployments(&overrides);
            tree.never_read(&overrides);
            tree.remarks(before);
            let any = tree.run.found.len() > before;
            for one in &variables {
                *silent.entry(one.path.clone()).or_default() |= any;
            }
        }
        for (path, one) in variables {
            // Whoever names a file has had it read: that nothing is to be said of it is the answer.
            if silent.get(&path) == Some(&false) && !one.named {
                run.left.push((one.path.clone(), "Cinder is not enabled in it".into()));
            }
        }
    }
}

/// A cloud: its folders of overrides, its variables, and the overrides that were asked for.
struct Site<'t> {
    roots: Vec<PathBuf>,
    variables: Vec<files::Variables>,
    overrides: Vec<(Known, &'t Taken)>,
}

impl<'t> Site<'t> {
    fn new(roots: &[PathBuf], variables: Vec<files::Variables>, overrides: &[(Known, &'t Taken)]) -> Self {
        Self { roots: roots.to_vec(), variables, overrides: overrides.to_vec() }
    }
}

/// A folder of overrides, after the one that it is merged over.
fn roots(fs: &dyn FileSystem, root: &Path) -> Vec<PathBuf> {
    base_of(fs, root).into_iter().chain([root.to_path_buf()]).collect()
}

/// The overrides that those of an environment of kayobe are merged over.
fn base_of(fs: &dyn FileSystem, root: &Path) -> Option<PathBuf> {
    // `etc/kayobe/environments/NAME/kolla/config`
    let environments = root.ancestors().nth(3)?;
    let kayobe = environments.parent()?;
    let base = kayobe.join("kolla/config");
    (environments.ends_with("environments") && (fs.is_folder(&base) || fs.is_file(&kayobe.join("kolla.yml"))))
        .then_some(base)
}

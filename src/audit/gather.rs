//! Which shares there are to look at: those of the backends, those mounted beside them, those of guests' disks.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{
    domains::Domain,
    here::Here,
    kind::Names,
    mountinfo::{self, Mount},
    sight::Sight,
};
use crate::{
    catalog::Release,
    config::{Backend, Config},
    input::Root,
    nas::{self, Host, Nas, Python},
    source::{FileId, Files},
    text::counted,
};

/// Backends of other kinds that are named.
const NAMED: usize = 5;

/// One file system as processes see it: the host's, or a container's.
pub struct View {
    /// The process whose view it is; none: the host's.
    pub inside: Option<u32>,
    /// Where it lies on this machine; none: at `/`.
    pub dir: Option<PathBuf>,
    /// What is mounted; none: not known.
    pub mounts: Option<Vec<Mount>>,
    /// Folders that do not answer.
    pub silent: Vec<PathBuf>,
}

impl View {
    /// A root for it.
    pub fn root(&self, sight: &dyn Sight) -> Root {
        super::sight::root(sight, self.dir.as_deref()).without(self.silent.clone())
    }

    /// How many folders above a path of it are not its own.
    pub fn skip(&self) -> usize {
        self.dir.as_deref().map_or(0, |dir| dir.ancestors().count())
    }
}

/// One deployment that is audited.
pub struct Deployed {
    /// Its files.
    pub layers: Vec<FileId>,
    /// The paths of these files as reports show them.
    pub shown: Vec<String>,
    /// How it was found.
    pub how: String,
    /// Seconds since 1970 at which the service started.
    pub started: Option<i64>,
    /// The release that reads it.
    pub release: Release,
    /// Whether the volume database is empty.
    pub new_install: Option<bool>,
    /// The interpreter.
    pub python: Python,
    /// Its view, as an index.
    pub view: usize,
}

/// One backend, worked out.
pub struct Assessed<'f> {
    /// The deployment, as an index.
    pub deployment: usize,
    /// The backend.
    pub backend: Backend,
    /// What it does.
    pub nas: Nas<'f>,
    /// Its shares, as indices.
    pub shares: Vec<usize>,
    /// The identity of cinder's that cannot read the shares file.
    pub list_closed: Option<String>,
}

/// One share to look at.
pub struct Place {
    /// The configured address, else the source of the mount.
    pub address: String,
    /// The view that it is in.
    pub view: usize,
    /// Where it is, as the host sees it.
    pub point: PathBuf,
    /// Where the same files are seen as well.
    pub also_at: Vec<PathBuf>,
    /// Whether the decision looks at it.
    pub consulted: bool,
    /// Whether something explains it.
    pub explained: bool,
    /// How volumes are called.
    pub names: Names,
}

/// All that there is to look at.
pub struct Gathered<'f> {
    /// The NAS backends.
    pub backends: Vec<Assessed<'f>>,
    /// The shares.
    pub places: Vec<Place>,
}

/// Works out the backends and their shares, and adds what is mounted beside them.
pub fn gather<'f>(
    files: &'f Files,
    deployed: &[Deployed],
    views: &[View],
    nova_base: Option<&str>,
    domains: &[Domain],
    here: &Here<'_>,
) -> Gathered<'f> {
    let mut gathered = Gathered { backends: Vec::new(), places: Vec::new() };
    let mut bases: Vec<(usize, PathBuf, bool)> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for (at, one) in deployed.iter().enumerate() {
        let config = Config::new(files, one.layers.clone(), one.release);
        let host = Host { root: views[one.view].root(here.sight), new_install: one.new_install, python: one.python };
        let without_list = config.enabled_backends().is_none();
        let template = config.group("DEFAULT").and_then(|group| config.setting(group, "volume_name_template"));
        backup(&config, here);
        let names = template.map(|setting| Names::new(&setting.value())).unwrap_or_default();
        for backend in config.all_backends() {
            let mut nas = nas::assess(&config, &backend, &host);
            if let Some(error) = config.read_error(host.python == Python::Three) {
                nas.never_reached(&error);
            }
            let Some(driver) = nas.driver.nas else {
                if backend.enabled || without_list {
                    let class = nas.driver.class.rsplit('.').next().unwrap_or_default();
                    let class = crate::secrets::cover_urls(class).into_owned();
                    others.push(format!("{} ({class})", crate::secrets::cover_section(&backend.name)));
                }
                continue;
            };
            if !nas.listing.known && nas.driver.family.is_nfs_chain() {
                here.not_seen(
                    format!("the shares of backend {}", crate::secrets::cover_section(&backend.name)),
                    "the list of shares does not exist here or cannot be read",
                    "which shares it uses, and what is on them",
                );
            }
            let counts = backend.enabled || without_list;
            let shares = gathered.listed(&nas, one.view, counts, &names);
            if let Some(base) = config.backend_text(&backend, driver.base).known().filter(|base| base.starts_with('/'))
            {
                let real = host.root.real(Path::new(base)).map_or_else(|_| PathBuf::from(base), |(_, inside)| inside);
                let certain = nas.listing.known;
                match bases.iter_mut().find(|(view, known, _)| *view == one.view && *known == real) {
                    Some(known) => known.2 &= certain,
                    None => bases.push((one.view, real, certain)),
                }
            }
            if counts {
                gathered.backends.push(Assessed { deployment: at, backend, nas, shares, list_closed: None });
            }
        }
    }
    if let Some(base) = nova_base {
        bases.push((0, PathBuf::from(base), false));
    }
    gathered.mounted(views, &bases, domains);
    if views[0].mounts.is_none() {
        gathered.by_digest(domains, here);
    }
    if !others.is_empty() {
        let more = others.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = others.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        here.not_seen(
            format!("{}: {named}{more}", counted(others.len() as u64, "backend")),
            "audit looks at backends on NFS and the other drivers with shares, and at no others",
            "whether these backends work",
        );
    }
    gathered
}

/// Names the shares of cinder-backup, which nobody looks at.
fn backup(config: &Config<'_>, here: &Here<'_>) {
    for option in ["backup_share", "glusterfs_backup_share"] {
        let share = config.group("DEFAULT").and_then(|group| config.setting(group, option));
        let Some(share) = share.map(|setting| setting.value().into_owned()).filter(|share| !share.is_empty()) else {
            continue;
        };
        here.not_seen(
            format!("the share for backups, {}", crate::secrets::cover_urls(&share)),
            "audit looks at the shares of volumes only",
            "whether cinder-backup can write to it",
        );
    }
}

impl Gathered<'_> {
    fn listed(&mut self, nas: &Nas<'_>, view: usize, counts: bool, names: &Names) -> Vec<usize> {
        let known: HashMap<(usize, PathBuf), usize> =
            self.places.iter().enumerate().map(|(at, place)| ((place.view, place.point.clone()), at)).collect();
        let mut shares = Vec::new();
        for share in &nas.listing.shares {
            let Some(point) = share.mount_point.as_ref().map(PathBuf::from) else { continue };
            let at = known.get(&(view, point.clone())).copied().unwrap_or(self.places.len());
            if at == self.places.len() {
                self.places.push(Place {
                    address: share.share.address.clone(),
                    view,
                    point,
                    also_at: Vec::new(),
                    consulted: false,
                    explained: true,
                    names: names.clone(),
                });
            }
            self.places[at].consulted |= share.consulted && counts;
            shares.push(at);
        }
        shares
    }

    /// Adds the mounts below the bases, and those that hold guests' disks.
    fn mounted(&mut self, views: &[View], bases: &[(usize, PathBuf, bool)], domains: &[Domain]) {
        let disks: Vec<&Path> =
            domains.iter().flat_map(|domain| &domain.disks).map(|disk| Path::new(disk.path.as_str())).collect();
        for (view, one) in views.iter().enumerate() {
            let mounts = one.mounts.as_deref().unwrap_or_default();
            let configured = self.places.len();
            for mount in mounts {
                let below =
                    bases.iter().find(|(at, base, _)| *at == view && mount.point.parent() == Some(base.as_path()));
                let has_disks = view == 0
                    && mount.is_network()
                    && disks.iter().any(|disk| mountinfo::of(mounts, disk).is_some_and(|on| on.point == mount.point));
                if below.is_none() && !has_disks || self.places.iter().any(|p| p.view == view && p.point == mount.point)
                {
                    continue;
                }
                let same = self.places.iter_mut().find(|place| {
                    let on = views[place.view].mounts.as_deref().unwrap_or_default();
                    on.iter().any(|other| other.point == place.point && other.shows_the_same(mount))
                });
                match same {
                    Some(place) => place.also_at.push(mount.point.clone()),
                    None => self.places.push(Place {
                        address: mount.source.clone(),
                        view,
                        point: mount.point.clone(),
                        also_at: Vec::new(),
                        consulted: false,
                        // A base whose backends' shares are not known explains everything.
                        explained: has_disks || below.is_some_and(|(_, _, certain)| !certain),
                        names: Names::default(),
                    }),
                }
            }
            self.places[configured..].sort_by(|a, b| a.point.cmp(&b.point));
        }
    }

    /// Ties guests' disks to shares where nobody knows what is mounted: by the folder that is called as the digest of the
    /// share's address, below whatever base.
    fn by_digest(&mut self, domains: &[Domain], here: &Here<'_>) {
        let mut any = false;
        for disk in domains.iter().flat_map(|domain| &domain.disks) {
            let path = Path::new(&disk.path);
            let Some(folder) = path.ancestors().skip(1).find(|folder| digest(folder).is_some()) else { continue };
            let known = self.places.iter().position(|place| place.view == 0 && digest(&place.point) == digest(folder));
            match known {
                Some(at) => {
                    let place = &mut self.places[at];
                    if place.point != folder && !place.also_at.iter().any(|known| known == folder) {
                        place.also_at.push(folder.to_path_buf());
                    }
                }
                None => {
                    let names = Names::default();
                    let name = path.file_name().map(std::os::unix::ffi::OsStrExt::as_bytes).unwrap_or_default();
                    if !names.kind(name).is_disk() {
                        continue;
                    }
                    self.places.push(Place {
                        address: format!("the share with the MD5 {}", digest(folder).unwrap_or_default()),
                        view: 0,
                        point: folder.to_path_buf(),
                        also_at: Vec::new(),
                        consulted: false,
                        explained: true,
                        names,
                    });
                }
            }
            any = true;
        }
        if any {
            here.not_seen(
                "the mounts that guests' disks are on",
                "no table of mounts is here; disks are tied to shares by the MD5 in their paths",
                "whether these shares were mounted there",
            );
        }
    }

    /// The share that a path of the host lies on, and where on it.
    pub fn on_share(&self, path: &Path) -> Option<(usize, PathBuf)> {
        let at = self.place_of(path)?;
        let place = &self.places[at];
        let rest = place.also_at.iter().chain([&place.point]).find_map(|point| path.strip_prefix(point).ok())?;
        Some((at, place.point.join(rest)))
    }

    /// The share that a path of the host lies on.
    pub fn place_of(&self, path: &Path) -> Option<usize> {
        let on = |place: &Place| {
            place.view == 0 && (path.starts_with(&place.point) || place.also_at.iter().any(|at| path.starts_with(at)))
        };
        self.places.iter().position(on)
    }
}

/// The last part of a path, where it is an MD5 as os-brick writes it.
fn digest(folder: &Path) -> Option<&str> {
    let name = folder.file_name()?.to_str()?;
    (name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))).then_some(name)
}

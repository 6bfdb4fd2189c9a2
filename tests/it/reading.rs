//! What reading costs, counted at the file system.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use cinderlint::{
    lint::{self, Choice, Rule},
    source::{Enter, Entry, FileSystem, HostFiles, Kind, Meet, Memory, Overlay, ReadError},
    workspace::{self, Options, Workspace},
};

/// A file system that counts how often each file is read whole, and how many folders are searched.
#[derive(Debug)]
struct Counting {
    below: Arc<dyn FileSystem>,
    read: Mutex<BTreeMap<PathBuf, usize>>,
    walks: Mutex<usize>,
    /// Whatever was asked about, without `..`.
    touched: Mutex<Vec<PathBuf>>,
}

impl Counting {
    fn new(below: Arc<dyn FileSystem>) -> Self {
        Self { below, read: Mutex::default(), walks: Mutex::default(), touched: Mutex::default() }
    }

    fn touch(&self, path: &Path) {
        self.touched.lock().unwrap().push(path.to_path_buf());
    }

    /// What was read since the last time that this was asked.
    fn taken(&self) -> BTreeMap<PathBuf, usize> {
        std::mem::take(&mut *self.read.lock().unwrap())
    }
}

impl FileSystem for Counting {
    fn look(&self, path: &Path) -> io::Result<Kind> {
        self.touch(path);
        self.below.look(path)
    }

    fn look_at_link(&self, path: &Path) -> io::Result<Kind> {
        self.touch(path);
        self.below.look_at_link(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.read_link(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.touch(path);
        self.below.real(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.touch(path);
        let text = self.below.read(path)?;
        let mut whole = PathBuf::new();
        for part in std::path::absolute(path).unwrap().components() {
            match part {
                std::path::Component::ParentDir => drop(whole.pop()),
                part => whole.push(part),
            }
        }
        *self.read.lock().unwrap().entry(whole).or_default() += 1;
        Ok(text)
    }

    fn read_head(&self, path: &Path, most: usize, listed: bool) -> Vec<u8> {
        self.below.read_head(path, most, listed)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.below.list(folder)
    }

    fn walk(&self, folder: &Path, enter: Arc<Enter<'static>>, meet: &Meet<'_>) {
        *self.walks.lock().unwrap() += 1;
        self.below.walk(folder, enter, meet);
    }
}

const SITES: usize = 30;

/// Sites with a file each, one of them with a folder of further files, and overrides of kolla-ansible.
fn tree() -> Memory {
    let conf = "[DEFAULT]\nenabled_backends = nfs, other\n[nfs]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_secure_file_operations = true\nnas_secure_file_permissions = true\nnfs_shares_config = /etc/cinder/nfs_shares\n[other]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnas_secure_file_operations = true\nnas_secure_file_permissions = true\nnfs_shares_config = /etc/cinder/nfs_shares\n";
    let mut fs = Memory::new().with_folder("/r/.git").with("/r/cinderlint.toml", "release = \"2026.2\"\n");
    for site in 0..SITES {
        fs = fs.with(format!("/r/site{site}/etc/cinder/cinder.conf"), conf);
    }
    fs.with("/r/site7/etc/cinder/cinder.conf.d/10-more.conf", "[DEFAULT]\ndebug = false\n")
        .with("/r/kolla/globals.yml", "enable_cinder: \"yes\"\nenable_cinder_backend_nfs: \"yes\"\n")
        .with("/r/kolla/config/cinder.conf", "[DEFAULT]\ndebug = true\n")
        .with("/r/kolla/config/cinder/cinder-volume.conf", "[DEFAULT]\nosapi_volume_workers = 2\n")
        .with("/r/kolla/config/nfs_shares", "10.0.0.5:/srv/a\n")
}

fn options(paths: Vec<PathBuf>) -> Options {
    Options {
        paths,
        layers: Vec::new(),
        stdin_filename: PathBuf::from("cinder.conf"),
        release: None,
        root: None,
        host: HostFiles::Own,
        new_install: None,
        python: None,
        vars: None,
        settings: None,
        no_settings: false,
        isolated: false,
        form: None,
        force_exclude: false,
    }
}

fn rules() -> Vec<Arc<Rule>> {
    lint::built_in().unwrap().into_iter().map(Arc::new).collect()
}

/// Reads and lints; the findings, by the files that they stand in.
fn linted(fs: &Arc<dyn FileSystem>, rules: &[Arc<Rule>], paths: Vec<PathBuf>) -> (Workspace, Vec<String>) {
    let mut input = workspace::read(fs, &options(paths), rules).unwrap();
    assert!(input.errors.is_empty());
    let mut found = Vec::new();
    for group in &input.groups {
        let lint = lint::run_as(&mut input.files, &group.deployments, &group.host, Choice::of(rules, true));
        found.extend(lint.findings.iter().map(|one| format!("{} {}", one.rule.id, one.message)));
    }
    (input, found)
}

#[test]
fn each_file_is_read_once() {
    let counting = Arc::new(Counting::new(Arc::new(tree())));
    let fs: Arc<dyn FileSystem> = counting.clone();
    linted(&fs, &rules(), vec![PathBuf::from("/r")]);
    let read = counting.taken();
    let twice: Vec<_> = read.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(read.len() > SITES, "{read:?}");
    assert_eq!(*counting.walks.lock().unwrap(), 1);
}

#[test]
fn reading_again_costs_what_the_deployments_of_the_changed_file_cost() {
    let overlay = Arc::new(Overlay::new(Arc::new(tree())));
    let counting = Arc::new(Counting::new(overlay.clone()));
    let fs: Arc<dyn FileSystem> = counting.clone();
    let rules = rules();
    let (all, before) = linted(&fs, &rules, vec![PathBuf::from("/r")]);
    let site = "/r/site7/etc/cinder/cinder.conf";
    let more = "/r/site7/etc/cinder/cinder.conf.d/10-more.conf";
    let settings = "/r/cinderlint.toml";
    let kolla = ["globals.yml", "config/cinder.conf", "config/cinder/cinder-volume.conf", "config/nfs_shares"];
    let kolla: Vec<String> = kolla.iter().map(|path| format!("/r/kolla/{path}")).collect();
    for (changed, text, wanted) in [
        (site, "[DEFAULT]\nenabled_backends = nope\n", vec![site, more, settings]),
        (more, "[DEFAULT]\nenabled_backends = nope\n", vec![site, more, settings]),
        (
            &kolla[1],
            "[DEFAULT]\nenabled_backends = nope\n",
            kolla.iter().map(String::as_str).chain([settings]).collect(),
        ),
        ("/r/site9/etc/cinder/cinder.conf", "[nope", vec!["/r/site9/etc/cinder/cinder.conf", settings]),
    ] {
        counting.taken();
        let walks = *counting.walks.lock().unwrap();
        overlay.set(Path::new(changed), text.as_bytes());
        let (_, after) = linted(&fs, &rules, all.beside(Path::new(changed)));
        let mut wanted: Vec<PathBuf> = wanted.into_iter().map(PathBuf::from).collect();
        wanted.sort();
        let read = counting.taken();
        assert_eq!(read.keys().cloned().collect::<Vec<_>>(), wanted, "{changed}");
        assert!(read.values().all(|times| *times == 1), "{read:?}");
        assert_eq!(*counting.walks.lock().unwrap(), walks, "nothing is searched");
        assert!(after.iter().any(|one| !before.contains(one)), "the new text is judged: {after:?}");
        overlay.remove(Path::new(changed));
    }
}

#[test]
fn an_editor_never_touches_what_a_configuration_names_outside() {
    let conf = "[DEFAULT]\nenabled_backends = nfs\nrootwrap_config = /etc/cinder/rootwrap.conf\n[nfs]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\nnfs_shares_config = /mnt/hangs/shares\nnfs_mount_point_base = /mnt/hangs/base\nnas_host = h\nnas_share_path = /x\n";
    let below = Memory::new().with("/etc/cinder/cinder.conf", conf).with("/mnt/hangs/shares", "h:/a\n");
    for (host, touches) in [(HostFiles::Never, false), (HostFiles::Own, true)] {
        let counting = Arc::new(Counting::new(Arc::new(below.clone())));
        let fs: Arc<dyn FileSystem> = counting.clone();
        let read = Options { host, ..options(vec![PathBuf::from("/etc/cinder/cinder.conf")]) };
        let rules = rules();
        let mut input = workspace::read(&fs, &read, &rules).unwrap();
        for group in &input.groups {
            lint::run_as(&mut input.files, &group.deployments, &group.host, Choice::of(&rules, true));
        }
        let touched = counting.touched.lock().unwrap();
        assert_eq!(touched.iter().any(|path| path.starts_with("/mnt")), touches, "{host:?}: {touched:?}");
    }
}

//! How one start of a backend ends: the pair, or the exception that `do_setup` raises.
//!
//! Source: `RemoteFSDriver.do_setup`, `NfsDriver.do_setup` and `_check_snapshot_support`, and the drivers that are named below, Kilo to
//! 29.0.0.

use super::{
    driver::{self, Driver},
    family::Family,
    host::{OPERATIONS, PERMISSIONS, Python},
    mounts::{Listing, SharesFileState},
};
use crate::{
    catalog::{Release, types},
    config::{Exception, Text, Texts},
};

/// How one possible start ends: the pair (operations, permissions), or the exception.
pub(super) type Outcome = Result<(bool, bool), Exception>;

/// Everything that does not depend on the indicator or the database.
pub(super) struct Fixed<'a, 'f> {
    pub texts: &'a Texts<'a, 'f>,
    pub release: Release,
    pub driver: &'a Driver,
    pub listing: &'a Listing,
    pub operations: &'a Text<'f>,
    pub permissions: &'a Text<'f>,
    pub python: Python,
}

impl Fixed<'_, '_> {
    /// One start, with everything known; `auto` is what `auto` comes to on the first share.
    pub(super) fn start(&self, auto: bool) -> Outcome {
        if let Some(error) = &self.driver.error {
            return Err(error.clone());
        }
        self.constructor()?;
        let Some(nas) = self.driver.nas else { return Ok((false, false)) };
        let exactly_true = |text: &Text<'_>| text.known() == Some("true");
        let pair = (exactly_true(self.operations), exactly_true(self.permissions));
        if !nas.validates {
            return Ok(if nas.family == Family::ForcedTrue { (true, true) } else { pair });
        }
        let (operations, permissions) = self.validate()?;
        let resolve = |value: &str, auto: bool| value == "true" || value == "auto" && auto;
        match nas.family {
            Family::Indicator | Family::IndicatorAsRoot => {
                self.shares()?;
                let pair = (resolve(&operations, auto), resolve(&permissions, auto));
                self.snapshots(pair.0)?;
                self.after()?;
                Ok(pair)
            }
            Family::AutoIsTrue => Ok((resolve(&operations, true), resolve(&permissions, true))),
            Family::ForcedTrue => {
                self.virtuozzo()?;
                Ok((true, true))
            }
            _ => Ok((resolve(&operations, false), resolve(&permissions, false))),
        }
    }

    fn text(&self, name: &str) -> Text<'_> {
        self.texts.get(name)
    }

    /// What fails before `do_setup`.
    fn constructor(&self) -> Result<(), Exception> {
        let vmstore = "cinder.volume.drivers.vmstore.nfs.VmstoreNfsDriver";
        if self.driver.class == vmstore && matches!(self.text("nfs_mount_options").text, Ok(None)) {
            return Err(Exception::new("AttributeError", "'NoneType' object has no attribute 'split'"));
        }
        if self.driver.family.is_nfs_chain()
            && let Err(problem) = self.text("nfs_mount_point_base").text
            && let Some(exception) = problem.exception()
        {
            return Err(exception);
        }
        Ok(())
    }

    /// `RemoteFSDriver.do_setup`: both values in lower case, if they are among the three that there are.
    fn validate(&self) -> Result<(String, String), Exception> {
        let lower = |text: &Text<'_>| match &text.text {
            Ok(value) => Ok(value.as_deref().unwrap_or("auto").to_lowercase()),
            Err(problem) => problem.exception().map_or_else(|| Ok("auto".to_string()), Err),
        };
        let permissions = lower(self.permissions)?;
        let operations = lower(self.operations)?;
        for (name, value) in [(PERMISSIONS, &permissions), (OPERATIONS, &operations)] {
            if !matches!(value.as_str(), "auto" | "true" | "false") {
                let detail = format!("NAS config '{name}={value}' invalid. Must be 'auto', 'true', or 'false'");
                return Err(Exception::new("InvalidConfigurationValue", detail).about(name));
            }
        }
        Ok((operations, permissions))
    }

    /// `NfsDriver.do_setup` up to the first mounted share.
    fn shares(&self) -> Result<(), Exception> {
        if let Some((path, state)) = &self.listing.file {
            match state {
                SharesFileState::NoName => return Err(self.no_name()),
                // With the pair of options set, nobody looks whether the file is there before it is opened.
                SharesFileState::Absent { certain: true } if self.pair_is_set() => {
                    let class = if self.python == Python::Two { "IOError" } else { "FileNotFoundError" };
                    return Err(Exception::new(class, format!("[Errno 2] No such file or directory: '{path}'")));
                }
                SharesFileState::Absent { certain: true } => return Err(no_file_at(path)),
                SharesFileState::Folder => {
                    let class = if self.python == Python::Two { "IOError" } else { "IsADirectoryError" };
                    return Err(Exception::new(class, format!("the shares file {path} is a folder")));
                }
                SharesFileState::Unreadable(why) => {
                    let class = if self.python == Python::Two { "IOError" } else { "PermissionError" };
                    return Err(Exception::new(class, format!("the shares file {path} {why}")));
                }
                SharesFileState::Read
                | SharesFileState::Absent { certain: false }
                | SharesFileState::Outside
                | SharesFileState::Unknown => {}
            }
        }
        // Up to Mitaka the file must be there although the pair of options makes it useless.
        if self.release < Release::NEWTON {
            match &self.listing.beside {
                Some((_, SharesFileState::NoName)) => return Err(no_file_configured()),
                Some((path, SharesFileState::Absent { certain: true })) => return Err(no_file_at(path)),
                _ => {}
            }
        }
        if let Some(error) = &self.listing.error {
            return Err(error.clone());
        }
        let attempts = self.text("nfs_mount_attempts");
        let unmountable = attempts
            .known()
            .is_some_and(|text| driver::value_error(self.release, "nfs_mount_attempts", text).is_some());
        if self.listing.known && (self.listing.shares.is_empty() || unmountable) {
            return Err(Exception::new("NfsNoSharesMounted", "No mounted NFS shares found"));
        }
        Ok(())
    }

    /// An empty name of the shares file. NexentaStor's driver opens it.
    fn no_name(&self) -> Exception {
        if self.driver.class != "cinder.volume.drivers.nexenta.nfs.NexentaNfsDriver" {
            return no_file_configured();
        }
        let class = if self.python == Python::Two { "IOError" } else { "FileNotFoundError" };
        Exception::new(class, "[Errno 2] No such file or directory: ''")
    }

    fn pair_is_set(&self) -> bool {
        ["nas_host", "nas_share_path"].iter().all(|name| self.text(name).non_empty().is_some())
    }

    /// `_check_snapshot_support(setup_checking=True)`, Ocata and later.
    fn snapshots(&self, operations: bool) -> Result<(), Exception> {
        if self.release < Release::OCATA {
            return Ok(());
        }
        let text = self.text("nfs_snapshot_support");
        let wanted = match (&text.text, text.known().map(types::as_bool)) {
            (Err(problem), _) => return problem.exception().map_or(Ok(()), Err),
            (_, Some(None)) => {
                let value = text.known().unwrap_or_default();
                return driver::value_error(self.release, "nfs_snapshot_support", value).map_or(Ok(()), Err);
            }
            (_, wanted) => wanted.flatten().unwrap_or(false),
        };
        if wanted && operations {
            let detail = "Snapshots are not supported with nas_secure_file_operations enabled ('true' or 'auto'). Please set it to \
                          'false' if you intend to  have it enabled.";
            return Err(Exception::new("VolumeDriverException", detail).about("nfs_snapshot_support"));
        }
        Ok(())
    }

    /// What single drivers ask for after `NfsDriver.do_setup`.
    fn after(&self) -> Result<(), Exception> {
        if self.driver.class == "cinder.volume.drivers.veritas_cnfs.VeritasCNFSDriver" {
            let options = self.text("nfs_mount_options");
            if !options.known().is_some_and(|options| options.contains("nfsvers=3")) {
                let detail = "Bad or unexpected response from the storage volume backend API: NFS is not configured to use NFSv3";
                return Err(Exception::new("VolumeBackendAPIException", detail).about("nfs_mount_options"));
            }
        }
        Ok(())
    }

    /// `VZStorageDriver.do_setup`.
    fn virtuozzo(&self) -> Result<(), Exception> {
        let base = self.text("vzstorage_mount_point_base");
        if let Some(base) = base.known()
            && !base.starts_with('/')
        {
            let detail = format!("Invalid mount point base: {base}.");
            return Err(Exception::new("VzStorageException", detail).about("vzstorage_mount_point_base"));
        }
        let file = self.listing.file.as_ref().or(self.listing.beside.as_ref());
        if let Some((path, SharesFileState::Absent { certain: true } | SharesFileState::NoName)) = file {
            let detail = format!("VzStorage config file at {path} doesn't exist.");
            return Err(Exception::new("VzStorageException", detail).about("vzstorage_shares_config"));
        }
        let ratio = self.text("vzstorage_used_ratio");
        if let Some(text) = ratio.known()
            && let Ok(value) = text.trim().parse::<f64>()
            && !(value > 0.0 && value <= 1.0)
        {
            let detail = format!("VzStorage config 'vzstorage_used_ratio' invalid. Must be > 0 and <= 1.0: {text}.");
            return Err(Exception::new("VzStorageException", detail).about("vzstorage_used_ratio"));
        }
        Ok(())
    }
}

fn no_file_configured() -> Exception {
    Exception::new("NfsException", "There's no NFS config file configured (nfs_shares_config)")
}

fn no_file_at(path: &str) -> Exception {
    Exception::new("NfsException", format!("NFS config file at {path} doesn't exist"))
}

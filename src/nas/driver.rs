//! Which class a backend really runs.

use super::{
    family::{Family, NETAPP_PROXY, NasDriver, nas_driver},
    host::Python,
};
use crate::{
    catalog::{self, CodeKind, Release},
    config::{Exception, Problem, Texts},
};

/// The class behind a backend.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Its import path, after aliases and NetApp's proxy.
    pub class: String,
    /// How it treats the NAS pair.
    pub family: Family,
    /// What is peculiar to it, if it is a NAS driver.
    pub nas: Option<NasDriver>,
    /// The exception that keeps it from being made, if one is certain.
    pub error: Option<Exception>,
}

/// Finds the class that `volume_driver` leads to (`cinder.volume.manager.VolumeManager.__init__`).
pub fn resolve(texts: &Texts<'_, '_>, python: Python) -> Driver {
    let release = texts.config.release;
    let path = &*texts.backend.driver;
    let known = catalog::driver(release, path);
    let class = known.as_ref().map_or(path, |driver| driver.path());
    if path == NETAPP_PROXY {
        return netapp(texts);
    }
    let nas = nas_driver(class, release);
    let family = match (&nas, &known) {
        (Some(nas), _) => nas.family,
        (None, Some(_)) => Family::NotNas,
        (None, None) => Family::Unknown,
    };
    let unseen = matches!(texts.get("volume_driver").text, Err(Problem::Unseen));
    let error = if nas.is_none() && known.is_none() && !unseen { import_error(path, release, python) } else { None };
    Driver { class: class.to_string(), family, nas, error }
}

/// What `importutils.import_object` raises for a class that Cinder does not have; none for classes of others.
pub(crate) fn import_error(path: &str, release: Release, python: Python) -> Option<Exception> {
    let Some((module, _)) = path.rsplit_once('.') else {
        return Some(Exception::new("ValueError", "Empty module name"));
    };
    if module != "cinder" && !module.starts_with("cinder.volume.") {
        return None;
    }
    let class = path.rsplit('.').next().unwrap_or(path);
    let missing = || Exception::new("ImportError", format!("Class {class} cannot be found"));
    Some(absent_module(release, python, module).unwrap_or_else(missing))
}

/// What Python says where a module of Cinder's, or a package on the way to it, is not there.
pub(crate) fn absent_module(release: Release, python: Python, module: &str) -> Option<Exception> {
    let is_module = |path: &str| catalog::code(release, path).is_some_and(|code| code.kind() == CodeKind::Module);
    let ends = module.match_indices('.').map(|(at, _)| at).chain([module.len()]);
    let absent = ends.map(|end| &module[..end]).find(|path| !is_module(path))?;
    let parent = absent.rsplit_once('.').map_or("", |(parent, _)| parent);
    let is_package = |path: &str| {
        catalog::all_code(release, CodeKind::Module)
            .any(|code| code.path().strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    };
    if python == Python::Three && is_module(parent) && !is_package(parent) {
        return Some(no_module(python, absent, &format!("; '{parent}' is not a package")));
    }
    Some(no_module(python, absent, ""))
}

/// What Python says where there is no such module.
pub(crate) fn no_module(python: Python, module: &str, more: &str) -> Exception {
    match python {
        Python::Two => {
            Exception::new("ImportError", format!("No module named {}", module.rsplit('.').next().unwrap_or(module)))
        }
        Python::Three => Exception::new("ModuleNotFoundError", format!("No module named '{module}'{more}")),
    }
}

fn netapp(texts: &Texts<'_, '_>) -> Driver {
    let release = texts.config.release;
    let protocol = texts.get("netapp_storage_protocol");
    let family = texts.get("netapp_storage_family");
    let driver = |class: String, error| {
        let nas = nas_driver(&class, release);
        Driver { family: nas.map_or(Family::NotNas, |nas| nas.family), class, nas, error }
    };
    let proxy = |error| driver(NETAPP_PROXY.to_string(), error);
    for (name, text) in [("netapp_storage_family", &family), ("netapp_storage_protocol", &protocol)] {
        match &text.text {
            Err(problem) => return proxy(problem.exception()),
            Ok(None) => {
                let detail = format!("Invalid input received: Configuration value {name} is not set.");
                return proxy(Some(Exception::new("InvalidInput", detail).about(name)));
            }
            Ok(Some(value)) => {
                if let Some(error) = value_error(release, name, value) {
                    return proxy(Some(error));
                }
            }
        }
    }
    let (protocol, family) = (protocol.known().unwrap_or_default(), family.known().unwrap_or_default());
    let class = match (family, protocol) {
        ("ontap_7mode", "nfs") => "cinder.volume.drivers.netapp.dataontap.nfs_7mode.NetApp7modeNfsDriver",
        (_, "nfs") => "cinder.volume.drivers.netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver",
        _ => NETAPP_PROXY,
    };
    driver(class.to_string(), None)
}

/// What oslo.config raises when Cinder reads an option whose text its type refuses.
pub(super) fn value_error(release: Release, name: &str, text: &str) -> Option<Exception> {
    let known = catalog::backend_option(release, name)?;
    let rejected = known.value_type().check(text).err()?;
    Some(
        Exception::new("ConfigFileValueError", format!("Value for option {name} is not valid: {rejected}"))
            .about(known.name()),
    )
}

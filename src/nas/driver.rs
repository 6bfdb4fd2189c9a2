//! Which class a backend really runs.

use super::{
    family::{Family, NETAPP_PROXY, NasDriver, nas_driver},
    host::Python,
};
use crate::{
    catalog::{self, Release},
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
    if catalog::module_exists(release, module) {
        Some(Exception::new("ImportError", format!("Class {path} cannot be found")))
    } else if python == Python::Two {
        Some(Exception::new("ImportError", format!("No module named {}", module.rsplit('.').next().unwrap_or(module))))
    } else {
        Some(Exception::new("ModuleNotFoundError", format!("No module named '{module}'")))
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

//! What each Cinder release knows: releases, options, types, drivers.
//!
//! The data is made by `catalog/update.py` from Cinder's sources and compiled into arrays by `build.rs`.

mod about;
mod code;
mod demands;
mod names;
mod notes;
mod release;
mod rows;
mod service_wide;
mod tables;
pub mod types;

pub use about::About;
pub use code::{Code, Kind as CodeKind, all_code, code, code_anywhere};
pub use demands::{Demand, Refused, Wanted, demands};
pub use names::UnknownRelease;
pub use notes::{Note, notes};
pub use release::{Release, Releases};
pub use service_wide::is_service_wide;
pub use tables::{
    BACKENDS, Default, DriverRow, Instead, OptionRow, Readers, all_drivers, all_options, backend_option,
    backend_option_once_called, backend_options, driver, driver_anywhere, group_exists, group_names, group_releases,
    is_secret_name, module_exists, option, options_named, replacement, secret_names,
};

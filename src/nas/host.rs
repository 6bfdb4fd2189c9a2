//! What is known of the host beside its configuration, and the names of the pair.

use crate::input::Root;

/// The name of the option that says whether commands on a share run as root.
pub const OPERATIONS: &str = "nas_secure_file_operations";

/// The name of the option that says whether volume files are 0660 or 0666.
pub const PERMISSIONS: &str = "nas_secure_file_permissions";

/// The file that a new installation leaves on the first share.
pub const INDICATOR: &str = ".cinderSecureEnvIndicator";

/// The interpreter that runs cinder-volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Python {
    /// CPython 2.7.
    Two,
    /// CPython 3.6 or later.
    Three,
}

/// What is known of the host beside its configuration.
#[derive(Debug)]
pub struct Host {
    /// Where absolute paths are looked up.
    pub root: Root,
    /// Whether the volume database is empty, where the user said so.
    pub new_install: Option<bool>,
    /// The interpreter.
    pub python: Python,
}

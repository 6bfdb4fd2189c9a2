//! What `nas_secure_file_operations` and `nas_secure_file_permissions` really are, and why.

pub mod decide;
pub mod driver;
pub mod family;
mod host;
mod mounts;
mod nova;
pub mod python2;
mod reason;
pub mod shares;
mod start;

pub use decide::{Effective, Nas, NasOption, Starts, assess, assess_with};
pub use driver::{Driver, resolve as resolve_driver};
pub use family::{Family, NasDriver, ShareSource, nas_driver};
pub use host::{Host, INDICATOR, OPERATIONS, PERMISSIONS, Python};
pub use mounts::{Indicator, Listing, MountedShare, SharesFileState};
pub use nova::nova_conf;
pub use reason::{Configured, Decision, Reason};

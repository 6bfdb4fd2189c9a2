//! Options of backends that code of a release also reads in `[DEFAULT]`; `catalog/service_wide.py` finds them in Cinder's sources.

use super::{Release, rows::Table};

include!(concat!(env!("OUT_DIR"), "/service_wide.rs"));
static TABLE: Table =
    Table { text: include_str!(concat!(env!("OUT_DIR"), "/service_wide.tsv")), lines: &SERVICE_WIDE_LINES };

/// Whether code of a release reads an option of backends in `[DEFAULT]`, too.
pub fn is_service_wide(release: Release, option: &str) -> bool {
    TABLE.rows(option).any(|row| row.holds_for(1, 2, release))
}

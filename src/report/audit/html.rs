//! One self-contained page.
use std::io::{self, Write};

use crate::audit::model::Document;

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn write(_document: &Document, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}

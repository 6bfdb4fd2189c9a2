//! What must never leave a linted file, and how it is covered.
//!
//! Whatever is printed of a file goes through here: values by [`cover_value`], lines of source by [`secret_spans`].

mod cover;
mod credentials;
mod lists;
mod names;
mod pem;
mod shape;
mod spans;
mod urls;
mod yaml;

pub use cover::{COVER, cover_key, cover_section, cover_urls, cover_value};
pub use names::is_secret;
pub use pem::key_blocks;
pub use shape::{shape_of_key, shape_of_section, shape_of_value};
pub use spans::secret_spans;
pub use yaml::secret_spans_of_yaml;

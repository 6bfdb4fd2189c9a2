//! The language server: what `check`, `effective` and `option` say, while somebody types.
//!
//! One loop ([`serve`]) owns the texts that the editor holds; a worker lints snapshots of them. The newest snapshot wins. Each
//! deployment is linted as a whole, by the same code as on the command line.

mod actions;
mod analysis;
mod answers;
mod complete;
mod context;
mod cursor;
mod diagnostics;
mod edits;
mod hints;
mod hover;
mod lines;
mod navigate;
mod outline;
mod server;
mod settings;
mod texts;
mod unfinished;
mod uri;
mod worker;

pub use server::{LspError, serve};
pub use settings::Given;

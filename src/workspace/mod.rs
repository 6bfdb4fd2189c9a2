//! What every front end needs: paths, settings, forms and lists of shares become deployments of files.

mod add;
mod again;
mod choices;
mod link_shares;
mod model;
mod options;
mod read;
mod script;

pub use choices::{Choices, Linted};
pub use model::{FileDecision, Group, Workspace};
pub use options::{Layer, Options};
pub use read::read;

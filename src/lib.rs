//! cinderlint reads `cinder.conf` the way Cinder does, and says what is wrong before the deploy.
//!
//! Data flows one way: text ([`source`], [`input`]) → document ([`ini`]) → configuration ([`config`]) → facts ([`nas`], [`lint`]) →
//! findings ([`lint`]) → report ([`report`]) or edits ([`fix`]). [`workspace`] does it for whatever a front end names, on any file
//! system. [`catalog`] is what each Cinder release knows; [`secrets`] is what must never be shown; [`settings`] is what a site has
//! decided; [`lsp`] is what an editor sees; [`cli`] is what each subcommand accepts. `docs/layout.md` has the floors, and who may import whom.

#[cfg(target_os = "linux")]
pub mod audit;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod fix;
pub mod ini;
pub mod input;
pub mod lint;
pub mod lsp;
pub mod message;
pub mod nas;
mod parallel;
pub mod report;
pub mod secrets;
pub mod settings;
pub mod source;
pub mod style;
pub mod template;
mod text;
pub mod vocabulary;
pub mod workspace;

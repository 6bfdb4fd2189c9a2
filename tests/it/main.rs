//! All tests of the command and the library are one binary, for each one links the whole crate: `cargo test --test it forms::` runs
//! those of one module.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod command;
mod findings;
mod snapshot;

mod audit;
mod audit_copies;
mod audit_logs;
mod baseline;
mod borders;
mod catalog;
mod checks;
mod cli;
mod collect;
mod completion;
mod config;
mod cost;
mod demands;
mod diff;
mod effective;
mod examples;
mod fixing;
mod fixing_inside;
mod forms;
mod hostile;
#[cfg(unix)]
mod hostile_outputs;
mod lsp;
mod option;
mod oracle;
mod pieces;
mod properties;
mod reading;
mod releases;
mod reports;
mod rules;
mod secrets;
mod secrets_inside;
mod secrets_matrix;
mod secrets_outputs;
mod services;
mod settings;
mod structure;
mod suppressions;
mod types;
mod upgrade;
mod upgrade_maps;
mod vars;
mod vocabulary;
mod words;

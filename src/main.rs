//! The `cinderlint` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cinderlint::cli::main()
}

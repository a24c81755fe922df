//! The `disco` program: see [`disco::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    disco::cli::run(std::env::args_os().map(|word| word.to_string_lossy().into_owned()))
}

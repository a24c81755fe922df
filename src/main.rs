//! The `disco` program: see [`disco::cli`].

use std::process::ExitCode;

/// Plans and states are millions of small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    disco::cli::run(std::env::args_os().map(|word| word.to_string_lossy().into_owned()))
}

//! HashiCorp's `hcldec` on DISCO's rooms `syntax` and `expression`: DISCO's language, measured from outside.
//!
//! ```text
//! cargo run --example hcldec -- --spec=FILE [options] [INPUT ...]
//! ```
//!
//! takes the options of the original (`--help` lists them) and gives its answers: the decoded value as JSON on stdout, or
//! complaints on stderr and exit code 2. HashiCorp's specification suite is run with the built example:
//!
//! ```text
//! cargo build --release --example hcldec
//! hclspecsuite SUITE/tests target/release/examples/hcldec
//! ```

mod decoder;

use std::io::{Write as _, stderr, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let outcome = decoder::run(&arguments, &mut stdin().lock());
    let written = stderr().write_all(outcome.err.as_bytes()).and_then(|()| stdout().write_all(outcome.out.as_bytes()));
    match written {
        Ok(()) => ExitCode::from(outcome.code),
        Err(_) => ExitCode::FAILURE,
    }
}

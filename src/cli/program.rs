//! Another program in the place of this one.

use std::process::{Command, ExitStatus, Stdio};

use super::exit::Exit;
use crate::project::{Failure, FailureKind, Program};

/// Runs it with the terminal, the signals and the streams that are this process's, and ends as it does.
pub(super) fn run(program: &Program) -> Result<Exit, Failure> {
    let mut command = program.command();
    let failed = |fault: std::io::Error| {
        let failure = Failure::new(FailureKind::Cloud, format!("`{}` cannot be run", program.program)).because(&fault);
        match fault.kind() {
            std::io::ErrorKind::NotFound => {
                failure.help(format!("install `{}`, or add its folder to PATH", program.program))
            }
            _ => failure,
        }
    };
    if !program.ends_with_stdin {
        return replace(command).map_err(failed);
    }
    // The pipe closes when this process ends, in whichever way.
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(failed)?;
    let pipe = child.stdin.take();
    let status = child.wait().map_err(failed)?;
    drop(pipe);
    Ok(of(status))
}

/// The program takes this process's place; returns only if it cannot.
#[cfg(unix)]
fn replace(mut command: Command) -> Result<Exit, std::io::Error> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// Where no process takes another's place, this one waits.
#[cfg(not(unix))]
fn replace(mut command: Command) -> Result<Exit, std::io::Error> {
    command.status().map(of)
}

/// What a shell would say of how a program ended.
fn of(status: ExitStatus) -> Exit {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal.map(|signal| 128 + signal)).unwrap_or(1);
    Exit::Of(u8::try_from(code).unwrap_or(1))
}

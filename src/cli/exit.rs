//! How the process ends: the one table from what happened to an exit code.

use std::process::ExitCode;

use crate::project::FailureKind;

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Changes are waiting (`--detailed-exitcode`).
    Changes,
    /// It did not succeed.
    Failed(FailureKind),
    /// What was typed makes no sense.
    Usage,
}

impl From<Exit> for ExitCode {
    /// 0 done, 1 failed, 2 changes waiting. A usage error, which clap would end with 2, ends with 1, so that a script
    /// never takes it for waiting changes.
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Changes => ExitCode::from(2),
            Exit::Failed(_) | Exit::Usage => ExitCode::from(1),
        }
    }
}

/// Ends the process without another word: state and journal are right at any moment.
#[expect(clippy::disallowed_methods, reason = "the user has asked twice")]
pub fn leave_at_once() -> ! {
    std::process::exit(130)
}

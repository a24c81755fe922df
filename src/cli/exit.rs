//! How the process ends: the one table from what happened to an exit code.

use std::process::ExitCode;

use crate::project::FailureKind;

/// What a shell says of a command that an interrupt has ended.
const INTERRUPTED: u8 = 130;

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Changes are waiting (`--detailed-exitcode`), or something is not as it should be.
    Changes,
    /// Files have another layout than the canonical one (`fmt --check`).
    OtherLayout,
    /// What a program on a node ended with.
    Of(u8),
    /// It did not succeed.
    Failed(FailureKind),
    /// What was typed makes no sense.
    Usage,
}

impl Exit {
    /// 0 done, 1 failed, 2 changes waiting, 3 another layout (as `terraform fmt -check`), 130 interrupted by a signal, whichever. A usage error, which clap would end with 2, ends with 1, so that a script
    /// never takes it for waiting changes.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Changes => 2,
            Self::OtherLayout => 3,
            Self::Of(code) => code,
            Self::Failed(FailureKind::Interrupted) => INTERRUPTED,
            Self::Failed(_) | Self::Usage => 1,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Ends the process without another word: state and journal are right at any moment.
#[expect(clippy::disallowed_methods, reason = "the user has asked twice")]
pub(crate) fn leave_at_once() -> ! {
    std::process::exit(INTERRUPTED.into())
}

//! The exit codes of the program: a public catalogue. A code, once released, keeps its meaning for ever.

use crate::engine::action::Ending;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Completed and passed; or the command did what was asked.
    Passed = 0,
    /// Completed, not passed: a breach, a failure, a rejection, something skipped.
    NotPassed = 1,
    /// The runbook, the command line or a file that they name is wrong: nothing ran.
    Refused = 2,
    /// Rolled back.
    RolledBack = 3,
    /// Suspended: can be resumed.
    Suspended = 4,
    /// Aborted.
    Aborted = 5,
    /// A fault of the program.
    Internal = 70,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Passed => Self::Passed,
            Ending::NotPassed => Self::NotPassed,
            Ending::RolledBack => Self::RolledBack,
            Ending::Suspended => Self::Suspended,
            Ending::Aborted => Self::Aborted,
            Ending::Refused => Self::Refused,
        }
    }
}

//! The exit codes: a public contract (pre-commit needs 1 and 2 apart).

use std::process::ExitCode;

/// How a run ended. Of two, the greater counts: 2 outranks 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: no finding of severity error.
    Fine,
    /// 1: does not load, malformed, hash mismatch, unknown project, conflict, over budget, stale lock.
    Findings,
    /// 2: usage, unreadable input, network, disk.
    CouldNotRun,
    /// 130: told to stop, by SIGINT, SIGTERM or SIGHUP: 128 and the number of the first, whichever came.
    Interrupted,
}

impl Exit {
    /// The code that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

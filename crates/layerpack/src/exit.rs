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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::CouldNotRun => 2,
        })
    }
}

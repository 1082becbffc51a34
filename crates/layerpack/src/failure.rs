//! Why a run stopped: a code, one message, what to do, and the exit code that follows.

use std::error::Error;

use lambda_compat::{Code, Finding};
use layer_pack::{LocalError, PackError, PlanError, ReportError};
use pypi_resolve::index::IndexError;
use pypi_resolve::lock::LockError;
use pypi_resolve::requirements::{RequirementsError, RequirementsErrors};
use pypi_resolve::resolve::ResolveError;

use crate::exit::Exit;

/// The end of a run that could not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: Code,
    /// What is wrong, naming the file and line, entry or URL. May have several lines.
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// What else is wrong, each said by itself: whoever mends a file wants to see all of it.
    pub(crate) others: Vec<Failure>,
}

impl Failure {
    /// A failure with the exit code that its finding code stands for.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { exit: exit_of(code), code, message: message.into(), help: None, others: Vec::new() }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// The same failure, with where it comes from in front.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Several failures as one; `None` where there are none.
    pub(crate) fn all(failures: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut failures = failures.into_iter();
        let mut first = failures.next()?;
        for mut failure in failures {
            let others = std::mem::take(&mut failure.others);
            first.others.push(failure);
            first.others.extend(others);
        }
        first.exit = first.others.iter().map(|other| other.exit).fold(first.exit, Ord::max);
        Some(first)
    }

    /// The whole message: what is said of all of it.
    pub(crate) fn whole_message(&self) -> String {
        let all = std::iter::once(self).chain(&self.others);
        all.map(|failure| failure.message.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Reading or writing failed; `fs_err` has put the path into the message.
    pub(crate) fn io(error: &std::io::Error) -> Self {
        Self::new(Code::Io, whole(error))
    }

    /// A finding that ends the run.
    pub(crate) fn of_finding(finding: &Finding) -> Self {
        Self::new(finding.code, finding.message.clone()).maybe_help(finding.help.clone())
    }
}

/// Exit 1 is for what was found, 2 for what kept layerpack from looking.
fn exit_of(code: Code) -> Exit {
    match code {
        Code::Network
        | Code::IndexAnswer
        | Code::Credentials
        | Code::UnreadableLock
        | Code::NotCached
        | Code::ForeignOutput => Exit::CouldNotRun,
        // Malformed files, as LP2xx.
        Code::NotAWheel | Code::GitLfsPointer | Code::SavedPage => Exit::Findings,
        _ if code.number() >= 500 => Exit::CouldNotRun,
        _ => Exit::Findings,
    }
}

/// The error and what caused it, each once.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::io(&error)
    }
}

impl From<RequirementsError> for Failure {
    fn from(error: RequirementsError) -> Self {
        Self::new(error.code(), whole(&error)).maybe_help(error.help().map(str::to_owned))
    }
}

impl From<RequirementsErrors> for Failure {
    fn from(errors: RequirementsErrors) -> Self {
        let said = |error: &RequirementsError| {
            Self::new(error.code(), whole(error)).maybe_help(error.help().map(str::to_owned))
        };
        Self::all(errors.iter().map(said)).unwrap_or_else(|| said(errors.first()))
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        Self::new(error.code(), whole(&error)).maybe_help(error.help())
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::new(error.code(), whole(&error)).maybe_help(error.help())
    }
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        Self::new(error.code(), whole(&error)).maybe_help(error.help())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::new(error.code(), whole(&error)).maybe_help(error.help().map(str::to_owned))
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        Self::new(error.code(), whole(&error)).maybe_help(error.help().map(str::to_owned))
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        let code = match &error {
            ReportError::Read { .. } => Code::Io,
            ReportError::Parse { .. } => Code::UnreadableLine,
            ReportError::Schema { .. } => Code::Unsupported,
        };
        Self::new(code, whole(&error)).maybe_help(error.help().map(str::to_owned))
    }
}

impl From<LocalError> for Failure {
    fn from(error: LocalError) -> Self {
        Self::new(Code::Io, whole(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_looked_at_outranks_what_was_found() {
        let exit = |code| Failure::new(code, "").exit;
        assert_eq!(exit(Code::Architecture), Exit::Findings);
        assert_eq!(exit(Code::UnknownProject), Exit::Findings);
        assert_eq!(exit(Code::HashMismatch), Exit::Findings);
        assert_eq!(exit(Code::OverBudget), Exit::Findings);
        assert_eq!(exit(Code::StaleLock), Exit::Findings);
        for code in [Code::Network, Code::NotCached, Code::UnreadableLine, Code::Missing, Code::UnknownTarget] {
            assert_eq!(exit(code), Exit::CouldNotRun, "{code}");
        }
        assert!(Exit::CouldNotRun > Exit::Findings);
    }
}

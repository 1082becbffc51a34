//! Why there is no resolution.

use lambda_compat::Code;
use wheel_tags::DistName;

use crate::index::IndexError;

/// Why there is no resolution.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// An index could not be asked, or gave an answer that cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The requirements cannot be met, or not on this target.
    #[error(transparent)]
    Unsatisfiable(#[from] Report),
}

impl ResolveError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Index(error) => error.code(),
            Self::Unsatisfiable(report) => report.code,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Index(error) => error.help(),
            Self::Unsatisfiable(report) => report.help.clone(),
        }
    }
}

/// Why the requirements cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Report {
    /// The stable code.
    pub code: Code,
    /// One line that says what is wrong, and indented lines with the facts that lead there.
    pub message: String,
    /// The package that cannot be had, whatever else is asked for; `None` where only together they cannot.
    pub package: Option<DistName>,
    /// What to do. It names a runtime or a version only after the tags were judged for exactly that.
    pub help: Option<String>,
}

impl Report {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), package: None, help: None }
    }

    pub(super) fn about(self, package: Option<&DistName>) -> Self {
        Self { package: package.cloned(), ..self }
    }

    pub(super) fn help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }
}

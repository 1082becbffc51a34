//! Findings and verdicts: what the judge says, as data. How they are printed is the command's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Code;
use crate::profile::{Date, Fact, Grade, LibraryFact, SymbolFact};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// May hurt: counted as an error under `--strict` only.
    Warning,
    /// Does not load, is malformed, or cannot be deployed.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The page, standard or listing that says it.
    pub source: String,
    /// When the source was last looked at, where it may change.
    pub checked: Option<Date>,
    /// How it is known, of a library.
    pub grade: Option<Grade>,
}

impl Evidence {
    /// A page or standard that stays as it is.
    #[must_use]
    pub fn page(source: &str) -> Self {
        Self { source: source.to_owned(), checked: None, grade: None }
    }
}

impl<T> From<&Fact<T>> for Evidence {
    fn from(fact: &Fact<T>) -> Self {
        Self { source: fact.source.clone(), checked: Some(fact.checked), grade: None }
    }
}

impl From<SymbolFact<'_>> for Evidence {
    fn from(fact: SymbolFact<'_>) -> Self {
        Self { source: fact.source.to_owned(), checked: Some(fact.checked), grade: None }
    }
}

impl From<LibraryFact<'_>> for Evidence {
    fn from(fact: LibraryFact<'_>) -> Self {
        Self { source: fact.source.to_owned(), checked: Some(fact.checked), grade: Some(fact.grade) }
    }
}

/// One thing that was found: a stable code, how bad it is, where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The stable code, `LP102`.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// The entry of the archive it is about, as spelt there; `None` where it is about the whole file.
    pub entry: Option<String>,
    /// What is wrong: one lower-case fragment without a full stop, naming the file, entry, tag or version.
    pub message: String,
    /// What to do, where something can be done.
    pub help: Option<String>,
    /// The page or standard that the fact comes from.
    pub source: Option<String>,
    /// When the source was last looked at, where it may change.
    pub checked: Option<Date>,
    /// How the fact is known, of a library.
    pub grade: Option<Grade>,
}

impl Finding {
    /// A finding without entry, help or source.
    #[must_use]
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity, entry: None, message, help: None, source: None, checked: None, grade: None }
    }

    /// An error.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// The same finding, about this entry of the archive.
    #[must_use]
    pub fn at(mut self, entry: impl Into<String>) -> Self {
        self.entry = Some(entry.into());
        self
    }

    /// The same finding, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding, with where the fact comes from.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same finding, with what it rests on.
    #[must_use]
    pub fn evidence(mut self, evidence: impl Into<Evidence>) -> Self {
        let Evidence { source, checked, grade } = evidence.into();
        (self.source, self.checked, self.grade) = (Some(source), checked, grade);
        self
    }
}

/// Whether a file loads on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing stands against it.
    Loads,
    /// Something could not be told for this runtime; never counted as loading.
    Unknown,
    /// At least one finding of severity error.
    Fails,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loads => "loads",
            Self::Unknown => "unknown",
            Self::Fails => "fails",
        })
    }
}

/// The verdict that follows from findings: an error fails, a [`Code::is_unknown`] finding leaves it open.
#[must_use]
pub fn verdict_of(findings: &[Finding]) -> Verdict {
    if findings.iter().any(|f| f.severity == Severity::Error) {
        Verdict::Fails
    } else if findings.iter().any(|f| f.code.is_unknown()) {
        Verdict::Unknown
    } else {
        Verdict::Loads
    }
}

//! Why a wheel could not be turned into a manifest: its bytes could not be read, or they are not a sound wheel.

use std::io;

use lambda_compat::Finding;

/// Findings reported about one file at most; a hostile one may have hundreds of thousands.
const MAX_FINDINGS: usize = 50;

/// The outcome of a step of the inspection.
pub(crate) type Checked<T> = Result<T, Fault>;

/// What ends a step of the inspection.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The bytes could not be read: nothing is known about the wheel.
    Io(io::Error),
    /// The wheel is not sound; there is at least one finding.
    Malformed(Vec<Finding>),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Finding> for Fault {
    fn from(finding: Finding) -> Self {
        Self::Malformed(vec![finding])
    }
}

/// Ends the step where there are findings.
pub(crate) fn refuse_if_any(findings: Vec<Finding>) -> Checked<()> {
    if findings.is_empty() { Ok(()) } else { Err(refuse(findings)) }
}

/// What ends the step: these findings.
pub(crate) fn refuse(findings: Vec<Finding>) -> Fault {
    Fault::Malformed(settled(findings))
}

/// The findings as they are reported: sorted, without duplicates, and the first of them where there are very many.
#[must_use]
pub fn settled(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    let more = findings.len().saturating_sub(MAX_FINDINGS);
    if let Some(last) = findings.get(MAX_FINDINGS - 1).filter(|_| more > 0) {
        let rest = Finding::new(last.code, last.severity, format!("and {more} more findings"));
        findings.truncate(MAX_FINDINGS);
        findings.push(rest);
    }
    findings
}

/// Runs a check, sorting what it found to the others; only an unreadable source ends the step.
pub(crate) fn gather<T>(findings: &mut Vec<Finding>, outcome: Checked<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Fault::Malformed(more)) => {
            findings.extend(more);
            Ok(None)
        }
        Err(Fault::Io(error)) => Err(error),
    }
}

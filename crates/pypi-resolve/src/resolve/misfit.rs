//! How far from a target the tags of a wheel are, and the words for it: the same for an index and for a lock.

use std::collections::BTreeSet;

use lambda_compat::{Code, Mismatch};

/// How far from its target a wheel is, the least first: those for another system last, then by how many mismatches
/// there are, then by the one that is hardest to mend.
pub(crate) type Distance = (bool, usize, u16);

/// The distance of these mismatches.
pub(crate) fn distance(mismatches: &[Mismatch]) -> Distance {
    let weigh = |mismatch: &Mismatch| match mismatch.code() {
        Code::Glibc => 1,
        Code::Architecture => 2,
        Code::PythonTag => 3,
        _ => 4,
    };
    (mismatches.iter().any(is_foreign), mismatches.len(), mismatches.iter().map(weigh).max().unwrap_or(0))
}

/// The mismatches in words, in an order that depends on nothing else. Of a wheel for another system its Python is worth
/// knowing, and nothing more.
pub(crate) fn told(mismatches: &[Mismatch]) -> String {
    let foreign = mismatches.iter().any(is_foreign);
    let telling = |mismatch: &&Mismatch| !foreign || is_foreign(mismatch) || mismatch.code() == Code::PythonTag;
    joined(mismatches.iter().filter(telling).map(ToString::to_string))
}

/// The same without saying which Python: alike for the wheels that a project builds for each of them.
pub(super) fn told_of_several(mismatches: &[Mismatch]) -> String {
    let foreign = mismatches.iter().any(is_foreign);
    let telling = mismatches.iter().filter(|mismatch| !foreign || is_foreign(mismatch));
    joined(telling.map(|mismatch| match mismatch {
        Mismatch::Python { target, .. } => format!("not built for {}", target.runtime.name),
        other => other.to_string(),
    }))
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<BTreeSet<String>>().into_iter().collect::<Vec<_>>().join("; ")
}

fn is_foreign(mismatch: &Mismatch) -> bool {
    matches!(mismatch, Mismatch::Musl | Mismatch::MacOs | Mismatch::Windows | Mismatch::Platform { .. })
}

//! What has changed from one layer to another: packages, files, bytes, findings, and versions that are held back.
//!
//! Both sides are brought into one form, a [`Snapshot`], which has as much as is known: a folder has no zipped bytes, a
//! lock has packages only. [`diff`] compares what both have and says what it could not. No I/O but in [`Snapshot::of_held`].

mod compare;
mod snapshot;
#[cfg(test)]
mod tests;

use serde::Serialize;
use wheel_tags::DistName;

use lambda_compat::Finding;

use crate::HeldBack;
pub use compare::diff;
pub use snapshot::{FileContent, FileState, PackageBytes, PackageState, Snapshot};

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Bytes unpacked, where both sides have them.
    pub unzipped: Option<Change<u64>>,
    /// Bytes of the zip, where both sides have them.
    pub zipped: Option<Change<u64>>,
    /// The packages that have changed, the largest change of bytes first.
    pub packages: Vec<PackageChange>,
    /// The files that belong to no package, where some have changed.
    pub own_files: Option<OwnFiles>,
    /// The files that have changed, the largest change of bytes first; `None` where a side has no list of files.
    pub files: Option<Vec<FileChange>>,
    /// The findings, where both sides have been judged.
    pub findings: Option<Gained<Finding>>,
    /// The versions held back, where both sides tell.
    pub held_back: Option<Gained<HeldBack>>,
    /// What only one side has.
    pub not_compared: Vec<NotCompared>,
}

/// A value on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Change<T> {
    /// Before.
    pub old: T,
    /// After.
    pub new: T,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
    /// Both have it, but not the same: of packages, another version.
    Changed,
    /// Of packages: the same version with other files.
    Files,
}

/// A package that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageChange {
    /// The package.
    pub name: DistName,
    /// How.
    pub change: ChangeKind,
    /// Its versions before, mostly one; those of a lock with their markers.
    pub old: Vec<String>,
    /// Its versions after.
    pub new: Vec<String>,
    /// Bytes of its files, unpacked.
    pub unzipped: Option<Change<u64>>,
    /// Bytes that it adds to the zip, headers included.
    pub zipped: Option<Change<u64>>,
    /// How many of its files have changed.
    pub files: Option<FileCounts>,
}

/// The files that belong to no package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OwnFiles {
    /// Bytes, unpacked.
    pub unzipped: Change<u64>,
    /// How many have changed.
    pub files: FileCounts,
}

/// Numbers of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// Only the new side has them.
    pub added: u64,
    /// Only the old side has them.
    pub removed: u64,
    /// They have other bytes, another mode, or lead elsewhere.
    pub changed: u64,
}

/// A file that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// Where it lies in the layer.
    pub path: String,
    /// How.
    pub change: ChangeKind,
    /// The package it belongs to.
    pub package: Option<DistName>,
    /// Bytes before.
    pub old: Option<u64>,
    /// Bytes after.
    pub new: Option<u64>,
    /// Unix permission bits in octal, where it has changed whether it can be started, or read by everybody.
    pub mode: Option<Change<String>>,
}

/// What there is on one side only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gained<T> {
    /// On the new side only.
    pub gained: Vec<T>,
    /// On the old side only.
    pub lost: Vec<T>,
}

/// Something that only one side has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// What it is.
    pub what: Aspect,
    /// The side that does not have it.
    pub missing: Side,
}

/// What can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Bytes unpacked.
    Unzipped,
    /// Bytes of the zip.
    Zipped,
    /// Files.
    Files,
    /// Findings.
    Findings,
    /// Versions held back.
    HeldBack,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Before.
    Old,
    /// After.
    New,
}

impl Change<u64> {
    /// By how many bytes it has grown, or shrunk.
    #[must_use]
    pub fn grown(self) -> i128 {
        i128::from(self.new) - i128::from(self.old)
    }
}

impl FileCounts {
    /// How many there are together.
    #[must_use]
    pub fn total(self) -> u64 {
        self.added + self.removed + self.changed
    }
}

impl<T> Gained<T> {
    /// Whether nothing came and nothing went.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

impl Difference {
    /// Whether both sides are the same, as far as they could be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let same = |change: &Option<Change<u64>>| change.is_none_or(|change| change.old == change.new);
        same(&self.unzipped)
            && same(&self.zipped)
            && self.packages.is_empty()
            && self.own_files.is_none()
            && self.files.as_ref().is_none_or(Vec::is_empty)
            && self.findings.as_ref().is_none_or(Gained::is_empty)
            && self.held_back.as_ref().is_none_or(Gained::is_empty)
    }
}

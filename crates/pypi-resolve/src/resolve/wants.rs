//! What the user asks for: requirements, constraints, overrides and local wheels, and the policy to choose by.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use pep440_rs::Version;
use wheel_archive::{Metadata, Sha256};
use wheel_tags::{DistName, WheelFilename};

use super::below::BelowPackage;
use super::cutoff::Cutoffs;
use crate::requirements::Requirement;

/// Everything that one resolution is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// The requirement lines, in their order.
    pub requirements: Vec<Requirement>,
    /// Lines of constraints files: they narrow packages that occur and bring in none.
    pub constraints: Vec<Requirement>,
    /// Lines of overrides files: wherever their package is required, they stand in for what is said there.
    pub overrides: Vec<Requirement>,
    /// Packages that are not taken, whoever requires them (`--exclude`).
    pub excludes: BTreeSet<DistName>,
    /// Wheels on disk. Each of them is wanted, pins its name to that file, and is never looked up on an index; several
    /// files of one version are alternatives by tag.
    pub local: Vec<LocalWheel>,
    /// What layers below have: it is not taken again, and nothing may need it in another version. Of two with one name the
    /// later counts.
    pub below: Vec<BelowPackage>,
    /// Versions that are taken before newer ones wherever they may be taken at all: those of an earlier lock.
    pub preferences: BTreeMap<DistName, Version>,
}

/// A wheel on disk, already read.
#[derive(Debug, Clone)]
pub struct LocalWheel {
    /// Where it is.
    pub path: PathBuf,
    /// What its file name says.
    pub filename: WheelFilename,
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size: u64,
    /// What its METADATA says.
    pub metadata: Arc<Metadata>,
}

/// How to choose among what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Which pre-releases may be taken.
    pub prereleases: Prereleases,
    /// Which of the versions that will do is taken.
    pub preference: Preference,
    /// Which files are too new to be taken.
    pub cutoffs: Cutoffs,
    /// Take what is named and nothing that it depends on (`--no-deps`).
    pub no_deps: bool,
    /// Take only wheels whose sha256 a requirement line gives (`--require-hashes`). Lines that give hashes are held to
    /// them in any case.
    pub require_hashes: bool,
}

/// Which of the versions that will do is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// The newest.
    #[default]
    Highest,
    /// The oldest.
    Lowest,
    /// The oldest of what requirement lines name, the newest of what those require.
    LowestDirect,
}

/// Which pre-releases (PEP 440: alphas, betas, candidates, development releases) may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prereleases {
    /// uv's rule: the newest final release that fits; a pre-release only where no final release does, which is also
    /// the case where a specifier names one explicitly, as `==2.0rc1` does.
    #[default]
    IfNecessaryOrExplicit,
    /// The newest version, whatever it is (`--pre`).
    Allow,
    /// Never.
    Disallow,
}

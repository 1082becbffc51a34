//! What a resolution is: one pin per package, and what to tell the user.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lambda_compat::{Finding, Target};
use pep440_rs::{Version, VersionSpecifiers};
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use crate::index::IndexFile;
use crate::requirements::Place;

/// The answer for one target.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// The target that markers, tags and Requires-Python were judged for.
    pub target: Target,
    /// One pin per package, sorted by name.
    pub pins: Vec<Pin>,
    /// What is used of the layers below, sorted by name: it is not among the pins.
    pub below: Vec<(DistName, Version)>,
    /// Notes and warnings (yanked versions, unknown extras), sorted.
    pub notes: Vec<Finding>,
    /// Who asks for what: the requirement lines in their order, then the packages by name.
    pub links: Vec<Link>,
}

/// That one package is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Who asks.
    pub from: Asker,
    /// The package that is asked for.
    pub to: DistName,
    /// What is asked: `urllib3[socks]<3,>=1.25.4`; the name alone where more is not known, as with most locks.
    pub wanted: String,
}

/// Who asks for a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// A requirement line, a file on disk, or a lock that does not say who.
    Line(Place),
    /// A package, perhaps for the sake of an extra of it.
    Package(DistName, Option<DistName>),
}

/// One package of a resolution: its version, and the wheel for the target.
#[derive(Debug, Clone)]
pub struct Pin {
    /// The project.
    pub name: DistName,
    /// The version, as the wheel's file name spells it.
    pub version: Version,
    /// The file name of the wheel that fits the target best.
    pub wheel: WheelFilename,
    /// Where its bytes are.
    pub source: PinSource,
    /// The digest of its bytes, where it is known.
    pub sha256: Option<Sha256>,
    /// Its size in bytes, where it is known.
    pub size: Option<u64>,
    /// Requires-Python of the METADATA.
    pub requires_python: Option<VersionSpecifiers>,
    /// The packages that this one depends on, on this target and with the extras asked for; sorted.
    pub dependencies: Vec<DistName>,
    /// The extras that somebody asked for; sorted.
    pub extras: BTreeSet<DistName>,
    /// The newer version that would have been taken but for the target.
    pub held_back: Option<HeldBack>,
    /// Why the version is yanked (PEP 592; may be empty), where it is.
    pub yanked: Option<String>,
    /// When the wheel was uploaded, as the index spells it (ISO 8601).
    pub upload_time: Option<String>,
    /// All wheels of the pinned version, for any platform, as the index lists them, without those that are yanked or
    /// have other hashes than the requirement lines give; empty for a local wheel.
    pub alternatives: Vec<IndexFile>,
}

/// Where a pinned wheel's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PinSource {
    /// On an index or in a `--find-links` folder.
    Index {
        /// The address of the file.
        url: String,
    },
    /// A file on disk.
    Path(PathBuf),
    /// An address that a requirement names directly.
    Url(String),
}

/// The newest version that the requirements allow, and why the target cannot have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The newest version.
    pub newest: Version,
    /// Why it was not taken: short fragments such as "needs glibc 2.28; python3.11 has 2.26", sorted.
    pub reasons: Vec<String>,
}

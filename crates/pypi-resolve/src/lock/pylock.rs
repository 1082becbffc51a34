//! What a lock says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lambda_compat::Target;
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

/// A lock: every package that may be wanted, each at one version, with all its wheels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PyLock {
    /// The file it was read from, for messages and for the wheels whose paths are relative to it.
    pub file: PathBuf,
    /// The environments it was made for: it holds where one of them does, or everywhere if there are none.
    pub environments: Vec<MarkerTree>,
    /// The Pythons it was made for.
    pub requires_python: Option<VersionSpecifiers>,
    /// The tool that wrote it.
    pub created_by: String,
    /// Its packages. Several may have one name, if their markers exclude each other.
    pub packages: Vec<LockedPackage>,
    /// The targets it was made for (`tool.layerpack.targets`), sorted; empty where another tool wrote it. One that this
    /// release does not know is left out on reading.
    pub targets: Vec<Target>,
    /// A digest of what the source names: projects, extras, markers and local wheels (`tool.layerpack.digest`), in the
    /// form that whoever wrote the lock chose. Specifiers need not be in it: [`Self::satisfies`] looks at those.
    pub digest: Option<String>,
    /// What decided between versions, where it was not the default (`tool.layerpack.options`): `prerelease = "allow"`.
    pub options: BTreeMap<String, String>,
}

/// One `[[packages]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPackage {
    /// The project.
    pub name: DistName,
    /// The version; `None` only where there are no wheels either.
    pub version: Option<Version>,
    /// Where it is wanted.
    pub marker: MarkerTree,
    /// Requires-Python of the version.
    pub requires_python: Option<VersionSpecifiers>,
    /// The packages it depends on. Informational: what is wanted follows from the markers alone.
    pub dependencies: Vec<Dependency>,
    /// The base URL of the index that its files came from, without credentials.
    pub index: Option<String>,
    /// Its wheels, for any platform.
    pub wheels: Vec<LockedWheel>,
    /// The key of a source that layerpack does not build from, where the lock has one: `sdist`, `vcs`, `directory` or
    /// `archive`.
    pub other_source: Option<&'static str>,
}

/// Another package of the lock, as `dependencies` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// The project.
    pub name: DistName,
    /// Its version, where the name alone is ambiguous in this lock.
    pub version: Option<Version>,
}

/// One wheel of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockedWheel {
    /// Its file name.
    pub filename: WheelFilename,
    /// Where its bytes are.
    pub place: WheelPlace,
    /// When it was uploaded: an RFC 3339 date and time in UTC.
    pub upload_time: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

/// Where a locked wheel's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum WheelPlace {
    /// On an index, without credentials.
    Url(String),
    /// On disk; a relative path is relative to the lock and has `/` between its parts.
    Path(String),
}

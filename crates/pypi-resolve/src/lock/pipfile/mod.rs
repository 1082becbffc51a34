//! `Pipfile.lock`, the lock of pipenv: <https://pipenv.pypa.io/en/latest/pipfile.html>.
//!
//! It lists every package of a category, each with the digests of its files and without their names, and says of each
//! when it is wanted. It is locked with one Python: on another, packages may be missing.

mod read;
mod select;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use wheel_tags::DistName;

use super::condition::Condition;
use super::error::LockError;
use super::listed::{Listed, of_group};
use crate::index::DEFAULT_INDEX;
use crate::project::content_hash::pipfile_hashes;
use crate::requirements::Place;

/// A `Pipfile.lock`.
#[derive(Debug)]
pub struct PipfileLock {
    file: PathBuf,
    /// The sha256, in hex, of the Pipfile that it was made from.
    hash: Option<String>,
    /// The Python of the Pipfile, `3.12`.
    python: Option<String>,
    /// The indexes, in order; the first is that of packages that name none.
    sources: Vec<Source>,
    /// `default`, `develop` and categories of the project's own.
    categories: BTreeMap<DistName, Vec<Package>>,
}

/// An index, as the lock spells it; variables of the environment are not filled in.
#[derive(Debug)]
struct Source {
    name: String,
    url: String,
}

/// One package.
#[derive(Debug)]
struct Package {
    name: DistName,
    /// `==1.0`.
    version: Option<String>,
    extras: BTreeSet<DistName>,
    hashes: Vec<String>,
    condition: Condition,
    index: Option<String>,
    origin: Origin,
    place: Place,
}

/// Where a package comes from.
#[derive(Debug)]
enum Origin {
    Index,
    /// A file or folder on disk.
    Path(String),
    /// An address.
    File(String),
    VersionControl(String),
}

impl PipfileLock {
    /// Whether the Pipfile beside the lock has the digest that the lock gives.
    ///
    /// # Errors
    ///
    /// [`LockError::Outdated`] where it has another.
    pub fn matches(&self, pipfile: &str) -> Result<(), LockError> {
        let Some(locked) = &self.hash else { return Ok(()) };
        // Where there is something in the file that Python writes in a way of its own, nothing can be said.
        let Some(hashes) = pipfile_hashes(pipfile, DEFAULT_INDEX) else { return Ok(()) };
        if hashes.contains(locked) {
            return Ok(());
        }
        let place = Place::new(self.file.with_file_name("Pipfile").display().to_string(), 0);
        let why = "its hash is that of another Pipfile".to_owned();
        Err(LockError::Outdated { file: self.file.clone(), place, why })
    }
}

impl PipfileLock {
    /// Every entry; see [`Lock::listed`](super::Lock::listed).
    pub(super) fn listed(&self) -> Vec<Listed> {
        let entries = self.categories.iter().flat_map(|(group, packages)| packages.iter().map(move |p| (group, p)));
        let entry = |(group, package): (&DistName, &Package)| Listed {
            name: package.name.clone(),
            version: package.version.as_ref().and_then(|text| text.trim_start_matches('=').parse().ok()),
            when: of_group(group, "default", &package.condition),
            digests: package.hashes.iter().cloned().collect(),
        };
        entries.map(entry).collect()
    }
}

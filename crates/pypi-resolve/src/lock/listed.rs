//! Everything that a lock lists, on whatever target: for comparing one lock with another.

use std::collections::BTreeSet;

use pep440_rs::Version;
use pep508_rs::MarkerTree;
use wheel_tags::DistName;

use super::any::Lock;
use super::condition::Condition;
use super::pylock::PyLock;
use super::set::LockedSet;

/// One entry of a lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The project.
    pub name: DistName,
    /// Its version, where the entry has one.
    pub version: Option<Version>,
    /// When it is wanted, in words or markers; `None`: always.
    pub when: Option<String>,
    /// The digests of its files as the lock spells them. Comparable among locks of one kind.
    pub digests: BTreeSet<String>,
}

impl Lock {
    /// Every entry, by name and version. The project itself and others on disk are left out: their versions are none of
    /// what is installed from the lock.
    #[must_use]
    pub fn listed(&self) -> Vec<Listed> {
        let mut listed = match self {
            Self::Pylock(lock) => lock.listed(),
            Self::Uv(lock) => lock.listed(),
            Self::Poetry(lock) => lock.listed(),
            Self::Pipfile(lock) => lock.listed(),
        };
        listed.sort();
        listed.dedup();
        listed
    }
}

impl LockedSet {
    /// Every package of the set, and its version where the lock says one.
    pub fn versions(&self) -> impl Iterator<Item = (&DistName, Option<&Version>)> {
        self.dists().map(|(name, dist)| (name, dist.version.as_ref()))
    }
}

impl PyLock {
    fn listed(&self) -> Vec<Listed> {
        let entry = |package: &super::pylock::LockedPackage| Listed {
            name: package.name.clone(),
            version: package.version.clone(),
            when: marker(&package.marker),
            digests: package.wheels.iter().map(|wheel| wheel.sha256.to_string()).collect(),
        };
        self.packages.iter().map(entry).collect()
    }
}

/// A marker as text; `None` where it always holds.
pub(super) fn marker(marker: &MarkerTree) -> Option<String> {
    marker.try_to_string()
}

/// When a package of a group is wanted; `None` where it always is.
pub(super) fn of_group(group: &DistName, usual: &str, when: &Condition) -> Option<String> {
    let when = when.to_string();
    match (group.as_str() == usual, when.is_empty()) {
        (true, true) => None,
        (true, false) => Some(when),
        (false, true) => Some(format!("group {group}")),
        (false, false) => Some(format!("group {group}: {when}")),
    }
}

/// Parts as one text; `None` where there are none.
pub(super) fn joined(parts: impl Iterator<Item = String>, by: &str) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(by))
}

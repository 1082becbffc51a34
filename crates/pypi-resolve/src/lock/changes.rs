//! From one lock to the next: which versions it keeps, and what has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lambda_compat::Target;
use pep440_rs::Version;
use wheel_tags::DistName;

use super::choose::best_wheel;
use super::pylock::{LockedPackage, PyLock};
use crate::requirements::marker_environment;

/// Who wrote a lock, in its `created-by`.
pub(super) const CREATED_BY: &str = "layerpack";

/// What became of the packages of a lock, each with its versions: mostly one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Packages that were not there before.
    pub added: Vec<(DistName, Vec<Version>)>,
    /// Packages that have other versions than before: before, and now.
    pub updated: Vec<(DistName, Vec<Version>, Vec<Version>)>,
    /// Packages that are gone.
    pub removed: Vec<(DistName, Vec<Version>)>,
}

impl Changes {
    /// What changed from one lock to another, by name.
    #[must_use]
    pub fn between(before: &PyLock, now: &PyLock) -> Self {
        let (before, now) = (versions(before), versions(now));
        let mut changes = Self::default();
        for (name, now) in &now {
            let listed = |versions: &BTreeSet<&Version>| versions.iter().copied().cloned().collect::<Vec<_>>();
            match before.get(name) {
                None => changes.added.push(((*name).clone(), listed(now))),
                Some(before) if before != now => {
                    changes.updated.push(((*name).clone(), listed(before), listed(now)));
                }
                Some(_) => {}
            }
        }
        for (name, before) in before {
            if !now.contains_key(name) {
                changes.removed.push((name.clone(), before.into_iter().cloned().collect()));
            }
        }
        changes
    }

    /// Whether every package has the versions that it had.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.removed.is_empty()
    }
}

/// `added x 1.0, updated y 1.0 → 1.1, removed z 2.0`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |versions: &[Version]| versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        let added = self.added.iter().map(|(name, now)| format!("added {name} {}", all(now)));
        let updated = self.updated.iter().map(|(name, old, now)| format!("updated {name} {} → {}", all(old), all(now)));
        let removed = self.removed.iter().map(|(name, old)| format!("removed {name} {}", all(old)));
        f.write_str(&added.chain(updated).chain(removed).collect::<Vec<_>>().join(", "))
    }
}

fn versions(lock: &PyLock) -> BTreeMap<&DistName, BTreeSet<&Version>> {
    let mut versions: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for package in &lock.packages {
        versions.entry(&package.name).or_default().extend(&package.version);
    }
    versions
}

impl PyLock {
    /// Whether layerpack wrote it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.created_by == CREATED_BY
    }

    /// The version of every package on a target, where the lock says; on a target that it was not made for too.
    #[must_use]
    pub fn versions_on(&self, target: &Target) -> BTreeMap<DistName, Version> {
        let environment = marker_environment(target);
        let holding = self.packages.iter().filter(|package| package.marker.evaluate(&environment, &[]));
        holding.filter_map(|package| Some((package.name.clone(), package.version.clone()?))).collect()
    }

    /// Leaves the files of every version as an earlier lock lists them, where they still serve all targets as well: that
    /// an index has got more of them since is no change.
    #[must_use]
    pub fn keeping_files_of(mut self, earlier: &Self) -> Self {
        let targets = std::mem::take(&mut self.targets);
        for package in &mut self.packages {
            let same = |other: &&LockedPackage| {
                (&other.name, &other.version, &other.index) == (&package.name, &package.version, &package.index)
            };
            if let Some(before) = earlier.packages.iter().find(same)
                && targets.iter().all(|target| serves_as_well(before, package, target))
            {
                package.wheels.clone_from(&before.wheels);
                package.requires_python.clone_from(&before.requires_python);
            }
        }
        Self { targets, ..self }
    }
}

/// Whether the wheel for a target is the same file, where the package is wanted on it at all.
fn serves_as_well(before: &LockedPackage, now: &LockedPackage, target: &Target) -> bool {
    if !now.marker.evaluate(&marker_environment(target), &[]) {
        return true;
    }
    let file = |package| best_wheel(package, target).map(|wheel| (&wheel.filename, wheel.sha256, &wheel.place));
    file(before) == file(now)
}

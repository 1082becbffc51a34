//! What a `pylock.toml` installs on one target: its markers decide, package by package.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use lambda_compat::{Origin, Target};
use wheel_archive::Metadata;
use wheel_tags::DistName;

use super::error::LockError;
use super::pylock::{LockedPackage, LockedWheel, PyLock, WheelPlace};
use super::scope::holds_on;
use super::set::{Files, LockedDist, LockedSet, PlacedWheel, best};
use crate::index::{IndexError, IndexFile, IndexUrl, Project};
use crate::requirements::{Place, joined, marker_environment};
use crate::resolve::{Packages, PinSource, Resolution};

impl PyLock {
    /// What the lock installs on a target: of each package that its marker lets in, the wheel that fits best.
    ///
    /// Local paths are joined to the folder of the lock. Nothing is known of extras and of what was held back.
    ///
    /// # Errors
    ///
    /// Where the lock excludes the target, two entries of a package apply, or packages have no wheel that loads there;
    /// the last names all of them.
    pub fn to_resolution(&self, target: &Target) -> Result<Resolution, LockError> {
        self.select(target)?.resolution(&NoIndex)
    }

    /// The packages that the markers let in on a target.
    ///
    /// # Errors
    ///
    /// Where the lock excludes the target, or two entries of a package apply.
    pub fn select(&self, target: &Target) -> Result<LockedSet, LockError> {
        holds_on(&self.file, target, self.requires_python.as_ref(), &self.environments)?;
        let environment = marker_environment(target);
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let mut set = LockedSet::new(&self.file, target, Vec::new());
        for package in self.packages.iter().filter(|package| package.marker.evaluate(&environment, &[])) {
            set.add(package.name.clone(), self.dist(package, folder))?;
        }
        Ok(set)
    }

    fn dist(&self, package: &LockedPackage, folder: &Path) -> LockedDist {
        let placed = |wheel: &LockedWheel| PlacedWheel {
            filename: wheel.filename.clone(),
            source: match &wheel.place {
                WheelPlace::Url(url) if package.direct => PinSource::Url(url.clone()),
                WheelPlace::Url(url) => PinSource::Index { url: url.clone() },
                WheelPlace::Path(path) => PinSource::Path(joined(folder, Path::new(path))),
            },
            sha256: Some(wheel.sha256),
            size: wheel.size,
            upload_time: wheel.upload_time.clone(),
            origin: origin(package, &wheel.place),
        };
        LockedDist {
            version: package.version.clone(),
            requires_python: package.requires_python.clone(),
            dependencies: package.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
            extras: BTreeSet::new(),
            index: None,
            files: Files::Placed(package.wheels.iter().map(placed).collect()),
            other_source: package.other_source,
            place: Place::new(self.file.display().to_string(), 0),
        }
    }
}

/// The wheel of a package that would be taken.
pub(super) fn best_wheel<'a>(package: &'a LockedPackage, target: &Target) -> Option<&'a LockedWheel> {
    best(package.wheels.iter().map(|wheel| (&wheel.filename, origin(package, &wheel.place), wheel)), target)
}

/// The default index refuses `linux_x86_64` on upload, other places do not.
fn origin(package: &LockedPackage, place: &WheelPlace) -> Origin {
    let default = package.index.as_deref().is_some_and(|url| url.parse().is_ok_and(|url: IndexUrl| url.is_default()));
    if default && matches!(place, WheelPlace::Url(_)) { Origin::PublicIndex } else { Origin::Unverified }
}

/// A `pylock.toml` says where its files are: no index is asked for them.
struct NoIndex;

impl Packages for NoIndex {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        Err(IndexError::UnknownProject { name: name.clone(), asked: Vec::new() })
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        Err(IndexError::NotCached { what: file.filename.to_string() })
    }
}

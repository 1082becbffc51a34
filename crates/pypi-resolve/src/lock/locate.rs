//! Where the files of locks without addresses are: the page of each project says it, and must agree with the digests.

use std::collections::BTreeSet;

use lambda_compat::{Origin, Target};
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::error::LockError;
use super::set::{Files, LockedDist, PlacedWheel, best};
use crate::index::{FileKind, IndexFile, Project};
use crate::resolve::{Packages, PinSource};

impl LockedDist {
    /// The wheels that may be taken, each with its address.
    pub(super) fn located(
        &self,
        name: &DistName,
        target: &Target,
        packages: &dyn Packages,
    ) -> Result<Vec<PlacedWheel>, LockError> {
        match &self.files {
            Files::Placed(wheels) => Ok(wheels.clone()),
            Files::Named(wheels) => self.by_name(wheels, &*packages.project(name)?, target),
            Files::Digests(digests) => self.by_digest(digests, &*packages.project(name)?),
        }
    }

    /// The locked wheels that the page lists with the locked digest. The one to take must be among them: another in its
    /// place would be another layer.
    fn by_name(
        &self,
        wheels: &[(WheelFilename, Sha256)],
        project: &Project,
        target: &Target,
    ) -> Result<Vec<PlacedWheel>, LockError> {
        let chosen = best(wheels.iter().map(|wheel| (&wheel.0, Origin::Unverified, wheel)), target);
        let mut placed = Vec::new();
        for wheel in wheels {
            let (filename, locked) = wheel;
            let is_chosen = chosen.is_some_and(|chosen| chosen.0 == *filename);
            let listed = project.files.iter().find(|file| *file.filename == *filename.as_str());
            match listed {
                // Where the page gives no digest, the download is held against the locked one.
                Some(file) if file.sha256.is_none_or(|sha256| sha256 == *locked) => {
                    placed.push(PlacedWheel { sha256: Some(*locked), ..placed_wheel(filename, file) });
                }
                Some(file) if is_chosen => {
                    let what = format!("{filename} with sha256 {}", shown(file.sha256));
                    return Err(self.wrong_digest(what, project, locked.to_string()));
                }
                None if is_chosen => return Err(self.not_listed(filename.to_string(), project)),
                _ => {}
            }
        }
        Ok(placed)
    }

    /// The wheels of the version that have one of the locked digests.
    fn by_digest(&self, digests: &BTreeSet<Sha256>, project: &Project) -> Result<Vec<PlacedWheel>, LockError> {
        let version = self.version.as_ref();
        let of_version: Vec<&IndexFile> = project.files.iter().filter(|file| file.version() == version).collect();
        let wheels = || of_version.iter().filter_map(|file| Some((wheel_of(file)?, *file)));
        let allowed = wheels().filter(|(_, file)| file.sha256.is_some_and(|sha256| digests.contains(&sha256)));
        let placed: Vec<PlacedWheel> = allowed.map(|(filename, file)| placed_wheel(filename, file)).collect();
        let name_and_version = || format!("{} {}", project.name, version.map(ToString::to_string).unwrap_or_default());
        match (placed.is_empty(), wheels().next()) {
            (true, Some((filename, file))) => {
                let others = wheels().count() - 1;
                let what = format!("{filename} with sha256 {}{}", shown(file.sha256), and_others(others));
                Err(self.wrong_digest(what, project, format!("other digests for {}", name_and_version())))
            }
            (true, None) if of_version.is_empty() => Err(self.not_listed(name_and_version(), project)),
            _ => Ok(placed),
        }
    }

    fn not_listed(&self, what: String, project: &Project) -> LockError {
        LockError::NotListed { place: self.place.clone(), what, from: project.from.to_string() }
    }

    fn wrong_digest(&self, what: String, project: &Project, locked: String) -> LockError {
        LockError::WrongDigest { place: self.place.clone(), what, from: project.from.to_string(), locked }
    }
}

fn wheel_of(file: &IndexFile) -> Option<&WheelFilename> {
    match &file.kind {
        FileKind::Wheel(filename) => Some(filename),
        _ => None,
    }
}

fn placed_wheel(filename: &WheelFilename, file: &IndexFile) -> PlacedWheel {
    PlacedWheel {
        filename: filename.clone(),
        source: PinSource::Index { url: file.url.clone() },
        sha256: file.sha256,
        size: file.size,
        upload_time: file.upload_time.as_ref().map(ToString::to_string),
        origin: file.origin,
    }
}

fn shown(sha256: Option<Sha256>) -> String {
    sha256.map_or_else(|| "unknown".to_owned(), |sha256| sha256.to_string())
}

fn and_others(count: usize) -> String {
    if count == 0 { String::new() } else { format!(", and {count} more wheels") }
}

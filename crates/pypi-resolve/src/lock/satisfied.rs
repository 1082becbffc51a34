//! Does a lock still satisfy what it was made from?

use lambda_compat::Target;
use pep440_rs::Version;
use wheel_tags::DistName;

use super::choose::best_wheel;
use super::error::LockError;
use super::pylock::{LockedPackage, PyLock, WheelPlace};
use crate::requirements::{HashDigest, Requirement, RequirementSource, marker_environment};
use crate::resolve::{Wants, admits};

impl PyLock {
    /// Whether every requirement that holds on the target finds its package here, at a version and with a file that it
    /// admits. What layers below have may be missing. Overrides stand in for the requirements of their package; constraints bind what is there.
    ///
    /// A lock does not say which extras it was made with: what they bring in is not checked. Nor is it noticed that
    /// something is no longer asked for.
    ///
    /// # Errors
    ///
    /// [`LockError::Stale`] for the first line that is not satisfied.
    pub fn satisfies(&self, wants: &Wants, target: &Target) -> Result<(), LockError> {
        let environment = marker_environment(target);
        let holds = |line: &&Requirement| line.marker.evaluate(&environment, &[]);
        let package = |line: &Requirement| {
            self.packages.iter().find(|p| p.name == line.name && p.marker.evaluate(&environment, &[]))
        };

        // What layers below have, the lock need not have as well.
        let left_out = |name: &DistName| wants.excludes.contains(name) || wants.there_below(name).is_some();
        let taken = |line: &&Requirement| !left_out(&line.name);
        let overridden = |line: &&Requirement| wants.overrides.iter().any(|other| other.name == line.name);
        for line in wants.requirements.iter().filter(holds).filter(taken) {
            let found = package(line).ok_or_else(|| self.stale(line, "no such package".to_owned()))?;
            if !overridden(&line) {
                self.admits(line, found, target)?;
            }
        }
        for line in wants.constraints.iter().filter(|line| !overridden(line)).chain(&wants.overrides).filter(holds) {
            if let Some(found) = package(line) {
                self.admits(line, found, target)?;
            }
        }
        for local in wants.local.iter().filter(|local| !left_out(&local.filename.name)) {
            let same_name = || wants.local.iter().filter(|other| other.filename.name == local.filename.name);
            let locked = self.packages.iter().filter(|package| package.name == local.filename.name);
            let mut locked = locked.flat_map(|package| &package.wheels);
            if !locked.any(|wheel| same_name().any(|local| local.sha256 == wheel.sha256)) {
                return Err(LockError::StaleWheel { wheel: local.path.clone(), file: self.file.clone() });
            }
        }
        Ok(())
    }

    fn admits(&self, line: &Requirement, package: &LockedPackage, target: &Target) -> Result<(), LockError> {
        let locked = package.version.as_ref().map_or_else(|| "no version".to_owned(), Version::to_string);
        if !package.version.as_ref().is_some_and(|version| admits(&line.specifiers, version)) {
            return Err(self.stale(line, locked));
        }
        if let RequirementSource::Path(path) = &line.source {
            let name = path.file_name().and_then(|name| name.to_str());
            if !package.wheels.iter().any(|wheel| Some(wheel.filename.as_str()) == name) {
                return Err(self.stale(line, locked));
            }
        }
        if let RequirementSource::Url { url, .. } = &line.source
            && !package
                .wheels
                .iter()
                .any(|wheel| matches!(&wheel.place, WheelPlace::Url(there) if there == url.as_str()))
        {
            return Err(self.stale(line, format!("{locked} from elsewhere")));
        }
        // It is the wheel that would be taken which must have one of the hashes.
        if !line.hashes.is_empty()
            && best_wheel(package, target).is_some_and(|w| !line.hashes.contains(&HashDigest::Sha256(w.sha256)))
        {
            return Err(self.stale(line, format!("{locked} with other hashes")));
        }
        Ok(())
    }

    fn stale(&self, line: &Requirement, found: String) -> LockError {
        let wanted = line.text.split(';').next().unwrap_or_default().trim().to_owned();
        LockError::Stale { place: line.place.clone(), wanted, file: self.file.clone(), found }
    }
}

//! Everything in a lock that has no wheel for a target.

use lambda_compat::{Code, Date, Origin, Target};
use wheel_tags::{DistName, WheelFilename};

use super::error::LockError;
use super::set::{LockedDist, LockedSet, best, tags};
use crate::index::IndexError;
use crate::resolve::no_wheel::live_target_nearest_to;
use crate::resolve::{Instead, NoWheel, Packages, Reason, Report, Survey, Unmet};

impl LockedSet {
    /// What the lock installs on its target, and every package that has no wheel for it. Where the lock says where its
    /// files are, that follows from the lock alone, and `packages` are asked only which other versions have one.
    /// `today` says which targets are live.
    ///
    /// # Errors
    ///
    /// [`LockError::Index`] where an index has to be asked for the files of a lock without addresses, and fails.
    pub fn survey(&self, packages: &dyn Packages, today: Date) -> Result<Survey, LockError> {
        self.prefetch(packages);
        let mut pins = Vec::new();
        let mut without_wheel = Vec::new();
        let mut unmet = Vec::new();
        for (name, dist) in self.dists() {
            // What the lock itself shows needs no index.
            if let Some(named) = dist.tags().filter(|named| !fits(named, &self.target)) {
                without_wheel.push((name, dist, owned(&named)));
                continue;
            }
            match dist.located(name, &self.target, packages) {
                Ok(wheels) => match self.pin(name, dist, &wheels) {
                    Some(pin) => pins.push(pin),
                    None => without_wheel.push((name, dist, owned(&tags(&wheels)))),
                },
                Err(LockError::Index(error)) if !matches!(error, IndexError::UnknownProject { .. }) => {
                    return Err(error.into());
                }
                Err(error) => unmet.push(Unmet::Other(Report {
                    code: error.code(),
                    message: error.to_string(),
                    package: Some(name.clone()),
                    help: error.help(),
                })),
            }
        }
        unmet.extend(self.unbuilt.iter().map(|(name, what)| {
            let error = LockError::Unbuildable { file: self.file.clone(), packages: vec![format!("{name} ({what})")] };
            let message = format!("{name} would have to be built ({what})");
            Unmet::Other(Report { code: error.code(), message, package: Some(name.clone()), help: error.help() })
        }));
        for (name, _, _) in &without_wheel {
            packages.prefetch(name);
        }
        unmet.extend(without_wheel.iter().map(|(name, dist, wheels)| self.lacks(name, dist, wheels, packages, today)));
        unmet.sort_by(|a, b| a.package().cmp(&b.package()));
        Ok(Survey { resolution: Some(self.resolved(pins)), unmet })
    }

    /// A package of which none of these wheels can be taken.
    fn lacks(
        &self,
        name: &DistName,
        dist: &LockedDist,
        wheels: &[(WheelFilename, Origin)],
        packages: &dyn Packages,
        today: Date,
    ) -> Unmet {
        let (Some(version), None | Some("sdist")) = (&dist.version, dist.other_source) else {
            let source = dist.other_source.unwrap_or("no file");
            let (message, help) = (
                format!("{name} is locked from `{source}`, not from a wheel"),
                Some(format!("build a wheel of {name} and lock its file")),
            );
            return Unmet::Other(Report { code: Code::OnlySdists, message, package: Some(name.clone()), help });
        };
        let named: Vec<_> = wheels.iter().map(|(filename, origin)| (filename, *origin)).collect();
        Unmet::Pin(NoWheel {
            name: name.clone(),
            version: version.clone(),
            place: None,
            reason: Reason::of(
                wheels.iter().map(|(filename, _)| filename),
                dist.excluded_by(&self.target).filter(|_| fits(&named, &self.target)),
            ),
            instead: match packages.project(name) {
                Ok(project) => Instead::look(&project, version, &self.target),
                Err(error) => Instead::Unknown(error.to_string()),
            },
            elsewhere: live_target_nearest_to(&self.target, today, |target| {
                fits(&named, target) && dist.excluded_by(target).is_none()
            }),
        })
    }
}

fn fits(wheels: &[(&WheelFilename, Origin)], target: &Target) -> bool {
    best(wheels.iter().map(|&(filename, origin)| (filename, origin, ())), target).is_some()
}

fn owned(wheels: &[(&WheelFilename, Origin)]) -> Vec<(WheelFilename, Origin)> {
    wheels.iter().map(|&(filename, origin)| (filename.clone(), origin)).collect()
}

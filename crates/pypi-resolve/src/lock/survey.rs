//! Everything in a lock that has no wheel for a target.

use lambda_compat::{Code, Date, Target};

use super::convert::{best_wheel, excluded_by};
use super::error::LockError;
use super::pylock::{LockedPackage, PyLock};
use crate::resolve::no_wheel::live_target_nearest_to;
use crate::resolve::{Instead, NoWheel, Packages, Reason, Report, Survey, Unmet};

impl PyLock {
    /// What the lock installs on a target, and every package that has no wheel for it. That follows from the lock
    /// alone; `packages` are asked only which other versions have one. `today` says which targets are live.
    ///
    /// # Errors
    ///
    /// [`LockError::OtherTarget`] where the lock excludes the target, [`LockError::Ambiguous`] where two entries of a
    /// package apply.
    pub fn survey(&self, target: &Target, packages: &dyn Packages, today: Date) -> Result<Survey, LockError> {
        let (resolution, without_wheel) = self.pins(&self.wanted_on(target)?, target);
        for package in &without_wheel {
            packages.prefetch(&package.name);
        }
        let unmet = without_wheel.into_iter().map(|package| unmet(package, target, packages, today)).collect();
        Ok(Survey { resolution: Some(resolution), unmet })
    }
}

fn unmet(package: &LockedPackage, target: &Target, packages: &dyn Packages, today: Date) -> Unmet {
    let name = &package.name;
    let (Some(version), None | Some("sdist")) = (&package.version, package.other_source) else {
        let source = package.other_source.unwrap_or("no file");
        let message = format!("{name} is locked from `{source}`, not from a wheel");
        let help = format!("build a wheel of {name} and lock its file");
        return Unmet::Other(Report { code: Code::OnlySdists, message, package: Some(name.clone()), help: Some(help) });
    };
    let has = |target: &Target| best_wheel(package, target).is_some() && excluded_by(package, target).is_none();
    let for_python = best_wheel(package, target).and_then(|_| excluded_by(package, target));
    Unmet::Pin(NoWheel {
        name: name.clone(),
        version: version.clone(),
        place: None,
        reason: Reason::of(package.wheels.iter().map(|wheel| &wheel.filename), for_python),
        instead: match packages.project(name) {
            Ok(project) => Instead::look(&project, version, target),
            Err(error) => Instead::Unknown(error.to_string()),
        },
        elsewhere: live_target_nearest_to(target, today, has),
    })
}

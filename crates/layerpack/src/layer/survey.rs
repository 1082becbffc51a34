//! What can be had on a target, and all that cannot: of requirements and of locks.

use lambda_compat::Target;
use pypi_resolve::lock::LockError;
use pypi_resolve::resolve::{Survey, survey};

use crate::failure::Failure;
use crate::layer::Asked;

/// Why nothing can be said of single packages.
pub(crate) enum NotSurveyed {
    /// The lock or the project excludes the target as a whole.
    Excluded(Failure),
    Failed(Failure),
}

impl From<Failure> for NotSurveyed {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<LockError> for NotSurveyed {
    fn from(error: LockError) -> Self {
        match &error {
            LockError::OtherTarget { why, .. } => {
                // Without the target's name, so that it is said once for all of them.
                let message = format!("the lock was made for other targets: {why}");
                Self::Excluded(Failure::new(error.code(), message).maybe_help(error.help()))
            }
            _ => Self::Failed(error.into()),
        }
    }
}

impl Asked {
    /// What can be had on one target, and all that cannot.
    pub(crate) fn survey(&self, target: &Target) -> Result<Survey, NotSurveyed> {
        let Some(lock) = &self.lock else {
            if let Some(project) = &self.project {
                project.admits(target).map_err(|error| NotSurveyed::Excluded(Failure::from(error)))?;
            }
            let survey = survey(&self.wants(target)?, target, &self.packages(target), &self.policy, self.today);
            return Ok(survey.map_err(Failure::from)?);
        };
        let mut set = lock.select(target, &self.source.selection, &self.environment)?;
        self.leave_out(&mut set);
        let differing = self.leave_what_is_below(&mut set, lock, target)?;
        let mut survey = set.survey(&self.lock_indexes(&set), self.today)?;
        survey.unmet.splice(0..0, differing);
        Ok(survey)
    }
}

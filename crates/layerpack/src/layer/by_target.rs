//! What a layer takes on each target, worked out once for everybody: for itself, and for whoever lies on top of it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lambda_compat::Target;

use crate::failure::Failure;
use crate::layer::{Asked, Chosen};

type Once = OnceLock<Result<Arc<Chosen>, Failure>>;

/// A choice for each target, or why there is none. Whoever asks while it is being made waits for it: a layer waits only
/// for those below it, so that nobody waits for himself.
#[derive(Default)]
pub(super) struct ByTarget(Mutex<Vec<(Target, Arc<Once>)>>);

impl ByTarget {
    fn once(&self, target: &Target) -> Arc<Once> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, once)) = known.iter().find(|(of, _)| of == target) {
            return Arc::clone(once);
        }
        let once = Arc::new(Once::new());
        known.push((*target, Arc::clone(&once)));
        once
    }
}

impl Asked {
    /// The versions and wheels for one target.
    pub(crate) fn chosen(&self, target: &Target) -> Result<Arc<Chosen>, Failure> {
        self.chosen_by(target, || self.choose(target))
    }

    /// The same, made in this way where nobody has made it yet.
    pub(crate) fn chosen_by(
        &self,
        target: &Target,
        choose: impl FnOnce() -> Result<Chosen, Failure>,
    ) -> Result<Arc<Chosen>, Failure> {
        self.chosen.once(target).get_or_init(|| choose().map(Arc::new)).clone()
    }
}

//! What all layers of a run share.

use std::sync::{Arc, Mutex, PoisonError};

use pypi_resolve::index::{Index, Settings};
use wheel_archive::Store;

use crate::environment::Environment;
use crate::plan::Jobs;

/// The surroundings of a run, and its indexes: layers that ask in the same way ask through one client, so that no page is
/// fetched twice.
pub(crate) struct Common<'a> {
    pub(crate) environment: &'a Environment,
    pub(super) jobs: Jobs,
    indexes: Mutex<Vec<(Settings, Arc<Index>)>>,
}

impl<'a> Common<'a> {
    pub(crate) fn new(environment: &'a Environment, jobs: Jobs) -> Self {
        Self { environment, jobs, indexes: Mutex::default() }
    }

    /// Who is asked with these settings.
    pub(super) fn index(&self, settings: &mut Settings, store: &Store) -> Arc<Index> {
        settings.jobs = self.jobs.asked();
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, index)) = indexes.iter().find(|(known, _)| known == settings) {
            return Arc::clone(index);
        }
        let index = Arc::new(match indexes.first() {
            Some((_, first)) => Index::beside(first, settings.clone(), store.clone()),
            None => Index::new(settings.clone(), store.clone()),
        });
        indexes.push((settings.clone(), Arc::clone(&index)));
        index
    }
}

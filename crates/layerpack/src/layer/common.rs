//! What all layers of a run share.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use pypi_resolve::index::{Index, Settings};
use wheel_archive::Store;

use crate::environment::Environment;

/// The surroundings of a run, and its indexes: layers that ask in the same way ask through one client, so that no page is
/// fetched twice.
pub(crate) struct Common<'a> {
    pub(crate) environment: &'a Environment,
    /// Threads that fetch, at most; `None`: as many as serve waiting on the network.
    jobs: Option<NonZeroUsize>,
    indexes: Mutex<Vec<(Settings, Arc<Index>)>>,
}

impl<'a> Common<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self { environment, jobs: None, indexes: Mutex::default() }
    }

    /// Fetches with so many threads at most.
    pub(crate) fn keeping_to(mut self, jobs: Option<NonZeroUsize>) -> Self {
        self.jobs = jobs;
        self
    }

    /// Who is asked with these settings.
    pub(super) fn index(&self, settings: &mut Settings, store: &Store) -> Arc<Index> {
        settings.jobs = self.jobs.or(settings.jobs);
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, index)) = indexes.iter().find(|(known, _)| known == settings) {
            return Arc::clone(index);
        }
        let index = Arc::new(Index::new(settings.clone(), store.clone()));
        indexes.push((settings.clone(), Arc::clone(&index)));
        index
    }
}

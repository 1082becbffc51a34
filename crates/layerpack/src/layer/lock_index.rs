//! Who is asked for the files of a lock without addresses: the index that the lock names for a package.
//!
//! An index that the settings name with the same URL stands for it, with its credentials. Where flags or variables name
//! others only, those are asked: what comes from there must have a locked digest all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use pypi_resolve::index::{Index, IndexError, IndexFile, IndexUrl, Project, Settings};
use pypi_resolve::lock::LockedSet;
use pypi_resolve::resolve::Packages;
use wheel_archive::Metadata;
use wheel_tags::DistName;

/// The indexes of one lock.
pub(super) struct LockIndexes<'a> {
    all: &'a Index,
    /// Packages of which the lock says nothing are not in it.
    by_name: BTreeMap<DistName, IndexUrl>,
}

impl<'a> LockIndexes<'a> {
    /// Asks nobody yet.
    pub(super) fn new(all: &'a Index, settings: &Settings, by_user: bool, set: &LockedSet) -> Self {
        let known = || settings.indexes.iter().chain(&settings.explicit);
        let index = |url: &IndexUrl| {
            known().find(|known| known.is_same(url)).cloned().or_else(|| (!by_user).then(|| url.clone()))
        };
        let by_name = set.indexes().filter_map(|(name, url)| Some((name.clone(), index(url)?))).collect();
        Self { all, by_name }
    }
}

impl Packages for LockIndexes<'_> {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        match self.by_name.get(name) {
            Some(index) => self.all.files_from(name, index),
            None => self.all.files(name),
        }
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.all.metadata(file)
    }

    fn prefetch(&self, name: &DistName) {
        match self.by_name.get(name) {
            Some(index) => self.all.prefetch_from(name, index),
            None => self.all.prefetch(name),
        }
    }
}

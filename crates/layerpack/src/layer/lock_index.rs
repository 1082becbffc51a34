//! Who is asked for the files of a lock without addresses: the index that the lock names for a package.
//!
//! An index that flags or variables name with the same URL stands for it, with its credentials. Where they name others
//! only, those are asked: what comes from there must have a locked digest all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use pypi_resolve::index::{Index, IndexError, IndexFile, IndexUrl, Project, Settings};
use pypi_resolve::lock::LockedSet;
use pypi_resolve::resolve::Packages;
use wheel_archive::{Metadata, Store};
use wheel_tags::DistName;

/// The indexes of one lock.
pub(super) struct LockIndexes<'a> {
    /// For packages of which the lock says nothing.
    all: &'a Index,
    by_url: BTreeMap<String, Index>,
    by_name: BTreeMap<DistName, String>,
}

impl<'a> LockIndexes<'a> {
    /// Asks nobody yet.
    pub(super) fn new(all: &'a Index, settings: &Settings, by_user: bool, store: &Store, set: &LockedSet) -> Self {
        let mut by_url = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        for (name, url) in set.indexes() {
            let known = settings.indexes.iter().find(|known| plain(known) == plain(url));
            let Some(url) = known.or(Some(url).filter(|_| !by_user)) else { continue };
            let of_url = || Index::new(Settings { indexes: vec![url.clone()], ..settings.clone() }, store.clone());
            by_url.entry(plain(url).to_owned()).or_insert_with(of_url);
            by_name.insert(name.clone(), plain(url).to_owned());
        }
        Self { all, by_url, by_name }
    }

    fn of(&self, name: &DistName) -> &Index {
        self.by_name.get(name).and_then(|url| self.by_url.get(url)).unwrap_or(self.all)
    }
}

/// The URL by which two are the same index.
fn plain(url: &IndexUrl) -> &str {
    url.without_credentials().trim_end_matches('/')
}

impl Packages for LockIndexes<'_> {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        self.of(name).files(name)
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.all.metadata(file)
    }

    fn prefetch(&self, name: &DistName) {
        self.of(name).prefetch(name);
    }
}

//! Which files of the cache are to go. Nothing is removed here.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use wheel_tags::DistName;

use super::{CacheFile, CacheKind, CacheListing, CachePart, Keeping};
use crate::{Sha256, Store};

/// Files being written are older than this only where a run was killed.
const LEFT_BEHIND: Duration = Duration::from_hours(24);

impl CacheListing {
    /// All that can be fetched or made again: everything but what is [known from nowhere else](Keeping::Knowledge).
    #[must_use]
    pub fn copies(&self) -> Vec<&CacheFile> {
        let is_knowledge =
            |kind: &CacheKind| matches!(kind, CacheKind::Current(part, _) if part.keeping == Keeping::Knowledge);
        self.files.iter().filter(|file| !is_knowledge(&file.kind)).collect()
    }

    /// The files that are about some of these projects, each with the projects that it is about. A page of several is
    /// about all of them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn about(&self, wanted: &[DistName]) -> io::Result<Vec<(&CacheFile, Vec<DistName>)>> {
        let about = |file: &CacheFile| -> io::Result<Vec<DistName>> {
            let CacheKind::Current(part, _) = &file.kind else { return Ok(Vec::new()) };
            let mut names = match (part.names)(&file.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                names => names?,
            };
            names.retain(|name| wanted.contains(name));
            Ok(names)
        };
        let files: io::Result<Vec<_>> = self.files.par_iter().map(|file| Ok((file, about(file)?))).collect();
        Ok(files?.into_iter().filter(|(_, names)| !names.is_empty()).collect())
    }

    /// What nothing has used for so long, what layerpack has no use for any more because its form is a former one, and
    /// temporary files that a killed run has left. A wheel and its manifest are used together.
    #[must_use]
    pub fn unused(&self, now: SystemTime, age: Duration) -> Vec<&CacheFile> {
        let of_wheel = |part: &CachePart| Store::parts().iter().any(|own| std::ptr::eq(*own, part));
        let mut wheels: BTreeMap<Sha256, Option<SystemTime>> = BTreeMap::new();
        for file in &self.files {
            if let CacheKind::Current(part, sha256) = &file.kind
                && of_wheel(part)
            {
                let used = wheels.entry(*sha256).or_default();
                *used = (*used).max(file.used);
            }
        }
        let is_older = |used: Option<SystemTime>, age: Duration| {
            // What the clock puts into the future, or what has no time, is not known to be old.
            used.and_then(|used| now.duration_since(used).ok()).is_some_and(|unused| unused >= age)
        };
        let goes = |file: &&CacheFile| match &file.kind {
            CacheKind::Former(_) => true,
            CacheKind::Temporary => is_older(file.used, LEFT_BEHIND),
            CacheKind::Current(part, sha256) if of_wheel(part) => is_older(wheels.get(sha256).copied().flatten(), age),
            CacheKind::Current(..) | CacheKind::Newer(_) | CacheKind::Lock => is_older(file.used, age),
        };
        self.files.iter().filter(goes).collect()
    }
}

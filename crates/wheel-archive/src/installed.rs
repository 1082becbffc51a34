//! The bytes of verified wheels by the place that a layer gives them: what the judge may ask for.

use std::collections::HashMap;
use std::sync::OnceLock;

use lambda_compat::Contents;
use lambda_compat::layer::PYTHON;

use crate::manifest::{Entry, Manifest, entry_bytes, place_of};
use crate::read_at::ReadAt;

/// Bytes of one file at most: sources of Python modules are far smaller.
const MAX_FILE: u64 = 16 << 20;

/// Wheels that are judged together, with their bytes.
pub struct Installed<'a> {
    packages: &'static str,
    wheels: Vec<(&'a Manifest, &'a dyn ReadAt)>,
    /// Made when the first file is asked for: for most wheels none ever is.
    by_place: OnceLock<HashMap<String, (&'a Entry, &'a dyn ReadAt)>>,
}

impl<'a> Installed<'a> {
    /// In a layer. Where two wheels have a file of one place, the later one counts.
    #[must_use]
    pub fn new(wheels: impl IntoIterator<Item = (&'a Manifest, &'a dyn ReadAt)>) -> Self {
        Self::in_folder(PYTHON, wheels)
    }

    /// In this folder of a running function: `/opt/python`.
    #[must_use]
    pub fn in_folder(packages: &'static str, wheels: impl IntoIterator<Item = (&'a Manifest, &'a dyn ReadAt)>) -> Self {
        Self { packages, wheels: wheels.into_iter().collect(), by_place: OnceLock::new() }
    }

    fn by_place(&self) -> &HashMap<String, (&'a Entry, &'a dyn ReadAt)> {
        self.by_place.get_or_init(|| {
            let entries = self.wheels.iter().flat_map(|(manifest, source)| {
                manifest.entries.iter().map(move |entry| (place_of(self.packages, entry), (entry, *source)))
            });
            entries.collect()
        })
    }
}

impl Contents for Installed<'_> {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        let (entry, source) = self.by_place().get(place)?;
        // Bytes that changed since they were verified are refused by whoever packs them.
        (entry.size <= MAX_FILE).then(|| entry_bytes(*source, entry).ok())?
    }
}

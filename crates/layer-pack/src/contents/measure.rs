//! What the files of a layer or function have for digests and weights.

use std::io;

use rayon::prelude::*;
use wheel_archive::{FileAt, ListedFile, Sha256, hash};

use super::{Held, HeldDistribution, Source};
use crate::zip::{directory_record_len, local_header_len};

impl Held {
    /// The digest of every file, in their order; of a link that of its target's name. The files of a folder are read for
    /// it.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn digests(&self) -> io::Result<Vec<Sha256>> {
        match &self.source {
            Source::Zip { entries, .. } => Ok(entries.iter().map(|entry| entry.sha256).collect()),
            Source::Directory { bytes, entries } => {
                let digest = |entry: &ListedFile| match entry.bytes(&**bytes)? {
                    Ok(bytes) => Ok(Sha256::of(&bytes)),
                    Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, format!("{}: malformed", entry.path()))),
                };
                entries.iter().map(digest).collect()
            }
            Source::Folder(root) => self
                .files
                .par_iter()
                .map(|file| match &file.link {
                    Some(link) => Ok(Sha256::of(link.as_bytes())),
                    None => hash(&FileAt::open(root.join(file.path.as_str()))?),
                })
                .collect(),
        }
    }

    /// Bytes that every file takes in the zip, plain headers included, in their order; `None` for a folder.
    #[must_use]
    pub fn zipped_sizes(&self) -> Option<Vec<u64>> {
        let entries = match &self.source {
            Source::Zip { entries, .. } => entries,
            Source::Directory { entries, .. } => return Some(entries.iter().map(ListedFile::zipped).collect()),
            Source::Folder(_) => return None,
        };
        let headers = self.files.iter().map(|file| local_header_len(&file.path) + directory_record_len(&file.path));
        Some(entries.iter().zip(headers).map(|(entry, headers)| entry.compressed + headers).collect())
    }
}

impl HeldDistribution {
    /// The numbers of its files among [`Held::files`].
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.files.iter().copied()
    }
}

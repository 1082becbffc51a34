//! What a zip says that it holds, without inflating it: for whoever only weighs.
//!
//! The directory is read as strictly as ever: it is sound and the entries tile the file. That an entry inflates to what
//! is said of it is seen only where its bytes are asked for.

use std::io;

use lambda_compat::{Code, Finding};

use crate::EntryPath;
use crate::fault::{Checked, Fault, settled};
use crate::inflate::{DataError, inflate_whole};
use crate::inspect::settle;
use crate::read_at::ReadAt;
use crate::zip::{CentralEntry, Purpose, locate, read_directory};

/// The files of a zip as its central directory has them.
#[derive(Debug)]
pub struct Listing {
    /// Files and links, ordered by path.
    pub files: Vec<ListedFile>,
    /// What is odd about the archive without standing against it.
    pub warnings: Vec<Finding>,
}

/// A file as the central directory has it. Nothing of it was inflated.
#[derive(Debug)]
pub struct ListedFile(CentralEntry);

/// Reads the central directory of a zip that Lambda unpacks, and nothing else: milliseconds, whatever the zip holds.
///
/// # Errors
/// Only when bytes could not be read. The inner error holds what is wrong with the zip: sorted findings, `LP2xx`.
pub fn list_archive(source: &dyn ReadAt) -> io::Result<Result<Listing, Vec<Finding>>> {
    settle(list(source))
}

fn list(source: &dyn ReadAt) -> Checked<Listing> {
    let directory = read_directory(source, Purpose::Layer)?;
    let mut files: Vec<_> = directory.entries.into_iter().filter(|entry| !entry.folder).map(ListedFile).collect();
    files.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(Listing { files, warnings: settled(directory.warnings) })
}

impl ListedFile {
    /// Its path in the zip.
    #[must_use]
    pub fn path(&self) -> &EntryPath {
        &self.0.path
    }

    /// Bytes that it says it inflates to.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Bytes that it takes in the zip, headers included.
    #[must_use]
    pub fn zipped(&self) -> u64 {
        self.0.span.saturating_add(self.0.record)
    }

    /// Unix permission bits; `None` where the system it was packed on has none.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        self.0.mode
    }

    /// Whether it is a symbolic link, whose bytes are its target.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.0.link
    }

    /// Inflates it into memory, against its headers. Whoever calls has bounded [`Self::size`].
    ///
    /// # Errors
    /// Only when bytes could not be read. The inner error holds what is wrong with the entry.
    pub fn bytes(&self, source: &dyn ReadAt) -> io::Result<Result<Vec<u8>, Vec<Finding>>> {
        settle(self.inflate(source))
    }

    fn inflate(&self, source: &dyn ReadAt) -> Checked<Vec<u8>> {
        inflate_whole(source, locate(source, &self.0)?).map_err(|error| match error {
            DataError::Io(error) => Fault::Io(error),
            DataError::Damaged(what) => Finding::error(Code::EntryData, what).at(self.path().as_str()).into(),
        })
    }
}

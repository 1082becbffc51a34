//! Files of the cache that are being written. All of them begin in one folder, which the first one of a run clears of what
//! runs that were killed have left there.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fs_err as fs;
use tempfile::Builder;

use super::TEMPORARY;
use crate::{TemporaryFile, clear_left_behind};

const PREFIX: &str = ".tmp";

/// The folders that this process has cleared.
static CLEARED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file that is to be moved to its place in the cache at `root`.
///
/// # Errors
/// When it cannot be made.
pub fn temporary_in_cache(root: &Path) -> io::Result<TemporaryFile> {
    let folder = root.join(TEMPORARY);
    fs::create_dir_all(&folder)?;
    if CLEARED.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.clone()) {
        clear_left_behind(&folder, PREFIX);
    }
    TemporaryFile::new(|| Builder::new().prefix(PREFIX).tempfile_in(&folder))
}

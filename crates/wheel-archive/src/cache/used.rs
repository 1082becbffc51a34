//! When a file of the cache was last used.

use std::path::Path;
use std::time::{Duration, SystemTime};

use fs_err as fs;

/// Marks are as coarse as this, so that a warm run reads and hardly ever writes.
const A_DAY: Duration = Duration::from_hours(24);

/// Marks a file of the cache as used now, by its modification time, unless it was within a day. A cache that can only be
/// read keeps no marks.
pub fn mark_used(path: &Path, now: SystemTime) {
    let is_old = |metadata: &std::fs::Metadata| {
        // A time in the future was set by another clock: it is left alone.
        let age = metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok());
        metadata.is_file() && age.is_some_and(|age| age > A_DAY)
    };
    if !fs::symlink_metadata(path).is_ok_and(|metadata| is_old(&metadata)) {
        return;
    }
    let marked = fs::OpenOptions::new().write(true).open(path).and_then(|file| file.set_modified(now));
    if let Err(error) = marked {
        tracing::debug!("not marked as used: {error}");
    }
}

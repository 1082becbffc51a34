//! Files and folders that are being made beside the place that they will be moved to.
//!
//! Each is gone when it is dropped. A process that is told to stop drops nothing, so that each is also known here, from
//! the moment it is made until it was moved in or removed: [`clear_temporaries`] removes all that are left. Making, moving
//! in and clearing exclude each other, so that whoever clears sees a file as temporary or in its place.
//!
//! A process that is killed leaves them behind. Each is locked by whoever makes it, so that a later run can tell: what
//! nobody has locked is nobody's, and [`clear_left_behind`] removes it.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use fs_err as fs;
use tempfile::{NamedTempFile, TempDir};

/// How often something is tried that others may stand in the way of: renaming to a file that is being read, clearing a
/// folder in which somebody still makes files.
const MOST_TRIES: u32 = 50;
/// Letters that a temporary file's name has after its prefix.
const RANDOM: usize = 6;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(10);

static KNOWN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static CLEARING: AtomicBool = AtomicBool::new(false);

fn known() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is being written.
#[derive(Debug)]
pub struct TemporaryFile(Option<NamedTempFile>);

/// A folder that is being filled.
#[derive(Debug)]
pub struct TemporaryFolder {
    folder: Option<TempDir>,
    /// Closing it releases the lock. Systems that open no folders have none.
    _lock: Option<fs::File>,
}

impl TemporaryFile {
    /// Takes charge of the file that `make` makes.
    ///
    /// # Errors
    /// What `make` says.
    pub fn new(make: impl Fn() -> io::Result<NamedTempFile>) -> io::Result<Self> {
        let mut known = known();
        let mut file = make()?;
        // Somebody who cleared what was left behind may have come in between.
        while !(is_locked(file.as_file()) && file.path().exists()) {
            file = make()?;
        }
        known.insert(file.path().to_owned());
        Ok(Self(Some(file)))
    }

    /// Renames it to `place`, over whatever file is there. Windows refuses that while anybody reads what is there, so
    /// that a refusal is final after half a second only.
    ///
    /// # Errors
    /// When it cannot be renamed; it is gone then.
    pub fn persist(mut self, place: &Path) -> io::Result<()> {
        let Some(mut file) = self.0.take() else { return Ok(()) };
        let path = file.path().to_owned();
        let mut tries = MOST_TRIES;
        loop {
            let mut known = known();
            let Err(refused) = file.persist(place) else {
                known.remove(&path);
                return Ok(());
            };
            tries -= 1;
            if tries == 0 || refused.error.kind() != io::ErrorKind::PermissionDenied {
                known.remove(&path);
                return Err(refused.error);
            }
            drop(known);
            thread::sleep(PAUSE);
            file = refused.file;
        }
    }

    /// Not by way of its name, which would stand in every error: it says nothing to anybody.
    fn file(&self) -> io::Result<&File> {
        self.0.as_ref().map(NamedTempFile::as_file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Write for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.file()?;
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut file = self.file()?;
        file.flush()
    }
}

impl Seek for TemporaryFile {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let mut file = self.file()?;
        file.seek(place)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            let mut known = known();
            known.remove(file.path());
            drop(file);
        }
    }
}

impl TemporaryFolder {
    /// Takes charge of the folder that `make` makes.
    ///
    /// # Errors
    /// What `make` says.
    pub fn new(make: impl Fn() -> io::Result<TempDir>) -> io::Result<Self> {
        let mut known = known();
        loop {
            let folder = make()?;
            let lock = fs::File::open(folder.path()).ok();
            if lock.as_ref().map(fs::File::file).is_none_or(is_locked) && folder.path().exists() {
                known.insert(folder.path().to_owned());
                return Ok(Self { folder: Some(folder), _lock: lock });
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new(""), TempDir::path)
    }

    /// Runs `move_in`, which renames the folder away: from then on it is nobody's to remove. Where `move_in` fails it
    /// stays temporary.
    ///
    /// # Errors
    /// What `move_in` says.
    pub fn persist(mut self, move_in: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let Some(folder) = self.folder.take() else { return Ok(()) };
        let mut known = known();
        let outcome = move_in(folder.path());
        known.remove(folder.path());
        if outcome.is_ok() {
            let _moved: PathBuf = folder.keep();
        }
        outcome
    }

    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub fn close(mut self) -> io::Result<()> {
        let Some(folder) = self.folder.take() else { return Ok(()) };
        let path = folder.path().to_owned();
        let outcome = folder.close();
        known().remove(&path);
        outcome
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            let path = folder.path().to_owned();
            drop(folder);
            known().remove(&path);
        }
    }
}

/// Whether a file is locked by this process from now on, or its file system has no locks; not where somebody else has it.
fn is_locked(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// Removes the temporary files and folders in `folder` whose names are `prefix` and six letters and that nobody has
/// locked: those of runs that were killed. What cannot be removed stays.
pub fn clear_left_behind(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(prefix)).unwrap_or_default();
        if random.len() != RANDOM || !random.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        let (path, is_folder) = (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir()));
        // The lock is kept until it is gone: else its maker could take it in between, and find the file in its place.
        let lock = fs::File::open(&path).ok().filter(|file| file.try_lock().is_ok());
        if lock.is_some() {
            let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            tracing::debug!("{} was left behind: {removed:?}", path.display());
        }
    }
}

/// Removes every temporary file and folder of the process, and lets nobody make or move in another. For a process that
/// is about to end: whoever tries waits for its end.
pub fn clear_temporaries() {
    CLEARING.store(true, Ordering::SeqCst);
    let known = known();
    for path in known.iter() {
        // Other threads may still fill a folder until it is gone.
        for _ in 0..MOST_TRIES {
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => thread::sleep(PAUSE),
                _ => break,
            }
        }
    }
    // Never unlocked again.
    std::mem::forget(known);
}

/// Whether [`clear_temporaries`] was called: what fails from then on may fail because of it.
#[must_use]
pub fn is_clearing() -> bool {
    CLEARING.load(Ordering::SeqCst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_clears_away_what_another_is_making() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let making = AtomicBool::new(true);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while making.load(Ordering::Relaxed) {
                        clear_left_behind(folder.path(), ".t-");
                    }
                });
            }
            for _ in 0..2000 {
                let make = || tempfile::Builder::new().prefix(".t-").tempfile_in(folder.path());
                let moved = TemporaryFile::new(make).and_then(|file| file.persist(&folder.path().join("place")));
                if moved.is_err() {
                    making.store(false, Ordering::Relaxed);
                }
                moved.expect("it is still there");
            }
            making.store(false, Ordering::Relaxed);
        });
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}

//! The store: wheels by the SHA-256 of their bytes, with the manifest of each.
//!
//! ```text
//! <root>/wheels-v1/ab/<sha256>.whl          the file as it was downloaded
//! <root>/manifests-v3/ab/<sha256>           the manifest of a wheel, in the store or elsewhere; remade when it is missing
//! <root>/locks/<digest of a key>            advisory locks, empty files
//! <root>/locks/in-use                       shared by whoever uses the cache, taken alone by whoever clears it
//! <root>/tmp/                               files being written, and what killed runs left until the next one writes
//! ```
//!
//! Everything is written beside its place and renamed into it, so that any number of processes may share a store and be
//! killed at any time: a file is there whole or not at all. What is read again is checked again: a wheel against its
//! name before it is inspected, against its manifest's size afterwards, and whoever copies its bytes against the
//! checksums of its entries. When a wheel was last used is told by the modification times of its files.

mod cached;
mod parts;
#[cfg(test)]
mod tests;

use std::fs::TryLockError;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fs_err as fs;
use parts::{MANIFESTS, WHEELS};
use sha2::Digest as _;
use wheel_tags::WheelFilename;

use crate::cache::{CachePart, IN_USE, LOCKS, mark_used, temporary_in_cache};
use crate::inspect::hash;
use crate::{FileAt, Inspection, Manifest, ReadAt as _, Sha256, TemporaryFile, inspect};

/// A folder of wheels and their manifests. Nothing is touched until something is asked for.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    /// The time to mark what is used with.
    now: Option<SystemTime>,
}

/// A sound wheel in the store.
#[derive(Debug, Clone)]
pub struct StoredWheel {
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

/// A wheel being received: bytes written to it are hashed and kept in a temporary file, which vanishes when this is
/// dropped.
#[derive(Debug)]
pub struct Incoming {
    store: Store,
    file: TemporaryFile,
    digest: sha2::Sha256,
    bytes: u64,
}

/// Why a received file is not in the store.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The bytes are not those that were promised.
    #[error("the file has the sha256 {got}, not {expected}")]
    Mismatch {
        /// The digest that was promised.
        expected: Sha256,
        /// The digest it has.
        got: Sha256,
    },
    /// It could not be put into its place.
    #[error("failed to keep the file in the cache")]
    Io(#[from] io::Error),
}

/// An advisory lock among processes; released when dropped.
#[derive(Debug)]
pub struct StoreLock {
    // Closing the file releases the lock.
    _file: fs::File,
}

impl Store {
    /// The store in this folder, which need not exist.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root, now: None }
    }

    /// The store, marking what is used as used at this time.
    #[must_use]
    pub fn at(self, now: SystemTime) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Its parts of the cache folder.
    #[must_use]
    pub fn parts() -> [&'static CachePart; 2] {
        [&WHEELS, &MANIFESTS]
    }

    /// Where a wheel with this digest lies, if it is there.
    #[must_use]
    pub fn wheel_path(&self, sha256: &Sha256) -> PathBuf {
        self.place(&WHEELS, sha256)
    }

    /// The sound wheel of this digest, seen under this name. `None` when it is not there: one that is damaged is removed.
    /// `None` too for one that is not sound; [`Self::inspect`] says what is wrong with it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get(&self, sha256: &Sha256, filename: &WheelFilename) -> io::Result<Option<StoredWheel>> {
        Ok(match self.look(sha256, filename)? {
            Some(Inspection::Sound(manifest)) => {
                Some(StoredWheel { path: self.wheel_path(sha256), manifest: *manifest })
            }
            Some(Inspection::Malformed(_)) | None => None,
        })
    }

    /// A wheel's manifest from the cache, or what inspecting it finds; a manifest is then cached.
    ///
    /// # Errors
    /// When the store cannot be read, and [`io::ErrorKind::NotFound`] when the wheel is not there: one that is damaged is
    /// removed.
    pub fn inspect(&self, sha256: &Sha256, filename: &WheelFilename) -> io::Result<Inspection> {
        self.look(sha256, filename)?.ok_or_else(|| {
            let message = format!("`{}` is not in the cache any more: download it again", filename.as_str());
            io::Error::new(io::ErrorKind::NotFound, message)
        })
    }

    /// What is in a wheel that lies elsewhere and has this digest: from the cached manifests, else inspected; a manifest is
    /// then cached.
    ///
    /// # Errors
    /// When the wheel cannot be read.
    pub fn inspect_elsewhere(
        &self,
        filename: &WheelFilename,
        sha256: Sha256,
        wheel: &FileAt,
    ) -> io::Result<Inspection> {
        // Where the cache cannot be read, the wheel still can.
        let cached = cached::read(&self.manifest_path(&sha256)).unwrap_or_default();
        let of_it = |manifest: &Manifest| {
            (manifest.sha256, manifest.size) == (sha256, wheel.size()) && manifest.filename == *filename
        };
        if let Some(manifest) = cached.filter(of_it) {
            self.mark_used(&sha256);
            return Ok(Inspection::Sound(Box::new(manifest)));
        }
        self.inspect_and_keep(filename, sha256, wheel)
    }

    /// A place for a wheel of unknown digest.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn receive(&self) -> io::Result<Incoming> {
        Ok(Incoming { store: self.clone(), file: self.temporary()?, digest: sha2::Sha256::new(), bytes: 0 })
    }

    /// Waits until no other process holds the lock of this key, and takes it.
    ///
    /// # Errors
    /// When the store cannot be written, or its file system has no locks.
    pub fn lock(&self, key: &str) -> io::Result<StoreLock> {
        // Keys are any text; a digest is a file name everywhere.
        let file = self.lock_file(&Sha256::of(key.as_bytes()).to_string())?;
        file.lock()?;
        Ok(StoreLock { _file: file })
    }

    /// Says that the cache is in use, until the lock is dropped: nobody clears it meanwhile. Waits for whoever does.
    ///
    /// # Errors
    /// When the store cannot be written, or its file system has no locks.
    pub fn share(&self) -> io::Result<StoreLock> {
        let file = self.lock_file(IN_USE)?;
        file.lock_shared()?;
        Ok(StoreLock { _file: file })
    }

    /// Waits until nobody [shares](Self::share) the cache, and keeps others from doing so until the lock is dropped.
    /// `waiting` is called once if somebody does.
    ///
    /// # Errors
    /// When the store cannot be written, or its file system has no locks.
    pub fn alone(&self, waiting: impl FnOnce()) -> io::Result<StoreLock> {
        let file = self.lock_file(IN_USE)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(StoreLock { _file: file })
    }

    fn lock_file(&self, name: &str) -> io::Result<fs::File> {
        let folder = self.root.join(LOCKS);
        fs::create_dir_all(&folder)?;
        let path = folder.join(name);
        // A pipe would be waited for when it is opened, a link would lead elsewhere.
        if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            fs::remove_file(&path)?;
        }
        fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)
    }

    /// Marks a wheel as used, where the store was told the [time](Self::at).
    pub fn mark_used(&self, sha256: &Sha256) {
        if let Some(now) = self.now {
            mark_used(&self.manifest_path(sha256), now);
        }
    }

    /// Removes a wheel and its manifest, whatever lies in their places.
    ///
    /// # Errors
    /// When they are there and cannot be removed.
    pub fn remove(&self, sha256: &Sha256) -> io::Result<()> {
        clear(&self.wheel_path(sha256))?;
        clear(&self.manifest_path(sha256))
    }

    /// `None` when the wheel is not there, or was damaged and had to be removed.
    fn look(&self, sha256: &Sha256, filename: &WheelFilename) -> io::Result<Option<Inspection>> {
        let path = self.wheel_path(sha256);
        let size = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => return self.discard(sha256, "is not a file"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(manifest) = cached::read(&self.manifest_path(sha256))?.filter(|manifest| manifest.sha256 == *sha256)
        {
            if manifest.size != size {
                return self.discard(sha256, "has another size");
            }
            if manifest.filename == *filename {
                self.mark_used(sha256);
                return Ok(Some(Inspection::Sound(Box::new(manifest))));
            }
        }
        self.look_inside(sha256, filename, &path)
    }

    fn look_inside(&self, sha256: &Sha256, filename: &WheelFilename, path: &Path) -> io::Result<Option<Inspection>> {
        let file = FileAt::open(path)?;
        if hash(&file)? != *sha256 {
            return self.discard(sha256, "has other bytes");
        }
        self.inspect_and_keep(filename, *sha256, &file).map(Some)
    }

    /// Inspects a wheel that has this digest.
    fn inspect_and_keep(&self, filename: &WheelFilename, sha256: Sha256, file: &FileAt) -> io::Result<Inspection> {
        let found = inspect(filename, Some(sha256), file)?;
        if let Inspection::Sound(manifest) = &found {
            // A store that can only be read serves as well, if more slowly.
            if let Err(error) = self.keep_manifest(manifest) {
                tracing::warn!("the manifest of {} could not be cached: {error}", filename.as_str());
            }
        }
        Ok(found)
    }

    fn keep_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        let mut file = self.temporary()?;
        file.write_all(&cached::to_bytes(manifest)?)?;
        move_into_place(file, &self.manifest_path(&manifest.sha256))
    }

    /// Removes what is in a wheel's place. Should another process have put a sound copy there meanwhile, it is fetched
    /// once more.
    fn discard<T>(&self, sha256: &Sha256, why: &str) -> io::Result<Option<T>> {
        tracing::warn!("the cached wheel {} {why}: it is fetched again", self.wheel_path(sha256).display());
        self.remove(sha256)?;
        Ok(None)
    }

    fn manifest_path(&self, sha256: &Sha256) -> PathBuf {
        self.place(&MANIFESTS, sha256)
    }

    fn place(&self, part: &CachePart, sha256: &Sha256) -> PathBuf {
        let digest = sha256.to_string();
        let prefix: String = digest.chars().take(2).collect();
        self.root.join(part.folder()).join(prefix).join(format!("{digest}{}", part.extension))
    }

    fn temporary(&self) -> io::Result<TemporaryFile> {
        temporary_in_cache(&self.root)
    }
}

impl StoredWheel {
    /// Opens the wheel's file.
    ///
    /// # Errors
    /// When it cannot be opened; the message names it.
    pub fn open(&self) -> io::Result<FileAt> {
        let file = FileAt::open(&self.path)?;
        if file.size() == self.manifest.size {
            return Ok(file);
        }
        let message = format!("`{}` has changed since it was inspected", self.path.display());
        Err(io::Error::new(io::ErrorKind::InvalidData, message))
    }
}

impl Incoming {
    /// Bytes written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts the file into its place, if it has the digest that was promised. Gives its digest and its size in bytes.
    ///
    /// # Errors
    /// When it has another digest or cannot be put there; it is gone then.
    pub fn finish(self, expected: Option<&Sha256>) -> Result<(Sha256, u64), ReceiveError> {
        let got = Sha256::from_bytes(self.digest.finalize().into());
        if let Some(expected) = expected.filter(|expected| **expected != got) {
            return Err(ReceiveError::Mismatch { expected: *expected, got });
        }
        move_into_place(self.file, &self.store.wheel_path(&got))?;
        Ok((got, self.bytes))
    }
}

impl io::Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Renames a whole file over whatever lies in its place.
fn move_into_place(file: TemporaryFile, place: &Path) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    // A rename replaces a file, not a folder, which nobody here has put there.
    if place.is_dir() {
        clear(place)?;
    }
    file.persist(place)
}

/// Removes a file or a folder with all that is in it; nothing there is as good.
fn clear(path: &Path) -> io::Result<()> {
    let outcome = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

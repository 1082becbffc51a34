//! The folder that everything is cached in, as a whole: which of its files are whose, when they were last used, and
//! clearing them away. What is in a file is known to those who write it, and told by them as a [`CachePart`].
//!
//! Nothing is touched but plain files with the very names that layerpack gives, in the very folders: what else lies there
//! is [`CacheListing::foreign`]. Links are not followed, but for the folder itself.
//!
//! A file's modification time is when it was last used, to a day: whoever uses one [marks it](mark_used). The system's own
//! access times do not serve, most systems keep none or round them.

mod choose;
mod part;
mod temporary;
#[cfg(test)]
mod tests;
mod used;

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fs_err as fs;

pub use part::{CachePart, Keeping, Layout};
pub use temporary::temporary_in_cache;
pub use used::mark_used;

use crate::Sha256;

/// The folder of advisory locks, and the one lock in it that is never removed: whoever uses the cache shares it.
pub(crate) const LOCKS: &str = "locks";
pub(crate) const IN_USE: &str = "in-use";
/// The folder of files being written.
pub(crate) const TEMPORARY: &str = "tmp";
/// Characters that a temporary file's name has after its prefix.
const RANDOM: usize = 6;

/// What lies in a cache folder, ordered by path.
#[derive(Debug, Default)]
pub struct CacheListing {
    /// The files that layerpack wrote.
    pub files: Vec<CacheFile>,
    /// Files, folders and links that are none of layerpack's. Of a folder only its own path is given.
    pub foreign: Vec<PathBuf>,
    /// The folders that layerpack made, inner ones first.
    folders: Vec<PathBuf>,
}

/// A file that layerpack wrote.
#[derive(Debug, Clone)]
pub struct CacheFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub kind: CacheKind,
    /// Bytes.
    pub size: u64,
    /// When it was written or last marked as used; `None` where the system does not say.
    pub used: Option<SystemTime>,
}

/// What a file of the cache is.
#[derive(Debug, Clone, Copy)]
pub enum CacheKind {
    /// Of a part, in the form of today, and the digest that it is named by.
    Current(&'static CachePart, Sha256),
    /// Of a part, in a form that layerpack had formerly.
    Former(&'static CachePart),
    /// Of a part, in a form that a newer layerpack writes.
    Newer(&'static CachePart),
    /// An advisory lock.
    Lock,
    /// Being written, or left by a run that was killed.
    Temporary,
}

impl CacheKind {
    /// What it is called: the part's name, or the kind.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Current(part, _) => part.name,
            Self::Former(_) => "former",
            Self::Newer(_) => "newer",
            Self::Lock => "locks",
            Self::Temporary => "temporary",
        }
    }
}

/// What lies in a cache folder; `None` where there is no such folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn list_cache(root: &Path, parts: &[&'static CachePart]) -> io::Result<Option<CacheListing>> {
    if !fs::metadata(root).is_ok_and(|metadata| metadata.is_dir()) {
        return match fs::metadata(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(_) => Err(io::Error::other(format!("`{}` is not a folder", root.display()))),
        };
    }
    let mut listing = CacheListing::default();
    for (path, name, metadata) in entries(root)? {
        if metadata.is_dir() && (name == LOCKS || name == TEMPORARY) {
            listing.read_flat(&path, |name| is_digest(name).then_some(CacheKind::Lock))?;
            // It stays, and is nobody's business.
            listing.foreign.retain(|foreign| *foreign != path.join(IN_USE));
            listing.folders.push(path);
        } else if let Some((part, version)) = parts.iter().find_map(|part| Some((*part, part.version_of(&name)?)))
            && metadata.is_dir()
        {
            listing.read_part(&path, part, version)?;
            listing.folders.push(path);
        } else {
            listing.foreign.push(path);
        }
    }
    listing.files.sort_by(|a, b| a.path.cmp(&b.path));
    listing.foreign.sort();
    Ok(Some(listing))
}

impl CacheListing {
    /// A folder of files. `kind` says what a name stands for; `None` where it is foreign.
    fn read_flat(&mut self, folder: &Path, kind: impl Fn(&str) -> Option<CacheKind>) -> io::Result<()> {
        for (path, name, metadata) in entries(folder)? {
            let kind = if is_temporary(&name) { Some(CacheKind::Temporary) } else { kind(&name) };
            self.settle(path, &metadata, kind);
        }
        Ok(())
    }

    fn read_part(&mut self, folder: &Path, part: &'static CachePart, version: u32) -> io::Result<()> {
        let kind = |name: &str| part.kind(version, name);
        match part.layout {
            Layout::Flat => return self.read_flat(folder, kind),
            Layout::Sharded => {}
            Layout::InFolders => return self.read_folders(folder, part, version),
        }
        for (path, name, metadata) in entries(folder)? {
            if metadata.is_dir() && name.len() == 2 && is_hexadecimal(&name) {
                self.read_flat(&path, |file| kind(file).filter(|_| file.starts_with(&name)))?;
                self.folders.push(path);
            } else {
                self.settle(path, &metadata, is_temporary(&name).then_some(CacheKind::Temporary));
            }
        }
        Ok(())
    }

    fn read_folders(&mut self, folder: &Path, part: &'static CachePart, version: u32) -> io::Result<()> {
        for (path, digest, metadata) in entries(folder)? {
            if metadata.is_dir() && is_digest(&digest) {
                let kind = |name: &str| part.kind_by(version, &digest, name.get(name.rfind('.')?..)?);
                self.read_flat(&path, kind)?;
                self.folders.push(path);
            } else {
                self.settle(path, &metadata, is_temporary(&digest).then_some(CacheKind::Temporary));
            }
        }
        Ok(())
    }

    fn settle(&mut self, path: PathBuf, metadata: &std::fs::Metadata, kind: Option<CacheKind>) {
        match kind {
            Some(kind) if metadata.is_file() => {
                let (size, used) = (metadata.len(), metadata.modified().ok());
                self.files.push(CacheFile { path, kind, size, used });
            }
            _ => self.foreign.push(path),
        }
    }

    /// Removes the folders that have become empty; the others stay as they are.
    pub fn remove_empty_folders(&self) {
        for folder in &self.folders {
            // One that is not empty cannot be removed, which is what is wanted.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl CacheFile {
    /// Why it is damaged; `None` where it is sound, as far as can be told: only files in the form of today can.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn check(&self) -> io::Result<Option<&'static str>> {
        match &self.kind {
            CacheKind::Current(part, sha256) => (part.check)(&self.path, sha256),
            _ => Ok(None),
        }
    }

    /// Removes it; `false` where it has gone already, or is no plain file any more.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self) -> io::Result<bool> {
        let removed = match fs::symlink_metadata(&self.path) {
            Ok(metadata) if !metadata.is_file() => return Ok(false),
            Ok(_) => fs::remove_file(&self.path),
            Err(error) => Err(error),
        };
        match removed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What lies in a folder, links as links. A name that is no text is given in the form for showing, and is nobody's.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, String, std::fs::Metadata)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match fs::symlink_metadata(entry.path()) {
            Ok(metadata) => found.push((entry.path(), entry.file_name().to_string_lossy().into_owned(), metadata)),
            // Another process was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_digest(name: &str) -> bool {
    name.len() == 64 && is_hexadecimal(name)
}

/// The name of a file or folder that is being written: of `tempfile`, or with the prefix of `layer-pack`.
fn is_temporary(name: &str) -> bool {
    let random = name.strip_prefix(".tmp").or_else(|| name.strip_prefix(".layerpack-"));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

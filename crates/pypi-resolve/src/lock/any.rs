//! A lock of any kind, and the project file beside it.

use std::path::Path;

use lambda_compat::Target;

use super::error::LockError;
use super::kind::LockKind;
use super::pipfile::PipfileLock;
use super::poetry::PoetryLock;
use super::pylock::PyLock;
use super::selection::Selection;
use super::set::LockedSet;
use super::uv::UvLock;
use crate::index::IndexUrl;
use crate::project::Project;
use crate::source_text::read_bounded;

/// A lock.
#[derive(Debug)]
pub enum Lock {
    /// `pylock.toml`.
    Pylock(PyLock),
    /// `uv.lock`.
    Uv(UvLock),
    /// `poetry.lock`.
    Poetry(PoetryLock),
    /// `Pipfile.lock`.
    Pipfile(PipfileLock),
}

/// What lies beside a lock of others and it was made from.
#[derive(Debug, Default)]
pub struct Beside {
    project: Option<Project>,
    pipfile: Option<String>,
}

impl Beside {
    /// `pyproject.toml` or `Pipfile` in the folder of a lock, whichever belongs to it; nothing where it is not there.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn of(lock: &Path) -> Result<Self, LockError> {
        let mut beside = Self::default();
        match LockKind::of(lock) {
            // A script holds what it asks for itself.
            Some(LockKind::Uv) if lock.file_name().is_some_and(|name| name != "uv.lock") => {}
            Some(LockKind::Uv | LockKind::Poetry) => {
                let file = lock.with_file_name("pyproject.toml");
                beside.project = if file.is_file() { Some(Project::read(&file)?) } else { None };
            }
            Some(LockKind::Pipfile) => {
                let file = lock.with_file_name("Pipfile");
                let bytes = if file.is_file() { Some(read_bounded(&file).map_err(LockError::Io)?) } else { None };
                // What is no text is not the Pipfile of any lock, and its digest will not be either.
                beside.pipfile = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            }
            Some(LockKind::Pylock) | None => {}
        }
        Ok(beside)
    }
}

impl Lock {
    /// Reads a lock from disk. A `pylock.toml` decides on reading what it says of extras and groups.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is larger than 64 MB, of an unknown version, or not a sound lock of its kind.
    pub fn read(file: &Path, kind: LockKind, selection: &Selection) -> Result<Self, LockError> {
        Self::parse(file, kind, &read_bounded(file).map_err(LockError::Io)?, selection)
    }

    /// As [`Self::read`], from the lock's bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn parse(file: &Path, kind: LockKind, bytes: &[u8], selection: &Selection) -> Result<Self, LockError> {
        match kind {
            LockKind::Pylock => PyLock::parse_for(file, bytes, selection).map(Self::Pylock),
            LockKind::Uv => UvLock::parse(file, bytes).map(Self::Uv),
            LockKind::Poetry => PoetryLock::parse(file, bytes).map(Self::Poetry),
            LockKind::Pipfile => PipfileLock::parse(file, bytes).map(Self::Pipfile),
        }
    }

    /// The `pylock.toml`, if it is one.
    #[must_use]
    pub fn pylock(&self) -> Option<&PyLock> {
        match self {
            Self::Pylock(lock) => Some(lock),
            _ => None,
        }
    }

    /// The indexes that the lock has its packages from, where it may have credentials for them: a `Pipfile.lock`.
    ///
    /// # Errors
    ///
    /// Where a variable that a URL names is not set, or a URL is none of an index.
    pub fn sources(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Vec<IndexUrl>, LockError> {
        match self {
            Self::Pipfile(lock) => lock.sources(variable),
            Self::Pylock(_) | Self::Uv(_) | Self::Poetry(_) => Ok(Vec::new()),
        }
    }

    /// Whether a lock of others still matches what lies beside it. Where nothing does, there is nothing to match; a
    /// `pylock.toml` is held against its source by [`PyLock::satisfies`].
    ///
    /// # Errors
    ///
    /// [`LockError::Outdated`], and a project file that cannot be read.
    pub fn matches(&self, beside: &Beside, selection: &Selection) -> Result<(), LockError> {
        match (self, &beside.project, &beside.pipfile) {
            (Self::Uv(lock), Some(project), _) => lock.matches(project, selection),
            (Self::Poetry(lock), Some(project), _) => lock.matches(project),
            (Self::Pipfile(lock), _, Some(pipfile)) => lock.matches(pipfile),
            _ => Ok(()),
        }
    }

    /// What the lock installs on a target. `variable` gives the variables of the environment that URLs name.
    ///
    /// # Errors
    ///
    /// Those of each kind: where the lock excludes the target or has no such extra, group or member, where two entries
    /// of a package apply, and where wanted packages would have to be built.
    pub fn select(
        &self,
        target: &Target,
        selection: &Selection,
        beside: &Beside,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<LockedSet, LockError> {
        match self {
            Self::Pylock(lock) => lock.select(target),
            Self::Uv(lock) => lock.select(target, selection),
            Self::Poetry(lock) => lock.select(target, selection, beside.project.as_ref()),
            Self::Pipfile(lock) => lock.select(target, selection, variable),
        }
    }
}

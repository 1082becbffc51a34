//! The lock that a layer is built from: a pylock.toml beside its source, or the lock of another tool.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lambda_compat::{Code, Target};
use pypi_resolve::index::IndexUrl;
use pypi_resolve::lock::{Beside, Lock, LockError, LockKind, LockedSet, PyLock, Selection};
use pypi_resolve::requirements::RequirementsFile;
use wheel_archive::Sha256;
use wheel_tags::DistName;

use crate::args::LockUseArgs;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layer::local::LocalManifest;
use crate::plan::LayerSource;

/// The lock that is used.
pub(crate) struct LockFile {
    pub(crate) path: PathBuf,
    pub(crate) kind: LockKind,
    pub(crate) lock: Lock,
    /// Taken without looking at the source.
    pub(crate) frozen: bool,
    beside: Beside,
}

impl LockFile {
    /// The targets that the lock was made for, where it says.
    pub(super) fn targets(&self) -> &[Target] {
        self.lock.pylock().map_or(&[], |lock| lock.targets.as_slice())
    }

    /// What was left out when layerpack wrote the lock.
    pub(super) fn made_without(&self) -> BTreeSet<DistName> {
        let options = self.lock.pylock().map(|lock| &lock.options);
        let excluded = options.and_then(|options| options.get("exclude")).into_iter();
        excluded.flat_map(|names| names.split(',')).filter_map(|name| name.parse().ok()).collect()
    }

    /// The indexes that the lock has its packages from, where it may have credentials for them.
    pub(super) fn sources(&self, environment: &Environment) -> Result<Vec<IndexUrl>, Failure> {
        Ok(self.lock.sources(&|name| environment.var(name).map(str::to_owned))?)
    }

    /// What the lock installs on a target.
    pub(super) fn select(
        &self,
        target: &Target,
        selection: &Selection,
        environment: &Environment,
    ) -> Result<LockedSet, LockError> {
        let variable = |name: &str| environment.var(name).map(str::to_owned);
        self.lock.select(target, selection, &self.beside, &variable)
    }

    /// The name of the file.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

/// The lock of the source, if there is one and it is to be looked at. That it no longer matches its project is an error.
pub(super) fn read_lock(source: &mut LayerSource, use_of: Option<&LockUseArgs>) -> Result<Option<LockFile>, Failure> {
    let Some(use_of) = use_of else { return Ok(None) };
    let Some(path) = source.lock.clone() else {
        if use_of.locked || use_of.frozen {
            let flag = if use_of.locked { "--locked" } else { "--frozen" };
            let place = source.lock_path();
            return Err(Failure::new(Code::StaleLock, format!("{flag} is given, and there is no {}", place.display()))
                .help(format!("write it with layerpack lock {}", source.text())));
        }
        return Ok(None);
    };
    let frozen = use_of.frozen;
    let (kind, lock, beside) = match source.foreign_lock() {
        None => (LockKind::Pylock, Lock::Pylock(read_pylock(source, &path)?), Beside::default()),
        Some((_, kind)) => {
            let lock = Lock::read(&path, kind, &source.selection)?;
            let beside = Beside::of(&path)?;
            if !frozen {
                lock.matches(&beside, &source.selection)?;
            }
            (kind, lock, beside)
        }
    };
    Ok(Some(LockFile { path, kind, lock, frozen, beside }))
}

/// A pylock.toml that another tool wrote, as `uv export` does, was not made from the project beside it alone: it stands
/// for itself, and what it says of extras and groups counts.
fn read_pylock(source: &mut LayerSource, path: &std::path::Path) -> Result<PyLock, Failure> {
    let lock = PyLock::read(path)?;
    if !source.requirements.is_empty() || lock.digest.is_some() && source.project.is_some() {
        return Ok(lock);
    }
    source.project = None;
    if source.selection == Selection::default() {
        return Ok(lock);
    }
    Ok(PyLock::parse_for(path, &fs_err::read(path)?, &source.selection)?)
}

/// A digest of what decides which packages a lock must hold. Specifiers are not in it, since a lock is held against
/// each of them; of extras, markers and lines that are gone it could not tell.
pub(super) fn digest_of(
    file: &RequirementsFile,
    local: &[LocalManifest],
    pins: impl Iterator<Item = String>,
) -> String {
    let mut lines: BTreeSet<String> = local.iter().map(|local| local.wheel.filename.name.to_string()).collect();
    lines.extend(file.requirements.iter().map(|line| {
        let extras: Vec<&str> = line.extras.iter().map(DistName::as_str).collect();
        format!("{}[{}] ; {}", line.name, extras.join(","), line.marker.try_to_string().unwrap_or_default())
    }));
    lines.extend(pins);
    let lines: Vec<String> = lines.into_iter().collect();
    format!("sha256:{}", Sha256::of(lines.join("\n").as_bytes()))
}

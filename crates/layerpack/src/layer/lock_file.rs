//! The pylock.toml that a layer is built from.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lambda_compat::Code;
use pypi_resolve::lock::PyLock;
use pypi_resolve::requirements::RequirementsFile;
use wheel_archive::Sha256;
use wheel_tags::DistName;

use crate::args::LockUseArgs;
use crate::failure::Failure;
use crate::layer::local::LocalManifest;
use crate::plan::LayerSource;

/// The pylock.toml that is used.
pub(crate) struct LockFile {
    pub(crate) path: PathBuf,
    pub(crate) lock: PyLock,
    /// Taken without looking at the source.
    pub(crate) frozen: bool,
}

/// The lock beside the source, if there is one and it is to be looked at.
pub(super) fn read_lock(source: &LayerSource, use_of: Option<&LockUseArgs>) -> Result<Option<LockFile>, Failure> {
    let Some(use_of) = use_of else { return Ok(None) };
    let Some(path) = &source.lock else {
        if use_of.locked || use_of.frozen {
            let flag = if use_of.locked { "--locked" } else { "--frozen" };
            let place = source.lock_path();
            return Err(Failure::new(Code::StaleLock, format!("{flag} is given, and there is no {}", place.display()))
                .help(format!("write it with layerpack lock {}", source.text())));
        }
        return Ok(None);
    };
    let lock = PyLock::read(path)?;
    Ok(Some(LockFile { path: path.clone(), lock, frozen: use_of.frozen }))
}

/// A digest of what decides which packages a lock must hold. Specifiers are not in it, since a lock is held against
/// each of them; of extras, markers and lines that are gone it could not tell.
pub(super) fn digest_of(file: &RequirementsFile, local: &[LocalManifest]) -> String {
    let mut lines: BTreeSet<String> = local.iter().map(|local| local.wheel.filename.name.to_string()).collect();
    lines.extend(file.requirements.iter().map(|line| {
        let extras: Vec<&str> = line.extras.iter().map(DistName::as_str).collect();
        format!("{}[{}] ; {}", line.name, extras.join(","), line.marker.try_to_string().unwrap_or_default())
    }));
    let lines: Vec<String> = lines.into_iter().collect();
    format!("sha256:{}", Sha256::of(lines.join("\n").as_bytes()))
}

//! Resolutions to a lock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use lambda_compat::Target;
use pep440_rs::Version;
use pep508_rs::MarkerTree;
use url::Url;
use wheel_archive::with_slashes;
use wheel_tags::DistName;

use super::changes::CREATED_BY;
use super::environments::{entry_markers, environments, requires_python};
use super::error::LockError;
use super::pylock::{Dependency, LockedPackage, LockedWheel, PyLock, WheelPlace};
use crate::index::FileKind;
use crate::resolve::{Pin, PinSource, Resolution};

/// What a lock says beside its packages.
#[derive(Debug, Clone, Default)]
pub struct LockMeta {
    /// Where it will be written: paths of local wheels become relative to its folder.
    pub file: PathBuf,
    /// For [`PyLock::digest`].
    pub digest: Option<String>,
    /// For [`PyLock::options`].
    pub options: BTreeMap<String, String>,
    /// The base URL of the index that served each package, where that is known.
    pub indexes: BTreeMap<DistName, String>,
}

impl PyLock {
    /// The lock of one resolution.
    ///
    /// # Errors
    ///
    /// [`LockError::NoDigest`] where nobody knows the sha256 of a pinned wheel.
    pub fn from_resolution(resolution: &Resolution, meta: &LockMeta) -> Result<Self, LockError> {
        Self::from_resolutions(std::slice::from_ref(resolution), meta)
    }

    /// The lock of the resolutions for several targets. What not all of them take gets a marker.
    ///
    /// All wheels of each version are listed, those for laptops too, as far as their digests are known. Therefore
    /// `environments` names Python alone: an installer must refuse a lock on any environment that it does not name.
    ///
    /// # Errors
    ///
    /// [`LockError::NoDigest`] where nobody knows the sha256 of a pinned wheel.
    pub fn from_resolutions(resolutions: &[Resolution], meta: &LockMeta) -> Result<Self, LockError> {
        let mut targets: Vec<Target> = resolutions.iter().map(|resolution| resolution.target).collect();
        targets.sort_unstable();
        targets.dedup();

        let mut pins: BTreeMap<(&DistName, &Version), Vec<(Target, &Pin)>> = BTreeMap::new();
        for resolution in resolutions {
            for pin in &resolution.pins {
                pins.entry((&pin.name, &pin.version)).or_default().push((resolution.target, pin));
            }
        }
        let mut wanted_on: BTreeMap<&DistName, Vec<BTreeSet<Target>>> = BTreeMap::new();
        for ((name, _), pins) in &pins {
            wanted_on.entry(name).or_default().push(pins.iter().map(|&(target, _)| target).collect());
        }
        let mut markers: BTreeMap<_, _> =
            wanted_on.iter().map(|(name, entries)| (*name, entry_markers(entries, &targets).into_iter())).collect();
        let has_versions = |name: &DistName| wanted_on.get(name).is_some_and(|entries| entries.len() > 1);

        let mut packages = Vec::new();
        for ((name, version), pins) in &pins {
            let mut wheels = BTreeSet::new();
            let mut dependencies = BTreeSet::new();
            for &(target, pin) in pins {
                wheels.extend(wheels_of(pin, meta)?);
                let resolution = resolutions.iter().find(|resolution| resolution.target == target);
                for name in &pin.dependencies {
                    let pinned = resolution.and_then(|r| r.pins.iter().find(|pin| pin.name == *name));
                    let version = pinned.filter(|_| has_versions(name)).map(|pin| pin.version.clone());
                    dependencies.insert(Dependency { name: name.clone(), version });
                }
            }
            packages.push(LockedPackage {
                name: (*name).clone(),
                version: Some((*version).clone()),
                marker: markers.get_mut(name).and_then(Iterator::next).unwrap_or(MarkerTree::TRUE),
                requires_python: pins.iter().find_map(|(_, pin)| pin.requires_python.clone()),
                dependencies: dependencies.into_iter().collect(),
                index: meta.indexes.get(*name).map(|url| without_credentials(url)),
                direct: wheels.len() == 1 && pins.iter().all(|(_, pin)| matches!(pin.source, PinSource::Url(_))),
                wheels: wheels.into_iter().collect(),
                other_source: None,
            });
        }

        Ok(Self {
            file: meta.file.clone(),
            environments: environments(&targets),
            requires_python: requires_python(&targets),
            created_by: CREATED_BY.to_owned(),
            packages,
            targets,
            digest: meta.digest.clone(),
            options: meta.options.clone(),
        })
    }
}

/// All wheels of a pin: the chosen one, and those of the same version that its index lists with a sha256.
fn wheels_of(pin: &Pin, meta: &LockMeta) -> Result<Vec<LockedWheel>, LockError> {
    let mut wheels: Vec<LockedWheel> = pin
        .alternatives
        .iter()
        .filter_map(|file| match (&file.kind, file.sha256) {
            (FileKind::Wheel(filename), Some(sha256)) => Some(LockedWheel {
                filename: filename.clone(),
                place: place_of_url(&file.url, meta),
                upload_time: file.upload_time.as_ref().and_then(|time| utc(&time.to_string())),
                size: file.size,
                sha256,
            }),
            _ => None,
        })
        .collect();
    // Of several files of one name the first listed is the one that is taken.
    let mut seen = BTreeSet::new();
    wheels.retain(|wheel| seen.insert(wheel.filename.clone()));
    if !wheels.iter().any(|wheel| wheel.filename == pin.wheel) {
        let no_digest = || LockError::NoDigest { name: pin.name.clone(), filename: pin.wheel.to_string() };
        wheels.push(LockedWheel {
            filename: pin.wheel.clone(),
            place: match &pin.source {
                PinSource::Index { url } | PinSource::Url(url) => place_of_url(url, meta),
                PinSource::Path(path) => WheelPlace::Path(relative(path, &meta.file)),
            },
            upload_time: pin.upload_time.as_deref().and_then(utc),
            size: pin.size,
            sha256: pin.sha256.ok_or_else(no_digest)?,
        });
    }
    Ok(wheels)
}

/// Files of `--find-links` folders are local too.
fn place_of_url(url: &str, meta: &LockMeta) -> WheelPlace {
    let path = Url::parse(url).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok());
    match path {
        Some(path) => WheelPlace::Path(relative(&path, &meta.file)),
        None => WheelPlace::Url(without_credentials(url)),
    }
}

/// A lock is committed: what lets somebody in must not get into it.
fn without_credentials(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        return url.to_owned();
    };
    if parsed.username().is_empty() && parsed.password().is_none() {
        return url.to_owned();
    }
    // Both fail only for URLs that cannot have user information, and this one has.
    let _ = (parsed.set_username(""), parsed.set_password(None));
    parsed.into()
}

/// A path as the lock spells it: relative to its folder, with `/`.
fn relative(path: &Path, lock: &Path) -> String {
    let folder = lock.parent().unwrap_or(Path::new(""));
    if let Some(relative) = steps(path, folder) {
        return relative;
    }
    // One is relative to the working directory and the other is not, or the lock lies above it: both as they really are.
    let real = |folder: &Path| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs_err::canonicalize(folder).or_else(|_| std::path::absolute(folder)).ok()
    };
    let steps_between = || steps(&real(path.parent()?)?.join(path.file_name()?), &real(folder)?);
    steps_between().unwrap_or_else(|| with_slashes(path))
}

/// The way from a folder to a file; `None` where only the file system could tell it.
fn steps(path: &Path, folder: &Path) -> Option<String> {
    let parts = |path: &Path| -> Vec<PathBuf> {
        let parts = path.components().filter(|part| *part != Component::CurDir);
        parts.map(|part| PathBuf::from(part.as_os_str())).collect()
    };
    let (to, from) = (parts(path), parts(folder));
    let shared = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let (up, down) = (from.get(shared..).unwrap_or_default(), to.get(shared..).unwrap_or_default());
    // Nothing in common: two drives of Windows, for which there is no way.
    let apart = path.is_absolute() && shared == 0;
    if path.is_absolute() != folder.is_absolute() || apart || up.iter().any(|part| part.as_os_str() == "..") {
        return None;
    }
    let up = up.iter().map(|_| "..".to_owned());
    Some(up.chain(down.iter().map(|part| part.display().to_string())).collect::<Vec<_>>().join("/"))
}

/// The upload time as TOML has it; anything but a date and time with an offset is left out.
fn utc(time: &str) -> Option<String> {
    let time: toml::value::Datetime = time.parse().ok()?;
    (time.date.is_some() && time.time.is_some() && time.offset.is_some()).then(|| time.to_string())
}

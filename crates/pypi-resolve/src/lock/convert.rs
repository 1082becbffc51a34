//! Resolutions to a lock, and a lock back to the resolution for one target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use lambda_compat::{Origin, Target};
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;
use url::Url;
use wheel_tags::DistName;

use super::error::LockError;
use super::pylock::{Dependency, LockedPackage, LockedWheel, PyLock, WheelPlace};
use crate::index::{FileKind, IndexFile, IndexUrl};
use crate::requirements::{joined, marker, marker_environment};
use crate::resolve::{Pin, PinSource, Resolution, misfit};

/// What a lock says beside its packages.
#[derive(Debug, Clone, Default)]
pub struct LockMeta {
    /// Where it will be written: paths of local wheels become relative to its folder.
    pub file: PathBuf,
    /// For [`PyLock::digest`].
    pub digest: Option<String>,
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
        let names: Vec<&DistName> = pins.keys().map(|(name, _)| *name).collect();
        let has_versions: BTreeSet<&DistName> = names
            .windows(2)
            .filter_map(|pair| (pair.first() == pair.last()).then(|| pair.first().copied()).flatten())
            .collect();

        let mut packages = Vec::new();
        for ((name, version), pins) in &pins {
            let wanted_on: BTreeSet<Target> = pins.iter().map(|&(target, _)| target).collect();
            let everywhere = wanted_on.len() == targets.len();
            let mut wheels = BTreeSet::new();
            let mut dependencies = BTreeSet::new();
            for &(target, pin) in pins {
                wheels.extend(wheels_of(pin, meta)?);
                let resolution = resolutions.iter().find(|resolution| resolution.target == target);
                for name in &pin.dependencies {
                    let pinned = resolution.and_then(|r| r.pins.iter().find(|pin| pin.name == *name));
                    let version = pinned.filter(|_| has_versions.contains(name)).map(|pin| pin.version.clone());
                    dependencies.insert(Dependency { name: name.clone(), version });
                }
            }
            packages.push(LockedPackage {
                name: (*name).clone(),
                version: Some((*version).clone()),
                marker: if everywhere { MarkerTree::TRUE } else { any_of(wanted_on.iter().map(target_marker)) },
                requires_python: pins.iter().find_map(|(_, pin)| pin.requires_python.clone()),
                dependencies: dependencies.into_iter().collect(),
                index: meta.indexes.get(*name).map(|url| without_credentials(url)),
                wheels: wheels.into_iter().collect(),
                other_source: None,
            });
        }

        let pythons: BTreeSet<(u8, u8)> = targets.iter().map(|target| target.runtime.name.python()).collect();
        Ok(Self {
            file: meta.file.clone(),
            environments: pythons.iter().map(|&python| read_own(&python_marker(python))).collect(),
            requires_python: requires_python(&pythons),
            created_by: "layerpack".to_owned(),
            packages,
            targets,
            digest: meta.digest.clone(),
        })
    }

    /// What the lock installs on a target: of each package that its marker lets in, the wheel that fits best.
    ///
    /// Local paths are joined to the folder of the lock. Nothing is known of extras and of what was held back.
    ///
    /// # Errors
    ///
    /// Where the lock excludes the target, two entries of a package apply, or packages have no wheel that loads there;
    /// the last names all of them.
    pub fn to_resolution(&self, target: &Target) -> Result<Resolution, LockError> {
        let chosen = self.wanted_on(target)?;
        if let Some((package, specifiers)) = chosen.values().find_map(|p| Some((p, excluded_by(p, target)?))) {
            let why = format!("{} requires Python {specifiers}", package.name);
            return Err(LockError::OtherTarget { file: self.file.clone(), target: Box::new(*target), why });
        }
        let (resolution, without_wheel) = self.pins(&chosen, target);
        if without_wheel.is_empty() {
            return Ok(resolution);
        }
        let packages = without_wheel.into_iter().map(|package| instead_of_wheel(package, target)).collect();
        Err(LockError::NoWheel { file: self.file.clone(), target: Box::new(*target), packages })
    }

    /// The packages that are wanted on a target.
    pub(super) fn wanted_on(&self, target: &Target) -> Result<BTreeMap<&DistName, &LockedPackage>, LockError> {
        let environment = marker_environment(target);
        let other = |why: String| LockError::OtherTarget { file: self.file.clone(), target: Box::new(*target), why };
        let python = python_of(target);
        if let Some(specifiers) = self.requires_python.as_ref().filter(|specifiers| !specifiers.contains(&python)) {
            return Err(other(format!("requires-python is {specifiers}")));
        }
        if !self.environments.is_empty() && !self.environments.iter().any(|marker| marker.evaluate(&environment, &[])) {
            let listed: Vec<String> = self.environments.iter().filter_map(MarkerTree::try_to_string).collect();
            return Err(other(format!("its environments are {}", listed.join(" and "))));
        }

        let mut chosen: BTreeMap<&DistName, &LockedPackage> = BTreeMap::new();
        for package in self.packages.iter().filter(|package| package.marker.evaluate(&environment, &[])) {
            if chosen.insert(&package.name, package).is_some() {
                let (file, name) = (self.file.clone(), package.name.clone());
                return Err(LockError::Ambiguous { file, name, target: Box::new(*target) });
            }
        }
        Ok(chosen)
    }

    /// The pins of the packages that have a wheel for the target, and the others.
    pub(super) fn pins<'a>(
        &'a self,
        chosen: &BTreeMap<&DistName, &'a LockedPackage>,
        target: &Target,
    ) -> (Resolution, Vec<&'a LockedPackage>) {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let mut without_wheel = Vec::new();
        let mut pins = Vec::new();
        for package in chosen.values() {
            match (&package.version, best_wheel(package, target)) {
                (Some(version), Some(wheel)) if excluded_by(package, target).is_none() => {
                    let mut pin = pin(package, version, wheel, folder);
                    pin.dependencies.retain(|name| chosen.contains_key(name));
                    pins.push(pin);
                }
                _ => without_wheel.push(*package),
            }
        }
        (Resolution { target: *target, pins, notes: Vec::new() }, without_wheel)
    }
}

/// Specifiers speak of releases: `>=3.15` admits the release candidate that a preview runtime has.
fn python_of(target: &Target) -> Version {
    target.runtime.python_full.value.only_release()
}

/// The Requires-Python of a package, where it excludes the target.
pub(super) fn excluded_by<'a>(package: &'a LockedPackage, target: &Target) -> Option<&'a VersionSpecifiers> {
    package.requires_python.as_ref().filter(|specifiers| !specifiers.contains(&python_of(target)))
}

/// `name version`, and in parentheses what there is instead of a wheel.
fn instead_of_wheel(package: &LockedPackage, target: &Target) -> String {
    let version = package.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let instead = match (package.wheels.len(), package.other_source) {
        (0, Some(source)) => format!("{source} only"),
        (0, None) => "no files".to_owned(),
        (1, _) => format!("its only wheel: {}", nearest_miss(package, target)),
        (wheels, _) => format!("the nearest of its {wheels} wheels: {}", nearest_miss(package, target)),
    };
    format!("{}{version} ({instead})", package.name)
}

/// The wheel that ranks highest, then the one with the higher build tag (PEP 427). A variant (PEP 825) is never taken:
/// its tags do not say all that it needs.
pub(super) fn best_wheel<'a>(package: &'a LockedPackage, target: &Target) -> Option<&'a LockedWheel> {
    let plain = package.wheels.iter().filter(|wheel| wheel.filename.variant.is_none());
    let ranked = plain.filter_map(|wheel| {
        let rank = target.rank(&wheel.filename.tags, origin(package, &wheel.place)).ok()?;
        Some(((rank, wheel.filename.build.as_ref()), wheel))
    });
    ranked.max_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, wheel)| wheel)
}

/// Why the wheel of a package that comes nearest to a target does not fit it.
fn nearest_miss(package: &LockedPackage, target: &Target) -> String {
    let misses = package
        .wheels
        .iter()
        .filter_map(|wheel| target.rank(&wheel.filename.tags, origin(package, &wheel.place)).err())
        .min_by_key(|mismatches| misfit::distance(mismatches));
    misses.map_or_else(|| "a variant, of which tags do not say all".to_owned(), |mismatches| misfit::told(&mismatches))
}

/// The default index refuses `linux_x86_64` on upload, other places do not.
fn origin(package: &LockedPackage, place: &WheelPlace) -> Origin {
    let default = package.index.as_deref().is_some_and(is_default_index);
    if default && matches!(place, WheelPlace::Url(_)) { Origin::PublicIndex } else { Origin::Unverified }
}

fn is_default_index(url: &str) -> bool {
    url.parse::<IndexUrl>().is_ok_and(|url| url.is_default())
}

fn pin(package: &LockedPackage, version: &Version, wheel: &LockedWheel, folder: &Path) -> Pin {
    let mut dependencies: Vec<DistName> =
        package.dependencies.iter().map(|dependency| dependency.name.clone()).collect();
    dependencies.sort_unstable();
    dependencies.dedup();
    let alternatives = package.wheels.iter().filter_map(|wheel| match &wheel.place {
        WheelPlace::Path(_) => None,
        WheelPlace::Url(url) => Some(IndexFile {
            sha256: Some(wheel.sha256),
            size: wheel.size,
            requires_python: package.requires_python.clone().map(Ok),
            upload_time: wheel.upload_time.clone(),
            ..IndexFile::wheel(wheel.filename.clone(), url.as_str(), origin(package, &wheel.place))
        }),
    });
    Pin {
        name: package.name.clone(),
        version: version.clone(),
        wheel: wheel.filename.clone(),
        source: match &wheel.place {
            WheelPlace::Url(url) => PinSource::Index { url: url.clone() },
            WheelPlace::Path(path) => PinSource::Path(joined(folder, Path::new(path))),
        },
        sha256: Some(wheel.sha256),
        size: wheel.size,
        requires_python: package.requires_python.clone(),
        dependencies,
        extras: BTreeSet::new(),
        held_back: None,
        yanked: None,
        upload_time: wheel.upload_time.clone(),
        alternatives: alternatives.collect(),
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
                upload_time: file.upload_time.as_deref().and_then(utc),
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
    steps_between().unwrap_or_else(|| path.display().to_string())
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

fn python_marker((major, minor): (u8, u8)) -> String {
    format!("python_version == '{major}.{minor}'")
}

fn target_marker(target: &Target) -> MarkerTree {
    let python = python_marker(target.runtime.name.python());
    read_own(&format!("{python} and platform_machine == '{}'", target.arch.tag()))
}

fn read_own(text: &str) -> MarkerTree {
    marker::read_marker(text).map_or(MarkerTree::TRUE, |(marker, _)| marker)
}

fn any_of(markers: impl Iterator<Item = MarkerTree>) -> MarkerTree {
    let mut any = MarkerTree::FALSE;
    for marker in markers {
        any.or(marker);
    }
    any
}

/// `==3.12.*` for one Python; `>=3.11` where there are several.
fn requires_python(pythons: &BTreeSet<(u8, u8)>) -> Option<VersionSpecifiers> {
    let &(major, minor) = pythons.first()?;
    let text = if pythons.len() == 1 { format!("=={major}.{minor}.*") } else { format!(">={major}.{minor}") };
    text.parse().ok()
}

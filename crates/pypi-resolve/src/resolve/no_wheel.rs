//! A pinned version of which a target can have no wheel: why, and which other version or target has one.

use std::collections::BTreeMap;
use std::fmt;

use lambda_compat::{Code, Date, Finding, Target};
use pep440_rs::{Version, VersionSpecifiers};
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::candidate::{Releases, Unfit, Wheel};
use super::catalog::Catalog;
use super::explain::targets_nearest_to;
use super::in_short::in_short;
use super::versions::{Range, pinned, range};
use crate::index::{FileKind, IndexError, Project};
use crate::requirements::{Place, Requirement};

/// A pinned version of which a target can have no wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoWheel {
    /// The project.
    pub name: DistName,
    /// The version that is pinned.
    pub version: Version,
    /// The requirement line that pins it; `None` for a package of a lock.
    pub place: Option<Place>,
    /// Why there is none.
    pub reason: Reason,
    /// Which other version has one.
    pub instead: Instead,
    /// The nearest other live target that has a wheel of this very version.
    pub elsewhere: Option<Target>,
}

/// Why a target can have no wheel of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// None has tags that fit; what it has wheels for, in short: `cp37 to cp39 on arm64, x86_64`.
    Tags(String),
    /// The tags of one fit; its Requires-Python stands against it.
    RequiresPython(VersionSpecifiers),
    /// It has none at all.
    OnlySdists,
    /// This one fits, and the lines give only the hashes of other files of the version.
    NoHash {
        /// The wheel's file name.
        wheel: String,
        /// Its digest on the index.
        sha256: Sha256,
    },
}

/// Which versions of a project have a wheel for a target. Pre-releases count where one is pinned or no final release has
/// a wheel, yanked files never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// This one and all that are newer.
    From(Version),
    /// Newer ones, but not all of them.
    Next {
        /// The one that follows the pinned version.
        next: Version,
        /// The newest of all.
        newest: Version,
    },
    /// Older ones only, or else pre-releases: this is the newest of them.
    Newest(Version),
    /// None of so many.
    Nothing(usize),
    /// The pinned one: it has a wheel that a lock does not list, or lines do not give the hash of.
    Pinned,
    /// Nobody knows: why the index could not be asked.
    Unknown(String),
}

impl NoWheel {
    /// [`Code::OnlySdists`] or [`Code::NoWheelForTarget`].
    #[must_use]
    pub fn code(&self) -> Code {
        if self.reason == Reason::OnlySdists { Code::OnlySdists } else { Code::NoWheelForTarget }
    }

    /// What to do: every version and target in it was judged by its wheels' tags.
    #[must_use]
    pub fn help(&self) -> String {
        let Self { name, version, .. } = self;
        if let Reason::NoHash { wheel, sha256 } = &self.reason {
            return format!("to take {wheel} too, add --hash=sha256:{sha256}");
        }
        let mut help = vec![match &self.instead {
            Instead::From(from) => format!("from {from} on there is one"),
            Instead::Next { next, newest } if next == newest => format!("the only newer one that has one is {next}"),
            Instead::Next { next, newest } => format!("the next that has one is {next}, the newest {newest}"),
            Instead::Newest(newest) => format!("the newest that has one is {newest}"),
            Instead::Nothing(0 | 1) => "there is no other version".to_owned(),
            Instead::Nothing(versions) => format!("none of the {versions} versions has one"),
            Instead::Pinned => "the index has one of this very version: write the lock anew".to_owned(),
            Instead::Unknown(why) => format!("whether another version has one is not known: {why}"),
        }];
        help.extend(self.elsewhere.map(|target| format!("{version} has one for {target}")));
        if let (Instead::Nothing(_), None) = (&self.instead, self.elsewhere) {
            help.push(format!("build one (pip wheel --no-deps {name}=={version}) and name its file"));
        }
        help.join("; ")
    }

    /// The finding, about the package.
    #[must_use]
    pub fn finding(&self) -> Finding {
        Finding::error(self.code(), self.to_string()).at(self.name.to_string()).help(self.help())
    }
}

impl fmt::Display for NoWheel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { file, line }) = &self.place {
            write!(f, "{file}:{line}: ")?;
        }
        write!(f, "{}=={} ", self.name, self.version)?;
        match &self.reason {
            Reason::Tags(wheels) => write!(f, "has wheels only for {wheels}"),
            Reason::RequiresPython(wants) => write!(f, "needs Python {wants}"),
            Reason::OnlySdists => f.write_str("has no wheel, only a source distribution"),
            Reason::NoHash { .. } => f.write_str("has a wheel, and the line gives hashes of others only"),
        }
    }
}

impl Instead {
    /// Looks at all files of a project.
    pub(crate) fn look(project: &Project, version: &Version, target: &Target) -> Self {
        let mut has_wheel: BTreeMap<&Version, bool> = BTreeMap::new();
        for file in project.files.iter().filter(|file| file.yanked.is_none()) {
            let Some(version) = file.version() else { continue };
            let fits = match &file.kind {
                FileKind::Wheel(filename) => Wheel::Listed(file, filename).fits_plainly(target),
                _ => false,
            };
            *has_wheel.entry(version).or_default() |= fits;
        }
        if has_wheel.get(version) == Some(&true) {
            return Self::Pinned;
        }
        let counts = |other: &Version| version.any_prerelease() || !other.any_prerelease();
        let newer = || has_wheel.iter().filter(|(other, _)| **other > version && counts(other));
        let mut from_next = newer().skip_while(|(_, has)| !**has);
        let older = has_wheel.iter().rfind(|(other, has)| **has && **other < version && counts(other));
        match (from_next.clone().next(), newer().rfind(|(_, has)| **has), older) {
            (Some((next, _)), _, _) if from_next.all(|(_, has)| *has) => Self::From((*next).clone()),
            (Some((next, _)), Some((newest, _)), _) => Self::Next { next: (*next).clone(), newest: (*newest).clone() },
            (_, _, Some((older, _))) => Self::Newest((*older).clone()),
            _ => match has_wheel.iter().rfind(|(_, has)| **has) {
                Some((prerelease, _)) => Self::Newest((*prerelease).clone()),
                None => Self::Nothing(has_wheel.len()),
            },
        }
    }
}

impl Reason {
    /// Why none of these wheels fits; `for_python`: the tags of one do, and it wants this.
    pub(crate) fn of<'a>(
        wheels: impl Iterator<Item = &'a WheelFilename>,
        for_python: Option<&VersionSpecifiers>,
    ) -> Self {
        match (for_python, in_short(wheels)) {
            (Some(wants), _) => Self::RequiresPython(wants.clone()),
            (None, wheels) if wheels.is_empty() => Self::OnlySdists,
            (None, wheels) => Self::Tags(wheels),
        }
    }
}

/// What a line pins, where the target can have no wheel of it, whatever else is asked for; `None` where it can, and
/// where what stands against it is not the target: a constraint, a version that is not there, a file that was replaced.
pub(super) fn without_wheel(
    catalog: &Catalog<'_>,
    line: &Requirement,
    today: Date,
) -> Result<Option<NoWheel>, IndexError> {
    let Some(version) = line.specifiers.iter().find_map(pinned) else { return Ok(None) };
    let releases = catalog.releases(&line.name)?;
    let (Some(project), range) = (releases.project(), range(&line.specifiers)) else { return Ok(None) };
    let there: Vec<_> = releases.newest_first.iter().filter(|release| range.contains(&release.version)).collect();
    let wheels = || there.iter().flat_map(|release| releases.wheels(release));
    let no_wheel = |reason, instead, elsewhere| {
        let (name, version, place) = (line.name.clone(), version.clone(), Some(line.place.clone()));
        Some(NoWheel { name, version, place, reason, instead, elsewhere })
    };
    let here = &catalog.target;
    if there.is_empty() || wheels().any(|wheel| wheel.fits(here).is_ok()) {
        let reason = without_hash(&releases, &range, here);
        return Ok(reason.and_then(|reason| no_wheel(reason, Instead::Pinned, None)));
    }
    let for_python = wheels().find(|wheel| wheel.fits_by_tags(here)).and_then(Wheel::requires_python);
    let has = |target: &Target| wheels().any(|wheel| wheel.fits_plainly(target));
    Ok(no_wheel(
        Reason::of(wheels().map(Wheel::filename), for_python),
        Instead::look(project, version, here),
        live_target_nearest_to(here, today, has),
    ))
}

/// The wheel that would be taken if its hash were among those that the lines give. They give that of another file of
/// the version; where they do not, a file may have been replaced, and that is another matter.
fn without_hash(releases: &Releases, range: &Range, target: &Target) -> Option<Reason> {
    let hashes = releases.rules.hashes.as_ref()?;
    let of_range = |version: Option<&Version>| version.is_some_and(|version| range.contains(version));
    let files = || releases.project().into_iter().flat_map(|project| &project.files);
    let given = |sha256: &Sha256| hashes.contains_key(sha256);
    if !files().any(|file| of_range(file.version()) && file.sha256.as_ref().is_some_and(given)) {
        return None;
    }
    let there = releases.newest_first.iter().filter(|release| range.contains(&release.version));
    let fitting = there.flat_map(|release| releases.wheels(release)).filter(|wheel| wheel.fits_plainly(target));
    let mut best: Option<Wheel<'_>> = None;
    for wheel in fitting {
        match wheel.allowed(&releases.rules) {
            Ok(()) => return None,
            Err(Unfit::Hash(_)) => {
                let better = |best: &Wheel<'_>| wheel.fits(target).ok() > best.fits(target).ok();
                best = if best.as_ref().is_none_or(better) { Some(wheel) } else { best };
            }
            Err(_) => {}
        }
    }
    let best = best?;
    Some(Reason::NoHash { wheel: best.filename().to_string(), sha256: best.sha256()? })
}

/// The nearest other target that is live and has what is asked for.
pub(crate) fn live_target_nearest_to(here: &Target, today: Date, has: impl Fn(&Target) -> bool) -> Option<Target> {
    targets_nearest_to(*here).into_iter().filter(|target| target.runtime.is_live(today)).find(has)
}

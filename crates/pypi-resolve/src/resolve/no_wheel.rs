//! A pinned version that has no wheel for a target: what it has, and which other version or target has one.

use std::collections::BTreeMap;
use std::fmt;

use lambda_compat::{Code, Date, Finding, Target};
use pep440_rs::{Version, VersionSpecifiers};
use wheel_tags::DistName;

use super::candidate::Wheel;
use super::catalog::Catalog;
use super::explain::targets_nearest_to;
use super::in_short::in_short;
use super::versions::{pinned, range};
use crate::index::{FileKind, IndexError, Project};
use crate::requirements::{Place, Requirement};

/// A pinned version that has no wheel for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoWheel {
    /// The project.
    pub name: DistName,
    /// The version that is pinned.
    pub version: Version,
    /// The requirement line that pins it; `None` for a package of a lock.
    pub place: Option<Place>,
    /// What it has wheels for, in short: `cp37 to cp39 on arm64, x86_64`; empty where it has none.
    pub wheels: String,
    /// Its Requires-Python, where that is all that stands against a wheel.
    pub requires_python: Option<VersionSpecifiers>,
    /// Which other version has one.
    pub instead: Instead,
    /// The nearest other live target that has a wheel of this very version.
    pub elsewhere: Option<Target>,
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
    /// The pinned one, of which a lock does not list that wheel.
    Pinned,
    /// Nobody knows: why the index could not be asked.
    Unknown(String),
}

impl NoWheel {
    /// [`Code::OnlySdists`] or [`Code::NoWheelForTarget`].
    #[must_use]
    pub fn code(&self) -> Code {
        if self.wheels.is_empty() { Code::OnlySdists } else { Code::NoWheelForTarget }
    }

    /// What to do: every version and target in it was judged by its wheels' tags.
    #[must_use]
    pub fn help(&self) -> String {
        let Self { name, version, .. } = self;
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
        match (&self.requires_python, self.wheels.as_str()) {
            (Some(wants), _) => write!(f, "needs Python {wants}"),
            (None, "") => f.write_str("has no wheel, only a source distribution"),
            (None, wheels) => write!(f, "has wheels only for {wheels}"),
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

/// What a line pins, where no wheel of it is for the target, whatever else is asked for; `None` where one is, or where
/// the line pins nothing that the index has.
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
    if there.is_empty() || wheels().any(|wheel| wheel.fits(&catalog.target).is_ok()) {
        return Ok(None);
    }
    let by_tags = |wheel: &Wheel<'_>| wheel.fits_by_tags(&catalog.target);
    Ok(Some(NoWheel {
        name: line.name.clone(),
        version: version.clone(),
        place: Some(line.place.clone()),
        wheels: in_short(wheels().map(Wheel::filename)),
        requires_python: wheels().find(by_tags).and_then(|wheel| wheel.requires_python().cloned()),
        instead: Instead::look(project, version, &catalog.target),
        elsewhere: live_target_nearest_to(&catalog.target, today, |target| {
            wheels().any(|wheel| wheel.fits_plainly(target))
        }),
    }))
}

/// The nearest other target that is live and has what is asked for.
pub(crate) fn live_target_nearest_to(here: &Target, today: Date, has: impl Fn(&Target) -> bool) -> Option<Target> {
    targets_nearest_to(*here).into_iter().filter(|target| target.runtime.is_live(today)).find(has)
}

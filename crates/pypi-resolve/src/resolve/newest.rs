//! What the newest version of a package that the lines allow has to offer: whether it would have to be built.

use lambda_compat::Target;
use wheel_tags::DistName;

use super::Packages;
use super::candidate::{Release, Releases};
use super::catalog::Catalog;
use super::cutoff::Moment;
use super::error::ResolveError;
use super::versions::{Range, admits_python, range};
use super::wants::{Policy, Prereleases, Wants};
use crate::index::{FileKind, IndexFile};

/// The newest version of a package that requirement and constraint lines allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newest {
    /// It has a wheel for the target.
    Wheel,
    /// It has none, and this source distribution.
    Sdist(Box<IndexFile>),
    /// It has neither, or there is no such version.
    Nothing,
}

/// Looks at the newest version of a package, without what other packages require of it. With `built`, its wheels do not
/// count.
///
/// # Errors
///
/// Those of the indexes, and what is wrong with the requirements themselves.
pub fn newest(
    wants: &Wants,
    target: &Target,
    packages: &dyn Packages,
    policy: &Policy,
    name: &DistName,
    built: bool,
) -> Result<Newest, ResolveError> {
    let catalog = Catalog::new(wants, target, packages, policy)?;
    if catalog.is_fixed(name) {
        return Ok(Newest::Wheel);
    }
    let lines = catalog.roots.iter().filter(|line| line.name == *name);
    let asked = lines.fold(Range::full(), |all, line| all.intersection(&range(&line.specifiers)));
    let releases = catalog.releases(name)?;
    let allowed = |release: &&Release| {
        let version = &release.version;
        asked.contains(version) && releases.rules.constraints.iter().all(|(range, ..)| range.contains(version))
    };
    let finals = releases.newest_first.iter().filter(allowed).filter(|release| !release.version.any_prerelease());
    let pre = releases.newest_first.iter().filter(allowed).filter(|release| release.version.any_prerelease());
    let in_order: Vec<_> = match policy.prereleases {
        Prereleases::Allow => releases.newest_first.iter().filter(allowed).collect(),
        Prereleases::Disallow => finals.collect(),
        Prereleases::IfNecessaryOrExplicit => finals.chain(pre).collect(),
    };
    for release in in_order {
        if !built && releases.best(release).is_ok() {
            return Ok(Newest::Wheel);
        }
        if let Some(file) = sdist(&releases, release, target) {
            return Ok(Newest::Sdist(Box::new(file.clone())));
        }
    }
    Ok(Newest::Nothing)
}

/// Whether yanking, dates and hashes let a source distribution be taken, as they would a wheel.
fn admitted(releases: &Releases, release: &Release, file: &IndexFile) -> bool {
    let rules = &releases.rules;
    let yanked = file.yanked.is_some() && !rules.pinned.contains(&release.version);
    let old_enough = rules
        .cutoff
        .as_ref()
        .is_none_or(|cutoff| file.url.starts_with("file:") || uploaded(file).is_some_and(|time| time < cutoff.moment));
    let hashed = rules.hashes.as_ref().is_none_or(|hashes| file.sha256.is_some_and(|has| hashes.contains_key(&has)));
    !yanked && old_enough && hashed
}

/// The source distribution of a version, where it may be taken.
fn sdist<'a>(releases: &'a Releases, release: &Release, target: &Target) -> Option<&'a IndexFile> {
    let files = releases.project()?.files.iter();
    let mut of_version =
        files.filter(|file| matches!(&file.kind, FileKind::Sdist { version } if version == &release.version));
    of_version.find(|file| {
        let python = file.requires_python.as_deref().and_then(|wants| wants.as_ref().ok());
        let fits = python.is_none_or(|wants| admits_python(wants, &target.runtime.python_full.value));
        fits && admitted(releases, release, file)
    })
}

fn uploaded(file: &IndexFile) -> Option<Moment> {
    Moment::parse(&file.upload_time.as_ref()?.to_string())
}

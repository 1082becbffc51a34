//! Several targets at once: one version of a package for all of them where one fits all, else as few as can be.
//!
//! Every target is resolved alone first: what it founders on is told as it would be for that target only, and where all
//! agree, that is the answer. Else one search goes over all targets (`joint`), in which a package has one version for
//! the targets of a group; at first all targets are one group. Where that has no answer, the packages that it founders
//! on get more groups (`groups`), until it has, or, where one version is demanded, it is told why there is none (`told`).

mod groups;
mod joint;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use lambda_compat::Target;
use pep440_rs::Version;
use wheel_tags::DistName;

use self::groups::Groups;
use self::joint::Outcome;
use super::catalog::Catalog;
use super::error::ResolveError;
use super::provider::Search;
use super::resolution::Resolution;
use super::wants::{Policy, Wants};
use super::{Packages, searching, solve};

/// Searches over all targets are given up after so many; then every target has what it takes alone.
const MOST_SEARCHES: u32 = 64;

/// Whether a package may have several versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Where no version fits all targets that need it.
    WherePossible,
    /// Never (`--same-versions`).
    Demanded,
}

/// The answer for several targets.
#[derive(Debug, Clone)]
pub struct Together {
    /// One for each target, in the order of targets.
    pub resolutions: Vec<Resolution>,
    /// The packages that have several versions, by name.
    pub splits: Vec<Split>,
    /// Packages at one version that is not what every target would take alone, by name.
    pub shared: Vec<Shared>,
}

/// A package that has several versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The package.
    pub name: DistName,
    /// Its versions, the oldest first, each with the targets that take it.
    pub versions: Vec<(Version, Vec<Target>)>,
    /// Why the targets of one version cannot have another: fragments such as "2.4.1 needs Python >=3.11; python3.9 has
    /// 3.9.23", as far as single facts say it.
    pub because: Vec<String>,
}

/// A package that some targets would have in another version, were they alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The package.
    pub name: DistName,
    /// The version that all take.
    pub version: Version,
    /// The version that is taken alone by the targets named.
    pub alone: (Version, Vec<Target>),
}

/// Chooses versions and wheels for several targets: of every package one version where one fits all targets that need
/// it, and the newest of those; else as few as can be. The order of `asked` means nothing.
///
/// # Errors
///
/// Those of [`super::resolve`] for the first target that has any; with [`Sharing::Demanded`] also a conflict that names
/// the packages which no version serves everywhere.
pub fn resolve_together(
    asked: &[(Target, Wants)],
    packages: &dyn Packages,
    policy: &Policy,
    sharing: Sharing,
) -> Result<Together, ResolveError> {
    let mut asked: Vec<&(Target, Wants)> = asked.iter().collect();
    asked.sort_by_key(|(target, _)| *target);
    asked.dedup_by_key(|(target, _)| *target);
    let catalogs = asked.iter().map(|(target, wants)| Catalog::new(wants, target, packages, policy));
    let catalogs: Vec<Catalog<'_>> = catalogs.collect::<Result<_, _>>()?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let searches: Vec<Search<'_>> = catalogs.iter().map(|catalog| searching(scope, catalog, &over)).collect();
        let outcome = all_together(&searches, sharing);
        over.store(true, Ordering::Relaxed);
        outcome
    })
}

fn all_together(searches: &[Search<'_>], sharing: Sharing) -> Result<Together, ResolveError> {
    let several = searches.len() > 1;
    let alone = searches.iter().map(|search| solve(search).map_err(|error| on_target(search, error, several)));
    let alone: Vec<Resolution> = alone.collect::<Result<_, _>>()?;
    if versions(&alone).values().all(|versions| versions.len() == 1) {
        return Ok(Together { resolutions: alone, splits: Vec::new(), shared: Vec::new() });
    }
    let mut groups = match sharing {
        Sharing::WherePossible => Groups::preferred(searches),
        Sharing::Demanded => Groups::default(),
    };
    let mut refused: Option<BTreeSet<DistName>> = None;
    for _ in 0..MOST_SEARCHES {
        let blamed = match joint::solve(searches, &groups)? {
            Outcome::Found(resolutions) => {
                let together = together(searches, &alone, resolutions)?;
                return match refused {
                    None => Ok(together),
                    Some(blamed) => Err(told::refusal(&together.splits, &blamed).into()),
                };
            }
            Outcome::None(blamed) => blamed,
            Outcome::TooLong => break,
        };
        if sharing == Sharing::Demanded && refused.is_none() {
            refused = Some(blamed.clone());
        }
        if !groups.refine(&blamed, searches, &alone)? {
            break;
        }
    }
    let together = together(searches, &alone, alone.clone())?;
    match (sharing, refused) {
        (Sharing::WherePossible, _) => Ok(together),
        (Sharing::Demanded, blamed) => Err(told::refusal(&together.splits, &blamed.unwrap_or_default()).into()),
    }
}

/// With several targets it has to be said which of them a conflict is about.
fn on_target(search: &Search<'_>, error: ResolveError, several: bool) -> ResolveError {
    let target = search.graph.catalog.target.to_string();
    match error {
        ResolveError::Unsatisfiable(mut report) if several && !report.message.contains(&target) => {
            report.message = format!("{target}: {}", report.message);
            ResolveError::Unsatisfiable(report)
        }
        error => error,
    }
}

/// The versions of every package, each with the targets that take it.
fn versions(resolutions: &[Resolution]) -> BTreeMap<&DistName, BTreeMap<&Version, Vec<Target>>> {
    let mut names: BTreeMap<&DistName, BTreeMap<&Version, Vec<Target>>> = BTreeMap::new();
    for resolution in resolutions {
        for pin in &resolution.pins {
            names.entry(&pin.name).or_default().entry(&pin.version).or_default().push(resolution.target);
        }
    }
    names
}

fn together(
    searches: &[Search<'_>],
    alone: &[Resolution],
    resolutions: Vec<Resolution>,
) -> Result<Together, ResolveError> {
    let (mut splits, mut shared) = (Vec::new(), Vec::new());
    let versions_alone = versions(alone);
    for (name, versions) in versions(&resolutions) {
        match versions.iter().next() {
            Some((version, _)) if versions.len() == 1 => {
                let alone = versions_alone.get(name).and_then(|alone| alone.last_key_value());
                if let Some((newest, targets)) = alone.filter(|(newest, _)| *newest != version) {
                    let alone = ((*newest).clone(), targets.clone());
                    shared.push(Shared { name: name.clone(), version: (*version).clone(), alone });
                }
            }
            _ => {
                let because = told::because(searches, &resolutions, name, &versions)?;
                let versions = versions.into_iter().map(|(version, targets)| (version.clone(), targets)).collect();
                splits.push(Split { name: name.clone(), versions, because });
            }
        }
    }
    Ok(Together { resolutions, splits, shared })
}

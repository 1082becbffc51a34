//! Everything that cannot be had on a target, not only what a resolution founders on first.

use std::collections::BTreeSet;

use lambda_compat::{Date, Finding, Target};
use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;
use wheel_tags::DistName;

use super::catalog::Catalog;
use super::error::{Report, ResolveError};
use super::no_wheel::{NoWheel, without_wheel};
use super::versions::range;
use super::wants::{Policy, Wants};
use super::{Packages, Resolution, resolve};
use crate::requirements::{Place, Requirement, RequirementSource};

/// When so much cannot be had, nobody reads more of it. Each costs a resolution.
const MOST_REPORTS: usize = 16;

/// What can be had on a target, and all that cannot.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Everything else; `None` where that does not go together either.
    pub resolution: Option<Resolution>,
    /// What cannot be had: the lines that cannot be met even alone, in their order, then what others depend on.
    pub unmet: Vec<Unmet>,
}

/// Something that cannot be had on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// A pinned version has no wheel.
    Pin(NoWheel),
    /// Anything else, in the words of the resolver.
    Other(Report),
}

impl Unmet {
    /// The package it is about, if it is about one.
    #[must_use]
    pub fn package(&self) -> Option<&DistName> {
        match self {
            Self::Pin(pin) => Some(&pin.name),
            Self::Other(report) => report.package.as_ref(),
        }
    }

    /// The finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        match self {
            Self::Pin(pin) => pin.finding(),
            Self::Other(report) => {
                let mut finding = Finding::error(report.code, report.message.clone());
                finding.entry = report.package.as_ref().map(DistName::to_string);
                finding.help.clone_from(&report.help);
                finding
            }
        }
    }
}

/// Resolves, and goes on without whatever cannot be had. `today` says which targets are live.
///
/// # Errors
///
/// Those of the indexes, and what is wrong with the requirements themselves (LP315, LP506).
pub fn survey(
    wants: &Wants,
    target: &Target,
    packages: &dyn Packages,
    policy: &Policy,
    today: Date,
) -> Result<Survey, ResolveError> {
    let mut wants = wants.clone();
    let mut unmet = lines_by_themselves(&wants, target, packages, policy, today)?;
    for name in unmet.iter().filter_map(Unmet::package) {
        forget(&mut wants, name);
    }
    let enough = unmet.len() + MOST_REPORTS;
    loop {
        let report = match resolve(&wants, target, packages, policy) {
            Ok(resolution) => return Ok(Survey { resolution: Some(resolution), unmet }),
            Err(ResolveError::Unsatisfiable(report)) => report,
            Err(error) => return Err(error),
        };
        let package = report.package.clone().filter(|name| unmet.iter().all(|other| other.package() != Some(name)));
        unmet.push(Unmet::Other(report));
        match package.filter(|_| unmet.len() < enough) {
            Some(name) => forget(&mut wants, &name),
            None => return Ok(Survey { resolution: None, unmet }),
        }
    }
}

/// The lines that cannot be met even alone, in their order.
fn lines_by_themselves(
    wants: &Wants,
    target: &Target,
    packages: &dyn Packages,
    policy: &Policy,
    today: Date,
) -> Result<Vec<Unmet>, ResolveError> {
    let catalog = Catalog::new(wants, target, packages, policy)?;
    for line in &catalog.roots {
        catalog.prefetch(&line.name);
    }
    let mut unmet: Vec<Unmet> = Vec::new();
    for line in &catalog.roots {
        if catalog.is_fixed(&line.name) || unmet.iter().any(|other| other.package() == Some(&line.name)) {
            continue;
        }
        if let Some(pin) = without_wheel(&catalog, line, today)? {
            unmet.push(Unmet::Pin(pin));
        } else if catalog.releases(&line.name)?.usable(&range(&line.specifiers)).next().is_none() {
            let alone = Wants { requirements: vec![line.clone()], local: Vec::new(), ..wants.clone() };
            match resolve(&alone, target, packages, policy) {
                Err(ResolveError::Unsatisfiable(report)) => unmet.push(Unmet::Other(report)),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
    }
    Ok(unmet)
}

/// Takes a package out of what is wanted, also where others depend on it.
fn forget(wants: &mut Wants, name: &DistName) {
    wants.local.retain(|wheel| wheel.filename.name != *name);
    wants.overrides.retain(|line| line.name != *name);
    wants.overrides.push(Requirement {
        name: name.clone(),
        extras: BTreeSet::new(),
        specifiers: VersionSpecifiers::empty(),
        source: RequirementSource::Index,
        marker: MarkerTree::FALSE,
        hashes: Vec::new(),
        place: Place::default(),
        text: name.to_string(),
    });
}

//! What would have an answer instead. Nothing is suggested that was not resolved first, with everything else that is
//! asked for; how much may be read and tried for that is bounded, and all of it happens only where there is no answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_compat::{Code, Target};
use pep440_rs::{Operator, Version, VersionSpecifiers};
use wheel_archive::Metadata;
use wheel_tags::DistName;

use super::cutoff::Cutoffs;
use super::error::Report;
use super::explain::Explained;
use super::near::{near, stand_in};
use super::wants::{Policy, Prereleases, Wants};
use super::{Packages, Resolution, attempt};
use crate::index::{IndexError, IndexFile, Project};
use crate::requirements::{Requirement, RequirementSource};

/// Searches that are made for suggestions.
const MOST_TRIES: usize = 6;
/// Rounds of each of them.
const MOST_ROUNDS: u64 = 4_000;
/// Pages and METADATA that are read for all of them together, beside what the search itself has read.
const MOST_READS: usize = 400;
/// More ways out than this nobody weighs.
const MOST_TOLD: usize = 2;

/// The report, with what would have an answer.
pub(super) fn improved(
    explained: Explained,
    wants: &Wants,
    target: &Target,
    packages: &dyn Packages,
    policy: &Policy,
) -> Report {
    let Explained { mut report, lines, required, elsewhere, read } = explained;
    // What was read before is kept, and costs nothing to read again.
    let packages = Bounded { packages, left: AtomicUsize::new(MOST_READS + read * MOST_TRIES) };
    let mut tries = Tries { wants, target, packages: &packages, policy, left: MOST_TRIES };
    let mut help: Vec<String> = report.help.take().into_iter().collect();
    let mut works = match report.code {
        Code::NoWheelForTarget | Code::Conflict | Code::NoVersion | Code::OnlySdists => {
            tries.other_lines(&lines, report.package.as_ref())
        }
        Code::UnknownProject => return meant(Report { help: help.pop(), ..report }, wants, tries.packages),
        _ => return Report { help: help.pop(), ..report },
    };
    if report.code == Code::NoWheelForTarget {
        help = elsewhere.here.filter(|_| works.is_empty()).into_iter().collect();
        if let Some((target, wheel)) = elsewhere.there {
            let all = if tries.has_all(&target) { " and everything else that is asked for" } else { "" };
            help.push(format!("{target} has a wheel of {wheel}{all}"));
        }
        help.extend(elsewhere.nowhere);
    } else {
        works.extend(tries.other_policies(report.package.as_ref()));
        works.extend(tries.without_constraints());
        if works.is_empty() && report.code == Code::Conflict {
            help.extend(tries.overrides(&required));
        }
    }
    if !works.is_empty() {
        help.insert(0, format!("it works {}", works.into_iter().take(MOST_TOLD).collect::<Vec<_>>().join("; or ")));
    }
    Report { help: Some(help.join("; ")).filter(|help| !help.is_empty()), ..report }
}

/// The report on an unknown project, with the name that was probably meant.
pub(super) fn meant(report: Report, wants: &Wants, packages: &dyn Packages) -> Report {
    if report.code != Code::UnknownProject {
        return report;
    }
    let others: Vec<DistName> = wants.requirements.iter().map(|line| line.name.clone()).collect();
    let near = report.package.as_ref().and_then(|name| near(name, &others, packages));
    let Some(near) = near else { return report };
    let rest = report.help.as_deref().map(|help| format!(" If not, {help}")).unwrap_or_default();
    Report { help: Some(format!("did you mean {near}, which is there?{rest}")), ..report }
}

/// The searches for suggestions.
struct Tries<'a> {
    wants: &'a Wants,
    target: &'a Target,
    packages: &'a dyn Packages,
    policy: &'a Policy,
    left: usize,
}

impl Tries<'_> {
    fn try_with(&mut self, wants: &Wants, target: &Target, policy: &Policy) -> Option<Resolution> {
        self.left = self.left.checked_sub(1)?;
        attempt(wants, target, self.packages, policy, MOST_ROUNDS).ok()
    }

    /// One line without its bounds: the version that it would take then.
    fn other_lines(&mut self, lines: &[Requirement], blamed: Option<&DistName>) -> Vec<String> {
        let mut found = Vec::new();
        for line in lines {
            let hashed = self.policy.require_hashes || !line.hashes.is_empty();
            let fixed = line.source != RequirementSource::Index
                || self.wants.local.iter().any(|wheel| wheel.filename.name == line.name);
            if hashed || fixed || found.len() == MOST_TOLD {
                continue;
            }
            if let Some(other) = stand_in(&line.name).filter(|_| blamed == Some(&line.name)) {
                found.extend(self.in_place(line, &other));
            }
            if line.specifiers.is_empty() {
                continue;
            }
            let mut wants = self.wants.clone();
            for other in wants.requirements.iter_mut().chain(&mut wants.overrides) {
                if other.name == line.name && other.place == line.place {
                    other.specifiers = without_bounds(&line.specifiers);
                }
            }
            let Some(resolution) = self.try_with(&wants, self.target, self.policy) else { continue };
            let Some(version) = version_of(&resolution, &line.name) else { continue };
            found.push(told(&line.name, version, line));
        }
        found
    }

    /// Another project in place of a line's.
    fn in_place(&mut self, line: &Requirement, name: &DistName) -> Option<String> {
        let mut wants = self.wants.clone();
        let same = |other: &&mut Requirement| other.name == line.name && other.place == line.place;
        wants.requirements.iter_mut().filter(same).for_each(|other| other.name = name.clone());
        let resolution = self.try_with(&wants, self.target, self.policy)?;
        Some(told(name, version_of(&resolution, name)?, line))
    }

    /// Pre-releases, and files that are too new.
    fn other_policies(&mut self, package: Option<&DistName>) -> Vec<String> {
        let mut found = Vec::new();
        if self.policy.prereleases == Prereleases::Disallow {
            let policy = Policy { prereleases: Prereleases::default(), ..self.policy.clone() };
            if let Some(resolution) = self.try_with(self.wants, self.target, &policy) {
                let pins = resolution.pins.iter().filter(|pin| pin.version.any_prerelease());
                let pins: Vec<String> = pins.map(|pin| format!("{} {}", pin.name, pin.version)).collect();
                let flag = "--prerelease if-necessary-or-explicit";
                found.push(format!("with pre-releases ({flag}): {}", pins.join(", ")));
            }
        }
        // Where a package alone is to blame, its own way out was told.
        if package.is_none() && !self.policy.cutoffs.is_empty() {
            let policy = Policy { cutoffs: Cutoffs::default(), ..self.policy.clone() };
            if self.try_with(self.wants, self.target, &policy).is_some() {
                found.push("without --exclude-newer".to_owned());
            }
        }
        found
    }

    /// Without one of the constraints.
    fn without_constraints(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        for at in 0..self.wants.constraints.len().min(MOST_TRIES) {
            let mut wants = self.wants.clone();
            let line = wants.constraints.remove(at);
            if self.try_with(&wants, self.target, self.policy).is_some() {
                found.push(format!("without {} ({})", line.wanted(), line.place));
            }
        }
        found
    }

    /// Whether another target can have everything.
    fn has_all(&mut self, target: &Target) -> bool {
        self.try_with(self.wants, target, self.policy).is_some()
    }

    /// Whatever others say of one package, overruled.
    fn overrides(&mut self, required: &[DistName]) -> Option<String> {
        for name in required {
            let mut wants = self.wants.clone();
            wants.overrides.retain(|line| line.name != *name);
            wants.overrides.push(Requirement::any(name));
            if let Some(resolution) = self.try_with(&wants, self.target, self.policy)
                && let Some(version) = version_of(&resolution, name)
            {
                return Some(format!(
                    "no versions of these packages go together; {name}=={version} in a file for --override overrules \
                     those that require others, at your own risk"
                ));
            }
        }
        None
    }
}

/// `with a==1.0 in place of a>=2 (requirements.txt line 1)`.
fn told(name: &DistName, version: &Version, line: &Requirement) -> String {
    let extras = line.extras.iter().map(DistName::as_str).collect::<Vec<_>>().join(",");
    let extras = if extras.is_empty() { extras } else { format!("[{extras}]") };
    format!("with {name}{extras}=={version} in place of {} ({})", line.wanted(), line.place)
}

/// The versions that are left out by name stay so.
fn without_bounds(specifiers: &VersionSpecifiers) -> VersionSpecifiers {
    let kept = |operator: &Operator| matches!(operator, Operator::NotEqual | Operator::NotEqualStar);
    specifiers.iter().filter(|specifier| kept(specifier.operator())).cloned().collect()
}

fn version_of<'a>(resolution: &'a Resolution, name: &DistName) -> Option<&'a Version> {
    resolution.pins.iter().find(|pin| pin.name == *name).map(|pin| &pin.version)
}

impl Requirement {
    /// Any version of a package, asked for by nobody.
    pub(super) fn any(name: &DistName) -> Self {
        Self {
            name: name.clone(),
            extras: BTreeSet::new(),
            specifiers: VersionSpecifiers::empty(),
            source: RequirementSource::Index,
            marker: pep508_rs::MarkerTree::TRUE,
            hashes: Vec::new(),
            place: crate::requirements::Place::default(),
            text: name.to_string(),
        }
    }
}

/// So many questions and no more.
struct Bounded<'a> {
    packages: &'a dyn Packages,
    left: AtomicUsize,
}

impl Bounded<'_> {
    fn take(&self, what: &str) -> Result<(), IndexError> {
        let less = |left: usize| left.checked_sub(1);
        let spent = || IndexError::NotCached { what: what.to_owned() };
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).map(|_| ()).map_err(|_| spent())
    }
}

impl Packages for Bounded<'_> {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        self.take(name.as_str())?;
        self.packages.project(name)
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.take(&file.filename)?;
        self.packages.metadata(file)
    }

    fn prefetch(&self, name: &DistName) {
        if self.left.load(Ordering::Relaxed) > 0 {
            self.packages.prefetch(name);
        }
    }

    fn prefetch_metadata(&self, file: &IndexFile) {
        if self.left.load(Ordering::Relaxed) > 0 {
            self.packages.prefetch_metadata(file);
        }
    }
}

//! From a solution to pins: the wheel of every version, who depends on whom, and what the target held back.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Code, Finding, Severity};
use pep440_rs::Version;
use wheel_tags::DistName;

use super::below::BelowMetadata;
use super::candidate::{Files, Release, Releases, Unfit, Wheel, nearest};
use super::graph::{Edge, Graph, Package, Unusable};
use super::resolution::{Asker, HeldBack, Link, Pin, PinSource, Resolution};
use super::versions::Range;
use super::wants::Prereleases;
use crate::index::{IndexError, IndexFile};
use crate::requirements::Place;

/// Everything that asks for one name in a solution.
struct Asked {
    range: Range,
    dependencies: BTreeSet<DistName>,
    extras: BTreeSet<DistName>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { range: Range::full(), dependencies: BTreeSet::new(), extras: BTreeSet::new() }
    }
}

/// The pins of a solution, which holds a version for every package.
pub(super) fn resolution(graph: &Graph<'_>, solution: &BTreeMap<Package, Version>) -> Result<Resolution, IndexError> {
    let mut asked: BTreeMap<DistName, Asked> = BTreeMap::new();
    let mut notes = BTreeSet::new();
    let mut links = Vec::new();
    for (package, version) in solution {
        // A version whose arrows cannot be told is never part of a solution.
        let edges = graph.edges(package, version)?.unwrap_or_default();
        for edge in &edges {
            let (Some(to), true) = (edge.to.name(), edge.requirement.is_some()) else { continue };
            let there = asked.entry(to.clone()).or_default();
            there.range = there.range.intersection(&edge.range);
            if let Some(from) = package.name().filter(|from| *from != to) {
                asked.entry(from.clone()).or_default().dependencies.insert(to.clone());
            }
            notes.extend(unknown_extra(graph, solution, package, edge)?);
        }
        links.extend(edges.iter().filter_map(|edge| link(graph, package, edge)));
        if let Package::Extra(name, extra) = package {
            asked.entry(name.clone()).or_default().extras.insert(extra.clone());
        }
    }
    notes.extend(left_out(graph, solution)?);
    let is_below = |name: &DistName| graph.catalog.below(name).is_some();
    let (mut pins, mut below) = (Vec::new(), Vec::new());
    for (package, version) in solution {
        let Package::Name(name) = package else { continue };
        if is_below(name) {
            below.push((name.clone(), version.clone()));
            continue;
        }
        let pin = pin(graph, name, version, asked.remove(name).unwrap_or_default())?;
        notes.extend(pin.as_ref().and_then(yanked));
        notes.extend(pin.as_ref().map(|pin| undated(graph, pin)).transpose()?.flatten());
        pins.extend(pin);
    }
    for pin in &mut pins {
        pin.dependencies.retain(|name| !is_below(name));
    }
    links.retain(|link| !is_below(&link.to));
    Ok(Resolution { target: graph.catalog.target, pins, below, notes: notes.into_iter().collect(), links })
}

/// That a package asks for another, or a line or local wheel for a package.
fn link(graph: &Graph<'_>, from: &Package, edge: &Edge) -> Option<Link> {
    let Package::Name(to) = &edge.to else { return None };
    let (from, wanted) = match (from, &edge.requirement) {
        (Package::Root, Some(line)) => (Asker::Line(line.place.clone()), line.wanted()),
        (Package::Root, None) => (Asker::Line(Place::new(graph.catalog.local_file(&edge.to), 0)), to.to_string()),
        (Package::Name(name), Some(line)) => (Asker::Package(name.clone(), None), line.wanted()),
        (Package::ExtraContent(name, extra), Some(line)) => {
            (Asker::Package(name.clone(), Some(extra.clone())), line.wanted())
        }
        _ => return None,
    };
    Some(Link { from, to: to.clone(), wanted })
}

/// `None` for a version without a wheel, which no solution holds.
fn pin(graph: &Graph<'_>, name: &DistName, version: &Version, asked: Asked) -> Result<Option<Pin>, IndexError> {
    let releases = graph.catalog.releases(name)?;
    let Some(release) = releases.find(version) else { return Ok(None) };
    let Ok(wheel) = releases.best(release) else { return Ok(None) };
    let metadata = graph.chosen(name, version)?.ok().map(|chosen| chosen.metadata.clone());
    let (source, size) = match wheel {
        Wheel::Local(local) => (PinSource::Path(local.path.clone()), Some(local.size)),
        Wheel::Listed(file, _) => match releases.files {
            Files::Url(_) => (PinSource::Url(file.url.clone()), file.size),
            _ => (PinSource::Index { url: file.url.clone() }, file.size),
        },
    };
    Ok(Some(Pin {
        name: name.clone(),
        version: wheel.filename().version.clone(),
        wheel: wheel.filename().clone(),
        source,
        sha256: wheel.sha256(),
        size,
        requires_python: metadata.and_then(|m| m.requires_python.clone()),
        dependencies: asked.dependencies.into_iter().collect(),
        extras: asked.extras,
        held_back: held_back(graph, &releases, &asked.range, version),
        yanked: wheel.listed().and_then(|f| f.yanked.clone()),
        upload_time: wheel.listed().and_then(|f| f.upload_time.as_ref()).map(ToString::to_string),
        alternatives: alternatives(&releases, release),
    }))
}

/// All wheels of the version that may be taken on one target or another: a lock must not offer others than the lines
/// allow.
fn alternatives(releases: &Releases, release: &Release) -> Vec<IndexFile> {
    let allowed = releases.wheels(release).filter(|wheel| wheel.allowed(&releases.rules).is_ok());
    allowed.filter_map(Wheel::listed).cloned().collect()
}

/// The newest version that all who ask for the name allow, where the target alone keeps it away.
fn held_back(graph: &Graph<'_>, releases: &Releases, range: &Range, taken: &Version) -> Option<HeldBack> {
    if releases.rules.oldest_first {
        return None;
    }
    let mut for_newer_python = None;
    let newer = releases.newest_first.iter().take_while(|r| r.version > *taken);
    for release in newer.filter(|r| range.contains(&r.version)) {
        if release.version.any_prerelease() && graph.catalog.policy.prereleases != Prereleases::Allow {
            continue;
        }
        let because = |reason: String| Some(HeldBack { newest: release.version.clone(), reasons: vec![reason] });
        let Files::Index(project) = &releases.files else { return None };
        match releases.best(release) {
            Ok(_) => match graph.known_unusable(&project.name, &release.version) {
                Some(reason @ Unusable::Python { .. }) => {
                    for_newer_python = for_newer_python.or_else(|| because(reason.to_string()));
                }
                // It was passed over for the sake of other packages.
                _ => return for_newer_python,
            },
            Err(reasons) => {
                let of_target: Vec<_> = reasons.iter().filter(|r| r.is_target()).cloned().collect();
                match nearest(&of_target).or_else(|| reasons.iter().find(|r| matches!(r, Unfit::OnlySdist))) {
                    Some(reason @ Unfit::Python { .. }) => {
                        for_newer_python = for_newer_python.or_else(|| because(reason.to_string()));
                    }
                    Some(Unfit::Tags(mismatches)) => {
                        let reasons: BTreeSet<_> = mismatches.iter().map(ToString::to_string).collect();
                        let newest = release.version.clone();
                        return Some(HeldBack { newest, reasons: reasons.into_iter().collect() });
                    }
                    Some(reason) => return because(reason.to_string()),
                    None => {}
                }
            }
        }
    }
    for_newer_python
}

/// What is not taken because it is excluded, with all who require it.
fn left_out(graph: &Graph<'_>, solution: &BTreeMap<Package, Version>) -> Result<Vec<Finding>, IndexError> {
    let mut required: BTreeMap<DistName, BTreeSet<String>> = BTreeMap::new();
    for (package, version) in solution {
        for name in graph.left_out(package, version)? {
            required.entry(name).or_default().insert(format!("{package} {version}"));
        }
    }
    let findings = graph.catalog.excludes().map(|(name, lines)| {
        let mut by: Vec<String> = lines.collect();
        by.extend(required.remove(name).into_iter().flatten());
        left_out_by(name, &by)
    });
    Ok(findings.collect())
}

/// What has to bring what is left out.
pub(crate) const ELSEWHERE: &str = "another layer, the runtime or the function has to bring it, where it is used";

/// What is said of one excluded package: `by` names the lines, files and packages that ask for it.
pub(crate) fn left_out_by(name: &DistName, by: &[String]) -> Finding {
    let who = match by {
        [] => {
            let message = format!("nothing requires {name}, which --exclude names");
            return Finding::new(Code::UnusedIgnore, Severity::Note, message);
        }
        [only] => format!("{only} requires"),
        [init @ .., last] => format!("{} and {last} require", init.join(", ")),
    };
    let finding = Finding::new(Code::UnmetRequirement, Severity::Note, format!("left out {name}, which {who}"));
    finding.at(name.to_string()).help(ELSEWHERE)
}

/// Newer versions that may or may not be too new: their files have no upload time.
fn undated(graph: &Graph<'_>, pin: &Pin) -> Result<Option<Finding>, IndexError> {
    let releases = graph.catalog.releases(&pin.name)?;
    let Some(cutoff) = &releases.rules.cutoff else { return Ok(None) };
    let newer = releases.newest_first.iter().take_while(|release| release.version > pin.version);
    let is_undated = |why: &Unfit| matches!(why, Unfit::NoUploadTime { .. });
    let Some(newest) = newer.into_iter().find(|r| releases.best(r).is_err_and(|why| why.iter().any(is_undated))) else {
        return Ok(None);
    };
    let message = format!(
        "{} {} was passed over: its index gives no upload time, which {} needs",
        pin.name, newest.version, cutoff.said
    );
    let finding = Finding::warning(Code::IndexAnswer, message).at(pin.name.to_string());
    Ok(Some(finding.help(super::explain::free_of_cutoff(&pin.name))))
}

fn yanked(pin: &Pin) -> Option<Finding> {
    let why = match pin.yanked.as_deref()? {
        "" => String::new(),
        why => format!(": {why}"),
    };
    let finding = Finding::warning(Code::Yanked, format!("{} {} is yanked{why}", pin.name, pin.version));
    Some(finding.help("it was taken because it is pinned; pin a version that is not yanked"))
}

/// pip and uv go on without an extra that a distribution does not have, and say so.
fn unknown_extra(
    graph: &Graph<'_>,
    solution: &BTreeMap<Package, Version>,
    from: &Package,
    edge: &Edge,
) -> Result<Option<Finding>, IndexError> {
    let (Package::Extra(name, extra), Some(version)) = (&edge.to, solution.get(&edge.to)) else { return Ok(None) };
    let Ok(chosen) = graph.chosen(name, version)? else { return Ok(None) };
    if graph.catalog.below(name).is_some_and(|below| matches!(below.metadata, BelowMetadata::Unknown)) {
        return Ok(None);
    }
    let extras = &chosen.metadata.extras;
    if extras.iter().any(|e| e.as_str() == extra.as_str()) {
        return Ok(None);
    }
    let who = match (from, &edge.requirement) {
        (Package::Root, Some(requirement)) => requirement.place.to_string(),
        _ => match solution.get(from) {
            Some(version) => format!("{from} {version}"),
            None => from.to_string(),
        },
    };
    let finding =
        Finding::warning(Code::UnknownExtra, format!("{name} {version} has no extra `{extra}`, which {who} asks for"));
    let help = if extras.is_empty() { "it has no extras".to_owned() } else { format!("it has {}", extras.join(", ")) };
    Ok(Some(finding.help(help)))
}

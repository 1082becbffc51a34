//! Why a package has several versions, in short.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Arch, Code, Target};
use pep440_rs::Version;
use wheel_tags::DistName;

use super::Split;
use crate::index::IndexError;
use crate::resolve::candidate::{Unfit, nearest};
use crate::resolve::error::Report;
use crate::resolve::graph::{Graph, Package};
use crate::resolve::provider::Search;
use crate::resolve::resolution::Resolution;

/// Why those who have an older version cannot have the newest, and those who have the newest not the oldest: one fragment
/// for each version, where one fact says it.
pub(super) fn because(
    searches: &[Search<'_>],
    resolutions: &[Resolution],
    name: &DistName,
    versions: &BTreeMap<&Version, Vec<Target>>,
) -> Result<Vec<String>, IndexError> {
    let (Some((oldest, _)), Some((newest, with_newest))) = (versions.first_key_value(), versions.last_key_value())
    else {
        return Ok(Vec::new());
    };
    let older = versions.values().take(versions.len().saturating_sub(1)).map(|targets| (newest, targets));
    let mut told = Vec::new();
    for (version, targets) in older.chain([(oldest, with_newest)]) {
        for (search, resolution) in searches.iter().zip(resolutions) {
            if targets.contains(&resolution.target)
                && let Some(fragment) = why_not(search, resolution, name, version)?
            {
                if !told.contains(&fragment) {
                    told.push(fragment);
                }
                break;
            }
        }
    }
    Ok(told)
}

/// Why a target cannot have a version.
fn why_not(
    search: &Search<'_>,
    resolution: &Resolution,
    name: &DistName,
    version: &Version,
) -> Result<Option<String>, IndexError> {
    let releases = search.graph.catalog.releases(name)?;
    let target = resolution.target;
    if let Some(release) = releases.find(version) {
        if let Err(reasons) = releases.best(release) {
            let reason = match nearest(reasons) {
                Some(Unfit::Tags(mismatches)) if !mismatches.iter().all(|m| m.code() == Code::Glibc) => None,
                reason => reason.map(ToString::to_string),
            };
            return Ok(Some(format!("{version}: {}", reason.unwrap_or_else(|| format!("no wheel for {target}")))));
        }
        if let Some(unusable) = search.graph.known_unusable(name, version) {
            return Ok(Some(format!("{version}: {unusable}")));
        }
    }
    let root = std::iter::once((Package::Root, Graph::root_version()));
    let pins = resolution.pins.iter().map(|pin| (Package::Name(pin.name.clone()), pin.version.clone()));
    for (package, of_package) in root.chain(pins) {
        let edges = search.graph.edges(&package, &of_package)?.unwrap_or_default();
        let to = Package::Name(name.clone());
        for edge in edges.iter().filter(|edge| edge.to == to && !edge.range.contains(version)) {
            let Some(requirement) = &edge.requirement else { continue };
            let wanted = requirement.text.split(';').next().unwrap_or_default().trim();
            return Ok(Some(match package.name() {
                None => format!("{} asks for {wanted} on {target}", requirement.place),
                Some(from) => format!("{from} {of_package} requires {wanted} on {target}"),
            }));
        }
    }
    Ok(None)
}

/// That one version was demanded, and there is none.
pub(super) fn refusal(splits: &[Split], blamed: &BTreeSet<DistName>) -> Report {
    let names: Vec<String> = if splits.is_empty() {
        blamed.iter().map(ToString::to_string).collect()
    } else {
        splits.iter().map(|split| split.name.to_string()).collect()
    };
    let mut lines = vec![format!("no version of {} fits all targets", names.join(", nor of "))];
    for split in splits {
        let versions = split.versions.iter().map(|(version, on)| format!("{version} for {}", targets(on)));
        lines.push(format!("  {}: {}", split.name, versions.collect::<Vec<_>>().join(", ")));
        lines.extend(split.because.iter().map(|because| format!("    {because}")));
    }
    let help = "lock fewer targets together, or leave --same-versions out: then each target has the version given here";
    Report::new(Code::Conflict, lines.join("\n")).help(Some(help.to_owned()))
}

/// `python3.11, python3.12 · arm64`: architectures with the same runtimes together.
fn targets(on: &[Target]) -> String {
    let mut by_arch: BTreeMap<Arch, Vec<String>> = BTreeMap::new();
    for target in on {
        by_arch.entry(target.arch).or_default().push(target.runtime.name.to_string());
    }
    let mut by_runtimes: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (arch, runtimes) in by_arch {
        by_runtimes.entry(runtimes).or_default().push(arch.to_string());
    }
    let told = by_runtimes.iter().map(|(runtimes, arches)| format!("{} · {}", runtimes.join(", "), arches.join(", ")));
    told.collect::<Vec<_>>().join(" and ")
}

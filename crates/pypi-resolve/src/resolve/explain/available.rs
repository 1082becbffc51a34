//! What there is instead: versions, files, and the targets that could take them.

use std::collections::BTreeSet;

use lambda_compat::{Arch, Stage, Target, runtimes};
use pep440_rs::Version;
use wheel_tags::{DistName, WheelFilename};

use crate::resolve::candidate::{Files, Release, Releases, Unfit, nearest};
use crate::resolve::graph::Unusable;
use crate::resolve::versions::{Range, admits_python};

/// Versions that are listed; the rest is counted.
const MOST_VERSIONS: usize = 8;
/// Rows that tell of files; the files of the other rows are counted.
const MOST_ROWS: usize = 6;

/// What METADATA said against a version, where it was read.
type Known<'a> = &'a dyn Fn(&Version) -> Option<Unusable>;

/// What is known of the versions in a range, or else of the newest ones.
pub(super) fn versions(releases: &Releases, range: &Range, known: Known<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut undated = releases.newest_first.iter().filter(|r| range.contains(&r.version)).map(|r| releases.best(r));
    if let Some(Err([why @ Unfit::NoUploadTime { .. }, ..])) = undated.next()
        && undated.all(|best| matches!(best, Err([Unfit::NoUploadTime { .. }, ..])))
    {
        return releases
            .newest_first
            .first()
            .and_then(|r| releases.name(r))
            .map(|n| format!("{n} {why}"))
            .into_iter()
            .collect();
    }
    for release in releases.newest_first.iter().filter(|r| range.contains(&r.version)) {
        let why = match releases.best(release) {
            // So it is for all its versions.
            Err([why @ Unfit::NoHash, ..]) => {
                return releases.name(release).map(|n| format!("{n} {why}")).into_iter().collect();
            }
            Ok(_) => known(&release.version).map(|why| why.to_string()),
            Err(reasons) => nearest(reasons).map(ToString::to_string),
        };
        lines.extend(why.map(|why| format!("{} {why}", named(releases, release))));
    }
    if lines.is_empty() {
        lines.extend(others(releases));
    }
    capped(lines)
}

/// `the newest a is 2.0; there are also 1.1, 1.0`.
fn others(releases: &Releases) -> Option<String> {
    let newest =
        releases.newest_first.iter().find(|r| !r.version.any_prerelease()).or(releases.newest_first.first())?;
    if let Files::Local(wheels) = &releases.files {
        let wheel = wheels.first()?;
        return Some(format!("{} {} is given by {}", wheel.filename.name, newest.version, wheel.path.display()));
    }
    let others: Vec<_> = releases.newest_first.iter().filter(|r| r.version != newest.version).collect();
    let shown: Vec<_> = others.iter().take(MOST_VERSIONS).map(|r| r.version.to_string()).collect();
    let rest = match others.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let newest = named(releases, newest);
    Some(match shown.as_slice() {
        [] => format!("the only version is {newest}"),
        _ => format!("the newest is {newest}; there are also {}{rest}", shown.join(", ")),
    })
}

/// What one row tells, and of how many files.
struct Row {
    text: String,
    files: usize,
}

/// The files of the versions in a range and why none of them is taken: newest version first, and of each version the
/// file first that comes nearest. Files of one version with one reason share a row.
pub(super) fn files(releases: &Releases, range: &Range, known: Known<'_>) -> Vec<String> {
    let mut rows = Vec::new();
    for release in releases.newest_first.iter().filter(|r| range.contains(&r.version)) {
        let mut wheels: Vec<_> = releases
            .wheels(release)
            .filter_map(|wheel| Some((wheel.filename(), wheel.judge(&releases.rules, &releases.rules.target).err()?)))
            .collect();
        wheels.sort_by_cached_key(|(filename, why)| (why.distance(), filename.to_string()));
        let of_version = match releases.best(release) {
            Ok(_) => known(&release.version).map(|why| why.to_string()),
            Err(reasons) if wheels.is_empty() => nearest(reasons).map(ToString::to_string),
            Err(_) => None,
        };
        rows.extend(of_version.map(|why| Row { text: format!("{} {why}", named(releases, release)), files: 1 }));
        rows.extend(alike(wheels).into_iter().map(|group| match group.as_slice() {
            [(only, why)] => Row { text: format!("{only}: {why}"), files: 1 },
            several => Row {
                text: format!("{} wheels of {}: {}", several.len(), named(releases, release), told_of(several)),
                files: several.len(),
            },
        }));
    }
    let more: usize = rows.iter().skip(MOST_ROWS).map(|row| row.files).sum();
    let mut lines: Vec<String> = rows.into_iter().take(MOST_ROWS).map(|row| row.text).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// Wheels that one reason is told of, in groups, in the order of the first of each.
fn alike(wheels: Vec<(&WheelFilename, Unfit)>) -> Vec<Vec<(&WheelFilename, Unfit)>> {
    let mut groups: Vec<(String, Vec<(&WheelFilename, Unfit)>)> = Vec::new();
    for (filename, why) in wheels {
        let told = why.told_of_several();
        match groups.iter_mut().find(|(known, _)| *known == told) {
            Some((_, group)) => group.push((filename, why)),
            None => groups.push((told, vec![(filename, why)])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The reason of a group: in full where it is the same for all.
fn told_of(group: &[(&WheelFilename, Unfit)]) -> String {
    let whole: BTreeSet<String> = group.iter().map(|(_, why)| why.to_string()).collect();
    let in_common = || group.first().map(|(_, why)| why.told_of_several()).unwrap_or_default();
    if whole.len() == 1 { whole.into_iter().collect() } else { in_common() }
}

/// Who could take a version of the range, or which other version this target could take. Each of them was judged.
pub(super) fn elsewhere(name: &DistName, releases: &Releases, range: &Range, known: Known<'_>) -> String {
    let mut help = Vec::new();
    let here = releases.rules.target;
    if let Some(other) = releases.usable(&range.complement()).find(|r| known(&r.version).is_none()) {
        help.push(format!("{here} has a wheel of {name} {}, which is not asked for", other.version));
    }
    for release in releases.newest_first.iter().filter(|r| range.contains(&r.version)) {
        let why = known(&release.version);
        let takes = |target: &Target| {
            let metadata_allows = match &why {
                None => true,
                Some(Unusable::Python { wants, .. }) => admits_python(wants, &target.runtime.python_full.value),
                Some(_) => false,
            };
            metadata_allows && releases.wheels(release).any(|wheel| wheel.judge(&releases.rules, target).is_ok())
        };
        if let Some(target) = targets_nearest_to(here).into_iter().find(takes) {
            help.push(format!("{target} has a wheel of {name} {}", release.version));
            break;
        }
    }
    if help.is_empty() {
        help.push(format!(
            "no Lambda runtime has a wheel of {name}: build one for the target and put it beside the requirements"
        ));
    }
    help.join("; ")
}

/// What would let a version of the range be taken here, where there is such a thing.
pub(super) fn way_out(releases: &Releases, range: &Range, known: Known<'_>) -> Option<String> {
    releases.newest_first.iter().filter(|r| range.contains(&r.version)).find_map(|release| {
        let reason = match releases.best(release) {
            Ok(_) => match known(&release.version)? {
                Unusable::Metadata { help, .. } => return help,
                _ => return None,
            },
            Err(reasons) => nearest(reasons)?,
        };
        let fitting =
            releases.wheels(release).filter_map(|wheel| Some((wheel.fits(&releases.rules.target).ok()?, wheel)));
        let (_, wheel) = fitting.max_by_key(|(rank, _)| *rank)?;
        let pin = format!("{}=={}", wheel.filename().name, release.version);
        match reason {
            Unfit::NoHash => {
                let digest = wheel.sha256().map_or_else(|| "…".to_owned(), |sha256| sha256.to_string());
                Some(format!(
                    "--require-hashes, or the first --hash of a file, asks for one for every package, also for what \
                     others bring in: add {pin} --hash=sha256:{digest}"
                ))
            }
            Unfit::Hash(wrong) if wrong.has.is_none() => {
                Some("use an index that publishes sha256 digests, or download the wheel and name its path".to_owned())
            }
            Unfit::Hash(_) => Some(
                "the file may have been replaced since the hash was written down: find out why it differs before you \
                 take the new one"
                    .to_owned(),
            ),
            Unfit::NoUploadTime { .. } => Some(super::free_of_cutoff(&wheel.filename().name)),
            Unfit::TooNew { .. } => Some(format!(
                "to take {} {}, free the package: --exclude-newer-package {}=false",
                wheel.filename().name,
                release.version,
                wheel.filename().name
            )),
            Unfit::Yanked(_) => Some(format!("to take it all the same, pin it: {pin}")),
            _ => None,
        }
    })
}

/// The other targets: the same architecture first, newer runtimes before older ones, the nearest first.
pub(in crate::resolve) fn targets_nearest_to(here: Target) -> Vec<Target> {
    let available = || runtimes().iter().filter(|profile| profile.stage.value == Stage::GenerallyAvailable);
    let newer = available().filter(|profile| profile.name >= here.runtime.name);
    let older = available().rev().filter(|profile| profile.name < here.runtime.name);
    let profiles: Vec<_> = newer.chain(older).collect();
    let arches = std::iter::once(here.arch).chain(Arch::ALL.into_iter().filter(|arch| *arch != here.arch));
    arches
        .flat_map(|arch| profiles.iter().filter(move |p| p.arches.value.contains(&arch)).map(move |p| (p.name, arch)))
        .map(|(name, arch)| Target::new(name, arch))
        .filter(|target| *target != here)
        .collect()
}

/// `a 1.0`.
fn named(releases: &Releases, release: &Release) -> String {
    let name = releases.name(release).map(|name| format!("{name} ")).unwrap_or_default();
    format!("{name}{}", release.version)
}

fn capped(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_VERSIONS);
    lines.truncate(MOST_VERSIONS);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

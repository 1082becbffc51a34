//! What there is instead: versions, files, and the targets that could take them.

use lambda_compat::{Arch, Stage, Target, runtimes};
use pep440_rs::Version;
use wheel_tags::DistName;

use crate::resolve::candidate::{Files, Release, Releases, Unfit, nearest};
use crate::resolve::graph::Unusable;
use crate::resolve::versions::{Range, admits_python};

/// Versions and files that are listed; the rest is counted.
const MOST_LINES: usize = 8;

/// What METADATA said against a version, where it was read.
type Known<'a> = &'a dyn Fn(&Version) -> Option<Unusable>;

/// What is known of the versions in a range, or else of the newest ones.
pub(super) fn versions(releases: &Releases, range: &Range, known: Known<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for release in releases.newest_first.iter().filter(|r| range.contains(&r.version)) {
        let why = match releases.best(release) {
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
    let shown: Vec<_> = others.iter().take(MOST_LINES).map(|r| r.version.to_string()).collect();
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

/// The files of the versions in a range, newest first, and why none of them is taken.
pub(super) fn files(releases: &Releases, range: &Range, known: Known<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for release in releases.newest_first.iter().filter(|r| range.contains(&r.version)) {
        let mut wheels: Vec<_> = releases
            .wheels(release)
            .filter_map(|wheel| Some((wheel, wheel.judge(&releases.rules, &releases.rules.target).err()?)))
            .collect();
        wheels.sort_by_cached_key(|(wheel, why)| (why.distance(), wheel.filename().to_string()));
        let of_version = match releases.best(release) {
            Ok(_) => known(&release.version).map(|why| why.to_string()),
            Err(reasons) if wheels.is_empty() => nearest(reasons).map(ToString::to_string),
            Err(_) => None,
        };
        lines.extend(of_version.map(|why| format!("{} {why}", named(releases, release))));
        lines.extend(wheels.into_iter().map(|(wheel, why)| format!("{}: {why}", wheel.filename())));
    }
    capped(lines)
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
pub(super) fn way_out(releases: &Releases, range: &Range) -> Option<String> {
    releases.newest_first.iter().filter(|r| range.contains(&r.version)).find_map(|release| {
        let reasons = releases.best(release).err()?;
        if reasons.iter().any(|r| matches!(r, Unfit::Hash)) {
            return Some("add --hash=sha256:… of its wheel to its line".to_owned());
        }
        let wheel = releases.wheels(release).find(|wheel| wheel.fits(&releases.rules.target).is_ok())?;
        let is_yanked = reasons.iter().any(|r| matches!(r, Unfit::Yanked(_)));
        is_yanked.then(|| format!("to take it all the same, pin it: {}=={}", wheel.filename().name, release.version))
    })
}

/// The other targets: the same architecture first, newer runtimes before older ones, the nearest first.
fn targets_nearest_to(here: Target) -> Vec<Target> {
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
    match releases.wheels(release).next() {
        Some(wheel) => format!("{} {}", wheel.filename().name, release.version),
        None => match &releases.files {
            Files::Index(project) => format!("{} {}", project.name, release.version),
            _ => release.version.to_string(),
        },
    }
}

fn capped(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

//! Two snapshots to what has changed between them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use wheel_tags::DistName;

use super::{
    Aspect, Change, ChangeKind, Difference, FileChange, FileCounts, FileState, Gained, NotCompared, OwnFiles,
    PackageBytes, PackageChange, PackageState, Side, Snapshot,
};

/// What has changed from one to the other.
#[must_use]
pub fn diff(old: &Snapshot, new: &Snapshot) -> Difference {
    let files = both(old.files.as_ref(), new.files.as_ref()).map(|sides| files(sides.old, sides.new));
    let counts = files.as_deref().map(|files| counts(files, old));
    let not_compared = [
        (Aspect::Unzipped, old.unzipped.is_some(), new.unzipped.is_some()),
        (Aspect::Zipped, old.zipped.is_some(), new.zipped.is_some()),
        (Aspect::Files, old.files.is_some(), new.files.is_some()),
        (Aspect::Findings, old.findings.is_some(), new.findings.is_some()),
        (Aspect::HeldBack, old.held_back.is_some(), new.held_back.is_some()),
    ];
    let not_compared = not_compared.into_iter().filter_map(|(what, old, new)| match (old, new) {
        (false, true) => Some(NotCompared { what, missing: Side::Old }),
        (true, false) => Some(NotCompared { what, missing: Side::New }),
        _ => None,
    });
    Difference {
        unzipped: both(old.unzipped, new.unzipped),
        zipped: both(old.zipped, new.zipped),
        packages: packages(old, new, counts.as_ref()),
        own_files: counts.as_ref().and_then(|counts| own_files(old, new, *counts.get(&None)?)),
        findings: both(old.findings.as_deref(), new.findings.as_deref()).map(gained),
        held_back: both(old.held_back.as_deref(), new.held_back.as_deref()).map(gained),
        files,
        not_compared: not_compared.collect(),
    }
}

fn both<T>(old: Option<T>, new: Option<T>) -> Option<Change<T>> {
    Some(Change { old: old?, new: new? })
}

fn gained<T: Clone + PartialEq>(sides: Change<&[T]>) -> Gained<T> {
    let only = |these: &[T], others: &[T]| these.iter().filter(|this| !others.contains(this)).cloned().collect();
    Gained { gained: only(sides.new, sides.old), lost: only(sides.old, sides.new) }
}

fn files(old: &BTreeMap<String, FileState>, new: &BTreeMap<String, FileState>) -> Vec<FileChange> {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changes = paths.into_iter().filter_map(|path| file(path, old.get(path), new.get(path)));
    let mut changes: Vec<FileChange> = changes.collect();
    let grown = |file: &FileChange| Change { old: file.old.unwrap_or(0), new: file.new.unwrap_or(0) }.grown();
    // Stable: of one size by path.
    changes.sort_by_key(|file| Reverse(grown(file).unsigned_abs()));
    changes
}

fn file(path: &str, old: Option<&FileState>, new: Option<&FileState>) -> Option<FileChange> {
    let modes = both(old, new).and_then(|sides| both(sides.old.mode, sides.new.mode));
    // What a function sees of them: a umask or an owner is no change.
    let seen = |mode: u32| (mode & 0o111 != 0, mode & 0o004 != 0);
    let mode = modes.filter(|mode| seen(mode.old) != seen(mode.new));
    let change = match (old, new) {
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
        (Some(old), Some(new)) if old.content == new.content && mode.is_none() => return None,
        (Some(_), Some(_)) => ChangeKind::Changed,
    };
    Some(FileChange {
        path: path.to_owned(),
        change,
        package: new.and_then(|file| file.package.clone()).or_else(|| old?.package.clone()),
        old: old.map(|file| file.size),
        new: new.map(|file| file.size),
        mode: mode.map(|mode| Change { old: format!("{:04o}", mode.old), new: format!("{:04o}", mode.new) }),
    })
}

/// How many files of each package have changed; of none, of those that belong to none. A file that another package has now
/// is removed from the one and added to the other.
fn counts(files: &[FileChange], old: &Snapshot) -> BTreeMap<Option<DistName>, FileCounts> {
    let mut counts: BTreeMap<Option<DistName>, FileCounts> = BTreeMap::new();
    let before = |file: &FileChange| old.files.as_ref()?.get(&file.path)?.package.clone();
    for file in files {
        match file.change {
            ChangeKind::Added => counts.entry(file.package.clone()).or_default().added += 1,
            ChangeKind::Removed => counts.entry(file.package.clone()).or_default().removed += 1,
            ChangeKind::Changed | ChangeKind::Files if before(file) == file.package => {
                counts.entry(file.package.clone()).or_default().changed += 1;
            }
            ChangeKind::Changed | ChangeKind::Files => {
                counts.entry(before(file)).or_default().removed += 1;
                counts.entry(file.package.clone()).or_default().added += 1;
            }
        }
    }
    counts
}

fn own_files(old: &Snapshot, new: &Snapshot, files: FileCounts) -> Option<OwnFiles> {
    let bytes = |side: &Snapshot| -> Option<u64> {
        let own = side.files.as_ref()?.values().filter(|file| file.package.is_none());
        Some(own.map(|file| file.size).sum())
    };
    Some(OwnFiles { unzipped: both(bytes(old), bytes(new))?, files })
}

fn packages(
    old: &Snapshot,
    new: &Snapshot,
    counts: Option<&BTreeMap<Option<DistName>, FileCounts>>,
) -> Vec<PackageChange> {
    let names: BTreeSet<&DistName> = old.packages.keys().chain(new.packages.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let (before, after) = (old.packages.get(name), new.packages.get(name));
        let files = counts.map(|counts| counts.get(&Some(name.clone())).copied().unwrap_or_default());
        let Some(change) = kind(before, after, files) else { continue };
        let versions = |state: Option<&PackageState>| state.map(|state| state.versions.clone()).unwrap_or_default();
        let (unzipped, zipped) = (
            both(bytes(old.unzipped, before, |b| Some(b.unzipped)), bytes(new.unzipped, after, |b| Some(b.unzipped))),
            both(bytes(old.zipped, before, |b| b.zipped), bytes(new.zipped, after, |b| b.zipped)),
        );
        let (old, new) = (versions(before), versions(after));
        changes.push(PackageChange { name: name.clone(), change, old, new, unzipped, zipped, files });
    }
    let weight = |change: &PackageChange| change.unzipped.map_or(0, |bytes| bytes.grown().unsigned_abs());
    // Stable: of one weight by name.
    changes.sort_by_key(|change| Reverse(weight(change)));
    changes
}

fn kind(old: Option<&PackageState>, new: Option<&PackageState>, files: Option<FileCounts>) -> Option<ChangeKind> {
    match (old, new) {
        (None, _) => Some(ChangeKind::Added),
        (_, None) => Some(ChangeKind::Removed),
        (Some(old), Some(new)) if old.versions != new.versions => Some(ChangeKind::Changed),
        (Some(old), Some(new)) => {
            let archives = !old.archives.is_empty() && !new.archives.is_empty() && old.archives != new.archives;
            (archives || files.is_some_and(|files| files.total() > 0)).then_some(ChangeKind::Files)
        }
    }
}

/// The bytes of a package on a side that is weighed; none where the package is not there.
fn bytes(side: Option<u64>, state: Option<&PackageState>, of: impl Fn(&PackageBytes) -> Option<u64>) -> Option<u64> {
    side?;
    match state {
        None => Some(0),
        Some(state) => state.bytes.as_ref().and_then(of),
    }
}

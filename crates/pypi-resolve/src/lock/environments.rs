//! Targets as markers: where a lock holds, and where each of its entries does.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Arch, Target};
use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;

use crate::requirements::marker;

/// A Python's minor version.
type Python = (u8, u8);

/// The markers of one package's entries: each holds on the targets that take the entry and on no other of `all`. Where
/// every target takes one of them, the last holds wherever the others do not, on laptops too.
pub(super) fn entry_markers(entries: &[BTreeSet<Target>], all: &[Target]) -> Vec<MarkerTree> {
    let mut markers: Vec<MarkerTree> = entries.iter().map(|targets| marker_of(targets, all)).collect();
    let everywhere = all.iter().all(|target| entries.iter().any(|targets| targets.contains(target)));
    if everywhere && let Some((last, others)) = markers.split_last_mut() {
        *last = any_of(others.iter().cloned()).negate();
    }
    markers
}

/// The marker of some targets: by Python alone or by architecture alone, where that tells them from the others.
fn marker_of(targets: &BTreeSet<Target>, all: &[Target]) -> MarkerTree {
    let python = |target: &Target| target.runtime.name.python();
    let whole = |holds: &dyn Fn(&Target) -> bool| all.iter().filter(|t| holds(t)).all(|t| targets.contains(t));
    let pythons: BTreeSet<Python> = targets.iter().map(python).collect();
    if pythons.iter().all(|own| whole(&|target| python(target) == *own)) {
        return any_of(pythons.iter().map(|python| python_marker(*python)));
    }
    let arches: BTreeSet<Arch> = targets.iter().map(|target| target.arch).collect();
    if arches.iter().all(|own| whole(&|target| target.arch == *own)) {
        return any_of(arches.iter().map(|arch| arch_marker(*arch)));
    }
    let mut by_python: BTreeMap<Python, Vec<Arch>> = BTreeMap::new();
    for target in targets {
        by_python.entry(python(target)).or_default().push(target.arch);
    }
    any_of(by_python.into_iter().map(|(own, arches)| {
        let mut marker = python_marker(own);
        if !whole(&|target| python(target) == own) {
            marker.and(any_of(arches.into_iter().map(arch_marker)));
        }
        marker
    }))
}

/// One marker for each Python, none for architectures: an installer must refuse a lock on any environment that it does
/// not name, and laptops shall install from it.
pub(super) fn environments(targets: &[Target]) -> Vec<MarkerTree> {
    pythons(targets).into_iter().map(python_marker).collect()
}

/// `==3.12.*` for one Python; `>=3.11` where there are several.
pub(super) fn requires_python(targets: &[Target]) -> Option<VersionSpecifiers> {
    let pythons = pythons(targets);
    let &(major, minor) = pythons.first()?;
    let text = if pythons.len() == 1 { format!("=={major}.{minor}.*") } else { format!(">={major}.{minor}") };
    text.parse().ok()
}

fn pythons(targets: &[Target]) -> BTreeSet<Python> {
    targets.iter().map(|target| target.runtime.name.python()).collect()
}

fn python_marker((major, minor): Python) -> MarkerTree {
    read_own(&format!("python_version == '{major}.{minor}'"))
}

fn arch_marker(arch: Arch) -> MarkerTree {
    read_own(&format!("platform_machine == '{}'", arch.tag()))
}

fn read_own(text: &str) -> MarkerTree {
    marker::read_marker(text).map_or(MarkerTree::TRUE, |(marker, _)| marker)
}

fn any_of(markers: impl Iterator<Item = MarkerTree>) -> MarkerTree {
    let mut any = MarkerTree::FALSE;
    for marker in markers {
        any.or(marker);
    }
    any
}

//! PubGrub's derivation tree as a flat list of facts that cannot all hold, in reading order.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use pubgrub::{DerivationTree, External};

use crate::resolve::graph::{Package, Unusable};
use crate::resolve::versions::Range;

/// Something that is so, whatever is chosen.
#[derive(Debug, Clone)]
pub(super) enum Fact {
    /// These versions of one package require a range of another.
    Requires { from: Package, versions: Range, to: Package, range: Range },
    /// No version in the range can be taken.
    NoVersion { package: Package, range: Range },
    /// These versions have a wheel for the target and cannot be used all the same.
    Unusable { package: Package, versions: Range, why: Unusable },
}

impl Fact {
    /// The package that has to be in play before the fact says anything.
    pub(super) fn about(&self) -> &Package {
        match self {
            Self::Requires { from: package, .. } | Self::NoVersion { package, .. } | Self::Unusable { package, .. } => {
                package
            }
        }
    }

    /// The versions that it speaks of.
    pub(super) fn versions(&self) -> &Range {
        match self {
            Self::Requires { versions, .. }
            | Self::NoVersion { range: versions, .. }
            | Self::Unusable { versions, .. } => versions,
        }
    }

    fn versions_mut(&mut self) -> &mut Range {
        match self {
            Self::Requires { versions, .. }
            | Self::NoVersion { range: versions, .. }
            | Self::Unusable { versions, .. } => versions,
        }
    }
}

/// The facts at the leaves of a tree, each once, those of one kind merged, beginning at the root and going outwards.
pub(super) fn facts(tree: DerivationTree<Package, Range, Unusable>) -> Vec<Fact> {
    in_reading_order(merged(leaves(tree)))
}

/// The leaves. Trees may be deep, and share branches: they are taken apart in a loop, each branch where it is last met.
fn leaves(tree: DerivationTree<Package, Range, Unusable>) -> Vec<External<Package, Range, Unusable>> {
    let mut leaves = Vec::new();
    let mut stack = vec![tree];
    while let Some(tree) = stack.pop() {
        match tree {
            DerivationTree::External(leaf) => leaves.push(leaf),
            DerivationTree::Derived(derived) => {
                stack.extend([derived.cause2, derived.cause1].into_iter().filter_map(Arc::into_inner));
            }
        }
    }
    leaves
}

/// What two facts have in common that can be told as one.
#[derive(PartialEq, Eq, Hash)]
enum Kind {
    Requires(Package, Package, Range),
    NoVersion(Package),
    Unusable(Package, String),
}

fn merged(leaves: Vec<External<Package, Range, Unusable>>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut places: HashMap<Kind, usize> = HashMap::new();
    for leaf in leaves {
        let (kind, fact) = match leaf {
            // That something is wanted, and that an extra goes with its distribution, is no news.
            External::NotRoot(..) | External::FromDependencyOf(Package::Extra(..), ..) => continue,
            External::FromDependencyOf(from, versions, to, range) => {
                (Kind::Requires(from.clone(), to.clone(), range.clone()), Fact::Requires { from, versions, to, range })
            }
            External::NoVersions(package, range) => {
                (Kind::NoVersion(package.clone()), Fact::NoVersion { package, range })
            }
            External::Custom(package, versions, why) => {
                (Kind::Unusable(package.clone(), why.to_string()), Fact::Unusable { package, versions, why })
            }
        };
        if let Some(known) = places.get(&kind).and_then(|&place| facts.get_mut(place)) {
            let versions = known.versions_mut();
            *versions = versions.union(fact.versions());
        } else {
            places.insert(kind, facts.len());
            facts.push(fact);
        }
    }
    facts
}

/// An extra brings its distribution into play, and its content, without a fact that says so.
fn in_play_with(package: &Package) -> Vec<Package> {
    match package {
        Package::Extra(name, extra) => {
            vec![Package::Name(name.clone()), Package::ExtraContent(name.clone(), extra.clone())]
        }
        other => vec![other.clone()],
    }
}

/// Breadth first from the root: who asks for a package stands before what is said of it.
fn in_reading_order(facts: Vec<Fact>) -> Vec<Fact> {
    let mut by_package: BTreeMap<Package, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        by_package.entry(fact.about().clone()).or_default().push(fact);
    }
    let mut ordered = Vec::new();
    let mut seen: BTreeSet<Package> = [Package::Root].into();
    let mut queue: VecDeque<Package> = [Package::Root].into();
    while let Some(package) = queue.pop_front() {
        for fact in by_package.remove(&package).unwrap_or_default() {
            if let Fact::Requires { to, .. } = &fact {
                for package in in_play_with(to) {
                    if seen.insert(package.clone()) {
                        queue.push_back(package);
                    }
                }
            }
            ordered.push(fact);
        }
    }
    // What nothing leads to still counts.
    ordered.extend(by_package.into_values().flatten());
    ordered
}

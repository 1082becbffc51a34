//! PubGrub's derivation tree as a flat list of facts that cannot all hold, in reading order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use pubgrub::{DerivationTree, External};

use crate::resolve::provider::{Package, Unusable};
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
    fn about(&self) -> &Package {
        match self {
            Self::Requires { from: package, .. } | Self::NoVersion { package, .. } | Self::Unusable { package, .. } => {
                package
            }
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

fn merged(leaves: Vec<External<Package, Range, Unusable>>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for leaf in leaves {
        let fact = match leaf {
            External::NotRoot(..) => continue,
            // That an extra goes with its distribution is no news.
            External::FromDependencyOf(Package::Extra(name, _), _, Package::Name(to), _) if name == to => continue,
            External::FromDependencyOf(from, versions, to, range) => Fact::Requires { from, versions, to, range },
            External::NoVersions(package, range) => Fact::NoVersion { package, range },
            External::Custom(package, versions, why) => Fact::Unusable { package, versions, why },
        };
        let same = facts.iter_mut().find_map(|known| match (known, &fact) {
            (
                Fact::Requires { from, versions, to, range },
                Fact::Requires { from: from2, versions: more, to: to2, range: range2 },
            ) if from == from2 && to == to2 && range == range2 => Some((versions, more.clone())),
            (
                Fact::Unusable { package, versions, why },
                Fact::Unusable { package: package2, versions: more, why: why2 },
            ) if package == package2 && why == why2 => Some((versions, more.clone())),
            (Fact::NoVersion { package, range }, Fact::NoVersion { package: package2, range: more })
                if package == package2 =>
            {
                Some((range, more.clone()))
            }
            _ => None,
        });
        match same {
            Some((versions, more)) => *versions = versions.union(&more),
            None => facts.push(fact),
        }
    }
    facts
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
                // An extra brings its distribution into play without a fact that says so.
                let distribution = to.name().map(|name| Package::Name(name.clone()));
                for package in [Some(to.clone()), distribution].into_iter().flatten() {
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

//! One search over all targets.
//!
//! Every target has packages of its own (`Body`), with the arrows that hold there. Beside each distribution of a target
//! stands `Same`, which is one for the targets of a group: whoever asks for a distribution asks for it with the same
//! range, less the versions without a wheel for the target. So what is left in its range serves every target of the
//! group that needs it. `Choice` ties a target's version to it before any METADATA is read.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use pep440_rs::Version;
use pubgrub::{Dependencies, DependencyProvider, DerivationTree, External, PackageResolutionStatistics, PubGrubError};
use wheel_tags::DistName;

use super::groups::{Groups, Reach};
use crate::index::IndexError;
use crate::resolve::graph::{Graph, Package, Unusable};
use crate::resolve::pins;
use crate::resolve::provider::{Priority, Search, Stop};
use crate::resolve::resolution::Resolution;
use crate::resolve::versions::Range;

/// A search of more rounds than this is given up.
const MAX_ROUNDS: u64 = 400_000;

/// How a search over all targets ends.
pub(super) enum Outcome {
    /// One resolution for each target.
    Found(Vec<Resolution>),
    /// There is none with these groups, and these packages take part in why.
    None(BTreeSet<DistName>),
    TooLong,
}

/// What is decided on. Targets are numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Joint {
    Root,
    /// The version that the targets of a group share.
    Same(DistName, usize),
    /// Which version of a distribution a target takes.
    Choice(usize, DistName),
    /// A package of a target, with what it requires there.
    Body(usize, Package),
}

impl fmt::Display for Joint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("all targets"),
            Self::Same(name, group) => write!(f, "{name} of group {group}"),
            Self::Choice(target, name) => write!(f, "{name} on target {target}"),
            Self::Body(target, package) => write!(f, "{package} on target {target}"),
        }
    }
}

struct JointSearch<'s, 'a> {
    searches: &'s [Search<'a>],
    groups: &'s Groups,
    reach: Reach<'s, 'a>,
    /// The targets of a group that were seen to ask for a distribution.
    asking: RefCell<HashMap<(DistName, usize), BTreeSet<usize>>>,
    /// The versions that groups were last given.
    decided: RefCell<HashMap<(DistName, usize), Version>>,
    rounds: Cell<u64>,
}

/// Searches until there is an answer.
pub(super) fn solve(searches: &[Search<'_>], groups: &Groups) -> Result<Outcome, IndexError> {
    let joint = JointSearch {
        searches,
        groups,
        reach: Reach::new(searches),
        asking: RefCell::default(),
        decided: RefCell::default(),
        rounds: Cell::new(0),
    };
    loop {
        joint.begin_anew();
        let stop = match pubgrub::resolve(&joint, Joint::Root, Graph::root_version()) {
            Ok(solution) => return joint.resolutions(solution).map(Outcome::Found),
            Err(PubGrubError::NoSolution(tree)) => return Ok(Outcome::None(blamed(tree))),
            Err(
                PubGrubError::ErrorRetrievingDependencies { source, .. }
                | PubGrubError::ErrorChoosingVersion { source, .. }
                | PubGrubError::ErrorInShouldCancel(source),
            ) => source,
        };
        match stop {
            Stop::Index(error) => return Err(error),
            Stop::TooLong => return Ok(Outcome::TooLong),
            Stop::WrongOrder => {}
        }
    }
}

/// The packages whose being the same takes part in there being no answer.
fn blamed(tree: DerivationTree<Joint, Range, Unusable>) -> BTreeSet<DistName> {
    let mut names = BTreeSet::new();
    let mut stack = vec![tree];
    while let Some(tree) = stack.pop() {
        match tree {
            DerivationTree::External(External::FromDependencyOf(_, _, Joint::Same(name, _), _)) => {
                names.insert(name);
            }
            DerivationTree::External(_) => {}
            DerivationTree::Derived(derived) => {
                stack.extend([derived.cause2, derived.cause1].into_iter().filter_map(Arc::into_inner));
            }
        }
    }
    names
}

impl JointSearch<'_, '_> {
    fn begin_anew(&self) {
        self.decided.borrow_mut().clear();
        self.searches.iter().for_each(Search::begin_anew);
    }

    fn search(&self, target: usize) -> Result<&Search<'_>, Stop> {
        self.searches.get(target).ok_or(Stop::TooLong)
    }

    /// One resolution for each target.
    fn resolutions(&self, solution: impl IntoIterator<Item = (Joint, Version)>) -> Result<Vec<Resolution>, IndexError> {
        let mut of_target: Vec<BTreeMap<Package, Version>> = vec![BTreeMap::new(); self.searches.len()];
        for (package, version) in solution {
            if let Joint::Body(target, package) = package
                && let Some(solution) = of_target.get_mut(target)
            {
                solution.insert(package, version);
            }
        }
        let searches = self.searches.iter().zip(&of_target);
        searches.map(|(search, solution)| pins::resolution(&search.graph, solution)).collect()
    }

    /// The version that a group tries next: what the first of its targets would take that asks for it.
    fn choose_same(&self, name: &DistName, group: usize, range: &Range) -> Result<Option<Version>, Stop> {
        let asking = self.asking.borrow().get(&(name.clone(), group)).cloned().unwrap_or_default();
        let all = 0..self.searches.len();
        let others = all.filter(|target| self.groups.of(name, *target) == group && !asking.contains(target));
        for target in asking.iter().copied().chain(others) {
            let releases = self.search(target)?.graph.catalog.releases(name)?;
            if let Some(release) = releases.usable(range).next() {
                let version = release.version.clone();
                self.decided.borrow_mut().insert((name.clone(), group), version.clone());
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    /// The version of its group, else what the target would take.
    fn choose_for(&self, target: usize, name: &DistName, range: &Range) -> Result<Option<Version>, Stop> {
        let releases = self.search(target)?.graph.catalog.releases(name)?;
        let group = (name.clone(), self.groups.of(name, target));
        let decided = self.decided.borrow().get(&group).filter(|version| range.contains(version)).cloned();
        let usable = |version: &Version| releases.find(version).is_some_and(|release| releases.best(release).is_ok());
        Ok(match decided.filter(usable) {
            Some(version) => Some(version),
            None => releases.usable(range).next().map(|release| release.version.clone()),
        })
    }

    /// What is asked of a target's package, asked of its group as well.
    fn arrow(&self, target: usize, to: &Package, range: &Range) -> Result<Vec<(Joint, Range)>, Stop> {
        let Package::Name(name) = to else { return Ok(vec![(Joint::Body(target, to.clone()), range.clone())]) };
        let group = self.groups.of(name, target);
        self.asking.borrow_mut().entry((name.clone(), group)).or_default().insert(target);
        let within_reach = range.intersection(&*self.reach.of(target, name)?);
        Ok(vec![(Joint::Choice(target, name.clone()), range.clone()), (Joint::Same(name.clone(), group), within_reach)])
    }
}

/// What to decide first; greater goes first. Of one distribution its group, then the choice of each target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JointPriority {
    of_target: Option<Priority>,
    kind: u8,
    target: Reverse<usize>,
}

impl DependencyProvider for JointSearch<'_, '_> {
    type P = Joint;
    type V = Version;
    type VS = Range;
    type Priority = JointPriority;
    type M = Unusable;
    type Err = Stop;

    fn prioritize(&self, package: &Joint, range: &Range, statistics: &PackageResolutionStatistics) -> JointPriority {
        let of = |target: usize, package: &Package| {
            self.searches.get(target).map(|search| search.prioritize(package, range, statistics))
        };
        let (of_target, kind, target) = match package {
            Joint::Root => (None, 0, 0),
            Joint::Same(name, group) => {
                let asking = self.asking.borrow();
                let targets = asking.get(&(name.clone(), *group)).into_iter().flatten();
                let of_name = Package::Name(name.clone());
                let most = targets.filter_map(|&target| Some((of(target, &of_name)?, target)));
                let (priority, target) = most.max_by(|a, b| a.0.cmp(&b.0)).unzip();
                (priority, 2, target.unwrap_or_default())
            }
            Joint::Choice(target, name) => (of(*target, &Package::Name(name.clone())), 1, *target),
            Joint::Body(target, package) => (of(*target, package), 0, *target),
        };
        JointPriority { of_target, kind, target: Reverse(target) }
    }

    fn choose_version(&self, package: &Joint, range: &Range) -> Result<Option<Version>, Stop> {
        match package {
            Joint::Root => Ok(Some(Graph::root_version())),
            Joint::Same(name, group) => self.choose_same(name, *group, range),
            Joint::Choice(target, name) => self.choose_for(*target, name, range),
            Joint::Body(target, package) => self.search(*target)?.choose_version(package, range),
        }
    }

    fn get_dependencies(
        &self,
        package: &Joint,
        version: &Version,
    ) -> Result<Dependencies<Joint, Range, Unusable>, Stop> {
        let just = || Range::singleton(version.clone());
        let arrows: Vec<(Joint, Range)> = match package {
            Joint::Root => {
                (0..self.searches.len()).map(|target| (Joint::Body(target, Package::Root), just())).collect()
            }
            Joint::Same(..) => Vec::new(),
            Joint::Choice(target, name) => vec![
                (Joint::Same(name.clone(), self.groups.of(name, *target)), just()),
                (Joint::Body(*target, Package::Name(name.clone())), just()),
            ],
            Joint::Body(target, package) => match self.search(*target)?.get_dependencies(package, version)? {
                Dependencies::Unavailable(why) => return Ok(Dependencies::Unavailable(why)),
                Dependencies::Available(edges) => {
                    let arrows = edges.into_iter().map(|(to, range)| self.arrow(*target, &to, &range));
                    arrows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
                }
            },
        };
        Ok(Dependencies::Available(arrows.into_iter().collect()))
    }

    fn should_cancel(&self) -> Result<(), Stop> {
        self.rounds.set(self.rounds.get() + 1);
        if self.rounds.get() > MAX_ROUNDS {
            return Err(Stop::TooLong);
        }
        if self.searches.iter().any(Search::is_in_wrong_order) { Err(Stop::WrongOrder) } else { Ok(()) }
    }
}

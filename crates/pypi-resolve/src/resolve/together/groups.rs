//! Which targets share the version of a package, and which versions a target can have at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::rc::Rc;

use pep440_rs::Version;
use wheel_tags::DistName;

use crate::index::IndexError;
use crate::resolve::graph::{Graph, Package};
use crate::resolve::provider::Search;
use crate::resolve::resolution::Resolution;
use crate::resolve::versions::Range;

/// The groups of targets that share a package's version. Of a package that is not named all targets are one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups(BTreeMap<DistName, Grouping>);

/// The group of each target, and how they came about.
#[derive(Debug, Clone)]
struct Grouping {
    of_target: Vec<usize>,
    how: How,
}

/// How finely targets are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// Those that have versions with wheels in common.
    ByReach,
    /// Those that take the same version alone.
    ByVersion,
    /// Each by itself.
    Single,
}

impl Groups {
    /// A package that is preferred in several versions stays in several: an earlier lock had it so.
    pub(super) fn preferred(searches: &[Search<'_>]) -> Self {
        let preferences = searches.iter().map(|search| search.graph.catalog.preferences());
        let names: BTreeSet<&DistName> = preferences.clone().flat_map(BTreeMap::keys).collect();
        let several = names.into_iter().filter_map(|name| {
            let of_target = numbered(preferences.clone().map(|preferences| preferences.get(name)));
            of_target.contains(&1).then(|| (name.clone(), Grouping { of_target, how: How::ByVersion }))
        });
        Self(several.collect())
    }

    /// The group of a target.
    pub(super) fn of(&self, name: &DistName, target: usize) -> usize {
        self.0.get(name).and_then(|grouping| grouping.of_target.get(target).copied()).unwrap_or_default()
    }

    /// Makes more groups of some of these packages, of those first that have no wheels in common; whether it could.
    pub(super) fn refine(
        &mut self,
        names: &BTreeSet<DistName>,
        searches: &[Search<'_>],
        alone: &[Resolution],
    ) -> Result<bool, IndexError> {
        let mut finer: BTreeMap<DistName, Grouping> = BTreeMap::new();
        for name in names {
            if let Some(grouping) = self.finer(name, searches, alone)? {
                finer.insert(name.clone(), grouping);
            }
        }
        let how = finer.values().map(|grouping| grouping.how).min();
        finer.retain(|_, grouping| Some(grouping.how) == how);
        let could = !finer.is_empty();
        self.0.extend(finer);
        Ok(could)
    }

    /// The next finer grouping that has more groups.
    fn finer(
        &self,
        name: &DistName,
        searches: &[Search<'_>],
        alone: &[Resolution],
    ) -> Result<Option<Grouping>, IndexError> {
        let known = self.0.get(name);
        for how in [How::ByReach, How::ByVersion, How::Single] {
            if known.is_some_and(|known| known.how >= how) {
                continue;
            }
            let of_target = match how {
                How::ByReach => by_reach(name, searches, alone)?,
                How::ByVersion => numbered(alone.iter().map(|resolution| {
                    let pin = resolution.pins.iter().find(|pin| pin.name == *name);
                    pin.map(|pin| &pin.version)
                })),
                How::Single => (0..searches.len()).collect(),
            };
            let count = |of_target: &[usize]| of_target.iter().max().copied().unwrap_or_default();
            if count(&of_target) > known.map_or(0, |known| count(&known.of_target)) {
                return Ok(Some(Grouping { of_target, how }));
            }
        }
        Ok(None)
    }
}

/// The same number for the same value, in the order in which they come.
fn numbered<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known: Vec<T> = Vec::new();
    let number = |value: T| {
        known.iter().position(|other| *other == value).unwrap_or_else(|| {
            known.push(value);
            known.len() - 1
        })
    };
    values.map(number).collect()
}

/// From the newest target to the oldest: each joins the group before it while there are versions for all of it.
fn by_reach(name: &DistName, searches: &[Search<'_>], alone: &[Resolution]) -> Result<Vec<usize>, IndexError> {
    let reach = Reach::new(searches);
    let mut of_target = vec![0; searches.len()];
    let (mut group, mut common) = (0, Range::full());
    for (target, (search, alone)) in searches.iter().zip(alone).enumerate().rev() {
        if !alone.pins.iter().any(|pin| pin.name == *name) {
            continue;
        }
        let own = reach.of(target, name)?.intersection(&asked_by_root(search, name)?);
        let both = common.intersection(&own);
        if both.is_empty() {
            group += 1;
            common = own;
        } else {
            common = both;
        }
        if let Some(slot) = of_target.get_mut(target) {
            *slot = group;
        }
    }
    Ok(of_target)
}

/// What the requirement lines ask of a package.
fn asked_by_root(search: &Search<'_>, name: &DistName) -> Result<Range, IndexError> {
    let edges = search.graph.edges(&Package::Root, &Graph::root_version())?.unwrap_or_default();
    let of_name = edges.iter().filter(|edge| edge.to == Package::Name(name.clone()));
    Ok(of_name.fold(Range::full(), |range, edge| range.intersection(&edge.range)))
}

/// The versions of every package that have a wheel for a target, worked out once.
pub(super) struct Reach<'s, 'a> {
    searches: &'s [Search<'a>],
    known: RefCell<HashMap<(usize, DistName), Rc<Range>>>,
}

impl<'s, 'a> Reach<'s, 'a> {
    pub(super) fn new(searches: &'s [Search<'a>]) -> Self {
        Self { searches, known: RefCell::default() }
    }

    /// The versions that have a wheel for the target, as a range that is right for all versions there are.
    pub(super) fn of(&self, target: usize, name: &DistName) -> Result<Rc<Range>, IndexError> {
        let key = (target, name.clone());
        if let Some(range) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(range));
        }
        let range = match self.searches.get(target) {
            Some(search) => usable(search, name)?,
            None => Range::full(),
        };
        let range = Rc::new(range);
        self.known.borrow_mut().insert(key, Rc::clone(&range));
        Ok(range)
    }
}

/// Neighbours become one interval, so that the range of a package that is there for the target in all versions is all.
fn usable(search: &Search<'_>, name: &DistName) -> Result<Range, IndexError> {
    let releases = search.graph.catalog.releases(name)?;
    let mut range = Range::empty();
    let mut run: Option<(Bound<Version>, Bound<Version>)> = None;
    // The newest first: an interval begins at its upper end.
    let mut upper: Bound<Version> = Bound::Unbounded;
    for release in &releases.newest_first {
        if releases.best(release).is_ok() {
            let high = run.map_or_else(|| upper.clone(), |(_, high)| high);
            run = Some((Bound::Included(release.version.clone()), high));
        } else {
            if let Some(run) = run.take() {
                range = range.union(&Range::from_range_bounds(run));
            }
            upper = Bound::Excluded(release.version.clone());
        }
    }
    if let Some((_, high)) = run {
        range = range.union(&Range::from_range_bounds((Bound::Unbounded, high)));
    }
    Ok(range)
}

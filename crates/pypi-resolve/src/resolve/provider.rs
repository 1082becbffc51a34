//! The search: what `PubGrub` asks, answered from the graph.
//!
//! Here is decided which package comes next and which of its versions is tried. Constraints are no dependencies: they
//! only keep versions from being chosen (`candidate`).
//!
//! What depends on what is read in `graph`, and why there is no solution is told in `explain`.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::mpsc::Sender;

use pep440_rs::Version;
use pubgrub::{Dependencies, DependencyProvider, PackageResolutionStatistics};
use wheel_tags::DistName;

use super::candidate::Releases;
use super::catalog::Catalog;
use super::graph::{Edge, Graph, Package, Unusable};
use super::versions::{Range, is_pin};
use crate::index::IndexError;

/// A search of more rounds than this is given up: resolutions of hundreds of packages take some thousands.
pub(super) const MAX_ROUNDS: u64 = 100_000;
/// When so many versions of one package were rejected for the sake of one version of another, the order is wrong: the
/// search begins anew, with the one that has fewer choices first.
const MANY_REJECTIONS: u32 = 5;
/// Beginning anew costs no request, and every time it loses what the search has learned.
const MAX_RESTARTS: u32 = 32;
/// When so many versions of a package were read, more METADATA is fetched ahead, as many as were read.
const MANY_READ: usize = 4;
/// Versions of one package whose METADATA is fetched ahead at a time.
const MOST_AHEAD: usize = 32;

/// What ends a search without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("gave up after too many rounds")]
    TooLong,
    /// Not an end: see [`Search::begin_anew`].
    #[error("the order of decisions was wrong")]
    WrongOrder,
}

/// The search for one resolution.
pub(super) struct Search<'a> {
    pub(super) graph: Graph<'a>,
    /// Names and ranges whose METADATA will probably be asked for.
    ahead: Sender<(DistName, Range)>,
    /// In which order names were first met: breadth first, as they are written.
    order: RefCell<HashMap<DistName, usize>>,
    /// The versions that distributions were last given; their extras take the same.
    decided: RefCell<HashMap<DistName, Version>>,
    /// How many versions were read.
    read: RefCell<HashMap<DistName, usize>>,
    /// How often a version of the first was rejected because of the version that the second had.
    rejections: RefCell<HashMap<(DistName, DistName), u32>>,
    haste: RefCell<HashMap<DistName, Haste>>,
    wrong_order: Cell<bool>,
    restarts: Cell<u32>,
    rounds: Cell<u64>,
    most_rounds: u64,
}

impl<'a> Search<'a> {
    pub(super) fn new(catalog: &'a Catalog<'a>, ahead: Sender<(DistName, Range)>, most_rounds: u64) -> Self {
        Self {
            graph: Graph::new(catalog),
            ahead,
            order: RefCell::default(),
            decided: RefCell::default(),
            read: RefCell::default(),
            rejections: RefCell::default(),
            haste: RefCell::default(),
            wrong_order: Cell::new(false),
            restarts: Cell::new(0),
            rounds: Cell::new(0),
            most_rounds,
        }
    }

    /// The version to try next.
    fn choose(&self, package: &Package, range: &Range) -> Result<Option<Version>, Stop> {
        let Some(name) = package.name() else { return Ok(Some(Graph::root_version())) };
        let releases = self.graph.catalog.releases(name)?;
        let is_extra = !matches!(package, Package::Name(_));
        if is_extra
            && let Some(version) = self.decided.borrow().get(name)
            && range.contains(version)
        {
            return Ok(Some(version.clone()));
        }
        let Some(version) = releases.usable(range).next().map(|r| r.version.clone()) else { return Ok(None) };
        if !is_extra {
            self.decided.borrow_mut().insert(name.clone(), version.clone());
            if !self.graph.was_read(name, &version) {
                self.fetch_ahead(name, &releases, range);
            }
        }
        Ok(Some(version))
    }

    /// When version after version is rejected, waiting for each METADATA in turn would take the longest.
    fn fetch_ahead(&self, name: &DistName, releases: &Releases, range: &Range) {
        let mut read = self.read.borrow_mut();
        let read = read.entry(name.clone()).or_default();
        *read += 1;
        if *read >= MANY_READ && read.is_power_of_two() {
            for release in releases.usable(range).take((*read).min(MOST_AHEAD)) {
                if let Ok(wheel) = releases.best(release) {
                    self.graph.catalog.prefetch_metadata(wheel);
                }
            }
        }
    }

    /// Counts whose version stands against these arrows. What is known of decisions may be out of date after
    /// backtracking: then a count is wrong, and the order not the best.
    fn count_rejections(&self, name: &DistName, edges: &[Edge]) {
        let decided = self.decided.borrow();
        for edge in edges {
            let Package::Name(culprit) = &edge.to else { continue };
            if culprit == name || decided.get(culprit).is_none_or(|version| edge.range.contains(version)) {
                continue;
            }
            let mut rejections = self.rejections.borrow_mut();
            let count = rejections.entry((name.clone(), culprit.clone())).or_default();
            *count += 1;
            if *count == MANY_REJECTIONS && self.restarts.get() < MAX_RESTARTS {
                let mut haste = self.haste.borrow_mut();
                haste.insert(name.clone(), Haste::Early);
                haste.entry(culprit.clone()).or_insert(Haste::Late);
                self.wrong_order.set(true);
            }
        }
    }

    /// Whether the search must begin anew.
    pub(super) fn is_in_wrong_order(&self) -> bool {
        self.wrong_order.get()
    }

    /// Forgets the decisions and keeps the order learned.
    pub(super) fn begin_anew(&self) {
        self.restarts.set(self.restarts.get() + 1);
        self.wrong_order.set(false);
        self.decided.borrow_mut().clear();
    }

    /// Notes the order of new names and has their pages fetched, all at once.
    fn announce(&self, edges: &[Edge]) {
        let mut order = self.order.borrow_mut();
        let mut new: Vec<(&DistName, Range)> = Vec::new();
        let mut places: HashMap<&DistName, usize> = HashMap::new();
        for edge in edges {
            let Some(name) = edge.to.name() else { continue };
            if let Some((_, range)) = places.get(name).and_then(|place| new.get_mut(*place)) {
                *range = range.intersection(&edge.range);
            } else if !order.contains_key(name) {
                let next = order.len();
                order.insert(name.clone(), next);
                self.graph.catalog.prefetch(name);
                places.insert(name, new.len());
                new.push((name, edge.range.clone()));
            }
        }
        for (name, range) in new {
            // Nobody listens where the thread could not be started: then METADATA comes when it is asked for.
            _ = self.ahead.send((name.clone(), range));
        }
    }
}

/// When a package is decided, as the search has learned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Haste {
    /// Its newest version keeps others from having any: its range must be narrowed first.
    Late,
    Usual,
    /// Its versions are rejected one after the other: it must choose before others do.
    Early,
}

/// What to decide first; greater goes first: what is pinned, then what keeps being rejected, then breadth first as
/// written. A distribution goes before its extras, which then take its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Priority {
    pinned: bool,
    haste: Haste,
    order: Reverse<usize>,
    distribution: bool,
}

impl DependencyProvider for Search<'_> {
    type P = Package;
    type V = Version;
    type VS = Range;
    type Priority = Priority;
    type M = Unusable;
    type Err = Stop;

    fn prioritize(&self, package: &Package, range: &Range, _: &PackageResolutionStatistics) -> Priority {
        let distribution = matches!(package, Package::Name(_));
        let Some(name) = package.name() else {
            return Priority { pinned: true, haste: Haste::Usual, order: Reverse(0), distribution };
        };
        let haste = self.haste.borrow().get(name).copied().unwrap_or(Haste::Usual);
        let order = self.order.borrow().get(name).copied().unwrap_or(usize::MAX);
        let pinned = is_pin(range) || self.graph.catalog.is_fixed(name);
        Priority { pinned, haste, order: Reverse(order), distribution }
    }

    fn choose_version(&self, package: &Package, range: &Range) -> Result<Option<Version>, Stop> {
        self.choose(package, range)
    }

    fn get_dependencies(
        &self,
        package: &Package,
        version: &Version,
    ) -> Result<Dependencies<Package, Range, Unusable>, Stop> {
        match self.graph.edges(package, version)? {
            Err(unusable) => Ok(Dependencies::Unavailable(unusable)),
            Ok(edges) => {
                self.announce(&edges);
                if let Package::Name(name) = package {
                    self.count_rejections(name, &edges);
                }
                Ok(Dependencies::Available(edges.into_iter().map(|edge| (edge.to, edge.range)).collect()))
            }
        }
    }

    fn should_cancel(&self) -> Result<(), Stop> {
        self.rounds.set(self.rounds.get() + 1);
        match (self.rounds.get() > self.most_rounds, self.wrong_order.get()) {
            (true, _) => Err(Stop::TooLong),
            (_, true) => Err(Stop::WrongOrder),
            _ => Ok(()),
        }
    }
}

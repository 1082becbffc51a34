//! The search: what PubGrub asks, answered from the catalog.
//!
//! An extra is a package of its own that depends on its distribution in the same version, so that two extras may
//! conflict and one asked for late adds to a version already chosen. Constraints are no dependencies: they only keep
//! versions from being chosen (`candidate`).
//!
//! Why there is no solution is told in `explain`.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use lambda_compat::Target;
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::ExtraName;
use pubgrub::{Dependencies, DependencyProvider, PackageResolutionStatistics};
use wheel_archive::Metadata;
use wheel_tags::DistName;

use super::candidate::{Releases, needs_python};
use super::catalog::Catalog;
use super::versions::{Range, admits_python, is_pin, range};
use crate::index::IndexError;
use crate::requirements::Requirement;

/// A search of more rounds than this is given up: resolutions of hundreds of packages take some thousands.
const MAX_ROUNDS: u64 = 500_000;
/// When so many versions of one package were rejected for the sake of one version of another, the order is wrong: the
/// search begins anew, with the one that has fewer choices first.
const MANY_REJECTIONS: u32 = 5;
/// Beginning anew costs no request, and every time it loses what the search has learned.
const MAX_RESTARTS: u32 = 32;
/// When so many versions of a package were tried, more METADATA is fetched ahead, as many as were tried.
const MANY_TRIES: usize = 4;
const MOST_AHEAD: usize = 32;

/// What PubGrub decides on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Package {
    /// The requirement lines and local wheels together.
    Root,
    Name(DistName),
    Extra(DistName, DistName),
}

impl Package {
    /// The distribution it belongs to.
    pub(super) fn name(&self) -> Option<&DistName> {
        match self {
            Self::Root => None,
            Self::Name(name) | Self::Extra(name, _) => Some(name),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the requirements"),
            Self::Name(name) => write!(f, "{name}"),
            Self::Extra(name, extra) => write!(f, "{name}[{extra}]"),
        }
    }
}

/// Why a version that has a wheel for the target still cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Its METADATA cannot be read, or is that of another file.
    Metadata(String),
    /// The Requires-Python of its METADATA.
    Python { wants: VersionSpecifiers, target: Target },
    /// It requires a file or address.
    Address(String),
    /// It requires itself in another version.
    Itself(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(why) => write!(f, "has METADATA that cannot be used: {why}"),
            Self::Python { wants, target } => needs_python(f, wants, target),
            Self::Address(text) => write!(f, "requires `{text}`, and only requirement lines may name addresses"),
            Self::Itself(text) => write!(f, "requires `{text}`, another version of itself"),
        }
    }
}

/// What ends a search without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("gave up after {MAX_ROUNDS} rounds")]
    TooLong,
    /// Not an end: see [`Search::begin_anew`].
    #[error("the order of decisions was wrong")]
    WrongOrder,
}

/// A chosen version with its METADATA, parsed once.
pub(super) struct Chosen {
    pub(super) metadata: Arc<Metadata>,
    pub(super) requirements: Vec<Requirement>,
}

/// One arrow of the graph, and the requirement it comes from; `None`: from an extra to its distribution, or from the
/// root to a local wheel.
pub(super) struct Edge {
    pub(super) to: Package,
    pub(super) range: Range,
    pub(super) requirement: Option<Requirement>,
}

/// The search for one resolution.
pub(super) struct Search<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    /// Names and ranges whose METADATA will probably be asked for.
    ahead: Sender<(DistName, Range)>,
    /// In which order names were first met: breadth first, as they are written.
    order: RefCell<HashMap<DistName, usize>>,
    /// The versions that distributions were last given; their extras take the same.
    decided: RefCell<HashMap<DistName, Version>>,
    tries: RefCell<HashMap<DistName, usize>>,
    /// How often a version of the first was rejected because of the version that the second had.
    rejections: RefCell<HashMap<(DistName, DistName), u32>>,
    haste: RefCell<HashMap<DistName, Haste>>,
    wrong_order: Cell<bool>,
    restarts: Cell<u32>,
    chosen: RefCell<HashMap<(DistName, Version), Result<Rc<Chosen>, Unusable>>>,
    rounds: Cell<u64>,
}

impl<'a> Search<'a> {
    pub(super) fn new(catalog: &'a Catalog<'a>, ahead: Sender<(DistName, Range)>) -> Self {
        Self {
            catalog,
            ahead,
            order: RefCell::default(),
            decided: RefCell::default(),
            tries: RefCell::default(),
            rejections: RefCell::default(),
            haste: RefCell::default(),
            wrong_order: Cell::new(false),
            restarts: Cell::new(0),
            chosen: RefCell::default(),
            rounds: Cell::new(0),
        }
    }

    /// The root has one version.
    pub(super) fn root_version() -> Version {
        Version::new([0])
    }

    /// The version to try next.
    fn choose(&self, package: &Package, range: &Range) -> Result<Option<Version>, Stop> {
        let Some(name) = package.name() else { return Ok(Some(Self::root_version())) };
        let releases = self.catalog.releases(name)?;
        let is_extra = matches!(package, Package::Extra(..));
        if is_extra
            && let Some(version) = self.decided.borrow().get(name)
            && range.contains(version)
        {
            return Ok(Some(version.clone()));
        }
        let Some(version) = releases.usable(range).next().map(|r| r.version.clone()) else { return Ok(None) };
        if !is_extra {
            self.decided.borrow_mut().insert(name.clone(), version.clone());
            self.fetch_ahead(name, &releases, range);
        }
        Ok(Some(version))
    }

    /// When version after version is rejected, waiting for each METADATA in turn would take the longest.
    fn fetch_ahead(&self, name: &DistName, releases: &Releases, range: &Range) {
        let mut tries = self.tries.borrow_mut();
        let tries = tries.entry(name.clone()).or_default();
        *tries += 1;
        if *tries >= MANY_TRIES && tries.is_power_of_two() {
            for release in releases.usable(range).take((*tries).min(MOST_AHEAD)) {
                if let Ok(wheel) = releases.best(release) {
                    self.catalog.prefetch_metadata(wheel);
                }
            }
        }
    }

    /// The METADATA of a version, read and parsed once.
    pub(super) fn chosen(
        &self,
        name: &DistName,
        version: &Version,
    ) -> Result<Result<Rc<Chosen>, Unusable>, IndexError> {
        let key = (name.clone(), version.clone());
        if let Some(known) = self.chosen.borrow().get(&key) {
            return Ok(known.clone());
        }
        let outcome = self.read(name, version)?.map(Rc::new);
        self.chosen.borrow_mut().insert(key, outcome.clone());
        Ok(outcome)
    }

    /// Why a version turned out to be unusable, if it was looked at and did. Nothing is fetched.
    pub(super) fn known_unusable(&self, name: &DistName, version: &Version) -> Option<Unusable> {
        if !self.was_read(name, version) {
            return None;
        }
        self.edges(&Package::Name(name.clone()), version).ok()?.err()
    }

    /// Whether the METADATA of a version was looked at.
    pub(super) fn was_read(&self, name: &DistName, version: &Version) -> bool {
        self.chosen.borrow().contains_key(&(name.clone(), version.clone()))
    }

    fn read(&self, name: &DistName, version: &Version) -> Result<Result<Chosen, Unusable>, IndexError> {
        let releases = self.catalog.releases(name)?;
        let Some(wheel) = releases.find(version).and_then(|r| releases.best(r).ok()) else {
            return Ok(Err(Unusable::Metadata("the version has no wheel for the target".to_owned())));
        };
        let metadata = match self.catalog.metadata(wheel) {
            Ok(metadata) => metadata,
            // What a wheel says is wrong, not the way to it: other versions may do.
            Err(error @ (IndexError::Malformed { .. } | IndexError::Answer { .. })) => {
                return Ok(Err(Unusable::Metadata(error.to_string())));
            }
            Err(error) => return Err(error),
        };
        Ok(self.parse(name, version, metadata))
    }

    fn parse(&self, name: &DistName, version: &Version, metadata: Arc<Metadata>) -> Result<Chosen, Unusable> {
        if metadata.name != *name || metadata.version != *version {
            let why = format!("it is that of {} {}", metadata.name, metadata.version);
            return Err(Unusable::Metadata(why));
        }
        let python = &self.catalog.target.runtime.python_full.value;
        if let Some(wants) = &metadata.requires_python
            && !admits_python(wants, python)
        {
            return Err(Unusable::Python { wants: wants.clone(), target: self.catalog.target });
        }
        let parse = |text: &String| {
            Requirement::parse_dist(text).map_err(|why| Unusable::Metadata(format!("Requires-Dist: {text}: {why}")))
        };
        let requirements = metadata.requires_dist.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Chosen { metadata, requirements })
    }

    /// The arrows that leave a package in a version.
    pub(super) fn edges(
        &self,
        package: &Package,
        version: &Version,
    ) -> Result<Result<Vec<Edge>, Unusable>, IndexError> {
        let (name, extra) = match package {
            Package::Root => return Ok(Ok(self.root_edges())),
            Package::Name(name) => (name, None),
            Package::Extra(name, extra) => (name, Some(extra)),
        };
        let chosen = match self.chosen(name, version)? {
            Ok(chosen) => chosen,
            Err(unusable) => return Ok(Err(unusable)),
        };
        let mut edges = Vec::new();
        if extra.is_some() {
            let to = Package::Name(name.clone());
            edges.push(Edge { to, range: Range::singleton(version.clone()), requirement: None });
        }
        if self.catalog.policy.no_deps {
            return Ok(Ok(edges));
        }
        // A name that PEP 508 allows is always an extra's name too.
        let extra = extra.and_then(|e| e.as_str().parse::<ExtraName>().ok());
        for requirement in chosen.requirements.iter().filter(|r| self.catalog.applies(&r.marker, extra.as_ref())) {
            for requirement in self.catalog.overridden(requirement) {
                if !self.catalog.provides(&requirement) {
                    return Ok(Err(Unusable::Address(requirement.text)));
                }
                if requirement.name == *name {
                    if !range(&requirement.specifiers).contains(version) {
                        return Ok(Err(Unusable::Itself(requirement.text)));
                    }
                    // `pkg[all]` that requires `pkg[a,b]` means the extras of this very version.
                    let same = Range::singleton(version.clone());
                    push_extras(&mut edges, &requirement, &same);
                } else {
                    push_edges(&mut edges, &requirement);
                }
            }
        }
        Ok(Ok(edges))
    }

    fn root_edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for name in self.catalog.local_names() {
            edges.push(Edge { to: Package::Name(name.clone()), range: Range::full(), requirement: None });
        }
        for requirement in &self.catalog.roots {
            push_edges(&mut edges, requirement);
        }
        edges
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

    /// Forgets the decisions and keeps the order learned.
    pub(super) fn begin_anew(&self) {
        self.restarts.set(self.restarts.get() + 1);
        self.wrong_order.set(false);
        self.decided.borrow_mut().clear();
    }

    /// Notes the order of new names and has their pages fetched, all at once.
    fn announce(&self, edges: &[Edge]) {
        let mut order = self.order.borrow_mut();
        let mut new = Vec::new();
        for edge in edges {
            let Some(name) = edge.to.name() else { continue };
            if !order.contains_key(name) {
                let next = order.len();
                order.insert(name.clone(), next);
                self.catalog.prefetch(name);
                new.push(name);
            }
        }
        for name in new {
            let all = edges.iter().filter(|edge| edge.to.name() == Some(name));
            let range = all.fold(Range::full(), |range, edge| range.intersection(&edge.range));
            // Nobody listens where the thread could not be started: then METADATA comes when it is asked for.
            _ = self.ahead.send((name.clone(), range));
        }
    }
}

/// The arrows of a requirement: to the distribution, and to each extra in the same range.
fn push_edges(edges: &mut Vec<Edge>, requirement: &Requirement) {
    let range = range(&requirement.specifiers);
    let to = Package::Name(requirement.name.clone());
    edges.push(Edge { to, range: range.clone(), requirement: Some(requirement.clone()) });
    push_extras(edges, requirement, &range);
}

fn push_extras(edges: &mut Vec<Edge>, requirement: &Requirement, range: &Range) {
    for extra in &requirement.extras {
        let to = Package::Extra(requirement.name.clone(), extra.clone());
        edges.push(Edge { to, range: range.clone(), requirement: Some(requirement.clone()) });
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
        let pinned = is_pin(range) || self.catalog.is_fixed(name);
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
        match self.edges(package, version)? {
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
        match (self.rounds.get() > MAX_ROUNDS, self.wrong_order.get()) {
            (true, _) => Err(Stop::TooLong),
            (_, true) => Err(Stop::WrongOrder),
            _ => Ok(()),
        }
    }
}

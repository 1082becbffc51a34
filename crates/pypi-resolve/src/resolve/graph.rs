//! The graph that is searched: packages, versions and the arrows between them, as METADATA and markers give them.
//!
//! An extra is a package of its own, so that two extras may conflict and one asked for late adds to a version already
//! chosen. In which order the graph is walked is the search's business (`provider`).

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use lambda_compat::Target;
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::ExtraName;
use wheel_archive::Metadata;
use wheel_tags::DistName;

use super::candidate::needs_python;
use super::catalog::Catalog;
use super::versions::{Range, admits_python, range};
use crate::index::IndexError;
use crate::requirements::{Requirement, mask};

/// Requirements of one version: those with the most have some thousand, and the search takes longer than their number grows.
const MOST_REQUIREMENTS: usize = 20_000;
/// Letters of a requirement that cannot be read which are shown.
const SHOWN: usize = 200;

/// What PubGrub decides on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Package {
    /// The requirement lines and local wheels together.
    Root,
    /// A distribution.
    Name(DistName),
    /// That an extra of a distribution is wanted.
    Extra(DistName, DistName),
    /// What that extra adds. Whether the extra's version is that of the distribution is thereby settled before METADATA
    /// is read: else all versions would be, one by one, where only another version of the distribution helps.
    ExtraContent(DistName, DistName),
}

impl Package {
    /// The distribution it belongs to.
    pub(super) fn name(&self) -> Option<&DistName> {
        match self {
            Self::Root => None,
            Self::Name(name) | Self::Extra(name, _) | Self::ExtraContent(name, _) => Some(name),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the requirements"),
            Self::Name(name) => write!(f, "{name}"),
            Self::Extra(name, extra) | Self::ExtraContent(name, extra) => write!(f, "{name}[{extra}]"),
        }
    }
}

/// Why a version that has a wheel for the target still cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Its METADATA cannot be read, or is that of another file.
    Metadata { why: String, help: Option<String> },
    /// The Requires-Python of its METADATA.
    Python { wants: VersionSpecifiers, target: Target },
    /// It requires a file or address.
    Address(String),
    /// It requires itself in another version.
    Itself(String),
}

impl Unusable {
    fn metadata(why: impl Into<String>) -> Self {
        Self::Metadata { why: why.into(), help: None }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata { why, .. } => write!(f, "has METADATA that cannot be used: {why}"),
            Self::Python { wants, target } => needs_python(f, wants, target),
            Self::Address(text) => write!(f, "requires `{text}`, and only requirement lines may name addresses"),
            Self::Itself(text) => write!(f, "requires `{text}`, another version of itself"),
        }
    }
}

/// A chosen version with its METADATA, parsed once.
pub(super) struct Chosen {
    pub(super) metadata: Arc<Metadata>,
    pub(super) requirements: Vec<Requirement>,
}

/// What reading a version came to.
type Outcome = Result<Rc<Chosen>, Unusable>;

/// One arrow of the graph, and the requirement it comes from; `None`: from an extra to its distribution, or from the
/// root to a local wheel.
pub(super) struct Edge {
    pub(super) to: Package,
    pub(super) range: Range,
    pub(super) requirement: Option<Requirement>,
}

/// The graph, as far as it was looked at.
pub(super) struct Graph<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    chosen: RefCell<HashMap<(DistName, Version), Outcome>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(catalog: &'a Catalog<'a>) -> Self {
        Self { catalog, chosen: RefCell::default() }
    }

    /// How many pages and METADATA were looked at.
    pub(super) fn count(&self) -> usize {
        self.catalog.count() + self.chosen.borrow().len()
    }

    /// The root has one version.
    pub(super) fn root_version() -> Version {
        Version::new([0])
    }

    /// The METADATA of a version, read and parsed once.
    pub(super) fn chosen(&self, name: &DistName, version: &Version) -> Result<Outcome, IndexError> {
        let key = (name.clone(), version.clone());
        if let Some(known) = self.chosen.borrow().get(&key) {
            return Ok(known.clone());
        }
        let outcome = self.read_version(name, version)?.map(Rc::new);
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

    fn read_version(&self, name: &DistName, version: &Version) -> Result<Result<Chosen, Unusable>, IndexError> {
        let releases = self.catalog.releases(name)?;
        let Some(wheel) = releases.find(version).and_then(|r| releases.best(r).ok()) else {
            return Ok(Err(Unusable::metadata("the version has no wheel for the target")));
        };
        let metadata = match self.catalog.metadata(wheel) {
            Ok(metadata) => metadata,
            // What a wheel says is wrong, not the way to it: other versions may do.
            Err(error @ (IndexError::Malformed { .. } | IndexError::Answer { .. })) => {
                return Ok(Err(Unusable::Metadata { why: error.to_string(), help: error.help() }));
            }
            Err(error) => return Err(error),
        };
        Ok(self.parse(name, version, metadata))
    }

    fn parse(&self, name: &DistName, version: &Version, metadata: Arc<Metadata>) -> Result<Chosen, Unusable> {
        if metadata.name != *name || metadata.version != *version {
            return Err(Unusable::metadata(format!("it is that of {} {}", metadata.name, metadata.version)));
        }
        let python = &self.catalog.target.runtime.python_full.value;
        if let Some(wants) = &metadata.requires_python
            && !admits_python(wants, python)
        {
            return Err(Unusable::Python { wants: wants.clone(), target: self.catalog.target });
        }
        if metadata.requires_dist.len() > MOST_REQUIREMENTS {
            return Err(Unusable::metadata(format!("more than {MOST_REQUIREMENTS} requirements")));
        }
        let parse = |text: &String| {
            Requirement::parse_dist(text)
                .map_err(|why| Unusable::metadata(format!("Requires-Dist: {}: {why}", beginning(&mask(text)))))
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
            Package::ExtraContent(name, extra) => (name, Some(extra)),
            Package::Extra(name, extra) => {
                let same = |to| Edge { to, range: Range::singleton(version.clone()), requirement: None };
                let content = Package::ExtraContent(name.clone(), extra.clone());
                return Ok(Ok(vec![same(Package::Name(name.clone())), same(content)]));
            }
        };
        // A layer below was built with what it needs, or without it on purpose.
        if extra.is_none() && self.catalog.below(name).is_some() {
            return Ok(Ok(Vec::new()));
        }
        let chosen = match self.chosen(name, version)? {
            Ok(chosen) => chosen,
            Err(unusable) => return Ok(Err(unusable)),
        };
        let mut edges = Vec::new();
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

    /// The excluded packages that a version requires, on this target and, of an extra, for its sake.
    pub(super) fn left_out(&self, package: &Package, version: &Version) -> Result<Vec<DistName>, IndexError> {
        let (name, extra) = match package {
            Package::Name(name) if self.catalog.below(name).is_some() => return Ok(Vec::new()),
            Package::Name(name) => (name, None),
            Package::ExtraContent(name, extra) => (name, extra.as_str().parse::<ExtraName>().ok()),
            Package::Root | Package::Extra(..) => return Ok(Vec::new()),
        };
        let Ok(chosen) = self.chosen(name, version)? else { return Ok(Vec::new()) };
        let excluded = chosen.requirements.iter().filter(|r| self.catalog.is_excluded(&r.name));
        let holds = excluded.filter(|r| self.catalog.applies(&r.marker, extra.as_ref()));
        Ok(holds.map(|requirement| requirement.name.clone()).collect())
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
}

/// As much of a text as is shown.
fn beginning(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
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

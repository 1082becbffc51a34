//! What is worth saying beside the facts: that there are no other versions, and what an operator leaves out.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use pep440_rs::{Operator, Version, VersionSpecifier};
use wheel_tags::DistName;

use super::Teller;
use super::facts::Fact;
use crate::index::IndexError;
use crate::resolve::candidate::Releases;
use crate::resolve::graph::{Graph, Package};
use crate::resolve::versions::{Range, range};

impl Teller<'_> {
    /// Of packages whose versions are told of one by one: that there are no others. What is blamed has details of its own.
    pub(super) fn no_others(&self, blamed: Option<&DistName>) -> Result<Option<String>, IndexError> {
        let mut told: BTreeMap<&DistName, Vec<&Range>> = BTreeMap::new();
        for fact in self.facts.iter().filter(|fact| !matches!(fact, Fact::NoVersion { .. })) {
            if let Some(name) = fact.about().name().filter(|name| Some(*name) != blamed) {
                told.entry(name).or_default().push(fact.versions());
            }
        }
        let mut names = Vec::new();
        for (name, ranges) in told {
            let releases = self.graph.catalog.releases(name)?;
            let covers = |range: &Range| releases.newest_first.iter().all(|release| range.contains(&release.version));
            // "Every version of a needs …" says so itself.
            let is_said = releases.newest_first.len() > 1 && ranges.iter().any(|range| covers(range));
            let all = ranges.iter().fold(Range::empty(), |all, range| all.union(range));
            if !self.graph.catalog.is_fixed(name) && !is_said && covers(&all) {
                names.push(name.as_str());
            }
        }
        Ok(Some(format!("there is no other version of {}", names.join(", "))).filter(|_| !names.is_empty()))
    }

    /// `>1.2.3` does not take 1.2.3.post1, nor `<2` 2.0rc1: a rule of PEP 440 that few know.
    pub(super) fn left_out_by_operator(
        &self,
        from: &Package,
        versions: &Range,
        to: &Package,
        range: &Range,
    ) -> Result<Vec<String>, IndexError> {
        let (Some(name), Some(version)) = (to.name(), self.version_among(from, versions)?) else {
            return Ok(Vec::new());
        };
        let releases = self.graph.catalog.releases(name)?;
        let edges = self.graph.edges(from, &version)?.unwrap_or_default();
        let lines = edges.into_iter().filter(|edge| edge.to == *to && edge.range == *range);
        let specifiers: Vec<_> =
            lines.filter_map(|edge| edge.requirement).flat_map(|r| r.specifiers.to_vec()).collect();
        Ok(specifiers.iter().filter_map(|specifier| surprise(specifier, &releases)).collect())
    }

    /// One of these versions of which METADATA was read.
    fn version_among(&self, package: &Package, versions: &Range) -> Result<Option<Version>, IndexError> {
        let Some(name) = package.name() else { return Ok(Some(Graph::root_version())) };
        let releases = self.graph.catalog.releases(name)?;
        let mut read = releases.newest_first.iter().filter(|r| self.graph.was_read(name, &r.version));
        Ok(read.find(|release| versions.contains(&release.version)).map(|release| release.version.clone()))
    }
}

/// What an operator leaves out though its order would take it.
fn surprise(specifier: &VersionSpecifier, releases: &Releases) -> Option<String> {
    let admitted = range(&std::iter::once(specifier.clone()).collect());
    let bound = specifier.version();
    let (order, what) = match specifier.operator() {
        Operator::GreaterThan if bound.is_post() => (Ordering::Greater, "local versions"),
        Operator::GreaterThan => (Ordering::Greater, "post-releases and local versions"),
        Operator::LessThan => (Ordering::Less, "pre-releases"),
        _ => return None,
    };
    let mut all = releases.newest_first.iter().map(|release| &release.version);
    let left_out = all.find(|version| (*version).cmp(bound) == order && !admitted.contains(version))?;
    Some(format!("{specifier} does not take {left_out}: it leaves out the {what} of {bound} (PEP 440)"))
}

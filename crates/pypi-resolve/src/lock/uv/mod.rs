//! `uv.lock`, the lock of a uv project or workspace: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>.
//!
//! Here live what it says ([`UvLock`]), reading it, the walk from the project through the edges that hold on a target,
//! and whether it still matches the project file. It is version 1 of the format; its revisions add keys only.

mod fresh;
mod read;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;
use wheel_tags::DistName;

use super::condition::Condition;
use super::listed::{Listed, joined, marker};
use crate::requirements::Place;

/// A `uv.lock`.
#[derive(Debug)]
pub struct UvLock {
    file: PathBuf,
    requires_python: Option<VersionSpecifiers>,
    /// The environments it was made for; none: all.
    environments: Vec<MarkerTree>,
    /// The members of the workspace; none where there is one project.
    members: BTreeSet<DistName>,
    /// What a script asks for (PEP 723); of projects nothing.
    requirements: Vec<Wish>,
    /// `[tool.uv]` of the workspace root when it was locked.
    constraints: Vec<Wish>,
    overrides: Vec<Wish>,
    excludes: BTreeSet<DistName>,
    /// Groups of a workspace root that is no project.
    root_groups: BTreeMap<DistName, Vec<Wish>>,
    packages: Vec<Package>,
    by_name: BTreeMap<DistName, Vec<usize>>,
}

/// One `[[package]]`.
#[derive(Debug)]
struct Package {
    name: DistName,
    version: Option<Version>,
    source: Source,
    /// Where this entry stands for its name, if others do elsewhere; none: everywhere.
    forks: Vec<MarkerTree>,
    dependencies: Vec<Edge>,
    extras: BTreeMap<DistName, Vec<Edge>>,
    groups: BTreeMap<DistName, Vec<Edge>>,
    wheels: Vec<Wheel>,
    has_sdist: bool,
    /// What the project file said when it was locked; of projects only.
    metadata: Option<Metadata>,
    place: Place,
}

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// An index, or a folder of files.
    Registry(String),
    /// A file at a URL.
    Url(String),
    /// A file on disk.
    Path(String),
    Git(String),
    /// A project on disk, by its path: `directory`, `editable` or `virtual`.
    Project {
        how: &'static str,
        path: String,
    },
}

/// One dependency.
#[derive(Debug)]
struct Edge {
    name: DistName,
    /// Where the name alone is ambiguous.
    version: Option<Version>,
    source: Option<Source>,
    extras: BTreeSet<DistName>,
    condition: Condition,
}

/// A wheel as the lock spells it.
#[derive(Debug)]
struct Wheel {
    url: Option<String>,
    path: Option<String>,
    filename: Option<String>,
    hash: Option<String>,
    size: Option<u64>,
    upload_time: Option<String>,
}

/// What a project asked for when it was locked: `requires-dist`, and `requires-dev` by group.
#[derive(Debug)]
struct Metadata {
    requires_dist: Vec<Wish>,
    requires_dev: BTreeMap<DistName, Vec<Wish>>,
    /// Extras, those without a dependency too.
    extras: BTreeSet<DistName>,
}

/// A requirement as the lock repeats it.
#[derive(Debug)]
struct Wish {
    name: DistName,
    extras: BTreeSet<DistName>,
    /// `None` where another source than an index is named.
    specifiers: Option<VersionSpecifiers>,
    condition: Condition,
    /// The marker as written.
    marker: Option<String>,
}

impl UvLock {
    /// Every entry; see [`Lock::listed`](super::Lock::listed).
    pub(super) fn listed(&self) -> Vec<Listed> {
        let entry = |package: &Package| Listed {
            name: package.name.clone(),
            version: package.version.clone(),
            when: joined(package.forks.iter().filter_map(marker), " or "),
            digests: package.wheels.iter().filter_map(|wheel| wheel.hash.clone()).collect(),
        };
        self.packages.iter().filter(|package| !matches!(package.source, Source::Project { .. })).map(entry).collect()
    }
}

//! `poetry.lock`: <https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock>.
//!
//! | lock-version | what it says of who wants a package |
//! | --- | --- |
//! | 2.1 and later 2.x (Poetry 2) | `groups` and `markers` of every package |
//! | 1.1, 2.0 (Poetry 1) | nothing: it is a walk from `pyproject.toml` along `[package.dependencies]` |
//!
//! No version says where files are: `[package.source]` names an index at most, the page of a project the rest.

mod fresh;
mod read;
mod select;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pep440_rs::Version;
use wheel_tags::DistName;

use super::condition::Condition;
use super::listed::{Listed, joined, of_group};
use crate::project::constraint::PoetryConstraint;
use crate::requirements::{Place, SourceTree};

/// A `poetry.lock`.
#[derive(Debug)]
pub struct PoetryLock {
    file: PathBuf,
    /// The Pythons of the project, as written and as read.
    pythons: Option<(String, PoetryConstraint)>,
    /// Which optional packages an extra of the project brings in.
    extras: BTreeMap<DistName, BTreeSet<DistName>>,
    /// Whether packages say for which groups they are.
    has_groups: bool,
    packages: Vec<Package>,
    by_name: BTreeMap<DistName, Vec<usize>>,
    /// A sha256, in hex, of what the project asked for.
    content_hash: Option<String>,
}

/// One `[[package]]`.
#[derive(Debug)]
struct Package {
    name: DistName,
    version: Version,
    optional: bool,
    /// `main` or `dev`, in lock-version 1.1.
    category: Option<String>,
    /// Requires-Python.
    pythons: Option<PoetryConstraint>,
    /// From 2.1 on: when it is wanted, by group.
    groups: BTreeMap<DistName, Condition>,
    dependencies: Vec<Edge>,
    files: Vec<File>,
    source: Source,
    place: Place,
}

/// A file as the lock spells it.
#[derive(Debug)]
struct File {
    name: String,
    hash: String,
}

/// Where a package comes from.
#[derive(Debug)]
enum Source {
    /// The index that asks for nothing else.
    Default,
    /// Another index.
    Index(String),
    Url(String),
    File(String),
    Directory(String),
    /// Version control, and whatever else; the repository where it is one of git.
    Other(String, Option<SourceTree>),
}

/// One dependency.
#[derive(Debug, Clone)]
struct Edge {
    name: DistName,
    constraint: PoetryConstraint,
    extras: BTreeSet<DistName>,
    condition: Condition,
}

impl PoetryLock {
    /// Every entry; see [`Lock::listed`](super::Lock::listed).
    pub(super) fn listed(&self) -> Vec<Listed> {
        let entry = |package: &Package| Listed {
            name: package.name.clone(),
            version: Some(package.version.clone()),
            when: joined(package.groups.iter().filter_map(|(group, when)| of_group(group, "main", when)), ", "),
            digests: package.files.iter().map(|file| file.hash.clone()).collect(),
        };
        self.packages.iter().filter(|package| !matches!(package.source, Source::Directory(_))).map(entry).collect()
    }
}

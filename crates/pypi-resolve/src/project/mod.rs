//! `pyproject.toml`: what a project says of its dependencies, in the standard's words
//! (<https://packaging.python.org/en/latest/specifications/pyproject-toml/>, dependency groups as PEP 735 has them) and
//! in those of Poetry and uv.
//!
//! | written | here |
//! | --- | --- |
//! | `[project]` `dependencies`, `optional-dependencies`, `requires-python` | read |
//! | `[dependency-groups]` | read, with `include-group` |
//! | `[tool.poetry]` `dependencies`, `extras`, `group`, `dev-dependencies`, `source` | read; Poetry's constraints become PEP 440; a package may be pinned to a source |
//! | `[tool.uv]` `constraint-dependencies`, `override-dependencies`, `exclude-dependencies`, `sources`, `index` and its like | read |
//! | sources in version control, folders and archives | given as what has to be built, each with its refusal |
//! | `dynamic = ["dependencies"]`, members of a workspace | refused, with what to do |
//!
//! Only what is asked for is looked at: a group that nobody wants may hold anything.

mod asked;
pub(crate) mod constraint;
pub(crate) mod content_hash;
mod groups;
mod pins;
mod poetry;
mod python_json;
mod read;
mod roots;
mod stated;
mod uv;

mod wants;

use std::collections::BTreeSet;
use std::ops::Range;

use pep440_rs::VersionSpecifiers;
use wheel_tags::DistName;

use crate::requirements::{Located, Requirement, RequirementsError, RequirementsFile};
use crate::source_text::SourceText;

use constraint::PoetryConstraint;
pub use pins::IndexPin;
pub(crate) use poetry::Dependency as PoetryDependency;
pub(crate) use stated::{Stated, StatedToUv};

/// A `pyproject.toml`.
#[derive(Debug)]
pub struct Project {
    source: SourceText<'static>,
    document: read::Document,
    name: Option<DistName>,
    /// With where it stands.
    pythons: Option<(Pythons, Range<usize>)>,
}

/// Which Pythons the project is for.
#[derive(Debug)]
enum Pythons {
    Standard(VersionSpecifiers),
    Poetry(PoetryConstraint),
}

/// What is wanted of a project.
#[derive(Debug, Default)]
pub struct ProjectWants {
    /// Requirements, constraints, what has to be built, and where packages come from.
    pub file: RequirementsFile,
    /// The refusal of each of the file's sources, where nothing is built.
    pub unbuilt: Vec<RequirementsError>,
    /// What stands in for the requirements of its packages, wherever they are asked for (uv).
    pub overrides: Vec<Requirement>,
    /// What is not taken, whoever requires it (uv).
    pub excludes: BTreeSet<DistName>,
    /// The packages that come from one index and no other.
    pub pins: Vec<IndexPin>,
    /// The names that the project has for indexes, and their URLs.
    pub indexes: Vec<(String, Located<String>)>,
}

//! TOML to [`Project`], and the errors that point into it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use lambda_compat::Target;
use serde::Deserialize;
use toml::Spanned;

use super::{PoetryConstraint, Project, Pythons};
use crate::requirements::{Fault, Place, Problem, Requirement, RequirementsError, Spot, lenient_specifiers};
use crate::source_text::{SourceText, TextFault, read_bounded};

/// Names to whatever stands there.
pub(super) type Spans = BTreeMap<String, Spanned<toml::Value>>;

#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Document {
    pub(super) project: Option<Standard>,
    pub(super) dependency_groups: BTreeMap<String, Vec<Spanned<toml::Value>>>,
    pub(super) tool: Tools,
}

/// `[project]`.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Standard {
    pub(super) name: Option<String>,
    pub(super) requires_python: Option<Spanned<String>>,
    pub(super) dependencies: Option<Vec<Spanned<String>>>,
    pub(super) optional_dependencies: BTreeMap<String, Vec<Spanned<String>>>,
    pub(super) dynamic: Option<Spanned<Vec<String>>>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(super) struct Tools {
    pub(super) uv: Option<Uv>,
    pub(super) poetry: Option<Poetry>,
}

/// `[tool.uv]`, as far as it is about dependencies.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Uv {
    pub(super) constraint_dependencies: Vec<Spanned<String>>,
    pub(super) override_dependencies: Vec<Spanned<String>>,
    pub(super) exclude_dependencies: Vec<Spanned<String>>,
    /// The group `dev`, as uv had it before PEP 735.
    pub(super) dev_dependencies: Vec<Spanned<String>>,
    pub(super) sources: Spans,
    pub(super) index: Vec<Spanned<UvIndex>>,
    pub(super) index_url: Option<Spanned<String>>,
    pub(super) extra_index_url: Vec<Spanned<String>>,
    pub(super) find_links: Vec<Spanned<String>>,
    pub(super) no_index: Option<Spanned<bool>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UvIndex {
    pub(super) url: String,
    #[serde(default)]
    pub(super) default: bool,
    #[serde(default)]
    pub(super) explicit: bool,
}

/// `[tool.poetry]`, as far as it is about dependencies.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Poetry {
    pub(super) name: Option<String>,
    pub(super) dependencies: Spans,
    pub(super) extras: BTreeMap<String, Vec<String>>,
    pub(super) dev_dependencies: Spans,
    pub(super) group: BTreeMap<String, PoetryGroup>,
    pub(super) source: Vec<Spanned<PoetrySource>>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct PoetryGroup {
    pub(super) dependencies: Spans,
    pub(super) include_groups: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PoetrySource {
    pub(super) url: Option<String>,
    pub(super) priority: Option<String>,
}

impl Project {
    /// Reads a project file from disk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is larger than 64 MB, or is no TOML with these tables in it.
    pub fn read(file: &Path) -> Result<Self, RequirementsError> {
        let shown = || file.display().to_string();
        let bytes = read_bounded(file).map_err(|error| {
            let problem = match error.kind() {
                std::io::ErrorKind::NotFound => Problem::Missing(shown()),
                _ => Problem::Io { path: shown(), error },
            };
            RequirementsError::new(Place::new(shown(), 0), problem, None)
        })?;
        Self::parse(file, &bytes)
    }

    /// Reads a project file from its bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// When it is no TOML with these tables in it. What they say of dependencies is read when it is asked for.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, RequirementsError> {
        let (source, fault) = SourceText::decode(file, bytes);
        let at = |fault: TextFault| wrong(&source, &(fault.at..fault.at), Fault::unreadable(0..0, fault.why));
        if let Some(fault) = fault {
            return Err(at(fault));
        }
        let document: Document = source.toml().map_err(at)?;
        let own = document.project.as_ref().and_then(|project| project.name.as_ref());
        let name = own.or(document.tool.poetry.as_ref().and_then(|poetry| poetry.name.as_ref()));
        Ok(Self {
            // A name that is none asks for nothing.
            name: name.and_then(|name| name.parse().ok()),
            pythons: pythons(&source, &document)?,
            source: source.into_owned(),
            document,
        })
    }

    /// Whether the file is about a project at all, and not the settings of tools only.
    #[must_use]
    pub fn is_project(&self) -> bool {
        let Document { project, dependency_groups, tool } = &self.document;
        let poetry = tool.poetry.as_ref();
        project.is_some() || !dependency_groups.is_empty() || poetry.is_some_and(|p| !p.dependencies.is_empty())
    }

    /// Whether the project is for the Python of a target.
    ///
    /// # Errors
    ///
    /// LP105, naming the line of `requires-python` or of Poetry's `python`.
    pub fn admits(&self, target: &Target) -> Result<(), RequirementsError> {
        let Some((pythons, span)) = &self.pythons else { return Ok(()) };
        let has = &target.runtime.python_full.value;
        // Specifiers speak of releases: `>=3.15` admits the release candidate that a preview runtime has.
        let release = has.only_release();
        let admits = match pythons {
            Pythons::Standard(specifiers) => specifiers.contains(&release),
            Pythons::Poetry(constraint) => constraint.admits(&release),
        };
        if admits {
            return Ok(());
        }
        let what = format!("the project is not for Python {has}, which {} has", target.runtime.name);
        let fault = Fault { problem: Problem::Python(what), span: 0..0, help: None };
        Err(self.wrong(span, fault.help("name a runtime that it is for with --runtime, or widen what the line says")))
    }

    /// The file, as it was named.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.source.file
    }

    pub(super) fn folder(&self) -> &Path {
        self.source.file.parent().unwrap_or(Path::new(""))
    }

    /// An error about a span of the file.
    pub(super) fn wrong(&self, span: &Range<usize>, fault: Fault) -> RequirementsError {
        wrong(&self.source, span, fault)
    }

    pub(crate) fn unreadable(&self, span: &Range<usize>, why: impl Into<String>) -> RequirementsError {
        self.wrong(span, Fault::unreadable(0..0, why))
    }

    pub(super) fn place(&self, at: usize) -> Place {
        self.source.place(at)
    }

    /// A requirement that stands in a string of the file.
    pub(super) fn requirement(&self, text: &str, span: &Range<usize>) -> Result<Requirement, RequirementsError> {
        Requirement::parse(text, &self.place(span.start), self.folder())
    }
}

fn wrong(source: &SourceText<'_>, span: &Range<usize>, fault: Fault) -> RequirementsError {
    let (raw, start) = source.raw_line(span.start);
    let bytes = start..(start + span.len()).min(raw.len());
    let spot = Spot { number: source.line(span.start), raw, bytes };
    RequirementsError::at(&source.file.display().to_string(), &spot, fault)
}

fn pythons(source: &SourceText<'_>, document: &Document) -> Result<Option<(Pythons, Range<usize>)>, RequirementsError> {
    let unreadable = |span: &Range<usize>, why: String| wrong(source, span, Fault::unreadable(0..0, why));
    if let Some(text) = document.project.as_ref().and_then(|project| project.requires_python.as_ref()) {
        let span = text.span();
        let specifiers = lenient_specifiers(text.get_ref()).map_err(|why| unreadable(&span, why))?;
        return Ok(Some((Pythons::Standard(specifiers), span)));
    }
    let python = document.tool.poetry.as_ref().and_then(|poetry| poetry.dependencies.get("python"));
    let Some(value) = python else { return Ok(None) };
    let span = value.span();
    let text = value.get_ref().as_str().ok_or_else(|| unreadable(&span, "`python` is a constraint".to_owned()))?;
    let constraint = text.parse::<PoetryConstraint>().map_err(|why| unreadable(&span, why))?;
    Ok(Some((Pythons::Poetry(constraint), span)))
}

//! `[tool.poetry]`: its dependencies as PEP 508 has them.
//! <https://python-poetry.org/docs/dependency-specification/>

use std::collections::BTreeSet;
use std::ops::Range;

use pep440_rs::VersionSpecifiers;
use toml::Spanned;
use wheel_tags::DistName;

use super::asked::{Asked, git_address};
use super::read::Spans;
use super::{PoetryConstraint, Project};
use crate::requirements::{Fault, IndexOptions, Located, Requirement, RequirementSource, RequirementsError, marker};

const LOCK_IT: &str = "lock it with `poetry lock`: layerpack reads poetry.lock";

/// A name, one of the dependencies that its line gives, and where that line stands.
type Entry<'a> = (DistName, &'a toml::Value, Range<usize>);

impl Project {
    /// The dependencies of the main group that are always wanted, or that one of these extras brings in.
    pub(super) fn poetry_main(&self, extra: Option<&BTreeSet<DistName>>) -> Result<Vec<Asked>, RequirementsError> {
        let mut found = Vec::new();
        for (name, value, span) in self.poetry_table(self.document.tool.poetry.iter().flat_map(|p| &p.dependencies))? {
            let wanted = |optional: bool| extra.map_or(!optional, |names| names.contains(&name));
            if wanted(self.read_dependency(&name, value, &span)?.optional) {
                found.push(self.poetry_requirement(&name, value, &span)?);
            }
        }
        Ok(found)
    }

    /// The dependencies of a group.
    pub(super) fn poetry_group(&self, table: &Spans) -> Result<Vec<Asked>, RequirementsError> {
        let dependencies = self.poetry_table(table)?;
        dependencies.iter().map(|(name, value, span)| self.poetry_requirement(name, value, span)).collect()
    }

    /// The names that an extra of Poetry brings in; `None` where there is no such extra.
    pub(super) fn poetry_extra(&self, extra: &DistName) -> Option<BTreeSet<DistName>> {
        let extras = &self.document.tool.poetry.as_ref()?.extras;
        let (_, names) = extras.iter().find(|(name, _)| name.parse().as_ref() == Ok(extra))?;
        Some(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// The dependencies of a table, one by one: a name may have several.
    pub(super) fn poetry_table<'a>(
        &self,
        table: impl IntoIterator<Item = (&'a String, &'a Spanned<toml::Value>)>,
    ) -> Result<Vec<Entry<'a>>, RequirementsError> {
        let mut found = Vec::new();
        for (name, value) in table.into_iter().filter(|(name, _)| *name != "python") {
            let span = value.span();
            let not_a_name = |_| self.unreadable(&span, format!("`{name}` is not a name"));
            let name: DistName = name.parse().map_err(not_a_name)?;
            match value.get_ref() {
                toml::Value::Array(several) => {
                    found.extend(several.iter().map(|one| (name.clone(), one, span.clone())));
                }
                one => found.push((name, one, span)),
            }
        }
        Ok(found)
    }

    pub(super) fn read_dependency<'a>(
        &self,
        name: &DistName,
        value: &'a toml::Value,
        span: &Range<usize>,
    ) -> Result<Dependency<'a>, RequirementsError> {
        Dependency::of(value).map_err(|why| self.unreadable(span, format!("{name}: {why}")))
    }

    fn poetry_requirement(
        &self,
        name: &DistName,
        value: &toml::Value,
        span: &Range<usize>,
    ) -> Result<Asked, RequirementsError> {
        let dependency = self.read_dependency(name, value, span)?;
        let refused = |what: String, help: &str| Err(self.wrong(span, Fault::unsupported(0..0, what, help)));
        let Some(specifiers) = dependency.constraint.specifiers() else {
            let what = format!("{name} may be of several ranges of versions, which no single requirement says");
            return refused(what, LOCK_IT);
        };
        let marker_text = dependency.marker_text();
        let marker = match &marker_text {
            None => pep508_rs::MarkerTree::TRUE,
            Some(text) => match marker::read_marker(text) {
                Ok((marker, None)) => marker,
                Ok((_, Some(ignored))) => {
                    let why = format!("{name}: the marker compares what cannot be compared: {}", ignored.0);
                    return Err(self.unreadable(span, why));
                }
                Err(fault) => return Err(self.unreadable(span, format!("{name}: {}", fault.problem))),
            },
        };
        let requirement = Requirement {
            name: name.clone(),
            text: shown(name, &dependency.extras, &specifiers, marker_text.as_deref()),
            extras: dependency.extras,
            specifiers,
            source: RequirementSource::Index,
            marker,
            hashes: Vec::new(),
            place: self.place(span.start),
        };
        let folder = dependency.subdirectory.map(|folder| format!("#subdirectory={folder}")).unwrap_or_default();
        let by_url = dependency.url.map(|url| format!("{url}{folder}"));
        match dependency.path.map(str::to_owned).or(by_url).or(value.as_table().and_then(git_address)) {
            Some(address) => self.met_by(requirement, &address, span),
            None => Ok(requirement.into()),
        }
    }

    /// Poetry's sources. PyPI is asked where no primary source is named; an explicit one serves only packages that are
    /// pinned to it. <https://python-poetry.org/docs/repositories/#project-configuration>
    pub(super) fn poetry_indexes(&self, options: &mut IndexOptions) {
        let Some(poetry) = &self.document.tool.poetry else { return };
        for source in &poetry.source {
            let Some(url) = &source.get_ref().url else { continue };
            let url = Located { value: url.clone(), place: self.place(source.span().start) };
            match source.get_ref().priority.as_deref() {
                Some("explicit") => {}
                Some("supplemental" | "secondary") => options.extra_index_urls.push(url),
                _ if options.index_url.is_none() => options.index_url = Some(url),
                _ => options.extra_index_urls.push(url),
            }
        }
    }
}

/// A requirement as PEP 508 would write it.
fn shown(name: &DistName, extras: &BTreeSet<DistName>, specifiers: &VersionSpecifiers, marker: Option<&str>) -> String {
    let mut text = name.to_string();
    if !extras.is_empty() {
        text = format!("{text}[{}]", extras.iter().map(DistName::as_str).collect::<Vec<_>>().join(","));
    }
    text.push_str(&specifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    match marker {
        None => text,
        Some(marker) => format!("{text} ; {marker}"),
    }
}

/// A dependency as Poetry's tables say it, in `pyproject.toml` and in `poetry.lock`.
pub(crate) struct Dependency<'a> {
    pub(crate) constraint: PoetryConstraint,
    pub(crate) extras: BTreeSet<DistName>,
    pub(crate) optional: bool,
    python: Option<PoetryConstraint>,
    platform: Option<&'a str>,
    markers: Option<&'a str>,
    subdirectory: Option<&'a str>,
    /// The index that it is pinned to.
    pub(super) source: Option<&'a str>,
    path: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> Dependency<'a> {
    /// Reads a constraint, or a table with one; the error is a fragment.
    pub(crate) fn of(value: &'a toml::Value) -> Result<Self, String> {
        let table = match value {
            toml::Value::String(text) => {
                let constraint = text.parse()?;
                return Ok(Self::plain(constraint));
            }
            toml::Value::Table(table) => table,
            _ => return Err("a dependency is a version constraint or a table".to_owned()),
        };
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
        let extras = table.get("extras").and_then(toml::Value::as_array).into_iter().flatten();
        let extra = |value: &toml::Value| {
            let name = value.as_str().unwrap_or_default();
            name.parse().map_err(|_| format!("`{name}` is not the name of an extra"))
        };
        Ok(Self {
            extras: extras.map(extra).collect::<Result<_, String>>()?,
            optional: table.get("optional").and_then(toml::Value::as_bool).unwrap_or_default(),
            python: text("python").map(str::parse).transpose()?,
            platform: text("platform"),
            markers: text("markers"),
            subdirectory: text("subdirectory"),
            source: text("source"),
            path: text("path").or(text("file")),
            url: text("url"),
            ..Self::plain(text("version").unwrap_or("*").parse()?)
        })
    }

    fn plain(constraint: PoetryConstraint) -> Self {
        Self {
            constraint,
            extras: BTreeSet::new(),
            optional: false,
            python: None,
            platform: None,
            markers: None,
            subdirectory: None,
            source: None,
            path: None,
            url: None,
        }
    }

    /// When it holds: `markers`, `python` and `platform` together, as a marker.
    pub(crate) fn marker_text(&self) -> Option<String> {
        let markers = self.markers.map(|markers| format!("({markers})"));
        let python = self.python.as_ref().and_then(PoetryConstraint::python_marker).map(|python| format!("({python})"));
        let platform = self.platform.map(|platform| format!("sys_platform == '{}'", platform.replace('\'', "")));
        let parts: Vec<String> = [markers, python, platform].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }
}

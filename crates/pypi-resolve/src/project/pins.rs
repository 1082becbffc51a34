//! Packages that come from one index and no other, and the names that a project has for indexes: `index` in
//! `[tool.uv.sources]`, `source` in Poetry's tables.

use std::collections::BTreeSet;

use pep508_rs::MarkerTree;
use toml::Spanned;
use wheel_tags::DistName;

use super::Project;
use crate::lock::Selection;
use crate::requirements::{Located, Place, RequirementsError, marker};

/// A package that comes from one index and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexPin {
    /// The package.
    pub name: DistName,
    /// The name of the index.
    pub index: String,
    /// On which environments it does.
    pub marker: MarkerTree,
    /// Where that stands.
    pub place: Place,
}

impl Project {
    /// The packages that are pinned to an index, with these extras and groups. A pin holds wherever the package is asked
    /// for, also by others.
    pub(super) fn index_pins(&self, selection: &Selection) -> Result<Vec<IndexPin>, RequirementsError> {
        let mut pins = Vec::new();
        for (name, value) in self.document.tool.uv.iter().flat_map(|uv| &uv.sources) {
            let Ok(package) = name.parse::<DistName>() else { continue };
            for table in entries(value) {
                let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
                let Some(index) = text("index") else { continue };
                if asked(text("extra"), &selection.extras) && asked(text("group"), &selection.groups) {
                    let marker = self.source_marker(&package, table, value)?;
                    let place = self.place(value.span().start);
                    pins.push(IndexPin { name: package.clone(), index: index.to_owned(), marker, place });
                }
            }
        }
        self.poetry_pins(&mut pins);
        Ok(pins)
    }

    /// The indexes that the project names, as name and URL.
    pub(super) fn named_indexes(&self) -> Vec<(String, Located<String>)> {
        let tools = &self.document.tool;
        let uv = tools.uv.iter().flat_map(|uv| &uv.index);
        let uv =
            uv.filter_map(|index| Some((index.get_ref().name.as_ref()?, index.get_ref().url.clone(), index.span())));
        let poetry = tools.poetry.iter().flat_map(|poetry| &poetry.source);
        let poetry = poetry
            .filter_map(|source| Some((source.get_ref().name.as_ref()?, source.get_ref().url.clone()?, source.span())));
        uv.chain(poetry)
            .map(|(name, url, span)| (name.clone(), Located { value: url, place: self.place(span.start) }))
            .collect()
    }

    /// The marker of an entry of `[tool.uv.sources]`.
    pub(super) fn source_marker(
        &self,
        name: &DistName,
        table: &toml::Table,
        value: &Spanned<toml::Value>,
    ) -> Result<MarkerTree, RequirementsError> {
        let Some(text) = table.get("marker").and_then(toml::Value::as_str) else { return Ok(MarkerTree::TRUE) };
        match marker::read_marker(text) {
            Ok((marker, None)) => Ok(marker),
            Ok((_, Some(ignored))) => {
                let why = format!("the source of {name}: the marker compares what cannot be compared: {}", ignored.0);
                Err(self.unreadable(&value.span(), why))
            }
            Err(fault) => Err(self.unreadable(&value.span(), format!("the source of {name}: {}", fault.problem))),
        }
    }

    /// Those of all of Poetry's tables: it locks all groups together. What cannot be read is told of where it is wanted.
    fn poetry_pins(&self, pins: &mut Vec<IndexPin>) {
        let Some(poetry) = &self.document.tool.poetry else { return };
        let groups = poetry.group.values().map(|group| &group.dependencies);
        for table in [&poetry.dependencies, &poetry.dev_dependencies].into_iter().chain(groups) {
            for (name, value, span) in self.poetry_table(table).into_iter().flatten() {
                let Ok(dependency) = self.read_dependency(&name, value, &span) else { continue };
                let Some(index) = dependency.source else { continue };
                let marker = dependency.marker_text().and_then(|text| Some(marker::read_marker(&text).ok()?.0));
                pins.push(IndexPin {
                    name,
                    index: index.to_owned(),
                    marker: marker.unwrap_or(MarkerTree::TRUE),
                    place: self.place(span.start),
                });
            }
        }
    }
}

/// The sources of a package: a table, or several.
pub(super) fn entries(value: &Spanned<toml::Value>) -> impl Iterator<Item = &toml::Table> {
    let entries = match value.get_ref() {
        toml::Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    entries.iter().filter_map(toml::Value::as_table)
}

/// Whether what an entry holds for is asked for.
fn asked(name: Option<&str>, names: &BTreeSet<DistName>) -> bool {
    name.is_none_or(|name| name.parse().is_ok_and(|name| names.contains(&name)))
}

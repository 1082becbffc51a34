//! Dependency groups: PEP 735, Poetry's, and what uv had before. Names are compared normalised.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use wheel_tags::DistName;

use super::Project;
use super::asked::Asked;
use super::read::Spans;
use crate::requirements::{Place, Problem, RequirementsError};

/// Groups inside groups.
const DEEPEST: usize = 64;

/// What a group holds.
pub(super) enum Line<'a> {
    /// A requirement, and where it stands.
    Text(&'a str, Range<usize>),
    /// A table of Poetry's.
    Poetry(&'a Spans),
}

/// What one group is made of, in each tool's words.
#[derive(Default)]
struct Parts<'a> {
    standard: Vec<&'a [Spanned<toml::Value>]>,
    uv: &'a [Spanned<String>],
    poetry: Vec<&'a Spans>,
    poetry_includes: Vec<&'a [Spanned<String>]>,
}

impl Project {
    /// What these groups ask for, with the groups that they include; each counts once.
    pub(super) fn of_groups(&self, names: &BTreeSet<DistName>) -> Result<Vec<Asked>, RequirementsError> {
        let mut found = Vec::new();
        for line in self.group_lines(names)? {
            match line {
                Line::Text(text, span) => found.extend(self.with_its_sources(self.dependency(text, &span)?)?),
                Line::Poetry(table) => found.extend(self.poetry_group(table)?),
            }
        }
        Ok(found)
    }

    /// The names of all groups.
    pub(crate) fn group_names(&self) -> BTreeSet<DistName> {
        self.groups().into_keys().collect()
    }

    /// The lines of these groups and of those that they include.
    pub(super) fn group_lines(&self, names: &BTreeSet<DistName>) -> Result<Vec<Line<'_>>, RequirementsError> {
        let (groups, open, found) = (self.groups(), Vec::new(), Vec::new());
        let done = BTreeSet::new();
        let mut reader = Reader { project: self, groups: &groups, open, done, found };
        for name in names {
            if !groups.contains_key(name) {
                return Err(self.unlisted("group", name, groups.keys()));
            }
            reader.add(name, &(0..0))?;
        }
        Ok(reader.found)
    }

    /// Every group by its normalised name. What is no name cannot be asked for.
    fn groups(&self) -> BTreeMap<DistName, Parts<'_>> {
        let mut groups: BTreeMap<DistName, Parts<'_>> = BTreeMap::new();
        for (name, items) in &self.document.dependency_groups {
            if let Ok(name) = name.parse() {
                groups.entry(name).or_default().standard.push(items);
            }
        }
        let uv = self.document.tool.uv.as_ref().map(|uv| uv.dev_dependencies.as_slice()).unwrap_or_default();
        let poetry = self.document.tool.poetry.as_ref();
        let poetry_dev = poetry.map(|poetry| &poetry.dev_dependencies).filter(|table| !table.is_empty());
        if let (Ok(dev), true) = ("dev".parse(), !uv.is_empty() || poetry_dev.is_some()) {
            let parts = groups.entry(dev).or_default();
            parts.uv = uv;
            parts.poetry.extend(poetry_dev);
        }
        for (name, group) in poetry.into_iter().flat_map(|poetry| &poetry.group) {
            if let Ok(name) = name.parse() {
                let parts = groups.entry(name).or_default();
                parts.poetry.push(&group.dependencies);
                parts.poetry_includes.push(&group.include_groups);
            }
        }
        groups
    }

    /// An extra or group that was asked for and is not there.
    pub(super) fn unlisted<'a>(
        &self,
        what: &'static str,
        name: &DistName,
        there: impl Iterator<Item = &'a DistName>,
    ) -> RequirementsError {
        let problem = Problem::Unlisted { what, name: name.to_string() };
        let there: Vec<&str> = there.map(DistName::as_str).collect();
        let help = if there.is_empty() { "it has none".to_owned() } else { format!("it has {}", there.join(", ")) };
        let place = Place::new(self.file().display().to_string(), 0);
        RequirementsError::new(place, problem, Some(&help))
    }
}

/// A way through the groups of a project.
struct Reader<'a, 'g> {
    project: &'a Project,
    groups: &'g BTreeMap<DistName, Parts<'a>>,
    /// The groups that are being read, outermost first.
    open: Vec<DistName>,
    done: BTreeSet<DistName>,
    found: Vec<Line<'a>>,
}

impl<'a> Reader<'a, '_> {
    /// Adds a group; `at` is where it is included.
    fn add(&mut self, name: &DistName, at: &Range<usize>) -> Result<(), RequirementsError> {
        if let Some(start) = self.open.iter().position(|other| other == name) {
            let circle: Vec<&str> = self.open.iter().skip(start).chain([name]).map(DistName::as_str).collect();
            let why = format!("the group includes itself: {}", circle.join(" includes "));
            return Err(self.project.unreadable(at, why));
        }
        let Some(parts) = self.groups.get(name) else {
            return Err(self.project.unreadable(at, format!("there is no group `{name}`")));
        };
        if !self.done.insert(name.clone()) {
            return Ok(());
        }
        if self.open.len() >= DEEPEST {
            return Err(self.project.unreadable(at, format!("more than {DEEPEST} groups inside each other")));
        }
        self.open.push(name.clone());
        for item in parts.standard.iter().copied().flatten() {
            self.add_item(item)?;
        }
        self.found.extend(parts.uv.iter().map(|text| Line::Text(text.get_ref(), text.span())));
        self.found.extend(parts.poetry.iter().copied().map(Line::Poetry));
        for include in parts.poetry_includes.iter().copied().flatten() {
            self.include(include.get_ref(), &include.span())?;
        }
        self.open.pop();
        Ok(())
    }

    /// PEP 735: a requirement, or a table with `include-group` and nothing else.
    fn add_item(&mut self, item: &'a Spanned<toml::Value>) -> Result<(), RequirementsError> {
        let span = item.span();
        match item.get_ref() {
            toml::Value::String(text) => self.found.push(Line::Text(text, span)),
            toml::Value::Table(table) if table.len() == 1 => match table.get("include-group") {
                Some(toml::Value::String(name)) => self.include(name, &span)?,
                _ => return Err(self.strange(&span)),
            },
            _ => return Err(self.strange(&span)),
        }
        Ok(())
    }

    fn include(&mut self, name: &str, span: &Range<usize>) -> Result<(), RequirementsError> {
        let not_a_name = |_| self.project.unreadable(span, format!("`{name}` is not the name of a group"));
        self.add(&name.parse().map_err(not_a_name)?, span)
    }

    fn strange(&self, span: &Range<usize>) -> RequirementsError {
        self.project.unreadable(span, "a group holds requirements and { include-group = \"NAME\" }")
    }
}

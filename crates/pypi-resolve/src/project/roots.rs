//! What a project asks for, as the beginning of a walk through a lock of Poetry 1: whether a layer could be built from
//! it or not, and without choosing versions.

use std::collections::BTreeSet;
use std::ops::Range;

use wheel_tags::DistName;

use super::Project;
use super::constraint::PoetryConstraint;
use super::groups::Line;
use super::read::Spans;
use crate::requirements::{Requirement, RequirementsError};

/// One thing that the project asks for.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) name: DistName,
    pub(crate) constraint: PoetryConstraint,
    pub(crate) extras: BTreeSet<DistName>,
    /// Only an extra of the project brings it in.
    pub(crate) optional: bool,
    pub(crate) marker: Option<String>,
    /// Where it stands.
    pub(crate) span: Range<usize>,
}

impl Project {
    /// The main group and these groups.
    pub(crate) fn poetry_roots(&self, groups: &BTreeSet<DistName>) -> Result<Vec<Root>, RequirementsError> {
        let mut roots = Vec::new();
        let standard = self.document.project.as_ref().and_then(|project| project.dependencies.as_ref());
        for text in standard.into_iter().flatten() {
            roots.push(self.root(text.get_ref(), text.span())?);
        }
        if let Some(poetry) = self.document.tool.poetry.as_ref().filter(|_| standard.is_none()) {
            self.add_roots(&poetry.dependencies, &mut roots)?;
        }
        for line in self.group_lines(groups)? {
            match line {
                Line::Text(text, span) => roots.push(self.root(text, span)?),
                Line::Poetry(table) => self.add_roots(table, &mut roots)?,
            }
        }
        Ok(roots)
    }

    fn add_roots(&self, table: &Spans, roots: &mut Vec<Root>) -> Result<(), RequirementsError> {
        for (name, value, span) in self.poetry_table(table)? {
            let dependency = self.read_dependency(&name, value, &span)?;
            roots.push(Root {
                marker: dependency.marker_text(),
                name,
                constraint: dependency.constraint,
                extras: dependency.extras,
                optional: dependency.optional,
                span,
            });
        }
        Ok(())
    }

    fn root(&self, text: &str, span: Range<usize>) -> Result<Root, RequirementsError> {
        let requirement = Requirement::parse_dist(text).map_err(|why| self.unreadable(&span, why))?;
        Ok(Root {
            name: requirement.name,
            constraint: PoetryConstraint::of(requirement.specifiers),
            extras: requirement.extras,
            optional: false,
            marker: requirement.marker.try_to_string(),
            span,
        })
    }
}

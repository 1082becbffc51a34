//! What a project file literally asks for, whether a layer could be built from it or not: what a lock is held against.

use std::collections::BTreeSet;
use std::ops::Range;

use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;
use toml::Spanned;
use wheel_tags::DistName;

use super::groups::Line;
use super::{Project, Pythons};
use crate::requirements::{Requirement, RequirementsError, marker};

/// One requirement of the file.
#[derive(Debug)]
pub(crate) struct Stated {
    pub(crate) requirement: Requirement,
    /// When it holds, with `extra == '…'` where an extra brings it in.
    pub(crate) marker: MarkerTree,
}

/// What `[tool.uv]` says of all members of a workspace.
#[derive(Debug, Default)]
pub(crate) struct StatedToUv {
    pub(crate) constraints: Vec<Stated>,
    pub(crate) overrides: Vec<Stated>,
    pub(crate) excludes: BTreeSet<DistName>,
}

impl Project {
    /// All that `[project]` asks for, its extras too; `None` where only a build backend knows.
    pub(crate) fn stated(&self) -> Result<Option<Vec<Stated>>, RequirementsError> {
        let Some(project) = &self.document.project else { return Ok(None) };
        let dynamic = project.dynamic.as_ref().map(|dynamic| dynamic.get_ref().as_slice()).unwrap_or_default();
        if dynamic.iter().any(|key| key == "dependencies" || key == "optional-dependencies") {
            return Ok(None);
        }
        let mut stated = Vec::new();
        for text in project.dependencies.iter().flatten() {
            stated.push(self.one(text.get_ref(), &text.span(), None)?);
        }
        for (extra, texts) in &project.optional_dependencies {
            for text in texts {
                stated.push(self.one(text.get_ref(), &text.span(), extra.parse().ok().as_ref())?);
            }
        }
        Ok(Some(stated))
    }

    /// What a group asks for in the words of PEP 735 or uv.
    ///
    /// # Errors
    ///
    /// Where there is no such group, or a line cannot be read.
    pub(crate) fn stated_group(&self, name: &DistName) -> Result<Vec<Stated>, RequirementsError> {
        let lines = self.group_lines(&BTreeSet::from([name.clone()]))?;
        let texts = lines.into_iter().filter_map(|line| match line {
            Line::Text(text, span) => Some((text, span)),
            Line::Poetry(_) => None,
        });
        texts.map(|(text, span)| self.one(text, &span, None)).collect()
    }

    /// The constraints, overrides and exclusions of `[tool.uv]`.
    pub(crate) fn stated_to_uv(&self) -> Result<StatedToUv, RequirementsError> {
        let Some(uv) = &self.document.tool.uv else { return Ok(StatedToUv::default()) };
        let all = |lines: &[Spanned<String>]| -> Result<Vec<Stated>, RequirementsError> {
            lines.iter().map(|line| self.one(line.get_ref(), &line.span(), None)).collect()
        };
        let excludes = all(&uv.exclude_dependencies)?.into_iter().map(|one| one.requirement.name).collect();
        let constraints = all(&uv.constraint_dependencies)?;
        Ok(StatedToUv { constraints, overrides: all(&uv.override_dependencies)?, excludes })
    }

    /// `requires-python` of `[project]`.
    pub(crate) fn requires_python(&self) -> Option<&VersionSpecifiers> {
        match &self.pythons {
            Some((Pythons::Standard(specifiers), _)) => Some(specifiers),
            _ => None,
        }
    }

    /// Whether `[tool.uv.sources]` says where a package comes from.
    pub(crate) fn has_uv_source(&self, name: &DistName) -> bool {
        let sources = self.document.tool.uv.iter().flat_map(|uv| uv.sources.keys());
        sources.into_iter().any(|source| source.parse().as_ref() == Ok(name))
    }

    /// Addresses are read, not judged.
    fn one(&self, text: &str, span: &Range<usize>, extra: Option<&DistName>) -> Result<Stated, RequirementsError> {
        let mut requirement = Requirement::parse_dist(text).map_err(|why| self.unreadable(span, why))?;
        requirement.place = self.place(span.start);
        let mut marker = requirement.marker.clone();
        if let Some(extra) = extra {
            let asked = marker::read_marker(&format!("extra == '{extra}'"));
            let (asked, _) = asked.map_err(|fault| self.unreadable(span, fault.problem.to_string()))?;
            marker.and(asked);
        }
        Ok(Stated { requirement, marker })
    }
}

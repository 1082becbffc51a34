//! What is wanted of a project: its dependencies, with the extras and groups that were asked for.

use std::collections::BTreeSet;

use toml::Spanned;
use wheel_tags::DistName;

use super::{Project, ProjectWants};
use crate::lock::Selection;
use crate::requirements::{Fault, IndexOptions, Requirement, RequirementsError, RequirementsFile};

impl Project {
    /// The requirements of the project with these extras and groups, what limits and replaces them, and where packages
    /// come from.
    ///
    /// # Errors
    ///
    /// A line that cannot be read, an extra or group that is not there, and what a layer cannot be built from:
    /// dependencies that only a build backend knows, version control, folders, and packages that are pinned to an index.
    pub fn wants(&self, selection: &Selection) -> Result<ProjectWants, RequirementsError> {
        let mut requirements = self.main()?;
        let mut done = BTreeSet::new();
        let mut extras: Vec<DistName> = selection.extras.iter().cloned().collect();
        // `all = ["this-project[aws,gcp]"]` means the extras of this very project.
        let own = |found: Vec<Requirement>, extras: &mut Vec<DistName>| -> Vec<Requirement> {
            let is_own = |requirement: &Requirement| Some(&requirement.name) == self.name.as_ref();
            let (own, others): (Vec<Requirement>, _) = found.into_iter().partition(is_own);
            extras.extend(own.into_iter().flat_map(|requirement| requirement.extras));
            others
        };
        requirements = own(requirements, &mut extras);
        for requirement in self.of_groups(&selection.groups)? {
            requirements.extend(own(vec![requirement], &mut extras));
        }
        while let Some(extra) = extras.pop() {
            if done.insert(extra.clone()) {
                let found = self.extra(&extra)?;
                requirements.extend(own(found, &mut extras));
            }
        }

        let mut options = IndexOptions::default();
        self.uv_indexes(&mut options);
        self.poetry_indexes(&mut options);
        let uv = self.document.tool.uv.as_ref();
        let all = |lines: Option<&Vec<Spanned<String>>>| {
            lines
                .into_iter()
                .flatten()
                .map(|line| self.requirement(line.get_ref(), &line.span()))
                .collect::<Result<Vec<_>, _>>()
        };
        let constraints = all(uv.map(|uv| &uv.constraint_dependencies))?;
        let overrides = all(uv.map(|uv| &uv.override_dependencies))?;
        let file = RequirementsFile { requirements, constraints, options, ignored: Vec::new() };
        let excludes = all(uv.map(|uv| &uv.exclude_dependencies))?.into_iter().map(|line| line.name).collect();
        Ok(ProjectWants { file, overrides, excludes })
    }

    /// The dependencies that are always wanted.
    fn main(&self) -> Result<Vec<Requirement>, RequirementsError> {
        let standard = self.document.project.as_ref();
        let Some(dependencies) = standard.and_then(|project| project.dependencies.as_ref()) else {
            let dynamic = standard.and_then(|project| project.dynamic.as_ref());
            let named = dynamic.filter(|dynamic| dynamic.get_ref().iter().any(|key| key == "dependencies"));
            if let (Some(dynamic), true) = (named, self.document.tool.poetry.is_none()) {
                let what = "the dependencies are dynamic, and only the project's build backend knows them";
                let help = "write them under [project], or lock them with `uv lock`: layerpack reads uv.lock";
                return Err(self.wrong(&dynamic.span(), Fault::unsupported(0..0, what, help)));
            }
            return self.poetry_main(None);
        };
        // Where `[project]` has them, Poetry's table only says where they come from.
        self.poetry_main(None)?;
        dependencies.iter().map(|text| self.with_its_source(self.requirement(text.get_ref(), &text.span())?)).collect()
    }

    /// What an extra adds.
    fn extra(&self, extra: &DistName) -> Result<Vec<Requirement>, RequirementsError> {
        let standard = self.document.project.as_ref().map(|project| &project.optional_dependencies);
        let same = |name: &str| name.parse().as_ref() == Ok(extra);
        if let Some((_, texts)) = standard.into_iter().flatten().find(|(name, _)| same(name)) {
            return texts
                .iter()
                .map(|text| self.with_its_source(self.requirement(text.get_ref(), &text.span())?))
                .collect();
        }
        if let Some(names) = self.poetry_extra(extra) {
            return self.poetry_main(Some(&names));
        }
        let poetry = self.document.tool.poetry.as_ref().map(|poetry| &poetry.extras);
        let names =
            standard.into_iter().flat_map(|extras| extras.keys()).chain(poetry.into_iter().flat_map(|e| e.keys()));
        let there: BTreeSet<DistName> = names.filter_map(|name| name.parse().ok()).collect();
        Err(self.unlisted("extra", extra, there.iter()))
    }
}

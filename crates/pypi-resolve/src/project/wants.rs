//! What is wanted of a project: its dependencies, with the extras and groups that were asked for.

use std::collections::BTreeSet;

use toml::Spanned;
use wheel_tags::DistName;

use super::asked::Asked;
use super::{Project, ProjectWants};
use crate::lock::Selection;
use crate::requirements::{Fault, IndexOptions, RequirementsError, RequirementsFile};

impl Project {
    /// The requirements of the project with these extras and groups, what limits and replaces them, and where packages
    /// come from.
    ///
    /// # Errors
    ///
    /// A line that cannot be read, an extra or group that is not there, and what a layer cannot be built from:
    /// dependencies that only a build backend knows.
    pub fn wants(&self, selection: &Selection) -> Result<ProjectWants, RequirementsError> {
        let selection = &selection.among(&self.extra_names(), &self.group_names());
        let mut asked = self.main()?;
        let mut done = BTreeSet::new();
        let mut extras: Vec<DistName> = selection.extras.iter().cloned().collect();
        // `all = ["this-project[aws,gcp]"]` means the extras of this very project.
        let own = |found: Vec<Asked>, extras: &mut Vec<DistName>| -> Vec<Asked> {
            let is_own = |asked: &Asked| self.name.is_some() && asked.name() == self.name.as_ref();
            let (own, others): (Vec<Asked>, _) = found.into_iter().partition(is_own);
            extras.extend(own.into_iter().flat_map(|asked| match asked {
                Asked::Wheel(requirement) => requirement.extras,
                Asked::Source(source, _) => source.extras,
            }));
            others
        };
        asked = own(asked, &mut extras);
        asked.extend(own(self.of_groups(&selection.groups)?, &mut extras));
        while let Some(extra) = extras.pop() {
            if done.insert(extra.clone()) {
                let found = self.extra(&extra)?;
                asked.extend(own(found, &mut extras));
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
        let mut file = RequirementsFile { constraints, options, ..RequirementsFile::default() };
        let mut unbuilt = Vec::new();
        for asked in asked {
            match asked {
                Asked::Wheel(requirement) => file.requirements.push(*requirement),
                Asked::Source(source, refusal) => {
                    file.sources.push(*source);
                    unbuilt.push(refusal);
                }
            }
        }
        let excludes = all(uv.map(|uv| &uv.exclude_dependencies))?.into_iter().map(|line| line.name).collect();
        let (pins, indexes) = (self.index_pins(selection)?, self.named_indexes());
        Ok(ProjectWants { file, unbuilt, overrides, excludes, pins, indexes })
    }

    /// The dependencies that are always wanted.
    fn main(&self) -> Result<Vec<Asked>, RequirementsError> {
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
        self.all_with_their_sources(dependencies)
    }

    fn all_with_their_sources(&self, texts: &[Spanned<String>]) -> Result<Vec<Asked>, RequirementsError> {
        let mut found = Vec::new();
        for text in texts {
            found.extend(self.with_its_sources(self.dependency(text.get_ref(), &text.span())?)?);
        }
        Ok(found)
    }

    /// What an extra adds.
    fn extra(&self, extra: &DistName) -> Result<Vec<Asked>, RequirementsError> {
        let standard = self.document.project.as_ref().map(|project| &project.optional_dependencies);
        let same = |name: &str| name.parse().as_ref() == Ok(extra);
        if let Some((_, texts)) = standard.into_iter().flatten().find(|(name, _)| same(name)) {
            return self.all_with_their_sources(texts);
        }
        if let Some(names) = self.poetry_extra(extra) {
            return self.poetry_main(Some(&names));
        }
        Err(self.unlisted("extra", extra, self.extra_names().iter()))
    }

    /// The names of all extras.
    fn extra_names(&self) -> BTreeSet<DistName> {
        let standard = self.document.project.iter().flat_map(|project| project.optional_dependencies.keys());
        let poetry = self.document.tool.poetry.iter().flat_map(|poetry| poetry.extras.keys());
        standard.chain(poetry).filter_map(|name| name.parse().ok()).collect()
    }
}

//! What one dependency of a project turns out to ask for: versions or a wheel, or something that has to be built.

use std::ops::Range;

use pep440_rs::VersionSpecifiers;
use wheel_tags::DistName;

use super::Project;
use crate::requirements::address::{Named, WebWheel, named};
use crate::requirements::{
    Base, Fault, HashDigest, ReadOne, Requirement, RequirementSource, RequirementsError, SourceRequirement, read_one,
};

/// A dependency.
#[derive(Debug)]
pub(super) enum Asked {
    Wheel(Box<Requirement>),
    /// With the refusal where nothing is built.
    Source(Box<SourceRequirement>, RequirementsError),
}

impl Asked {
    pub(super) fn name(&self) -> Option<&DistName> {
        match self {
            Self::Wheel(requirement) => Some(&requirement.name),
            Self::Source(source, _) => source.name.as_ref(),
        }
    }
}

impl From<Requirement> for Asked {
    fn from(requirement: Requirement) -> Self {
        Self::Wheel(Box::new(requirement))
    }
}

impl Project {
    /// A dependency that stands in a string of the file.
    pub(super) fn dependency(&self, text: &str, span: &Range<usize>) -> Result<Asked, RequirementsError> {
        match read_one(text, &self.place(span.start), self.folder())? {
            ReadOne::Wheel(requirement) => Ok(Asked::Wheel(requirement)),
            ReadOne::Source(source, refusal) => Ok(Asked::Source(source, refusal)),
        }
    }

    /// The requirement, met by what an address names.
    pub(super) fn met_by(
        &self,
        requirement: Requirement,
        address: &str,
        span: &Range<usize>,
    ) -> Result<Asked, RequirementsError> {
        let name = requirement.name.clone();
        let (filename, source, sha256) = match named(address, Base::Folder(self.folder()), 0..0)
            .map_err(|fault| self.wrong(span, fault))?
        {
            Named::Local(wheel) => (wheel.filename, RequirementSource::Path(wheel.path), wheel.sha256),
            Named::Web(wheel) => {
                let WebWheel { url, filename, fragment } = *wheel;
                (filename, RequirementSource::Url { url, sha256: fragment.sha256 }, fragment.sha256)
            }
            Named::Source { tree, refusal, .. } => {
                let Requirement { extras, marker, place, text, .. } = requirement;
                let help = format!(
                    "build a wheel with `pip wheel --no-deps` and let the project name its path; or have uv or pip build \
                         it here: --build {name}"
                );
                let refusal = Fault { help: Some(help), ..refusal };
                let (name, hashes) = (Some(name), Vec::new());
                let source = SourceRequirement { name, extras, marker, tree: *tree, hashes, place, text };
                return Ok(Asked::Source(Box::new(source), self.wrong(span, refusal)));
            }
        };
        if filename.name != name {
            return Err(self.unreadable(span, format!("the wheel is one of {}, not of {name}", filename.name)));
        }
        let mut requirement = Requirement { source, specifiers: VersionSpecifiers::empty(), ..requirement };
        requirement.hashes.extend(sha256.map(HashDigest::Sha256));
        Ok(requirement.into())
    }
}

/// The address of a repository as pip writes it, out of what uv's and Poetry's tables say.
pub(super) fn git_address(table: &toml::Table) -> Option<String> {
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
    let url = text("git")?;
    let url = url.strip_prefix("git+").unwrap_or(url);
    let revision = ["rev", "tag", "branch"].into_iter().find_map(text);
    let revision = revision.map(|revision| format!("@{revision}")).unwrap_or_default();
    let subdirectory = text("subdirectory").map(|folder| format!("#subdirectory={folder}")).unwrap_or_default();
    Some(format!("git+{url}{revision}{subdirectory}"))
}

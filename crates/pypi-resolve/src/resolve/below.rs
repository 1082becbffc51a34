//! What layers below bring: versions that are settled already, and packages that are not packed again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_compat::{Code, Target};
use pep440_rs::Version;
use wheel_archive::{Metadata, Sha256, with_slashes};
use wheel_tags::{DistName, WheelFilename};

use super::candidate::Files;
use super::error::{Report, ResolveError};
use super::versions::admits;
use super::wants::{LocalWheel, Wants};
use crate::index::IndexFile;
use crate::requirements::{Requirement, marker_environment};

/// A distribution that a layer below has.
#[derive(Debug, Clone)]
pub struct BelowPackage {
    /// Its project.
    pub name: DistName,
    /// The version that is there.
    pub version: Version,
    /// Where its extras are to be learned from.
    pub metadata: BelowMetadata,
    /// The layer that has it, as messages call it.
    pub layer: String,
}

/// Where it says which extras a package of a layer below has, and what they require.
#[derive(Debug, Clone)]
pub enum BelowMetadata {
    /// What its METADATA says.
    Read(Arc<Metadata>),
    /// The file of an index that it came from: it is asked where an extra is wanted, and only then.
    Listed(Box<IndexFile>),
    /// Nobody knows.
    Unknown,
}

impl BelowPackage {
    /// The one version, as the search chooses it: it fits every target, since it is there.
    pub(super) fn files(&self) -> Files {
        let metadata = match &self.metadata {
            BelowMetadata::Listed(file) => return Files::Url(file.clone()),
            BelowMetadata::Read(metadata) => Some(metadata),
            BelowMetadata::Unknown => None,
        };
        let (name, version) = (self.name.as_str().replace('-', "_"), &self.version);
        let Ok(filename) = format!("{name}-{version}-py3-none-any.whl").parse() else {
            return Files::Local(Vec::new());
        };
        let metadata = Metadata {
            name: self.name.clone(),
            version: self.version.clone(),
            requires_python: None,
            unreadable_requires_python: None,
            requires_dist: metadata.map(|known| known.requires_dist.clone()).unwrap_or_default(),
            extras: metadata.map(|known| known.extras.clone()).unwrap_or_default(),
        };
        Files::Local(vec![LocalWheel {
            path: PathBuf::from(&self.layer),
            filename,
            sha256: Sha256::of(&[]),
            size: 0,
            metadata: Arc::new(metadata),
        }])
    }

    /// LP303 where a wheel at this path is of the project, in another version.
    #[must_use]
    pub fn refuses(&self, path: &Path, wheel: &WheelFilename) -> Option<Report> {
        let differs = wheel.name == self.name && wheel.version != self.version;
        differs.then(|| {
            let (path, version) = (with_slashes(path), &wheel.version);
            let message = format!("{path} is {} {version}, and {}, below, has {}", self.name, self.layer, self.version);
            Report::new(Code::Conflict, message).about(Some(&self.name)).help(Some(self.help()))
        })
    }

    /// What is said where another version is asked for.
    pub(super) fn help(&self) -> String {
        format!(
            "the layers of a function share one {}: change what is asked for, or have {} take a version that both allow, and \
             lock and build it again",
            self.name, self.layer
        )
    }
}

/// By name; of one that several have, the last layer's, whose files Lambda unpacks over the others'.
pub(super) fn by_name(below: &[BelowPackage]) -> BTreeMap<DistName, BelowPackage> {
    below.iter().map(|package| (package.name.clone(), package.clone())).collect()
}

/// Refuses local wheels that a layer below has in another version.
pub(super) fn refuse_others(
    local: &[LocalWheel],
    below: &BTreeMap<DistName, BelowPackage>,
) -> Result<(), ResolveError> {
    let clash = local.iter().find_map(|wheel| below.get(&wheel.filename.name)?.refuses(&wheel.path, &wheel.filename));
    clash.map_or(Ok(()), |report| Err(report.into()))
}

impl Wants {
    /// The package of this name in the layers below.
    #[must_use]
    pub fn there_below(&self, name: &DistName) -> Option<&BelowPackage> {
        self.below.iter().rev().find(|package| package.name == *name)
    }

    /// Refuses the first requirement line that asks for another version than a layer below has.
    ///
    /// # Errors
    /// LP303, with the line and the layer.
    pub fn agree_with_below(&self, target: &Target) -> Result<(), ResolveError> {
        let environment = marker_environment(target);
        let overridden = |line: &Requirement| self.overrides.iter().any(|other| other.name == line.name);
        let lines = self.requirements.iter().filter(|line| line.marker.evaluate(&environment, &[]));
        for line in lines.filter(|line| !overridden(line) && !self.excludes.contains(&line.name)) {
            if let Some(there) = self.there_below(&line.name).filter(|there| !admits(&line.specifiers, &there.version))
            {
                let message = format!(
                    "{} asks for {}, and {}, below, has {}",
                    line.place,
                    line.wanted(),
                    there.layer,
                    there.version
                );
                return Err(Report::new(Code::Conflict, message).help(Some(there.help())).into());
            }
        }
        refuse_others(&self.local, &by_name(&self.below))
    }
}

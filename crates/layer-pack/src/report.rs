//! What a layer holds, as JSON beside it: for people, for `diff` and `size`, and for the next build to know its own
//! work again.
//!
//! Nothing in it depends on the time, the machine or where on it the layer was built, so that equal layers have equal
//! reports.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use lambda_compat::{Arch, Finding, RuntimeName};
use serde::{Deserialize, Serialize};
use wheel_archive::{FileAt, Sha256};
use wheel_tags::{DistName, Version, WheelFilename};

use crate::{Kept, LayerPath, LayerPlan, Layout, SlimRule, Slimmed, Tally, Weight, Written, WrittenTree};

/// The one format there is.
const SCHEMA: u32 = 1;

/// What one layer holds, for one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    schema: u32,
    /// The layer's name.
    pub name: String,
    /// The runtime it was built for.
    pub runtime: RuntimeName,
    /// The architecture it was built for.
    pub arch: Arch,
    /// Layer or function.
    #[serde(default)]
    pub kind: Layout,
    /// Bytes, unpacked.
    pub unzipped: u64,
    /// Bytes of the zip.
    pub zipped: u64,
    /// The files of the layer's source.
    pub own_files: Tally,
    /// The distributions, by name.
    pub packages: Vec<ReportPackage>,
    /// What was written, in the order in which it was asked for.
    pub outputs: Vec<Output>,
    /// The command of the AWS CLI that publishes the zip, to be run where the report lies; none without a zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<String>,
    /// What slimming took out, rule by rule; empty where no rule was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slimmed: Vec<ReportSlimmed>,
    /// What slimming left in place though a rule has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<ReportKept>,
    /// The distributions that were left to the runtime's AWS SDK, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_to_runtime: Vec<LeftToRuntime>,
    /// Distributions of which an older version was taken, by name.
    pub held_back: Vec<HeldBack>,
    /// The layers that the function has below this one, the lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<ReportBelow>,
    /// What was found, sorted.
    pub findings: Vec<Finding>,
    /// Every file, sorted by the bytes of its path.
    pub files: Vec<ReportFile>,
}

/// One distribution of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPackage {
    /// The distribution.
    pub name: DistName,
    /// Its version.
    pub version: Version,
    /// The wheel's file name.
    pub wheel: WheelFilename,
    /// The wheel's digest.
    pub sha256: Sha256,
    /// Where the wheel came from, where that is known.
    pub source: Option<PackageSource>,
    /// Bytes it adds, unpacked.
    pub unzipped: u64,
    /// Bytes it adds to the zip, headers included.
    pub zipped: u64,
    /// Number of files it adds.
    pub files: u64,
}

/// Where a wheel came from: a URL without anything secret, or the name of a local file without the folders above it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackageSource(Place);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Url(String),
    File(String),
}

impl PackageSource {
    /// A wheel from a URL. Credentials, query and fragment are left out; of a `file:` URL, all but the file's name is.
    #[must_use]
    pub fn url(url: &str) -> Self {
        let bare = url.split(['?', '#']).next().unwrap_or(url);
        let Some((scheme, rest)) = bare.split_once("://").filter(|(scheme, _)| !scheme.eq_ignore_ascii_case("file"))
        else {
            return Self::file(Path::new(bare));
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        Self(Place::Url(format!("{scheme}://{host}{path}")))
    }

    /// A local wheel.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self(Place::File(path.file_name().unwrap_or_default().to_string_lossy().into_owned()))
    }
}

/// What kind of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// The layer as a zip.
    Zip,
    /// The layer as a folder.
    Tree,
    /// The report as a page.
    Html,
    /// The packages as a software bill of materials.
    Sbom,
}

/// One thing that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What it is.
    pub kind: OutputKind,
    /// Its name in the folder that the report is in.
    pub file: String,
    /// Bytes; of a tree, those of its files.
    pub size: u64,
    /// Digest of the file, in hexadecimal digits; trees have none.
    pub sha256: Option<Sha256>,
    /// The same in base64, as Lambda's `CodeSha256` spells it.
    pub sha256_base64: Option<String>,
}

impl Output {
    /// A file that was written.
    #[must_use]
    pub fn file(kind: OutputKind, path: &Path, size: u64, sha256: Sha256) -> Self {
        let sha256_base64 = Some(sha256.base64());
        Self { kind, file: file_name(path), size, sha256: Some(sha256), sha256_base64 }
    }
}

impl From<&Written> for Output {
    fn from(zip: &Written) -> Self {
        Self::file(OutputKind::Zip, &zip.path, zip.size, zip.sha256)
    }
}

impl From<&WrittenTree> for Output {
    fn from(tree: &WrittenTree) -> Self {
        let file = file_name(&tree.root);
        Self { kind: OutputKind::Tree, file, size: tree.size, sha256: None, sha256_base64: None }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What one rule of slimming took out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSlimmed {
    /// The rule.
    pub rule: SlimRule,
    /// What went: bytes unpacked and in the zip, and the number of files.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Files that a rule of slimming left in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportKept {
    /// The distribution that they belong to.
    pub package: DistName,
    /// The rule.
    pub rule: SlimRule,
    /// Number of files.
    pub files: u64,
    /// Why.
    pub reason: String,
}

impl ReportSlimmed {
    /// What slimming took out of a layer.
    #[must_use]
    pub fn all(slimmed: &Slimmed) -> Vec<Self> {
        slimmed.removed.iter().map(|(rule, tally)| Self { rule: *rule, tally: *tally }).collect()
    }
}

impl ReportKept {
    /// What slimming left in place in a layer.
    #[must_use]
    pub fn all(slimmed: &Slimmed) -> Vec<Self> {
        let kept = slimmed.kept.iter().map(|Kept { package, rule, reason, files }| Self {
            package: package.clone(),
            rule: *rule,
            files: *files,
            reason: reason.clone(),
        });
        kept.collect()
    }
}

/// A distribution that the runtime's AWS SDK stands in for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftToRuntime {
    /// The distribution.
    pub name: DistName,
    /// The version that would have been packed.
    pub version: Version,
    /// The version that was last seen in the runtime.
    pub runtime_version: Version,
    /// Who requires it: lines and packages, as they are named in messages.
    pub needed_by: Vec<String>,
}

/// A distribution whose newest version has no wheel for the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The distribution.
    pub name: DistName,
    /// The version that was taken.
    pub taken: Version,
    /// The newest one that the requirements admit.
    pub newest: Version,
    /// Why that was not taken.
    pub reasons: Vec<String>,
}

/// A layer below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportBelow {
    /// Its name, or that of its file without the folders above it.
    pub name: String,
    /// Bytes, unpacked.
    pub unzipped: u64,
}

/// One file of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFile {
    /// Where it lies.
    pub path: LayerPath,
    /// Bytes, unpacked.
    pub size: u64,
    /// Digest of the unpacked bytes.
    pub sha256: Sha256,
    /// The distribution it belongs to; none for files of the layer's source.
    pub package: Option<DistName>,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file cannot be read.
    #[error("could not read the report {path}", path = path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no report.
    #[error("{path} is not a report of layerpack", path = path.display())]
    Parse {
        /// Where.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A newer layerpack wrote it.
    #[error("{path} has schema {found}, this layerpack knows schema {SCHEMA}", path = path.display())]
    Schema {
        /// Where.
        path: PathBuf,
        /// The schema it has.
        found: u32,
    },
}

impl ReportError {
    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Read { .. } => None,
            Self::Parse { .. } => Some("name the .json file that layerpack build wrote beside the zip"),
            Self::Schema { .. } => Some("use the layerpack that wrote it, or build the layer again with this one"),
        }
    }
}

impl Report {
    /// The report of a layer of which nothing is written yet. `sources` says where wheels came from.
    #[must_use]
    pub fn new(
        name: &str,
        runtime: RuntimeName,
        arch: Arch,
        plan: &LayerPlan<'_>,
        weight: &Weight,
        sources: &BTreeMap<DistName, PackageSource>,
    ) -> Self {
        let weights: BTreeMap<_, _> = weight.packages.iter().map(|package| (&package.name, package)).collect();
        let packages = plan.packages().map(|manifest| {
            let name = &manifest.metadata.name;
            let (unzipped, zipped, files) =
                weights.get(name).map_or((0, 0, 0), |package| (package.unzipped, package.zipped, package.files));
            ReportPackage {
                name: name.clone(),
                version: manifest.metadata.version.clone(),
                wheel: manifest.filename.clone(),
                sha256: manifest.sha256,
                source: sources.get(name).cloned(),
                unzipped,
                zipped,
                files,
            }
        });
        let files = plan.entries().iter().map(|entry| ReportFile {
            path: entry.path.clone(),
            size: entry.content.size(),
            sha256: entry.content.sha256(),
            package: entry.package.cloned(),
        });
        Self {
            schema: SCHEMA,
            name: name.to_owned(),
            runtime,
            arch,
            kind: plan.layout(),
            unzipped: weight.unzipped,
            zipped: weight.zipped,
            own_files: weight.own_files,
            packages: packages.collect(),
            outputs: Vec::new(),
            publish: None,
            slimmed: ReportSlimmed::all(plan.slimmed()),
            kept: ReportKept::all(plan.slimmed()),
            left_to_runtime: Vec::new(),
            held_back: Vec::new(),
            below: Vec::new(),
            findings: plan.findings().to_vec(),
            files: files.collect(),
        }
    }

    /// The paths of all files: what [`write_tree`](crate::write_tree) may replace.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.path.as_str())
    }

    /// The report as it is written: indented, keys in a fixed order, a line feed at the end.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "no field of a report can fail to be JSON")]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("no map with other keys than texts is in a report");
        json.push('\n');
        json
    }

    /// Reads a report.
    ///
    /// # Errors
    /// Where the file cannot be read, is no report, or one of another schema.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let bytes = FileAt::read(path).map_err(|source| ReportError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &bytes)
    }

    /// Reads a report from its bytes; `path` is for messages.
    ///
    /// # Errors
    /// Where they are no report, or one of another schema.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ReportError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let failed = |source| ReportError::Parse { path: path.to_owned(), source };
        let Head { schema } = serde_json::from_slice(bytes).map_err(failed)?;
        if schema != SCHEMA {
            return Err(ReportError::Schema { path: path.to_owned(), found: schema });
        }
        serde_json::from_slice(bytes).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_neither_secrets_nor_folders() {
        let url = |url: &str| serde_json::to_string(&PackageSource::url(url)).expect("a source is JSON");
        for (from, to) in [
            (
                "https://files.example/a/b-1-py3-none-any.whl#sha256=00",
                r#"{"url":"https://files.example/a/b-1-py3-none-any.whl"}"#,
            ),
            ("https://user:p%40ss@example.org/b.whl?token=x", r#"{"url":"https://example.org/b.whl"}"#),
            ("https://a@b@example.org:8080/b@c.whl", r#"{"url":"https://example.org:8080/b@c.whl"}"#),
            ("https://example.org", r#"{"url":"https://example.org"}"#),
            ("file:///home/me/wheels/b.whl", r#"{"file":"b.whl"}"#),
            ("FILE:///home/me/b.whl", r#"{"file":"b.whl"}"#),
            ("/home/me/b.whl", r#"{"file":"b.whl"}"#),
        ] {
            assert_eq!(url(from), to);
        }
    }
}

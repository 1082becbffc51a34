//! The JSON documents, schema 1. Fields are added, never renamed or removed, within a schema.

use std::path::Path;

use lambda_compat::{Finding, Target, Verdict};
use layer_pack::{LeftToRuntime, ReportKept, ReportSlimmed, Slimmed};
use pypi_resolve::lock::Changes;
use pypi_resolve::resolve::{Pin, PinSource};
use serde::{Deserialize, Serialize};
use wheel_archive::{Sha256, with_slashes};
use wheel_tags::DistName;

use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const SCHEMA: u8 = 1;

/// The envelope of every command: one item per layer and target; with a single one its fields also stand at the top.
#[derive(Serialize)]
pub(crate) struct Document<'a, T: Serialize> {
    schema: u8,
    command: &'static str,
    targets: Vec<Item<'a, T>>,
    /// Of `build`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stacks: Option<&'a [BuiltStack]>,
    #[serde(flatten)]
    only: Option<Item<'a, T>>,
}

/// What there is to say for one target.
#[derive(Serialize)]
pub(crate) struct Item<'a, T: Serialize> {
    runtime: String,
    arch: String,
    #[serde(flatten)]
    fields: &'a T,
}

impl<'a, T: Serialize> Document<'a, T> {
    pub(crate) fn new(command: &'static str, items: &'a [(Target, T)]) -> Self {
        let item = |(target, fields): &'a (Target, T)| Item {
            runtime: target.runtime.name.to_string(),
            arch: target.arch.to_string(),
            fields,
        };
        let only = if let [one] = items { Some(item(one)) } else { None };
        Self { schema: SCHEMA, command, targets: items.iter().map(item).collect(), stacks: None, only }
    }

    pub(crate) fn with_stacks(self, stacks: Option<&'a [BuiltStack]>) -> Self {
        Self { stacks, ..self }
    }
}

/// `check`, one target.
#[derive(Serialize)]
pub(crate) struct CheckedFiles {
    pub(crate) files: Vec<CheckedFile>,
}

/// `check`, one file on one target.
#[derive(Serialize)]
pub(crate) struct CheckedFile {
    /// As named on the command line.
    pub(crate) path: String,
    pub(crate) verdict: Verdict,
    pub(crate) findings: Vec<Finding>,
    pub(crate) help: Option<String>,
    /// The layers that it lies on and that are not built: what they may have is left open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) not_built_below: Vec<String>,
}

/// `resolve` and `fetch`, one layer on one target.
#[derive(Serialize)]
pub(crate) struct ResolvedLayer {
    pub(crate) layer: String,
    pub(crate) packages: Vec<ResolvedPackage>,
    /// What `--exclude-runtime-sdk` left to the runtime.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_to_runtime: Vec<LeftToRuntime>,
    pub(crate) findings: Vec<Finding>,
    /// `--why`: the ways to the package, step by step; none where it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<Vec<Vec<String>>>,
}

/// One pinned package.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResolvedPackage {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The wheel's file name.
    pub(crate) wheel: String,
    /// The wheel's address; none for a local wheel.
    pub(crate) url: Option<String>,
    /// The local wheel's path as named.
    pub(crate) path: Option<String>,
    pub(crate) sha256: Option<String>,
    /// Bytes of the wheel, where the index says.
    pub(crate) size: Option<u64>,
    pub(crate) held_back: Option<HeldBackFrom>,
    /// The packages that it requires here.
    #[serde(default)]
    pub(crate) dependencies: Vec<String>,
}

impl From<&Pin> for ResolvedPackage {
    fn from(pin: &Pin) -> Self {
        let (url, path) = match &pin.source {
            PinSource::Index { url } | PinSource::Url(url) => (Some(url.clone()), None),
            PinSource::Path(path) => (None, Some(with_slashes(path))),
        };
        Self {
            name: pin.name.to_string(),
            version: pin.version.to_string(),
            wheel: pin.wheel.to_string(),
            url,
            path,
            sha256: pin.sha256.map(|sha256| sha256.to_string()),
            size: pin.size,
            held_back: pin.held_back.as_ref().map(|held_back| HeldBackFrom {
                newest: held_back.newest.to_string(),
                reasons: held_back.reasons.clone(),
            }),
            dependencies: pin.dependencies.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The newer version that the target cannot have.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeldBackFrom {
    pub(crate) newest: String,
    pub(crate) reasons: Vec<String>,
}

/// `build` and `fetch`: what was written.
#[derive(Serialize, Deserialize)]
pub(crate) struct BuiltLayer {
    pub(crate) layer: String,
    /// The layers that it lies on, the lowest first.
    #[serde(default)]
    pub(crate) on_top_of: Vec<String>,
    /// Nothing had changed, so nothing was written.
    pub(crate) unchanged: bool,
    /// `--dry-run`: the outputs are what would be written.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Bytes unzipped, where wheels were opened.
    pub(crate) unzipped: Option<u64>,
    pub(crate) outputs: Vec<Output>,
    /// The command of the AWS CLI that publishes the zip; none without a zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) publish: Option<String>,
    pub(crate) packages: Vec<ResolvedPackage>,
    #[serde(flatten)]
    pub(crate) left_out: LeftOut,
    pub(crate) findings: Vec<Finding>,
}

/// `build`: a stack on one target, all of whose layers were to be built.
#[derive(Serialize)]
pub(crate) struct BuiltStack {
    pub(crate) name: String,
    pub(crate) runtime: String,
    pub(crate) arch: String,
    /// Those that were to be built, in the order of the stack.
    pub(crate) layers: Vec<StackLayer>,
    /// Bytes of all of it, with the function and what is reserved; null where a layer could not be decided.
    pub(crate) unzipped: Option<u64>,
    /// Bytes that it may have.
    pub(crate) limit: u64,
    /// Slots that it takes of a function's.
    pub(crate) layer_count: usize,
    pub(crate) layer_limit: usize,
    /// Its layers were written, or would be (`dry_run`): all of them or none.
    pub(crate) written: bool,
    pub(crate) findings: Vec<Finding>,
}

/// A layer of a stack.
#[derive(Serialize)]
pub(crate) struct StackLayer {
    pub(crate) name: String,
    /// Bytes; null where it could not be decided.
    pub(crate) unzipped: Option<u64>,
}

/// What is not in a layer because somebody asked for it to be left out.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct LeftOut {
    /// What each rule of `--slim` took out; missing where there was none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) slimmed: Vec<ReportSlimmed>,
    /// What the rules left in place, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) kept: Vec<ReportKept>,
    /// What `--exclude-runtime-sdk` left to the runtime.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_to_runtime: Vec<LeftToRuntime>,
}

impl LeftOut {
    pub(crate) fn new(slimmed: &Slimmed, left_to_runtime: &[LeftToRuntime]) -> Self {
        Self {
            slimmed: ReportSlimmed::all(slimmed),
            kept: ReportKept::all(slimmed),
            left_to_runtime: left_to_runtime.to_vec(),
        }
    }
}

/// `lock`, one layer on one target.
#[derive(Serialize)]
pub(crate) struct LockedLayer {
    pub(crate) layer: String,
    /// The lock had these very bytes before.
    pub(crate) unchanged: bool,
    /// Always null: no wheel is opened.
    pub(crate) unzipped: Option<u64>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) packages: Vec<ResolvedPackage>,
    pub(crate) findings: Vec<Finding>,
    /// Against the lock that was there, on all its targets; empty where there was none.
    pub(crate) changes: LockChanges,
}

/// The packages whose versions changed.
#[derive(Serialize, Default)]
pub(crate) struct LockChanges {
    pub(crate) added: Vec<ChangedPackage>,
    pub(crate) updated: Vec<ChangedPackage>,
    pub(crate) removed: Vec<ChangedPackage>,
}

/// A package with its versions in the lock before and now: mostly one.
#[derive(Serialize)]
pub(crate) struct ChangedPackage {
    pub(crate) name: String,
    pub(crate) before: Vec<String>,
    pub(crate) now: Vec<String>,
}

impl From<&Changes> for LockChanges {
    fn from(changes: &Changes) -> Self {
        let texts = |versions: &[_]| versions.iter().map(ToString::to_string).collect::<Vec<String>>();
        let package =
            |name: &DistName, before: Vec<String>, now| ChangedPackage { name: name.to_string(), before, now };
        Self {
            added: changes.added.iter().map(|(name, now)| package(name, Vec::new(), texts(now))).collect(),
            updated: changes.updated.iter().map(|(name, old, now)| package(name, texts(old), texts(now))).collect(),
            removed: changes.removed.iter().map(|(name, old)| package(name, texts(old), Vec::new())).collect(),
        }
    }
}

/// One file or folder that was written.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Output {
    /// `zip`, `tree`, `sbom`, `html`, `report`, `lock` or `wheel`.
    pub(crate) kind: String,
    pub(crate) path: String,
    /// Bytes; of a tree, the sum of its files.
    pub(crate) size: u64,
    pub(crate) sha256: Option<String>,
    /// As Terraform's `source_code_hash` and AWS's `CodeSha256` have it.
    pub(crate) sha256_base64: Option<String>,
}

impl Output {
    /// A file that was written.
    pub(crate) fn file(kind: &str, path: &Path, size: u64, sha256: Sha256) -> Self {
        Self {
            kind: kind.to_owned(),
            path: with_slashes(path),
            size,
            sha256: Some(sha256.to_string()),
            sha256_base64: Some(sha256.base64()),
        }
    }
}

/// `check`: the envelope, what is said of the run rather than of a file, and what could not be looked at.
#[derive(Serialize)]
pub(crate) struct CheckDocument<'a> {
    #[serde(flatten)]
    document: Document<'a, CheckedFiles>,
    findings: &'a [Finding],
    errors: Vec<ErrorFields<'a>>,
    /// The first of them, where an exit of 2 has its error in every document.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorFields<'a>>,
}

impl<'a> CheckDocument<'a> {
    pub(crate) fn new(document: Document<'a, CheckedFiles>, findings: &'a [Finding], failures: &'a [Failure]) -> Self {
        let errors = failures.iter().map(ErrorFields::new).collect();
        Self { document, findings, errors, error: failures.first().map(ErrorFields::new) }
    }
}

/// What came of some layers, where something is wrong with others.
#[derive(Serialize)]
pub(crate) struct PartialDocument<'a, T: Serialize> {
    #[serde(flatten)]
    document: Document<'a, T>,
    errors: Vec<ErrorFields<'a>>,
    /// The first of them that kept layerpack from looking: an exit of 2 has its error in every document.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorFields<'a>>,
}

impl<'a, T: Serialize> PartialDocument<'a, T> {
    pub(crate) fn new(document: Document<'a, T>, failures: &[&'a Failure]) -> Self {
        let errors = failures.iter().copied().map(ErrorFields::alone).collect();
        let error = failures.iter().copied().find(|failure| failure.exit == Exit::CouldNotRun).map(ErrorFields::alone);
        Self { document, errors, error }
    }
}

/// A run that stopped.
#[derive(Serialize)]
pub(crate) struct ErrorDocument<'a> {
    schema: u8,
    error: ErrorFields<'a>,
}

#[derive(Serialize)]
struct ErrorFields<'a> {
    code: String,
    /// All that is wrong, a paragraph each.
    message: String,
    help: Option<&'a str>,
}

impl<'a> ErrorDocument<'a> {
    pub(crate) fn new(failure: &'a Failure) -> Self {
        Self { schema: SCHEMA, error: ErrorFields::new(failure) }
    }
}

impl<'a> ErrorFields<'a> {
    fn new(failure: &'a Failure) -> Self {
        Self { code: failure.code.to_string(), message: failure.whole_message(), help: failure.help.as_deref() }
    }

    /// Without what else is wrong.
    fn alone(failure: &'a Failure) -> Self {
        Self { message: failure.message.clone(), ..Self::new(failure) }
    }
}

//! The wheels of a layer's source: those that lie there, and those that requirement lines name by path.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_compat::{
    Code, Date, Finding, Given, Layer, NoContents, Origin, Severity, Target, Verdict, WheelFacts, advise, judge,
    verdict_of,
};
use pypi_resolve::requirements::{Requirement, RequirementSource, RequirementsFile, marker_environment};
use pypi_resolve::resolve::LocalWheel;
use rayon::prelude::*;
use wheel_archive::{FileAt, Inspection, Manifest, Sha256, Store, hash};
use wheel_tags::{DistName, WheelFilename};

use crate::failure::Failure;
use crate::plan::LayerSource;
use crate::report::{placed, refusal};

/// A wheel of the source, inspected.
pub(crate) struct LocalManifest {
    pub(crate) wheel: LocalWheel,
    pub(crate) manifest: Manifest,
    /// The line that names it, where it does not simply lie there.
    pub(super) line: Option<Requirement>,
}

impl LocalManifest {
    /// Whether it is wanted on a target: a line that names it may have a marker.
    pub(super) fn holds_on(&self, target: &Target) -> bool {
        let environment = marker_environment(target);
        self.line.as_ref().is_none_or(|line| line.marker.evaluate(&environment, &[]))
    }
}

/// The wheels that lie in the source and those that requirement lines name by path, each inspected once.
pub(super) fn read_wheels(
    source: &LayerSource,
    file: &RequirementsFile,
    store: &Store,
) -> Result<Vec<LocalManifest>, Failure> {
    let named = file.requirements.iter().filter_map(|requirement| match &requirement.source {
        RequirementSource::Path(path) => Some((path.clone(), Some(requirement))),
        _ => None,
    });
    let mut wheels: Vec<(PathBuf, Option<&Requirement>)> = Vec::new();
    for (path, line) in source.wheels.iter().map(|path| (path.clone(), None)).chain(named) {
        let same = |other: &Path| other == path || fs_err::canonicalize(other).ok() == fs_err::canonicalize(&path).ok();
        if !wheels.iter().any(|(other, _)| same(other)) {
            wheels.push((path, line));
        }
    }
    let read: Vec<_> = wheels.into_par_iter().map(|(path, line)| read_wheel(path, line, store)).collect();
    // The first failure by order, whichever came first.
    read.into_iter().collect()
}

fn read_wheel(path: PathBuf, line: Option<&Requirement>, store: &Store) -> Result<LocalManifest, Failure> {
    let by = line.map(|line| format!("{}: ", line.place)).unwrap_or_default();
    if !path.is_file() {
        return Err(Failure::new(Code::Missing, format!("{by}{}: no such file", path.display()))
            .help("check the path; it is relative to the folder of the requirements file"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let filename: WheelFilename =
        name.parse().map_err(|error| Failure::new(Code::WheelFilename, format!("{by}{}: {error}", path.display())))?;
    let manifest = inspect_file(&path, &filename, store)?;
    let wheel = LocalWheel {
        path,
        filename,
        sha256: manifest.sha256,
        size: manifest.size,
        metadata: Arc::new(manifest.metadata.clone()),
    };
    Ok(LocalManifest { wheel, manifest, line: line.cloned() })
}

/// The wheels that lie in the source are there to be packed. Where none of a project's files loads, that is said
/// in full: the resolver would only know that their tags do not fit.
pub(super) fn judge_local(local: &[LocalManifest], target: &Target, today: Date) -> Result<(), Failure> {
    let lies_there = |local: &&LocalManifest| local.line.is_none();
    let local: Vec<&LocalManifest> = local.iter().filter(lies_there).collect();
    let facts = local.iter().map(|local| local.manifest.facts(Origin::Unverified)).collect();
    let layer = Layer::new(facts, Vec::new(), &NoContents, Given::default());
    let judged: Vec<(&LocalManifest, &WheelFacts<'_>, Vec<Finding>)> = local
        .into_iter()
        .zip(layer.wheels())
        .map(|(local, facts)| {
            let mut findings = judge(&layer, facts, target);
            // What a library lacks may come with the packages that are yet to be resolved.
            findings.retain(|finding| !finding.code.is_about_libraries());
            (local, facts, findings)
        })
        .collect();
    let loads = |name: &DistName| {
        let files = judged.iter().filter(|(local, _, _)| local.wheel.filename.name == *name);
        files.into_iter().any(|(_, _, findings)| verdict_of(findings) != Verdict::Fails)
    };
    let refused: Vec<_> = judged.iter().filter(|(local, _, _)| !loads(&local.wheel.filename.name)).collect();
    let mut errors = refused.iter().flat_map(|(_, _, findings)| findings).filter(|f| f.severity == Severity::Error);
    let Some(first) = errors.next() else { return Ok(()) };
    let said: Vec<String> = refused
        .iter()
        .map(|(local, facts, findings)| {
            let help = advise(&layer, facts, target, today);
            refusal(&local.wheel.path.display().to_string(), target, findings, help.as_deref(), false)
        })
        .collect();
    Err(Failure::new(first.code, said.join("\n")))
}

/// Opens and inspects a wheel on disk, unless its manifest is cached. One that is no sound archive ends the run: all of its findings in one message.
pub(super) fn inspect_file(path: &Path, filename: &WheelFilename, store: &Store) -> Result<Manifest, Failure> {
    let opened = FileAt::open(path)?;
    inspect_hashed(path, filename, hash(&opened)?, &opened, store)
}

/// The same of one whose digest is known.
pub(super) fn inspect_hashed(
    path: &Path,
    filename: &WheelFilename,
    sha256: Sha256,
    opened: &FileAt,
    store: &Store,
) -> Result<Manifest, Failure> {
    let findings = match store.inspect_elsewhere(filename, sha256, opened)? {
        Inspection::Sound(manifest) => return Ok(*manifest),
        Inspection::Malformed(findings) => findings,
    };
    let code = findings.first().map_or(Code::NotAZip, |finding| finding.code);
    let mut lines = vec![format!("{} is not a sound wheel", path.display())];
    lines.extend(
        findings
            .iter()
            .map(|finding| format!("  {}  {}", finding.code, placed(finding.entry.as_deref(), &finding.message))),
    );
    let help = findings.iter().find_map(|finding| finding.help.clone());
    Err(Failure::new(code, lines.join("\n")).maybe_help(help))
}

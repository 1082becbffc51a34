//! A part of the stack from each input.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};
use layer_pack::{LayerInput, Layout, Listed, Part, PlanOptions, Report, ReportError, list_held, plan};
use rayon::prelude::*;
use wheel_archive::{FileAt, Inspection, Manifest, inspect};
use wheel_tags::WheelFilename;

use super::inputs::{Input, What};
use crate::failure::Failure;

pub(super) fn read(input: &Input) -> Result<Part, Failure> {
    match &input.what {
        What::Held(path) => Ok(Part::of_listed(&input.name, &held(path, input.kind)?)),
        What::Report(path) => Ok(Part::of_report(&input.name, &Report::read(path).map_err(|e| unreadable_report(&e))?)),
        What::Wheels(paths) => wheels(paths, &input.name),
    }
}

fn held(path: &Path, kind: Option<Layout>) -> Result<Listed, Failure> {
    let listed = list_held(path, kind).map_err(|error| unreadable(path, &error))?;
    listed.map_err(|findings| malformed(path, &findings))
}

/// Wheels as `build` would lay them out: they are verified on the way.
fn wheels(paths: &[PathBuf], name: &str) -> Result<Part, Failure> {
    let opened = paths.par_iter().map(|path| wheel(path)).collect::<Result<Vec<_>, _>>()?;
    let inputs: Vec<LayerInput<'_>> = opened.iter().map(|(manifest, source)| LayerInput { manifest, source }).collect();
    Ok(Part::of_plan(name, &plan(&inputs, &[], &PlanOptions::default())?)?)
}

fn wheel(path: &Path) -> Result<(Manifest, FileAt), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let filename: WheelFilename =
        name.parse().map_err(|error| Failure::new(Code::WheelFilename, format!("{}: {error}", path.display())))?;
    let file = FileAt::open(path)?;
    match inspect(&filename, None, &file).map_err(|error| unreadable(path, &error))? {
        Inspection::Sound(manifest) => Ok((*manifest, file)),
        Inspection::Malformed(findings) => Err(malformed(path, &findings)),
    }
}

/// What a damaged archive weighs is not known.
fn malformed(path: &Path, findings: &[Finding]) -> Failure {
    let (Some(first), path) = (findings.first(), path.display()) else {
        return Failure::new(Code::ArchiveFraming, format!("{} is not a sound archive", path.display()));
    };
    let entry = first.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
    let more = match findings.len() {
        1 => String::new(),
        count => format!(" (and {} more findings: see layerpack check)", count - 1),
    };
    Failure::new(first.code, format!("{path}: {entry}{}{more}", first.message)).maybe_help(first.help.clone())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Io, format!("{}: {error}", path.display()))
}

fn unreadable_report(error: &ReportError) -> Failure {
    let code = if matches!(error, ReportError::Read { .. }) { Code::Io } else { Code::Unsupported };
    Failure::new(code, error.to_string()).help("size reads the report that build writes beside the layer")
}

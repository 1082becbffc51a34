//! What can be told of an input without a target.

use std::path::Path;

use lambda_compat::{Code, Finding};
use layer_pack::{Held, read_held};
use wheel_archive::{FileAt, Inspection, Manifest, inspect, with_slashes};
use wheel_tags::WheelFilename;

use super::inputs::Input;
use crate::failure::Failure;

/// An input that was looked at.
pub(super) struct File {
    /// Its path as it was named.
    pub(super) path: String,
    pub(super) looked: Looked,
    /// Judged by itself, not with what was named beside it.
    pub(super) is_whole: bool,
}

/// What an input turned out to be.
pub(super) enum Looked {
    /// A sound wheel, with its bytes.
    Wheel(Box<Manifest>, FileAt),
    /// A layer or a function.
    Held(Box<Held>),
    /// The archive itself is malformed: the same on every target.
    Malformed(Vec<Finding>),
}

/// Reads one input.
pub(super) fn look(input: &Input) -> Result<File, Failure> {
    let looked = match input {
        Input::Wheel(path) => wheel(path)?,
        Input::Zip(path) | Input::Tree(path) => held(path)?,
    };
    Ok(File { path: with_slashes(input.path()), looked, is_whole: input.is_whole() })
}

fn wheel(path: &Path) -> Result<Looked, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let filename = match name.parse::<WheelFilename>() {
        Ok(filename) => filename,
        Err(error) => {
            let finding = Finding::error(Code::WheelFilename, error.to_string())
                .help("a wheel is named name-version-python-abi-platform.whl; keep the name that it was built with")
                .source("https://packaging.python.org/en/latest/specifications/binary-distribution-format/");
            return Ok(Looked::Malformed(vec![finding]));
        }
    };
    let file = FileAt::open(path)?;
    Ok(match inspect(&filename, None, &file).map_err(|e| unreadable(path, &e))? {
        Inspection::Sound(manifest) => Looked::Wheel(manifest, file),
        Inspection::Malformed(findings) => Looked::Malformed(findings),
    })
}

/// A zip or folder that somebody has packed.
fn held(path: &Path) -> Result<Looked, Failure> {
    Ok(match read_held(path, None).map_err(|e| unreadable(path, &e))? {
        Ok(held) => Looked::Held(Box::new(held)),
        Err(findings) => Looked::Malformed(findings),
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Io, format!("{}: {error}", path.display()))
}

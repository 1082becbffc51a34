//! Which configuration file counts: the nearest `layerpack.toml` above the working directory, or `pyproject.toml` with
//! `[tool.layerpack]`; of both in one folder, the former.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lambda_compat::Code;
use wheel_archive::read_bounded;

use super::{Config, read::read};
use crate::args::ConfigArgs;
use crate::environment::Environment;
use crate::failure::Failure;

const OWN: &str = "layerpack.toml";
const PROJECT: &str = "pyproject.toml";

/// Bytes of one file.
const LARGEST: u64 = 1 << 20;

/// The configuration of this run, if there is one.
pub(super) fn find(args: &ConfigArgs, environment: &Environment) -> Result<Option<Config>, Failure> {
    let by_variable = || environment.var("LAYERPACK_CONFIG").map(PathBuf::from);
    if args.no_config || (args.config.is_none() && environment.flag("LAYERPACK_NO_CONFIG")) {
        return Ok(None);
    }
    if let Some(file) = args.config.clone().or_else(by_variable) {
        return named(&file).map(Some);
    }
    let here = std::path::absolute(".")?;
    // Relative, as the paths in it are to be shown.
    let mut above = PathBuf::new();
    for folder in here.ancestors() {
        for name in [OWN, PROJECT] {
            if folder.join(name).is_file()
                && let Some(config) = read(above.join(name), text(&above.join(name))?)?
            {
                return Ok(Some(config));
            }
        }
        above.push("..");
    }
    Ok(None)
}

/// The file that was named.
fn named(file: &Path) -> Result<Config, Failure> {
    if !file.is_file() {
        return Err(Failure::new(Code::Missing, format!("{}: no such file", file.display()))
            .help("--config names a layerpack.toml, or a pyproject.toml with [tool.layerpack]"));
    }
    let text = text(file)?;
    read(file.to_path_buf(), text)?.ok_or_else(|| {
        Failure::new(Code::Configuration, format!("{} has no [tool.layerpack]", file.display()))
            .help("add it, or name a layerpack.toml")
    })
}

fn text(file: &Path) -> Result<String, Failure> {
    let bytes = read_bounded(file, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            Failure::new(Code::Configuration, error.to_string()).help("it is no configuration file")
        }
        _ => Failure::io(&error),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count();
        Failure::new(Code::Configuration, format!("{} line {line}: not UTF-8, as TOML is", file.display()))
            .help("save the file as UTF-8")
    })
}

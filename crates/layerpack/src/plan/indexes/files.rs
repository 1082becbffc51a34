//! Which configuration files of uv and pip there are, and reading them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lambda_compat::Code;
use wheel_archive::{read_bounded, with_slashes};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::indexes::pip_conf::PipConf;
use crate::plan::indexes::place::Place;
use crate::plan::indexes::uv_toml;

/// Bytes of one file.
const LARGEST: u64 = 1 << 20;

/// What uv's files say: that of the project (the nearest above `folder`), the user's and the system's, the former before
/// the latter. `UV_CONFIG_FILE` stands in for all of them.
pub(super) fn by_uv_files(environment: &Environment, folder: &Path) -> Result<Place, Failure> {
    if let Some(file) = environment.var("UV_CONFIG_FILE").map(PathBuf::from) {
        let text = read(&file)?.ok_or_else(|| missing("UV_CONFIG_FILE", &file))?;
        return Ok(uv_place(&file, &text)?.unwrap_or_default());
    }
    if environment.flag("UV_NO_CONFIG") {
        return Ok(Place::default());
    }
    let mut all = Place::default();
    for place in of_project(folder)?.into_iter().chain(of_machine(environment)?) {
        all.name = if all.name.is_empty() { place.name } else { format!("{} and {}", all.name, place.name) };
        let named = place.named;
        all.named.before.extend(named.before);
        all.named.explicit.extend(named.explicit);
        all.links.extend(place.links);
        all.named.no_index |= named.no_index;
        all.named.default = all.named.default.or(named.default);
        all.access = all.access.or(place.access);
        all.choosing = all.choosing.or(place.choosing);
    }
    Ok(all)
}

/// The nearest `uv.toml`, or `pyproject.toml` with `[tool.uv]`; of both in one folder, the former.
fn of_project(folder: &Path) -> Result<Option<Place>, Failure> {
    for folder in std::path::absolute(folder)?.ancestors() {
        for name in ["uv.toml", "pyproject.toml"] {
            let file = folder.join(name);
            let Some(text) = read(&file)? else { continue };
            // A project that cannot be read is told of where its dependencies are wanted.
            let place = if name == "uv.toml" { uv_place(&file, &text)? } else { uv_place(&file, &text).ok().flatten() };
            if place.is_some() {
                return Ok(place);
            }
        }
    }
    Ok(None)
}

fn of_machine(environment: &Environment) -> Result<Vec<Place>, Failure> {
    let mut places = Vec::new();
    for file in environment.config_folder().into_iter().map(|folder| folder.join("uv/uv.toml")) {
        places.extend(read(&file)?.map(|text| uv_place(&file, &text)).transpose()?.flatten());
    }
    // The first that is there counts.
    for file in environment.system_config_folders().into_iter().map(|folder| folder.join("uv/uv.toml")) {
        if let Some(text) = read(&file)? {
            places.extend(uv_place(&file, &text)?);
            break;
        }
    }
    Ok(places)
}

fn uv_place(file: &Path, text: &str) -> Result<Option<Place>, Failure> {
    uv_toml::read(file, text).map_err(|error| unreadable(file, error.line, &error.why))
}

/// What pip's files say. pip reads those of the system, the user, the virtual environment and `PIP_CONFIG_FILE`; of each
/// option the last that has it counts. With `PIP_CONFIG_FILE` the user's are left out, and all where it is the null
/// device.
pub(super) fn by_pip_files(environment: &Environment) -> Result<PipConf, Failure> {
    let named = environment.var("PIP_CONFIG_FILE").map(PathBuf::from);
    if named.as_deref().is_some_and(|file| file == Path::new(if cfg!(windows) { "nul" } else { "/dev/null" })) {
        return Ok(PipConf::default());
    }
    let mut files = environment.pip_files(named.is_none());
    files.extend(named);
    let mut conf = PipConf::default();
    for file in files {
        if let Some(text) = read(&file)? {
            let shown = with_slashes(&file);
            conf.read(&shown, &text).map_err(|error| unreadable(&file, error.line, error.why))?;
        }
    }
    Ok(conf)
}

/// The text of a file; `None` where there is none. What is not UTF-8 in it is replaced: it only can be in a value.
pub(super) fn read(file: &Path) -> Result<Option<String>, Failure> {
    if !file.is_file() {
        return Ok(None);
    }
    match read_bounded(file, LARGEST) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            Err(Failure::new(Code::UnreadableLine, error.to_string())
                .help("layerpack reads the index settings of this file; shorten it or move it away"))
        }
        Err(error) => Err(Failure::io(&error)),
    }
}

fn missing(variable: &str, file: &Path) -> Failure {
    Failure::new(Code::Missing, format!("{variable} names {}, which is not there", file.display()))
        .help(format!("correct the path, or unset {variable}"))
}

fn unreadable(file: &Path, line: usize, why: &str) -> Failure {
    Failure::new(Code::UnreadableLine, format!("{} line {line}: {why}", file.display()))
        .help("layerpack reads the index settings of this file; mend the line, or name an index with --index-url")
}

//! What the tests of locks are made of: pins, resolutions and the text of locks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lambda_compat::{Arch, Origin, Target};
use pypi_resolve::index::{IndexFile, UploadTime};
use pypi_resolve::lock::{LockError, LockMeta, PyLock};
use pypi_resolve::resolve::{Pin, PinSource, Resolution};
use wheel_archive::Sha256;
use wheel_tags::WheelFilename;

pub(crate) fn target(runtime: &str, arch: Arch) -> Target {
    Target::new(runtime.parse().expect("a known runtime"), arch)
}

pub(crate) fn parse(text: &str) -> Result<PyLock, LockError> {
    PyLock::parse(Path::new("layers/pylock.toml"), text.as_bytes())
}

pub(crate) const DIGEST: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A lock with this package table after the name.
pub(crate) fn with_package(table: &str) -> String {
    format!("lock-version = \"1.0\"\ncreated-by = \"x\"\n\n[[packages]]\nname = \"foo\"\n{table}\n")
        .replace("DIGEST", DIGEST)
}

/// A pin with these wheels on an index, the first of them chosen.
pub(crate) fn pin(wheels: &[&str], dependencies: &[&str]) -> Pin {
    let files: Vec<IndexFile> = wheels
        .iter()
        .map(|name| {
            let filename: WheelFilename = name.parse().expect("a wheel's name");
            let url = format!("https://files.index.example/packages/{name}");
            IndexFile {
                sha256: Some(Sha256::of(name.as_bytes())),
                size: Some(1000),
                upload_time: Some(UploadTime::new("2025-01-25T11:30:10.164985Z")),
                ..IndexFile::wheel(filename, url, Origin::PublicIndex)
            }
        })
        .collect();
    let chosen = files.first().expect("at least one wheel");
    let wheel: WheelFilename = chosen.filename.parse().expect("a wheel's name");
    Pin {
        name: wheel.name.clone(),
        version: wheel.version.clone(),
        wheel,
        source: PinSource::Index { url: chosen.url.clone() },
        sha256: chosen.sha256,
        size: chosen.size,
        requires_python: Some(">=3.8".parse().expect("a specifier")),
        dependencies: dependencies.iter().map(|name| name.parse().expect("a name")).collect(),
        extras: BTreeSet::new(),
        held_back: None,
        yanked: None,
        upload_time: chosen.upload_time.as_ref().map(ToString::to_string),
        alternatives: files,
    }
}

pub(crate) fn local_pin(path: &str) -> Pin {
    let name = path.rsplit('/').next().expect("a file name");
    let mut pin = pin(&[name], &[]);
    pin.source = PinSource::Path(PathBuf::from(path));
    pin.alternatives.clear();
    pin.upload_time = None;
    pin
}

pub(crate) fn resolution(target: Target, pins: Vec<Pin>) -> Resolution {
    Resolution { target, pins, below: Vec::new(), notes: Vec::new(), links: Vec::new() }
}

pub(crate) fn meta() -> LockMeta {
    LockMeta {
        file: PathBuf::from("layers/pypi/pylock.toml"),
        digest: Some("sha256:00".to_owned()),
        options: std::collections::BTreeMap::new(),
        indexes: [("numpy".parse().expect("a name"), "https://user:pw@index.example/simple/".to_owned())].into(),
    }
}

//! Where requirement files are, and what the paths in them are relative to.

use std::fmt;
use std::path::{Path, PathBuf};

use wheel_archive::with_slashes;

use super::address::{Address, file_path};
use super::place::joined;
use crate::index::DirectUrl;

/// Where a requirements file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// On disk.
    File(PathBuf),
    /// At an `https:` or `http:` address.
    Web(DirectUrl),
    /// What is piped in (`-r -`).
    Stdin,
}

impl Location {
    /// What a path on a command line means: `-`, an address, or a file.
    ///
    /// # Errors
    ///
    /// A fragment, where an address cannot be read.
    pub fn of_argument(path: &Path) -> Result<Self, String> {
        let Some(text) = path.to_str() else { return Ok(Self::File(path.to_path_buf())) };
        match Address::of(text) {
            _ if text == "-" => Ok(Self::Stdin),
            Address::Web => DirectUrl::parse(text).map(|(url, _)| Self::Web(url)),
            Address::File => Ok(Self::File(file_path(text).unwrap_or_else(|| path.to_path_buf()))),
            _ => Ok(Self::File(path.to_path_buf())),
        }
    }

    /// The file on disk, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Web(_) | Self::Stdin => None,
        }
    }

    pub(crate) fn base(&self) -> Base<'_> {
        match self {
            Self::File(path) => Base::Folder(path.parent().unwrap_or(Path::new(""))),
            Self::Web(url) => Base::Web(url),
            Self::Stdin => Base::Folder(Path::new("")),
        }
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// A path, an address without credentials, or `stdin`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(&with_slashes(path)),
            Self::Web(url) => write!(f, "{url}"),
            Self::Stdin => f.write_str("stdin"),
        }
    }
}

/// What the paths of a file are relative to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Base<'a> {
    Folder(&'a Path),
    /// The address of the file itself.
    Web(&'a DirectUrl),
}

/// Where a path of a file leads.
pub(crate) enum Reached {
    File(PathBuf),
    /// With what stands behind its `#`.
    Web(Box<DirectUrl>, String),
}

impl Base<'_> {
    pub(crate) fn reach(&self, path: &str) -> Result<Reached, String> {
        match self {
            Self::Folder(folder) => Ok(Reached::File(joined(folder, Path::new(path)))),
            Self::Web(url) => url.join(path).map(|(url, fragment)| Reached::Web(Box::new(url), fragment)),
        }
    }
}

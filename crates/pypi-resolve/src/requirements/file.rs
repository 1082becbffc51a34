//! What requirement files say, all of it together, and where their text comes from.

use std::io;
use std::path::Path;

use super::error::RequirementsErrors;
use super::formats::Formats;
use super::location::Location;
use super::place::{Located, Place};
use super::reader::Reader;
use super::requirement::Requirement;
use super::source::SourceRequirement;
use crate::index::{DirectUrl, IndexError};

/// Bytes of one file.
pub(super) const LARGEST_FILE: usize = 8 << 20;

/// All that a requirements file and the files it includes say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequirementsFile {
    /// What is asked for, in the order of the lines.
    pub requirements: Vec<Requirement>,
    /// What limits versions without asking for anything: all lines of `-c` files.
    pub constraints: Vec<Requirement>,
    /// What has to be built before it is known what it is.
    pub sources: Vec<SourceRequirement>,
    /// Its option lines.
    pub options: IndexOptions,
    /// `--only-binary` and `--no-binary`.
    pub formats: Formats,
    /// Options that have no effect on a layer, each with the reason.
    pub ignored: Vec<Ignored>,
}

impl RequirementsFile {
    /// Where hash checking was turned on for every package, if it was.
    #[must_use]
    pub fn hashes_required(&self) -> Option<&Place> {
        self.options.require_hashes.as_ref()
    }
}

/// The option lines that say where packages come from and which of them will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexOptions {
    /// Asked before the default index, in order: uv's `index` and Poetry's primary sources. No line of a requirements
    /// file says this.
    pub first_index_urls: Vec<Located<String>>,
    /// `--index-url`; the last one wins, as with pip.
    pub index_url: Option<Located<String>>,
    /// `--extra-index-url`, in order.
    pub extra_index_urls: Vec<Located<String>>,
    /// `--find-links`, in order: URLs, and paths joined to the folder of the file that names them.
    pub find_links: Vec<Located<String>>,
    /// `--no-index`.
    pub no_index: Option<Place>,
    /// `--pre`.
    pub pre: Option<Place>,
    /// `--require-hashes`, or the first `--hash` of a requirement: pip then wants one for every package.
    pub require_hashes: Option<Place>,
    /// `--trusted-host`, in order.
    pub trusted_hosts: Vec<Located<String>>,
}

/// An option that was read and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// As written, without its value.
    pub option: String,
    /// Why: a fragment.
    pub reason: &'static str,
    /// Where.
    pub place: Place,
}

/// Where the text of files comes from.
pub trait ReadText {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// Those of reading; [`io::ErrorKind::NotFound`] where there is no such file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The bytes of a file at an address; at most `limit` of them.
    ///
    /// # Errors
    ///
    /// Why it could not be fetched.
    fn fetch(&self, url: &DirectUrl, _limit: u64) -> Result<Vec<u8>, IndexError> {
        Err(IndexError::NotCached { what: url.to_string() })
    }

    /// The bytes that are piped in.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn stdin(&self) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Files on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl ReadText for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        use io::Read as _;
        let mut bytes = Vec::new();
        fs_err::File::open(path)?.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a requirements file and all that it includes. `${VARIABLES}` in it count as unset, and what would have to be
/// built is refused.
///
/// # Errors
///
/// Every line that cannot be read or is not supported; see [`super::RequirementsError`].
pub fn read_requirements(path: &Path, files: &dyn ReadText) -> Result<RequirementsFile, RequirementsErrors> {
    Reader { files, variable: &|_| None, builds: false }.read(&Location::File(path.to_path_buf()))
}

//! What a finished layer or function holds, whoever packed it: files with their modes and links, native code, and the
//! distributions that are installed in it.
//!
//! [`read_held`] reads a zip or an unpacked folder; nothing is unpacked to disk. The facts are the same on every target;
//! [`Held::layer`] places them for the judge of `lambda-compat`, and [`Held::judge`] asks it.
//!
//! [`list_held`] reads names and sizes only, for whoever weighs.
//!
//! `archive` and `folder` read, `listed` reads less, `kind` tells layers from functions, `distribution` reads the
//! `.dist-info` folders, `links` follows symbolic links, `limits` says what is too much, `view` is the layer as the judge
//! sees it, `trace` holds it against the wheels of a lock.

mod archive;
mod distribution;
mod folder;
mod kind;
mod limits;
mod links;
mod listed;
mod measure;
mod trace;
mod view;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use lambda_compat::elf::Binary;
use lambda_compat::{Code, Finding};
use wheel_archive::{Entry, FileAt, ListedFile, ReadAt, entry_bytes, settled};

use crate::{LayerPath, Layout};
pub use distribution::HeldDistribution;
pub(crate) use distribution::below_sys_path;
pub use listed::{Listed, list_held};
pub use trace::Trace;

/// Files and folders at most: as many as an archive may have.
const MOST: usize = 4 * 65_535;
/// Bytes of one file that is read whole: METADATA, RECORD, scripts and sources of modules.
const LONGEST: u64 = 16 << 20;

/// A layer or a function.
pub struct Held {
    kind: Layout,
    files: Vec<HeldFile>,
    folders: Vec<HeldFolder>,
    distributions: Vec<HeldDistribution>,
    findings: Vec<Finding>,
    source: Source,
}

/// A file of a layer or function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFile {
    /// Its path from the root.
    pub path: LayerPath,
    /// Bytes, unpacked; of a link those of its target's name.
    pub size: u64,
    /// Unix permission bits as Lambda unpacks it; `None` where the disk has none (Windows).
    pub mode: Option<u32>,
    /// Where it leads, as it is spelt, if it is a symbolic link.
    pub link: Option<String>,
    /// What it is, where it is native code.
    pub binary: Option<Binary>,
    /// It is Python source that says the name of something which opens libraries at run time.
    pub opens_libraries: bool,
}

/// A folder whose mode is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFolder {
    /// Its path from the root.
    pub path: LayerPath,
    /// Unix permission bits.
    pub mode: u32,
}

/// Where the files' bytes are.
enum Source {
    /// The zip, and its entries in the order of the files.
    Zip { bytes: Box<dyn ReadAt + Send>, entries: Vec<Entry> },
    /// The zip, of which only the directory was read, and its entries in the order of the files.
    Directory { bytes: Box<dyn ReadAt + Send>, entries: Vec<ListedFile> },
    /// The folder.
    Folder(PathBuf),
}

impl Source {
    /// Bytes of the zip, if it is one.
    fn zip(&self) -> Option<u64> {
        match self {
            Self::Zip { bytes, .. } | Self::Directory { bytes, .. } => Some(bytes.size()),
            Self::Folder(_) => None,
        }
    }
}

/// What was read, before anything is made of it. Files and folders are ordered by path.
struct Listing {
    files: Vec<HeldFile>,
    folders: Vec<HeldFolder>,
    findings: Vec<Finding>,
    source: Source,
}

/// Reads a layer or a function: a folder as it is, a file as a zip. `kind` is what it is, where whoever asks knows; else
/// it is told by what it holds.
///
/// Every entry of a zip is verified; native code is read in bounded memory. Links of a folder are not followed while it is
/// read. Works on rayon's pool.
///
/// # Errors
/// Only when bytes could not be read; the message names the file. The inner error holds what is wrong with a malformed
/// zip (`LP2xx`), sorted.
pub fn read_held(path: &Path, kind: Option<Layout>) -> io::Result<Result<Held, Vec<Finding>>> {
    let _span = tracing::debug_span!("read_held").entered();
    if fs_err::metadata(path)?.is_dir() {
        return Ok(folder::read(path)?.map(|listing| Held::new(listing, kind)));
    }
    read_held_zip(Box::new(FileAt::open(path)?), kind)
}

/// As [`read_held`], of a zip whose bytes are at hand.
///
/// # Errors
/// As [`read_held`].
pub fn read_held_zip(bytes: Box<dyn ReadAt + Send>, kind: Option<Layout>) -> io::Result<Result<Held, Vec<Finding>>> {
    Ok(archive::read(bytes)?.map(|listing| Held::new(listing, kind)))
}

impl Held {
    fn new(listing: Listing, kind: Option<Layout>) -> Self {
        let Listing { files, folders, findings, source } = listing;
        let kind = kind.unwrap_or_else(|| Layout::of(&files));
        let mut held = Self { kind, files, folders, distributions: Vec::new(), findings, source };
        let (distributions, findings) = distribution::read(&held);
        held.distributions = distributions;
        held.findings.extend(findings);
        let broken = held.broken_links();
        held.findings.extend(broken);
        held.findings.extend(limits::findings(&held.files, held.source.zip(), held.kind));
        held.findings = settled(held.findings);
        held
    }

    /// Whether it is a layer or a function.
    #[must_use]
    pub fn kind(&self) -> Layout {
        self.kind
    }

    /// Its files and links, ordered by path.
    #[must_use]
    pub fn files(&self) -> &[HeldFile] {
        &self.files
    }

    /// The file of this path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&HeldFile> {
        self.files.get(self.number(path)?)
    }

    /// Its folders as far as their modes are known, ordered by path. Of a zip those with an entry of their own.
    #[must_use]
    pub fn folders(&self) -> &[HeldFolder] {
        &self.folders
    }

    /// The distributions that are installed where some Python looks, ordered by folder and name.
    #[must_use]
    pub fn distributions(&self) -> &[HeldDistribution] {
        &self.distributions
    }

    /// The files of one of its distributions, by its RECORD; one that several list is the first one's.
    pub fn files_of<'h>(&'h self, distribution: &'h HeldDistribution) -> impl Iterator<Item = &'h HeldFile> {
        distribution.files.iter().filter_map(|number| self.files.get(*number))
    }

    /// What is odd about it on any target: a damaged `.dist-info`, a link that leads nowhere, more than Lambda takes, the
    /// zip's own warnings.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Bytes of its files, unpacked: what Lambda's limit counts.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    fn number(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()
    }

    /// The bytes of a file, links followed; `None` where there is none, it is too large, or it cannot be read any more.
    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.bytes_of(self.linked_file(path)?)
    }

    /// The bytes of the file with a number, of a link none.
    fn bytes_of(&self, number: usize) -> Option<Vec<u8>> {
        let file = self.files.get(number).filter(|file| file.size <= LONGEST)?;
        match &self.source {
            Source::Zip { bytes, entries } => entry_bytes(&**bytes, entries.get(number)?).ok(),
            Source::Directory { bytes, entries } => entries.get(number)?.bytes(&**bytes).ok()?.ok(),
            Source::Folder(root) => {
                let opened = fs_err::File::open(root.join(file.path.as_str())).ok()?;
                let mut bytes = Vec::new();
                // It may have grown since.
                opened.take(LONGEST).read_to_end(&mut bytes).ok()?;
                Some(bytes)
            }
        }
    }
}

/// More files than any layer has.
fn too_many() -> Finding {
    Finding::error(Code::ArchiveLimits, format!("more than {MOST} files and folders"))
}

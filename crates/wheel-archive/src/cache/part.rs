//! What the owners of a part of the cache tell about it.

use std::io;
use std::path::Path;

use wheel_tags::DistName;

use super::{CacheKind, is_digest};
use crate::Sha256;

/// The files of one kind in a cache folder: `<stem>-v<version>/<sha256><extension>`, or as [`Layout`] says.
#[derive(Debug)]
pub struct CachePart {
    /// What people call it: `wheels`. Its folder begins with it.
    pub name: &'static str,
    /// The version of its form: files in folders of other versions are not read.
    pub version: u32,
    /// What its files' names end in, with the dot; may be empty.
    pub extension: &'static str,
    /// How its files lie.
    pub layout: Layout,
    /// Whether its files can be had again.
    pub keeping: Keeping,
    /// The projects that a file is about; none where it does not say.
    pub names: fn(&Path) -> io::Result<Vec<DistName>>,
    /// Why a file is damaged, in a few words; `None` where it is sound, as far as can be told.
    pub check: fn(&Path, &Sha256) -> io::Result<Option<&'static str>>,
}

/// How the files of a part lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// All in one folder.
    Flat,
    /// In folders named by the first two digits of the files' names.
    Sharded,
    /// Under names of their own, in folders named by digests.
    InFolders,
}

/// Whether what is removed comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It is a copy, and fetched or made again.
    Copy,
    /// It is known from nowhere else.
    Knowledge,
}

impl CachePart {
    /// The name of the folder of its files.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{}-v{}", self.name, self.version)
    }

    /// The version of the part's form that a folder of this name is for.
    pub(super) fn version_of(&self, folder: &str) -> Option<u32> {
        let digits = folder.strip_prefix(self.name)?.strip_prefix("-v")?;
        let plain = !digits.starts_with(['0', '+']);
        digits.parse().ok().filter(|_| plain)
    }

    /// What a file of this name is, in the folder of this version.
    pub(super) fn kind(&'static self, version: u32, name: &str) -> Option<CacheKind> {
        let (stem, extension) = name.split_at_checked(64)?;
        self.kind_by(version, stem, extension)
    }

    /// What a file is whose digest is this and whose name ends so.
    pub(super) fn kind_by(&'static self, version: u32, digest: &str, extension: &str) -> Option<CacheKind> {
        if !is_digest(digest) {
            return None;
        }
        // Files may have had another extension in other forms, and no more than one.
        let plain = |extension: &str| {
            extension.is_empty()
                || extension
                    .strip_prefix('.')
                    .is_some_and(|e| !e.is_empty() && e.bytes().all(|b| b.is_ascii_lowercase()))
        };
        match version.cmp(&self.version) {
            std::cmp::Ordering::Equal if extension == self.extension => {
                Some(CacheKind::Current(self, digest.parse().ok()?))
            }
            std::cmp::Ordering::Less if plain(extension) => Some(CacheKind::Former(self)),
            std::cmp::Ordering::Greater if plain(extension) => Some(CacheKind::Newer(self)),
            _ => None,
        }
    }
}

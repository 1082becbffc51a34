//! One reading of a zip archive, or none (APPNOTE 6.3.10, section 4).
//!
//! Parsers differ in what they believe: the local headers, the central directory, the first end record or the last. Here
//! an archive is read only where they all say the same, and every byte belongs to exactly one of them: the entries in the
//! order of their headers tile the file from its first byte to the central directory, the directory reaches to the end
//! records, and nothing follows but NUL padding.
//!
//! `end` finds the directory, `central` reads it, `local` holds each entry's header and descriptor against it. What
//! the data inflate to is not known here but in `inflate`.

mod central;
mod disguise;
mod end;
mod extra;
mod fields;
mod local;

pub(crate) use central::{CentralEntry, read_directory};
pub use disguise::not_a_zip;
pub(crate) use local::locate;

use serde::{Deserialize, Serialize};

/// Entries in an archive at most: four times what a zip without zip64 can list. The largest wheels on PyPI have some
/// 30,000, and a layer is a zip without zip64.
pub(crate) const MAX_ENTRIES: u64 = 4 * 65_535;

/// Bytes of the central directory at most; 262,140 entries of 256 bytes each fit.
pub(crate) const MAX_DIRECTORY: u64 = 64 << 20;

/// Bytes of an entry's name at most: Linux' `PATH_MAX`.
pub(crate) const MAX_NAME: usize = 4096;

/// Bytes that an archive may inflate to: far more than the 262,144,000 that Lambda takes, so that a wheel that is merely
/// too large is weighed and reported as such.
pub(crate) const MAX_INFLATED: u64 = 4 << 30;

/// What an archive is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A wheel: plain files, and names that read alike everywhere.
    Wheel,
    /// A layer or a function, zipped by whatever tool: links are kept as links, and names that no flag says to be UTF-8
    /// (Info-ZIP sets none) are taken as that.
    Layer,
}

impl Purpose {
    /// What the archive is called in a message.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Layer => "zip",
        }
    }
}

/// How an entry is compressed; a wheel's entries are one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Method {
    /// Not compressed (method 0).
    Stored,
    /// Deflated (method 8, RFC 1951).
    Deflated,
}

/// Where an entry's compressed bytes lie, and what they must inflate to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packed {
    /// The first compressed byte in the archive.
    pub(crate) offset: u64,
    pub(crate) compressed: u64,
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) method: Method,
}

/// Whether these bytes hold the signature of any zip record.
///
/// Some reader, searching for records where another skips, would find one there.
fn holds_signature(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|window| {
        matches!(
            window,
            [b'P', b'K', 1, 2]
                | [b'P', b'K', 3, 4]
                | [b'P', b'K', 5, 5 | 6]
                | [b'P', b'K', 6, 6..=8]
                | [b'P', b'K', 7, 8]
        )
    })
}

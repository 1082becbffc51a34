//! What is known of a wheel after it was inspected: facts only, no verdict.

use std::borrow::Cow;
use std::io;

use lambda_compat::elf::Binary;
use lambda_compat::layer::PYTHON;
use lambda_compat::{Finding, Origin, PlacedFile, WheelFacts};
use serde::{Deserialize, Serialize};
use wheel_tags::WheelFilename;

use crate::inflate::{Buffers, DataError, EntryStream};
use crate::read_at::ReadAt;
use crate::zip::{Method, Packed};
use crate::{EntryPath, EntryPoint, Metadata, Sha256, WheelInfo};

/// A file in a wheel: where its compressed bytes lie and what they inflate to, all of it verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path in the wheel.
    pub path: EntryPath,
    /// The first compressed byte in the wheel.
    pub offset: u64,
    /// Compressed bytes.
    pub compressed: u64,
    /// Inflated bytes.
    pub size: u64,
    /// CRC-32 of the inflated bytes.
    pub crc32: u32,
    /// How it is compressed.
    pub method: Method,
    /// Whether its mode has any x bit.
    pub executable: bool,
    /// Digest of the inflated bytes.
    pub sha256: Sha256,
    /// xxh3-64 of the compressed bytes, to be checked as they are copied.
    pub checksum: u64,
    /// What it is, where it is native code.
    pub binary: Option<Binary>,
    /// It is Python source that says the name of something which opens libraries at run time: `CDLL`, `dlopen`.
    pub opens_libraries: bool,
}

/// A sound wheel: every file it holds, and what its `.dist-info` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Digest of the whole file.
    pub sha256: Sha256,
    /// Bytes of the whole file.
    pub size: u64,
    /// The name it was inspected under.
    pub filename: WheelFilename,
    /// Its `.dist-info` folder.
    pub dist_info: EntryPath,
    /// Its files, ordered by path; RECORD is among them, folders are not.
    pub entries: Vec<Entry>,
    /// METADATA.
    pub metadata: Metadata,
    /// WHEEL.
    pub wheel: WheelInfo,
    /// The commands of `entry_points.txt`, ordered by group and name.
    pub entry_points: Vec<EntryPoint>,
    /// What is odd about the wheel without standing against it.
    pub warnings: Vec<Finding>,
}

impl Entry {
    pub(crate) fn packed(&self) -> Packed {
        let Self { offset, compressed, size, crc32, method, .. } = *self;
        Packed { offset, compressed, size, crc32, method }
    }

    /// An error of inflating this entry again, which has worked before: the bytes have changed since.
    pub(crate) fn data_error(&self, error: DataError) -> io::Error {
        match error {
            DataError::Io(error) => error,
            DataError::Damaged(what) => io::Error::new(
                io::ErrorKind::InvalidData,
                format!("`{}` has changed since it was verified: {what}", self.path),
            ),
        }
    }
}

impl Manifest {
    /// The file of this path.
    #[must_use]
    pub fn entry(&self, path: &EntryPath) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// The files of native code, ordered by path.
    pub fn native(&self) -> impl Iterator<Item = (&Entry, &Binary)> {
        self.entries.iter().filter_map(|entry| Some((entry, entry.binary.as_ref()?)))
    }

    /// What decides whether the wheel loads, its files where a layer has them.
    #[must_use]
    pub fn facts(&self, origin: Origin) -> WheelFacts<'_> {
        self.facts_in(PYTHON, origin)
    }

    /// What decides whether the wheel loads, its packages in this folder of a running function: `/opt/python`.
    #[must_use]
    pub fn facts_in(&self, packages: &str, origin: Origin) -> WheelFacts<'_> {
        let files = self.entries.iter().map(|entry| PlacedFile {
            entry: entry.path.as_str(),
            place: Cow::Owned(place_of(packages, entry)),
            mode: None,
            binary: entry.binary.as_ref(),
            opens_libraries: entry.opens_libraries,
        });
        WheelFacts {
            name: &self.filename.name,
            version: &self.filename.version,
            tags: Cow::Borrowed(&self.filename.tags),
            variant: self.filename.variant.as_deref(),
            origin,
            requires_python: self.metadata.requires_python.as_ref(),
            requires_dist: &self.metadata.requires_dist,
            files: files.collect(),
        }
    }
}

/// Where a function finds it that has the packages in this folder.
pub(crate) fn place_of(packages: &str, entry: &Entry) -> String {
    format!("{packages}/{}", entry.path.installed())
}

/// Inflates one entry again, into memory.
///
/// # Errors
/// When the source cannot be read, and [`io::ErrorKind::InvalidData`] when its bytes are no longer those that were
/// verified.
pub fn entry_bytes(source: &dyn ReadAt, entry: &Entry) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Unpacker::new().write(source, entry, &mut bytes)?;
    Ok(bytes)
}

/// Inflates entries again, one after the other in the same memory.
pub struct Unpacker(Buffers);

impl Unpacker {
    /// Takes some 200 kB.
    #[must_use]
    pub fn new() -> Self {
        Self(Buffers::new())
    }

    /// Writes one entry, in pieces of bounded size.
    ///
    /// # Errors
    /// As [`entry_bytes`], or what `out` says. Some of the bytes may then have been written.
    pub fn write(&mut self, source: &dyn ReadAt, entry: &Entry, out: &mut dyn io::Write) -> io::Result<()> {
        let mut stream = EntryStream::new(source, entry.packed(), &mut self.0);
        while let Some(chunk) = stream.next().map_err(|error| entry.data_error(error))? {
            out.write_all(chunk)?;
        }
        Ok(())
    }
}

impl Default for Unpacker {
    fn default() -> Self {
        Self::new()
    }
}

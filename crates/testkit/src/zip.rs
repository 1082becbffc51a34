//! Archives byte by byte: right by default, wrong exactly where a test says so (APPNOTE 6.3.10).
//!
//! A builder holds parts in the order of the file (entries and gaps), then the central directory, then the end records.
//! What an entry looks like is in `entry`; what makes an archive a wheel is in `wheel`.

mod entry;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use entry::{Descriptor, Fields, METHOD_DEFLATED, METHOD_STORED, ZipEntry, deflate, extra_field, zip64_extra};

/// The end-of-central-directory record, as it will be written.
#[derive(Clone, Debug)]
pub struct End {
    /// Number of this disk.
    pub disk: u16,
    /// Disk on which the central directory starts.
    pub directory_disk: u16,
    /// Central records on this disk.
    pub entries_here: u16,
    /// Central records in all.
    pub entries: u16,
    /// Bytes of the central directory.
    pub directory_size: u32,
    /// Offset of the central directory, in bytes from the start of the archive.
    pub directory_offset: u32,
    /// What the comment's length field claims; `None`: its true length.
    pub comment_length: Option<u16>,
    /// The archive's comment.
    pub comment: Vec<u8>,
}

impl End {
    /// The record's bytes, signature and comment included.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = b"PK\x05\x06".to_vec();
        for value in [self.disk, self.directory_disk, self.entries_here, self.entries] {
            out.extend(value.to_le_bytes());
        }
        out.extend(self.directory_size.to_le_bytes());
        out.extend(self.directory_offset.to_le_bytes());
        out.extend(self.comment_length.unwrap_or(short(self.comment.len())).to_le_bytes());
        out.extend(&self.comment);
        out
    }
}

/// The zip64 end record and its locator, as they will be written.
#[derive(Clone, Debug)]
pub struct Zip64End {
    /// What the record's length field claims; `None`: its true length (44 and the extensible data).
    pub record_size: Option<u64>,
    /// Version made by.
    pub made_by: u16,
    /// Version needed to extract.
    pub version_needed: u16,
    /// Number of this disk.
    pub disk: u32,
    /// Disk on which the central directory starts.
    pub directory_disk: u32,
    /// Central records on this disk.
    pub entries_here: u64,
    /// Central records in all.
    pub entries: u64,
    /// Bytes of the central directory.
    pub directory_size: u64,
    /// Offset of the central directory, in bytes.
    pub directory_offset: u64,
    /// The extensible data sector.
    pub extensible: Vec<u8>,
    /// Whether the locator is written.
    pub locator: bool,
    /// Where the locator says the zip64 end record is, in bytes.
    pub locator_offset: u64,
    /// Disk on which the locator says the record is.
    pub locator_disk: u32,
    /// Disks in all, as the locator says.
    pub locator_disks: u32,
}

impl Zip64End {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = b"PK\x06\x06".to_vec();
        out.extend(self.record_size.unwrap_or(44 + self.extensible.len() as u64).to_le_bytes());
        out.extend(self.made_by.to_le_bytes());
        out.extend(self.version_needed.to_le_bytes());
        out.extend(self.disk.to_le_bytes());
        out.extend(self.directory_disk.to_le_bytes());
        for value in [self.entries_here, self.entries, self.directory_size, self.directory_offset] {
            out.extend(value.to_le_bytes());
        }
        out.extend(&self.extensible);
        if self.locator {
            out.extend(b"PK\x06\x07");
            out.extend(self.locator_disk.to_le_bytes());
            out.extend(self.locator_offset.to_le_bytes());
            out.extend(self.locator_disks.to_le_bytes());
        }
        out
    }
}

#[derive(Clone, Debug)]
enum Part {
    Entry(Box<ZipEntry>),
    Gap(Vec<u8>),
}

/// Runs when the archive is written, over values that are only known then.
type Edit<T> = Arc<dyn Fn(&mut T) + Send + Sync>;

/// Builds an archive.
///
/// ```
/// # use testkit::{ZipBuilder, ZipEntry};
/// let two_readings = ZipBuilder::new()
///     .entry(ZipEntry::deflated("a.py", b"harmless").local(|header| header.name = b"b.py".to_vec()))
///     .build();
/// # assert!(two_readings.starts_with(b"PK\x03\x04"));
/// ```
#[derive(Clone, Default)]
pub struct ZipBuilder {
    prepended: Vec<u8>,
    prefix: Vec<u8>,
    parts: Vec<Part>,
    before_directory: Vec<u8>,
    directory_order: Option<Vec<usize>>,
    after_directory: Vec<u8>,
    zip64_end: Option<Edit<Zip64End>>,
    end: Vec<Edit<End>>,
    without_end: bool,
    comment: Vec<u8>,
    second_end: Option<Edit<End>>,
    trailing: Vec<u8>,
}

impl ZipBuilder {
    /// An empty archive.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry after the ones before it.
    #[must_use]
    pub fn entry(mut self, entry: ZipEntry) -> Self {
        self.parts.push(Part::Entry(Box::new(entry)));
        self
    }

    /// Puts an entry before all others, so that it is the first local header and the first central record.
    #[must_use]
    pub fn first(mut self, entry: ZipEntry) -> Self {
        self.parts.insert(0, Part::Entry(Box::new(entry)));
        self
    }

    /// Changes the entry whose central name is `name`; panics if there is none.
    #[must_use]
    pub fn edit(mut self, name: &str, change: impl FnOnce(ZipEntry) -> ZipEntry) -> Self {
        let entry = self
            .parts
            .iter_mut()
            .find_map(|part| match part {
                Part::Entry(entry) if entry.central_name() == name.as_bytes() => Some(entry),
                _ => None,
            })
            .expect("edit() names an entry that was added before");
        **entry = change((**entry).clone());
        self
    }

    /// Bytes that no entry claims, after the entries so far.
    #[must_use]
    pub fn gap(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.parts.push(Part::Gap(bytes.as_ref().to_vec()));
        self
    }

    /// Bytes before the first entry that every offset takes into account (a self-extracting stub).
    #[must_use]
    pub fn prefix(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.prefix = bytes.as_ref().to_vec();
        self
    }

    /// Bytes before everything that no offset takes into account, as if `cat` had put them there.
    #[must_use]
    pub fn prepend(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.prepended = bytes.as_ref().to_vec();
        self
    }

    /// Bytes between the last entry and the central directory.
    #[must_use]
    pub fn before_directory(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.before_directory = bytes.as_ref().to_vec();
        self
    }

    /// Bytes between the central directory and the end records (not counted in the directory's size).
    #[must_use]
    pub fn after_directory(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.after_directory = bytes.as_ref().to_vec();
        self
    }

    /// Which entries the central directory lists, by their number in order of adding; may repeat and leave out.
    #[must_use]
    pub fn directory_order(mut self, order: impl Into<Vec<usize>>) -> Self {
        self.directory_order = Some(order.into());
        self
    }

    /// The archive's comment.
    #[must_use]
    pub fn comment(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.comment = bytes.as_ref().to_vec();
        self
    }

    /// Changes the end record after its right values are known.
    #[must_use]
    pub fn end(mut self, change: impl Fn(&mut End) + Send + Sync + 'static) -> Self {
        self.end.push(Arc::new(change));
        self
    }

    /// Leaves the end record out.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.without_end = true;
        self
    }

    /// Adds a right zip64 end record and locator; the plain end record then holds sentinels.
    #[must_use]
    pub fn zip64_end(self) -> Self {
        self.zip64_end_with(|_| {})
    }

    /// As [`Self::zip64_end`], changed after the right values are known.
    #[must_use]
    pub fn zip64_end_with(mut self, change: impl Fn(&mut Zip64End) + Send + Sync + 'static) -> Self {
        self.zip64_end = Some(Arc::new(change));
        self
    }

    /// Writes the plain end record a second time behind the first, changed as given.
    #[must_use]
    pub fn second_end(mut self, change: impl Fn(&mut End) + Send + Sync + 'static) -> Self {
        self.second_end = Some(Arc::new(change));
        self
    }

    /// Bytes after everything.
    #[must_use]
    pub fn trailing(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.trailing = bytes.as_ref().to_vec();
        self
    }

    /// The archive's bytes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let mut entries = Vec::new();
        for part in &self.parts {
            match part {
                Part::Gap(bytes) => out.extend(bytes),
                Part::Entry(entry) => {
                    entries.push((entry, out.len()));
                    entry.write_local(&mut out);
                }
            }
        }
        out.extend(&self.before_directory);

        let directory_offset = out.len();
        let offsets: Vec<usize> = entries.iter().map(|(_, offset)| *offset).collect();
        let order = self.directory_order.clone().unwrap_or_else(|| (0..entries.len()).collect());
        let mut count = 0;
        for number in order {
            let (entry, offset) = entries.get(number).expect("directory_order() names an entry that was added");
            count += u64::from(entry.write_central(*offset, &offsets, &mut out));
        }
        let directory_size = out.len() - directory_offset;
        out.extend(&self.after_directory);

        self.write_end(count, directory_size, directory_offset, &mut out);
        out.extend(&self.trailing);
        [self.prepended.as_slice(), &out].concat()
    }

    fn write_end(&self, count: u64, directory_size: usize, directory_offset: usize, out: &mut Vec<u8>) {
        let mut end = End {
            disk: 0,
            directory_disk: 0,
            entries_here: u16::try_from(count).unwrap_or(u16::MAX),
            entries: u16::try_from(count).unwrap_or(u16::MAX),
            directory_size: word(directory_size),
            directory_offset: word(directory_offset),
            comment_length: None,
            comment: self.comment.clone(),
        };
        if let Some(change) = &self.zip64_end {
            let mut zip64 = Zip64End {
                record_size: None,
                made_by: 0x032D,
                version_needed: 45,
                disk: 0,
                directory_disk: 0,
                entries_here: count,
                entries: count,
                directory_size: directory_size as u64,
                directory_offset: directory_offset as u64,
                extensible: Vec::new(),
                locator: true,
                locator_offset: out.len() as u64,
                locator_disk: 0,
                locator_disks: 1,
            };
            change(&mut zip64);
            out.extend(zip64.to_bytes());
            (end.entries_here, end.entries) = (u16::MAX, u16::MAX);
            (end.directory_size, end.directory_offset) = (u32::MAX, u32::MAX);
        }
        for change in &self.end {
            change(&mut end);
        }
        if !self.without_end {
            out.extend(end.to_bytes());
        }
        if let Some(change) = &self.second_end {
            change(&mut end);
            out.extend(end.to_bytes());
        }
    }
}

/// A length as a 16-bit field holds it: what does not fit wraps, as it would on disk.
#[expect(clippy::cast_possible_truncation, reason = "a field of the format is this wide")]
fn short(length: usize) -> u16 {
    length as u16
}

/// A length or offset as a 32-bit field; over 4 GiB it is the zip64 sentinel.
fn word(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

//! The end of the archive: where the central directory lies (APPNOTE 4.3.14 to 4.3.16).

use std::borrow::Cow;
use std::io;

use lambda_compat::{Code, Finding};

use super::disguise::{HEAD, describe};
use super::fields::Fields;
use super::{MAX_DIRECTORY, MAX_ENTRIES, Purpose, holds_signature};
use crate::fault::Checked;
use crate::read_at::{ReadAt, read_vec};

const END: [u8; 4] = *b"PK\x05\x06";
const ZIP64_END: [u8; 4] = *b"PK\x06\x06";
const ZIP64_LOCATOR: [u8; 4] = *b"PK\x06\x07";

const END_LEN: usize = 22;
const ZIP64_LOCATOR_LEN: u64 = 20;
/// Without extensible data, which nothing in a wheel needs.
const ZIP64_END_LEN: u64 = 56;
/// Bytes of the archive's comment: as many as its length field can say.
const MAX_COMMENT: u64 = 65_535;
/// NUL bytes behind the end record at most: files on PyPI are padded to a block's or a sector's end.
const MAX_PADDING: u64 = 65_536;
/// A central record without name, extra fields and comment.
const CENTRAL_LEN: u64 = 46;

/// The last bytes of an archive, read at once: over HTTP they save two requests.
pub(super) struct Tail<'a> {
    source: &'a dyn ReadAt,
    start: u64,
    bytes: Vec<u8>,
    purpose: Purpose,
}

/// Where the central directory lies and how many records it holds.
pub(super) struct End {
    pub(super) entries: u64,
    /// Offset of the central directory.
    pub(super) start: u64,
    /// Bytes of the central directory, at most [`MAX_DIRECTORY`].
    pub(super) len: u64,
    /// It has zip64 records.
    pub(super) zip64: bool,
}

/// What both forms of the end record say.
#[derive(PartialEq, Eq)]
struct Totals {
    entries: u64,
    len: u64,
    start: u64,
}

impl<'a> Tail<'a> {
    pub(super) fn read(source: &'a dyn ReadAt, purpose: Purpose) -> io::Result<Self> {
        let size = source.size();
        let len = size.min(END_LEN as u64 + MAX_COMMENT + MAX_PADDING);
        Ok(Self { source, start: size - len, bytes: read_vec(source, size - len, len)?, purpose })
    }

    /// `len` bytes from `offset` of the archive on; the caller has bounded `len`.
    pub(super) fn get(&self, offset: u64, len: u64) -> io::Result<Cow<'_, [u8]>> {
        let start = offset.checked_sub(self.start).and_then(|start| usize::try_from(start).ok());
        let range = start.and_then(|start| Some(start..start.checked_add(usize::try_from(len).ok()?)?));
        match range.and_then(|range| self.bytes.get(range)) {
            Some(bytes) => Ok(Cow::Borrowed(bytes)),
            None => read_vec(self.source, offset, len).map(Cow::Owned),
        }
    }
}

/// Finds the one end record that every reader would find, with its zip64 record where there is one.
pub(super) fn find(tail: &Tail<'_>) -> Checked<End> {
    let Some(at) = tail.bytes.windows(4).rposition(|window| window == END) else {
        let size = tail.source.size();
        return Err(describe(&tail.get(0, size.min(HEAD))?, size).into());
    };
    let record = tail.bytes.get(at..).unwrap_or_default();
    let (end, comment) = parse(record).ok_or_else(|| framing("the end-of-central-directory record is cut short"))?;
    check_comment_and_padding(tail, at, comment)?;

    let at = tail.start + at as u64;
    let wide = zip64(tail, at, &end)?;
    let zip64 = wide.is_some();
    let (totals, directory_end) = match wide {
        Some(found) => found,
        None if end.disk == 0 && end.directory_disk == 0 && end.entries_here == end.entries => (end.totals(), at),
        None => return Err(framing("the archive is spread over several disks").into()),
    };
    if totals.start.checked_add(totals.len) != Some(directory_end) {
        let message = format!(
            "the central directory should be {} bytes at {}, but the end record follows at {directory_end}: there are \
             bytes before the archive, or records that not every reader sees",
            totals.len, totals.start
        );
        let help = format!("pack the {} anew; nothing may stand before, between or behind it", tail.purpose.noun());
        return Err(framing(message).help(help).into());
    }
    if totals.entries > MAX_ENTRIES || totals.len > MAX_DIRECTORY {
        let message = format!(
            "the archive lists {} entries in {} bytes; layerpack reads {MAX_ENTRIES} entries in {MAX_DIRECTORY} bytes at most",
            totals.entries, totals.len
        );
        return Err(Finding::error(Code::ArchiveLimits, message).into());
    }
    // Comparing first means that the count is never trusted with an allocation.
    if totals.entries * CENTRAL_LEN > totals.len {
        let message =
            format!("{} entries cannot be listed in {} bytes of central directory", totals.entries, totals.len);
        return Err(framing(message).into());
    }
    Ok(End { entries: totals.entries, start: totals.start, len: totals.len, zip64 })
}

/// The plain end record, as it is written.
struct EndRecord {
    disk: u16,
    directory_disk: u16,
    entries_here: u16,
    entries: u16,
    len: u32,
    start: u32,
}

impl EndRecord {
    fn totals(&self) -> Totals {
        Totals { entries: self.entries.into(), len: self.len.into(), start: self.start.into() }
    }

    /// Whether each field is the zip64 record's value or the sentinel that refers to it.
    fn agrees(&self, totals: &Totals) -> bool {
        let disk = |value: u16| value == 0 || value == u16::MAX;
        let count = |value: u16| value == u16::MAX || u64::from(value) == totals.entries;
        disk(self.disk)
            && disk(self.directory_disk)
            && count(self.entries_here)
            && count(self.entries)
            && (self.len == u32::MAX || u64::from(self.len) == totals.len)
            && (self.start == u32::MAX || u64::from(self.start) == totals.start)
    }
}

/// The end record at the start of `bytes`, and the length its comment claims.
fn parse(bytes: &[u8]) -> Option<(EndRecord, usize)> {
    let mut fields = Fields(bytes);
    fields.signature(END)?;
    let end = EndRecord {
        disk: fields.u16()?,
        directory_disk: fields.u16()?,
        entries_here: fields.u16()?,
        entries: fields.u16()?,
        len: fields.u32()?,
        start: fields.u32()?,
    };
    Some((end, fields.u16()?.into()))
}

/// The archive ends with its comment, or with NUL padding behind it, and no earlier end record could claim the same.
fn check_comment_and_padding(tail: &Tail<'_>, at: usize, comment: usize) -> Checked<()> {
    let bytes = &tail.bytes;
    let end = at + END_LEN + comment;
    let Some(rest) = bytes.get(end..) else {
        return Err(framing("the archive's comment reaches past the end of the file").into());
    };
    if rest.iter().any(|byte| *byte != 0) {
        let message = format!("{} bytes follow the end of the archive", rest.len());
        let help = format!("pack the {} anew; nothing may stand behind the archive", tail.purpose.noun());
        return Err(framing(message).help(help).into());
    }
    if bytes.get(at + END_LEN..end).is_some_and(holds_signature) {
        return Err(framing("the archive's comment holds a zip record: readers differ in which they believe").into());
    }
    let claims_the_end = |earlier: usize| {
        let record = parse(bytes.get(earlier..).unwrap_or_default());
        record.is_some_and(|(_, comment)| (end..=bytes.len()).contains(&(earlier + END_LEN + comment)))
    };
    let mut earlier = bytes.get(..at).unwrap_or_default().windows(4).enumerate();
    if earlier.any(|(earlier, window)| *window == END && claims_the_end(earlier)) {
        return Err(framing("two end-of-central-directory records claim the end of the archive").into());
    }
    Ok(())
}

/// The zip64 totals and the offset of their record; `None` where there is no zip64 locator.
fn zip64(tail: &Tail<'_>, end_at: u64, end: &EndRecord) -> Checked<Option<(Totals, u64)>> {
    let Some(locator_at) = end_at.checked_sub(ZIP64_LOCATOR_LEN) else { return Ok(None) };
    let locator = tail.get(locator_at, ZIP64_LOCATOR_LEN)?;
    let mut fields = Fields(&locator);
    if fields.signature(ZIP64_LOCATOR).is_none() {
        return Ok(None);
    }
    let wrong = |what: &str| Finding::error(Code::Zip64, what.to_owned());
    let located = (fields.u32(), fields.u64(), fields.u32());
    let (Some(0), Some(record_at), Some(0 | 1)) = located else {
        return Err(wrong("the zip64 end locator refers to another disk").into());
    };
    if record_at.checked_add(ZIP64_END_LEN) != Some(locator_at) {
        let message = "the zip64 end locator does not point to a record of 56 bytes right before it: its offset is wrong, or \
                       the record has extensible data";
        return Err(wrong(message).into());
    }
    let record = tail.get(record_at, ZIP64_END_LEN)?;
    let totals = zip64_record(&record)
        .ok_or_else(|| wrong("the zip64 end record is damaged, is spread over several disks or has extensible data"))?;
    if !end.agrees(&totals) {
        return Err(wrong("the zip64 end record and the plain one disagree").into());
    }
    Ok(Some((totals, record_at)))
}

fn zip64_record(bytes: &[u8]) -> Option<Totals> {
    let mut fields = Fields(bytes);
    fields.signature(ZIP64_END)?;
    let declared = fields.u64()?;
    let (_made_by, _needed) = (fields.u16()?, fields.u16()?);
    let disks = (fields.u32()?, fields.u32()?);
    let entries_here = fields.u64()?;
    let totals = Totals { entries: fields.u64()?, len: fields.u64()?, start: fields.u64()? };
    // The length field does not count itself and the signature.
    (declared == ZIP64_END_LEN - 12 && disks == (0, 0) && entries_here == totals.entries).then_some(totals)
}

fn framing(message: impl Into<String>) -> Finding {
    Finding::error(Code::ArchiveFraming, message)
}

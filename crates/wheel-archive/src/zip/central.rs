//! The central directory (APPNOTE 4.3.12): every entry, what it says of itself, and whether the entries tile the file.

use std::collections::BTreeMap;

use lambda_compat::{Code, Finding};

use super::end::{self, Tail};
use super::extra::Extra;
use super::fields::Fields;
use super::{MAX_INFLATED, MAX_NAME, Method, Purpose, holds_signature};
use crate::fault::{Checked, refuse_if_any};
use crate::read_at::ReadAt;
use crate::{EntryPath, alike, folded};

const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// A local header without name and extra fields.
const LOCAL_LEN: u64 = 30;
/// A record of the central directory without name, extra fields and comment.
const RECORD_LEN: u64 = 46;
/// The newest version of the format that APPNOTE defines, 6.3.
const NEWEST_VERSION: u16 = 63;

/// Bits of the general purpose flags (APPNOTE 4.4.4).
pub(super) const FLAG_DESCRIPTOR: u16 = 1 << 3;
pub(super) const FLAG_LEVEL: u16 = 1 << 1 | 1 << 2;
const FLAG_UTF8: u16 = 1 << 11;
const FLAG_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const FLAG_PATCHED: u16 = 1 << 5;
const KNOWN_FLAGS: u16 = FLAG_DESCRIPTOR | FLAG_LEVEL | FLAG_UTF8;

/// The file type of a Unix mode, in the upper half of the external attributes.
const MODE_TYPE: u32 = 0o170_000;
const MODE_FILE: u32 = 0o100_000;
const MODE_FOLDER: u32 = 0o040_000;
const MODE_LINK: u32 = 0o120_000;
/// Systems whose external attributes are Unix modes (APPNOTE 4.4.2).
const MADE_BY_UNIX: u16 = 3;
const MADE_BY_MACOS: u16 = 19;
const MODE_EXECUTABLE: u32 = 0o111;
const MODE_PERMISSIONS: u32 = 0o7777;

/// An archive's entries, each in its own span of the file.
pub(crate) struct Directory {
    /// In the order of their local headers.
    pub(crate) entries: Vec<CentralEntry>,
    /// Things worth knowing that do not stand against the archive.
    pub(crate) warnings: Vec<Finding>,
}

/// What the central directory says of an entry.
#[derive(Debug)]
pub(crate) struct CentralEntry {
    /// Without the slash that marks a folder.
    pub(crate) path: EntryPath,
    pub(crate) folder: bool,
    /// A symbolic link, whose data are its target.
    pub(crate) link: bool,
    /// The name's bytes, as the local header must repeat them.
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: Method,
    pub(crate) crc32: u32,
    pub(crate) compressed: u64,
    pub(crate) size: u64,
    /// Unix permission bits; `None` where the packer's system has none.
    pub(crate) mode: Option<u32>,
    /// Offset of the local header.
    pub(crate) header: u64,
    /// Bytes from the local header to the next one, or to the central directory.
    pub(crate) span: u64,
    /// Bytes of its record in the central directory.
    pub(crate) record: u64,
}

impl CentralEntry {
    /// Whether the mode has any x bit.
    pub(crate) fn executable(&self) -> bool {
        self.mode.is_some_and(|mode| mode & MODE_EXECUTABLE != 0)
    }
}

/// Reads the end of the archive and its central directory; all that can be told without looking at the entries is
/// checked.
pub(crate) fn read_directory(source: &dyn ReadAt, purpose: Purpose) -> Checked<Directory> {
    let tail = Tail::read(source, purpose)?;
    let end = end::find(&tail)?;
    let bytes = tail.get(end.start, end.len)?;

    let mut findings = Vec::new();
    let mut entries = Vec::new();
    let mut fields = Fields(&bytes);
    for number in 0..end.entries {
        let record = Record::parse(&mut fields).ok_or_else(|| {
            let message = format!("record {number} of the central directory is damaged or cut short");
            Finding::error(Code::ArchiveFraming, message)
        })?;
        match record.check(purpose) {
            Ok(entry) => entries.push(entry),
            Err(finding) => findings.push(finding),
        }
    }
    if !fields.0.is_empty() {
        let message = format!("{} bytes follow the last record of the central directory", fields.0.len());
        return Err(Finding::error(Code::ArchiveFraming, message).into());
    }
    refuse_if_any(findings)?;

    let (findings, mut warnings) = check_names(&entries);
    refuse_if_any(findings)?;
    warnings.extend(unflagged_names(&entries));
    if end.zip64 && purpose == Purpose::Layer {
        let message = "the archive has zip64 records, and Lambda has been seen to refuse some that say so";
        warnings.push(
            Finding::warning(Code::Zip64, message)
                .help("pack it without them: nothing that Lambda takes needs any; layerpack build writes none")
                .source("https://github.com/sst/sst/issues/6660"),
        );
    }
    check_total(&entries)?;
    assign_spans(&mut entries, end.start, purpose)?;
    Ok(Directory { entries, warnings })
}

/// A record of the central directory, as it is written.
struct Record<'a> {
    made_by: u16,
    version_needed: u16,
    flags: u16,
    method: u16,
    crc32: u32,
    compressed: u32,
    size: u32,
    disk: u16,
    attributes: u32,
    header: u32,
    name: &'a [u8],
    extra: &'a [u8],
    comment: &'a [u8],
}

impl<'a> Record<'a> {
    fn parse(fields: &mut Fields<'a>) -> Option<Self> {
        fields.signature(CENTRAL)?;
        let made_by = fields.u16()?;
        let (version_needed, flags, method) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let _modified = fields.u32()?;
        let (crc32, compressed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name_len, extra_len, comment_len) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let (disk, _internal, attributes, header) = (fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.take(name_len)?, fields.take(extra_len)?, fields.take(comment_len)?);
        Some(Self {
            made_by,
            version_needed,
            flags,
            method,
            crc32,
            compressed,
            size,
            disk,
            attributes,
            header,
            name,
            extra,
            comment,
        })
    }

    /// All that one record tells by itself.
    fn check(&self, purpose: Purpose) -> Result<CentralEntry, Finding> {
        let lossy = String::from_utf8_lossy(self.name.get(..self.name.len().min(MAX_NAME)).unwrap_or_default());
        let shown = lossy.escape_debug().to_string();
        let error = |code, message: String| Finding::error(code, message).at(&shown);

        let (path, folder) = self.path(purpose).map_err(|message| error(Code::EntryName, message))?;
        let link = self.is_link(folder, purpose).map_err(|message| error(Code::SpecialFile, message))?;
        let method = self.method().map_err(|message| error(Code::Compression, message))?;
        if self.disk != 0 {
            return Err(error(Code::ArchiveFraming, "the entry is on another disk of a spread archive".to_owned()));
        }
        if holds_signature(self.comment) {
            return Err(error(Code::ArchiveFraming, "the entry's comment holds a zip record".to_owned()));
        }
        // PyPI takes no wheel with one, and no tool that builds wheels writes any.
        if purpose == Purpose::Wheel && !self.comment.is_empty() {
            let message =
                "the entry has a comment in the central directory: bytes that nobody reads and RECORD does not know";
            return Err(error(Code::ArchiveFraming, message.to_owned()));
        }
        let extra = Extra::parse(self.extra).map_err(|message| error(Code::HeadersDisagree, message.to_owned()))?;
        if !extra.names(self.name) {
            return Err(error(Code::EntryName, "a Unicode path extra field gives the entry another name".to_owned()));
        }
        let [size, compressed, header] = extra
            .widen([self.size, self.compressed, self.header])
            .map_err(|message| error(Code::Zip64, message.to_owned()))?;
        if folder && size != 0 {
            return Err(error(Code::EntryName, format!("a folder's name, but {size} bytes of data")));
        }
        if method == Method::Stored && compressed != size {
            let message = format!("stored without compression as {compressed} bytes, but said to be {size}");
            return Err(error(Code::EntryData, message));
        }
        Ok(CentralEntry {
            path,
            folder,
            link,
            name: self.name.to_vec(),
            flags: self.flags,
            method,
            crc32: self.crc32,
            compressed,
            size,
            mode: Some(self.attributes >> 16).filter(|mode| *mode != 0).map(|mode| mode & MODE_PERMISSIONS),
            header,
            span: 0,
            record: RECORD_LEN + (self.name.len() + self.extra.len() + self.comment.len()) as u64,
        })
    }

    /// The name as a path, and whether it names a folder.
    fn path(&self, purpose: Purpose) -> Result<(EntryPath, bool), String> {
        if self.name.len() > MAX_NAME {
            return Err(format!("a name of {} bytes; Linux takes {MAX_NAME} at most", self.name.len()));
        }
        let Ok(name) = str::from_utf8(self.name) else {
            return Err("the name is not UTF-8: it reads differently everywhere".to_owned());
        };
        // Without the flag Python reads code page 437, Info-ZIP the bytes as they are.
        if purpose == Purpose::Wheel && !name.is_ascii() && self.flags & FLAG_UTF8 == 0 {
            return Err(
                "a name with letters beyond ASCII that is not flagged as UTF-8: it reads differently everywhere"
                    .to_owned(),
            );
        }
        let (path, folder) = name.strip_suffix('/').map_or((name, false), |path| (path, true));
        path.parse().map(|path| (path, folder)).map_err(|error: crate::UnsafePath| format!("refused: {error}"))
    }

    /// Whether it is a link, which wheels must not have; else files and folders only. The mode counts whatever system the
    /// entry says it was made on, as pip reads it.
    fn is_link(&self, folder: bool, purpose: Purpose) -> Result<bool, String> {
        let mode = self.attributes >> 16;
        let what = match mode & MODE_TYPE {
            0 | MODE_FILE => return Ok(false),
            MODE_FOLDER if folder => return Ok(false),
            MODE_FOLDER => "a folder by its mode, a file by its name",
            MODE_LINK if folder => "a link by its mode, a folder by its name",
            MODE_LINK if purpose == Purpose::Layer => return Ok(true),
            MODE_LINK => "a symbolic link",
            0o010_000 => "a named pipe",
            0o020_000 | 0o060_000 => "a device",
            0o140_000 => "a socket",
            // Other systems keep other things there.
            _ if !matches!(self.made_by >> 8, MADE_BY_UNIX | MADE_BY_MACOS) => return Ok(false),
            _ => "of no known kind",
        };
        Err(format!("the entry is {what} (mode {mode:o}); a {} holds plain files", purpose.noun()))
    }

    fn method(&self) -> Result<Method, String> {
        // 99 marks AES encryption by WinZip.
        if self.flags & FLAG_ENCRYPTED != 0 || self.method == 99 {
            return Err("the entry is encrypted".to_owned());
        }
        if self.flags & FLAG_PATCHED != 0 {
            return Err("the entry is compressed patched data".to_owned());
        }
        if self.flags & !KNOWN_FLAGS != 0 {
            return Err(format!("the entry has flags that are not known ({:#06x})", self.flags));
        }
        if self.version_needed & 0xff > NEWEST_VERSION {
            return Err(format!("the entry needs version {} of the zip format", self.version_needed & 0xff));
        }
        let name = match self.method {
            0 => return Ok(Method::Stored),
            8 => return Ok(Method::Deflated),
            9 => "Deflate64".to_owned(),
            12 => "bzip2".to_owned(),
            14 => "LZMA".to_owned(),
            20 | 93 => "Zstandard".to_owned(),
            95 => "XZ".to_owned(),
            98 => "PPMd".to_owned(),
            number => format!("method {number}"),
        };
        Err(format!("compressed with {name}; wheels are stored or deflated, and Lambda unpacks nothing else"))
    }
}

/// No name twice, no file that is a folder too. Names that only case tells apart, or how Unicode spells them, are a
/// warning: Lambda's file system keeps them apart, a Mac's or Windows' does not.
fn check_names(entries: &[CentralEntry]) -> (Vec<Finding>, Vec<Finding>) {
    let mut findings = Vec::new();
    // With the separator before every letter, what lies in a folder follows it directly.
    let mut sorted: Vec<(Vec<u8>, &CentralEntry)> =
        entries.iter().map(|entry| (tree_order(&entry.path), entry)).collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    for ((path, entry), (next_path, next)) in sorted.iter().zip(sorted.iter().skip(1)) {
        if path == next_path {
            let message = "the archive holds two entries of this name: readers differ in which they take";
            findings.push(Finding::error(Code::DuplicateEntry, message).at(entry.path.as_str()));
        } else if !entry.folder && next_path.strip_prefix(path.as_slice()).is_some_and(|rest| rest.starts_with(b"\0")) {
            let message = format!("a file, and the folder of `{}` too", next.path);
            findings.push(Finding::error(Code::DuplicateEntry, message).at(entry.path.as_str()));
        }
    }

    let mut warnings = Vec::new();
    let mut seen = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.folder) {
        let path = entry.path.as_str();
        if let Some(other) = seen.insert(folded(path), path).filter(|other| *other != path) {
            let (first, second) = if other < path { (other, path) } else { (path, other) };
            warnings.push(Finding::warning(Code::DuplicateEntry, alike(first, second)).at(second));
        }
    }
    warnings.sort();
    (findings, warnings)
}

/// Names whose letters beyond ASCII no flag says to be UTF-8: each reader picks an alphabet of its own.
fn unflagged_names(entries: &[CentralEntry]) -> Option<Finding> {
    let mut names = entries.iter().filter(|entry| !entry.name.is_ascii() && entry.flags & FLAG_UTF8 == 0);
    let first = names.next()?;
    let more = match names.count() {
        0 => String::new(),
        more => format!("; {more} more names too"),
    };
    let message =
        format!("a name with letters beyond ASCII that is not flagged as UTF-8{more}: it is read as UTF-8 here");
    Some(Finding::warning(Code::EntryName, message).at(first.path.as_str()))
}

fn tree_order(path: &EntryPath) -> Vec<u8> {
    path.as_str().bytes().map(|byte| if byte == b'/' { 0 } else { byte }).collect()
}

/// What the archive says it inflates to, before anything is inflated; no entry is read past its own part of it.
fn check_total(entries: &[CentralEntry]) -> Checked<()> {
    let total = entries.iter().fold(0_u64, |total, entry| total.saturating_add(entry.size));
    if total > MAX_INFLATED {
        let message = format!(
            "the archive says it inflates to {total} bytes; layerpack reads {MAX_INFLATED} at most, and a function with \
             all its layers may have 262,144,000 bytes unzipped"
        );
        return Err(Finding::error(Code::ArchiveLimits, message).into());
    }
    Ok(())
}

/// Gives each entry the bytes up to the next; together they must be the file from its first byte to the directory.
fn assign_spans(entries: &mut [CentralEntry], directory: u64, purpose: Purpose) -> Checked<()> {
    let layout = |message: String| Finding::error(Code::EntryLayout, message);
    entries.sort_by_key(|entry| entry.header);
    let first = entries.first().map_or(directory, |entry| entry.header);
    if first != 0 {
        let message = format!("{first} bytes stand before the first entry, where other readers look");
        let help = format!("pack the {} anew; nothing may stand before, between or behind it", purpose.noun());
        return Err(Finding::error(Code::ArchiveFraming, message).help(help).into());
    }
    let mut findings = Vec::new();
    let mut end = directory;
    for entry in entries.iter_mut().rev() {
        let least = entry.compressed.saturating_add(LOCAL_LEN + entry.name.len() as u64);
        match end.checked_sub(entry.header) {
            Some(span) if span >= least => entry.span = span,
            _ => {
                let message = format!(
                    "the entry at {} overlaps what follows at {end}: it takes {least} bytes at least",
                    entry.header
                );
                findings.push(layout(message).at(entry.path.as_str()));
            }
        }
        end = end.min(entry.header);
    }
    refuse_if_any(findings)
}

//! Local headers and data descriptors (APPNOTE 4.3.7 and 4.3.9), held against the central directory.

use std::io;

use lambda_compat::{Code, Finding};

use super::central::{CentralEntry, FLAG_DESCRIPTOR, FLAG_LEVEL};
use super::extra::Extra;
use super::fields::Fields;
use super::{Method, Packed};
use crate::fault::Checked;
use crate::read_at::{ReadAt, read_vec};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Bits that writers set in one header and not in the other: where the sizes are written, and how hard the writer tried.
/// Neither changes what is read.
const FREE_FLAGS: u16 = FLAG_DESCRIPTOR | FLAG_LEVEL;
/// The longest local header: name and extra fields of 65,535 bytes each.
const MAX_LOCAL: u64 = 30 + 2 * 65_535;
/// The longest data descriptor: signature, CRC-32 and two 8-byte sizes.
const MAX_DESCRIPTOR: u64 = 24;

/// Reads an entry's local header and its data descriptor, if it has one, and finds its data between them. The three must
/// say the same and fill the entry's span to the byte.
pub(crate) fn locate(source: &dyn ReadAt, entry: &CentralEntry) -> Checked<Packed> {
    let header = read_header(source, entry)?;
    let local = Local::parse(&header).ok_or_else(|| {
        let message = format!("there is no local header at {}, where the central directory says", entry.header);
        Finding::error(Code::HeadersDisagree, message).at(entry.path.as_str())
    })?;
    let has_descriptor = local.flags & FLAG_DESCRIPTOR != 0;
    local.check(entry, has_descriptor).map_err(|finding| finding.at(entry.path.as_str()))?;

    let data = entry.header + local.len;
    let Some(rest) = entry.span.checked_sub(local.len).and_then(|rest| rest.checked_sub(entry.compressed)) else {
        let message = "the entry's header and data reach into what follows";
        return Err(Finding::error(Code::EntryLayout, message).at(entry.path.as_str()).into());
    };
    if !has_descriptor && rest != 0 {
        let message = format!("{rest} bytes behind the entry belong to none");
        return Err(Finding::error(Code::EntryLayout, message).at(entry.path.as_str()).into());
    }
    if has_descriptor {
        let bytes = read_vec(source, data + entry.compressed, rest.min(MAX_DESCRIPTOR + 1))?;
        check_descriptor(&bytes, entry).ok_or_else(|| {
            let message = "the data descriptor behind the entry disagrees with the central directory";
            Finding::error(Code::DataDescriptor, message).at(entry.path.as_str())
        })?;
    }
    Ok(Packed {
        offset: data,
        compressed: entry.compressed,
        size: entry.size,
        crc32: entry.crc32,
        method: entry.method,
    })
}

/// The bytes of the header: as many as it takes when its extra fields are no longer than most, else all it could have.
fn read_header(source: &dyn ReadAt, entry: &CentralEntry) -> io::Result<Vec<u8>> {
    let usual = 30 + entry.name.len() as u64 + 64;
    let header = read_vec(source, entry.header, usual.min(entry.span))?;
    if Local::parse(&header).is_some() || usual >= entry.span {
        return Ok(header);
    }
    read_vec(source, entry.header, MAX_LOCAL.min(entry.span))
}

/// A local header, as it is written.
struct Local<'a> {
    flags: u16,
    method: u16,
    crc32: u32,
    compressed: u32,
    size: u32,
    name: &'a [u8],
    extra: &'a [u8],
    /// Bytes of the whole header.
    len: u64,
}

impl<'a> Local<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.signature(LOCAL)?;
        let _version_needed = fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _modified = fields.u32()?;
        let (crc32, compressed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name_len, extra_len) = (fields.u16()?, fields.u16()?);
        let (name, extra) = (fields.take(name_len)?, fields.take(extra_len)?);
        let len = (bytes.len() - fields.0.len()) as u64;
        Some(Self { flags, method, crc32, compressed, size, name, extra, len })
    }

    fn check(&self, entry: &CentralEntry, has_descriptor: bool) -> Result<(), Finding> {
        let disagree = |what: String| Finding::error(Code::HeadersDisagree, what);
        if self.name != entry.name {
            let name = String::from_utf8_lossy(self.name);
            return Err(disagree(format!("the entry's own header calls it `{}`", name.escape_debug())));
        }
        let method = match entry.method {
            Method::Stored => 0,
            Method::Deflated => 8,
        };
        if self.method != method || (self.flags ^ entry.flags) & !FREE_FLAGS != 0 {
            let message =
                "the entry's own header has another compression method or other flags than the central directory";
            return Err(disagree(message.to_owned()));
        }
        let extra = Extra::parse(self.extra).map_err(|message| disagree(message.to_owned()))?;
        if !extra.names(self.name) {
            let message = "a Unicode path extra field gives the entry another name";
            return Err(Finding::error(Code::EntryName, message));
        }
        let [size, compressed] =
            extra.widen([self.size, self.compressed]).map_err(|message| Finding::error(Code::Zip64, message))?;
        // With a descriptor the header may leave each of them zero; the descriptor then has the say.
        let zero_or = |says: u64, is: u64| says == is || has_descriptor && says == 0;
        if !zero_or(size, entry.size) || !zero_or(compressed, entry.compressed) {
            return Err(disagree(format!(
                "the entry's own header says {compressed} bytes that inflate to {size}; the central directory says {} \
                 that inflate to {}",
                entry.compressed, entry.size
            )));
        }
        if !zero_or(self.crc32.into(), entry.crc32.into()) {
            return Err(disagree("the entry's own header has another CRC-32 than the central directory".to_owned()));
        }
        Ok(())
    }
}

/// The descriptor fills the rest of the span: its length tells whether it has a signature and 8-byte sizes.
fn check_descriptor(bytes: &[u8], entry: &CentralEntry) -> Option<()> {
    let mut fields = Fields(bytes);
    if matches!(bytes.len(), 16 | 24) {
        fields.signature(DESCRIPTOR)?;
    }
    let crc32 = fields.u32()?;
    let (compressed, size) = match bytes.len() {
        12 | 16 => (fields.u32()?.into(), fields.u32()?.into()),
        20 | 24 => (fields.u64()?, fields.u64()?),
        _ => return None,
    };
    ((crc32, compressed, size) == (entry.crc32, entry.compressed, entry.size)).then_some(())
}

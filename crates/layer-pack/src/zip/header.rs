//! The zip's records, as PKWARE's APPNOTE 6.3.10 lays them out; section numbers below are its.
//!
//! Every field but name, method, CRC and sizes is fixed: version 2.0, made by Unix, 1980-01-01 00:00:00, no extra
//! fields, no comments, no data descriptors, no zip64. Lambda has been seen to reject other versions at times.

use wheel_archive::Method;

use super::image::Placed;
use crate::{Entry, LayerPath};

/// Bytes of the end of central directory record (4.3.16) without a comment.
pub(crate) const DIRECTORY_END: u64 = 22;

const LOCAL_HEADER: u64 = 30;
const DIRECTORY_RECORD: u64 = 46;

/// 2.0, the first version with deflate (4.4.3.2); stored entries need no more than 1.0, but one number is simpler.
const VERSION: u16 = 20;
/// Made by Unix (4.4.2): the upper half of the external attributes is its mode.
const MADE_BY: u16 = (3 << 8) | VERSION;
/// A regular file, `S_IFREG`.
const REGULAR: u32 = 0o100_000;
/// The name is UTF-8 (4.4.4, bit 11).
const UTF8: u16 = 1 << 11;
const TIME: u16 = 0;
/// The first day of DOS time: year 0 since 1980, month 1, day 1.
const DATE: u16 = (1 << 5) | 1;

/// Bytes of the local header of an entry at this path (4.3.7).
pub(crate) fn local_header_len(path: &LayerPath) -> u64 {
    LOCAL_HEADER + path.as_str().len() as u64
}

/// Bytes of its record in the central directory (4.3.12).
pub(crate) fn directory_record_len(path: &LayerPath) -> u64 {
    DIRECTORY_RECORD + path.as_str().len() as u64
}

/// The local header (4.3.7).
pub(super) fn local_header(placed: &Placed<'_>) -> Vec<u8> {
    let mut header = Vec::with_capacity(128);
    header.extend(b"PK\x03\x04");
    push_common(&mut header, placed);
    header.extend(placed.entry.path.as_str().as_bytes());
    header
}

/// The record in the central directory (4.3.12).
pub(super) fn push_directory_record(out: &mut Vec<u8>, placed: &Placed<'_>) {
    out.extend(b"PK\x01\x02");
    push_u16(out, MADE_BY);
    push_common(out, placed);
    push_u16(out, 0); // comment length
    push_u16(out, 0); // disk
    push_u16(out, 0); // internal attributes
    push_u32(out, (REGULAR | placed.entry.mode.permissions()) << 16);
    push_u32(out, placed.header_offset);
    out.extend(placed.entry.path.as_str().as_bytes());
}

/// The end record (4.3.16).
pub(super) fn push_directory_end(out: &mut Vec<u8>, entries: u16, size: u32, offset: u32) {
    out.extend(b"PK\x05\x06");
    push_u16(out, 0); // this disk
    push_u16(out, 0); // the directory's disk
    push_u16(out, entries); // on this disk
    push_u16(out, entries);
    push_u32(out, size);
    push_u32(out, offset);
    push_u16(out, 0); // comment length
}

/// What both headers hold from "version needed" to "extra field length".
fn push_common(out: &mut Vec<u8>, placed: &Placed<'_>) {
    push_u16(out, VERSION);
    push_u16(out, flags(placed.entry));
    push_u16(
        out,
        match placed.entry.content.method() {
            Method::Stored => 0,
            Method::Deflated => 8,
        },
    );
    push_u16(out, TIME);
    push_u16(out, DATE);
    push_u32(out, placed.entry.content.crc32());
    push_u32(out, placed.compressed);
    push_u32(out, placed.size);
    push_u16(out, placed.name_len);
    push_u16(out, 0); // extra field length
}

/// Bit 11 only where the name is not ASCII: elsewhere it says nothing.
fn flags(entry: &Entry<'_>) -> u16 {
    if entry.path.as_str().is_ascii() { 0 } else { UTF8 }
}

fn push_u16(out: &mut Vec<u8>, value: u16) {
    out.extend(value.to_le_bytes());
}

fn push_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

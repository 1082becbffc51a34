//! One entry of an archive: a local header, data, perhaps a descriptor, and a central record, each settable apart.

use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};

use super::{short, word};

/// The compression method "stored".
pub const METHOD_STORED: u16 = 0;
/// The compression method "deflated".
pub const METHOD_DEFLATED: u16 = 8;

const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_UTF8: u16 = 1 << 11;
/// 1980-01-01, the first day that the format can say.
const FIRST_DAY: u16 = 0x0021;
/// Version 2.0 of the format, on Unix.
const MADE_BY_UNIX: u16 = 0x0314;

/// What a local header and a central record both hold.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The record's signature.
    pub signature: [u8; 4],
    /// The entry's name.
    pub name: Vec<u8>,
    /// What the name's length field claims; `None`: its true length.
    pub name_length: Option<u16>,
    /// Extra fields; see [`extra_field`].
    pub extra: Vec<u8>,
    /// What the extra fields' length field claims; `None`: their true length.
    pub extra_length: Option<u16>,
    /// Version needed to extract, 20 for 2.0.
    pub version_needed: u16,
    /// General purpose flags; bit 0 encrypted, bit 3 descriptor, bit 11 UTF-8.
    pub flags: u16,
    /// Compression method; [`METHOD_STORED`], [`METHOD_DEFLATED`] or another.
    pub method: u16,
    /// DOS time.
    pub time: u16,
    /// DOS date.
    pub date: u16,
    /// CRC-32 of the inflated bytes.
    pub crc32: u32,
    /// Bytes of the data as it lies in the archive.
    pub compressed: u32,
    /// Bytes of the data once inflated.
    pub size: u32,
}

/// A data descriptor, as it will be written behind the data.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Whether the optional signature is written.
    pub signature: bool,
    /// Whether the sizes take 8 bytes.
    pub zip64: bool,
    /// CRC-32 of the inflated bytes.
    pub crc32: u32,
    /// Bytes of the data as it lies in the archive.
    pub compressed: u64,
    /// Bytes of the data once inflated.
    pub size: u64,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Own,
    Fixed(u32),
    LocalHeaderOf(usize),
}

#[derive(Clone, Debug)]
struct Directory {
    fields: Fields,
    made_by: u16,
    disk: u16,
    internal_attributes: u16,
    external_attributes: u32,
    place: Place,
    comment: Vec<u8>,
}

/// One entry: right until told otherwise. Later calls see what earlier ones left.
#[derive(Clone, Debug)]
pub struct ZipEntry {
    local: Option<Fields>,
    data: Vec<u8>,
    descriptor: Option<Descriptor>,
    central: Option<Directory>,
}

impl ZipEntry {
    /// A file stored as it is, mode 0644.
    #[must_use]
    pub fn stored(name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        Self::raw(name, METHOD_STORED, bytes, crc32fast::hash(bytes), bytes.len())
    }

    /// A file deflated at level 6, mode 0644.
    #[must_use]
    pub fn deflated(name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        Self::raw(name, METHOD_DEFLATED, deflate(bytes), crc32fast::hash(bytes), bytes.len())
    }

    /// A file whose data is written as given, said to be `size` bytes with this CRC-32 once inflated.
    #[must_use]
    pub fn raw(name: impl AsRef<[u8]>, method: u16, data: impl AsRef<[u8]>, crc32: u32, size: usize) -> Self {
        let name = name.as_ref().to_vec();
        let data = data.as_ref().to_vec();
        let utf8 = !name.is_ascii() && std::str::from_utf8(&name).is_ok();
        let local = Fields {
            signature: *b"PK\x03\x04",
            name,
            name_length: None,
            extra: Vec::new(),
            extra_length: None,
            version_needed: 20,
            flags: if utf8 { FLAG_UTF8 } else { 0 },
            method,
            time: 0,
            date: FIRST_DAY,
            crc32,
            compressed: word(data.len()),
            size: word(size),
        };
        let central = Directory {
            fields: Fields { signature: *b"PK\x01\x02", ..local.clone() },
            made_by: MADE_BY_UNIX,
            disk: 0,
            internal_attributes: 0,
            external_attributes: 0o100_644 << 16,
            place: Place::Own,
            comment: Vec::new(),
        };
        Self { local: Some(local), data, descriptor: None, central: Some(central) }
    }

    /// A folder; `name` should end in a slash.
    #[must_use]
    pub fn directory(name: impl AsRef<[u8]>) -> Self {
        Self::stored(name, b"").mode(0o040_755)
    }

    /// A symbolic link.
    #[must_use]
    pub fn symlink(name: impl AsRef<[u8]>, target: &str) -> Self {
        Self::stored(name, target).mode(0o120_777)
    }

    /// Changes the local header only.
    #[must_use]
    pub fn local(mut self, change: impl FnOnce(&mut Fields)) -> Self {
        change(self.local.as_mut().expect("the entry has a local header"));
        self
    }

    /// Changes the central record only.
    #[must_use]
    pub fn central(mut self, change: impl FnOnce(&mut Fields)) -> Self {
        change(&mut self.directory_mut().fields);
        self
    }

    /// Changes both headers alike.
    #[must_use]
    pub fn both(mut self, change: impl Fn(&mut Fields)) -> Self {
        if let Some(local) = &mut self.local {
            change(local);
        }
        if let Some(central) = &mut self.central {
            change(&mut central.fields);
        }
        self
    }

    /// The Unix mode with its file type, for example `0o100_755`; a mode without a type is a regular file's.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        let mode = if mode & 0o170_000 == 0 { mode | 0o100_000 } else { mode };
        let dos_directory = if mode & 0o170_000 == 0o040_000 { 0x10 } else { 0 };
        self.external_attributes(mode << 16 | dos_directory)
    }

    /// The external attributes as they are.
    #[must_use]
    pub fn external_attributes(mut self, attributes: u32) -> Self {
        self.directory_mut().external_attributes = attributes;
        self
    }

    /// Version made by: the system in the high byte (0 DOS, 3 Unix), the version in the low one.
    #[must_use]
    pub fn made_by(mut self, made_by: u16) -> Self {
        self.directory_mut().made_by = made_by;
        self
    }

    /// The disk on which the central record says the entry starts.
    #[must_use]
    pub fn disk(mut self, disk: u16) -> Self {
        self.directory_mut().disk = disk;
        self
    }

    /// The central record's comment.
    #[must_use]
    pub fn comment(mut self, comment: impl AsRef<[u8]>) -> Self {
        self.directory_mut().comment = comment.as_ref().to_vec();
        self
    }

    /// Where the central record says the local header is, in bytes.
    #[must_use]
    pub fn offset(mut self, offset: u32) -> Self {
        self.directory_mut().place = Place::Fixed(offset);
        self
    }

    /// Points the central record at the local header of the entry with this number (in order of adding).
    #[must_use]
    pub fn offset_of(mut self, entry: usize) -> Self {
        self.directory_mut().place = Place::LocalHeaderOf(entry);
        self
    }

    /// DOS date and time in both headers, seconds in steps of two.
    #[must_use]
    pub fn modified(self, (year, month, day): (u16, u16, u16), (hour, minute, second): (u16, u16, u16)) -> Self {
        self.both(|fields| {
            fields.date = (year - 1980) << 9 | month << 5 | day;
            fields.time = hour << 11 | minute << 5 | (second / 2);
        })
    }

    /// Replaces the data as it lies in the archive and leaves every header as it is.
    #[must_use]
    pub fn data(mut self, data: impl AsRef<[u8]>) -> Self {
        self.data = data.as_ref().to_vec();
        self
    }

    /// Adds bytes behind the data and counts them as compressed bytes in both headers.
    #[must_use]
    pub fn data_tail(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.data.extend(bytes.as_ref());
        let compressed = word(self.data.len());
        self.both(|fields| fields.compressed = compressed)
    }

    /// A right data descriptor with its signature; the local header's CRC-32 and sizes become 0.
    #[must_use]
    pub fn descriptor(self) -> Self {
        self.descriptor_with(|_| {})
    }

    /// As [`Self::descriptor`], changed as given.
    #[must_use]
    pub fn descriptor_with(mut self, change: impl FnOnce(&mut Descriptor)) -> Self {
        let fields = &self.directory_mut().fields;
        let mut descriptor = Descriptor {
            signature: true,
            zip64: false,
            crc32: fields.crc32,
            compressed: u64::from(fields.compressed),
            size: u64::from(fields.size),
        };
        change(&mut descriptor);
        self.descriptor = Some(descriptor);
        self.both(|fields| fields.flags |= FLAG_DESCRIPTOR).local(|fields| {
            (fields.crc32, fields.compressed, fields.size) = (0, 0, 0);
        })
    }

    /// Moves both sizes into a zip64 extra field, in both headers. A descriptor is to be asked for before this.
    #[must_use]
    pub fn zip64(self) -> Self {
        self.both(|fields| {
            fields.extra.extend(zip64_extra(&[u64::from(fields.size), u64::from(fields.compressed)]));
            (fields.compressed, fields.size, fields.version_needed) = (u32::MAX, u32::MAX, 45);
        })
    }

    /// Only in the central directory: neither local header nor data is written.
    #[must_use]
    pub fn without_local(mut self) -> Self {
        self.local = None;
        self.data.clear();
        self.descriptor = None;
        self
    }

    /// Only a local header and data: the central directory does not list it.
    #[must_use]
    pub fn without_central(mut self) -> Self {
        self.central = None;
        self
    }

    /// The bytes of the local header as it is now, to be quoted by another entry's data.
    #[must_use]
    pub fn local_header(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(fields) = &self.local {
            out.extend(fields.signature);
            fields.write_common(&mut out);
            out.extend(&fields.name);
            out.extend(&fields.extra);
        }
        out
    }

    pub(super) fn central_name(&self) -> &[u8] {
        self.central.as_ref().map_or(&[], |central| &central.fields.name)
    }

    pub(super) fn write_local(&self, out: &mut Vec<u8>) {
        out.extend(self.local_header());
        out.extend(&self.data);
        if let Some(descriptor) = &self.descriptor {
            descriptor.write(out);
        }
    }

    /// Writes the central record, if there is one; `offsets` are those of all local headers.
    pub(super) fn write_central(&self, own: usize, offsets: &[usize], out: &mut Vec<u8>) -> bool {
        let Some(central) = &self.central else { return false };
        let offset = match central.place {
            Place::Own => word(own),
            Place::Fixed(offset) => offset,
            Place::LocalHeaderOf(entry) => word(*offsets.get(entry).expect("offset_of() names an entry")),
        };
        out.extend(central.fields.signature);
        out.extend(central.made_by.to_le_bytes());
        central.fields.write_common(out);
        out.extend(short(central.comment.len()).to_le_bytes());
        out.extend(central.disk.to_le_bytes());
        out.extend(central.internal_attributes.to_le_bytes());
        out.extend(central.external_attributes.to_le_bytes());
        out.extend(offset.to_le_bytes());
        out.extend(&central.fields.name);
        out.extend(&central.fields.extra);
        out.extend(&central.comment);
        true
    }

    fn directory_mut(&mut self) -> &mut Directory {
        self.central.as_mut().expect("the entry has a central record")
    }
}

impl Fields {
    fn write_common(&self, out: &mut Vec<u8>) {
        for value in [self.version_needed, self.flags, self.method, self.time, self.date] {
            out.extend(value.to_le_bytes());
        }
        for value in [self.crc32, self.compressed, self.size] {
            out.extend(value.to_le_bytes());
        }
        out.extend(self.name_length.unwrap_or(short(self.name.len())).to_le_bytes());
        out.extend(self.extra_length.unwrap_or(short(self.extra.len())).to_le_bytes());
    }
}

impl Descriptor {
    fn write(&self, out: &mut Vec<u8>) {
        if self.signature {
            out.extend(b"PK\x07\x08");
        }
        out.extend(self.crc32.to_le_bytes());
        for size in [self.compressed, self.size] {
            let bytes = size.to_le_bytes();
            out.extend(if self.zip64 { &bytes[..] } else { &bytes[..4] });
        }
    }
}

/// Raw deflate (RFC 1951) at level 6.
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

/// One extra field: its header ID and its data.
#[must_use]
pub fn extra_field(id: u16, data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    [&id.to_le_bytes(), &short(data.len()).to_le_bytes(), data].concat()
}

/// The zip64 extra field (0x0001) holding these 8-byte values.
#[must_use]
pub fn zip64_extra(values: &[u64]) -> Vec<u8> {
    extra_field(1, values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

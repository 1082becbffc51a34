//! Extra fields (APPNOTE 4.5): zip64 sizes and the Unicode path; all others are passed over.

use super::fields::Fields;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// The extra fields that say how an entry is read.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    /// The 8-byte values of the zip64 field, in its fixed order: those only whose header field holds the sentinel, or, where none does, a repetition.
    pub(super) zip64: Option<&'a [u8]>,
    /// The Unicode path field without its head.
    unicode_path: Option<&'a [u8]>,
}

impl<'a> Extra<'a> {
    /// Splits an entry's extra fields; `Err` says what is wrong with them.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let mut extra = Self::default();
        let mut fields = Fields(bytes);
        while !fields.0.is_empty() {
            let head = fields.u16().zip(fields.u16());
            let field = head.and_then(|(id, len)| Some((id, fields.take(len)?)));
            let (id, data) = field.ok_or("extra fields are cut short")?;
            let slot = match id {
                ZIP64 => &mut extra.zip64,
                UNICODE_PATH => &mut extra.unicode_path,
                _ => continue,
            };
            if slot.replace(data).is_some() {
                return Err("an extra field that may stand once stands twice");
            }
        }
        Ok(extra)
    }

    /// Replaces the sentinels among `values` by the zip64 field's, which must hold exactly as many. Where there are no
    /// sentinels it may repeat the values: Bazel writes every local header so, and no reader can be misled.
    pub(super) fn widen<const N: usize>(&self, values: [u32; N]) -> Result<[u64; N], &'static str> {
        let mut zip64 = Fields(self.zip64.unwrap_or_default());
        let mut wide = values.map(u64::from);
        if !values.contains(&u32::MAX) {
            let repeated = wide.iter().all(|value| zip64.0.is_empty() || zip64.u64() == Some(*value));
            let problem = "the zip64 extra field holds other sizes or offsets than the header";
            return if repeated && zip64.0.is_empty() { Ok(wide) } else { Err(problem) };
        }
        for (value, narrow) in wide.iter_mut().zip(values) {
            if narrow == u32::MAX {
                *value = zip64.u64().ok_or("a size or offset refers to a zip64 extra field that does not hold it")?;
            }
        }
        if zip64.0.is_empty() { Ok(wide) } else { Err("the zip64 extra field holds more than the header refers to") }
    }

    /// A Unicode path (Info-ZIP's 0x7075) may only repeat the name: readers differ in which of the two they take.
    pub(super) fn names(&self, name: &[u8]) -> bool {
        let Some(data) = self.unicode_path else { return true };
        let repeated = data.split_first_chunk::<5>();
        repeated.is_some_and(|([version, crc @ ..], path)| {
            *version == 1 && u32::from_le_bytes(*crc) == crc32fast::hash(name) && path == name
        })
    }
}

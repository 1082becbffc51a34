//! Little-endian fields of a record, taken one after another.

/// The bytes of a record that were not taken yet.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The next `N` bytes; `None` past the end, and nothing is taken.
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The next `len` bytes; `None` past the end, and nothing is taken.
    pub(super) fn take(&mut self, len: u16) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len.into())?;
        self.0 = rest;
        Some(head)
    }

    /// Takes a record's signature, if it comes next.
    pub(super) fn signature(&mut self, signature: [u8; 4]) -> Option<()> {
        self.0 = self.0.strip_prefix(&signature)?;
        Some(())
    }
}

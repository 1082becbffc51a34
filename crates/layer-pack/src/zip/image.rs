//! The zip before it is written: every offset known, so that any part of it can be read, in any order.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::header::{DIRECTORY_END, local_header, local_header_len, push_directory_end, push_directory_record};
use crate::{Content, Entry, LayerPlan, PackError};

/// An entry with its place. The numbers are those of a zip without zip64, checked to fit.
pub(super) struct Placed<'p> {
    pub(super) entry: &'p Entry<'p>,
    pub(super) header_offset: u32,
    pub(super) name_len: u16,
    pub(super) compressed: u32,
    pub(super) size: u32,
}

impl Placed<'_> {
    fn start(&self) -> u64 {
        self.header_offset.into()
    }

    fn data(&self) -> u64 {
        self.start() + local_header_len(&self.entry.path)
    }

    fn end(&self) -> u64 {
        self.data() + u64::from(self.compressed)
    }
}

/// The whole zip: the entries one after the other, then the central directory and its end record.
pub(super) struct Image<'p> {
    placed: Vec<Placed<'p>>,
    directory_offset: u64,
    directory: Vec<u8>,
}

impl<'p> Image<'p> {
    /// Places every entry.
    pub(super) fn of(plan: &'p LayerPlan<'_>) -> Result<Self, PackError> {
        let too_large = |_| PackError::TooLarge;
        let entries = plan.entries();
        let count = u16::try_from(entries.len()).map_err(|_| PackError::TooManyEntries { entries: entries.len() })?;

        let mut placed = Vec::with_capacity(entries.len());
        let mut offset = 0_u64;
        for entry in entries {
            let next = Placed {
                entry,
                header_offset: u32::try_from(offset).map_err(too_large)?,
                name_len: u16::try_from(entry.path.as_str().len()).map_err(too_large)?,
                compressed: u32::try_from(entry.content.compressed()).map_err(too_large)?,
                size: u32::try_from(entry.content.size()).map_err(too_large)?,
            };
            offset = next.end();
            placed.push(next);
        }

        let mut directory = Vec::new();
        for entry in &placed {
            push_directory_record(&mut directory, entry);
        }
        let directory_size = u32::try_from(directory.len()).map_err(too_large)?;
        push_directory_end(&mut directory, count, directory_size, u32::try_from(offset).map_err(too_large)?);
        let image = Self { placed, directory_offset: offset, directory };
        debug_assert_eq!(image.len(), offset + u64::from(directory_size) + DIRECTORY_END);
        Ok(image)
    }

    /// Bytes.
    pub(super) fn len(&self) -> u64 {
        self.directory_offset + self.directory.len() as u64
    }

    /// Fills `buffer` with the zip's bytes from `offset` on; bytes of wheels are not checked here.
    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), PackError> {
        let mut window = Window { at: offset, rest: buffer };
        let first = self.placed.partition_point(|placed| placed.end() <= offset);
        for placed in self.placed.iter().skip(first) {
            if window.rest.is_empty() {
                return Ok(());
            }
            if window.at < placed.data() {
                window.copy(placed.start(), &local_header(placed));
            }
            match &placed.entry.content {
                Content::Made(made) => window.copy(placed.data(), &made.bytes),
                Content::Copied { wheel, entry } => {
                    let (from, part) = window.take(placed.data(), placed.compressed.into());
                    let read = wheel.source.read_exact_at(part, entry.offset.saturating_add(from));
                    read.map_err(|error| PackError::reading(*wheel, error))?;
                }
            }
        }
        window.copy(self.directory_offset, &self.directory);
        Ok(())
    }
}

/// The part of the zip that is being filled, from the front.
struct Window<'b> {
    /// Offset in the zip of the first byte that is still to be filled.
    at: u64,
    rest: &'b mut [u8],
}

impl<'b> Window<'b> {
    /// Splits off what of the piece `[start, start + len)` comes next; with the offset in the piece.
    fn take(&mut self, start: u64, len: u64) -> (u64, &'b mut [u8]) {
        let from = self.at.saturating_sub(start).min(len);
        let wanted = usize::try_from(len - from).unwrap_or(usize::MAX).min(self.rest.len());
        let (part, rest) = std::mem::take(&mut self.rest).split_at_mut(wanted);
        self.rest = rest;
        self.at += wanted as u64;
        (from, part)
    }

    /// Fills with what of the piece, which starts at `start`, comes next.
    fn copy(&mut self, start: u64, piece: &[u8]) {
        let (from, part) = self.take(start, piece.len() as u64);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        for (to, byte) in part.iter_mut().zip(piece.iter().skip(from)) {
            *to = *byte;
        }
    }
}

/// Holds the copied bytes against the checksums that the inspection took, chunk by chunk, in order.
pub(super) struct Checker<'i> {
    /// The entries that are not checked to their end.
    left: std::slice::Iter<'i, Placed<'i>>,
    /// The first of them, as far as it is checked.
    begun: Xxh3,
}

impl<'i> Checker<'i> {
    pub(super) fn new(image: &'i Image<'_>) -> Self {
        Self { left: image.placed.iter(), begun: Xxh3::new() }
    }

    /// Checks the chunk at `offset`, which follows on the last one.
    pub(super) fn check(&mut self, offset: u64, chunk: &[u8]) -> Result<(), PackError> {
        let chunk_end = offset + chunk.len() as u64;
        while let Some(placed) = self.left.as_slice().first().filter(|placed| placed.data() < chunk_end) {
            let (start, end) = (placed.data().max(offset), placed.end().min(chunk_end));
            let part = usize::try_from(start - offset)
                .ok()
                .zip(usize::try_from(end.saturating_sub(offset)).ok())
                .and_then(|(from, to)| chunk.get(from..to))
                .unwrap_or_default();
            let is_whole = start == placed.data() && end == placed.end();
            if !is_whole {
                self.begun.update(part);
            }
            if placed.end() > chunk_end {
                return Ok(());
            }
            if let Content::Copied { wheel, entry } = &placed.entry.content {
                let checksum = if is_whole { xxh3_64(part) } else { self.begun.digest() };
                if checksum != entry.checksum {
                    return Err(PackError::damaged(*wheel));
                }
            }
            self.begun.reset();
            self.left.next();
        }
        Ok(())
    }
}

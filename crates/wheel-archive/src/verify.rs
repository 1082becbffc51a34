//! Every entry of an archive, inflated once: its data against its headers, its digest for RECORD, the checksum of its
//! compressed bytes, and the facts of a shared object. Entries are verified in parallel, the largest first.

use std::borrow::Cow;

use lambda_compat::elf::{self, Binary, Bytes};
use lambda_compat::{Code, Finding};
use rayon::iter::{ParallelBridge as _, ParallelIterator as _};
use sha2::Digest as _;

use crate::Sha256;
use crate::fault::{Checked, Fault, gather, refuse_if_any};
use crate::inflate::{Buffers, DataError, EntryStream};
use crate::manifest::Entry;
use crate::read_at::ReadAt;
use crate::words::Words;
use crate::zip::{CentralEntry, Packed, locate};

/// Bytes that are read before it is told whether an entry is a shared object.
const HEAD: usize = 64 << 10;
/// Bytes from the start of a shared object that are kept: linkers put the string and version tables there and the
/// dynamic section, which has to be read first, at the end. Arrow's 48 MB library has its tables below 1.3 MB.
const BINARY_HEAD: usize = 4 << 20;
/// Bytes from the start that are kept where the tables reach further.
const MAX_HEAD: u64 = 16 << 20;
/// Bytes around a range that are kept with it: what is asked for next lies near.
const AROUND: u64 = 4 << 20;
/// Ranges kept at once.
const MAX_KEPT: usize = 4;
/// Bytes of one entry that may be inflated once more, to read backwards.
const MAX_AGAIN: u64 = 512 << 20;

/// Verifies all entries; gives the files among them, ordered by path.
pub(crate) fn verify(source: &dyn ReadAt, entries: &[CentralEntry]) -> Checked<Vec<Entry>> {
    let mut largest_first: Vec<_> = entries.iter().collect();
    largest_first.sort_by_key(|entry| std::cmp::Reverse(entry.compressed));
    // The bridge hands entries out one by one in this order; splitting the list in halves would give one thread all the
    // large ones.
    let outcomes: Vec<Checked<Option<Entry>>> = largest_first
        .into_iter()
        .par_bridge()
        .map_init(Buffers::new, |buffers, entry| verify_entry(source, entry, buffers))
        .collect();

    let mut findings = Vec::new();
    let mut files = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        files.extend(gather(&mut findings, outcome)?.flatten());
    }
    refuse_if_any(findings)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// `None` for a folder.
fn verify_entry(source: &dyn ReadAt, entry: &CentralEntry, buffers: &mut Buffers) -> Checked<Option<Entry>> {
    let packed = locate(source, entry)?;
    let mut pass = Pass::new(source, packed, buffers);
    let is_source = entry.path.file_name().rsplit_once('.').is_some_and(|(_, suffix)| suffix == "py");
    pass.words = is_source.then(Words::default);
    let binary = pass.run().map_err(|error| match error {
        DataError::Io(error) => Fault::Io(error),
        DataError::Damaged(message) => Finding::error(Code::EntryData, message).at(entry.path.as_str()).into(),
    })?;
    if entry.folder {
        return Ok(None);
    }
    Ok(Some(Entry {
        path: entry.path.clone(),
        offset: packed.offset,
        compressed: packed.compressed,
        size: packed.size,
        crc32: packed.crc32,
        method: packed.method,
        executable: entry.executable(),
        checksum: pass.stream.checksum(),
        sha256: Sha256::from_bytes(pass.sha256.finalize().into()),
        binary,
        opens_libraries: pass.words.is_some_and(|words| words.found()),
    }))
}

/// The one pass over an entry. Whoever reads the ELF facts drives it forward to the ranges that it asks for, so that a
/// large library is inflated once as well, in bounded memory.
struct Pass<'a> {
    source: &'a dyn ReadAt,
    packed: Packed,
    stream: EntryStream<'a>,
    sha256: sha2::Sha256,
    /// For Python sources.
    words: Option<Words>,
    /// Inflated bytes seen.
    position: u64,
    /// The first bytes, as many as were kept.
    head: Vec<u8>,
    /// Ranges kept on the way, by their first byte.
    kept: Vec<(u64, Vec<u8>)>,
    /// Bytes that may still be inflated once more.
    again: u64,
    failure: Option<DataError>,
}

impl<'a> Pass<'a> {
    fn new(source: &'a dyn ReadAt, packed: Packed, buffers: &'a mut Buffers) -> Self {
        Self {
            source,
            packed,
            stream: EntryStream::new(source, packed, buffers),
            sha256: sha2::Sha256::new(),
            words: None,
            position: 0,
            head: Vec::new(),
            kept: Vec::new(),
            again: MAX_AGAIN,
            failure: None,
        }
    }

    fn run(&mut self) -> Result<Option<Binary>, DataError> {
        while self.head.len() < HEAD && self.advance(|head, _, chunk| head.extend_from_slice(chunk))? {}
        let binary = if elf::looks_binary(&self.head) {
            while self.head.len() < BINARY_HEAD && self.advance(|head, _, chunk| head.extend_from_slice(chunk))? {}
            elf::read(self)
        } else {
            None
        };
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        while self.advance(|_, _, _| ())? {}
        Ok(binary)
    }

    /// Inflates and hashes the next bytes and shows them, with their position; `false` at the end.
    fn advance(&mut self, keep: impl FnOnce(&mut Vec<u8>, u64, &[u8])) -> Result<bool, DataError> {
        let Some(chunk) = self.stream.next()? else { return Ok(false) };
        self.sha256.update(chunk);
        if let Some(words) = &mut self.words {
            words.look(chunk);
        }
        keep(&mut self.head, self.position, chunk);
        self.position += chunk.len() as u64;
        Ok(true)
    }

    /// Goes on to `end` and keeps the bytes around `start`, which was not passed yet.
    fn keep_ahead(&mut self, start: u64, end: u64) -> Result<(), DataError> {
        let start = start.saturating_sub(AROUND).max(self.position);
        let mut window = Vec::new();
        let mut keep = |_: &mut Vec<u8>, position, chunk: &[u8]| extend_from(&mut window, start, position, chunk);
        while self.position < end && self.advance(&mut keep)? {}
        self.keep(start, window);
        Ok(())
    }

    /// Inflates from the start once more, as far as the budget allows, and keeps the bytes around the range: near the
    /// start of the entry all of them.
    fn keep_behind(&mut self, start: u64, end: u64) -> Result<(), DataError> {
        let near_start = end <= MAX_HEAD;
        let (start, end) =
            if near_start { (0, MAX_HEAD) } else { (start.saturating_sub(AROUND), end.saturating_add(AROUND)) };
        let end = end.min(self.packed.size);
        let Some(left) = self.again.checked_sub(end) else { return Ok(()) };
        self.again = left;

        let mut buffers = Buffers::new();
        let mut stream = EntryStream::new(self.source, self.packed, &mut buffers);
        let (mut window, mut position) = (Vec::new(), 0);
        while position < end {
            let Some(chunk) = stream.next()? else { break };
            extend_from(&mut window, start, position, chunk);
            position += chunk.len() as u64;
        }
        if near_start {
            self.head = window;
        } else {
            self.keep(start, window);
        }
        Ok(())
    }

    fn keep(&mut self, start: u64, window: Vec<u8>) {
        if self.kept.len() == MAX_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((start, window));
    }

    fn find(&self, start: u64, len: usize) -> Option<&[u8]> {
        let within = |from: u64, bytes: &'_ [u8]| {
            let start = usize::try_from(start.checked_sub(from)?).ok()?;
            let end = start.checked_add(len)?;
            (end <= bytes.len()).then_some(start..end)
        };
        if let Some(range) = within(0, &self.head) {
            return self.head.get(range);
        }
        self.kept.iter().find_map(|(from, bytes)| bytes.get(within(*from, bytes)?))
    }
}

impl Bytes for Pass<'_> {
    fn len(&self) -> u64 {
        self.packed.size
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Option<Cow<'_, [u8]>> {
        let end = offset.checked_add(len as u64).filter(|end| *end <= self.packed.size)?;
        if self.find(offset, len).is_none() {
            let outcome =
                if offset >= self.position { self.keep_ahead(offset, end) } else { self.keep_behind(offset, end) };
            if let Err(error) = outcome {
                self.failure = Some(error);
                return None;
            }
        }
        self.find(offset, len).map(Cow::Borrowed)
    }
}

/// Appends what of `chunk`, whose first byte is at `position`, lies at `start` or behind it.
fn extend_from(window: &mut Vec<u8>, start: u64, position: u64, chunk: &[u8]) {
    let skip = usize::try_from(start.saturating_sub(position)).unwrap_or(usize::MAX);
    window.extend_from_slice(chunk.get(skip..).unwrap_or_default());
}

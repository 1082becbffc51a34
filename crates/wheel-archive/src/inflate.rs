//! One entry's bytes, inflated in bounded pieces and held against its headers: the stream ends with the last compressed
//! byte and gives the size and CRC-32 that were promised, or it is an error.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};
use xxhash_rust::xxh3::Xxh3Default;

use crate::read_at::ReadAt;
use crate::zip::{Method, Packed};

const INPUT: usize = 64 << 10;
const OUTPUT: usize = 128 << 10;

/// The memory that inflating takes; used for one entry after another.
pub(crate) struct Buffers {
    input: Vec<u8>,
    output: Vec<u8>,
    inflater: Decompress,
}

impl Buffers {
    pub(crate) fn new() -> Self {
        Self { input: vec![0; INPUT], output: vec![0; OUTPUT], inflater: Decompress::new(false) }
    }
}

/// Why an entry's bytes cannot be had.
#[derive(Debug)]
pub(crate) enum DataError {
    /// The archive could not be read.
    Io(io::Error),
    /// The data are not what the headers promise; says how.
    Damaged(String),
}

impl From<io::Error> for DataError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An entry being inflated.
pub(crate) struct EntryStream<'a> {
    source: &'a dyn ReadAt,
    buffers: &'a mut Buffers,
    packed: Packed,
    /// Compressed bytes read from the source.
    read: u64,
    /// The part of the input buffer that was read and not used yet.
    unused: std::ops::Range<usize>,
    /// Inflated bytes given out.
    produced: u64,
    /// The deflate stream said that it ends.
    ended: bool,
    crc32: crc32fast::Hasher,
    checksum: Xxh3Default,
}

impl<'a> EntryStream<'a> {
    pub(crate) fn new(source: &'a dyn ReadAt, packed: Packed, buffers: &'a mut Buffers) -> Self {
        buffers.inflater.reset(false);
        Self {
            source,
            buffers,
            packed,
            read: 0,
            unused: 0..0,
            produced: 0,
            ended: packed.method == Method::Stored,
            crc32: crc32fast::Hasher::new(),
            checksum: Xxh3Default::new(),
        }
    }

    /// The next inflated bytes; `None` at the end, when everything was found to be as promised.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, DataError> {
        loop {
            self.refill()?;
            if self.packed.method == Method::Stored && !self.unused.is_empty() {
                let chunk = self.buffers.input.get(std::mem::take(&mut self.unused)).unwrap_or_default();
                self.produced += chunk.len() as u64;
                self.crc32.update(chunk);
                return Ok(Some(chunk));
            }
            if self.ended {
                return self.finish().map(|()| None);
            }
            let written = self.inflate()?;
            if written > 0 {
                let chunk = self.buffers.output.get(..written).unwrap_or_default();
                self.crc32.update(chunk);
                return Ok(Some(chunk));
            }
        }
    }

    /// xxh3-64 of the compressed bytes read so far: of all of them at the end.
    pub(crate) fn checksum(&self) -> u64 {
        self.checksum.digest()
    }

    fn refill(&mut self) -> Result<(), DataError> {
        let left = self.packed.compressed - self.read;
        if self.unused.is_empty() && left > 0 {
            let len = usize::try_from(left).map_or(INPUT, |left| left.min(INPUT));
            let input = self.buffers.input.get_mut(..len).unwrap_or_default();
            self.source.read_exact_at(input, self.packed.offset + self.read)?;
            self.checksum.update(input);
            self.read += len as u64;
            self.unused = 0..len;
        }
        Ok(())
    }

    /// One step of the inflater; gives the number of bytes written.
    fn inflate(&mut self) -> Result<usize, DataError> {
        let Buffers { input, output, inflater } = &mut *self.buffers;
        let input = input.get(self.unused.clone()).unwrap_or_default();
        // One byte of room beyond the promised size is enough to see that there are more.
        let room = usize::try_from(self.packed.size - self.produced + 1).map_or(OUTPUT, |room| room.min(OUTPUT));
        let output = output.get_mut(..room).unwrap_or_default();

        let (total_in, total_out) = (inflater.total_in(), inflater.total_out());
        let status = inflater
            .decompress(input, output, FlushDecompress::None)
            .map_err(|_| DataError::Damaged("the deflate stream is damaged".to_owned()))?;
        // Both are at most a buffer's length.
        let used = usize::try_from(inflater.total_in() - total_in).unwrap_or(usize::MAX);
        let written = usize::try_from(inflater.total_out() - total_out).unwrap_or(usize::MAX);

        self.unused.start += used;
        self.produced += written as u64;
        self.ended = status == Status::StreamEnd;
        if self.produced > self.packed.size {
            let message = format!("the data inflate to more than the {} bytes that the headers say", self.packed.size);
            return Err(DataError::Damaged(message));
        }
        if used == 0 && written == 0 && !self.ended {
            return Err(DataError::Damaged("the deflate stream is cut short".to_owned()));
        }
        Ok(written)
    }

    fn finish(&self) -> Result<(), DataError> {
        let Packed { compressed, size, crc32, .. } = self.packed;
        let behind = self.unused.len() as u64 + (compressed - self.read);
        let computed = self.crc32.clone().finalize();
        let message = if behind > 0 {
            format!("{behind} bytes follow the end of the deflate stream, where no reader looks")
        } else if self.produced != size {
            format!("the data inflate to {} bytes; the headers say {size}", self.produced)
        } else if computed != crc32 {
            format!("the data have the CRC-32 {computed:08x}; the headers say {crc32:08x}")
        } else {
            return Ok(());
        };
        Err(DataError::Damaged(message))
    }
}

/// A whole entry in memory. The caller has bounded its size.
pub(crate) fn inflate_whole(source: &dyn ReadAt, packed: Packed) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let mut buffers = Buffers::new();
    let mut stream = EntryStream::new(source, packed, &mut buffers);
    while let Some(chunk) = stream.next()? {
        bytes.extend_from_slice(chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};
    use proptest::prelude::*;

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + 1024);
        let mut deflater = Compress::new(Compression::default(), false);
        deflater.compress_vec(bytes, &mut out, FlushCompress::Finish).expect("memory takes it");
        out
    }

    fn inflate(data: &[u8], size: usize, crc32: u32) -> Result<Vec<u8>, String> {
        let compressed = data.len() as u64;
        let packed = Packed { offset: 0, compressed, size: size as u64, crc32, method: Method::Deflated };
        inflate_whole(&data, packed).map_err(|error| match error {
            DataError::Io(error) => error.to_string(),
            DataError::Damaged(message) => message,
        })
    }

    #[test]
    fn a_stream_is_taken_only_when_it_ends_where_the_headers_say() {
        let text = b"hello hello hello".repeat(100);
        let (data, crc) = (deflate(&text), crc32fast::hash(&text));
        assert_eq!(inflate(&data, text.len(), crc).as_deref(), Ok(text.as_slice()));

        let refused = |data: &[u8], size: usize, crc: u32| inflate(data, size, crc).expect_err("refused");
        assert!(refused(&data, text.len() - 1, crc).contains("more than"));
        assert!(refused(&data, text.len() + 1, crc).contains("inflate to 1700"));
        assert!(refused(&data, text.len(), crc ^ 1).contains("CRC-32"));
        assert!(refused(&data[..data.len() - 1], text.len(), crc).contains("cut short"));
        assert!(refused(&[data.as_slice(), &data].concat(), text.len(), crc).contains("follow the end"));
        assert!(refused(&[data.as_slice(), b"\0"].concat(), text.len(), crc).contains("1 bytes follow"));
        assert!(refused(b"", 0, 0).contains("cut short"));
        assert!(refused(b"\x07", 0, 0).contains("damaged"));
    }

    /// One distance code of one bit, 0: what the bit 1 would mean is not defined, and zlib refuses it. Some inflaters take
    /// both for the same, but a layer with such an entry could not be unpacked.
    #[test]
    fn a_code_that_the_stream_does_not_define_is_damage() {
        let mut data = *b"\x0d\xc0\x81\0\0\0\0\x80\x20\xd6\xfd\x25\xae\x18";
        let crc = crc32fast::hash(b"aaaa");
        assert_eq!(inflate(&data, 4, crc).as_deref(), Ok(b"aaaa".as_slice()));
        data[13] = 0x1c;
        assert!(inflate(&data, 4, crc).expect_err("refused").contains("damaged"));
    }

    #[test]
    fn a_bomb_stops_at_the_promised_size() {
        let data = deflate(&vec![0; 64 << 20]);
        assert!(inflate(&data, 1000, 0).expect_err("refused").contains("more than the 1000 bytes"));
    }

    /// Judges of raw deflate streams from elsewhere: a folder with `accept`, `iffy`, `malicious` and `reject` in it.
    #[test]
    fn outside_streams() {
        let Some(folder) = std::env::var_os("LAYERPACK_DEFLATE_STREAMS") else { return };
        for class in ["accept", "malicious", "reject"] {
            for file in fs_err::read_dir(std::path::Path::new(&folder).join(class)).expect("a folder") {
                let path = file.expect("an entry").path();
                let data = fs_err::read(&path).expect("a file");
                let mut inflater = Decompress::new(false);
                let mut first = Vec::with_capacity(1 << 20);
                // What the first stream in it gives, whatever follows: a size and CRC-32 that do not stand against it.
                let _whatever = inflater.decompress_vec(&data, &mut first, FlushDecompress::Finish);
                let outcome = inflate(&data, first.len(), crc32fast::hash(&first));
                assert_eq!(outcome.is_ok(), class == "accept", "{}: {outcome:?}", path.display());
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_deflated_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..300_000)) {
            let data = deflate(&bytes);
            prop_assert_eq!(inflate(&data, bytes.len(), crc32fast::hash(&bytes)), Ok(bytes));
        }

        #[test]
        fn no_stream_panics_or_gives_more_than_promised(
            data in proptest::collection::vec(any::<u8>(), 0..200), size in 0_usize..1000, crc in any::<u32>(),
        ) {
            if let Ok(bytes) = inflate(&data, size, crc) {
                prop_assert_eq!(bytes.len(), size);
            }
        }
    }
}

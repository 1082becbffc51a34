//! Reading at a position: the only way this crate sees the bytes of an archive, be it a file, memory or a server that
//! answers range requests. All platform code for positioned reads is here.

use std::fs::Metadata;
use std::io::{self, Read as _};
use std::path::Path;

#[cfg(unix)]
use fs_err::os::unix::fs::FileExt;
#[cfg(windows)]
use fs_err::os::windows::fs::FileExt;

/// Bytes of a known length that can be read at any position, from several threads at once.
pub trait ReadAt: Sync {
    /// The length in bytes. It does not change while the value lives.
    fn size(&self) -> u64;

    /// Fills `buf` with the bytes from `offset` on.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when the range reaches past the end, else what the source says.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;
}

/// A file on disk, read at positions; its length is the one it had when it was opened.
#[derive(Debug)]
pub struct FileAt {
    file: fs_err::File,
    size: u64,
}

impl FileAt {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// When the path cannot be opened or is not a regular file; the message names it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let regular = |metadata: &Metadata| {
            let message = || format!("`{}` is not a regular file", path.display());
            if metadata.is_file() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, message())) }
        };
        // Before it is opened: to open a pipe that nobody writes into would wait for ever.
        if let Ok(metadata) = fs_err::metadata(path) {
            regular(&metadata)?;
        }
        let file = fs_err::File::open(path)?;
        let metadata = file.metadata()?;
        regular(&metadata)?;
        Ok(Self { file, size: metadata.len() })
    }

    /// Reads the whole of a regular file.
    ///
    /// # Errors
    /// As [`FileAt::open`], or when it cannot be read.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Self::open(path)?.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[cfg(unix)]
    fn read_some(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }

    #[cfg(windows)]
    fn read_some(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.seek_read(buf, offset)
    }
}

impl ReadAt for FileAt {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_some(buf, offset) {
                Ok(0) => {
                    let message = format!("`{}` became shorter while it was read", self.file.path().display());
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
                }
                Ok(read) => {
                    buf = buf.get_mut(read..).unwrap_or_default();
                    offset += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl ReadAt for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(buf.len())?));
        let bytes = range.and_then(|range| self.get(range)).ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(bytes);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.as_slice().read_exact_at(buf, offset)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        (**self).read_exact_at(buf, offset)
    }
}

/// The whole of a file that has so many bytes at most; a pipe too, as a shell makes them of other commands.
///
/// # Errors
/// When it cannot be read, or [`io::ErrorKind::FileTooLarge`] when there are more; the message names it.
pub fn read_bounded(path: impl AsRef<Path>, largest: u64) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    let mut bytes = Vec::new();
    fs_err::File::open(path)?.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        let message =
            format!("{} is larger than {} MB, the most that is read of such a file", path.display(), largest >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// `len` bytes from `offset` on, in memory. The caller has bounded `len`.
pub(crate) fn read_vec(source: &dyn ReadAt, offset: u64, len: u64) -> io::Result<Vec<u8>> {
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = vec![0; len];
    source.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_past_the_end_are_an_error_at_every_position() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        fs_err::write(&path, b"0123456789").expect("the folder takes a file");
        let file = FileAt::open(&path).expect("the file is there");
        let memory = b"0123456789".to_vec();
        for source in [&file as &dyn ReadAt, &memory] {
            assert_eq!(source.size(), 10);
            assert_eq!(read_vec(source, 4, 3).expect("inside"), b"456");
            assert_eq!(read_vec(source, 10, 0).expect("empty at the end"), b"");
            for (offset, len) in [(8, 3), (11, 1), (u64::MAX, 1), (u64::MAX - 1, 4)] {
                assert!(read_vec(source, offset, len).is_err(), "{offset} {len}");
            }
        }
    }

    #[test]
    fn what_is_read_whole_has_an_end() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        fs_err::write(&path, vec![b'a'; 1 << 20]).expect("the folder takes a file");
        assert_eq!(read_bounded(&path, 1 << 20).expect("not more").len(), 1 << 20);
        let refused = read_bounded(&path, (1 << 20) - 1).expect_err("one more");
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
        #[cfg(unix)]
        assert!(
            read_bounded("/dev/zero", 1 << 20)
                .expect_err("endless")
                .to_string()
                .starts_with("/dev/zero is larger than 1 MB")
        );
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(FileAt::open(folder.path()).is_err());
        assert!(FileAt::open(folder.path().join("absent")).is_err());
    }
}

//! What a file outside of any archive is, where it is native code.

use std::borrow::Cow;
use std::io;

use lambda_compat::elf::{self, Binary, Bytes};

use crate::read_at::{ReadAt, read_vec};

/// Reads the facts of a file of native code: `None` when it is none. Reads a few ranges only, however large the file is.
///
/// # Errors
/// When the source cannot be read.
pub fn native_facts(source: &dyn ReadAt) -> io::Result<Option<Binary>> {
    let mut ranges = Ranges { source, failure: None };
    let binary = elf::read(&mut ranges);
    ranges.failure.map_or(Ok(binary), Err)
}

/// The ranges that are asked for, read one by one; keeps what went wrong with the first that could not be read.
struct Ranges<'a> {
    source: &'a dyn ReadAt,
    failure: Option<io::Error>,
}

impl Bytes for Ranges<'_> {
    fn len(&self) -> u64 {
        self.source.size()
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Option<Cow<'_, [u8]>> {
        let len = len as u64;
        if self.failure.is_some() || offset.checked_add(len)? > self.source.size() {
            return None;
        }
        match read_vec(self.source, offset, len) {
            Ok(bytes) => Some(Cow::Owned(bytes)),
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_first_bytes() {
        let library = testkit::ElfBuilder::shared(testkit::Machine::X86_64).needed("libc.so.6").build();
        let Ok(Some(Binary::Elf(facts))) = native_facts(&library) else { panic!("an ELF file") };
        assert_eq!(facts.needed, ["libc.so.6"]);
        assert_eq!(native_facts(&b"x = 1\n".to_vec()).expect("memory can be read"), None);
        assert_eq!(native_facts(&Vec::new()).expect("memory can be read"), None);
        let cut = native_facts(&library[..100].to_vec()).expect("memory can be read");
        assert!(matches!(cut, Some(Binary::Damaged(_))), "{cut:?}");
    }

    #[test]
    fn a_source_that_fails_is_an_error_and_no_damage() {
        struct Failing;
        impl ReadAt for Failing {
            fn size(&self) -> u64 {
                1000
            }

            fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
                if offset > 0 {
                    return Err(io::Error::other("the disk is gone"));
                }
                buf.copy_from_slice(b"\x7fELF");
                Ok(())
            }
        }
        assert!(native_facts(&Failing).is_err());
    }
}

//! Words of Python sources that stand for opening a library at run time, looked for while a source is inflated: few have
//! one, and only those are read again.

use std::io;

use memchr::memmem;

use crate::read_at::{ReadAt, read_vec};

/// `ctypes.CDLL`, `ctypes.PyDLL`, `cdll.LoadLibrary`, `numpy.ctypeslib.load_library`, `ctypes.util.find_library`, cffi's
/// `dlopen`.
const WORDS: [&str; 6] = ["CDLL", "PyDLL", "LoadLibrary", "load_library", "find_library", "dlopen"];
/// Bytes of a word that may lie before the end of a piece, the rest behind it.
const OVERLAP: usize = 11;

/// Looks for the words in a file that comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct Words {
    found: bool,
    /// The last bytes of the pieces before.
    tail: Vec<u8>,
}

impl Words {
    /// Takes the next piece.
    pub(crate) fn look(&mut self, piece: &[u8]) {
        if self.found {
            return;
        }
        let start = piece.len().min(OVERLAP);
        self.tail.extend_from_slice(&piece[..start]);
        self.found = has_word(&self.tail) || has_word(piece);
        if piece.len() >= OVERLAP {
            self.tail.clear();
            self.tail.extend_from_slice(&piece[piece.len() - OVERLAP..]);
        } else {
            self.tail.drain(..self.tail.len().saturating_sub(OVERLAP));
        }
    }

    /// Whether one was there.
    pub(crate) fn found(&self) -> bool {
        self.found
    }
}

/// Whether a Python source has one of the words.
///
/// # Errors
/// When it cannot be read.
pub fn opens_libraries(source: &dyn ReadAt) -> io::Result<bool> {
    const PIECE: u64 = 1 << 20;
    let (mut words, mut offset) = (Words::default(), 0);
    while offset < source.size() && !words.found() {
        let piece = read_vec(source, offset, PIECE.min(source.size() - offset))?;
        words.look(&piece);
        offset += piece.len() as u64;
    }
    Ok(words.found())
}

fn has_word(bytes: &[u8]) -> bool {
    WORDS.iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_word_is_longer_than_what_is_kept() {
        assert!(WORDS.iter().all(|word| word.len() <= OVERLAP + 1), "a word may be cut between two pieces");
    }

    proptest! {
        #[test]
        fn a_word_is_found_however_the_file_is_cut(before in ".{0,20}", after in ".{0,20}", cuts in prop::collection::vec(0..60_usize, 0..9)) {
            for word in WORDS.into_iter().chain(["cdll", "find-library"]) {
                let text = format!("{before}{word}{after}");
                let mut words = Words::default();
                let mut rest = text.as_bytes();
                for cut in &cuts {
                    let (piece, more) = rest.split_at((*cut).min(rest.len()));
                    words.look(piece);
                    rest = more;
                }
                words.look(rest);
                prop_assert_eq!(words.found(), has_word(text.as_bytes()));
            }
        }
    }
}

//! The text of a file that is being read, and the line and column at which something stands in it.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::requirements::Place;

/// Bytes of a lock or project file. Locks of a thousand packages have some 5 MB.
const LARGEST: u64 = 64 << 20;

/// A text with the beginnings of its lines, so that a place costs no second reading.
#[derive(Debug)]
pub(crate) struct SourceText<'a> {
    pub(crate) file: Cow<'a, Path>,
    pub(crate) text: Cow<'a, str>,
    /// Offsets of the first byte of every line.
    lines: Vec<usize>,
}

/// What keeps a text from being read, and the byte at which it was noticed.
#[derive(Debug)]
pub(crate) struct TextFault {
    pub(crate) at: usize,
    pub(crate) why: String,
}

impl<'a> SourceText<'a> {
    pub(crate) fn new(file: &'a Path, text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: Cow::Borrowed(file), text: Cow::Borrowed(text), lines }
    }

    /// The same, kept for longer than what it was read from.
    pub(crate) fn into_owned(self) -> SourceText<'static> {
        let (file, text) = (Cow::Owned(self.file.into_owned()), Cow::Owned(self.text.into_owned()));
        SourceText { file, text, lines: self.lines }
    }

    /// The text of these bytes; where they are no UTF-8, the text up to there and the fault.
    pub(crate) fn decode(file: &'a Path, bytes: &'a [u8]) -> (Self, Option<TextFault>) {
        match std::str::from_utf8(bytes) {
            Ok(text) => (Self::new(file, text), None),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
                let fault = TextFault { at: error.valid_up_to(), why: "is not UTF-8".to_owned() };
                (Self::new(file, valid.unwrap_or_default()), Some(fault))
            }
        }
    }

    /// Reads the text as TOML.
    pub(crate) fn toml<T: DeserializeOwned>(&self) -> Result<T, TextFault> {
        toml::from_str(&self.text).map_err(|error| TextFault {
            at: error.span().map_or(self.text.len(), |span| span.start),
            why: error.message().lines().collect::<Vec<_>>().join(" "),
        })
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&start| start <= at).max(1)
    }

    /// The first byte of a line that is counted from 1.
    pub(crate) fn start_of(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// Characters from the start of the line to a byte, counted from 1.
    pub(crate) fn column(&self, at: usize) -> usize {
        1 + self.before(at).chars().count()
    }

    /// The whole line of a byte, and the bytes of it before that one.
    pub(crate) fn raw_line(&self, at: usize) -> (&str, usize) {
        let before = self.before(at);
        let start = self.start_of(self.line(at));
        let raw = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        (raw, before.len().min(raw.len()))
    }

    /// The file, and the line of a byte.
    pub(crate) fn place(&self, at: usize) -> Place {
        Place::new(self.file.display().to_string(), self.line(at))
    }

    fn before(&self, at: usize) -> &str {
        let start = self.start_of(self.line(at));
        self.text.get(start..at).or_else(|| self.text.get(start..)).unwrap_or_default()
    }
}

/// The bytes of a lock or project file.
pub(crate) fn read_bounded(file: &Path) -> io::Result<Vec<u8>> {
    wheel_archive::read_bounded(file, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let source = SourceText::new(Path::new("x"), "a\n\u{e9}b\n");
        let places: Vec<_> = [0, 1, 2, 4, 5, 6, 99].iter().map(|&at| (source.line(at), source.column(at))).collect();
        assert_eq!(places, [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 1), (3, 1)]);
        assert_eq!(source.raw_line(4), ("\u{e9}b", 2));
        assert_eq!(source.raw_line(99), ("", 0));
    }

    #[test]
    fn bytes_that_are_no_text() {
        let (source, fault) = SourceText::decode(Path::new("x"), b"a\nb\xffc");
        let fault = fault.expect("0xff is not UTF-8");
        assert_eq!((source.line(fault.at), source.column(fault.at)), (2, 2));
    }
}

//! The text of a source file: its encoding, and where its lines begin.

use std::borrow::Cow;

/// A source file may have this many bytes. Few that packages ship have 1 MB; one (AWS policies as a text) has 4.
const MAX_BYTES: usize = 8 << 20;

/// Why the imports of a source file are not known. Its text is a lower-case fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// More bytes or tokens than any file that people ship.
    #[error("larger than 8 MB or 500,000 tokens")]
    TooLarge,
    /// Nested deeper than Python itself would take.
    #[error("nested deeper than Python allows")]
    TooDeep,
    /// Not in the language: Python 2, a template, damage.
    #[error("not valid Python 3")]
    Syntax,
}

/// The text of a source file by PEP 263: UTF-8 unless a comment in the first two lines declares Latin-1 or a relative.
/// Bytes that do not fit become U+FFFD, which does no harm in comments and strings.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    if let Some(text) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return Ok(String::from_utf8_lossy(text));
    }
    match declared_encoding(bytes).as_deref() {
        Some("latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "iso-8859-15" | "cp1252") => {
            Ok(bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into())
        }
        _ => Ok(String::from_utf8_lossy(bytes)),
    }
}

/// The encoding that a comment in the first two lines declares, in lower case with dashes.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|&byte| byte == b'\n' || byte == b'\r');
    let first = lines.next()?.trim_ascii();
    encoding_of(first).or_else(|| {
        // Only a comment or nothing may stand before the declaration.
        (first.is_empty() || first.starts_with(b"#")).then(|| encoding_of(lines.next()?.trim_ascii()))?
    })
}

fn encoding_of(line: &[u8]) -> Option<String> {
    let comment = line.strip_prefix(b"#")?;
    let at = comment.windows(7).position(|w| w == b"coding:" || w == b"coding=")?;
    let name = comment.get(at + 7..)?.trim_ascii_start();
    let name: String = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
        .map(|&byte| if byte == b'_' { '-' } else { char::from(byte.to_ascii_lowercase()) })
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Where the lines of a text begin.
pub(super) struct Lines(Vec<u32>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.bytes().zip(0_u32..).filter(|&(byte, _)| byte == b'\n').map(|(_, at)| at + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    /// The line of an offset in bytes, counted from 1.
    pub(super) fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.0.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }
}

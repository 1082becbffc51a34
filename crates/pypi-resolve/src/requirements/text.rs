//! Bytes to text. Which encodings requirement files have, and nothing about their lines.

/// Why bytes are not text, and on which line that shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undecodable {
    /// Counted from 1; 0 where it is the file as a whole.
    pub(crate) line: usize,
    pub(crate) reason: String,
}

/// Reads UTF-8 with or without a byte-order mark, UTF-16 and UTF-32 with one, and what a PEP 263 coding line names.
///
/// pip takes the locale's encoding where UTF-8 fails; a layer must not depend on the machine, so that is an error here.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Undecodable> {
    let text = match bytes {
        [0xff, 0xfe, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes)?,
        [0, 0, 0xfe, 0xff, rest @ ..] => utf32(rest, u32::from_be_bytes)?,
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        _ => match coding_line(bytes) {
            None => utf8(bytes)?,
            Some((line, name)) => match canonical(&name).as_str() {
                "utf-8" | "utf8" | "utf-8-sig" | "ascii" | "us-ascii" => utf8(bytes)?,
                // Latin-1 is the first 256 code points, byte by byte.
                "latin-1" | "latin1" | "l1" | "iso-8859-1" | "iso8859-1" => {
                    bytes.iter().copied().map(char::from).collect()
                }
                "cp1252" | "windows-1252" | "1252" => bytes.iter().map(|&byte| windows_1252(byte)).collect(),
                _ => return Err(Undecodable { line, reason: format!("declares the encoding `{name}`") }),
            },
        },
    };
    // Only UTF-16 or UTF-32 without a mark puts NUL into what people write.
    match text.find('\0') {
        Some(at) => Err(Undecodable { line: line_of(text.as_bytes(), at), reason: "contains a NUL character".into() }),
        None => Ok(text),
    }
}

fn whole_file(reason: &str) -> Undecodable {
    Undecodable { line: 0, reason: reason.to_owned() }
}

fn utf8(bytes: &[u8]) -> Result<String, Undecodable> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| not_utf8(bytes, error.valid_up_to()))
}

/// Names the byte, since an editor that shows `?` does not.
fn not_utf8(bytes: &[u8], at: usize) -> Undecodable {
    let before = bytes.get(..at).unwrap_or_default();
    let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1);
    let column = 1 + String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count();
    let byte = bytes.get(at).copied().unwrap_or_default();
    Undecodable { line: line_of(bytes, at), reason: format!("is not UTF-8: byte 0x{byte:02x} in column {column}") }
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, Undecodable> {
    let (units, rest) = bytes.as_chunks::<4>();
    let text: Option<String> = units.iter().map(|&four| char::from_u32(unit(four))).collect();
    text.filter(|_| rest.is_empty()).ok_or_else(|| whole_file("is not valid UTF-32"))
}

/// What Windows calls Latin-1; the bytes that it leaves free are those of Latin-1.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let special = byte.checked_sub(0x80).and_then(|at| FROM_80.get(usize::from(at)));
    special.copied().unwrap_or(char::from(byte))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Undecodable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(whole_file("is UTF-16 with half a character at its end"));
    }
    char::decode_utf16(pairs.iter().map(|&pair| unit(pair)))
        .collect::<Result<_, _>>()
        .map_err(|_| whole_file("is not valid UTF-16"))
}

/// `# -*- coding: latin-1 -*-` on one of the first two lines (PEP 263); only in a comment, as pip reads it.
fn coding_line(bytes: &[u8]) -> Option<(usize, String)> {
    bytes.split(|&b| b == b'\n').take(2).enumerate().find_map(|(index, line)| {
        let comment = line.strip_prefix(b"#")?;
        let comment = String::from_utf8_lossy(comment.get(..comment.len().min(200))?).into_owned();
        let after = comment.split_once("coding").map(|(_, after)| after)?;
        let value = after.strip_prefix([':', '='])?.trim_start();
        let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        (!name.is_empty()).then_some((index + 1, name))
    })
}

fn canonical(encoding: &str) -> String {
    encoding.to_ascii_lowercase().replace('_', "-")
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|&&b| b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks() {
        assert_eq!(decode(b"\xef\xbb\xbfa==1\n").as_deref(), Ok("a==1\n"));
        assert_eq!(decode(b"\xff\xfea\0\n\0").as_deref(), Ok("a\n"));
        assert_eq!(decode(b"\xfe\xff\0a\0\n").as_deref(), Ok("a\n"));
        assert_eq!(decode(b"\xff\xfe\0\0a\0\0\0").as_deref(), Ok("a"));
        assert_eq!(decode(b"\0\0\xfe\xff\0\0\0a").as_deref(), Ok("a"));
        assert_eq!(decode(b"\xff\xfe\0\0a\0\0"), Err(whole_file("is not valid UTF-32")));
        assert_eq!(decode(b"\xff\xfe\0\0\0\0\x11\0"), Err(whole_file("is not valid UTF-32")));
        assert!(decode(b"\xff\xfea").is_err());
        assert!(decode(b"\xff\xfe\x00\xd8").is_err(), "a lone surrogate");
    }

    #[test]
    fn coding_lines() {
        assert_eq!(
            decode(b"#!x\n# -*- coding: latin-1 -*-\n# caf\xe9\n").as_deref(),
            Ok("#!x\n# -*- coding: latin-1 -*-\n# caf\u{e9}\n")
        );
        assert_eq!(
            decode(b"# vim: set fileencoding=UTF_8 :\na\n").as_deref(),
            Ok("# vim: set fileencoding=UTF_8 :\na\n")
        );
        assert_eq!(decode(b"# coding: cp1252\n# \x80\xe9\n").as_deref(), Ok("# coding: cp1252\n# \u{20ac}\u{e9}\n"));
        let refused = decode(b"\n# coding=koi8-r\n");
        assert_eq!(refused, Err(Undecodable { line: 2, reason: "declares the encoding `koi8-r`".into() }));
        assert!(decode(b"\n\n# coding: latin-1\n\xe9").is_err(), "the third line declares nothing");
        assert!(decode(b"coding==1\n\xe9").is_err(), "only comments declare");
    }

    #[test]
    fn bad_bytes_name_their_line() {
        assert_eq!(
            decode(b"a\nb\n\xe9\n"),
            Err(Undecodable { line: 3, reason: "is not UTF-8: byte 0xe9 in column 1".into() })
        );
        assert_eq!(decode(b"\xc3\xa9 \xe9").map_err(|e| e.reason), Err("is not UTF-8: byte 0xe9 in column 3".into()));
        assert_eq!(decode(b"a\n\0b\0").map_err(|e| e.line), Err(2));
    }
}

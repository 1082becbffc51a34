//! The header lines of METADATA and WHEEL, in the manner of RFC 822 and as Python's `email` package reads them: `Key:
//! value`, a line that starts with a blank continues the one before, and the first line that is neither ends them.

/// One header: the line it starts on, its key and its value without surrounding blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) key: &'a [u8],
    /// Continuation lines are still in it, with their line ends.
    value: &'a [u8],
}

impl<'a> Header<'a> {
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key.as_bytes())
    }

    /// The value; `None` where it is not UTF-8.
    pub(crate) fn value(&self) -> Option<&'a str> {
        str::from_utf8(self.value).ok().map(str::trim)
    }
}

/// Headers at most: the longest lists of requirements and classifiers have a few thousand.
pub(crate) const MAX_HEADERS: usize = 100_000;

/// The headers at the start of `bytes`, in their order; `None` where there are more than [`MAX_HEADERS`].
pub(crate) fn headers(bytes: &[u8]) -> Option<Vec<Header<'_>>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut start = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let end = start + line.len();
        // Only a bare line end closes the headers: one of blanks goes on with a value, as in folded licence texts.
        let text = line.trim_ascii_end();
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            // The value grows to the end of this line; before the first header there is nothing to continue.
            let Some(last) = headers.last_mut() else { break };
            let value_start = start - last.value.len();
            last.value = bytes.get(value_start..end).unwrap_or_default();
        } else {
            let Some(colon) = text.iter().position(|byte| *byte == b':') else { break };
            let (key, value) = line.split_at(colon);
            if key.is_empty() || key.iter().any(|byte| !byte.is_ascii_graphic()) {
                break;
            }
            if headers.len() == MAX_HEADERS {
                return None;
            }
            headers.push(Header { line: number + 1, key, value: value.get(1..).unwrap_or_default() });
        }
        start = end;
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, &str, &str)> {
        let headers = headers(text.as_bytes()).expect("few").into_iter();
        headers.map(|h| (h.line, str::from_utf8(h.key).expect("ASCII"), h.value().expect("UTF-8"))).collect()
    }

    #[test]
    fn headers_end_at_the_first_line_that_is_none() {
        assert_eq!(read("A: 1\r\nb:2\n\nC: 3\n"), [(1, "A", "1"), (2, "b", "2")]);
        assert_eq!(read("A: 1\nno header\nC: 3\n"), [(1, "A", "1")]);
        assert_eq!(read("A: 1\nno header: here\nC: 3"), [(1, "A", "1")]);
        assert_eq!(read(": 1\nA: 2"), []);
        assert_eq!(read(""), []);
        assert_eq!(read("\u{feff}A: 1"), [(1, "A", "1")]);
    }

    #[test]
    fn a_continuation_belongs_to_the_header_before() {
        assert_eq!(read("A: 1\n  2\n\t3\nB: x:y\n"), [(1, "A", "1\n  2\n\t3"), (4, "B", "x:y")]);
        assert_eq!(read(" 1\nA: 2"), []);
    }

    #[test]
    fn a_line_of_blanks_continues_a_value() {
        let licence = "License: Copyright\n        \n        More\n \t\r\nRequires-Dist: a\n\nbody: 1\n";
        let found: Vec<_> = read(licence).into_iter().map(|(line, key, _)| (line, key)).collect();
        assert_eq!(found, [(1, "License"), (5, "Requires-Dist")]);
    }

    #[test]
    fn very_many_are_refused() {
        assert_eq!(headers("a:\n".repeat(MAX_HEADERS).as_bytes()).map(|headers| headers.len()), Some(MAX_HEADERS));
        assert_eq!(headers("a:\n".repeat(MAX_HEADERS + 1).as_bytes()), None);
    }

    #[test]
    fn another_encoding_is_told_where_the_value_is_wanted() {
        let bytes = b"Author: J\xfcrgen\nName: x\n";
        let headers = headers(bytes).expect("few");
        assert_eq!(headers[0].value(), None);
        assert_eq!(headers[1].value(), Some("x"));
        assert!(headers[1].is("NAME"));
    }
}

//! Physical lines to logical ones: `\` continuations and comments, as pip reads them, with the way back to the line and
//! column that a message has to point at.

use std::ops::Range;

/// What one line of the file says once continuations are joined and the comment is gone.
#[derive(Debug)]
pub(crate) struct LogicalLine<'a> {
    /// Joined and without comment. Whitespace at the start is kept so that offsets stay those of the file.
    pub(crate) text: String,
    pieces: Vec<Piece<'a>>,
}

/// One physical line's share of a logical line.
#[derive(Debug)]
struct Piece<'a> {
    /// Offset of its first byte in the joined text.
    start: usize,
    number: usize,
    raw: &'a str,
}

/// A physical line, and the bytes of it that something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot<'a> {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) raw: &'a str,
    pub(crate) bytes: Range<usize>,
}

impl LogicalLine<'_> {
    /// The physical line it begins on, counted from 1.
    pub(crate) fn number(&self) -> usize {
        self.pieces.first().map_or(0, |piece| piece.number)
    }

    /// The physical line on which a span of [`Self::text`] begins; a span that runs on is cut at its end.
    pub(crate) fn spot(&self, span: &Range<usize>) -> Spot<'_> {
        match self.pieces.iter().rev().find(|piece| piece.start <= span.start) {
            None => Spot { number: self.number(), raw: "", bytes: 0..0 },
            Some(piece) => {
                let within = |at: usize| at.saturating_sub(piece.start).min(piece.raw.len());
                Spot { number: piece.number, raw: piece.raw, bytes: within(span.start)..within(span.end) }
            }
        }
    }
}

/// The lines that say something. `Err` is a line that the comment before it would swallow.
pub(crate) fn logical_lines(text: &str) -> impl Iterator<Item = Result<LogicalLine<'_>, Spot<'_>>> {
    let mut physical = physical_lines(text).enumerate().map(|(index, raw)| (index + 1, raw));
    std::iter::from_fn(move || {
        loop {
            let line = join(&mut physical)?;
            match without_comment(line) {
                Ok(line) if line.text.trim().is_empty() => {}
                said => return Some(said),
            }
        }
    })
}

/// Takes the physical lines of one logical line. A line that is all comment ends it and adds nothing.
fn join<'a>(physical: &mut impl Iterator<Item = (usize, &'a str)>) -> Option<LogicalLine<'a>> {
    let mut line: Option<LogicalLine<'a>> = None;
    for (number, raw) in physical {
        let line = line.get_or_insert_with(|| LogicalLine { text: String::new(), pieces: Vec::new() });
        let is_comment = raw.trim_start().starts_with('#');
        if is_comment {
            break;
        }
        let share = raw.trim_end_matches('\\');
        line.pieces.push(Piece { start: line.text.len(), number, raw });
        line.text.push_str(share);
        if share.len() == raw.len() {
            break;
        }
    }
    line
}

/// Cuts the comment: a `#` at the start or after whitespace.
///
/// pip joins lines before it looks for comments, so that `a  # why \` makes the next line a part of the comment. uv
/// reads that line. Where the two differ, guessing would drop a requirement in silence: it is an error here.
fn without_comment(mut line: LogicalLine<'_>) -> Result<LogicalLine<'_>, Spot<'_>> {
    let mut before = ' ';
    let cut = line.text.char_indices().find_map(|(at, c)| {
        let starts = c == '#' && before.is_whitespace();
        before = c;
        starts.then_some(at)
    });
    if let Some(cut) = cut {
        let swallowed = line.pieces.iter().find(|p| p.start > cut && !is_blank_or_comment(p.raw));
        if let Some(piece) = swallowed {
            return Err(Spot { number: piece.number, raw: piece.raw, bytes: 0..piece.raw.len() });
        }
        line.text.truncate(cut);
    }
    Ok(line)
}

fn is_blank_or_comment(raw: &str) -> bool {
    let said = raw.trim_start();
    said.trim_end_matches('\\').trim().is_empty() || said.starts_with('#')
}

/// Splits where Python's `str.splitlines` does, which is where pip sees a new line: a separator that only one reader
/// knows would hide requirements from the other.
fn physical_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((end, separator)) = rest.char_indices().find(|&(_, c)| is_line_end(c)) else {
            return Some(std::mem::take(&mut rest));
        };
        let (line, after) = rest.split_at(end);
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(separator)).unwrap_or_default();
        Some(line)
    })
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, String)> {
        logical_lines(text)
            .map(|line| match line {
                Ok(line) => (line.number(), line.text.trim().to_owned()),
                Err(spot) => (spot.number, format!("swallowed: {}", spot.raw)),
            })
            .collect()
    }

    fn said(lines: &[(usize, &str)]) -> Vec<(usize, String)> {
        lines.iter().map(|&(number, text)| (number, text.to_owned())).collect()
    }

    #[test]
    fn comments_start_lines_or_follow_whitespace() {
        assert_eq!(read("# a\n  # b\nc # d\ne#f\n\n g\t#h"), said(&[(3, "c"), (4, "e#f"), (6, "g")]));
    }

    #[test]
    fn continuations_keep_the_first_line_number() {
        assert_eq!(read("a \\\n  b \\\n c\nd"), said(&[(1, "a   b  c"), (4, "d")]));
        assert_eq!(read("\na\\"), said(&[(2, "a")]), "at the end of the file");
        assert_eq!(read("a \\\n# why\nb"), said(&[(1, "a"), (3, "b")]), "a comment line ends it");
        assert_eq!(read("# a \\\nb"), said(&[(2, "b")]), "a comment line is not continued");
        assert_eq!(read("a # why \\\n\\\n# c\nb"), said(&[(1, "a"), (4, "b")]));
    }

    #[test]
    fn a_comment_never_swallows_a_line() {
        assert_eq!(read("a # why \\\nb\nc"), said(&[(2, "swallowed: b"), (3, "c")]));
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(
            read("a\r\nb\rc\u{85}d\u{2028}e\u{c}f"),
            said(&[(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f")])
        );
    }

    #[test]
    fn spots_point_into_the_physical_line() {
        let line = logical_lines("ab \\\n  cd\n").next().expect("one line").expect("nothing swallowed");
        assert_eq!(line.spot(&(5..7)), Spot { number: 2, raw: "  cd", bytes: 2..4 });
        assert_eq!(line.spot(&(0..7)), Spot { number: 1, raw: "ab \\", bytes: 0..4 });
        assert_eq!(line.spot(&(99..100)).number, 2);
    }
}

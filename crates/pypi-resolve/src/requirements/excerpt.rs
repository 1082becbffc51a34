//! A line of a file as a message shows it: without passwords and control characters, cut where it is long, with a caret
//! under what is meant.

use std::fmt;
use std::ops::Range;

use super::redact::redacted;

/// A line and the caret under a part of it. `Display` gives both, indented by two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    line: String,
    /// Characters before the caret.
    column: usize,
    /// Characters to underline, at least 1.
    width: usize,
}

impl Excerpt {
    /// Characters of a line that are shown; a line with fifty hashes would bury the message.
    const SHOWN: usize = 120;
    /// Characters kept before the caret where the line is longer.
    const BEFORE: usize = 40;

    /// Of a line without its end, and the bytes of it that are meant; `None` of an empty line.
    #[must_use]
    pub fn of(raw: &str, bytes: &Range<usize>) -> Option<Self> {
        if raw.trim().is_empty() {
            return None;
        }
        let (line, bytes) = redacted(raw, bytes);
        let characters_to = |at: usize| line.char_indices().take_while(|&(index, _)| index < at).count();
        let (column, end) = (characters_to(bytes.start), characters_to(bytes.end));

        let total = line.chars().count();
        let indent = line.chars().take_while(|c| c.is_whitespace()).count().min(column);
        let skip = if total - indent <= Self::SHOWN { indent } else { column.saturating_sub(Self::BEFORE).max(indent) };
        let (before, after) = (skip > indent, total - skip > Self::SHOWN);
        let shown = line.chars().skip(skip).take(Self::SHOWN).map(printable);
        let line: String = before.then_some('…').into_iter().chain(shown).chain(after.then_some('…')).collect();
        let column = column - skip + usize::from(before);
        let room = line.trim_end().chars().count().saturating_sub(column);
        Some(Self { column, width: end.saturating_sub(skip + column - usize::from(before)).min(room).max(1), line })
    }
}

/// Tabs would move the caret; control characters and text direction marks would let a file write on the terminal.
pub(crate) fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => '\u{fffd}',
        c => c,
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.line.trim_end())?;
        write!(f, "  {:column$}{:^<width$}", "", "", column = self.column, width = self.width)
    }
}

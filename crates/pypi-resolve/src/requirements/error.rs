//! Why a requirements file cannot be read: what, on which line, under which column, and what to do.

use std::fmt;
use std::io;
use std::ops::Range;

use lambda_compat::Code;

use super::excerpt::{Excerpt, printable};
use super::file::RequirementsFile;
use super::lines::Spot;
use super::place::Place;
use super::redact::mask;
use crate::index::IndexError;

/// What is wrong with a line, before it is known which line of which file it is.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) problem: Problem,
    /// Bytes of the logical line.
    pub(crate) span: Range<usize>,
    pub(crate) help: Option<String>,
}

/// Letters of why something cannot be read: what was written is repeated in it, and may be a page long.
const LONGEST_REASON: usize = 500;

impl Fault {
    pub(crate) fn unreadable(span: Range<usize>, why: impl Into<String>) -> Self {
        let mut why = why.into();
        if let Some((cut, _)) = why.char_indices().nth(LONGEST_REASON) {
            why.truncate(cut);
            why.push('…');
        }
        Self { problem: Problem::Unreadable(why), span, help: None }
    }

    pub(crate) fn unsupported(span: Range<usize>, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { problem: Problem::Unsupported(what.into()), span, help: Some(help.into()) }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same fault, for a text that begins `by` bytes further on.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        self
    }
}

/// What is wrong. The text of each variant is a fragment that follows the place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A line, or the whole file, that follows no grammar.
    #[error("{0}")]
    Unreadable(String),
    /// An option that requirement files do not have.
    #[error("unknown option `{0}`")]
    UnknownOption(String),
    /// Something that pip would install but a layer cannot be built from.
    #[error("{0}")]
    Unsupported(String),
    /// An extra or group that was asked for, and that the project does not have.
    #[error("the project has no {what} `{name}`")]
    Unlisted {
        /// `extra` or `group`.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A Python that the project is not for.
    #[error("{0}")]
    Python(String),
    /// The file, or one that it includes, does not exist.
    #[error("no such file: {0}")]
    Missing(String),
    /// The file, or one that it includes, could not be read.
    #[error("failed to read {path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The file, or one that it includes, could not be fetched.
    #[error("{0}")]
    Fetch(Box<IndexError>),
}

/// Everything that is wrong with a requirements file and the files it includes, in the order of its lines; never empty.
#[derive(Debug)]
pub struct RequirementsErrors {
    first: RequirementsError,
    others: Vec<RequirementsError>,
    rest: Option<Box<RequirementsFile>>,
}

impl RequirementsErrors {
    /// `None` where nothing is wrong.
    pub(crate) fn of(errors: Vec<RequirementsError>) -> Option<Self> {
        let mut errors = errors.into_iter();
        Some(Self { first: errors.next()?, others: errors.collect(), rest: None })
    }

    /// The same errors, each of which is that something would have to be built, with all that the file says.
    pub(crate) fn with_rest(mut self, rest: RequirementsFile) -> Self {
        self.rest = Some(Box::new(rest));
        self
    }

    /// What the file says, where nothing is wrong but that things would have to be built: each of `sources` has an error
    /// of its own.
    #[must_use]
    pub fn unbuilt(&self) -> Option<&RequirementsFile> {
        self.rest.as_deref()
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> &RequirementsError {
        &self.first
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &RequirementsError> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Display for RequirementsErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.others.iter().try_for_each(|error| write!(f, "\n{error}"))
    }
}

impl std::error::Error for RequirementsErrors {}

/// A requirements file that cannot be read.
///
/// `Display` gives `requirements.txt line 3: …` and, where it is about a part of a line, that line and a caret under
/// the column. Columns are counted in characters, so the caret stands too far left after wide (CJK) characters.
/// Credentials in URLs are masked.
#[derive(Debug)]
pub struct RequirementsError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    place: Place,
    excerpt: Option<Excerpt>,
    help: Option<String>,
}

impl RequirementsError {
    /// About a file as a whole, or a line without a column.
    pub(crate) fn new(place: Place, problem: Problem, help: Option<&str>) -> Self {
        Self(Box::new(Inner { problem, place, excerpt: None, help: help.map(str::to_owned) }))
    }

    /// About a part of a line.
    pub(crate) fn at(file: &str, spot: &Spot<'_>, fault: Fault) -> Self {
        Self(Box::new(Inner {
            problem: fault.problem,
            place: Place::new(file, spot.number),
            excerpt: Excerpt::of(spot.raw, &spot.bytes),
            help: fault.help,
        }))
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// The line that it is about.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What to do, where something is known to help.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match &self.0.problem {
            Problem::Unreadable(_) => Code::UnreadableLine,
            Problem::UnknownOption(_) => Code::UnknownOption,
            Problem::Unsupported(_) => Code::Unsupported,
            Problem::Unlisted { what: "extra", .. } => Code::UnknownExtra,
            Problem::Unlisted { .. } => Code::Usage,
            Problem::Python(_) => Code::RequiresPython,
            Problem::Missing(_) => Code::Missing,
            Problem::Io { .. } => Code::Io,
            Problem::Fetch(error) => error.code(),
        }
    }
}

impl fmt::Display for RequirementsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages quote what files say, which may be a password or an escape sequence.
        let message = mask(&format!("{}: {}", self.0.place, self.0.problem));
        f.write_str(&message.chars().map(printable).collect::<String>())?;
        match &self.0.excerpt {
            None => Ok(()),
            Some(excerpt) => write!(f, "\n{excerpt}"),
        }
    }
}

impl std::error::Error for RequirementsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.problem {
            Problem::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn shown(raw: &str, bytes: Range<usize>) -> String {
        let spot = Spot { number: 7, raw, bytes };
        RequirementsError::at("r.txt", &spot, Fault::unreadable(0..0, "no")).to_string()
    }

    #[test]
    fn the_caret_stands_under_the_column() {
        assert_snapshot!(shown("\t  a ==1", 5..8), @r"
        r.txt line 7: no
          a ==1
            ^^^
        ");
        assert_snapshot!(shown("é é", 3..5), @r"
        r.txt line 7: no
          é é
            ^
        ");
        assert_snapshot!(shown("a", 1..1), @r"
        r.txt line 7: no
          a
           ^
        ");
        assert_snapshot!(shown("  ", 0..1), @"r.txt line 7: no");
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let raw = format!("{}X{}", "a".repeat(200), "b".repeat(200));
        assert_snapshot!(shown(&raw, 200..201), @r"
        r.txt line 7: no
          …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaXbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
                                                   ^
        ");
    }

    #[test]
    fn neither_passwords_nor_escapes_are_shown() {
        let raw = "-i https://user:secret@host/ \u{1b}[2J\u{202e}x";
        assert_snapshot!(shown(raw, 23..27), @r"
        r.txt line 7: no
          -i https://****@host/ �[2J�x
                          ^^^^
        ");
        assert!(!shown("a @ https://tok:en@host/x", 12..15).contains("tok"));
    }
}

//! The text of a source file: its encoding, where its lines begin, and whether a parser may be let loose on it.

use std::borrow::Cow;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// A source file may have this many bytes. The largest that packages ship (generated clients, tables) have 2 to 3 MB.
const MAX_BYTES: usize = 4 << 20;

/// A source file may have this many tokens: each costs up to 110 bytes of syntax tree, and files as people write them
/// have one in five bytes.
const MAX_TOKENS: usize = 1_000_000;

/// Open brackets, `CPython`'s own limit (`MAXLEVEL` in its tokenizer).
const MAX_BRACKETS: usize = 200;

/// Indented blocks in one another, `CPython`'s own limit (`MAXINDENT` in its tokenizer).
const MAX_INDENTS: usize = 100;

/// How deep a syntax tree may be. `CPython` gives up at about as many operators in a row.
const MAX_DEPTH: usize = 2_000;

/// The stack that must be left where a tree is walked, and what is added otherwise, in bytes: a tree of the greatest
/// depth takes about half of what must be left.
const STACK_LEFT: usize = 6 << 20;
const STACK_ADDED: usize = 16 << 20;

/// Runs this where the stack suffices for a syntax tree, whatever thread asks.
pub(super) fn on_enough_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_LEFT, STACK_ADDED, work)
}

/// Why the imports of a source file are not known. Its text is a lower-case fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// More bytes or tokens than any file that people ship.
    #[error("larger than 4 MB or 1,000,000 tokens")]
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

/// One open bracket, or the file itself.
#[derive(Default)]
struct Level {
    /// Tokens since the last comma or line end that may each put one node above another.
    chain: usize,
    /// Parameter lists of lambdas not yet closed by their colon: their commas separate nothing.
    lambdas: usize,
}

/// Refuses what would make a syntax tree too deep or too large: the parser takes any depth, but the tree is dropped
/// recursively. Counts from above: operators, keywords and brackets of one element add up, whatever they mean.
pub(super) fn check_depth(text: &str) -> Result<(), Unreadable> {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels = vec![Level::default()];
    let (mut depth, mut indents, mut after_colon) = (0, 0_usize, false);
    for _ in 0..MAX_TOKENS {
        let token = lexer.next_token();
        let outermost = levels.len() == 1;
        let Some(level) = levels.last_mut() else { return Err(Unreadable::Syntax) };
        // `if a: if b:` is no Python, and error recovery would nest such statements without end.
        if after_colon && outermost && opens_block(token) {
            return Err(Unreadable::Syntax);
        }
        after_colon = token == TokenKind::Colon;
        match token {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Unknown => return Err(Unreadable::Syntax),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                depth += 1;
                levels.push(Level::default());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                if outermost {
                    return Err(Unreadable::Syntax);
                }
                // A call or subscript counts on: `a()()()` is as deep as it is long.
                depth -= level.chain;
                levels.pop();
                if let Some(outer) = levels.last_mut() {
                    outer.chain += 1;
                }
            }
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                depth -= level.chain;
                *level = Level::default();
            }
            TokenKind::Comma if level.lambdas == 0 => {
                depth -= level.chain;
                level.chain = 0;
            }
            token if is_flat(token) => {}
            token => {
                match token {
                    TokenKind::Lambda => level.lambdas += 1,
                    TokenKind::Colon => level.lambdas = level.lambdas.saturating_sub(1),
                    _ => {}
                }
                level.chain += 1;
                depth += 1;
            }
        }
        if levels.len() > MAX_BRACKETS || indents > MAX_INDENTS || depth + indents > MAX_DEPTH {
            return Err(Unreadable::TooDeep);
        }
    }
    Err(Unreadable::TooLarge)
}

/// A token that never puts a node above the one before it: an atom, a separator, or an operator whose operands lie side
/// by side.
fn is_flat(token: TokenKind) -> bool {
    matches!(
        token,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::Ellipsis
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
            | TokenKind::And
            | TokenKind::Or
    )
}

/// A keyword that begins a compound statement.
fn opens_block(token: TokenKind) -> bool {
    matches!(
        token,
        TokenKind::If
            | TokenKind::For
            | TokenKind::While
            | TokenKind::Try
            | TokenKind::With
            | TokenKind::Def
            | TokenKind::Class
            | TokenKind::Async
            | TokenKind::At
    )
}

//! The syntax tree of a source file, and what keeps hostile ones from taking all the stack, memory or time.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, lexer, parse_unchecked};

use super::source::Unreadable;

/// A source file may have this many tokens: the largest of a hundred wheels has 150,000. Each costs up to 110 bytes of
/// syntax tree.
const MAX_TOKENS: usize = 500_000;

/// Open brackets, `CPython`'s own limit (`MAXLEVEL` in its tokenizer).
const MAX_BRACKETS: usize = 200;

/// Indented blocks in one another, `CPython`'s own limit (`MAXINDENT` in its tokenizer).
const MAX_INDENTS: usize = 100;

/// How deep a syntax tree may be. `CPython` 3.12 compiles 2,500 operators in a row, not 3,000.
const MAX_DEPTH: usize = 2_000;

/// The stack that must be left where a tree is walked, and what is added otherwise, in bytes: a tree of the greatest
/// depth takes about half of what must be left.
const STACK_LEFT: usize = 6 << 20;
const STACK_ADDED: usize = 16 << 20;

/// Runs this where the stack suffices for a syntax tree, whatever thread asks.
pub(super) fn on_enough_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_LEFT, STACK_ADDED, work)
}

/// What a level of a syntax tree takes on the stack while it is dropped, in bytes per token, with room to spare.
const STACK_PER_TOKEN: usize = 256;

/// Parses a module and hands its syntax tree to whoever reads it, on a stack that suffices.
pub(super) fn parse<T>(text: &str, read: impl FnOnce(&[Stmt]) -> T) -> Result<T, Unreadable> {
    let tokens = check_depth(text)?;
    on_enough_stack(|| {
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        if parsed.has_invalid_syntax() {
            // How deep the tree is that error recovery made is not known, only that each level took a token.
            stacker::grow(STACK_ADDED + tokens * STACK_PER_TOKEN, || drop(parsed));
            return Err(Unreadable::Syntax);
        }
        match parsed.syntax() {
            Mod::Module(module) => Ok(read(&module.body)),
            Mod::Expression(_) => Err(Unreadable::Syntax),
        }
    })
}

/// One open bracket, or the file itself.
struct Level {
    /// The token that closes it.
    closer: TokenKind,
    /// Tokens since the last comma or line end that may each put one node above another.
    chain: usize,
    /// Parameter lists of lambdas not yet closed by their colon: their commas separate nothing.
    lambdas: usize,
    /// A `yield` takes what follows its commas as well.
    yields: bool,
}

impl Level {
    fn new(closer: TokenKind) -> Self {
        Self { closer, chain: 0, lambdas: 0, yields: false }
    }
}

/// Counts the tokens, and refuses what would make a syntax tree too deep: the parser takes any depth, but the tree is
/// walked and dropped recursively. Counts from above: operators, keywords and brackets of one element add up, whatever
/// they mean.
///
/// Much that cannot be Python is refused here as well, where the parser, recovering from the error, would take the next
/// element or line into the same expression, and so on without end.
fn check_depth(text: &str) -> Result<usize, Unreadable> {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels = vec![Level::new(TokenKind::EndOfFile)];
    let (mut depth, mut indents, mut before) = (0, 0_usize, TokenKind::Newline);
    for count in 0..MAX_TOKENS {
        let token = lexer.next_token();
        if matches!(token, TokenKind::Comment | TokenKind::NonLogicalNewline) {
            continue;
        }
        let outermost = levels.len() == 1;
        let Some(level) = levels.last_mut() else { return Err(Unreadable::Syntax) };
        let ends = match token {
            TokenKind::Newline | TokenKind::Semi | TokenKind::Comma | TokenKind::Rpar | TokenKind::Rsqb => true,
            // `f"{name=}"`
            TokenKind::Rbrace => before != TokenKind::Equal,
            _ => false,
        };
        let unfinished = ends && (!may_end(before) || level.lambdas > 0 && token != TokenKind::Comma);
        if unfinished || outermost && before == TokenKind::Colon && opens_block(token) {
            return Err(Unreadable::Syntax);
        }
        before = token;
        match token {
            TokenKind::EndOfFile => return Ok(count),
            TokenKind::Unknown => return Err(Unreadable::Syntax),
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                depth -= level.chain;
                *level = Level::new(level.closer);
            }
            TokenKind::Comma if level.lambdas == 0 && !level.yields => {
                depth -= level.chain;
                level.chain = 0;
            }
            token if token == level.closer => {
                // A call or subscript counts on: `a()()()` is as deep as it is long.
                depth -= level.chain;
                levels.pop();
                if let Some(outer) = levels.last_mut() {
                    outer.chain += 1;
                }
            }
            token if is_closer(token) => return Err(Unreadable::Syntax),
            token if is_flat(token) => {}
            token => {
                depth += 1;
                match closer_of(token) {
                    Some(closer) => levels.push(Level::new(closer)),
                    None => level.add(token),
                }
            }
        }
        if levels.len() > MAX_BRACKETS || indents > MAX_INDENTS || depth + indents > MAX_DEPTH {
            return Err(Unreadable::TooDeep);
        }
    }
    Err(Unreadable::TooLarge)
}

impl Level {
    /// A token that may put a node above the ones before.
    fn add(&mut self, token: TokenKind) {
        self.chain += 1;
        match token {
            TokenKind::Lambda => self.lambdas += 1,
            TokenKind::Colon => self.lambdas = self.lambdas.saturating_sub(1),
            TokenKind::Yield => self.yields = true,
            _ => {}
        }
    }
}

/// What closes a bracket or an interpolated string.
fn closer_of(token: TokenKind) -> Option<TokenKind> {
    Some(match token {
        TokenKind::Lpar => TokenKind::Rpar,
        TokenKind::Lsqb => TokenKind::Rsqb,
        TokenKind::Lbrace => TokenKind::Rbrace,
        TokenKind::FStringStart => TokenKind::FStringEnd,
        TokenKind::TStringStart => TokenKind::TStringEnd,
        _ => return None,
    })
}

fn is_closer(token: TokenKind) -> bool {
    matches!(
        token,
        TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd
    )
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

/// Whether an expression or statement may end with this token.
fn may_end(token: TokenKind) -> bool {
    is_flat(token) && !matches!(token, TokenKind::And | TokenKind::Or)
        || token.is_soft_keyword()
        || matches!(
            token,
            TokenKind::Newline
                | TokenKind::Indent
                | TokenKind::Dedent
                | TokenKind::Lpar
                | TokenKind::Rpar
                | TokenKind::Lsqb
                | TokenKind::Rsqb
                | TokenKind::Lbrace
                | TokenKind::Rbrace
                | TokenKind::FStringEnd
                | TokenKind::TStringEnd
                | TokenKind::Comma
                | TokenKind::Semi
                | TokenKind::Colon
                | TokenKind::Star
                | TokenKind::Slash
                | TokenKind::Break
                | TokenKind::Continue
                | TokenKind::Pass
                | TokenKind::Raise
                | TokenKind::Return
                | TokenKind::Yield
        )
}

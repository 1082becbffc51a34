//! When something of a lock holds: a marker in which extras may occur, which the locks of uv and Poetry put between the
//! comparisons of PEP 508 in great numbers.
//!
//! `pep508_rs` keeps a marker as a decision diagram, with a variable for each extra. Here `and`, `or` and parentheses are
//! kept as they are written, and only single comparisons are handed to it: the size stays that of the text.

use std::collections::BTreeSet;
use std::fmt;

use pep508_rs::{MarkerEnvironment, MarkerTree};
use wheel_tags::DistName;

use crate::requirements::marker;

/// Open parentheses at a time.
const DEEPEST: usize = 64;
/// What operators are made of.
const OPERATORS: &str = "<>=!~";

/// A marker with extras.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// Every one of them holds; with none: always.
    All(Vec<Condition>),
    /// At least one of them holds.
    Any(Vec<Condition>),
    /// A comparison of the environment.
    Marker(MarkerTree),
    /// Whether an extra is asked for.
    Extra { name: DistName, asked: bool },
}

impl Condition {
    /// What always holds.
    pub(super) fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Reads a marker; the error is a fragment that says what cannot be read.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut reader = Reader { text, tokens: &tokens, depth: 0 };
        let condition = reader.any()?;
        match reader.tokens {
            [] => Ok(condition),
            [(token, _), ..] => Err(format!("`{token}` is out of place")),
        }
    }

    /// Whether it holds in an environment with some extras or others.
    pub(super) fn may_hold(&self, environment: &MarkerEnvironment) -> bool {
        match self {
            Self::All(all) => all.iter().all(|condition| condition.may_hold(environment)),
            Self::Any(any) => any.iter().any(|condition| condition.may_hold(environment)),
            Self::Marker(marker) => marker.evaluate(environment, &[]),
            Self::Extra { .. } => true,
        }
    }

    /// Whether it holds in an environment with these extras asked for.
    pub(super) fn holds(&self, environment: &MarkerEnvironment, extras: &BTreeSet<DistName>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|condition| condition.holds(environment, extras)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(environment, extras)),
            Self::Marker(marker) => marker.evaluate(environment, &[]),
            Self::Extra { name, asked } => extras.contains(name) == *asked,
        }
    }
}

/// As a marker; empty where it always holds.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Self], by: &str| {
            for (number, part) in parts.iter().enumerate() {
                if number > 0 {
                    f.write_str(by)?;
                }
                match part {
                    Self::Any(any) if any.len() > 1 && parts.len() > 1 => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All(all) => join(f, all, " and "),
            Self::Any(any) => join(f, any, " or "),
            Self::Marker(marker) => f.write_str(&marker.try_to_string().unwrap_or_default()),
            Self::Extra { name, asked } => write!(f, "extra {} '{name}'", if *asked { "==" } else { "!=" }),
        }
    }
}

/// The words, quoted strings and parentheses of a marker, each with its offset.
fn tokens(text: &str) -> Result<Vec<(&str, usize)>, String> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let length = match first {
            '\'' | '"' => {
                let inside = rest.get(1..).and_then(|rest| rest.find(first));
                2 + inside.ok_or_else(|| "a quoted string is never closed".to_owned())?
            }
            '(' | ')' => 1,
            c if c.is_whitespace() => c.len_utf8(),
            c if OPERATORS.contains(c) => rest.find(|c| !OPERATORS.contains(c)).unwrap_or(rest.len()),
            _ => rest.find(|c: char| c.is_whitespace() || "()'\"<>=!~".contains(c)).unwrap_or(rest.len()),
        };
        let token = rest.get(..length).unwrap_or(rest);
        if !token.trim().is_empty() {
            tokens.push((token, at));
        }
        at += length;
    }
    Ok(tokens)
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [(&'a str, usize)],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.first().map(|(token, _)| *token)
    }

    fn take(&mut self) -> Option<&'a str> {
        let ((token, _), rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(token)
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut any = vec![self.all()?];
        while self.peek() == Some("or") {
            self.take();
            any.push(self.all()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Condition::Any(any) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.one()?];
        while self.peek() == Some("and") {
            self.take();
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::All(all) })
    }

    fn one(&mut self) -> Result<Condition, String> {
        if self.peek() != Some("(") {
            return self.comparison();
        }
        self.take();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("more than {DEEPEST} nested parentheses"));
        }
        let inside = self.any()?;
        self.depth -= 1;
        match self.take() {
            Some(")") => Ok(inside),
            _ => Err("a `(` is never closed".to_owned()),
        }
    }

    /// What stands up to the next `and`, `or` or parenthesis.
    fn comparison(&mut self) -> Result<Condition, String> {
        let ends = |token: &str| matches!(token, "and" | "or" | "(" | ")");
        let count = self.tokens.iter().position(|(token, _)| ends(token)).unwrap_or(self.tokens.len());
        let (words, rest) = self.tokens.split_at(count);
        self.tokens = rest;
        let (Some((first, start)), Some((last, end))) = (words.first(), words.last()) else {
            return Err("a comparison is missing".to_owned());
        };
        if *first == "extra" || *last == "extra" {
            return extra(words);
        }
        let text = self.text.get(*start..end + last.len()).unwrap_or_default();
        let (marker, ignored) = marker::read_marker(text).map_err(|fault| fault.problem.to_string())?;
        match ignored {
            None => Ok(Condition::Marker(marker)),
            Some(ignored) => Err(format!("compares what cannot be compared: {}", ignored.0)),
        }
    }
}

/// `extra == 'x'` and `'x' == extra`, or with `!=`.
fn extra(words: &[(&str, usize)]) -> Result<Condition, String> {
    let (quoted, operator) = match words {
        [("extra", _), (operator, _), (quoted, _)] | [(quoted, _), (operator, _), ("extra", _)] => (*quoted, *operator),
        _ => return Err("`extra` is compared with one name, by == or !=".to_owned()),
    };
    let asked = match operator {
        "==" => true,
        "!=" => false,
        other => return Err(format!("`extra` is compared by == or !=, not by `{other}`")),
    };
    let name = quoted.trim_matches(['\'', '"']);
    let name = name.parse().map_err(|_| format!("`{name}` is not the name of an extra"))?;
    Ok(Condition::Extra { name, asked })
}

#[cfg(test)]
mod tests {
    use lambda_compat::{Arch, Target};

    use super::*;
    use crate::requirements::marker_environment;

    fn holds(text: &str, extras: &[&str]) -> bool {
        let target = Target::new("python3.12".parse().expect("a runtime"), Arch::Arm64);
        let extras = extras.iter().map(|extra| extra.parse().expect("a name")).collect();
        Condition::read(text).unwrap_or_else(|why| panic!("{text}: {why}")).holds(&marker_environment(&target), &extras)
    }

    #[test]
    fn extras_among_comparisons() {
        assert!(holds("python_version >= '3.9'", &[]));
        assert!(!holds("extra == 'aws'", &[]) && holds("extra == 'aws'", &["aws"]));
        assert!(holds("extra != 'aws'", &[]) && !holds("'aws' != extra", &["aws"]));
        assert!(holds("python_version < '3.9' or extra == 'a' and sys_platform == 'linux'", &["a"]));
        assert!(!holds("(python_version < '3.9' or extra == 'a') and sys_platform == 'win32'", &["a"]));
        assert!(holds("platform_machine not in 'x86_64 i686' and (extra=='Big_Data')", &["big-data"]));
        assert!(holds("sys_platform == 'and (or' or os_name == \"posix\"", &[]));
    }

    #[test]
    fn what_cannot_be_read() {
        for bad in [
            "",
            "and",
            "os_name == 'x",
            "os_name == 'x' and",
            "(os_name == 'x'",
            "os_name == 'x')",
            "extra",
            "extra in 'x'",
            "extra == ''",
            "extra == 'a' 'b'",
            "os_name",
            "os_name == 'x' os_name == 'y'",
            &"(".repeat(1000),
        ] {
            assert!(Condition::read(bad).is_err(), "{bad}");
        }
    }

    /// Each pair of fifty extras excludes each other: what uv writes for a project with many conflicts.
    #[test]
    fn many_extras_cost_no_more_than_their_text() {
        let pairs = (0..50).flat_map(|a| (0..a).map(move |b| format!("(extra == 'e{a}' and extra == 'e{b}')")));
        let text = pairs.collect::<Vec<_>>().join(" or ");
        assert!(!holds(&text, &["e7"]) && holds(&text, &["e7", "e30"]));
    }
}

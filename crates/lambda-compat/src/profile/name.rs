//! The names of the runtimes.

use std::fmt;
use std::str::FromStr;

use super::SOURCES;
use crate::serde_text::serde_text;

/// The name of a Python runtime that Lambda has or had, `python3.12`; ordered by Python version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuntimeName {
    minor: u8,
}

impl RuntimeName {
    /// Every runtime that has a profile, oldest first.
    #[must_use]
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        SOURCES.iter().map(|&(minor, _)| Self { minor })
    }

    /// The Python version, `(3, 12)`.
    #[must_use]
    pub fn python(self) -> (u8, u8) {
        (3, self.minor)
    }
}

impl fmt::Display for RuntimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("python3.{}", self.minor))
    }
}

/// Lambda has no such Python runtime, or it has no profile here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRuntime(String);

impl std::error::Error for UnknownRuntime {}

impl fmt::Display for UnknownRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut known: Vec<_> = RuntimeName::all().rev().collect();
        // Nearest first; for what is no Python 3 at all, newest first.
        if let Some(asked) = minor_of(&self.0) {
            known.sort_by_key(|name| name.minor.abs_diff(asked));
        }
        let known: Vec<_> = known.iter().map(ToString::to_string).collect();
        write!(f, "no Lambda runtime `{}`; known are {}", self.0, known.join(", "))
    }
}

impl FromStr for RuntimeName {
    type Err = UnknownRuntime;

    /// `python3.12`, as AWS spells it, or `3.12`.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let minor = minor_of(s);
        RuntimeName::all().find(|name| Some(name.minor) == minor).ok_or_else(|| UnknownRuntime(s.to_owned()))
    }
}

fn minor_of(name: &str) -> Option<u8> {
    let minor = name.strip_prefix("python").unwrap_or(name).strip_prefix("3.")?;
    (minor.bytes().all(|b| b.is_ascii_digit()) && !minor.starts_with('0')).then(|| minor.parse().ok())?
}

serde_text!(RuntimeName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for name in RuntimeName::all() {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        assert_eq!("3.12".parse::<RuntimeName>(), "python3.12".parse());
    }

    #[test]
    fn unknown_names_get_the_known_ones_nearest_first() {
        let message = |s: &str| s.parse::<RuntimeName>().unwrap_err().to_string();
        insta::assert_snapshot!(message("python3.7"), @"no Lambda runtime `python3.7`; known are python3.8, python3.9, python3.10, python3.11, python3.12, python3.13, python3.14, python3.15");
        insta::assert_snapshot!(message("nodejs22.x"), @"no Lambda runtime `nodejs22.x`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8");
        for wrong in ["", "python", "python3", "3.", "python3.+9", "3.09", "3.12.1", "Python3.12", "python3.999"] {
            assert!(wrong.parse::<RuntimeName>().is_err(), "{wrong}");
        }
    }
}

//! Project names: what PEP 508 allows, compared as PEP 503 normalises them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name longer than this, in bytes, is refused: no file system would take a wheel called so.
const MAX_LENGTH: usize = 255;

/// A distribution's name, normalised as [PEP 503](https://peps.python.org/pep-0503/#normalized-names) says: lower case,
/// each run of `-`, `_` and `.` a single `-`. Names that pip holds for the same project are equal.
///
/// Parsing accepts what [PEP 508](https://peps.python.org/pep-0508/#names) does, in any spelling: ASCII letters, digits,
/// `.`, `_` and `-`, the first and the last a letter or a digit.
///
/// ```
/// let name: wheel_tags::DistName = "Ruamel.YAML_clib".parse()?;
/// assert_eq!(name.as_str(), "ruamel-yaml-clib");
/// assert_eq!(name.in_filename(), "ruamel_yaml_clib");
/// # Ok::<(), wheel_tags::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistName(Arc<str>);

/// Why a text is not a project's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing at all.
    #[error("a project name cannot be empty")]
    Empty,
    /// Longer than any file system's names.
    #[error("a project name has at most {MAX_LENGTH} bytes, not {length}")]
    TooLong {
        /// Bytes it has.
        length: usize,
    },
    /// A character that PEP 508 has no place for.
    #[error(
        "a project name is made of ASCII letters, digits, `.`, `_` and `-`: `{}` does not belong in `{}`",
        .character.escape_debug(), .name.escape_debug()
    )]
    Character {
        /// The name as it is spelt.
        name: String,
        /// The first character that is not allowed.
        character: char,
    },
    /// It starts or ends with a separator.
    #[error("a project name starts and ends with a letter or a digit, unlike `{0}`")]
    Edge(String),
}

impl DistName {
    /// The normalised name: `foo-bar`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as file names of wheels and `.dist-info` folders spell it: `foo_bar`.
    #[must_use]
    pub fn in_filename(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for DistName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(InvalidName::TooLong { length: text.len() });
        }
        if let Some(character) = text.chars().find(|&c| !c.is_ascii_alphanumeric() && !is_separator(c)) {
            return Err(InvalidName::Character { name: text.to_owned(), character });
        }
        if text.starts_with(is_separator) || text.ends_with(is_separator) {
            return Err(InvalidName::Edge(text.to_owned()));
        }
        let mut normalised = String::with_capacity(text.len());
        for character in text.chars() {
            if !is_separator(character) {
                normalised.push(character.to_ascii_lowercase());
            } else if !normalised.ends_with('-') {
                normalised.push('-');
            }
        }
        Ok(Self(normalised.into()))
    }
}

fn is_separator(character: char) -> bool {
    matches!(character, '-' | '_' | '.')
}

impl fmt::Display for DistName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for DistName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DistName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

//! Whole compatibility tags, single and compressed into sets (PEP 425).

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AbiTag, PlatformTag, PythonTag};

/// A set longer than this, in bytes, is refused; file systems stop at 255.
const MAX_LENGTH: usize = 512;

/// A compressed set of more tags than this is refused: three short lists of members multiply.
const MAX_TAGS: usize = 4096;

/// One compatibility tag: `cp312-abi3-manylinux_2_28_x86_64`.
///
/// Parsing takes exactly one tag; a compressed set is a [`TagSet`]. Serialised as its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Which interpreter.
    pub python: PythonTag,
    /// Which of its binary interfaces.
    pub abi: AbiTag,
    /// Which system and processor.
    pub platform: PlatformTag,
}

/// The tags of a wheel's file name: `py2.py3-none-any` is two tags, every combination of its members.
///
/// Members keep the order and the spelling they were written in, lower-cased. Parsing refuses empty members, characters
/// other than ASCII letters, digits and `_`, Python tags that start with a digit (PEP 825), and more than 4,096 tags.
/// Serialised as its text.
///
/// ```
/// let tags: wheel_tags::TagSet = "py2.py3-none-any".parse()?;
/// let each: Vec<String> = tags.iter().map(|tag| tag.to_string()).collect();
/// assert_eq!(each, ["py2-none-any", "py3-none-any"]);
/// # Ok::<(), wheel_tags::TagSetError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagSet {
    /// Interpreters; at least one.
    pub pythons: Vec<PythonTag>,
    /// Binary interfaces; at least one.
    pub abis: Vec<AbiTag>,
    /// Systems and processors; at least one.
    pub platforms: Vec<PlatformTag>,
}

/// Why a text is not a compatibility tag or a set of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagSetError {
    /// Too long to be looked at.
    #[error("compatibility tags have at most {MAX_LENGTH} bytes, not {length}")]
    TooLong {
        /// Bytes it has.
        length: usize,
    },
    /// Not three parts.
    #[error("compatibility tags have three parts, python-abi-platform, unlike `{}`", .0.escape_debug())]
    Parts(String),
    /// A part, or a member between two dots, without a character.
    #[error("there is an empty tag in `{}`", .0.escape_debug())]
    EmptyTag(String),
    /// A character that tags have no place for.
    #[error(
        "a tag is made of ASCII letters, digits and `_`: `{}` does not belong in `{}`",
        .character.escape_debug(), .tag.escape_debug()
    )]
    Character {
        /// The tag as it is spelt.
        tag: String,
        /// The first character that is not allowed.
        character: char,
    },
    /// A Python tag that starts with a digit (PEP 825 leaves those to build tags).
    #[error("a Python tag does not start with a digit, unlike `{0}`")]
    PythonTag(String),
    /// More than could be meant.
    #[error("a compressed tag set stands for at most {MAX_TAGS} tags, not {count}")]
    TooMany {
        /// Tags it stands for.
        count: usize,
    },
    /// A set where a single tag belongs.
    #[error("one tag is wanted, `{0}` is a set")]
    NotSingle(String),
}

impl TagSet {
    /// Every tag of the set, in written order: platforms vary fastest, Python tags slowest.
    pub fn iter(&self) -> impl Iterator<Item = Tag> + '_ {
        self.pythons.iter().flat_map(move |python| {
            self.abis.iter().flat_map(move |abi| {
                self.platforms.iter().map(move |platform| Tag {
                    python: python.clone(),
                    abi: abi.clone(),
                    platform: platform.clone(),
                })
            })
        })
    }

    /// The set from its three parts, each a list of members joined by dots.
    pub(crate) fn from_parts(python: &str, abi: &str, platform: &str) -> Result<Self, TagSetError> {
        let pythons: Vec<PythonTag> = members(python)?;
        if let Some(tag) = python.split('.').find(|tag| tag.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(TagSetError::PythonTag(tag.to_owned()));
        }
        let set = Self { pythons, abis: members(abi)?, platforms: members(platform)? };
        let count = set.pythons.len().saturating_mul(set.abis.len()).saturating_mul(set.platforms.len());
        if count > MAX_TAGS { Err(TagSetError::TooMany { count }) } else { Ok(set) }
    }
}

/// A part that is not compressed has one member: itself.
fn members<T: FromStr<Err = Infallible>>(part: &str) -> Result<Vec<T>, TagSetError> {
    part.split('.')
        .map(|tag| {
            if tag.is_empty() {
                return Err(TagSetError::EmptyTag(part.to_owned()));
            }
            if let Some(character) = tag.chars().find(|&c| !c.is_ascii_alphanumeric() && c != '_') {
                return Err(TagSetError::Character { tag: tag.to_owned(), character });
            }
            let Ok(tag) = tag.parse();
            Ok(tag)
        })
        .collect()
}

impl FromStr for TagSet {
    type Err = TagSetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_LENGTH {
            return Err(TagSetError::TooLong { length: text.len() });
        }
        match text.split('-').collect::<Vec<_>>().as_slice() {
            [python, abi, platform] => Self::from_parts(python, abi, platform),
            _ => Err(TagSetError::Parts(text.to_owned())),
        }
    }
}

impl FromStr for Tag {
    type Err = TagSetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let TagSet { pythons, abis, platforms } = text.parse()?;
        match (<[_; 1]>::try_from(pythons), <[_; 1]>::try_from(abis), <[_; 1]>::try_from(platforms)) {
            (Ok([python]), Ok([abi]), Ok([platform])) => Ok(Self { python, abi, platform }),
            _ => Err(TagSetError::NotSingle(text.to_owned())),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.python, self.abi, self.platform)
    }
}

impl fmt::Display for TagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, &self.pythons)?;
        f.write_str("-")?;
        join(f, &self.abis)?;
        f.write_str("-")?;
        join(f, &self.platforms)
    }
}

fn join<T: fmt::Display>(f: &mut fmt::Formatter<'_>, members: &[T]) -> fmt::Result {
    members.iter().enumerate().try_for_each(|(index, member)| {
        let dot = if index == 0 { "" } else { "." };
        write!(f, "{dot}{member}")
    })
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for TagSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TagSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

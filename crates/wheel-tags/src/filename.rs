//! A wheel's file name: `name-version(-build)?-python-abi-platform(-variant)?.whl`.
//!
//! The rules are PEP 427's, as the packaging guide's
//! [file name convention](https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention)
//! keeps them, with the variant label of [PEP 825](https://peps.python.org/pep-0825/).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use pep440_rs::Version;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{DistName, InvalidName, PlatformTag, TagSet, TagSetError};

/// A file name longer than this, in bytes, is refused; file systems stop at 255.
const MAX_LENGTH: usize = 512;

/// A wheel's file name, taken apart.
///
/// Two are equal when they are spelt alike; the order is by name, version, build tag, tags, variant. Serialised as the
/// file name.
///
/// ```
/// use wheel_tags::WheelFilename;
///
/// let wheel: WheelFilename = "Foo.Bar-1.0-2rc-cp312-abi3-manylinux_2_28_aarch64.whl".parse()?;
/// assert_eq!(wheel.name.as_str(), "foo-bar");
/// assert_eq!(wheel.version.to_string(), "1.0");
/// assert_eq!(wheel.build.map(|build| build.number), Some(2));
/// assert_eq!(wheel.tags.to_string(), "cp312-abi3-manylinux_2_28_aarch64");
/// # Ok::<(), wheel_tags::WheelFilenameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WheelFilename {
    /// The distribution.
    pub name: DistName,
    /// Its version.
    pub version: Version,
    /// Breaks ties between wheels of one version; the higher wins, and any beats none.
    pub build: Option<BuildTag>,
    /// Where it runs. A page has thousands of wheels with few sets between them: whoever keeps many shares these.
    pub tags: Arc<TagSet>,
    /// The variant label (PEP 825), such as `x86_64_v3`: what the processor or its companions must offer on top of the
    /// tags. `null` names the variant that asks for nothing.
    pub variant: Option<String>,
    text: Arc<str>,
}

/// A build tag: digits, then anything. Ordered by number, then by suffix (PEP 427).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildTag {
    /// The leading digits.
    pub number: u64,
    /// What follows them; often empty.
    pub suffix: String,
}

/// Why a text is not a wheel's file name. The name itself is the caller's to print: it is left out here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WheelFilenameError {
    /// Too long to be looked at.
    #[error("a wheel's file name has at most {MAX_LENGTH} bytes, not {length}")]
    TooLong {
        /// Bytes it has.
        length: usize,
    },
    /// Another extension, or none.
    #[error("a wheel's file name ends in `.whl`")]
    Extension,
    /// A character that none of the parts can have: a path separator, a space, `%`.
    #[error("a wheel's file name has no `{}` in it", .0.escape_debug())]
    Character(char),
    /// The number of parts fits no wheel.
    #[error(
        "a wheel's file name has 5 to 7 parts between its dashes, \
         name-version(-build)-python-abi-platform(-variant).whl, not {0}"
    )]
    Parts(usize),
    /// Two dashes in a row, or one at an end.
    #[error("one of the parts between the dashes is empty")]
    EmptyPart,
    /// The first part is no project's name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The first part has a run of underscores, which PEP 427 has build tools collapse.
    #[error("`{0}` is not a project name as file names spell it: one `_` at a time")]
    Underscores(String),
    /// The second part is no version.
    #[error("`{0}` is not a version (PEP 440)")]
    Version(String),
    /// The third of six or seven parts is no build tag.
    #[error("`{0}` is not a build tag: it has to start with a number, of at most 64 bits")]
    Build(String),
    /// The tags are not well-formed.
    #[error(transparent)]
    Tags(#[from] TagSetError),
    /// The part after the platform is no variant label.
    #[error("`{0}` is not a variant label: lower-case letters, digits, `_` and `.` (PEP 825), and no platform")]
    Variant(String),
}

impl WheelFilename {
    /// The file name exactly as it was parsed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, shared and not copied.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }
}

impl FromStr for WheelFilename {
    type Err = WheelFilenameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_LENGTH {
            return Err(WheelFilenameError::TooLong { length: text.len() });
        }
        let stem = text.strip_suffix(".whl").ok_or(WheelFilenameError::Extension)?;
        if let Some(character) = stem.chars().find(|&c| !c.is_ascii_alphanumeric() && !"-_.+!".contains(c)) {
            return Err(WheelFilenameError::Character(character));
        }
        let parts: Vec<&str> = stem.split('-').collect();
        if parts.contains(&"") {
            return Err(WheelFilenameError::EmptyPart);
        }
        let (name, version, build, [python, abi, platform], variant) = match *parts.as_slice() {
            [name, version, python, abi, platform] => (name, version, None, [python, abi, platform], None),
            [name, version, third, a, b, last] if starts_with_digit(third) || names_platform(last) => {
                (name, version, Some(third), [a, b, last], None)
            }
            [name, version, python, abi, platform, last] => (name, version, None, [python, abi, platform], Some(last)),
            [name, version, build, python, abi, platform, variant] => {
                (name, version, Some(build), [python, abi, platform], Some(variant))
            }
            _ => return Err(WheelFilenameError::Parts(parts.len())),
        };
        if name.contains("__") {
            return Err(WheelFilenameError::Underscores(name.to_owned()));
        }
        if let Some(label) = variant.filter(|label| !is_variant_label(label)) {
            return Err(WheelFilenameError::Variant(label.to_owned()));
        }
        Ok(Self {
            name: name.parse()?,
            version: version.parse().map_err(|_| WheelFilenameError::Version(version.to_owned()))?,
            build: build.map(BuildTag::parse).transpose()?,
            tags: Arc::new(TagSet::from_parts(python, abi, platform)?),
            variant: variant.map(str::to_owned),
            text: text.into(),
        })
    }
}

fn starts_with_digit(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// A name that ends in a platform is a wheel with a dash too many, or a build tag gone wrong, not a variant `any`.
fn names_platform(part: &str) -> bool {
    part.split('.').all(|member| {
        let Ok(tag) = member.parse::<PlatformTag>();
        !matches!(tag, PlatformTag::Other(_))
    })
}

fn is_variant_label(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.');
    part.bytes().all(plain) && !names_platform(part)
}

impl BuildTag {
    fn parse(text: &str) -> Result<Self, WheelFilenameError> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, suffix) = text.split_at(end);
        let number = digits.parse().map_err(|_| WheelFilenameError::Build(text.to_owned()))?;
        Ok(Self { number, suffix: suffix.to_owned() })
    }
}

impl fmt::Display for WheelFilename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for WheelFilename {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for WheelFilename {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

//! The first two parts of a compatibility tag (PEP 425): which interpreter, and which of its binary interfaces.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Which Python a wheel is for: `py3`, `cp312`.
///
/// Parsing never fails and lower-cases, as tags are compared without regard to case. Versions are written without a dot,
/// so `major` is the first digit and `minor` the rest: `py310` is Python 3.10.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PythonTag {
    /// `cp312`, or `cp3` without a minor version.
    CPython {
        /// One digit: 0 to 9.
        major: u8,
        /// None in `cp3`.
        minor: Option<u8>,
    },
    /// Any implementation of the language: `py3`, `py2`, `py39`.
    Python {
        /// One digit: 0 to 9.
        major: u8,
        /// None in `py3`.
        minor: Option<u8>,
    },
    /// Any other, lower-cased: `pp310`, `graalpy311`, `cp3_12`.
    Other(String),
}

/// Which binary interface a wheel's extension modules need: `none`, `abi3`, `cp313t`.
///
/// Parsing never fails and lower-cases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AbiTag {
    /// `none`: no extension module.
    None,
    /// `abi3`: `CPython`'s stable ABI (PEP 384), for builds with a global interpreter lock.
    Abi3,
    /// `abi3t`: the stable ABI of free-threaded builds (PEP 803).
    Abi3t,
    /// One minor version of `CPython`: `cp312`, `cp37m`, `cp313t`.
    CPython {
        /// One digit: 0 to 9.
        major: u8,
        /// The minor version.
        minor: u8,
        /// The letters after the version.
        flags: AbiFlags,
    },
    /// Any other, lower-cased: `pypy310_pp73`.
    Other(String),
}

/// The letters after the version of a `CPython` ABI tag, in the order they are written: `t`, `d`, `m`, `u`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent build switches of CPython, as sys.abiflags has them"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbiFlags {
    /// `t`: no global interpreter lock (PEP 703).
    pub free_threaded: bool,
    /// `d`: a debug build.
    pub debug: bool,
    /// `m`: pymalloc, written up to 3.7.
    pub pymalloc: bool,
    /// `u`: four-byte Unicode characters, written up to 3.2.
    pub wide_unicode: bool,
}

impl FromStr for PythonTag {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let tag = text.to_ascii_lowercase();
        Ok(Self::known(&tag).unwrap_or(Self::Other(tag)))
    }
}

impl PythonTag {
    fn known(tag: &str) -> Option<Self> {
        if let Some(version) = tag.strip_prefix("cp") {
            let (major, minor) = version_without_dot(version)?;
            Some(Self::CPython { major, minor })
        } else {
            let (major, minor) = version_without_dot(tag.strip_prefix("py")?)?;
            Some(Self::Python { major, minor })
        }
    }
}

impl fmt::Display for PythonTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, major, minor) = match self {
            Self::CPython { major, minor } => ("cp", major, minor),
            Self::Python { major, minor } => ("py", major, minor),
            Self::Other(tag) => return f.write_str(tag),
        };
        write!(f, "{prefix}{major}")?;
        minor.map_or(Ok(()), |minor| write!(f, "{minor}"))
    }
}

impl FromStr for AbiTag {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let tag = text.to_ascii_lowercase();
        Ok(Self::known(&tag).unwrap_or(Self::Other(tag)))
    }
}

impl AbiTag {
    fn known(tag: &str) -> Option<Self> {
        match tag {
            "none" => return Some(Self::None),
            "abi3" => return Some(Self::Abi3),
            "abi3t" => return Some(Self::Abi3t),
            _ => {}
        }
        let rest = tag.strip_prefix("cp")?;
        let letters = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (version, letters) = rest.split_at(letters);
        let (major, minor) = version_without_dot(version)?;
        Some(Self::CPython { major, minor: minor?, flags: AbiFlags::known(letters)? })
    }
}

impl fmt::Display for AbiTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Abi3 => f.write_str("abi3"),
            Self::Abi3t => f.write_str("abi3t"),
            Self::CPython { major, minor, flags } => write!(f, "cp{major}{minor}{flags}"),
            Self::Other(tag) => f.write_str(tag),
        }
    }
}

impl AbiFlags {
    /// Letters in another order than `CPython` writes them are not known: they could not be given back as spelt.
    fn known(mut letters: &str) -> Option<Self> {
        let mut take = |letter: char| {
            let rest = letters.strip_prefix(letter);
            letters = rest.unwrap_or(letters);
            rest.is_some()
        };
        let flags = Self { free_threaded: take('t'), debug: take('d'), pymalloc: take('m'), wide_unicode: take('u') };
        letters.is_empty().then_some(flags)
    }
}

impl fmt::Display for AbiFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [(self.free_threaded, "t"), (self.debug, "d"), (self.pymalloc, "m"), (self.wide_unicode, "u")];
        letters.iter().filter(|(set, _)| *set).try_for_each(|(_, letter)| f.write_str(letter))
    }
}

/// `312` is (3, 12) and `3` is (3, none). A version that would be written otherwise is none at all.
fn version_without_dot(digits: &str) -> Option<(u8, Option<u8>)> {
    let (major, minor) = digits.split_at_checked(1)?;
    let minor = if minor.is_empty() { None } else { Some(plain_number(minor)?) };
    Some((plain_number(major)?, minor))
}

/// A number as Rust would write it back: digits only, no leading zero, within the type.
pub(crate) fn plain_number<N: FromStr>(digits: &str) -> Option<N> {
    let plain = digits == "0" || !digits.starts_with('0');
    if plain && digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

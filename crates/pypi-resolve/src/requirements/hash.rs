//! `--hash=sha256:…`: digests that a wheel must have.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use wheel_archive::Sha256;

/// A digest that a file must have, by one of the algorithms that count for `--require-hashes`.
///
/// <https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashDigest {
    /// What indexes and locks use.
    Sha256(Sha256),
    /// 48 bytes.
    Sha384(Box<[u8; 48]>),
    /// 64 bytes.
    Sha512(Box<[u8; 64]>),
}

impl HashDigest {
    /// The sha256, where it is one.
    #[must_use]
    pub fn sha256(&self) -> Option<Sha256> {
        match self {
            Self::Sha256(digest) => Some(*digest),
            Self::Sha384(_) | Self::Sha512(_) => None,
        }
    }
}

impl fmt::Display for HashDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(digest) => write!(f, "sha256:{digest}"),
            Self::Sha384(digest) => write!(f, "sha384:{}", HEXLOWER.encode(digest.as_slice())),
            Self::Sha512(digest) => write!(f, "sha512:{}", HEXLOWER.encode(digest.as_slice())),
        }
    }
}

/// Not a digest that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// No `algorithm:digest`.
    #[error("`{0}` is not of the form sha256:<64 hex digits>")]
    Form(String),
    /// md5, sha1 and sha224 can be forged, or do not count with pip; others are unknown.
    #[error("`{0}` is not a hash that counts: sha256, sha384 and sha512 do")]
    Algorithm(String),
    /// Not hexadecimal, or too short or long.
    #[error("{algorithm} has {expected} hex digits; this has {found}")]
    Digest {
        /// The algorithm.
        algorithm: String,
        /// Hex digits that it takes.
        expected: usize,
        /// What is there: a number of characters, or that they are no hex digits.
        found: String,
    },
}

impl FromStr for HashDigest {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (algorithm, digits) = text.split_once(':').ok_or_else(|| InvalidHash::Form(text.to_owned()))?;
        match algorithm {
            "sha256" => Ok(Self::Sha256(Sha256::from_bytes(bytes(algorithm, digits)?))),
            "sha384" => Ok(Self::Sha384(Box::new(bytes(algorithm, digits)?))),
            "sha512" => Ok(Self::Sha512(Box::new(bytes(algorithm, digits)?))),
            _ => Err(InvalidHash::Algorithm(algorithm.to_owned())),
        }
    }
}

fn bytes<const N: usize>(algorithm: &str, digits: &str) -> Result<[u8; N], InvalidHash> {
    let invalid = |found| InvalidHash::Digest { algorithm: algorithm.to_owned(), expected: 2 * N, found };
    if digits.len() != 2 * N {
        return Err(invalid(digits.chars().count().to_string()));
    }
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| invalid("other characters".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_round_trip() {
        for (algorithm, digits) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
            let text = format!("{algorithm}:{}", "0a".repeat(digits / 2));
            assert_eq!(text.parse::<HashDigest>().map(|hash| hash.to_string()), Ok(text.clone()));
            assert_eq!(text.replace('a', "A").replace("shA", "sha").parse::<HashDigest>(), text.parse());
            assert!(format!("{text}0").parse::<HashDigest>().is_err());
        }
    }

    #[test]
    fn weak_and_broken_digests() {
        let message = |text: &str| text.parse::<HashDigest>().map_err(|error| error.to_string());
        assert_eq!(message("md5:00"), Err("`md5` is not a hash that counts: sha256, sha384 and sha512 do".into()));
        assert_eq!(message("sha256:00"), Err("sha256 has 64 hex digits; this has 2".into()));
        let letters = message(&format!("sha256:{}", "g".repeat(64)));
        assert_eq!(letters, Err("sha256 has 64 hex digits; this has other characters".into()));
        assert_eq!(message("00"), Err("`00` is not of the form sha256:<64 hex digits>".into()));
    }
}

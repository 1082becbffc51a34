//! How new the versioned symbols of a runtime's C++ libraries are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::serde_text::serde_text;
use crate::target::digits;

/// The number in a symbol version: the `3.4.29` of `GLIBCXX_3.4.29`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolVersion(Vec<u16>);

impl fmt::Display for SymbolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            write!(f, "{}{part}", if i == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

/// Not the number of a symbol version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no symbol version; they look like 3.4.29")]
pub struct InvalidSymbolVersion(String);

impl FromStr for SymbolVersion {
    type Err = InvalidSymbolVersion;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| (!part.is_empty()).then(|| digits(part))?;
        s.split('.').map(part).collect::<Option<_>>().map(Self).ok_or_else(|| InvalidSymbolVersion(s.to_owned()))
    }
}

serde_text!(SymbolVersion);

/// How new a library's symbols are. The two differ where AWS replaced the library during the runtime's life and functions
/// with manually managed updates may still have the older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymbolLevel {
    /// What every function of this runtime has.
    pub certain: SymbolVersion,
    /// What functions on the newest update of the runtime have; never older than `certain`.
    pub recent: SymbolVersion,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbol_versions_compare_as_numbers() {
        let parse = |s: &str| s.parse::<SymbolVersion>();
        assert!(parse("3.4.9").ok() < parse("3.4.22").ok());
        assert!(parse("7.0.0").ok() < parse("11.0").ok());
        assert_eq!(parse("3.4.29").map(|v| v.to_string()), Ok("3.4.29".to_owned()));
        for wrong in ["", "3.", "3..4", "3.x", "-3"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! METADATA: what a wheel says of its project
//! ([core metadata](https://packaging.python.org/en/latest/specifications/core-metadata/)), as far as installing needs it.
//!
//! What a `Requires-Dist` means is not judged here: they are kept as they are spelt.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wheel_tags::{DistName, Version, VersionSpecifiers};

use crate::headers::{Header, MAX_HEADERS, headers};

/// Bytes of METADATA at most; the largest on PyPI, with long descriptions, have about one million.
pub const MAX_METADATA: u64 = 16 << 20;

/// The core metadata of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// `Name`.
    pub name: DistName,
    /// `Version`.
    pub version: Version,
    /// `Requires-Python`; `None` where there is none, or where it cannot be read.
    pub requires_python: Option<VersionSpecifiers>,
    /// A `Requires-Python` that is no list of version specifiers, as it is spelt. Like pip, it is passed over.
    pub unreadable_requires_python: Option<String>,
    /// Every `Requires-Dist`, as it is spelt and in the file's order.
    pub requires_dist: Vec<String>,
    /// Every `Provides-Extra`, normalised as names are (PEP 685), in the file's order.
    pub extras: Vec<String>,
}

/// Why METADATA cannot be read. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// More than [`MAX_METADATA`] bytes.
    #[error("METADATA has {size} bytes; {MAX_METADATA} are read at most")]
    TooLarge {
        /// Bytes it has.
        size: u64,
    },
    /// More fields than any project has.
    #[error("METADATA has more than {MAX_HEADERS} fields")]
    TooManyFields,
    /// A field that must be there is not.
    #[error("METADATA has no {field}: its headers end before line {end}")]
    Missing {
        /// The field's name.
        field: &'static str,
        /// The first line that is not a header any more.
        end: usize,
    },
    /// A field that may be there once stands twice.
    #[error("METADATA line {line}: a second {field}")]
    Repeated {
        /// The field's name.
        field: &'static str,
        /// The line of the second.
        line: usize,
    },
    /// A field's value is not UTF-8.
    #[error("METADATA line {line}: the {field} is not UTF-8")]
    NotUtf8 {
        /// The field's name.
        field: &'static str,
        /// Its line.
        line: usize,
    },
    /// A field's value is not what the specification asks for.
    #[error("METADATA line {line}: {reason}")]
    Invalid {
        /// Its line.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Metadata {
    /// Reads METADATA, or the file of the same contents that an index serves beside a wheel (PEP 658).
    ///
    /// # Errors
    /// When a field that is needed is missing, repeated or unreadable. An unreadable `Requires-Python` is no error.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        if bytes.len() as u64 > MAX_METADATA {
            return Err(MetadataError::TooLarge { size: bytes.len() as u64 });
        }
        let fields = Fields { headers: headers(bytes).ok_or(MetadataError::TooManyFields)? };
        if let Some(version) = fields.one("Metadata-Version")? {
            check_format(&version)?;
        }
        let name = fields.required("Name")?.parse("name")?;
        let version = fields.required("Version")?.parse("version")?;

        let requires_python = fields.one("Requires-Python")?.map(|field| field.value).filter(|value| !value.is_empty());
        let parsed = requires_python.map(VersionSpecifiers::from_str);
        let (requires_python, unreadable_requires_python) = match (parsed, requires_python) {
            (Some(Ok(specifiers)), _) => (Some(specifiers), None),
            (Some(Err(_)), Some(text)) => (None, Some(text.to_owned())),
            _ => (None, None),
        };
        let requires_dist = fields.all("Requires-Dist")?.into_iter().map(|field| field.value.to_owned()).collect();
        let extras = fields.all("Provides-Extra")?.into_iter().map(|field| normalised_extra(field.value)).collect();
        Ok(Self { name, version, requires_python, unreadable_requires_python, requires_dist, extras })
    }
}

/// "Automated tools consuming metadata SHOULD warn if metadata-version is greater than the highest version they support,
/// and MUST fail if metadata-version has a greater major version than the highest version they support."
fn check_format(field: &Field<'_>) -> Result<(), MetadataError> {
    if matches!(field.value.split('.').next(), Some("1" | "2")) {
        return Ok(());
    }
    let reason = format!("Metadata-Version `{}` is not known; 1.x and 2.x are", field.value.escape_debug());
    Err(MetadataError::Invalid { line: field.line, reason })
}

/// An extra's name as it is compared; one that is no valid name (they exist) keeps its spelling, in lower case.
fn normalised_extra(extra: &str) -> String {
    extra.parse::<DistName>().map_or_else(|_| extra.to_lowercase(), |name| name.as_str().to_owned())
}

struct Field<'a> {
    line: usize,
    value: &'a str,
}

impl Field<'_> {
    fn parse<T: FromStr<Err: ToString>>(&self, what: &str) -> Result<T, MetadataError> {
        self.value.parse().map_err(|error: T::Err| {
            // Some parsers draw the place under the text; the first line says what is wrong.
            let error = error.to_string();
            let error = error.lines().next().unwrap_or_default();
            let reason = format!("`{}` is not a {what}: {error}", self.value.escape_debug());
            MetadataError::Invalid { line: self.line, reason }
        })
    }
}

struct Fields<'a> {
    headers: Vec<Header<'a>>,
}

impl<'a> Fields<'a> {
    fn all(&self, field: &'static str) -> Result<Vec<Field<'a>>, MetadataError> {
        let found = self.headers.iter().filter(|header| header.is(field));
        let read = found.map(|header| {
            let value = header.value().ok_or(MetadataError::NotUtf8 { field, line: header.line })?;
            Ok(Field { line: header.line, value })
        });
        read.collect()
    }

    fn one(&self, field: &'static str) -> Result<Option<Field<'a>>, MetadataError> {
        let mut found = self.all(field)?.into_iter();
        let first = found.next();
        match found.next() {
            Some(second) => Err(MetadataError::Repeated { field, line: second.line }),
            None => Ok(first),
        }
    }

    fn required(&self, field: &'static str) -> Result<Field<'a>, MetadataError> {
        let end = self.headers.last().map_or(1, |last| last.line + 1);
        self.one(field)?.ok_or(MetadataError::Missing { field, end })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Metadata, String> {
        Metadata::parse(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_fields_that_installing_needs() {
        let metadata = parse(
            "Metadata-Version: 2.4\nName: Foo.Bar\nVersion: 1.0.POST1\nSummary: x\nRequires-Python: >=3.9, <4\n\
             Requires-Dist: click>=8\nRequires-Dist: rich ; extra == 'Nice_Look'\nProvides-Extra: Nice_Look\n\
             Author: J\u{fc}rgen\n\nName: other\n",
        )
        .expect("sound");
        assert_eq!((metadata.name.as_str(), metadata.version.to_string()), ("foo-bar", "1.0.post1".to_owned()));
        assert_eq!(metadata.requires_python.map(|specifiers| specifiers.to_string()).as_deref(), Some(">=3.9, <4"));
        assert_eq!(metadata.requires_dist, ["click>=8", "rich ; extra == 'Nice_Look'"]);
        assert_eq!(metadata.extras, ["nice-look"]);
    }

    #[test]
    fn an_unreadable_requires_python_is_kept_apart() {
        let metadata = parse("Name: a\nVersion: 1\nRequires-Python: >=3.x\n").expect("sound");
        assert_eq!(metadata.requires_python, None);
        assert_eq!(metadata.unreadable_requires_python.as_deref(), Some(">=3.x"));
        let empty = parse("Name: a\nVersion: 1\nRequires-Python: \n").expect("sound");
        assert_eq!((empty.requires_python, empty.unreadable_requires_python), (None, None));
    }

    #[test]
    fn errors_name_the_line() {
        let error = |text| parse(text).expect_err(text);
        assert_eq!(error("Version: 1\n\nName: a"), "METADATA has no Name: its headers end before line 2");
        assert_eq!(error(""), "METADATA has no Name: its headers end before line 1");
        assert_eq!(
            error("Name: a\nsome licence text\nVersion: 1"),
            "METADATA has no Version: its headers end before line 2"
        );
        assert_eq!(error("Name: a\nVersion: 1\nname: b"), "METADATA line 3: a second Name");
        assert!(error("Name: a\nVersion: one\n").starts_with("METADATA line 2: `one` is not a version: "));
        assert!(error("Name: -a\nVersion: 1\n").starts_with("METADATA line 1: `-a` is not a name: "));
        assert!(
            error("Metadata-Version: 3.0\nName: a\nVersion: 1\n")
                .starts_with("METADATA line 1: Metadata-Version `3.0`")
        );
        let latin1 = Metadata::parse(b"Name: a\nVersion: 1\nRequires-Dist: \xfc\n").expect_err("not UTF-8");
        assert_eq!(latin1.to_string(), "METADATA line 3: the Requires-Dist is not UTF-8");
    }

    #[test]
    fn fifty_megabytes_are_not_read() {
        let error = Metadata::parse(&vec![b'a'; 50 << 20]).expect_err("too large");
        assert_eq!(error.to_string(), "METADATA has 52428800 bytes; 16777216 are read at most");
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _outcome = Metadata::parse(&bytes);
        }

        #[test]
        fn near_misses_do_not_panic(text in "(Name|Version|Requires-Python|Metadata-Version): [a1.>=<~\n ]{0,9}\n{0,4}") {
            let _outcome = parse(&text);
        }
    }
}

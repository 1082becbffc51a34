//! Where a file lies inside a wheel, as a type that cannot leave it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::zip::MAX_NAME;

/// Bytes of a component at most: Linux' `NAME_MAX`.
const LONGEST_COMPONENT: usize = 255;
/// Letters of a path that are shown where it is refused.
const SHOWN: usize = 300;

/// A relative path of plain components separated by `/`: never absolute, without `.`, `..`, empty components, control
/// characters, backslashes or a drive letter, and no longer than Linux takes it. Joined to a folder it stays inside, on every platform.
///
/// Ordered by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryPath(String);

/// Why a text cannot be an [`EntryPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {reason}", .path.escape_debug())]
pub struct UnsafePath {
    /// Its beginning: RECORD may hold any text.
    path: String,
    reason: &'static str,
}

impl EntryPath {
    /// The path, `/`-separated.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The components from the outermost folder to the file's name; there is at least one.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }

    /// The folder it lies in; `None` at the top.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(folder, _)| Self(folder.to_owned()))
    }

    /// This folder's path followed by `rest`.
    #[must_use]
    pub fn join(&self, rest: &Self) -> Self {
        Self(format!("{}/{}", self.0, rest.0))
    }

    /// Whether the path is `folder` or lies in it. Components are compared, so `foo-x/a` does not start with `foo`.
    #[must_use]
    pub fn starts_with(&self, folder: &Self) -> bool {
        self.0.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The scheme of the wheel's `.data` folder and what lies below it: `foo-1.0.data/scripts/x` → `("scripts", "x")`. The
    /// inspection lets no `.data` folder through but the wheel's own, whose name may be spelt otherwise than that of the
    /// `.dist-info` folder.
    #[must_use]
    pub fn data_scheme(&self) -> Option<(&str, &str)> {
        let (top, below) = self.0.split_once('/')?;
        top.strip_suffix(".data")?;
        Some(below.split_once('/').unwrap_or((below, "")))
    }

    /// Where it is below the folder that the wheel is installed into, as far as Python and the dynamic loader care.
    #[must_use]
    pub fn installed(&self) -> Cow<'_, str> {
        match self.data_scheme() {
            Some(("purelib" | "platlib" | "data", below)) => Cow::Borrowed(below),
            Some(("scripts", below)) => Cow::Owned(format!("bin/{below}")),
            _ => Cow::Borrowed(&self.0),
        }
    }

    /// What follows `folder`; `None` where the path does not lie in it.
    #[must_use]
    pub fn strip_prefix(&self, folder: &Self) -> Option<Self> {
        self.0.strip_prefix(folder.as_str())?.strip_prefix('/').map(|rest| Self(rest.to_owned()))
    }
}

impl FromStr for EntryPath {
    type Err = UnsafePath;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let bytes = path.as_bytes();
        let reason = if path.is_empty() {
            "is empty"
        } else if path.starts_with('/') {
            "is an absolute path"
        } else if path.contains('\\') {
            "has a backslash, which is a separator to some and a letter to others"
        } else if path.contains('\0') {
            "has a NUL character"
        } else if path.chars().any(char::is_control) {
            "has a control character"
        } else if matches!(bytes, [drive, b':', ..] if drive.is_ascii_alphabetic()) {
            "has a drive letter"
        } else if path.split('/').any(str::is_empty) {
            "has an empty component"
        } else if path.split('/').any(|component| component == "..") {
            "leaves its folder by `..`"
        } else if path.split('/').any(|component| component == ".") {
            "has the component `.`"
        } else if path.len() > MAX_NAME {
            "is longer than 4096 bytes, Linux' limit for a path"
        } else if path.split('/').any(|component| component.len() > LONGEST_COMPONENT) {
            "has a component of more than 255 bytes, which no file system takes"
        } else {
            return Ok(Self(path.to_owned()));
        };
        Err(UnsafePath { path: path.chars().take(SHOWN).collect(), reason })
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for EntryPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Serialize for EntryPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EntryPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> EntryPath {
        text.parse().expect("a plain path")
    }

    #[test]
    fn whatever_could_escape_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "is empty"),
            ("/etc/passwd", "is an absolute path"),
            ("//", "is an absolute path"),
            ("a\\..\\b.py", "backslash"),
            ("a\0b", "NUL"),
            ("a\nb", "control character"),
            ("a\u{85}b", "control character"),
            ("C:/x.py", "drive letter"),
            ("a//b", "empty component"),
            ("a/", "empty component"),
            ("..", "leaves its folder"),
            ("a/../b", "leaves its folder"),
            ("../python-x/f", "leaves its folder"),
            (".", "component `.`"),
            ("a/./b", "component `.`"),
        ] {
            let error = text.parse::<EntryPath>().expect_err(text).to_string();
            assert!(error.contains(reason), "{error}");
            assert!(!error.contains(char::is_control), "{error:?}");
        }
        let (component, long) = ("a".repeat(256), "a/".repeat(1 << 20));
        for (text, reason) in [(component, "more than 255 bytes"), (long + "b", "longer than 4096 bytes")] {
            let error = text.parse::<EntryPath>().expect_err("too long").to_string();
            assert!(error.contains(reason) && error.len() < 500, "{error}");
        }
        assert_eq!(path(&"a".repeat(255)).components().count(), 1);
    }

    #[test]
    fn odd_but_harmless_names_are_kept() {
        for text in ["a", "...", "a b/ c", "ä/…", "ab:c", "name-1.0.data/scripts/x", "-rf", "a'\"$(x)"] {
            assert_eq!(path(text).as_str(), text);
        }
    }

    #[test]
    fn folders_are_compared_by_component() {
        assert!(path("foo/a/b").starts_with(&path("foo/a")));
        assert!(path("foo").starts_with(&path("foo")));
        assert!(!path("foo-x/a").starts_with(&path("foo")));
        assert_eq!(path("foo/a/b").strip_prefix(&path("foo")), Some(path("a/b")));
        assert_eq!(path("foo").strip_prefix(&path("foo")), None);
        assert_eq!(path("foo/a").parent(), Some(path("foo")));
        assert_eq!(path("foo").parent(), None);
        assert_eq!(path("foo").join(&path("a/b")), path("foo/a/b"));
        assert_eq!(path("foo/a.py").file_name(), "a.py");
    }

    proptest! {
        #[test]
        fn what_parses_stays_inside_any_folder(text in "[a./\\\\:C \\x00-\\x1f]{0,12}") {
            if let Ok(path) = text.parse::<EntryPath>() {
                prop_assert!(Path::new(path.as_str()).components().all(|c| matches!(c, Component::Normal(_))));
                prop_assert_eq!(path.components().collect::<Vec<_>>().join("/"), text);
            }
        }
    }
}

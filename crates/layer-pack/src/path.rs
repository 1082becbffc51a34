//! Where something lies in a layer, as a type that cannot leave it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wheel_archive::EntryPath;

/// A file's path from the layer's root, `python/numpy/__init__.py`; Lambda unpacks it below `/opt`.
///
/// Relative, UTF-8, plain components joined by `/`: it is only ever made from an [`EntryPath`], which cannot leave the
/// folder it is read in, and by putting folders in front of one. Ordered by its bytes. The only way to name an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerPath(String);

impl LayerPath {
    /// The path below `python/`, the folder that Lambda puts on `sys.path`.
    #[must_use]
    pub fn in_python(path: &EntryPath) -> Self {
        Self(format!("python/{path}"))
    }

    /// The path below `python/<folder>/`.
    pub(crate) fn in_python_folder(folder: &'static str, path: &EntryPath) -> Self {
        Self(format!("python/{folder}/{path}"))
    }

    /// This path and a name of layerpack's own below it.
    pub(crate) fn child(&self, name: &'static str) -> Self {
        Self(format!("{self}/{name}"))
    }

    /// This path and another one below it.
    #[must_use]
    pub fn join(&self, path: &EntryPath) -> Self {
        Self(format!("{self}/{path}"))
    }

    /// The path as it stands in the zip.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path from `python/` on, as RECORD spells it; `None` outside of it.
    #[must_use]
    pub fn below_python(&self) -> Option<&str> {
        self.0.strip_prefix("python/")
    }

    /// The folder that holds it; `None` at the layer's root.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(folder, _)| folder)
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.as_str(), |(_, name)| name)
    }
}

/// A path at the layer's root, as `SOURCE/opt/**` gives them.
impl From<EntryPath> for LayerPath {
    fn from(path: EntryPath) -> Self {
        Self(path.as_str().to_owned())
    }
}

impl fmt::Display for LayerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LayerPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LayerPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        EntryPath::deserialize(deserializer).map(Self::from)
    }
}

//! Where something lies in a layer, as a type that cannot leave it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wheel_archive::EntryPath;

use crate::Layout;

/// A file's path from the root of a layer or function, `python/numpy/__init__.py`; Lambda unpacks a layer below `/opt`.
///
/// Relative, UTF-8, plain components joined by `/`: it is only ever made from an [`EntryPath`], which cannot leave the
/// folder it is read in, and by putting folders in front of one. Ordered by its bytes. The only way to name an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerPath(String);

impl LayerPath {
    /// The path below the folder that Lambda puts on `sys.path`: a layer's `python/`, a function's root.
    #[must_use]
    pub fn on_sys_path(layout: Layout, path: &EntryPath) -> Self {
        Self(format!("{}{path}", layout.prefix()))
    }

    /// The path below a folder of that one.
    pub(crate) fn in_folder(layout: Layout, folder: &'static str, path: &EntryPath) -> Self {
        Self(format!("{}{folder}/{path}", layout.prefix()))
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

    /// The path from the folder on `sys.path` on, as RECORD spells it; `None` outside of it.
    #[must_use]
    pub fn below_sys_path(&self, layout: Layout) -> Option<&str> {
        self.0.strip_prefix(layout.prefix())
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

/// A path at the root, as `SOURCE/opt/**` gives them.
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

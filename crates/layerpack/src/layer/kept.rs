//! The command's own parts of the cache folder: what locked builds wrote, and the files of trees.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use pypi_resolve::index::cache_parts;
use serde_json::Value;
use wheel_archive::{CachePart, Keeping, Layout, Sha256, Store};
use wheel_tags::DistName;

use crate::source_build::BUILT;

/// See [`Stamp`](crate::layer::Stamp).
pub(super) static BUILDS: CachePart = CachePart {
    name: "builds",
    version: 1,
    extension: ".json",
    layout: Layout::Flat,
    keeping: Keeping::Copy,
    names: names_of_build,
    check: |path, _| {
        let sound = serde_json::from_slice::<Value>(&fs_err::read(path)?).is_ok();
        Ok((!sound).then_some("is no JSON"))
    },
};

/// The files of a tree, by the digest of the folder's path: what layerpack may replace there.
static TREES: CachePart = CachePart {
    name: "trees",
    version: 1,
    extension: "",
    layout: Layout::Flat,
    keeping: Keeping::Knowledge,
    names: |_| Ok(Vec::new()),
    check: |_, _| Ok(None),
};

/// Every part of the cache folder.
pub(crate) fn all_cache_parts() -> Vec<&'static CachePart> {
    Store::parts().into_iter().chain(cache_parts()).chain([&BUILDS, &BUILT, &TREES]).collect()
}

/// Where the files of the tree in this folder are listed.
pub(super) fn tree_list(cache_dir: &Path, root: &Path) -> PathBuf {
    let absolute = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let name = Sha256::of(absolute.as_os_str().as_encoded_bytes()).to_string();
    cache_dir.join(TREES.folder()).join(name)
}

/// The packages of a layer that was built. A file that cannot be read is about none.
fn names_of_build(path: &Path) -> io::Result<Vec<DistName>> {
    let kept: Value = serde_json::from_slice(&fs_err::read(path)?).unwrap_or_default();
    let packages = kept.pointer("/stamp/document/packages").and_then(Value::as_array);
    let names = packages.into_iter().flatten().filter_map(|package| package.get("name")?.as_str()?.parse().ok());
    Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
}

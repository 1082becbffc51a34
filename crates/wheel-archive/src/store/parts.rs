//! The store's parts of the cache folder.

use std::io;
use std::path::Path;

use wheel_tags::DistName;

use super::cached;
use crate::FileAt;
use crate::cache::{CachePart, Keeping, Layout};
use crate::fault::Fault;
use crate::inspect::hash;
use crate::zip::{Purpose, read_directory};

/// Wheels by their digest. What is in them may be any version's: their form is the wheel's own.
pub(super) static WHEELS: CachePart = CachePart {
    name: "wheels",
    version: 1,
    extension: ".whl",
    layout: Layout::Sharded,
    keeping: Keeping::Copy,
    names: names_of_wheel,
    check: |path, sha256| Ok((hash(&FileAt::open(path)?)? != *sha256).then_some("has other bytes than its name says")),
};

/// Manifests by the digest of their wheels. Nobody looks into a wheel again that has one, so the version is to be raised
/// whenever an older one must not be believed any more: its form has changed; a rule for wheels has become stricter (entries,
/// RECORD, METADATA, entry points), so that it may stand for a wheel that is refused now; or a fact is told more exactly.
pub(super) static MANIFESTS: CachePart = CachePart {
    name: "manifests",
    version: 3,
    extension: "",
    layout: Layout::Sharded,
    keeping: Keeping::Copy,
    names: |path| Ok(cached::read(path)?.map(|manifest| manifest.filename.name).into_iter().collect()),
    check: |path, sha256| {
        let sound = cached::read(path)?.is_some_and(|manifest| manifest.sha256 == *sha256);
        Ok((!sound).then_some("cannot be read, or is of another wheel"))
    },
};

/// The project of a wheel without a manifest, by its `.dist-info` folder.
fn names_of_wheel(path: &Path) -> io::Result<Vec<DistName>> {
    let directory = match read_directory(&FileAt::open(path)?, Purpose::Wheel) {
        Ok(directory) => directory,
        Err(Fault::Io(error)) => return Err(error),
        // What cannot be read is nobody's.
        Err(Fault::Malformed(_)) => return Ok(Vec::new()),
    };
    let folders = directory.entries.iter().filter_map(|entry| entry.path.as_str().split_once('/'));
    let stems = folders.filter_map(|(top, _)| top.strip_suffix(".dist-info"));
    let mut names: Vec<DistName> = stems.filter_map(|stem| stem.split_once('-')?.0.parse().ok()).collect();
    names.dedup();
    Ok(names)
}

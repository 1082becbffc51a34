//! The addresses and paths of files, as locks spell them.

use std::path::Path;

use crate::requirements::{SourceTree, git_tree, joined};

/// The name of the file that a URL names.
pub(super) fn name_in_url(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let last = url.path_segments()?.next_back()?.to_owned();
    // Of all that is escaped in URLs, only the `+` of local versions occurs in wheels' names.
    Some(last.replace("%2B", "+").replace("%2b", "+"))
}

/// The name of the file that a path names, on whatever system it was written.
pub(super) fn name_in_path(path: &str) -> Option<String> {
    path.rsplit(['/', '\\']).next().map(str::to_owned)
}

/// Whether an address or path is that of a wheel.
pub(super) fn is_wheel(place: &str) -> bool {
    let path = place.split(['?', '#']).next().unwrap_or_default();
    Path::new(path).extension().is_some_and(|ending| ending == "whl")
}

/// A repository at a commit, `https://host/r.git?subdirectory=lib&rev=v1#COMMIT`, as uv.lock spells it.
pub(super) fn git_of_uv(url: &str) -> Option<SourceTree> {
    let (url, commit) = url.split_once('#')?;
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let subdirectory = query.split('&').find_map(|pair| pair.strip_prefix("subdirectory=")).map(str::to_owned);
    git_tree(&format!("git+{url}@{commit}"), subdirectory)
}

/// A project on disk beside the lock.
pub(super) fn project_on_disk(lock: &Path, path: &str) -> Option<SourceTree> {
    let path = joined(lock.parent().unwrap_or(Path::new("")), Path::new(path));
    path.is_dir().then_some(SourceTree::Folder(path))
}

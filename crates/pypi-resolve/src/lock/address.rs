//! The addresses and paths of files, as locks spell them.

use std::path::Path;

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

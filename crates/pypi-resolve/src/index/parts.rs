//! The index's parts of the cache folder: pages, METADATA, and the digests of wheels for which none was promised.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use wheel_archive::{CachePart, FileAt, Keeping, Layout, Sha256};
use wheel_tags::DistName;

use super::cache::{CHECKSUM, CachedPage, is_sealed};

pub(super) static PAGES: CachePart = CachePart {
    name: "pages",
    version: 1,
    extension: ".postcard",
    layout: Layout::Flat,
    keeping: Keeping::Copy,
    names: names_on_page,
    check,
};

pub(super) static METADATA: CachePart = CachePart {
    name: "metadata",
    version: 1,
    extension: "",
    layout: Layout::Flat,
    keeping: Keeping::Copy,
    names: name_of_metadata,
    check,
};

pub(super) static DIGESTS: CachePart = CachePart {
    name: "digests",
    version: 1,
    extension: "",
    layout: Layout::Flat,
    keeping: Keeping::Copy,
    names: |_| Ok(Vec::new()),
    check,
};

/// The parts of the cache folder that an [`Index`](super::Index) keeps.
#[must_use]
pub fn cache_parts() -> [&'static CachePart; 3] {
    [&PAGES, &METADATA, &DIGESTS]
}

fn check(path: &Path, _: &Sha256) -> io::Result<Option<&'static str>> {
    Ok((!is_sealed(&FileAt::read(path)?)).then_some("its checksum is wrong"))
}

/// The projects whose files a page lists.
fn names_on_page(path: &Path) -> io::Result<Vec<DistName>> {
    let bytes = FileAt::read(path)?;
    let page = Some(bytes).filter(|bytes| is_sealed(bytes)).and_then(CachedPage::of);
    let name = |file: &str| match file.strip_suffix(".whl") {
        Some(wheel) => wheel.split_once('-').map(|(name, _)| name.to_owned()),
        // `name-version.tar.gz`, and old names have hyphens of their own.
        None => file.rsplit_once('-').map(|(name, _)| name.to_owned()),
    };
    let mut names: BTreeSet<DistName> = BTreeSet::new();
    let read = page
        .as_ref()
        .and_then(|page| page.each_row(|row| names.extend(name(row.filename).and_then(|name| name.parse().ok()))));
    if read.is_none() {
        return Ok(Vec::new());
    }
    Ok(names.into_iter().collect())
}

/// `Name` of METADATA.
fn name_of_metadata(path: &Path) -> io::Result<Vec<DistName>> {
    let bytes = FileAt::read(path)?;
    let text = String::from_utf8_lossy(bytes.get(CHECKSUM..).unwrap_or_default());
    let field = |line: &str| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case("name").then(|| value.trim().parse().ok()).flatten()
    };
    Ok(text.lines().find_map(field).into_iter().collect())
}

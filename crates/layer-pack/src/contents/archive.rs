//! Reading a zip.

use std::io;

use lambda_compat::Finding;
use wheel_archive::{Archive, ArchivedFile, ReadAt, read_archive};

use super::{HeldFile, HeldFolder, Listing, Source};
use crate::LayerPath;

/// What a file gets that was packed without Unix modes, as on Windows: it can be read, but not started.
const WITHOUT_MODE: u32 = 0o644;

pub(super) fn read(bytes: Box<dyn ReadAt + Send>) -> io::Result<Result<Listing, Vec<Finding>>> {
    Ok(read_archive(&*bytes)?.map(|archive| list(archive, bytes)))
}

fn list(archive: Archive, bytes: Box<dyn ReadAt + Send>) -> Listing {
    let mut files = Vec::with_capacity(archive.files.len());
    let mut entries = Vec::with_capacity(archive.files.len());
    for ArchivedFile { mut entry, mode, link } in archive.files {
        files.push(HeldFile {
            path: LayerPath::from(entry.path.clone()),
            size: entry.size,
            mode: Some(mode.unwrap_or(WITHOUT_MODE)),
            link,
            binary: entry.binary.take(),
            opens_libraries: entry.opens_libraries,
        });
        entries.push(entry);
    }
    let folders = archive.folders.into_iter();
    let folders = folders.filter_map(|folder| Some(HeldFolder { path: folder.path.into(), mode: folder.mode? }));
    Listing { files, folders: folders.collect(), findings: archive.warnings, source: Source::Zip { bytes, entries } }
}

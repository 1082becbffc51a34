//! A zip that Lambda unpacks, whoever packed it: the files of a layer or a function, with modes and links.
//!
//! It is read as strictly as a wheel: one reading or none. Only what sound tools do and wheels must not is let through:
//! symbolic links, and names that no flag says to be UTF-8. What the files are to Python is not known here.

use std::io;

use lambda_compat::{Code, Finding};

use crate::EntryPath;
use crate::fault::{Checked, refuse_if_any, settled};
use crate::inspect::settle;
use crate::manifest::{Entry, entry_bytes};
use crate::read_at::ReadAt;
use crate::verify::verify;
use crate::zip::{CentralEntry, Purpose, read_directory};

/// Bytes of a link's target at most: Linux' `PATH_MAX`.
const MAX_TARGET: u64 = 4096;

/// What a zip holds, all of it verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Files and links, ordered by path.
    pub files: Vec<ArchivedFile>,
    /// The folders that have an entry of their own, ordered by path.
    pub folders: Vec<ArchivedFolder>,
    /// What is odd about the archive without standing against it.
    pub warnings: Vec<Finding>,
}

/// A file of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Where its bytes lie, and what they are.
    pub entry: Entry,
    /// Unix permission bits; `None` where the system it was packed on has none.
    pub mode: Option<u32>,
    /// Where it leads, if it is a symbolic link: the entry's bytes.
    pub link: Option<String>,
}

/// A folder of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFolder {
    /// Its path, without a slash at its end.
    pub path: EntryPath,
    /// Unix permission bits; `None` where the system it was packed on has none.
    pub mode: Option<u32>,
}

/// Reads a zip and verifies all of it: one reading only, every entry inflated once to its exact end. Entries are
/// verified in parallel on rayon's pool; memory stays flat however large they are, and nothing is unpacked to disk.
///
/// # Errors
/// Only when bytes could not be read. The inner error holds what is wrong with the zip: sorted findings, `LP2xx`.
pub fn read_archive(source: &dyn ReadAt) -> io::Result<Result<Archive, Vec<Finding>>> {
    settle(look(source))
}

fn look(source: &dyn ReadAt) -> Checked<Archive> {
    let directory = read_directory(source, Purpose::Layer)?;
    let entries = verify(source, &directory.entries)?;

    let (mut folders, mut said): (Vec<&CentralEntry>, Vec<&CentralEntry>) =
        directory.entries.iter().partition(|entry| entry.folder);
    folders.sort_by(|a, b| a.path.cmp(&b.path));
    said.sort_by(|a, b| a.path.cmp(&b.path));
    let mut findings = Vec::new();
    let mut files = Vec::with_capacity(entries.len());
    // No path stands twice, so that both lists name the same files in the same order.
    for (entry, said) in entries.into_iter().zip(said) {
        let link = if said.link { Some(target(source, &entry)?) } else { None };
        let link = link.transpose().unwrap_or_else(|finding| {
            findings.push(finding);
            None
        });
        files.push(ArchivedFile { entry, mode: said.mode, link });
    }
    refuse_if_any(findings)?;
    let folders = folders.into_iter().map(|entry| ArchivedFolder { path: entry.path.clone(), mode: entry.mode });
    Ok(Archive { files, folders: folders.collect(), warnings: settled(directory.warnings) })
}

/// Where a link leads.
fn target(source: &dyn ReadAt, entry: &Entry) -> io::Result<Result<String, Finding>> {
    let wrong = |message: String| Err(Finding::error(Code::SpecialFile, message).at(entry.path.as_str()));
    if !(1..=MAX_TARGET).contains(&entry.size) {
        return Ok(wrong(format!("a symbolic link with a target of {} bytes; 1 to {MAX_TARGET} are one", entry.size)));
    }
    let bytes = entry_bytes(source, entry)?;
    Ok(match String::from_utf8(bytes) {
        Ok(target) if !target.contains('\0') => Ok(target),
        _ => wrong("a symbolic link whose target is not UTF-8".to_owned()),
    })
}

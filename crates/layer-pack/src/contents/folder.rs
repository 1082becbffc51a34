//! Reading an unpacked folder.

use std::io;
use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};
use rayon::prelude::*;
use wheel_archive::{EntryPath, FileAt, native_facts, opens_libraries};

use super::{HeldFile, HeldFolder, Listing, MOST, Source, too_many};
use crate::LayerPath;
use crate::place::{link_target, permissions};

/// The folder's files with what they are, where they are native code.
pub(super) fn read(root: &Path) -> io::Result<Result<Listing, Vec<Finding>>> {
    let Some(mut walk) = walk(root)? else { return Ok(Err(vec![too_many()])) };
    walk.files.par_iter_mut().try_for_each(|(file, host)| {
        if file.link.is_none() {
            let source = FileAt::open(host)?;
            file.binary = native_facts(&source)?;
            file.opens_libraries =
                file.path.file_name().rsplit_once('.').is_some_and(|(_, s)| s == "py") && opens_libraries(&source)?;
        }
        Ok::<(), io::Error>(())
    })?;
    Ok(Ok(walk.listing(root)))
}

/// The folder's files; none is opened.
pub(super) fn list(root: &Path) -> io::Result<Result<Listing, Vec<Finding>>> {
    Ok(walk(root)?.map(|walk| walk.listing(root)).ok_or_else(|| vec![too_many()]))
}

/// `None` where there are more files than any layer has.
fn walk(root: &Path) -> io::Result<Option<Walk>> {
    let mut walk = Walk::default();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for item in fs_err::read_dir(&folder)? {
            let item = item?;
            if let Some(below) = walk.take(&item.path(), &format!("{prefix}{}", item.file_name().to_string_lossy()))? {
                folders.push((item.path(), below));
            }
            if walk.files.len() + walk.folders.len() > MOST {
                return Ok(None);
            }
        }
    }
    Ok(Some(walk))
}

#[derive(Default)]
struct Walk {
    /// With their places on disk.
    files: Vec<(HeldFile, PathBuf)>,
    folders: Vec<HeldFolder>,
    findings: Vec<Finding>,
}

impl Walk {
    fn listing(self, root: &Path) -> Listing {
        let Self { mut files, mut folders, findings } = self;
        files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        folders.sort_by(|a, b| a.path.cmp(&b.path));
        let files = files.into_iter().map(|(file, _)| file).collect();
        Listing { files, folders, findings, source: Source::Folder(root.to_owned()) }
    }

    /// Takes one item of a folder; of a folder gives what its items' paths begin with.
    fn take(&mut self, host: &Path, path: &str) -> io::Result<Option<String>> {
        let metadata = fs_err::symlink_metadata(host)?;
        let mode = permissions(&metadata);
        let entry: EntryPath = match path.parse() {
            // A name that is not UTF-8 has lost something on the way here.
            Ok(entry) if !path.contains(char::REPLACEMENT_CHARACTER) => entry,
            _ => {
                let message = "a name that no zip can hold: it is not UTF-8, or has a backslash or a control character";
                self.findings.push(Finding::error(Code::EntryName, message).at(path.escape_debug().to_string()));
                return Ok(None);
            }
        };
        let path = LayerPath::from(entry);
        if metadata.is_dir() {
            let below = format!("{path}/");
            self.folders.extend(mode.map(|mode| HeldFolder { path, mode }));
            return Ok(Some(below));
        }
        let link = if metadata.is_symlink() { Some(link_target(host)?) } else { None };
        if link.is_none() && !metadata.is_file() {
            let message = "a pipe, socket or device: no layer can hold it";
            self.findings.push(Finding::error(Code::SpecialFile, message).at(path.as_str()));
            return Ok(None);
        }
        let size = link.as_ref().map_or(metadata.len(), |link| link.len() as u64);
        self.files.push((HeldFile { path, size, mode, link, binary: None, opens_libraries: false }, host.to_owned()));
        Ok(None)
    }
}

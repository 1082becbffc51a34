//! The plan as an unpacked folder: what Lambda has below `/opt`.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use wheel_archive::Unpacker;

use crate::plan::folders_of;
use crate::{Content, Entry, LayerPlan, PackError, place};

/// A tree that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTree {
    /// The layer's root: the folder that holds `python/`.
    pub root: PathBuf,
    /// Number of files.
    pub files: u64,
    /// Their bytes.
    pub size: u64,
}

/// Writes the plan as a folder, with `jobs` threads. Files get 0644 or 0755 and folders 0755, whatever the umask.
///
/// The tree is built beside `root` and moved in, so that `root` is the old tree or the new one but for the moment
/// between two renames; on failure the old one stays and nothing is left beside it. `known` are the files that
/// layerpack wrote there before, as a report lists them: a folder that holds any other file is refused.
///
/// # Errors
/// [`PackError::Foreign`] and [`PackError::NotAFolder`] (LP406) where the place is not layerpack's; [`PackError::NotHeld`]
/// (LP509) where the system cannot hold a file's name; [`PackError::Damaged`] where bytes of a wheel are not those that were inspected: fetch it again and retry. Else where
/// something cannot be read or written.
pub fn write_tree(
    plan: &LayerPlan<'_>,
    root: &Path,
    known: &BTreeSet<String>,
    jobs: NonZeroUsize,
) -> Result<WrittenTree, PackError> {
    let _span = tracing::debug_span!("write_tree").entered();
    let place = replaceable(root, known)?;
    all_held(plan, root)?;
    let new = place::folder_beside(&place)?;
    make_folders(plan, new.path()).map_err(|source| PackError::Write { path: root.to_owned(), source })?;
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.get())
        .build()
        .map_err(|error| PackError::Thread { source: io::Error::other(error) })?;
    let mut largest_first: Vec<_> = plan.entries().iter().collect();
    largest_first.sort_by_key(|entry| std::cmp::Reverse(entry.content.size()));
    // The bridge hands entries out one by one in this order, so that no thread is left with a large one at the end.
    let written: Result<(), PackError> = threads.install(|| {
        let write = |unpacker: &mut Unpacker, entry: &Entry<'_>| write_entry(entry, new.path(), root, unpacker);
        largest_first.into_iter().par_bridge().map_init(Unpacker::new, write).collect()
    });
    written?;
    place::move_in(new, &place)?;
    Ok(WrittenTree::of(plan, root))
}

/// What [`write_tree`] would write. Nothing is, and the wheels are not read.
///
/// # Errors
/// [`PackError::Foreign`], [`PackError::NotAFolder`] and [`PackError::NotHeld`], as [`write_tree`].
pub fn predict_tree(plan: &LayerPlan<'_>, root: &Path, known: &BTreeSet<String>) -> Result<WrittenTree, PackError> {
    replaceable(root, known)?;
    all_held(plan, root)?;
    Ok(WrittenTree::of(plan, root))
}

/// Every entry has a name that the system holds, and nothing is written where one has not.
fn all_held(plan: &LayerPlan<'_>, root: &Path) -> Result<(), PackError> {
    let mut unheld = plan.entries().iter().filter_map(|entry| Some((entry, place::not_held(entry.path.as_str())?)));
    unheld.next().map_or(Ok(()), |(entry, why)| {
        Err(PackError::NotHeld { root: root.to_owned(), entry: entry.path.clone(), why })
    })
}

impl WrittenTree {
    fn of(plan: &LayerPlan<'_>, root: &Path) -> Self {
        let size = plan.entries().iter().map(|entry| entry.content.size()).sum();
        Self { root: root.to_owned(), files: plan.entries().len() as u64, size }
    }
}

/// Where the tree really goes: a place with nothing in it but what layerpack wrote there.
fn replaceable(root: &Path, known: &BTreeSet<String>) -> Result<PathBuf, PackError> {
    let failed = |source| PackError::Write { path: root.to_owned(), source };
    // A link is followed, lest it be replaced by a folder.
    let place = match fs_err::symlink_metadata(root) {
        Ok(_) => fs_err::canonicalize(root).map_err(failed)?,
        Err(_) => root.to_owned(),
    };
    if place.exists() && !place.is_dir() {
        return Err(PackError::NotAFolder { path: root.to_owned() });
    }
    let foreign = foreign_files(&place, known).map_err(failed)?;
    if foreign.is_empty() {
        return Ok(place);
    }
    Err(PackError::Foreign { root: root.to_owned(), files: foreign })
}

/// The files below `root` that are not among `known`, as paths from `root` on with `/`, sorted. Links count as files
/// and are not followed; empty folders do not count. None where there is no such folder.
///
/// # Errors
/// Where a folder cannot be read.
pub fn foreign_files(root: &Path, known: &BTreeSet<String>) -> io::Result<Vec<String>> {
    let mut foreign = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let listing = match fs_err::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && prefix.is_empty() => break,
            listing => listing?,
        };
        for item in listing {
            let item = item?;
            let path = format!("{prefix}{}", item.file_name().to_string_lossy());
            if item.file_type()?.is_dir() {
                folders.push((item.path(), format!("{path}/")));
            } else if item.file_name().to_str().is_none() || !known.contains(&path) {
                foreign.push(path);
            }
        }
    }
    foreign.sort_unstable();
    Ok(foreign)
}

/// The folders of all entries, and the root itself, mode 0755.
fn make_folders(plan: &LayerPlan<'_>, root: &Path) -> io::Result<()> {
    place::set_folder_mode(root)?;
    for folder in folders_of(plan.entries()) {
        let path = root.join(folder);
        fs_err::create_dir(&path)?;
        place::set_folder_mode(&path)?;
    }
    Ok(())
}

/// Writes one file of the tree that grows at `new` and will be at `root`.
fn write_entry(entry: &Entry<'_>, new: &Path, root: &Path, unpacker: &mut Unpacker) -> Result<(), PackError> {
    let failed = |source| PackError::WriteEntry { root: root.to_owned(), entry: entry.path.clone(), source };
    // Must not be there: on a file system without case, two entries could otherwise become one.
    let mut file =
        fs_err::OpenOptions::new().write(true).create_new(true).open(new.join(entry.path.as_str())).map_err(failed)?;
    place::set_mode(&file, entry.mode).map_err(failed)?;
    match &entry.content {
        Content::Made(made) => file.write_all(&made.contents()).map_err(failed),
        Content::Copied { wheel, entry } => {
            unpacker.write(wheel.source, entry, &mut file).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => PackError::damaged(*wheel),
                _ => failed(error),
            })
        }
    }
}

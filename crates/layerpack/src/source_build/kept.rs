//! Built wheels in the cache, by what they were built from: a second run takes them as they are.
//!
//! They lie in `<cache>/built-v1/<sha256 of the source's identity>/`. Several may lie there, built on several machines
//! or by several Pythons. Projects on disk have no identity: they change.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use lambda_compat::{Origin, Target};
use wheel_archive::{CachePart, FileAt, Inspection, Keeping, Layout, Sha256, inspect, mark_used, temporary_in_cache};
use wheel_tags::WheelFilename;

use crate::failure::Failure;

/// See the room's docs above.
pub(crate) static BUILT: CachePart = CachePart {
    name: "built",
    version: 1,
    extension: ".whl",
    layout: Layout::InFolders,
    keeping: Keeping::Copy,
    names: |path| Ok(filename_of(path).map(|filename| filename.name).into_iter().collect()),
    check: |path, _| {
        let Some(filename) = filename_of(path) else { return Ok(Some("is not named as a wheel")) };
        let inspection = inspect(&filename, None, &FileAt::open(path)?)?;
        Ok(matches!(inspection, Inspection::Malformed(_)).then_some("is no sound wheel"))
    },
};

fn filename_of(path: &Path) -> Option<WheelFilename> {
    path.file_name()?.to_str()?.parse().ok()
}

/// What a wheel was built from, as long as it stays the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept(String);

impl Kept {
    /// An archive by its digest; its file name says what backends may make of it.
    pub(super) fn archive(file_name: &str, sha256: &Sha256, subdirectory: Option<&str>) -> Self {
        let inside = subdirectory.map(|folder| format!(" {folder}")).unwrap_or_default();
        Self(format!("sdist {sha256} {file_name}{inside}"))
    }

    /// `commit` is the whole name of one.
    pub(super) fn git(commit: &str, subdirectory: Option<&str>) -> Self {
        Self(format!("git {commit} {}", subdirectory.unwrap_or_default()))
    }

    fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(BUILT.folder()).join(Sha256::of(self.0.as_bytes()).to_string())
    }

    /// A wheel that may load on one of the targets, by its tags. What is wrong with it is found where it is inspected.
    pub(super) fn find(&self, cache: &Path, targets: &[Target], now: SystemTime) -> Option<(PathBuf, WheelFilename)> {
        let entries = fs_err::read_dir(self.folder(cache)).ok()?;
        let wheels = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            filename_of(&path).map(|filename| (path, filename))
        });
        let fits = |(_, filename): &(_, WheelFilename)| {
            targets.iter().any(|target| target.rank(&filename.tags, Origin::Unverified).is_ok())
        };
        let mut wheels: Vec<_> = wheels.filter(fits).collect();
        wheels.sort_by(|(a, _), (b, _)| a.cmp(b));
        wheels.into_iter().next().inspect(|(path, _)| mark_used(path, now))
    }

    /// Puts a wheel there: a temporary file of the cache, then a rename.
    pub(super) fn keep(&self, cache: &Path, wheel: &Path) -> Result<PathBuf, Failure> {
        let folder = self.folder(cache);
        fs_err::create_dir_all(&folder)?;
        let place = folder.join(wheel.file_name().unwrap_or_default());
        let mut file = temporary_in_cache(cache)?;
        std::io::copy(&mut fs_err::File::open(wheel)?, &mut file)?;
        file.persist(&place)?;
        Ok(place)
    }
}

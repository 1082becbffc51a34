//! Where outputs go: temporary neighbours, permissions and moving in; and what modes and links are on disk. The only
//! platform code of this crate.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::Builder;
use wheel_archive::{TemporaryFile, TemporaryFolder, clear_left_behind};

use crate::{Mode, PackError};

const PREFIX: &str = ".layerpack-";

/// An empty file beside `dest`, gone when it is dropped, with the permissions that any new file has under the umask.
/// Folders above are made.
pub(crate) fn file_beside(dest: &Path) -> Result<TemporaryFile, PackError> {
    let folder = folder_of(dest).map_err(|source| write_error(dest, source))?;
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    TemporaryFile::new(|| builder.tempfile_in(folder)).map_err(|source| write_error(dest, source))
}

/// Writes a file that is the old or the new one at every moment, with the permissions that any new file has under the
/// umask. Folders above are made.
///
/// # Errors
/// Where it cannot be written; nothing is left beside it then.
pub fn write_file(dest: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let failed = |source| write_error(dest, source);
    let mut temporary = file_beside(dest)?;
    temporary.write_all(bytes).map_err(failed)?;
    temporary.persist(dest).map_err(failed)
}

/// An empty folder beside `dest`, gone with all it holds when it is dropped. Folders above are made.
pub(crate) fn folder_beside(dest: &Path) -> Result<TemporaryFolder, PackError> {
    let folder = folder_of(dest).map_err(|source| write_error(dest, source))?;
    TemporaryFolder::new(|| Builder::new().prefix(PREFIX).tempdir_in(folder))
        .map_err(|source| write_error(dest, source))
}

/// Moves the folder `new` to `root`. What was there is moved aside first, comes back should that fail, and is deleted.
pub(crate) fn move_in(new: TemporaryFolder, root: &Path) -> Result<(), PackError> {
    let failed = |source| write_error(root, source);
    let aside = if fs_err::symlink_metadata(root).is_ok() { Some(folder_beside(root)?) } else { None };
    let old = aside.as_ref().map(|aside| aside.path().join("old"));
    let swap = |new: &Path| {
        if let Some(old) = &old {
            fs_err::rename(root, old)?;
        }
        let moved = fs_err::rename(new, root);
        if let (Err(_), Some(old)) = (&moved, &old) {
            fs_err::rename(old, root)?;
        }
        moved
    };
    new.persist(swap).map_err(failed)?;
    aside.map_or(Ok(()), TemporaryFolder::close).map_err(failed)
}

/// Gives a file its mode, whatever the umask. Windows has no such thing.
pub(crate) fn set_mode(file: &fs_err::File, mode: Mode) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(std::fs::Permissions::from_mode(mode.permissions()))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, mode);
        Ok(())
    }
}

/// Gives a folder the mode 0755, whatever the umask.
pub(crate) fn set_folder_mode(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        Ok(())
    }
}

/// The Unix permission bits of a file or folder on disk; `None` where the system has none.
pub(crate) fn permissions(metadata: &std::fs::Metadata) -> Option<u32> {
    #[cfg(unix)]
    let mode = {
        use std::os::unix::fs::PermissionsExt as _;
        Some(metadata.permissions().mode() & 0o7777)
    };
    #[cfg(not(unix))]
    let mode = {
        let _ = metadata;
        None
    };
    mode
}

/// Where a symbolic link leads, with slashes.
pub(crate) fn link_target(link: &Path) -> io::Result<String> {
    let target = fs_err::read_link(link)?.to_string_lossy().into_owned();
    Ok(if cfg!(windows) { target.replace('\\', "/") } else { target })
}

fn folder_of(dest: &Path) -> io::Result<&Path> {
    let folder = dest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder)?;
    clear_left_behind(folder, PREFIX);
    Ok(folder)
}

fn write_error(path: &Path, source: io::Error) -> PackError {
    PackError::Write { path: path.to_owned(), source }
}

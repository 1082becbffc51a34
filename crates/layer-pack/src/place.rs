//! Where outputs go: temporary neighbours, permissions, moving in, and the names that the system holds; and what modes and
//! links are on disk. The only platform code of this crate.

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

/// Why no file of this system can have the path; `None` where one can. Windows reads some names otherwise than they are
/// written: as a stream of another file, as a device, or without their end. Linux and macOS hold whatever a layer may.
pub(crate) fn not_held(path: &str) -> Option<&'static str> {
    if cfg!(windows) { not_held_by_windows(path) } else { None }
}

/// The rules of <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>, for each component of a path with `/`.
fn not_held_by_windows(path: &str) -> Option<&'static str> {
    path.split('/').find_map(|name| {
        if name.contains(':') {
            Some("has a colon, which names a stream of another file there")
        } else if name.contains(|c: char| c.is_ascii_control() || r#"<>"|?*\"#.contains(c)) {
            Some("has a character that no name there has")
        } else if name.ends_with(['.', ' ']) {
            Some("ends with a dot or blank, which is cut off there")
        } else if is_windows_device(name) {
            Some("is the name of a device there")
        } else {
            None
        }
    })
}

/// Whether Windows opens a device in the file's place, in every folder and whatever follows the first dot.
fn is_windows_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || port.is_some_and(|number| matches!(number, "¹" | "²" | "³") || matches!(number.as_bytes(), [b'0'..=b'9']))
}

fn folder_of(dest: &Path) -> io::Result<&Path> {
    // Only the name: the folders above are where the user says, and one of them may be `..`.
    if let Some(why) = dest.file_name().and_then(|name| not_held(&name.to_string_lossy())) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, format!("its name {why}")));
    }
    let folder = dest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder)?;
    clear_left_behind(folder, PREFIX);
    Ok(folder)
}

fn write_error(path: &Path, source: io::Error) -> PackError {
    PackError::Write { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_reads_otherwise() {
        for (path, why) in [
            ("python/a.py:b", "stream"),
            ("python/a.py::$DATA", "stream"),
            ("python/C:/x", "stream"),
            ("a/b\\c", "character"),
            ("what?", "character"),
            ("a<b", "character"),
            ("a\u{1}b", "character"),
            ("python/dots./x.py", "cut off"),
            ("blank ", "cut off"),
            ("...", "cut off"),
            ("NUL", "device"),
            ("python/con/x.py", "device"),
            ("a/Aux.py", "device"),
            ("nul.tar.gz", "device"),
            ("nul .txt", "device"),
            ("com1", "device"),
            ("LPT9.h", "device"),
            ("COM².py", "device"),
            ("conout$", "device"),
        ] {
            let said = not_held_by_windows(path).unwrap_or_default();
            assert!(said.contains(why), "{path}: {said}");
        }
        for path in [
            "python/numpy/__init__.py",
            ".hidden",
            "a b/ c",
            "console.py",
            "com.py",
            "com10.py",
            "lpt",
            "nul-1.0-py3-none-any.whl",
            "null.py",
            "ä'(x)[1]{}!#$%&+,;=@~`^",
        ] {
            assert_eq!(not_held_by_windows(path), None, "{path}");
        }
    }

    #[test]
    fn other_systems_hold_what_a_layer_may() {
        assert_eq!(not_held("python/a.py:b").is_some(), cfg!(windows));
    }
}

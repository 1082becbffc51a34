//! Files of the layer's own source: `SOURCE/python/**` and `SOURCE/opt/**`, packed as they are.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use lambda_compat::elf::{self, Binary};
use wheel_archive::EntryPath;

use crate::{LayerPath, Layout, Made, UNZIPPED_LIMIT};

/// A file of the layer's source. Its bytes are read once, so that what is weighed is what is written.
#[derive(Debug, Clone)]
pub struct LocalFile {
    pub(crate) path: LayerPath,
    pub(crate) contents: Made,
    binary: Option<Binary>,
    /// It begins with the name of its interpreter.
    pub(crate) is_script: bool,
}

impl LocalFile {
    /// A file with these contents.
    #[must_use]
    pub fn new(path: LayerPath, contents: Vec<u8>) -> Self {
        let binary = elf::read(&mut contents.as_slice());
        let is_script = contents.starts_with(b"#!");
        Self { path, contents: Made::new(contents), binary, is_script }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, or has more bytes than any layer may have.
    pub fn read(path: LayerPath, host: &Path) -> Result<Self, LocalError> {
        let failed = |source| LocalError::Read { path: host.to_owned(), source };
        let file = fs_err::File::open(host).map_err(failed)?;
        let mut contents = Vec::new();
        file.take(UNZIPPED_LIMIT + 1).read_to_end(&mut contents).map_err(failed)?;
        if contents.len() as u64 > UNZIPPED_LIMIT {
            return Err(LocalError::TooLarge { path: host.to_owned() });
        }
        Ok(Self::new(path, contents))
    }

    /// Where it goes.
    #[must_use]
    pub fn path(&self) -> &LayerPath {
        &self.path
    }

    /// What it is, where it is native code.
    #[must_use]
    pub fn binary(&self) -> Option<&Binary> {
        self.binary.as_ref()
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.contents.contents()
    }
}

/// Why the layer's source cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A file or folder cannot be read.
    #[error("could not read {path}", path = path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is larger than any layer.
    #[error("{path} has more than the {UNZIPPED_LIMIT} bytes that a layer may have", path = path.display())]
    TooLarge {
        /// Where.
        path: PathBuf,
    },
    /// A name that cannot stand in a zip: not UTF-8, or with control characters or a backslash.
    #[error("{path} has a name that no layer can hold", path = path.display())]
    Name {
        /// Where.
        path: PathBuf,
    },
    /// A link to a folder, a socket or a device.
    #[error("{path} is neither a file nor a folder; put the files themselves there", path = path.display())]
    Special {
        /// Where.
        path: PathBuf,
    },
}

/// Reads `SOURCE/python/**`, which goes to where packages go, and `SOURCE/opt/**`, which goes to the root; sorted by path. A
/// link to a file is packed as that file. Either folder may be missing.
///
/// # Errors
/// Where something cannot be read or cannot be in a layer.
pub fn read_source(source: &Path, layout: Layout) -> Result<Vec<LocalFile>, LocalError> {
    let mut found = Vec::new();
    walk(&source.join("python"), |path| LayerPath::on_sys_path(layout, path), &mut found)?;
    walk(&source.join("opt"), |path| LayerPath::from(path.clone()), &mut found)?;
    found.sort();
    found.into_iter().map(|(path, host)| LocalFile::read(path, &host)).collect()
}

/// Finds the files below `root`.
fn walk(
    root: &Path,
    in_layer: impl Fn(&EntryPath) -> LayerPath,
    found: &mut Vec<(LayerPath, PathBuf)>,
) -> Result<(), LocalError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LocalError::Read { path, source }
    };
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let listing = match fs_err::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && prefix.is_empty() => return Ok(()),
            listing => listing.map_err(failed(&folder))?,
        };
        for item in listing {
            let item = item.map_err(failed(&folder))?;
            let host = item.path();
            let name = item.file_name();
            let name = name.to_str().ok_or_else(|| LocalError::Name { path: host.clone() })?;
            let path: EntryPath =
                format!("{prefix}{name}").parse().map_err(|_| LocalError::Name { path: host.clone() })?;
            if item.file_type().map_err(failed(&host))?.is_dir() {
                folders.push((host, format!("{path}/")));
            } else if fs_err::metadata(&host).map_err(failed(&host))?.is_file() {
                found.push((in_layer(&path), host));
            } else {
                return Err(LocalError::Special { path: host });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &Path) -> Result<Vec<String>, LocalError> {
        Ok(read_source(source, Layout::Layer)?.iter().map(|file| file.path().to_string()).collect())
    }

    #[test]
    fn python_and_opt_and_nothing_else() {
        let source = tempfile::tempdir().expect("a temporary folder");
        for path in ["python/b/x.py", "python/b-c.py", "opt/lib/libgomp.so.1", "app.py", "opt/bin/tool"] {
            let path = source.path().join(path);
            fs_err::create_dir_all(path.parent().expect("below the source")).expect("a folder");
            fs_err::write(path, b"x").expect("a file");
        }
        let found = read(source.path()).expect("plain files");
        assert_eq!(found, ["bin/tool", "lib/libgomp.so.1", "python/b-c.py", "python/b/x.py"]);
    }

    #[test]
    fn a_source_without_them_is_empty() {
        let source = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(read(source.path()).expect("nothing to read").len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_files_and_links_to_folders_are_refused() {
        let source = tempfile::tempdir().expect("a temporary folder");
        let python = source.path().join("python");
        fs_err::create_dir_all(&python).expect("a folder");
        fs_err::write(source.path().join("real.py"), b"x = 1\n").expect("a file");
        fs_err::os::unix::fs::symlink("../real.py", python.join("linked.py")).expect("a link");
        let files = read_source(source.path(), Layout::Layer).expect("a link to a file");
        assert_eq!(files.iter().map(|file| file.contents.size).collect::<Vec<_>>(), [6]);

        fs_err::os::unix::fs::symlink("..", python.join("loop")).expect("a link");
        assert!(matches!(read(source.path()), Err(LocalError::Special { path }) if path.ends_with("python/loop")));
    }
}

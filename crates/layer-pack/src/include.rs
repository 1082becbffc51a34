//! A function's own code: the files of a folder, at the root of its zip.
//!
//! Everything in the folder is packed but for what no function runs: hidden files and folders (`.git`, `.venv`, `.env`),
//! `__pycache__` and compiled Python, virtual environments, metadata of editable installs, and what whoever asks names,
//! its outputs above all.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use wheel_archive::EntryPath;

use crate::{LayerPath, LocalError, LocalFile};

/// The files of a folder that a function has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    found: Vec<(LayerPath, PathBuf)>,
    hidden: Vec<String>,
}

impl Included {
    /// Where they lie on disk, in the order of their paths in the zip.
    pub fn places(&self) -> impl Iterator<Item = &Path> {
        self.found.iter().map(|(_, host)| host.as_path())
    }

    /// What was passed over for being hidden, as paths from the folder on, sorted.
    #[must_use]
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }

    /// Reads them.
    ///
    /// # Errors
    /// Where one cannot be read, or has more bytes than any function may have.
    pub fn read(&self) -> Result<Vec<LocalFile>, LocalError> {
        self.found.iter().map(|(path, host)| LocalFile::read(path.clone(), host)).collect()
    }
}

/// Finds the files below a folder as a function has them. A link to a file is packed as that file. `without` are files and
/// folders that are passed over, as absolute paths without links.
///
/// # Errors
/// Where a folder cannot be read, or something cannot be in a zip.
pub fn find_include(folder: &Path, without: &BTreeSet<PathBuf>) -> Result<Included, LocalError> {
    let mut walk = Walk { without, found: Vec::new(), hidden: Vec::new() };
    walk.folder(folder, "")?;
    let Walk { mut found, mut hidden, .. } = walk;
    found.sort();
    hidden.sort();
    Ok(Included { found, hidden })
}

struct Walk<'w> {
    without: &'w BTreeSet<PathBuf>,
    found: Vec<(LayerPath, PathBuf)>,
    hidden: Vec<String>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str) -> Result<(), LocalError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| LocalError::Read { path, source }
        };
        for item in fs_err::read_dir(folder).map_err(failed(folder))? {
            let item = item.map_err(failed(folder))?;
            let host = item.path();
            let name = item.file_name();
            let name = name.to_str().ok_or_else(|| LocalError::Name { path: host.clone() })?;
            let path: EntryPath =
                format!("{prefix}{name}").parse().map_err(|_| LocalError::Name { path: host.clone() })?;
            if name.starts_with('.') {
                self.hidden.push(path.to_string());
                continue;
            }
            let is_folder = item.file_type().map_err(failed(&host))?.is_dir();
            if self.is_passed_over(name, &host, is_folder) {
                continue;
            }
            if is_folder {
                self.folder(&host, &format!("{path}/"))?;
            } else if fs_err::metadata(&host).map_err(failed(&host))?.is_file() {
                self.found.push((LayerPath::from(path), host));
            } else {
                return Err(LocalError::Special { path: host });
            }
        }
        Ok(())
    }

    fn is_passed_over(&self, name: &str, host: &Path, is_folder: bool) -> bool {
        let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        let by_name = if is_folder {
            name == "__pycache__" || suffix == "egg-info" || host.join("pyvenv.cfg").is_file()
        } else {
            matches!(suffix, "pyc" | "pyo")
        };
        by_name || fs_err::canonicalize(host).is_ok_and(|place| self.without.contains(&place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str) {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        fs_err::write(path, b"x").expect("a file");
    }

    #[test]
    fn code_and_data_and_nothing_that_no_function_runs() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path();
        for path in [
            "app.py",
            "app/__init__.py",
            "app/__pycache__/__init__.cpython-312.pyc",
            "app/old.pyc",
            "app/tests/test_app.py",
            "templates/index.html",
            "run.sh",
            ".env",
            ".git/HEAD",
            "app/.cache/x",
            "venv/pyvenv.cfg",
            "venv/lib/python3.12/site-packages/a.py",
            "app.egg-info/PKG-INFO",
            "dist/app.zip",
            "requirements.txt",
        ] {
            write(folder, path);
        }
        let without = ["dist", "requirements.txt"].map(|name| fs_err::canonicalize(folder.join(name)).expect("there"));
        let included = find_include(folder, &without.into()).expect("plain files");
        let files = included.read().expect("readable");
        let paths: Vec<String> = files.iter().map(|file| file.path().to_string()).collect();
        assert_eq!(paths, ["app.py", "app/__init__.py", "app/tests/test_app.py", "run.sh", "templates/index.html"]);
        assert_eq!(included.hidden(), [".env", ".git", "app/.cache"]);
    }
}

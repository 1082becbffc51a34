//! The files of a project, without what tools make and what is installed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::plan::PACKAGES_FILES;

/// Folders that hold what others have made.
const MADE: [&str; 9] =
    ["node_modules", "site-packages", "__pycache__", "cdk.out", "dist", "build", "target", "venv", "env"];
/// How deep folders are looked into: a project, not a disk.
const DEPTH: usize = 8;
/// Files that are looked at: a project has fewer.
const MOST: usize = 50_000;
/// Bytes of a file that is read at most.
const MAX_TEXT: u64 = 1 << 20;

/// Every file's path below the project's folder, with slashes.
#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
    paths: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl Files {
    /// Looks through a project's folder. Folders that cannot be read are passed over.
    pub(crate) fn below(root: &Path) -> std::io::Result<Self> {
        let mut files = Self { root: root.to_path_buf(), paths: BTreeSet::new(), folders: BTreeSet::new() };
        fs_err::read_dir(root)?;
        files.walk("", 0);
        Ok(files)
    }

    fn walk(&mut self, folder: &str, depth: usize) {
        let Ok(entries) = fs_err::read_dir(self.root.join(folder)) else { return };
        for entry in entries.filter_map(Result::ok) {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let Ok(kind) = entry.file_type() else { continue };
            if self.paths.len() >= MOST {
                return;
            }
            if kind.is_file() {
                self.paths.insert(path);
            } else if kind.is_dir() && depth < DEPTH && !name.starts_with('.') && !MADE.contains(&name.as_str()) {
                // Whatever its name, a virtual environment has this file.
                if !self.root.join(&path).join("pyvenv.cfg").is_file() {
                    self.walk(&path, depth + 1);
                    self.folders.insert(path);
                }
            }
        }
    }

    /// Every folder, by its path.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str)
    }

    /// Files with one of these names, wherever they lie, those nearer to the project's folder first.
    pub(super) fn named(&self, names: &[&str]) -> Vec<&str> {
        let is_one = |path: &&str| names.contains(&path.rsplit('/').next().unwrap_or(path));
        let mut found: Vec<&str> = self.paths.iter().map(String::as_str).filter(is_one).collect();
        found.sort_by_key(|path| path.matches('/').count());
        found
    }

    /// Files with one of these endings.
    pub(super) fn ending(&self, endings: &[&str]) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str).filter(|path| endings.iter().any(|ending| path.ends_with(ending)))
    }

    /// A file's text; none where there is no such file, or none of text, or it is too long to be written by hand.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let path = self.root.join(path);
        let length = fs_err::metadata(&path).ok()?.len();
        (length <= MAX_TEXT).then(|| fs_err::read_to_string(&path).ok()).flatten()
    }

    /// Whether layerpack can build a layer from it: a folder with packages or files for a layer, or a file of packages.
    pub(super) fn is_source(&self, path: &str) -> bool {
        self.has_packages(path)
            || ["python", "opt"].iter().any(|folder| self.folders.contains(&format!("{path}/{folder}")))
            || (self.paths.contains(path) && Path::new(path).extension().is_some_and(|e| e == "txt"))
    }

    /// Whether it is a folder of a function's code: within the project, and not all of it.
    pub(super) fn is_code(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    /// The one folder that ends in this path, `layers/pypi`, of those that will do; none where several do.
    pub(super) fn ending_in(&self, path: &str, will_do: impl Fn(&str) -> bool) -> Option<&str> {
        let ends = |folder: &&str| {
            folder.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
                && will_do(folder)
        };
        let mut found = self.folders().filter(ends);
        found.next().filter(|_| found.next().is_none())
    }

    /// Whether a folder has a file of packages or wheels directly in it.
    pub(super) fn has_packages(&self, folder: &str) -> bool {
        self.packages(folder).is_some()
    }

    /// The file by which a folder is a layer's.
    pub(super) fn why(&self, folder: &str) -> String {
        self.packages(folder).unwrap_or_default().to_owned()
    }

    fn packages(&self, folder: &str) -> Option<&str> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let is_one = |path: &&str| {
            let name = path.strip_prefix(&prefix).filter(|name| !name.contains('/'));
            name.is_some_and(|name| {
                Path::new(name).extension().is_some_and(|e| e == "whl") || PACKAGES_FILES.contains(&name)
            })
        };
        // A project file alone says what a tool is set to as often as what is installed.
        let found: Vec<&str> = self.paths.iter().map(String::as_str).filter(is_one).collect();
        let is_project = |path: &&str| path.ends_with("pyproject.toml");
        found.iter().find(|path| !is_project(path)).or_else(|| found.first().filter(|_| folder != ".")).copied()
    }
}

/// A path from a folder, `../layers/a/`, as one from the project's folder; none where it leads out of it.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = if folder.is_empty() { Vec::new() } else { folder.split('/').collect() };
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// The folder that a file lies in.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

//! What a layer is built from: what was named on the command line, looked at once.
//!
//! A source folder gives the packages of one requirement or lock file (which one: `packages_file`), every distribution
//! that has a `*.whl` directly in it, `python/**` as it is, and `opt/**` at the layer's root. Nothing else in it is
//! packed.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};
use layer_pack::Layout;
use pypi_resolve::lock::{LockKind, Selection};
use pypi_resolve::requirements::Location;
use wheel_archive::with_slashes;

use crate::failure::Failure;
use crate::plan::packages_file::{PACKAGES_FILES, named_in, take, take_first};

/// The kind of thing that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Folder(PathBuf),
    File(PathBuf),
    /// A requirements file that is not on disk.
    Elsewhere(Location),
    Wheels,
}

/// One layer's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerSource {
    /// The layer's name: `--name`, else the folder's.
    pub(crate) name: String,
    pub(crate) origin: Origin,
    /// Where relative things are looked for and a lock is written: an existing folder.
    pub(crate) folder: PathBuf,
    pub(crate) requirements: Vec<Location>,
    pub(crate) constraints: Vec<Location>,
    /// A pyproject.toml whose dependencies are wanted.
    pub(crate) project: Option<PathBuf>,
    /// An existing lock: a pylock.toml beside what it was made from, or a lock that stands for itself.
    pub(crate) lock: Option<PathBuf>,
    /// Which extras, groups and member are wanted.
    pub(crate) selection: Selection,
    /// What to say of the file that was chosen, where others lie there too.
    pub(crate) choice: Option<String>,
    pub(crate) wheels: Vec<PathBuf>,
    /// `SOURCE/python`, packed as it is.
    pub(crate) python_tree: Option<PathBuf>,
    /// `SOURCE/opt`, packed at the layer's root.
    pub(crate) opt_tree: Option<PathBuf>,
    /// Layer or function.
    pub(crate) layout: Layout,
    /// The folders with a function's own code.
    pub(crate) includes: Vec<PathBuf>,
    /// What lies there and is not used.
    pub(crate) warnings: Vec<Finding>,
}

impl LayerSource {
    pub(super) fn new(origin: Origin, folder: &Path) -> Self {
        Self {
            name: folder_name(folder),
            origin,
            folder: folder.to_path_buf(),
            requirements: Vec::new(),
            constraints: Vec::new(),
            project: None,
            lock: None,
            selection: Selection::default(),
            choice: None,
            wheels: Vec::new(),
            python_tree: None,
            opt_tree: None,
            layout: Layout::Layer,
            includes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Where `lock` writes.
    pub(crate) fn lock_path(&self) -> PathBuf {
        let pylock = self.lock.clone().filter(|lock| LockKind::of(lock) == Some(LockKind::Pylock));
        pylock.unwrap_or_else(|| self.folder.join("pylock.toml"))
    }

    /// The lock of another tool that the layer is built from.
    pub(crate) fn foreign_lock(&self) -> Option<(&Path, LockKind)> {
        let lock = self.lock.as_deref()?;
        LockKind::of(lock).filter(|kind| *kind != LockKind::Pylock).map(|kind| (lock, kind))
    }

    /// Whether anything but a lock says which packages are wanted.
    pub(crate) fn names_packages(&self) -> bool {
        !self.requirements.is_empty() || self.project.is_some() || !self.wheels.is_empty()
    }

    /// The folders that are packed as they are.
    pub(crate) fn packed_folders(&self) -> Vec<&Path> {
        self.python_tree.iter().chain(&self.opt_tree).map(PathBuf::as_path).collect()
    }

    /// The source as it would be named again on a command line.
    pub(crate) fn text(&self) -> String {
        match &self.origin {
            Origin::Folder(path) | Origin::File(path) => with_slashes(path),
            Origin::Elsewhere(at) => at.to_string(),
            Origin::Wheels => self.wheels.iter().map(with_slashes).collect::<Vec<_>>().join(" "),
        }
    }

    fn is_empty(&self) -> bool {
        !self.names_packages() && self.lock.is_none() && self.python_tree.is_none() && self.opt_tree.is_none()
    }
}

/// A folder or file as a source of its own. `from` names the file of a folder that says which packages are wanted.
pub(super) fn read_path(path: PathBuf, from: Option<&Path>) -> Result<LayerSource, Failure> {
    if path.is_dir() {
        return read_folder(&path, from);
    }
    if from.is_some() {
        return Err(from_goes_with_a_folder());
    }
    read_file(existing(path)?)
}

/// Wheels that are named together: one layer, named after the folder of the first.
pub(super) fn of_wheels(wheels: Vec<PathBuf>) -> Result<LayerSource, Failure> {
    let first = wheels.first().map(|first| parent(first)).unwrap_or_default();
    let mut layer = LayerSource::new(Origin::Wheels, &first);
    layer.wheels = wheels.into_iter().map(existing).collect::<Result<_, _>>()?;
    Ok(layer)
}

pub(super) fn from_goes_with_a_folder() -> Failure {
    Failure::new(Code::Usage, "--from goes with one folder")
        .help("name one folder as SOURCE, or the file itself instead of a folder")
}

/// A requirements file that stands for a source, in pip's spelling.
pub(super) fn of_requirements(file: &Path) -> Result<LayerSource, Failure> {
    match located(file)? {
        Location::File(path) => read_file(path),
        elsewhere => {
            let mut layer = LayerSource::new(Origin::Elsewhere(elsewhere.clone()), Path::new("."));
            layer.requirements.push(elsewhere);
            Ok(layer)
        }
    }
}

/// The packages of a requirements file join a layer.
pub(super) fn join_requirements(layer: &mut LayerSource, file: &Path) -> Result<(), Failure> {
    let at = located(file)?;
    match layer.foreign_lock() {
        None => layer.requirements.push(at),
        Some((lock, _)) => {
            let message = format!("-r {at} does not go with {}", lock.display());
            return Err(Failure::new(Code::Usage, message)
                .help("a lock is complete: add what is needed to its project, or name another file with --from"));
        }
    }
    Ok(())
}

/// A requirements or constraints file as it is named on the command line: a file, an address, or `-`.
pub(crate) fn located(path: &Path) -> Result<Location, Failure> {
    let unreadable = |why| Failure::new(Code::Usage, format!("the address of a requirements file is {why}"));
    match Location::of_argument(path).map_err(unreadable)? {
        Location::File(path) => existing(path).map(Location::File),
        elsewhere => Ok(elsewhere),
    }
}

fn read_folder(folder: &Path, from: Option<&Path>) -> Result<LayerSource, Failure> {
    let mut layer = LayerSource::new(Origin::Folder(folder.to_path_buf()), folder);
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        names.push(entry?.path());
    }
    names.sort();
    match from {
        Some(file) => take(&mut layer, named_in(folder, file)?)?,
        None => take_first(&mut layer)?,
    }
    layer.wheels = names.iter().filter(|path| is_wheel(path) && path.is_file()).cloned().collect();
    layer.python_tree = Some(folder.join("python")).filter(|path| path.is_dir());
    layer.opt_tree = Some(folder.join("opt")).filter(|path| path.is_dir());

    let scripts = names.iter().filter(|path| path.extension().is_some_and(|e| e == "py") && path.is_file());
    for path in scripts {
        let message = format!("{} is not packed", with_slashes(path));
        layer.warnings.push(
            Finding::warning(Code::NotPacked, message)
                .at(with_slashes(path))
                .help(format!("to have it in the layer, move it to {}", with_slashes(folder.join("python")))),
        );
    }
    if layer.is_empty() {
        return Err(Failure::new(Code::NothingToBuild, format!("{}: nothing to build a layer from", folder.display()))
            .help("a source has a requirement or lock file, *.whl files, or a python/ or opt/ folder"));
    }
    Ok(layer)
}

/// A requirement or lock file as a source of its own.
pub(crate) fn read_file(path: PathBuf) -> Result<LayerSource, Failure> {
    let mut layer = LayerSource::new(Origin::File(path.clone()), &parent(&path));
    match LockKind::of(&path) {
        // A lock that is named by itself stands for what it was made from.
        Some(_) => layer.lock = Some(path),
        None => take(&mut layer, path)?,
    }
    Ok(layer)
}

/// Expands `*.whl` and the like where the shell did not (Windows, quotes, pre-commit).
pub(crate) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut expanded = Vec::new();
    for path in paths {
        let text = path.to_string_lossy();
        if path.exists() || !text.contains(['*', '?', '[']) {
            expanded.push(path.clone());
            continue;
        }
        let matches = glob::glob(&text)
            .map_err(|e| Failure::new(Code::Usage, format!("`{text}` is not a pattern: {}", e.msg)))?;
        let before = expanded.len();
        for found in matches {
            expanded.push(found.map_err(|e| Failure::io(e.error()))?);
        }
        if expanded.len() == before {
            return Err(Failure::new(Code::Usage, format!("`{text}` matches nothing"))
                .help("check the pattern; it is relative to the working directory"));
        }
    }
    Ok(expanded)
}

pub(crate) fn is_wheel(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("whl"))
}

pub(crate) fn existing(path: PathBuf) -> Result<PathBuf, Failure> {
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::new(Code::Missing, format!("{}: no such file or folder", path.display()))
        .help("check the path; it is relative to the working directory"))
}

/// Whether a layer is still to be built from it: a requirement or lock file, or a folder that has one or wheels. In a tree
/// that was built, `python/` has distributions.
pub(crate) fn is_source(path: &Path) -> Result<bool, Failure> {
    if !path.is_dir() {
        let endings = ["txt", "in", "toml", "lock"];
        return Ok(path.is_file() && path.extension().is_some_and(|ending| endings.iter().any(|own| ending == *own)));
    }
    let holds = |folder: &Path, is: &dyn Fn(&Path) -> bool| -> Result<bool, Failure> {
        for entry in fs_err::read_dir(folder)? {
            if is(&entry?.path()) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let names_packages = |path: &Path| {
        is_wheel(path) || PACKAGES_FILES.iter().any(|name| path.file_name().is_some_and(|own| own == *name))
    };
    let python = path.join("python");
    let is_distribution = |path: &Path| path.extension().is_some_and(|ending| ending == "dist-info");
    Ok(holds(path, &names_packages)? && !(python.is_dir() && holds(&python, &is_distribution)?))
}

/// A zip, a tree or a report that was built: not what a layer is still to be built from.
pub(crate) fn finished(path: PathBuf) -> Result<PathBuf, Failure> {
    let path = existing(path)?;
    if is_source(&path)? {
        let text = path.display();
        return Err(Failure::new(Code::Usage, format!("{text} is what a layer is built from, not a layer"))
            .help(format!("build it, and name the zip: layerpack build {text}")));
    }
    Ok(path)
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The last plain component of a folder's path, of its absolute one where it is `.` or `..`.
fn folder_name(folder: &Path) -> String {
    let named = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    named(folder)
        .or_else(|| fs_err::canonicalize(folder).ok().as_deref().and_then(named))
        .unwrap_or_else(|| "layer".to_owned())
}

//! What a layer is built from: what was named on the command line, looked at once.
//!
//! A source folder gives the packages of one requirement or lock file, every distribution that has a `*.whl` directly
//! in it, `python/**` as it is, and `opt/**` at the layer's root. Nothing else in it is packed.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};

use crate::args::SourceArgs;
use crate::failure::Failure;

/// Lock and project files of others, in the order in which they will be looked for; reading them is not built yet.
const UNREAD: [(&str, &str); 4] = [
    ("uv.lock", "write what it holds with: uv export --format requirements-txt --no-emit-project -o requirements.txt"),
    ("poetry.lock", "write what it holds with: poetry export -o requirements.txt"),
    ("Pipfile.lock", "write what it holds with: pipenv requirements > requirements.txt"),
    ("pyproject.toml", "write its dependencies with: uv pip compile pyproject.toml -o requirements.txt"),
];

/// The kind of thing that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Folder(PathBuf),
    File(PathBuf),
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
    pub(crate) requirements: Vec<PathBuf>,
    pub(crate) constraints: Vec<PathBuf>,
    /// An existing pylock.toml.
    pub(crate) lock: Option<PathBuf>,
    pub(crate) wheels: Vec<PathBuf>,
    /// `SOURCE/python`, packed as it is.
    pub(crate) python_tree: Option<PathBuf>,
    /// `SOURCE/opt`, packed at the layer's root.
    pub(crate) opt_tree: Option<PathBuf>,
    /// What lies there and is not used.
    pub(crate) warnings: Vec<Finding>,
}

impl LayerSource {
    fn new(origin: Origin, folder: &Path) -> Self {
        Self {
            name: folder_name(folder),
            origin,
            folder: folder.to_path_buf(),
            requirements: Vec::new(),
            constraints: Vec::new(),
            lock: None,
            wheels: Vec::new(),
            python_tree: None,
            opt_tree: None,
            warnings: Vec::new(),
        }
    }

    /// Where `lock` writes.
    pub(crate) fn lock_path(&self) -> PathBuf {
        self.lock.clone().unwrap_or_else(|| self.folder.join("pylock.toml"))
    }

    /// The source as it would be named again on a command line.
    pub(crate) fn text(&self) -> String {
        match &self.origin {
            Origin::Folder(path) | Origin::File(path) => path.display().to_string(),
            Origin::Wheels => self.wheels.iter().map(|w| w.display().to_string()).collect::<Vec<_>>().join(" "),
        }
    }

    fn is_empty(&self) -> bool {
        self.requirements.is_empty()
            && self.lock.is_none()
            && self.wheels.is_empty()
            && self.python_tree.is_none()
            && self.opt_tree.is_none()
    }
}

/// Reads what was named into layers: each folder or file one of its own, wheels named together one.
pub(crate) fn read_sources(args: &SourceArgs, name: Option<&str>) -> Result<Vec<LayerSource>, Failure> {
    let mut layers = Vec::new();
    let mut wheels: Vec<PathBuf> = Vec::new();
    for path in expand(&args.sources)? {
        if is_wheel(&path) {
            wheels.push(existing(path)?);
        } else if path.is_dir() {
            layers.push(read_folder(&path)?);
        } else {
            layers.push(read_file(existing(path)?)?);
        }
    }
    if let Some(first) = wheels.first() {
        let mut layer = LayerSource::new(Origin::Wheels, &parent(first));
        layer.wheels = wheels;
        layers.push(layer);
    }
    join_requirements(&mut layers, &args.requirement)?;
    for layer in &mut layers {
        layer.constraints = args.constraint.iter().cloned().map(existing).collect::<Result<_, _>>()?;
    }
    match (name, layers.as_mut_slice()) {
        // The name becomes that of files: `../x` would leave --out-dir.
        (Some(name), [_]) if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) => {
            return Err(Failure::new(Code::Usage, format!("--name `{name}` is no name for a file"))
                .help("a name has no slashes and no dot at its start"));
        }
        (Some(name), [layer]) => name.clone_into(&mut layer.name),
        (Some(_), _) => {
            return Err(Failure::new(Code::Usage, "--name goes with one SOURCE")
                .help("each folder or file is a layer of its own, named after its folder"));
        }
        (None, _) => {}
    }
    if layers.is_empty() {
        return Err(Failure::new(Code::Usage, "no SOURCE is named")
            .help("name a folder with requirements.txt or *.whl in it, a requirements file, or wheels"));
    }
    Ok(layers)
}

/// `-r FILE` alone is a SOURCE; beside one SOURCE, its packages join that layer.
fn join_requirements(layers: &mut Vec<LayerSource>, files: &[PathBuf]) -> Result<(), Failure> {
    for file in files {
        let file = existing(file.clone())?;
        match layers.as_mut_slice() {
            [] => layers.push(read_file(file)?),
            [layer] => layer.requirements.push(file),
            _ => return Err(Failure::new(Code::Usage, "-r goes with one SOURCE").help("build each layer by itself")),
        }
    }
    Ok(())
}

fn read_folder(folder: &Path) -> Result<LayerSource, Failure> {
    let mut layer = LayerSource::new(Origin::Folder(folder.to_path_buf()), folder);
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        names.push(entry?.path());
    }
    names.sort();
    let found = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
    layer.lock = found("pylock.toml");
    layer.requirements.extend(found("requirements.txt"));
    layer.wheels = names.iter().filter(|path| is_wheel(path) && path.is_file()).cloned().collect();
    layer.python_tree = Some(folder.join("python")).filter(|path| path.is_dir());
    layer.opt_tree = Some(folder.join("opt")).filter(|path| path.is_dir());

    let unread = UNREAD.iter().find_map(|(name, help)| Some((found(name)?, *help)));
    match unread {
        // A project file beside requirements.txt or a lock is the usual layout, and no reason to speak.
        Some((path, help)) if layer.requirements.is_empty() && layer.lock.is_none() => {
            if layer.is_empty() {
                return Err(Failure::new(Code::Unsupported, format!("{}: not read yet", path.display())).help(help));
            }
            let message = format!("{} is not read yet, its packages are not in the layer", path.display());
            layer.warnings.push(Finding::warning(Code::Unsupported, message).help(help));
        }
        _ => {}
    }
    let scripts = names.iter().filter(|path| path.extension().is_some_and(|e| e == "py") && path.is_file());
    for path in scripts {
        let message = format!("{} is not packed", path.display());
        layer.warnings.push(
            Finding::warning(Code::NotPacked, message)
                .help(format!("to have it in the layer, move it to {}", folder.join("python").display())),
        );
    }
    if layer.is_empty() {
        return Err(Failure::new(Code::NothingToBuild, format!("{}: nothing to build a layer from", folder.display()))
            .help("a source has requirements.txt, pylock.toml, *.whl files, or a python/ or opt/ folder"));
    }
    Ok(layer)
}

/// A requirement or lock file as a source of its own.
pub(crate) fn read_file(path: PathBuf) -> Result<LayerSource, Failure> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some((_, help)) = UNREAD.iter().find(|(unread, _)| *unread == name) {
        return Err(Failure::new(Code::Unsupported, format!("{}: not read yet", path.display())).help(*help));
    }
    let folder = parent(&path);
    let mut layer = LayerSource::new(Origin::File(path.clone()), &folder);
    if name.starts_with("pylock") && path.extension().is_some_and(|e| e == "toml") {
        layer.lock = Some(path);
    } else {
        layer.lock = Some(folder.join("pylock.toml")).filter(|lock| lock.is_file());
        layer.requirements.push(path);
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

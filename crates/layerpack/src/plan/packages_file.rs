//! Which file of a source says which packages it has, and which parts of that file are wanted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lambda_compat::Code;
use pypi_resolve::lock::{LockKind, Selection};
use pypi_resolve::requirements::Location;
use wheel_archive::with_slashes;
use wheel_tags::DistName;

use crate::args::SelectionArgs;
use crate::failure::Failure;
use crate::plan::source::{LayerSource, existing};

const PYLOCK: &str = "pylock.toml";
const REQUIREMENTS: &str = "requirements.txt";
const PROJECT: &str = "pyproject.toml";

/// The files that may say it: the first that is there counts.
pub(crate) const PACKAGES_FILES: [&str; 6] = [PYLOCK, "uv.lock", "poetry.lock", "Pipfile.lock", REQUIREMENTS, PROJECT];

/// Takes the first file of a folder that says which packages are wanted, if there is one.
pub(super) fn take_first(layer: &mut LayerSource) -> Result<(), Failure> {
    let found: Vec<&str> = PACKAGES_FILES.into_iter().filter(|name| layer.folder.join(name).is_file()).collect();
    let Some((first, others)) = found.split_first() else { return Ok(()) };
    take(layer, layer.folder.join(first))?;
    // The file that a lock was made from is no other choice, and a project file beside requirements.txt is usual.
    let passed_over: Vec<&str> = others.iter().copied().filter(|name| *name != PROJECT && !layer.reads(name)).collect();
    if !passed_over.is_empty() {
        let (folder, others) = (with_slashes(&layer.folder), passed_over.join(", "));
        layer.choice = Some(format!("{folder}: packages from {first}, not from {others} (--from chooses)"));
    }
    Ok(())
}

/// Takes a file, whatever it is by its name. A pylock.toml belongs to the requirements or project beside it.
pub(super) fn take(layer: &mut LayerSource, path: PathBuf) -> Result<(), Failure> {
    let beside = |name: &str| Some(path.with_file_name(name)).filter(|path| path.is_file());
    match LockKind::of(&path) {
        Some(LockKind::Pylock) => {
            layer.requirements.extend(beside(REQUIREMENTS).map(Location::File));
            layer.project = beside(PROJECT).filter(|_| layer.requirements.is_empty());
            layer.lock = Some(path);
        }
        Some(LockKind::Uv | LockKind::Poetry | LockKind::Pipfile) => layer.lock = Some(path),
        None => {
            let is = |name: &str| path.file_name().is_some_and(|file| file == name);
            let ends = |ending: &str| path.extension().is_some_and(|e| e == ending);
            // Rye and others call a requirements file so.
            let is_requirements =
                path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("requirements"));
            if is("Pipfile") || (ends("lock") && !is_requirements) || (ends("toml") && !is(PROJECT)) {
                let message = format!("{}: no file of packages that layerpack reads", path.display());
                let help = format!(
                    "it reads {}, by these names, and requirements files of any other",
                    PACKAGES_FILES.join(", ")
                );
                return Err(Failure::new(Code::Unsupported, message).help(help));
            }
            layer.lock = beside(PYLOCK);
            if is(PROJECT) {
                layer.project = Some(path);
            } else {
                layer.requirements.push(Location::File(path));
            }
        }
    }
    Ok(())
}

/// The file that `--from` names: one of the folder, else one of the working directory.
pub(super) fn named_in(folder: &Path, file: &Path) -> Result<PathBuf, Failure> {
    let inside = folder.join(file);
    if inside.is_file() {
        return Ok(inside);
    }
    existing(file.to_path_buf()).map_err(|_| {
        Failure::new(Code::Missing, format!("{}: no such file, in {} or here", file.display(), folder.display()))
            .help(format!("--from names one of {}, or another requirements file", PACKAGES_FILES.join(", ")))
    })
}

/// Reads which extras, groups and member are wanted, and holds them against what the layer is built from.
pub(super) fn select(layer: &mut LayerSource, args: &SelectionArgs) -> Result<(), Failure> {
    let mut without = names("--no-group", &args.no_group)?;
    without.extend("dev".parse().ok().filter(|_| args.no_dev));
    let selection = Selection {
        extras: names("--extra", &args.extra)?,
        groups: names("--group", &args.group)?,
        all_extras: args.all_extras,
        all_groups: args.all_groups,
        without_groups: without,
        member: names("--package", args.package.as_slice())?.pop_first(),
    };
    let given = [
        ("--extra", !selection.extras.is_empty()),
        ("--group", !selection.groups.is_empty()),
        ("--all-extras", selection.all_extras),
        ("--all-groups", selection.all_groups),
        ("--package", selection.member.is_some()),
    ];
    let kind = layer.lock.as_deref().and_then(LockKind::of);
    for (flag, _) in given.iter().filter(|(_, given)| *given) {
        let (goes, with) = match *flag {
            "--package" => (kind == Some(LockKind::Uv), "uv.lock"),
            "--extra" | "--all-extras" => {
                (kind != Some(LockKind::Pipfile) && layer.has_parts(), "pyproject.toml or a lock that has extras")
            }
            _ => (layer.has_parts(), "pyproject.toml or a lock"),
        };
        if !goes {
            let message = format!("{flag} does not go with {}", layer.text());
            return Err(Failure::new(Code::Usage, message).help(format!("it goes with {with}")));
        }
    }
    layer.selection = selection;
    Ok(())
}

fn names(flag: &str, texts: &[String]) -> Result<BTreeSet<DistName>, Failure> {
    let name = |text: &String| {
        text.trim().parse().map_err(|_| {
            Failure::new(Code::Usage, format!("{flag} `{text}` is no name"))
                .help("names are made of letters, digits, `-`, `_` and `.`")
        })
    };
    texts.iter().map(name).collect()
}

impl LayerSource {
    /// Whether a file is one of those that are read.
    fn reads(&self, name: &str) -> bool {
        let files = self.requirements.iter().filter_map(Location::file);
        let mut files = files.chain(self.project.as_deref()).chain(self.lock.as_deref());
        files.any(|path| path.file_name().is_some_and(|file| file == name))
    }

    /// Whether it has extras or groups: requirement files have not, and a lock that was made from one has not either.
    fn has_parts(&self) -> bool {
        self.project.is_some() || (self.lock.is_some() && self.requirements.is_empty())
    }
}

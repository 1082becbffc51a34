//! Sources onto the disk: repositories are cloned, archives fetched and held against their digests, projects on disk
//! stay where they are.

use std::path::{Component, Path, PathBuf};

use lambda_compat::Code;
use pypi_resolve::index::Index;
use pypi_resolve::requirements::{GitUrl, SourceTree};
use wheel_archive::{FileAt, Sha256, hash};
use wheel_tags::DistName;

use crate::failure::Failure;
use crate::source_build::kept::Kept;
use crate::source_build::tool::git;

/// A source on disk.
pub(super) struct Tree {
    pub(super) path: PathBuf,
    /// What it stays the same by; `None` for projects on disk.
    pub(super) identity: Option<Kept>,
    /// The folder of the project in an archive.
    pub(super) subdirectory: Option<String>,
}

/// The identity of a source that need not be brought for it.
pub(super) fn identity(tree: &SourceTree, given: Option<Sha256>) -> Option<Kept> {
    match tree {
        SourceTree::Web { url, sha256, subdirectory } => {
            let known = sha256.or(given);
            known.map(|sha256| Kept::archive(&url.file_name(), &sha256, subdirectory.as_deref()))
        }
        SourceTree::Git { revision: Some(revision), subdirectory, .. } if is_commit(revision) => {
            Some(Kept::git(revision, subdirectory.as_deref()))
        }
        _ => None,
    }
}

/// Brings a source into a folder.
pub(super) fn bring(tree: &SourceTree, given: Option<Sha256>, index: &Index, folder: &Path) -> Result<Tree, Failure> {
    match tree {
        SourceTree::Folder(path) => {
            if !path.is_dir() {
                return Err(Failure::new(Code::Missing, format!("{}: no such folder", path.display()))
                    .help("check the path; it is relative to the folder of the requirements file"));
            }
            if !["pyproject.toml", "setup.py"].iter().any(|name| path.join(name).is_file()) {
                let message = format!("{}: no project, it has neither pyproject.toml nor setup.py", path.display());
                return Err(Failure::new(Code::Missing, message)
                    .help("name the folder of a project, or put the code under python/ of the source"));
            }
            Ok(Tree { path: path.clone(), identity: None, subdirectory: None })
        }
        SourceTree::Archive(path) => {
            let sha256 = hash(&FileAt::open(path)?)?;
            same(&path.display().to_string(), sha256, given)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Tree { path: path.clone(), identity: Some(Kept::archive(&name, &sha256, None)), subdirectory: None })
        }
        SourceTree::Web { url, sha256, subdirectory } => {
            let name = url.file_name();
            let path = folder.join(Path::new(&name).file_name().unwrap_or_default());
            let sha256 = index.source_archive(url.as_str(), sha256.or(given).as_ref(), &path)?;
            let identity = Some(Kept::archive(&name, &sha256, subdirectory.as_deref()));
            Ok(Tree { path, identity, subdirectory: subdirectory.clone() })
        }
        SourceTree::Git { url, revision, subdirectory } => {
            let commit = clone(url, revision.as_deref(), folder)?;
            let project = inside(&folder.join(CLONE), subdirectory.as_deref(), url)?;
            let identity = Some(Kept::git(&commit, subdirectory.as_deref()));
            Ok(Tree { path: project, identity, subdirectory: None })
        }
    }
}

const CLONE: &str = "source";

/// Clones a repository and gives the commit that is checked out.
fn clone(url: &GitUrl, revision: Option<&str>, folder: &Path) -> Result<String, Failure> {
    let shown = url.to_string();
    git(folder, &["clone", "--quiet", "--no-checkout", "--", url.with_credentials(), CLONE], &shown)?;
    let source = folder.join(CLONE);
    // A revision with a dash at its start was refused when the line was read.
    git(&source, &["checkout", "--quiet", revision.unwrap_or("HEAD"), "--"], &shown)?;
    git(&source, &["submodule", "update", "--quiet", "--init", "--recursive"], &shown)?;
    git(&source, &["rev-parse", "HEAD"], &shown)
}

/// A folder of a clone that does not lead out of it.
fn inside(clone: &Path, subdirectory: Option<&str>, url: &GitUrl) -> Result<PathBuf, Failure> {
    let Some(subdirectory) = subdirectory else { return Ok(clone.to_path_buf()) };
    let plain = Path::new(subdirectory).components().all(|part| matches!(part, Component::Normal(_)));
    let path = clone.join(subdirectory);
    let within = || Some(fs_err::canonicalize(&path).ok()?.starts_with(fs_err::canonicalize(clone).ok()?));
    if plain && path.is_dir() && within() == Some(true) {
        return Ok(path);
    }
    Err(Failure::new(Code::Missing, format!("{url} has no folder {subdirectory}"))
        .help("check the #subdirectory= of the address"))
}

fn same(what: &str, got: Sha256, given: Option<Sha256>) -> Result<(), Failure> {
    match given {
        Some(given) if given != got => {
            let message = format!("{what} has sha256 {got}, and the line gives {given}");
            Err(Failure::new(Code::HashMismatch, message).help("mend the hash, or bring the file that it is of"))
        }
        _ => Ok(()),
    }
}

fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

/// The name that a project on disk gives itself in its pyproject.toml.
pub(crate) fn project_name(tree: &SourceTree) -> Option<DistName> {
    let SourceTree::Folder(path) = tree else { return None };
    let text = fs_err::read_to_string(path.join("pyproject.toml")).ok()?;
    let document: toml::Table = toml::from_str(&text).ok()?;
    document.get("project")?.get("name")?.as_str()?.parse().ok()
}

//! Requirements that are no wheels: what would have to be built first. Nothing is built here.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;
use wheel_archive::{Sha256, with_slashes};
use wheel_tags::DistName;

use super::hash::HashDigest;
use super::place::Place;
use super::redact::mask;
use super::requirement::{Requirement, RequirementSource};
use crate::index::DirectUrl;

/// Something that is asked for, and of which a wheel has to be built first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRequirement {
    /// The project, where the line says: `name @ …`, `#egg=name`, or the file name of a source distribution.
    pub name: Option<DistName>,
    /// The extras asked for.
    pub extras: BTreeSet<DistName>,
    /// For which environments it holds.
    pub marker: MarkerTree,
    /// What it is built from.
    pub tree: SourceTree,
    /// Digests of which the source archive must have one.
    pub hashes: Vec<HashDigest>,
    /// Where it stands.
    pub place: Place,
    /// As written, without comment, options and credentials.
    pub text: String,
}

impl SourceRequirement {
    /// What a lock has of a package that comes from a project or repository.
    #[must_use]
    pub fn locked(name: &DistName, tree: SourceTree, lock: &Path) -> Self {
        Self {
            name: Some(name.clone()),
            extras: BTreeSet::new(),
            marker: MarkerTree::TRUE,
            tree,
            hashes: Vec::new(),
            place: Place::new(lock.display().to_string(), 0),
            text: name.to_string(),
        }
    }

    /// The requirement that the line is once its wheel is built: that file. `hash` is given where the wheel counts as
    /// verified, since its source was.
    #[must_use]
    pub fn met_by(&self, name: &DistName, path: PathBuf, hash: Option<Sha256>) -> Requirement {
        Requirement {
            name: name.clone(),
            extras: self.extras.clone(),
            specifiers: VersionSpecifiers::empty(),
            source: RequirementSource::Path(path),
            marker: self.marker.clone(),
            hashes: hash.map(HashDigest::Sha256).into_iter().collect(),
            place: self.place.clone(),
            text: self.text.clone(),
        }
    }
}

/// What a wheel is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceTree {
    /// A git repository.
    Git {
        /// Where it is.
        url: GitUrl,
        /// A branch, tag or commit; `None`: its default branch.
        revision: Option<String>,
        /// The folder of the project in it.
        subdirectory: Option<String>,
    },
    /// A project on disk. A relative path is relative to the file that names it.
    Folder(PathBuf),
    /// A source archive on disk.
    Archive(PathBuf),
    /// A source archive at an address.
    Web {
        /// The address.
        url: DirectUrl,
        /// From its `#sha256=…`.
        sha256: Option<Sha256>,
        /// The folder of the project in it.
        subdirectory: Option<String>,
    },
}

impl fmt::Display for SourceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git { url, revision: None, .. } => write!(f, "git+{url}"),
            Self::Git { url, revision: Some(revision), .. } => write!(f, "git+{url}@{revision}"),
            Self::Folder(path) | Self::Archive(path) => f.write_str(&with_slashes(path)),
            Self::Web { url, .. } => write!(f, "{url}"),
        }
    }
}

/// The address of a git repository. Neither `Display` nor `Debug` has its credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct GitUrl(String);

impl GitUrl {
    /// The address with its credentials, for git alone.
    #[must_use]
    pub fn with_credentials(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

impl fmt::Debug for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GitUrl({self})")
    }
}

/// `git+https://host/path.git@revision` without its fragment; `None` for what is no address of git.
pub(crate) fn git(address: &str, subdirectory: Option<String>) -> Option<SourceTree> {
    let url = address.strip_prefix("git+").or_else(|| address.strip_prefix("git:").map(|_| address))?;
    let authority = url.find("://")? + 3;
    let path = authority + url.get(authority..)?.find('/')?;
    let (url, revision) = match url.get(path..)?.rsplit_once('@') {
        Some((front, revision)) => (url.get(..path + front.len())?, Some(revision.to_owned())),
        None => (url, None),
    };
    let is_known = ["https://", "http://", "ssh://", "file://", "git://"].iter().any(|known| url.starts_with(known));
    // What begins with a dash would be an option of git.
    if !is_known || url.starts_with('-') || revision.as_ref().is_some_and(|revision| revision.starts_with('-')) {
        return None;
    }
    let revision = revision.filter(|revision| !revision.is_empty());
    Some(SourceTree::Git { url: GitUrl(url.to_owned()), revision, subdirectory })
}

/// `name` of `name-1.0.tar.gz`; `None` for archives that are called otherwise.
pub(crate) fn sdist_name(file_name: &str) -> Option<DistName> {
    let stem = file_name.strip_suffix(".tar.gz").or_else(|| file_name.strip_suffix(".zip"))?;
    let (name, version) = stem.rsplit_once('-')?;
    version.parse::<pep440_rs::Version>().ok()?;
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_git() {
        let read = |text: &str| match git(text, None) {
            Some(SourceTree::Git { url, revision, .. }) => Some((url.with_credentials().to_owned(), revision)),
            _ => None,
        };
        let revision = |text: &str| Some(text.to_owned());
        assert_eq!(read("git+https://h/a.git"), Some(("https://h/a.git".into(), None)));
        assert_eq!(read("git+https://h/a.git@v1"), Some(("https://h/a.git".into(), revision("v1"))));
        assert_eq!(read("git+ssh://git@h/a.git"), Some(("ssh://git@h/a.git".into(), None)));
        assert_eq!(read("git+https://u:p@h/a@f/x"), Some(("https://u:p@h/a".into(), revision("f/x"))));
        assert_eq!(read("git+file:///r/a@v1"), Some(("file:///r/a".into(), revision("v1"))));
        assert_eq!(read("git+https://h/a@--upload-pack=x"), None);
        assert_eq!(read("git+--upload-pack=x://h/a"), None);
        assert_eq!(read("git+ext://sh/-c"), None);
        assert_eq!(read("hg+https://h/a"), None);
        let shown = git("git+https://u:p@h/a@v1", None).map(|tree| tree.to_string());
        assert_eq!(shown.as_deref(), Some("git+https://****@h/a@v1"));
    }

    #[test]
    fn names_of_source_distributions() {
        let name = |text: &str| sdist_name(text).map(|name| name.to_string());
        assert_eq!(name("Foo_Bar-1.0.tar.gz").as_deref(), Some("foo-bar"));
        assert_eq!(name("foo-bar-1.0.zip").as_deref(), Some("foo-bar"));
        assert_eq!(name("main.zip"), None);
        assert_eq!(name("repo-main.zip"), None);
    }
}

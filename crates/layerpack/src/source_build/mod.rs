//! Wheels out of sources, where `--build` asks for it: source distributions, git repositories and projects on disk.
//!
//! This is the one room that starts programs which run what was downloaded: `uv build`, else `pip wheel`, and `git`.
//! They run in a folder of their own, with the user's configuration, so that build dependencies come from where the user
//! has them from. What comes out is a wheel like any other: inspected, judged for the target, and given to the resolver
//! as a file on disk.
//!
//! Which wheels of an index would do is the resolver's business; whether a built one loads is the judge's.

mod kept;
mod tool;
mod tree;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use lambda_compat::{Code, Finding, Severity, Target};
use pypi_resolve::index::{Index, IndexFile};
use pypi_resolve::requirements::{Formats, SourceRequirement, SourceTree};
use tempfile::{Builder, TempDir};
use wheel_archive::{Sha256, TemporaryFolder};
use wheel_tags::{DistName, WheelFilename};

use crate::failure::Failure;
use crate::report::{Bars, Busy};
pub(crate) use crate::source_build::kept::BUILT;
use crate::source_build::kept::Kept;
use crate::source_build::tool::{Tool, build_wheel};
pub(crate) use crate::source_build::tree::project_name;
use crate::source_build::tree::{Tree, bring};

/// What may be built: `--build`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    all: bool,
    names: BTreeSet<DistName>,
}

impl Allowed {
    /// Reads `--build NAME` and `--build :all:`.
    pub(crate) fn read(values: &[String]) -> Result<Self, Failure> {
        let mut allowed = Self::default();
        for value in values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()) {
            match value.parse() {
                _ if value == ":all:" => allowed.all = true,
                Ok(name) => _ = allowed.names.insert(name),
                Err(_) => {
                    return Err(Failure::new(Code::Usage, format!("--build `{value}` is no name"))
                        .help("name a package, or :all: for every one that has no wheel"));
                }
            }
        }
        Ok(allowed)
    }

    /// Whether anything may be built.
    pub(crate) fn any(&self) -> bool {
        self.all || !self.names.is_empty()
    }

    /// Whether a package may be built. Of one without a name nobody knows what it is.
    pub(crate) fn allows(&self, name: Option<&DistName>) -> bool {
        self.all || name.is_some_and(|name| self.names.contains(name))
    }

    /// The packages that are named.
    pub(crate) fn names(&self) -> &BTreeSet<DistName> {
        &self.names
    }
}

/// A wheel that was built here.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) path: PathBuf,
    pub(crate) filename: WheelFilename,
    /// What it was built from, without credentials.
    pub(crate) from: String,
    /// With what; `None` where it was kept from an earlier run.
    tool: Option<Tool>,
    /// Its source had a digest that somebody gave.
    pub(crate) verified: bool,
}

impl Built {
    /// That it was built here, and by what or when.
    pub(crate) fn note(&self) -> Finding {
        let how = self.tool.map_or_else(|| "in an earlier run".to_owned(), |tool| format!("with {tool}"));
        let mut note = self.fact();
        note.message = format!("{}, {how}", note.message);
        note
    }

    /// That it was built here: what a report says of it, in any run the same.
    pub(crate) fn fact(&self) -> Finding {
        let WheelFilename { name, version, .. } = &self.filename;
        let message = format!("{name} {version} was built here from {}", self.from);
        Finding::new(Code::OnlySdists, Severity::Note, message).at(name.to_string())
    }
}

/// Where building is done.
pub(crate) struct Workshop<'a> {
    pub(crate) allowed: &'a Allowed,
    pub(crate) formats: &'a Formats,
    pub(crate) index: &'a Index,
    pub(crate) cache_dir: &'a Path,
    /// When the run began.
    pub(crate) now: SystemTime,
    pub(crate) offline: bool,
    /// Variables for the tools.
    pub(crate) of_tools: &'a [(&'static str, String)],
    pub(crate) targets: &'a [Target],
    /// For wheels that are not kept; it must outlive their use.
    pub(crate) folder: &'a Scratch,
    /// Where it is shown what is under way.
    pub(crate) bars: &'a Bars,
}

impl Workshop<'_> {
    /// Whether what a requirement line names may be built.
    pub(crate) fn admits(&self, line: &SourceRequirement) -> Result<(), Failure> {
        let name = line.name.clone().or_else(|| project_name(&line.tree));
        if !self.allowed.allows(name.as_ref()) {
            let what = name.as_ref().map_or_else(|| line.text.clone(), DistName::to_string);
            let flag = name.as_ref().map_or(":all:", DistName::as_str);
            let message = format!("{}: {what} has to be built, and --build does not name it", line.place);
            return Err(Failure::new(Code::Unsupported, message).help(format!("add --build {flag}")));
        }
        if let Some(name) = name.as_ref().filter(|name| self.formats.never_built(name)) {
            let message = format!("{}: {name} has to be built, and --only-binary forbids it", line.place);
            return Err(Failure::new(Code::Unsupported, message).help(format!("leave {name} out of --only-binary")));
        }
        Ok(())
    }

    /// Builds what a requirement line names.
    pub(crate) fn line(&self, line: &SourceRequirement) -> Result<Built, Failure> {
        let given = line.hashes.iter().find_map(pypi_resolve::requirements::HashDigest::sha256);
        let built = self.build(&line.tree, given).map_err(|failure| failure.about(&line.place.to_string()))?;
        match &line.name {
            Some(name) if *name != built.filename.name => {
                let message = format!("{}: {} was built from it, not {name}", line.place, built.filename);
                Err(Failure::new(Code::Unsupported, message).help("write the project's own name before the `@`"))
            }
            _ => Ok(built),
        }
    }

    /// Builds a source distribution of an index.
    pub(crate) fn sdist(&self, file: &IndexFile) -> Result<Built, Failure> {
        if let Some(sha256) = file.sha256
            && let Some(built) = self.kept(&Kept::archive(&file.filename, &sha256, None), &file.filename, true)
        {
            return Ok(built);
        }
        let folder = self.scratch()?;
        // The name comes from an index, where it was checked to be one plain component.
        let archive = folder.path().join(&*file.filename);
        let sha256 = self.index.source_archive(&file.url, file.sha256.as_ref(), &archive)?;
        let identity = Some(Kept::archive(&file.filename, &sha256, None));
        let tree = Tree { path: archive, identity, subdirectory: None };
        self.make(&tree, &file.filename, file.sha256.is_some())
    }

    fn build(&self, tree: &SourceTree, given: Option<Sha256>) -> Result<Built, Failure> {
        let shown = tree.to_string();
        if let Some(built) = tree::identity(tree, given).and_then(|known| self.kept(&known, &shown, given.is_some())) {
            return Ok(built);
        }
        let folder = self.scratch()?;
        let brought = {
            let _busy = Busy::new(self.bars, &format!("fetching {shown}"));
            bring(tree, given, self.index, folder.path())?
        };
        let verified = given.is_some() || matches!(tree, SourceTree::Web { sha256: Some(_), .. });
        if let Some(built) = brought.identity.as_ref().and_then(|known| self.kept(known, &shown, verified)) {
            return Ok(built);
        }
        self.make(&brought, &shown, verified)
    }

    /// A wheel that was built before from the very same source, where it may load on a target.
    fn kept(&self, identity: &Kept, from: &str, verified: bool) -> Option<Built> {
        let (path, filename) = identity.find(self.cache_dir, self.targets, self.now)?;
        Some(Built { path, filename, from: from.to_owned(), tool: None, verified })
    }

    fn make(&self, source: &Tree, from: &str, verified: bool) -> Result<Built, Failure> {
        let out = self.scratch()?.keep();
        let (path, tool) = {
            let _busy = Busy::new(self.bars, &format!("building {from}"));
            build_wheel(source, &out, from, (self.offline, self.of_tools))?
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let filename: WheelFilename = name.parse().map_err(|error| {
            Failure::new(Code::WheelFilename, format!("{tool} built `{name}` from {from}: {error}"))
        })?;
        let path = match &source.identity {
            Some(identity) => identity.keep(self.cache_dir, &path)?,
            None => path,
        };
        Ok(Built { path, filename, from: from.to_owned(), tool: Some(tool), verified })
    }

    /// A new folder inside the one that is cleared away at the end.
    fn scratch(&self) -> Result<TempDir, Failure> {
        Ok(TempDir::new_in(self.folder.path()?)?)
    }
}

/// A folder of the run's own: made when first something is built, and cleared away at the end.
#[derive(Default)]
pub(crate) struct Scratch(OnceLock<TemporaryFolder>);

impl Scratch {
    fn path(&self) -> io::Result<&Path> {
        if let Some(folder) = self.0.get() {
            return Ok(folder.path());
        }
        let folder = TemporaryFolder::new(|| Builder::new().prefix("layerpack-").tempdir())?;
        Ok(self.0.get_or_init(|| folder).path())
    }
}

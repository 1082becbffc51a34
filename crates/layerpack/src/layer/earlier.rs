//! The pylock.toml that `lock` writes anew: what of it stays.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding, Target};
use pypi_resolve::lock::{LockError, PyLock};
use pypi_resolve::requirements::{Place, Requirement, RequirementSource};
use pypi_resolve::resolve::Wants;
use wheel_tags::DistName;

use crate::args::UpgradeArgs;
use crate::failure::Failure;
use crate::report::Console;

/// A lock of layerpack's own that lies where `lock` writes.
pub(crate) struct EarlierLock {
    pub(crate) path: PathBuf,
    pub(crate) lock: PyLock,
    /// Its bytes.
    pub(crate) text: Vec<u8>,
}

impl EarlierLock {
    /// The lock at a path, if one is there. One that cannot be read is written anew.
    ///
    /// A lock of another tool holds what that tool was asked for: it is never written over.
    pub(crate) fn read(path: &Path, console: &mut Console) -> Result<Option<Self>, Failure> {
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs_err::read(path)?;
        match PyLock::parse(path, &text) {
            Ok(lock) if lock.is_own() => Ok(Some(Self { path: path.to_path_buf(), lock, text })),
            Ok(lock) => {
                let message =
                    format!("{} was written by {}, and lock would replace it", path.display(), lock.created_by);
                Err(Failure::new(Code::Usage, message)
                    .help("build takes it as it is; to have layerpack lock instead, remove it first"))
            }
            Err(error @ LockError::Io(_)) => Err(error.into()),
            Err(error) => {
                console.finding(&Finding::warning(Code::UnreadableLock, format!("{error}: it is written anew")));
                Ok(None)
            }
        }
    }

    /// The targets that it was made for.
    pub(crate) fn by_lock(&self) -> (&Path, &[Target]) {
        (&self.path, &self.lock.targets)
    }
}

/// Which packages are to have newer versions.
pub(crate) struct Upgrade {
    all: bool,
    /// `--upgrade-package`: the packages, with the versions that are asked for.
    packages: Vec<Requirement>,
}

impl Upgrade {
    /// Reads `--upgrade` and `--upgrade-package`.
    pub(crate) fn read(args: &UpgradeArgs) -> Result<Self, Failure> {
        let package = |text: &String| {
            let read = Requirement::parse(text, &Place::new("--upgrade-package", 0), Path::new("."));
            let plain = |line: &Requirement| {
                line.source == RequirementSource::Index && line.extras.is_empty() && line.marker.is_true()
            };
            read.ok().filter(plain).ok_or_else(|| {
                Failure::new(Code::Usage, format!("--upgrade-package `{text}` is no package"))
                    .help("it is NAME, for the newest version, or NAME==VERSION")
            })
        };
        let packages = args.upgrade_package.iter().map(package).collect::<Result<_, _>>()?;
        Ok(Self { all: args.upgrade, packages })
    }

    /// Whether anything is to have a newer version.
    pub(crate) fn is_any(&self) -> bool {
        self.all || !self.packages.is_empty()
    }

    /// Asks for what stays of an earlier lock, and for the versions that are named.
    pub(crate) fn add_to(&self, wants: &mut Wants, earlier: Option<&PyLock>, target: &Target) {
        if let Some(earlier) = earlier.filter(|_| !self.all) {
            wants.preferences = earlier.versions_on(target);
            wants.preferences.retain(|name, _| !self.packages.iter().any(|package| package.name == *name));
        }
        wants.constraints.extend(self.packages.iter().filter(|package| !package.specifiers.is_empty()).cloned());
    }

    /// Packages to upgrade that the lock does not have.
    pub(crate) fn missing_in<'a>(&'a self, lock: &'a PyLock) -> impl Iterator<Item = &'a DistName> {
        let names = self.packages.iter().map(|package| &package.name);
        names.filter(|name| !lock.packages.iter().any(|package| package.name == **name))
    }
}

//! What one layer is asked to hold, read once, and what it takes on each target: the part that `build`, `resolve`,
//! `lock` and `fetch` share.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Date, Target};
use pypi_resolve::index::{Index, Retries};
use pypi_resolve::requirements::RequirementsFile;
use pypi_resolve::resolve::{Policy, Resolution, Wants, resolve};
use wheel_archive::Store;
use wheel_tags::WheelFilename;

use crate::args::{AskingArgs, IndexArgs, LockUseArgs, ResolveArgs};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layer::local::{LocalManifest, judge_local, read_wheels};
use crate::layer::lock_file::{LockFile, digest_of, read_lock};
use crate::layer::requirements::read_files;
use crate::plan::{LayerSource, Targets, policy, settle_index, source_targets};
use crate::report::{Busy, Console};

/// One layer's source, read: the same for every target.
pub(crate) struct Asked {
    pub(crate) source: LayerSource,
    pub(crate) file: RequirementsFile,
    pub(crate) local: Vec<LocalManifest>,
    pub(crate) lock: Option<LockFile>,
    pub(crate) index: Index,
    pub(crate) store: Store,
    pub(crate) cache_dir: PathBuf,
    pub(crate) policy: Policy,
    pub(crate) targets: Targets,
    today: Date,
}

/// How a source is read.
pub(crate) struct Reading<'a> {
    pub(crate) resolve: &'a ResolveArgs,
    pub(crate) index: &'a IndexArgs,
    pub(crate) lock_use: Option<&'a LockUseArgs>,
    pub(crate) retries: Retries,
}

/// What a layer takes on one target.
pub(crate) struct Chosen {
    pub(crate) resolution: Resolution,
    pub(crate) from_lock: bool,
}

impl Asked {
    /// Reads a layer's source. Opens no socket. Without `lock_use` a lock is not looked at.
    pub(crate) fn read(
        source: LayerSource,
        asking: &AskingArgs,
        lock_use: Option<&LockUseArgs>,
        environment: &Environment,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        let reading = Reading { resolve: &asking.resolve, index: &asking.index, lock_use, retries: Retries::default() };
        let asked = Self::read_for(source, &reading, environment, console, |folder, lock, wheels| {
            source_targets(&asking.target, environment, folder, lock, wheels)
        })?;
        let (file, source) = (&asked.file, &asked.source);
        let nothing = file.requirements.is_empty() && asked.local.is_empty() && asked.lock.is_none();
        if nothing && source.python_tree.is_none() && source.opt_tree.is_none() {
            let what = source.requirements.first().map_or(source.folder.as_path(), PathBuf::as_path);
            return Err(Failure::new(Code::NothingToBuild, format!("{} names no package", what.display()))
                .help("write one requirement per line, for example: requests>=2.32"));
        }
        Ok(asked)
    }

    /// Reads a layer's source that may be empty. `targets` are worked out from its folder, lock and local wheels.
    pub(crate) fn read_for(
        source: LayerSource,
        reading: &Reading<'_>,
        environment: &Environment,
        console: &mut Console,
        targets: impl FnOnce(&Path, Option<(&Path, &[Target])>, &[WheelFilename]) -> Result<Targets, Failure>,
    ) -> Result<Self, Failure> {
        for warning in &source.warnings {
            console.finding(warning);
        }
        let file = read_files(&source, environment, console)?;
        let lock = read_lock(&source, reading.lock_use)?;
        let local = read_wheels(&source, &file)?;
        let filenames: Vec<WheelFilename> = local.iter().map(|l| l.wheel.filename.clone()).collect();
        let by_lock = lock.as_ref().map(|l| (l.path.as_path(), l.lock.targets.as_slice()));
        let targets = targets(&source.folder, by_lock, &filenames)?;

        let mut settled = settle_index(reading.index, environment, &file.options)?;
        settled.settings.retries = reading.retries;
        for warning in &settled.warnings {
            console.finding(warning);
        }
        let policy = policy(reading.resolve, environment, &file)?;
        let cache_dir = settled.settings.cache_dir.clone();
        let store = Store::new(cache_dir.clone());
        let index = Index::new(settled.settings, store.clone());
        let today = environment.today()?;
        Ok(Self { source, file, local, lock, index, store, cache_dir, policy, targets, today })
    }

    /// The versions and wheels for one target: from the lock where there is one, else resolved.
    pub(crate) fn choose(&self, target: &Target, console: &Console) -> Result<Chosen, Failure> {
        let Some(lock) = &self.lock else {
            judge_local(&self.local, target, self.today)?;
            let _busy = Busy::new(console, format!("resolving {} for {target}", self.source.name));
            let resolution = resolve(&self.wants(target), target, &self.index, &self.policy)?;
            return self.is_something(resolution, target, false);
        };
        if !lock.frozen {
            lock.lock
                .satisfies(&self.wants(target), target)
                .map_err(|stale| Failure::from(stale).help(format!("run layerpack lock {}", self.source.text())))?;
            self.names_the_same(lock)?;
        }
        let resolution = lock.lock.to_resolution(target)?;
        self.is_something(resolution, target, true)
    }

    /// A layer without a file is a mistake: every marker excludes the target.
    fn is_something(&self, resolution: Resolution, target: &Target, from_lock: bool) -> Result<Chosen, Failure> {
        if resolution.pins.is_empty() && self.source.python_tree.is_none() && self.source.opt_tree.is_none() {
            let message = format!("{} names no package for {target}", self.source.text());
            return Err(Failure::new(Code::NothingToBuild, message)
                .help("the markers of its lines exclude this target: see what follows each `;`"));
        }
        Ok(Chosen { resolution, from_lock })
    }

    /// What the resolver is asked for.
    pub(crate) fn wants(&self, target: &Target) -> Wants {
        Wants {
            requirements: self.file.requirements.clone(),
            constraints: self.file.constraints.clone(),
            overrides: Vec::new(),
            local: self.local.iter().filter(|local| local.holds_on(target)).map(|local| local.wheel.clone()).collect(),
        }
    }

    /// A digest of the packages, extras and markers that the source names.
    pub(crate) fn digest(&self) -> String {
        digest_of(&self.file, &self.local)
    }

    /// Whether a lock of layerpack's own was made from the packages that are named now.
    fn names_the_same(&self, lock: &LockFile) -> Result<(), Failure> {
        // A lock that is named by itself stands for its source.
        let is_source = self.source.requirements.is_empty() && self.local.is_empty();
        if is_source || lock.lock.digest.as_ref().is_none_or(|digest| *digest == self.digest()) {
            return Ok(());
        }
        let (source, lock) = (self.source.text(), lock.path.display());
        let message = format!("{source} names other packages, extras or markers than {lock} was made from");
        Err(Failure::new(Code::StaleLock, message).help(format!("run layerpack lock {source}")))
    }
}

//! What one layer is asked to hold, read once, and what it takes on each target: the part that `build`, `resolve`,
//! `lock` and `fetch` share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use lambda_compat::{Code, Date, Target};
use pypi_resolve::index::{Index, Retries, Settings};
use pypi_resolve::lock::{LockError, LockedSet, PyLock};
use pypi_resolve::project::Project;
use pypi_resolve::requirements::{Requirement, RequirementsFile};
use pypi_resolve::resolve::{Moment, Policy, Resolution, Survey, Wants, resolve, survey};
use wheel_archive::{Store, StoreLock};
use wheel_tags::{DistName, WheelFilename};

use crate::args::{AskingArgs, IndexArgs, LockUseArgs, ResolveArgs};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layer::local::{LocalManifest, judge_local, read_wheels};
use crate::layer::lock_file::{LockFile, digest_of, read_lock};
use crate::layer::lock_index::LockIndexes;
use crate::layer::requirements::{Wanted, read_files};
use crate::plan::{LayerSource, Targets, policy, settle_index, source_targets};
use crate::report::{Busy, Console};

/// One layer's source, read: the same for every target.
pub(crate) struct Asked {
    pub(crate) source: LayerSource,
    file: RequirementsFile,
    overrides: Vec<Requirement>,
    pub(crate) excludes: BTreeSet<DistName>,
    /// The project whose dependencies are wanted.
    project: Option<Project>,
    pub(crate) local: Vec<LocalManifest>,
    pub(crate) lock: Option<LockFile>,
    pub(crate) index: Index,
    settings: Settings,
    /// Flags or variables name the indexes.
    indexes_by_user: bool,
    pub(crate) store: Store,
    pub(crate) cache_dir: PathBuf,
    /// When the run began.
    pub(crate) now: SystemTime,
    /// Keeps others from clearing the cache; `None` where it cannot be written or locked.
    _in_use: Option<StoreLock>,
    pub(crate) policy: Policy,
    pub(crate) targets: Targets,
    today: Date,
    environment: Environment,
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
    /// The file name of the lock that it comes from.
    pub(crate) from_lock: Option<String>,
}

/// Why nothing can be said of single packages.
pub(crate) enum NotSurveyed {
    /// The lock or the project excludes the target as a whole.
    Excluded(Failure),
    Failed(Failure),
}

impl From<Failure> for NotSurveyed {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
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
            return Err(names_nothing(source, asked.project.as_ref()));
        }
        Ok(asked)
    }

    /// Reads a layer's source that may be empty. `targets` are worked out from its folder, lock and local wheels.
    pub(crate) fn read_for(
        mut source: LayerSource,
        reading: &Reading<'_>,
        environment: &Environment,
        console: &mut Console,
        targets: impl FnOnce(&Path, Option<(&Path, &[Target])>, &[WheelFilename]) -> Result<Targets, Failure>,
    ) -> Result<Self, Failure> {
        for warning in &source.warnings {
            console.finding(warning);
        }
        if let Some(choice) = &source.choice {
            console.summary(choice);
        }
        let lock = read_lock(&mut source, reading.lock_use)?;
        let Wanted { file, overrides, excludes, project } = read_files(&source, reading.resolve, environment, console)?;
        let local = read_wheels(&source, &file)?;
        let filenames: Vec<WheelFilename> = local.iter().map(|l| l.wheel.filename.clone()).collect();
        let by_lock = lock.as_ref().map(|l| (l.path.as_path(), l.targets()));
        let targets = targets(&source.folder, by_lock, &filenames)?;

        let mut settled = settle_index(reading.index, environment, &file.options)?;
        settled.settings.retries = reading.retries;
        for warning in &settled.warnings {
            console.finding(warning);
        }
        if let Some(lock) = lock.as_ref().filter(|_| !settled.by_user) {
            let sources = lock.sources(environment)?;
            if !sources.is_empty() {
                settled.settings.indexes = sources;
            }
        }
        let policy = policy(reading.resolve, environment, &file)?;
        let cache_dir = settled.settings.cache_dir.clone();
        let store = Store::new(cache_dir.clone()).at(environment.now);
        let in_use = store.share().inspect_err(|error| tracing::debug!("the cache is not locked: {error}")).ok();
        let index = Index::new(settled.settings.clone(), store.clone());
        Ok(Self {
            source,
            file,
            overrides,
            excludes,
            project,
            local,
            lock,
            index,
            settings: settled.settings,
            indexes_by_user: settled.by_user,
            store,
            cache_dir,
            now: environment.now,
            _in_use: in_use,
            policy,
            targets,
            today: environment.today()?,
            environment: environment.clone(),
        })
    }

    /// The versions and wheels for one target: from the lock where there is one, else resolved.
    pub(crate) fn choose(&self, target: &Target, console: &Console) -> Result<Chosen, Failure> {
        let frozen = self.lock.as_ref().is_some_and(|lock| lock.frozen);
        if let Some(project) = self.project.as_ref().filter(|_| !frozen) {
            project.admits(target)?;
        }
        let Some(lock) = &self.lock else {
            judge_local(&self.local, target, self.today)?;
            let _busy = Busy::new(console, format!("resolving {} for {target}", self.source.name));
            let resolution = resolve(&self.wants(target), target, &self.index, &self.policy)?;
            return self.is_something(resolution, target, None);
        };
        let mut set = lock.select(target, &self.source.selection, &self.environment)?;
        match lock.lock.pylock() {
            _ if frozen => {}
            Some(pylock) => {
                pylock
                    .satisfies(&self.wants(target), target)
                    .map_err(|stale| Failure::from(stale).help(format!("run layerpack lock {}", self.source.text())))?;
                self.names_the_same(lock, pylock)?;
            }
            None => set.take_local(&self.wants(target).local)?,
        }
        self.leave_out(&mut set);
        let resolution = set.resolution(&self.lock_indexes(&set))?;
        self.not_too_new(&resolution, lock)?;
        if let Some(pin) = resolution.pins.iter().find(|pin| self.policy.require_hashes && pin.sha256.is_none()) {
            let message =
                format!("{} has no sha256 for {}, and every file must have one", lock.path.display(), pin.wheel);
            return Err(Failure::new(Code::HashMismatch, message)
                .help("lock from an index that publishes sha256 digests, or leave --require-hashes out"));
        }
        self.is_something(resolution, target, Some(lock.name()))
    }

    /// What can be had on one target, and all that cannot.
    pub(crate) fn survey(&self, target: &Target) -> Result<Survey, NotSurveyed> {
        if let Some(project) = self.project.as_ref().filter(|_| self.lock.is_none()) {
            project.admits(target).map_err(|error| NotSurveyed::Excluded(Failure::from(error)))?;
        }
        let Some(lock) = &self.lock else {
            let wants = self.wants(target);
            let survey = survey(&wants, target, &self.index, &self.policy, self.today).map_err(Failure::from)?;
            return Ok(survey);
        };
        let of_lock = || {
            let mut set = lock.select(target, &self.source.selection, &self.environment)?;
            self.leave_out(&mut set);
            set.survey(&self.lock_indexes(&set), self.today)
        };
        of_lock().map_err(|error| match &error {
            LockError::OtherTarget { why, .. } => {
                // Without the target's name, so that it is said once for all of them.
                let message = format!("the lock was made for other targets: {why}");
                NotSurveyed::Excluded(Failure::new(error.code(), message).maybe_help(error.help()))
            }
            _ => NotSurveyed::Failed(error.into()),
        })
    }

    /// Takes what is excluded out of a lock.
    fn leave_out(&self, set: &mut LockedSet) {
        let lines = self.file.requirements.iter().map(|line| line.name.clone());
        set.exclude(&self.excludes, &lines.collect());
    }

    /// A lock that has files which are too new was made with another --exclude-newer.
    fn not_too_new(&self, resolution: &Resolution, lock: &LockFile) -> Result<(), Failure> {
        let too_new = resolution.pins.iter().find_map(|pin| {
            let uploaded = pin.upload_time.as_deref()?;
            let cutoff = self.policy.cutoffs.of(&pin.name)?;
            Moment::parse(uploaded).filter(|time| *time >= cutoff.moment).map(|time| (pin, time, cutoff))
        });
        let Some((pin, time, cutoff)) = too_new else { return Ok(()) };
        let (lock, said) = (lock.path.display(), &cutoff.said);
        let message = format!("{lock} has {} {}, uploaded {time}, too late for {said}", pin.name, pin.version);
        let help = format!("lock again with {said}, or free the package: --exclude-newer-package {}=false", pin.name);
        Err(Failure::new(Code::StaleLock, message).help(help))
    }

    /// Who is asked for the files of the lock.
    fn lock_indexes(&self, set: &LockedSet) -> LockIndexes<'_> {
        LockIndexes::new(&self.index, &self.settings, self.indexes_by_user, &self.store, set)
    }

    /// A layer without a file is a mistake: every marker excludes the target.
    fn is_something(
        &self,
        resolution: Resolution,
        target: &Target,
        from_lock: Option<String>,
    ) -> Result<Chosen, Failure> {
        if resolution.pins.is_empty() && self.source.python_tree.is_none() && self.source.opt_tree.is_none() {
            let message = format!("{} names no package for {target}", self.source.text());
            let help = match from_lock {
                None => "the markers of its lines exclude this target: see what follows each `;`",
                Some(_) => "nothing that it locks is wanted here: see its project's dependencies and their markers",
            };
            return Err(Failure::new(Code::NothingToBuild, message).help(help));
        }
        Ok(Chosen { resolution, from_lock })
    }

    /// What the resolver is asked for.
    pub(crate) fn wants(&self, target: &Target) -> Wants {
        Wants {
            requirements: self.file.requirements.clone(),
            constraints: self.file.constraints.clone(),
            overrides: self.overrides.clone(),
            excludes: self.excludes.clone(),
            local: self.local.iter().filter(|local| local.holds_on(target)).map(|local| local.wheel.clone()).collect(),
            ..Wants::default()
        }
    }

    /// A digest of the packages, extras and markers that the source names.
    pub(crate) fn digest(&self) -> String {
        digest_of(&self.file, &self.local)
    }

    /// Whether a lock of layerpack's own was made from the packages that are named now.
    fn names_the_same(&self, lock: &LockFile, pylock: &PyLock) -> Result<(), Failure> {
        // A lock that is named by itself stands for its source.
        if !self.source.names_packages() || pylock.digest.as_ref().is_none_or(|digest| *digest == self.digest()) {
            return Ok(());
        }
        let (source, lock) = (self.source.text(), lock.path.display());
        let message = format!("{source} names other packages, extras or markers than {lock} was made from");
        Err(Failure::new(Code::StaleLock, message).help(format!("run layerpack lock {source}")))
    }
}

/// Nothing that could be packed is there.
fn names_nothing(source: &LayerSource, project: Option<&Project>) -> Failure {
    if let Some(project) = project {
        let message = format!("{} names no package", project.file().display());
        let help = if project.is_project() {
            "list what the layer needs under [project] dependencies, or name an --extra or --group"
        } else {
            "it holds the settings of tools only: write requirements.txt, or [project] with dependencies"
        };
        return Failure::new(Code::NothingToBuild, message).help(help);
    }
    let what = source.requirements.first().map_or(source.folder.as_path(), PathBuf::as_path);
    Failure::new(Code::NothingToBuild, format!("{} names no package", what.display()))
        .help("write one requirement per line, for example: requests>=2.32")
}

//! What one layer is asked to hold, read once, and what it takes on each target: the part that `build`, `resolve`,
//! `lock` and `fetch` share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use lambda_compat::{Code, Date, Target};
use layer_pack::LeftToRuntime;
use pypi_resolve::index::{Index, IndexUrl, Retries, Settings, Source};
use pypi_resolve::lock::LockedSet;
use pypi_resolve::project::Project;
use pypi_resolve::requirements::{
    DirectUrl, Location, Requirement, RequirementSource, RequirementsFile, marker_environment,
};
use pypi_resolve::resolve::{Asker, Link, LocalWheel, Packages as _, Pin, Policy, Resolution, Wants, resolve};
use wheel_archive::{Store, StoreLock};
use wheel_tags::{DistName, WheelFilename};

use crate::args::{IndexArgs, LayerArgs, LockUseArgs, ResolveArgs};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layer::below::Below;
use crate::layer::by_target::ByTarget;
use crate::layer::common::Common;
use crate::layer::earlier::{EarlierLock, Upgrade};
use crate::layer::local::{LocalManifest, judge_local, read_wheels};
use crate::layer::lock_file::{LockFile, digest_of, read_lock};
use crate::layer::lock_index::LockIndexes;
use crate::layer::pinned::{PinnedPackages, Pins};
use crate::layer::requirements::{Wanted, read_files};
use crate::plan::{
    Configured, LayerSource, Places, PlannedLayer, Targets, platform_notes, policy, settle_index, source_targets,
};
use crate::report::{Bars, Busy, Console};
use crate::source_build::{Allowed, Built, Scratch};

/// One layer's source, read: the same for every target.
pub(crate) struct Asked {
    pub(crate) source: LayerSource,
    /// What is said of it beside its source.
    pub(crate) args: LayerArgs,
    /// The configuration file that says something of it.
    pub(crate) config: Option<PathBuf>,
    /// The layers that it lies on, the lowest first.
    pub(crate) below: Vec<Below>,
    /// What it takes on each target.
    pub(super) chosen: ByTarget,
    pub(super) file: RequirementsFile,
    pub(super) overrides: Vec<Requirement>,
    pub(crate) excludes: BTreeSet<DistName>,
    /// The project whose dependencies are wanted.
    pub(super) project: Option<Project>,
    pub(crate) local: Vec<LocalManifest>,
    pub(crate) lock: Option<LockFile>,
    pub(crate) index: Arc<Index>,
    pins: Pins,
    pub(super) settings: Settings,
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
    /// The wheels that were built here.
    pub(crate) built: Vec<Built>,
    /// Where those of them lie that are not kept.
    pub(super) scratch: Scratch,
    /// What tools that build wheels are told.
    pub(super) of_tools: Vec<(&'static str, String)>,
    pub(super) today: Date,
    pub(super) environment: Environment,
    /// Where it is shown what is under way.
    pub(crate) bars: Bars,
}

/// How a source is read.
pub(crate) struct Reading<'a> {
    pub(crate) resolve: &'a ResolveArgs,
    pub(crate) index: &'a IndexArgs,
    /// What counts after flags and variables.
    pub(crate) configured: &'a Configured,
    /// The layers that it lies on, the lowest first.
    pub(crate) below: Vec<Below>,
    pub(crate) lock_use: Option<&'a LockUseArgs>,
    /// In place of those that are asked for.
    pub(crate) retries: Option<Retries>,
    /// Pages are asked for anew.
    pub(crate) refresh: bool,
}

/// What a layer takes on one target.
pub(crate) struct Chosen {
    pub(crate) resolution: Resolution,
    /// The file name of the lock that it comes from.
    pub(crate) from_lock: Option<String>,
    /// What the runtime's SDK stands in for: it is not in the resolution.
    pub(crate) left_to_runtime: Vec<LeftToRuntime>,
}

impl Asked {
    /// Reads a layer's source. Opens no socket.
    pub(crate) fn read(
        layer: PlannedLayer,
        below: Vec<Below>,
        lock_use: &LockUseArgs,
        common: &Common<'_>,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        Self::read_with(layer, below, Some(lock_use), None, common, console)
    }

    /// Reads a layer's source without its lock, of which only the targets count. For upgrades pages are asked for anew.
    pub(crate) fn read_to_lock(
        layer: PlannedLayer,
        below: Vec<Below>,
        (earlier, upgrade): (Option<&EarlierLock>, &Upgrade),
        common: &Common<'_>,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        Self::read_with(layer, below, None, Some((earlier, upgrade)), common, console)
    }

    fn read_with(
        layer: PlannedLayer,
        below: Vec<Below>,
        lock_use: Option<&LockUseArgs>,
        to_lock: Option<(Option<&EarlierLock>, &Upgrade)>,
        common: &Common<'_>,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        let PlannedLayer { source, args, configured, .. } = layer;
        let asking = &args.asking;
        let reading = Reading {
            resolve: &asking.resolve,
            index: &asking.index,
            configured: &configured,
            below,
            lock_use,
            retries: None,
            refresh: to_lock.is_some_and(|(_, upgrade)| upgrade.is_any()),
        };
        let mut asked = Self::read_for(source, &reading, common, console, |folder, lock, wheels| {
            let lock = lock.or(to_lock.and_then(|(earlier, _)| earlier).map(EarlierLock::by_lock));
            source_targets(&asking.target, &configured, common.environment, folder, lock, wheels)
        })?;
        for note in platform_notes(&asking.target, &asked.targets.all)? {
            console.finding(&note);
        }
        let (file, source) = (&asked.file, &asked.source);
        let nothing = file.requirements.is_empty() && asked.local.is_empty() && asked.lock.is_none();
        if nothing && !source.has_own_files() {
            return Err(names_nothing(source, asked.project.as_ref()));
        }
        asked.args = args;
        Ok(asked)
    }

    /// Reads a layer's source that may be empty. `targets` are worked out from its folder, lock and local wheels.
    pub(crate) fn read_for(
        mut source: LayerSource,
        reading: &Reading<'_>,
        common: &Common<'_>,
        console: &mut Console,
        targets: impl FnOnce(&Path, Option<(&Path, &[Target])>, &[WheelFilename]) -> Result<Targets, Failure>,
    ) -> Result<Self, Failure> {
        let environment = common.environment;
        for warning in &source.warnings {
            console.finding(warning);
        }
        if let Some(choice) = &source.choice {
            console.summary(choice);
        }
        let lock = read_lock(&mut source, reading.lock_use)?;
        let places = Places::read(reading.index, reading.configured, environment, &source.folder)?;
        let allowed = Allowed::read(&reading.resolve.build)?;
        let wanted = read_files(&source, reading, &places, allowed.any(), common, console)?;
        let logins = wanted.logins();
        let Wanted { file, overrides, mut excludes, project, pins, indexes, unbuilt } = wanted;
        // A lock that was made without a package need not be given --exclude again.
        excludes.extend(lock.as_ref().map(LockFile::made_without).unwrap_or_default());
        let store = Store::new(places.cache_dir().to_owned()).at(environment.now);
        let local = read_wheels(&source, &file, &store)?;
        let filenames: Vec<WheelFilename> = local.iter().map(|l| l.wheel.filename.clone()).collect();
        let by_lock = lock.as_ref().map(|l| (l.path.as_path(), l.targets()));
        let targets = targets(&source.folder, by_lock, &filenames)?;
        let mut settled = settle_index(&places, &file.options, &indexes)?;
        settled.settings.retries = reading.retries.unwrap_or(settled.settings.retries);
        settled.settings.logins = logins;
        settled.settings.refresh |= reading.refresh && !settled.settings.offline;
        for warning in &settled.warnings {
            console.finding(warning);
        }
        if let Some(lock) = lock.as_ref().filter(|_| !settled.by_user) {
            let sources = lock.sources(environment)?;
            if !sources.is_empty() {
                settled.settings.indexes = sources;
            }
        }
        let pins = Pins::new(pins, &settled.named)?;
        let policy = policy(reading.resolve, environment, &file, &settled.choosing)?;
        let (from, indexes) = (&settled.from, &settled.settings.indexes);
        tracing::debug!(%from, ?indexes, no_index = settled.settings.no_index, "the indexes are settled");
        let cache_dir = settled.settings.cache_dir.clone();
        let in_use = store.share().inspect_err(|error| tracing::debug!("the cache is not locked: {error}")).ok();
        let index = common.index(&mut settled.settings, &store);
        let mut asked = Self {
            source,
            args: LayerArgs::default(),
            config: reading.configured.file.clone(),
            below: reading.below.clone(),
            chosen: ByTarget::default(),
            file,
            overrides,
            excludes,
            project,
            local,
            lock,
            index,
            pins,
            settings: settled.settings,
            indexes_by_user: settled.by_user,
            store,
            cache_dir,
            now: environment.now,
            _in_use: in_use,
            policy,
            targets,
            built: Vec::new(),
            scratch: Scratch::default(),
            of_tools: common.jobs.of_tools(environment),
            today: environment.today()?,
            environment: environment.clone(),
            bars: console.bars.clone(),
        };
        if let Some(failure) = asked.would_have_to_be_built(unbuilt) {
            return Err(failure);
        }
        asked.build_sources(&allowed)?;
        Ok(asked)
    }

    pub(super) fn offline(&self) -> bool {
        self.settings.offline
    }

    /// The versions and wheels for one target: from the lock where there is one, else resolved.
    pub(super) fn choose(&self, target: &Target) -> Result<Chosen, Failure> {
        if let Some(lock) = &self.lock {
            return self.choose_from(lock, &self.locked(lock, target)?, target);
        }
        if let Some(project) = &self.project {
            project.admits(target)?;
        }
        judge_local(&self.local, target, self.today)?;
        let _busy = Busy::new(&self.bars, &format!("resolving {} for {target}", self.source.name));
        let resolution = resolve(&self.wants(target)?, target, &self.packages(target), &self.policy);
        let mut resolution = resolution.map_err(|error| self.without_resolution(error, target))?;
        self.note_built(&mut resolution);
        self.variables_are_met(&resolution)?;
        self.without_sdk(self.is_something(resolution, target, None)?, target)
    }

    /// What the lock installs on one target, once it is known to satisfy the source. No index is asked.
    pub(crate) fn locked(&self, lock: &LockFile, target: &Target) -> Result<LockedSet, Failure> {
        if let Some(project) = self.project.as_ref().filter(|_| !lock.frozen) {
            project.admits(target)?;
        }
        self.wants(target)?.agree_with_below(target)?;
        let mut set = lock.select(target, &self.source.selection, &self.environment)?;
        match lock.lock.pylock() {
            _ if lock.frozen => {}
            Some(pylock) => {
                pylock
                    .satisfies(&self.wants(target)?, target)
                    .map_err(|stale| Failure::from(stale).help(format!("run layerpack lock {}", self.source.text())))?;
                self.names_the_same(lock, pylock)?;
                self.chooses_the_same(lock, pylock)?;
            }
            None => set.take_local(&self.local_of(&set, target)?)?,
        }
        self.leave_out(&mut set);
        Ok(set)
    }

    /// The wheels beside a lock, and those that were built for it and are wanted on a target.
    fn local_of(&self, set: &LockedSet, target: &Target) -> Result<Vec<LocalWheel>, Failure> {
        let built_for_others = |wheel: &LocalWheel| {
            let is_built = self.built.iter().any(|built| built.path == wheel.path);
            is_built && !set.buildable().any(|(name, ..)| *name == wheel.filename.name)
        };
        Ok(self.wants(target)?.local.into_iter().filter(|wheel| !built_for_others(wheel)).collect())
    }

    /// The wheels of a lock. Where it says not where its files are, the index is asked.
    pub(crate) fn choose_from(&self, lock: &LockFile, set: &LockedSet, target: &Target) -> Result<Chosen, Failure> {
        let mut resolution = set.resolution(&self.lock_indexes(set))?;
        self.take_what_is_below(&mut resolution, lock, target)?;
        self.name_lines(&mut resolution, target);
        self.note_built(&mut resolution);
        self.not_too_new(&resolution, lock)?;
        if let Some(pin) = resolution.pins.iter().find(|pin| self.policy.require_hashes && pin.sha256.is_none()) {
            let message =
                format!("{} has no sha256 for {}, and every file must have one", lock.path.display(), pin.wheel);
            return Err(Failure::new(Code::HashMismatch, message)
                .help("lock from an index that publishes sha256 digests, or leave --require-hashes out"));
        }
        self.without_sdk(self.is_something(resolution, target, Some(lock.name()))?, target)
    }

    /// Says of what a lock has which requirement lines ask for it, where there are such lines.
    fn name_lines(&self, resolution: &mut Resolution, target: &Target) {
        let environment = marker_environment(target);
        let there = |name: &DistName| resolution.pins.iter().any(|pin| pin.name == *name);
        let lines = self.file.requirements.iter().filter(|line| line.marker.evaluate(&environment, &[]));
        let lines = lines.filter(|line| there(&line.name)).map(|line| Link {
            from: Asker::Line(line.place.clone()),
            to: line.name.clone(),
            wanted: line.wanted(),
        });
        let lines: Vec<Link> = lines.collect();
        let by_line: BTreeSet<DistName> = lines.iter().map(|link| link.to.clone()).collect();
        if !lines.is_empty() {
            let by_packages: BTreeSet<DistName> =
                resolution.pins.iter().flat_map(|pin| &pin.dependencies).cloned().collect();
            // What no line asks for and no package, the lock goes on to ask for.
            resolution.links.retain(|link| match link.from {
                Asker::Line(_) => !by_line.contains(&link.to) && !by_packages.contains(&link.to),
                Asker::Package(..) => true,
            });
            resolution.links.splice(0..0, lines);
        }
    }

    /// Who is asked for packages on a target, where there is no lock.
    pub(super) fn packages(&self, target: &Target) -> PinnedPackages<'_> {
        self.pins.on(target, &self.index)
    }

    /// The URL of the index that a pin of a resolution came from. Its page has been read by now, so nothing is fetched.
    pub(crate) fn index_of(&self, pin: &Pin, target: &Target) -> Result<Option<String>, Failure> {
        let packages = self.packages(target);
        let project = packages.project(&pin.name)?;
        let pinned = packages.pinned(&pin.name).is_some();
        // Not the first index alone may have served it.
        let wheel = pin.wheel.to_string();
        let file = project.files.iter().find(|file| *file.filename == *wheel && file.sha256 == pin.sha256);
        let ranked = file.and_then(|file| self.settings.indexes.get(usize::from(file.rank))).filter(|_| !pinned);
        Ok(match &project.from {
            Source::Index(_) if ranked.is_some() => ranked.map(ToString::to_string),
            Source::Index(url) => Some(url.clone()),
            Source::FindLinks => None,
        })
    }

    /// Takes what is excluded out of a lock. What it was made without is gone already, and said again.
    pub(super) fn leave_out(&self, set: &mut LockedSet) {
        let before = self.lock.as_ref().map(LockFile::made_without).unwrap_or_default();
        let lines = self.file.requirements.iter().map(|line| line.name.clone());
        let now: BTreeSet<DistName> = self.excludes.difference(&before).cloned().collect();
        set.exclude(&now, &lines.collect());
        set.made_without(&before);
    }

    /// Who is asked for the files of the lock.
    pub(super) fn lock_indexes(&self, set: &LockedSet) -> LockIndexes<'_> {
        LockIndexes::new(&self.index, &self.settings, self.indexes_by_user, set)
    }

    /// What the resolver is asked for.
    pub(crate) fn wants(&self, target: &Target) -> Result<Wants, Failure> {
        let below = self.below_on(target).map(|below| below.packages(target)).collect::<Result<Vec<_>, _>>()?;
        Ok(Wants {
            requirements: self.file.requirements.clone(),
            constraints: self.file.constraints.iter().map(by_address).collect(),
            overrides: self.overrides.iter().map(by_address).collect(),
            excludes: self.excludes.clone(),
            below: below.into_iter().flatten().collect(),
            local: self.local.iter().filter(|local| local.holds_on(target)).map(|local| local.wheel.clone()).collect(),
            ..Wants::default()
        })
    }

    /// The layers that it lies on there, the lowest first.
    pub(crate) fn below_on<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = &'a Below> {
        self.below.iter().filter(|below| below.counts_on(target))
    }

    /// Packages of which nobody asks whether their requirements are met: excluded ones, and those that overrides stand in
    /// for.
    pub(crate) fn left_open(&self) -> BTreeSet<DistName> {
        self.excludes.iter().chain(self.overrides.iter().map(|line| &line.name)).cloned().collect()
    }

    /// The indexes, without credentials.
    pub(super) fn index_urls(&self) -> Vec<&str> {
        self.settings.indexes.iter().map(IndexUrl::without_credentials).collect()
    }

    /// A digest of the packages, extras and markers that the source names.
    pub(crate) fn digest(&self) -> String {
        digest_of(&self.file, &self.local, self.pins.lines())
    }
}

/// A wheel on disk that a constraint or override names is wanted only where its package is: it is as good as one at an
/// address.
fn by_address(line: &Requirement) -> Requirement {
    let mut line = line.clone();
    if let RequirementSource::Path(path) = &line.source
        && let Some(url) = std::path::absolute(path).ok().as_deref().and_then(DirectUrl::of_file)
    {
        line.source = RequirementSource::Url { url, sha256: None };
    }
    line
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
    let what = source.requirements.first().map_or_else(|| source.folder.display().to_string(), Location::to_string);
    Failure::new(Code::NothingToBuild, format!("{what} names no package"))
        .help("write one requirement per line, for example: requests>=2.32")
}

//! What one layer is asked to hold, read once, and what it takes on each target: the part that `build`, `resolve`,
//! `lock` and `fetch` share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_compat::{Code, Date, Finding, Origin, Severity, Target, Verdict, advise, judge, verdict_of};
use pypi_resolve::index::Index;
use pypi_resolve::lock::PyLock;
use pypi_resolve::requirements::{
    Disk, Requirement, RequirementSource, RequirementsFile, marker_environment, read_requirements_with,
};
use pypi_resolve::resolve::{LocalWheel, Policy, Resolution, Wants, resolve};
use wheel_archive::{FileAt, Inspection, Manifest, Sha256, Store, inspect};
use wheel_tags::{DistName, WheelFilename};

use crate::args::{IndexArgs, LockUseArgs, ResolveArgs, TargetArgs};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::{LayerSource, Targets, policy, settle_index, source_targets};
use crate::report::{Console, refusal};

/// The flags that say what a layer takes.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) target: &'a TargetArgs,
    pub(crate) resolve: &'a ResolveArgs,
    pub(crate) index: &'a IndexArgs,
    /// None where a lock is not looked at: `lock` itself.
    pub(crate) lock: Option<&'a LockUseArgs>,
}

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

/// A wheel of the source, inspected.
pub(crate) struct LocalManifest {
    pub(crate) wheel: LocalWheel,
    pub(crate) manifest: Manifest,
    /// The line that names it, where it does not simply lie there.
    line: Option<Requirement>,
}

/// The pylock.toml that is used.
pub(crate) struct LockFile {
    pub(crate) path: PathBuf,
    pub(crate) lock: PyLock,
    /// Taken without looking at the source.
    pub(crate) frozen: bool,
}

/// What a layer takes on one target.
pub(crate) struct Chosen {
    pub(crate) resolution: Resolution,
    pub(crate) from_lock: bool,
}

impl Asked {
    /// Reads a layer's source. Opens no socket.
    pub(crate) fn read(
        source: LayerSource,
        asking: Asking<'_>,
        environment: &Environment,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        for warning in &source.warnings {
            console.finding(warning);
        }
        let file = read_files(&source, environment, console)?;
        let lock = read_lock(&source, asking.lock)?;
        let local = read_wheels(&source, &file)?;
        let filenames: Vec<WheelFilename> = local.iter().map(|l| l.wheel.filename.clone()).collect();
        let by_lock = lock.as_ref().map(|l| (l.path.as_path(), l.lock.targets.as_slice()));
        let targets = source_targets(asking.target, environment, &source.folder, by_lock, &filenames)?;

        let settled = settle_index(asking.index, environment, &file.options)?;
        for warning in &settled.warnings {
            console.finding(warning);
        }
        let policy = policy(asking.resolve, environment, &file)?;
        let cache_dir = settled.settings.cache_dir.clone();
        let store = Store::new(cache_dir.clone());
        let index = Index::new(settled.settings, store.clone());
        let nothing = file.requirements.is_empty() && local.is_empty() && lock.is_none();
        if nothing && source.python_tree.is_none() && source.opt_tree.is_none() {
            let what = source.requirements.first().map_or(source.folder.as_path(), PathBuf::as_path);
            return Err(Failure::new(Code::NothingToBuild, format!("{} names no package", what.display()))
                .help("write one requirement per line, for example: requests>=2.32"));
        }
        let today = environment.today()?;
        Ok(Self { source, file, local, lock, index, store, cache_dir, policy, targets, today })
    }

    /// The versions and wheels for one target: from the lock where there is one, else resolved.
    pub(crate) fn choose(&self, target: &Target) -> Result<Chosen, Failure> {
        let Some(lock) = &self.lock else {
            self.judge_local(target)?;
            let resolution = resolve(&self.wants(target), target, &self.index, &self.policy).map_err(Failure::from)?;
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

    /// The wheels that lie in the source are there to be packed. Where none of a project's files loads, that is said
    /// in full: the resolver would only know that their tags do not fit.
    fn judge_local(&self, target: &Target) -> Result<(), Failure> {
        let lies_there = |local: &&LocalManifest| local.line.is_none();
        let judged: Vec<(&LocalManifest, Vec<Finding>)> = self
            .local
            .iter()
            .filter(lies_there)
            .map(|local| (local, judge(&local.manifest.facts(Origin::Unverified), target)))
            .collect();
        let loads = |name: &DistName| {
            let files = judged.iter().filter(|(local, _)| local.wheel.filename.name == *name);
            files.into_iter().any(|(_, findings)| verdict_of(findings) != Verdict::Fails)
        };
        let refused: Vec<_> = judged.iter().filter(|(local, _)| !loads(&local.wheel.filename.name)).collect();
        let mut errors = refused.iter().flat_map(|(_, findings)| findings).filter(|f| f.severity == Severity::Error);
        let Some(first) = errors.next() else { return Ok(()) };
        let said: Vec<String> = refused
            .iter()
            .map(|(local, findings)| {
                let help = advise(&local.manifest.facts(Origin::Unverified), target, self.today);
                refusal(&local.wheel.path.display().to_string(), target, findings, help.as_deref(), false)
            })
            .collect();
        Err(Failure::new(first.code, said.join("\n")))
    }

    /// What the resolver is asked for.
    fn wants(&self, target: &Target) -> Wants {
        let environment = marker_environment(target);
        let holds = |local: &&LocalManifest| {
            local.line.as_ref().is_none_or(|line: &Requirement| line.marker.evaluate(&environment, &[]))
        };
        Wants {
            requirements: self.file.requirements.clone(),
            constraints: self.file.constraints.clone(),
            overrides: Vec::new(),
            local: self.local.iter().filter(holds).map(|local| local.wheel.clone()).collect(),
        }
    }

    /// A digest of what decides which packages a lock must hold. Specifiers are not in it, since a lock is held against
    /// each of them; of extras, markers and lines that are gone it could not tell.
    pub(crate) fn digest(&self) -> String {
        let mut lines: BTreeSet<String> =
            self.local.iter().map(|local| local.wheel.filename.name.to_string()).collect();
        lines.extend(self.file.requirements.iter().map(|line| {
            let extras: Vec<&str> = line.extras.iter().map(DistName::as_str).collect();
            format!("{}[{}] ; {}", line.name, extras.join(","), line.marker.try_to_string().unwrap_or_default())
        }));
        let lines: Vec<String> = lines.into_iter().collect();
        format!("sha256:{}", Sha256::of(lines.join("\n").as_bytes()))
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

fn read_files(
    source: &LayerSource,
    environment: &Environment,
    console: &mut Console,
) -> Result<RequirementsFile, Failure> {
    let variable = |name: &str| environment.var(name).map(str::to_owned);
    let read = |path: &Path| read_requirements_with(path, &Disk, &variable).map_err(Failure::from);
    let mut all = RequirementsFile::default();
    for path in &source.requirements {
        let file = read(path)?;
        all.requirements.extend(file.requirements);
        all.constraints.extend(file.constraints);
        all.ignored.extend(file.ignored);
        // Options of several files: the last --index-url wins, as within one file.
        let mut options = file.options;
        options.extra_index_urls.splice(0..0, std::mem::take(&mut all.options.extra_index_urls));
        options.find_links.splice(0..0, std::mem::take(&mut all.options.find_links));
        options.index_url = options.index_url.or_else(|| all.options.index_url.take());
        options.no_index = options.no_index.or_else(|| all.options.no_index.take());
        options.pre = options.pre.or_else(|| all.options.pre.take());
        options.require_hashes = options.require_hashes.or_else(|| all.options.require_hashes.take());
        all.options = options;
    }
    for path in &source.constraints {
        let file = read(path)?;
        all.constraints.extend(file.requirements);
        all.constraints.extend(file.constraints);
    }
    for ignored in &all.ignored {
        let message = format!("{}: {} is ignored: {}", ignored.place, ignored.option, ignored.reason);
        console.finding(&Finding::warning(Code::UnknownOption, message));
    }
    Ok(all)
}

fn read_lock(source: &LayerSource, use_of: Option<&LockUseArgs>) -> Result<Option<LockFile>, Failure> {
    let Some(use_of) = use_of else { return Ok(None) };
    let Some(path) = &source.lock else {
        if use_of.locked || use_of.frozen {
            let flag = if use_of.locked { "--locked" } else { "--frozen" };
            let place = source.lock_path();
            return Err(Failure::new(Code::StaleLock, format!("{flag} is given, and there is no {}", place.display()))
                .help(format!("write it with layerpack lock {}", source.text())));
        }
        return Ok(None);
    };
    let lock = PyLock::read(path).map_err(Failure::from)?;
    Ok(Some(LockFile { path: path.clone(), lock, frozen: use_of.frozen }))
}

/// The wheels that lie in the source and those that requirement lines name by path, each inspected once.
fn read_wheels(source: &LayerSource, file: &RequirementsFile) -> Result<Vec<LocalManifest>, Failure> {
    let named = file.requirements.iter().filter_map(|requirement| match &requirement.source {
        RequirementSource::Path(path) => Some((path.clone(), Some(requirement))),
        _ => None,
    });
    let mut wheels: Vec<(PathBuf, Option<&Requirement>)> = Vec::new();
    for (path, line) in source.wheels.iter().map(|path| (path.clone(), None)).chain(named) {
        let same = |other: &Path| other == path || fs_err::canonicalize(other).ok() == fs_err::canonicalize(&path).ok();
        if !wheels.iter().any(|(other, _)| same(other)) {
            wheels.push((path, line));
        }
    }
    wheels.into_iter().map(|(path, line)| read_wheel(path, line)).collect()
}

fn read_wheel(path: PathBuf, line: Option<&Requirement>) -> Result<LocalManifest, Failure> {
    let by = line.map(|line| format!("{}: ", line.place)).unwrap_or_default();
    if !path.is_file() {
        return Err(Failure::new(Code::Missing, format!("{by}{}: no such file", path.display()))
            .help("check the path; it is relative to the folder of the requirements file"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let filename: WheelFilename =
        name.parse().map_err(|error| Failure::new(Code::WheelFilename, format!("{by}{}: {error}", path.display())))?;
    let bytes = FileAt::open(&path)?;
    let manifest = match inspect(&filename, None, &bytes)? {
        Inspection::Sound(manifest) => *manifest,
        Inspection::Malformed(findings) => return Err(malformed(&path.display().to_string(), &findings)),
    };
    let wheel = LocalWheel {
        path,
        filename,
        sha256: manifest.sha256,
        size: manifest.size,
        metadata: Arc::new(manifest.metadata.clone()),
    };
    Ok(LocalManifest { wheel, manifest, line: line.cloned() })
}

/// A wheel that is no sound archive ends the run: all of its findings in one message.
pub(crate) fn malformed(file: &str, findings: &[Finding]) -> Failure {
    let code = findings.first().map_or(Code::NotAZip, |finding| finding.code);
    let mut message = format!("{file} is not a sound wheel");
    for finding in findings {
        message.push_str(&format!("\n  {}  {}", finding.code, finding.message));
    }
    Failure::new(code, message).maybe_help(findings.iter().find_map(|finding| finding.help.clone()))
}

//! Which targets a run is for, and who named them.

use std::fmt;
use std::path::{Path, PathBuf};

use lambda_compat::{Arch, Code, Date, Finding, Origin, RuntimeName, Stage, Target, default_runtime, runtimes};
use wheel_archive::{read_bounded, with_slashes};
use wheel_tags::WheelFilename;

use crate::args::TargetArgs;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::Configured;
use crate::plan::platform::platform_arches;

/// Who named a runtime or an architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asker {
    Flags,
    Variable(&'static str),
    /// The configuration file.
    Configuration(PathBuf),
    Lock(PathBuf),
    PythonVersionFile(PathBuf),
    LocalWheels,
    Nobody,
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flags => f.write_str("as asked"),
            Self::Variable(name) => f.write_str(name),
            Self::Configuration(path) | Self::Lock(path) | Self::PythonVersionFile(path) => {
                f.write_str(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
            }
            Self::LocalWheels => f.write_str("the only one that the local wheels admit"),
            Self::Nobody => f.write_str("nobody named one"),
        }
    }
}

/// The targets of a run, in the order they were named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Targets {
    pub(crate) all: Vec<Target>,
    pub(crate) runtime_by: Asker,
    pub(crate) arch_by: Asker,
}

impl Targets {
    /// What to tell the user where a runtime or architecture is only Lambda's default.
    pub(crate) fn advice(&self) -> Option<String> {
        let target = self.all.first()?;
        let (what, flags) = match (&self.runtime_by, &self.arch_by) {
            (Asker::Nobody, Asker::Nobody) => ("a target", "--runtime and --arch"),
            (Asker::Nobody, _) => ("a runtime", "--runtime"),
            (_, Asker::Nobody) => ("an architecture", "--arch"),
            _ => return None,
        };
        Some(format!("nobody named {what}: this is for {target}; pin it with {flags}"))
    }
}

/// The targets of `build`, `resolve`, `lock` and `fetch`: flags, environment, configuration, the lock, `.python-version`
/// above the source, local wheels that admit only one, else Lambda's defaults.
pub(crate) fn source_targets(
    args: &TargetArgs,
    configured: &Configured,
    environment: &Environment,
    source: &Path,
    lock: Option<(&Path, &[Target])>,
    wheels: &[WheelFilename],
) -> Result<Targets, Failure> {
    let lock_runtimes: Vec<_> = lock.iter().flat_map(|(_, targets)| targets.iter().map(|t| t.runtime.name)).collect();
    let lock_arches: Vec<_> = lock.iter().flat_map(|(_, targets)| targets.iter().map(|t| t.arch)).collect();
    let by_lock = |(path, _): (&Path, &[Target])| Asker::Lock(path.to_path_buf());

    let (runtimes, runtime_by) = if let Some(named) = named_runtimes(args, configured, environment)? {
        named
    } else if let Some(lock) = lock.filter(|_| !lock_runtimes.is_empty()) {
        (lock_runtimes, by_lock(lock))
    } else if let Some((runtime, path)) = python_version_file(source)? {
        (vec![runtime], Asker::PythonVersionFile(path))
    } else if let Some(runtime) = only(admitted(wheels).map(|t| t.runtime.name)) {
        (vec![runtime], Asker::LocalWheels)
    } else {
        (vec![default_runtime().name], Asker::Nobody)
    };

    let (arches, arch_by) = if let Some(named) = named_arches(args, configured, environment)? {
        named
    } else if let Some(lock) = lock.filter(|_| !lock_arches.is_empty()) {
        (lock_arches, by_lock(lock))
    } else if let Some(arch) = only(admitted(wheels).filter(|t| runtimes.contains(&t.runtime.name)).map(|t| t.arch)) {
        (vec![arch], Asker::LocalWheels)
    } else {
        // Lambda's own default where a function names no architecture.
        (vec![Arch::X86_64], Asker::Nobody)
    };
    Ok(Targets { all: product(&runtimes, &arches), runtime_by, arch_by })
}

/// The targets of `check`, and what of them must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckTargets {
    /// By runtime, then by architecture.
    pub(crate) all: Vec<Target>,
    demand: Demand,
}

/// What was named must be met; of what was not, one will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Runtimes were named: every target.
    Every,
    /// Only architectures were named: on each of them, some runtime.
    SomeOnEachArch,
    /// Nothing was named: some target.
    Some,
}

impl CheckTargets {
    /// Targets that must all be met.
    pub(crate) fn named(all: Vec<Target>) -> Self {
        Self { all, demand: Demand::Every }
    }

    /// Nobody named a runtime: the answer is which of them do.
    pub(crate) fn are_a_matrix(&self) -> bool {
        self.demand != Demand::Every && self.all.len() > 1
    }

    /// Whether enough of the targets are good.
    pub(crate) fn are_met(&self, good: impl Fn(&Target) -> bool) -> bool {
        match self.demand {
            Demand::Every => self.all.iter().all(good),
            Demand::SomeOnEachArch => self.unmet_arch(good).is_none(),
            Demand::Some => self.all.iter().any(good),
        }
    }

    /// A named architecture without any good target.
    pub(crate) fn unmet_arch(&self, good: impl Fn(&Target) -> bool) -> Option<Arch> {
        let arches = self.all.iter().map(|target| target.arch);
        let met = |arch: Arch| self.all.iter().any(|target| target.arch == arch && good(target));
        arches.into_iter().find(|arch| !met(*arch))
    }
}

/// The targets of `check`: flags, environment and configuration only; without any, every live runtime, and both
/// architectures.
pub(crate) fn check_targets(
    args: &TargetArgs,
    configured: &Configured,
    environment: &Environment,
) -> Result<CheckTargets, Failure> {
    let today = environment.today()?;
    let every = args.runtime.iter().any(|r| r == "all");
    let runtimes_named = if every { None } else { named_runtimes(args, configured, environment)? };
    let arches_named = named_arches(args, configured, environment)?;
    let demand = match (&runtimes_named, &arches_named) {
        (Some(_), _) => Demand::Every,
        (None, Some(_)) => Demand::SomeOnEachArch,
        (None, None) => Demand::Some,
    };
    let names = match runtimes_named {
        Some((names, _)) => names,
        None => runtimes().iter().filter(|r| every || r.is_live(today)).map(|r| r.name).collect(),
    };
    if names.is_empty() {
        return Err(Failure::new(
            Code::UnknownTarget,
            format!("on {today} no runtime is live that this layerpack knows"),
        )
        .help("name one with --runtime, or --runtime all; or update layerpack"));
    }
    let arches = arches_named.map_or_else(|| Arch::ALL.to_vec(), |(arches, _)| arches);
    Ok(CheckTargets { all: product(&names, &arches), demand })
}

/// A warning for every runtime among these that is past its deprecation date, or is only a preview.
pub(crate) fn runtime_dates(targets: &[Target], today: Date) -> Vec<Finding> {
    let mut warned: Vec<RuntimeName> = Vec::new();
    let mut warnings = Vec::new();
    for profile in targets.iter().map(|target| target.runtime).filter(|profile| !profile.is_live(today)) {
        if warned.contains(&profile.name) {
            continue;
        }
        warned.push(profile.name);
        warnings.push(match (&profile.deprecated, profile.stage.value) {
            (_, Stage::Preview) => {
                let message = format!("{} is a preview: its Python may still change its ABI", profile.name);
                Finding::warning(Code::RuntimeDates, message).evidence(&profile.stage)
            }
            (Some(date), Stage::GenerallyAvailable) => {
                let message = format!("{} is deprecated since {}", profile.name, date.value);
                let blocked = profile.block_update.as_ref();
                let warning = Finding::warning(Code::RuntimeDates, message).evidence(date);
                match blocked.map(|day| day.value) {
                    Some(day) if day <= today => {
                        warning.help(format!("functions that use it can no longer be updated since {day}"))
                    }
                    Some(day) => warning.help(format!("functions that use it can be updated until {day}")),
                    None => warning,
                }
            }
            (None, Stage::GenerallyAvailable) => continue,
        });
    }
    warnings
}

/// The one target that flags name, if they name one.
pub(crate) fn one_target(args: &TargetArgs) -> Result<Option<Target>, Failure> {
    let runtimes = args
        .runtime
        .iter()
        .chain(&args.python_version)
        .map(|text| text.parse::<RuntimeName>().map_err(|e| Failure::new(Code::UnknownTarget, e.to_string())));
    let arches =
        args.arch.iter().map(|text| text.parse::<Arch>().map_err(|e| Failure::new(Code::UnknownTarget, e.to_string())));
    let (runtimes, arches) = (runtimes.collect::<Result<Vec<_>, _>>()?, arches.collect::<Result<Vec<_>, _>>()?);
    match (runtimes.as_slice(), arches.as_slice()) {
        ([], []) => Ok(None),
        ([runtime], [arch]) => Ok(Some(Target::new(*runtime, *arch))),
        _ => Err(Failure::new(Code::Usage, "one target is compared at a time")
            .help("name one --runtime and one --arch, or neither")),
    }
}

fn named_runtimes(
    args: &TargetArgs,
    configured: &Configured,
    environment: &Environment,
) -> Result<Option<(Vec<RuntimeName>, Asker)>, Failure> {
    let flags: Vec<String> = args.runtime.iter().chain(&args.python_version).cloned().collect();
    let variable = environment.list("LAYERPACK_RUNTIME");
    let (texts, asker) = match (flags.is_empty(), variable.is_empty()) {
        (false, _) => (flags, Asker::Flags),
        (true, false) => (variable, Asker::Variable("LAYERPACK_RUNTIME")),
        (true, true) => match configured.said(&configured.asking.target.runtime) {
            Some(named) => named,
            None => return Ok(None),
        },
    };
    let names = texts
        .iter()
        .map(|text| text.parse::<RuntimeName>().map_err(|e| Failure::new(Code::UnknownTarget, e.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Some((names, asker)))
}

fn named_arches(
    args: &TargetArgs,
    configured: &Configured,
    environment: &Environment,
) -> Result<Option<(Vec<Arch>, Asker)>, Failure> {
    let by_platform = platform_arches(args)?;
    if args.arch.is_empty() && !by_platform.is_empty() {
        return Ok(Some((by_platform, Asker::Flags)));
    }
    let variable = environment.list("LAYERPACK_ARCH");
    let (texts, asker) = match (args.arch.is_empty(), variable.is_empty()) {
        (false, _) => (args.arch.clone(), Asker::Flags),
        (true, false) => (variable, Asker::Variable("LAYERPACK_ARCH")),
        (true, true) => match configured.said(&configured.asking.target.arch) {
            Some(named) => named,
            None => return Ok(None),
        },
    };
    let arches = texts
        .iter()
        .map(|text| text.parse::<Arch>().map_err(|e| Failure::new(Code::UnknownTarget, e.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Some((arches, asker)))
}

/// Bytes of a `.python-version`: a line or a few.
const LARGEST: u64 = 1 << 20;

/// The nearest `.python-version` in the source's folder or above it, as pyenv and uv read it.
fn python_version_file(source: &Path) -> Result<Option<(RuntimeName, PathBuf)>, Failure> {
    let start = fs_err::canonicalize(source)?;
    for folder in start.ancestors() {
        let path = folder.join(".python-version");
        if !path.is_file() {
            continue;
        }
        let bytes = read_bounded(&path, LARGEST).map_err(|error| {
            Failure::io(&error).help("write the version into its first line, or name the runtime with --runtime")
        })?;
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let bare = line.trim_start_matches("cpython").trim_start_matches("python").trim_start_matches(['@', '-']);
            let mut parts = bare.split('.');
            let (Some(major), Some(minor)) = (parts.next(), parts.next()) else { continue };
            let name = format!("{major}.{minor}").parse::<RuntimeName>().map_err(|e| {
                Failure::new(Code::UnknownTarget, format!("{} names {line}: {e}", with_slashes(&path)))
                    .help("name the runtime with --runtime")
            })?;
            return Ok(Some((name, path)));
        }
    }
    Ok(None)
}

/// The targets on which every one of the local wheels has a fitting tag, file by file of the same project.
fn admitted(wheels: &[WheelFilename]) -> impl Iterator<Item = Target> {
    let every = runtimes().iter().flat_map(|r| Arch::ALL.iter().map(|arch| Target::new(r.name, *arch)));
    every.filter(|target| {
        !wheels.is_empty()
            && wheels.iter().all(|wheel| {
                let same = wheels.iter().filter(|other| other.name == wheel.name);
                same.into_iter().any(|other| target.rank(&other.tags, Origin::Unverified).is_ok())
            })
    })
}

/// The value, if all are the same.
fn only<T: PartialEq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values = values;
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn product(runtimes: &[RuntimeName], arches: &[Arch]) -> Vec<Target> {
    each_once(runtimes.iter().flat_map(|runtime| arches.iter().map(|arch| Target::new(*runtime, *arch))))
}

/// Targets in their order, each where it comes first.
pub(crate) fn each_once(all: impl Iterator<Item = Target>) -> Vec<Target> {
    let mut targets = Vec::new();
    for target in all {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

//! What to do about a wheel that does not load: a target that loads it, else what to rebuild it for.

use wheel_tags::{AbiFlags, AbiTag, PlatformTag, PythonTag, TagSet};

use super::judge;
use crate::code::Code;
use crate::elf::Binary;
use crate::finding::{Finding, Severity, Verdict, verdict_of};
use crate::layer::{Layer, WheelFacts};
use crate::profile::{Date, Profile, RuntimeName, Stage, runtime, runtimes};
use crate::rank::Mismatch;
use crate::target::{Arch, GlibcVersion, Target};

/// What to do about a wheel that does not load on a target: which live runtimes load it, nearest above first, else what to
/// rebuild it for. A runtime is said to load it only after [`judge`] has passed exactly that. `None` where nothing keeps
/// it from loading.
#[must_use]
pub fn advise(layer: &Layer<'_>, wheel: &WheelFacts<'_>, target: &Target, today: Date) -> Option<String> {
    advise_by(|target| judge(layer, wheel, target), wheel, target, today)
}

/// As [`advise`], where whoever asks has the last word on what is found: `judge` says what keeps the wheel from loading
/// on a target, exceptions already left out.
#[must_use]
pub fn advise_by(
    judge: impl Fn(&Target) -> Vec<Finding>,
    wheel: &WheelFacts<'_>,
    target: &Target,
    today: Date,
) -> Option<String> {
    let findings = judge(target);
    if verdict_of(&findings) != Verdict::Fails {
        return None;
    }
    let broken: Vec<Code> = findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.code).collect();
    // The processor is the harder thing to change: first the same one on another runtime.
    for arch in [target.arch, target.arch.other()] {
        let loading = loading(&judge, arch);
        if let Some(names) = name_live(&loading, target.runtime.name, today) {
            // No rebuilding helps against the wheel's own Requires-Python.
            let stay = if arch == target.arch || broken.contains(&Code::RequiresPython) {
                String::new()
            } else {
                format!("; to stay on {}, rebuild it for {}", target.arch, same_runtime(wheel, target, &broken))
            };
            return Some(format!("loads on {names} · {arch}{stay}"));
        }
    }
    let newer = if broken.contains(&Code::Glibc) { newer_runtime(wheel, target, &broken, today) } else { None };
    let nowhere = retired(&judge, target).unwrap_or_else(|| {
        // A pin to one Python is the reason only where another runtime would do otherwise.
        let pin = if newer.is_some() || broken.contains(&Code::PythonTag) { pin(wheel, target) } else { None };
        let known = if may_load(&judge) { "is known to load" } else { "loads" };
        format!("no Lambda runtime {known} this file{}", pin.unwrap_or_default())
    });
    Some(format!("{nowhere}. {}", remedy(wheel, target, &broken, newer)))
}

/// Every runtime, live or not, that loads the wheel on this architecture, oldest first.
fn loading(judge: &impl Fn(&Target) -> Vec<Finding>, arch: Arch) -> Vec<&'static Profile> {
    let loads = |runtime| verdict_of(&judge(&Target { runtime, arch })) == Verdict::Loads;
    runtimes().iter().filter(|runtime| loads(runtime)).collect()
}

/// The live ones of these, nearest above `from` first; where there are any from there up, only those.
fn name_live(loading: &[&Profile], from: RuntimeName, today: Date) -> Option<String> {
    let live = || loading.iter().filter(|runtime| runtime.is_live(today)).map(|runtime| runtime.name);
    let mut names: Vec<_> = live().filter(|name| *name >= from).collect();
    if names.is_empty() {
        names = live().collect();
        names.reverse();
    }
    let first = *names.first()?;
    let newer: Vec<_> = RuntimeName::all().filter(|name| *name > first).collect();
    if names.len() > 1 && first >= from && newer.iter().all(|name| loading.iter().any(|runtime| runtime.name == *name))
    {
        return Some(format!("{first} and newer"));
    }
    Some(names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

/// Where nothing live loads it: the newest of the others that does.
fn retired(judge: &impl Fn(&Target) -> Vec<Finding>, target: &Target) -> Option<String> {
    [target.arch, target.arch.other()].into_iter().find_map(|arch| {
        let runtime = *loading(judge, arch).last()?;
        let name = runtime.name;
        let state = match (&runtime.deprecated, runtime.stage.value) {
            (_, Stage::Preview) => ", a preview,".to_owned(),
            (Some(date), Stage::GenerallyAvailable) => format!(", deprecated since {},", date.value),
            (None, Stage::GenerallyAvailable) => String::new(),
        };
        Some(format!("no live Lambda runtime loads this file; {name} · {arch}{state} does"))
    })
}

/// Whether some target's verdict is open.
fn may_load(judge: &impl Fn(&Target) -> Vec<Finding>) -> bool {
    let open = |runtime, arch| verdict_of(&judge(&Target { runtime, arch })) == Verdict::Unknown;
    runtimes().iter().any(|runtime| Arch::ALL.into_iter().any(|arch| open(runtime, arch)))
}

/// The one runtime that the wheel's tags bind it to.
fn pinned_to(tags: &TagSet) -> Option<RuntimeName> {
    let [PythonTag::CPython { major, minor: Some(minor) }] = tags.pythons.as_slice() else { return None };
    let bound = tags.abis.iter().all(|abi| match abi {
        AbiTag::None => true,
        AbiTag::CPython { flags, .. } => *flags == AbiFlags::default(),
        _ => false,
    });
    if bound { format!("{major}.{minor}").parse().ok() } else { None }
}

/// `: cp311 runs on python3.11 only`.
fn pin(wheel: &WheelFacts<'_>, target: &Target) -> Option<String> {
    let tags = &wheel.tags;
    let name = pinned_to(tags)?;
    let glibc = runtime(name).glibc.value;
    // The findings are about the target: what the wheel's own runtime lacks is not among them.
    let lacks =
        name != target.runtime.name && needed_glibc(wheel, &Target { runtime: runtime(name), ..*target }) > Some(glibc);
    let lacks = if lacks { format!(", which has glibc {glibc}") } else { String::new() };
    Some(format!(": {} runs on {name} only{lacks}", tags.pythons.first()?))
}

/// What could be done to the file, as a sentence.
fn remedy(wheel: &WheelFacts<'_>, target: &Target, broken: &[Code], newer: Option<String>) -> String {
    let only = |code: Code| broken.iter().all(|broken| *broken == code);
    if only(Code::DamagedBinary) {
        return "Download or build it again".to_owned();
    }
    if only(Code::RequiresPython) {
        return format!("Take another version of {}", wheel.name);
    }
    let newer = newer.map(|newer| format!(", or for {newer}")).unwrap_or_default();
    format!("Rebuild it for {}{newer}", same_runtime(wheel, target, broken))
}

/// What would load on the target: `cp312 or abi3 on manylinux2014_aarch64`.
fn same_runtime(wheel: &WheelFacts<'_>, target: &Target, broken: &[Code]) -> String {
    let (major, minor) = target.runtime.name.python();
    let any = wheel.tags.platforms.contains(&PlatformTag::Any) && wheel.native().next().is_none();
    // glibc 2.17: old enough for every runtime.
    let platform = format!("manylinux2014_{}", target.arch.tag());
    match (broken.contains(&Code::PythonTag), any) {
        (true, true) => format!("Python {major}"),
        (true, false) => format!("cp{major}{minor} or abi3 on {platform}"),
        (false, _) => platform,
    }
}

/// What would load on a newer live runtime whose glibc is new enough: `cp312 or abi3 on aarch64 and use python3.12 or newer
/// (glibc 2.34)`.
fn newer_runtime(wheel: &WheelFacts<'_>, target: &Target, broken: &[Code], today: Date) -> Option<String> {
    let needs = needed_glibc(wheel, target)?;
    let newer: Vec<_> =
        runtimes().iter().filter(|runtime| runtime.name > target.runtime.name && runtime.is_live(today)).collect();
    let fitting: Vec<_> = newer.iter().filter(|runtime| runtime.glibc.value >= needs).collect();
    let first = fitting.first()?;
    let (major, minor) = first.name.python();
    let all_newer = newer.iter().filter(|runtime| runtime.name > first.name).all(|r| r.glibc.value >= needs);
    let or_newer = if fitting.len() > 1 && all_newer { " or newer" } else { "" };
    let bound = pinned_to(&wheel.tags).is_some() || broken.contains(&Code::PythonTag);
    let python = if bound { format!("cp{major}{minor} or abi3 on ") } else { String::new() };
    Some(format!("{python}{} and use {}{or_newer} (glibc {})", target.arch.tag(), first.name, first.glibc.value))
}

/// The glibc that the wheel's tags or bytes ask for.
fn needed_glibc(wheel: &WheelFacts<'_>, target: &Target) -> Option<GlibcVersion> {
    let mismatches = target.rank(&wheel.tags, wheel.origin).err().unwrap_or_default();
    let tags = mismatches.iter().find_map(|m| if let Mismatch::Glibc { needs, .. } = m { Some(*needs) } else { None });
    let bytes = wheel.native().filter_map(|(_, binary)| match binary {
        Binary::Elf(facts) => facts.glibc(),
        _ => None,
    });
    tags.into_iter().chain(bytes).max()
}

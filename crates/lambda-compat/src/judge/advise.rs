//! What to do about a wheel that does not load: a target that loads it, else what to rebuild it for.

use wheel_tags::{AbiFlags, AbiTag, PlatformTag, PythonTag, TagSet};

use super::hint::instead_of;
use super::native::missing;
use super::{judge, judge_by_name};
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
    advise_except(layer, wheel, target, today, &|_| false)
}

/// As [`advise`], where findings are left out: a runtime loads the wheel if nothing else keeps it from that.
#[must_use]
pub fn advise_except(
    layer: &Layer<'_>,
    wheel: &WheelFacts<'_>,
    target: &Target,
    today: Date,
    left_out: &dyn Fn(&Finding) -> bool,
) -> Option<String> {
    let case = Case { layer, wheel, left_out };
    let findings = case.judge(target);
    if verdict_of(&findings) != Verdict::Fails {
        return None;
    }
    let broken: Vec<Code> = findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.code).collect();
    // The processor is the harder thing to change: first the same one on another runtime.
    for arch in [target.arch, target.arch.other()] {
        let loading = case.loading(arch);
        if let Some(names) = name_live(&loading, target.runtime.name, today) {
            // No rebuilding helps against the wheel's own Requires-Python.
            let stay = if arch == target.arch || broken.contains(&Code::RequiresPython) {
                String::new()
            } else {
                format!("; to stay on {}, {}", target.arch, remedy(layer, wheel, target, &broken, None))
            };
            return Some(format!("loads on {names} · {arch}{stay}"));
        }
    }
    let newer = if broken.contains(&Code::Glibc) { newer_runtime(wheel, target, &broken, today) } else { None };
    let nowhere = case.retired(target).unwrap_or_else(|| {
        // A pin to one Python is the reason only where another runtime would do otherwise.
        let pin = if newer.is_some() || broken.contains(&Code::PythonTag) { pin(wheel, target) } else { None };
        let known = if case.may_load() { "is known to load" } else { "loads" };
        format!("no Lambda runtime {known} this file{}", pin.unwrap_or_default())
    });
    Some(format!("{nowhere}. {}", sentence(&remedy(layer, wheel, target, &broken, newer))))
}

/// A wheel of a layer, and what is not held against it.
struct Case<'c> {
    layer: &'c Layer<'c>,
    wheel: &'c WheelFacts<'c>,
    left_out: &'c dyn Fn(&Finding) -> bool,
}

impl Case<'_> {
    fn judge(&self, target: &Target) -> Vec<Finding> {
        let mut findings = judge(self.layer, self.wheel, target);
        findings.retain(|finding| !(self.left_out)(finding));
        findings
    }

    /// The verdict on a target. The cheap question comes first: for most wheels the tags rule most runtimes out.
    fn verdict(&self, target: &Target) -> Verdict {
        let mut by_name = judge_by_name(self.wheel, target);
        by_name.retain(|finding| !(self.left_out)(finding));
        if verdict_of(&by_name) == Verdict::Fails { Verdict::Fails } else { verdict_of(&self.judge(target)) }
    }

    /// Every runtime, live or not, that loads the wheel on this architecture, oldest first.
    fn loading(&self, arch: Arch) -> Vec<&'static Profile> {
        runtimes().iter().filter(|runtime| self.verdict(&Target { runtime, arch }) == Verdict::Loads).collect()
    }

    /// Where nothing live loads it: the newest of the others that does.
    fn retired(&self, target: &Target) -> Option<String> {
        [target.arch, target.arch.other()].into_iter().find_map(|arch| {
            let runtime = *self.loading(arch).last()?;
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
    fn may_load(&self) -> bool {
        let open = |runtime, arch| self.verdict(&Target { runtime, arch }) == Verdict::Unknown;
        runtimes().iter().any(|runtime| Arch::ALL.into_iter().any(|arch| open(runtime, arch)))
    }
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

/// What could be done about the file: a lower-case fragment.
fn remedy(
    layer: &Layer<'_>,
    wheel: &WheelFacts<'_>,
    target: &Target,
    broken: &[Code],
    newer: Option<String>,
) -> String {
    let only = |code: Code| broken.iter().all(|broken| *broken == code);
    if only(Code::DamagedBinary) {
        return "download or build it again".to_owned();
    }
    if only(Code::RequiresPython) {
        return format!("take another version of {}", wheel.name);
    }
    if only(Code::MissingLibrary) {
        return bring(layer, wheel, target);
    }
    let newer = newer.map(|newer| format!(", or for {newer}")).unwrap_or_default();
    format!("rebuild it for {}{newer}", same_runtime(wheel, target, broken))
}

/// Where to get the libraries from, or what does without them.
fn bring(layer: &Layer<'_>, wheel: &WheelFacts<'_>, target: &Target) -> String {
    if let Some(instead) = instead_of(wheel.name.as_str()) {
        return format!("take {instead} in its place");
    }
    let libraries = missing(layer, wheel, target);
    let mut names = libraries.iter();
    let Some(first) = names.next() else { return "build it with the libraries that it needs".to_owned() };
    let (more, they) = match names.len() {
        0 => (String::new(), "it"),
        more => (format!(" and {more} more"), "them"),
    };
    let glibc = target.runtime.glibc.value;
    let arch = target.arch;
    format!(
        "put {first}{more} into the layer, where Lambda looks for {they}: opt/lib/{first} in its source, built for {arch} \
         and glibc {glibc} or older"
    )
}

fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What would load on the target: `cp312 or abi3 on manylinux2014_aarch64`.
fn same_runtime(wheel: &WheelFacts<'_>, target: &Target, broken: &[Code]) -> String {
    let (major, minor) = target.runtime.name.python();
    let any = wheel.tags.platforms.contains(&PlatformTag::Any) && wheel.native().next().is_none();
    // glibc 2.17: old enough for every runtime.
    let platform = format!("manylinux2014_{}", target.arch.tag());
    let python = broken.contains(&Code::PythonTag) || broken.contains(&Code::ModuleForOtherPython);
    match (python, any) {
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

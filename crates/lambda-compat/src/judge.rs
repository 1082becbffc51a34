//! Facts held against a target: does this wheel load there, and if not, what would.

mod advise;
mod hint;
mod loader;
mod loose;
mod native;
mod obstacle;
mod opened;
mod reached;
mod symbols;
mod use_of;

use std::cell::LazyCell;

use wheel_tags::PlatformTag;

pub use advise::{advise, advise_except};
pub use loose::judge_loose;

use self::reached::Reached;
use crate::code::Code;
use crate::finding::Finding;
use crate::layer::{Layer, WheelFacts};
use crate::target::{GlibcVersion, Target};

/// What keeps a wheel of the layer from loading on a target, and what may: sorted, without duplicates. The verdict is
/// [`verdict_of`](crate::verdict_of) these.
#[must_use]
pub fn judge(layer: &Layer<'_>, wheel: &WheelFacts<'_>, target: &Target) -> Vec<Finding> {
    let mut findings = judge_by_name(wheel, target);
    // What the tags say already need not be said of every file.
    let mut said: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    if said.contains(&Code::PythonTag) {
        said.push(Code::ModuleForOtherPython);
    }
    let promise = promised_glibc(wheel, target);
    // Python is read only where a file does not load or a source opens a library in vain: for most wheels, never.
    let reached = LazyCell::new(|| Reached::of(layer, wheel, target));
    let native = native::judge(layer, wheel, target, promise, || &*reached);
    findings.extend(native.into_iter().filter(|finding| !said.contains(&finding.code)));
    findings.extend(opened::judge(layer, wheel, target, || &*reached));
    findings.sort();
    findings.dedup();
    findings
}

/// What the wheel says of itself, in its name and its METADATA, that keeps it from loading on a target.
fn judge_by_name(wheel: &WheelFacts<'_>, target: &Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(mismatches) = target.rank(&wheel.tags, wheel.origin) {
        findings.extend(mismatches.iter().map(|m| m.cited(Finding::error(m.code(), m.to_string()))));
    }
    findings.extend(requires_python(wheel, target));
    findings.extend(variant(wheel));
    findings
}

fn requires_python(wheel: &WheelFacts<'_>, target: &Target) -> Option<Finding> {
    let specifiers = wheel.requires_python?;
    let python = &target.runtime.python_full;
    (!specifiers.contains(&python.value)).then(|| {
        let name = target.runtime.name;
        Finding::error(Code::RequiresPython, format!("requires Python {specifiers}; {name} has {}", python.value))
            .evidence(python)
    })
}

/// The label `null` stands for a build that asks nothing of the machine.
fn variant(wheel: &WheelFacts<'_>) -> Option<Finding> {
    let label = wheel.variant.filter(|label| *label != "null")?;
    Some(
        Finding::warning(
            Code::Variant,
            format!("wheel variant {label}: whether Lambda's processors have what it needs cannot be told"),
        )
        .help("take the wheel of this version without a variant label")
        .source("https://peps.python.org/pep-0825/"),
    )
}

/// The oldest glibc that the wheel's tags for this architecture promise to be enough.
fn promised_glibc(wheel: &WheelFacts<'_>, target: &Target) -> Option<GlibcVersion> {
    let promise = |platform: &PlatformTag| match platform {
        PlatformTag::Manylinux { major, minor, cpu, .. } if *cpu == target.arch.cpu() => {
            Some(GlibcVersion::new(*major, *minor))
        }
        _ => None,
    };
    wheel.tags.platforms.iter().filter_map(promise).min()
}

#[cfg(test)]
mod tests;

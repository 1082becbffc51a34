//! What the packed distributions require of each other.

use std::collections::HashMap;

use wheel_tags::{DistName, Version, VersionSpecifiers};

use super::judge::Surroundings;
use super::sites::below;
use super::{FUNCTION, Layer, WheelFacts};
use crate::code::Code;
use crate::finding::{Finding, Severity};
use crate::target::Target;

const REQUIRES_DIST: &str =
    "https://packaging.python.org/en/latest/specifications/core-metadata/#requires-dist-multiple-use";

/// A requirement that holds on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededDistribution {
    /// What is required.
    pub name: DistName,
    /// In which versions; of a direct reference any.
    pub specifiers: VersionSpecifiers,
    /// The `Requires-Dist`, as METADATA spells it.
    pub as_spelt: String,
    /// That it is missing is meant: `--exclude`.
    pub excluded: bool,
}

/// LP418: requirements that nothing meets. An error of a layer; what a function requires, one of its layers may bring.
pub(super) fn judge(layer: &Layer<'_>, target: &Target, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let mut there: HashMap<&DistName, There<'_>> = HashMap::new();
    for wheel in layer.wheels() {
        there.entry(wheel.name).or_default().own.push(wheel.version);
    }
    for (name, version) in surroundings.below {
        there.entry(name).or_default().below.push(version);
    }
    let mut findings = Vec::new();
    for wheel in layer.wheels().iter().filter(|wheel| !wheel.requires_dist.is_empty()) {
        for needed in (surroundings.requirements)(wheel, target) {
            findings.extend(unmet(wheel, &needed, there.get(&needed.name), target));
        }
    }
    findings
}

/// Where a project is, in which versions.
#[derive(Default)]
struct There<'a> {
    own: Vec<&'a Version>,
    below: Vec<&'a Version>,
}

fn listed(versions: &[&Version]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn unmet(
    wheel: &WheelFacts<'_>,
    needed: &NeededDistribution,
    there: Option<&There<'_>>,
    target: &Target,
) -> Option<Finding> {
    let NeededDistribution { name, specifiers, as_spelt, excluded } = needed;
    let what = format!("{} {} requires {as_spelt}", wheel.name, wheel.version);
    let in_function = wheel.files.iter().any(|file| below(&file.place, FUNCTION).is_some());
    let holder = if in_function { "function" } else { "layer" };
    let own = target.runtime.sdk.iter().find(|package| package.name == *name);
    let (severity, message, help, source) = match (there, own) {
        (Some(There { own, below }), _) if own.iter().chain(below).any(|version| specifiers.contains(version)) => {
            return None;
        }
        (Some(There { own, below }), _) if own.is_empty() => {
            let message = format!("{what}; a layer below has {name} {}", listed(below));
            let help = "the layers of a function share one version: change what is required, or what is below";
            (Severity::Error, message, help, REQUIRES_DIST)
        }
        (Some(There { own, .. }), _) => {
            let message = format!("{what}; the {holder} has {name} {}", listed(own));
            (Severity::Error, message, "pack versions that agree; layerpack build resolves them", REQUIRES_DIST)
        }
        (None, None) if *excluded => {
            let message = format!("{what}; the {holder} has no {name}, which was excluded");
            let help = "another layer or the function has to bring it, where it is used";
            (Severity::Note, message, help, REQUIRES_DIST)
        }
        (None, Some(own)) if specifiers.contains(&own.version) => {
            let message =
                format!("{what}, met by the runtime's own {name} {}, which AWS changes without notice", own.version);
            (Severity::Note, message, "pack it as well to have the version in hand", own.source.as_str())
        }
        (None, Some(own)) => {
            let message = format!("{what}; the {holder} has no {name}, and the runtime's own is {}", own.version);
            (Severity::Error, message, "pack it as well; layerpack build does", own.source.as_str())
        }
        (None, None) if in_function => {
            let message = format!("{what}; the function has no {name}: one of its layers has to bring it");
            (Severity::Warning, message, "check the function together with its layers", REQUIRES_DIST)
        }
        (None, None) => {
            let message = format!("{what}; the layer has no {name}");
            (Severity::Error, message, "pack it as well; layerpack build does", REQUIRES_DIST)
        }
    };
    let finding = Finding::new(Code::UnmetRequirement, severity, message).help(help).source(source);
    let metadata = wheel.files.iter().find(|file| file.place.ends_with(".dist-info/METADATA"));
    Some(match metadata {
        Some(file) => finding.at(file.entry),
        None => finding,
    })
}

//! `--exclude-runtime-sdk`: boto3 and what only it needs are left to the runtime.

use std::collections::BTreeSet;

use lambda_compat::{BundledPackage, Code, Finding, SdkAsker, Severity, Target, runtime_sdk};
use layer_pack::LeftToRuntime;
use pypi_resolve::requirements::Requirement;
use pypi_resolve::resolve::{Asker, Link, Resolution};
use wheel_tags::DistName;

use crate::failure::Failure;
use crate::layer::{Asked, Chosen};

/// What helps where the runtime's version is not the one that is required.
pub(super) const PACK_THE_SDK: &str = "pack the SDK: leave --exclude-runtime-sdk out";

/// AWS's advice.
const ADVICE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/python-package.html";

impl Asked {
    /// What is chosen, without the SDK where that is to be left to the runtime.
    pub(super) fn without_sdk(&self, mut chosen: Chosen, target: &Target) -> Result<Chosen, Failure> {
        if self.args.sdk.exclude_runtime_sdk {
            chosen.leave_to_runtime(self, target)?;
        }
        Ok(chosen)
    }
}

impl Chosen {
    /// Takes out what the runtime has, and says so.
    ///
    /// # Errors
    /// Where the runtime's version is none that is asked for (LP418), or nothing is left to pack.
    fn leave_to_runtime(&mut self, asked: &Asked, target: &Target) -> Result<(), Failure> {
        let resolution = &mut self.resolution;
        let going = going(resolution, target);
        if going.is_empty() {
            let message = "boto3 is not among the packages, and --exclude-runtime-sdk leaves nothing out";
            resolution.notes.push(Finding::new(Code::UnusedIgnore, Severity::Note, message));
            return Ok(());
        }
        let own = |name: &DistName| target.runtime.sdk.iter().find(|package| package.name == *name);
        let unmet = resolution.links.iter().filter(|link| going.contains(&link.to) && !is_of(&link.from, &going));
        let unmet = unmet.filter_map(|link| refused(link, resolution, own(&link.to)?, target));
        if let Some(failure) = Failure::all(unmet) {
            return Err(failure);
        }
        for pin in resolution.pins.iter().filter(|pin| going.contains(&pin.name)) {
            let Some(own) = own(&pin.name) else { continue };
            let askers = resolution.links.iter().filter(|link| link.to == pin.name && !is_of(&link.from, &going));
            self.left_to_runtime.push(LeftToRuntime {
                name: pin.name.clone(),
                version: pin.version.clone(),
                runtime_version: own.version.clone(),
                needed_by: askers.map(|link| asker(&link.from, resolution)).collect(),
            });
        }
        resolution.notes.push(note(&self.left_to_runtime, target));
        resolution.notes.sort();
        resolution.pins.retain(|pin| !going.contains(&pin.name));
        for pin in &mut resolution.pins {
            pin.dependencies.retain(|name| !going.contains(name));
        }
        resolution.links.retain(|link| !going.contains(&link.to) && !is_of(&link.from, &going));
        if resolution.pins.is_empty() && !asked.source.has_own_files() {
            let message =
                format!("{} names nothing but the AWS SDK, which {} has", asked.source.text(), target.runtime.name);
            return Err(Failure::new(Code::NothingToBuild, message)
                .help("leave --exclude-runtime-sdk out to pack it, or attach no layer"));
        }
        Ok(())
    }
}

/// The packages of a resolution that the runtime's SDK stands in for.
fn going(resolution: &Resolution, target: &Target) -> BTreeSet<DistName> {
    let packages: Vec<SdkAsker<'_>> = resolution
        .pins
        .iter()
        .map(|pin| SdkAsker { name: &pin.name, requires: Some(pin.dependencies.iter().cloned().collect()) })
        .collect();
    let lines = resolution.links.iter().filter(|link| matches!(link.from, Asker::Line(_)));
    let asked = lines.map(|link| link.to.clone()).collect();
    runtime_sdk(&packages, &asked, target.runtime).into_iter().cloned().collect()
}

fn is_of(asker: &Asker, names: &BTreeSet<DistName>) -> bool {
    matches!(asker, Asker::Package(name, _) if names.contains(name))
}

/// Why the runtime's version is not the one that somebody asks for.
fn refused(link: &Link, resolution: &Resolution, own: &BundledPackage, target: &Target) -> Option<Failure> {
    let wanted = Requirement::parse_dist(&link.wanted).ok()?;
    if wanted.specifiers.contains(&own.version) {
        return None;
    }
    let runtime = target.runtime.name;
    let who = asker(&link.from, resolution);
    let message = format!("{who} requires {}; {runtime} has {} {}", link.wanted, own.name, own.version);
    Some(Failure::new(Code::UnmetRequirement, message).help(PACK_THE_SDK))
}

/// `aws-xray-sdk 2.14.0`, `requirements.txt line 3`.
fn asker(from: &Asker, resolution: &Resolution) -> String {
    match from {
        Asker::Line(place) => place.to_string(),
        Asker::Package(name, _) => {
            let pin = resolution.pins.iter().find(|pin| pin.name == *name);
            pin.map_or_else(|| name.to_string(), |pin| format!("{} {}", pin.name, pin.version))
        }
    }
}

/// LP422: what is left to the runtime, who needs it, and what AWS says to that.
fn note(left: &[LeftToRuntime], target: &Target) -> Finding {
    let packages: Vec<String> = left.iter().map(|left| format!("{} {}", left.name, left.runtime_version)).collect();
    let askers: BTreeSet<&str> = left.iter().flat_map(|left| &left.needed_by).map(String::as_str).collect();
    let needed = if askers.is_empty() {
        String::new()
    } else {
        format!(" (needed by {})", askers.into_iter().collect::<Vec<_>>().join(", "))
    };
    let message = format!("left to {}, which has {}{needed}", target.runtime.name, packages.join(", "));
    Finding::new(Code::LeftToRuntime, Severity::Note, message)
        .help(
            "AWS changes these versions without notice and recommends packing the SDK; to do so, leave \
               --exclude-runtime-sdk out",
        )
        .source(ADVICE)
}

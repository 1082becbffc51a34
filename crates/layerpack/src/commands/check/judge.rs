//! Files held against targets: what one brings, another may need.

use std::collections::BTreeSet;

use lambda_compat::{
    Code, Date, Finding, Given, Layer, NeededDistribution, Origin, Surroundings, Target, Verdict, WheelFacts,
    advise_except, judge, judge_layer, verdict_of,
};
use pypi_resolve::requirements::{Requirement, marker_environment};
use rayon::prelude::*;
use wheel_archive::{FileAt, Installed, Manifest, ReadAt};
use wheel_tags::DistName;

use super::look::{File, Looked};
use crate::plan::{CheckTargets, Ignores};

/// What is asked of the files.
pub(super) struct Question<'a> {
    pub(super) targets: &'a [Target],
    /// All files are one function.
    pub(super) together: bool,
    /// The file names of shared libraries that are known to be there.
    pub(super) provided: BTreeSet<String>,
    pub(super) ignores: Ignores,
    pub(super) today: Date,
}

/// What a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A sound wheel.
    Wheel,
    /// An archive that is malformed: the same on every target.
    Malformed,
    /// All files as one function: what none of them shows by itself.
    Function,
}

/// One file, or all as one function, judged on every target.
pub(super) struct Judged {
    pub(super) about: About,
    /// As it was named.
    pub(super) path: String,
    /// The project of a wheel.
    pub(super) package: Option<DistName>,
    /// In the order of the targets.
    pub(super) findings: Vec<(Target, Vec<Finding>)>,
    /// What to do, where it does not load, in the same order.
    pub(super) help: Vec<Option<String>>,
}

impl Judged {
    pub(super) fn findings_on(&self, target: &Target) -> &[Finding] {
        let on = self.findings.iter().find(|(judged, _)| judged == target);
        on.map(|(_, findings)| findings.as_slice()).unwrap_or_default()
    }

    /// The verdict over all targets, as much of them as must be met.
    pub(super) fn verdict(&self, targets: &CheckTargets) -> Verdict {
        let on = |target: &Target| verdict_of(self.findings_on(target));
        if targets.are_met(|target| on(target) == Verdict::Loads) {
            Verdict::Loads
        } else if targets.are_met(|target| on(target) != Verdict::Fails) {
            Verdict::Unknown
        } else {
            Verdict::Fails
        }
    }
}

/// Judges all files, in their order.
pub(super) fn judge_all(files: &[File], question: &Question<'_>) -> Vec<Judged> {
    let mut judged: Vec<(usize, Judged)> = Vec::new();
    for function in functions(files, question.together) {
        let members: Vec<&File> = function.iter().filter_map(|number| files.get(*number)).collect();
        // What is said of all of them comes last.
        let numbers = function.into_iter().chain([files.len()]);
        judged.extend(numbers.zip(judge_function(&members, question)));
    }
    judged.sort_by_key(|(number, _)| *number);
    judged.into_iter().map(|(_, judged)| judged).collect()
}

/// The numbers of the files that are judged as one function: all wheels, and each whole layer by itself; everything
/// where that is asked for.
fn functions(files: &[File], together: bool) -> Vec<Vec<usize>> {
    let (alone, shared): (Vec<usize>, Vec<usize>) =
        (0..files.len()).partition(|number| !together && files.get(*number).is_some_and(|file| file.is_whole));
    let mut functions: Vec<Vec<usize>> = alone.into_iter().map(|number| vec![number]).collect();
    functions.push(shared);
    functions
}

/// Judges files that see each other.
fn judge_function(files: &[&File], question: &Question<'_>) -> Vec<Judged> {
    let wheels: Vec<(&Manifest, &FileAt)> = files.iter().filter_map(|file| file.wheel()).collect();
    let installed = Installed::new(wheels.iter().map(|(manifest, bytes)| (*manifest, *bytes as &dyn ReadAt)));
    let facts = wheels.iter().map(|(manifest, _)| manifest.facts(Origin::Unverified)).collect();
    // Beside wheels that are looked at one by one, other packages may be there.
    let given = Given { vouched: question.provided.clone(), complete: question.together };
    let layer = Layer::new(facts, Vec::new(), &installed, given);
    // The facts are in the order of the wheels.
    let mut facts = layer.wheels().iter();
    let members: Vec<_> = files.iter().map(|file| (file, file.wheel().and_then(|_| facts.next()))).collect();
    let one = |(file, facts): &(&&File, Option<&WheelFacts<'_>>)| match (&file.looked, facts) {
        (Looked::Wheel(manifest, _), Some(facts)) => Some(question.judge_wheel(&layer, facts, manifest, &file.path)),
        (Looked::Wheel(..), None) => None,
        (Looked::Malformed(findings), _) => Some(Judged {
            about: About::Malformed,
            path: file.path.clone(),
            package: None,
            findings: question.targets.iter().map(|target| (*target, findings.clone())).collect(),
            help: vec![None; question.targets.len()],
        }),
    };
    let mut judged: Vec<Judged> = members.par_iter().filter_map(one).collect();
    if question.together && !wheels.is_empty() {
        judged.push(question.judge_whole(&layer));
    }
    judged
}

impl Question<'_> {
    fn judge_wheel(&self, layer: &Layer<'_>, wheel: &WheelFacts<'_>, manifest: &Manifest, path: &str) -> Judged {
        // What is advised must hold with the same exceptions.
        let spared = |finding: &Finding| self.ignores.spare(Some(wheel.name), finding);
        let judged = self.targets.iter().map(|target| {
            let mut findings = judge(layer, wheel, target);
            self.ignores.leave_out(Some(wheel.name), &mut findings);
            let fails = verdict_of(&findings) == Verdict::Fails;
            let help = if fails { advise_except(layer, wheel, target, self.today, &spared) } else { None };
            findings.extend(manifest.warnings.iter().cloned());
            ((*target, findings), help)
        });
        let (findings, help) = judged.unzip();
        let package = Some(wheel.name.clone());
        Judged { about: About::Wheel, path: path.to_owned(), package, findings, help }
    }

    /// The files as one function: whether each package has what it requires, and what hides what.
    fn judge_whole(&self, layer: &Layer<'_>) -> Judged {
        let surroundings = Surroundings {
            is_standard_module: &|name, target| target.runtime.has_standard_module(name),
            requirements: &requirements_of,
            below: &[],
        };
        let judge_on = |target: &Target| {
            let mut findings = judge_layer(layer, target, &surroundings);
            // Said of its wheel.
            findings.retain(|finding| finding.code != Code::ModuleForOtherPython);
            self.ignores.leave_out(None, &mut findings);
            (*target, findings)
        };
        Judged {
            about: About::Function,
            path: "the function".to_owned(),
            package: None,
            findings: self.targets.iter().map(judge_on).collect(),
            help: vec![None; self.targets.len()],
        }
    }
}

/// What a distribution requires on a target. What cannot be read was said of its METADATA.
fn requirements_of(wheel: &WheelFacts<'_>, target: &Target) -> Vec<NeededDistribution> {
    let environment = marker_environment(target);
    let needed = wheel.requires_dist.iter().filter_map(|text| {
        let requirement = Requirement::parse_dist(text).ok()?;
        requirement.marker.evaluate(&environment, &[]).then(|| NeededDistribution {
            name: requirement.name,
            specifiers: requirement.specifiers,
            as_spelt: text.clone(),
        })
    });
    needed.collect()
}

impl File {
    fn wheel(&self) -> Option<(&Manifest, &FileAt)> {
        match &self.looked {
            Looked::Wheel(manifest, bytes) => Some((manifest, bytes)),
            Looked::Malformed(_) => None,
        }
    }
}

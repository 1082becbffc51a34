//! Files held against targets: what one brings, another may need.

use std::collections::BTreeSet;

use lambda_compat::{
    Date, Finding, Given, Layer, Origin, Target, Verdict, WheelFacts, advise_except, judge, judge_layer, verdict_of,
};
use layer_pack::Held;
use rayon::prelude::*;
use wheel_archive::{FileAt, Installed, Manifest, ReadAt};
use wheel_tags::DistName;

use super::below::Under;
use super::held;
use super::look::{File, Looked};
use crate::layer::{needed, surroundings};
use crate::plan::{CheckTargets, Ignores};

/// What is asked of the files.
pub(super) struct Question<'a> {
    /// What the function has below, in the order of the targets.
    pub(super) below: &'a [Under],
    pub(super) targets: &'a [Target],
    /// All files are one function.
    pub(super) together: bool,
    /// The file names of shared libraries that are known to be there.
    pub(super) provided: &'a BTreeSet<String>,
    pub(super) ignores: &'a Ignores,
    /// What is missing on purpose.
    pub(super) excludes: &'a BTreeSet<DistName>,
    pub(super) today: Date,
}

/// What a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A sound wheel.
    Wheel,
    /// A finished layer or function.
    Held,
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
    /// The projects that are in it.
    pub(super) packages: Vec<DistName>,
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
    let lies_on_something = question.below.iter().any(|under| under.is_open || !under.brought.is_empty());
    let holds = files.iter().any(|file| matches!(file.looked, Looked::Held(_)));
    let mut judged =
        if holds || lies_on_something { held::judge_mixed(files, question) } else { judge_wheels(files, question) };
    let malformed = |file: &&&File| matches!(file.looked, Looked::Malformed(_));
    for (at, file) in files.iter().enumerate().filter(|(_, file)| malformed(file)) {
        let Looked::Malformed(findings) = &file.looked else { continue };
        let malformed = Judged {
            about: About::Malformed,
            path: file.path.clone(),
            packages: Vec::new(),
            findings: question.targets.iter().map(|target| (*target, findings.clone())).collect(),
            help: vec![None; question.targets.len()],
        };
        judged.insert(at.min(judged.len()), malformed);
    }
    judged
}

/// Wheels alone, side by side; with `--together` followed by what none of them shows by itself.
fn judge_wheels(files: &[&File], question: &Question<'_>) -> Vec<Judged> {
    let wheels: Vec<(&File, &Manifest, &FileAt)> =
        files.iter().filter_map(|file| file.wheel().map(|(manifest, bytes)| (*file, manifest, bytes))).collect();
    let installed = Installed::new(wheels.iter().map(|(_, manifest, bytes)| (*manifest, *bytes as &dyn ReadAt)));
    let facts = wheels.iter().map(|(_, manifest, _)| manifest.facts(Origin::Unverified)).collect();
    let layer = Layer::new(facts, Vec::new(), &installed, question.given());
    // The facts are in the order of the wheels.
    let one = |(facts, (file, manifest, _)): (&WheelFacts<'_>, &(&File, &Manifest, &FileAt))| {
        question.judge_wheel(&layer, facts, manifest, &file.path)
    };
    let mut judged: Vec<Judged> = layer.wheels().par_iter().zip(&wheels).map(one).collect();
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
        let packages = vec![wheel.name.clone()];
        Judged { about: About::Wheel, path: path.to_owned(), packages, findings, help }
    }

    pub(super) fn given(&self) -> Given {
        // Beside wheels that are looked at one by one, other packages may be there.
        Given { vouched: self.provided.clone(), complete: self.together }
    }

    /// The files as one function: whether each package has what it requires, and what hides what.
    fn judge_whole(&self, layer: &Layer<'_>) -> Judged {
        let judge_on = |target: &Target| {
            let mut findings = judge_layer(layer, target, &surroundings(&needed(self.excludes)));
            self.ignores.leave_out(None, &mut findings);
            (*target, findings)
        };
        Judged::function(self.targets.iter().map(judge_on).collect())
    }
}

impl Judged {
    fn function(findings: Vec<(Target, Vec<Finding>)>) -> Self {
        let help = vec![None; findings.len()];
        Self { about: About::Function, path: "the function".to_owned(), packages: Vec::new(), findings, help }
    }
}

impl File {
    /// The projects that are in it.
    pub(super) fn packages(&self) -> Vec<DistName> {
        match &self.looked {
            Looked::Wheel(manifest, _) => vec![manifest.filename.name.clone()],
            Looked::Held(held) => held.distributions().iter().map(|one| one.metadata.name.clone()).collect(),
            Looked::Malformed(_) => Vec::new(),
        }
    }

    pub(super) fn held(&self) -> Option<&Held> {
        if let Looked::Held(held) = &self.looked { Some(held) } else { None }
    }

    pub(super) fn wheel(&self) -> Option<(&Manifest, &FileAt)> {
        match &self.looked {
            Looked::Wheel(manifest, bytes) => Some((manifest, bytes)),
            Looked::Held(_) | Looked::Malformed(_) => None,
        }
    }
}

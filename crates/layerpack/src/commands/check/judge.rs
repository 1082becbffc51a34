//! Files held against targets: what one brings, another may need.

use std::collections::BTreeSet;

use lambda_compat::{Date, Finding, Layer, Origin, Target, Verdict, WheelFacts, advise_by, judge, verdict_of};
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

/// One file, judged on every target.
pub(super) struct Judged {
    /// As it was named.
    pub(super) path: String,
    /// The project of a wheel.
    pub(super) package: Option<DistName>,
    /// In the order of the targets.
    pub(super) findings: Vec<(Target, Vec<Finding>)>,
    /// What to do, where it does not load, in the same order.
    pub(super) help: Vec<Option<String>>,
    /// The archive itself is malformed: the same on every target.
    pub(super) malformed: bool,
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
        judged.extend(function.into_iter().zip(judge_function(&members, question)));
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
    let layer = Layer::new(facts, Vec::new(), &installed, question.provided.clone());
    let findings: Vec<_> = layer
        .wheels()
        .par_iter()
        .zip(&wheels)
        .map(|(facts, (manifest, _))| question.judge_wheel(&layer, facts, manifest))
        .collect();
    let mut findings = findings.into_iter();
    let one = |file: &&File| match &file.looked {
        Looked::Wheel(manifest, _) => {
            let (findings, help) = findings.next()?;
            let package = Some(manifest.filename.name.clone());
            Some(Judged { path: file.path.clone(), package, findings, help, malformed: false })
        }
        Looked::Malformed(findings) => Some(Judged {
            path: file.path.clone(),
            package: None,
            findings: question.targets.iter().map(|target| (*target, findings.clone())).collect(),
            help: vec![None; question.targets.len()],
            malformed: true,
        }),
    };
    files.iter().filter_map(one).collect()
}

impl Question<'_> {
    fn judge_wheel(
        &self,
        layer: &Layer<'_>,
        wheel: &WheelFacts<'_>,
        manifest: &Manifest,
    ) -> (Vec<(Target, Vec<Finding>)>, Vec<Option<String>>) {
        // What is advised must hold with the same exceptions.
        let spared = |target: &Target| {
            let mut findings = judge(layer, wheel, target);
            findings.retain(|finding| !self.ignores.spare(Some(wheel.name), finding));
            findings
        };
        let judged = self.targets.iter().map(|target| {
            let mut findings = judge(layer, wheel, target);
            self.ignores.leave_out(Some(wheel.name), &mut findings);
            let fails = verdict_of(&findings) == Verdict::Fails;
            let help = if fails { advise_by(spared, wheel, target, self.today) } else { None };
            findings.extend(manifest.warnings.iter().cloned());
            ((*target, findings), help)
        });
        judged.unzip()
    }
}

impl File {
    fn wheel(&self) -> Option<(&Manifest, &FileAt)> {
        match &self.looked {
            Looked::Wheel(manifest, bytes) => Some((manifest, bytes)),
            Looked::Malformed(_) => None,
        }
    }
}

//! Finished layers and functions before the judge, alone or merged with what was named beside them as one function, and
//! wheels that lie on top of a layer.

use std::collections::BTreeSet;

use lambda_compat::{
    Code, Contents, Finding, Given, Layer, Origin, Surroundings, Target, Verdict, WheelFacts, advise_except, judge,
    judge_layer, judge_loose, verdict_of,
};
use layer_pack::Held;
use rayon::prelude::*;
use wheel_archive::{FileAt, Installed, Manifest, ReadAt};
use wheel_tags::DistName;

use super::below::Under;
use super::judge::{About, Judged, Question};
use super::look::{File, Looked};
use crate::layer::{needed, surroundings};

/// Judges files of which at least one is a finished layer or function, or that lie on one: all of them as one function,
/// target by target.
pub(super) fn judge_mixed(files: &[&File], question: &Question<'_>) -> Vec<Judged> {
    let files: Vec<&File> = files.iter().copied().filter(|file| !matches!(file.looked, Looked::Malformed(_))).collect();
    let merged = Merged::new(&files);
    let judge = |(target, under)| merged.judge(&files, question, target, under);
    let by_target: Vec<Vec<OfFile>> = question.targets.par_iter().zip(question.below).map(judge).collect();
    let paths = files.iter().map(|file| (file.path.clone(), about(file))).chain(
        // What is said of all of them together.
        (files.len() > 1).then(|| ("the function".to_owned(), About::Function)),
    );
    let of = |at: usize| by_target.iter().map(move |on| on.get(at).cloned().unwrap_or_default());
    let judged = paths.enumerate().map(|(at, (path, about))| {
        let (findings, help) = question.targets.iter().zip(of(at)).map(|(t, on)| ((*t, on.findings), on.help)).unzip();
        let packages = files.get(at).map(|file| file.packages()).unwrap_or_default();
        Judged { about, path, packages, findings, help }
    });
    // Nobody has called neighbours a function: of them all together something is said, or nothing.
    let is_said = |judged: &Judged| judged.findings.iter().any(|(_, findings)| !findings.is_empty());
    let is_one = merged.is_one_function(question);
    judged.filter(|judged| is_one || judged.about != About::Function || is_said(judged)).collect()
}

fn about(file: &File) -> About {
    if matches!(file.looked, Looked::Held(_)) { About::Held } else { About::Wheel }
}

/// What is said of one file on one target.
#[derive(Debug, Clone, Default)]
struct OfFile {
    findings: Vec<Finding>,
    help: Option<String>,
}

/// All files; of two with one place the later one's bytes, as with Lambda's layers.
struct Merged<'a> {
    held: Vec<&'a Held>,
    wheels: Installed<'a>,
}

/// The bytes of all files, and of what lies below them.
struct Seen<'s, 'a> {
    own: &'s Merged<'a>,
    below: Vec<&'s Held>,
}

impl Contents for Seen<'_, '_> {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        let of = |layers: &[&Held]| layers.iter().rev().find_map(|held| held.read(place));
        of(&self.own.held).or_else(|| self.own.wheels.read(place)).or_else(|| of(&self.below))
    }
}

impl<'a> Merged<'a> {
    fn new(files: &[&'a File]) -> Self {
        let wheels: Vec<(&Manifest, &FileAt)> = files.iter().filter_map(|file| file.wheel()).collect();
        let held = files.iter().filter_map(|file| file.held()).collect();
        let wheels = Installed::new(wheels.into_iter().map(|(manifest, bytes)| (manifest, bytes as &dyn ReadAt)));
        Self { held, wheels }
    }

    /// A finished layer is all that there is of it; wheels are where `--together` says so.
    fn is_one_function(&self, question: &Question<'_>) -> bool {
        question.together || !self.held.is_empty()
    }

    /// Each file, in their order, then the whole.
    fn judge(&self, files: &[&File], question: &Question<'_>, target: &Target, under: &Under) -> Vec<OfFile> {
        let is_one = self.is_one_function(question);
        let given = Given { complete: is_one && !under.is_open, ..question.given() };
        let (mut facts, mut loose, mut folders, mut counts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for file in files {
            let before = facts.len();
            match &file.looked {
                Looked::Held(held) => {
                    let layer = held.layer(target, given.clone());
                    facts.extend(layer.wheels().iter().cloned());
                    loose.extend(layer.loose().iter().cloned());
                    folders.extend(layer.folders().iter().cloned());
                }
                Looked::Wheel(manifest, _) => facts.push(manifest.facts(Origin::Unverified)),
                Looked::Malformed(_) => {}
            }
            counts.push(facts.len() - before);
        }
        let seen = Seen { own: self, below: under.brought.iter().filter_map(|below| below.held()).collect() };
        let below = under.brought.iter().flat_map(|below| below.files(target)).collect();
        let is_complete = given.complete;
        let layer = Layer::new(facts, loose, &seen, given).with_folders(folders).on_top_of(below);
        let mut wheels = layer.wheels().iter();
        let mut judged: Vec<OfFile> = Vec::new();
        for (file, count) in files.iter().zip(counts) {
            let wheels: Vec<_> = wheels.by_ref().take(count).collect();
            let mut of_file = judge_file(file, &wheels, &layer, question, target);
            if let Some((manifest, _)) = file.wheel() {
                let mut refused: Vec<Finding> = under.refuses(&file.path, &manifest.filename).into_iter().collect();
                question.ignores.leave_out(Some(&manifest.filename.name), &mut refused);
                of_file.findings.append(&mut refused);
            }
            judged.push(of_file);
        }
        let there: Vec<_> = under.brought.iter().flat_map(|below| below.packages()).collect();
        let own = layer.wheels().iter().map(|wheel| wheel.name).filter(|_| is_one);
        let known: BTreeSet<&DistName> = own.chain(there.iter().map(|(name, _)| name)).collect();
        let all = needed(question.excludes);
        // What is not there, something that nobody has named may bring.
        let needed = |wheel: &WheelFacts<'_>, target: &Target| {
            let mut needed = all(wheel, target);
            needed.retain(|one| is_complete || known.contains(&one.name));
            needed
        };
        let mut whole = judge_loose(&layer, target);
        whole.extend(judge_layer(&layer, target, &Surroundings { below: &there, ..surroundings(&needed) }));
        // Of neighbours that is said which comes of what lies below.
        whole.retain(|finding| is_one || matches!(finding.code, Code::UnmetRequirement | Code::ShadowsBelow));
        question.ignores.leave_out(None, &mut whole);
        match judged.as_mut_slice() {
            [only] => only.findings.append(&mut whole),
            several if !is_one => {
                for finding in std::mem::take(&mut whole) {
                    let mut of =
                        layer.wheels().iter().zip(several.iter_mut()).filter(|(wheel, _)| has(wheel, &finding));
                    match (of.next(), of.next()) {
                        (Some((_, file)), None) => file.findings.push(finding),
                        _ => whole.push(finding),
                    }
                }
            }
            _ => {}
        }
        if judged.len() > 1 {
            judged.push(OfFile { findings: whole, help: None });
        }
        for file in &mut judged {
            file.findings.sort();
            file.findings.dedup();
        }
        judged
    }
}

/// What is said of the distributions of one file.
fn judge_file(
    file: &File,
    wheels: &[&WheelFacts<'_>],
    layer: &Layer<'_>,
    question: &Question<'_>,
    target: &Target,
) -> OfFile {
    let mut of_file = OfFile::default();
    let mut failing = Vec::new();
    for wheel in wheels {
        let mut findings = judge(layer, wheel, target);
        question.ignores.leave_out(Some(wheel.name), &mut findings);
        if verdict_of(&findings) == Verdict::Fails {
            failing.push(wheel);
        }
        // A layer holds many: which one it is about has to be said.
        let named = file.held().is_some();
        of_file.findings.extend(findings.into_iter().map(|mut finding| {
            if named {
                finding.message = format!("{} {}: {}", wheel.name, wheel.version, finding.message);
            }
            finding
        }));
    }
    if let [only] = failing.as_slice() {
        let spared = |finding: &Finding| question.ignores.spare(Some(only.name), finding);
        of_file.help = advise_except(layer, only, target, question.today, &spared);
    }
    of_file.findings.extend(match &file.looked {
        Looked::Wheel(manifest, _) => manifest.warnings.clone(),
        Looked::Held(held) => held.findings().to_vec(),
        Looked::Malformed(_) => Vec::new(),
    });
    of_file
}

/// Whether a finding is about a file of the wheel.
fn has(wheel: &WheelFacts<'_>, finding: &Finding) -> bool {
    finding.entry.as_ref().is_some_and(|entry| wheel.files.iter().any(|file| file.entry == *entry))
}

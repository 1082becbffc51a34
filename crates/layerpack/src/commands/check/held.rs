//! Finished layers and functions before the judge: alone, or merged with what was named beside them as one function.

use lambda_compat::{
    Code, Contents, Finding, Given, Layer, Origin, Surroundings, Target, Verdict, advise_except, judge, judge_layer,
    judge_loose, verdict_of,
};
use layer_pack::Held;
use rayon::prelude::*;
use wheel_archive::{FileAt, Installed, Manifest, ReadAt};

use super::judge::{About, Judged, Question};
use super::look::{File, Looked};
use crate::layer::{Brought, needed, surroundings};

/// Judges files of which at least one is a finished layer or function: all of them as one function, target by target.
pub(super) fn judge_mixed(files: &[&File], question: &Question<'_>) -> Vec<Judged> {
    let files: Vec<&File> = files.iter().copied().filter(|file| !matches!(file.looked, Looked::Malformed(_))).collect();
    let merged = Merged::new(&files, question.below);
    let by_target: Vec<Vec<OfFile>> =
        question.targets.par_iter().map(|target| merged.judge(&files, question, target)).collect();
    let paths = files.iter().map(|file| (file.path.clone(), about(file))).chain(
        // What is said of all of them together.
        (files.len() > 1).then(|| ("the function".to_owned(), About::Function)),
    );
    let of = |at: usize| by_target.iter().map(move |on| on.get(at).cloned().unwrap_or_default());
    paths
        .enumerate()
        .map(|(at, (path, about))| {
            let (findings, help) =
                question.targets.iter().zip(of(at)).map(|(t, on)| ((*t, on.findings), on.help)).unzip();
            let packages = files.get(at).map(|file| file.packages()).unwrap_or_default();
            Judged { about, path, packages, findings, help }
        })
        .collect()
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

/// The bytes of all files; of two with one place the later one's, as with Lambda's layers.
struct Merged<'a> {
    held: Vec<&'a Held>,
    wheels: Installed<'a>,
    below: Vec<&'a Held>,
}

impl Contents for Merged<'_> {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        let of = |layers: &[&Held]| layers.iter().rev().find_map(|held| held.read(place));
        of(&self.held).or_else(|| self.wheels.read(place)).or_else(|| of(&self.below))
    }
}

impl<'a> Merged<'a> {
    fn new(files: &[&'a File], below: &'a [Brought]) -> Self {
        let wheels: Vec<(&Manifest, &FileAt)> = files.iter().filter_map(|file| file.wheel()).collect();
        let held = files.iter().filter_map(|file| file.held()).collect();
        let wheels = Installed::new(wheels.into_iter().map(|(manifest, bytes)| (manifest, bytes as &dyn ReadAt)));
        Self { held, wheels, below: below.iter().filter_map(Brought::held).collect() }
    }

    /// Each file, in their order, then the whole.
    fn judge(&self, files: &[&File], question: &Question<'_>, target: &Target) -> Vec<OfFile> {
        // A finished layer is all that there is of it; whether another one lies below it, --together says.
        let given = Given { complete: !question.below_is_open, ..question.given() };
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
        let below = question.below.iter().flat_map(|below| below.files(target)).collect();
        let there: Vec<_> = question.below.iter().flat_map(Brought::packages).collect();
        let layer = Layer::new(facts, loose, self, given).with_folders(folders).on_top_of(below);
        let mut wheels = layer.wheels().iter();
        let mut judged: Vec<OfFile> = Vec::new();
        for (file, count) in files.iter().zip(counts) {
            let mut of_file = OfFile::default();
            let mut failing = Vec::new();
            for wheel in wheels.by_ref().take(count) {
                let mut findings = judge(&layer, wheel, target);
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
                of_file.help = advise_except(&layer, only, target, question.today, &spared);
            }
            of_file.findings.extend(match &file.looked {
                Looked::Wheel(manifest, _) => manifest.warnings.clone(),
                Looked::Held(held) => held.findings().to_vec(),
                Looked::Malformed(_) => Vec::new(),
            });
            judged.push(of_file);
        }
        let mut whole = judge_loose(&layer, target);
        let needed = needed(question.excludes);
        whole.extend(judge_layer(&layer, target, &Surroundings { below: &there, ..surroundings(&needed) }));
        // A layer that is not there may meet it.
        whole.retain(|finding| !(question.below_is_open && finding.code == Code::UnmetRequirement));
        question.ignores.leave_out(None, &mut whole);
        match judged.as_mut_slice() {
            [only] => only.findings.extend(whole),
            _ => judged.push(OfFile { findings: whole, help: None }),
        }
        for file in &mut judged {
            file.findings.sort();
            file.findings.dedup();
        }
        judged
    }
}

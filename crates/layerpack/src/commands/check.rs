//! `layerpack check`: will these wheels load? Of wheels it opens no socket and writes nothing.

mod requirements;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lambda_compat::{Code, Date, Finding, Layer, Origin, Severity, Target, Verdict, advise, judge, verdict_of};
use rayon::prelude::*;
use wheel_archive::{FileAt, Inspection, Installed, Manifest, ReadAt, inspect};
use wheel_tags::WheelFilename;

use crate::args::CheckArgs;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::{check_targets, existing, expand, is_requirements, is_wheel};
use crate::report::{Console, json, matrix_block, verdict_block};

use self::requirements::{CheckedRequirements, check_requirements};

/// One file, judged on every target.
struct Judged {
    path: String,
    findings: Vec<(Target, Vec<Finding>)>,
    help: Vec<Option<String>>,
    /// The archive itself is malformed: the same on every target.
    malformed: bool,
}

pub(crate) fn run(args: &CheckArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let (targets, runtime_named) = check_targets(&args.target, environment)?;
    let today = environment.today()?;
    let (lists, others): (Vec<_>, Vec<_>) = expand(&args.paths)?.into_iter().partition(|path| is_requirements(path));
    let wheels = wheels_of(&others)?;
    // Side by side: hashing and the last large entry of one wheel leave a core to the next.
    let outcomes: Vec<_> = wheels.par_iter().map(|path| (path.display().to_string(), look(path))).collect();
    let mut exit = Exit::Fine;
    let mut looked = Vec::new();
    for (path, outcome) in outcomes {
        match outcome {
            Ok(file) => looked.push((path, file)),
            // One unreadable file must not hide what is known of the others.
            Err(failure) => {
                exit = exit.max(failure.exit);
                console.failure(&failure);
            }
        }
    }
    let mut checked = Vec::new();
    for path in lists {
        match existing(path).and_then(|p| check_requirements(&p, &targets, &args.requirements, environment, console)) {
            Ok(file) => checked.push(file),
            // One document is all that there may be on stdout.
            Err(failure) if !console.is_text() => return Err(failure),
            Err(failure) => {
                exit = exit.max(failure.exit);
                console.failure(&failure);
            }
        }
    }
    let judged = judge_all(&looked, &targets, today);
    for file in &judged {
        exit = exit.max(exit_of(file, runtime_named, args.strict));
    }
    for file in &checked {
        exit = exit.max(file.exit(runtime_named, args.strict));
    }
    if console.is_text() {
        print(&judged, &targets, runtime_named, console)?;
        for file in &checked {
            file.print(runtime_named, console)?;
        }
    } else {
        print_json(judged, checked, &targets, console)?;
    }
    Ok(exit)
}

/// The wheels that were named, and those directly in the folders that were.
fn wheels_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut wheels = Vec::new();
    for path in expand(paths)? {
        let path = existing(path)?;
        if path.is_dir() {
            let mut inside = Vec::new();
            for entry in fs_err::read_dir(&path)? {
                inside.push(entry?.path());
            }
            inside.retain(|file| is_wheel(file));
            inside.sort();
            if inside.is_empty() {
                return Err(Failure::new(Code::Unsupported, format!("{}: no *.whl directly in it", path.display()))
                    .help("unpacked layers are not checked yet: name the wheels that they were made from"));
            }
            wheels.extend(inside);
        } else if is_wheel(&path) {
            wheels.push(path);
        } else {
            return Err(Failure::new(Code::Unsupported, format!("{}: not a wheel", path.display()))
                .help("check reads *.whl files, folders of them, requirement files and pylock.toml; layer zips are not checked yet"));
        }
    }
    Ok(wheels)
}

/// A file as far as it can be told without a target.
enum Looked {
    Sound(Box<Manifest>, FileAt),
    /// The archive itself is malformed: the same on every target.
    Malformed(Vec<Finding>),
}

fn look(path: &Path) -> Result<Looked, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let filename = match name.parse::<WheelFilename>() {
        Ok(filename) => filename,
        Err(error) => {
            let finding = Finding::error(Code::WheelFilename, error.to_string())
                .help("a wheel is named name-version-python-abi-platform.whl; keep the name that it was built with")
                .source("https://packaging.python.org/en/latest/specifications/binary-distribution-format/");
            return Ok(Looked::Malformed(vec![finding]));
        }
    };
    let file = FileAt::open(path)?;
    Ok(match inspect(&filename, None, &file).map_err(|e| unreadable(path, &e))? {
        Inspection::Sound(manifest) => Looked::Sound(manifest, file),
        Inspection::Malformed(findings) => Looked::Malformed(findings),
    })
}

/// Judges all files together: what one wheel needs, another may bring.
fn judge_all(looked: &[(String, Looked)], targets: &[Target], today: Date) -> Vec<Judged> {
    let sound = || {
        looked.iter().filter_map(|(_, looked)| if let Looked::Sound(m, f) = looked { Some((&**m, f)) } else { None })
    };
    let installed = Installed::new(sound().map(|(manifest, file)| (manifest, file as &dyn ReadAt)));
    let facts: Vec<_> = sound().map(|(manifest, _)| manifest.facts(Origin::Unverified)).collect();
    let layer = Layer::new(facts, Vec::new(), &installed, BTreeSet::new());
    let judged: Vec<_> = layer
        .wheels()
        .par_iter()
        .zip(sound().collect::<Vec<_>>())
        .map(|(facts, (manifest, _))| {
            let judge_on = |target: &Target| {
                let mut findings = judge(&layer, facts, target);
                let fails = verdict_of(&findings) == Verdict::Fails;
                let help = if fails { advise(&layer, facts, target, today) } else { None };
                findings.extend(manifest.warnings.iter().cloned());
                ((*target, findings), help)
            };
            targets.iter().map(judge_on).unzip()
        })
        .collect();
    let mut judged = judged.into_iter();
    let everywhere = |findings: &Vec<Finding>| targets.iter().map(|target| (*target, findings.clone())).collect();
    let one = |(path, looked): &(String, Looked)| match looked {
        Looked::Sound(..) => {
            let (findings, help) = judged.next()?;
            Some(Judged { path: path.clone(), findings, help, malformed: false })
        }
        Looked::Malformed(findings) => Some(Judged {
            path: path.clone(),
            findings: everywhere(findings),
            help: vec![None; targets.len()],
            malformed: true,
        }),
    };
    looked.iter().filter_map(one).collect()
}

fn exit_of(file: &Judged, every_target_must_be_met: bool, strict: bool) -> Exit {
    let bad = |findings: &[Finding]| {
        let worst = findings.iter().map(|finding| finding.severity).max();
        worst == Some(Severity::Error) || (strict && worst == Some(Severity::Warning))
    };
    let mut verdicts = file.findings.iter().map(|(_, findings)| bad(findings));
    let fails = if every_target_must_be_met { verdicts.any(|bad| bad) } else { verdicts.all(|bad| bad) };
    if fails { Exit::Findings } else { Exit::Fine }
}

fn print(judged: &[Judged], targets: &[Target], runtime_named: bool, console: &mut Console) -> Result<(), Failure> {
    let with_source = console.verbose > 0;
    let mut loading = 0;
    for file in judged {
        let fails = exit_of(file, runtime_named, false) == Exit::Findings;
        loading += usize::from(!fails);
        if file.malformed {
            let findings = file.findings.first().map(|(_, findings)| findings.as_slice()).unwrap_or_default();
            console.result(&crate::report::malformed_block(&file.path, findings, with_source))?;
        } else if runtime_named || targets.len() == 1 {
            for ((target, findings), help) in file.findings.iter().zip(&file.help) {
                // Under --quiet only what fails is worth a line.
                if !console.quiet || verdict_of(findings) == Verdict::Fails {
                    console.result(&verdict_block(&file.path, target, findings, help.as_deref(), with_source))?;
                }
            }
        } else if !console.quiet || fails {
            let help = if fails { file.help.iter().flatten().next() } else { None };
            console.result(&matrix_block(&file.path, &file.findings, help.map(String::as_str)))?;
        }
    }
    if judged.len() > 1 {
        let failing = judged.len() - loading;
        let load = if loading == 1 { "loads" } else { "load" };
        let not = if failing == 1 { "does not" } else { "do not" };
        console.summary(&format!("{} wheels: {loading} {load}, {failing} {not}", judged.len()));
    }
    Ok(())
}

fn print_json(
    judged: Vec<Judged>,
    checked: Vec<CheckedRequirements>,
    targets: &[Target],
    console: &mut Console,
) -> Result<(), Failure> {
    let mut documents: Vec<(Target, json::CheckedFiles)> =
        targets.iter().map(|target| (*target, json::CheckedFiles { files: Vec::new() })).collect();
    for file in judged {
        let rows = file.findings.into_iter().zip(file.help);
        for ((_, document), ((_, findings), help)) in documents.iter_mut().zip(rows) {
            let verdict = verdict_of(&findings);
            document.files.push(json::CheckedFile { path: file.path.clone(), verdict, findings, help });
        }
    }
    for file in checked {
        for ((_, document), row) in documents.iter_mut().zip(file.into_json(targets)) {
            document.files.push(row);
        }
    }
    console.document(&json::Document::new("check", &documents))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Io, format!("{}: {error}", path.display()))
}

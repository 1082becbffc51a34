//! `layerpack check`: will it load? Opens no socket for wheels, zips and trees, and writes nothing.
//!
//! `inputs` says what each path is, `look` reads it, `judge` holds it against the targets (`held` where it is a finished
//! layer or function, `lock` against the wheels that it should be made of), `requirements` looks for the wheels of files
//! that only name packages, `print` says the outcome.

mod held;
mod inputs;
mod judge;
mod lock;
mod look;
mod print;
mod requirements;

use std::path::PathBuf;
use std::sync::Arc;

use lambda_compat::{Finding, Severity, Target};
use rayon::prelude::*;

use crate::args::{BelowArgs, CheckArgs, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Below, Brought, Common, Finished, excluded};
use crate::plan::{
    CheckTargets, CheckedPaths, Exceptions, check_targets, existing, finished, plan_checked, plan_file, platform_notes,
    runtime_dates,
};
use crate::report::Console;
use inputs::{Inputs, read_inputs};
use judge::{Judged, Question, judge_all};
use lock::{Locked, goes_with_a_lock};
use look::{File, look};
use requirements::{CheckedRequirements, Look, check_requirements};

/// What came out of a run.
struct Outcome {
    targets: CheckTargets,
    files: Vec<Judged>,
    /// Requirement and lock files.
    lists: Vec<CheckedRequirements>,
    /// What is said of the run, not of a file.
    findings: Vec<Finding>,
    /// What could not be looked at.
    failures: Vec<Failure>,
    /// The exceptions that were made.
    left_out: Vec<String>,
    strict: bool,
}

pub(crate) fn run(
    args: &CheckArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let CheckedPaths { paths, configured } = plan_checked(&args.paths, config, environment)?;
    let typed = LayerArgs::from(args);
    let common = Common::new(environment);
    let inputs = read_inputs(&paths);
    let wanted = match &args.lock {
        Some(path) => {
            goes_with_a_lock(&inputs)?;
            let layer = plan_file(&existing(path.clone())?, &typed, config, environment)?;
            Some(Locked::read(path, layer, &common, console)?)
        }
        None => None,
    };
    let targets = match &wanted {
        Some(locked) => locked.targets(),
        None => check_targets(&args.target, &configured, environment)?,
    };
    for note in platform_notes(&args.target, &targets.all)? {
        console.finding(&note);
    }
    let Exceptions { provided, ignores } = Exceptions::read(&args.judging, config)?;
    let excludes = excluded(&args.requirements.resolve)?;
    let below = below(&args.below, &targets.all)?;
    let question = Question {
        below: &below,
        targets: &targets.all,
        together: args.together,
        provided,
        ignores,
        excludes: &excludes,
        today: environment.today()?,
    };
    // One path that cannot be read must not hide what is known of the others.
    let Inputs { files: inputs, lists: named, mut failures } = inputs;
    // Side by side: hashing and the last large entry of one wheel leave a core to the next.
    let looked: Vec<_> = inputs.par_iter().map(look).collect();
    let mut files: Vec<File> = Vec::new();
    for outcome in looked {
        match outcome {
            Ok(file) => files.push(file),
            Err(failure) => failures.push(failure),
        }
    }
    let mut judged = judge_all(&files, &question);
    if let Some(locked) = &wanted {
        locked.trace(&files, &mut judged, &question, console)?;
    }
    let files = judged;
    let mut lists = Vec::new();
    for path in named {
        let look =
            Look { targets: &targets.all, deep: args.requirements.deep, if_possible: args.requirements.if_possible };
        let checked = plan_file(&path, &typed, config, environment)
            .and_then(|layer| check_requirements(&path, layer, &look, &common, console));
        match checked {
            Ok(mut list) => {
                list.leave_out(&question.ignores);
                lists.push(list);
            }
            Err(failure) => failures.push(failure),
        }
    }
    let checked = files.iter().flat_map(|file| &file.packages).collect();
    let mut findings = question.ignores.unused(&checked);
    if !targets.are_a_matrix() {
        findings.extend(runtime_dates(&targets.all, question.today));
    }
    let left_out = question.ignores.used();
    let outcome = Outcome { targets, files, lists, findings, failures, left_out, strict: args.strict };
    let exit = outcome.exit();
    print::print(outcome, console)?;
    Ok(exit)
}

/// The finished layers that the function has below what is checked.
fn below(args: &BelowArgs, targets: &[Target]) -> Result<Vec<Brought>, Failure> {
    // Of a finished layer the target says only which of its folders Python looks into.
    let Some(target) = targets.first() else { return Ok(Vec::new()) };
    let read = |path: &PathBuf| {
        let path = finished(path.clone())?;
        Below::Finished(Arc::new(Finished::read(&path)?)).brought(target)
    };
    args.on_top_of.iter().map(read).collect()
}

impl Outcome {
    fn exit(&self) -> Exit {
        let files = self.files.iter().map(|file| if self.is_good(file) { Exit::Fine } else { Exit::Findings });
        let lists = self.lists.iter().map(|list| list.exit(&self.targets, self.strict));
        let failures = self.failures.iter().map(|failure| failure.exit);
        let run = if self.findings.iter().all(|finding| self.passes(finding)) { Exit::Fine } else { Exit::Findings };
        files.chain(lists).chain(failures).fold(run, Ord::max)
    }

    /// Whether a file is what was asked for: on enough targets no finding counts.
    fn is_good(&self, file: &Judged) -> bool {
        self.targets.are_met(|target| file.findings_on(target).iter().all(|finding| self.passes(finding)))
    }

    fn passes(&self, finding: &Finding) -> bool {
        finding.severity < if self.strict { Severity::Warning } else { Severity::Error }
    }
}

//! `layerpack check`: will it load? Opens no socket for wheels, zips and trees, and writes nothing.
//!
//! `group` puts together what is for the same targets, `inputs` says what each path is, `look` reads it, `judge` holds it
//! against the targets (`held` where it is a finished layer or function, `lock` against the wheels that it should be made
//! of), `requirements` looks for the wheels of files that only name packages, `print` says the outcome.

mod group;
mod held;
mod inputs;
mod judge;
mod lock;
mod look;
mod print;
mod requirements;

use std::path::PathBuf;
use std::sync::Arc;

use lambda_compat::{Finding, Target};
use rayon::prelude::*;

use crate::args::{CheckArgs, Format, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Below, Brought, Common, Finished, excluded};
use crate::plan::{BuiltBelow, Exceptions, existing, finished, plan_checked, plan_file, platform_notes, runtime_dates};
use crate::report::Console;
use group::{Group, Wanted, in_groups, passes, union};
use inputs::{Inputs, read_inputs};
use judge::{Question, judge_all};
use lock::{Locked, goes_with_a_lock};
use look::{File, look};
use requirements::{Look, check_requirements};

/// What came out of a run.
struct Outcome {
    groups: Vec<Group>,
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
    let paths = plan_checked(&args.paths, config, environment)?;
    let typed = LayerArgs::from(args);
    let common = Common::new(environment);
    let (locked, wanted) = match &args.lock {
        Some(path) => {
            let inputs = read_inputs(&paths.into_iter().map(|one| one.path).collect::<Vec<_>>());
            goes_with_a_lock(&inputs)?;
            let layer = plan_file(&existing(path.clone())?, &typed, config, environment)?;
            let locked = Locked::read(path, layer, &common, console)?;
            let targets = locked.targets();
            (Some(locked), vec![Wanted { targets, below: BuiltBelow::default(), inputs }])
        }
        None => (None, in_groups(paths, args, environment)?),
    };
    let all = union(wanted.iter().map(|group| &group.targets));
    for note in platform_notes(&args.target, &all)? {
        console.finding(&note);
    }
    let Exceptions { provided, ignores } = Exceptions::read(&args.judging, config)?;
    let excludes = excluded(&args.requirements.resolve)?;
    let today = environment.today()?;
    // One path that cannot be read must not hide what is known of the others.
    let (mut groups, mut failures) = (Vec::new(), Vec::new());
    for Wanted { targets, below, inputs: Inputs { files: inputs, lists: named, failures: not_read } } in wanted {
        failures.extend(not_read);
        if below.is_open && console.format != Format::Json {
            let paths: Vec<_> = inputs.iter().map(|input| input.path().display().to_string()).collect();
            console.summary(&format!(
                "{}: not all that lies below is built; what that may have is left open",
                paths.join(", ")
            ));
        }
        let brought = match bring(args.below.on_top_of.iter().chain(&below.paths), &targets.all) {
            Ok(brought) => brought,
            Err(failure) if below.paths.is_empty() => return Err(failure),
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let question = Question {
            below: &brought,
            below_is_open: below.is_open,
            targets: &targets.all,
            together: args.together,
            provided: &provided,
            ignores: &ignores,
            excludes: &excludes,
            today,
        };
        // Side by side: hashing and the last large entry of one wheel leave a core to the next.
        let read: Vec<_> = inputs.par_iter().map(look).collect();
        let mut seen: Vec<File> = Vec::new();
        for outcome in read {
            match outcome {
                Ok(file) => seen.push(file),
                Err(failure) => failures.push(failure),
            }
        }
        let mut files = judge_all(&seen, &question);
        if let Some(locked) = &locked {
            locked.trace(&seen, &mut files, &question, console)?;
        }
        let mut lists = Vec::new();
        for path in named {
            let look = Look {
                targets: &targets.all,
                deep: args.requirements.deep,
                if_possible: args.requirements.if_possible,
            };
            let checked = plan_file(&path, &typed, config, environment)
                .and_then(|layer| check_requirements(&path, layer, &look, &common, console));
            match checked {
                Ok(mut list) => {
                    list.leave_out(&ignores);
                    lists.push(list);
                }
                Err(failure) => failures.push(failure),
            }
        }
        groups.push(Group { targets, files, lists, strict: args.strict });
    }
    let checked = groups.iter().flat_map(|group| &group.files).flat_map(|file| &file.packages).collect();
    let mut findings = ignores.unused(&checked);
    let of_one_answer = groups.iter().map(|group| &group.targets).filter(|targets| !targets.are_a_matrix());
    findings.extend(runtime_dates(&union(of_one_answer), today));
    let left_out = ignores.used();
    let outcome = Outcome { groups, findings, failures, left_out, strict: args.strict };
    let exit = outcome.exit();
    print::print(outcome, console)?;
    Ok(exit)
}

/// The finished layers that the function has below what is checked.
fn bring<'p>(paths: impl Iterator<Item = &'p PathBuf>, targets: &[Target]) -> Result<Vec<Brought>, Failure> {
    // Of a finished layer the target says only which of its folders Python looks into.
    let Some(target) = targets.first() else { return Ok(Vec::new()) };
    let read = |path: &PathBuf| {
        let path = finished(path.clone())?;
        Below::Finished(Arc::new(Finished::read(&path)?)).brought(target)
    };
    paths.map(read).collect()
}

impl Outcome {
    fn exit(&self) -> Exit {
        let groups = self.groups.iter().map(Group::exit);
        let failures = self.failures.iter().map(|failure| failure.exit);
        let passes = self.findings.iter().all(|finding| passes(finding, self.strict));
        groups.chain(failures).fold(if passes { Exit::Fine } else { Exit::Findings }, Ord::max)
    }
}

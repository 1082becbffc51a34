//! `layerpack check`: will it load? Opens no socket for wheels, zips and trees, and writes nothing.
//!
//! `group` puts together what is for the same targets and lies on the same (`below`), `checker` takes one group after the
//! other: `inputs` says what each path is, `look` reads it, `judge` holds it against the targets (`held` where it is a finished
//! layer or function, or lies on one, `lock` against the wheels that it should be made of), `requirements` looks for the wheels
//! of files that only name packages. `print` says the outcome.

mod below;
mod checker;
mod group;
mod held;
mod inputs;
mod judge;
mod lock;
mod look;
mod print;
mod requirements;

use lambda_compat::Finding;

use super::side_by_side::keep_to;
use crate::args::{CheckArgs, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Common, FinishedLayers, excluded};
use crate::plan::{Exceptions, each_once, existing, plan_checked, plan_file, platform_notes, runtime_dates};
use crate::report::Console;
use checker::Checker;
use group::{Group, Wanted, in_groups, passes};
use inputs::read_inputs;
use lock::{Locked, goes_with_a_lock};

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
    let common = Common::new(environment, keep_to(args.jobs, environment)?);
    let (locked, wanted) = match &args.lock {
        Some(lock) => {
            let inputs = read_inputs(&paths.iter().map(|one| one.path.clone()).collect::<Vec<_>>());
            goes_with_a_lock(&inputs)?;
            let layer = plan_file(&existing(lock.clone())?, &LayerArgs::from(args), config, environment)?;
            let locked = Locked::read(lock, layer, &common, console)?;
            let targets = locked.targets();
            let below = paths.first().map(|one| one.below(args, &targets, config, environment)).transpose()?;
            (Some(locked), vec![Wanted { targets, below: below.unwrap_or_default(), inputs }])
        }
        None => (None, in_groups(paths, args, config, environment)?),
    };
    let all = each_once(wanted.iter().flat_map(|group| &group.targets.all).copied());
    for note in platform_notes(&args.target, &all)? {
        console.finding(&note);
    }
    let exceptions = Exceptions::read(&args.judging, config)?;
    let today = environment.today()?;
    let mut checker = Checker {
        args,
        config,
        common: &common,
        locked: locked.as_ref(),
        exceptions: &exceptions,
        excludes: &excluded(&args.requirements.resolve)?,
        today,
        finished: FinishedLayers::default(),
        failures: Vec::new(),
    };
    let mut groups = Vec::new();
    for group in wanted {
        groups.extend(checker.check(group, console)?);
    }
    let (failures, ignores) = (checker.failures, &exceptions.ignores);
    let packages = groups.iter().flat_map(|group| &group.files).flat_map(|file| &file.packages).collect();
    let mut findings = ignores.unused(&packages);
    let of_one_answer = groups.iter().map(|group| &group.targets).filter(|targets| !targets.are_a_matrix());
    let of_one_answer = of_one_answer.flat_map(|targets| &targets.all).copied();
    findings.extend(runtime_dates(&each_once(of_one_answer), today));
    let left_out = ignores.used();
    let outcome = Outcome { groups, findings, failures, left_out, strict: args.strict };
    let exit = outcome.exit();
    print::print(outcome, console)?;
    Ok(exit)
}

impl Outcome {
    fn exit(&self) -> Exit {
        let groups = self.groups.iter().map(Group::exit);
        let failures = self.failures.iter().map(|failure| failure.exit);
        let passes = self.findings.iter().all(|finding| passes(finding, self.strict));
        groups.chain(failures).fold(if passes { Exit::Fine } else { Exit::Findings }, Ord::max)
    }
}

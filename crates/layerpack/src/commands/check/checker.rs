//! One group after the other, held against all that a run says of each.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lambda_compat::{Date, Target};
use rayon::prelude::*;
use wheel_tags::DistName;

use super::below::LiesOn;
use super::group::{Group, Wanted};
use super::inputs::{Input, Inputs};
use super::judge::{Judged, Question, judge_all};
use super::lock::Locked;
use super::look::{File, look};
use super::requirements::{CheckedRequirements, Look, check_requirements};
use crate::args::{CheckArgs, LayerArgs};
use crate::config::Config;
use crate::failure::Failure;
use crate::layer::{Common, FinishedLayers};
use crate::plan::{Exceptions, plan_file};
use crate::report::Console;

/// What all groups are checked with.
pub(super) struct Checker<'a> {
    pub(super) args: &'a CheckArgs,
    pub(super) config: Option<&'a Config>,
    pub(super) common: &'a Common<'a>,
    pub(super) locked: Option<&'a Locked>,
    pub(super) exceptions: &'a Exceptions,
    /// What is missing on purpose.
    pub(super) excludes: &'a BTreeSet<DistName>,
    pub(super) today: Date,
    /// The layers below that were read.
    pub(super) finished: FinishedLayers,
    /// What could not be looked at: one path that cannot be read must not hide what is known of the others.
    pub(super) failures: Vec<Failure>,
}

impl Checker<'_> {
    /// Checks one group; `None` where what lies below it cannot be read.
    pub(super) fn check(&mut self, wanted: Wanted, console: &mut Console) -> Result<Option<Group>, Failure> {
        let Wanted { targets, below, inputs: Inputs { files: inputs, lists: named, failures } } = wanted;
        self.failures.extend(failures);
        let read = LiesOn::read(&targets.all, below, &mut self.finished);
        let files = read.and_then(|lies_on| Ok((self.files(&inputs, &targets.all, &lies_on, console)?, lies_on)));
        match files {
            Ok((files, lies_on)) => {
                let lists = self.lists(named, &targets.all, &lies_on, console);
                Ok(Some(Group { targets, lies_on, files, lists, strict: self.args.strict }))
            }
            // What is typed is below all of them.
            Err(failure) if !self.args.below.on_top_of.is_empty() => Err(failure),
            Err(failure) => {
                self.failures.push(failure);
                Ok(None)
            }
        }
    }

    /// Wheels, and finished layers and functions.
    fn files(
        &mut self,
        inputs: &[Input],
        targets: &[Target],
        lies_on: &LiesOn,
        console: &mut Console,
    ) -> Result<Vec<Judged>, Failure> {
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let Exceptions { provided, ignores } = self.exceptions;
        let question = Question {
            below: &lies_on.under()?,
            targets,
            together: self.args.together,
            provided,
            ignores,
            excludes: self.excludes,
            today: self.today,
        };
        // Side by side: hashing and the last large entry of one wheel leave a core to the next.
        let read: Vec<_> = inputs.par_iter().map(look).collect();
        let mut seen: Vec<File> = Vec::new();
        for outcome in read {
            match outcome {
                Ok(file) => seen.push(file),
                Err(failure) => self.failures.push(failure),
            }
        }
        let mut files = judge_all(&seen, &question);
        if let Some(locked) = self.locked {
            locked.trace(&seen, &mut files, &question, console)?;
        }
        Ok(files)
    }

    /// Requirement and lock files.
    fn lists(
        &mut self,
        named: Vec<PathBuf>,
        targets: &[Target],
        lies_on: &LiesOn,
        console: &mut Console,
    ) -> Vec<CheckedRequirements> {
        let (typed, requirements) = (LayerArgs::from(self.args), &self.args.requirements);
        let look = Look { targets, lies_on, deep: requirements.deep, if_possible: requirements.if_possible };
        let mut lists = Vec::new();
        for path in named {
            let checked = plan_file(&path, &typed, self.config, self.common.environment)
                .and_then(|layer| check_requirements(&path, layer, &look, self.common, console));
            match checked {
                Ok(mut list) => {
                    list.leave_out(&self.exceptions.ignores);
                    lists.push(list);
                }
                Err(failure) => self.failures.push(failure),
            }
        }
        lists
    }
}

//! Layers that are built together, all of them or none: those of one stack, on one target.
//!
//! Each is decided by a thread of its own, which then waits until all of the group are; the stacks are judged by what the
//! layers would weigh, and the threads go on to write, or end. A layer in no stack with others waits for nobody.

use std::sync::mpsc;
use std::thread;

use lambda_compat::Finding;
use layer_pack::Part;

use super::stacks::{Fate, Judged, Planned};
use crate::commands::side_by_side::{Permit, Permits};
use crate::failure::Failure;
use crate::layer::{Job, Made};
use crate::plan::each_once;

/// Layers on one target, and the stacks that they share.
pub(super) struct Group<'a> {
    /// With their numbers, in the order of the run.
    jobs: Vec<(usize, Job<'a>)>,
    /// With their numbers.
    stacks: Vec<(usize, &'a Planned<'a>)>,
}

/// What came of one layer.
pub(super) struct Done {
    pub(super) number: usize,
    /// What is to be said of it.
    pub(super) told: Vec<Finding>,
    pub(super) made: Result<Made, Failure>,
}

/// The groups of a run, in the order of their first layers.
pub(super) fn groups<'a>(jobs: &[Job<'a>], stacks: &'a [Planned<'a>]) -> Vec<Group<'a>> {
    let mut group_of: Vec<usize> = (0..jobs.len()).collect();
    let mut of_stacks: Vec<(usize, usize)> = Vec::new();
    let targets = each_once(jobs.iter().map(|job| *job.target));
    for (number, stack) in stacks.iter().enumerate() {
        for target in &targets {
            let on: Vec<usize> =
                (0..jobs.len()).filter(|at| jobs.get(*at).is_some_and(|job| job.target == target)).collect();
            let members = stack.members(on.iter().filter_map(|at| Some((*at, jobs.get(*at)?.name()))));
            let Some((first, _)) = members.split_first() else { continue };
            of_stacks.push((*first, number));
            let joined: Vec<usize> = members.iter().filter_map(|at| group_of.get(*at).copied()).collect();
            let own = joined.iter().copied().min().unwrap_or(*first);
            for group in group_of.iter_mut().filter(|group| joined.contains(group)) {
                *group = own;
            }
        }
    }
    let numbered = || jobs.iter().copied().enumerate().zip(&group_of);
    let firsts = group_of.iter().enumerate().filter(|(at, group)| at == *group).map(|(_, group)| *group);
    let group = |own: usize| Group {
        jobs: numbered().filter(|(_, group)| **group == own).map(|(job, _)| job).collect(),
        stacks: of_stacks
            .iter()
            .filter(|(member, _)| group_of.get(*member) == Some(&own))
            .filter_map(|(_, number)| Some((*number, stacks.get(*number)?)))
            .collect(),
    };
    firsts.map(group).collect()
}

impl<'a> Group<'a> {
    /// Builds the layers, and judges the stacks.
    pub(super) fn build(&self, permits: &Permits) -> (Vec<Done>, Vec<(usize, Judged<'a>)>) {
        if !self.stacks.is_empty() {
            return self.build_together(permits);
        }
        let alone = self.jobs.iter().map(|(number, job)| {
            let _permit = permits.take();
            let mut told = Vec::new();
            let made = job.build(None, &mut told);
            Done { number: *number, told, made }
        });
        (alone.collect(), Vec::new())
    }

    fn build_together(&self, permits: &Permits) -> (Vec<Done>, Vec<(usize, Judged<'a>)>) {
        thread::scope(|scope| {
            let (weigh, weighed) = mpsc::channel();
            let members = self.jobs.iter().map(|(number, job)| {
                let (answer, answered) = mpsc::channel();
                let waiting = Waiting { weigh: Some(weigh.clone()), answered, permits };
                (answer, scope.spawn(move || waiting.build(*number, job)))
            });
            let (answers, members): (Vec<_>, Vec<_>) = members.collect();
            drop(weigh);
            // It ends when every one has told its weight, or has failed.
            let parts: Vec<Part> = weighed.into_iter().collect();
            let whole = parts.len() == self.jobs.len();
            let judged: Vec<Judged<'_>> = self.judged(&parts);
            let admitted = whole && judged.iter().all(Judged::is_fine);
            for answer in answers {
                // Who has failed does not listen.
                let _ = answer.send(admitted);
            }
            let done = members
                .into_iter()
                .map(|member| member.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            let done: Vec<Done> = done.collect();
            let withheld = done.iter().filter_map(|one| match &one.made {
                Ok(Made::Withheld(part)) => Some(part.clone()),
                _ => None,
            });
            // What could be left out was not known before.
            let mut judged = if admitted { judged } else { self.judged(&withheld.collect::<Vec<_>>()) };
            let all_made = done.iter().all(|one| matches!(one.made, Ok(Made::Layer(_))));
            for stack in &mut judged {
                stack.fate = match (admitted, all_made) {
                    (false, _) => Fate::Withheld,
                    (true, false) => Fate::WrittenInPart,
                    (true, true) => Fate::Written,
                };
            }
            (done, self.stacks.iter().map(|(number, _)| *number).zip(judged).collect())
        })
    }

    fn judged(&self, parts: &[Part]) -> Vec<Judged<'a>> {
        let Some((_, first)) = self.jobs.first() else { return Vec::new() };
        self.stacks.iter().map(|(_, stack)| stack.judged(first.target, parts)).collect()
    }
}

/// One of a group, which tells what it weighs and waits for an answer before it writes.
struct Waiting<'p> {
    weigh: Option<mpsc::Sender<Part>>,
    answered: mpsc::Receiver<bool>,
    permits: &'p Permits,
}

impl Waiting<'_> {
    fn build(mut self, number: usize, job: &Job<'_>) -> Done {
        let mut permit: Option<Permit<'_>> = Some(self.permits.take());
        let mut told = Vec::new();
        let mut admits = |part: Part| {
            // Others may need it to be decided.
            permit = None;
            if let Some(weigh) = self.weigh.take() {
                let _ = weigh.send(part);
            }
            let admitted = self.answered.recv().unwrap_or(false);
            permit = Some(self.permits.take());
            admitted
        };
        let made = job.build(Some(&mut admits), &mut told);
        Done { number, told, made }
    }
}

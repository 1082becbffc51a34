//! What a layer is to be, decided before a byte of it is written: judged, planned and weighed.

use std::sync::Arc;

use lambda_compat::{Finding, Severity, Target};
use layer_pack::{LayerPlan, LocalFile, Part, PlanError, PlanOptions, Saving, Stack, Weight, plan, weigh};
use wheel_archive::FileAt;

use crate::failure::Failure;
use crate::layer::{
    Asked, Brought, Chosen, Function, Job, LayerWheel, Order, Stopped, Together, UnmetAre, download, inputs_of,
    judge_all, open_wheels,
};

/// Everything that a layer is made of, on disk and opened.
pub(super) struct Gathered<'a> {
    order: &'a Order<'a>,
    target: &'a Target,
    chosen: &'a Chosen,
    pub(super) wheels: Vec<LayerWheel>,
    opened: Vec<FileAt>,
    /// Those of the source that belong to no package.
    files: Vec<LocalFile>,
    /// What is said of files that are not packed.
    passed_over: Vec<Finding>,
    below: Vec<Arc<Brought>>,
}

/// A layer that is decided.
pub(super) struct Decided<'a> {
    pub(super) order: &'a Order<'a>,
    pub(super) target: &'a Target,
    pub(super) chosen: &'a Chosen,
    pub(super) wheels: &'a [LayerWheel],
    pub(super) below: &'a [Arc<Brought>],
    pub(super) plan: LayerPlan<'a>,
    pub(super) weight: Weight,
    /// What is to be said of it: no errors.
    pub(super) findings: Vec<Finding>,
}

impl<'a> Gathered<'a> {
    /// Downloads what the store has not got, of the layers below too, and reads the files of the source.
    pub(super) fn new(job: &Job<'a>, chosen: &'a Chosen) -> Result<Self, Failure> {
        let Job { order, target } = *job;
        let asked = order.asked;
        let wheels = download(asked, chosen)?;
        let below = asked.below_on(target).map(|below| below.brought(target)).collect::<Result<_, _>>()?;
        let (files, passed_over) = asked.source.own_files(&order.outputs.places())?;
        let opened = open_wheels(&wheels)?;
        Ok(Self { order, target, chosen, wheels, opened, files, passed_over, below })
    }

    /// What is said of the wheels and the files as the one layer that they become.
    fn judged(&self) -> Result<Vec<Finding>, Failure> {
        let Asked { policy, excludes, source, .. } = self.order.asked;
        let left_to_runtime = &self.chosen.left_to_runtime;
        let together = Together {
            wheels: &self.wheels,
            files: &self.files,
            layout: source.layout,
            left_to_runtime,
            below: &self.below,
            unmet: match (policy.no_deps, self.below.is_empty()) {
                (true, _) => UnmetAre::Warning,
                (false, true) => UnmetAre::Nothing,
                (false, false) => UnmetAre::Error,
            },
            left_open: &self.order.asked.left_open(),
            // What is left out, something else brings.
            complete: !policy.no_deps && excludes.is_empty() && left_to_runtime.is_empty(),
            exceptions: &self.order.exceptions,
        };
        judge_all(&together, self.target, self.order.today, self.order.with_sources)
    }

    fn planned(&self) -> Result<LayerPlan<'_>, PlanError> {
        let options = PlanOptions {
            layout: self.order.asked.source.layout,
            slim: self.order.slim.clone(),
            python: self.target.runtime.name.python(),
            ..PlanOptions::default()
        };
        plan(&inputs_of(&self.wheels, &self.opened), &self.files, &options)
    }
}

impl<'a> Decided<'a> {
    /// Judges, plans and weighs. What does not load or is too much is a failure.
    pub(super) fn new(gathered: &'a Gathered<'a>) -> Result<Self, Stopped> {
        let Gathered { order, target, chosen, wheels, below, passed_over, .. } = gathered;
        // Both only look at the wheels: side by side they take as long as the longer of them.
        let mut planned = None;
        let judged = rayon::in_place_scope(|scope| {
            scope.spawn(|_| planned = Some(gathered.planned()));
            gathered.judged()
        });
        let mut findings = judged?;
        let plan = planned.expect("the scope waits for what it has spawned")?;
        let weight = weigh(&plan);
        findings.extend(passed_over.iter().cloned());
        findings.extend(plan.findings().iter().cloned());
        findings.extend(weight.findings());
        let decided = Self { order, target, chosen, wheels, below, plan, weight, findings };
        if let Some(over) = decided.over()? {
            return Err(Failure::of_finding(&over).into());
        }
        match decided.findings.iter().find(|finding| finding.severity == Severity::Error) {
            Some(error) => Err(Failure::of_finding(error).into()),
            None => Ok(decided),
        }
    }

    /// What shares the function with it.
    pub(super) fn function(&self) -> Function<'_> {
        Function { limit: self.order.limit, below: self.below, reserved: &self.order.reserved }
    }

    /// That it is too much, with what could be left out.
    fn over(&self) -> Result<Option<Finding>, PlanError> {
        let over = |savings: &[Saving]| self.function().over(&self.weight, savings);
        let Some(plain) = over(&[]) else { return Ok(None) };
        let stack = Stack { parts: vec![self.part()?], reserved: Vec::new() };
        Ok(Some(over(&stack.savings()).unwrap_or(plain)))
    }

    /// It as a part of a stack.
    pub(super) fn part(&self) -> Result<Part, PlanError> {
        Part::of_plan(&self.order.asked.source.name, &self.plan)
    }

    /// The same without what could be left out, which takes time.
    pub(super) fn weighed(&self) -> Part {
        Part::planned(&self.order.asked.source.name, &self.plan)
    }
}

//! The layers of a run: what lies below comes first, and what is wrong with one does not keep the others from being
//! looked at.

use std::sync::Arc;

use lambda_compat::{Code, Finding, Target};

use crate::failure::Failure;
use crate::layer::{Asked, Below, FinishedLayers};
use crate::plan::{PlannedBelow, PlannedLayer};

/// The layers that were read, and what is wrong with the others.
#[derive(Default)]
pub(crate) struct Several {
    /// In the order of the plan; `None` where a layer, or one below it, could not be read.
    read: Vec<Option<Arc<Asked>>>,
    wanted: Vec<Arc<Asked>>,
    finished: FinishedLayers,
    pub(crate) failures: Vec<Failure>,
}

/// A layer on one target.
#[derive(Clone, Copy)]
pub(crate) struct OnTarget<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) target: &'a Target,
}

impl Several {
    /// Reads all layers of a plan.
    pub(crate) fn read(
        layers: Vec<PlannedLayer>,
        mut read: impl FnMut(PlannedLayer, Vec<Below>) -> Result<Asked, Failure>,
    ) -> Self {
        let mut several = Self::default();
        for layer in layers {
            several.take(layer, &mut read);
        }
        several
    }

    /// Reads the next layer of a plan.
    fn take(&mut self, layer: PlannedLayer, read: impl FnOnce(PlannedLayer, Vec<Below>) -> Result<Asked, Failure>) {
        let wanted = layer.wanted;
        let asked = match self.below(&layer.below) {
            Ok(Some(below)) => read(layer, below).map(|asked| Some(Arc::new(asked))),
            // Why there is nothing to lie on has been said.
            Ok(None) => Ok(None),
            Err(failure) => Err(failure),
        };
        let asked = asked.unwrap_or_else(|failure| {
            self.failures.push(failure);
            None
        });
        self.wanted.extend(asked.clone().filter(|_| wanted));
        self.read.push(asked);
    }

    /// The layers that were asked for.
    pub(crate) fn wanted(&self) -> &[Arc<Asked>] {
        &self.wanted
    }

    /// Each of them on each of its targets.
    pub(crate) fn on_targets<'a>(&'a self) -> Vec<OnTarget<'a>> {
        let on = |asked: &'a Asked| asked.targets.all.iter().map(move |target| OnTarget { asked, target });
        self.wanted.iter().flat_map(|asked| on(asked)).collect()
    }

    /// LP510 for those of them for which nobody named a target: once for all that are for the same, with their names where
    /// others are not.
    pub(crate) fn default_targets(&self) -> Vec<Finding> {
        let mut advice: Vec<(String, Vec<&str>)> = Vec::new();
        for asked in &self.wanted {
            let Some(text) = asked.targets.advice() else { continue };
            let name = asked.source.name.as_str();
            match advice.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) => names.push(name),
                None => advice.push((text, vec![name])),
            }
        }
        let finding = |(text, names): (String, Vec<&str>)| {
            let is_for_all = names.len() == self.wanted.len();
            let message = if is_for_all { text } else { format!("{}: {text}", names.join(", ")) };
            Finding::warning(Code::DefaultTarget, message)
        };
        advice.into_iter().map(finding).collect()
    }

    fn below(&mut self, planned: &[PlannedBelow]) -> Result<Option<Vec<Below>>, Failure> {
        let mut below = Vec::with_capacity(planned.len());
        for one in planned {
            below.push(match one {
                PlannedBelow::Layer(number) => match self.read.get(*number) {
                    Some(Some(asked)) => Below::Layer(Arc::clone(asked)),
                    _ => return Ok(None),
                },
                PlannedBelow::Finished(named) => Below::Finished(self.finished.read(named)?),
            });
        }
        Ok(Some(below))
    }
}

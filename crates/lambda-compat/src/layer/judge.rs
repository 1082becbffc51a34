//! A whole layer or function, judged as Python sees it: what no wheel shows by itself.

use wheel_tags::{DistName, Version};

use super::{Layer, NeededDistribution, WheelFacts, layout, modules, pth, requirements, scripts, sdk};
use crate::finding::Finding;
use crate::judge::{judge, judge_loose};
use crate::target::Target;

/// What has to be told to the judge of a layer, since neither the layer nor the target says it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Whether the standard library of the target's Python has a top-level module of this name.
    pub is_standard_module: &'a (dyn Fn(&str, &Target) -> bool + Sync),
    /// What a distribution requires on the target: its `Requires-Dist` whose markers hold there, without those of
    /// extras, as nobody knows which extras an installed distribution was asked for with.
    pub requirements: &'a (dyn Fn(&WheelFacts<'_>, &Target) -> Vec<NeededDistribution> + Sync),
    /// The distributions that layers below this one bring.
    pub below: &'a [(DistName, Version)],
}

/// What is to be said of a layer or function as a whole: sorted, without duplicates.
///
/// LP410 to LP421; what the wheels say each for itself is [`judge`](crate::judge)'s. A layer that is being built
/// is judged before anything is written, a finished one after it was read.
#[must_use]
pub fn judge_layer(layer: &Layer<'_>, target: &Target, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = layout::judge(layer, target);
    findings.extend(pth::judge(layer, target));
    findings.extend(modules::hiding(layer, target, surroundings));
    findings.extend(modules::shadowing(layer, target));
    findings.extend(sdk::judge(layer, target, surroundings.below));
    findings.extend(requirements::judge(layer, target, surroundings));
    findings.extend(scripts::judge(layer));
    findings.sort();
    findings.dedup();
    findings
}

/// Everything that is to be said of a finished layer or function on one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedLayer {
    /// What is said of each distribution, in the order of [`Layer::wheels`].
    pub wheels: Vec<Vec<Finding>>,
    /// What is said of the files that belong to none, and of the whole.
    pub whole: Vec<Finding>,
}

/// Judges every distribution of a layer, its other files, and the layer as a whole.
#[must_use]
pub fn judge_whole(layer: &Layer<'_>, target: &Target, surroundings: &Surroundings<'_>) -> JudgedLayer {
    let wheels = layer.wheels().iter().map(|wheel| judge(layer, wheel, target)).collect();
    let mut whole = judge_loose(layer, target);
    whole.extend(judge_layer(layer, target, surroundings));
    whole.sort();
    whole.dedup();
    JudgedLayer { wheels, whole }
}

impl JudgedLayer {
    /// All of it in one sorted list; what is about a distribution names it. `layer` is the one that was judged.
    #[must_use]
    pub fn findings(self, layer: &Layer<'_>) -> Vec<Finding> {
        let mut findings = self.whole;
        for (wheel, about) in layer.wheels().iter().zip(self.wheels) {
            findings.extend(about.into_iter().map(|mut finding| {
                finding.message = format!("{} {}: {}", wheel.name, wheel.version, finding.message);
                finding
            }));
        }
        findings.sort();
        findings.dedup();
        findings
    }
}

/// How one finding says that it is about more than the one that it names.
pub(super) fn more(count: usize, one: &str, many: &str) -> String {
    match count {
        0 | 1 => String::new(),
        2 => format!("; 1 more {one} too"),
        count => format!("; {} more {many} too", count - 1),
    }
}

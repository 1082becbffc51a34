//! `[stacks.NAME]` of the configuration: what a function has together, one budget for all of it. Judged when its layers
//! are built: before one is written as far as is known by then, and all together at the end.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding, Severity, Target};
use layer_pack::{Budget, ByteSize, LAYERS_LIMIT, Layout, Part, Reserved, Stack, UNZIPPED_LIMIT};

use super::size::part_of;
use crate::config::{Config, ConfiguredStack};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::{existing, parse_reserved, parse_size};
use crate::report::{Console, json};

type Built = [(Target, json::BuiltLayer)];

/// A stack, and what of it is there before any layer is built.
pub(super) struct Planned<'a> {
    stack: &'a ConfiguredStack,
    /// Names of layers that are built.
    layers: Vec<&'a str>,
    limit: u64,
    /// The function, and finished layers.
    there: Vec<Part>,
    reserved: Vec<Reserved>,
}

/// The stacks of the configuration.
pub(super) fn planned(config: &Config) -> Result<Vec<Planned<'_>>, Failure> {
    config.stacks.iter().map(|stack| plan(config, stack)).collect()
}

fn plan<'a>(config: &'a Config, stack: &'a ConfiguredStack) -> Result<Planned<'a>, Failure> {
    let file = config.file.display();
    let in_stack = |failure: Failure| {
        let help =
            format!("correct stacks.{} in {file}: a layer by its name, or a path relative to that file", stack.name);
        failure.about(&format!("stack {}", stack.name)).help(help)
    };
    let (mut layers, mut there) = (Vec::new(), Vec::new());
    for place in &stack.layers {
        match config.layer(place) {
            Some(layer) => layers.push(layer.name.as_str()),
            None => there.push(part(place.clone(), Layout::Layer).map_err(in_stack)?),
        }
    }
    if let Some(function) = &stack.function {
        there.push(part(function.clone(), Layout::Function).map_err(in_stack)?);
    }
    Ok(Planned {
        stack,
        layers,
        limit: stack.budget.as_deref().map_or(Ok(UNZIPPED_LIMIT), parse_size)?,
        there,
        reserved: stack.others.iter().map(|text| parse_reserved(text)).collect::<Result<_, _>>()?,
    })
}

fn part(path: PathBuf, kind: Layout) -> Result<Part, Failure> {
    part_of(&existing(path)?, Some(kind))
}

impl Planned<'_> {
    /// What is left for a layer of the stack beside what is there and what was built before it.
    pub(super) fn room(&self, layer: &str, target: &Target, built: &Built) -> Option<Budget> {
        if !self.layers.contains(&layer) {
            return None;
        }
        let before = built.iter().filter(|(on, other)| on == target && self.layers.contains(&other.layer.as_str()));
        let before = before.filter_map(|(_, other)| other.unzipped);
        let there = self.there.iter().map(|part| part.mass().unzipped);
        let all = before.chain(there).chain(self.reserved.iter().map(|reserved| reserved.bytes));
        Some(Budget { bytes: self.limit, taken: all.fold(0, u64::saturating_add) })
    }

    /// All of it on one target; `None` where not all of its layers were built for it.
    fn together(&self, target: &Target, built: &Built) -> Result<Option<Stack>, Failure> {
        let mut parts = Vec::new();
        for layer in &self.layers {
            let own = built.iter().find(|(on, other)| on == target && other.layer == *layer);
            let Some(path) = own.and_then(|(_, layer)| weighable(layer)) else { return Ok(None) };
            parts.push(part_of(Path::new(path), Some(Layout::Layer))?);
        }
        parts.extend(self.there.iter().cloned());
        Ok(Some(Stack { parts, reserved: self.reserved.clone() }))
    }

    /// Judges the stack on every target that all of its layers were built for.
    pub(super) fn judge(&self, built: &Built, console: &mut Console) -> Result<Exit, Failure> {
        let mut targets: Vec<Target> = Vec::new();
        for (target, _) in built {
            if !targets.contains(target) {
                targets.push(*target);
            }
        }
        let mut exit = Exit::Fine;
        for target in targets {
            let Some(stack) = self.together(&target, built)? else { continue };
            let (all, limit) = (ByteSize(stack.mass().unzipped), ByteSize(self.limit));
            console.summary(&format!(
                "stack {}   {target}: {all} of {limit} unzipped, {} of {LAYERS_LIMIT} layers",
                self.stack.name,
                stack.layers()
            ));
            // What is to be said of each zip was said when it was built.
            let of_all = |finding: &Finding| !matches!(finding.code, Code::DirectUpload | Code::TooManyEntries);
            for mut finding in stack.findings(self.limit).into_iter().filter(of_all) {
                finding.message = format!("stack {}: {}", self.stack.name, finding.message);
                if finding.severity == Severity::Error {
                    exit = Exit::Findings;
                }
                console.finding(&finding);
            }
        }
        Ok(exit)
    }
}

/// An output that says what a layer weighs and holds.
fn weighable(layer: &json::BuiltLayer) -> Option<&str> {
    let of = |kind: &str| layer.outputs.iter().find(|output| output.kind == kind).map(|output| output.path.as_str());
    of("zip").or_else(|| of("tree")).or_else(|| of("report"))
}

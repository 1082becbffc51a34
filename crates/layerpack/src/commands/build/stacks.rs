//! `[stacks.NAME]` of the configuration: what a function has together, one budget for all of it. Judged by what its layers
//! are decided to be, before any of them is written.

use std::path::PathBuf;

use lambda_compat::{Code, Finding, Severity, Target};
use layer_pack::{ByteSize, LAYERS_LIMIT, Layout, Part, Reserved, Stack, UNZIPPED_LIMIT};

use crate::commands::size::part_of;
use crate::config::{Config, ConfiguredStack};
use crate::failure::Failure;
use crate::plan::{existing, parse_reserved, parse_size};
use crate::report::{Console, json};

/// A stack, and what of it is there before any layer is built.
pub(super) struct Planned<'a> {
    stack: &'a ConfiguredStack,
    /// Names of layers that are built.
    layers: Vec<&'a str>,
    /// Those of them that could not even be read.
    unread: Vec<&'a str>,
    limit: u64,
    /// The function, and finished layers.
    there: Vec<Part>,
    reserved: Vec<Reserved>,
}

/// The stacks that a run builds whole: `wanted` are the names of its layers, `read` those that could be read.
pub(super) fn planned<'a>(config: &'a Config, wanted: &[String], read: &[&str]) -> Result<Vec<Planned<'a>>, Failure> {
    let mut planned = Vec::new();
    for stack in &config.stacks {
        let layers: Vec<&str> =
            stack.layers.iter().filter_map(|place| config.layer(place)).map(|layer| layer.name.as_str()).collect();
        if !layers.is_empty() && layers.iter().all(|layer| wanted.iter().any(|name| name == layer)) {
            let unread = layers.iter().copied().filter(|layer| !read.contains(layer)).collect();
            planned.push(plan(config, stack, layers, unread)?);
        }
    }
    Ok(planned)
}

fn plan<'a>(
    config: &'a Config,
    stack: &'a ConfiguredStack,
    layers: Vec<&'a str>,
    unread: Vec<&'a str>,
) -> Result<Planned<'a>, Failure> {
    let file = config.file.display();
    let in_stack = |failure: Failure| {
        let help =
            format!("correct stacks.{} in {file}: a layer by its name, or a path relative to that file", stack.name);
        failure.about(&format!("stack {}", stack.name)).help(help)
    };
    let mut there = Vec::new();
    for place in stack.layers.iter().filter(|place| config.layer(place).is_none()) {
        there.push(part(place.clone(), Layout::Layer).map_err(in_stack)?);
    }
    if let Some(function) = &stack.function {
        there.push(part(function.clone(), Layout::Function).map_err(in_stack)?);
    }
    Ok(Planned {
        stack,
        layers,
        unread,
        limit: stack.budget.as_deref().map_or(Ok(UNZIPPED_LIMIT), parse_size)?,
        there,
        reserved: stack.others.iter().map(|text| parse_reserved(text)).collect::<Result<_, _>>()?,
    })
}

fn part(path: PathBuf, kind: Layout) -> Result<Part, Failure> {
    part_of(&existing(path)?, Some(kind))
}

/// A stack on one target, and what is said of it.
pub(super) struct Judged<'a> {
    planned: &'a Planned<'a>,
    target: Target,
    /// What is known of it.
    stack: Stack,
    /// Layers of it that could not be decided.
    missing: Vec<&'a str>,
    findings: Vec<Finding>,
    pub(super) fate: Fate,
}

/// What became of the layers of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// None of them is written.
    Withheld,
    /// All of them are, or would be.
    Written,
    /// Writing one of them failed.
    WrittenInPart,
}

impl<'a> Planned<'a> {
    /// The numbers of its layers among those of one target; none where one of them is not for that target.
    pub(super) fn members<'b>(&self, on_target: impl Iterator<Item = (usize, &'b str)>) -> Vec<usize> {
        let members: Vec<usize> =
            on_target.filter(|(_, name)| self.layers.contains(name)).map(|(number, _)| number).collect();
        if members.len() + self.unread.len() == self.layers.len() { members } else { Vec::new() }
    }

    /// All of it, with what is known of the layers that are built.
    pub(super) fn judged(&'a self, target: &Target, decided: &[Part]) -> Judged<'a> {
        let (mut parts, mut missing) = (Vec::new(), Vec::new());
        for layer in &self.layers {
            match decided.iter().find(|part| part.name == *layer) {
                // What is to be said of the names in it is said of the layer.
                Some(part) => parts.push(Part { names: Vec::new(), ..part.clone() }),
                None => missing.push(*layer),
            }
        }
        parts.extend(self.there.iter().cloned());
        let stack = Stack { parts, reserved: self.reserved.clone() };
        let mut findings = stack.findings(self.limit);
        // So is what is to be said of each zip.
        findings.retain(|finding| !matches!(finding.code, Code::DirectUpload | Code::TooManyEntries));
        Judged { planned: self, target: *target, stack, missing, findings, fate: Fate::Withheld }
    }
}

impl Judged<'_> {
    /// Nothing keeps its layers from being written.
    pub(super) fn is_fine(&self) -> bool {
        self.missing.is_empty() && !self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Says what there is to say; what is too much comes back.
    pub(super) fn tell(&self, console: &mut Console) -> Vec<Failure> {
        let Self { planned, target, stack, .. } = self;
        let name = &planned.stack.name;
        let (all, limit) = (ByteSize(stack.mass().unzipped), ByteSize(planned.limit));
        let (errors, others): (Vec<&Finding>, Vec<&Finding>) =
            self.findings.iter().partition(|finding| finding.severity == Severity::Error);
        if self.fate == Fate::Written {
            let layers = stack.layers();
            console.summary(&format!(
                "stack {name}   {target}: {all} of {limit} unzipped, {layers} of {LAYERS_LIMIT} layers"
            ));
        } else if self.fate == Fate::WrittenInPart {
            console.summary(&format!("stack {name}   {target}: not all of it could be written"));
        } else if errors.is_empty() {
            let why = match self.missing.as_slice() {
                [] => "it shares a layer with one that is not written".to_owned(),
                missing => format!("{} could not be built", missing.join(" and ")),
            };
            console.summary(&format!("stack {name}   {target}: nothing of it is written, since {why}"));
        }
        for finding in others {
            let mut finding = finding.clone();
            finding.message = format!("stack {name}: {}", finding.message);
            console.finding(&finding);
        }
        let failure = |error: &&Finding| {
            let message = format!(
                "stack {name} on {target}: {}, so nothing of it is written\n  {}",
                error.message,
                self.weights().join(", ")
            );
            Failure::new(error.code, message).maybe_help(error.help.clone())
        };
        errors.iter().map(failure).collect()
    }

    /// What each part of it weighs, in bytes.
    fn weights(&self) -> Vec<String> {
        let parts = self.stack.parts.iter().map(|part| (&part.name, part.mass().unzipped));
        let all = parts.chain(self.stack.reserved.iter().map(|reserved| (&reserved.name, reserved.bytes)));
        all.map(|(name, bytes)| format!("{name} has {bytes}")).collect()
    }

    pub(super) fn document(&self) -> json::BuiltStack {
        let layer = |name: &&str| {
            let part = self.stack.parts.iter().find(|part| part.name == **name);
            json::StackLayer { name: (*name).to_owned(), unzipped: part.map(|part| part.mass().unzipped) }
        };
        json::BuiltStack {
            name: self.planned.stack.name.clone(),
            runtime: self.target.runtime.name.to_string(),
            arch: self.target.arch.to_string(),
            layers: self.planned.layers.iter().map(layer).collect(),
            unzipped: self.missing.is_empty().then(|| self.stack.mass().unzipped),
            limit: self.planned.limit,
            layer_count: self.stack.layers() + self.missing.len(),
            layer_limit: LAYERS_LIMIT,
            written: self.fate == Fate::Written,
            findings: self.findings.clone(),
        }
    }
}

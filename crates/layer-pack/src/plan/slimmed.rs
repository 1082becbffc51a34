//! What is left of the files of a layer that is to be slim.

use std::sync::OnceLock;

use super::{Content, Entry, PlanError, PlanOptions, Settled};
use crate::slim::{Decision, SlimFile, slim};
use crate::{FileKind, Slimmed, Tally};

/// Takes out what the rules have. Bytes are read of sources only, and only where a rule is asked for.
pub(super) fn slimmed<'a>(
    settled: Vec<Settled<'a>>,
    options: &PlanOptions,
) -> Result<(Vec<Settled<'a>>, Slimmed), PlanError> {
    if options.slim.is_empty() {
        return Ok((settled, Slimmed::default()));
    }
    let _span = tracing::debug_span!("slim").entered();
    let Decision { removed, kept } = decide(settled.iter().map(|settled| &settled.entry), options)?;
    let mut slimmed = Slimmed { removed: options.slim.rules().map(|rule| (rule, Tally::default())).collect(), kept };
    let mut left = Vec::with_capacity(settled.len());
    for (settled, rule) in settled.into_iter().zip(removed) {
        match rule {
            Some(rule) => slimmed.removed.entry(rule).or_default().add(&settled.entry),
            None => left.push(settled),
        }
    }
    Ok((left, slimmed))
}

/// What becomes of these files. It is for whoever promises, too.
pub(crate) fn decide<'e, 'a: 'e>(
    entries: impl Iterator<Item = &'e Entry<'a>>,
    options: &PlanOptions,
) -> Result<Decision, PlanError> {
    let entries: Vec<&Entry<'_>> = entries.collect();
    let file = |entry: &&'e Entry<'a>| SlimFile {
        path: entry.path.below_sys_path(options.layout),
        package: entry.package,
        kind: entry.kind(),
    };
    let files: Vec<SlimFile<'_>> = entries.iter().map(file).collect();
    let failed = OnceLock::new();
    let read = |number: usize| {
        let read = entries.get(number)?.content.read();
        read.map_err(|error| failed.set(error)).ok()
    };
    let decision = slim(&files, &options.slim, options.python, &read);
    match failed.into_inner() {
        Some(error) => Err(error),
        None => Ok(decision),
    }
}

impl Entry<'_> {
    /// What the file is for.
    pub(crate) fn kind(&self) -> FileKind {
        let is_native = matches!(&self.content, Content::Copied { entry, .. } if entry.binary.is_some());
        FileKind::of(self.path.as_str(), is_native)
    }
}

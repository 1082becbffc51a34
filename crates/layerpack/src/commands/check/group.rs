//! What goes together in a run: paths that are for the same targets and lie on the same. What of them is checked, and how
//! that came out.

use std::path::PathBuf;

use lambda_compat::{Code, Finding, Severity, Target};

use super::inputs::{Inputs, read_inputs};
use super::judge::Judged;
use super::requirements::CheckedRequirements;
use crate::args::CheckArgs;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::{BuiltBelow, CheckTargets, CheckedPath, check_targets};

/// What is to be looked at for the same targets.
pub(super) struct Wanted {
    pub(super) targets: CheckTargets,
    /// What the configuration says that they lie on.
    pub(super) below: BuiltBelow,
    pub(super) inputs: Inputs,
}

/// The paths by their targets and by what lies below them, each group where its first path stands.
pub(super) fn in_groups(
    paths: Vec<CheckedPath>,
    args: &CheckArgs,
    environment: &Environment,
) -> Result<Vec<Wanted>, Failure> {
    let mut groups: Vec<(CheckTargets, BuiltBelow, Option<String>, Vec<PathBuf>)> = Vec::new();
    for CheckedPath { path, layer, configured, mut below } in paths {
        let targets = check_targets(&args.target, &configured, environment)?;
        // What is typed wins, and of a function that is named whole nothing lies below.
        if args.together || !args.below.on_top_of.is_empty() {
            below = BuiltBelow::default();
        }
        if let Some((.., paths)) = groups.iter_mut().find(|(known, on, ..)| *known == targets && *on == below) {
            paths.push(path);
            continue;
        }
        if let Some((_, _, first, _)) = groups.first().filter(|_| args.together) {
            let name = |layer: &Option<String>| layer.clone().unwrap_or_else(|| "the others".to_owned());
            let message = format!("{} and {} are for different targets", name(first), name(&layer));
            return Err(Failure::new(Code::Usage, message).help(
                "what is one function has one target: leave --together out, or name it with --runtime and --arch",
            ));
        }
        groups.push((targets, below, layer, vec![path]));
    }
    let mut wanted = Vec::new();
    for (targets, below, _, paths) in groups {
        wanted.push(Wanted { targets, below, inputs: read_inputs(&paths) });
    }
    Ok(wanted)
}

/// All targets of several, each once.
pub(super) fn union<'a>(groups: impl Iterator<Item = &'a CheckTargets>) -> Vec<Target> {
    let mut all: Vec<Target> = Vec::new();
    for target in groups.flat_map(|targets| &targets.all) {
        if !all.contains(target) {
            all.push(*target);
        }
    }
    all
}

/// What came out of a group.
pub(super) struct Group {
    pub(super) targets: CheckTargets,
    pub(super) files: Vec<Judged>,
    /// Requirement and lock files.
    pub(super) lists: Vec<CheckedRequirements>,
    pub(super) strict: bool,
}

impl Group {
    pub(super) fn exit(&self) -> Exit {
        let files = self.files.iter().map(|file| if self.is_good(file) { Exit::Fine } else { Exit::Findings });
        let lists = self.lists.iter().map(|list| list.exit(&self.targets, self.strict));
        files.chain(lists).fold(Exit::Fine, Ord::max)
    }

    /// Whether a file is what was asked for: on enough targets no finding counts.
    pub(super) fn is_good(&self, file: &Judged) -> bool {
        let passes = |finding| passes(finding, self.strict);
        self.targets.are_met(|target| file.findings_on(target).iter().all(passes))
    }
}

/// Whether a finding lets a run pass.
pub(super) fn passes(finding: &Finding, strict: bool) -> bool {
    finding.severity < if strict { Severity::Warning } else { Severity::Error }
}

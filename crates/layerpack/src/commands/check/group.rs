//! What goes together in a run: paths that are for the same targets and lie on the same. What of them is checked, and how
//! that came out.

use std::path::PathBuf;

use lambda_compat::{Code, Finding, Severity};

use super::below::LiesOn;
use super::inputs::{Inputs, read_inputs};
use super::judge::Judged;
use super::requirements::CheckedRequirements;
use crate::args::CheckArgs;
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::{BuiltBelow, CheckTargets, CheckedPath, check_targets};

/// What is to be looked at for the same targets.
pub(super) struct Wanted {
    pub(super) targets: CheckTargets,
    /// What lies below, in the order of the targets.
    pub(super) below: Vec<BuiltBelow>,
    pub(super) inputs: Inputs,
}

/// Paths for the same targets, on top of the same.
struct Alike<'a> {
    targets: CheckTargets,
    below: Vec<BuiltBelow>,
    /// The configured layer of the first of them.
    layer: Option<&'a str>,
    paths: Vec<PathBuf>,
}

/// The paths by their targets and by what lies below them, each group where its first path stands.
pub(super) fn in_groups(
    paths: Vec<CheckedPath<'_>>,
    args: &CheckArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<Vec<Wanted>, Failure> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for path in paths {
        let targets = check_targets(&args.target, &path.configured, environment)?;
        let below = path.below(args, &targets, config, environment)?;
        let layer = path.layer.map(|layer| layer.name.as_str());
        if let Some(known) = groups.iter_mut().find(|known| known.targets == targets && known.below == below) {
            known.paths.push(path.path);
            continue;
        }
        if let Some(first) = groups.first().filter(|_| args.together) {
            let name = |layer: Option<&str>| layer.unwrap_or("the others").to_owned();
            let message = format!("{} and {} are for different targets", name(first.layer), name(layer));
            return Err(Failure::new(Code::Usage, message).help(
                "what is one function has one target: leave --together out, or name it with --runtime and --arch",
            ));
        }
        groups.push(Alike { targets, below, layer, paths: vec![path.path] });
    }
    let wanted = groups.into_iter().map(|Alike { targets, below, paths, .. }| {
        let inputs = read_inputs(&paths);
        Wanted { targets, below, inputs }
    });
    Ok(wanted.collect())
}

/// What came out of a group.
pub(super) struct Group {
    pub(super) targets: CheckTargets,
    pub(super) lies_on: LiesOn,
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

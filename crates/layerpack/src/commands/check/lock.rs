//! `check LAYER --lock FILE`: does every file of a finished layer come from the wheels of a lock?

use std::path::Path;

use lambda_compat::{Code, Target};
use layer_pack::{Held, PlanOptions, Trace, plan, read_source};

use super::inputs::Inputs;
use super::judge::{About, Judged, Question};
use super::look::File;
use crate::args::LockUseArgs;
use crate::failure::Failure;
use crate::layer::{Asked, Common, LayerWheel, Reading, download, inputs_of, open_wheels};
use crate::plan::{CheckTargets, PlannedLayer, source_targets};
use crate::report::{Console, packages};

/// A lock, with all that is said of its layer.
pub(super) struct Locked {
    asked: Asked,
}

impl Locked {
    /// Reads the lock. Opens no socket. A folder's `python/` and `opt/` are part of the layer that is built from it.
    pub(super) fn read(
        path: &Path,
        layer: PlannedLayer,
        common: &Common<'_>,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        let PlannedLayer { source, args, configured, .. } = layer;
        // A lock beside the file that was named is not the file that was named.
        if source.lock.is_none() || source.names_packages() {
            let message = format!("{} is no lock", path.display());
            return Err(Failure::new(Code::Usage, message)
                .help("name the pylock.toml, uv.lock, poetry.lock or Pipfile.lock that the layer was built from"));
        }
        let reading = Reading {
            resolve: &args.asking.resolve,
            index: &args.asking.index,
            configured: &configured,
            below: Vec::new(),
            // It is held against the layer, not against what it was made from.
            lock_use: Some(&LockUseArgs { locked: false, frozen: true }),
            retries: None,
            refresh: false,
        };
        let asked = Asked::read_for(source, &reading, common, console, |folder, lock, wheels| {
            source_targets(&args.asking.target, &configured, common.environment, folder, lock, wheels)
        })?;
        Ok(Self { asked })
    }

    /// The targets that the layer is for: those that `build` would build it for.
    pub(super) fn targets(&self) -> CheckTargets {
        CheckTargets::named(self.asked.targets.all.clone())
    }

    /// Traces the one layer that was named, on every target, and adds what is found to its verdicts.
    pub(super) fn trace(
        &self,
        files: &[File],
        judged: &mut [Judged],
        question: &Question<'_>,
        console: &mut Console,
    ) -> Result<(), Failure> {
        let Some(held) = files.iter().find_map(File::held) else { return Ok(()) };
        for target in question.targets {
            let wheels = self.wheels(target)?;
            let Trace { traced, mut findings } = self.trace_on(held, &wheels, target)?;
            question.ignores.leave_out(None, &mut findings);
            if findings.is_empty() {
                let lock = self.asked.lock.as_ref().map(|lock| lock.path.display().to_string()).unwrap_or_default();
                let wheels = packages(wheels.len());
                console.summary(&format!("all {traced} files are those of the {wheels} of {lock}"));
            }
            for judged in judged.iter_mut().filter(|judged| judged.about == About::Held) {
                if let Some((_, said)) = judged.findings.iter_mut().find(|(on, _)| on == target) {
                    said.append(&mut findings);
                    said.sort();
                }
            }
        }
        Ok(())
    }

    fn wheels(&self, target: &Target) -> Result<Vec<LayerWheel>, Failure> {
        let chosen = self.asked.chosen(target)?;
        download(&self.asked, &chosen)
    }

    fn trace_on(&self, held: &Held, wheels: &[LayerWheel], target: &Target) -> Result<Trace, Failure> {
        let opened = open_wheels(wheels)?;
        let (layout, python) = (held.kind(), target.runtime.name.python());
        let files = read_source(&self.asked.source.folder, layout)?;
        let plan =
            plan(&inputs_of(wheels, &opened), &files, &PlanOptions { layout, python, ..PlanOptions::default() })?;
        Ok(held.trace(&plan)?)
    }
}

/// One finished layer or function goes with a lock, and nothing else.
pub(super) fn goes_with_a_lock(inputs: &Inputs) -> Result<(), Failure> {
    match (inputs.files.as_slice(), inputs.lists.as_slice()) {
        ([only], []) if only.is_whole() => Ok(()),
        // What is wrong with it will be said.
        ([], []) => Ok(()),
        _ => Err(Failure::new(Code::Usage, "--lock goes with one finished layer or function")
            .help("name its zip, or the folder that it was unpacked into")),
    }
}

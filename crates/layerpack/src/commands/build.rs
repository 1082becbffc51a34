//! `layerpack build`: resolve, download, check, pack, weigh.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use lambda_compat::{Code, Finding, Severity, Target};
use layer_pack::{Budget, ByteSize, LayerInput, PlanOptions, UNZIPPED_LIMIT, Weight, plan, read_source, weigh};
use wheel_archive::{FileAt, Sha256};

use crate::args::{BuildArgs, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Asked, Chosen, LayerWheel, Stamp, StampKey, Stopped, Together, Writing, download, judge_all};
use crate::plan::{Destination, Exceptions, OutputPlan, parse_size, plan_layers, runtime_dates};
use crate::report::{Bars, Console, json, packages};
use crate::source_build::Built;

/// One layer of a run.
struct Run<'a> {
    asked: &'a Asked,
    outputs: OutputPlan,
    budget: Budget,
    exceptions: Exceptions,
    jobs: NonZeroUsize,
    environment: &'a Environment,
}

pub(crate) fn run(
    args: &BuildArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    // Before the first wheel is inspected.
    let jobs = jobs(args.output.jobs)?;
    let mut layers = Vec::new();
    for layer in plan_layers(&LayerArgs::from(args), config, environment)? {
        layers.push(Asked::read(layer, &args.lock, environment, console)?);
    }
    tell_apart(&layers)?;
    let count = layers.iter().map(|layer| layer.targets.all.len()).sum();
    let mut runs = Vec::with_capacity(layers.len());
    for asked in &layers {
        let LayerArgs { output, judging, .. } = &asked.args;
        runs.push(Run {
            asked,
            outputs: OutputPlan::new(output, count)?,
            budget: budget(output.budget.as_deref(), console)?,
            exceptions: Exceptions::read(judging, config)?,
            jobs,
            environment,
        });
    }
    let mut built: Vec<(Target, json::BuiltLayer)> = Vec::new();
    for run in &runs {
        let asked = run.asked;
        if let Some(advice) = asked.targets.advice() {
            console.finding(&Finding::warning(Code::DefaultTarget, advice));
        }
        for warning in runtime_dates(&asked.targets.all, environment.today()?) {
            console.finding(&warning);
        }
        for target in &asked.targets.all {
            let layer = run.build(target, console)?;
            built.push((*target, layer));
        }
    }
    if !console.is_text() {
        console.document(&json::Document::new("build", &built))?;
    }
    // A layer that was let pass is not the same as one without findings.
    let left_out: BTreeSet<String> = runs.iter().flat_map(|run| run.exceptions.ignores.used()).collect();
    if !left_out.is_empty() {
        let left_out: Vec<String> = left_out.into_iter().collect();
        console.summary(&format!("left out, as asked: {}", left_out.join(", ")));
    }
    Ok(Exit::Fine)
}

/// Two layers of one name would be written to one place, the second over the first.
fn tell_apart(layers: &[Asked]) -> Result<(), Failure> {
    let mut named: BTreeMap<&str, &Asked> = BTreeMap::new();
    for layer in layers {
        if let Some(other) = named.insert(&layer.source.name, layer) {
            let (name, one, two) = (&layer.source.name, other.source.text(), layer.source.text());
            return Err(Failure::new(Code::Usage, format!("{one} and {two} are both called {name}"))
                .help("build them one by one: name one with --name, or give it an --out-dir of its own"));
        }
    }
    Ok(())
}

fn budget(text: Option<&str>, console: &mut Console) -> Result<Budget, Failure> {
    let Some(text) = text else { return Ok(Budget::default()) };
    let bytes = parse_size(text)?;
    if bytes > UNZIPPED_LIMIT {
        let message = format!(
            "--budget {text} is above Lambda's limit of {UNZIPPED_LIMIT} bytes unzipped: Lambda will refuse a larger layer"
        );
        console.finding(&Finding::warning(Code::OverBudget, message));
    }
    Ok(Budget { bytes, taken: 0 })
}

/// The number of threads, which inspecting and compressing keep to as well.
fn jobs(asked: Option<u16>) -> Result<NonZeroUsize, Failure> {
    let Some(asked) = asked.and_then(|jobs| NonZeroUsize::new(usize::from(jobs))) else {
        return Ok(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(asked.get());
    pool.build_global().map_err(|error| Failure::new(Code::Io, format!("could not start {asked} threads: {error}")))?;
    Ok(asked)
}

impl Run<'_> {
    /// Builds one layer for one target, or finds that nothing has changed.
    fn build(&self, target: &Target, console: &mut Console) -> Result<json::BuiltLayer, Failure> {
        let asked = self.asked;
        let destination = self.outputs.destination(&asked.source.name, target);
        destination.is_outside_of(&asked.source.packed_folders())?;
        // Reading the lock says whether it still satisfies its source: that comes before "unchanged".
        let locked = match &asked.lock {
            Some(lock) => Some((lock, asked.locked(lock, target)?)),
            None => None,
        };
        let options = format!("{:?} {}", self.budget, self.exceptions);
        let key = match &locked {
            Some((lock, set)) => Some(StampKey::new(asked, lock, target, set, &destination, &options)?),
            None => None,
        };
        let stamped = key.as_ref().and_then(|key| Stamp::unchanged(key, asked, &destination));
        let unchanged = stamped.is_some();
        let mut layer = match (stamped, &locked) {
            (Some(layer), _) => layer,
            (None, locked) => {
                let chosen = match locked {
                    Some((lock, set)) => asked.choose_from(lock, set, target)?,
                    None => asked.choose(target, console)?,
                };
                self.make(target, &chosen, &destination, console)?
            }
        };
        if let Some(key) = key.filter(|_| !unchanged) {
            Stamp::write(&key, &asked.cache_dir, &layer)?;
        }
        layer.document.unchanged = unchanged;
        if console.is_text() {
            announce(asked, target, &layer, console)?;
        }
        Ok(layer.document)
    }

    /// Downloads and packs. A damaged copy in the store is dropped and fetched anew, each wheel's once.
    fn make(
        &self,
        target: &Target,
        chosen: &Chosen,
        destination: &Destination,
        console: &mut Console,
    ) -> Result<Stamp, Failure> {
        let asked = self.asked;
        for note in &chosen.resolution.notes {
            console.finding(note);
        }
        let bars = Bars::new(console);
        let mut healed = BTreeSet::new();
        loop {
            let wheels = download(asked, chosen, &bars)?;
            match self.pack(target, &wheels, destination, console) {
                Ok(layer) => return Ok(layer),
                Err(Stopped::Failed(failure)) => return Err(failure),
                Err(Stopped::Damaged { filename, sha256 }) if in_store(&wheels, sha256) && healed.insert(sha256) => {
                    let message = format!("the stored copy of {filename} was damaged and is fetched again");
                    console.finding(&Finding::warning(Code::HashMismatch, message));
                    asked.store.remove(&sha256)?;
                }
                Err(Stopped::Damaged { filename, .. }) => {
                    return Err(Failure::new(Code::HashMismatch, format!("{filename} changed while it was read"))
                        .help("see whether another program writes to the wheel or to the cache folder"));
                }
            }
        }
    }

    /// Judges, plans, weighs and writes.
    fn pack(
        &self,
        target: &Target,
        wheels: &[LayerWheel],
        destination: &Destination,
        console: &mut Console,
    ) -> Result<Stamp, Stopped> {
        let asked = self.asked;
        let has_files = asked.source.python_tree.is_some() || asked.source.opt_tree.is_some();
        let files = if has_files { read_source(&asked.source.folder).map_err(Failure::from)? } else { Vec::new() };
        // What is left out, something else brings.
        let complete = !asked.policy.no_deps && asked.excludes.is_empty();
        let mut findings = judge_all(
            &Together { wheels, files: &files, complete, exceptions: &self.exceptions },
            target,
            self.environment,
            console,
        )?;
        let opened: Vec<FileAt> = wheels.iter().map(LayerWheel::open).collect::<Result<_, _>>()?;
        let inputs: Vec<LayerInput<'_>> = wheels
            .iter()
            .zip(&opened)
            .map(|(wheel, source)| LayerInput { manifest: &wheel.manifest, source })
            .collect();
        let plan = plan(&inputs, files, &PlanOptions::default())?;
        let weight = weigh(&plan);
        if let Some(over) = self.budget.over(&weight) {
            return Err(Failure::of_finding(&over.finding()).into());
        }
        findings.extend(plan.findings().iter().cloned());
        findings.extend(weight.findings());
        if let Some(error) = findings.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(Failure::of_finding(error).into());
        }
        for finding in &findings {
            console.finding(finding);
        }
        // They were said with the resolution.
        let is_packed = |built: &&Built| wheels.iter().any(|wheel| wheel.pin.wheel == built.filename);
        findings.extend(asked.built.iter().filter(is_packed).map(Built::note));
        let writing = Writing { asked, target, wheels, plan: &plan, weight: &weight, findings: &findings };
        let outputs = writing.write(destination, self.jobs)?;
        let document = json::BuiltLayer {
            layer: asked.source.name.clone(),
            unchanged: false,
            unzipped: Some(weight.unzipped),
            outputs,
            packages: wheels.iter().map(|wheel| json::ResolvedPackage::from(&wheel.pin)).collect(),
            findings: findings.clone(),
        };
        Ok(Stamp { summary: summary(wheels, &weight, &self.budget), document })
    }
}

/// Only what lies in the store can be fetched again.
fn in_store(wheels: &[LayerWheel], sha256: Sha256) -> bool {
    wheels.iter().any(|wheel| wheel.in_store && wheel.manifest.sha256 == sha256)
}

/// The lines that say what a layer holds and weighs.
fn summary(wheels: &[LayerWheel], weight: &Weight, budget: &Budget) -> Vec<String> {
    let held_back: Vec<String> = wheels
        .iter()
        .filter_map(|wheel| {
            let held_back = wheel.pin.held_back.as_ref()?;
            let why = held_back.reasons.join("; ");
            Some(format!("{} {} ({} is newer: {why})", wheel.pin.name, wheel.pin.version, held_back.newest))
        })
        .collect();
    let count = packages(wheels.len());
    let mut lines = vec![match held_back.len() {
        0 => count,
        held_back => format!("{count}, {held_back} held back:"),
    }];
    lines.extend(held_back.into_iter().map(|line| format!("  {line}")));
    let (unzipped, limit) = (ByteSize(weight.unzipped), ByteSize(budget.bytes));
    lines.push(format!("{unzipped} of {limit} unzipped · {} zipped", ByteSize(weight.zipped)));
    lines
}

/// The summary goes to stderr, the paths that were written to stdout.
fn announce(asked: &Asked, target: &Target, layer: &Stamp, console: &mut Console) -> Result<(), Failure> {
    let lock = asked.lock.as_ref().map(|lock| &lock.path);
    let files: Vec<String> = asked.config.iter().chain(lock).map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { String::new() } else { format!("   ({})", files.join(", ")) };
    console.summary(&format!("{}   {target}{files}", asked.source.name));
    for line in &layer.summary {
        console.summary(line);
    }
    if layer.document.unchanged {
        console.summary("nothing has changed, nothing was written");
    }
    for output in &layer.document.outputs {
        let digest = output.sha256.as_ref().map(|sha256| format!("   sha256 {sha256}")).unwrap_or_default();
        console.result(&format!("{}{digest}", output.path))?;
    }
    Ok(())
}

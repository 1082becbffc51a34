//! `layerpack build`: resolve, download, check, pack, weigh.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

use lambda_compat::{Code, Finding, Severity, Target};
use layer_pack::{
    Budget, ByteSize, LayerInput, Layout, Part, PlanOptions, Reserved, Saving, Slim, Stack, UNZIPPED_LIMIT, Weight,
    plan, weigh,
};
use wheel_archive::{FileAt, Sha256};

use super::{conclude, stacks};
use crate::args::{BuildArgs, Format, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{
    Asked, Brought, Chosen, Function, LayerWheel, Several, Stamp, StampKey, Stopped, Together, UnmetAre, Writing,
    download, judge_all,
};
use crate::plan::{Destination, Exceptions, OutputPlan, parse_reserved, parse_size, plan_layers, runtime_dates, slim};
use crate::report::{Bars, Console, about, json, packages, slimmed_lines, terraform_strings};
use crate::source_build::Built;

/// One layer of a run.
struct Run<'a> {
    asked: &'a Asked,
    outputs: OutputPlan,
    /// Bytes, unpacked, for everything that shares the budget.
    limit: u64,
    /// What else the function has.
    reserved: Vec<Reserved>,
    exceptions: Exceptions,
    slim: Slim,
    jobs: NonZeroUsize,
    /// Not with `--dry-run`.
    writes: bool,
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
    let layers = plan_layers(&LayerArgs::from(args), config, environment)?;
    let layers = Several::read(layers, |layer, below| {
        let asked = Asked::read(layer, below, &args.lock, environment, console)?;
        Ok(if args.output.jobs.is_some() { asked.keeping_to(jobs) } else { asked })
    });
    let (layers, mut failures) = (layers.wanted(), layers.failures.clone());
    tell_apart(layers)?;
    let count = layers.iter().map(|layer| layer.targets.all.len()).sum();
    let mut runs = Vec::with_capacity(layers.len());
    for asked in layers {
        let LayerArgs { output, judging, .. } = &asked.args;
        runs.push(Run {
            asked,
            outputs: OutputPlan::new(output, count)?,
            limit: budget(output.budget.as_deref(), console)?,
            reserved: output.reserve.iter().map(|text| parse_reserved(text)).collect::<Result<_, _>>()?,
            exceptions: Exceptions::read(judging, config)?,
            slim: slim(&asked.args.slim),
            jobs,
            writes: !args.output.dry_run,
            environment,
        });
    }
    // A stack is weighed where all of it is built.
    let everything = args.source.sources.is_empty() && args.source.requirement.is_empty();
    let stacks = config.filter(|_| everything).map(stacks::planned).transpose()?.unwrap_or_default();
    let mut built: Vec<(Target, json::BuiltLayer)> = Vec::new();
    for run in &runs {
        let asked = run.asked;
        let advice = asked.targets.advice().map(|advice| Finding::warning(Code::DefaultTarget, advice));
        if let Some(advice) = &advice {
            console.finding(advice);
        }
        for warning in runtime_dates(&asked.targets.all, environment.today()?) {
            console.finding(&warning);
        }
        for target in &asked.targets.all {
            let name = &asked.source.name;
            let rooms: Vec<Budget> = stacks.iter().filter_map(|stack| stack.room(name, target, &built)).collect();
            match run.build(target, &rooms, console) {
                Ok(mut layer) => {
                    layer.findings.extend(advice.clone());
                    built.push((*target, layer));
                }
                Err(failure) => failures.push(failure),
            }
        }
        if let Some(advice) = differing(asked, &built) {
            console.summary(&advice);
        }
    }
    let mut exit = Exit::Fine;
    for stack in &stacks {
        exit = exit.max(stack.judge(&built, console)?);
    }
    let exit = exit.max(conclude("build", &built, failures, console)?);
    if console.format == Format::Terraform {
        console.document(&terraform_strings(&built))?;
    }
    // A layer that was let pass is not the same as one without findings.
    let left_out: BTreeSet<String> = runs.iter().flat_map(|run| run.exceptions.ignores.used()).collect();
    if !left_out.is_empty() {
        let left_out: Vec<String> = left_out.into_iter().collect();
        console.summary(&format!("left out, as asked: {}", left_out.join(", ")));
    }
    Ok(exit)
}

/// That the targets of one layer got different versions, and how they get the same.
fn differing(asked: &Asked, built: &[(Target, json::BuiltLayer)]) -> Option<String> {
    let every = &asked.targets.all;
    let own = built.iter().filter(|(_, layer)| layer.layer == asked.source.name);
    let mut versions: BTreeMap<&str, BTreeMap<&str, Vec<Target>>> = BTreeMap::new();
    for (target, layer) in own {
        for package in &layer.packages {
            versions.entry(&package.name).or_default().entry(&package.version).or_default().push(*target);
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    if versions.is_empty() || asked.lock.is_some() {
        return None;
    }
    let told = versions.iter().map(|(name, versions)| {
        let each = versions.iter().map(|(version, targets)| match about(targets, every) {
            Some(on) => format!("{version} on {on}"),
            None => (*version).to_owned(),
        });
        format!("  {name}: {}", each.collect::<Vec<_>>().join(", "))
    });
    let mut arches: Vec<String> = every.iter().map(|target| target.arch.to_string()).collect();
    let mut runtimes: Vec<String> = every.iter().map(|target| target.runtime.name.to_string()).collect();
    arches.dedup();
    runtimes.sort();
    runtimes.dedup();
    arches.sort();
    arches.dedup();
    let (runtimes, arches) = (runtimes.join(","), arches.join(","));
    let source = asked.source.text();
    let lines = told.collect::<Vec<_>>().join("\n");
    Some(format!(
        "the targets of {} got different versions:\n{lines}\n  layerpack lock {source} --runtime {runtimes} --arch {arches} takes \
         one version where one fits all",
        asked.source.name
    ))
}

/// Two layers of one name would be written to one place, the second over the first.
fn tell_apart(layers: &[Arc<Asked>]) -> Result<(), Failure> {
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

fn budget(text: Option<&str>, console: &mut Console) -> Result<u64, Failure> {
    let Some(text) = text else { return Ok(UNZIPPED_LIMIT) };
    let bytes = parse_size(text)?;
    if bytes > UNZIPPED_LIMIT {
        let message = format!(
            "--budget {text} is above Lambda's limit of {UNZIPPED_LIMIT} bytes unzipped: Lambda will refuse a larger layer"
        );
        console.finding(&Finding::warning(Code::OverBudget, message));
    }
    Ok(bytes)
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
    fn build(&self, target: &Target, rooms: &[Budget], console: &mut Console) -> Result<json::BuiltLayer, Failure> {
        let asked = self.asked;
        let destination = self.outputs.destination(&asked.source.name, target);
        destination.is_outside_of(&asked.source.packed_folders())?;
        // Reading the lock says whether it still satisfies its source: that comes before "unchanged".
        let locked = match &asked.lock {
            Some(lock) => Some((lock, asked.locked(lock, target)?)),
            None => None,
        };
        let below =
            asked.below.iter().map(|below| below.fingerprint(target, console)).collect::<Result<Vec<_>, _>>()?;
        let (slim, sdk) = (&self.slim, asked.args.sdk.exclude_runtime_sdk);
        let options = format!("{} {:?} {} {below:?} slim {slim} sdk {sdk}", self.limit, self.reserved, self.exceptions);
        let places = self.outputs.places();
        let key = match &locked {
            Some((lock, set)) => Some(StampKey::new(asked, lock, target, set, &destination, (&options, &places))?),
            None => None,
        };
        let stamped = key.as_ref().and_then(|key| Stamp::unchanged(key, asked, &destination));
        let unchanged = stamped.is_some();
        let mut layer = match (stamped, &locked) {
            (Some(layer), _) => layer,
            (None, locked) => {
                let chosen = match locked {
                    Some((lock, set)) => asked.remember(asked.choose_from(lock, set, target)?),
                    None => asked.chosen(target, console)?,
                };
                self.make(target, &chosen, (&destination, rooms), console)?
            }
        };
        if let Some(key) = key.filter(|_| !unchanged && self.writes) {
            Stamp::write(&key, &asked.cache_dir, &layer)?;
        }
        layer.document.unchanged = unchanged;
        layer.document.dry_run = !self.writes;
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
        (destination, rooms): (&Destination, &[Budget]),
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
            let below = asked.below.iter().map(|below| below.brought(target, console, &bars));
            let below = below.collect::<Result<Vec<_>, _>>()?;
            match self.pack(target, (chosen, &wheels, &below), (destination, rooms), console) {
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
        (chosen, wheels, below): (&Chosen, &[LayerWheel], &[Brought]),
        (destination, rooms): (&Destination, &[Budget]),
        console: &mut Console,
    ) -> Result<Stamp, Stopped> {
        let asked = self.asked;
        let layout = asked.source.layout;
        let (files, passed_over) = asked.source.own_files(&self.outputs.places())?;
        // What is left out, something else brings.
        let complete = !asked.policy.no_deps && asked.excludes.is_empty() && chosen.left_to_runtime.is_empty();
        let opened: Vec<FileAt> = wheels.iter().map(LayerWheel::open).collect::<Result<_, _>>()?;
        let inputs: Vec<LayerInput<'_>> = wheels
            .iter()
            .zip(&opened)
            .map(|(wheel, source)| LayerInput { manifest: &wheel.manifest, source })
            .collect();
        let python = target.runtime.name.python();
        let options = PlanOptions { layout, slim: self.slim.clone(), python, ..PlanOptions::default() };
        // Both only look at the wheels: side by side they take as long as the longer of them.
        let mut planned = None;
        let judged = rayon::in_place_scope(|scope| {
            scope.spawn(|_| planned = Some(plan(&inputs, files.clone(), &options)));
            let together = Together {
                wheels,
                files: &files,
                layout,
                left_to_runtime: &chosen.left_to_runtime,
                below,
                unmet: match (asked.policy.no_deps, below.is_empty()) {
                    (true, _) => UnmetAre::Warning,
                    (false, true) => UnmetAre::Nothing,
                    (false, false) => UnmetAre::Error,
                },
                left_open: &asked.left_open(),
                complete,
                exceptions: &self.exceptions,
            };
            judge_all(&together, target, self.environment, console)
        });
        let mut findings = judged?;
        let plan = planned.expect("the scope waits for what it has spawned")?;
        let weight = weigh(&plan);
        let function = Function { limit: self.limit, below, reserved: &self.reserved };
        let over = |savings: &[Saving]| {
            let of_stacks = || rooms.iter().find_map(|room| room.over(&weight)).map(|over| over.finding(savings));
            function.over(&weight, savings).or_else(of_stacks)
        };
        if let Some(plain) = over(&[]) {
            let stack = Stack { parts: vec![Part::of_plan(&asked.source.name, &plan)?], reserved: Vec::new() };
            return Err(Failure::of_finding(&over(&stack.savings()).unwrap_or(plain)).into());
        }
        findings.extend(passed_over);
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
        findings.extend(asked.built.iter().filter(is_packed).map(Built::fact));
        let left_to_runtime = &chosen.left_to_runtime;
        let writing = Writing {
            asked,
            target,
            wheels,
            below,
            plan: &plan,
            weight: &weight,
            limit: self.limit,
            findings: &findings,
            left_to_runtime,
            dry_run: !self.writes,
        };
        let outputs = writing.write(destination, self.jobs)?;
        let zip = outputs.iter().find(|output| output.kind == "zip");
        let document = json::BuiltLayer {
            layer: asked.source.name.clone(),
            unchanged: false,
            dry_run: !self.writes,
            unzipped: Some(weight.unzipped),
            publish: zip.and_then(|zip| writing.publish_command(&zip.path, zip.size)),
            outputs,
            packages: wheels.iter().map(|wheel| json::ResolvedPackage::from(&wheel.pin)).collect(),
            left_out: json::LeftOut::new(plan.slimmed(), left_to_runtime),
            findings: findings.clone(),
        };
        Ok(Stamp { summary: summary(wheels, &weight, &function), document })
    }
}

/// Only what lies in the store can be fetched again.
fn in_store(wheels: &[LayerWheel], sha256: Sha256) -> bool {
    wheels.iter().any(|wheel| wheel.in_store && wheel.manifest.sha256 == sha256)
}

/// The lines that say what a layer holds and weighs.
fn summary(wheels: &[LayerWheel], weight: &Weight, function: &Function<'_>) -> Vec<String> {
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
    let (unzipped, zipped) = (function.in_words(weight), ByteSize(weight.zipped));
    lines.push(format!("{unzipped} unzipped · {zipped} zipped"));
    lines
}

/// The summary goes to stderr, the paths that were written to stdout.
fn announce(asked: &Asked, target: &Target, layer: &Stamp, console: &mut Console) -> Result<(), Failure> {
    let lock = asked.lock.as_ref().map(|lock| &lock.path);
    let files: Vec<String> = asked.config.iter().chain(lock).map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { String::new() } else { format!("   ({})", files.join(", ")) };
    let kind = if asked.source.layout == Layout::Function { "   function" } else { "" };
    console.summary(&format!("{}   {target}{kind}{files}", asked.source.name));
    for line in &layer.summary {
        console.summary(line);
    }
    for line in slimmed_lines(&layer.document.left_out, console.verbose > 0) {
        console.summary(&line);
    }
    match (layer.document.unchanged, layer.document.dry_run) {
        (true, false) => console.summary("nothing has changed, nothing was written"),
        (true, true) => console.summary("nothing has changed, nothing would be written"),
        (false, true) => console.summary("a dry run: this would be written"),
        (false, false) => {}
    }
    for output in &layer.document.outputs {
        let mut line = output.path.clone();
        if let Some(sha256) = &output.sha256 {
            let _ = write!(line, "   sha256 {sha256}");
        }
        // As a plan of Terraform wants it.
        if let Some(base64) = output.sha256_base64.as_ref().filter(|_| layer.document.dry_run) {
            let _ = write!(line, "   base64 {base64}");
        }
        console.result(&line)?;
    }
    if let Some(publish) = layer.document.publish.as_ref().filter(|_| console.verbose > 0) {
        console.verbatim(publish);
    }
    Ok(())
}

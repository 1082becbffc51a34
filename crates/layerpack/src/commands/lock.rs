//! `layerpack lock`: write pylock.toml (PEP 751) beside the source. The only command that does.

use std::collections::BTreeMap;
use std::sync::Arc;

use lambda_compat::{Code, Finding, Severity, Target};
use layer_pack::write_file;
use pypi_resolve::lock::{Changes, LockMeta, PyLock};
use pypi_resolve::resolve::{PinSource, Resolution, Shared, Sharing, Split, Together};
use wheel_archive::Sha256;
use wheel_tags::DistName;

use super::conclude;
use super::side_by_side::{in_order, keep_to};
use crate::args::{LayerArgs, LockArgs, LockUseArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Asked, Below, Chosen, Common, EarlierLock, Several, Upgrade, learn_digests};
use crate::plan::{Jobs, LayerSource, plan_layers};
use crate::report::{Console, about, json, packages};

pub(crate) fn run(
    args: &LockArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let upgrade = Upgrade::read(&args.upgrade)?;
    if !args.asking.resolve.build.is_empty() {
        let message = "--build does not go with lock: a lock names wheels that others can have";
        return Err(Failure::new(Code::Usage, message)
            .help("build the wheels first, put them on an index or beside the requirements, and lock that"));
    }
    let jobs = keep_to(args.jobs, environment)?;
    let common = Common::new(environment, jobs);
    let mut earlier = Vec::new();
    let mut layers = Several::read(plan_layers(&LayerArgs::from(args), config, environment)?, |layer, below| {
        if !layer.wanted {
            // What only lies below is taken as it is locked.
            return Asked::read(layer, below, &LockUseArgs::default(), &common, console);
        }
        refuse_locks(&layer.source)?;
        let before = EarlierLock::read(&layer.source.lock_path(), console)?;
        let asked = Asked::read_to_lock(layer, below, (before.as_ref(), &upgrade), &common, console)?;
        earlier.push(before);
        Ok(asked)
    });
    let orders: Vec<Order<'_>> = layers
        .wanted()
        .iter()
        .zip(&earlier)
        .map(|(asked, earlier)| Order { asked, earlier: earlier.as_ref() })
        .collect();
    let (mut locked, mut exit) = (Vec::new(), Exit::Fine);
    let mut failures = Vec::new();
    for advice in layers.default_targets() {
        console.finding(&advice);
    }
    for (order, made) in orders.iter().zip(lock_all(args, &orders, &upgrade, jobs)?) {
        match made.map(|made| made.and_then(|made| order.finish(args, &made, console))) {
            Some(Ok((of_exit, documents))) => {
                exit = exit.max(of_exit);
                locked.extend(documents);
            }
            Some(Err(failure)) => failures.push(failure),
            // Why there is nothing to lie on has been said.
            None => {}
        }
    }
    layers.failures.extend(failures);
    Ok(exit.max(conclude("lock", &locked, None, layers.failures, console)?))
}

/// One layer to lock.
struct Order<'a> {
    asked: &'a Arc<Asked>,
    /// The lock that lies there.
    earlier: Option<&'a EarlierLock>,
}

type Made = Result<Locked, Failure>;

/// Locks all layers side by side, but those on top of others after them: they see what those take now. `None` where one
/// that it lies on could not be locked.
fn lock_all(
    args: &LockArgs,
    orders: &[Order<'_>],
    upgrade: &Upgrade,
    jobs: Jobs,
) -> Result<Vec<Option<Made>>, Failure> {
    // Of each its numbers of those below, and how many lie below each other there.
    let mut below: Vec<(Vec<usize>, usize)> = Vec::with_capacity(orders.len());
    for order in orders {
        let number_of = |lower: &Below| match lower {
            Below::Layer(lower) => orders.iter().position(|other| Arc::ptr_eq(other.asked, lower)),
            Below::Finished(_) => None,
        };
        let lower: Vec<usize> = order.asked.below.iter().filter_map(number_of).collect();
        // What lies below comes first in a plan.
        let depth = lower.iter().filter_map(|at| below.get(*at)).map(|(_, depth)| depth + 1).max();
        below.push((lower, depth.unwrap_or_default()));
    }
    let mut all: Vec<Option<Made>> = orders.iter().map(|_| None).collect();
    for depth in 0..=below.iter().map(|(_, depth)| *depth).max().unwrap_or_default() {
        let is_locked = |at: &usize| matches!(all.get(*at), Some(Some(Ok(_))));
        let due: Vec<(usize, &Order<'_>)> = orders
            .iter()
            .enumerate()
            .zip(&below)
            .filter(|(_, (lower, own))| *own == depth && lower.iter().all(is_locked))
            .map(|(order, _)| order)
            .collect();
        let made = |(at, order): &(usize, &Order<'_>)| (*at, order.lock(args, upgrade));
        in_order(&due, jobs.layers(), made, |(at, made)| {
            if let Some(place) = all.get_mut(at) {
                *place = Some(made);
            }
            Ok(())
        })?;
    }
    Ok(all)
}

impl Order<'_> {
    /// Works the lock out, for itself and for whoever lies on top.
    fn lock(&self, args: &LockArgs, upgrade: &Upgrade) -> Made {
        let locked = lock(args, self.asked, self.earlier, upgrade)?;
        for resolution in &locked.together.resolutions {
            let chosen = || Ok(Chosen { resolution: resolution.clone(), from_lock: None, left_to_runtime: Vec::new() });
            self.asked.chosen_by(&resolution.target, chosen)?;
        }
        Ok(locked)
    }

    /// Writes the lock, or holds it against the one that is there, and says what there is to say.
    fn finish(
        &self,
        args: &LockArgs,
        locked: &Locked,
        console: &mut Console,
    ) -> Result<(Exit, Vec<(Target, json::LockedLayer)>), Failure> {
        if self.asked.args.sdk.exclude_runtime_sdk {
            let message =
                "--exclude-runtime-sdk: the lock has the SDK all the same, since other machines install from it";
            console.finding(
                &Finding::new(Code::LeftToRuntime, Severity::Note, message)
                    .help("give it to build, which leaves it out"),
            );
        }
        if let Some(line) = &locked.begun_anew {
            console.summary(line);
        }
        for finding in &locked.findings {
            console.finding(finding);
        }
        let writes = !args.writing.check && !args.writing.dry_run;
        if writes {
            write_file(&locked.path, locked.text.as_bytes())?;
            if console.is_text() {
                console.result(&locked.output.path)?;
            }
        }
        let is_stale = args.writing.check && !locked.same_bytes;
        if is_stale {
            console.complaint(&locked.stale());
        } else {
            locked.summary(writes, console);
        }
        let of_targets = locked.together.resolutions.iter();
        let documents = of_targets.map(|resolution| (resolution.target, locked.document(resolution))).collect();
        Ok((if is_stale { Exit::Findings } else { Exit::Fine }, documents))
    }
}

/// A layer's lock as it is to be.
struct Locked {
    layer: String,
    /// The source, as it would be named again.
    source: String,
    path: std::path::PathBuf,
    text: String,
    output: json::Output,
    together: Together,
    /// That no version of the lock that was there is kept, and why.
    begun_anew: Option<String>,
    /// What is to be said of it.
    findings: Vec<Finding>,
    /// Against the lock that was there.
    changes: Option<Changes>,
    /// There was one, with these very bytes.
    same_bytes: bool,
}

/// What is locked already, and what names nothing.
fn refuse_locks(source: &LayerSource) -> Result<(), Failure> {
    if let Some((lock, kind)) = source.foreign_lock() {
        let message = format!("{} is a lock already", lock.display());
        return Err(Failure::new(Code::Usage, message).help(format!(
            "build takes it as it is, {} writes it anew; to lock something else, name that with --from",
            kind.command()
        )));
    }
    if !source.names_packages() {
        return Err(Failure::new(
            Code::NothingToBuild,
            format!("{} has no requirements to lock", source.folder.display()),
        )
        .help("a lock is written from requirements.txt, pyproject.toml or local wheels"));
    }
    Ok(())
}

fn lock(args: &LockArgs, asked: &Asked, earlier: Option<&EarlierLock>, upgrade: &Upgrade) -> Result<Locked, Failure> {
    let options = asked.options();
    let before = earlier.map(|earlier| &earlier.lock);
    // Versions that other rules chose would hide what these choose.
    let kept = before.filter(|before| before.options == options);
    let begun_anew = before.filter(|_| kept.is_none()).map(|before| {
        let told = |options: &BTreeMap<String, String>| {
            let options: Vec<String> = options.iter().map(|(key, value)| format!("{key} {value}")).collect();
            if options.is_empty() { "the defaults".to_owned() } else { options.join(", ") }
        };
        let (file, made, now) = (before.file.display(), told(&before.options), told(&options));
        format!("{file}: made with {made}, now {now}: no version is kept")
    });
    let sharing = if args.writing.same_versions { Sharing::Demanded } else { Sharing::WherePossible };
    let mut together = asked.choose_together(kept, upgrade, sharing)?;
    for resolution in &mut together.resolutions {
        learn_digests(asked, resolution)?;
    }
    let mut findings: Vec<Finding> =
        together.resolutions.iter().flat_map(|resolution| resolution.notes.iter().cloned()).collect();
    let path = asked.source.lock_path();
    let indexes = indexes(asked, &together.resolutions)?;
    let meta = LockMeta { file: path.clone(), digest: Some(asked.digest()), options, indexes };
    let mut lock = PyLock::from_resolutions(&together.resolutions, &meta)?;
    if let Some(kept) = kept.filter(|_| !args.upgrade.upgrade) {
        lock = lock.keeping_files_of(kept);
    }
    for missing in upgrade.missing_in(&lock) {
        let message = format!("--upgrade-package {missing}: the lock has no such package");
        findings.push(Finding::warning(Code::Usage, message).help("check the spelling"));
    }
    let text = lock.write();
    Ok(Locked {
        layer: asked.source.name.clone(),
        source: asked.source.text(),
        output: json::Output::file("lock", &path, text.len() as u64, Sha256::of(text.as_bytes())),
        path,
        together,
        begun_anew,
        findings,
        changes: before.map(|before| Changes::between(before, &lock)),
        same_bytes: earlier.is_some_and(|earlier| earlier.text == text.as_bytes()),
        text,
    })
}

impl Locked {
    /// What changed, in words.
    fn change(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        match &self.changes {
            _ if self.same_bytes => format!("{name} is up to date"),
            None => format!("{name} is new"),
            Some(changes) if changes.is_empty() => "no version changed".to_owned(),
            Some(changes) => changes.to_string(),
        }
    }

    fn document(&self, resolution: &Resolution) -> json::LockedLayer {
        json::LockedLayer {
            layer: self.layer.clone(),
            unchanged: self.same_bytes,
            unzipped: None,
            outputs: vec![self.output.clone()],
            packages: resolution.pins.iter().map(json::ResolvedPackage::from).collect(),
            findings: resolution.notes.clone(),
            changes: self.changes.as_ref().map(json::LockChanges::from).unwrap_or_default(),
        }
    }

    /// `--check`: the lock is not what it would be now.
    fn stale(&self) -> Failure {
        let path = self.path.display();
        let message = match &self.changes {
            None => format!("there is no {path}"),
            Some(changes) if changes.is_empty() => {
                format!("{path} would change: no version, but its targets, its files or what it was made from")
            }
            Some(changes) => format!("{path} would change: {changes}"),
        };
        Failure::new(Code::StaleLock, message).help(format!("run layerpack lock {}", self.source))
    }

    fn summary(&self, written: bool, console: &mut Console) {
        let name = &self.layer;
        let all: Vec<Target> = self.together.resolutions.iter().map(|resolution| resolution.target).collect();
        for resolution in &self.together.resolutions {
            console.summary(&format!("{name}: {} for {}", packages(resolution.pins.len()), resolution.target));
        }
        for split in &self.together.splits {
            console.summary(&format!("{name}: {}", split_lines(split, &all)));
        }
        for line in shared_lines(&self.together.shared, &all) {
            console.summary(&format!("{name}: {line}"));
        }
        if self.changes.is_some() || !written {
            let nothing = if written { "" } else { " (nothing is written)" };
            console.summary(&format!("{name}: {}{nothing}", self.change()));
        }
    }
}

/// `numpy: 2.2.6 on 3.11, 2.4.1 elsewhere`, and below that why.
fn split_lines(split: &Split, all: &[Target]) -> String {
    let most = split.versions.iter().map(|(_, targets)| targets.len()).max().unwrap_or_default();
    let elsewhere = split.versions.iter().rposition(|(_, targets)| targets.len() == most);
    let everywhere = split.versions.iter().map(|(_, targets)| targets.len()).sum::<usize>() == all.len();
    let mut told = Vec::new();
    let mut last = None;
    for (at, (version, targets)) in split.versions.iter().enumerate() {
        if everywhere && Some(at) == elsewhere {
            last = Some(format!("{version} elsewhere"));
        } else {
            told.push(format!("{version} on {}", about(targets, all).unwrap_or_default()));
        }
    }
    told.extend(last);
    let lines = std::iter::once(format!("{}: {}", split.name, told.join(", ")));
    lines.chain(split.because.iter().map(|because| format!("  {because}"))).collect::<Vec<_>>().join("\n")
}

/// `one version fits all targets, not the newest for 3.13: numpy 2.2.6 (2.4.1), …`: a line for the same targets.
fn shared_lines(shared: &[Shared], all: &[Target]) -> Vec<String> {
    let mut by_targets: BTreeMap<&[Target], Vec<String>> = BTreeMap::new();
    for shared in shared {
        let (alone, targets) = &shared.alone;
        by_targets.entry(targets).or_default().push(format!("{} {} ({alone})", shared.name, shared.version));
    }
    let line = |(targets, told): (&[Target], Vec<String>)| {
        let on = about(targets, all).unwrap_or_else(|| "each alone".to_owned());
        format!("one version for all targets, where {on} alone would have another: {}", told.join(", "))
    };
    by_targets.into_iter().map(line).collect()
}

/// The index that served each package.
fn indexes(asked: &Asked, resolutions: &[Resolution]) -> Result<BTreeMap<DistName, String>, Failure> {
    let mut indexes = BTreeMap::new();
    for resolution in resolutions {
        for pin in resolution.pins.iter().filter(|pin| matches!(pin.source, PinSource::Index { .. })) {
            if let Some(url) = asked.index_of(pin, &resolution.target)? {
                indexes.insert(pin.name.clone(), url);
            }
        }
    }
    Ok(indexes)
}

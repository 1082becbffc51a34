//! `layerpack fetch`: the target's wheels into a folder, a wheelhouse for `--no-index --find-links`.

use std::path::Path;

use lambda_compat::{Code, Date, Finding, Target};
use layer_pack::{Layout, LeftToRuntime, write_file};
use wheel_archive::{FileAt, Sha256, hash};

use super::conclude;
use super::side_by_side::{in_order, keep_to};
use crate::args::{FetchArgs, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Asked, Below, Common, LayerWheel, OnTarget, Several, Together, UnmetAre, download, judge_all};
use crate::plan::{Exceptions, plan_layers};
use crate::report::{Console, json, packages};

pub(crate) fn run(
    args: &FetchArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let mut fetched: Vec<(Target, json::BuiltLayer)> = Vec::new();
    let layers = plan_layers(&LayerArgs::from(args), config, environment)?;
    let jobs = keep_to(args.jobs, environment)?;
    let common = Common::new(environment, jobs);
    let layers = Several::read(layers, |layer, below| Asked::read(layer, below, &args.lock, &common, console));
    let mut failures = layers.failures.clone();
    let (today, with_sources) = (environment.today()?, console.verbose > 0);
    for advice in layers.default_targets() {
        console.finding(&advice);
    }
    in_order(
        &layers.on_targets(),
        jobs.layers(),
        |on| (*on, brought(*on, today, with_sources)),
        |(on, brought)| {
            match brought.and_then(|brought| hand_out(on, brought, &args.output, console)) {
                Ok(document) => fetched.push((*on.target, document)),
                Err(failure) if failures.contains(&failure) => {}
                Err(failure) => failures.push(failure),
            }
            Ok(())
        },
    )?;
    conclude("fetch", &fetched, None, failures, console)
}

/// The wheels of one layer on one target, judged.
struct Brought {
    wheels: Vec<LayerWheel>,
    findings: Vec<Finding>,
    left_to_runtime: Vec<LeftToRuntime>,
}

fn brought(OnTarget { asked, target }: OnTarget<'_>, today: Date, with_sources: bool) -> Result<Brought, Failure> {
    let chosen = asked.chosen(target)?;
    let mut findings = chosen.resolution.notes.clone();
    let wheels = download(asked, &chosen)?;
    let together = Together {
        wheels: &wheels,
        files: &[],
        layout: Layout::Layer,
        left_to_runtime: &chosen.left_to_runtime,
        below: &[],
        unmet: UnmetAre::Nothing,
        left_open: &asked.excludes,
        complete: false,
        exceptions: &Exceptions::default(),
    };
    findings.extend(judge_all(&together, target, today, with_sources)?);
    Ok(Brought { wheels, findings, left_to_runtime: chosen.left_to_runtime.clone() })
}

/// Copies the wheels into the folder. Layers share it, so that this is done one after the other.
fn hand_out(
    OnTarget { asked, target }: OnTarget<'_>,
    brought: Brought,
    folder: &Path,
    console: &mut Console,
) -> Result<json::BuiltLayer, Failure> {
    let Brought { wheels, findings, left_to_runtime } = brought;
    for finding in &findings {
        console.finding(finding);
    }
    let mut outputs = Vec::new();
    for wheel in &wheels {
        let output = copy(wheel, folder)?;
        if console.is_text() {
            console.result(&output.path)?;
        }
        outputs.push(output);
    }
    let count = packages(wheels.len());
    console.summary(&format!("{}: {count} for {target} in {}", asked.source.name, folder.display()));
    Ok(json::BuiltLayer {
        layer: asked.source.name.clone(),
        on_top_of: asked.below.iter().map(Below::short).collect(),
        unchanged: false,
        dry_run: false,
        unzipped: Some(wheels.iter().flat_map(|wheel| &wheel.manifest.entries).map(|entry| entry.size).sum()),
        outputs,
        publish: None,
        packages: wheels.iter().map(|wheel| json::ResolvedPackage::from(&wheel.pin)).collect(),
        left_out: json::LeftOut { left_to_runtime, ..json::LeftOut::default() },
        findings,
    })
}

/// Copies one wheel; a file of that name with other bytes is refused, the same bytes are left alone.
fn copy(wheel: &LayerWheel, folder: &Path) -> Result<json::Output, Failure> {
    let dest = folder.join(wheel.pin.wheel.as_str());
    let sha256 = wheel.manifest.sha256;
    if fs_err::symlink_metadata(&dest).is_ok() {
        if hash(&FileAt::open(&dest)?)? != sha256 {
            return Err(Failure::new(Code::ForeignOutput, format!("{} is there with other bytes", dest.display()))
                .help("name another folder with -o, or move that file away"));
        }
    } else {
        let bytes = fs_err::read(&wheel.path)?;
        // What was inspected is what is handed out, or nothing.
        if Sha256::of(&bytes) != sha256 {
            return Err(Failure::new(
                Code::HashMismatch,
                format!("{} changed since it was read", wheel.path.display()),
            )
            .help("run fetch again; if it stays, see whether another program writes there"));
        }
        write_file(&dest, &bytes)?;
    }
    Ok(json::Output::file("wheel", &dest, wheel.manifest.size, sha256))
}

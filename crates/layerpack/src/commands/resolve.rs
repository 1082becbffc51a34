//! `layerpack resolve`: print what build would take.

use std::collections::BTreeSet;

use lambda_compat::{Code, Target};
use layer_pack::ByteSize;
use pypi_resolve::resolve::{Pin, PinSource, Resolution};
use wheel_archive::with_slashes;
use wheel_tags::DistName;

use super::conclude;
use super::side_by_side::{in_order, keep_to};
use crate::args::{Format, LayerArgs, ResolveCommandArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Asked, Chosen, Common, OnTarget, Several};
use crate::plan::plan_layers;
use crate::report::{Console, Requires, json, packages, table};
use crate::source_build::Built;

pub(crate) fn run(
    args: &ResolveCommandArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let why = args.why.as_deref().map(named).transpose()?;
    let layers = plan_layers(&LayerArgs::from(args), config, environment)?;
    let jobs = keep_to(args.jobs, environment)?;
    let common = Common::new(environment, jobs);
    let layers = Several::read(layers, |layer, below| Asked::read(layer, below, &args.lock, &common, console));
    let mut failures = layers.failures.clone();
    let several = layers.on_targets().len() > 1;
    if several && console.format == Format::Requirements {
        return Err(Failure::new(Code::Usage, "--format requirements goes with one layer and one target")
            .help("name one SOURCE, one --runtime and one --arch"));
    }
    if console.format == Format::Requirements && (args.tree || why.is_some()) {
        return Err(Failure::new(Code::Usage, "--tree and --why do not print requirement lines")
            .help("leave --format out, or take json"));
    }
    let telling = How { args, why: why.as_ref(), several };
    let mut found = why.is_none();
    let mut resolved: Vec<(Target, json::ResolvedLayer)> = Vec::new();
    in_order(
        &layers.on_targets(),
        jobs.layers(),
        |on| (*on, on.asked.chosen(on.target)),
        |(on, chosen)| {
            match chosen {
                Ok(chosen) => {
                    let (is_there, document) = telling.tell(on, &chosen, console)?;
                    found |= is_there;
                    resolved.push((*on.target, document));
                }
                Err(failure) if failures.contains(&failure) => {}
                Err(failure) => failures.push(failure),
            }
            Ok(())
        },
    )?;
    for advice in layers.default_targets() {
        console.finding(&advice);
    }
    let exit = conclude("resolve", &resolved, None, failures, console)?;
    Ok(if found { exit } else { exit.max(Exit::Findings) })
}

/// What is printed of each layer.
struct How<'a> {
    args: &'a ResolveCommandArgs,
    why: Option<&'a DistName>,
    /// More than one layer and target.
    several: bool,
}

impl How<'_> {
    /// Prints what a layer takes on a target; says whether the package of `--why` is there.
    fn tell(
        &self,
        OnTarget { asked, target }: OnTarget<'_>,
        chosen: &Chosen,
        console: &mut Console,
    ) -> Result<(bool, json::ResolvedLayer), Failure> {
        for note in &chosen.resolution.notes {
            console.finding(note);
        }
        if self.several && console.is_text() {
            console.result(&format!("{}   {target}", asked.source.name))?;
        }
        let requires = Requires::new(&chosen.resolution);
        let mut found = false;
        match self.why {
            Some(name) => found = print_why(&requires, name, &chosen.resolution, &asked.excludes, console)?,
            None if self.args.tree && console.is_text() => {
                for line in requires.tree() {
                    console.prose(&line)?;
                }
                console.summary("sizes are those of the wheels, before they are unpacked; (*): shown above");
            }
            None => print(&chosen.resolution, &asked.built, console)?,
        }
        if console.is_text() {
            let count = chosen.resolution.pins.len();
            let from = chosen.from_lock.as_ref().map(|lock| format!(", from {lock}")).unwrap_or_default();
            console.summary(&format!("{}: {} for {target}{from}", asked.source.name, packages(count)));
        }
        let ways = self.why.map(|name| requires.why(name).map(|(ways, _)| ways).unwrap_or_default());
        Ok((found, layer_document(&asked.source.name, chosen, ways)))
    }
}

fn named(text: &str) -> Result<DistName, Failure> {
    text.parse().map_err(|_| {
        Failure::new(Code::Usage, format!("--why `{text}` is no name of a package"))
            .help("write the name alone, without version or extras: --why urllib3")
    })
}

/// The ways to a package, or that it is not there.
fn print_why(
    requires: &Requires<'_>,
    name: &DistName,
    resolution: &Resolution,
    excludes: &BTreeSet<DistName>,
    console: &mut Console,
) -> Result<bool, Failure> {
    let ways = requires.ways(name);
    if console.is_text() {
        match &ways {
            Some(lines) => {
                for line in lines {
                    console.prose(line)?;
                }
            }
            None if excludes.contains(name) => console.result(&format!("{name} is left out, as --exclude says"))?,
            None => {
                let all = packages(resolution.pins.len());
                console
                    .result(&format!("{name} is not among the {all} for {}: nothing requires it", resolution.target))?;
            }
        }
    }
    Ok(ways.is_some())
}

fn print(resolution: &Resolution, built: &[Built], console: &mut Console) -> Result<(), Failure> {
    let built_here = |pin: &Pin| built.iter().find(|built| built.filename == pin.wheel);
    match console.format {
        Format::Json | Format::Markdown | Format::Terraform => {}
        Format::Requirements => {
            for pin in &resolution.pins {
                if let Some(built) = built_here(pin) {
                    let message = format!("{} was built here from {}", built.filename, built.from);
                    return Err(Failure::new(Code::Unsupported, format!("{message}, and no line can pin that"))
                        .help("put the wheel on an index or beside the requirements"));
                }
                console.result(&requirement_line(pin))?;
            }
        }
        Format::Text | Format::Github => {
            let rows: Vec<_> = resolution
                .pins
                .iter()
                .map(|pin| {
                    let size = pin.size.map(|bytes| ByteSize(bytes).to_string()).unwrap_or_default();
                    [pin.name.to_string(), pin.version.to_string(), size, note_of(pin, built_here(pin))]
                })
                .collect();
            for line in table(&rows, &[2]) {
                console.result(&line)?;
            }
        }
    }
    Ok(())
}

/// `name==version --hash=sha256:…`, which pip and uv read.
fn requirement_line(pin: &Pin) -> String {
    match (&pin.source, pin.sha256) {
        (PinSource::Path(path), _) => with_slashes(path),
        (PinSource::Url(url), Some(sha256)) => format!("{} @ {url} --hash=sha256:{sha256}", pin.name),
        (PinSource::Url(url), None) => format!("{} @ {url}", pin.name),
        (_, Some(sha256)) => format!("{}=={} --hash=sha256:{sha256}", pin.name, pin.version),
        (_, None) => format!("{}=={}", pin.name, pin.version),
    }
}

/// What is worth knowing of a pin beside its version.
fn note_of(pin: &Pin, built: Option<&Built>) -> String {
    let mut notes = Vec::new();
    match &pin.source {
        _ if built.is_some() => notes.extend(built.map(|built| format!("built here from {}", built.from))),
        PinSource::Path(path) => notes.push(with_slashes(path)),
        // A query may be a signature.
        PinSource::Url(url) => notes.push(format!("from {}", url.split('?').next().unwrap_or_default())),
        PinSource::Index { .. } => {}
    }
    if let Some(held_back) = &pin.held_back {
        notes.push(format!("held back from {}: {}", held_back.newest, held_back.reasons.join("; ")));
    }
    if let Some(reason) = &pin.yanked {
        notes.push(if reason.is_empty() { "yanked".to_owned() } else { format!("yanked: {reason}") });
    }
    notes.join("; ")
}

fn layer_document(layer: &str, chosen: &Chosen, why: Option<Vec<Vec<String>>>) -> json::ResolvedLayer {
    let resolution = &chosen.resolution;
    json::ResolvedLayer {
        layer: layer.to_owned(),
        packages: resolution.pins.iter().map(json::ResolvedPackage::from).collect(),
        left_to_runtime: chosen.left_to_runtime.clone(),
        findings: resolution.notes.clone(),
        why,
    }
}

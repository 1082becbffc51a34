//! `layerpack resolve`: print what build would take.

use lambda_compat::{Code, Target};
use layer_pack::ByteSize;
use pypi_resolve::resolve::{Pin, PinSource, Resolution};

use crate::args::{Format, ResolveCommandArgs};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::Asked;
use crate::plan::read_sources;
use crate::report::{Console, json, packages, table};

pub(crate) fn run(
    args: &ResolveCommandArgs,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let mut layers = Vec::new();
    for source in read_sources(&args.source, None)? {
        layers.push(Asked::read(source, &args.asking, Some(&args.lock), environment, console)?);
    }
    let several = layers.iter().map(|layer| layer.targets.all.len()).sum::<usize>() > 1;
    if several && console.format == Format::Requirements {
        return Err(Failure::new(Code::Usage, "--format requirements goes with one layer and one target")
            .help("name one SOURCE, one --runtime and one --arch"));
    }
    let mut resolved: Vec<(Target, json::ResolvedLayer)> = Vec::new();
    for asked in &layers {
        for target in &asked.targets.all {
            let chosen = asked.choose(target, console)?;
            for note in &chosen.resolution.notes {
                console.finding(note);
            }
            if several && console.is_text() {
                console.result(&format!("{}   {target}", asked.source.name))?;
            }
            print(&chosen.resolution, console)?;
            if console.is_text() {
                let count = chosen.resolution.pins.len();
                let from = chosen.from_lock.map(|lock| format!(", from {lock}")).unwrap_or_default();
                console.summary(&format!("{}: {} for {target}{from}", asked.source.name, packages(count)));
            }
            resolved.push((*target, layer_document(&asked.source.name, &chosen.resolution)));
        }
        if let Some(advice) = asked.targets.advice() {
            console.finding(&lambda_compat::Finding::warning(Code::DefaultTarget, advice));
        }
    }
    if console.format == Format::Json {
        console.document(&json::Document::new("resolve", &resolved))?;
    }
    Ok(Exit::Fine)
}

fn print(resolution: &Resolution, console: &mut Console) -> Result<(), Failure> {
    match console.format {
        Format::Json | Format::Markdown => {}
        Format::Requirements => {
            for pin in &resolution.pins {
                console.result(&requirement_line(pin))?;
            }
        }
        Format::Text | Format::Github => {
            let rows: Vec<_> = resolution
                .pins
                .iter()
                .map(|pin| {
                    let size = pin.size.map(|bytes| ByteSize(bytes).to_string()).unwrap_or_default();
                    [pin.name.to_string(), pin.version.to_string(), size, note_of(pin)]
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
        (PinSource::Path(path), _) => path.display().to_string(),
        (_, Some(sha256)) => format!("{}=={} --hash=sha256:{sha256}", pin.name, pin.version),
        (_, None) => format!("{}=={}", pin.name, pin.version),
    }
}

/// What is worth knowing of a pin beside its version.
fn note_of(pin: &Pin) -> String {
    let mut notes = Vec::new();
    if let PinSource::Path(path) = &pin.source {
        notes.push(path.display().to_string());
    }
    if let Some(held_back) = &pin.held_back {
        notes.push(format!("held back from {}: {}", held_back.newest, held_back.reasons.join("; ")));
    }
    if let Some(reason) = &pin.yanked {
        notes.push(if reason.is_empty() { "yanked".to_owned() } else { format!("yanked: {reason}") });
    }
    notes.join("; ")
}

fn layer_document(layer: &str, resolution: &Resolution) -> json::ResolvedLayer {
    json::ResolvedLayer {
        layer: layer.to_owned(),
        packages: resolution.pins.iter().map(json::ResolvedPackage::from).collect(),
        findings: resolution.notes.clone(),
    }
}

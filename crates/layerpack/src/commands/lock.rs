//! `layerpack lock`: write pylock.toml (PEP 751) beside the source. The only command that does.

use std::collections::BTreeMap;

use lambda_compat::{Code, Finding, Target};
use layer_pack::write_file;
use pypi_resolve::index::Source;
use pypi_resolve::lock::{LockMeta, PyLock};
use pypi_resolve::resolve::{PinSource, Resolution};
use wheel_archive::Sha256;
use wheel_tags::DistName;

use crate::args::LockArgs;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::Asked;
use crate::plan::read_sources;
use crate::report::{Console, json, packages};

pub(crate) fn run(args: &LockArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let mut locked: Vec<(Target, json::BuiltLayer)> = Vec::new();
    for source in read_sources(&args.source, None)? {
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
        let asked = Asked::read(source, &args.asking, None, environment, console)?;
        if let Some(advice) = asked.targets.advice() {
            console.finding(&Finding::warning(Code::DefaultTarget, advice));
        }
        let mut resolutions = Vec::new();
        for target in &asked.targets.all {
            let resolution = asked.choose(target, console)?.resolution;
            for note in &resolution.notes {
                console.finding(note);
            }
            resolutions.push(resolution);
        }
        let output = write(&asked, &resolutions)?;
        if console.is_text() {
            console.result(&output.path)?;
        }
        for resolution in &resolutions {
            console.summary(&format!(
                "{}: {} for {}",
                asked.source.name,
                packages(resolution.pins.len()),
                resolution.target
            ));
            locked.push((resolution.target, document(&asked.source.name, resolution, &output)));
        }
    }
    if !console.is_text() {
        console.document(&json::Document::new("lock", &locked))?;
    }
    Ok(Exit::Fine)
}

fn write(asked: &Asked, resolutions: &[Resolution]) -> Result<json::Output, Failure> {
    let path = asked.source.lock_path();
    let meta = LockMeta {
        file: path.clone(),
        digest: Some(asked.digest()),
        options: BTreeMap::new(),
        indexes: indexes(asked, resolutions)?,
    };
    let text = PyLock::from_resolutions(resolutions, &meta)?.write();
    write_file(&path, text.as_bytes())?;
    Ok(json::Output::file("lock", &path, text.len() as u64, Sha256::of(text.as_bytes())))
}

/// The index that served each package. Every page has been read by now, so nothing is fetched.
fn indexes(asked: &Asked, resolutions: &[Resolution]) -> Result<BTreeMap<DistName, String>, Failure> {
    let mut indexes = BTreeMap::new();
    let pins = resolutions.iter().flat_map(|resolution| &resolution.pins);
    for pin in pins.filter(|pin| matches!(pin.source, PinSource::Index { .. })) {
        if let Source::Index(url) = &asked.index.files(&pin.name)?.from {
            indexes.insert(pin.name.clone(), url.clone());
        }
    }
    Ok(indexes)
}

fn document(layer: &str, resolution: &Resolution, output: &json::Output) -> json::BuiltLayer {
    json::BuiltLayer {
        layer: layer.to_owned(),
        unchanged: false,
        unzipped: None,
        outputs: vec![output.clone()],
        packages: resolution.pins.iter().map(json::ResolvedPackage::from).collect(),
        findings: resolution.notes.clone(),
    }
}

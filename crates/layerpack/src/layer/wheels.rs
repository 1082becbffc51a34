//! Pins to wheels on disk: downloads what the store has not got, and judges every wheel for the target.

use std::path::{Path, PathBuf};

use lambda_compat::layer::LAYERS;
use lambda_compat::{
    Code, Finding, Given, Layer, Origin, PlacedFile, Severity, Target, Verdict, advise, judge, verdict_of,
};
use layer_pack::LocalFile;
use pypi_resolve::index::Wanted;
use pypi_resolve::resolve::{Pin, PinSource};
use wheel_archive::{FileAt, Installed, Manifest, ReadAt};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::layer::local::inspect_file;
use crate::layer::{Asked, Chosen};
use crate::report::{Bars, Console, refusal};

/// A wheel of the layer: pinned, on disk, inspected.
pub(crate) struct LayerWheel {
    pub(crate) pin: Pin,
    pub(crate) path: PathBuf,
    pub(crate) manifest: Manifest,
    /// It lies in the store, from where it can be fetched again.
    pub(crate) in_store: bool,
}

impl LayerWheel {
    pub(crate) fn open(&self) -> Result<FileAt, Failure> {
        FileAt::open(&self.path).map_err(Failure::from)
    }

    fn origin(&self) -> Origin {
        if !self.in_store {
            return Origin::Unverified;
        }
        let file = self.pin.alternatives.iter().find(|file| file.filename == self.pin.wheel.as_str());
        file.map_or(Origin::Unverified, |file| file.origin)
    }
}

/// Brings every pinned wheel, in the order of the pins.
pub(crate) fn download(asked: &Asked, chosen: &Chosen, bars: &Bars) -> Result<Vec<LayerWheel>, Failure> {
    let wanted: Vec<Wanted> = chosen.resolution.pins.iter().filter_map(wanted).collect();
    let mut fetched = asked.index.download(&wanted, bars).map_err(Failure::from)?.into_iter();
    let mut wheels = Vec::with_capacity(chosen.resolution.pins.len());
    for pin in &chosen.resolution.pins {
        let wheel = match &pin.source {
            PinSource::Path(path) => local(asked, pin, path)?,
            PinSource::Index { .. } | PinSource::Url(_) => {
                let stored = fetched
                    .next()
                    .ok_or_else(|| Failure::new(Code::Io, format!("{} was not downloaded", pin.wheel)))?;
                LayerWheel { pin: pin.clone(), path: stored.path, manifest: stored.manifest, in_store: true }
            }
        };
        wheels.push(wheel);
    }
    Ok(wheels)
}

fn wanted(pin: &Pin) -> Option<Wanted> {
    let (PinSource::Index { url } | PinSource::Url(url)) = &pin.source else { return None };
    Some(Wanted { filename: pin.wheel.clone(), url: url.clone(), sha256: pin.sha256, size: pin.size })
}

/// A wheel of the source: already inspected, or named by a lock's `path` and inspected now.
fn local(asked: &Asked, pin: &Pin, path: &Path) -> Result<LayerWheel, Failure> {
    let inspected = asked.local.iter().find(|local| local.wheel.filename == pin.wheel);
    let manifest = match inspected {
        Some(local) => local.manifest.clone(),
        None => inspect_file(path, &pin.wheel)?,
    };
    if let Some(expected) = pin.sha256.filter(|expected| *expected != manifest.sha256) {
        let message = format!("{} has sha256 {}, and {expected} is locked", path.display(), manifest.sha256);
        return Err(Failure::new(Code::HashMismatch, message)
            .help(format!("the wheel has changed since: run layerpack lock {}", asked.source.text())));
    }
    let path = path.to_path_buf();
    Ok(LayerWheel { pin: pin.clone(), path, manifest, in_store: false })
}

/// Judges all wheels together with the files of the source, as the one layer that they become; `complete` says that nothing
/// else will be there. Warnings and notes are returned, wheels that do not load end the run.
pub(crate) fn judge_all(
    wheels: &[LayerWheel],
    files: &[LocalFile],
    complete: bool,
    target: &Target,
    environment: &Environment,
    console: &Console,
) -> Result<Vec<Finding>, Failure> {
    let today = environment.today()?;
    let mut found = Vec::new();
    let mut blocks = Vec::new();
    let mut first = None;
    let opened: Vec<FileAt> = wheels.iter().map(LayerWheel::open).collect::<Result<_, _>>()?;
    let sources = wheels.iter().zip(&opened).map(|(wheel, source)| (&wheel.manifest, source as &dyn ReadAt));
    let installed = Installed::new(sources);
    let facts = wheels.iter().map(|wheel| wheel.manifest.facts(wheel.origin())).collect();
    let loose = files.iter().map(|file| PlacedFile {
        entry: file.path().as_str(),
        place: format!("{LAYERS}/{}", file.path()).into(),
        mode: None,
        binary: file.binary(),
    });
    let given = Given { complete, ..Given::default() };
    let layer = Layer::new(facts, loose.collect(), &installed, given);
    for (wheel, facts) in wheels.iter().zip(layer.wheels()) {
        let mut findings = judge(&layer, facts, target);
        findings.extend(wheel.manifest.warnings.iter().cloned());
        if verdict_of(&findings) == Verdict::Fails {
            let code = findings.iter().find(|f| f.severity == Severity::Error).map_or(Code::Architecture, |f| f.code);
            first.get_or_insert(code);
            let help = advise(&layer, facts, target, today);
            let (file, with_source) = (wheel.pin.wheel.as_str(), console.verbose > 0);
            blocks.push(refusal(file, target, &findings, help.as_deref(), with_source));
        }
        found.extend(findings.into_iter().map(|mut finding| {
            finding.message = format!("{}: {}", wheel.pin.wheel, finding.message);
            finding
        }));
    }
    match first {
        Some(code) => Err(Failure::new(code, blocks.join("\n"))),
        None => Ok(found),
    }
}

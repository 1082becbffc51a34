//! Pins to wheels on disk: downloads what the store has not got, and judges every wheel for the target.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Origin};
use layer_pack::LayerInput;
use pypi_resolve::index::Wanted;
use pypi_resolve::lock::LockKind;
use pypi_resolve::resolve::{Pin, PinSource, Resolution};
use wheel_archive::{FileAt, Manifest, Sha256, hash};

use crate::failure::Failure;
use crate::layer::local::inspect_hashed;
use crate::layer::{Asked, Chosen};
use crate::report::Downloading;

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

    pub(crate) fn origin(&self) -> Origin {
        if !self.in_store {
            return Origin::Unverified;
        }
        let file = self.pin.alternatives.iter().find(|file| *file.filename == *self.pin.wheel.as_str());
        file.map_or(Origin::Unverified, |file| file.origin)
    }
}

/// Opens wheels, to be read wherever their manifests say.
pub(crate) fn open_wheels(wheels: &[LayerWheel]) -> Result<Vec<FileAt>, Failure> {
    wheels.iter().map(LayerWheel::open).collect()
}

/// Wheels with their bytes, as a plan takes them.
pub(crate) fn inputs_of<'a>(wheels: &'a [LayerWheel], opened: &'a [FileAt]) -> Vec<LayerInput<'a>> {
    let both = wheels.iter().zip(opened);
    both.map(|(wheel, source)| LayerInput { manifest: &wheel.manifest, source }).collect()
}

/// Brings every pinned wheel, in the order of the pins.
pub(crate) fn download(asked: &Asked, chosen: &Chosen) -> Result<Vec<LayerWheel>, Failure> {
    let wanted: Vec<Wanted> = chosen.resolution.pins.iter().filter_map(wanted).collect();
    let mut fetched = asked.index.download(&wanted, &downloading(asked)).map_err(Failure::from)?.into_iter();
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

/// Downloads what nobody gives a digest of, as a lock needs one of every wheel.
pub(crate) fn learn_digests(asked: &Asked, resolution: &mut Resolution) -> Result<(), Failure> {
    let unknown = resolution.pins.iter_mut().filter(|pin| pin.sha256.is_none());
    let (mut pins, unknown): (Vec<&mut Pin>, Vec<Wanted>) =
        unknown.filter_map(|pin| wanted(pin).map(|wanted| (pin, wanted))).unzip();
    if unknown.is_empty() {
        return Ok(());
    }
    let wheels = asked.index.download(&unknown, &downloading(asked))?;
    for (pin, wheel) in pins.iter_mut().zip(wheels) {
        pin.sha256 = Some(wheel.manifest.sha256);
        pin.size = Some(wheel.manifest.size);
    }
    Ok(())
}

fn downloading(asked: &Asked) -> Downloading<'_> {
    Downloading::new(&asked.bars, &asked.source.name)
}

fn wanted(pin: &Pin) -> Option<Wanted> {
    let (PinSource::Index { url } | PinSource::Url(url)) = &pin.source else { return None };
    Some(Wanted { filename: pin.wheel.clone(), url: url.clone(), sha256: pin.sha256, size: pin.size })
}

/// A wheel of the source: already inspected, or named by a lock's `path` and inspected now.
fn local(asked: &Asked, pin: &Pin, path: &Path) -> Result<LayerWheel, Failure> {
    let inspected = asked.local.iter().find(|local| local.wheel.filename == pin.wheel);
    let manifest = if let Some(local) = inspected {
        as_locked(asked, pin, path, local.manifest.sha256)?;
        local.manifest.clone()
    } else {
        let opened = FileAt::open(path)?;
        let sha256 = hash(&opened)?;
        // Before it is opened as an archive: what is in a file that nobody locked is not to be told.
        as_locked(asked, pin, path, sha256)?;
        inspect_hashed(path, &pin.wheel, sha256, &opened, &asked.store)?
    };
    let path = path.to_path_buf();
    Ok(LayerWheel { pin: pin.clone(), path, manifest, in_store: false })
}

fn as_locked(asked: &Asked, pin: &Pin, path: &Path, sha256: Sha256) -> Result<(), Failure> {
    let Some(expected) = pin.sha256.filter(|expected| *expected != sha256) else { return Ok(()) };
    let message = format!("{} has sha256 {sha256}, and {expected} is locked", path.display());
    let command = match asked.lock.as_ref().map(|lock| lock.kind) {
        None | Some(LockKind::Pylock) => format!("layerpack lock {}", asked.source.text()),
        Some(kind) => kind.command().to_owned(),
    };
    Err(Failure::new(Code::HashMismatch, message).help(format!("the wheel has changed since: run {command}")))
}

//! The layers that one lies on: which versions they settle, what they bring for the judge, and what they weigh.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use lambda_compat::{Code, Contents, FilesBelow, Given, PlacedFile, Target, layer::LAYERS};
use layer_pack::{
    Held, LayerPath, Layout, Listed, LocalFile, PlanOptions, Report, list_held, plan, read_held, read_source, weigh,
};
use pypi_resolve::resolve::{BelowMetadata, BelowPackage, Pin, PinSource};
use wheel_archive::{FileAt, Installed, Manifest, ReadAt};
use wheel_tags::{DistName, Version};

use crate::failure::Failure;
use crate::layer::stamp::state_of;
use crate::layer::{Asked, LayerWheel, download, inputs_of, open_wheels};
use crate::plan::FinishedBelow;

/// A layer below another.
#[derive(Clone)]
pub(crate) enum Below {
    /// One of this run: what it holds is worked out as for itself.
    Layer(Arc<Asked>),
    /// A finished one.
    Finished(Arc<Finished>),
}

/// A finished layer: a zip or tree, or a report alone.
pub(crate) struct Finished {
    named: FinishedBelow,
    what: What,
    /// What it brings, once somebody has asked.
    brought: OnceLock<Result<Arc<Brought>, Failure>>,
}

/// Finished layers, each read once, however many lie on it.
#[derive(Default)]
pub(crate) struct FinishedLayers(Vec<Arc<Finished>>);

impl FinishedLayers {
    pub(crate) fn read(&mut self, named: &FinishedBelow) -> Result<Arc<Finished>, Failure> {
        if let Some(known) = self.0.iter().find(|known| known.named == *named) {
            return Ok(Arc::clone(known));
        }
        let finished = Arc::new(Finished::read(named)?);
        self.0.push(Arc::clone(&finished));
        Ok(finished)
    }
}

enum What {
    Held(PathBuf, Box<Listed>),
    Report(Box<Report>),
}

/// What a layer below brings, read.
pub(crate) struct Brought {
    pub(crate) name: String,
    /// Bytes, unpacked.
    pub(crate) unzipped: u64,
    files: Files,
}

enum Files {
    Wheels(Vec<LayerWheel>, Vec<LocalFile>),
    Held(Box<Held>),
    /// Only their names are known, which says nothing about native code.
    Report(Box<Report>),
}

impl Finished {
    /// Reads names and sizes only.
    fn read(named: &FinishedBelow) -> Result<Self, Failure> {
        let what = what(&named.path).map_err(|failure| named.unreadable(failure))?;
        Ok(Self { named: named.clone(), what, brought: OnceLock::new() })
    }

    /// A zip or tree is read whole.
    fn brought(&self) -> Result<Arc<Brought>, Failure> {
        let read = || {
            let name = self.named.short();
            Ok(Arc::new(match &self.what {
                What::Held(path, _) => {
                    let held = whole(path).map_err(|failure| self.named.unreadable(failure))?;
                    Brought { name, unzipped: held.size(), files: Files::Held(Box::new(held)) }
                }
                What::Report(report) => {
                    Brought { name, unzipped: report.unzipped, files: Files::Report(report.clone()) }
                }
            }))
        };
        self.brought.get_or_init(read).clone()
    }
}

fn what(path: &Path) -> Result<What, Failure> {
    let is_report = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    if !is_report {
        return held(path);
    }
    let report = Report::read(path)?;
    // What was built says more than what is said of it, where it still lies there.
    let beside = report
        .outputs
        .iter()
        .map(|output| path.with_file_name(&output.file))
        .find(|file| file.is_dir() || file.extension().is_some_and(|ending| ending == "zip") && file.is_file());
    match beside {
        Some(file) => held(&file),
        None => Ok(What::Report(Box::new(report))),
    }
}

fn held(path: &Path) -> Result<What, Failure> {
    Ok(What::Held(path.to_path_buf(), Box::new(listed(path)?)))
}

fn whole(path: &Path) -> Result<Held, Failure> {
    let held = read_held(path, Some(Layout::Layer)).map_err(|error| unreadable(path, &error))?;
    held.map_err(|findings| malformed(path, findings.first()))
}

/// The names and sizes of what a finished layer holds.
pub(super) fn listed(path: &Path) -> Result<Listed, Failure> {
    let listed = list_held(path, Some(Layout::Layer)).map_err(|error| unreadable(path, &error))?;
    listed.map_err(|findings| malformed(path, findings.first()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Io, format!("{}: {error}", path.display()))
}

fn malformed(path: &Path, finding: Option<&lambda_compat::Finding>) -> Failure {
    let (code, why) = finding.map_or((Code::ArchiveFraming, "not a sound archive"), |f| (f.code, f.message.as_str()));
    Failure::new(code, format!("{}: {why}", path.display()))
}

impl Below {
    /// As messages call it.
    pub(crate) fn called(&self) -> String {
        match self {
            Self::Layer(asked) => format!("the layer {}", asked.source.name),
            Self::Finished(finished) => finished.named.called(),
        }
    }

    /// As summaries and reports call it: without the folders above it.
    pub(crate) fn short(&self) -> String {
        match self {
            Self::Layer(asked) => asked.source.name.clone(),
            Self::Finished(finished) => finished.named.short(),
        }
    }

    /// Whether it lies below on a target.
    pub(crate) fn counts_on(&self, target: &Target) -> bool {
        match self {
            Self::Layer(_) => true,
            Self::Finished(finished) => finished.named.counts_on(target),
        }
    }

    /// What it settles on a target.
    pub(crate) fn packages(&self, target: &Target) -> Result<Vec<BelowPackage>, Failure> {
        let layer = self.called();
        let of = |name: &DistName, version: &Version, metadata| BelowPackage {
            name: name.clone(),
            version: version.clone(),
            metadata,
            layer: layer.clone(),
        };
        Ok(match self {
            Self::Layer(asked) => {
                let chosen = asked.chosen(target)?;
                chosen.resolution.pins.iter().map(|pin| of(&pin.name, &pin.version, metadata_of(asked, pin))).collect()
            }
            Self::Finished(finished) => match &finished.what {
                What::Held(_, listed) => {
                    let (_, minor) = target.runtime.name.python();
                    let installed = listed.distributions().map(|(distribution, _)| distribution);
                    let installed = installed.filter(|one| one.minor.is_none_or(|own| own == minor));
                    let read = |one: &layer_pack::HeldDistribution| {
                        let metadata = &one.metadata;
                        of(&metadata.name, &metadata.version, BelowMetadata::Read(Arc::new(metadata.clone())))
                    };
                    installed.map(read).collect()
                }
                What::Report(report) => {
                    report.packages.iter().map(|one| of(&one.name, &one.version, BelowMetadata::Unknown)).collect()
                }
            },
        })
    }

    /// What decides about the layers on top of it, for whoever wants to know whether anything has changed.
    pub(crate) fn fingerprint(&self, target: &Target) -> Result<String, Failure> {
        let mut text = self.short();
        match self {
            Self::Layer(asked) => {
                for pin in &asked.chosen(target)?.resolution.pins {
                    let _ = write!(text, " {} {:?}", pin.wheel, pin.sha256);
                }
                for tree in [&asked.source.python_tree, &asked.source.opt_tree].into_iter().flatten() {
                    let _ = write!(text, " {}", state_of(tree)?);
                }
            }
            Self::Finished(finished) => match &finished.what {
                What::Held(path, _) => _ = write!(text, " {}", state_of(path)?),
                What::Report(report) => _ = write!(text, " {} {:?}", report.unzipped, report.packages),
            },
        }
        Ok(text)
    }

    /// What it brings, read: its wheels are fetched, a zip is read whole. Not to be asked for by rayon's threads, which would
    /// wait for each other.
    pub(crate) fn brought(&self, target: &Target) -> Result<Arc<Brought>, Failure> {
        let asked = match self {
            Self::Layer(asked) => asked,
            Self::Finished(finished) => return finished.brought(),
        };
        let wheels = download(asked, &*asked.chosen(target)?)?;
        let has_files = asked.source.python_tree.is_some() || asked.source.opt_tree.is_some();
        let files = if has_files { read_source(&asked.source.folder, Layout::Layer)? } else { Vec::new() };
        let opened = open_wheels(&wheels)?;
        let plan = plan(&inputs_of(&wheels, &opened), &files, &PlanOptions::default())?;
        let unzipped = weigh(&plan).unzipped;
        Ok(Arc::new(Brought { name: self.short(), unzipped, files: Files::Wheels(wheels, files) }))
    }
}

/// Where a package's extras are learned from.
fn metadata_of(asked: &Asked, pin: &Pin) -> BelowMetadata {
    if let PinSource::Path(_) = pin.source {
        let local = asked.local.iter().find(|local| local.wheel.filename == pin.wheel);
        return local.map_or(BelowMetadata::Unknown, |local| BelowMetadata::Read(Arc::clone(&local.wheel.metadata)));
    }
    let file = pin.alternatives.iter().find(|file| *file.filename == *pin.wheel.as_str()).cloned();
    file.map_or(BelowMetadata::Unknown, |mut file| {
        // It was taken; whoever lies on top of it need not know why.
        file.yanked = None;
        BelowMetadata::Listed(Box::new(file))
    })
}

impl Brought {
    /// Its files, as the judge sees them.
    pub(crate) fn files(&self, target: &Target) -> Vec<FilesBelow<'_>> {
        let of = |distribution, files| FilesBelow { layer: &self.name, distribution, files };
        match &self.files {
            Files::Wheels(wheels, files) => {
                let facts = wheels.iter().map(|wheel| wheel.manifest.facts(wheel.origin()));
                let mut below: Vec<_> = facts.map(|facts| of(Some(facts.name), facts.files)).collect();
                below.push(of(None, files.iter().map(|file| placed(file, Layout::Layer)).collect()));
                below
            }
            Files::Held(held) => {
                let layer = held.layer(target, Given::default());
                let mut below: Vec<_> =
                    layer.wheels().iter().map(|facts| of(Some(facts.name), facts.files.clone())).collect();
                below.push(of(None, layer.loose().to_vec()));
                below
            }
            Files::Report(report) => {
                let all = report.files.iter();
                all.map(|file| of(file.package.as_ref(), vec![named(&file.path)])).collect()
            }
        }
    }

    /// Its distributions.
    pub(crate) fn packages(&self) -> Vec<(DistName, Version)> {
        match &self.files {
            Files::Wheels(wheels, _) => {
                wheels.iter().map(|wheel| (wheel.pin.name.clone(), wheel.pin.version.clone())).collect()
            }
            Files::Held(held) => {
                let all = held.distributions().iter().map(|one| &one.metadata);
                all.map(|metadata| (metadata.name.clone(), metadata.version.clone())).collect()
            }
            Files::Report(report) => {
                report.packages.iter().map(|one| (one.name.clone(), one.version.clone())).collect()
            }
        }
    }

    fn wheels(&self) -> &[LayerWheel] {
        if let Files::Wheels(wheels, _) = &self.files { wheels } else { &[] }
    }

    /// The finished layer that it was read from.
    pub(crate) fn held(&self) -> Option<&Held> {
        if let Files::Held(held) = &self.files { Some(held) } else { None }
    }
}

/// A file of which only the name is known.
fn named(path: &LayerPath) -> PlacedFile<'_> {
    PlacedFile {
        entry: path.as_str(),
        place: format!("{LAYERS}/{path}").into(),
        mode: None,
        binary: None,
        opens_libraries: false,
    }
}

/// A file of a source, where a function finds it.
pub(super) fn placed(file: &LocalFile, layout: Layout) -> PlacedFile<'_> {
    PlacedFile {
        entry: file.path().as_str(),
        place: format!("{}/{}", layout.root(), file.path()).into(),
        mode: None,
        binary: file.binary(),
        opens_libraries: false,
    }
}

/// The bytes of a layer and of those below it; of one place those of the upper.
pub(super) struct Seen<'a> {
    own: Installed<'a>,
    below: Vec<(Installed<'a>, Option<&'a Held>)>,
}

/// The opened wheels of each layer below.
pub(super) fn opened(below: &[Arc<Brought>]) -> Result<Vec<Vec<FileAt>>, Failure> {
    below.iter().map(|layer| open_wheels(layer.wheels())).collect()
}

impl<'a> Seen<'a> {
    pub(super) fn new(own: Installed<'a>, below: &'a [Arc<Brought>], opened: &'a [Vec<FileAt>]) -> Self {
        let of = |(layer, opened): (&'a Arc<Brought>, &'a Vec<FileAt>)| {
            let wheels = layer.wheels().iter().zip(opened);
            let sources = wheels.map(|(wheel, file)| (&wheel.manifest as &Manifest, file as &dyn ReadAt));
            (Installed::new(sources), layer.held())
        };
        Self { own, below: below.iter().zip(opened).map(of).collect() }
    }
}

impl Contents for Seen<'_> {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        let below = || {
            self.below
                .iter()
                .rev()
                .find_map(|(wheels, held)| held.and_then(|held| held.read(place)).or_else(|| wheels.read(place)))
        };
        self.own.read(place).or_else(below)
    }
}

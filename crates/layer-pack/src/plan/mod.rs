//! What the layer holds: every entry with its path, mode, size and where its bytes come from.
//!
//! Pure but for two things that are read out of wheels: scripts of `.data/scripts`, because their first line may have to
//! change, and those `__init__.py` that two packages bring. Nothing is written.

mod error;
mod lay;
mod settle;
mod slimmed;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use lambda_compat::{Finding, default_runtime};
use rayon::prelude::*;
use wheel_archive::{Entry as WheelEntry, Manifest, Method, ReadAt, Sha256, entry_bytes};
use wheel_tags::DistName;

pub use error::PlanError;
use error::{FUNCTION_OWN, LAYER_OWN};

use crate::record::{Row, record};
use crate::{LayerPath, Layout, LocalFile, Made, Slim, Slimmed, names};
use lay::lay;
use settle::{Settled, settle};
pub(crate) use slimmed::decide;
use slimmed::slimmed;

/// A wheel that goes into the layer.
#[derive(Clone, Copy)]
pub struct LayerInput<'a> {
    /// What its inspection found; only sound wheels have one.
    pub manifest: &'a Manifest,
    /// The wheel's bytes.
    pub source: &'a dyn ReadAt,
}

/// What can be told differently about a layer.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// What the first line of scripts names.
    pub interpreter: String,
    /// Layer or function.
    pub layout: Layout,
    /// What is left out of the packages' files.
    pub slim: Slim,
    /// The version of Python that imports them, `(3, 12)`.
    pub python: (u8, u8),
}

impl Default for PlanOptions {
    /// A layer with all files, for the interpreter of AWS's runtimes, `/var/lang/bin/python3`.
    fn default() -> Self {
        Self {
            interpreter: "/var/lang/bin/python3".to_owned(),
            layout: Layout::default(),
            slim: Slim::default(),
            python: default_runtime().name.python(),
        }
    }
}

/// A file's permissions in the layer. The host's disk and umask have no say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// 0644.
    Plain,
    /// 0755.
    Executable,
}

impl Mode {
    /// The permission bits.
    #[must_use]
    pub fn permissions(self) -> u32 {
        match self {
            Self::Plain => 0o644,
            Self::Executable => 0o755,
        }
    }
}

/// Where an entry's bytes come from.
#[derive(Clone)]
pub enum Content<'a> {
    /// Out of a wheel, compressed as they are there.
    Copied {
        /// The wheel.
        wheel: LayerInput<'a>,
        /// Its entry.
        entry: &'a WheelEntry,
    },
    /// Written by layerpack, or read from the layer's source.
    Made(Made),
}

impl Content<'_> {
    /// The unpacked bytes, all at once: for small files.
    fn read(&self) -> Result<Vec<u8>, PlanError> {
        match self {
            Self::Copied { wheel, entry } => entry_bytes(wheel.source, entry).map_err(|source| {
                let filename = Box::new(wheel.manifest.filename.clone());
                match source.kind() {
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                        PlanError::Damaged { filename, sha256: wheel.manifest.sha256 }
                    }
                    _ => PlanError::Read { filename, source },
                }
            }),
            Self::Made(made) => Ok(made.contents()),
        }
    }

    /// Bytes, unpacked.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Copied { entry, .. } => entry.size,
            Self::Made(made) => made.size,
        }
    }

    /// Bytes in the zip, without headers.
    #[must_use]
    pub fn compressed(&self) -> u64 {
        match self {
            Self::Copied { entry, .. } => entry.compressed,
            Self::Made(made) => made.bytes.len() as u64,
        }
    }

    /// How they are compressed.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Self::Copied { entry, .. } => entry.method,
            Self::Made(made) => made.method,
        }
    }

    /// CRC-32 of the unpacked bytes.
    #[must_use]
    pub fn crc32(&self) -> u32 {
        match self {
            Self::Copied { entry, .. } => entry.crc32,
            Self::Made(made) => made.crc32,
        }
    }

    /// SHA-256 of the unpacked bytes.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        match self {
            Self::Copied { entry, .. } => entry.sha256,
            Self::Made(made) => made.sha256,
        }
    }
}

/// One file of the layer.
#[derive(Clone)]
pub struct Entry<'a> {
    /// Where it lies.
    pub path: LayerPath,
    /// Its permissions.
    pub mode: Mode,
    /// Its bytes.
    pub content: Content<'a>,
    /// The distribution it belongs to; `None` for files of the layer's source.
    pub package: Option<&'a DistName>,
}

/// A whole layer, decided but not written. Made by [`plan`] only.
pub struct LayerPlan<'a> {
    pub(crate) wheels: Vec<LayerInput<'a>>,
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) findings: Vec<Finding>,
    layout: Layout,
    slimmed: Slimmed,
}

impl<'a> LayerPlan<'a> {
    /// Layer or function.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// What slimming took out, and what it left in place.
    #[must_use]
    pub fn slimmed(&self) -> &Slimmed {
        &self.slimmed
    }

    /// The distributions, sorted by name.
    pub fn packages(&self) -> impl Iterator<Item = &'a Manifest> {
        self.wheels.iter().map(|wheel| wheel.manifest)
    }

    /// The files, sorted by the bytes of their path; each path once.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// Warnings about the layout (LP209, LP402), sorted.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Lays out a layer: the wheels, one per distribution, and the files of the layer's source. Their order is irrelevant.
///
/// # Errors
/// Where two packages bring different code under one path or one a file where another needs a folder (LP402); where a
/// wheel is given twice, a path is too long for Linux, or a script cannot be read. [`PlanError::Damaged`] where its bytes
/// are not those that were inspected: fetch the wheel again and retry.
pub fn plan<'a>(
    wheels: &[LayerInput<'a>],
    files: &[LocalFile],
    options: &PlanOptions,
) -> Result<LayerPlan<'a>, PlanError> {
    let _span = tracing::debug_span!("plan").entered();
    let mut wheels = wheels.to_vec();
    wheels.sort_by_key(|wheel| (&wheel.manifest.metadata.name, &wheel.manifest.filename));
    for (first, second) in wheels.iter().zip(wheels.iter().skip(1)) {
        if first.manifest.metadata.name == second.manifest.metadata.name {
            return Err(PlanError::Twice {
                name: first.manifest.metadata.name.clone(),
                first: first.manifest.filename.to_string(),
                second: second.manifest.filename.to_string(),
            });
        }
    }

    // The files of the layer's source come first: where two claims may stand, whoever put a file there meant it.
    let layout = options.layout;
    let local = files.iter().map(|LocalFile { path, contents, is_script, .. }| {
        // What lies in a function is its own code: `run.sh` and `bootstrap` are started as programs.
        let mode = mode_of(path, *is_script && layout == Layout::Function);
        Entry { path: path.clone(), mode, content: Content::Made(contents.clone()), package: None }
    });
    let mut claims: Vec<Entry<'a>> = local.collect();
    for wheel in &wheels {
        lay(*wheel, options, &mut claims)?;
    }
    // The sort is stable: those who claim one path stay in their order.
    claims.sort_by(|a, b| a.path.cmp(&b.path));
    let (settled, slimmed) = slimmed(settle(claims, layout)?, options)?;
    let mut entries = Vec::with_capacity(settled.len() + wheels.len());
    let mut findings = Vec::new();
    let mut held: BTreeMap<&DistName, Vec<usize>> = BTreeMap::new();
    for Settled { entry, others, finding } in settled {
        for holder in entry.package.into_iter().chain(others) {
            held.entry(holder).or_default().push(entries.len());
        }
        findings.extend(finding.map(|finding| *finding));
        entries.push(entry);
    }

    let record = |wheel: &LayerInput<'a>| {
        let held = held.get(&wheel.manifest.metadata.name).into_iter().flatten().filter_map(|at| entries.get(*at));
        record_of(wheel.manifest, layout, held)
    };
    let records: Vec<Entry<'a>> = wheels.par_iter().map(record).collect();
    entries.extend(records);
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    check_paths(&entries, layout)?;
    findings.extend(names::alike(entries.iter().map(|entry| (entry.path.as_str(), entry.package))));
    findings.sort();
    Ok(LayerPlan { wheels, entries, findings, layout, slimmed })
}

/// Scripts and `bin/` are executable whatever the wheel or the disk says, everything else after the wheel.
fn mode_of(path: &LayerPath, executable_in_wheel: bool) -> Mode {
    let in_bin = ["bin/", "python/bin/"].iter().any(|folder| path.as_str().starts_with(folder));
    if in_bin || executable_in_wheel { Mode::Executable } else { Mode::Plain }
}

/// RECORD of one distribution, for what the layer holds of it.
fn record_of<'a, 'e>(manifest: &'a Manifest, layout: Layout, held: impl Iterator<Item = &'e Entry<'e>>) -> Entry<'a> {
    let path = lay::record_path(manifest, layout);
    let rows = held.filter_map(|entry| {
        let path = entry.path.below_sys_path(layout)?;
        Some(Row { path, sha256: entry.content.sha256(), size: entry.content.size() })
    });
    let text = record(rows.collect(), path.below_sys_path(layout).unwrap_or(path.as_str()));
    Entry {
        path,
        mode: Mode::Plain,
        content: Content::Made(Made::new(text.into_bytes())),
        package: Some(&manifest.metadata.name),
    }
}

/// Every path once, none a folder that another one lies in, none longer than Linux takes.
fn check_paths(entries: &[Entry<'_>], layout: Layout) -> Result<(), PlanError> {
    for entry in entries {
        if !names::fits(entry.path.as_str(), layout) {
            return Err(PlanError::LongPath { path: entry.path.clone(), owner: entry.owner(layout) });
        }
    }
    for (first, second) in entries.iter().zip(entries.iter().skip(1)) {
        if first.path == second.path {
            return Err(PlanError::Conflict {
                path: first.path.clone(),
                first: first.owner(layout),
                second: second.owner(layout),
            });
        }
    }
    let folders = folders_of(entries);
    let Some(file) = entries.iter().find(|entry| folders.contains(entry.path.as_str())) else {
        return Ok(());
    };
    let below = format!("{}/", file.path);
    let inside = entries.iter().find(|entry| entry.path.as_str().starts_with(&below)).unwrap_or(file);
    Err(PlanError::FileAndFolder {
        path: file.path.clone(),
        file: file.owner(layout),
        inside: inside.path.clone(),
        folder: inside.owner(layout),
    })
}

/// Every folder that the entries lie in, at any depth; a folder comes before what it holds.
pub(crate) fn folders_of<'p>(entries: &'p [Entry<'_>]) -> BTreeSet<&'p str> {
    let mut folders = BTreeSet::new();
    for entry in entries {
        let mut folder = entry.path.folder();
        while let Some(path) = folder.filter(|path| folders.insert(*path)) {
            folder = path.rsplit_once('/').map(|(above, _)| above);
        }
    }
    folders
}

impl Entry<'_> {
    /// Whose file it is, in a message.
    pub(crate) fn owner(&self, layout: Layout) -> String {
        let own = match layout {
            Layout::Layer => LAYER_OWN,
            Layout::Function => FUNCTION_OWN,
        };
        self.package.map_or_else(|| own.to_owned(), ToString::to_string)
    }
}

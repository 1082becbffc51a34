//! One side of a comparison, whatever it was read from.

use std::collections::BTreeMap;
use std::io;

use lambda_compat::Finding;
use wheel_archive::Sha256;
use wheel_tags::DistName;

use crate::{Held, HeldBack, Report};

/// What is known of a layer, a function, or what a lock asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its packages.
    pub packages: BTreeMap<DistName, PackageState>,
    /// Its files by path, where they are known.
    pub files: Option<BTreeMap<String, FileState>>,
    /// Bytes unpacked.
    pub unzipped: Option<u64>,
    /// Bytes of the zip.
    pub zipped: Option<u64>,
    /// What was found when it was built.
    pub findings: Option<Vec<Finding>>,
    /// The versions held back when it was built.
    pub held_back: Option<Vec<HeldBack>>,
}

/// A package on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageState {
    /// Its versions in order, mostly one; those of a lock with their markers.
    pub versions: Vec<String>,
    /// What it weighs, where that is known.
    pub bytes: Option<PackageBytes>,
    /// Digests of the archives that it may come from, where those of both sides can be compared.
    pub archives: Vec<String>,
}

/// What a package weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageBytes {
    /// Bytes of its files, unpacked.
    pub unzipped: u64,
    /// Bytes that it adds to the zip, headers included.
    pub zipped: Option<u64>,
}

/// A file on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// Bytes, unpacked.
    pub size: u64,
    /// What is in it.
    pub content: FileContent,
    /// Unix permission bits, where they are known.
    pub mode: Option<u32>,
    /// The package it belongs to.
    pub package: Option<DistName>,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileContent {
    /// Bytes of this digest.
    Bytes(Sha256),
    /// A symbolic link that leads there.
    Link(String),
}

impl Snapshot {
    /// What a report says.
    #[must_use]
    pub fn of_report(report: &Report) -> Self {
        let packages = report.packages.iter().map(|package| {
            let bytes = Some(PackageBytes { unzipped: package.unzipped, zipped: Some(package.zipped) });
            let (versions, archives) = (vec![package.version.to_string()], Vec::new());
            (package.name.clone(), PackageState { versions, bytes, archives })
        });
        let files = report.files.iter().map(|file| {
            let content = FileContent::Bytes(file.sha256);
            let state = FileState { size: file.size, content, mode: None, package: file.package.clone() };
            (file.path.as_str().to_owned(), state)
        });
        Self {
            packages: packages.collect(),
            files: Some(files.collect()),
            unzipped: Some(report.unzipped),
            zipped: Some(report.zipped),
            findings: Some(report.findings.clone()),
            held_back: Some(report.held_back.clone()),
        }
    }

    /// What a zip or a folder holds. `zipped` is the size of the zip in bytes. The files of a folder are read.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of_held(held: &Held, zipped: Option<u64>) -> io::Result<Self> {
        let weights = held.zipped_sizes();
        let mut packages: BTreeMap<DistName, PackageState> = BTreeMap::new();
        let mut owners: Vec<Option<DistName>> = vec![None; held.files().len()];
        for distribution in held.distributions() {
            let name = &distribution.metadata.name;
            let state = packages.entry(name.clone()).or_default();
            let version = distribution.metadata.version.to_string();
            if !state.versions.contains(&version) {
                state.versions.push(version);
            }
            let bytes = state.bytes.get_or_insert(PackageBytes { unzipped: 0, zipped: weights.as_ref().map(|_| 0) });
            for number in distribution.numbers() {
                bytes.unzipped += held.files().get(number).map_or(0, |file| file.size);
                let more = weights.as_ref().and_then(|weights| weights.get(number)).copied().unwrap_or(0);
                bytes.zipped = bytes.zipped.map(|zipped| zipped + more);
                if let Some(owner) = owners.get_mut(number) {
                    *owner = Some(name.clone());
                }
            }
        }
        let states = held.files().iter().zip(held.digests()?).zip(owners).map(|((file, sha256), package)| {
            let content = file.link.clone().map_or(FileContent::Bytes(sha256), FileContent::Link);
            (file.path.as_str().to_owned(), FileState { size: file.size, content, mode: file.mode, package })
        });
        let files = Some(states.collect());
        Ok(Self { packages, files, unzipped: Some(held.size()), zipped, findings: None, held_back: None })
    }
}

//! Whatever is named as OLD or NEW, read: told apart by what it is on disk, by its name, then by its content.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding, Target};
use layer_pack::diff::{PackageState, Snapshot};
use layer_pack::{Held, Report, read_held, read_held_zip};
use pypi_resolve::lock::{Beside, Listed, Lock, LockKind, Selection};
use wheel_archive::with_slashes;
use wheel_tags::{DistName, Version};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::report::DiffSide;

/// Bytes of a report, a lock, or a zip on a pipe, at most.
const LONGEST: u64 = 512 << 20;

/// One side.
pub(super) struct Input {
    path: PathBuf,
    content: Content,
}

enum Content {
    Zip { held: Box<Held>, size: u64 },
    Folder(Box<Held>),
    Report(Box<Report>),
    Lock { lock: Box<Lock>, kind: LockKind, listed: Vec<Listed> },
}

impl Input {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let content = if path.as_os_str() == "-" { of_bytes(path, bounded(path, io::stdin())?) } else { of_path(path) };
        Ok(Self { path: path.to_owned(), content: content? })
    }

    pub(super) fn lock_kind(&self) -> Option<LockKind> {
        match &self.content {
            Content::Lock { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    /// Whether it is a lock some of whose packages are not wanted everywhere.
    pub(super) fn is_conditional(&self) -> bool {
        matches!(&self.content, Content::Lock { listed, .. } if listed.iter().any(|entry| entry.when.is_some()))
    }

    /// What it was built for, where it says.
    pub(super) fn target(&self) -> Option<Target> {
        match &self.content {
            Content::Report(report) => Some(Target::new(report.runtime, report.arch)),
            _ => None,
        }
    }

    pub(super) fn side(&self) -> DiffSide {
        let kind = match &self.content {
            Content::Zip { .. } => "zip",
            Content::Folder(_) => "folder",
            Content::Report(_) => "report",
            Content::Lock { .. } => "lock",
        };
        DiffSide { path: with_slashes(&self.path), kind }
    }

    /// What can be compared of it. `archives` tells whether the digests of a lock's files can.
    pub(super) fn snapshot(
        &self,
        target: Option<&Target>,
        archives: bool,
        environment: &Environment,
    ) -> Result<Snapshot, Failure> {
        match &self.content {
            Content::Zip { held, size } => Ok(Snapshot::of_held(held, Some(*size))?),
            Content::Folder(held) => Ok(Snapshot::of_held(held, None)?),
            Content::Report(report) => Ok(Snapshot::of_report(report)),
            Content::Lock { lock, listed, .. } => {
                let wanted = target.map(|target| self.wanted(lock, target, environment)).transpose()?;
                let packages = states(listed, wanted.as_ref(), archives);
                Ok(Snapshot { packages, ..Snapshot::default() })
            }
        }
    }

    /// The packages of a lock on a target.
    fn wanted(
        &self,
        lock: &Lock,
        target: &Target,
        environment: &Environment,
    ) -> Result<BTreeMap<DistName, Option<Version>>, Failure> {
        // Where files are does not matter here: a variable of an index's URL need not be set.
        let variable = |name: &str| Some(environment.var(name).unwrap_or("unset").to_owned());
        let beside = Beside::of(&self.path)?;
        let set = lock.select(target, &Selection::default(), &beside, &variable)?;
        Ok(set.versions().map(|(name, version)| (name.clone(), version.cloned())).collect())
    }
}

/// The entries of a lock by package; of those that are wanted, where that is known.
fn states(
    listed: &[Listed],
    wanted: Option<&BTreeMap<DistName, Option<Version>>>,
    archives: bool,
) -> BTreeMap<DistName, PackageState> {
    let mut states: BTreeMap<DistName, PackageState> = BTreeMap::new();
    let is_wanted = |entry: &&Listed| wanted.is_none_or(|wanted| wanted.get(&entry.name) == Some(&entry.version));
    for entry in listed.iter().filter(is_wanted) {
        let state = states.entry(entry.name.clone()).or_default();
        let version = entry.version.as_ref().map_or_else(|| "no version".to_owned(), ToString::to_string);
        let text = match entry.when.as_ref().filter(|_| wanted.is_none()) {
            Some(when) => format!("{version} ({when})"),
            None => version,
        };
        if !state.versions.contains(&text) {
            state.versions.push(text);
        }
        if archives {
            let all: BTreeSet<String> = state.archives.drain(..).chain(entry.digests.iter().cloned()).collect();
            state.archives = all.into_iter().collect();
        }
    }
    states
}

fn of_path(path: &Path) -> Result<Content, Failure> {
    let shown = path.display();
    let metadata = match fs_err::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Failure::new(Code::Missing, format!("there is no {shown}")));
        }
        metadata => metadata?,
    };
    if metadata.is_dir() {
        return Ok(Content::Folder(Box::new(sound(path, read_held(path, None)?)?)));
    }
    let mut file = fs_err::File::open(path)?;
    if metadata.is_file() {
        let mut start = Vec::new();
        file.by_ref().take(2).read_to_end(&mut start)?;
        if is_zip(&start) {
            return Ok(Content::Zip { held: Box::new(sound(path, read_held(path, None)?)?), size: metadata.len() });
        }
        return of_bytes(path, bounded(path, start.as_slice().chain(file))?);
    }
    // A pipe: what a shell makes of `<(git show …)`.
    of_bytes(path, bounded(path, file)?)
}

/// A zip, a lock or a report.
fn of_bytes(path: &Path, bytes: Vec<u8>) -> Result<Content, Failure> {
    if is_zip(&bytes) {
        let size = bytes.len() as u64;
        return Ok(Content::Zip { held: Box::new(sound(path, read_held_zip(Box::new(bytes), None)?)?), size });
    }
    let text = String::from_utf8_lossy(&bytes);
    if let Some(kind) = LockKind::of(path).or_else(|| LockKind::of_text(&text)) {
        let lock = Lock::parse(path, kind, &bytes, &Selection::default())?;
        let listed = lock.listed();
        return Ok(Content::Lock { lock: Box::new(lock), kind, listed });
    }
    let shown = if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() };
    if text.trim_start().starts_with('{') {
        if serde_json::from_slice::<Printed>(&bytes).is_ok() {
            return Err(Failure::new(Code::Unsupported, format!("{shown} is what --format json prints, not a report"))
                .help("name the .json file that layerpack build writes beside the zip"));
        }
        return Ok(Content::Report(Box::new(Report::parse(Path::new(&shown), &bytes)?)));
    }
    Err(Failure::new(Code::Unsupported, format!("{shown} is no zip, folder, report or lock that layerpack knows"))
        .help("it reads pylock.toml, uv.lock, poetry.lock, Pipfile.lock, the reports of layerpack build, zips and folders"))
}

/// A document of `--format json`.
#[derive(serde::Deserialize)]
struct Printed {
    #[serde(rename = "command")]
    _command: String,
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

fn bounded(path: &Path, source: impl io::Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        let message = format!("{} has more than {LONGEST} bytes", path.display());
        return Err(Failure::new(Code::Unsupported, message).help("name a zip as a file, not on a pipe"));
    }
    Ok(bytes)
}

/// A zip that is malformed cannot be compared.
fn sound(path: &Path, held: Result<Held, Vec<Finding>>) -> Result<Held, Failure> {
    held.map_err(|findings| match findings.first() {
        Some(finding) => {
            let mut failure = Failure::of_finding(finding);
            failure.message = format!("{}: {}", path.display(), failure.message);
            failure
        }
        None => Failure::new(Code::NotAZip, format!("{} cannot be read", path.display())),
    })
}

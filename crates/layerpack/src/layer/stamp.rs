//! What a locked build wrote, kept in the cache: when nothing that it came from has changed, and its outputs lie there
//! as they were written, nothing is done again.
//!
//! Unlike the report, a stamp knows modification times and absolute paths. It is a shortcut only: without it the same
//! bytes are built again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use lambda_compat::{Code, Target};
use layer_pack::{Listed, Part, Report, write_file};
use pypi_resolve::lock::LockedSet;
use serde::{Deserialize, Serialize};
use wheel_archive::{FileAt, Sha256, mark_used};

use crate::failure::Failure;
use crate::layer::below::listed;
use crate::layer::kept::{BUILDS, tree_list};
use crate::layer::{Asked, LockFile};
use crate::plan::Destination;
use crate::report::json;

/// A layer that was built: what is said of it, and what is printed as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) summary: Vec<String>,
    pub(crate) document: json::BuiltLayer,
}

/// Everything that decides a locked build's outputs, as a digest.
pub(crate) struct StampKey(Sha256);

/// A stamp with the state of the outputs that it speaks of.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: Sha256,
    stamp: Stamp,
}

impl StampKey {
    /// The lock's bytes and what it installs, the target's profile, the options, the places, and the state of what lies in
    /// the source.
    pub(crate) fn new(
        asked: &Asked,
        lock: &LockFile,
        target: &Target,
        set: &LockedSet,
        destination: &Destination,
        (options, outputs): (&str, &[PathBuf]),
    ) -> Result<Self, Failure> {
        let mut text = format!("layerpack {}\n", env!("CARGO_PKG_VERSION"));
        let profile = serde_json::to_string(target.runtime).map_err(|e| Failure::io(&e.into()))?;
        let _ = writeln!(text, "{target}\n{profile}\n{}\n{options}", asked.source.name);
        let _ = writeln!(text, "{}\n{destination:?}", std::path::absolute(".")?.display());
        let _ = writeln!(text, "{}", Sha256::of(&fs_err::read(&lock.path)?));
        // Of a lock that holds more than one selection, the selection; and what was checked of its files.
        let _ = writeln!(text, "{}\n{:?}", set.fingerprint(), asked.options());
        let _ = writeln!(text, "{} {:?}", asked.policy.require_hashes, asked.index_urls());
        for local in &asked.local {
            let _ = writeln!(text, "{} {}", local.wheel.filename, local.wheel.sha256);
        }
        for tree in [&asked.source.python_tree, &asked.source.opt_tree].into_iter().flatten() {
            let _ = writeln!(text, "{}", state_of(tree)?);
        }
        let _ = writeln!(text, "{:?} {:?}", asked.source.layout, asked.source.includes);
        for (_, included) in asked.source.included(outputs)? {
            for place in included.places() {
                let _ = writeln!(text, "{}", state_of(place)?);
            }
        }
        Ok(Self(Sha256::of(text.as_bytes())))
    }

    fn path(&self, cache_dir: &Path) -> PathBuf {
        cache_dir.join(BUILDS.folder()).join(format!("{}{}", self.0, BUILDS.extension))
    }
}

impl Stamp {
    /// What was built from this, if the outputs still lie there untouched.
    pub(crate) fn unchanged(key: &StampKey, asked: &Asked, destination: &Destination) -> Option<Self> {
        let path = key.path(&asked.cache_dir);
        let kept: Kept = serde_json::from_slice(&FileAt::read(&path).ok()?).ok()?;
        if outputs_state(&kept.stamp.document).ok()? != kept.state {
            return None;
        }
        // What a build need not even look at is in use all the same.
        mark_used(&path, asked.now);
        for package in &kept.stamp.document.packages {
            if let Some(sha256) = package.sha256.as_ref().and_then(|text| text.parse().ok()) {
                asked.store.mark_used(&sha256);
            }
        }
        if let Some(root) = destination.tree() {
            mark_used(&tree_list(&asked.cache_dir, root), asked.now);
        }
        Some(kept.stamp)
    }

    /// Whether an output tells what the layer weighs and holds.
    pub(super) fn is_weighable(&self) -> bool {
        self.output().is_some()
    }

    fn output(&self) -> Option<&json::Output> {
        let of = |kind: &str| self.document.outputs.iter().find(|output| output.kind == kind);
        of("zip").or_else(|| of("tree")).or_else(|| of("report"))
    }

    /// The layer as a part of a stack, told from what lies there.
    pub(super) fn part(&self) -> Result<Part, Failure> {
        self.read(Part::of_listed)
    }

    /// The same without what could be left out of it, which takes time.
    pub(super) fn weighed(&self) -> Result<Part, Failure> {
        self.read(Part::weighed)
    }

    fn read(&self, of_listed: fn(&str, &Listed) -> Part) -> Result<Part, Failure> {
        let name = &self.document.layer;
        let output = self.output().ok_or_else(|| Failure::new(Code::Missing, format!("{name} has no output")))?;
        let path = Path::new(&output.path);
        if output.kind == "report" {
            return Ok(Part::of_report(name, &Report::read(path)?));
        }
        Ok(of_listed(name, &listed(path)?))
    }

    /// Keeps what was built.
    pub(crate) fn write(key: &StampKey, cache_dir: &Path, stamp: &Self) -> Result<(), Failure> {
        let state = outputs_state(&stamp.document)?;
        let kept = serde_json::json!({ "state": state, "stamp": stamp });
        Ok(write_file(&key.path(cache_dir), kept.to_string().as_bytes())?)
    }
}

fn outputs_state(document: &json::BuiltLayer) -> Result<Sha256, Failure> {
    let mut text = String::new();
    for output in &document.outputs {
        let _ = writeln!(text, "{} {}", output.path, state_of(Path::new(&output.path))?);
    }
    Ok(Sha256::of(text.as_bytes()))
}

/// Sizes and modification times of a file, or of every file below a folder, as a digest.
pub(super) fn state_of(path: &Path) -> Result<Sha256, Failure> {
    let mut text = String::new();
    let mut paths = vec![path.to_path_buf()];
    while let Some(path) = paths.pop() {
        let metadata = fs_err::symlink_metadata(&path)?;
        if metadata.is_dir() {
            let mut inside = Vec::new();
            for entry in fs_err::read_dir(&path)? {
                inside.push(entry?.path());
            }
            inside.sort();
            paths.extend(inside);
        }
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let _ = writeln!(text, "{} {} {}", path.display(), metadata.len(), modified.as_nanos());
    }
    Ok(Sha256::of(text.as_bytes()))
}

//! What `layerpack cache` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use layer_pack::ByteSize;
use serde::Serialize;
use wheel_archive::{CacheFile, with_slashes};

use crate::report::json::SCHEMA;
use crate::report::{counted, table};

/// Names of what is not layerpack's that are printed.
const NAMED: usize = 5;

/// Files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Tally {
    files: usize,
    /// Bytes.
    size: u64,
}

/// A file that was not as it must be.
#[derive(Debug, Serialize)]
pub(crate) struct Damage {
    pub(crate) path: String,
    pub(crate) part: &'static str,
    pub(crate) why: &'static str,
    pub(crate) removed: bool,
}

/// One run of `layerpack cache`, and its JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct CacheReport {
    schema: u8,
    command: &'static str,
    action: &'static str,
    dir: String,
    /// Whether there is such a folder.
    exists: bool,
    /// Of `size` what lies there, of `clean` and `prune` what was removed, of `verify` what was checked.
    parts: Vec<PartTally>,
    total: Tally,
    /// What layerpack did not write, and leaves alone.
    foreign: Vec<String>,
    damaged: Vec<Damage>,
}

#[derive(Debug, Serialize)]
struct PartTally {
    part: &'static str,
    #[serde(flatten)]
    tally: Tally,
}

impl Tally {
    fn add(&mut self, file: &CacheFile) {
        self.files += 1;
        self.size += file.size;
    }

    fn text(self) -> String {
        format!("{}, {}", counted(self.files, "file"), ByteSize(self.size))
    }
}

impl CacheReport {
    pub(crate) fn new(action: &'static str, dir: &Path, exists: bool) -> Self {
        let (parts, foreign, damaged) = (Vec::new(), Vec::new(), Vec::new());
        let (dir, total) = (with_slashes(dir), Tally::default());
        Self { schema: SCHEMA, command: "cache", action, dir, exists, parts, total, foreign, damaged }
    }

    /// The files that it is about.
    pub(crate) fn of<'a>(mut self, files: impl IntoIterator<Item = &'a CacheFile>) -> Self {
        let mut parts: BTreeMap<&'static str, Tally> = BTreeMap::new();
        for file in files {
            parts.entry(file.kind.name()).or_default().add(file);
            self.total.add(file);
        }
        self.parts = parts.into_iter().map(|(part, tally)| PartTally { part, tally }).collect();
        self.parts.sort_by_key(|part| std::cmp::Reverse(part.tally.size));
        self
    }

    pub(crate) fn foreign(mut self, foreign: &[PathBuf]) -> Self {
        self.foreign = foreign.iter().map(with_slashes).collect();
        self
    }

    pub(crate) fn damaged(mut self, damaged: Vec<Damage>) -> Self {
        self.damaged = damaged;
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.total.files == 0
    }

    pub(crate) fn has_damage(&self) -> bool {
        !self.damaged.is_empty()
    }

    /// The parts as a table, the largest first, and their sum.
    pub(crate) fn table(&self) -> Vec<String> {
        let row =
            |name: &str, tally: Tally| [what(name), counted(tally.files, "file"), ByteSize(tally.size).to_string()];
        let mut rows: Vec<_> = self.parts.iter().map(|part| row(part.part, part.tally)).collect();
        if rows.len() != 1 {
            rows.push(row("in all", self.total));
        }
        table(&rows, &[1, 2])
    }

    /// `removed 12 files, 31.2 MB`.
    pub(crate) fn removed(&self) -> String {
        if self.total.files == 0 { "nothing to remove".to_owned() } else { format!("removed {}", self.total.text()) }
    }

    /// One line for each file that was damaged, or one that says that none was.
    pub(crate) fn verdict(&self) -> Vec<String> {
        if self.damaged.is_empty() {
            return vec![format!("checked {}: all sound", self.total.text())];
        }
        let line = |damage: &Damage| {
            let done =
                if damage.removed { "removed, to be fetched or made again" } else { "gone or replaced meanwhile" };
            format!("{} {}: {}", damage.path, damage.why, done)
        };
        let mut lines: Vec<String> = self.damaged.iter().map(line).collect();
        lines.push(format!("checked {}: {} damaged", self.total.text(), self.damaged.len()));
        lines
    }

    /// What there is to say of files that are not layerpack's.
    pub(crate) fn foreign_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .foreign
            .iter()
            .take(NAMED)
            .map(|path| format!("not written by layerpack, left alone: {path}"))
            .collect();
        if let Some(more) = self.foreign.len().checked_sub(NAMED).filter(|more| *more > 0) {
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

/// A part in words, where its name does not say it.
fn what(part: &str) -> String {
    match part {
        "builds" => "notes on builds".to_owned(),
        "former" => "in former forms".to_owned(),
        "newer" => "of a newer layerpack".to_owned(),
        "temporary" => "temporary files".to_owned(),
        "trees" => "lists of trees' files".to_owned(),
        name => name.to_owned(),
    }
}

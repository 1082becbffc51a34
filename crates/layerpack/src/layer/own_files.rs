//! The files of a source that belong to no package: `SOURCE/python`, `SOURCE/opt`, and code of one's own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding, Severity};
use layer_pack::{Included, LocalFile, find_include, read_source};
use pypi_resolve::requirements::Location;
use wheel_archive::with_slashes;

use crate::failure::Failure;
use crate::plan::LayerSource;

/// Hidden files that a message names at most.
const NAMED: usize = 5;

impl LayerSource {
    /// Whether anything but packages is packed.
    pub(crate) fn has_own_files(&self) -> bool {
        self.python_tree.is_some() || self.opt_tree.is_some() || !self.includes.is_empty()
    }

    /// Reads them, with a note of what was passed over. `outputs` are the places that are written to.
    pub(crate) fn own_files(&self, outputs: &[PathBuf]) -> Result<(Vec<LocalFile>, Vec<Finding>), Failure> {
        let has_trees = self.python_tree.is_some() || self.opt_tree.is_some();
        let mut files = if has_trees { read_source(&self.folder, self.layout)? } else { Vec::new() };
        let mut notes = Vec::new();
        for (folder, included) in self.included(outputs)? {
            notes.extend(hidden(folder, &included));
            files.extend(included.read()?);
        }
        Ok((files, notes))
    }

    /// What `--include` names, folder by folder.
    pub(crate) fn included(&self, outputs: &[PathBuf]) -> Result<Vec<(&Path, Included)>, Failure> {
        let mut without = self.own_parts();
        let folders: Vec<PathBuf> =
            self.includes.iter().filter_map(|folder| fs_err::canonicalize(folder).ok()).collect();
        // A place that holds the code cannot be passed over as a whole.
        let outputs = outputs.iter().filter_map(|place| fs_err::canonicalize(place).ok());
        without.extend(outputs.filter(|place| !folders.iter().any(|folder| folder.starts_with(place))));
        let included =
            self.includes.iter().map(|folder| Ok((folder.as_path(), find_include(folder, self.layout, &without)?)));
        included.collect()
    }

    /// What layerpack itself reads of the source: it says which packages there are, and is packed elsewhere or not at all.
    fn own_parts(&self) -> BTreeSet<PathBuf> {
        let files = self.requirements.iter().chain(&self.constraints).filter_map(|at| match at {
            Location::File(path) => Some(path),
            _ => None,
        });
        let trees = [&self.python_tree, &self.opt_tree, &self.lock, &self.project].into_iter().flatten();
        let parts = files.chain(trees).chain(&self.wheels);
        parts.filter_map(|path| fs_err::canonicalize(path).ok()).collect()
    }
}

/// Secrets are meant to be passed over; somebody's data may not be.
fn hidden(folder: &Path, included: &Included) -> Option<Finding> {
    let mut named: Vec<&str> = included.hidden().iter().take(NAMED).map(String::as_str).collect();
    if included.hidden().len() > NAMED {
        named.push("…");
    }
    let message = format!("{}: hidden files are not packed: {}", with_slashes(folder), named.join(", "));
    let note = Finding::new(Code::NotPacked, Severity::Note, message);
    (!named.is_empty()).then(|| note.help("code that needs one has to have it under another name"))
}

//! Probes: what a function of the user's own lists, in place of what the profiles say. `docs/probe.md` has the function.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use super::listing::Listing;
use super::{Date, LibraryFact, Profile, RuntimeName, UnknownRuntime};
use crate::target::Arch;

/// The folders that a list must have to say that something is missing.
const NEEDED_FOLDERS: [&str; 2] = ["/var/lang/lib", "/lib64"];

/// Folders that the function and its layers fill, not the runtime.
const FOREIGN_FOLDERS: [&str; 2] = ["/var/task", "/opt"];

/// Linux's limit for a file name, in bytes.
const LONGEST_NAME: usize = 255;

/// What the probe function found: the library files in the folders of its `LD_LIBRARY_PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Where it ran.
    pub runtime: RuntimeName,
    /// Where it ran.
    pub arch: Arch,
    /// The day it ran.
    pub date: Date,
    /// The file names in each folder of the runtime, sorted by bytes.
    folders: BTreeMap<String, Vec<String>>,
}

/// The probe's output, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "the object that the probe function returns")]
struct Document {
    #[serde(rename = "layerpack-probe")]
    format: u32,
    date: Date,
    /// `AWS_EXECUTION_ENV`: `AWS_Lambda_python3.13`.
    runtime: String,
    arch: Arch,
    folders: BTreeMap<String, Vec<String>>,
}

/// Not what the probe function gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProbe {
    /// No JSON, or a field that is missing, unknown or of another type.
    #[error("line {line}, column {column}: {what}")]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1; 0 for the end of the line before.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// The format of another version of layerpack.
    #[error("layerpack-probe is {0}; this layerpack reads 1")]
    Format(u32),
    /// It ran on something else than one of the Python runtimes.
    #[error("runtime: {0}")]
    Runtime(UnknownRuntime),
    /// The list is not whole.
    #[error("folders has no {0}, which every Python runtime has")]
    NoFolder(&'static str),
    /// The list is not whole.
    #[error("folders: {folder} has no {file}, which every function of {runtime} has")]
    NotWhole {
        /// The folder.
        folder: &'static str,
        /// What is missing there.
        file: String,
        /// The runtime.
        runtime: RuntimeName,
    },
    /// Something that cannot be a file's name.
    #[error("folders: {folder}, entry {entry}: `{name}` is no file name")]
    FileName {
        /// The folder.
        folder: String,
        /// The entry, counted from 1.
        entry: usize,
        /// The beginning of the name.
        name: String,
    },
}

impl FromStr for Probe {
    type Err = InvalidProbe;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let document: Document = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
        if document.format != 1 {
            return Err(InvalidProbe::Format(document.format));
        }
        let runtime = document.runtime.strip_prefix("AWS_Lambda_").unwrap_or(&document.runtime);
        let runtime: RuntimeName = shown(runtime).parse().map_err(InvalidProbe::Runtime)?;
        let mut folders = document.folders;
        for (folder, names) in &folders {
            if let Some(at) = names.iter().position(|name| !is_file_name(name)) {
                return Err(InvalidProbe::FileName { folder: shown(folder), entry: at + 1, name: shown(&names[at]) });
            }
        }
        folders.retain(|folder, _| !FOREIGN_FOLDERS.iter().any(|foreign| is_inside(folder, foreign)));
        for names in folders.values_mut() {
            names.sort();
        }
        let (major, minor) = runtime.python();
        let files = [format!("libpython{major}.{minor}.so.1.0"), "libc.so.6".to_owned()];
        for (folder, file) in NEEDED_FOLDERS.into_iter().zip(files) {
            let names = folders.get(folder).ok_or(InvalidProbe::NoFolder(folder))?;
            if names.binary_search(&file).is_err() {
                return Err(InvalidProbe::NotWhole { folder, file, runtime });
            }
        }
        Ok(Self { runtime, arch: document.arch, date: document.date, folders })
    }
}

fn invalid_json(error: &serde_json::Error) -> InvalidProbe {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let what = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    InvalidProbe::Json { line, column, what: shown(what) }
}

/// A text from the file, fit for a message: its beginning, without control characters.
fn shown(text: &str) -> String {
    text.chars().take(LONGEST_NAME).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn is_file_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.len() <= LONGEST_NAME && !name.chars().any(|c| c == '/' || c.is_control())
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Probe {
    /// The folders of the runtime that it lists, with the number of library files in each.
    pub fn folders(&self) -> impl Iterator<Item = (&str, usize)> {
        self.folders.iter().map(|(folder, names)| (folder.as_str(), names.len()))
    }

    fn listing(&self, folder: &str) -> Option<Listing> {
        let names = self.folders.get(folder)?;
        Some(Listing {
            folder: folder.to_owned(),
            source: format!("your own probe of {} · {}", self.runtime, self.arch),
            checked: self.date,
            note: None,
            files: Vec::new(),
            only: BTreeMap::from([(self.arch, names.clone())]),
            remark: Vec::new(),
        })
    }
}

impl Profile {
    /// This profile with the folders that these probes list in place of its own: what they list is present, and of what
    /// they do not list nothing is there. Probes of other runtimes change nothing; of two for one architecture the later
    /// counts.
    #[must_use]
    pub fn with_probes(&self, probes: &[Probe]) -> Self {
        let mut profile = self.clone();
        for probe in probes.iter().filter(|probe| probe.runtime == self.name) {
            let listings = self.library_path.value.iter().filter_map(|folder| probe.listing(folder)).collect();
            profile.probes.insert(probe.arch, listings);
        }
        profile
    }
}

/// A library of which two profiles of one runtime do not say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Its file name.
    pub name: &'a str,
    /// What the one says.
    pub before: LibraryFact<'a>,
    /// What the other says.
    pub after: LibraryFact<'a>,
}

/// The libraries that the two say to be there, or not, or elsewhere, sorted by name.
#[must_use]
pub fn differences<'a>(before: &'a Profile, after: &'a Profile, arch: Arch) -> Vec<Difference<'a>> {
    let mut names: Vec<&str> = [before, after].into_iter().flat_map(|p| p.known_libraries(arch)).map(|l| l.0).collect();
    names.sort_unstable();
    names.dedup();
    let place = |fact: &LibraryFact<'a>| (fact.availability, fact.folder);
    names
        .into_iter()
        .map(|name| Difference { name, before: before.library(arch, name), after: after.library(arch, name) })
        .filter(|difference| place(&difference.before) != place(&difference.after))
        .collect()
}

#[cfg(test)]
mod tests;

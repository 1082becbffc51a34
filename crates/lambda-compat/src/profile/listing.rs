//! Lists of library files as the profiles have them, one for each folder, and what is said of files beside the lists.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Date;
use super::library::{Grade, LibraryFact};
use crate::target::Arch;

/// The library files of one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    /// Its path on Lambda.
    pub(super) folder: String,
    /// Where it was listed.
    pub(super) source: String,
    /// When the source was last looked at.
    pub(super) checked: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    /// What is there on every architecture, sorted by bytes.
    #[serde(default)]
    pub(super) files: Vec<String>,
    /// What is there on one architecture only, sorted by bytes.
    #[serde(default)]
    pub(super) only: BTreeMap<Arch, Vec<String>>,
    /// What else to know of some of the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) remark: Vec<Remark>,
}

/// What else to know of some files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remark {
    pub(super) files: Vec<String>,
    pub(super) note: String,
}

/// Files that another runtime of the same system has, and of which nobody knows whether this one has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Doubt {
    pub(super) files: Vec<String>,
    pub(super) source: String,
    pub(super) checked: Date,
    pub(super) note: String,
}

/// Files that are in no list, and of which more is known than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Absence {
    pub(super) files: Vec<String>,
    /// Somebody's function failed for want of it.
    pub(super) reported: bool,
    pub(super) source: String,
    pub(super) checked: Date,
    pub(super) note: String,
}

impl Listing {
    fn lists(&self, arch: Arch) -> [&[String]; 2] {
        [&self.files, self.only.get(&arch).map_or(&[], Vec::as_slice)]
    }

    /// The file names on an architecture, in no order.
    pub(super) fn names(&self, arch: Arch) -> impl Iterator<Item = &str> {
        self.lists(arch).into_iter().flatten().map(String::as_str)
    }

    /// What is known of a file, if the folder has it.
    pub(super) fn find(&self, arch: Arch, file_name: &str, grade: Grade) -> Option<LibraryFact<'_>> {
        let has = |list: &[String]| list.binary_search_by(|name| name.as_str().cmp(file_name)).is_ok();
        if !self.lists(arch).into_iter().any(has) {
            return None;
        }
        let remark = self.remark.iter().find(|remark| is_named(&remark.files, file_name));
        let note = remark.map(|remark| remark.note.as_str()).or(self.note.as_deref());
        Some(LibraryFact::new(grade, Some(&self.folder), &self.source, self.checked, note))
    }

    /// The first file, by name, that begins like this.
    pub(super) fn first(&self, arch: Arch, prefix: &str) -> Option<&str> {
        let first = |list: &'_ [String]| list.partition_point(|name| name.as_str() < prefix);
        let candidates = self.lists(arch).into_iter().filter_map(|list| list.get(first(list)));
        candidates.map(String::as_str).filter(|name| name.starts_with(prefix)).min()
    }
}

impl Doubt {
    pub(super) fn find(&self, file_name: &str) -> Option<LibraryFact<'_>> {
        is_named(&self.files, file_name)
            .then(|| LibraryFact::new(Grade::Unknown, None, &self.source, self.checked, Some(&self.note)))
    }
}

impl Absence {
    pub(super) fn find(&self, is_meant: impl Fn(&str) -> bool) -> Option<LibraryFact<'_>> {
        let grade = if self.reported { Grade::Reported } else { Grade::Unlisted };
        let fact = || LibraryFact::new(grade, None, &self.source, self.checked, Some(&self.note));
        self.files.iter().any(|file| is_meant(file)).then(fact)
    }
}

fn is_named(files: &[String], file_name: &str) -> bool {
    files.iter().any(|file| file == file_name)
}

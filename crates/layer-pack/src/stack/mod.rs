//! What layers and the function weigh together, held against Lambda's limits: no I/O but in `read`, nothing printed.
//!
//! A [`Stack`] is what one function is made of: [`Part`]s, which are weighed file by file, and what is [`Reserved`] for
//! others. `read` makes parts of zips, folders, plans and reports, `file_kind` sorts files, `savings` says what could go,
//! `limits` what is too much.

mod file_kind;
mod limits;
mod read;
mod savings;

use std::collections::BTreeMap;

use lambda_compat::Finding;
use wheel_tags::{DistName, Version};

pub use file_kind::FileKind;
pub(crate) use limits::ZIP64_PAGE;
pub use limits::{LAYERS_LIMIT, LIMITS_PAGE};
pub use savings::{Saving, SavingRule};

use crate::{LayerPath, Layout, SlimRule};

/// What a number of files weighs, where their bytes in the zip may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mass {
    /// Bytes, unpacked.
    pub unzipped: u64,
    /// Bytes in the zip, headers included; `None` where that is not known of all of them.
    pub zipped: Option<u64>,
    /// Number of files.
    pub files: u64,
}

impl Mass {
    /// Of nothing.
    pub const NONE: Self = Self { unzipped: 0, zipped: Some(0), files: 0 };

    /// Of one file.
    #[must_use]
    pub fn of_file(unzipped: u64, zipped: Option<u64>) -> Self {
        Self { unzipped, zipped, files: 1 }
    }

    /// Of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            unzipped: self.unzipped.saturating_add(other.unzipped),
            zipped: self.zipped.zip(other.zipped).map(|(one, two)| one.saturating_add(two)),
            files: self.files.saturating_add(other.files),
        }
    }
}

impl FromIterator<Self> for Mass {
    fn from_iter<I: IntoIterator<Item = Self>>(masses: I) -> Self {
        masses.into_iter().fold(Self::NONE, Self::and)
    }
}

/// One layer or function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is called in a message: the path as it was named.
    pub name: String,
    /// Layer or function.
    pub kind: Layout,
    /// Bytes of its zip, where there is one.
    pub zip: Option<u64>,
    /// Its files, ordered by path.
    pub files: Vec<PartFile>,
    /// Whose files they are: distributions, then folders.
    pub groups: Vec<Group>,
    /// What is said of the names of its files: LP208 and LP209.
    pub names: Vec<Finding>,
}

/// One file of a layer or function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFile {
    /// Its path from the root.
    pub path: LayerPath,
    /// What it is for.
    pub kind: FileKind,
    /// What it weighs.
    pub mass: Mass,
    /// The number of its group.
    pub group: usize,
    /// The rule of slimming that would leave it out.
    pub slim: Option<SlimRule>,
}

/// Files that come and go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose they are.
    pub owner: Owner,
    /// What they weigh.
    pub mass: Mass,
}

/// Whose files they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A distribution's.
    Package {
        /// Its name.
        name: DistName,
        /// Its version.
        version: Version,
        /// Every `Requires-Dist`, as it is spelt; `None` where nobody knows.
        requires: Option<Vec<String>>,
    },
    /// Nobody's: those of one folder, `python/app`; empty for files at the root.
    Folder(String),
}

/// A slot and a weight that are set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Whom for.
    pub name: String,
    /// Bytes, unpacked.
    pub bytes: u64,
}

/// What one function is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stack {
    /// In the order in which they were named.
    pub parts: Vec<Part>,
    /// What others take: a layer's slot each.
    pub reserved: Vec<Reserved>,
}

impl Part {
    /// What all of it weighs; the zip's own bytes count where there is a zip.
    #[must_use]
    pub fn mass(&self) -> Mass {
        let files: Mass = self.files.iter().map(|file| file.mass).collect();
        Mass { zipped: self.zip.or(files.zipped), ..files }
    }

    /// Number of distributions.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.groups.iter().filter(|group| matches!(group.owner, Owner::Package { .. })).count()
    }
}

/// A group, and the part that has it.
#[derive(Debug, Clone, Copy)]
pub struct Grouped<'a> {
    /// The part.
    pub part: &'a Part,
    /// The group.
    pub group: &'a Group,
}

impl Stack {
    /// What everything weighs, reserved bytes included. Zipped only where that is known of every part.
    #[must_use]
    pub fn mass(&self) -> Mass {
        let reserved = self.reserved.iter().fold(0_u64, |sum, reserved| sum.saturating_add(reserved.bytes));
        let parts: Mass = self.parts.iter().map(Part::mass).collect();
        Mass { unzipped: parts.unzipped.saturating_add(reserved), ..parts }
    }

    /// Number of layers, reserved ones included.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.parts.iter().filter(|part| part.kind == Layout::Layer).count() + self.reserved.len()
    }

    /// Distributions and folders of all parts, heaviest first.
    #[must_use]
    pub fn groups(&self) -> Vec<Grouped<'_>> {
        let mut groups: Vec<_> =
            self.parts.iter().flat_map(|part| part.groups.iter().map(move |group| Grouped { part, group })).collect();
        // Parts stay in their order.
        groups.sort_by(|a, b| {
            b.group.mass.unzipped.cmp(&a.group.mass.unzipped).then_with(|| a.group.owner.cmp(&b.group.owner))
        });
        groups
    }

    /// What each kind of file weighs, heaviest first; kinds of which there is none are left out.
    #[must_use]
    pub fn kinds(&self) -> Vec<(FileKind, Mass)> {
        kinds(self.parts.iter().flat_map(|part| &part.files))
    }

    /// The largest files, each with its part.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<(&Part, &PartFile)> {
        let mut files: Vec<_> =
            self.parts.iter().flat_map(|part| part.files.iter().map(move |file| (part, file))).collect();
        files.sort_by(|(_, a), (_, b)| b.mass.unzipped.cmp(&a.mass.unzipped).then_with(|| a.path.cmp(&b.path)));
        files.truncate(count);
        files
    }
}

/// What each kind of file weighs, heaviest first.
pub(crate) fn kinds<'a>(files: impl Iterator<Item = &'a PartFile>) -> Vec<(FileKind, Mass)> {
    let mut by_kind: BTreeMap<FileKind, Mass> = BTreeMap::new();
    for file in files {
        let mass = by_kind.entry(file.kind).or_insert(Mass::NONE);
        *mass = mass.and(file.mass);
    }
    let mut kinds: Vec<_> = by_kind.into_iter().collect();
    kinds.sort_by(|(a, one), (b, two)| two.unzipped.cmp(&one.unzipped).then_with(|| a.cmp(b)));
    kinds
}

#[cfg(test)]
mod tests;

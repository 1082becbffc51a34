//! Which shared libraries a runtime has, and how that is known.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::listing::Listing;
use super::{Date, Fact, Profile, SymbolLevel};
use crate::target::Arch;

/// The folders that `ldconfig`'s cache leads to.
const CACHED_FOLDERS: [&str; 2] = ["/lib64", "/usr/lib64"];

/// Whether a runtime has a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Availability {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// There is evidence for both.
    Unknown,
}

/// How it is known whether a runtime has a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// There: the user's own probe lists it.
    Probed,
    /// There: listed from inside a function of this very runtime.
    Function,
    /// There: listed from inside a function of another runtime with the same root.
    SameRoot,
    /// Not there: in no list, and somebody's function failed for want of it.
    Reported,
    /// Not there: in no list.
    Unlisted,
    /// Not there: the user's own probe does not list it.
    NotProbed,
    /// A runtime on the same system has it; whether this one does, nobody knows.
    Unknown,
}

impl Grade {
    fn availability(self) -> Availability {
        match self {
            Self::Probed | Self::Function | Self::SameRoot => Availability::Present,
            Self::Reported | Self::Unlisted | Self::NotProbed => Availability::Absent,
            Self::Unknown => Availability::Unknown,
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Probed => "listed by your own probe",
            Self::Function => "listed from inside the function",
            Self::SameRoot => "listed in a runtime on the same system",
            Self::Reported => "in no list, and reported missing",
            Self::Unlisted => "in no list",
            Self::NotProbed => "not in the list of your own probe",
            Self::Unknown => "not known for this runtime",
        })
    }
}

/// What is known of a library file on a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LibraryFact<'a> {
    /// Whether it is there; the grade implies it.
    pub availability: Availability,
    /// How that is known.
    pub grade: Grade,
    /// The folder that it lies in; of several, the one that the loader takes it from.
    pub folder: Option<&'a str>,
    /// Where that is said or was seen.
    pub source: &'a str,
    /// When the source was last looked at.
    pub checked: Date,
    /// What else to know.
    pub note: Option<&'a str>,
}

impl<'a> LibraryFact<'a> {
    pub(super) fn new(
        grade: Grade,
        folder: Option<&'a str>,
        source: &'a str,
        checked: Date,
        note: Option<&'a str>,
    ) -> Self {
        Self { availability: grade.availability(), grade, folder, source, checked, note }
    }
}

/// How new the symbols of a library are, with the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SymbolFact<'a> {
    /// The newest version of them.
    pub level: &'a SymbolLevel,
    /// Where that is said or was seen.
    pub source: &'a str,
    /// When the source was last looked at.
    pub checked: Date,
    /// How sure it is, and what else to know.
    pub note: Option<&'a str>,
}

impl<'a> SymbolFact<'a> {
    fn of<T>(level: &'a SymbolLevel, fact: &'a Fact<T>) -> Self {
        Self { level, source: &fact.source, checked: fact.checked, note: fact.note.as_deref() }
    }
}

impl Profile {
    /// Whether a function of this runtime has a library, by the file name that the loader looks for (`libexpat.so.1`).
    /// Names are taken as they are; a library that is in no list is absent.
    #[must_use]
    pub fn library(&self, arch: Arch, file_name: &str) -> LibraryFact<'_> {
        self.listings(arch)
            .find_map(|(grade, listing)| self.listed(grade, listing, arch, file_name))
            .unwrap_or_else(|| self.missing(arch, |file| file == file_name))
    }

    /// What Python's `ctypes.util.find_library` finds for `magic` or `lua-5.4`: it asks `ldconfig`'s cache, which leads to
    /// `/lib64` and never to `/var/lang/lib`, `/opt/lib` or anywhere else on `LD_LIBRARY_PATH`.
    #[must_use]
    pub fn finds_by_ldconfig(&self, arch: Arch, stem: &str) -> LibraryFact<'_> {
        let prefix = format!("lib{stem}.");
        let mut elsewhere = None;
        for (grade, listing) in self.listings(arch) {
            let Some(file_name) = listing.first(arch, &prefix) else { continue };
            if !CACHED_FOLDERS.contains(&listing.folder.as_str()) {
                elsewhere = Some("it lies in a folder that ldconfig's cache does not lead to");
            } else if let Some(fact) = self.listed(grade, listing, arch, file_name) {
                return fact;
            }
        }
        let missing = self.missing(arch, |file| file.starts_with(&prefix));
        LibraryFact { note: elsewhere.or(missing.note), ..missing }
    }

    /// Every library file of which something is said, sorted by name.
    #[must_use]
    pub fn known_libraries(&self, arch: Arch) -> Vec<(&str, LibraryFact<'_>)> {
        let root = self.root.value.root();
        let probed = self.probes.get(&arch).into_iter().flatten();
        let mut names: BTreeSet<&str> = probed.flat_map(|listing| listing.names(arch)).collect();
        names.extend(std::iter::once(&self.libraries).chain(&root.listing).flat_map(|listing| listing.names(arch)));
        names.extend(self.unknown.iter().flat_map(|doubt| &doubt.files).map(String::as_str));
        names.extend(root.absent.iter().flat_map(|absence| &absence.files).map(String::as_str));
        names.into_iter().map(|name| (name, self.library(arch, name))).collect()
    }

    /// The folders of `LD_LIBRARY_PATH`, in the order in which the loader looks.
    #[must_use]
    pub fn library_path(&self) -> &Fact<Vec<String>> {
        &self.library_path
    }

    /// How new a library's symbols of this prefix are (`libz.so.1`, `ZLIB_`); `None` where no source says.
    #[must_use]
    pub fn symbol_level(&self, arch: Arch, library: &str, prefix: &str) -> Option<SymbolFact<'_>> {
        match (library, prefix) {
            ("libstdc++.so.6", "GLIBCXX_") => Some(SymbolFact::of(&self.glibcxx.value, &self.glibcxx)),
            ("libstdc++.so.6", "CXXABI_") => Some(SymbolFact::of(&self.cxxabi.value, &self.cxxabi)),
            ("libgcc_s.so.1", "GCC_") => Some(SymbolFact::of(self.libgcc.value.get(&arch)?, &self.libgcc)),
            _ => {
                let fact = self.root.value.root().symbols.get(library)?.get(prefix)?;
                Some(SymbolFact::of(&fact.value, fact))
            }
        }
    }

    /// Every level that [`Self::symbol_level`] finds outside libstdc++ and libgcc: library, prefix, level.
    pub fn symbol_levels(&self) -> impl Iterator<Item = (&str, &str, SymbolFact<'_>)> {
        self.root.value.root().symbols.iter().flat_map(|(library, levels)| {
            levels.iter().map(|(prefix, fact)| (library.as_str(), prefix.as_str(), SymbolFact::of(&fact.value, fact)))
        })
    }

    /// The folders in the order in which the loader looks. A probe replaces those that it lists.
    fn listings(&self, arch: Arch) -> impl Iterator<Item = (Grade, &Listing)> {
        let probed = self.probes.get(&arch).map_or(&[][..], Vec::as_slice);
        let shipped = std::iter::once((Grade::Function, &self.libraries))
            .chain(self.root.value.root().listing.iter().map(|listing| (Grade::SameRoot, listing)))
            .filter(|(_, listing)| probed.iter().all(|other| other.folder != listing.folder));
        probed.iter().map(|listing| (Grade::Probed, listing)).chain(shipped)
    }

    /// What a folder's list says of a file, and what this runtime's profile has against it.
    fn listed<'a>(
        &'a self,
        grade: Grade,
        listing: &'a Listing,
        arch: Arch,
        file_name: &str,
    ) -> Option<LibraryFact<'a>> {
        let fact = listing.find(arch, file_name, grade)?;
        let doubt = || self.unknown.iter().find_map(|doubt| doubt.find(file_name));
        if grade == Grade::SameRoot { doubt().or(Some(fact)) } else { Some(fact) }
    }

    /// What is said of a file that is in no list.
    fn missing(&self, arch: Arch, is_meant: impl Fn(&str) -> bool) -> LibraryFact<'_> {
        let root = self.root.value.root();
        if let Some(listing) = self.probes.get(&arch).and_then(|listings| listings.first()) {
            return LibraryFact::new(Grade::NotProbed, None, &listing.source, listing.checked, None);
        }
        root.absent.iter().find_map(|absence| absence.find(&is_meant)).unwrap_or_else(|| {
            let listing = root.listing.first().unwrap_or(&self.libraries);
            LibraryFact::new(Grade::Unlisted, None, &listing.source, listing.checked, None)
        })
    }
}

#[cfg(test)]
mod tests;

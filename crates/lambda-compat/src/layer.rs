//! What a function sees: wheels and files that are judged together, each at the place where Lambda unpacks it.
//!
//! One wheel is a layer of one. Several wheels, a finished layer, a function with its layers: the same type, since the
//! dynamic loader and Python look at all of it. Here are the facts; what they mean for a wheel is said in `judge`, and for
//! the layer as Python sees it in the modules below.

mod extension;
mod judge;
mod layout;
mod modules;
mod pth;
mod requirements;
mod scripts;
mod sdk;
mod sites;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use wheel_tags::{DistName, TagSet, Version, VersionSpecifiers};

use crate::elf::Binary;
use crate::rank::Origin;

pub use extension::{ExtensionName, ExtensionSuffix};
pub use judge::{JudgedLayer, Surroundings, judge_layer, judge_whole};
pub use requirements::NeededDistribution;
pub(crate) use sites::Sites;

/// Where Lambda unpacks layers.
pub const LAYERS: &str = "/opt";
/// Where Lambda unpacks a function's own zip.
pub const FUNCTION: &str = "/var/task";
/// The folder of a layer that is on `sys.path`.
pub const PYTHON: &str = "/opt/python";

/// A file, where a function finds it.
#[derive(Debug, Clone)]
pub struct PlacedFile<'a> {
    /// Its path in the wheel, zip or folder that it comes from, as findings name it.
    pub entry: &'a str,
    /// Its absolute path in the function: `/opt/python/numpy/__init__.py`.
    pub place: Cow<'a, str>,
    /// Its Unix permission bits; `None` in a wheel, whose installer sets them.
    pub mode: Option<u32>,
    /// What it is, where it is native code.
    pub binary: Option<&'a Binary>,
    /// It is Python source that says the name of something which opens libraries at run time.
    pub opens_libraries: bool,
}

/// A folder whose mode is known: on disk, or with an entry of its own in a zip.
#[derive(Debug, Clone)]
pub struct PlacedFolder<'a> {
    /// Its path in the zip or folder that it comes from.
    pub entry: &'a str,
    /// Its absolute path in the function, without a slash at its end.
    pub place: Cow<'a, str>,
    /// Its Unix permission bits.
    pub mode: u32,
}

impl PlacedFile<'_> {
    /// The last component of its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.place.rsplit_once('/').map_or(self.place.as_ref(), |(_, name)| name)
    }

    /// What follows the last dot of its name: `py`.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        self.name().rsplit_once('.').map(|(_, suffix)| suffix)
    }

    /// The folder that holds it, without a slash at its end.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.place.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A distribution: a wheel, or one that is installed in a layer.
#[derive(Debug, Clone)]
pub struct WheelFacts<'a> {
    /// Its project.
    pub name: &'a DistName,
    /// Its version.
    pub version: &'a Version,
    /// What it is built for: the tags of its file name, or of its WHEEL file where it is installed.
    pub tags: Cow<'a, TagSet>,
    /// The variant label of its file name (PEP 825).
    pub variant: Option<&'a str>,
    /// Whether a `linux_<arch>` tag counts.
    pub origin: Origin,
    /// `Requires-Python` of its METADATA.
    pub requires_python: Option<&'a VersionSpecifiers>,
    /// `Requires-Dist` of its METADATA, as they are spelt.
    pub requires_dist: &'a [String],
    /// Its files.
    pub files: Vec<PlacedFile<'a>>,
}

impl<'a> WheelFacts<'a> {
    /// Its files of native code.
    pub fn native(&self) -> impl Iterator<Item = (&PlacedFile<'a>, &'a Binary)> {
        self.files.iter().filter_map(|file| Some((file, file.binary?)))
    }
}

/// The bytes of the files that are judged: read only where the facts raise a question that only they answer.
pub trait Contents: Sync {
    /// The bytes of the file at this place; `None` where there is none or it cannot be read.
    fn read(&self, place: &str) -> Option<Vec<u8>>;
}

/// No bytes at hand: what would need them stays open.
#[derive(Debug, Clone, Copy)]
pub struct NoContents;

impl Contents for NoContents {
    fn read(&self, _place: &str) -> Option<Vec<u8>> {
        None
    }
}

/// What else is known of what is judged.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// File names of shared libraries that whoever asks knows to be there (`--provides`).
    pub vouched: BTreeSet<String>,
    /// Nothing else will be there: a finished layer, or all wheels of one. Otherwise other packages may bring more.
    pub complete: bool,
}

/// What a layer below brings: the files of one distribution, or those that belong to none.
#[derive(Debug, Clone)]
pub struct FilesBelow<'a> {
    /// The layer, as messages call it.
    pub layer: &'a str,
    /// The distribution.
    pub distribution: Option<&'a DistName>,
    /// Its files.
    pub files: Vec<PlacedFile<'a>>,
}

/// Whose file it is.
#[derive(Clone, Copy)]
enum Owner {
    /// The wheel's with this number.
    Wheel(usize),
    Nobody,
    /// What is below, by its number.
    Below(usize),
}

/// Whose file, and which of theirs.
type FileNumber = (Owner, usize);

/// Everything that one function sees.
pub struct Layer<'a> {
    wheels: Vec<WheelFacts<'a>>,
    loose: Vec<PlacedFile<'a>>,
    folders: Vec<PlacedFolder<'a>>,
    below: Vec<FilesBelow<'a>>,
    contents: &'a dyn Contents,
    given: Given,
    native_by_place: HashMap<String, FileNumber>,
    native_by_name: HashMap<String, Vec<FileNumber>>,
}

impl<'a> Layer<'a> {
    /// The wheels and the files that belong to none. Where two files have one place, the later one counts, as with Lambda's
    /// layers.
    #[must_use]
    pub fn new(
        wheels: Vec<WheelFacts<'a>>,
        loose: Vec<PlacedFile<'a>>,
        contents: &'a dyn Contents,
        given: Given,
    ) -> Self {
        let (native_by_place, native_by_name) = (HashMap::new(), HashMap::new());
        let (folders, below) = (Vec::new(), Vec::new());
        Self { wheels, loose, folders, below, contents, given, native_by_place, native_by_name }.indexed()
    }

    /// The same layer, above others: what they bring is found where this one has nothing, and is not judged.
    #[must_use]
    pub fn on_top_of(mut self, below: Vec<FilesBelow<'a>>) -> Self {
        self.below = below;
        self.indexed()
    }

    fn indexed(mut self) -> Self {
        let mut native_by_place = HashMap::new();
        let mut native_by_name: HashMap<String, Vec<FileNumber>> = HashMap::new();
        for (number, file) in self.numbered_below().chain(self.numbered()) {
            let Some(binary) = file.binary else { continue };
            native_by_place.insert(file.place.to_string(), number);
            native_by_name.entry(file.name().to_owned()).or_default().push(number);
            if let Binary::Elf(facts) = binary
                && let Some(soname) = facts.soname.as_ref().filter(|soname| *soname != file.name())
            {
                native_by_name.entry(soname.clone()).or_default().push(number);
            }
        }
        self.native_by_place = native_by_place;
        self.native_by_name = native_by_name;
        self
    }

    /// The same layer, with what is known of its folders.
    #[must_use]
    pub fn with_folders(mut self, folders: Vec<PlacedFolder<'a>>) -> Self {
        self.folders = folders;
        self
    }

    fn numbered(&self) -> impl Iterator<Item = (FileNumber, &PlacedFile<'a>)> {
        let of_wheels = self.wheels.iter().enumerate().flat_map(|(wheel, facts)| {
            facts.files.iter().enumerate().map(move |(file, placed)| ((Owner::Wheel(wheel), file), placed))
        });
        of_wheels.chain(self.loose.iter().enumerate().map(|(file, placed)| ((Owner::Nobody, file), placed)))
    }

    fn numbered_below(&self) -> impl Iterator<Item = (FileNumber, &PlacedFile<'a>)> {
        self.below.iter().enumerate().flat_map(|(number, below)| {
            below.files.iter().enumerate().map(move |(file, placed)| ((Owner::Below(number), file), placed))
        })
    }

    fn numbered_file(&self, (owner, file): FileNumber) -> Option<&PlacedFile<'a>> {
        match owner {
            Owner::Wheel(wheel) => self.wheels.get(wheel)?.files.get(file),
            Owner::Nobody => self.loose.get(file),
            Owner::Below(number) => self.below.get(number)?.files.get(file),
        }
    }

    /// The distributions, in the order they were given.
    #[must_use]
    pub fn wheels(&self) -> &[WheelFacts<'a>] {
        &self.wheels
    }

    /// The files that belong to no distribution.
    #[must_use]
    pub fn loose(&self) -> &[PlacedFile<'a>] {
        &self.loose
    }

    /// The folders whose mode is known.
    #[must_use]
    pub fn folders(&self) -> &[PlacedFolder<'a>] {
        &self.folders
    }

    /// What the layers below bring.
    #[must_use]
    pub fn below(&self) -> &[FilesBelow<'a>] {
        &self.below
    }

    /// Every file of this layer and of those below.
    pub fn files_and_below(&self) -> impl Iterator<Item = &PlacedFile<'a>> {
        self.files().chain(self.below.iter().flat_map(|below| &below.files))
    }

    /// Every file, those of the wheels first.
    pub fn files(&self) -> impl Iterator<Item = &PlacedFile<'a>> {
        self.numbered().map(|(_, file)| file)
    }

    /// The file of native code at this place.
    #[must_use]
    pub fn native_at(&self, place: &str) -> Option<&PlacedFile<'a>> {
        self.numbered_file(*self.native_by_place.get(place)?)
    }

    /// The files of native code with this file name or `DT_SONAME`.
    pub fn native_named(&self, name: &str) -> impl Iterator<Item = &PlacedFile<'a>> {
        let numbers = self.native_by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| self.numbered_file(*number))
    }

    /// The file names and `DT_SONAME`s of native code.
    pub fn native_names(&self) -> impl Iterator<Item = &str> {
        self.native_by_name.keys().map(String::as_str)
    }

    /// Whether whoever asks knows this shared library to be there.
    #[must_use]
    pub fn is_vouched_for(&self, library: &str) -> bool {
        self.given.vouched.contains(library)
    }

    /// Whether nothing else will be there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.given.complete
    }

    /// Whether there is a file at this place.
    #[must_use]
    pub fn has_file(&self, place: &str) -> bool {
        self.files_and_below().any(|file| file.place == place)
    }

    /// Whether some file lies in this folder or below it.
    #[must_use]
    pub fn has_folder(&self, folder: &str) -> bool {
        self.files_and_below().any(|file| file.place.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// The bytes of the file at this place.
    #[must_use]
    pub fn read(&self, place: &str) -> Option<Vec<u8>> {
        self.contents.read(place)
    }
}

#[cfg(test)]
mod tests;

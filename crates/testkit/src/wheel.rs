//! Wheels: right by default (PEP 427, METADATA 2.1, RECORD with sha256), with knobs to break each part on its own.
//!
//! What a wheel holds is written in `contents`; what is wrong with it as a zip is said on [`WheelBuilder::zip`].

mod contents;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use fs_err as fs;

use crate::zip::{ZipBuilder, ZipEntry, extra_field};

#[derive(Clone, Debug)]
struct WheelFile {
    path: String,
    bytes: Vec<u8>,
    mode: u32,
}

#[derive(Clone, Debug)]
enum RecordChange {
    Line(String),
    Absent,
}

/// Builds a wheel.
///
/// ```
/// # use testkit::WheelBuilder;
/// let wheel = WheelBuilder::new("Foo.Bar", "1.0").requires("click>=8").file("foo_bar/__init__.py", b"");
/// assert_eq!(wheel.filename(), "foo_bar-1.0-py3-none-any.whl");
/// ```
#[derive(Clone, Debug)]
pub struct WheelBuilder {
    name: String,
    version: String,
    build_tag: Option<String>,
    tag: String,
    filename: Option<String>,
    dist_info: Option<String>,
    root_is_purelib: Option<bool>,
    wheel_version: String,
    requires: Vec<String>,
    requires_python: Option<String>,
    extras: Vec<(String, Vec<String>)>,
    metadata_lines: Vec<String>,
    files: Vec<WheelFile>,
    scripts: Vec<String>,
    gui_scripts: Vec<String>,
    replaced: BTreeMap<String, Vec<u8>>,
    dropped: BTreeSet<String>,
    record: BTreeMap<String, RecordChange>,
    stored: bool,
    descriptors: bool,
    modified: ((u16, u16, u16), (u16, u16, u16)),
    extended_timestamp: Option<u32>,
}

impl WheelBuilder {
    /// A wheel for `py3-none-any` with no files but those of its dist-info folder.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build_tag: None,
            tag: "py3-none-any".to_owned(),
            filename: None,
            dist_info: None,
            root_is_purelib: None,
            wheel_version: "1.0".to_owned(),
            requires: Vec::new(),
            requires_python: None,
            extras: Vec::new(),
            metadata_lines: Vec::new(),
            files: Vec::new(),
            scripts: Vec::new(),
            gui_scripts: Vec::new(),
            replaced: BTreeMap::new(),
            dropped: BTreeSet::new(),
            record: BTreeMap::new(),
            stored: false,
            descriptors: false,
            modified: ((1980, 1, 1), (0, 0, 0)),
            extended_timestamp: None,
        }
    }

    /// The tag set, `cp312-cp312-manylinux_2_28_x86_64` or compressed `py2.py3-none-any`.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    /// The build tag, as in `foo-1.0-1-py3-none-any.whl`.
    #[must_use]
    pub fn build_tag(mut self, build: &str) -> Self {
        self.build_tag = Some(build.to_owned());
        self
    }

    /// A `Requires-Dist` line.
    #[must_use]
    pub fn requires(mut self, requirement: &str) -> Self {
        self.requires.push(requirement.to_owned());
        self
    }

    /// The `Requires-Python` line.
    #[must_use]
    pub fn requires_python(mut self, specifiers: &str) -> Self {
        self.requires_python = Some(specifiers.to_owned());
        self
    }

    /// A `Provides-Extra` line and a `Requires-Dist` line for each of its requirements.
    #[must_use]
    pub fn extra(mut self, extra: &str, requirements: &[&str]) -> Self {
        let requirements = requirements.iter().map(|requirement| (*requirement).to_owned()).collect();
        self.extras.push((extra.to_owned(), requirements));
        self
    }

    /// Another header line of METADATA, without its line feed.
    #[must_use]
    pub fn metadata_line(mut self, line: &str) -> Self {
        self.metadata_lines.push(line.to_owned());
        self
    }

    /// A file, mode 0644.
    #[must_use]
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.file_mode(path, bytes, 0o644)
    }

    /// A file with its mode.
    #[must_use]
    pub fn file_mode(mut self, path: &str, bytes: impl AsRef<[u8]>, mode: u32) -> Self {
        self.files.push(WheelFile { path: path.to_owned(), bytes: bytes.as_ref().to_vec(), mode });
        self
    }

    /// A file of the `.data` folder, `scripts/x` for `foo-1.0.data/scripts/x`; scripts are mode 0755, others 0644.
    #[must_use]
    pub fn data_file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let mode = if path.starts_with("scripts/") { 0o755 } else { 0o644 };
        let path = format!("{}-{}.data/{path}", self.escaped_name(), self.escaped_version());
        self.file_mode(&path, bytes, mode)
    }

    /// A console script, `script("foo", "foo.cli:main")`.
    #[must_use]
    pub fn script(mut self, name: &str, reference: &str) -> Self {
        self.scripts.push(format!("{name} = {reference}"));
        self
    }

    /// A script of the group `gui_scripts`.
    #[must_use]
    pub fn gui_script(mut self, name: &str, reference: &str) -> Self {
        self.gui_scripts.push(format!("{name} = {reference}"));
        self
    }

    /// Stores every entry.
    #[must_use]
    pub fn stored(mut self) -> Self {
        self.stored = true;
        self
    }

    /// Deflates every entry (the default).
    #[must_use]
    pub fn deflated(mut self) -> Self {
        self.stored = false;
        self
    }

    /// Gives every entry a right data descriptor.
    #[must_use]
    pub fn descriptors(mut self) -> Self {
        self.descriptors = true;
        self
    }

    /// The DOS date and time of every entry, `((2024, 5, 6), (7, 8, 10))`.
    #[must_use]
    pub fn modified(mut self, date: (u16, u16, u16), time: (u16, u16, u16)) -> Self {
        self.modified = (date, time);
        self
    }

    /// Gives every entry an extended timestamp (extra field 0x5455), in seconds since 1970.
    #[must_use]
    pub fn extended_timestamp(mut self, seconds: u32) -> Self {
        self.extended_timestamp = Some(seconds);
        self
    }

    /// What WHEEL says of `Root-Is-Purelib`, instead of what the tag implies.
    #[must_use]
    pub fn root_is_purelib(mut self, pure: bool) -> Self {
        self.root_is_purelib = Some(pure);
        self
    }

    /// What WHEEL says of `Wheel-Version`, instead of 1.0.
    #[must_use]
    pub fn wheel_version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.wheel_version);
        self
    }

    /// A file name that need not agree with the contents.
    #[must_use]
    pub fn named(mut self, filename: &str) -> Self {
        self.filename = Some(filename.to_owned());
        self
    }

    /// A dist-info folder that need not agree with name and version.
    #[must_use]
    pub fn dist_info(mut self, folder: &str) -> Self {
        self.dist_info = Some(folder.to_owned());
        self
    }

    /// Replaces a file of the dist-info folder, or adds one; RECORD lists the new bytes.
    #[must_use]
    pub fn replace(mut self, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.replaced.insert(file.to_owned(), bytes.as_ref().to_vec());
        self
    }

    /// Leaves a file of the dist-info folder out, and out of RECORD.
    #[must_use]
    pub fn without(mut self, file: &str) -> Self {
        self.dropped.insert(file.to_owned());
        self
    }

    /// Replaces the RECORD line of `path`, or adds a line for a path that the wheel has not got.
    #[must_use]
    pub fn record_line(mut self, path: &str, line: &str) -> Self {
        self.record.insert(path.to_owned(), RecordChange::Line(line.to_owned()));
        self
    }

    /// Leaves `path` out of RECORD, though the wheel has it.
    #[must_use]
    pub fn record_without(mut self, path: &str) -> Self {
        self.record.insert(path.to_owned(), RecordChange::Absent);
        self
    }

    /// The project's name as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Python versions admitted, if any were said.
    #[must_use]
    pub fn python_specifiers(&self) -> Option<&str> {
        self.requires_python.as_deref()
    }

    /// The wheel's file name.
    #[must_use]
    pub fn filename(&self) -> String {
        self.filename.clone().unwrap_or_else(|| {
            let build = self.build_tag.as_ref().map(|build| format!("-{build}")).unwrap_or_default();
            format!("{}-{}{build}-{}.whl", self.escaped_name(), self.escaped_version(), self.tag)
        })
    }

    /// The wheel as an archive that can still be made hostile, RECORD last.
    #[must_use]
    pub fn zip(&self) -> ZipBuilder {
        self.all_files().into_iter().fold(ZipBuilder::new(), |zip, file| {
            let entry = if self.stored {
                ZipEntry::stored(&file.path, &file.bytes)
            } else {
                ZipEntry::deflated(&file.path, &file.bytes)
            };
            let (date, time) = self.modified;
            let mut entry = entry.mode(file.mode).modified(date, time);
            if let Some(seconds) = self.extended_timestamp {
                let timestamp = extra_field(0x5455, [&[1][..], &seconds.to_le_bytes()].concat());
                entry = entry.both(|fields| fields.extra.extend(&timestamp));
            }
            zip.entry(if self.descriptors { entry.descriptor() } else { entry })
        })
    }

    /// The wheel's bytes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.zip().build()
    }

    /// Writes the wheel into a folder that exists; gives its path.
    #[must_use]
    pub fn write_to(&self, folder: impl AsRef<Path>) -> PathBuf {
        let path = folder.as_ref().join(self.filename());
        fs::write(&path, self.build()).expect("the folder takes the wheel");
        path
    }

    fn escaped_name(&self) -> String {
        normalised(&self.name).replace('-', "_")
    }

    fn escaped_version(&self) -> String {
        self.version.replace('-', "_")
    }
}

/// A project's name in a URL (PEP 503): lower case, runs of `-`, `_` and `.` as one `-`.
pub(crate) fn normalised(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(letter.to_lowercase()),
        }
    }
    out
}

//! Wheels built in memory, inspected as they would be in a build.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::Path;

use layer_pack::{Entry, LayerInput, LayerPath, LayerPlan, LocalFile, PlanError, PlanOptions, plan};
use testkit::WheelBuilder;
use wheel_archive::{EntryPath, Inspection, Manifest, inspect};
use zip::ZipArchive;

/// A wheel that passed inspection.
pub(crate) struct Wheel {
    pub(crate) manifest: Manifest,
    pub(crate) bytes: Vec<u8>,
}

impl Wheel {
    pub(crate) fn new(builder: &WheelBuilder) -> Self {
        let bytes = builder.build();
        let filename = builder.filename().parse().expect("the builder names wheels properly");
        match inspect(&filename, None, &bytes).expect("memory can be read") {
            Inspection::Sound(manifest) => Self { manifest: *manifest, bytes },
            Inspection::Malformed(findings) => panic!("{filename}: {findings:#?}"),
        }
    }

    pub(crate) fn input(&self) -> LayerInput<'_> {
        LayerInput { manifest: &self.manifest, source: &self.bytes }
    }
}

pub(crate) fn wheels<'b>(builders: impl IntoIterator<Item = &'b WheelBuilder>) -> Vec<Wheel> {
    builders.into_iter().map(Wheel::new).collect()
}

pub(crate) fn inputs(wheels: &[Wheel]) -> Vec<LayerInput<'_>> {
    wheels.iter().map(Wheel::input).collect()
}

pub(crate) fn planned<'a>(wheels: &'a [Wheel], files: &[LocalFile]) -> Result<LayerPlan<'a>, PlanError> {
    plan(&inputs(wheels), files, &PlanOptions::default())
}

/// A file of the layer's source.
pub(crate) fn local(path: &str, contents: &[u8]) -> LocalFile {
    let path: EntryPath = path.parse().expect("a plain path");
    LocalFile::new(LayerPath::from(path), contents.to_vec())
}

pub(crate) fn jobs(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("at least one job")
}

/// Mode and path of every entry, one per line.
pub(crate) fn paths(plan: &LayerPlan<'_>) -> String {
    let line = |entry: &Entry<'_>| format!("{:o} {}", entry.mode.permissions(), entry.path);
    plan.entries().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a zip holds, in its order, as the `zip` crate reads it: path, mode and contents, CRC-32 checked on the way.
pub(crate) fn read_zip(path: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let file = fs_err::File::open(path).expect("the zip is there");
    let mut archive = ZipArchive::new(file).expect("a zip");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).expect("sound data");
            let name = entry.name().expect("a name that can be told").into_owned();
            (name, entry.unix_mode().expect("a mode") & 0o7777, contents)
        })
        .collect()
}

/// The text of one entry of a zip.
pub(crate) fn text_of(path: &Path, entry: &str) -> String {
    let (_, _, contents) =
        read_zip(path).into_iter().find(|(name, ..)| name == entry).unwrap_or_else(|| panic!("no {entry}"));
    String::from_utf8(contents).expect("text")
}

/// The names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs_err::read_dir(folder)
        .expect("a folder")
        .map(|item| item.expect("an item").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

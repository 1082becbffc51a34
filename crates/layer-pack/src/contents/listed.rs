//! Names and sizes of what a layer or function holds, read in milliseconds: of a zip its directory and the `.dist-info`
//! files alone are read.

use std::io;
use std::path::Path;

use lambda_compat::Finding;
use wheel_archive::{FileAt, ListedFile, ReadAt, list_archive};

use super::{Held, HeldDistribution, HeldFile, LONGEST, Layout, Listing, Source, folder};
use crate::LayerPath;

/// A layer or function of which only names and sizes are known. It cannot be judged: for that, read all of it with
/// [`read_held`](crate::read_held).
pub struct Listed {
    held: Held,
    /// Bytes of the zip, if it is one.
    zip: Option<u64>,
}

/// Lists a layer or a function: a folder as it is, a file as a zip. `kind` is what it is, where whoever asks knows.
///
/// A zip's directory must be sound; that its entries inflate to what it says is not looked at.
///
/// # Errors
/// Only when bytes could not be read. The inner error holds what is wrong with a malformed zip (`LP2xx`), sorted.
pub fn list_held(path: &Path, kind: Option<Layout>) -> io::Result<Result<Listed, Vec<Finding>>> {
    let _span = tracing::debug_span!("list_held").entered();
    if fs_err::metadata(path)?.is_dir() {
        let listing = folder::list(path)?;
        return Ok(listing.map(|listing| Listed { held: Held::new(listing, kind), zip: None }));
    }
    let file = FileAt::open(path)?;
    let size = file.size();
    Ok(list_zip(Box::new(file))?.map(|listing| Listed { held: Held::new(listing, kind), zip: Some(size) }))
}

fn list_zip(bytes: Box<dyn ReadAt + Send>) -> io::Result<Result<Listing, Vec<Finding>>> {
    let listing = match list_archive(&*bytes)? {
        Ok(listing) => listing,
        Err(findings) => return Ok(Err(findings)),
    };
    let mut files = Vec::with_capacity(listing.files.len());
    for file in &listing.files {
        let link = match target(file, &*bytes)? {
            Ok(link) => link,
            Err(findings) => return Ok(Err(findings)),
        };
        files.push(HeldFile {
            path: LayerPath::from(file.path().clone()),
            size: file.size(),
            mode: file.mode(),
            link,
            binary: None,
            opens_libraries: false,
        });
    }
    let source = Source::Directory { bytes, entries: listing.files };
    Ok(Ok(Listing { files, folders: Vec::new(), findings: listing.warnings, source }))
}

/// Where a file leads, if it is a link.
fn target(file: &ListedFile, bytes: &dyn ReadAt) -> io::Result<Result<Option<String>, Vec<Finding>>> {
    if !file.is_link() || file.size() > LONGEST {
        return Ok(Ok(None));
    }
    Ok(file.bytes(bytes)?.map(|bytes| Some(String::from_utf8_lossy(&bytes).into_owned())))
}

impl Listed {
    /// Whether it is a layer or a function.
    #[must_use]
    pub fn kind(&self) -> Layout {
        self.held.kind()
    }

    /// Bytes of the zip; `None` of a folder.
    #[must_use]
    pub fn zipped(&self) -> Option<u64> {
        self.zip
    }

    /// Its files and links, ordered by path, each with the bytes that it takes in the zip.
    pub fn files(&self) -> impl Iterator<Item = (&HeldFile, Option<u64>)> {
        let zipped = |number: usize| match &self.held.source {
            Source::Directory { entries, .. } => entries.get(number).map(ListedFile::zipped),
            _ => None,
        };
        self.held.files.iter().enumerate().map(move |(number, file)| (file, zipped(number)))
    }

    /// The distributions that are installed in it, each with the numbers of its files; a file is one's at most.
    pub fn distributions(&self) -> impl Iterator<Item = (&HeldDistribution, &[usize])> {
        self.held.distributions.iter().map(|distribution| (distribution, distribution.files.as_slice()))
    }

    /// The bytes of the file with this number; `None` where it is too large or cannot be read.
    pub(crate) fn bytes(&self, number: usize) -> Option<Vec<u8>> {
        self.held.bytes_of(number)
    }

    /// What is odd about it: a damaged `.dist-info`, the zip's own warnings.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.held.findings()
    }
}

#[cfg(test)]
mod tests {
    use testkit::WheelBuilder;

    use super::*;
    use crate::read_held;

    #[test]
    fn a_listing_tells_what_a_whole_reading_tells() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("function.zip");
        // A wheel is a zip whose packages lie at the root, as a function's do.
        let wheel = WheelBuilder::new("own", "1.2").file("own/__init__.py", "x = 1\n".repeat(50)).requires("other");
        fs_err::write(&path, wheel.build()).expect("a new file");
        let listed = list_held(&path, None).expect("readable").expect("sound");
        let held = read_held(&path, None).expect("readable").expect("sound");
        assert_eq!(listed.kind(), held.kind());
        assert_eq!(listed.findings(), held.findings());
        assert!(
            listed.files().map(|(file, _)| (&file.path, file.size)).eq(held.files().iter().map(|f| (&f.path, f.size)))
        );
        let (distribution, files) = listed.distributions().next().expect("a distribution");
        assert_eq!(distribution, &held.distributions()[0]);
        assert_eq!(files.len(), held.files().len());
        // All the zip's bytes are some file's, but for the end record.
        let zipped: u64 = listed.files().map(|(_, zipped)| zipped.expect("it is a zip")).sum();
        assert_eq!(listed.zipped(), Some(zipped + 22));
    }

    #[test]
    fn no_sound_archive_no_listing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("layer.zip");
        let mut bytes = WheelBuilder::new("own", "1").file("own.py", "").build();
        bytes.insert(0, b'#');
        fs_err::write(&path, bytes).expect("a new file");
        assert!(list_held(&path, None).expect("readable").is_err());
    }
}

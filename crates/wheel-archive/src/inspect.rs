//! From bytes to manifest: the archive first, then every entry, then what the wheel says of itself.

use std::io;

use lambda_compat::{Code, Finding, Verdict, verdict_of};
use sha2::Digest as _;
use wheel_tags::WheelFilename;

use crate::fault::{Checked, Fault, gather, refuse, settled};
use crate::inflate::{DataError, inflate_whole};
use crate::manifest::{Entry, Manifest, entry_bytes};
use crate::metadata::MAX_METADATA;
use crate::read_at::{ReadAt, read_vec};
use crate::record::MAX_RECORD;
use crate::verify::verify;
use crate::zip::{Purpose, locate, read_directory};
use crate::{EntryPath, EntryPoint, Metadata, Sha256, WheelInfo, dist_info, entry_points, record};

/// Bytes of WHEEL and of `entry_points.txt` at most; real ones have a few hundred.
const MAX_SMALL_FILE: u64 = 1 << 20;
/// Letters of a Requires-Python that cannot be read which are shown.
const SHOWN: usize = 200;

/// What an inspection found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inspection {
    /// A sound wheel; its warnings are in the manifest.
    Sound(Box<Manifest>),
    /// Not a sound wheel: sorted findings, at least one of them an error.
    Malformed(Vec<Finding>),
}

/// Reads a wheel and verifies all of it: the archive has one reading only, every entry is what its headers and RECORD
/// say, and its metadata are those of the project, version and tags that the file name gives.
///
/// `sha256` is the digest of the whole file where the caller has checked it already; else it is computed. Entries are
/// verified in parallel on rayon's pool; memory stays flat however large they are.
///
/// # Errors
/// Only when bytes could not be read: what is wrong with a wheel is an [`Inspection`].
pub fn inspect(filename: &WheelFilename, sha256: Option<Sha256>, source: &dyn ReadAt) -> io::Result<Inspection> {
    settle(look(filename, sha256, source)).map(|outcome| match outcome {
        Ok(manifest) => Inspection::Sound(Box::new(manifest)),
        Err(findings) => Inspection::Malformed(findings),
    })
}

/// Reads METADATA alone, looking at nothing but the end of the archive, its central directory and that one entry: over
/// HTTP three requests, where the source reads ahead. As strict as [`inspect`] as far as it looks; what it does not look
/// at is verified once the wheel is there.
///
/// # Errors
/// Only when bytes could not be read. The inner error holds what is wrong with the wheel.
pub fn read_metadata(source: &dyn ReadAt, filename: &WheelFilename) -> io::Result<Result<Vec<u8>, Vec<Finding>>> {
    settle(metadata_alone(source, filename))
}

pub(crate) fn settle<T>(outcome: Checked<T>) -> io::Result<Result<T, Vec<Finding>>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Fault::Malformed(findings)) => Ok(Err(findings)),
        Err(Fault::Io(error)) => Err(error),
    }
}

fn look(filename: &WheelFilename, sha256: Option<Sha256>, source: &dyn ReadAt) -> Checked<Manifest> {
    let directory = read_directory(source, Purpose::Wheel)?;
    let (digest, entries) =
        rayon::join(|| sha256.map_or_else(|| hash(source), Ok), || verify(source, &directory.entries));
    let (sha256, entries) = (digest?, entries?);

    let dist_info = dist_info::find(entries.iter().map(|entry| &entry.path), filename)?;
    let mut findings = dist_info::check_data(entries.iter().map(|entry| &entry.path), filename);
    findings.extend(dist_info::check_places(entries.iter().map(|entry| &entry.path)));
    findings.extend(directory.warnings);
    let files = DistInfo { source, folder: &dist_info, entries: &entries };
    let metadata = gather(&mut findings, files.metadata(filename))?;
    let wheel = gather(&mut findings, files.wheel(filename))?;
    let entry_points = gather(&mut findings, files.entry_points())?;
    gather(&mut findings, files.record()).map(|more| findings.extend(more.unwrap_or_default()))?;

    let (metadata, metadata_warning) = metadata.unzip();
    let (wheel, wheel_warnings) = wheel.unzip();
    findings.extend(metadata_warning.flatten());
    findings.extend(wheel_warnings.unwrap_or_default());
    let (metadata, wheel, entry_points) = match (metadata, wheel, entry_points) {
        (Some(metadata), Some(wheel), Some(points)) if verdict_of(&findings) != Verdict::Fails => {
            (metadata, wheel, points)
        }
        _ => return Err(refuse(findings)),
    };
    let warnings = settled(findings);
    let (filename, size) = (filename.clone(), source.size());
    Ok(Manifest { sha256, size, filename, dist_info, entries, metadata, wheel, entry_points, warnings })
}

/// The digest of all bytes of a source, read in pieces.
///
/// # Errors
/// When they cannot be read.
pub fn hash(source: &dyn ReadAt) -> io::Result<Sha256> {
    const PIECE: u64 = 1 << 20;
    let mut digest = sha2::Sha256::new();
    let mut offset = 0;
    while offset < source.size() {
        let piece = read_vec(source, offset, PIECE.min(source.size() - offset))?;
        digest.update(&piece);
        offset += piece.len() as u64;
    }
    Ok(Sha256::from_bytes(digest.finalize().into()))
}

fn metadata_alone(source: &dyn ReadAt, filename: &WheelFilename) -> Checked<Vec<u8>> {
    let directory = read_directory(source, Purpose::Wheel)?;
    let files = || directory.entries.iter().filter(|entry| !entry.folder);
    let folder = dist_info::find(files().map(|entry| &entry.path), filename)?;
    let path = folder.join(&name("METADATA"));
    let entry = files().find(|entry| entry.path == path).ok_or_else(|| missing(&path))?;
    check_size(&path, entry.size, MAX_METADATA)?;
    inflate_whole(source, locate(source, entry)?).map_err(|error| match error {
        DataError::Io(error) => Fault::Io(error),
        DataError::Damaged(what) => Finding::error(Code::EntryData, what).at(path.as_str()).into(),
    })
}

/// The files of the `.dist-info` folder.
struct DistInfo<'a> {
    source: &'a dyn ReadAt,
    folder: &'a EntryPath,
    entries: &'a [Entry],
}

impl DistInfo<'_> {
    /// A file's path, and its bytes if it is there.
    fn read(&self, file: &'static str, most: u64) -> Checked<(EntryPath, Option<Vec<u8>>)> {
        let path = self.folder.join(&name(file));
        let found = self.entries.binary_search_by(|entry| entry.path.cmp(&path)).ok();
        let Some(entry) = found.and_then(|at| self.entries.get(at)) else { return Ok((path, None)) };
        check_size(&path, entry.size, most)?;
        let bytes = entry_bytes(self.source, entry)?;
        Ok((path, Some(bytes)))
    }

    fn required(&self, file: &'static str, most: u64) -> Checked<(EntryPath, Vec<u8>)> {
        let (path, bytes) = self.read(file, most)?;
        let bytes = bytes.ok_or_else(|| missing(&path))?;
        Ok((path, bytes))
    }

    fn metadata(&self, filename: &WheelFilename) -> Checked<(Metadata, Option<Finding>)> {
        let (path, bytes) = self.required("METADATA", MAX_METADATA)?;
        let error = |message: String| Finding::error(Code::Metadata, message).at(path.as_str());
        let metadata = Metadata::parse(&bytes).map_err(|unreadable| error(unreadable.to_string()))?;
        if (&metadata.name, &metadata.version) != (&filename.name, &filename.version) {
            let message = format!(
                "METADATA is of {} {}, the file name of {} {}",
                metadata.name, metadata.version, filename.name, filename.version
            );
            return Err(error(message).help("give the file back the name it was built with").into());
        }
        let warning = metadata.unreadable_requires_python.as_ref().map(|text| {
            let mut shown: String = text.chars().take(SHOWN).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            let message = format!("Requires-Python `{}` cannot be read and is passed over", shown.escape_debug());
            Finding::warning(Code::Metadata, message).at(path.as_str())
        });
        Ok((metadata, warning))
    }

    fn wheel(&self, filename: &WheelFilename) -> Checked<(WheelInfo, Vec<Finding>)> {
        let (path, bytes) = self.required("WHEEL", MAX_SMALL_FILE)?;
        let (info, warnings) = WheelInfo::parse(&bytes, filename).map_err(|error| error.at(path.as_str()))?;
        Ok((info, warnings.into_iter().map(|warning| warning.at(path.as_str())).collect()))
    }

    fn entry_points(&self) -> Checked<Vec<EntryPoint>> {
        let (path, bytes) = self.read("entry_points.txt", MAX_SMALL_FILE)?;
        let points = entry_points::parse(&bytes.unwrap_or_default());
        points.map_err(|errors| Fault::Malformed(errors.into_iter().map(|error| error.at(path.as_str())).collect()))
    }

    fn record(&self) -> Checked<Vec<Finding>> {
        let (path, bytes) = self.required("RECORD", MAX_RECORD)?;
        record::check(self.source, self.entries, &path, &bytes)
    }
}

/// The name of a file that every wheel may have.
fn name(file: &'static str) -> EntryPath {
    file.parse().expect("a plain name")
}

fn missing(path: &EntryPath) -> Finding {
    Finding::error(code_of(path), "every wheel has this file, and it is missing").at(path.as_str())
}

fn check_size(path: &EntryPath, size: u64, most: u64) -> Result<(), Finding> {
    if size <= most {
        return Ok(());
    }
    Err(Finding::error(code_of(path), format!("the file has {size} bytes; {most} are read at most")).at(path.as_str()))
}

fn code_of(path: &EntryPath) -> Code {
    match path.file_name() {
        "METADATA" => Code::Metadata,
        "WHEEL" => Code::WheelFile,
        "RECORD" => Code::Record,
        _ => Code::EntryPoint,
    }
}

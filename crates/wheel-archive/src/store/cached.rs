//! Manifests as files: a line that says what it is, a checksum, and postcard.

use std::io;
use std::path::Path;

use fs_err as fs;
use xxhash_rust::xxh3::xxh3_64;

use crate::Manifest;

const MAGIC: &[u8; 16] = b"layerpack wheel\n";
/// Bytes of a manifest file at most. One of 262,140 entries with long names fits.
const MAX_FILE: u64 = 256 << 20;

/// The manifest in a file; `None` when there is none that can be read, which is remade.
pub(super) fn read(path: &Path) -> io::Result<Option<Manifest>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_FILE => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    match fs::read(path) {
        Ok(bytes) => Ok(from_bytes(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn to_bytes(manifest: &Manifest) -> io::Result<Vec<u8>> {
    let payload = postcard::to_stdvec(manifest).map_err(io::Error::other)?;
    Ok([MAGIC.as_slice(), &xxh3_64(&payload).to_le_bytes(), &payload].concat())
}

fn from_bytes(bytes: &[u8]) -> Option<Manifest> {
    let (checksum, payload) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
    if u64::from_le_bytes(*checksum) != xxh3_64(payload) {
        return None;
    }
    postcard::from_bytes(payload).ok()
}

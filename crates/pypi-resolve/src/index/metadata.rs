//! What a wheel depends on, without fetching the wheel where that can be avoided.
//!
//! In this order: the cache, the store, METADATA beside the wheel (PEP 658), the whole of a small wheel, METADATA by
//! HTTP ranges, the whole wheel. Whatever came without a hash of its own is checked once the wheel is downloaded.

use url::Url;
use wheel_archive::{FileAt, Metadata, ReadAt, Sha256};
use wheel_tags::WheelFilename;

use super::download::{Tally, Wanted, local_path, remote_url, shown_text};
use super::http::Request;
use super::ranges::{Opened, RemoteWheel};
use super::url::shown;
use super::{FileKind, IndexError, IndexFile, MetadataFile, Shared};

/// Wheels up to this many bytes are fetched whole: that is no slower than two range requests, and they are needed soon.
const SMALL: u64 = 256 * 1024;
/// Longest METADATA file that is read, in bytes.
const LONGEST_METADATA: u64 = 16 * 1024 * 1024;

/// Under what the METADATA of a wheel is kept.
pub(super) fn key(sha256: Option<Sha256>, url: &str) -> String {
    sha256.unwrap_or_else(|| Sha256::of(url.as_bytes())).to_string()
}

impl Shared {
    /// The METADATA of a wheel, from wherever it is found first.
    pub(super) fn read_metadata(&self, file: &IndexFile) -> Result<Metadata, IndexError> {
        let FileKind::Wheel(filename) = &file.kind else {
            return Err(IndexError::answer(shown_text(&file.url), "it is no wheel, so its METADATA cannot be read"));
        };
        if file.url.starts_with("file:") {
            return local(&file.url, filename);
        }
        let key = key(file.sha256, &file.url);
        if let Some(metadata) = self.cache.metadata(&key).and_then(|bytes| Metadata::parse(&bytes).ok()) {
            return Ok(metadata);
        }
        let wanted = Wanted { filename: filename.clone(), url: file.url.clone(), sha256: file.sha256, size: file.size };
        let known = file.sha256.or_else(|| self.cache.digest(&file.url).filter(|_| self.settings.offline));
        if let Some(sha256) = &known
            && let Some(wheel) = self.stored(sha256, &wanted)?
        {
            return Ok(wheel.manifest.metadata);
        }
        let url = remote_url(&file.url)?;
        let beside = match &file.metadata {
            Some(sidecar) => self.beside(&url, sidecar, file.sha256)?,
            None => None,
        };
        let bytes = match beside {
            Some(bytes) => Some(bytes),
            None if file.size.is_some_and(|size| size <= SMALL) => None,
            None => self.by_ranges(&url, file, filename)?,
        };
        let Some(bytes) = bytes else { return Ok(self.wheel(&wanted, &())?.manifest.metadata) };
        let metadata = parsed(&bytes, &url, filename)?;
        self.cache.keep_metadata(&key, &bytes);
        Ok(metadata)
    }

    /// METADATA that the index serves beside the wheel; `None` where it does not after all.
    fn beside(
        &self,
        wheel: &Url,
        sidecar: &MetadataFile,
        wheel_sha256: Option<Sha256>,
    ) -> Result<Option<Vec<u8>>, IndexError> {
        // Some proxies announce the wheel's own hash here and serve no such file.
        if sidecar.sha256.is_some() && sidecar.sha256 == wheel_sha256 {
            return Ok(None);
        }
        let mut url = wheel.clone();
        url.set_path(&format!("{}.metadata", wheel.path()));
        let bytes = self.http.fetch(&url, &Request::default(), &mut |answer| match answer.status {
            200 => answer.bytes(LONGEST_METADATA).map(Some),
            // Storage that hides what is missing says 403.
            401 | 403 | 404 | 410 => Ok(None),
            _ => Err(answer.refusal().into()),
        })?;
        match (&bytes, sidecar.sha256) {
            (Some(bytes), Some(expected)) if Sha256::of(bytes) != expected => {
                Err(IndexError::HashMismatch { url: shown(&url), expected, got: Sha256::of(bytes) })
            }
            _ => Ok(bytes),
        }
    }

    /// METADATA by range requests; `None` where the server's ranges are of no use.
    fn by_ranges(&self, url: &Url, file: &IndexFile, filename: &WheelFilename) -> Result<Option<Vec<u8>>, IndexError> {
        // A server without ranges sends the whole wheel: of many runs one shall have it sent. Where nothing can be locked,
        // ranges are read all the same.
        let _lock = file.sha256.and_then(|sha256| self.store.lock(&sha256.to_string()).ok());
        if let Some(bytes) = self.cache.metadata(&key(file.sha256, &file.url)) {
            return Ok(Some(bytes));
        }
        if file.sha256.is_some_and(|sha256| self.store.wheel_path(&sha256).is_file()) {
            return Ok(None);
        }
        let tally = Tally::silent();
        let opened =
            RemoteWheel::open(&self.http, url, &mut |answer| self.receive_answer(answer, file.sha256.as_ref(), &tally));
        let remote = match opened {
            Ok(Opened::Ranges(remote)) => remote,
            Ok(Opened::Whole(sha256)) => {
                if file.sha256.is_none() {
                    // Nobody else knows yet that this wheel is in the store.
                    self.unpromised.get(&file.url, || Ok(sha256))?;
                    self.cache.keep_digest(&file.url, &sha256);
                }
                return Ok(None);
            }
            Err(error) => return fall_back(error),
        };
        // Without a promised hash a wheel may be replaced at any time: what is here now is what is taken.
        if let Some(bytes) = remote.everything() {
            let sha256 = self.keep_wheel(&bytes, file.sha256.as_ref(), &file.url)?;
            if file.sha256.is_none() {
                self.unpromised.get(&file.url, || Ok(sha256))?;
                self.cache.keep_digest(&file.url, &sha256);
                return Ok(None);
            }
        }
        match wheel_archive::read_metadata(&*remote, filename) {
            Ok(Ok(bytes)) => Ok(Some(bytes)),
            Ok(Err(findings)) => Err(IndexError::Malformed { url: shown(url), findings: findings.into() }),
            Err(error) => {
                fall_back(remote.failure().unwrap_or_else(|| IndexError::io("read a wheel by ranges", error)))
            }
        }
    }
}

/// Odd answers mean the whole wheel is fetched; a network that fails will not do better then.
fn fall_back(error: IndexError) -> Result<Option<Vec<u8>>, IndexError> {
    if let IndexError::Answer { .. } = error {
        tracing::debug!("ranges are given up: {error}");
        return Ok(None);
    }
    Err(error)
}

fn local(url: &str, filename: &WheelFilename) -> Result<Metadata, IndexError> {
    let read = |e| IndexError::io("read a local wheel", e);
    let file = FileAt::open(local_path(url)?).map_err(read)?;
    let source: &dyn ReadAt = &file;
    let bytes = wheel_archive::read_metadata(source, filename).map_err(read)?;
    let bytes = bytes.map_err(|findings| IndexError::Malformed { url: url.to_owned(), findings: findings.into() })?;
    let place = Url::parse(url).map_err(|e| IndexError::answer(url, e.to_string()))?;
    parsed(&bytes, &place, filename)
}

/// METADATA that is that of the wheel.
fn parsed(bytes: &[u8], url: &Url, filename: &WheelFilename) -> Result<Metadata, IndexError> {
    let metadata = Metadata::parse(bytes)
        .map_err(|e| IndexError::answer(shown(url), format!("its METADATA cannot be read: {e}")))?;
    if metadata.name != filename.name || metadata.version != filename.version {
        let why = format!("its METADATA is that of {} {}", metadata.name, metadata.version);
        return Err(IndexError::answer(shown(url), why));
    }
    Ok(metadata)
}

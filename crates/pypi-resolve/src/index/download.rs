//! Wheels into the store: side by side, hashed while they stream, each once even when several processes want it.

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::Digest;
use url::Url;
use wheel_archive::{Incoming, Inspection, Metadata, ReceiveError, Sha256, StoreLock, StoredWheel};
use wheel_tags::WheelFilename;

use super::http::{Answer, Failure, Request};
use super::url::shown;
use super::{FileKind, IndexError, IndexFile, Shared};

/// Wheels that are fetched at the same time.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(16).expect("above zero");
/// Bytes after which a wheel is given up: eight times what a layer may weigh unzipped.
pub(super) const LONGEST_WHEEL: u64 = 8 * 262_144_000;

/// A wheel to have in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its file name.
    pub filename: WheelFilename,
    /// Where it is: `https:`, `http:` or `file:`.
    pub url: String,
    /// Its sha256, where one was promised.
    pub sha256: Option<Sha256>,
    /// Its size in bytes, for the progress only.
    pub size: Option<u64>,
}

impl Wanted {
    /// The wheel that an index offers; `None` for files that are no wheel.
    #[must_use]
    pub fn from_file(file: &IndexFile) -> Option<Self> {
        let FileKind::Wheel(filename) = &file.kind else { return None };
        Some(Self { filename: filename.clone(), url: file.url.clone(), sha256: file.sha256, size: file.size })
    }
}

/// Who is told how far downloads are. Called from several threads.
pub trait Progress: Sync {
    /// Downloads begin: so many files are not in the store, of so many bytes where all sizes are known.
    fn begin(&self, files: usize, bytes: Option<u64>);
    /// So many more bytes came. Bytes that come again after a failure are not told again.
    fn advance(&self, bytes: u64);
    /// Downloads ended, with or without success.
    fn finish(&self);
}

/// Tells nobody.
impl Progress for () {
    fn begin(&self, _: usize, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

impl Shared {
    pub(super) fn download(&self, wanted: &[Wanted], progress: &dyn Progress) -> Result<Vec<StoredWheel>, IndexError> {
        // Reading manifests is work for the processor, downloading is waiting.
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let mut stored = side_by_side(wanted, self.settings.jobs.unwrap_or(cores), |wanted| self.in_store(wanted))?;
        let missing: Vec<(usize, &Wanted)> =
            stored.iter().zip(wanted).enumerate().filter(|(_, (s, _))| s.is_none()).map(|(i, (_, w))| (i, w)).collect();
        self.offline_has(&missing)?;
        if !missing.is_empty() {
            progress.begin(missing.len(), missing.iter().map(|(_, wanted)| wanted.size).sum());
            let at_once = self.settings.jobs.map_or(AT_ONCE, |jobs| jobs.min(AT_ONCE));
            let fetched = side_by_side(&missing, at_once, |(_, wanted)| self.wheel(wanted, progress));
            progress.finish();
            for ((at, _), wheel) in missing.iter().zip(fetched?) {
                if let Some(slot) = stored.get_mut(*at) {
                    *slot = Some(wheel);
                }
            }
        }
        let wheels: Vec<StoredWheel> = stored.into_iter().flatten().collect();
        for (wanted, wheel) in wanted.iter().zip(&wheels) {
            self.as_promised(wanted, &wheel.manifest.metadata)?;
        }
        Ok(wheels)
    }

    /// Offline, all wheels that would have to be fetched are named at once.
    fn offline_has(&self, missing: &[(usize, &Wanted)]) -> Result<(), IndexError> {
        let remote = missing.iter().map(|(_, wanted)| *wanted).filter(|wanted| !wanted.url.starts_with("file:"));
        let what = match remote.collect::<Vec<_>>().as_slice() {
            _ if !self.settings.offline => return Ok(()),
            [] => return Ok(()),
            [one] => shown_text(&one.url),
            several => several.iter().map(|wanted| wanted.filename.as_str()).collect::<Vec<_>>().join(", "),
        };
        Err(IndexError::NotCached { what })
    }

    /// The wheel from the store, without the network.
    fn in_store(&self, wanted: &Wanted) -> Result<Option<StoredWheel>, IndexError> {
        let sha256 = match wanted.sha256 {
            None if wanted.url.starts_with("file:") => Some(local_digest(&local_path(&wanted.url)?)?),
            None if self.settings.offline => self.cache.digest(&wanted.url),
            promised => promised,
        };
        sha256.map_or(Ok(None), |sha256| self.stored(&sha256, wanted))
    }

    /// The wheel from the store, fetched before where it is not there.
    pub(super) fn wheel(&self, wanted: &Wanted, progress: &dyn Progress) -> Result<StoredWheel, IndexError> {
        let sha256 = if let Some(sha256) = wanted.sha256 {
            let _lock = self.lock(&sha256)?;
            // Another process may have brought it while this one waited for the lock.
            if let Some(wheel) = self.stored(&sha256, wanted)? {
                return Ok(wheel);
            }
            self.receive(wanted, progress)?
        } else {
            // Without a promised hash only this run knows that the URL was fetched already.
            *self.unpromised.get(&wanted.url, || self.receive(wanted, progress))?
        };
        let gone = || IndexError::io("keep a wheel in the store", io::ErrorKind::NotFound.into());
        self.stored(&sha256, wanted)?.ok_or_else(gone)
    }

    /// One download of a wheel at a time, where the file system of the store has locks.
    fn lock(&self, sha256: &Sha256) -> Result<Option<StoreLock>, IndexError> {
        match self.store.lock(&sha256.to_string()) {
            Ok(lock) => Ok(Some(lock)),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(IndexError::io("write to the store", error)),
        }
    }

    /// A wheel of the store, inspected; `None` where it is not there.
    pub(super) fn stored(&self, sha256: &Sha256, wanted: &Wanted) -> Result<Option<StoredWheel>, IndexError> {
        match self.store.inspect(sha256, &wanted.filename) {
            Ok(Inspection::Sound(manifest)) => {
                Ok(Some(StoredWheel { path: self.store.wheel_path(sha256), manifest: *manifest }))
            }
            Ok(Inspection::Malformed(findings)) => {
                Err(IndexError::Malformed { url: shown_text(&wanted.url), findings: findings.into() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IndexError::io("read the store", error)),
        }
    }

    /// Streams a wheel into the store and gives its sha256.
    fn receive(&self, wanted: &Wanted, progress: &dyn Progress) -> Result<Sha256, IndexError> {
        if wanted.url.starts_with("file:") {
            return self.receive_local(wanted, progress);
        }
        let url = remote_url(&wanted.url)?;
        let tally = Tally { progress, told: AtomicU64::new(0) };
        let sha256 = self.http.fetch(&url, &Request::default().identity(), &mut |answer| {
            self.receive_answer(answer, wanted.sha256.as_ref(), &tally)
        })?;
        if wanted.sha256.is_none() {
            self.cache.keep_digest(&wanted.url, &sha256);
        }
        Ok(sha256)
    }

    /// Streams the answer with a whole wheel into the store.
    pub(super) fn receive_answer(
        &self,
        answer: Answer,
        expected: Option<&Sha256>,
        tally: &Tally<'_>,
    ) -> Result<Sha256, Failure> {
        if answer.status != 200 {
            return Err(answer.refusal().into());
        }
        let url = shown(&answer.url);
        let mut incoming = self.store.receive().map_err(|e| IndexError::io("write to the store", e))?;
        let mut come = 0;
        answer.read(LONGEST_WHEEL, &mut |piece| {
            come += piece.len() as u64;
            tally.reached(come);
            incoming.write_all(piece).map_err(|e| IndexError::io("write to the store", e))
        })?;
        Ok(finished(incoming, expected, url)?)
    }

    fn receive_local(&self, wanted: &Wanted, progress: &dyn Progress) -> Result<Sha256, IndexError> {
        let read = |e| IndexError::io("read a local wheel", e);
        let mut file = fs_err::File::open(local_path(&wanted.url)?).map_err(read)?;
        let mut incoming = self.store.receive().map_err(|e| IndexError::io("write to the store", e))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = file.read(&mut buffer).map_err(read)?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
            incoming.write_all(piece).map_err(|e| IndexError::io("write to the store", e))?;
            progress.advance(piece.len() as u64);
        }
        finished(incoming, wanted.sha256.as_ref(), wanted.url.clone())
    }

    /// Bytes of a wheel that are in memory already, into the store; gives their sha256.
    pub(super) fn keep_wheel(&self, bytes: &[u8], expected: Option<&Sha256>, url: &str) -> Result<Sha256, IndexError> {
        let write = |e| IndexError::io("write to the store", e);
        let mut incoming = self.store.receive().map_err(write)?;
        incoming.write_all(bytes).map_err(write)?;
        finished(incoming, expected, shown_text(url))
    }

    /// A wheel whose METADATA is not what the index said beside it was resolved from a lie.
    fn as_promised(&self, wanted: &Wanted, inside: &Metadata) -> Result<(), IndexError> {
        let key = super::metadata::key(wanted.sha256, &wanted.url);
        let Some(beside) = self.metadata.peek(&key) else { return Ok(()) };
        if *beside == *inside {
            return Ok(());
        }
        let url = shown_text(&wanted.url);
        if wanted.sha256.is_none() {
            // Nobody promised that the address keeps its file: what was read of it before counts no longer.
            self.cache.forget_metadata(&key);
            let why = "the file was replaced by another since its METADATA was read".to_owned();
            let help = Some("run the command again; #sha256=… behind the address makes sure of the file".to_owned());
            return Err(IndexError::Answer { url, why, help });
        }
        let why = "the METADATA in the wheel is not the one that the index serves beside it".to_owned();
        let help = Some("tell the index's owner; until then pin another version".to_owned());
        Err(IndexError::Answer { url, why, help })
    }
}

/// Counts the bytes of one wheel over all attempts.
pub(super) struct Tally<'p> {
    progress: &'p dyn Progress,
    told: AtomicU64,
}

impl Tally<'_> {
    /// Nobody is told.
    pub(super) fn silent() -> Self {
        Self { progress: &(), told: AtomicU64::new(0) }
    }

    fn reached(&self, come: u64) {
        let told = self.told.fetch_max(come, Ordering::Relaxed);
        if come > told {
            self.progress.advance(come - told);
        }
    }
}

fn finished(incoming: Incoming, expected: Option<&Sha256>, url: String) -> Result<Sha256, IndexError> {
    match incoming.finish(expected) {
        Ok((sha256, _)) => Ok(sha256),
        Err(ReceiveError::Mismatch { expected, got }) => Err(IndexError::HashMismatch { url, expected, got }),
        Err(ReceiveError::Io(error)) => Err(IndexError::io("write to the store", error)),
    }
}

/// Runs `work` on every item, so many at a time. After a failure no further item is begun. Items are begun
/// in order, so the first failure by order is the same in every run.
fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    at_once: NonZeroUsize,
    work: impl Fn(&I) -> Result<T, IndexError> + Sync,
) -> Result<Vec<T>, IndexError> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            let result = work(item);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..items.len().min(at_once.get()) {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The URL of a file to fetch.
pub(super) fn remote_url(text: &str) -> Result<Url, IndexError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    url.ok_or_else(|| IndexError::answer(shown_text(text), "it is no URL that can be fetched"))
}

/// The path of a `file:` URL.
pub(super) fn local_path(url: &str) -> Result<std::path::PathBuf, IndexError> {
    let path = Url::parse(url).ok().and_then(|url| url.to_file_path().ok());
    path.ok_or_else(|| IndexError::answer(url, "it is no path on this machine"))
}

/// A URL that may not even be one, as it may be shown.
pub(super) fn shown_text(text: &str) -> String {
    Url::parse(text).map_or_else(|_| super::names::harmless(text), |url| shown(&url))
}

/// The sha256 of a file on disk.
pub(super) fn local_digest(path: &Path) -> Result<Sha256, IndexError> {
    let read = |e| IndexError::io("read a local wheel", e);
    let mut file = fs_err::File::open(path).map_err(read)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(read)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
        hasher.update(piece);
    }
    Ok(Sha256::from_bytes(hasher.finalize().into()))
}

//! Pages and METADATA on disk, so that a warm run asks nobody.
//!
//! Pages are kept parsed, in `<cache>/pages-v1/<sha256 of the URL without credentials>.postcard`; METADATA as it came,
//! in `<cache>/metadata-v1/<sha256 of the wheel, or of its URL>`; the digest of a wheel for which none was promised, in
//! `<cache>/digests-v1/<sha256 of its URL>`. Every file begins with a checksum of the rest. What is damaged or cannot be
//! read is treated as not there and made again; what cannot be written is not cached, which slows the next run down and
//! does not fail this one.

use std::fmt;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer as _, Serialize};
use url::Url;
use wheel_archive::{FileAt, Sha256, TemporaryFile, mark_used, temporary_in_cache};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::IndexFile;
use super::page::Row;
use super::parts::{DIGESTS, METADATA, PAGES};
use super::url::forget_login;

/// How long a page is fresh where the server does not say: what the public index says of its pages.
const USUAL_AGE: Duration = Duration::from_mins(10);

pub(super) const CHECKSUM: usize = size_of::<u64>();

/// The cache of one index client.
pub(super) struct Cache {
    root: PathBuf,
    /// What is read is marked as used at this time.
    now: SystemTime,
}

/// What the server said about a page, besides the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// When the page was fetched or last confirmed, in seconds since 1970.
    pub(super) fetched: u64,
    /// For how many seconds it is fresh, as the server says.
    pub(super) max_age: Option<u64>,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// The index does not know the project: there is no page.
    pub(super) absent: bool,
}

/// A page in the cache, its rows not yet looked at.
pub(super) struct CachedPage {
    pub(super) head: Head,
    bytes: Vec<u8>,
    rows: usize,
}

impl CachedPage {
    /// The page in the bytes of a file.
    pub(super) fn of(bytes: Vec<u8>) -> Option<Self> {
        let (head, rows) = postcard::take_from_bytes::<Head>(bytes.get(CHECKSUM..)?).ok()?;
        let rows = bytes.len() - rows.len();
        Some(Self { head, bytes, rows })
    }

    /// Hands out one row after the other, since all of a large page at once take more room than its bytes. `None` where one
    /// cannot be read.
    pub(super) fn each_row<'p>(&'p self, take: impl FnMut(Row<'p>)) -> Option<()> {
        let mut rows = postcard::Deserializer::from_bytes(self.bytes.get(self.rows..)?);
        rows.deserialize_seq(EachRow(take)).ok()
    }
}

struct EachRow<F>(F);

impl<'p, F: FnMut(Row<'p>)> Visitor<'p> for EachRow<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the rows of a page")
    }

    fn visit_seq<A: SeqAccess<'p>>(mut self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element()? {
            (self.0)(row);
        }
        Ok(())
    }
}

impl Head {
    /// Whether the page can be used without asking. A page from the future, after a clock was set back, cannot.
    pub(super) fn is_fresh(&self, now: SystemTime) -> bool {
        let fetched = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.fetched));
        let age = fetched.and_then(|fetched| now.duration_since(fetched).ok());
        !self.absent && age.is_some_and(|age| age < self.max_age.map_or(USUAL_AGE, Duration::from_secs))
    }
}

/// Seconds since 1970; 0 before that.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// What Cache-Control says about a page (RFC 9111, 5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storing {
    Forbidden,
    /// For how many seconds it is fresh, where that is said.
    Allowed(Option<u64>),
}

pub(super) fn storing(cache_control: Option<&str>) -> Storing {
    let mut max_age = None;
    for directive in cache_control.unwrap_or_default().split(',') {
        let directive = directive.trim().to_ascii_lowercase();
        match directive.split_once('=').unwrap_or((&directive, "")) {
            ("no-store", _) => return Storing::Forbidden,
            ("no-cache", _) => max_age = Some(0),
            ("max-age", seconds) if max_age.is_none() => max_age = seconds.trim_matches('"').parse().ok(),
            _ => {}
        }
    }
    Storing::Allowed(max_age)
}

impl Cache {
    pub(super) fn new(root: &Path, now: SystemTime) -> Self {
        Self { root: root.to_owned(), now }
    }

    fn page_path(&self, url: &Url) -> PathBuf {
        let mut url = url.clone();
        forget_login(&mut url);
        let name = format!("{}{}", Sha256::of(url.as_str().as_bytes()), PAGES.extension);
        self.root.join(PAGES.folder()).join(name)
    }

    /// The page of this URL, however old.
    pub(super) fn page(&self, url: &Url) -> Option<CachedPage> {
        let bytes = self.read(&self.page_path(url))?;
        CachedPage::of(bytes)
    }

    pub(super) fn keep_page(&self, url: &Url, head: &Head, files: &[IndexFile]) {
        self.keep(url, head, |page| {
            // A list begins with its length.
            page.add(&files.len())?;
            for file in files {
                let (requires_python, uploaded) = (requires_python(file), file.upload_time.as_ref());
                let uploaded = uploaded.map(ToString::to_string);
                page.add(&file.row(requires_python.as_deref(), uploaded.as_deref()))?;
            }
            Ok(())
        });
    }

    /// Keeps a page that the server confirmed, under a new head. Its rows have been read.
    pub(super) fn confirm_page(&self, url: &Url, head: &Head, page: &CachedPage) {
        self.keep(url, head, |kept| {
            kept.flush()?;
            kept.write(page.bytes.get(page.rows..).unwrap_or_default())
        });
    }

    /// Keeps a page as it is handed on: the longest would take some megabytes at once, on each of many threads.
    fn keep(&self, url: &Url, head: &Head, rows: impl FnOnce(&mut Sealing) -> io::Result<()>) {
        let path = self.page_path(url);
        let kept = Sealing::new(&self.root).and_then(|mut page| {
            page.add(head)?;
            rows(&mut page)?;
            page.persist(&path)
        });
        if let Err(error) = kept {
            tracing::warn!("not cached: {error}");
        }
    }

    fn metadata_path(&self, key: &str) -> PathBuf {
        self.root.join(METADATA.folder()).join(key)
    }

    /// The METADATA kept under a key.
    pub(super) fn metadata(&self, key: &str) -> Option<Vec<u8>> {
        let mut bytes = self.read(&self.metadata_path(key))?;
        bytes.drain(..CHECKSUM.min(bytes.len()));
        Some(bytes)
    }

    /// Keeps METADATA: its headers, not the description below them.
    pub(super) fn keep_metadata(&self, key: &str, metadata: &[u8]) {
        let headers = headers(metadata);
        keep(&self.root, &self.metadata_path(key), headers);
    }

    /// Forgets METADATA that turned out to be out of date.
    pub(super) fn forget_metadata(&self, key: &str) {
        if let Err(error) = fs_err::remove_file(self.metadata_path(key)) {
            tracing::debug!("not forgotten: {error}");
        }
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let bytes = read_sealed(path)?;
        mark_used(path, self.now);
        Some(bytes)
    }

    fn digest_path(&self, url: &str) -> PathBuf {
        self.root.join(DIGESTS.folder()).join(Sha256::of(url.as_bytes()).to_string())
    }

    /// The sha256 that the wheel of this URL had when it was last fetched.
    pub(super) fn digest(&self, url: &str) -> Option<Sha256> {
        let bytes = self.read(&self.digest_path(url))?;
        bytes.get(CHECKSUM..)?.try_into().ok().map(Sha256::from_bytes)
    }

    pub(super) fn keep_digest(&self, url: &str, sha256: &Sha256) {
        keep(&self.root, &self.digest_path(url), sha256.as_bytes());
    }
}

/// Requires-Python as text again.
fn requires_python(file: &IndexFile) -> Option<String> {
    file.requires_python.as_ref().map(|requires| match &**requires {
        Ok(specifiers) => specifiers.to_string(),
        Err(text) => text.clone(),
    })
}

/// METADATA up to its first empty line.
fn headers(metadata: &[u8]) -> &[u8] {
    let mut at = 0;
    for line in metadata.split_inclusive(|b| *b == b'\n') {
        if line.iter().all(|b| matches!(b, b'\r' | b'\n')) {
            break;
        }
        at += line.len();
    }
    metadata.get(..at).unwrap_or(metadata)
}

/// The bytes of a file with its checksum still in front, when that is right.
fn read_sealed(path: &Path) -> Option<Vec<u8>> {
    let bytes = FileAt::read(path).ok()?;
    if is_sealed(&bytes) {
        return Some(bytes);
    }
    tracing::warn!("{} is damaged and is made again", path.display());
    None
}

/// Whether the checksum in front of a file's bytes is right.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    let split = bytes.split_first_chunk::<CHECKSUM>();
    split.is_some_and(|(checksum, rest)| u64::from_le_bytes(*checksum) == xxh3_64(rest))
}

/// Writes a file whose first bytes are kept free for the checksum.
fn keep(root: &Path, path: &Path, bytes: &[u8]) {
    let kept = Sealing::new(root).and_then(|mut file| {
        file.write(bytes)?;
        file.persist(path)
    });
    if let Err(error) = kept {
        tracing::warn!("not cached: {error}");
    }
}

/// Bytes that are written at once.
const PIECE: usize = 64 * 1024;

/// A file on its way: a temporary file of the cache, then a rename, with the checksum of what follows in front.
struct Sealing {
    file: TemporaryFile,
    checksum: Xxh3,
    buffer: Vec<u8>,
}

impl Sealing {
    fn new(root: &Path) -> io::Result<Self> {
        let mut file = temporary_in_cache(root)?;
        file.write_all(&[0; CHECKSUM])?;
        Ok(Self { file, checksum: Xxh3::new(), buffer: Vec::new() })
    }

    fn add(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.buffer = postcard::to_extend(value, std::mem::take(&mut self.buffer)).map_err(io::Error::other)?;
        if self.buffer.len() < PIECE {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.buffer);
        self.write(&piece)?;
        self.buffer = piece;
        self.buffer.clear();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.checksum.update(bytes);
        self.file.write_all(bytes)
    }

    fn persist(mut self, path: &Path) -> io::Result<()> {
        self.flush()?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.checksum.digest().to_le_bytes())?;
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        self.file.persist(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cache_control_says() {
        let cases = [
            (None, Storing::Allowed(None)),
            (Some("max-age=600, public"), Storing::Allowed(Some(600))),
            (Some("Public, Max-Age=\"60\""), Storing::Allowed(Some(60))),
            (Some("no-cache, max-age=600"), Storing::Allowed(Some(0))),
            (Some("max-age=600, no-store"), Storing::Forbidden),
            (Some("max-age=-1"), Storing::Allowed(None)),
        ];
        for (header, expected) in cases {
            assert_eq!(storing(header), expected, "{header:?}");
        }
    }

    #[test]
    fn freshness_is_judged_against_the_given_time() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let head = |max_age| Head { fetched: 1000, max_age, ..Head::default() };
        assert!(head(None).is_fresh(at(1599)) && !head(None).is_fresh(at(1600)));
        assert!(head(Some(10)).is_fresh(at(1009)) && !head(Some(0)).is_fresh(at(1000)));
        assert!(!head(None).is_fresh(at(999)), "a page from the future");
        assert!(!head(Some(u64::MAX)).is_fresh(at(5)));
    }

    #[test]
    fn only_headers_of_metadata_are_kept() {
        assert_eq!(headers(b"Name: x\r\nVersion: 1\r\n\r\nDescription"), b"Name: x\r\nVersion: 1\r\n");
        assert_eq!(headers(b"Name: x"), b"Name: x");
        assert_eq!(headers(b""), b"");
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path(), SystemTime::UNIX_EPOCH);
        cache.keep_metadata("key", b"Name: x\n");
        assert_eq!(cache.metadata("key").as_deref(), Some(&b"Name: x\n"[..]));
        let path = cache.metadata_path("key");
        let good = fs_err::read(&path).expect("kept");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs_err::write(&path, &bad).expect("written");
            assert_eq!(cache.metadata("key"), None, "byte {at}");
            fs_err::write(&path, good.get(..at).unwrap_or_default()).expect("written");
            assert_eq!(cache.metadata("key"), None, "cut at {at}");
        }
    }
}

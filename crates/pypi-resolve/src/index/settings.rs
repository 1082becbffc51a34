//! Which indexes are asked and how, as the command decided it from flags, environment and configuration.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::{Duration, SystemTime};

use super::netrc::Netrc;
use super::trusted::TrustedHost;
use super::url::{FindLinks, IndexUrl};

/// The index that is asked where nobody names one.
pub const DEFAULT_INDEX: &str = "https://pypi.org/simple/";

/// How indexes are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The indexes, in the order of asking: the first that knows a project serves it.
    pub indexes: Vec<IndexUrl>,
    /// Indexes that are asked only for packages that are pinned to one of them.
    pub explicit: Vec<IndexUrl>,
    /// What happens where several indexes know a project.
    pub strategy: IndexStrategy,
    /// Places whose files join whichever index won.
    pub find_links: Vec<FindLinks>,
    /// Asks no index, only `find_links`.
    pub no_index: bool,
    /// Opens no socket: pages and metadata come from the cache at any age.
    pub offline: bool,
    /// Where pages and metadata are cached; nothing is created before something is cached.
    pub cache_dir: PathBuf,
    /// Asks for every page again, whatever its age.
    pub refresh: bool,
    /// The time against which the age of cached pages is judged.
    pub now: SystemTime,
    /// Certificates (PEM) of authorities to trust besides the system's: a file, or a folder of files.
    pub cert: Option<PathBuf>,
    /// The same in the system's place, as `SSL_CERT_FILE` and `SSL_CERT_DIR` name them.
    pub system_certs: Vec<PathBuf>,
    /// A PEM file with a client certificate and its key.
    pub client_cert: Option<PathBuf>,
    /// Hosts whose certificates are not checked.
    pub trusted_hosts: Vec<TrustedHost>,
    /// Credentials by host.
    pub netrc: Option<Netrc>,
    /// The `keyring` program, where it may be asked for credentials.
    pub keyring: Option<PathBuf>,
    /// The proxy for every request, a URL, or an empty text for none; `None`: what the environment and the system say.
    pub proxy: Option<ProxyUrl>,
    /// How long a server may stay silent: until its answer begins, and between two reads of its body.
    pub timeout: Duration,
    /// Requests at once, and threads that read what is stored, at most; `None`: as many as serve waiting on the network.
    pub jobs: Option<NonZeroUsize>,
    /// How failures that may pass are tried again.
    pub retries: Retries,
    /// How much of a page is read.
    pub page_limits: PageLimits,
    /// Addresses that requirements name directly, for the credentials in them.
    pub logins: Vec<IndexUrl>,
}

impl Settings {
    /// The default index, caching in `cache_dir`, judging ages against `now`.
    #[must_use]
    pub fn new(cache_dir: PathBuf, now: SystemTime) -> Self {
        Self {
            indexes: IndexUrl::from_str(DEFAULT_INDEX).into_iter().collect(),
            explicit: Vec::new(),
            strategy: IndexStrategy::default(),
            find_links: Vec::new(),
            no_index: false,
            offline: false,
            cache_dir,
            refresh: false,
            now,
            cert: None,
            system_certs: Vec::new(),
            client_cert: None,
            trusted_hosts: Vec::new(),
            netrc: None,
            keyring: None,
            proxy: None,
            timeout: Duration::from_secs(30),
            jobs: None,
            retries: Retries::default(),
            page_limits: PageLimits::default(),
            logins: Vec::new(),
        }
    }
}

/// What happens where several indexes know a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndexStrategy {
    /// The first that knows it serves it, alone: nobody can put a newer version of a private package on a public index.
    #[default]
    FirstIndex,
    /// All are asked; a version of an earlier index is taken before every version of a later one.
    UnsafeFirstMatch,
    /// All are asked, and the best version wins, wherever it is, as pip has it.
    UnsafeBestMatch,
}

/// The URL of a proxy, which may hold a password: not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(String);

impl ProxyUrl {
    /// A URL, or an empty text for no proxy.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "ProxyUrl(none)" } else { "ProxyUrl(…)" })
    }
}

/// How long a page may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// Bytes, after decoding.
    pub bytes: u64,
    /// Files that it lists.
    pub files: usize,
}

/// Longest page that is read, in bytes after decoding; the longest of the public index have about 30 MB.
const LONGEST_PAGE: u64 = 128 * 1024 * 1024;
/// Files of one page: each is kept. The longest pages of the public index have some 30,000.
const MOST_FILES: usize = 250_000;

impl Default for PageLimits {
    fn default() -> Self {
        Self { bytes: LONGEST_PAGE, files: MOST_FILES }
    }
}

/// How often and how patiently a request is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Attempts after the first.
    pub again: u32,
    /// The wait before the second attempt; it doubles from attempt to attempt.
    pub first_wait: Duration,
    /// No wait is longer, whatever the server asks for.
    pub longest_wait: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { again: 4, first_wait: Duration::from_millis(300), longest_wait: Duration::from_secs(20) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let mut settings = Settings::new(PathBuf::new(), SystemTime::UNIX_EPOCH);
        settings.proxy = Some(ProxyUrl::new("http://me:s3cret@proxy.example"));
        settings.netrc = Netrc::parse("machine h login me password s3cret").ok();
        settings.explicit =
            IndexUrl::from_str("https://h/").into_iter().map(|i| i.with_login(None, Some("s3cret"))).collect();
        let shown = format!("{settings:?}");
        assert!(shown.contains("https://h/") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn the_default_index() {
        let settings = Settings::new(PathBuf::new(), SystemTime::UNIX_EPOCH);
        assert!(settings.indexes.iter().all(IndexUrl::is_default) && settings.indexes.len() == 1);
    }
}

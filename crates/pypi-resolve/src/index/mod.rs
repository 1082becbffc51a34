//! Package indexes: which files a project has, what their METADATA says, and their bytes in the store.
//!
//! This is the only network code of the workspace. Pages come as JSON (PEP 691, PEP 700) or HTML (PEP 503), METADATA
//! as a file of its own (PEP 658), by HTTP ranges or from the whole wheel, and wheels are hashed while they stream.
//! No credentials appear in any message, log line, cache file name or value that leaves this module.
//!
//! Which version is taken is decided in `resolve`; which wheel loads where is `lambda-compat`'s judgement.

mod auth;
mod cache;
mod client;
mod code_artifact;
mod direct;
mod download;
mod find_links;
mod gate;
mod handshake;
mod http;
mod keyring;
mod metadata;
mod names;
mod netrc;
mod page;
mod parts;
mod pool;
mod project;
mod ranges;
mod refusal;
mod roots;
mod settings;
mod simple_html;
mod simple_json;
mod source_archive;
mod trusted;
mod types;
mod upload_time;
mod url;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use wheel_archive::{Metadata, Sha256, Store, StoredWheel};
use wheel_tags::DistName;

pub use direct::DirectUrl;
pub use download::{Progress, Wanted};
pub use netrc::{Netrc, NetrcError};
pub use page::read_page;
pub use parts::cache_parts;
pub use settings::{DEFAULT_INDEX, IndexStrategy, PageLimits, ProxyUrl, Retries, Settings};
pub use trusted::{NotAHost, TrustedHost};
pub use types::{FileKind, IndexError, IndexFile, MetadataFile, Project, Source};
pub use upload_time::UploadTime;
pub use url::{Authenticate, FindLinks, IndexUrl, InvalidIndexUrl};

use cache::Cache;
use find_links::Linked;
use gate::Gate;
use http::Http;
use pool::{OnceMap, Pool};

/// The indexes of one run. Every page and every METADATA is fetched once, however many ask for it.
pub struct Index {
    shared: Arc<Shared>,
    pool: Pool,
}

/// What the threads of the pool use too.
struct Shared {
    settings: Settings,
    http: Http,
    cache: Cache,
    store: Store,
    /// By name, and by the index that the project is pinned to.
    projects: OnceMap<(DistName, Option<String>), Project>,
    /// By [`metadata::key`].
    metadata: OnceMap<String, Metadata>,
    /// The sha256 of wheels that came without a promised one, by URL.
    unpromised: OnceMap<String, Sha256>,
    linked: OnceLock<Result<Linked, IndexError>>,
}

impl Index {
    /// The indexes that the settings name. Opens no socket and touches no file before something is asked for.
    #[must_use]
    pub fn new(settings: Settings, store: Store) -> Self {
        let gate = Arc::new(Gate::new(settings.jobs));
        Self::behind(gate, settings, store)
    }

    /// The same beside indexes that somebody else asks: [`Settings::jobs`] of those holds for the requests of all of them
    /// together.
    #[must_use]
    pub fn beside(others: &Self, settings: Settings, store: Store) -> Self {
        Self::behind(Arc::clone(&others.shared.http.gate), settings, store)
    }

    fn behind(gate: Arc<Gate>, settings: Settings, store: Store) -> Self {
        let pool = Pool::new(settings.jobs);
        let shared = Shared {
            http: Http::new(&settings, gate),
            cache: Cache::new(&settings.cache_dir, settings.now),
            settings,
            store,
            projects: OnceMap::new(),
            metadata: OnceMap::new(),
            unpromised: OnceMap::new(),
            linked: OnceLock::new(),
        };
        Self { shared: Arc::new(shared), pool }
    }

    /// The files of a project: those of the first index that knows it (or what the strategy says), and those of every
    /// `--find-links`.
    ///
    /// # Errors
    /// [`IndexError::UnknownProject`] where nobody knows it; else why an index could not be asked or understood.
    pub fn files(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        self.shared.project(name, None)
    }

    /// The files of a project that is pinned to an index: no other is asked, `--find-links` count all the same. With
    /// `no_index` they alone do.
    ///
    /// # Errors
    /// As [`Self::files`].
    pub fn files_from(&self, name: &DistName, index: &IndexUrl) -> Result<Arc<Project>, IndexError> {
        self.shared.project(name, Some(index))
    }

    /// The core metadata of a wheel: the file beside it (PEP 658), else by ranges, else from the whole wheel.
    ///
    /// # Errors
    /// Why it could not be fetched or understood.
    pub fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.shared.metadata(file)
    }

    /// A text at an address: at most so many bytes, fetched anew each time, with the credentials of the address.
    ///
    /// # Errors
    /// Why it could not be fetched; [`IndexError::NotCached`] when offline.
    pub fn text(&self, url: &DirectUrl, limit: u64) -> Result<Vec<u8>, IndexError> {
        self.shared.text(url, limit)
    }

    /// A source archive into a file, hashed while it streams; gives its sha256.
    ///
    /// # Errors
    /// Why it could not be fetched or written; [`IndexError::HashMismatch`] where it is not the one expected.
    pub fn source_archive(&self, url: &str, expected: Option<&Sha256>, into: &Path) -> Result<Sha256, IndexError> {
        self.shared.source_archive(url, expected, into)
    }

    /// Fetches the page ahead, on a thread of its own. Its error, if any, is kept for whoever asks.
    pub fn prefetch(&self, name: &DistName) {
        self.prefetch_page(name, None);
    }

    /// The same for a project that is pinned to an index.
    pub fn prefetch_from(&self, name: &DistName, index: &IndexUrl) {
        self.prefetch_page(name, Some(index));
    }

    fn prefetch_page(&self, name: &DistName, pinned: Option<&IndexUrl>) {
        if !self.shared.projects.has(&page_key(name, pinned)) {
            let (shared, name, pinned) = (Arc::clone(&self.shared), name.clone(), pinned.cloned());
            self.pool.submit(move || drop(shared.project(&name, pinned.as_ref())));
        }
    }

    /// Fetches METADATA ahead, on a thread of its own. Its error, if any, is kept for whoever asks.
    pub fn prefetch_metadata(&self, file: &IndexFile) {
        if !self.shared.metadata.has(&metadata::key(file.sha256, &file.url)) {
            let (shared, file) = (Arc::clone(&self.shared), file.clone());
            self.pool.submit(move || drop(shared.metadata(&file)));
        }
    }

    /// The wheels, in the store and inspected, in the order they are named. They come side by side; each is hashed
    /// while it streams. `progress` hears of those that were not in the store.
    ///
    /// # Errors
    /// The first failure in the order of `wanted`: the network, a wrong hash, a malformed wheel, METADATA other than
    /// what was resolved from, or a store that cannot be written.
    pub fn download(&self, wanted: &[Wanted], progress: &dyn Progress) -> Result<Vec<StoredWheel>, IndexError> {
        self.shared.download(wanted, progress)
    }
}

impl Shared {
    fn project(&self, name: &DistName, pinned: Option<&IndexUrl>) -> Result<Arc<Project>, IndexError> {
        self.projects.get(&page_key(name, pinned), || self.read_project(name, pinned))
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.metadata.get(&metadata::key(file.sha256, &file.url), || self.read_metadata(file))
    }

    fn text(&self, url: &DirectUrl, limit: u64) -> Result<Vec<u8>, IndexError> {
        let own = url.login().map(|login| {
            let logins = vec![login.clone()];
            Http::new(&Settings { logins, ..self.settings.clone() }, Arc::clone(&self.http.gate))
        });
        let http = own.as_ref().unwrap_or(&self.http);
        http.fetch(url.url(), &http::Request::default(), &mut |answer| match answer.status {
            200 => answer.bytes(limit),
            _ => Err(answer.refusal().into()),
        })
    }
}

fn page_key(name: &DistName, pinned: Option<&IndexUrl>) -> (DistName, Option<String>) {
    (name.clone(), pinned.map(|index| index.plain().to_owned()))
}

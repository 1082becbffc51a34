//! A package index on loopback: pages (PEP 503, 691, 700), files, metadata files (PEP 658), ranges and validators, and
//! the ways in which real ones misbehave.
//!
//! How a request is answered is in `answer`, what a page looks like in `page`; connections are in `http`.

mod answer;
mod page;
#[cfg(test)]
mod tests;

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use data_encoding::HEXLOWER;
use flate2::{Compression, GzBuilder};
use rustls::ServerConfig;
use sha2::{Digest as _, Sha256};

use crate::{
    http::{Request, Response, Server},
    tls::Tls,
    wheel::{WheelBuilder, normalised},
};

/// Which of the two page formats is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFormat {
    /// JSON for a client that accepts it, else HTML.
    Negotiated,
    /// Always JSON (PEP 691).
    Json,
    /// Always HTML (PEP 503).
    Html,
}

/// What the index does with a request instead of answering it rightly.
#[derive(Clone)]
pub enum Fault {
    /// Nothing: the right answer, in a sequence of wrong ones.
    Pass,
    /// This status and an empty body.
    Status(u16),
    /// This status with a `Retry-After`, in seconds or as a date.
    RetryAfter(u16, String),
    /// The right headers, this many bytes of the body, and a reset connection.
    Reset(usize),
    /// The right headers, this many bytes of the body, and the end of the connection.
    Short(usize),
    /// A partial answer whose `Content-Range` says that it starts one byte later than it does.
    WrongRange,
    /// The whole file with 200, whatever range was asked for.
    IgnoreRange,
    /// The body in pieces of this many bytes with a pause after each.
    Slow(usize, Duration),
    /// The body with chunked transfer coding, in pieces of this many bytes.
    Chunked(usize),
    /// 302 to this URL.
    Redirect(String),
    /// The body with `Content-Encoding: gzip`, asked for or not.
    Gzip,
    /// The body again and again, without end.
    Endless,
    /// Whatever this makes of the request.
    Answer(Arc<dyn Fn(&Request) -> Response + Send + Sync>),
}

/// A file as its page describes it. The claims are right when it is added; a test may change each.
#[derive(Clone, Debug)]
pub struct IndexFile {
    /// The project's normalised name.
    pub project: String,
    /// The file's name.
    pub filename: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Where the page says the file is; `None`: where it is.
    pub url: Option<String>,
    /// Hashes on the page, by algorithm, in hex.
    pub hashes: BTreeMap<String, String>,
    /// Size on the page, in bytes (JSON only).
    pub size: Option<u64>,
    /// `Requires-Python` on the page.
    pub requires_python: Option<String>,
    /// Why the file is yanked, perhaps an empty reason; `None`: it is not.
    pub yanked: Option<String>,
    /// When it was uploaded, RFC 3339 (JSON only).
    pub upload_time: Option<String>,
    /// The metadata file served beside it; `None`: the page names none.
    pub metadata: Option<Vec<u8>>,
    /// The metadata file's sha256 on the page, in hex; `None`: the page says only that there is one.
    pub metadata_sha256: Option<String>,
}

#[derive(Clone, Default)]
struct Faults {
    next: VecDeque<Fault>,
    always: Option<Fault>,
}

/// Describes an index; [`FakeIndexBuilder::start`] serves it.
#[derive(Clone)]
pub struct FakeIndexBuilder {
    projects: BTreeSet<String>,
    files: Vec<IndexFile>,
    page_format: PageFormat,
    metadata_files: bool,
    ranges: bool,
    etags: bool,
    cache_control: Option<String>,
    credentials: Option<String>,
    faults: BTreeMap<String, Faults>,
}

impl FakeIndexBuilder {
    /// Adds a wheel under its project's name, with hash, size, `Requires-Python` and metadata file.
    #[must_use]
    pub fn wheel(self, wheel: impl Borrow<WheelBuilder>) -> Self {
        let wheel = wheel.borrow();
        let filename = wheel.filename();
        let added = self.file(wheel.name(), &filename, wheel.build());
        let metadata = wheel.metadata();
        added.edit(&filename, |file| {
            file.requires_python = wheel.python_specifiers().map(ToOwned::to_owned);
            file.metadata_sha256 = Some(sha256(&metadata));
            file.metadata = Some(metadata);
        })
    }

    /// Adds a source distribution, `foo-1.0.tar.gz`, that holds nothing.
    #[must_use]
    pub fn sdist(self, project: &str, version: &str) -> Self {
        let filename = format!("{}-{version}.tar.gz", normalised(project).replace('-', "_"));
        self.file(project, &filename, gzip(&[0; 1024]))
    }

    /// Adds a file of any name.
    #[must_use]
    pub fn file(mut self, project: &str, filename: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        self = self.project(project);
        self.files.push(IndexFile {
            project: normalised(project),
            filename: filename.to_owned(),
            url: None,
            hashes: BTreeMap::from([("sha256".to_owned(), sha256(&bytes))]),
            size: Some(bytes.len() as u64),
            bytes,
            requires_python: None,
            yanked: None,
            upload_time: None,
            metadata: None,
            metadata_sha256: None,
        });
        self
    }

    /// Adds a project without files.
    #[must_use]
    pub fn project(mut self, project: &str) -> Self {
        self.projects.insert(normalised(project));
        self
    }

    /// Changes what the index holds and claims of a file that was added before.
    #[must_use]
    pub fn edit(mut self, filename: &str, change: impl FnOnce(&mut IndexFile)) -> Self {
        let file = self.files.iter_mut().find(|file| file.filename == filename);
        change(file.expect("edit() names a file that was added before"));
        self
    }

    /// Takes a file away again.
    #[must_use]
    pub fn remove(mut self, filename: &str) -> Self {
        self.files.retain(|file| file.filename != filename);
        self
    }

    /// Marks a file as yanked (PEP 592).
    #[must_use]
    pub fn yanked(self, filename: &str, reason: &str) -> Self {
        self.edit(filename, |file| file.yanked = Some(reason.to_owned()))
    }

    /// Puts no hash of a file on the page.
    #[must_use]
    pub fn without_hash(self, filename: &str) -> Self {
        self.edit(filename, |file| file.hashes.clear())
    }

    /// What the page says of a file's `Requires-Python`.
    #[must_use]
    pub fn requires_python(self, filename: &str, specifiers: &str) -> Self {
        self.edit(filename, |file| file.requires_python = Some(specifiers.to_owned()))
    }

    /// When the page says a file was uploaded, RFC 3339.
    #[must_use]
    pub fn upload_time(self, filename: &str, time: &str) -> Self {
        self.edit(filename, |file| file.upload_time = Some(time.to_owned()))
    }

    /// Which page format is served; negotiated by default.
    #[must_use]
    pub fn page_format(mut self, format: PageFormat) -> Self {
        self.page_format = format;
        self
    }

    /// Serves no metadata files and names none (no PEP 658).
    #[must_use]
    pub fn without_metadata_files(mut self) -> Self {
        self.metadata_files = false;
        self
    }

    /// Answers every range request with the whole file.
    #[must_use]
    pub fn without_ranges(mut self) -> Self {
        self.ranges = false;
        self
    }

    /// Sends no `ETag`.
    #[must_use]
    pub fn without_etags(mut self) -> Self {
        self.etags = false;
        self
    }

    /// The `Cache-Control` of every page, for example `max-age=600`.
    #[must_use]
    pub fn cache_control(mut self, value: &str) -> Self {
        self.cache_control = Some(value.to_owned());
        self
    }

    /// Refuses every request without these credentials (401).
    #[must_use]
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        self.credentials = Some(format!("{user}:{password}"));
        self
    }

    /// Misbehaves once, after the faults already set for this place: a path, or the name of a file.
    #[must_use]
    pub fn fault(mut self, place: &str, fault: Fault) -> Self {
        self.faults_of(place).next.push_back(fault);
        self
    }

    /// Misbehaves whenever no single fault is left for this place: a path, or the name of a file.
    #[must_use]
    pub fn always(mut self, place: &str, fault: Fault) -> Self {
        self.faults_of(place).always = Some(fault);
        self
    }

    /// Answers every request for a path in its own way.
    #[must_use]
    pub fn answer(self, place: &str, answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        self.always(place, Fault::Answer(Arc::new(answer)))
    }

    /// Serves the index on a free port of 127.0.0.1 until the result is dropped.
    #[must_use]
    pub fn start(self) -> FakeIndex {
        self.serve("http", None)
    }

    /// The same over TLS: every URL begins with `https`.
    #[must_use]
    pub fn start_tls(self, tls: &Tls) -> FakeIndex {
        self.serve("https", Some(tls.config()))
    }

    fn serve(self, scheme: &'static str, tls: Option<Arc<ServerConfig>>) -> FakeIndex {
        let state = Arc::new(Mutex::new(self));
        let server = Server::start(tls, {
            let state = Arc::clone(&state);
            move |request| answer::respond(&state, request)
        });
        FakeIndex { scheme, server, state }
    }

    fn faults_of(&mut self, place: &str) -> &mut Faults {
        let path = if place.starts_with('/') { place.to_owned() } else { page::file_path(place) };
        self.faults.entry(path).or_default()
    }

    fn next_fault(&mut self, path: &str) -> Fault {
        let Some(faults) = self.faults.get_mut(path) else { return Fault::Pass };
        faults.next.pop_front().or_else(|| faults.always.clone()).unwrap_or(Fault::Pass)
    }
}

/// A running index; it stops when dropped.
pub struct FakeIndex {
    scheme: &'static str,
    server: Server,
    state: Arc<Mutex<FakeIndexBuilder>>,
}

impl FakeIndex {
    /// An index without projects, to be described before it is started.
    #[must_use]
    pub fn builder() -> FakeIndexBuilder {
        FakeIndexBuilder {
            projects: BTreeSet::new(),
            files: Vec::new(),
            page_format: PageFormat::Negotiated,
            metadata_files: true,
            ranges: true,
            etags: true,
            cache_control: None,
            credentials: None,
            faults: BTreeMap::new(),
        }
    }

    /// An empty index, running; [`FakeIndex::change`] fills it.
    #[must_use]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// The index URL, `http://127.0.0.1:PORT/simple/`, or `https://…` with TLS.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("/simple/")
    }

    /// The index URL with credentials in it.
    #[must_use]
    pub fn url_with_credentials(&self, user: &str, password: &str) -> String {
        format!("{}://{user}:{password}@{}/simple/", self.scheme, self.server.address())
    }

    /// The URL of a place: a path, or the name of a file.
    #[must_use]
    pub fn url_of(&self, place: &str) -> String {
        let path = if place.starts_with('/') { place.to_owned() } else { page::file_path(place) };
        format!("{}://{}{path}", self.scheme, self.server.address())
    }

    /// Changes the index while it runs, as an upload would.
    pub fn change(&self, change: impl FnOnce(FakeIndexBuilder) -> FakeIndexBuilder) {
        let mut state = lock(&self.state);
        *state = change(state.clone());
    }

    /// The requests seen so far, in the order of their arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// The requests seen so far as sorted lines, `GET /simple/foo/`: what to compare when they come in parallel.
    #[must_use]
    pub fn request_lines(&self) -> Vec<String> {
        let requests = self.requests();
        let mut lines: Vec<_> = requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect();
        lines.sort();
        lines
    }

    /// Starts the list of requests anew.
    pub fn forget_requests(&self) {
        self.server.forget_requests();
    }
}

fn lock(state: &Mutex<FakeIndexBuilder>) -> MutexGuard<'_, FakeIndexBuilder> {
    state.lock().expect("no test panicked while it changed the index")
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

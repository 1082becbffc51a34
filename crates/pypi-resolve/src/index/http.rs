//! HTTP: one client built at the first request, retries, redirects and what may be sent along.
//!
//! Redirects are followed here and not by the client: each hop is judged (no `https` to `http`), gets only the
//! credentials of its own origin, and the body of a redirect is never read.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::header::{self, HeaderMap, HeaderName};
use url::Url;

use super::auth::{Credentials, Given, Sent};
use super::client::{self, CONNECT_TIMEOUT};
use super::gate::Gate;
use super::settings::{Retries, Settings};
use super::url::{IndexUrl, forget_login, shown};
use super::{IndexError, handshake, refusal};

/// As many as browsers and pip's requests follow within reason; a loop has no end.
const MOST_REDIRECTS: usize = 10;
/// Bytes per second that a body must bring on average once the timeout has passed: a server that sends a byte now and then
/// could hold a run for ever, since no single wait is long.
const SLOWEST: u64 = 1024;
/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// The client of one run.
pub(super) struct Http {
    settings: Settings,
    credentials: Credentials,
    pub(super) gate: Arc<Gate>,
    client: OnceLock<Result<Client, IndexError>>,
    /// For the hosts whose certificates are not checked.
    unchecked: OnceLock<Result<Client, IndexError>>,
}

/// What is asked for, besides the URL.
#[derive(Default)]
pub(super) struct Request {
    headers: HeaderMap,
}

impl Request {
    pub(super) fn accept(mut self, media: &'static str) -> Self {
        self.headers.insert(header::ACCEPT, header::HeaderValue::from_static(media));
        self
    }

    /// Asks for the bytes as they are stored: a decoded wheel has another hash, a decoded range is no range.
    pub(super) fn identity(mut self) -> Self {
        self.headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
        self
    }

    /// Adds a header whose value comes from a server or a cache; one that is no header value is left out.
    pub(super) fn with(mut self, name: HeaderName, value: Option<&str>) -> Self {
        if let Some(value) = value.and_then(|v| v.parse().ok()) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// Why an attempt failed.
pub(super) enum Failure {
    /// It may pass: tried again, not before `wait` where the server says so.
    Passing { why: String, wait: Option<Duration> },
    /// It stays.
    Final(IndexError),
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::Final(error)
    }
}

/// An answer whose body has not been read. Its status is neither a redirect nor one that is tried again.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where it came from, after redirects.
    pub(super) url: Url,
    /// Where the credentials came from that were sent to there.
    sent: Option<Given>,
    /// Whether `keyring` may be asked.
    keyring: bool,
    /// How long its body may come as slowly as it likes.
    patience: Duration,
    response: Response,
}

impl Http {
    pub(super) fn new(settings: &Settings, gate: Arc<Gate>) -> Self {
        Self {
            credentials: Credentials::of(settings),
            gate,
            settings: settings.clone(),
            client: OnceLock::new(),
            unchecked: OnceLock::new(),
        }
    }

    /// Takes in an index that the settings do not name, with its credentials.
    pub(super) fn learn(&self, index: &IndexUrl) {
        self.credentials.learn(index);
    }

    /// Sends a request and lets `read` take the answer; failures that may pass, also in `read`, start over. `read` must
    /// not send another.
    pub(super) fn fetch<T>(
        &self,
        url: &Url,
        request: &Request,
        read: &mut dyn FnMut(Answer) -> Result<T, Failure>,
    ) -> Result<T, IndexError> {
        if self.settings.offline {
            return Err(IndexError::NotCached { what: shown(url) });
        }
        let Retries { again, first_wait, longest_wait } = self.settings.retries;
        let mut pause = first_wait;
        let mut attempt = 0;
        loop {
            let inside = self.gate.enter();
            let outcome = self.once(url, request).and_then(&mut *read);
            drop(inside);
            let (why, asked) = match outcome {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing { why, wait }) => (why, wait),
            };
            attempt += 1;
            let too_long = asked.filter(|asked| *asked > longest_wait);
            if attempt > again {
                return Err(given_up(url, &why, attempt, too_long.map(|asked| (asked, longest_wait))));
            }
            let wait = asked.unwrap_or(pause).min(longest_wait);
            let url = shown(url);
            if let Some(asked) = too_long {
                tracing::warn!("{url}: {why}; the server asks to wait {asked:?}, trying again after {wait:?}");
            } else {
                tracing::warn!("{url}: {why}; trying again after {wait:?} ({attempt} of {again})");
            }
            thread::sleep(wait);
            pause = pause.saturating_mul(2);
        }
    }

    fn once(&self, url: &Url, request: &Request) -> Result<Answer, Failure> {
        let mut url = url.clone();
        let mut redirected = false;
        for _ in 0..=MOST_REDIRECTS {
            let mut sent = self.credentials.for_request(&url, redirected);
            let mut response = self.send(&url, request, sent.as_ref())?;
            let refused = matches!(response.status().as_u16(), 401 | 403);
            let others = || self.credentials.after_refusal(&url, sent.as_ref().map(|sent| sent.from));
            if let Some(other) = refused.then(others).flatten() {
                response = self.send(&url, request, Some(&other))?;
                sent = Some(other);
            }
            let status = response.status().as_u16();
            match status {
                301 | 302 | 303 | 307 | 308 => {
                    let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
                    let next = next_hop(&url, location)?;
                    redirected |= next.origin() != url.origin();
                    url = next;
                }
                408 | 429 | 500 | 502..=504 | 506..=599 => {
                    let why = format!("HTTP {}", response.status());
                    return Err(Failure::Passing { why, wait: retry_after(&response) });
                }
                _ => {
                    let (sent, keyring) = (sent.map(|sent| sent.from), self.credentials.has_keyring());
                    let patience = self.settings.timeout;
                    return Ok(Answer { status, url, sent, keyring, patience, response });
                }
            }
        }
        Err(IndexError::answer(shown(&url), format!("it redirects more than {MOST_REDIRECTS} times")).into())
    }

    fn send(&self, url: &Url, request: &Request, credentials: Option<&Sent>) -> Result<Response, Failure> {
        let unchecked = self.settings.trusted_hosts.iter().any(|host| host.covers(url));
        let client = if unchecked { &self.unchecked } else { &self.client };
        let client = client.get_or_init(|| client::build(&self.settings, unchecked));
        let client = client.as_ref().map_err(IndexError::clone)?;
        let mut ask = client.get(url.clone()).headers(request.headers.clone());
        if let Some(credentials) = credentials {
            ask = ask.header(header::AUTHORIZATION, credentials.header.clone());
        }
        tracing::debug!(
            url = shown(url),
            range = ?request.headers.get(header::RANGE),
            credentials = ?credentials.map(|sent| sent.from),
            "request"
        );
        let response = ask.send().map_err(|e| failure(url, e, &self.settings))?;
        tracing::debug!(url = shown(url), status = response.status().as_u16(), "answer");
        Ok(response)
    }
}

fn given_up(url: &Url, why: &str, attempts: u32, waits: Option<(Duration, Duration)>) -> IndexError {
    let times = if attempts == 1 { "once".to_owned() } else { format!("{attempts} times") };
    let capped = waits.map_or_else(String::new, |(asked, longest)| {
        format!("; the server asks to wait {asked:?}, layerpack waits {longest:?} at most")
    });
    IndexError::Network { url: shown(url), why: format!("{why} (tried {times}{capped})") }
}

/// Where a redirect leads; never from `https` to anything else.
fn next_hop(url: &Url, location: Option<&str>) -> Result<Url, IndexError> {
    let next = location.and_then(|l| url.join(l).ok());
    let Some(mut next) = next else {
        return Err(IndexError::answer(shown(url), "it redirects to nowhere"));
    };
    if !matches!((url.scheme(), next.scheme()), (_, "https") | ("http", "http")) {
        let why = format!("it redirects from {} to {}", url.scheme(), shown(&next));
        let help = Some("the redirect is refused: nobody could tell who answers there".to_owned());
        return Err(IndexError::Answer { url: shown(url), why, help });
    }
    forget_login(&mut next);
    next.set_fragment(None);
    Ok(next)
}

/// Retry-After in seconds (RFC 9110, 10.2.3); its date form is treated as absent.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

impl Answer {
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.response.headers().get(name).and_then(|v| v.to_str().ok())
    }

    /// The error that a status without a meaning of its own stands for.
    pub(super) fn refusal(&self) -> IndexError {
        match self.status {
            401 | 403 | 407 => refusal::refusal(&self.url, self.status, self.sent, self.keyring),
            _ => IndexError::answer(shown(&self.url), format!("HTTP {}", self.response.status())),
        }
    }

    /// The body, decoded, as it comes; more than `limit` bytes are an error.
    pub(super) fn body(self, limit: u64) -> Body {
        let (patience, begin) = (self.patience, Instant::now());
        Body { url: self.url, response: self.response, limit, total: 0, patience, begin, failure: None }
    }

    /// Reads the body, decoded and in pieces, into `sink`. More than `limit` bytes are an error.
    pub(super) fn read(self, limit: u64, sink: &mut dyn FnMut(&[u8]) -> Result<(), IndexError>) -> Result<(), Failure> {
        let mut buffer = vec![0; CHUNK];
        let mut body = self.body(limit);
        loop {
            let read = body.next(&mut buffer)?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { return Ok(()) };
            sink(piece)?;
        }
    }

    /// The whole body in memory.
    pub(super) fn bytes(self, limit: u64) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        self.read(limit, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// The body of an answer.
pub(super) struct Body {
    url: Url,
    response: Response,
    limit: u64,
    total: u64,
    /// Slower than [`SLOWEST`] it may be for so long.
    patience: Duration,
    begin: Instant,
    /// Why reading broke off, for `io::Error` cannot carry it through.
    failure: Option<Failure>,
}

impl Body {
    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        let read = self.response.read(buffer).map_err(|error| Failure::Passing {
            why: format!("the answer broke off after {} bytes: {}", self.total, innermost(&error)),
            wait: None,
        })?;
        self.total += read as u64;
        if self.total > self.limit {
            let why = format!("it is longer than {} bytes", self.limit);
            return Err(IndexError::answer(shown(&self.url), why).into());
        }
        let taken = self.begin.elapsed();
        if taken > self.patience && self.total < taken.as_secs().saturating_mul(SLOWEST) {
            let why = format!("the answer comes too slowly: {} bytes in {} s", self.total, taken.as_secs());
            return Err(Failure::Passing { why, wait: None });
        }
        Ok(read)
    }

    /// Why reading broke off, where it did: whoever read thinks it an error of what it read.
    pub(super) fn failure(self) -> Option<Failure> {
        self.failure
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.next(buffer).map_err(|failure| {
            self.failure = Some(failure);
            io::Error::other("the answer broke off")
        })
    }
}

/// The failure of a request that got no answer.
fn failure(url: &Url, error: reqwest::Error, settings: &Settings) -> Failure {
    let error = error.without_url();
    if let Some(error) = handshake::refused(url, &error, settings.client_cert.is_some()) {
        return error.into();
    }
    let why = innermost(&error);
    let why = if error.is_builder() {
        return IndexError::answer(shown(url), why).into();
    } else if error.is_connect() && error.is_timeout() {
        format!("no connection within {} s", CONNECT_TIMEOUT.as_secs())
    } else if error.is_timeout() {
        format!("no answer within {} s", settings.timeout.as_secs())
    } else if error.is_connect() {
        format!("cannot connect: {why}")
    } else {
        why
    };
    Failure::Passing { why, wait: None }
}

/// The text of the error at the end of the chain, where the cause stands.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    // Chains are a handful long; the bound only keeps a loop in one from hanging.
    for _ in 0..32 {
        match last.source() {
            Some(source) => last = source,
            None => break,
        }
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leads_from_https_to_http() {
        let from = |url: &str, location: Option<&str>| {
            let url = Url::parse(url).expect("a URL");
            next_hop(&url, location).map(|next| next.to_string()).map_err(|error| {
                assert_eq!(error.code().to_string(), "LP308");
                error.to_string()
            })
        };
        let https = "https://me:s3cret@index.example/simple/foo/";
        assert_eq!(from(https, Some("/a#b")).as_deref(), Ok("https://index.example/a"));
        assert_eq!(from(https, Some("//files.example/a")).as_deref(), Ok("https://files.example/a"));
        assert_eq!(
            from("http://h/", Some("https://you:s3cret@files.example/a")).as_deref(),
            Ok("https://files.example/a")
        );
        for location in ["http://index.example/simple/foo/", "file:///etc/passwd", "ftp://h/"] {
            let error = from(https, Some(location)).expect_err(location);
            assert!(error.contains("it redirects from https to ") && !error.contains("s3cret"), "{error}");
        }
        for nowhere in [None, Some("https://")] {
            assert!(from(https, nowhere).expect_err("nowhere").contains("it redirects to nowhere"));
        }
    }
}

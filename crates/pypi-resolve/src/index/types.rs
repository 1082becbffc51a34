//! What an index says about a project, and how asking it can fail.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use lambda_compat::{Code, Finding, Origin};
use pep440_rs::{Version, VersionSpecifiers};
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::UploadTime;
use super::code_artifact::Repository;

/// All files of one project, from the first index that knows it and from every `--find-links`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The project.
    pub name: DistName,
    /// Its files, those of the index first and in its order.
    pub files: Vec<IndexFile>,
    /// Who served them.
    pub from: Source,
    /// Versions of files with a lower rank are taken before those of a higher one.
    pub earlier_first: bool,
}

/// Who served a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The index with this URL, without credentials.
    Index(String),
    /// No index knows it (or none was asked), but a `--find-links` place has files of it.
    FindLinks,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(url) => f.write_str(url),
            Self::FindLinks => f.write_str("--find-links"),
        }
    }
}

/// One file of a project, as its index describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// The file name: one plain path component.
    pub filename: Arc<str>,
    /// What the file name says.
    pub kind: FileKind,
    /// Where it is: an `https:`, `http:` or `file:` URL without credentials and fragment.
    pub url: String,
    /// The sha256 that the index promises; `None` where it names none (other digests do not count).
    pub sha256: Option<Sha256>,
    /// Bytes (PEP 700).
    pub size: Option<u64>,
    /// Requires-Python of the distribution; the text itself where it is no specifier set.
    pub requires_python: Option<Arc<Result<VersionSpecifiers, String>>>,
    /// Why it was yanked (PEP 592), possibly the empty string; `None`: it is not yanked.
    pub yanked: Option<String>,
    /// When it was uploaded, ISO 8601 in UTC, as spelt by the index (PEP 700).
    pub upload_time: Option<UploadTime>,
    /// The METADATA that lies beside the file (PEP 658, PEP 714).
    pub metadata: Option<MetadataFile>,
    /// The place of its index among those that were asked, from 0; of `--find-links`, 0. Where not only the first index
    /// counts, versions of an earlier one may be wanted before those of a later one.
    pub rank: u16,
    /// Whether the tags of the file were checked on upload: files of private indexes and folders may use `linux_x86_64`.
    pub origin: Origin,
}

/// What kind of file it is, from its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// A wheel of the project.
    Wheel(WheelFilename),
    /// A source distribution of the project.
    Sdist {
        /// The version in its name.
        version: Version,
    },
    /// Something that cannot be used.
    Other {
        /// Why not, as a fragment: `an egg`, `a wheel of another project`.
        reason: String,
    },
}

impl IndexFile {
    /// A file of which the index says nothing but its name and place. Used for local files and in tests.
    #[must_use]
    pub fn wheel(filename: WheelFilename, url: impl Into<String>, origin: Origin) -> Self {
        Self {
            filename: filename.shared(),
            kind: FileKind::Wheel(filename),
            url: url.into(),
            sha256: None,
            size: None,
            requires_python: None,
            yanked: None,
            upload_time: None,
            metadata: None,
            rank: 0,
            origin,
        }
    }

    /// The version of a wheel or source distribution.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        match &self.kind {
            FileKind::Wheel(filename) => Some(&filename.version),
            FileKind::Sdist { version } => Some(version),
            FileKind::Other { .. } => None,
        }
    }
}

/// METADATA that an index serves beside a file, at the file's URL with `.metadata` appended (PEP 658).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataFile {
    /// Its sha256, where the index names it.
    pub sha256: Option<Sha256>,
}

/// Why an index could not be asked, or what was wrong with its answer.
///
/// URLs in it carry neither credentials nor queries. It is cheap to clone: everyone who waits for one page gets the
/// same error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// No index that was asked knows the project (HTTP 404).
    #[error("no index knows `{name}`: asked {}", listed(asked))]
    UnknownProject {
        /// The project.
        name: DistName,
        /// The indexes and `--find-links` places that were asked, in order.
        asked: Vec<String>,
    },
    /// Offline, and not in the cache.
    #[error("{what} {}", if what.contains(", ") { "are not in the cache, and --offline forbids fetching them" } else { "is not in the cache, and --offline forbids fetching it" })]
    NotCached {
        /// The URL, or the names of files.
        what: String,
    },
    /// No complete answer, however often it was tried.
    #[error("failed to fetch {url}: {why}")]
    Network {
        /// The URL.
        url: String,
        /// The last failure, and how often it was tried.
        why: String,
    },
    /// No secure connection: a certificate that is not trusted, or a handshake that one side breaks off.
    #[error("failed to fetch {url}: {why}")]
    Handshake {
        /// The URL.
        url: String,
        /// What one side does not take.
        why: String,
        /// What to do.
        help: String,
    },
    /// The HTTP client cannot be built from the settings.
    #[error("failed to set up HTTPS: {why}")]
    Client {
        /// What is wrong, naming the file or setting.
        why: String,
    },
    /// HTTP 401, 403 or 407.
    #[error("{url} refuses access: HTTP {status}{with}")]
    Credentials {
        /// The URL.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Where the credentials came from that were sent, as a fragment with a space before it.
        with: &'static str,
        /// What to do.
        help: String,
    },
    /// An answer that is no index page, metadata or wheel.
    #[error("the answer of {url} cannot be used: {why}")]
    Answer {
        /// The URL.
        url: String,
        /// What is wrong with it.
        why: String,
        /// What to do, where that is known.
        help: Option<String>,
    },
    /// The bytes do not have the promised hash.
    #[error("{url} has sha256 {got}, not {expected} as promised")]
    HashMismatch {
        /// The URL.
        url: String,
        /// The promised sha256.
        expected: Sha256,
        /// The sha256 of what came.
        got: Sha256,
    },
    /// The wheel is malformed.
    #[error("{url} is not a sound wheel: {}", findings.first().map_or("", |f| f.message.as_str()))]
    Malformed {
        /// The URL.
        url: String,
        /// All that is wrong with it; never empty.
        findings: Arc<Vec<Finding>>,
    },
    /// A `--find-links` place that is not there.
    #[error("no such folder or file for --find-links: {}", path.display())]
    NoSuchPlace {
        /// The place.
        path: PathBuf,
    },
    /// Reading or writing the cache or a local file failed.
    #[error("failed to {what}: {source}")]
    Io {
        /// What was attempted: `read …`, `write …`.
        what: String,
        /// The error, which names the path.
        source: Arc<io::Error>,
    },
}

impl IndexError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::UnknownProject { .. } => Code::UnknownProject,
            Self::NotCached { .. } => Code::NotCached,
            Self::Network { .. } | Self::Handshake { .. } | Self::Client { .. } => Code::Network,
            Self::Credentials { .. } => Code::Credentials,
            Self::Answer { .. } => Code::IndexAnswer,
            Self::HashMismatch { .. } => Code::HashMismatch,
            Self::Malformed { findings, .. } => findings.first().map_or(Code::NotAZip, |f| f.code),
            Self::NoSuchPlace { .. } => Code::Missing,
            Self::Io { .. } => Code::Io,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::UnknownProject { asked, .. } => {
                let repository = asked.iter().find_map(|url| Repository::of(&url::Url::parse(url).ok()?));
                if let Some(repository) = repository {
                    return Some(repository.absent_help());
                }
                "check the spelling; if it is on a private index, name that with --index or --extra-index-url"
            }
            Self::NotCached { .. } => "run once without --offline, or bring the wheels with --no-index --find-links",
            Self::Network { .. } => "check the connection and the proxy (HTTPS_PROXY, --proxy), or try again later",
            Self::Client { .. } => {
                "name readable PEM files with --cert, --client-cert or SSL_CERT_FILE, and a proxy as http://host:port"
            }
            Self::Credentials { help, .. } | Self::Handshake { help, .. } | Self::Answer { help: Some(help), .. } => {
                return Some(help.clone());
            }
            Self::Answer { .. } => "make sure that the address is right; if it is, tell its owner what it answers",
            Self::HashMismatch { .. } => {
                "the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner"
            }
            Self::Malformed { findings, .. } => {
                let owner = "tell the index's owner or the project, and pin another version until then";
                return Some(match findings.first().and_then(|f| f.help.as_deref()) {
                    None => owner.to_owned(),
                    // What wheel-archive asks back is answered by whoever runs the command.
                    Some(question) if question.ends_with('?') => format!("{question} If not, {owner}"),
                    Some(help) => format!("{help}; or {owner}"),
                });
            }
            Self::NoSuchPlace { .. } => "check the path; it is relative to the working directory",
            Self::Io { .. } => {
                "check that the disk has space and that the cache folder belongs to you, or use --cache-dir"
            }
        };
        Some(help.to_owned())
    }

    pub(super) fn answer(url: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Answer { url: url.into(), why: why.into(), help: None }
    }

    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source: Arc::new(source) }
    }
}

fn listed(asked: &[String]) -> String {
    if asked.is_empty() { "none, as --no-index says".to_owned() } else { asked.join(", ") }
}

//! Where files come from: the URLs of indexes, the places of `--find-links`, and how either is shown.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;
use wheel_archive::with_slashes;

use super::names::percent_decoded;
use super::settings::DEFAULT_INDEX;

/// The URL of an index or of a page of links, its name and how it is asked. Credentials are used and never shown:
/// neither `Display` nor `Debug` has them.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexUrl {
    /// Without credentials and fragment.
    url: Url,
    login: Option<Login>,
    name: Option<String>,
    authenticate: Authenticate,
    /// HTTP statuses that only mean: not here.
    passed_over: Vec<u16>,
}

/// A user name, and a password where one is given; both decoded. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: Vec<u8>,
    pub(super) password: Option<Vec<u8>>,
}

/// When credentials are looked for outside the URL (uv's `authenticate`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Authenticate {
    /// `.netrc` before the first request, `keyring` after a refusal.
    #[default]
    Auto,
    /// `keyring` too before the first request.
    Always,
    /// Nowhere, and none are sent.
    Never,
}

impl IndexUrl {
    /// The index under the name that settings and projects call it by.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The name of the index, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// With this user name and password, where any is given, in place of those of the URL.
    #[must_use]
    pub fn with_login(mut self, user: Option<&str>, password: Option<&str>) -> Self {
        if user.is_some() || password.is_some() {
            let user = user.unwrap_or_default().as_bytes().to_vec();
            self.login = Some(Login { user, password: password.map(|p| p.as_bytes().to_vec()) });
        }
        self
    }

    /// When credentials are looked for.
    #[must_use]
    pub fn authenticating(mut self, when: Authenticate) -> Self {
        self.authenticate = when;
        self
    }

    /// HTTP statuses that mean no more than that a project is not here (uv's `ignore-error-codes`).
    #[must_use]
    pub fn passing_over(mut self, statuses: Vec<u16>) -> Self {
        self.passed_over = statuses;
        self
    }

    pub(super) fn passes_over(&self, status: u16) -> bool {
        self.passed_over.contains(&status)
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn login(&self) -> Option<&Login> {
        self.login.as_ref().filter(|_| self.authenticate != Authenticate::Never)
    }

    pub(super) fn authenticate(&self) -> Authenticate {
        self.authenticate
    }

    /// Whether both are the same index, whatever their names and credentials: a slash at the end does not count.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.plain() == other.plain()
    }

    /// The URL by which two are the same index.
    pub(super) fn plain(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Whether this is the public index, which checks the tags of wheels on upload.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.url.as_str().trim_end_matches('/') == DEFAULT_INDEX.trim_end_matches('/')
    }

    /// The URL without credentials, as it may be written into a lock.
    #[must_use]
    pub fn without_credentials(&self) -> &str {
        self.url.as_str()
    }

    /// The page of a project: the normalised name and a slash appended to the path (PEP 503).
    pub(super) fn page(&self, name: &wheel_tags::DistName) -> Url {
        let mut page = self.url.clone();
        let path = format!("{}/{}/", page.path().trim_end_matches('/'), name.as_str());
        page.set_path(&path);
        page
    }
}

impl fmt::Display for IndexUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.url))
    }
}

impl fmt::Debug for IndexUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexUrl({self})")
    }
}

/// Not the URL of an index. The message never has the text itself, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIndexUrl {
    /// No URL at all.
    #[error("not a URL ({0}); an index is given as https://host/simple/")]
    NotAUrl(String),
    /// Neither `https:` nor `http:`.
    #[error("`{0}:` is not supported for an index; it is given as https://host/simple/, a folder with --find-links")]
    Scheme(String),
    /// More than one `@` before the host: clients disagree about which host is meant.
    #[error("the URL has more than one `@` before its path; write an `@` in a user name or password as %40")]
    Ambiguous,
}

impl FromStr for IndexUrl {
    type Err = InvalidIndexUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let mut url = Url::parse(text).map_err(|e| InvalidIndexUrl::NotAUrl(e.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(InvalidIndexUrl::Scheme(url.scheme().to_owned()));
        }
        let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = authority.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        if authority.matches('@').count() > 1 {
            return Err(InvalidIndexUrl::Ambiguous);
        }
        let login = Login::of(&url);
        forget_login(&mut url);
        url.set_fragment(None);
        Ok(Self { url, login, name: None, authenticate: Authenticate::Auto, passed_over: Vec::new() })
    }
}

impl Login {
    /// The credentials in a URL, percent-decoded.
    fn of(url: &Url) -> Option<Self> {
        if url.username().is_empty() && url.password().is_none() {
            return None;
        }
        Some(Self { user: percent_decoded(url.username()), password: url.password().map(percent_decoded) })
    }
}

/// Takes the credentials out of a URL.
pub(super) fn forget_login(url: &mut Url) {
    // Both fail only for URLs that cannot have credentials, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// A URL as it may be shown and logged: no credentials, no query (which may be a signature), no fragment.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    forget_login(&mut url);
    if url.query().is_some() {
        url.set_query(Some("…"));
    }
    url.set_fragment(None);
    url.as_str().replace("%E2%80%A6", "…")
}

/// A place given with `--find-links`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindLinks {
    /// A folder of files, one file, or an HTML page on disk.
    Local(PathBuf),
    /// An HTML page with links.
    Page(IndexUrl),
}

impl FromStr for FindLinks {
    type Err = InvalidIndexUrl;

    /// `https:` and `http:` URLs are pages, `file:` URLs and everything else are paths.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.starts_with("http://") || text.starts_with("https://") {
            return text.parse().map(Self::Page);
        }
        if text.starts_with("file:") {
            let url = Url::parse(text).map_err(|e| InvalidIndexUrl::NotAUrl(e.to_string()))?;
            let path = url.to_file_path().map_err(|()| InvalidIndexUrl::Scheme("file".to_owned()))?;
            return Ok(Self::Local(path));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(InvalidIndexUrl::Scheme(scheme.to_owned()));
        }
        Ok(Self::Local(PathBuf::from(text)))
    }
}

impl fmt::Display for FindLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => f.write_str(&with_slashes(path)),
            Self::Page(url) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_used_but_never_shown() {
        let url: IndexUrl = "https://me:s%40cret@host.example:8443/simple?token=abc#x".parse().expect("a URL");
        assert_eq!(url.to_string(), "https://host.example:8443/simple?…");
        assert_eq!(format!("{url:?}"), "IndexUrl(https://host.example:8443/simple?…)");
        let login = url.login().expect("credentials");
        assert_eq!((login.user.as_slice(), login.password.as_deref()), (&b"me"[..], Some(&b"s@cret"[..])));
    }

    #[test]
    fn two_at_signs_are_refused_without_showing_them() {
        let error = "https://a:secret@b@c/simple".parse::<IndexUrl>().expect_err("ambiguous");
        assert_eq!(error, InvalidIndexUrl::Ambiguous);
        for bad in ["secret", "https://user:secret@[bad/", "ftp://u:secret@h/", "https:///secret@"] {
            if let Err(error) = bad.parse::<IndexUrl>() {
                assert!(!error.to_string().contains("secret"), "{error}");
            }
        }
    }

    #[test]
    fn pages_of_projects() {
        let name = "Foo.Bar".parse().expect("a name");
        for base in ["https://h/simple", "https://h/simple/", "https://u:p@h/simple//"] {
            let index: IndexUrl = base.parse().expect("a URL");
            assert_eq!(index.page(&name).as_str(), "https://h/simple/foo-bar/");
        }
    }

    #[test]
    fn find_links_are_paths_or_pages() {
        assert_eq!("wheels".parse(), Ok(FindLinks::Local(PathBuf::from("wheels"))));
        assert!(matches!("https://h/links.html".parse(), Ok(FindLinks::Page(_))));
        let other = "ftp://u:secret@h/links".parse::<FindLinks>().expect_err("no place of ours").to_string();
        assert!(other.starts_with("`ftp:`") && !other.contains("secret"), "{other}");
        // A path of Windows begins with its drive.
        let (url, path) = if cfg!(windows) { ("file:///C:/a%20b", "C:\\a b") } else { ("file:///a%20b", "/a b") };
        assert_eq!(url.parse(), Ok(FindLinks::Local(PathBuf::from(path))));
    }
}

//! Addresses that requirements name directly. Credentials in them are used and never shown.

use std::fmt;

use url::Url;
use wheel_tags::WheelFilename;

use super::url::{IndexUrl, InvalidIndexUrl, forget_login, shown};

/// A direct address (PEP 508, PEP 440 "direct references"). Neither `Display` nor `Debug` has its credentials or its
/// query, which may be a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectUrl {
    /// Without credentials and fragment.
    url: Url,
    /// The address with its credentials, where it has any and they can be sent.
    login: Option<Box<IndexUrl>>,
}

impl DirectUrl {
    /// Reads an address and what stands behind its `#`. The error is a fragment without credentials.
    pub(crate) fn parse(text: &str) -> Result<(Self, String), String> {
        let text = text.trim();
        let mut url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
        let fragment = without_fragment(&mut url);
        let has_login = !url.username().is_empty() || url.password().is_some();
        let login = (has_login && matches!(url.scheme(), "https" | "http"))
            .then(|| text.parse().map(Box::new).map_err(|error: InvalidIndexUrl| error.to_string()))
            .transpose()?;
        forget_login(&mut url);
        Ok((Self { url, login }, fragment))
    }

    /// The address of a file on this machine.
    ///
    /// `None` where the path is not absolute.
    #[must_use]
    pub fn of_file(path: &std::path::Path) -> Option<Self> {
        Some(Self { url: Url::from_file_path(path).ok()?, login: None })
    }

    /// Where a path leads that stands in the file of this address. Credentials stay with their origin.
    pub(crate) fn join(&self, path: &str) -> Result<(Self, String), String> {
        let mut url = self.url.join(path).map_err(|error| format!("not a path: {error}"))?;
        let fragment = without_fragment(&mut url);
        forget_login(&mut url);
        let login = self.login.clone().filter(|_| url.origin() == self.url.origin());
        Ok((Self { url, login }, fragment))
    }

    /// The address without credentials and fragment, as it may be written into a lock.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The address with its credentials, where it has any.
    #[must_use]
    pub fn login(&self) -> Option<&IndexUrl> {
        self.login.as_deref()
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The last part of its path.
    #[must_use]
    pub fn file_name(&self) -> String {
        let last = self.url.path_segments().and_then(Iterator::last).unwrap_or_default();
        // Of all that is escaped in URLs, only the `+` of local versions occurs in wheels' names.
        last.replace("%2B", "+").replace("%2b", "+")
    }

    /// The wheel that it names; `None` where it names no wheel.
    ///
    /// # Errors
    ///
    /// A fragment, where what ends in `.whl` is no wheel's file name.
    pub fn wheel(&self) -> Result<Option<WheelFilename>, String> {
        let name = self.file_name();
        if !name.to_ascii_lowercase().ends_with(".whl") {
            return Ok(None);
        }
        name.parse().map(Some).map_err(|error| format!("`{name}` is not a wheel's file name: {error}"))
    }
}

fn without_fragment(url: &mut Url) -> String {
    let fragment = url.fragment().unwrap_or_default().to_owned();
    url.set_fragment(None);
    fragment
}

impl fmt::Display for DirectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.url))
    }
}

impl fmt::Debug for DirectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DirectUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (DirectUrl, String) {
        DirectUrl::parse(text).expect("a URL")
    }

    #[test]
    fn credentials_are_kept_apart() {
        let (url, _) = read("https://me:s%40cret@host.example/a/x-1.0+cpu-py3-none-any.whl?sig=abc#sha1=00");
        assert_eq!(url.as_str(), "https://host.example/a/x-1.0+cpu-py3-none-any.whl?sig=abc");
        assert_eq!(url.to_string(), "https://host.example/a/x-1.0+cpu-py3-none-any.whl?…");
        assert!(!format!("{url:?}").contains("abc"));
        assert!(url.login().is_some());
        assert!(DirectUrl::parse("https://a:secret@b@c/x").expect_err("ambiguous").contains("more than one `@`"));
        assert!(!DirectUrl::parse("https://u:secret@[bad/").expect_err("no URL").contains("secret"));
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let (url, _) = read("https://u:p@host.example/a/requirements.txt");
        let there = |path: &str| url.join(path).expect("a path").0;
        assert_eq!(there("../b.txt").as_str(), "https://host.example/b.txt");
        assert!(there("b.txt").login().is_some());
        assert!(there("//other.example/b.txt").login().is_none());
        assert!(there("http://host.example/b.txt").login().is_none());
    }

    #[test]
    fn wheels_by_their_names() {
        let name = |text: &str| read(text).0.wheel().map(|wheel| wheel.map(|wheel| wheel.to_string()));
        assert_eq!(
            name("https://h/a/torch-2.0%2Bcpu-py3-none-any.whl?x=1"),
            Ok(Some("torch-2.0+cpu-py3-none-any.whl".into()))
        );
        assert_eq!(name("https://h/a/x.tar.gz"), Ok(None));
        assert!(name("https://h/a/x.whl").is_err());
    }
}

//! Which credentials go with which request: those given for an index go to its origin and nowhere else.

use data_encoding::BASE64;
use reqwest::header::HeaderValue;
use url::Url;

use super::settings::{FindLinks, IndexUrl, Settings};

/// The credentials of the settings as Basic headers (RFC 7617).
#[derive(Default)]
pub(super) struct Credentials {
    known: Vec<(Url, HeaderValue)>,
}

impl Credentials {
    pub(super) fn of(settings: &Settings) -> Self {
        let pages = settings.find_links.iter().filter_map(|place| match place {
            FindLinks::Page(url) => Some(url),
            FindLinks::Local(_) => None,
        });
        let named = settings.indexes.iter().chain(pages).chain(&settings.logins);
        let known = named.filter_map(|index| Some((index.url().clone(), basic(index)?)));
        Self { known: known.collect() }
    }

    /// What to send to this URL. Scheme, host and port must be those of an index with credentials; of several indexes
    /// there, the one whose path reaches furthest into the URL's counts.
    pub(super) fn header(&self, url: &Url) -> Option<&HeaderValue> {
        let origin = url.origin();
        let there = self.known.iter().filter(|(index, _)| index.origin() == origin);
        // The first of equals counts: `max_by_key` would take the last.
        there.rev().max_by_key(|(index, _)| common_segments(index, url)).map(|(_, header)| header)
    }
}

fn common_segments(index: &Url, url: &Url) -> usize {
    let segments = |url: &Url| url.path().split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    segments(index).iter().zip(&segments(url)).take_while(|(a, b)| a == b).count()
}

fn basic(index: &IndexUrl) -> Option<HeaderValue> {
    let login = index.login()?;
    let pair = [login.user.as_slice(), b":", login.password.as_slice()].concat();
    let mut header = HeaderValue::from_str(&format!("Basic {}", BASE64.encode(&pair))).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::SystemTime;

    use super::*;

    fn credentials(indexes: &[&str]) -> Credentials {
        let mut settings = Settings::new(PathBuf::new(), SystemTime::UNIX_EPOCH);
        settings.indexes = indexes.iter().map(|i| i.parse().expect("a URL")).collect();
        Credentials::of(&settings)
    }

    fn sent(credentials: &Credentials, url: &str) -> Option<String> {
        let header = credentials.header(&url.parse().expect("a URL"))?;
        let pair = BASE64.decode(header.to_str().expect("ASCII").strip_prefix("Basic ")?.as_bytes()).expect("base64");
        String::from_utf8(pair).ok()
    }

    #[test]
    fn only_to_the_same_origin() {
        let credentials = credentials(&["https://me:p%40ss@host.example/simple/"]);
        assert_eq!(sent(&credentials, "https://host.example/files/x.whl").as_deref(), Some("me:p@ss"));
        assert_eq!(sent(&credentials, "https://host.example:443/x").as_deref(), Some("me:p@ss"));
        let others = [
            "http://host.example/simple/",
            "https://host.example:8443/simple/",
            "https://host.example.evil/simple/",
            "https://files.host.example/",
        ];
        for other in others {
            assert_eq!(sent(&credentials, other), None, "{other}");
        }
    }

    #[test]
    fn of_two_indexes_on_one_host_the_nearer() {
        let credentials = credentials(&["https://a:1@h/team-a/simple/", "https://b:2@h/team-b/simple/"]);
        assert_eq!(sent(&credentials, "https://h/team-b/files/x.whl").as_deref(), Some("b:2"));
        assert_eq!(sent(&credentials, "https://h/elsewhere/x.whl").as_deref(), Some("a:1"));
    }
}

//! Which credentials go with which request: those of an index go to its origin and nowhere else, those of `.netrc` to
//! the hosts that it names.
//!
//! | for a request to | are sent, the first there is |
//! | --- | --- |
//! | the origin of an index or a page of links | those of its URL or variables; of `.netrc`; of `keyring`, asked once |
//! | another host that a page links to | those of `.netrc`, where it names this very host |
//! | another origin that a redirect leads to | none |

use std::path::PathBuf;
use std::sync::OnceLock;

use data_encoding::BASE64;
use reqwest::header::HeaderValue;
use url::Url;

use super::keyring;
use super::netrc::Netrc;
use super::settings::Settings;
use super::url::{Authenticate, FindLinks, IndexUrl, Login};

/// Where credentials come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// The URL of the index, or the variables that stand for it.
    Index,
    /// A user name alone: no password was found.
    UserAlone,
    Netrc,
    Keyring,
}

/// What is sent with a request.
#[derive(Clone)]
pub(super) struct Sent {
    /// Basic (RFC 7617).
    pub(super) header: HeaderValue,
    pub(super) from: Given,
}

/// All credentials of the settings.
pub(super) struct Credentials {
    places: Vec<Place>,
    netrc: Option<Netrc>,
    keyring: Option<PathBuf>,
}

/// An index or a page of links.
struct Place {
    index: IndexUrl,
    /// What `keyring` said, once it was asked.
    keyring: OnceLock<Option<Sent>>,
}

impl Credentials {
    pub(super) fn of(settings: &Settings) -> Self {
        let pages = settings.find_links.iter().filter_map(|place| match place {
            FindLinks::Page(url) => Some(url),
            FindLinks::Local(_) => None,
        });
        let indexes = settings.indexes.iter().chain(&settings.explicit).chain(pages);
        Self {
            places: indexes.map(|index| Place { index: index.clone(), keyring: OnceLock::new() }).collect(),
            netrc: settings.netrc.clone(),
            keyring: settings.keyring.clone(),
        }
    }

    /// What to send to a URL, to which a redirect from another origin may have led.
    pub(super) fn for_request(&self, url: &Url, redirected: bool) -> Option<Sent> {
        let Some(place) = self.place(url) else { return self.for_stranger(url, redirected) };
        if place.index.authenticate() == Authenticate::Never {
            return None;
        }
        let login = place.index.login();
        if let Some(Login { user, password: Some(password) }) = login {
            return sent(user, password, Given::Index);
        }
        let user = login.map(|login| login.user.as_slice());
        let by_netrc = || {
            let (user, password) = self.netrc.as_ref()?.get(url.host_str()?, user, true)?;
            sent(user.as_bytes(), password.as_bytes(), Given::Netrc)
        };
        let by_keyring = || {
            let now = user.is_some() || place.index.authenticate() == Authenticate::Always;
            if now { self.ask_keyring(place) } else { place.keyring.get().cloned().flatten() }
        };
        by_netrc().or_else(by_keyring).or_else(|| sent(user?, b"", Given::UserAlone))
    }

    /// What to send in a second try after a refusal (401, 403), where there is anything new.
    pub(super) fn after_refusal(&self, url: &Url, tried: Option<Given>) -> Option<Sent> {
        let place = self.place(url)?;
        let given = place.index.login().is_some_and(|login| login.password.is_some());
        if given || tried == Some(Given::Keyring) || place.index.authenticate() == Authenticate::Never {
            return None;
        }
        self.ask_keyring(place)
    }

    /// Whether `keyring` may be asked.
    pub(super) fn has_keyring(&self) -> bool {
        self.keyring.is_some()
    }

    /// A host that no index is on. Where one is, at another port or by another scheme, `.netrc` speaks of the index.
    fn for_stranger(&self, url: &Url, redirected: bool) -> Option<Sent> {
        let host = url.host_str()?;
        if redirected || self.places.iter().any(|place| place.index.url().host_str() == Some(host)) {
            return None;
        }
        let (user, password) = self.netrc.as_ref()?.get(host, None, false)?;
        sent(user.as_bytes(), password.as_bytes(), Given::Netrc)
    }

    /// The index that a URL belongs to: on its origin, one with credentials before one without, then the one whose path
    /// reaches furthest into the URL's.
    fn place(&self, url: &Url) -> Option<&Place> {
        let origin = url.origin();
        let there = self.places.iter().filter(|place| place.index.url().origin() == origin);
        // The first of equals counts: `max_by_key` would take the last.
        there.rev().max_by_key(|place| (place.index.login().is_some(), common_segments(place.index.url(), url)))
    }

    /// Everybody waits for the one who asks.
    fn ask_keyring(&self, place: &Place) -> Option<Sent> {
        let program = self.keyring.as_ref()?;
        let ask = || {
            let user = place.index.login().map(|login| login.user.as_slice());
            let login = keyring::ask(program, place.index.url(), user)?;
            sent(&login.user, login.password.as_deref()?, Given::Keyring)
        };
        place.keyring.get_or_init(ask).clone()
    }
}

fn common_segments(index: &Url, url: &Url) -> usize {
    let segments = |url: &Url| url.path().split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    segments(index).iter().zip(&segments(url)).take_while(|(a, b)| a == b).count()
}

fn sent(user: &[u8], password: &[u8], from: Given) -> Option<Sent> {
    let pair = [user, b":", password].concat();
    let mut header = HeaderValue::from_str(&format!("Basic {}", BASE64.encode(&pair))).ok()?;
    header.set_sensitive(true);
    Some(Sent { header, from })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::SystemTime;

    use super::*;

    fn credentials(indexes: &[&str], netrc: &str) -> Credentials {
        let mut settings = Settings::new(PathBuf::new(), SystemTime::UNIX_EPOCH);
        settings.indexes = indexes.iter().map(|i| i.parse().expect("a URL")).collect();
        settings.netrc = Some(Netrc::parse(netrc).expect("a netrc"));
        Credentials::of(&settings)
    }

    fn pair(sent: Option<Sent>) -> Option<String> {
        let header = sent?.header;
        let pair = BASE64.decode(header.to_str().expect("ASCII").strip_prefix("Basic ")?.as_bytes()).expect("base64");
        String::from_utf8(pair).ok()
    }

    fn sent(credentials: &Credentials, url: &str) -> Option<String> {
        pair(credentials.for_request(&url.parse().expect("a URL"), false))
    }

    fn after_redirect(credentials: &Credentials, url: &str) -> Option<String> {
        pair(credentials.for_request(&url.parse().expect("a URL"), true))
    }

    #[test]
    fn only_to_the_same_origin() {
        let credentials = credentials(&["https://me:p%40ss@host.example/simple/"], "");
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
        let credentials = credentials(&["https://a:1@h/team-a/simple/", "https://b:2@h/team-b/simple/"], "");
        assert_eq!(sent(&credentials, "https://h/team-b/files/x.whl").as_deref(), Some("b:2"));
        assert_eq!(sent(&credentials, "https://h/elsewhere/x.whl").as_deref(), Some("a:1"));
    }

    #[test]
    fn netrc_serves_the_hosts_that_it_names() {
        let netrc =
            "machine h login n password 1\nmachine files.example login f password 2\ndefault login d password 3";
        let credentials = credentials(&["https://h/simple/", "https://o/simple/", "https://u:p@given/simple/"], netrc);
        assert_eq!(sent(&credentials, "https://h/simple/x/").as_deref(), Some("n:1"));
        assert_eq!(sent(&credentials, "https://o/simple/x/").as_deref(), Some("d:3"), "`default` serves indexes");
        assert_eq!(sent(&credentials, "https://given/simple/x/").as_deref(), Some("u:p"), "the URL's come first");
        assert_eq!(sent(&credentials, "https://files.example/x.whl").as_deref(), Some("f:2"));
        assert_eq!(sent(&credentials, "https://elsewhere.example/x.whl"), None, "but not everybody");
        assert_eq!(sent(&credentials, "http://h/x.whl"), None, "nor a host of an index by another scheme");
        assert_eq!(after_redirect(&credentials, "https://files.example/x.whl"), None);
        assert_eq!(after_redirect(&credentials, "https://h/x.whl").as_deref(), Some("n:1"));
    }

    #[test]
    fn a_user_name_gets_its_own_password() {
        let netrc = "machine h login me password 1\nmachine h login you password 2\nmachine token login x password 3";
        let credentials = credentials(&["https://me@h/simple/", "https://secret@token/simple/"], netrc);
        assert_eq!(sent(&credentials, "https://h/simple/x/").as_deref(), Some("me:1"));
        assert_eq!(sent(&credentials, "https://token/simple/x/").as_deref(), Some("secret:"), "a token as user name");
    }

    #[test]
    fn an_index_that_never_asks_for_them_gets_none() {
        let mut settings = Settings::new(PathBuf::new(), SystemTime::UNIX_EPOCH);
        let index: IndexUrl = "https://me:p@h/simple/".parse().expect("a URL");
        settings.indexes = vec![index.authenticating(Authenticate::Never)];
        settings.netrc = Netrc::parse("machine h login n password 1").ok();
        assert_eq!(sent(&Credentials::of(&settings), "https://h/simple/x/"), None);
    }
}

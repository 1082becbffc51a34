//! Hosts whose certificates are not checked: pip's `--trusted-host`, uv's `--allow-insecure-host`.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// A host, and its port where one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedHost {
    host: String,
    port: Option<u16>,
}

/// Not `host` or `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a host; it is given as host or host:port")]
pub struct NotAHost;

impl TrustedHost {
    /// Whether a URL is on this host. Without a port, every port is.
    pub(super) fn covers(&self, url: &Url) -> bool {
        url.host_str() == Some(&self.host) && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

impl FromStr for TrustedHost {
    type Err = NotAHost;

    /// `host`, `host:port`, `[::1]:8080`; uv takes a URL too, of which host and port count.
    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let text = text.split('/').next().unwrap_or_default();
        if text.contains(['@', '*', ' ']) {
            return Err(NotAHost);
        }
        // As an HTTP URL, the port of which is never left out for being the usual one.
        let url = Url::parse(&format!("http://{text}/")).map_err(|_| NotAHost)?;
        let named =
            text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).filter(|_| !text.ends_with(']'));
        let host = url.host_str().ok_or(NotAHost)?.to_owned();
        Ok(Self { host, port: named })
    }
}

impl fmt::Display for TrustedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            None => f.write_str(&self.host),
            Some(port) => write!(f, "{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_covers_its_ports_and_nothing_else() {
        let covers = |host: &str, url: &str| {
            let host: TrustedHost = host.parse().expect("a host");
            host.covers(&url.parse().expect("a URL"))
        };
        assert!(covers("host.example", "https://host.example:8443/simple/"));
        assert!(covers("HOST.example:443", "https://host.example/simple/"));
        assert!(covers("https://host.example/", "https://host.example/simple/"));
        assert!(covers("[::1]:8080", "https://[::1]:8080/") && covers("[::1]", "https://[::1]/"));
        assert!(!covers("host.example:80", "https://host.example/simple/"));
        assert!(!covers("host.example", "https://host.example.evil/"));
        assert!(!covers("example", "https://host.example/"));
        for bad in ["", "*", "user@host", "a b", ":80"] {
            assert_eq!(bad.parse::<TrustedHost>(), Err(NotAHost), "{bad}");
        }
    }
}

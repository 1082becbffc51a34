//! The HTTP client, built from the settings: certificates, proxy, how long to wait.

use std::path::Path;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Certificate, Identity, Proxy, redirect};

use super::IndexError;
use super::http::innermost;
use super::roots;
use super::settings::{ProxyUrl, Settings};

/// Until a connection stands, TLS included.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept for the next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

const USER_AGENT: &str = concat!("layerpack/", env!("CARGO_PKG_VERSION"));

/// Builds a client: the system's roots or those named in their place, those of `cert` besides, and the compiled-in ones on a
/// system without any; or one that takes any certificate.
pub(super) fn build(settings: &Settings, unchecked: bool) -> Result<Client, IndexError> {
    if unchecked {
        let builder = builder(settings)?.tls_danger_accept_invalid_certs(true);
        return builder.build().map_err(|e| client_error(innermost(&e)));
    }
    let named = settings.system_certs.iter().map(|place| roots::read(place)).collect::<Result<Vec<_>, _>>()?.concat();
    let extra = settings.cert.as_deref().map(roots::read).transpose()?.unwrap_or_default();
    if !settings.system_certs.is_empty() {
        if named.is_empty() {
            let places: Vec<_> = settings.system_certs.iter().map(|place| place.display().to_string()).collect();
            return Err(client_error(format!("there is no certificate in {}", places.join(", "))));
        }
        let builder = builder(settings)?.tls_certs_only([named, extra].concat());
        return builder.build().map_err(|e| client_error(innermost(&e)));
    }
    let alone = extra.is_empty();
    match builder(settings)?.tls_certs_merge(extra).build() {
        Err(_) if alone => {}
        built => return built.map_err(|e| client_error(innermost(&e))),
    }
    tracing::warn!("the system has no root certificates; using those compiled in");
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok());
    builder(settings)?.tls_certs_only(roots).build().map_err(|e| client_error(innermost(&e)))
}

fn builder(settings: &Settings) -> Result<ClientBuilder, IndexError> {
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(settings.timeout)
        .pool_idle_timeout(IDLE_TIMEOUT);
    match settings.proxy.as_ref().map(ProxyUrl::as_str) {
        None => {}
        Some("") => builder = builder.no_proxy(),
        Some(proxy) => {
            // The URL may hold a password: it is not repeated.
            let proxy = Proxy::all(proxy).map_err(|_| client_error("the URL of the proxy is not valid"))?;
            builder = builder.proxy(proxy);
        }
    }
    if let Some(path) = &settings.client_cert {
        builder = builder.identity(identity(path)?);
    }
    Ok(builder)
}

/// The client's certificate with its key.
fn identity(path: &Path) -> Result<Identity, IndexError> {
    let pem = roots::read_pem(path)?;
    let locked = || pem.windows(b"ENCRYPTED".len()).any(|part| part == b"ENCRYPTED");
    Identity::from_pem(&pem).map_err(|_| {
        let path = path.display();
        client_error(if locked() {
            format!("the key in {path} is encrypted; layerpack reads keys without a passphrase only")
        } else {
            format!("{path} holds no client certificate with its key")
        })
    })
}

pub(super) fn client_error(why: impl Into<String>) -> IndexError {
    IndexError::Client { why: why.into() }
}

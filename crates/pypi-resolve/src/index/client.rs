//! The HTTP client, built from the settings: certificates, proxy, how long to wait.

use std::path::Path;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Certificate, Identity, Proxy, redirect};

use super::IndexError;
use super::http::innermost;
use super::settings::{ProxyUrl, Settings};

/// Until a connection stands, TLS included.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept for the next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

const USER_AGENT: &str = concat!("layerpack/", env!("CARGO_PKG_VERSION"));

/// Builds a client: the system's roots, those of `cert` besides, and the compiled-in ones on a system without any; or one
/// that takes any certificate.
pub(super) fn build(settings: &Settings, unchecked: bool) -> Result<Client, IndexError> {
    if unchecked {
        let builder = builder(settings)?.tls_danger_accept_invalid_certs(true);
        return builder.build().map_err(|e| client_error(innermost(&e)));
    }
    for path in &settings.system_certs {
        fs_err::metadata(path).map_err(|e| client_error(e.to_string()))?;
    }
    let extra = settings.cert.as_deref().map(certificates).transpose()?.unwrap_or_default();
    let alone = extra.is_empty() && settings.system_certs.is_empty();
    let error = match builder(settings)?.tls_certs_merge(extra).build() {
        Ok(client) => return Ok(client),
        Err(error) => error,
    };
    if !alone {
        let named: Vec<_> = settings.system_certs.iter().map(|p| p.display().to_string()).collect();
        let named = if named.is_empty() { String::new() } else { format!(" (with {})", named.join(", ")) };
        return Err(client_error(format!("{}{named}", innermost(&error))));
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
        let identity = Identity::from_pem(&pem(path)?)
            .map_err(|_| client_error(format!("{} holds no client certificate with its key", path.display())))?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, IndexError> {
    let certificates = Certificate::from_pem_bundle(&pem(path)?).unwrap_or_default();
    if certificates.is_empty() {
        return Err(client_error(format!("{} holds no certificate in PEM form", path.display())));
    }
    Ok(certificates)
}

fn pem(path: &Path) -> Result<Vec<u8>, IndexError> {
    fs_err::read(path).map_err(|e| client_error(e.to_string()))
}

fn client_error(why: impl Into<String>) -> IndexError {
    IndexError::Client { why: why.into() }
}

//! Certificates for servers on loopback, good ones and bad ones, made anew by every test that wants some.
//!
//! Their keys are the one thing of this crate that is random. No clock is asked: what is valid is so from 2000 to 2999.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};

/// Somebody who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
}

/// The first and the last year in which a certificate is valid.
type Years = (i32, i32);

const ALWAYS: Years = (2000, 2999);

impl Authority {
    /// An authority of this name, which has signed its own certificate.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = params(name, &[], ALWAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = key();
        let der = params.self_signed(&key).expect("parameters of a certificate").der().clone();
        Self { issuer: Issuer::new(params, key), der }
    }

    /// Its own certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// A server's certificate for these hosts, names or addresses.
    #[must_use]
    pub fn server(&self, hosts: &[&str]) -> Tls {
        self.server_of(hosts, ALWAYS)
    }

    /// One that was valid in the first decade of the century.
    #[must_use]
    pub fn expired_server(&self, hosts: &[&str]) -> Tls {
        self.server_of(hosts, (2000, 2009))
    }

    /// One that will be valid in the last.
    #[must_use]
    pub fn future_server(&self, hosts: &[&str]) -> Tls {
        self.server_of(hosts, (2990, 2999))
    }

    /// Its own certificate, shown as if it were a server's.
    #[must_use]
    pub fn as_server(&self) -> Tls {
        Tls { der: self.der.clone(), key: self.issuer.key().serialize_der().into(), clients_of: None }
    }

    /// A client's certificate with its key, PEM: what a server with [`Tls::wants_client_of`] asks for.
    #[must_use]
    pub fn client_pem(&self, name: &str) -> String {
        let (der, key) = self.signed(params(name, &[], ALWAYS), ExtendedKeyUsagePurpose::ClientAuth);
        pem("CERTIFICATE", &der) + &pem("PRIVATE KEY", key.secret_pkcs8_der())
    }

    fn server_of(&self, hosts: &[&str], years: Years) -> Tls {
        let (der, key) = self.signed(params("server", hosts, years), ExtendedKeyUsagePurpose::ServerAuth);
        Tls { der, key, clients_of: None }
    }

    fn signed(
        &self,
        mut params: CertificateParams,
        usage: ExtendedKeyUsagePurpose,
    ) -> (CertificateDer<'static>, PrivatePkcs8KeyDer<'static>) {
        params.extended_key_usages = vec![usage];
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("parameters of a certificate");
        (certificate.der().clone(), key.serialize_der().into())
    }
}

/// What a server shows, and what it wants to be shown.
pub struct Tls {
    der: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    clients_of: Option<CertificateDer<'static>>,
}

impl Tls {
    /// Turns away everybody without a certificate that this authority has signed.
    #[must_use]
    pub fn wants_client_of(mut self, authority: &Authority) -> Self {
        self.clients_of = Some(authority.der.clone());
        self
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().expect("versions that the provider has");
        let builder = match &self.clients_of {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.clone()).expect("an authority's certificate");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("a verifier with one root"))
            }
        };
        let config = builder.with_single_cert(vec![self.der.clone()], self.key.clone_key().into());
        Arc::new(config.expect("a certificate with its key"))
    }
}

fn params(name: &str, hosts: &[&str], (first, last): Years) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).expect("names of hosts");
    params.not_before = date_time_ymd(first, 1, 1);
    params.not_after = date_time_ymd(last, 12, 31);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a random key")
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
}

//! Why there is no secure connection, in plain words, and the next step: what the TLS library says of certificates and of
//! handshakes that one side breaks off. None of it gets better by asking again.

use std::error::Error;
use std::io;

use lambda_compat::Date;
use rustls::{AlertDescription, CertificateError, InvalidMessage};
use url::Url;

use super::IndexError;
use super::url::shown;

/// The error for a request that failed because two sides could not agree on a secure connection; `None` where it failed for
/// another reason. `with_certificate`: whether the client has a certificate to show.
pub(super) fn refused(url: &Url, error: &(dyn Error + 'static), with_certificate: bool) -> Option<IndexError> {
    let (why, help) = match tls_error(error)? {
        rustls::Error::InvalidCertificate(error) => distrusted(url, error),
        rustls::Error::AlertReceived(alert) => broken_off(*alert, with_certificate)?,
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => (
            "the server does not speak TLS at this port".to_owned(),
            "if it serves plain HTTP, write its URL with http://; behind a proxy, check HTTPS_PROXY and --proxy"
                .to_owned(),
        ),
        error @ (rustls::Error::PeerIncompatible(_) | rustls::Error::NoCertificatesPresented) => {
            (format!("the server and layerpack have no secure connection in common: {error}"), OLD_SERVER.to_owned())
        }
        _ => return None,
    };
    Some(IndexError::Handshake { url: shown(url), why, help })
}

const OLD_SERVER: &str = "tell the index's owner: it must offer TLS 1.2 or 1.3";

/// What the TLS library says, somewhere in the chain of causes.
fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    // Chains are a handful long; the bound only keeps a loop in one from hanging.
    for _ in 0..32 {
        let error = next?;
        // An `io::Error` is no cause of its own: it gives the cause of what it holds.
        let held = |io: &'e io::Error| io.get_ref().map(|held| held as &(dyn Error + 'static));
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(error);
        }
        next = error.downcast_ref::<io::Error>().and_then(held).or_else(|| error.source());
    }
    None
}

/// A certificate of the server that does not verify.
fn distrusted(url: &Url, error: &CertificateError) -> (String, String) {
    let host = url.host_str().unwrap_or_default();
    let place = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let unchecked = format!("--trusted-host {place} goes on without checking who answers");
    let day = |time: &rustls::pki_types::UnixTime| Date::from_unix(time.as_secs());
    match error {
        CertificateError::UnknownIssuer => (
            format!("nobody that is trusted here has signed the certificate of {host}"),
            "if the index is your own or a company's proxy re-signs traffic, name the certificate (PEM) of the CA that signs \
             there with --cert or SSL_CERT_FILE"
                .to_owned(),
        ),
        CertificateError::ExpiredContext { time, not_after } => (
            format!("the certificate of {host} expired on {}; this machine has {}", day(not_after), day(time)),
            format!("set the clock if it is wrong, else have the owner of {host} renew the certificate; until then {unchecked}"),
        ),
        CertificateError::NotValidYetContext { time, not_before } => (
            format!("the certificate of {host} is valid from {} on; this machine has {}", day(not_before), day(time)),
            format!("set the clock if it is wrong, else tell the owner of {host}; until then {unchecked}"),
        ),
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).take(MOST_NAMES).collect();
            let more = if presented.len() > MOST_NAMES { " and others" } else { "" };
            (
                format!("the certificate of {host} is one for {}{more}", names.join(", ")),
                format!("name the index by a host that its certificate is for, or have {host} added to it; until then {unchecked}"),
            )
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => (
            format!("the certificate of {host} is an authority's own, which is not for servers"),
            format!("have a server's certificate made by it, and name the authority's with --cert; until then {unchecked}"),
        ),
        error => {
            (format!("the certificate of {host} does not verify: {error}"), format!("tell the owner of {host}"))
        }
    }
}

/// Names of a certificate that are told.
const MOST_NAMES: usize = 4;

/// `index.example` of `DnsName("index.example")`.
fn bare(name: &str) -> &str {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inside.unwrap_or(name).trim_matches('"')
}

/// A handshake that the server breaks off.
fn broken_off(alert: AlertDescription, with_certificate: bool) -> Option<(String, String)> {
    use AlertDescription as A;
    Some(match alert {
        A::CertificateRequired | A::NoCertificate if !with_certificate => (
            "the server wants a client certificate".to_owned(),
            "name a PEM file that holds yours and its key with --client-cert, PIP_CLIENT_CERT or SSL_CLIENT_CERT".to_owned(),
        ),
        A::HandshakeFailure | A::BadCertificate if !with_certificate => (
            format!("the server breaks off the handshake ({alert:?})"),
            "it may want a client certificate, which --client-cert names".to_owned(),
        ),
        A::CertificateRequired
        | A::NoCertificate
        | A::HandshakeFailure
        | A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateExpired
        | A::CertificateUnknown
        | A::UnknownCA
        | A::AccessDenied
        | A::DecryptError
            if with_certificate =>
        {
            (
                format!("the server does not take the client certificate ({alert:?})"),
                "check that --client-cert names the certificate that this index has given out, that it is valid, and that its \
                 issuer's follow it in the file"
                    .to_owned(),
            )
        }
        A::ProtocolVersion | A::InsufficientSecurity | A::UnrecognisedName | A::NoApplicationProtocol => {
            let help = if alert == A::UnrecognisedName {
                "check the host name in the index's URL".to_owned()
            } else {
                OLD_SERVER.to_owned()
            };
            (format!("the server breaks off the handshake ({alert:?})"), help)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_found_inside_of_others() {
        let url: Url = "https://me:s3cret@index.example/simple/".parse().expect("a URL");
        let wrapped = |error: rustls::Error| io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
        let said = |error, with_certificate| {
            let error = refused(&url, &wrapped(error), with_certificate)?;
            Some(format!("{error}; {}", error.help().expect("help")))
        };
        let alert = rustls::Error::AlertReceived;
        insta::assert_snapshot!(
            [
                said(rustls::Error::InvalidCertificate(CertificateError::Revoked), false),
                said(alert(AlertDescription::HandshakeFailure), false),
                said(alert(AlertDescription::UnknownCA), true),
                said(alert(AlertDescription::ProtocolVersion), false),
                said(alert(AlertDescription::UnrecognisedName), true),
            ]
            .map(|said| said.expect("no passing failure"))
            .join("\n"),
            @"
            failed to fetch https://index.example/simple/: the certificate of index.example does not verify: Revoked; tell the owner of index.example
            failed to fetch https://index.example/simple/: the server breaks off the handshake (HandshakeFailure); it may want a client certificate, which --client-cert names
            failed to fetch https://index.example/simple/: the server does not take the client certificate (UnknownCA); check that --client-cert names the certificate that this index has given out, that it is valid, and that its issuer's follow it in the file
            failed to fetch https://index.example/simple/: the server breaks off the handshake (ProtocolVersion); tell the index's owner: it must offer TLS 1.2 or 1.3
            failed to fetch https://index.example/simple/: the server breaks off the handshake (UnrecognisedName); check the host name in the index's URL
            "
        );
        // A server that is in trouble may be better the next time.
        assert_eq!(said(alert(AlertDescription::InternalError), false), None);
        assert_eq!(said(rustls::Error::DecryptError, false), None);
        assert!(refused(&url, &io::Error::from(io::ErrorKind::ConnectionReset), false).is_none());
    }

    #[test]
    fn names_are_bare() {
        assert_eq!(bare("DnsName(\"index.example\")"), "index.example");
        assert_eq!(bare("IpAddress(10.0.0.1)"), "10.0.0.1");
        assert_eq!(bare("odd"), "odd");
    }
}

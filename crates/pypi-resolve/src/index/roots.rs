//! Certificates of authorities to trust, read from PEM files, or from folders of them as OpenSSL keeps.

use std::path::Path;

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::IndexError;
use super::client::client_error;

/// The certificates of a file, or of the files in a folder. One that nothing can be verified by is passed over, as OpenSSL
/// does; a file must have another one.
pub(super) fn read(place: &Path) -> Result<Vec<Certificate>, IndexError> {
    if !place.is_dir() {
        let found = of_file(place)?;
        let none = || client_error(format!("{} holds no certificate in PEM form", place.display()));
        return if found.is_empty() { Err(none()) } else { Ok(found) };
    }
    let mut found = Vec::new();
    for entry in fs_err::read_dir(place).map_err(|e| client_error(e.to_string()))? {
        let path = entry.map_err(|e| client_error(e.to_string()))?.path();
        // `openssl rehash` makes links, some of which lead nowhere after a while.
        if path.is_file() {
            found.extend(of_file(&path)?);
        }
    }
    Ok(found)
}

fn of_file(path: &Path) -> Result<Vec<Certificate>, IndexError> {
    let pem = fs_err::read(path).map_err(|e| client_error(e.to_string()))?;
    let usable = |der: &CertificateDer<'static>| RootCertStore::empty().add(der.clone()).is_ok();
    let ders = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).filter(usable);
    Ok(ders.filter_map(|der| Certificate::from_der(&der).ok()).collect())
}

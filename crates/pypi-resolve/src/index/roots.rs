//! Certificates of authorities to trust, read from PEM files, or from folders of them as OpenSSL keeps.

use std::path::Path;

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use wheel_archive::read_bounded;

use super::IndexError;
use super::client::client_error;

/// Bytes of a file of certificates. A system's bundle has some 250 kB.
const LARGEST: u64 = 16 << 20;

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

/// The bytes of a file of certificates or keys.
pub(super) fn read_pem(path: &Path) -> Result<Vec<u8>, IndexError> {
    read_bounded(path, LARGEST).map_err(|e| client_error(e.to_string()))
}

fn of_file(path: &Path) -> Result<Vec<Certificate>, IndexError> {
    let pem = read_pem(path)?;
    let usable = |der: &CertificateDer<'static>| RootCertStore::empty().add(der.clone()).is_ok();
    let ders = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).filter(usable);
    Ok(ders.filter_map(|der| Certificate::from_der(&der).ok()).collect())
}

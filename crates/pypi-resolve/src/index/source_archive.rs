//! Source distributions into a folder, hashed while they stream. What becomes of them is not said here.

use std::io::{Read as _, Write as _};
use std::path::Path;

use sha2::Digest as _;
use wheel_archive::Sha256;

use super::download::{LONGEST_WHEEL, local_path, remote_url, shown_text};
use super::http::Request;
use super::{IndexError, Shared};

impl Shared {
    pub(super) fn source_archive(
        &self,
        url: &str,
        expected: Option<&Sha256>,
        into: &Path,
    ) -> Result<Sha256, IndexError> {
        let write = |error| IndexError::io("write a source archive", error);
        let mut hasher = sha2::Sha256::new();
        if url.starts_with("file:") {
            let read = |error| IndexError::io("read a source archive", error);
            let mut bytes = Vec::new();
            fs_err::File::open(local_path(url)?)
                .map_err(read)?
                .take(LONGEST_WHEEL)
                .read_to_end(&mut bytes)
                .map_err(read)?;
            hasher.update(&bytes);
            fs_err::write(into, &bytes).map_err(write)?;
        } else {
            // A second attempt writes the file anew.
            hasher = self.http.fetch(&remote_url(url)?, &Request::default().identity(), &mut |answer| {
                if answer.status != 200 {
                    return Err(answer.refusal().into());
                }
                let mut file = fs_err::File::create(into).map_err(write)?;
                let mut hasher = sha2::Sha256::new();
                answer.read(LONGEST_WHEEL, &mut |piece| {
                    hasher.update(piece);
                    file.write_all(piece).map_err(write)
                })?;
                Ok(hasher)
            })?;
        }
        let got = Sha256::from_bytes(hasher.finalize().into());
        match expected {
            Some(expected) if got != *expected => {
                Err(IndexError::HashMismatch { url: shown_text(url), expected: *expected, got })
            }
            _ => Ok(got),
        }
    }
}

//! RECORD: every file of a wheel with its digest and size
//! ([signed wheel files](https://packaging.python.org/en/latest/specifications/binary-distribution-format/#signed-wheel-files)).
//!
//! It is enforced, not healed: what RECORD and the archive do not say alike stands against the wheel.

use std::io;

use data_encoding::BASE64URL_NOPAD;
use lambda_compat::{Code, Finding};
use sha2::Digest;

use crate::fault::Checked;
use crate::inflate::{Buffers, EntryStream};
use crate::manifest::Entry;
use crate::read_at::ReadAt;
use crate::{EntryPath, UnsafePath};

mod csv;

use csv::{Row, RowError, Rows};

/// Bytes of RECORD at most: as many entries as an archive may have, at 256 bytes each.
pub(crate) const MAX_RECORD: u64 = 64 << 20;

const SOURCE: &str =
    "https://packaging.python.org/en/latest/specifications/binary-distribution-format/#signed-wheel-files";

/// Holds RECORD against the archive's files, which are ordered by path. Gives errors and warnings.
pub(crate) fn check(source: &dyn ReadAt, entries: &[Entry], record: &EntryPath, bytes: &[u8]) -> Checked<Vec<Finding>> {
    let text = str::from_utf8(bytes).map_err(|_| unreadable(record, "RECORD is not UTF-8".to_owned()))?;
    let mut findings = Vec::new();
    // For each file the row that lists it.
    let mut listed: Vec<Option<Row<'_>>> = entries.iter().map(|_| None).collect();
    for row in Rows::new(text) {
        let row = row.map_err(|error| unreadable(record, format!("RECORD line {}: {}", error.line, error.what)))?;
        if row.path.ends_with('/') && row.digest.is_empty() && row.size.is_empty() {
            // Some builders list folders; they hold nothing to check.
            continue;
        }
        let path = match row.path.parse::<EntryPath>() {
            Ok(path) => path,
            Err(error) => {
                findings.push(unsafe_path(record, &row, &error));
                continue;
            }
        };
        if is_unlisted(&path, record) {
            continue;
        }
        let found = entries.binary_search_by(|entry| entry.path.cmp(&path));
        let Some((entry, seen)) = found.ok().and_then(|at| entries.get(at).zip(listed.get_mut(at))) else {
            let message = format!("RECORD line {} lists a file that the archive does not hold", row.line);
            findings.push(Finding::error(Code::RecordFiles, message).at(path.as_str()).source(SOURCE));
            continue;
        };
        if let Some(first) = seen {
            if (&first.digest, &first.size) != (&row.digest, &row.size) {
                let message = format!("RECORD lists the file differently on lines {} and {}", first.line, row.line);
                findings.push(Finding::error(Code::Record, message).at(path.as_str()));
            }
            continue;
        }
        findings.extend(check_row(source, entry, &row)?);
        *seen = Some(row);
    }
    for (entry, _) in entries.iter().zip(&listed).filter(|(_, row)| row.is_none()) {
        if !is_unlisted(&entry.path, record) {
            let message = "the archive holds a file that RECORD does not list";
            findings.push(Finding::error(Code::RecordFiles, message).at(entry.path.as_str()).source(SOURCE));
        }
    }
    Ok(findings)
}

/// The paths that a RECORD lists, as they are spelt: some of an installed distribution lead out of its folder by `..`.
///
/// # Errors
/// A lower-case fragment that says what is wrong, with the line.
pub fn recorded_paths(record: &[u8]) -> Result<Vec<String>, String> {
    Ok(recorded(record)?.into_iter().map(|row| row.path).collect())
}

/// A line of RECORD, as it is spelt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The path.
    pub path: String,
    /// `sha256=` and unpadded base64, as [`Sha256::record`](crate::Sha256::record) gives it; perhaps empty.
    pub digest: String,
    /// Bytes, in decimal digits; perhaps empty.
    pub size: String,
}

/// The lines of a RECORD. Nothing is checked but their form.
///
/// # Errors
/// As [`recorded_paths`].
pub fn recorded(record: &[u8]) -> Result<Vec<Recorded>, String> {
    let text = str::from_utf8(record).map_err(|_| "RECORD is not UTF-8".to_owned())?;
    let row = |row: Result<Row<'_>, RowError>| {
        let Row { path, digest, size, .. } = row?;
        Ok(Recorded { path: path.into_owned(), digest: digest.into_owned(), size: size.into_owned() })
    };
    let rows: Result<Vec<Recorded>, RowError> = Rows::new(text).map(row).collect();
    rows.map_err(|error| format!("RECORD line {}: {}", error.line, error.what))
}

/// RECORD cannot hold its own digest, and its signatures are made after it.
fn is_unlisted(path: &EntryPath, record: &EntryPath) -> bool {
    matches!(path.as_str().strip_prefix(record.as_str()), Some("" | ".jws" | ".p7s"))
}

/// The digest and size of one row against the file.
fn check_row(source: &dyn ReadAt, entry: &Entry, row: &Row<'_>) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut say = |finding: Finding| findings.push(finding.at(entry.path.as_str()));
    match row.size.parse::<u64>() {
        _ if row.size.is_empty() => {
            let message = format!("RECORD line {} gives no size", row.line);
            say(Finding::warning(Code::Record, message));
        }
        Ok(size) if size == entry.size => {}
        Ok(size) => {
            let message = format!("the file has {} bytes; RECORD line {} says {size}", entry.size, row.line);
            say(Finding::error(Code::RecordDigest, message));
        }
        Err(_) => {
            let message = format!("RECORD line {}: `{}` is not a size in bytes", row.line, row.size.escape_debug());
            say(Finding::error(Code::Record, message));
        }
    }
    let (algorithm, promised) = match digest(&row.digest) {
        Ok(digest) => digest,
        Err(what) => {
            let message = format!("RECORD line {}: {what}", row.line);
            say(Finding::error(Code::Record, message).source(SOURCE));
            return Ok(findings);
        }
    };
    let is = match algorithm {
        Algorithm::Sha256 => entry.sha256.as_bytes().to_vec(),
        Algorithm::Sha384 => hash::<sha2::Sha384>(source, entry)?,
        Algorithm::Sha512 => hash::<sha2::Sha512>(source, entry)?,
    };
    if is != promised {
        let message = format!("the file is not the one that RECORD line {} lists: its digest is another", row.line);
        say(Finding::error(Code::RecordDigest, message).help("build or download the wheel again"));
    }
    Ok(findings)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

/// "The hash algorithm must be sha256 or better; specifically, md5, sha1 and sha224 are not permitted."
fn digest(field: &str) -> Result<(Algorithm, Vec<u8>), String> {
    if field.is_empty() {
        return Err("no digest".to_owned());
    }
    let (name, value) = field.split_once('=').ok_or_else(|| format!("`{}` is not a digest", field.escape_debug()))?;
    let (algorithm, len) = match name {
        "sha256" => (Algorithm::Sha256, 32),
        "sha384" => (Algorithm::Sha384, 48),
        "sha512" => (Algorithm::Sha512, 64),
        "md5" | "sha1" | "sha224" => return Err(format!("a digest by {name}, which is too weak; sha256 is the least")),
        _ => return Err(format!("a digest by `{}`; sha256, sha384 and sha512 are known", name.escape_debug())),
    };
    let bytes = BASE64URL_NOPAD.decode(value.as_bytes()).ok().filter(|bytes| bytes.len() == len);
    let bytes = bytes.ok_or_else(|| format!("`{}` is not a {name} digest in unpadded base64", value.escape_debug()))?;
    Ok((algorithm, bytes))
}

/// The digests that are not made on the way cost one more pass; they are rare.
fn hash<D: Digest>(source: &dyn ReadAt, entry: &Entry) -> io::Result<Vec<u8>> {
    let mut digest = D::new();
    let mut buffers = Buffers::new();
    let mut stream = EntryStream::new(source, entry.packed(), &mut buffers);
    while let Some(chunk) = stream.next().map_err(|error| entry.data_error(error))? {
        digest.update(chunk);
    }
    Ok(digest.finalize().to_vec())
}

fn unsafe_path(record: &EntryPath, row: &Row<'_>, error: &UnsafePath) -> Finding {
    Finding::error(Code::RecordFiles, format!("RECORD line {}: {error}", row.line)).at(record.as_str()).source(SOURCE)
}

fn unreadable(record: &EntryPath, message: String) -> Finding {
    Finding::error(Code::Record, message).at(record.as_str()).source(SOURCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_an_installed_distribution() {
        let record = b"a.py,sha256=x,1\r\n../../bin/a,,\n\"b,c.py\",,\n";
        assert_eq!(recorded_paths(record), Ok(["a.py", "../../bin/a", "b,c.py"].map(str::to_owned).to_vec()));
        assert_eq!(
            recorded_paths(b"a.py,,\nb.py\n"),
            Err("RECORD line 2: 1 fields where path, digest and size belong".to_owned())
        );
        assert_eq!(recorded_paths(b"\xff"), Err("RECORD is not UTF-8".to_owned()));
    }

    #[test]
    fn digests_are_sha256_or_better() {
        let sha256 = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        assert_eq!(digest(sha256).map(|(algorithm, _)| algorithm), Ok(Algorithm::Sha256));
        for (field, reason) in [
            ("", "no digest"),
            ("47DEQ", "not a digest"),
            ("md5=1B2M2Y8AsgTpgAmY7PhCfg", "too weak"),
            ("sha1=2jmj7l5rSw0yVb_vlWAYkK_YBwk", "too weak"),
            ("bla360=AeOO", "are known"),
            ("sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", "unpadded base64"),
            ("sha256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "unpadded base64"),
            ("sha512=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "unpadded base64"),
        ] {
            assert!(digest(field).expect_err(field).contains(reason), "{field}");
        }
    }
}

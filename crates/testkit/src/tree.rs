//! What a folder or an archive holds, as sorted text for snapshot tests.
//!
//! The archive is read here on its own, from the central directory alone, so that neither the writer under test nor
//! this crate's builders vouch for themselves.

#[cfg(test)]
mod tests;

use std::{fmt::Write as _, path::Path};

use data_encoding::HEXLOWER;
use fs_err as fs;
use sha2::{Digest as _, Sha256};

/// A folder as text.
pub struct Tree;

impl Tree {
    /// One line for every file under `folder`, sorted by path: octal permission bits, size in bytes, the first 12 digits
    /// of its sha256, and its path with slashes. A symbolic link's line names its target.
    #[must_use]
    pub fn snapshot(folder: impl AsRef<Path>) -> String {
        let mut lines = Vec::new();
        collect(folder.as_ref(), "", &mut lines);
        lines.sort();
        lines.into_iter().fold(String::new(), |mut text, (path, facts)| {
            writeln!(text, "{facts} {path}").expect("writing to memory");
            text
        })
    }
}

fn collect(folder: &Path, prefix: &str, lines: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let metadata = fs::symlink_metadata(entry.path()).expect("an entry just listed is there");
        if metadata.is_dir() {
            collect(&entry.path(), &format!("{path}/"), lines);
        } else if metadata.is_symlink() {
            let target = fs::read_link(entry.path()).expect("a link can be read");
            lines.push((format!("{path} -> {}", target.display()), "link".to_owned()));
        } else {
            let bytes = fs::read(entry.path()).expect("a file just listed can be read");
            lines.push((path, format!("{:04o} {} {}", mode(&metadata), bytes.len(), digest(&bytes))));
        }
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_metadata: &std::fs::Metadata) -> u32 {
    0o644
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes)[..6])
}

/// One line for every record of a zip's central directory, in its order: octal mode with the file type, method, bytes
/// compressed and inflated, CRC-32, date and time, and the name. Panics if there is no central directory to read.
#[must_use]
pub fn zip_listing(zip: &[u8]) -> String {
    let end = (0..zip.len().saturating_sub(21)).rev().find(|at| zip[*at..].starts_with(b"PK\x05\x06"));
    let end = end.expect("a zip has an end record");
    let count = number(zip, end + 10, 2);
    let mut at = number(zip, end + 16, 4);
    let mut text = String::new();
    for _ in 0..count {
        assert!(zip[at..].starts_with(b"PK\x01\x02"), "no central record at byte {at}");
        let [name, extra, comment] = [28, 30, 32].map(|field| number(zip, at + field, 2));
        let method = match number(zip, at + 10, 2) {
            0 => "stored".to_owned(),
            8 => "deflated".to_owned(),
            other => format!("method {other}"),
        };
        let (time, date) = (number(zip, at + 12, 2), number(zip, at + 14, 2));
        writeln!(
            text,
            "{:06o} {method} {} {} {:08x} {}-{:02}-{:02} {:02}:{:02}:{:02} {}",
            number(zip, at + 38, 4) >> 16,
            number(zip, at + 20, 4),
            number(zip, at + 24, 4),
            number(zip, at + 16, 4),
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2,
            String::from_utf8_lossy(&zip[at + 46..at + 46 + name]),
        )
        .expect("writing to memory");
        at += 46 + name + extra + comment;
    }
    text
}

fn number(bytes: &[u8], at: usize, width: usize) -> usize {
    bytes[at..at + width].iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte))
}

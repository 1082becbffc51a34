//! What a file is that is called a zip archive and is none, as far as its first bytes tell.

use std::io;

use lambda_compat::{Code, Finding};

use crate::read_at::{ReadAt, read_vec};

/// Bytes from the start that are looked at: a tar archive says so at byte 257, and a Git LFS pointer is shorter.
pub(super) const HEAD: u64 = 512;

/// The first line of a Git LFS pointer
/// ([specification](https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)).
const GIT_LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// How other formats begin.
const MAGIC: [(&[u8], &str); 12] = [
    (b"\x1f\x8b", "gzip data, as a source distribution (.tar.gz) is"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "an ELF file, a program or library for Linux"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O file, a program or library for macOS"),
    (b"\xca\xfe\xba\xbe", "a Mach-O file, a program or library for macOS"),
    (b"MZ", "a program or library for Windows"),
    (b"%PDF-", "a PDF document"),
    (b"#!", "a script"),
];

/// What a file is instead of a zip archive; `None` where it begins like one.
///
/// # Errors
/// When the bytes cannot be read.
pub fn not_a_zip(source: &dyn ReadAt) -> io::Result<Option<Finding>> {
    let head = read_vec(source, 0, source.size().min(HEAD))?;
    let zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    Ok((!zip).then(|| describe(&head, source.size())))
}

/// What a file without an end record is. `head` are its first [`HEAD`] bytes or all of them, `size` counts them all.
pub(super) fn describe(head: &[u8], size: u64) -> Finding {
    let finding = |message: String| Finding::error(Code::NotAZip, message);
    let text = String::from_utf8_lossy(head);
    if head.is_empty() {
        return finding("the file is empty".to_owned()).help("download or build it again");
    }
    if head.starts_with(b"PK\x03\x04") {
        let message = format!("the archive is cut short: {size} bytes, but no end-of-central-directory record");
        return finding(message).help("download or build it again");
    }
    if head.starts_with(GIT_LFS) {
        let bytes = text.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse::<u64>().ok());
        let bytes = bytes.map(|bytes| format!(", which has {bytes} bytes")).unwrap_or_default();
        let message = format!("a Git LFS pointer, not the file itself{bytes}");
        return Finding::error(Code::GitLfsPointer, message)
            .help("fetch the file with `git lfs pull`; in a pipeline, check out with LFS files")
            .source("https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md");
    }
    if let Some(page) = page(&text) {
        let message = format!("{page}, not a zip archive: starts with `{}`", beginning(&text));
        return Finding::error(Code::SavedPage, message).help("is the index or a proxy returning a login page?");
    }
    let tar = head.get(257..262) == Some(b"ustar");
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    match known.or(tar.then_some("a tar archive")) {
        Some(known) => finding(format!("not a zip archive but {known}")).help("download or build a wheel"),
        None => {
            finding(format!("not a zip archive: starts with `{}`", beginning(&text))).help("download or build it again")
        }
    }
}

/// What servers answer in place of a file: a login page, or an error as HTML, XML or JSON.
fn page(text: &str) -> Option<&'static str> {
    let lower = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let starts = |with: &str| lower.starts_with(with);
    if starts("<!doctype html") || starts("<html") || starts("<head") || starts("<body") {
        Some("a web page")
    } else if starts("<?xml") || starts("<error>") {
        Some("an XML answer of a server")
    } else if starts("{\"") || starts("{\n") || starts("{}") {
        Some("a JSON answer of a server")
    } else {
        None
    }
}

/// The first letters, on one line; quotes stay as they are.
fn beginning(text: &str) -> String {
    let escaped = |letter: char| match letter {
        '\'' | '"' => letter.to_string(),
        other => other.escape_debug().to_string(),
    };
    text.chars().take(24).map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_in_place_of_a_wheel() {
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"foo-1");
        tar[257..262].copy_from_slice(b"ustar");
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        let cases: [(&[u8], &str); 11] = [
            (b"", "LP201 the file is empty"),
            (b"PK\x03\x04....", "LP201 the archive is cut short: 8 bytes, but no end-of-central-directory record"),
            (pointer, "LP513 a Git LFS pointer, not the file itself, which has 12345 bytes"),
            (b"version https://git-lfs.github.com/spec/v1\nsize x", "LP513 a Git LFS pointer, not the file itself"),
            (b"\n <!DOCTYPE html>", "LP514 a web page, not a zip archive: starts with `\\n <!DOCTYPE html>`"),
            (
                b"<?xml version='1.0'?>",
                "LP514 an XML answer of a server, not a zip archive: starts with `<?xml version='1.0'?>`",
            ),
            (b"{\"error\": 1}", "LP514 a JSON answer of a server, not a zip archive: starts with `{\"error\": 1}`"),
            (b"\x1f\x8b\x08", "LP201 not a zip archive but gzip data, as a source distribution (.tar.gz) is"),
            (&tar, "LP201 not a zip archive but a tar archive"),
            (b"\x7fELF\x02", "LP201 not a zip archive but an ELF file, a program or library for Linux"),
            (b"P", "LP201 not a zip archive: starts with `P`"),
        ];
        for (bytes, said) in cases {
            let finding = describe(bytes, bytes.len() as u64);
            assert_eq!(format!("{} {}", finding.code, finding.message), said);
            assert!(finding.help.is_some(), "{said}");
        }
    }

    #[test]
    fn what_begins_like_a_zip_archive_is_left_to_its_reader() {
        assert_eq!(not_a_zip(&b"PK\x03\x04".to_vec()).expect("bytes"), None);
        assert_eq!(not_a_zip(&b"PK\x05\x06".to_vec()).expect("bytes"), None);
        assert!(not_a_zip(&b"PK".to_vec()).expect("bytes").is_some());
        assert!(not_a_zip(&Vec::new()).expect("no bytes").is_some());
    }
}

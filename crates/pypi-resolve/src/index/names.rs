//! File names in URLs and on pages: decoded once, one plain component, and split by the project's name.

use pep440_rs::Version;
use wheel_tags::{DistName, WheelFilename};

use super::FileKind;

/// Longest file name that is looked at, in bytes; file systems stop at 255.
const LONGEST_NAME: usize = 255;

const SDIST_ENDINGS: [&str; 9] =
    [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.lzma", ".tar"];

/// `%xx` decoded once: decoding twice lets `%252F` become a slash (CVE-2026-13346).
pub(super) fn percent_decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'%', [high, low, behind @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(hex_digit(*high) << 4 | hex_digit(*low));
                rest = behind;
            }
            _ => decoded.push(first),
        }
    }
    decoded
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.saturating_sub(b'A') + 10,
    }
}

/// The file name at the end of a URL's path, percent-decoded once; `None` where it is not UTF-8.
pub(super) fn name_in_url(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    if !last.contains('%') {
        return Some(last.to_owned());
    }
    String::from_utf8(percent_decoded(last)).ok()
}

/// Whether a file name is one plain component that is safe to show and to join to a folder.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name != "."
        && name != ".."
        && !name.chars().any(|c| matches!(c, '/' | '\\' | ':') || c.is_control())
}

/// An unsafe name as it may be shown: everything that could escape or hide is an underscore.
pub(super) fn harmless(name: &str) -> String {
    let shown: String = name.chars().take(80).map(|c| if is_word(c) { c } else { '_' }).collect();
    if is_plain(&shown) { shown } else { "_".to_owned() }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | ' ')
}

/// Whether a file is named as a wheel; like pip and uv, in lower case only.
fn is_wheel(filename: &str) -> bool {
    filename.strip_suffix(".whl").is_some()
}

/// What the file name of a project's file says.
pub(super) fn kind_of(filename: &str, project: &DistName) -> FileKind {
    let other = |reason: String| FileKind::Other { reason };
    if is_wheel(filename) {
        return match filename.parse::<WheelFilename>() {
            Ok(wheel) if wheel.name == *project => FileKind::Wheel(wheel),
            Ok(wheel) => other(format!("a wheel of another project, {}", wheel.name)),
            Err(error) => other(error.to_string()),
        };
    }
    let Some(stem) = SDIST_ENDINGS.iter().find_map(|ending| filename.strip_suffix(ending)) else {
        return other("neither a wheel nor a source distribution".to_owned());
    };
    match sdist_version(stem, project) {
        Some(version) => FileKind::Sdist { version },
        None => other(format!("not named {project} and a version")),
    }
}

/// The version in the stem of a source distribution: what follows exactly the project's name. Splitting at a hyphen
/// without knowing the name reads `foo-2-2` of `foo-2` as `foo` 2-2 (CVE-2023-45805).
fn sdist_version(stem: &str, project: &DistName) -> Option<Version> {
    splits(stem).find(|(name, _)| name == project).map(|(_, version)| version)
}

/// Every way to read a stem as a name, a hyphen and a version.
fn splits(stem: &str) -> impl Iterator<Item = (DistName, Version)> {
    stem.match_indices('-').filter_map(|(at, _)| {
        let (name, version) = (stem.get(..at)?, stem.get(at + 1..)?);
        Some((name.parse().ok()?, version.parse().ok()?))
    })
}

/// The projects that a file may belong to: one for a wheel, one for each way to split a source distribution's name.
pub(super) fn projects_of(filename: &str) -> Vec<DistName> {
    if is_wheel(filename) {
        return filename.parse::<WheelFilename>().map(|wheel| wheel.name).into_iter().collect();
    }
    let stem = SDIST_ENDINGS.iter().find_map(|ending| filename.strip_suffix(ending)).unwrap_or_default();
    splits(stem).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DistName {
        text.parse().expect("a name")
    }

    fn sdist(filename: &str, project: &str) -> Option<String> {
        match kind_of(filename, &name(project)) {
            FileKind::Sdist { version } => Some(version.to_string()),
            _ => None,
        }
    }

    #[test]
    fn decoded_once() {
        assert_eq!(name_in_url("https://h/a/foo%2B1-%252F.whl?x=/y#z/").as_deref(), Some("foo+1-%2F.whl"));
        assert_eq!(name_in_url("https://h/a/%ff.whl"), None);
        assert_eq!(percent_decoded("%4%zz%41%"), b"%4%zzA%");
    }

    #[test]
    fn unsafe_names() {
        for bad in ["", ".", "..", "a/b", "..\\c.whl", "C:x.whl", "a\0b", "a\nb", &"x".repeat(300)] {
            assert!(!is_plain(bad), "{bad:?}");
            assert!(is_plain(&harmless(bad)), "{bad:?}");
        }
        assert!(is_plain("foo-1.0+cu121-py3-none-any.whl"));
    }

    #[test]
    fn sdists_are_split_by_the_name() {
        assert_eq!(sdist("foo-2-2.tar.gz", "foo-2").as_deref(), Some("2"));
        assert_eq!(sdist("Foo_Bar-1.0.zip", "foo-bar").as_deref(), Some("1.0"));
        assert_eq!(sdist("foo-bar-1.0.tar.gz", "foo-bar").as_deref(), Some("1.0"));
        assert_eq!(sdist("foo-bar-1.0.tar.gz", "foo"), None);
        assert_eq!(sdist("foo-1.0.exe", "foo"), None);
    }

    #[test]
    fn wheels_of_others_are_not_taken() {
        assert!(matches!(kind_of("foo-1-py3-none-any.whl", &name("foo")), FileKind::Wheel(_)));
        assert!(matches!(kind_of("bar-1-py3-none-any.whl", &name("foo")), FileKind::Other { .. }));
        assert!(matches!(kind_of("foo-1.whl", &name("foo")), FileKind::Other { .. }));
    }
}

//! Names of files: those that another system takes for one, and those that Linux does not take.

use std::collections::BTreeMap;

use lambda_compat::{Code, Finding};
use unicode_normalization::UnicodeNormalization as _;

use crate::Layout;

const UNPACKED: &str = "https://man7.org/linux/man-pages/man3/pathconf.3.html";

/// Bytes of a path and of one name in it that Linux takes; limits.h.
const PATH_MAX: usize = 4096;
const NAME_MAX: usize = 255;

/// LP422: names that differ only in case, or in how Unicode spells a letter. Lambda keeps both files; macOS and Windows,
/// where the code was tested, keep one. `paths` are sorted.
pub(crate) fn alike(paths: &[&str]) -> Option<Finding> {
    let mut folded: BTreeMap<String, &str> = BTreeMap::new();
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for path in paths.iter().filter(|path| path.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())) {
        let plain = fold(path);
        match paths.binary_search(&plain.as_str()).ok().and_then(|at| paths.get(at)).filter(|other| *other != path) {
            Some(other) => pairs.push((path, other)),
            None => pairs.extend(folded.insert(plain, path).map(|other| (other, *path))),
        }
    }
    let (one, other) = pairs.first()?;
    let more = match pairs.len() {
        1 => String::new(),
        2 => "; 1 more pair too".to_owned(),
        count => format!("; {} more pairs too", count - 1),
    };
    let how = if one.eq_ignore_ascii_case(other) { "case" } else { "the spelling of letters (Unicode)" };
    let message = format!("its name differs from that of {other} in {how} only{more}");
    Some(
        Finding::warning(Code::NamesAlike, message)
            .at(*one)
            .help("Lambda keeps both, macOS and Windows one of them: rename one")
            .source("https://docs.python.org/3/reference/lexical_analysis.html#identifiers"),
    )
}

fn fold(path: &str) -> String {
    if path.is_ascii() { path.to_ascii_lowercase() } else { path.nfc().collect::<String>().to_lowercase() }
}

/// Whether Linux can unpack the path: `PATH_MAX` and `NAME_MAX` of limits.h, the folder that Lambda unpacks into counted.
pub(crate) fn fits(path: &str, layout: Layout) -> bool {
    let above = layout.root().len() + "/".len();
    above + path.len() < PATH_MAX && path.split('/').all(|name| name.len() <= NAME_MAX)
}

/// LP208: a name that Linux does not take.
pub(crate) fn too_long(path: &str, layout: Layout) -> Option<Finding> {
    (!fits(path, layout)).then(|| {
        let longest = path.split('/').map(str::len).max().unwrap_or_default();
        let message = if longest > NAME_MAX {
            format!("a name of {longest} bytes; Linux takes {NAME_MAX}, and Lambda cannot unpack it")
        } else {
            format!("a path of {} bytes; Linux takes {PATH_MAX} with what is above it", path.len())
        };
        Finding::error(Code::EntryName, message).at(path).source(UNPACKED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_other_systems_take_for_one() {
        let said = |mut paths: Vec<&str>| {
            paths.sort_unstable();
            alike(&paths).map(|finding| format!("{}: {}", finding.entry.unwrap_or_default(), finding.message))
        };
        assert_eq!(said(vec!["a/README", "a/METADATA", "b/readme"]), None);
        insta::assert_snapshot!(said(vec!["a/README", "a/readme"]).expect("a pair"), @"a/README: its name differs from that of a/readme in case only");
        insta::assert_snapshot!(said(vec!["A/b", "a/B", "c", "C"]).expect("two pairs"), @"C: its name differs from that of c in case only; 1 more pair too");
        // e with an accent, as one character and as two.
        insta::assert_snapshot!(said(vec!["caf\u{e9}.py", "cafe\u{301}.py"]).expect("a pair"), @"café.py: its name differs from that of café.py in the spelling of letters (Unicode) only");
    }

    #[test]
    fn linux_takes_what_fits() {
        let name = |bytes: usize| "n".repeat(bytes);
        assert!(fits(&name(255), Layout::Layer));
        assert!(!fits(&name(256), Layout::Layer));
        let path = |bytes: usize| format!("{}{}", "abc/".repeat(bytes / 4), name(bytes % 4));
        // With /opt/ before it and a NUL behind it.
        assert!(fits(&path(4090), Layout::Layer));
        assert!(!fits(&path(4091), Layout::Layer));
        assert!(!fits(&path(4090), Layout::Function));
    }
}

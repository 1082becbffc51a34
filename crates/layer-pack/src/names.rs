//! Names of files: those that another system takes for one, and those that Linux does not take.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_compat::{Code, Finding};
use wheel_archive::folded;

use crate::Layout;

const LIMITS_H: &str = "https://man7.org/linux/man-pages/man3/pathconf.3.html";

/// Bytes of a path and of one name in it that Linux takes; limits.h.
const PATH_MAX: usize = 4096;
const NAME_MAX: usize = 255;

/// LP209, a warning: files of different owners whose names other systems take for one. What one archive holds of that is
/// said where it is read.
pub(crate) fn alike<'p, O: PartialEq>(files: impl Iterator<Item = (&'p str, O)>) -> Vec<Finding> {
    let mut seen: BTreeMap<Cow<'p, str>, (&'p str, O)> = BTreeMap::new();
    let mut findings = Vec::new();
    for (path, owner) in files {
        if let Some((first, other)) = seen.get(&folded(path)) {
            if *other != owner {
                let message = wheel_archive::alike(first, path);
                findings.push(Finding::warning(Code::DuplicateEntry, message).at(path));
            }
        } else {
            seen.insert(folded(path), (path, owner));
        }
    }
    findings
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
        Finding::error(Code::EntryName, message).at(path).source(LIMITS_H)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alike_of_different_owners() {
        let said = |files: &[(&'static str, u8)]| {
            let findings = alike(files.iter().copied()).into_iter();
            findings
                .map(|finding| format!("{} {}", finding.entry.unwrap_or_default(), finding.message))
                .collect::<Vec<_>>()
        };
        assert_eq!(said(&[("a/README", 1), ("a/readme", 1), ("b/readme", 2)]), [""; 0]);
        let lost = "differs from `a/README` by case only: one of them is lost on macOS and Windows";
        assert_eq!(said(&[("a/README", 1), ("a/readme", 2)]), [format!("a/readme {lost}")]);
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

//! WHEEL: the archive's own description
//! ([binary distribution format](https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-contents)).

use std::collections::BTreeSet;

use lambda_compat::{Code, Finding};
use serde::{Deserialize, Serialize};
use wheel_tags::{Tag, TagSet, WheelFilename};

use crate::headers::{MAX_HEADERS, headers};

const SOURCE: &str = "https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-contents";

/// Compatibility tags in one WHEEL file at most: real ones have a few dozen.
const MAX_TAGS: usize = 10_000;

/// What the WHEEL file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WheelInfo {
    /// `Wheel-Version`, major and minor.
    pub version: (u32, u32),
    /// `Root-Is-Purelib`: whether the files at the root are the same on every platform. On Lambda both kinds go to one
    /// folder.
    pub root_is_purelib: bool,
    /// Every `Tag`, expanded, in the file's order.
    pub tags: Vec<Tag>,
}

impl WheelInfo {
    /// Reads a wheel's WHEEL file; the second value holds warnings. `Err` is the one finding that stands against it.
    pub(crate) fn parse(bytes: &[u8], filename: &WheelFilename) -> Result<(Self, Vec<Finding>), Finding> {
        let (info, mut warnings) = Self::read(bytes)?;
        for warning in warnings.iter_mut().filter(|warning| warning.code == Code::TagsDiffer) {
            warning.message += "; the file name decides";
        }
        warnings.extend(differing_tags(&info.tags, filename));
        Ok((info, warnings))
    }

    /// Reads a WHEEL file, in a wheel or where one is installed; the second value holds warnings.
    ///
    /// # Errors
    /// The one finding that stands against it.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<Finding>), Finding> {
        let error = |message: String| Finding::error(Code::WheelFile, message).source(SOURCE);
        let headers = headers(bytes).ok_or_else(|| error(format!("more than {MAX_HEADERS} lines")))?;
        let all = |key: &'static str| {
            let found = headers.iter().filter(move |header| header.is(key));
            found.map(move |header| {
                let value = header.value();
                value.map(|value| (header.line, value)).ok_or_else(|| error(format!("line {}: not UTF-8", header.line)))
            })
        };
        let mut warnings = Vec::new();
        for key in ["Wheel-Version", "Root-Is-Purelib"] {
            // Some readers take the first, others the last.
            if let Some(second) = headers.iter().filter(|header| header.is(key)).nth(1) {
                return Err(error(format!("line {}: a second {key}", second.line)));
            }
        }

        let (line, text) = all("Wheel-Version").next().ok_or_else(|| error("no Wheel-Version".to_owned()))??;
        let numbers = text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        let version =
            numbers.ok_or_else(|| error(format!("line {line}: `{}` is not a Wheel-Version", text.escape_debug())))?;
        // "A wheel installer should warn if Wheel-Version is greater than the version it supports, and must fail if
        // Wheel-Version has a greater major version than the version it supports."
        match version {
            (1, 0) => {}
            (1, minor) => {
                let message =
                    format!("Wheel-Version 1.{minor} is newer than 1.0, the one known: some of it may be missed");
                warnings.push(Finding::warning(Code::WheelFile, message).source(SOURCE));
            }
            (major, minor) => {
                let message = format!("Wheel-Version {major}.{minor} is not known; 1.0 is");
                return Err(error(message).help("look for a newer layerpack, or build the wheel as version 1.0"));
            }
        }

        let root_is_purelib = match all("Root-Is-Purelib").next().transpose()? {
            None => false,
            Some((_, text)) if text.eq_ignore_ascii_case("true") => true,
            Some((_, text)) if text.eq_ignore_ascii_case("false") => false,
            Some((line, text)) => {
                return Err(error(format!(
                    "line {line}: Root-Is-Purelib is `{}`, not true or false",
                    text.escape_debug()
                )));
            }
        };

        let mut tags = Vec::new();
        for tag in all("Tag") {
            let (line, text) = tag?;
            match text.parse::<TagSet>() {
                Ok(set) => tags.extend(set.iter()),
                Err(unreadable) => {
                    let message = format!("WHEEL line {line}: {unreadable}");
                    warnings.push(Finding::warning(Code::TagsDiffer, message));
                }
            }
            if tags.len() > MAX_TAGS {
                return Err(error(format!("line {line}: more than {MAX_TAGS} tags")));
            }
        }
        Ok((Self { version, root_is_purelib, tags }, warnings))
    }
}

/// The file name decides what is installed where; that the tags inside agree is left to the builder.
fn differing_tags(tags: &[Tag], filename: &WheelFilename) -> Option<Finding> {
    let spell = |tags: BTreeSet<String>| tags.into_iter().collect::<Vec<_>>().join(", ");
    let inside: BTreeSet<String> = tags.iter().map(ToString::to_string).collect();
    let outside: BTreeSet<String> = filename.tags.iter().map(|tag| tag.to_string()).collect();
    if inside == outside {
        return None;
    }
    let message = if inside.is_empty() {
        "the WHEEL file has no tags; the file name decides".to_owned()
    } else {
        let only_inside = inside.difference(&outside).cloned().collect::<BTreeSet<_>>();
        let only_outside = outside.difference(&inside).cloned().collect::<BTreeSet<_>>();
        match (only_inside.is_empty(), only_outside.is_empty()) {
            (false, true) => format!("the WHEEL file also says {}; the file name decides", spell(only_inside)),
            (true, _) => format!("the WHEEL file does not say {}; the file name decides", spell(only_outside)),
            (false, false) => format!(
                "the WHEEL file says {} where the file name says {}; the file name decides",
                spell(only_inside),
                spell(only_outside)
            ),
        }
    };
    Some(Finding::warning(Code::TagsDiffer, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(WheelInfo, Vec<Finding>), Finding> {
        WheelInfo::parse(text.as_bytes(), &"foo-1.0-py2.py3-none-any.whl".parse().expect("a wheel's name"))
    }

    #[test]
    fn a_plain_wheel_file() {
        let (info, warnings) =
            parse("Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: True\nTag: py2-none-any\nTag: py3-none-any\n")
                .expect("sound");
        assert_eq!((info.version, info.root_is_purelib, info.tags.len()), ((1, 0), true, 2));
        assert_eq!(warnings, []);
        assert_eq!(parse("Wheel-Version: 1.0\nTag: py2.py3-none-any\n").expect("sound").1, []);
    }

    #[test]
    fn versions_and_values_that_are_refused() {
        for (text, message) in [
            ("", "no Wheel-Version"),
            ("Wheel-Version: one", "line 1: `one` is not a Wheel-Version"),
            ("Wheel-Version: 2.0", "Wheel-Version 2.0 is not known; 1.0 is"),
            ("Wheel-Version: 0.9", "Wheel-Version 0.9 is not known; 1.0 is"),
            ("Wheel-Version: 1.0\nRoot-Is-Purelib: maybe", "line 2: Root-Is-Purelib is `maybe`, not true or false"),
        ] {
            assert_eq!(parse(text).expect_err(text).message, message);
        }
    }

    #[test]
    fn what_is_only_a_warning() {
        let warnings =
            |text: &str| parse(text).expect(text).1.into_iter().map(|w| (w.code, w.message)).collect::<Vec<_>>();
        let unreadable = warnings("Wheel-Version: 1.0\nTag: py2.py3-none-any\nTag: py3\n");
        assert!(unreadable[0].1.starts_with("WHEEL line 3: "), "{unreadable:?}");
        let newer = warnings("Wheel-Version: 1.9\nTag: py2.py3-none-any");
        assert_eq!(newer.len(), 1);
        assert!(newer[0].1.starts_with("Wheel-Version 1.9 is newer"), "{newer:?}");
        let tags = |text: &str| warnings(&format!("Wheel-Version: 1.0\n{text}")).remove(0);
        let differ = |message: &str| (Code::TagsDiffer, format!("{message}; the file name decides"));
        assert_eq!(tags(""), differ("the WHEEL file has no tags"));
        assert_eq!(tags("Tag: py3-none-any"), differ("the WHEEL file does not say py2-none-any"));
        assert_eq!(tags("Tag: py2.py3.py4-none-any"), differ("the WHEEL file also says py4-none-any"));
        assert_eq!(
            tags("Tag: cp311-cp311-linux_x86_64"),
            differ("the WHEEL file says cp311-cp311-linux_x86_64 where the file name says py2-none-any, py3-none-any")
        );
    }
}

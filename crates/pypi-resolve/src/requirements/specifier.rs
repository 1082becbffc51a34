//! Version specifiers: reading them strictly, and mending those of old METADATA.

use std::ops::Range;
use std::str::FromStr;

use pep440_rs::{VersionSpecifier, VersionSpecifiers};

use super::error::Fault;

/// Reads `>=1,<2` (PEP 440); an empty text is every version.
pub(crate) fn read_specifiers(text: &str) -> Result<VersionSpecifiers, Fault> {
    if text.trim().is_empty() {
        return Ok(VersionSpecifiers::empty());
    }
    let mut clauses = Vec::new();
    let mut start = 0;
    for clause in text.split(',') {
        let span = trimmed_span(clause, start);
        clauses.push(read_clause(clause.trim(), span)?);
        start += clause.len() + 1;
    }
    Ok(clauses.into_iter().collect())
}

fn read_clause(clause: &str, span: Range<usize>) -> Result<VersionSpecifier, Fault> {
    if clause.is_empty() {
        return Err(Fault::unreadable(span, "a version specifier is missing: a `,` has nothing beside it"));
    }
    if !clause.is_ascii() {
        // pep440_rs folds some letters to ASCII; PEP 440 knows no others.
        return Err(Fault::unreadable(span, format!("`{clause}` is not a version specifier: it is not ASCII")));
    }
    VersionSpecifier::from_str(clause).map_err(|error| {
        let mut why = error.to_string();
        if let Some(first) = why.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let fault = Fault::unreadable(span, format!("`{clause}` is not a version specifier: {why}"));
        match clause.strip_prefix('=').map(str::trim_start) {
            Some(version) if version.starts_with(|c: char| c.is_ascii_digit()) => {
                fault.help(format!("for that version and no other write `=={version}`"))
            }
            _ => fault,
        }
    })
}

/// Where a text that begins at `start` has its first and last visible character.
pub(crate) fn trimmed_span(text: &str, start: usize) -> Range<usize> {
    let indent = text.len() - text.trim_start().len();
    start + indent..(start + text.trim_end().len()).max(start + indent)
}

/// Reads specifiers of METADATA and index pages, mending what old tools wrote.
///
/// PyPI has files from before PEP 440 was enforced. pip up to 24.0 and uv take these, so layers that use them exist;
/// each is mended only where the text cannot be read as it stands:
///
/// | written | read as |
/// | --- | --- |
/// | `>=3.6,` | `>=3.6` |
/// | `>=7.2.0<8.0.0` | `>=7.2.0,<8.0.0` |
/// | `>=1.9.*`, `<3.4.*` | `>=1.9`, `<3.4` |
/// | `!=~5.0` | `!=5.0.*` |
/// | `!=3.0*` | `!=3.0.*` |
/// | `>dev` | `>0.0.0.dev0` |
/// | `>=9.0.0a1.0` | `>=9.0.0a1` |
/// | `>= '2.7'`, `>=3.6'` | `>=2.7`, `>=3.6` |
///
/// # Errors
///
/// A fragment saying which specifier cannot be read even so.
pub fn lenient_specifiers(text: &str) -> Result<VersionSpecifiers, String> {
    read_specifiers(text).or_else(|fault| read_specifiers(&mended(text)).map_err(|_| fault.problem.to_string()))
}

/// The clauses of a legacy specifier text, each mended, joined by commas.
fn mended(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
    let mut clauses: Vec<String> = Vec::new();
    let mut rest = text.trim_start_matches(separator);
    while !rest.is_empty() {
        let (operator, after) = split_at_first(rest, |c| !is_operator(c));
        let (version, after) = split_at_first(after.trim_start(), |c| is_operator(c) || c == ',');
        clauses.push(mended_clause(operator, version.trim_end()));
        rest = after.trim_start_matches(separator);
    }
    clauses.join(",")
}

fn separator(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

fn is_operator(c: char) -> bool {
    "<>=~!".contains(c)
}

fn split_at_first(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

fn mended_clause(operator: &str, version: &str) -> String {
    let starless = version.strip_suffix('*').map(|version| version.strip_suffix('.').unwrap_or(version));
    match (operator, starless) {
        (">", None) if version == "dev" => ">0.0.0.dev0".to_owned(),
        ("!=~", None) => format!("!={version}.*"),
        ("<" | "<=" | ">" | ">=", Some(release)) => format!("{operator}{release}"),
        (_, Some(release)) => format!("{operator}{release}.*"),
        (_, None) => format!("{operator}{}", without_zero_behind_suffix(version)),
    }
}

/// `9.0.0a1.0` to `9.0.0a1`: some tools appended `.0` to every version.
fn without_zero_behind_suffix(version: &str) -> &str {
    match version.strip_suffix(".0") {
        Some(shorter) if shorter.contains(|c: char| c.is_ascii_alphabetic()) && !shorter.contains('+') => shorter,
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_reading() {
        for good in ["", " ", "==1", "~=1.4.2", "==1.*,!=1.2.*", "===1.0", ">= 1 , < 2", "<=1!2.0", "==1.0+local.1"] {
            assert!(read_specifiers(good).is_ok(), "{good}");
        }
        for bad in [
            "=1",
            "~=1",
            ">=1.*",
            "==1.*.2",
            "~=1.0+5",
            ">=1.0+a",
            "==2.0a1.*",
            "1.0",
            "==",
            ",",
            ">1,",
            "==1.2+İ",
            "==1 2",
            "=>1",
        ] {
            assert!(read_specifiers(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_fault_is_at_the_clause() {
        let fault = read_specifiers(">=1, =2 ,<3").expect_err("`=2` is no specifier");
        assert_eq!((fault.span, fault.help.as_deref()), (5..7, Some("for that version and no other write `==2`")));
    }

    #[test]
    fn legacy_specifiers_are_mended() {
        for (written, read) in [
            (">=3.6,", ">=3.6"),
            (">=3.6, ", ">=3.6"),
            (">=7.2.0<8.0.0", ">=7.2.0,<8.0.0"),
            (">=1.9.*", ">=1.9"),
            (">=2.7,!=3.0.*,<3.4.*", ">=2.7,!=3.0.*,<3.4"),
            ("!=~5.0,>=4.12", "!=5.0.*,>=4.12"),
            (">=2.7,!=3.0*,!=3.1*", ">=2.7,!=3.0.*,!=3.1.*"),
            (">dev", ">0.0.0.dev0"),
            (">=9.0.0a1.0", ">=9.0.0a1"),
            (">= '2.7'", ">=2.7"),
            (">=3.6'", ">=3.6"),
            (">=1.3.0,<1.4.0',", ">=1.3.0,<1.4.0"),
        ] {
            assert!(read_specifiers(written).is_err(), "{written} needs mending");
            let expected = read_specifiers(read).expect("a sound specifier");
            assert_eq!(lenient_specifiers(written), Ok(expected), "{written}");
        }
        for hopeless in ["banana", ">=x", "~=1", "(1.0)", ">=1 2"] {
            assert!(lenient_specifiers(hopeless).is_err(), "{hopeless}");
        }
    }
}

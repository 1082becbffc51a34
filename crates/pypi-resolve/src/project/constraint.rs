//! Poetry's version constraints, as its documentation has them:
//! <https://python-poetry.org/docs/dependency-specification/#version-constraints>.
//!
//! | written | means |
//! | --- | --- |
//! | `^1.2.3`, `^0.2.3`, `^0.0.3`, `^0.0`, `^0` | `>=1.2.3,<2`, `>=0.2.3,<0.3`, `>=0.0.3,<0.0.4`, `>=0.0,<0.1`, `>=0,<1` |
//! | `~1.2.3`, `~1.2`, `~1` | `>=1.2.3,<1.3`, `>=1.2,<1.3`, `>=1,<2` |
//! | `*`, `1.*`, `1.2.x` | everything, `==1.*`, `==1.2.*` |
//! | `1.2.3`, `=1.2.3` | `==1.2.3` |
//! | `>=1,<2`, `>=1 <2` | both |
//! | `^1 \|\| ^3` | either |
//! | anything of PEP 440 | that |

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

use crate::resolve::admits;

/// Bytes of a constraint.
const LONGEST: usize = 4096;

/// A constraint: one of these must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoetryConstraint(Vec<VersionSpecifiers>);

impl FromStr for PoetryConstraint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > LONGEST || !text.is_ascii() {
            return Err(format!("a version constraint has at most {LONGEST} letters, all of them ASCII"));
        }
        let alternatives = text.split('|').enumerate().filter(|(at, part)| *at == 0 || !part.trim().is_empty());
        alternatives.map(|(_, part)| alternative(part)).collect::<Result<_, _>>().map(Self)
    }
}

impl PoetryConstraint {
    /// What every version meets.
    pub(crate) fn any() -> Self {
        Self::of(VersionSpecifiers::empty())
    }

    /// What PEP 440 says.
    pub(crate) fn of(specifiers: VersionSpecifiers) -> Self {
        Self(vec![specifiers])
    }

    /// Whether a version will do.
    pub(crate) fn admits(&self, version: &Version) -> bool {
        self.0.iter().any(|specifiers| admits(specifiers, version))
    }

    /// The same as PEP 440 specifiers, all of which must hold; `None` where it is a choice that those cannot express.
    pub(crate) fn specifiers(&self) -> Option<VersionSpecifiers> {
        match self.0.as_slice() {
            [only] => Some(only.clone()),
            several => around_holes(several),
        }
    }

    /// The same as a marker about the Python; `None` where every Python will do.
    pub(crate) fn python_marker(&self) -> Option<String> {
        let alternatives: Vec<String> = self.0.iter().filter(|one| !one.is_empty()).map(python_marker).collect();
        let all = alternatives.len() == self.0.len();
        all.then(|| alternatives.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" or "))
    }
}

fn python_marker(specifiers: &VersionSpecifiers) -> String {
    let clause = |specifier: &VersionSpecifier| {
        let (version, star) = (specifier.version(), specifier.operator().is_star());
        // `<=3.9` admits all of 3.9 here, as with Poetry.
        let variable = if version.release().len() <= 2 && !star { "python_version" } else { "python_full_version" };
        let operator = specifier.operator().to_string();
        format!("{variable} {operator} '{version}{}'", if star { ".*" } else { "" })
    };
    specifiers.iter().map(clause).collect::<Vec<_>>().join(" and ")
}

/// `>=1,<2.2 || >2.2,<3` is `>=1,<3,!=2.2`, and `<2 || >=3` is `!=2.*`.
fn around_holes(alternatives: &[VersionSpecifiers]) -> Option<VersionSpecifiers> {
    let mut clauses: Vec<VersionSpecifier> = Vec::new();
    for (at, alternative) in alternatives.iter().enumerate() {
        let (mut lower, mut upper) = (None, None);
        for specifier in alternative.iter() {
            match specifier.operator() {
                Operator::GreaterThan | Operator::GreaterThanEqual if lower.is_none() => lower = Some(specifier),
                Operator::LessThan | Operator::LessThanEqual if upper.is_none() => upper = Some(specifier),
                _ => return None,
            }
        }
        match (at, lower) {
            (0, lower) => clauses.extend(lower.cloned()),
            (_, Some(lower)) => {
                let before = alternatives.get(at - 1)?.iter().find(|s| *s.operator() == Operator::LessThan)?;
                clauses.push(hole(before, lower)?);
            }
            (_, None) => return None,
        }
        if at + 1 == alternatives.len() {
            clauses.extend(upper.cloned());
        }
    }
    Some(clauses.into_iter().collect())
}

/// What lies between `<a` and `>a`, or between `<2` and `>=3`.
fn hole(before: &VersionSpecifier, after: &VersionSpecifier) -> Option<VersionSpecifier> {
    let (from, to) = (before.version(), after.version());
    match after.operator() {
        Operator::GreaterThan if from == to => VersionSpecifier::from_version(Operator::NotEqual, from.clone()).ok(),
        Operator::GreaterThanEqual if !from.any_prerelease() && next(from, from.release().len() - 1) == *to => {
            VersionSpecifier::from_version(Operator::NotEqualStar, from.clone()).ok()
        }
        _ => None,
    }
}

/// Constraints that must all hold.
fn alternative(text: &str) -> Result<VersionSpecifiers, String> {
    let mut clauses = Vec::new();
    let mut rest = text.trim_start_matches(separator);
    while !rest.is_empty() {
        let (operator, after) = rest.split_at(rest.find(|c| !"^~<>=!".contains(c)).unwrap_or(rest.len()));
        let after = after.trim_start();
        let (version, after) = after.split_at(after.find(separator).unwrap_or(after.len()));
        clauses.extend(clause(operator, version.strip_prefix('v').unwrap_or(version))?);
        rest = after.trim_start_matches(separator);
    }
    Ok(clauses.into_iter().collect())
}

fn separator(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

fn clause(operator: &str, text: &str) -> Result<Vec<VersionSpecifier>, String> {
    let wrong = || format!("`{operator}{text}` is not a version constraint");
    let starless = text.strip_suffix(['*', 'x', 'X']).map(|front| front.strip_suffix('.').unwrap_or(front));
    let version = |text: &str| Version::from_str(text).map_err(|_| wrong());
    let bounds = |lower: Version, upper: Version| {
        Ok(vec![
            VersionSpecifier::from_version(Operator::GreaterThanEqual, lower).map_err(|_| wrong())?,
            VersionSpecifier::from_version(Operator::LessThan, upper).map_err(|_| wrong())?,
        ])
    };
    match (operator, starless) {
        ("" | "=" | "==", Some("")) => Ok(Vec::new()),
        ("^", None) => {
            let version = version(text)?;
            let release = version.release();
            let first = release.iter().position(|part| *part != 0).unwrap_or(release.len() - 1);
            let upper = next(&version, first);
            bounds(version, upper)
        }
        ("~", None) => {
            let version = version(text)?;
            let upper = next(&version, version.release().len().min(2) - 1);
            bounds(version, upper)
        }
        _ => {
            let operator = match operator {
                "" | "=" => "==",
                "<>" => "!=",
                other => other,
            };
            let text = match (operator, starless) {
                ("==" | "!=", Some(front)) => format!("{operator}{front}.*"),
                (_, Some(front)) => format!("{operator}{front}"),
                (_, None) => format!("{operator}{text}"),
            };
            Ok(vec![VersionSpecifier::from_str(&text).map_err(|_| wrong())?])
        }
    }
}

/// The release that follows all that begin like this one, up to and with the part at an index.
fn next(version: &Version, at: usize) -> Version {
    let mut release: Vec<u64> = version.release().iter().copied().take(at + 1).collect();
    if let Some(last) = release.last_mut() {
        *last = last.saturating_add(1);
    }
    Version::new(release).with_epoch(version.epoch())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PoetryConstraint {
        text.parse().unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    fn specifiers(text: &str) -> Option<String> {
        let specifiers = read(text).specifiers()?;
        Some(specifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }

    /// The examples of Poetry's documentation, and what its locks hold.
    #[test]
    fn as_documented() {
        for (written, means) in [
            ("^1.2.3", ">=1.2.3,<2"),
            ("^1.2", ">=1.2,<2"),
            ("^1", ">=1,<2"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0.0", ">=0.0,<0.1"),
            ("^0", ">=0,<1"),
            ("~1.2.3", ">=1.2.3,<1.3"),
            ("~1.2", ">=1.2,<1.3"),
            ("~1", ">=1,<2"),
            ("*", ""),
            ("", ""),
            ("1.*", "==1.*"),
            ("1.2.*", "==1.2.*"),
            ("1.2.x", "==1.2.*"),
            ("!=1.2.*", "!=1.2.*"),
            (">= 1.2.0", ">=1.2.0"),
            (">1", ">1"),
            (">=1.2,<1.5", ">=1.2,<1.5"),
            (">=1.2 <1.5", ">=1.2,<1.5"),
            ("==1.2.3", "==1.2.3"),
            ("1.2.3", "==1.2.3"),
            ("=1.2.3", "==1.2.3"),
            ("~=1.5.0", "~=1.5.0"),
            ("v2.0", "==2.0"),
            ("^2.0b1", ">=2.0b1,<3"),
            ("^1!2.0", ">=1!2.0,<1!3"),
            (">=3.6.*", ">=3.6"),
            (">=1.25.4,<2.2.0 || >2.2.0,<3", ">=1.25.4,!=2.2.0,<3"),
            ("<2.0|| >=2.1", "!=2.0.*"),
        ] {
            assert_eq!(specifiers(written).as_deref(), Some(means), "{written}");
        }
    }

    #[test]
    fn choices() {
        let either = read("^1.2 || ^4.0");
        assert!(either.admits(&Version::new([1, 5])) && either.admits(&Version::new([4, 1])));
        assert!(!either.admits(&Version::new([2, 0])));
        assert_eq!(either.specifiers(), None);
    }

    #[test]
    fn pythons() {
        assert_eq!(read("*").python_marker(), None);
        let marker = |text: &str| read(text).python_marker().expect("a marker");
        assert_eq!(marker("^3.8"), "(python_version >= '3.8' and python_version < '4')");
        assert_eq!(
            marker(">=3.8.1,<3.9 || 3.11.*"),
            "(python_full_version >= '3.8.1' and python_version < '3.9') or (python_full_version == '3.11.*')"
        );
    }

    #[test]
    fn what_is_no_constraint() {
        for bad in ["banana", "^", "^*", "~=1", "1.2.3.", ">", "=>1", "1 - 2", "^é", &"1".repeat(9999)] {
            assert!(bad.parse::<PoetryConstraint>().is_err(), "{bad}");
        }
    }
}

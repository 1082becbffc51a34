//! The part of a lock that is being read: what its values are read with, and where messages say that it stands.

use std::collections::BTreeSet;
use std::str::FromStr;

use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;
use wheel_tags::DistName;

use super::condition::Condition;
use super::error::LockError;
use crate::requirements::{Place, lenient_specifiers, marker};
use crate::source_text::{SourceText, TextFault};

/// Entries that one name may have. Real locks have a few, one for each fork of the resolution.
pub(super) const MOST_OF_ONE_NAME: usize = 256;

/// A table of a lock.
pub(super) struct Entry<'a> {
    pub(super) source: &'a SourceText<'a>,
    /// The byte at which it begins.
    pub(super) at: usize,
    /// The package it is about, as the lock spells it.
    pub(super) package: Option<String>,
}

impl<'a> Entry<'a> {
    /// What stands outside all packages.
    pub(super) fn top(source: &'a SourceText<'a>) -> Self {
        Self { source, at: 0, package: None }
    }

    pub(super) fn place(&self) -> Place {
        self.source.place(self.at)
    }

    pub(super) fn invalid(&self, key: &'static str, why: impl Into<String>) -> LockError {
        LockError::Invalid { place: self.place(), package: self.package.clone(), key, why: why.into() }
    }

    pub(super) fn read<T: FromStr<Err: ToString>>(&self, key: &'static str, text: &str) -> Result<T, LockError> {
        text.parse().map_err(|error: T::Err| self.invalid(key, format!("cannot be read: {}", error.to_string())))
    }

    pub(super) fn specifiers(&self, key: &'static str, text: &str) -> Result<VersionSpecifiers, LockError> {
        lenient_specifiers(text).map_err(|why| self.invalid(key, format!("cannot be read: {why}")))
    }

    pub(super) fn names(&self, key: &'static str, texts: &[String]) -> Result<BTreeSet<DistName>, LockError> {
        texts.iter().map(|text| self.read(key, text)).collect()
    }

    /// A marker in which extras may occur; where there is none: always.
    pub(super) fn condition(&self, key: &'static str, text: Option<&str>) -> Result<Condition, LockError> {
        let read = |text| Condition::read(text).map_err(|why| self.invalid(key, format!("cannot be read: {why}")));
        text.map_or(Ok(Condition::always()), read)
    }

    /// A marker without extras.
    pub(super) fn marker(&self, key: &'static str, text: &str) -> Result<MarkerTree, LockError> {
        let (marker, ignored) = marker::read_marker(text)
            .map_err(|fault| self.invalid(key, fault.problem.to_string().replacen("the marker cannot", "cannot", 1)))?;
        match ignored {
            None => Ok(marker),
            Some(ignored) => Err(self.invalid(key, format!("compares what cannot be compared: {}", ignored.0))),
        }
    }
}

/// A text that is not UTF-8 or not TOML.
pub(super) fn unreadable(source: &SourceText<'_>, fault: TextFault) -> LockError {
    LockError::Syntax { place: source.place(fault.at), column: source.column(fault.at), why: fault.why }
}

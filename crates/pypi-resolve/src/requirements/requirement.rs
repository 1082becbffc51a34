//! One requirement: a name with extras, specifiers or an address, and a marker (PEP 508), or a wheel's path.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;
use wheel_archive::{Sha256, with_slashes};
use wheel_tags::DistName;

use super::address::{self, Named, WebWheel};
use super::error::{Fault, RequirementsError};
use super::hash::HashDigest;
use super::lines::Spot;
use super::location::Base;
use super::marker::read_marker;
use super::place::Place;
use super::redact::mask;
use super::source::SourceRequirement;
use super::specifier::{lenient_specifiers, read_specifiers, trimmed_span};
use crate::index::DirectUrl;

/// Bytes of a requirement without its hashes.
const LONGEST: usize = 32 * 1024;
/// Extras of a requirement: each is a package of its own to the search. Those with the most have some 130.
const MOST_EXTRAS: usize = 256;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The project.
    pub name: DistName,
    /// The extras asked for.
    pub extras: BTreeSet<DistName>,
    /// The versions that will do; empty for a wheel that is named by its path.
    pub specifiers: VersionSpecifiers,
    /// Where its files come from.
    pub source: RequirementSource,
    /// For which environments it holds.
    pub marker: MarkerTree,
    /// Digests of which its file must have one (`--hash`); none: any file will do. Where there are any, a sha256 is among
    /// them.
    pub hashes: Vec<HashDigest>,
    /// Where it stands.
    pub place: Place,
    /// As written, without comment, options and credentials.
    pub text: String,
}

/// Where the files of a requirement come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequirementSource {
    /// Whatever the indexes and `--find-links` have.
    Index,
    /// A direct address: of a wheel where a requirement line says it, of anything where METADATA does.
    Url {
        /// The address.
        url: DirectUrl,
        /// From its `#sha256=…`.
        sha256: Option<Sha256>,
    },
    /// A wheel on disk. A relative path is relative to the file that names it.
    Path(PathBuf),
}

impl Requirement {
    /// What is asked for, without the marker: `web[fast]>=1.2,<2`.
    #[must_use]
    pub fn wanted(&self) -> String {
        let extras = self.extras.iter().map(DistName::as_str).collect::<Vec<_>>().join(",");
        let extras = if extras.is_empty() { extras } else { format!("[{extras}]") };
        let source = match &self.source {
            RequirementSource::Index => self.specifiers.to_string().replace(", ", ","),
            RequirementSource::Url { url, .. } => format!(" @ {}", mask(url.as_str())),
            RequirementSource::Path(path) => format!(" @ {}", with_slashes(path)),
        };
        format!("{}{extras}{source}", self.name)
    }

    /// Reads a requirement that stands outside a requirements file, in pyproject.toml or on the command line. Relative
    /// paths are relative to `folder`; it has no `--hash` and no `${VARIABLES}`.
    ///
    /// # Errors
    ///
    /// As for a line of a requirements file.
    pub fn parse(text: &str, place: &Place, folder: &Path) -> Result<Self, RequirementsError> {
        match read_one(text, place, folder)? {
            ReadOne::Wheel(requirement) => Ok(*requirement),
            ReadOne::Source(_, refusal) => Err(refusal),
        }
    }

    /// A constraint: wherever the package is wanted, it is the file of this address. `verified` where its digest counts
    /// as one that a line gives.
    #[must_use]
    pub fn pinned_to(name: &DistName, url: DirectUrl, sha256: Sha256, verified: bool, place: Place) -> Self {
        Self {
            name: name.clone(),
            extras: BTreeSet::new(),
            specifiers: VersionSpecifiers::empty(),
            source: RequirementSource::Url { url, sha256: Some(sha256) },
            marker: MarkerTree::TRUE,
            hashes: verified.then_some(HashDigest::Sha256(sha256)).into_iter().collect(),
            place,
            text: name.to_string(),
        }
    }

    /// Reads a `Requires-Dist` of METADATA, mending what old tools wrote as [`super::lenient_specifiers`] does.
    /// Comparisons in markers that mean nothing are ignored, as pip and uv do. The place is left empty.
    ///
    /// # Errors
    ///
    /// A fragment saying what cannot be read.
    pub fn parse_dist(requires_dist: &str) -> Result<Self, String> {
        Self::read_dist(requires_dist).or_else(|why| {
            // `numpy ">=1.19"; python_version >= "3.7"`: quotes belong to markers only.
            let (front, marker) = requires_dist.split_at(requires_dist.find(';').unwrap_or(requires_dist.len()));
            let unquoted = format!("{}{marker}", front.replace(['\'', '"'], ""));
            Self::read_dist(&unquoted).map_err(|_| why)
        })
    }

    fn read_dist(requires_dist: &str) -> Result<Self, String> {
        let parts = split(requires_dist).map_err(|fault| fault.problem.to_string())?;
        let (source, specifiers) = match parts.what {
            What::Specifiers(_, text) => (RequirementSource::Index, lenient_specifiers(text)?),
            What::Address(_, text) => (address::direct_url(text)?, VersionSpecifiers::empty()),
        };
        let marker = match parts.marker {
            None => MarkerTree::TRUE,
            Some((_, text)) => read_marker(text).map_err(|fault| fault.problem.to_string())?.0,
        };
        Ok(Self {
            name: parts.name,
            extras: parts.extras,
            specifiers,
            source,
            marker,
            hashes: Vec::new(),
            place: Place::default(),
            text: mask(requires_dist.trim()),
        })
    }
}

/// What a requirement outside a requirements file asks for.
pub(crate) enum ReadOne {
    Wheel(Box<Requirement>),
    /// Something that has to be built, and how it is refused where nothing may be.
    Source(Box<SourceRequirement>, RequirementsError),
}

/// Reads a requirement that stands outside a requirements file.
pub(crate) fn read_one(text: &str, place: &Place, folder: &Path) -> Result<ReadOne, RequirementsError> {
    let read = read_requirement(text, place.clone(), Base::Folder(folder), &|text| Ok(text.to_owned()));
    let refused = |fault: Fault| {
        let spot = Spot { number: place.line, raw: text, bytes: fault.span.clone() };
        RequirementsError::at(&place.file, &spot, fault)
    };
    Ok(match read.map_err(refused)?.what {
        Asked::Wheel(requirement) => ReadOne::Wheel(requirement),
        Asked::Source(source, refusal) => ReadOne::Source(source, refused(refusal)),
    })
}

/// What a line asks for.
pub(crate) struct ReadLine {
    pub(crate) what: Asked,
    /// The digest in a URL's fragment that nothing is checked by.
    pub(crate) unchecked: Option<String>,
}

pub(crate) enum Asked {
    Wheel(Box<Requirement>),
    /// Something that has to be built, and how it is refused where nothing may be.
    Source(Box<SourceRequirement>, Fault),
}

/// Reads a requirement of a requirements file; `text` is without options, and spans of the fault are those of `text`.
/// `expand` fills in environment variables, `base` is what relative paths are relative to.
pub(crate) fn read_requirement(
    text: &str,
    place: Place,
    base: Base<'_>,
    expand: &dyn Fn(&str) -> Result<String, String>,
) -> Result<ReadLine, Fault> {
    if text.trim().len() > LONGEST {
        return Err(Fault::unreadable(0..text.len(), format!("the requirement is longer than {LONGEST} bytes")));
    }
    let resolve = |address: &str, span: Range<usize>| {
        let expanded = expand(address).map_err(|why| Fault::unreadable(span.clone(), why))?;
        address::named(&expanded, base, span)
    };
    let shown = mask(text.trim());

    if address::is_unnamed(text) {
        let (address, marker) = address::split_marker(text);
        let span = trimmed_span(address, 0);
        let (path_text, extras) = match address.trim().strip_suffix(']').and_then(|front| front.rsplit_once('[')) {
            Some((path_text, extras)) => (path_text, read_extras(extras, span.start + path_text.len() + 1)?),
            None => (address.trim(), BTreeSet::new()),
        };
        let named = resolve(path_text, span.clone())?;
        let marker = strict_marker(marker)?;
        return met(named, None, Line { extras, marker, place, text: shown }, span);
    }

    let parts = split(text)?;
    match parts.what {
        What::Specifiers(start, text) => {
            let specifiers = read_specifiers(text).map_err(|fault| fault.shifted(start))?;
            let requirement = Requirement {
                name: parts.name,
                extras: parts.extras,
                specifiers,
                source: RequirementSource::Index,
                marker: strict_marker(parts.marker)?,
                hashes: Vec::new(),
                place,
                text: shown,
            };
            Ok(ReadLine { what: Asked::Wheel(Box::new(requirement)), unchecked: None })
        }
        What::Address(start, text) => {
            let span = trimmed_span(text, start);
            let named = resolve(text.trim(), span.clone())?;
            let marker = strict_marker(parts.marker)?;
            met(named, Some(parts.name), Line { extras: parts.extras, marker, place, text: shown }, span)
        }
    }
}

/// The parts of a line beside its name and address.
struct Line {
    extras: BTreeSet<DistName>,
    marker: MarkerTree,
    place: Place,
    text: String,
}

/// A line with an address, and the name before its `@` where it has one.
fn met(named: Named, name: Option<DistName>, line: Line, span: Range<usize>) -> Result<ReadLine, Fault> {
    let Line { extras, marker, place, text } = line;
    let (filename, source, sha256, unchecked) = match named {
        Named::Local(wheel) => (wheel.filename, RequirementSource::Path(wheel.path), wheel.sha256, None),
        Named::Web(wheel) => {
            let WebWheel { url, filename, fragment } = *wheel;
            let sha256 = fragment.sha256;
            (filename, RequirementSource::Url { url, sha256 }, sha256, fragment.unchecked)
        }
        Named::Source { tree, name: by_address, extras: by_egg, refusal } => {
            let extras = extras.into_iter().chain(by_egg).collect();
            let (name, tree) = (name.or(by_address), *tree);
            let source = SourceRequirement { name, extras, marker, tree, hashes: Vec::new(), place, text };
            return Ok(ReadLine { what: Asked::Source(Box::new(source), refusal), unchecked: None });
        }
    };
    if let Some(name) = name.filter(|name| *name != filename.name) {
        return Err(Fault::unreadable(span, format!("the wheel is one of {}, not of {name}", filename.name)));
    }
    let requirement = Requirement {
        name: filename.name,
        extras,
        specifiers: VersionSpecifiers::empty(),
        source,
        marker,
        hashes: sha256.map(HashDigest::Sha256).into_iter().collect(),
        place,
        text,
    };
    Ok(ReadLine { what: Asked::Wheel(Box::new(requirement)), unchecked })
}

/// A marker that people wrote: what means nothing is a mistake.
fn strict_marker(marker: Option<(usize, &str)>) -> Result<MarkerTree, Fault> {
    let Some((start, text)) = marker else {
        return Ok(MarkerTree::TRUE);
    };
    match read_marker(text).map_err(|fault| fault.shifted(start))? {
        (marker, None) => Ok(marker),
        (_, Some(ignored)) => Err(Fault::unreadable(
            trimmed_span(text, start),
            format!("the marker compares what cannot be compared: {}", ignored.0),
        )),
    }
}

/// The parts of `name [extras] specifiers-or-address ; marker`, each with the offset it stands at.
struct Parts<'a> {
    name: DistName,
    extras: BTreeSet<DistName>,
    what: What<'a>,
    marker: Option<(usize, &'a str)>,
}

enum What<'a> {
    Specifiers(usize, &'a str),
    Address(usize, &'a str),
}

/// Splits a named requirement (PEP 508: `name_req` and `url_req`).
fn split(text: &str) -> Result<Parts<'_>, Fault> {
    let start = text.len() - text.trim_start().len();
    let name_end = start + name_length(&text[start..]);
    let spelt = &text[start..name_end];
    let name = spelt.parse::<DistName>().map_err(|_| match text[start..].chars().next() {
        None => Fault::unreadable(start..start, "a requirement is missing"),
        Some(c) if spelt.is_empty() => {
            Fault::unreadable(start..start + c.len_utf8(), format!("a requirement begins with a name, not with {c:?}"))
        }
        Some(_) => {
            Fault::unreadable(start..name_end, format!("`{spelt}` is not a name: it begins or ends with punctuation"))
        }
    })?;

    let mut at = skip_whitespace(text, name_end);
    let mut extras = BTreeSet::new();
    if let Some(inside) = text[at..].strip_prefix('[') {
        let Some(length) = inside.find(']') else {
            return Err(Fault::unreadable(at..at + 1, "the `[` of the extras is never closed"));
        };
        extras = read_extras(&inside[..length], at + 1)?;
        at = skip_whitespace(text, at + length + 2);
    }

    let rest = &text[at..];
    match rest.chars().next() {
        Some('@') => {
            let (address, marker) = address::split_marker(&rest[1..]);
            if address.trim().is_empty() {
                return Err(Fault::unreadable(at..at + 1, "an address is missing behind `@`"));
            }
            let marker = marker.map(|(offset, marker)| (at + 1 + offset, marker));
            Ok(Parts { name, extras, what: What::Address(at + 1, address), marker })
        }
        Some('(') => {
            let Some(length) = rest.find(')') else {
                return Err(Fault::unreadable(at..at + 1, "the `(` of the version specifiers is never closed"));
            };
            let end = skip_whitespace(text, at + length + 1);
            let marker = marker_at(text, end)?;
            Ok(Parts { name, extras, what: What::Specifiers(at + 1, &rest[1..length]), marker })
        }
        None | Some('<' | '>' | '=' | '!' | '~' | ';') => {
            let end = at + rest.find(';').unwrap_or(rest.len());
            let marker = marker_at(text, end)?;
            Ok(Parts { name, extras, what: What::Specifiers(at, &text[at..end]), marker })
        }
        Some(_) => Err(unexpected(text, at, spelt)),
    }
}

/// Something stands behind a name that begins neither extras, specifiers nor a marker.
fn unexpected(text: &str, at: usize, name: &str) -> Fault {
    let word = text[at..].split(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
    let fault = Fault::unreadable(
        at..at + word.len(),
        format!("expected a version specifier or the end of the line, found `{}`", mask(word)),
    );
    match word.chars().next() {
        Some(c) if c.is_ascii_digit() => fault.help(format!("for that version and no other write `{name}=={word}`")),
        Some('\\') => fault.help("a `\\` continues a line only as its very last character"),
        _ => fault.help("put each requirement on a line of its own"),
    }
}

/// The marker behind a `;` at `at`, or nothing at the end of the text.
fn marker_at(text: &str, at: usize) -> Result<Option<(usize, &str)>, Fault> {
    match text[at..].strip_prefix(';') {
        Some(marker) => Ok(Some((at + 1, marker))),
        None if text[at..].trim().is_empty() => Ok(None),
        None => Err(Fault::unreadable(at..text.trim_end().len(), "expected `;` and a marker, or the end of the line")),
    }
}

/// Reads `a, b`, what stands between brackets.
fn read_extras(inside: &str, start: usize) -> Result<BTreeSet<DistName>, Fault> {
    let mut extras = BTreeSet::new();
    let mut at = start;
    if inside.trim().is_empty() {
        return Ok(extras);
    }
    for extra in inside.split(',') {
        let span = trimmed_span(extra, at);
        if extras.len() == MOST_EXTRAS {
            return Err(Fault::unreadable(span, format!("more than {MOST_EXTRAS} extras")));
        }
        let spelt = extra.trim();
        extras.insert(spelt.parse().map_err(|_| match spelt {
            "" => Fault::unreadable(span, "the name of an extra is missing: a `,` has nothing beside it"),
            _ => Fault::unreadable(span, format!("`{spelt}` is not the name of an extra")),
        })?);
        at += extra.len() + 1;
    }
    Ok(extras)
}

/// Bytes of the longest beginning that consists of letters a name may have.
pub(super) fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len())
}

fn skip_whitespace(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

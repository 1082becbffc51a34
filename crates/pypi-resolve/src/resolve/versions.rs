//! PEP 440 specifiers as ranges: the one place that knows how versions are ordered and compared.
//!
//! In the order of versions, `1.0`, its local versions `1.0+cu121` and its post-releases follow each other, and
//! `1.0.dev0` is the first version of release 1.0. Therefore every specifier is a union of intervals, and the rules on
//! local versions, pre-releases and post-releases become the choice of the right bound. `pep440_rs` has a conversion
//! of its own; it differs from the standard on local versions and on bounds that are pre- or post-releases.
//!
//! Which version of a range is preferred is not said here but in `candidate`.

use std::ops::Bound;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};
use pubgrub::Ranges;

/// A set of versions.
pub(super) type Range = Ranges<Version>;

/// The versions that meet every specifier.
pub(super) fn range(specifiers: &VersionSpecifiers) -> Range {
    specifiers.iter().fold(Range::full(), |all, specifier| all.intersection(&range_of(specifier)))
}

/// Whether a version meets every specifier.
pub(crate) fn admits(specifiers: &VersionSpecifiers, version: &Version) -> bool {
    range(specifiers).contains(version)
}

/// The version that `==V` or `===V` pins; `==V.*` pins none.
pub(super) fn pinned(specifier: &VersionSpecifier) -> Option<&Version> {
    matches!(specifier.operator(), Operator::Equal | Operator::ExactEqual).then(|| specifier.version())
}

/// Whether a range is that of one `==V`.
pub(super) fn is_pin(range: &Range) -> bool {
    match range.bounding_range() {
        Some((Bound::Included(low), Bound::Included(high))) => low == high,
        Some((Bound::Included(low), Bound::Excluded(high))) => after_locals_of(low) == Bound::Excluded(high.clone()),
        _ => false,
    }
}

/// Whether the interpreter's version meets a Requires-Python. Upper bounds count: a layer that its own metadata
/// excludes from the runtime is not built.
pub(super) fn admits_python(requires_python: &VersionSpecifiers, python_full: &Version) -> bool {
    admits(requires_python, python_full)
}

fn range_of(specifier: &VersionSpecifier) -> Range {
    let version = specifier.version();
    match specifier.operator() {
        Operator::Equal => equal_to(version),
        Operator::NotEqual => equal_to(version).complement(),
        // Versions that differ in trailing zeros only are one version to the resolver, so `===1.0` takes 1.0.0 as well.
        Operator::ExactEqual => Range::singleton(version.clone()),
        Operator::EqualStar => prefixed_by(version),
        Operator::NotEqualStar => prefixed_by(version).complement(),
        // "For a given release identifier V.N, the compatible release clause is approximately equivalent to the pair
        // of comparison clauses: >= V.N, == V.*"
        Operator::TildeEqual => Range::higher_than(version.clone()).intersection(&compatible_prefix(version)),
        Operator::GreaterThanEqual => Range::higher_than(version.clone()),
        Operator::LessThanEqual => Range::from_range_bounds((Bound::Unbounded, after_locals_of(version))),
        // "The exclusive ordered comparison <V MUST NOT allow a pre-release of the specified version unless the
        // specified version is itself a pre-release."
        Operator::LessThan => Range::strictly_lower_than(if version.any_prerelease() {
            version.clone()
        } else {
            version.clone().without_local().with_dev(Some(0))
        }),
        // "The exclusive ordered comparison >V MUST NOT allow a post-release of the given version unless V itself is a
        // post release. […] MUST NOT match a local version of the specified version."
        Operator::GreaterThan => {
            if version.is_post() || version.is_dev() {
                Range::from_range_bounds((Bound::Unbounded, after_locals_of(version))).complement()
            } else {
                Range::strictly_higher_than(version.clone().without_local().with_max(Some(0)))
            }
        }
    }
}

/// `==V`: "If the specified version identifier is a public version identifier (no local version label), then the local
/// version label of any candidate versions MUST be ignored when matching versions."
fn equal_to(version: &Version) -> Range {
    if version.is_local() {
        Range::singleton(version.clone())
    } else {
        Range::from_range_bounds((Bound::Included(version.clone()), after_locals_of(version)))
    }
}

/// The upper bound right behind a version and all its local versions: the first version that can follow them.
fn after_locals_of(version: &Version) -> Bound<Version> {
    let public = version.clone().without_local();
    let next = match (public.dev(), public.post()) {
        (Some(dev), _) => dev.checked_add(1).map(|dev| public.clone().with_dev(Some(dev))),
        (None, Some(post)) => post.checked_add(1).map(|post| public.clone().with_post(Some(post)).with_dev(Some(0))),
        (None, None) => Some(public.clone().with_post(Some(0)).with_dev(Some(0))),
    };
    // Nobody publishes .post18446744073709551615: there the local versions are left out.
    next.map_or(Bound::Included(public), Bound::Excluded)
}

/// `==V.*`: from the first development release of V up to that of the next release.
fn prefixed_by(version: &Version) -> Range {
    prefix(version.epoch(), version.release())
}

/// The `==V.*` of `~=V.N`. That there is an N is checked when the specifier is parsed.
fn compatible_prefix(version: &Version) -> Range {
    let release = version.release();
    prefix(version.epoch(), release.get(..release.len().saturating_sub(1)).unwrap_or_default())
}

fn prefix(epoch: u64, release: &[u64]) -> Range {
    let first = |release: &[u64]| Version::new(release).with_epoch(epoch).with_dev(Some(0));
    let Some((last, init)) = release.split_last() else { return Range::full() };
    let low = Bound::Included(first(release));
    match last.checked_add(1) {
        Some(next) => Range::from_range_bounds((low, Bound::Excluded(first(&[init, &[next]].concat())))),
        None => Range::from_range_bounds((low, Bound::Unbounded)),
    }
}

#[cfg(test)]
mod tests;

//! The symbol versions that a file needs, held against the library that would be loaded.

use std::collections::BTreeSet;

use super::obstacle::{Amount, DYNAMIC_LOADER, Obstacle, What};
use crate::code::Code;
use crate::elf::{Binary, ElfFacts};
use crate::finding::Evidence;
use crate::layer::{Layer, PlacedFile};
use crate::profile::{SymbolLevel, SymbolVersion};
use crate::target::{GlibcVersion, Target};

/// glibc: one version for all of its libraries.
pub(super) fn glibc(facts: &ElfFacts, target: &Target, promise: Option<GlibcVersion>) -> Option<Obstacle> {
    let (needs, symbol) = facts.newest_glibc_symbol()?;
    let runtime = target.runtime;
    let (os, has) = (&runtime.os.value, &runtime.glibc);
    let broken_promise = promise.filter(|promise| *promise < needs);
    let obstacle = |code, certain, message| Obstacle {
        code,
        certain,
        what: What::Glibc,
        amount: Amount::Glibc(needs),
        message,
        evidence: has.into(),
    };
    match (needs > has.value, broken_promise) {
        (true, promise) => {
            let though = promise.map(|promise| format!(", though its tag promises {promise}")).unwrap_or_default();
            let message = format!(
                "needs glibc {needs} ({symbol}){though}; {} runs on {os}, which has {}",
                runtime.name, has.value
            );
            Some(obstacle(Code::Glibc, true, message))
        }
        (false, Some(promise)) => {
            let message = format!("its tag promises glibc {promise}, yet it needs {needs} ({symbol})");
            Some(obstacle(Code::TagTooLow, false, message))
        }
        (false, None) => None,
    }
}

/// The versions that a bundled library lacks.
pub(super) fn of_file(facts: &ElfFacts, library: &str, file: &PlacedFile<'_>) -> Option<Obstacle> {
    let Some(Binary::Elf(provider)) = file.binary else { return None };
    // A library without versions serves any: the loader only warns.
    if provider.versions_provided.is_empty() {
        return None;
    }
    let lacking = facts.versions_needed.iter().find(|needed| {
        needed.library == library && !needed.weak && !provider.versions_provided.contains(&needed.version)
    })?;
    Some(Obstacle {
        code: Code::SymbolVersion,
        certain: true,
        what: What::Version(library.to_owned()),
        amount: Amount::All,
        message: format!("needs {} of {library}, and {} has not got it", lacking.version, file.entry),
        evidence: Evidence::page(DYNAMIC_LOADER),
    })
}

/// The versions of a library of the runtime, as far as its profile has them. AWS has replaced some during the life of a
/// runtime.
pub(super) fn of_runtime(facts: &ElfFacts, library: &str, layer: &Layer<'_>, target: &Target) -> Vec<Obstacle> {
    let needed = facts.versions_needed.iter().filter(|needed| needed.library == library);
    // `GLIBCXX_3.4.29`, `OPENSSL_3.2.0`, `LIBXML2_2.4.30`.
    let prefixes = needed.filter_map(|needed| needed.version.rfind('_').map(|at| &needed.version[..=at]));
    let prefixes: BTreeSet<&str> = prefixes.collect();
    let obstacle = |prefix: &str| {
        let fact = target.runtime.symbol_level(target.arch, library, prefix)?;
        let needs = newest(facts, library, prefix).filter(|needs| *needs > fact.level.certain)?;
        // Found first is the runtime's; where the layer has one that would do, Python may load that before.
        let symbol = format!("{prefix}{needs}");
        let bundled = layer.native_named(library).any(|file| provides(file, &symbol));
        Some(of_level(library, prefix, &needs, fact.level, fact.into(), target, bundled))
    };
    prefixes.into_iter().filter_map(obstacle).collect()
}

/// The newest version of one family that the file needs.
fn newest(facts: &ElfFacts, library: &str, prefix: &str) -> Option<SymbolVersion> {
    let needed = facts.versions_needed.iter().filter(|needed| needed.library == library && !needed.weak);
    needed.filter_map(|needed| needed.version.strip_prefix(prefix)?.parse().ok()).max()
}

fn provides(file: &PlacedFile<'_>, symbol: &str) -> bool {
    matches!(file.binary, Some(Binary::Elf(facts)) if facts.versions_provided.iter().any(|version| version == symbol))
}

fn of_level(
    library: &str,
    prefix: &str,
    needs: &SymbolVersion,
    level: &SymbolLevel,
    evidence: Evidence,
    target: &Target,
    bundled: bool,
) -> Obstacle {
    let name = target.runtime.name;
    let SymbolLevel { certain, recent } = level;
    let (fails, message) = if needs > recent && bundled {
        let message = format!(
            "needs {prefix}{needs} of {library}; {name} has {prefix}{recent} at most, and its copy is found before the \
             bundled one unless Python loads that first"
        );
        (false, message)
    } else if needs > recent {
        (true, format!("needs {prefix}{needs} of {library}; {name} has {prefix}{recent} at most"))
    } else {
        let message = format!(
            "needs {prefix}{needs} of {library}; functions on the newest update of {name} have it, those whose updates \
             are managed by hand may have only {prefix}{certain}"
        );
        (false, message)
    };
    Obstacle {
        code: match prefix {
            "GLIBCXX_" | "CXXABI_" | "GCC_" => Code::CxxRuntime,
            _ => Code::SymbolVersion,
        },
        certain: fails,
        what: What::Symbols(prefix.to_owned()),
        amount: Amount::Symbols(needs.clone()),
        message,
        evidence,
    }
}

//! What one file of native code asks for that a target has not, or may not have.

use crate::code::Code;
use crate::elf::{Binary, Class, ElfFacts, Machine};
use crate::layer::Layer;
use crate::profile::{Fact, SymbolLevel, SymbolVersion};
use crate::target::{Arch, GlibcVersion, Target};

const DYNAMIC_LOADER: &str = "https://man7.org/linux/man-pages/man8/ld.so.8.html";

/// One thing that stands in the way of a file.
#[derive(Debug)]
pub(super) struct Obstacle<'a> {
    pub(super) code: Code,
    /// Whether it keeps the file from loading for sure, or only may.
    pub(super) certain: bool,
    pub(super) what: What,
    pub(super) amount: Amount,
    /// The finding's message.
    pub(super) message: String,
    pub(super) source: &'a str,
}

/// What obstacles have in common that are reported as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Damage,
    System(&'static str),
    Machine(&'static str),
    Glibc,
    Symbols(&'static str),
}

/// How much is asked for: of obstacles reported as one, the one that asks for most is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Amount {
    All,
    Glibc(GlibcVersion),
    Symbols(SymbolVersion),
}

/// What stands in the way of `file`; `promise` is the glibc that the wheel's tags say is enough, and `layer` has what may be bundled.
pub(super) fn find<'a>(
    binary: &Binary,
    layer: &Layer<'_>,
    target: &'a Target,
    promise: Option<GlibcVersion>,
) -> Vec<Obstacle<'a>> {
    match binary {
        Binary::Damaged(how) => vec![Obstacle {
            code: Code::DamagedBinary,
            certain: true,
            what: What::Damage,
            amount: Amount::All,
            message: format!("damaged: {how}"),
            source: DYNAMIC_LOADER,
        }],
        Binary::MachO => vec![foreign("macOS", "built for macOS; Lambda runs on Linux", target)],
        Binary::Pe => vec![foreign("Windows", "built for Windows; Lambda runs on Linux", target)],
        Binary::Elf(facts) => {
            let machine = machine(facts, target);
            let fits = machine.is_none();
            let mut found: Vec<_> = machine.into_iter().collect();
            found.extend(musl(facts, layer, target));
            found.extend(glibc(facts, target, promise.filter(|_| fits)));
            if fits {
                found.extend(cxx(facts, layer, target));
            }
            found
        }
    }
}

fn foreign<'a>(system: &'static str, message: &str, target: &'a Target) -> Obstacle<'a> {
    Obstacle {
        code: Code::ForeignPlatform,
        certain: true,
        what: What::System(system),
        amount: Amount::All,
        message: message.to_owned(),
        source: &target.runtime.os.source,
    }
}

/// The processor of a file, by AWS's name where it has one.
pub(super) fn machine_name(facts: &ElfFacts) -> &'static str {
    match (facts.machine, facts.class, facts.little_endian) {
        (Machine::X86_64, Class::Elf64, true) => "x86_64",
        (Machine::X86_64, Class::Elf32, true) => "x86_64 with 32-bit pointers (x32)",
        (Machine::Aarch64, Class::Elf64, true) => "arm64",
        (Machine::Aarch64, Class::Elf32, true) => "arm64 with 32-bit pointers",
        (Machine::Aarch64, _, false) => "big-endian arm64",
        (Machine::I386, _, _) => "32-bit x86",
        (Machine::Arm, _, _) => "32-bit Arm",
        _ => "another processor",
    }
}

fn machine<'a>(facts: &ElfFacts, target: &'a Target) -> Option<Obstacle<'a>> {
    let wanted = match target.arch {
        Arch::Arm64 => Machine::Aarch64,
        Arch::X86_64 => Machine::X86_64,
    };
    let name = machine_name(facts);
    let fits = facts.machine == wanted && facts.class == Class::Elf64 && facts.little_endian;
    (!fits).then(|| Obstacle {
        code: Code::Architecture,
        certain: true,
        what: What::Machine(name),
        amount: Amount::All,
        message: format!("built for {name}; the target is {}", target.arch),
        source: &target.runtime.arches.source,
    })
}

fn musl<'a>(facts: &ElfFacts, layer: &Layer<'_>, target: &'a Target) -> Option<Obstacle<'a>> {
    let library = facts.needed.iter().any(|name| name.starts_with("libc.musl-") && !is_bundled(layer, name, None));
    let loader = facts.interpreter.as_ref().is_some_and(|path| path.starts_with("/lib/ld-musl-"));
    (library || loader).then(|| foreign("musl", "built for musl, as in Alpine Linux; Lambda has glibc", target))
}

fn glibc<'a>(facts: &ElfFacts, target: &'a Target, promise: Option<GlibcVersion>) -> Option<Obstacle<'a>> {
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
        source: &has.source,
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

fn cxx<'a>(facts: &ElfFacts, layer: &Layer<'_>, target: &'a Target) -> Vec<Obstacle<'a>> {
    let runtime = target.runtime;
    let mut found = vec![
        symbols(facts, layer, target, ("libstdc++.so.6", "GLIBCXX_"), &runtime.glibcxx.value, &runtime.glibcxx),
        symbols(facts, layer, target, ("libstdc++.so.6", "CXXABI_"), &runtime.cxxabi.value, &runtime.cxxabi),
    ];
    if let Some(level) = runtime.libgcc.value.get(&target.arch) {
        found.push(symbols(facts, layer, target, ("libgcc_s.so.1", "GCC_"), level, &runtime.libgcc));
    }
    found.into_iter().flatten().collect()
}

/// The newest symbols of one family that the file needs, held against what the runtime's library has.
fn symbols<'a, T>(
    facts: &ElfFacts,
    layer: &Layer<'_>,
    target: &Target,
    (library, prefix): (&'static str, &'static str),
    level: &SymbolLevel,
    fact: &'a Fact<T>,
) -> Option<Obstacle<'a>> {
    let SymbolLevel { certain, recent } = level;
    let version = |name: &str| name.strip_prefix(prefix)?.parse::<SymbolVersion>().ok();
    let needs = facts
        .versions_needed
        .iter()
        .filter(|needed| needed.library == library && !needed.weak)
        .filter_map(|needed| Some((version(&needed.version)?, &needed.version)))
        .filter(|(needs, symbol)| needs > certain && !is_bundled(layer, library, Some(symbol)))
        .map(|(needs, _)| needs)
        .max()?;
    let name = target.runtime.name;
    let (certainly_fails, message) = if needs > *recent {
        (true, format!("needs {prefix}{needs} of {library}; {name} has {prefix}{recent} at most"))
    } else {
        let message = format!(
            "needs {prefix}{needs} of {library}; functions on the newest update of {name} have it, those whose updates \
             are managed by hand may have only {prefix}{certain}"
        );
        (false, message)
    };
    Some(Obstacle {
        code: Code::CxxRuntime,
        certain: certainly_fails,
        what: What::Symbols(prefix),
        amount: Amount::Symbols(needs),
        message,
        source: &fact.source,
    })
}

/// Whether the wheel brings a library of this very name, with this symbol version if one is asked for.
fn is_bundled(layer: &Layer<'_>, library: &str, version: Option<&str>) -> bool {
    layer.native_named(library).any(|file| match file.binary {
        Some(Binary::Elf(facts)) => {
            version.is_none_or(|version| facts.versions_provided.iter().any(|provided| provided == version))
        }
        _ => false,
    })
}

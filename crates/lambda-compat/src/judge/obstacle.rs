//! What one file of native code asks for that a target has not, or may not have.

use super::loader::{Provider, provider};
use super::symbols;
use crate::code::Code;
use crate::elf::{Binary, Class, ElfFacts, Machine};
use crate::finding::Evidence;
use crate::layer::{ExtensionName, Layer, PYTHON, PlacedFile};
use crate::profile::{Availability, SymbolVersion};
use crate::target::{Arch, GlibcVersion, Target};

pub(super) const DYNAMIC_LOADER: &str = "https://man7.org/linux/man-pages/man8/ld.so.8.html";
const DL_LOAD: &str = "glibc 2.34 elf/dl-load.c, _dl_map_object_from_fd";
const EXECUTABLE_STACK: &str = "glibc 2.41 NEWS, Deprecated and removed features";
const MODULE_SUFFIXES: &str = "https://peps.python.org/pep-3149/";

/// One thing that stands in the way of a file.
#[derive(Debug)]
pub(super) struct Obstacle {
    pub(super) code: Code,
    /// Whether it keeps the file from loading for sure, or only may.
    pub(super) certain: bool,
    pub(super) what: What,
    pub(super) amount: Amount,
    /// The finding's message; for libraries, what is to be said of their names.
    pub(super) message: String,
    pub(super) evidence: Evidence,
}

/// What obstacles have in common that are reported as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Damage,
    System(&'static str),
    Machine(&'static str),
    Glibc,
    Symbols(String),
    Version(String),
    Module(String),
    Segment,
    Stack,
    /// Libraries that nobody brings.
    Missing,
    /// A library that may be there.
    Unknown(String),
    /// A file of another wheel that does not load.
    Broken(String),
}

impl Obstacle {
    /// The obstacle by itself, in words.
    pub(super) fn describe(&self) -> String {
        match &self.amount {
            Amount::Library(library) => format!("needs {library}, {}", self.message),
            _ => self.message.clone(),
        }
    }
}

/// How much is asked for: of obstacles reported as one, the one that asks for most is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Amount {
    All,
    Glibc(GlibcVersion),
    Symbols(SymbolVersion),
    /// This library.
    Library(String),
}

/// A file of a wheel, with what stands in its way and the files of the layer that it needs.
#[derive(Debug)]
pub(super) struct Examined<'l> {
    pub(super) file: &'l PlacedFile<'l>,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) needs: Vec<&'l PlacedFile<'l>>,
}

impl Examined<'_> {
    /// Whether nothing keeps it from loading for sure.
    pub(super) fn loads(&self) -> bool {
        self.obstacles.iter().all(|obstacle| !obstacle.certain)
    }
}

/// Examines a file; `siblings` are the files of its wheel, and `promise` is the glibc that its tags say is enough.
pub(super) fn examine<'l>(
    layer: &'l Layer<'l>,
    siblings: &[PlacedFile<'_>],
    file: &'l PlacedFile<'l>,
    target: &Target,
    promise: Option<GlibcVersion>,
) -> Examined<'l> {
    let mut examined = Examined { file, obstacles: Vec::new(), needs: Vec::new() };
    let found = &mut examined.obstacles;
    match file.binary {
        None => {}
        Some(Binary::Damaged(how)) => found.push(Obstacle {
            code: Code::DamagedBinary,
            certain: true,
            what: What::Damage,
            amount: Amount::All,
            message: format!("damaged: {how}"),
            evidence: Evidence::page(DYNAMIC_LOADER),
        }),
        Some(Binary::MachO) => found.push(foreign("macOS", "built for macOS; Lambda runs on Linux", target)),
        Some(Binary::Pe) => found.push(foreign("Windows", "built for Windows; Lambda runs on Linux", target)),
        Some(Binary::Elf(facts)) => {
            let machine = machine(facts, target);
            let fits = machine.is_none();
            found.extend(machine);
            found.extend(musl(facts, layer, target));
            found.extend(symbols::glibc(facts, target, promise.filter(|_| fits)));
            if fits {
                found.extend(module(siblings, file, target));
                found.extend(mapping(facts));
                libraries(&mut examined, layer, facts, target);
            }
        }
    }
    examined
}

fn foreign(system: &'static str, message: &str, target: &Target) -> Obstacle {
    Obstacle {
        code: Code::ForeignPlatform,
        certain: true,
        what: What::System(system),
        amount: Amount::All,
        message: message.to_owned(),
        evidence: (&target.runtime.os).into(),
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

pub(super) fn fits_machine(facts: &ElfFacts, target: &Target) -> bool {
    let wanted = match target.arch {
        Arch::Arm64 => Machine::Aarch64,
        Arch::X86_64 => Machine::X86_64,
    };
    facts.machine == wanted && facts.class == Class::Elf64 && facts.little_endian
}

fn machine(facts: &ElfFacts, target: &Target) -> Option<Obstacle> {
    let name = machine_name(facts);
    (!fits_machine(facts, target)).then(|| Obstacle {
        code: Code::Architecture,
        certain: true,
        what: What::Machine(name),
        amount: Amount::All,
        message: format!("built for {name}; the target is {}", target.arch),
        evidence: (&target.runtime.arches).into(),
    })
}

fn musl(facts: &ElfFacts, layer: &Layer<'_>, target: &Target) -> Option<Obstacle> {
    let needed = |name: &String| is_musl(name) && layer.native_named(name).next().is_none();
    let library = facts.needed.iter().any(needed);
    let loader = facts.interpreter.as_ref().is_some_and(|path| path.starts_with("/lib/ld-musl-"));
    (library || loader).then(|| foreign("musl", "built for musl, as in Alpine Linux; Lambda has glibc", target))
}

fn is_musl(library: &str) -> bool {
    library.starts_with("libc.musl-")
}

/// What the loader has against the file's segments.
fn mapping(facts: &ElfFacts) -> impl Iterator<Item = Obstacle> {
    let segment = facts.misaligned.map(|segment| Obstacle {
        code: Code::MisalignedSegment,
        certain: true,
        what: What::Segment,
        amount: Amount::All,
        message: segment.describe(),
        evidence: Evidence::page(DL_LOAD),
    });
    let stack = facts.executable_stack.then(|| Obstacle {
        code: Code::ExecutableStack,
        certain: false,
        what: What::Stack,
        amount: Amount::All,
        message: "asks for an executable stack, which glibc 2.41 and newer refuse".to_owned(),
        evidence: Evidence::page(EXECUTABLE_STACK),
    });
    segment.into_iter().chain(stack)
}

/// An extension module that Python does not look for by this name, where no file of the same module has one that it does.
fn module(siblings: &[PlacedFile<'_>], file: &PlacedFile<'_>, target: &Target) -> Option<Obstacle> {
    let name = ExtensionName::parse(file.name())?;
    // What mypyc's modules share is loaded by them, and each has its source beside it.
    if name.fits(target) || name.module.ends_with("__mypyc") {
        return None;
    }
    let same = |other: ExtensionName<'_>| other.module == name.module && other.fits(target);
    // The import system passes a file by that it does not look for, and takes the same module's other one.
    let source = |other: &PlacedFile<'_>| other.name().strip_suffix(".py") == Some(name.module);
    let package = format!("{}/{}/__init__.py", file.folder(), name.module);
    let is_same = |other: &PlacedFile<'_>| {
        let beside = other.folder() == file.folder();
        let module = || source(other) || ExtensionName::parse(other.name()).is_some_and(same);
        (beside && module()) || other.place == package
    };
    if siblings.iter().any(is_same) {
        return None;
    }
    Some(Obstacle {
        code: Code::ModuleForOtherPython,
        certain: true,
        what: What::Module(name.wanted_by(target)),
        amount: Amount::All,
        message: format!(
            "{} is there for {} only; the target is {target}",
            module_name(file, &name),
            name.wanted_by(target)
        ),
        evidence: Evidence::page(MODULE_SUFFIXES),
    })
}

/// `pydantic_core._pydantic_core`
fn module_name(file: &PlacedFile<'_>, name: &ExtensionName<'_>) -> String {
    let package = file.folder().strip_prefix(PYTHON).unwrap_or_default().trim_start_matches('/').replace('/', ".");
    if package.is_empty() { name.module.to_owned() } else { format!("{package}.{}", name.module) }
}

/// Who brings the needed libraries, and what of their symbol versions.
fn libraries<'l>(examined: &mut Examined<'l>, layer: &'l Layer<'l>, facts: &ElfFacts, target: &Target) {
    let runtime = target.runtime.name;
    for library in facts.needed.iter().filter(|library| !is_musl(library)) {
        let missing = |message: String, evidence: Evidence| Obstacle {
            code: Code::MissingLibrary,
            certain: true,
            what: What::Missing,
            amount: Amount::Library(library.clone()),
            message,
            evidence,
        };
        let unknown = |message: String, evidence: Evidence| Obstacle {
            code: Code::UnknownLibrary,
            certain: false,
            what: What::Unknown(library.clone()),
            amount: Amount::All,
            message,
            evidence,
        };
        match provider(layer, target, examined.file, facts, library) {
            Provider::Found(file) | Provider::Preloaded(file) => {
                examined.obstacles.extend(symbols::of_file(facts, library, file));
                examined.needs.push(file);
            }
            Provider::Runtime => examined.obstacles.extend(symbols::of_runtime(facts, library, layer, target)),
            Provider::Vouched => {}
            Provider::AnotherPackage(folder) => examined.obstacles.push(unknown(
                format!("needs {library}, looked for in {folder}, which belongs to a package that was not given"),
                Evidence::page(DYNAMIC_LOADER),
            )),
            Provider::Nobody(fact) => {
                let evidence = Evidence::from(fact);
                examined.obstacles.push(if fact.availability == Availability::Unknown {
                    unknown(format!("needs {library}, and it is not known whether {runtime} has it"), evidence)
                } else {
                    missing(format!("which {runtime} lacks"), evidence)
                });
            }
        }
    }
}

//! Why no tag of a wheel fits a target.

use std::fmt;

use wheel_tags::{AbiTag, Cpu, PlatformTag, PythonTag, TagSet};

use super::{Origin, Step};
use crate::code::Code;
use crate::finding::Finding;
use crate::target::{GlibcVersion, Target};

const TAGS: &str = "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/";
const STABLE_ABI: &str = "https://peps.python.org/pep-0803/";

/// One thing that keeps a wheel's tags from fitting a target. Its text is a short fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// No python tag is for the target's Python.
    Python {
        /// What it is built for.
        built_for: Vec<PythonTag>,
        /// Later versions of those would do as well: its ABI is the stable one.
        or_newer: bool,
        /// The target.
        target: Target,
    },
    /// The python tag fits, the ABI does not: a debug build, or another interpreter's.
    Abi {
        /// The ABI tag as it is spelt.
        abi: String,
        /// The target.
        target: Target,
    },
    /// Needs a Python without the global interpreter lock (PEP 703); Lambda has none.
    FreeThreaded,
    /// Built for another processor.
    Architecture {
        /// The processor.
        built_for: Cpu,
        /// The target.
        target: Target,
    },
    /// Needs a newer glibc.
    Glibc {
        /// The oldest that would do.
        needs: GlibcVersion,
        /// The target.
        target: Target,
    },
    /// Built for musl, Alpine's C library.
    Musl,
    /// Built for macOS.
    MacOs,
    /// Built for Windows.
    Windows,
    /// A platform tag that stands for no Lambda target: iOS, or a manylinux older than any.
    Platform {
        /// The platform tag as it is spelt.
        tag: String,
    },
    /// `linux_<arch>` on a public index, where it may not be.
    UnverifiedLinux {
        /// The platform tag as it is spelt.
        tag: String,
    },
    /// The platform `any` with an ABI other than `none`.
    AnyWithAbi {
        /// The ABI tag as it is spelt.
        abi: String,
    },
}

impl Mismatch {
    /// The code that a finding about it has.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Python { .. } | Self::Abi { .. } | Self::FreeThreaded | Self::AnyWithAbi { .. } => Code::PythonTag,
            Self::Architecture { .. } => Code::Architecture,
            Self::Glibc { .. } => Code::Glibc,
            Self::Musl | Self::MacOs | Self::Windows | Self::Platform { .. } | Self::UnverifiedLinux { .. } => {
                Code::ForeignPlatform
            }
        }
    }

    /// The finding, with where the fact comes from that it fails by.
    #[must_use]
    pub fn cited(&self, finding: Finding) -> Finding {
        match self {
            Self::Glibc { target, .. } => finding.evidence(&target.runtime.glibc),
            Self::Architecture { target, .. } => finding.evidence(&target.runtime.arches),
            Self::FreeThreaded => finding.source(STABLE_ABI),
            _ => finding.source(TAGS),
        }
    }

    /// How far from fitting: the least of a wheel's platforms is the one worth naming.
    fn distance(&self) -> u16 {
        match self {
            Self::Glibc { .. } | Self::UnverifiedLinux { .. } => 1,
            Self::Architecture { .. } => 2,
            Self::Musl => 4,
            _ => 8,
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Python { built_for, or_newer, target } => {
                let names: Vec<_> = built_for.iter().map(|python| describe(python, *or_newer)).collect();
                write!(f, "built for {}; the target is {}", names.join(", "), target.runtime.name)
            }
            Self::Abi { abi, target } => write!(f, "its ABI {abi} is not that of {}", target.runtime.name),
            Self::FreeThreaded => {
                f.write_str("built for free-threaded Python; Lambda's has the global interpreter lock")
            }
            Self::Architecture { built_for, target } => {
                write!(f, "built for {}; the target is {}", aws_name(built_for), target.arch)
            }
            Self::Glibc { needs, target } => {
                let runtime = target.runtime;
                let (os, has) = (&runtime.os.value, runtime.glibc.value);
                write!(f, "needs glibc {needs}; {} runs on {os}, which has {has}", runtime.name)
            }
            Self::Musl => f.write_str("built for musl, as in Alpine Linux; Lambda has glibc"),
            Self::MacOs => f.write_str("built for macOS; Lambda runs on Linux"),
            Self::Windows => f.write_str("built for Windows; Lambda runs on Linux"),
            Self::Platform { tag } => write!(f, "built for {tag}, which is none of Lambda's platforms"),
            Self::UnverifiedLinux { tag } => {
                write!(f, "tagged {tag}, which names no glibc and counts for local files and private indexes only")
            }
            Self::AnyWithAbi { abi } => {
                write!(f, "tagged for any platform though its ABI is {abi}; installers know no such tag")
            }
        }
    }
}

/// The processor by AWS's name, where it has one.
pub(crate) fn aws_name(cpu: &Cpu) -> &str {
    match cpu {
        Cpu::Aarch64 => "arm64",
        other => other.as_str(),
    }
}

fn describe(python: &PythonTag, or_newer: bool) -> String {
    match python {
        PythonTag::CPython { major, minor: Some(minor) } => {
            format!("CPython {major}.{minor}{}", if or_newer { " or newer" } else { "" })
        }
        PythonTag::Python { major: 3, minor: Some(minor) } => format!("Python 3.{minor} or newer"),
        PythonTag::Python { major, minor: Some(minor) } => format!("Python {major}.{minor}"),
        PythonTag::Python { major, minor: None } => format!("Python {major}"),
        other => other.to_string(),
    }
}

/// What keeps these tags, none of which fits, from fitting.
pub(super) fn find(target: &Target, tags: &TagSet, origin: Origin) -> Vec<Mismatch> {
    let (_, minor) = target.runtime.name.python();
    let mut found = Vec::new();
    let pairs = || tags.pythons.iter().flat_map(|python| tags.abis.iter().map(move |abi| (python, abi)));
    let interpreter_fits = pairs().any(|(python, abi)| Step::of(python, abi, minor, false).is_some());
    if !interpreter_fits {
        found.extend(interpreter(target, tags));
    }
    // The first of those that come equally near.
    let nearest = tags.platforms.iter().map(|platform| blockers(target, platform, origin)).min_by_key(|blockers| {
        let glibc =
            blockers.iter().find_map(|b| if let Mismatch::Glibc { needs, .. } = b { Some(*needs) } else { None });
        (blockers.iter().map(Mismatch::distance).sum::<u16>(), glibc)
    });
    found.extend(nearest.unwrap_or_default());
    if found.is_empty() {
        found.push(Mismatch::AnyWithAbi { abi: spelling(&tags.abis) });
    }
    found
}

fn interpreter(target: &Target, tags: &TagSet) -> Vec<Mismatch> {
    let (_, minor) = target.runtime.name.python();
    let or_newer = tags.abis.iter().any(|abi| matches!(abi, AbiTag::Abi3 | AbiTag::Abi3t));
    let fits = |python: &PythonTag| match python {
        PythonTag::CPython { major: 3, minor: Some(python) } => *python == minor || (or_newer && *python < minor),
        PythonTag::Python { major: 3, minor: python } => python.is_none_or(|python| python <= minor),
        _ => false,
    };
    let free_threaded = tags.abis.iter().all(|abi| match abi {
        AbiTag::Abi3t => true,
        AbiTag::CPython { flags, .. } => flags.free_threaded,
        _ => false,
    });
    let mut found = Vec::new();
    if !tags.pythons.iter().any(fits) {
        found.push(Mismatch::Python { built_for: tags.pythons.clone(), or_newer, target: *target });
    }
    if free_threaded {
        found.push(Mismatch::FreeThreaded);
    } else if found.is_empty() {
        found.push(Mismatch::Abi { abi: spelling(&tags.abis), target: *target });
    }
    found
}

/// What stands against one platform; nothing where it fits.
fn blockers(target: &Target, platform: &PlatformTag, origin: Origin) -> Vec<Mismatch> {
    if target.platform(platform, origin).is_some() {
        return Vec::new();
    }
    let processor = |cpu: &Cpu| {
        (*cpu != target.arch.cpu()).then(|| Mismatch::Architecture { built_for: cpu.clone(), target: *target })
    };
    let tag = platform.to_string();
    match platform {
        PlatformTag::Any => Vec::new(),
        PlatformTag::Linux(cpu) => {
            let unverified = (origin == Origin::PublicIndex).then_some(Mismatch::UnverifiedLinux { tag });
            processor(cpu).into_iter().chain(unverified).collect()
        }
        PlatformTag::Manylinux { major, minor, cpu, .. } => {
            let needs = GlibcVersion::new(*major, *minor);
            let glibc = (needs > target.runtime.glibc.value).then_some(Mismatch::Glibc { needs, target: *target });
            let found: Vec<_> = processor(cpu).into_iter().chain(glibc).collect();
            // Neither: older than the oldest manylinux that there is for this processor.
            if found.is_empty() { vec![Mismatch::Platform { tag }] } else { found }
        }
        PlatformTag::Musllinux { cpu, .. } => processor(cpu).into_iter().chain([Mismatch::Musl]).collect(),
        PlatformTag::MacOs { .. } => vec![Mismatch::MacOs],
        PlatformTag::Windows(_) => vec![Mismatch::Windows],
        PlatformTag::Other(_) => vec![Mismatch::Platform { tag }],
    }
}

fn spelling(abis: &[AbiTag]) -> String {
    abis.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

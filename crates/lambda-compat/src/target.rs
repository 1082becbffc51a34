//! What wheels are built for: an architecture, a glibc, and the two together with a runtime as a target.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use wheel_tags::Cpu;

use crate::profile::{Profile, RuntimeName, runtime};
use crate::serde_text::serde_text;

/// A processor architecture that Lambda offers, by AWS's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arch {
    /// 64-bit Arm (Graviton), `aarch64` elsewhere.
    Arm64,
    /// 64-bit x86, `amd64` elsewhere.
    X86_64,
}

impl Arch {
    /// Every architecture, in order.
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// The processor as platform tags name it.
    #[must_use]
    pub fn cpu(self) -> Cpu {
        match self {
            Self::Arm64 => Cpu::Aarch64,
            Self::X86_64 => Cpu::X86_64,
        }
    }

    /// The last part of a platform tag for this architecture, as in `manylinux2014_aarch64`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::X86_64 => "x86_64",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Arm64 => Self::X86_64,
            Self::X86_64 => Self::Arm64,
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        })
    }
}

/// Lambda has no such architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Lambda has no architecture `{0}`; it has arm64 and x86_64")]
pub struct UnknownArch(String);

impl FromStr for Arch {
    type Err = UnknownArch;

    /// AWS's names, and `aarch64` and `amd64`, in any case.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s.to_ascii_lowercase().as_str() {
            "arm64" | "aarch64" => Ok(Self::Arm64),
            "x86_64" | "amd64" => Ok(Self::X86_64),
            _ => Err(UnknownArch(s.to_owned())),
        }
    }
}

serde_text!(Arch);

/// A version of the GNU C library; its text form is `2.28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlibcVersion {
    /// 2, for as long as anyone remembers.
    pub major: u16,
    /// The 28 of 2.28.
    pub minor: u16,
}

impl GlibcVersion {
    /// `major.minor`.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for GlibcVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Not a version of glibc.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no glibc version; they look like 2.28")]
pub struct InvalidGlibcVersion(String);

impl FromStr for GlibcVersion {
    type Err = InvalidGlibcVersion;

    /// `2.28`; a third part, as symbol versions have it (`2.2.5`), must be a number and is dropped.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let mut parts = s.split('.').map(digits);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), None | Some(Some(_)), None) => Ok(Self { major, minor }),
            _ => Err(InvalidGlibcVersion(s.to_owned())),
        }
    }
}

/// Decimal digits only: `u16::from_str` would also take `+3`.
pub(crate) fn digits(s: &str) -> Option<u16> {
    s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse().ok())?
}

serde_text!(GlibcVersion);

/// What a layer is built for: a runtime and an architecture.
#[derive(Clone, Copy)]
pub struct Target {
    /// What the runtime offers.
    pub runtime: &'static Profile,
    /// The processor.
    pub arch: Arch,
}

impl Target {
    /// This runtime on this architecture.
    #[must_use]
    pub fn new(name: RuntimeName, arch: Arch) -> Self {
        Self { runtime: runtime(name), arch }
    }

    /// The values of the PEP 508 environment markers on this target, whatever machine asks.
    #[must_use]
    pub fn markers(&self) -> MarkerValues {
        let (major, minor) = self.runtime.name.python();
        let full = self.runtime.python_full.value.to_string();
        MarkerValues {
            implementation_name: "cpython",
            implementation_version: full.clone(),
            os_name: "posix",
            platform_machine: self.arch.tag(),
            platform_python_implementation: "CPython",
            platform_release: "",
            platform_system: "Linux",
            platform_version: "",
            python_full_version: full,
            python_version: format!("{major}.{minor}"),
            sys_platform: "linux",
        }
    }

    fn key(&self) -> (RuntimeName, Arch) {
        (self.runtime.name, self.arch)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.runtime.name, self.arch)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Target {}

impl PartialOrd for Target {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Target {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Target {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// The values of the PEP 508 environment markers on a target. `platform_release` and `platform_version` are empty:
/// the kernel of a function is not known before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkerValues {
    /// `sys.implementation.name`.
    pub implementation_name: &'static str,
    /// `sys.implementation.version`, as PEP 508 formats it.
    pub implementation_version: String,
    /// `os.name`.
    pub os_name: &'static str,
    /// `platform.machine()`: `aarch64` or `x86_64`.
    pub platform_machine: &'static str,
    /// `platform.python_implementation()`.
    pub platform_python_implementation: &'static str,
    /// `platform.release()`.
    pub platform_release: &'static str,
    /// `platform.system()`.
    pub platform_system: &'static str,
    /// `platform.version()`.
    pub platform_version: &'static str,
    /// `platform.python_version()`: the profile's newest patch.
    pub python_full_version: String,
    /// `3.12`.
    pub python_version: String,
    /// `sys.platform`.
    pub sys_platform: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(runtime: &str, arch: Arch) -> Target {
        Target::new(runtime.parse().expect("a known runtime"), arch)
    }

    #[test]
    fn architectures_have_several_names() {
        for (text, arch) in
            [("arm64", Arch::Arm64), ("AArch64", Arch::Arm64), ("x86_64", Arch::X86_64), ("AMD64", Arch::X86_64)]
        {
            assert_eq!(text.parse(), Ok(arch));
        }
        insta::assert_snapshot!("i686".parse::<Arch>().unwrap_err(), @"Lambda has no architecture `i686`; it has arm64 and x86_64");
    }

    #[test]
    fn glibc_versions_compare_as_numbers() {
        let parse = |s: &str| s.parse::<GlibcVersion>();
        assert!(parse("2.9").ok() < parse("2.10").ok());
        assert_eq!(parse("2.2.5"), Ok(GlibcVersion::new(2, 2)));
        for wrong in ["", "2", "2.", "2.x", "+2.3", "2.1.1.1", "2.17.x", "2.99999"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn targets_are_named_and_ordered_by_runtime_then_architecture() {
        assert_eq!(target("python3.12", Arch::Arm64).to_string(), "python3.12 · arm64");
        assert!(target("python3.9", Arch::X86_64) < target("python3.10", Arch::Arm64));
        assert!(target("python3.10", Arch::Arm64) < target("python3.10", Arch::X86_64));
    }

    #[test]
    fn markers_are_the_targets() {
        let markers = target("python3.11", Arch::Arm64).markers();
        assert_eq!((markers.python_version.as_str(), markers.platform_machine), ("3.11", "aarch64"));
        assert_eq!(markers.python_full_version, "3.11.15");
        assert_eq!(markers.implementation_version, markers.python_full_version);
        assert_eq!(target("python3.15", Arch::X86_64).markers().python_full_version, "3.15.0");
    }
}

//! The last part of a compatibility tag: which system and processor a wheel is for.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::python_tag::plain_number;

/// Which system and processor a wheel is for: `any`, `manylinux_2_28_x86_64`.
///
/// Parsing never fails and lower-cases, as tags are compared without regard to case. What the packaging guide's
/// [platform compatibility tags](https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/)
/// do not define, or spell otherwise, is [`PlatformTag::Other`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlatformTag {
    /// `any`: no native code.
    Any,
    /// `linux_x86_64`: the machine it was built on and whatever that had installed; no promise.
    Linux(Cpu),
    /// Linux with at least this glibc: PEP 600, and its legacy aliases PEP 513, 571 and 599.
    Manylinux {
        /// Of the glibc version.
        major: u16,
        /// Of the glibc version.
        minor: u16,
        /// The processor.
        cpu: Cpu,
        /// The alias it is spelt with; `major` and `minor` are then what the alias stands for.
        legacy: Option<LegacyManylinux>,
    },
    /// Linux with at least this musl (PEP 656).
    Musllinux {
        /// Of the musl version.
        major: u16,
        /// Of the musl version.
        minor: u16,
        /// The processor.
        cpu: Cpu,
    },
    /// At least this macOS: `macosx_11_0_universal2`.
    MacOs {
        /// Of the macOS version.
        major: u16,
        /// Of the macOS version.
        minor: u16,
        /// The processor, or a name for several: `arm64`, `universal2`.
        arch: String,
    },
    /// `win_amd64`, `win_arm64`; `win32` is for [`Cpu::Other`] `x86`.
    Windows(Cpu),
    /// Any other, lower-cased: `ios_13_0_arm64_iphoneos`, `linux`.
    Other(String),
}

/// The names that manylinux tags had before PEP 600.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegacyManylinux {
    /// `manylinux1` (PEP 513): glibc 2.5.
    One,
    /// `manylinux2010` (PEP 571): glibc 2.12.
    Y2010,
    /// `manylinux2014` (PEP 599): glibc 2.17.
    Y2014,
}

/// A processor, as Linux names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cpu {
    /// `x86_64`; `amd64` in Windows' tags.
    X86_64,
    /// `aarch64`; `arm64` in Windows' tags.
    Aarch64,
    /// Any other, as the tag spells it: `i686`, `armv7l`.
    Other(String),
}

impl LegacyManylinux {
    const ALL: [Self; 3] = [Self::One, Self::Y2010, Self::Y2014];

    /// The tag without its processor: `manylinux2014`.
    fn prefix(self) -> &'static str {
        match self {
            Self::One => "manylinux1",
            Self::Y2010 => "manylinux2010",
            Self::Y2014 => "manylinux2014",
        }
    }

    /// The minor version of the glibc 2 that PEP 600 defines the alias to be.
    fn glibc_minor(self) -> u16 {
        match self {
            Self::One => 5,
            Self::Y2010 => 12,
            Self::Y2014 => 17,
        }
    }
}

impl Cpu {
    /// The name that Linux' tags have for it: `x86_64`, `aarch64`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::Other(name) => name,
        }
    }

    fn in_linux_tag(name: &str) -> Option<Self> {
        match name {
            "" => None,
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Aarch64),
            _ => Some(Self::Other(name.to_owned())),
        }
    }

    fn in_windows_tag(name: &str) -> Option<Self> {
        match name {
            // Spellings that no tool writes: they would not be given back as spelt.
            "" | "x86_64" | "aarch64" | "x86" => None,
            "amd64" => Some(Self::X86_64),
            "arm64" => Some(Self::Aarch64),
            _ => Some(Self::Other(name.to_owned())),
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for PlatformTag {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let tag = text.to_ascii_lowercase();
        Ok(Self::known(&tag).unwrap_or(Self::Other(tag)))
    }
}

impl PlatformTag {
    fn known(tag: &str) -> Option<Self> {
        match tag {
            "any" => return Some(Self::Any),
            "win32" => return Some(Self::Windows(Cpu::Other("x86".to_owned()))),
            _ => {}
        }
        let (system, rest) = tag.split_once('_')?;
        match system {
            "linux" => Cpu::in_linux_tag(rest).map(Self::Linux),
            "win" => Cpu::in_windows_tag(rest).map(Self::Windows),
            "manylinux" => {
                let (major, minor, cpu) = versioned(rest)?;
                Some(Self::Manylinux { major, minor, cpu: Cpu::in_linux_tag(cpu)?, legacy: None })
            }
            "musllinux" => {
                let (major, minor, cpu) = versioned(rest)?;
                Some(Self::Musllinux { major, minor, cpu: Cpu::in_linux_tag(cpu)? })
            }
            "macosx" => {
                let (major, minor, arch) = versioned(rest)?;
                (!arch.is_empty()).then(|| Self::MacOs { major, minor, arch: arch.to_owned() })
            }
            _ => {
                let legacy = LegacyManylinux::ALL.into_iter().find(|legacy| legacy.prefix() == system)?;
                let cpu = Cpu::in_linux_tag(rest)?;
                Some(Self::Manylinux { major: 2, minor: legacy.glibc_minor(), cpu, legacy: Some(legacy) })
            }
        }
    }
}

/// `2_17_x86_64` is (2, 17, "`x86_64`").
fn versioned(text: &str) -> Option<(u16, u16, &str)> {
    let (major, rest) = text.split_once('_')?;
    let (minor, rest) = rest.split_once('_')?;
    Some((plain_number(major)?, plain_number(minor)?, rest))
}

impl fmt::Display for PlatformTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Linux(cpu) => write!(f, "linux_{cpu}"),
            Self::Manylinux { cpu, legacy: Some(legacy), .. } => write!(f, "{}_{cpu}", legacy.prefix()),
            Self::Manylinux { major, minor, cpu, legacy: None } => write!(f, "manylinux_{major}_{minor}_{cpu}"),
            Self::Musllinux { major, minor, cpu } => write!(f, "musllinux_{major}_{minor}_{cpu}"),
            Self::MacOs { major, minor, arch } => write!(f, "macosx_{major}_{minor}_{arch}"),
            Self::Windows(Cpu::X86_64) => f.write_str("win_amd64"),
            Self::Windows(Cpu::Aarch64) => f.write_str("win_arm64"),
            Self::Windows(Cpu::Other(name)) if name == "x86" => f.write_str("win32"),
            Self::Windows(Cpu::Other(name)) => write!(f, "win_{name}"),
            Self::Other(tag) => f.write_str(tag),
        }
    }
}

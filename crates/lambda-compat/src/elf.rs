//! What the bytes of a shared object say, as the dynamic loader sees them.
//!
//! The loader knows program headers only: `PT_LOAD` maps addresses to the file, `PT_DYNAMIC` leads to everything else.
//! Section headers are never looked at, as stripping and patching tools leave them stale. Mach-O and PE files are told by
//! their magic numbers and not read further; relocatable objects are read but not judged; static archives are not known.

mod dynamic;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::target::GlibcVersion;

/// Random access to the bytes of a file, so that a large one need not be in memory.
pub trait Bytes {
    /// The size of the file in bytes.
    fn len(&self) -> u64;

    /// `len` bytes from `offset` on; `None` where the range is not wholly inside the file.
    fn read_at(&mut self, offset: u64, len: usize) -> Option<Cow<'_, [u8]>>;

    /// There are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Bytes for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Option<Cow<'_, [u8]>> {
        let start = usize::try_from(offset).ok()?;
        self.get(start..start.checked_add(len)?).map(Cow::Borrowed)
    }
}

/// A file of native code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binary {
    /// ELF, Linux's format. Boxed: few of a wheel's files are native code, and each has room for this.
    Elf(Box<ElfFacts>),
    /// ELF that the loader could not read, with what is wrong: a lower-case fragment.
    Damaged(String),
    /// macOS's format.
    MachO,
    /// Windows' format.
    Pe,
}

/// 32 or 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// `ELFCLASS32`.
    Elf32,
    /// `ELFCLASS64`.
    Elf64,
}

/// The processor that an ELF file is for; its text form is the one used in platform tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Machine {
    /// 64-bit x86, or x32 in a 32-bit file.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// 32-bit x86.
    I386,
    /// 32-bit Arm.
    Arm,
    /// Any other `e_machine`.
    Other(u16),
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X86_64 => f.write_str("x86_64"),
            Self::Aarch64 => f.write_str("aarch64"),
            Self::I386 => f.write_str("i386"),
            Self::Arm => f.write_str("arm"),
            Self::Other(number) => write!(f, "machine {number}"),
        }
    }
}

/// What an ELF file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A shared object: an extension module or a library.
    Shared,
    /// A program, position-independent or not.
    Executable,
    /// A `.o` file.
    Relocatable,
    /// A core dump.
    Core,
    /// Any other `e_type`.
    Other(u16),
}

/// A symbol version that a library must have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NeededVersion {
    /// The library, `libc.so.6`.
    pub library: String,
    /// The version, `GLIBC_2.28`.
    pub version: String,
    /// The loader only warns when it is missing.
    pub weak: bool,
}

/// The facts of an ELF file that decide whether it loads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElfFacts {
    /// 32 or 64 bits.
    pub class: Class,
    /// The byte order.
    pub little_endian: bool,
    /// The processor.
    pub machine: Machine,
    /// What it is.
    pub kind: Kind,
    /// The name it goes by (`DT_SONAME`).
    pub soname: Option<String>,
    /// The libraries it needs (`DT_NEEDED`), in the file's order.
    pub needed: Vec<String>,
    /// The symbol versions it needs (`DT_VERNEED`), sorted.
    pub versions_needed: Vec<NeededVersion>,
    /// The symbol versions it has (`DT_VERDEF`), sorted, without its own name.
    pub versions_provided: Vec<String>,
    /// `DT_RPATH`, split at colons.
    pub rpath: Vec<String>,
    /// `DT_RUNPATH`, split at colons.
    pub runpath: Vec<String>,
    /// The loader it asks for (`PT_INTERP`), as programs do.
    pub interpreter: Option<String>,
    /// It asks for a stack that can be executed (`PT_GNU_STACK` with `PF_X`).
    pub executable_stack: bool,
    /// The first segment that the loader refuses to map.
    pub misaligned: Option<Misaligned>,
}

/// A `PT_LOAD` segment that glibc's loader refuses (`_dl_map_object_from_fd` in its `elf/dl-load.c`): the alignment is no
/// multiple of the page size, or address and offset disagree modulo the alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misaligned {
    /// Its place in the file, in bytes.
    pub offset: u64,
    /// The address it is to be loaded at.
    pub address: u64,
    /// Its alignment in bytes.
    pub alignment: u64,
}

impl Misaligned {
    /// Bytes of a page on both of Lambda's architectures.
    const PAGE: u64 = 4096;

    /// `None` where the loader has nothing against the segment.
    pub(crate) fn of(offset: u64, address: u64, alignment: u64) -> Option<Self> {
        let to_pages = alignment.is_multiple_of(Self::PAGE);
        // As the loader reckons: an alignment of 0 asks for equal numbers.
        let agree = address.wrapping_sub(offset) & alignment.wrapping_sub(1) == 0;
        (!to_pages || !agree).then_some(Self { offset, address, alignment })
    }

    /// What is wrong with it: a lower-case fragment.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { offset, address, alignment } = self;
        if alignment.is_multiple_of(Self::PAGE) {
            format!(
                "its segment at offset {offset:#x} has the address {address:#x}: they disagree modulo {alignment:#x}"
            )
        } else {
            format!("its segment at offset {offset:#x} is aligned to {alignment:#x} bytes, not to pages of 0x1000")
        }
    }
}

/// Symbol versions of glibc that stand for a feature of its loader, and the release that brought each (glibc's `elf/Versions`
/// and `sysdeps/x86/Versions`). Stable branches a little older may have one too; Lambda's are older by far.
const GLIBC_FEATURES: [(&str, GlibcVersion); 3] = [
    ("GLIBC_ABI_DT_RELR", GlibcVersion::new(2, 36)),
    ("GLIBC_ABI_DT_X86_64_PLT", GlibcVersion::new(2, 42)),
    ("GLIBC_ABI_GNU2_TLS", GlibcVersion::new(2, 42)),
];

impl NeededVersion {
    /// The glibc that first had this version; `None` for versions of other libraries and for `GLIBC_PRIVATE`.
    #[must_use]
    pub fn glibc(&self) -> Option<GlibcVersion> {
        let feature = GLIBC_FEATURES.iter().find(|(name, _)| *name == self.version);
        feature.map(|&(_, glibc)| glibc).or_else(|| self.version.strip_prefix("GLIBC_")?.parse().ok())
    }
}

impl ElfFacts {
    /// The newest glibc among the versions it needs; weak ones do not keep it from loading and do not count.
    #[must_use]
    pub fn glibc(&self) -> Option<GlibcVersion> {
        self.newest_glibc_symbol().map(|(glibc, _)| glibc)
    }

    /// The newest glibc it needs, with the symbol version that says so.
    #[must_use]
    pub fn newest_glibc_symbol(&self) -> Option<(GlibcVersion, &str)> {
        let strong = self.versions_needed.iter().filter(|needed| !needed.weak);
        strong.filter_map(|needed| Some((needed.glibc()?, needed.version.as_str()))).max()
    }
}

/// Whether the first bytes of a file (at least 4) may be those of native code; [`read`] then tells for sure.
#[must_use]
pub fn looks_binary(head: &[u8]) -> bool {
    matches!(
        head,
        [0x7f, b'E', b'L', b'F', ..]
            | [b'M', b'Z', ..]
            | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
            | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]
            | [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..]
    )
}

/// Reads a file of native code: `None` when it is neither ELF nor Mach-O nor PE.
///
/// Reads at most a few megabytes, however large the file is and whatever it says.
pub fn read(bytes: &mut dyn Bytes) -> Option<Binary> {
    let head: [u8; 4] = bytes.read_at(0, 4)?.as_ref().try_into().ok()?;
    if !looks_binary(&head) {
        return None;
    }
    match head {
        [0x7f, ..] => Some(
            dynamic::read_elf(bytes)
                .map_or_else(|damage| Binary::Damaged(damage.0), |facts| Binary::Elf(Box::new(facts))),
        ),
        [b'M', ..] => is_pe(bytes).then_some(Binary::Pe),
        [0xca, ..] => is_fat_mach_o(bytes).then_some(Binary::MachO),
        _ => Some(Binary::MachO),
    }
}

/// `MZ` starts old DOS programs and plain text too: the header at 0x3c must lead to `PE\0\0`.
fn is_pe(bytes: &mut dyn Bytes) -> bool {
    let mut signature = || {
        let at: [u8; 4] = bytes.read_at(0x3c, 4)?.as_ref().try_into().ok()?;
        Some(bytes.read_at(u64::from(u32::from_le_bytes(at)), 4)?.as_ref() == b"PE\0\0")
    };
    signature() == Some(true)
}

/// Java class files share the magic number: in theirs a version of 45 or more follows, here the count of architectures,
/// of which the first must be one that Apple has had.
fn is_fat_mach_o(bytes: &mut dyn Bytes) -> bool {
    const ARCHITECTURES: [u32; 6] = [7, 12, 18, 0x0100_0007, 0x0100_000c, 0x0200_000c];
    let mut word = |offset| {
        let word: [u8; 4] = bytes.read_at(offset, 4)?.as_ref().try_into().ok()?;
        Some(u32::from_be_bytes(word))
    };
    matches!((word(4), word(8)), (Some(1..=30), Some(first)) if ARCHITECTURES.contains(&first))
}

#[cfg(test)]
mod tests;

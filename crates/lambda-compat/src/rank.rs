//! Which compatibility tags load on a target, and how well: the order of `packaging.tags.sys_tags()` for `CPython` on Linux
//! with the target's glibc. <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>

mod mismatch;

use wheel_tags::{AbiFlags, AbiTag, PlatformTag, PythonTag, TagSet};

pub use mismatch::Mismatch;

use crate::target::{Arch, GlibcVersion, Target};

/// Where a wheel comes from, as far as its platform tag can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// An index that takes no wheels with a `linux_<arch>` tag, as PyPI.
    PublicIndex,
    /// A local file or a private index: `linux_<arch>` counts, and then the bytes decide.
    Unverified,
}

/// How well a wheel's tags fit a target; the greater fits better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank {
    step: Step,
    /// 0 for `any` and `linux_<arch>`, else by glibc, the newer the better, PEP 600's spelling before the legacy one.
    platform: u16,
}

/// A python and an ABI tag together, the worst first. The numbers are minor versions of Python 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    /// `py38-none-any` on 3.12.
    AnyOlder(u8),
    /// `py3-none-any`.
    AnyMajor,
    /// `py312-none-any`.
    AnyExact,
    /// `cp312-none-any`.
    AnyCPython,
    /// `py38-none-<platform>`.
    Older(u8),
    /// `py3-none-<platform>`.
    Major,
    /// `py312-none-<platform>`.
    Exact,
    /// `cp38-abi3-<platform>`.
    OlderAbi3(u8),
    /// `cp312-none-<platform>`.
    CPython,
    /// `cp312-abi3-<platform>`.
    Abi3,
    /// `cp312-cp312-<platform>`.
    Own,
}

impl Step {
    /// `None` when this pair of tags does not load on Python 3.`minor`; `any`: with the platform tag `any`.
    fn of(python: &PythonTag, abi: &AbiTag, minor: u8, any: bool) -> Option<Self> {
        let step = match (python, abi) {
            (PythonTag::CPython { major: 3, minor: Some(python) }, AbiTag::CPython { major: 3, minor: abi, flags })
                if *python == minor && *abi == minor && *flags == AbiFlags::default() =>
            {
                Self::Own
            }
            (PythonTag::CPython { major: 3, minor: Some(python) }, AbiTag::Abi3) if *python == minor => Self::Abi3,
            // The stable ABI began with Python 3.2.
            (PythonTag::CPython { major: 3, minor: Some(python) }, AbiTag::Abi3) if (2..minor).contains(python) => {
                Self::OlderAbi3(*python)
            }
            (PythonTag::CPython { major: 3, minor: Some(python) }, AbiTag::None) if *python == minor => Self::CPython,
            (PythonTag::Python { major: 3, minor: None }, AbiTag::None) => Self::Major,
            (PythonTag::Python { major: 3, minor: Some(python) }, AbiTag::None) if *python == minor => Self::Exact,
            (PythonTag::Python { major: 3, minor: Some(python) }, AbiTag::None) if *python < minor => {
                Self::Older(*python)
            }
            _ => return None,
        };
        if !any {
            return Some(step);
        }
        match step {
            Self::CPython => Some(Self::AnyCPython),
            Self::Exact => Some(Self::AnyExact),
            Self::Major => Some(Self::AnyMajor),
            Self::Older(python) => Some(Self::AnyOlder(python)),
            // A binary interface without a platform: packaging knows no such tags.
            _ => None,
        }
    }
}

impl Target {
    /// How well the best of these tags fits this target.
    ///
    /// # Errors
    ///
    /// What stands in the way when none fits: only what really does, for the platform that comes nearest.
    pub fn rank(&self, tags: &TagSet, origin: Origin) -> Result<Rank, Vec<Mismatch>> {
        let (_, minor) = self.runtime.name.python();
        let mut best = None;
        for platform in &tags.platforms {
            let Some(fit) = self.platform(platform, origin) else { continue };
            for python in &tags.pythons {
                for abi in &tags.abis {
                    let step = Step::of(python, abi, minor, *platform == PlatformTag::Any);
                    best = best.max(step.map(|step| Rank { step, platform: fit }));
                }
            }
        }
        best.ok_or_else(|| mismatch::find(self, tags, origin))
    }

    fn platform(&self, platform: &PlatformTag, origin: Origin) -> Option<u16> {
        match platform {
            PlatformTag::Any => Some(0),
            PlatformTag::Linux(cpu) => (*cpu == self.arch.cpu() && origin == Origin::Unverified).then_some(0),
            PlatformTag::Manylinux { major, minor, cpu, legacy } => {
                let glibc = GlibcVersion::new(*major, *minor);
                let fits =
                    *cpu == self.arch.cpu() && self.oldest_manylinux() <= glibc && glibc <= self.runtime.glibc.value;
                fits.then(|| minor.saturating_mul(2) + u16::from(legacy.is_none()))
            }
            _ => None,
        }
    }

    /// The oldest glibc that packaging makes a manylinux tag for.
    fn oldest_manylinux(&self) -> GlibcVersion {
        match self.arch {
            Arch::X86_64 => GlibcVersion::new(2, 5),
            // manylinux2014 was the first to have other processors.
            Arch::Arm64 => GlibcVersion::new(2, 17),
        }
    }
}

#[cfg(test)]
mod tests;

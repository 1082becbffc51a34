//! What the wheels of one version are built for, in a few words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lambda_compat::{GlibcVersion, runtimes};
use wheel_tags::{AbiTag, Cpu, PlatformTag, PythonTag, WheelFilename};

/// Groups of Pythons that are told; the rest is counted.
const MOST_GROUPS: usize = 3;

/// `cp37 to cp39 on arm64, x86_64 (glibc 2.28)`; empty where there are no wheels.
///
/// Wheels for systems other than Linux with glibc, and for processors that Lambda has not got, are named only where
/// there are no others; so are interpreters other than `CPython`.
pub(crate) fn in_short<'a>(wheels: impl Iterator<Item = &'a WheelFilename>) -> String {
    let mut oldest: BTreeMap<(Python, Platform), Option<GlibcVersion>> = BTreeMap::new();
    for wheel in wheels {
        for tag in wheel.tags.iter() {
            let Some(python) = Python::of(&tag.python, &tag.abi) else { continue };
            let (platform, glibc) = Platform::of(&tag.platform);
            let known = oldest.entry((python, platform)).or_insert(glibc);
            *known = glibc.min(*known);
        }
    }
    // What every runtime has is not worth a word.
    let everywhere = runtimes().iter().map(|runtime| runtime.glibc.value).min();
    if oldest.keys().any(|(_, platform)| platform.is_lambda()) {
        oldest.retain(|(_, platform), _| platform.is_lambda());
    }
    if oldest.keys().any(|(python, _)| python.is_cpython_3()) {
        oldest.retain(|(python, _), _| python.is_cpython_3());
    }
    let mut platforms: BTreeMap<Python, BTreeSet<String>> = BTreeMap::new();
    for ((python, platform), glibc) in oldest {
        let glibc = glibc.filter(|_| glibc > everywhere).map(|glibc| format!(" (glibc {glibc})")).unwrap_or_default();
        platforms.entry(python).or_default().insert(format!("{platform}{glibc}"));
    }
    let mut groups: Vec<(BTreeSet<String>, Vec<Python>)> = Vec::new();
    for (python, platforms) in platforms {
        match groups.iter_mut().find(|(known, _)| *known == platforms) {
            Some((_, pythons)) => pythons.push(python),
            None => groups.push((platforms, vec![python])),
        }
    }
    let more = groups.len().saturating_sub(MOST_GROUPS);
    let told = groups.into_iter().take(MOST_GROUPS).map(|(platforms, pythons)| {
        let platforms: Vec<String> = platforms.into_iter().collect();
        format!("{} on {}", runs(&pythons), platforms.join(", "))
    });
    let mut told: Vec<String> = told.collect();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}

/// `cp37 to cp39, cp311`.
fn runs(pythons: &[Python]) -> String {
    let mut runs: Vec<(&Python, &Python)> = Vec::new();
    for python in pythons {
        match runs.last_mut() {
            Some((_, last)) if python.follows(last) => *last = python,
            _ => runs.push((python, python)),
        }
    }
    let text = |(first, last): &(&Python, &Python)| match first == last {
        true => first.to_string(),
        false if last.follows(first) => format!("{first}, {last}"),
        false => format!("{first} to {last}"),
    };
    runs.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// A python tag with what its ABI adds.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Python {
    abi: &'static str,
    tag: PythonTag,
}

impl Python {
    /// `None` for pairs that only a compressed set makes: `cp38` with the ABI of `cp39`.
    fn of(tag: &PythonTag, abi: &AbiTag) -> Option<Self> {
        let abi = match (tag, abi) {
            (PythonTag::CPython { minor: Some(python), .. }, AbiTag::CPython { minor, .. }) if python != minor => {
                return None;
            }
            (_, AbiTag::CPython { flags, .. }) if flags.free_threaded => "t",
            (_, AbiTag::Abi3) => "-abi3",
            (_, AbiTag::Abi3t) => "-abi3t",
            _ => "",
        };
        Some(Self { abi, tag: tag.clone() })
    }

    fn is_cpython_3(&self) -> bool {
        matches!(self.tag, PythonTag::CPython { major: 3, .. } | PythonTag::Python { major: 3, .. })
    }

    /// Whether it is the next minor version of the same interpreter.
    fn follows(&self, other: &Self) -> bool {
        let next = match (&self.tag, &other.tag) {
            (
                PythonTag::CPython { major, minor: Some(minor) },
                PythonTag::CPython { major: before, minor: Some(last) },
            )
            | (
                PythonTag::Python { major, minor: Some(minor) },
                PythonTag::Python { major: before, minor: Some(last) },
            ) => major == before && *minor == last.saturating_add(1),
            _ => false,
        };
        next && self.abi == other.abi
    }
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.tag, self.abi)
    }
}

/// A platform without its version, by AWS's names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Platform {
    Any,
    Linux(String),
    Other(String),
}

impl Platform {
    /// With the glibc that it needs, where the tag says.
    fn of(tag: &PlatformTag) -> (Self, Option<GlibcVersion>) {
        let other = |name: &str| (Self::Other(name.to_owned()), None);
        match tag {
            PlatformTag::Any => (Self::Any, None),
            PlatformTag::Linux(cpu) => (Self::linux(cpu), None),
            PlatformTag::Manylinux { major, minor, cpu, .. } => {
                (Self::linux(cpu), Some(GlibcVersion::new(*major, *minor)))
            }
            PlatformTag::Musllinux { .. } => other("musl"),
            PlatformTag::MacOs { .. } => other("macOS"),
            PlatformTag::Windows(_) => other("Windows"),
            PlatformTag::Other(tag) => other(tag),
        }
    }

    fn linux(cpu: &Cpu) -> Self {
        match cpu {
            Cpu::Aarch64 => Self::Linux("arm64".to_owned()),
            Cpu::X86_64 => Self::Linux("x86_64".to_owned()),
            Cpu::Other(cpu) => Self::Other(cpu.clone()),
        }
    }

    fn is_lambda(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any platform"),
            Self::Linux(name) | Self::Other(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(tags: &[&str]) -> String {
        let wheels: Vec<WheelFilename> =
            tags.iter().map(|tags| format!("a-1.0-{tags}.whl").parse().expect("a file name")).collect();
        in_short(wheels.iter())
    }

    #[test]
    fn wheels_in_a_few_words() {
        let arm = |python: &str| format!("{python}-{python}-manylinux_2_17_aarch64.manylinux2014_aarch64");
        let x86 = |python: &str| format!("{python}-{python}-manylinux1_x86_64");
        let each = [arm("cp38"), x86("cp38"), arm("cp39"), x86("cp39"), arm("cp310"), x86("cp310"), x86("cp312")];
        let each: Vec<&str> = each.iter().map(String::as_str).collect();
        let elsewhere = ["cp39-cp39-win_amd64", "cp311-cp311-macosx_11_0_arm64", "pp39-pypy39_pp73-manylinux1_x86_64"];
        assert_eq!(short(&[&each, &elsewhere[..]].concat()), "cp38 to cp310 on arm64, x86_64; cp312 on x86_64");
        assert_eq!(short(&elsewhere[..2]), "cp39 on Windows; cp311 on macOS");
        assert_eq!(short(&elsewhere[2..]), "pp39 on x86_64");
        assert_eq!(short(&["cp38-abi3-manylinux_2_28_x86_64"]), "cp38-abi3 on x86_64 (glibc 2.28)");
        assert_eq!(
            short(&["cp313-cp313t-manylinux_2_28_aarch64.manylinux_2_39_aarch64"]),
            "cp313t on arm64 (glibc 2.28)"
        );
        assert_eq!(short(&["py2.py3-none-any"]), "py3 on any platform");
        assert_eq!(short(&["cp38-none-win32", "cp39-none-win32"]), "cp38, cp39 on Windows");
        assert_eq!(short(&["py2-none-any"]), "py2 on any platform");
        assert_eq!(short(&[]), "");
        assert_eq!(
            short(&[
                "cp36-cp36m-win32",
                "cp38-cp38-macosx_11_0_arm64",
                "cp310-cp310-musllinux_1_1_i686",
                "cp312-cp312-ios"
            ]),
            "cp36 on Windows; cp38 on macOS; cp310 on musl; and 1 more"
        );
    }
}

//! What an extension module's file name says of the Python that it is built for
//! ([PEP 3149](https://peps.python.org/pep-3149/), [PEP 384](https://peps.python.org/pep-0384/),
//! [PEP 803](https://peps.python.org/pep-0803/)): the import system goes by the name before it opens the file.

use crate::target::Target;

/// The first Python whose builds with the global interpreter lock look for `.abi3t.so` (PEP 803).
const FIRST_ABI3T: u8 = 15;

/// The file name of an extension module on Linux or macOS, `_a.cpython-312-x86_64-linux-gnu.so`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionName<'a> {
    /// The module's name, without those of its packages.
    pub module: &'a str,
    /// What follows it.
    pub suffix: ExtensionSuffix<'a>,
}

/// What an extension module's file name ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExtensionSuffix<'a> {
    /// `.so`: any Python tries it. Shared libraries that are no modules are called so, too.
    Plain,
    /// `.abi3.so`: any Python 3 with the global interpreter lock.
    Abi3,
    /// `.abi3t.so`: Python 3.15 and newer.
    Abi3t,
    /// `.cpython-312-x86_64-linux-gnu.so`: one minor version on one platform.
    CPython {
        /// The major version.
        major: u8,
        /// The minor version.
        minor: u8,
        /// The letters behind it: `t` free-threaded, `d` debug; `m` and `u` before Python 3.8.
        flags: &'a str,
        /// The platform as that Python names it, `x86_64-linux-gnu`; empty where there is none.
        platform: &'a str,
    },
    /// Another interpreter's tag: `pypy310-pp73-x86_64-linux-gnu`.
    Other(&'a str),
}

impl<'a> ExtensionName<'a> {
    /// Takes a file name apart; `None` where no import would take it for an extension module (`libx.so.1`, `a-b.so`).
    #[must_use]
    pub fn parse(file_name: &'a str) -> Option<Self> {
        let stem = file_name.strip_suffix(".so")?;
        let (module, tag) = stem.split_once('.').map_or((stem, None), |(module, tag)| (module, Some(tag)));
        let suffix = match tag {
            None => ExtensionSuffix::Plain,
            Some("abi3") => ExtensionSuffix::Abi3,
            Some("abi3t") => ExtensionSuffix::Abi3t,
            Some(tag) => match tag.strip_prefix("cpython-") {
                Some(rest) => cpython(rest)?,
                None if tag.starts_with("pypy") || tag.starts_with("graalpy") => ExtensionSuffix::Other(tag),
                None => return None,
            },
        };
        is_module_name(module).then_some(Self { module, suffix })
    }

    /// Whether the target's Python looks for a file with this suffix.
    #[must_use]
    pub fn fits(&self, target: &Target) -> bool {
        let python = target.runtime.name.python();
        match self.suffix {
            ExtensionSuffix::Plain | ExtensionSuffix::Abi3 => true,
            ExtensionSuffix::Abi3t => python.1 >= FIRST_ABI3T,
            ExtensionSuffix::CPython { major, minor, flags, platform } => {
                (major, minor) == python
                    && flags.is_empty()
                    && platform.strip_suffix("-linux-gnu") == Some(target.arch.tag())
            }
            ExtensionSuffix::Other(_) => false,
        }
    }

    /// What looks for a file with this suffix, as far as the target does not: `Python 3.11`, or on the target's own Python
    /// `x86_64`.
    #[must_use]
    pub fn wanted_by(&self, target: &Target) -> String {
        match self.suffix {
            ExtensionSuffix::Plain => "any Python".to_owned(),
            ExtensionSuffix::Abi3 => "any Python 3".to_owned(),
            ExtensionSuffix::Abi3t => format!("Python 3.{FIRST_ABI3T} and newer"),
            ExtensionSuffix::CPython { major, minor, flags, platform } => {
                let python = format!("Python {major}.{minor}");
                if flags.contains('t') {
                    format!("free-threaded {python}")
                } else if flags.contains('d') {
                    format!("a debug build of {python}")
                } else if (major, minor) == target.runtime.name.python() && flags.is_empty() {
                    platform_name(platform).to_owned()
                } else {
                    python
                }
            }
            ExtensionSuffix::Other(tag) if tag.starts_with("pypy") => "PyPy".to_owned(),
            ExtensionSuffix::Other(_) => "GraalPy".to_owned(),
        }
    }
}

/// `312-x86_64-linux-gnu`, `37m-darwin`, `36m`.
fn cpython(tag: &str) -> Option<ExtensionSuffix<'_>> {
    let (version, platform) = tag.split_once('-').unwrap_or((tag, ""));
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    let (digits, flags) = version.split_at(digits);
    let (major, minor) = digits.split_at_checked(1)?;
    let flags = Some(flags).filter(|flags| flags.bytes().all(|b| b.is_ascii_lowercase()))?;
    Some(ExtensionSuffix::CPython { major: major.parse().ok()?, minor: minor.parse().ok()?, flags, platform })
}

fn platform_name(platform: &str) -> &str {
    match platform {
        "x86_64-linux-gnu" => "x86_64",
        "aarch64-linux-gnu" => "arm64",
        "darwin" => "macOS",
        "" => "another platform",
        _ if platform.ends_with("-linux-musl") => "musl, as in Alpine Linux",
        _ => platform,
    }
}

/// What can stand between the dots of an import: letters, digits and underscores. Names that start with a digit can be
/// imported by other means, and mypyc makes such.
pub(super) fn is_module_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::target::Arch;

    fn target(runtime: &str, arch: Arch) -> Target {
        Target::new(runtime.parse().expect("a known runtime"), arch)
    }

    fn fits(name: &str, runtime: &str, arch: Arch) -> bool {
        ExtensionName::parse(name).expect(name).fits(&target(runtime, arch))
    }

    #[test]
    fn each_suffix_fits_its_own_pythons() {
        let own = "_a.cpython-312-x86_64-linux-gnu.so";
        assert!(fits(own, "python3.12", Arch::X86_64));
        assert!(!fits(own, "python3.12", Arch::Arm64));
        assert!(!fits(own, "python3.11", Arch::X86_64));
        assert!(fits("_a.cpython-313-aarch64-linux-gnu.so", "python3.13", Arch::Arm64));
        for never in [
            "_a.cpython-313t-aarch64-linux-gnu.so",
            "_a.cpython-313d-aarch64-linux-gnu.so",
            "_a.cpython-313-aarch64-linux-musl.so",
            "_a.cpython-313-darwin.so",
            "_a.cpython-313.so",
            "_a.pypy310-pp73-aarch64-linux-gnu.so",
            "_a.graalpy242-313-native-aarch64-linux.so",
        ] {
            assert!(!fits(never, "python3.13", Arch::Arm64), "{never}");
        }
        for (name, oldest) in [("_a.so", "python3.8"), ("_a.abi3.so", "python3.8"), ("_a.abi3t.so", "python3.15")] {
            assert!(fits(name, oldest, Arch::Arm64), "{name}");
        }
        assert!(!fits("_a.abi3t.so", "python3.14", Arch::X86_64));
    }

    #[test]
    fn other_names_are_no_extension_modules() {
        for name in
            ["libx.so.1", "libx-1a2b.so", "libx.1.so", "_a.pyd", "a.py", ".so", "a.cpython-x.so", "a.cpython-.so"]
        {
            assert_eq!(ExtensionName::parse(name), None, "{name}");
        }
        let mypyc = ExtensionName::parse("81d2__mypyc.cpython-37m-x86_64-linux-gnu.so").expect("a module");
        assert_eq!(mypyc.module, "81d2__mypyc");
        let platform = "x86_64-linux-gnu";
        assert_eq!(mypyc.suffix, ExtensionSuffix::CPython { major: 3, minor: 7, flags: "m", platform });
    }

    #[test]
    fn who_wants_it_is_told_as_far_as_the_target_does_not() {
        let wanted = |name: &str| ExtensionName::parse(name).expect(name).wanted_by(&target("python3.12", Arch::Arm64));
        assert_eq!(wanted("a.cpython-311-aarch64-linux-gnu.so"), "Python 3.11");
        assert_eq!(wanted("a.cpython-312-x86_64-linux-gnu.so"), "x86_64");
        assert_eq!(wanted("a.cpython-312-darwin.so"), "macOS");
        assert_eq!(wanted("a.cpython-312t-aarch64-linux-gnu.so"), "free-threaded Python 3.12");
        assert_eq!(wanted("a.abi3t.so"), "Python 3.15 and newer");
        assert_eq!(wanted("a.pypy39-pp73-x86_64-linux-gnu.so"), "PyPy");
    }

    proptest! {
        #[test]
        fn any_name_is_told(name in "[a.é-]{0,3}(\\.cpython-[0-9tdmu-]{0,8})?[a-z_-]{0,8}(\\.so)?") {
            if let Some(name) = ExtensionName::parse(&name) {
                let target = target("python3.12", Arch::Arm64);
                prop_assert!(!name.module.is_empty() && !name.wanted_by(&target).is_empty());
            }
        }
    }
}

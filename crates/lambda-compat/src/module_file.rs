//! File names of extension modules: for which Python and processor the import system takes a file for a module.
//!
//! `CPython` looks for `.cpython-312-x86_64-linux-gnu.so`, `.abi3.so` and `.so`, in that order (`importlib.machinery`'s
//! `EXTENSION_SUFFIXES`; [PEP 3149](https://peps.python.org/pep-3149/)); from 3.15 on for `.abi3t.so` as well
//! ([PEP 803](https://peps.python.org/pep-0803/)). A file with another suffix does not exist for it.

use crate::target::{Arch, Target};

/// The name of a file that is an extension module for some Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionName<'a> {
    module: &'a str,
    suffix: Suffix<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suffix<'a> {
    /// `.so`
    Plain,
    /// `.abi3.so`
    Stable,
    /// `.abi3t.so`
    StableThreads,
    /// `.cpython-312-x86_64-linux-gnu.so`
    Tagged { python: Option<(u8, u8)>, flags: &'a str, platform: &'a str, tag: &'a str },
}

impl<'a> ExtensionName<'a> {
    /// `None` for a file that no Python takes for a module.
    #[must_use]
    pub fn parse(file_name: &'a str) -> Option<Self> {
        let stem = file_name.strip_suffix(".so")?;
        let (module, tag) = stem.split_once('.').map_or((stem, None), |(module, tag)| (module, Some(tag)));
        let suffix = match tag {
            None => Suffix::Plain,
            Some("abi3") => Suffix::Stable,
            Some("abi3t") => Suffix::StableThreads,
            Some(tag) => tagged(tag)?,
        };
        is_identifier(module).then_some(Self { module, suffix })
    }

    /// The last part of the module's name.
    #[must_use]
    pub fn module(&self) -> &'a str {
        self.module
    }

    /// Whether the target's Python looks for a file of this name.
    #[must_use]
    pub fn fits(&self, target: &Target) -> bool {
        let python = target.runtime.name.python();
        match self.suffix {
            Suffix::Plain | Suffix::Stable => true,
            Suffix::StableThreads => python >= (3, 15),
            Suffix::Tagged { python: built_for, flags, platform, .. } => {
                built_for == Some(python) && flags.is_empty() && platform == triplet(target.arch)
            }
        }
    }

    /// Where the import system prefers it to another of the same module: the lower the earlier.
    #[must_use]
    pub fn order(&self) -> u8 {
        match self.suffix {
            Suffix::Tagged { .. } => 0,
            Suffix::Stable => 1,
            Suffix::StableThreads => 2,
            Suffix::Plain => 3,
        }
    }

    /// What its name says that it is for.
    #[must_use]
    pub fn built_for(&self) -> String {
        match self.suffix {
            Suffix::Plain | Suffix::Stable => "every Python 3".to_owned(),
            Suffix::StableThreads => "Python 3.15 and newer".to_owned(),
            Suffix::Tagged { python: Some((major, minor)), flags, platform, .. } => {
                let kind = match flags {
                    "t" | "td" => "free-threaded ",
                    "d" => "debug builds of ",
                    _ => "",
                };
                let python = format!("{kind}Python {major}.{minor}");
                let arch = [Arch::Arm64, Arch::X86_64].into_iter().find(|arch| triplet(*arch) == platform);
                arch.map_or_else(|| format!("{python} on {platform}"), |arch| format!("{python} on {arch}"))
            }
            Suffix::Tagged { tag, .. } => tag.to_owned(),
        }
    }
}

fn tagged(tag: &str) -> Option<Suffix<'_>> {
    if let Some(rest) = tag.strip_prefix("cpython-") {
        let (python, platform) = rest.split_once('-').unwrap_or((rest, ""));
        let digits = python.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
        let flags = python.strip_prefix(digits)?;
        let number = digits.strip_prefix('3').and_then(|minor| Some((3, minor.parse().ok()?)));
        return Some(Suffix::Tagged { python: number, flags, platform, tag });
    }
    tag.starts_with("pypy").then_some(Suffix::Tagged { python: None, flags: "", platform: "", tag })
}

/// As it stands in the names of extension modules.
fn triplet(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "aarch64-linux-gnu",
        Arch::X86_64 => "x86_64-linux-gnu",
    }
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && letters.all(|letter| letter == '_' || letter.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(runtime: &str, arch: Arch) -> Target {
        Target::new(runtime.parse().expect("a runtime"), arch)
    }

    #[test]
    fn a_suffix_says_which_python_looks_for_the_file() {
        let x86 = |runtime| target(runtime, Arch::X86_64);
        for (name, runtime, fits) in [
            ("_a.cpython-312-x86_64-linux-gnu.so", "python3.12", true),
            ("_a.cpython-312-x86_64-linux-gnu.so", "python3.13", false),
            ("_a.cpython-312-aarch64-linux-gnu.so", "python3.12", false),
            ("_a.cpython-313t-x86_64-linux-gnu.so", "python3.13", false),
            ("_a.cpython-312-x86_64-linux-musl.so", "python3.12", false),
            ("_a.pypy310-pp73-x86_64-linux-gnu.so", "python3.10", false),
            ("_a.abi3.so", "python3.9", true),
            ("_a.abi3t.so", "python3.14", false),
            ("_a.abi3t.so", "python3.15", true),
            ("_a.so", "python3.8", true),
        ] {
            let parsed = ExtensionName::parse(name).expect("an extension module");
            assert_eq!((parsed.module(), parsed.fits(&x86(runtime))), ("_a", fits), "{name} on {runtime}");
        }
    }

    #[test]
    fn plain_libraries_are_no_modules() {
        for name in ["libgomp.so.1", "lib-a.so", "_a.cp312-win_amd64.pyd", "a.py", "libgdal.so.37.4", "x.y.so", ".so"] {
            assert_eq!(ExtensionName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_a_name_is_for_is_said_in_words() {
        let built_for = |name| ExtensionName::parse(name).map(|parsed| parsed.built_for());
        assert_eq!(built_for("a.cpython-311-x86_64-linux-gnu.so").as_deref(), Some("Python 3.11 on x86_64"));
        assert_eq!(
            built_for("a.cpython-313t-aarch64-linux-gnu.so").as_deref(),
            Some("free-threaded Python 3.13 on arm64")
        );
        assert_eq!(built_for("a.cpython-39-i386-linux-gnu.so").as_deref(), Some("Python 3.9 on i386-linux-gnu"));
    }
}

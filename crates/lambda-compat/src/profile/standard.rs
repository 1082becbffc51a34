//! The modules of Python's standard library, by the Python of a runtime.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Deserialize;

use super::{Date, Fact, Profile, RuntimeName};

const TEXT: &str = include_str!("../../profiles/standard-modules.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Versions {
    /// Oldest first.
    version: Vec<Version>,
}

/// What a Python has more and less than the one before it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    python: RuntimeName,
    source: String,
    checked: Date,
    note: Option<String>,
    /// Sorted by bytes.
    added: Vec<String>,
    /// Sorted by bytes.
    removed: Vec<String>,
}

fn versions() -> &'static [Version] {
    static VERSIONS: OnceLock<Vec<Version>> = OnceLock::new();
    VERSIONS.get_or_init(|| {
        let versions: Versions = toml::from_str(TEXT).expect("the modules are part of the program");
        versions.version
    })
}

impl Profile {
    /// Whether the standard library of this Python has a top-level module of that name, as `sys.stdlib_module_names`
    /// has it: private ones too, and those of other systems (`winreg`).
    #[must_use]
    pub fn has_standard_module(&self, name: &str) -> bool {
        let named = |list: &[String]| list.binary_search_by(|module| module.as_str().cmp(name)).is_ok();
        let last_word = versions().iter().rev().filter(|version| version.python <= self.name).find_map(|version| {
            if named(&version.added) { Some(true) } else { named(&version.removed).then_some(false) }
        });
        last_word.unwrap_or(false)
    }

    /// The names for which [`Self::has_standard_module`] holds, sorted, with the source of what this version changed.
    ///
    /// # Panics
    ///
    /// Never: every runtime's Python is in the list, and a test reads it.
    #[must_use]
    pub fn standard_modules(&self) -> Fact<Vec<&'static str>> {
        let mut names = BTreeSet::new();
        let mut own = None;
        for version in versions().iter().filter(|version| version.python <= self.name) {
            names.extend(version.added.iter().map(String::as_str));
            version.removed.iter().for_each(|name| {
                names.remove(name.as_str());
            });
            own = Some(version);
        }
        let own = own.expect("the oldest runtime's Python begins the list");
        Fact {
            value: names.into_iter().collect(),
            source: own.source.clone(),
            checked: own.checked,
            note: own.note.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{runtime, runtimes};

    fn has(python: &str, module: &str) -> bool {
        runtime(python.parse().expect("a known runtime")).has_standard_module(module)
    }

    #[test]
    fn versions_are_in_order_and_each_change_changes_something() {
        let names: Vec<_> = versions().iter().map(|version| version.python).collect();
        assert_eq!(names, RuntimeName::all().collect::<Vec<_>>());
        let mut before: BTreeSet<&str> = BTreeSet::new();
        for version in versions() {
            for list in [&version.added, &version.removed] {
                assert!(list.is_sorted_by(|a, b| a < b), "{}: {list:?}", version.python);
            }
            for name in &version.added {
                assert!(before.insert(name), "{}: {name} was there", version.python);
            }
            for name in &version.removed {
                assert!(before.remove(name.as_str()), "{}: {name} was not there", version.python);
            }
            assert!(version.source.len() > 10 && version.note.as_ref().is_none_or(|note| note.len() > 5));
        }
    }

    /// The numbers are `len(sys.stdlib_module_names)`, from 3.10 on.
    #[test]
    fn as_many_as_python_says() {
        let counts: Vec<_> = runtimes().iter().map(|runtime| runtime.standard_modules().value.len()).collect();
        assert_eq!(counts, [304, 308, 303, 305, 300, 289, 297, 296]);
        for runtime in runtimes() {
            assert!(runtime.standard_modules().value.iter().all(|name| runtime.has_standard_module(name)));
        }
    }

    #[test]
    fn modules_come_and_go() {
        for (module, from, until) in [
            ("dummy_threading", 8, 8),
            ("graphlib", 9, 15),
            ("zoneinfo", 9, 15),
            ("formatter", 8, 9),
            ("binhex", 8, 10),
            ("tomllib", 11, 15),
            ("distutils", 8, 11),
            ("imp", 8, 11),
            ("asyncore", 8, 11),
            ("cgi", 8, 12),
            ("telnetlib", 8, 12),
            ("_crypt", 8, 12),
            ("_pyrepl", 13, 15),
            ("_compression", 8, 13),
            ("compression", 14, 15),
            ("_zstd", 14, 15),
            ("annotationlib", 14, 15),
            ("sre_compile", 8, 14),
            ("profiling", 15, 15),
            ("os", 8, 15),
            ("_ssl", 8, 15),
            ("__future__", 8, 15),
            ("winreg", 8, 15),
        ] {
            for minor in 8..=15 {
                let there = (from..=until).contains(&minor);
                assert_eq!(has(&format!("3.{minor}"), module), there, "{module} in 3.{minor}");
            }
        }
        for module in ["requests", "os.path", "", "OS", "test", "setuptools", "pip"] {
            assert!(!has("3.13", module), "{module}");
        }
    }
}

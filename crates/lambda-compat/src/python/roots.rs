//! Which modules a wheel is imported by: its top-level packages and modules.

use std::collections::{BTreeMap, BTreeSet};

use super::file_name::{Suffix, is_identifier, module_file};

/// Top-level folders that come along by accident: nobody who uses the package imports them.
const NOT_THE_PACKAGE: [&str; 8] = ["tests", "test", "docs", "doc", "examples", "example", "benchmarks", "benchmark"];

/// What stands at the top of a wheel under one name.
#[derive(Default)]
struct Top {
    /// The name itself can be imported and executed: a module, or a package with an `__init__`.
    executable: bool,
    /// Modules and packages below a folder without `__init__` (PEP 420), with the number of their folders.
    below: BTreeSet<(usize, String)>,
}

/// The modules that the wheel with these files is imported by, as paths without ending (`google/cloud/storage`).
///
/// Names with a leading underscore are helpers, and tests and documentation no part of the package, unless there is
/// nothing else. In a namespace package the packages and modules nearest the top count.
pub(super) fn roots<'p>(files: impl IntoIterator<Item = &'p str>) -> Vec<String> {
    let mut tops: BTreeMap<&str, Top> = BTreeMap::new();
    for path in files {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let Some((stem, suffix)) = module_file(file) else { continue };
        if suffix == Suffix::Plain && stem.starts_with("lib") {
            continue;
        }
        let folders: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        let top = folders.first().copied().unwrap_or(stem);
        if !folders.iter().all(|part| is_identifier(part)) || folders.is_empty() && stem == "__init__" {
            continue;
        }
        let top = tops.entry(top).or_default();
        match (folders.len(), stem) {
            (0, _) | (1, "__init__") => top.executable = true,
            (depth, "__init__") => _ = top.below.insert((depth, folder.to_owned())),
            (depth, _) => _ = top.below.insert((depth + 1, format!("{folder}/{stem}"))),
        }
    }
    let accidental = |name: &str| NOT_THE_PACKAGE.contains(&name) || name.ends_with("_tests");
    let public = |name: &str| !name.starts_with('_') && !accidental(name);
    let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        tops.iter().filter(|(name, _)| wanted(name)).flat_map(|(name, top)| top.roots(name)).collect()
    };
    [named(&public), named(&|name| !accidental(name)), named(&|_| true)]
        .into_iter()
        .find(|roots| !roots.is_empty())
        .unwrap_or_default()
}

impl Top {
    fn roots(&self, name: &str) -> Vec<String> {
        if self.executable {
            return vec![name.to_owned()];
        }
        let nearest = self.below.first().map_or(0, |(depth, _)| *depth);
        self.below.iter().take_while(|(depth, _)| *depth == nearest).map(|(_, path)| path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &str) -> String {
        roots(files.split_whitespace()).join(" ")
    }

    #[test]
    fn packages_modules_and_extension_modules_are_roots() {
        assert_eq!(of("a/__init__.py a/b.py c.py d.cpython-312-x86_64-linux-gnu.so a-1.dist-info/METADATA"), "a c d");
        assert_eq!(of("p/__init__.cpython-312-x86_64-linux-gnu.so p/sub/__init__.py"), "p");
        assert_eq!(of("a/__init__.py a.libs/libx.so.1 libz.so a/data.txt"), "a");
    }

    #[test]
    fn helpers_count_only_where_there_is_nothing_else() {
        assert_eq!(
            of("mysql/connector/__init__.py _mysql_connector.cpython-312-x86_64-linux-gnu.so"),
            "mysql/connector"
        );
        assert_eq!(of("_cffi_backend.cpython-312-x86_64-linux-gnu.so"), "_cffi_backend");
        assert_eq!(of("a/__init__.py tests/__init__.py docs/conf.py a_tests/__init__.py"), "a");
        assert_eq!(of("tests/__init__.py"), "tests");
    }

    #[test]
    fn a_namespace_gives_what_is_nearest_the_top() {
        assert_eq!(
            of(
                "google/cloud/storage/__init__.py google/cloud/storage/a/__init__.py google/cloud/storage_v2/__init__.py"
            ),
            "google/cloud/storage google/cloud/storage_v2"
        );
        assert_eq!(of("ns/util.py ns/deep/er/__init__.py ns/vendor/plugin/auth.so"), "ns/util");
    }
}

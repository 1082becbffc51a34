//! What a file is for, told by its path.

use std::fmt;

use serde::Serialize;

/// A kind of file, after what it weighs for: the first of these rules that fits has it.
///
/// | kind | files |
/// | --- | --- |
/// | bytecode | in `__pycache__/`, `.pyc` |
/// | metadata | in `.dist-info/` and `.egg-info/`; licences wherever they lie |
/// | test | in a folder `tests/` or `test/`, `test_*.py`, `*_test.py`, `conftest.py` |
/// | native code | what is known to be ELF; `.so`, `.so.1`, static and foreign libraries |
/// | type stub | `.pyi`, `py.typed` |
/// | header | headers of C and C++, Cython's declarations |
/// | Python | `.py` |
/// | docs | in a folder `docs/` or `doc/`, below `share/man/`, READMEs and changelogs, `.md`, `.rst` |
/// | data | what programs read: tables, texts, configuration, images, fonts, archives, models |
/// | other | the rest |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Native code.
    Native,
    /// Python sources.
    Python,
    /// Compiled Python.
    Bytecode,
    /// Tests and their data.
    Test,
    /// Type stubs.
    TypeStub,
    /// Headers and declarations for compilers.
    Header,
    /// What the packages say of themselves, and licences.
    Metadata,
    /// Documentation.
    Docs,
    /// Data that programs read.
    Data,
    /// Anything else.
    Other,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Native,
        Self::Python,
        Self::Bytecode,
        Self::Test,
        Self::TypeStub,
        Self::Header,
        Self::Metadata,
        Self::Docs,
        Self::Data,
        Self::Other,
    ];

    /// The kind of a file at this path of a layer, function or wheel; `is_native` where its bytes are known to be ELF.
    #[must_use]
    pub fn of(path: &str, is_native: bool) -> Self {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let lower = name.to_ascii_lowercase();
        let (stem, suffix) = lower.rsplit_once('.').unwrap_or((&lower, ""));
        let below = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
        let is_metadata =
            || folders.split('/').any(|folder| folder.ends_with(".dist-info") || folder.ends_with(".egg-info"));
        let is_test = || {
            below(&["tests", "test"])
                || (suffix == "py" && (stem == "conftest" || stem.starts_with("test_") || stem.ends_with("_test")))
        };
        let is_docs = || {
            below(&["docs", "doc"])
                || folders.contains("share/man/")
                || matches!(suffix, "md" | "rst")
                || starts_with_word(&lower, &["readme", "changelog", "changes", "authors", "contributors", "news"])
        };
        if suffix == "pyc" || suffix == "pyo" || below(&["__pycache__"]) {
            Self::Bytecode
        } else if is_metadata() || (suffix != "py" && starts_with_word(&lower, &LICENCES)) {
            Self::Metadata
        } else if is_test() {
            Self::Test
        } else if is_native || is_library(&lower) {
            Self::Native
        } else if suffix == "pyi" || lower == "py.typed" {
            Self::TypeStub
        } else if HEADERS.contains(&suffix) {
            Self::Header
        } else if suffix == "py" {
            Self::Python
        } else if is_docs() {
            Self::Docs
        } else if DATA.contains(&suffix) || folders.split('/').any(|folder| folder == "zoneinfo") {
            Self::Data
        } else {
            Self::Other
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native code",
            Self::Python => "Python",
            Self::Bytecode => "bytecode",
            Self::Test => "tests",
            Self::TypeStub => "type stubs",
            Self::Header => "headers",
            Self::Metadata => "metadata",
            Self::Docs => "docs",
            Self::Data => "data",
            Self::Other => "other",
        })
    }
}

const LICENCES: [&str; 5] = ["license", "licence", "copying", "notice", "copyright"];

const HEADERS: [&str; 9] = ["h", "hh", "hpp", "hxx", "cuh", "inl", "ipp", "pxd", "pxi"];

const DATA: [&str; 56] = [
    "avro",
    "bin",
    "bz2",
    "cfg",
    "cfgz",
    "conf",
    "crt",
    "css",
    "csv",
    "dat",
    "db",
    "feather",
    "gif",
    "gz",
    "html",
    "ico",
    "ini",
    "ipynb",
    "jpeg",
    "jpg",
    "js",
    "json",
    "jsonl",
    "map",
    "mo",
    "model",
    "npy",
    "npz",
    "onnx",
    "orc",
    "otf",
    "parquet",
    "pb",
    "pem",
    "pickle",
    "pkl",
    "png",
    "proto",
    "pt",
    "safetensors",
    "sql",
    "sqlite",
    "svg",
    "tar",
    "toml",
    "tsv",
    "ttf",
    "txt",
    "wasm",
    "woff2",
    "xml",
    "xsd",
    "xz",
    "yaml",
    "yml",
    "zip",
];

/// The name is one of these words, or begins with one and goes on with something else than a letter.
fn starts_with_word(name: &str, words: &[&str]) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|c: char| !c.is_ascii_alphanumeric());
    words.iter().any(|word| name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || goes_on(rest)))
}

/// `libx.so`, `libx.so.1.2`, `x.abi3.so`, and libraries that only a linker or another system takes.
fn is_library(name: &str) -> bool {
    let versioned = || {
        name.split_once(".so.").is_some_and(|(stem, version)| {
            !stem.is_empty() && version.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        })
    };
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    matches!(suffix, "so" | "a" | "dylib" | "dll" | "pyd") || versioned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_the_first_kind_that_fits() {
        for (kind, paths) in [
            (FileKind::Bytecode, &["a/__pycache__/x.cpython-312.pyc", "a/x.pyc", "a/tests/__pycache__/x.pyc"][..]),
            (
                FileKind::Metadata,
                &[
                    "python/a-1.dist-info/METADATA",
                    "a-1.dist-info/licenses/LICENSE.txt",
                    "a.egg-info/PKG-INFO",
                    "a/LICENSE",
                    "a/LICENSE.APACHE",
                    "a/COPYING.md",
                ],
            ),
            (
                FileKind::Test,
                &[
                    "python/pandas/tests/io/data.csv",
                    "a/test/x.so",
                    "a/conftest.py",
                    "test_a.py",
                    "a/a_test.py",
                    "a/tests/x.pyi",
                ],
            ),
            (
                FileKind::Native,
                &[
                    "python/a/_x.cpython-312-x86_64-linux-gnu.so",
                    "a/x.abi3.so",
                    "a.libs/libgomp-a34b3233.so.1.0.0",
                    "lib/libx.so",
                    "a/libx.a",
                    "a/x.dll",
                    "a/X.SO",
                ],
            ),
            (FileKind::TypeStub, &["a/x.pyi", "a/py.typed"]),
            (FileKind::Header, &["numpy/core/include/numpy/x.h", "a/x.HPP", "a/x.pxd"]),
            (
                FileKind::Python,
                &[
                    "a/x.py",
                    "botocore/docs/service.py",
                    "a/testing/x.py",
                    "a/latest.py",
                    "a/license.py",
                    "a/contest.py",
                ],
            ),
            (FileKind::Docs, &["a/docs/x.html", "README", "a/README.txt", "a/CHANGES.rst", "a/share/man/man1/a.1"]),
            (FileKind::Data, &["a/data.json", "a/cacert.pem", "tzdata/zoneinfo/Europe/Paris", "a/newsfeed.txt"]),
            (FileKind::Other, &["a/Makefile", "a/x.so.txt.orig", "bin/tool", "a/x.c", ""]),
        ] {
            for path in paths {
                assert_eq!(FileKind::of(path, false), kind, "{path}");
            }
        }
        assert_eq!(FileKind::of("bin/tool", true), FileKind::Native);
        assert_eq!(FileKind::of("a/tests/tool", true), FileKind::Test);
    }
}

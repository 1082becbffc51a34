//! The house rules of ARCHITECTURE.md, held by a machine: the walls between the crates, who may do what, and the size
//! of files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lambda_compat::Code;

const MAX_LINES: usize = 500;

/// Folders that programs make.
const BUILT: [&str; 8] = ["target", ".git", "dist", "node_modules", "cdk.out", "out", ".aws-sam", ".serverless"];

/// Each crate and the workspace crates that it may use.
const WALLS: [(&str, &[&str]); 7] = [
    ("wheel-tags", &[]),
    ("lambda-compat", &["wheel-tags"]),
    ("wheel-archive", &["wheel-tags", "lambda-compat"]),
    ("pypi-resolve", &["wheel-tags", "lambda-compat", "wheel-archive"]),
    ("layer-pack", &["wheel-tags", "lambda-compat", "wheel-archive"]),
    ("layerpack", &["wheel-tags", "lambda-compat", "wheel-archive", "pypi-resolve", "layer-pack"]),
    ("testkit", &[]),
];

/// Words that may stand in no source file of a crate, but for the files named.
const FORBIDDEN: [(&[&str], &[&str], &[&str]); 8] = [
    // Invariant 1: the pure crates do no I/O.
    (
        &["std::fs", "fs_err", "std::net", "std::env", "SystemTime", "Instant", "std::process"],
        &["wheel-tags", "lambda-compat"],
        &[],
    ),
    // Invariant 8: no other program is started, but for the keyring and source builds.
    (
        &["process::Command", "process::{Command"],
        &["wheel-tags", "lambda-compat", "wheel-archive", "pypi-resolve", "layer-pack", "layerpack"],
        &["src/index/keyring.rs", "src/source_build/tool.rs"],
    ),
    // Invariant 9: one module speaks HTTP.
    (&["reqwest", "TcpStream"], &["wheel-tags", "lambda-compat", "wheel-archive", "layer-pack", "layerpack"], &[]),
    (&["reqwest"], &["pypi-resolve"], &["src/index/"]),
    // Invariant 10: only the command prints, exits, and reads the environment and the clock.
    (
        &["println!", "eprintln!", "process::exit", "env::var", "SystemTime::now"],
        &["wheel-archive", "pypi-resolve", "layer-pack"],
        &[],
    ),
    (&["env::var", "SystemTime::now"], &["layerpack"], &["src/environment.rs"]),
    // Invariant 11: the parser's and the solver's types stay where they are used.
    (&["ruff_"], &["lambda-compat"], &["src/python"]),
    (&["pubgrub::"], &["pypi-resolve"], &["src/resolve/"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The command's manifest is the workspace's.
fn manifest_of(name: &str) -> PathBuf {
    if name == "layerpack" { root().join("Cargo.toml") } else { root().join("crates").join(name).join("Cargo.toml") }
}

/// Every file below a folder, sorted, without build output and what git does not track.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).expect("a folder of the checkout") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if !BUILT.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name != "Cargo.lock" && path.extension().is_none_or(|e| e != "whl") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The sources of a crate, test modules included, `tests/` not: path below the crate, and text.
fn sources(name: &str) -> BTreeMap<String, String> {
    let folder = root().join("crates").join(name);
    files_below(&folder.join("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let below = path.strip_prefix(&folder).expect("below the crate").to_string_lossy().replace('\\', "/");
            (below, fs_err::read_to_string(&path).expect("UTF-8 sources"))
        })
        .collect()
}

/// A source without comments, docs and its own test module: what is compiled into the product.
fn product_code(text: &str) -> String {
    let before_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let mut code = String::new();
    for line in before_tests.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let _ = writeln!(code, "{line}");
    }
    code
}

#[test]
fn crates_use_only_crates_to_their_left() {
    for (name, allowed) in WALLS {
        let manifest = fs_err::read_to_string(manifest_of(name)).expect("a manifest");
        let manifest: toml::Table = manifest.parse().expect("TOML");
        let used = manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
        for dependency in used.filter(|d| WALLS.iter().any(|(other, _)| other == d)) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not use {dependency}");
        }
    }
}

#[test]
fn every_crate_has_its_walls_written_down() {
    for entry in fs_err::read_dir(root().join("crates")).expect("crates/") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(WALLS.iter().any(|(known, _)| *known == name), "crates/{name} stands in no wall of ARCHITECTURE.md");
    }
}

#[test]
fn nobody_does_what_is_anothers_work() {
    for (words, crates, but_in) in FORBIDDEN {
        for name in crates {
            for (path, text) in sources(name) {
                if but_in.iter().any(|place| path.starts_with(place)) || path.contains("tests") {
                    continue;
                }
                let code = product_code(&text);
                for word in words {
                    assert!(!code.contains(word), "crates/{name}/{path} must not say `{word}`");
                }
            }
        }
    }
}

#[test]
fn files_stay_readable() {
    let root = root();
    for path in files_below(&root) {
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let lines = fs_err::read_to_string(&path).expect("UTF-8 sources").lines().count();
        let shown = path.strip_prefix(&root).expect("below the root").display();
        assert!(lines <= MAX_LINES, "{shown} has {lines} lines; split it (at most {MAX_LINES})");
    }
}

#[test]
fn modules_say_what_lives_in_them() {
    for (name, _) in WALLS {
        for (path, text) in sources(name) {
            let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
            assert!(is_test || text.starts_with("//!"), "crates/{name}/{path} does not begin with its docs");
        }
    }
}

#[test]
fn one_place_names_the_default_index_and_none_another_registry() {
    // Written in two halves, so that this file does not name them.
    let hosts = [["pypi", ".org"], ["pythonhosted", ".org"], ["crates", ".io"], ["npmjs", ".org"]].map(|h| h.concat());
    let mut places = Vec::new();
    for path in files_below(&root()) {
        let Ok(text) = fs_err::read_to_string(&path) else { panic!("{} is not text", path.display()) };
        for line in text.lines().filter(|line| hosts.iter().any(|host| line.contains(host.as_str()))) {
            places.push(format!("{}: {}", path.strip_prefix(root()).expect("below").display(), line.trim()));
        }
    }
    assert_eq!(places.len(), 1, "{places:#?}");
    assert!(places[0].contains("const DEFAULT_INDEX"), "{places:#?}");
}

#[test]
fn no_test_is_switched_off_and_nothing_is_left_open() {
    let marks =
        [["#[ig", "nore"], ["to", "do!("], ["unimple", "mented!("], ["FIX", "ME"], ["TO", "DO"]].map(|m| m.concat());
    for path in files_below(&root()) {
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let text = fs_err::read_to_string(&path).expect("UTF-8 sources");
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} says {mark}", path.display());
        }
    }
}

/// What a file of the workspace tests with: all of it, its test modules, or nothing.
fn test_code(path: &str, text: &str) -> String {
    // These name every code, and raise none.
    const LISTS: [&str; 6] = [
        "tidy.rs",
        "suite/explain.rs",
        "suite/findings_page.rs",
        "src/explain/mod.rs",
        "src/failure.rs",
        "src/code.rs",
    ];
    if LISTS.iter().any(|list| path.ends_with(list)) {
        String::new()
    } else if path.contains("/tests/") || path.ends_with("/tests.rs") {
        text.to_owned()
    } else {
        text.split_once("#[cfg(test)]").map(|(_, tests)| tests.to_owned()).unwrap_or_default()
    }
}

#[test]
fn every_code_is_raised_by_a_test() {
    let mut tests = String::new();
    for path in files_below(&root().join("crates")) {
        if path.extension().is_some_and(|e| e == "rs") {
            let shown = path.to_string_lossy().replace('\\', "/");
            tests.push_str(&test_code(&shown, &fs_err::read_to_string(&path).expect("UTF-8 sources")));
        }
    }
    let is_raised = |code: &Code| {
        let by_name = format!("Code::{code:?}");
        let names = |(at, _): (usize, &str)| !tests[at + by_name.len()..].starts_with(|c: char| c.is_alphanumeric());
        tests.contains(&code.to_string()) || tests.match_indices(&by_name).any(names)
    };
    let raised: Vec<_> = Code::ALL.iter().filter(|code| !is_raised(code)).collect();
    assert!(raised.is_empty(), "no test raises {raised:?}: write one that makes layerpack find it");
}

/// The tests of docs/bad-inputs.md, as file below `crates/` and name.
#[test]
fn every_bad_input_has_a_test_that_is_there() {
    let page = fs_err::read_to_string(root().join("docs/bad-inputs.md")).expect("docs/bad-inputs.md");
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let numbers: Vec<String> = rows.iter().filter_map(|row| Some(row.split('|').nth(1)?.trim().to_owned())).collect();
    assert_eq!(numbers, (1..=90).map(|number: u32| number.to_string()).collect::<Vec<_>>());
    for row in &rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, number, _, outcome, codes, tests, _] = cells.as_slice() else { panic!("five cells: {row}") };
        assert!(!outcome.is_empty() && !tests.is_empty(), "{number}: an outcome and a test");
        for code in codes.split_whitespace() {
            assert!(code.parse::<Code>().is_ok(), "{number}: {code}");
        }
    }
    let security = fs_err::read_to_string(root().join("SECURITY.md")).expect("SECURITY.md");
    let pages = page.clone() + &security;
    let mut named = 0;
    for (at, _) in pages.match_indices(".rs::") {
        let start = pages[..at].rfind('`').expect("a test stands in backticks");
        let rest = &pages[start + 1..];
        let (file, name) =
            rest[..rest.find('`').expect("a test stands in backticks")].split_once("::").expect("a name");
        let text = fs_err::read_to_string(root().join("crates").join(file)).expect("a file of tests");
        assert!(text.contains(&format!("fn {name}(")), "{file} has no test {name}");
        named += 1;
    }
    assert!(named >= rows.len(), "every row names one");
}

/// Constants that bound something: their names begin or end so.
fn is_limit(name: &str) -> bool {
    ["MAX_", "MOST", "LONGEST", "DEEPEST", "LARGEST", "SLOWEST", "AT_ONCE"].iter().any(|start| name.starts_with(start))
        || ["_LIMIT", "_TIMEOUT"].iter().any(|end| name.ends_with(end))
}

/// docs/limits.md: every limit with its value and the reason in its docs.
fn limits_page() -> String {
    const HEAD: &str = "# Limits\n\n\
        Whatever comes from elsewhere is bounded: memory, time, counts, depth, waits. Each limit is a constant with its reason \
        in its docs;\nthis page is made of them (`LAYERPACK_WRITE_DOCS=1 cargo test --test tidy limits`).\n\n\
        What is beyond a limit is refused with a code, or what is left is counted: LP211 for archives, LP221 to LP226 for \
        the files of a\n`.dist-info` folder, LP308 for answers of servers, LP307 for waits, LP311 for locks, LP504 for lines \
        of requirement files, LP4xx for\nLambda's own limits.\n\n\
        No wait for a server is longer than 30 seconds (`PIP_DEFAULT_TIMEOUT`, `UV_HTTP_TIMEOUT`), a request is tried five \
        times, and\nno pause between two is longer than 20 seconds, whatever a server asks for (`Retries` and `Settings` in \
        `pypi-resolve`).\n";
    let mut page = HEAD.to_owned();
    for (name, _) in WALLS.iter().filter(|(name, _)| *name != "testkit") {
        let _ = write!(page, "\n## {name}\n\n| constant | value | why |\n| --- | --- | --- |\n");
        for (path, text) in sources(name).iter().filter(|(path, _)| !path.contains("tests")) {
            let mut docs = String::new();
            for line in text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text).lines().map(str::trim) {
                if let Some(doc) = line.strip_prefix("///") {
                    docs.push_str(doc);
                    continue;
                }
                let constant =
                    line.split_once("const ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
                if let Some((name, (_, value))) = constant
                    .and_then(|(_, rest)| rest.split_once(": "))
                    .and_then(|(name, rest)| Some((name, rest.split_once(" = ")?)))
                    && is_limit(name)
                {
                    assert!(!docs.is_empty(), "{path}: {name} does not say why");
                    let (file, value) = (path.trim_start_matches("src/"), value.trim_end_matches(';'));
                    let _ = writeln!(page, "| `{file}` `{name}` | `{value}` | {} |", docs.trim().replace('|', "\\|"));
                }
                docs.clear();
            }
        }
    }
    page
}

#[test]
fn every_limit_has_its_reason_and_stands_in_docs_limits() {
    let (path, wanted) = (root().join("docs/limits.md"), limits_page());
    if std::env::var_os("LAYERPACK_WRITE_DOCS").is_some() {
        fs_err::write(&path, &wanted).expect("docs/ can be written");
    }
    let is = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(is == wanted, "run LAYERPACK_WRITE_DOCS=1 cargo test --test tidy limits");
}

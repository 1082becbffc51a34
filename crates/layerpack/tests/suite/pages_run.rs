//! Every ```` ```console ```` block of the documentation is run, and says what stands there. A block whose fence names a
//! file (```` ```text src/requirements.txt ````) is written first. Nothing else on a page is run.
//!
//! The packages are made up, so numbers, sizes, versions and digests may differ; nothing else may. A line of `...` stands
//! for any lines. A block that shows an error has to fail, every other has to pass.

use testkit::{ElfBuilder, FakeIndex, FakeIndexBuilder, Machine, WheelBuilder};

use crate::pages::{blocks, pages};
use crate::shell::shell;
use crate::support::{Scratch, module};

/// Projects of the real index, as far as the pages need them: name, version, what it requires.
const PURE: [(&str, &str, &[&str]); 17] = [
    (
        "fastapi",
        "0.165.0",
        &[
            "annotated-doc",
            "anyio",
            "opentelemetry-api",
            "pydantic",
            "starlette",
            "typing-extensions",
            "typing-inspection",
        ],
    ),
    ("annotated-doc", "0.0.7", &[]),
    ("annotated-types", "0.8.0", &[]),
    ("anyio", "4.16.0", &["idna", "typing-extensions"]),
    ("boto3", "1.44.5", &["botocore"]),
    ("botocore", "1.44.5", &[]),
    ("certifi", "2026.10.19.post1", &[]),
    ("click", "8.5.1", &[]),
    ("h11", "0.16.0", &[]),
    ("httpcore", "1.0.9", &["certifi", "h11"]),
    ("httpx", "0.28.1", &["anyio", "certifi", "httpcore", "idna"]),
    ("idna", "3.20", &[]),
    ("opentelemetry-api", "1.45.2", &["typing-extensions"]),
    ("starlette", "1.10.0", &["anyio"]),
    ("typing-extensions", "4.16.0", &[]),
    ("typing-inspection", "0.4.5", &["typing-extensions"]),
    ("uvicorn", "0.54.0", &["click", "h11"]),
];

/// A wheel for one `CPython`, written `313`, with an extension module.
fn native(name: &str, version: &str, python: &str, machine: Machine) -> WheelBuilder {
    let cpu = if machine == Machine::X86_64 { "x86_64" } else { "aarch64" };
    let folder = name.replace('-', "_");
    let abi = if python == "37" { "m" } else { "" };
    let extension = ElfBuilder::shared(machine).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17").build();
    WheelBuilder::new(name, version)
        .tag(&format!("cp{python}-cp{python}{abi}-manylinux_2_17_{cpu}"))
        .file(&format!("{folder}/__init__.py"), "from . import _native\n")
        .file(&format!("{folder}/_native.cpython-{python}{abi}-{cpu}-linux-gnu.so"), extension)
}

fn index() -> FakeIndexBuilder {
    let pydantic = ["annotated-types", "pydantic-core", "typing-extensions", "typing-inspection"];
    let pure = PURE.into_iter().chain([("pydantic", "2.14.4", &pydantic[..])]);
    let mut index = FakeIndex::builder();
    for (name, version, requires) in pure {
        let folder = name.replace('-', "_");
        let wheel = WheelBuilder::new(name, version).file(&format!("{folder}/__init__.py"), module(&folder));
        index = index.wheel(requires.iter().fold(wheel, |wheel, required| wheel.requires(required)));
    }
    for machine in [Machine::X86_64, Machine::Aarch64] {
        index = index.wheel(native("pydantic-core", "2.50.5", "313", machine).requires("typing-extensions"));
        index = index.wheel(native("numpy", "2.1.0", "313", machine));
        for python in ["37", "38", "39"] {
            index = index.wheel(native("numpy", "1.21.0", python, machine));
        }
    }
    index
}

/// A command of a block, and what it prints.
struct Step {
    command: String,
    prints: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        match line.strip_prefix("$ ") {
            Some(command) => steps.push(Step { command: command.to_owned(), prints: Vec::new() }),
            None => steps.last_mut().expect("a block begins with a command").prints.push(line.to_owned()),
        }
    }
    steps
}

/// A line without what depends on the packages: runs of digits and dots are one `0`, sizes have one unit, columns one gap.
fn shape(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let is_digest = word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
        let mut shaped = String::new();
        for c in word.chars() {
            if c.is_ascii_digit() || (c == '.' && shaped.ends_with('0')) {
                if !shaped.ends_with('0') {
                    shaped.push('0');
                }
            } else {
                shaped.push(c);
            }
        }
        let is_number = words.last().is_some_and(|last| last.trim_start_matches(['+', '-', '(']) == "0");
        let unit = shaped.trim_end_matches([')', ',', ':']);
        if is_number && ["MB", "kB", "bytes"].contains(&unit) {
            shaped = shaped.replace(unit, "SIZE");
        }
        words.push(if is_digest { "DIGEST".to_owned() } else { shaped });
    }
    words.join(" ")
}

/// Whether lines are those that stand on the page, where `...` stands for any.
fn fits(said: &[String], page: &[String]) -> bool {
    match page.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line == "..." => (0..=said.len()).any(|skipped| fits(&said[skipped..], rest)),
        Some((line, rest)) => said.split_first().is_some_and(|(first, after)| first == line && fits(after, rest)),
    }
}

#[test]
fn what_the_pages_show_is_what_happens() {
    let index = index().start();
    let mut ran = 0;
    for (path, page) in pages() {
        let scratch = Scratch::new();
        for block in blocks(&page).0 {
            if let Some(file) = &block.file {
                scratch.write(file, &block.text);
            }
            if block.language != "console" {
                continue;
            }
            for step in steps(&block.text) {
                let said = shell(&scratch, ".", &step.command, &[("PIP_INDEX_URL", &index.url())]);
                let at = format!("{path}:{}: $ {}\n{}", block.line, step.command, said.text);
                let shows_error = step.prints.iter().any(|line| line.starts_with("error"));
                assert_eq!(said.code != 0, shows_error, "exit {} of {at}", said.code);
                let shapes = |lines: &mut dyn Iterator<Item = &str>| -> Vec<String> {
                    lines.map(shape).filter(|line| !line.is_empty()).collect()
                };
                let (is, wanted) =
                    (shapes(&mut said.text.lines()), shapes(&mut step.prints.iter().map(String::as_str)));
                assert!(fits(&is, &wanted), "{at}\nshould be of this shape:\n{}", wanted.join("\n"));
                ran += 1;
            }
        }
    }
    assert!(ran >= 15, "only {ran} commands of the pages are run");
}

#[test]
fn only_numbers_may_differ() {
    assert_eq!(shape("  added  httpx  0.28.1  +289 kB   (+1 MB)"), "added httpx 0 +0 SIZE (+0 SIZE)");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\nb\nc"), &lines("a\n...\nc")));
    assert!(!fits(&lines("a\nb\nc"), &lines("a\n...\nb")));
    assert!(!fits(&lines("a\nb"), &lines("a")));
}

//! `docs/findings.md` is what `layerpack explain --format json` says, as a page: by the line that is seen, then by code.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::Scratch;

const HEAD: &str = "# Findings

<!-- Written by `LAYERPACK_WRITE_DOCS=1 cargo test --test suite findings_page` from crates/layerpack/explanations/. -->

Every finding has a code that never changes its meaning. `layerpack explain CODE` prints what stands here;
`layerpack explain \"LINE\"` finds the code by the line that another program shows, and `layerpack explain -` reads that
line from stdin. Codes are `LP1xx` loading, `LP2xx` the archive or wheel is malformed, `LP3xx` resolution and indexes,
`LP4xx` layout, size and limits, `LP5xx` input and this machine.
";

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn block(text: &str) -> String {
    text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect()
}

fn page(document: &Value) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## By the line you see\n");
    for line in list(document, "lines") {
        let codes: Vec<_> = list(line, "codes").iter().filter_map(Value::as_str).collect();
        let links: Vec<_> = codes.iter().map(|code| format!("[{code}](#{})", code.to_lowercase())).collect();
        let _ = write!(page, "\n{}\n{}: {}\n", block(text(line, "like")), links.join(", "), text(line, "says"));
    }
    page.push_str("\n## By code\n");
    for code in list(document, "codes") {
        let _ = write!(page, "\n### {}\n\n**{}.** {}\n", text(code, "code"), text(code, "title"), text(code, "means"));
        for (title, part) in [("Why", "why"), ("What to do", "fix")] {
            let said = text(code, part);
            let gap = if said.starts_with("- ") { "\n\n" } else { " " };
            let _ = write!(page, "\n*{title}.*{gap}{said}\n");
        }
        if let Some(example) = code["example"].as_str() {
            let _ = write!(page, "\n*Printed as:*\n\n{}", block(example));
        }
        let lines = list(code, "lines");
        if !lines.is_empty() {
            let _ = write!(page, "\n*Shown as:*\n\n");
            page.extend(lines.iter().filter_map(Value::as_str).map(block));
        }
        if let Some(source) = code["source"].as_str() {
            let _ = write!(page, "\n*More:* <{source}>\n");
        }
    }
    page
}

#[test]
fn the_page_of_findings_is_up_to_date() {
    let document = Scratch::new().layerpack("explain --format json").run().fine().json();
    let wanted = page(&document);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    if std::env::var_os("LAYERPACK_WRITE_DOCS").is_some() {
        fs_err::write(&path, &wanted).expect("docs/ can be written");
    }
    let is = fs_err::read_to_string(&path).expect("docs/findings.md");
    assert!(is == wanted, "run LAYERPACK_WRITE_DOCS=1 cargo test --test suite findings_page");
}

#[test]
fn the_page_is_searchable_by_what_is_seen() {
    let page = page(&Scratch::new().layerpack("explain --format json").run().json());
    for seen in [
        "version `GLIBC_2.28' not found",
        "invalid ELF header",
        "wrong ELF class",
        "cannot open shared object file",
        "libc.musl-x86_64.so.1",
        "No module named 'pydantic_core._pydantic_core'",
        "Runtime.ImportModuleError",
        "Unzipped size must be smaller than 262144000 bytes",
        "Request must be smaller than 69905067 bytes",
        "Permission denied",
        "exec format error",
        "run.sh: no such file or directory",
        "Could not unzip uploaded file",
        "cannot import name",
    ] {
        assert!(page.contains(seen), "{seen}");
    }
}

//! The pages of documentation: what stands in their code blocks, and that their links lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::help::said;

/// A fenced block.
pub(crate) struct Block {
    /// The first word behind the fence: `console`, `toml`.
    pub(crate) language: String,
    /// The second: the file whose contents these are.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
    /// The line of the page that it begins on, from 1.
    pub(crate) line: usize,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and every page below docs/, with its path from the root.
pub(crate) fn pages() -> Vec<(String, String)> {
    let mut pages = vec!["README.md".to_owned()];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(root().join(&folder)).expect("a folder of pages") {
            let entry = entry.expect("an entry");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("its type").is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension().is_some_and(|e| e == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages.into_iter().map(|path| (path.clone(), fs_err::read_to_string(root().join(&path)).expect("a page"))).collect()
}

/// The fenced blocks of a page, and the page without them.
pub(crate) fn blocks(page: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut rest) = (Vec::new(), String::new());
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text.extend([line, "\n"]),
            (None, Some(info)) => {
                let mut words = info.split_whitespace().map(str::to_owned);
                let (language, file) = (words.next().unwrap_or_default(), words.next());
                open = Some(Block { language, file, text: String::new(), line: number + 1 });
            }
            (None, None) => rest.extend([line, "\n"]),
        }
    }
    assert!(open.is_none(), "a fence stays open");
    (blocks, rest)
}

/// A heading as the end of a link: lower case, words joined by hyphens.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>().replace(' ', "-")
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for (path, page) in pages() {
        let (_, prose) = blocks(&page);
        for link in prose.split("](").skip(1).filter_map(|after| after.split_once(')')).map(|(link, _)| link) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root().join(&path),
                _ => root().join(&path).parent().expect("a page lies in a folder").join(file),
            };
            let text = if target.is_dir() { Some(String::new()) } else { fs_err::read_to_string(&target).ok() };
            let found = text.is_some_and(|text| {
                let mut headings = text.lines().filter(|line| line.starts_with('#')).map(|l| l.trim_start_matches('#'));
                heading.is_empty() || headings.any(|title| anchor(title) == heading)
            });
            if !found {
                broken.push(format!("{path}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_can_be_found() {
    let all: BTreeSet<String> = pages().into_iter().map(|(path, _)| path).collect();
    let index = fs_err::read_to_string(root().join("docs/README.md")).expect("docs/README.md");
    for page in all.iter().filter_map(|path| path.strip_prefix("docs/")).filter(|page| *page != "README.md") {
        assert!(index.contains(&format!("]({page})")), "docs/README.md does not name {page}");
    }
}

/// An empty line inside of a table makes text of the rows below it.
#[test]
fn every_row_is_of_a_table() {
    let mut alone = Vec::new();
    for (path, page) in pages() {
        let (_, prose) = blocks(&page);
        let lines: Vec<&str> = prose.lines().collect();
        let is_row = |at: usize| lines.get(at).is_some_and(|line| line.starts_with('|'));
        for at in (0..lines.len()).filter(|at| is_row(*at) && (*at == 0 || !is_row(at - 1))) {
            if !lines.get(at + 1).is_some_and(|rule| rule.starts_with("| --")) {
                alone.push(format!("{path}: {}", lines[at]));
            }
        }
    }
    assert!(alone.is_empty(), "{alone:#?}");
}

#[test]
fn figures_are_said_once() {
    let page = |name: &str| fs_err::read_to_string(root().join(name)).expect("a page");
    let (comparison, performance) = (page("docs/comparison.md"), page("docs/performance.md"));
    let (_, measured) = comparison.split_once("## Measured").expect("a part of the page");
    let words: Vec<&str> = measured.split_whitespace().collect();
    let is_time = |pair: &&[&str]| matches!(pair[1].trim_matches(','), "ms" | "s");
    let times: Vec<String> =
        words.windows(2).filter(is_time).map(|pair| format!("{} {}", pair[0], pair[1].trim_matches(','))).collect();
    assert!(times.len() > 5, "{times:?}");
    for time in times {
        assert!(performance.contains(&time), "docs/comparison.md says {time}, docs/performance.md does not");
    }
}

/// What is typed, wherever it stands: lines of code blocks, and code among prose. Continued lines are joined.
fn typed(page: &str) -> Vec<String> {
    let (blocks, prose) = blocks(page);
    let mut lines: Vec<String> = Vec::new();
    for block in blocks {
        lines.extend(block.text.replace("\\\n", " ").lines().map(str::to_owned));
    }
    for line in prose.lines() {
        if line.starts_with("    ") {
            lines.push(line.to_owned());
        } else {
            lines.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    lines
}

#[test]
fn every_flag_that_a_page_names_is_one() {
    let mut wrong = Vec::new();
    let mut helps = std::collections::BTreeMap::new();
    for (path, page) in pages().into_iter().filter(|(path, _)| path != "docs/reference/commands.md") {
        for line in typed(&page) {
            for call in line.split("layerpack ").skip(1) {
                // Up to what is no longer this command's.
                let call = call.split([';', '|', '#', '&', '"', '\'']).next().unwrap_or_default();
                // `cache` has commands of its own.
                let words = call.split_whitespace().take(if call.starts_with("cache ") { 2 } else { 1 });
                let command = words.collect::<Vec<_>>().join(" ");
                if command.is_empty() || !command.chars().all(|c| c.is_ascii_lowercase() || c == ' ') {
                    continue;
                }
                let help: &String = helps.entry(command.clone()).or_insert_with(|| said(&format!("{command} --help")));
                if help.contains("unrecognized subcommand") {
                    continue;
                }
                for flag in call.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2) {
                    let flag = flag.split('=').next().unwrap_or(flag).trim_end_matches([',', '.', ')', ':', ']']);
                    if !help.split(|c: char| c.is_whitespace() || c == ',' || c == ']').any(|word| word == flag) {
                        wrong.push(format!("{path}: layerpack {command} has no {flag}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

//! `.pth` files: Python reads them in its site directories and nowhere else. Of a layer that is
//! `python/lib/python3.X/site-packages`; `python/` and a function's root are plain folders of `sys.path`.

use std::collections::HashSet;

use super::sites::LAYER_PATHS;
use super::{FUNCTION, Layer, PYTHON, PlacedFile};
use crate::code::Code;
use crate::finding::{Finding, Severity};
use crate::target::Target;

/// Files that are read; a layer has a handful.
const MOST: usize = 64;
/// Bytes of a file that are looked at.
const LONGEST: usize = 64 << 10;
/// Characters of a line that are shown.
const SHOWN: usize = 80;

/// LP415: what the `.pth` files of a layer would do, and never will.
pub(super) fn judge(layer: &Layer<'_>, target: &Target) -> Vec<Finding> {
    let ignored = |file: &&PlacedFile<'_>| file.suffix() == Some("pth") && [FUNCTION, PYTHON].contains(&file.folder());
    let mut files = layer.files().filter(ignored).take(MOST).peekable();
    if files.peek().is_none() {
        return Vec::new();
    }
    let folders = folders(layer);
    files.filter_map(|file| judge_file(layer, &folders, file, target)).collect()
}

/// Every folder that holds something.
fn folders<'l>(layer: &'l Layer<'_>) -> HashSet<&'l str> {
    let mut folders = HashSet::new();
    for file in layer.files() {
        let mut folder = Some(file.folder());
        while let Some(path) = folder.filter(|path| folders.insert(*path)) {
            folder = path.rsplit_once('/').map(|(above, _)| above);
        }
    }
    folders
}

/// What a line of the file would do.
enum Line<'t> {
    /// Put this folder on `sys.path`.
    Adds(String),
    /// Run this.
    Runs(&'t str),
}

fn judge_file(layer: &Layer<'_>, folders: &HashSet<&str>, file: &PlacedFile<'_>, target: &Target) -> Option<Finding> {
    let finding = |severity, message| {
        let (major, minor) = target.runtime.name.python();
        let help = format!(
            "do in the handler what it would have done; or lay the packages below \
             python/lib/python{major}.{minor}/site-packages, where .pth files are read"
        );
        Some(Finding::new(Code::PthFile, severity, message).at(file.entry).help(help).source(LAYER_PATHS))
    };
    let folder = file.folder();
    let Some(bytes) = layer.read(&file.place) else {
        return finding(Severity::Warning, format!("Python reads no .pth file in {folder}"));
    };
    let text = String::from_utf8_lossy(bytes.get(..LONGEST).unwrap_or(&bytes)).into_owned();
    let lines: Vec<Line<'_>> = text.lines().filter_map(|line| read_line(folders, folder, line)).collect();
    // What matters most is named.
    let weight = |line: &Line<'_>| match line {
        Line::Runs(code) if is_harmless(code) => Severity::Note,
        Line::Runs(_) | Line::Adds(_) => Severity::Warning,
    };
    let severity = lines.iter().map(weight).max()?;
    let line = lines.iter().find(|line| weight(line) == severity)?;
    let what = match line {
        Line::Adds(path) => format!("the folder {} is not put on sys.path", printable(path)),
        Line::Runs(code) => format!("`{}` is not run", printable(code)),
    };
    let more = if lines.len() > 1 { ", and more" } else { "" };
    finding(severity, format!("Python reads no .pth file in {folder}: {what}{more}"))
}

/// As Python's `site` takes a line; folders that are nowhere are passed over by it, too, but for those that were left on
/// another machine.
fn read_line<'t>(folders: &HashSet<&str>, folder: &str, line: &'t str) -> Option<Line<'t>> {
    let line = line.trim_end();
    if line.trim_start().is_empty() || line.starts_with('#') {
        return None;
    }
    if line.starts_with("import ") || line.starts_with("import\t") {
        return Some(Line::Runs(line));
    }
    if line.starts_with('/') {
        return Some(Line::Adds(line.to_owned()));
    }
    let path = format!("{folder}/{}", line.trim_start_matches("./").trim_end_matches('/'));
    folders.contains(path.as_str()).then_some(Line::Adds(path))
}

/// Declares a namespace package, as old setuptools did: Python 3 finds those by itself (PEP 420). Or does something only
/// where a variable says so.
fn is_harmless(code: &str) -> bool {
    let declares_namespace = code.contains("sys.modules")
        && ["types.ModuleType(", "module_from_spec("].iter().any(|made| code.contains(made));
    declares_namespace || code.contains("os.environ")
}

/// The start of a line, without what a terminal would obey.
fn printable(line: &str) -> String {
    let mut start: String = line.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().nth(SHOWN).is_some() {
        start.push('…');
    }
    start
}

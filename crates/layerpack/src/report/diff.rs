//! What `layerpack diff` says: as text, and as a JSON document.

use lambda_compat::{Finding, Target};
use layer_pack::diff::{
    Aspect, Change, ChangeKind, Difference, FileChange, FileCounts, Gained, OwnFiles, PackageChange, Side,
};
use layer_pack::{ByteSize, HeldBack};
use serde::Serialize;

use crate::report::json::SCHEMA;
use crate::report::{counted, table};

/// Files that are named where not all are asked for.
pub(super) const NAMED_FILES: usize = 10;
/// Characters of versions that still stand on a package's own line.
const SHORT: usize = 40;

/// One of the two that are compared.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DiffSide {
    /// As named on the command line.
    pub(crate) path: String,
    /// `zip`, `folder`, `report` or `lock`.
    pub(crate) kind: &'static str,
}

/// A comparison.
pub(crate) struct Compared<'a> {
    pub(crate) old: DiffSide,
    pub(crate) new: DiffSide,
    /// What locks were taken for.
    pub(crate) target: Option<Target>,
    pub(crate) difference: &'a Difference,
}

/// `diff --format json`.
#[derive(Serialize)]
pub(crate) struct DiffDocument<'a> {
    schema: u8,
    command: &'static str,
    old: &'a DiffSide,
    new: &'a DiffSide,
    runtime: Option<String>,
    arch: Option<String>,
    differs: bool,
    #[serde(flatten)]
    difference: &'a Difference,
}

impl<'a> DiffDocument<'a> {
    pub(crate) fn new(compared: &'a Compared<'_>) -> Self {
        Self {
            schema: SCHEMA,
            command: "diff",
            old: &compared.old,
            new: &compared.new,
            runtime: compared.target.map(|target| target.runtime.name.to_string()),
            arch: compared.target.map(|target| target.arch.to_string()),
            differs: !compared.difference.is_empty(),
            difference: compared.difference,
        }
    }
}

/// A comparison as text, what matters most first.
pub(crate) fn diff_text(compared: &Compared<'_>, all_files: bool) -> Vec<String> {
    let difference = compared.difference;
    let mut lines = vec![headline(difference)];
    lines.extend(sizes(difference));
    lines.extend(package_lines(&difference.packages, difference.own_files));
    lines.extend(difference.files.as_deref().map(|files| file_lines(files, all_files)).unwrap_or_default());
    lines.extend(
        difference.findings.as_ref().map(|findings| gained_lines("findings", findings, finding)).unwrap_or_default(),
    );
    lines.extend(
        difference.held_back.as_ref().map(|held| gained_lines("held back", held, held_back)).unwrap_or_default(),
    );
    lines.extend(not_compared(compared).into_iter().map(|line| format!("not compared: {line}")));
    lines
}

/// `2 packages changed, 1 added · 12 files changed`.
pub(super) fn headline(difference: &Difference) -> String {
    if difference.is_empty() {
        return "no difference".to_owned();
    }
    let count = |kind| difference.packages.iter().filter(|package| package.change == kind).count();
    let mut parts = Vec::new();
    for (kind, what) in [
        (ChangeKind::Changed, "changed"),
        (ChangeKind::Added, "added"),
        (ChangeKind::Removed, "removed"),
        (ChangeKind::Files, "of the same version with other files"),
    ] {
        match count(kind) {
            0 => {}
            number if parts.is_empty() => parts.push(format!("{} {what}", counted(number, "package"))),
            number => parts.push(format!("{number} {what}")),
        }
    }
    if parts.is_empty() {
        parts.push("the same packages".to_owned());
    }
    let packages = parts.join(", ");
    match difference.files.as_ref().map(Vec::len).filter(|files| *files > 0) {
        Some(files) => format!("{packages} · {} differ", counted(files, "file")),
        None => packages,
    }
}

/// `31.2 MB → 33.0 MB unzipped (+1.8 MB)`, and the same zipped.
pub(super) fn sizes(difference: &Difference) -> Option<String> {
    let size = |change: Option<Change<u64>>, what: &str| {
        let change = change?;
        let (old, new) = (ByteSize(change.old), ByteSize(change.new));
        Some(if change.old == change.new {
            format!("{new} {what} as before")
        } else {
            format!("{old} → {new} {what} ({})", signed(change))
        })
    };
    let parts = [size(difference.unzipped, "unzipped"), size(difference.zipped, "zipped")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty() && !difference.is_empty()).then(|| parts.join(" · "))
}

/// `+1.8 MB`, `-120 kB`, `±0`.
pub(super) fn signed(change: Change<u64>) -> String {
    let grown = change.grown();
    let size = ByteSize(u64::try_from(grown.unsigned_abs()).unwrap_or(u64::MAX));
    match grown {
        0 => "±0".to_owned(),
        1.. => format!("+{size}"),
        _ => format!("-{size}"),
    }
}

pub(super) fn word(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::Files => "other files",
    }
}

/// `3 added, 1 changed`.
pub(super) fn file_counts(counts: FileCounts) -> String {
    let parts = [(counts.added, "added"), (counts.removed, "removed"), (counts.changed, "changed")];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    parts.join(", ")
}

/// What only one of two lists has.
pub(super) fn only<'a>(these: &'a [String], others: &[String]) -> Vec<&'a str> {
    these.iter().filter(|this| !others.contains(this)).map(String::as_str).collect()
}

/// `1.0 → 2.0` on one line, or what went and came on lines of their own, where there are several or markers.
fn versions(package: &PackageChange) -> (String, Vec<String>) {
    let short = match (package.old.as_slice(), package.new.as_slice()) {
        ([], [new]) => Some(new.clone()),
        ([old], []) => Some(old.clone()),
        ([old], [new]) if old == new => Some(new.clone()),
        ([old], [new]) => Some(format!("{old} → {new}")),
        _ => None,
    };
    if let Some(short) = short.filter(|short| short.chars().count() <= SHORT) {
        return (short, Vec::new());
    }
    let lost = only(&package.old, &package.new).into_iter().map(|version| format!("    - {version}"));
    let gained = only(&package.new, &package.old).into_iter().map(|version| format!("    + {version}"));
    (String::new(), lost.chain(gained).collect())
}

fn package_lines(packages: &[PackageChange], own: Option<OwnFiles>) -> Vec<String> {
    let bytes = |change: Option<Change<u64>>, what: &str| {
        change
            .filter(|change| change.old != change.new)
            .map(|change| format!("{}{what}", signed(change)))
            .unwrap_or_default()
    };
    let mut rows = Vec::new();
    let mut below = Vec::new();
    for package in packages {
        let (versions, lines) = versions(package);
        // That a package came or went says all of its files.
        let counts = package.files.filter(|_| matches!(package.change, ChangeKind::Files));
        rows.push([
            format!("  {}", word(package.change)),
            package.name.to_string(),
            versions,
            bytes(package.unzipped, ""),
            bytes(package.zipped, " zipped"),
            counts.map(|counts| format!("files: {}", file_counts(counts))).unwrap_or_default(),
        ]);
        below.push(lines);
    }
    if let Some(own) = own {
        let counts = format!("files: {}", file_counts(own.files));
        let size = bytes(Some(own.unzipped), "");
        rows.push(["  changed".to_owned(), "(of no package)".to_owned(), String::new(), size, String::new(), counts]);
        below.push(Vec::new());
    }
    table(&rows, &[3, 4]).into_iter().zip(below).flat_map(|(row, below)| std::iter::once(row).chain(below)).collect()
}

pub(super) fn file_size(file: &FileChange) -> String {
    match (file.old, file.new) {
        (None, Some(new)) => format!("+{}", ByteSize(new)),
        (Some(old), None) => format!("-{}", ByteSize(old)),
        (Some(old), Some(new)) => signed(Change { old, new }),
        (None, None) => String::new(),
    }
}

pub(super) fn file_mode(file: &FileChange) -> String {
    file.mode.as_ref().map(|mode| format!("mode {} → {}", mode.old, mode.new)).unwrap_or_default()
}

fn file_lines(files: &[FileChange], all: bool) -> Vec<String> {
    if files.is_empty() {
        return Vec::new();
    }
    let shown = if all { files.len() } else { NAMED_FILES.min(files.len()) };
    let title = if shown < files.len() { "files, the largest changes first:" } else { "files:" };
    let rows: Vec<_> = files
        .iter()
        .take(shown)
        .map(|file| [format!("  {}", word(file.change)), file_size(file), file.path.clone(), file_mode(file)])
        .collect();
    let mut lines = vec![title.to_owned()];
    lines.extend(table(&rows, &[1]));
    if shown < files.len() {
        lines.push(format!("  and {} more: --files lists all", files.len() - shown));
    }
    lines
}

/// A finding on one line.
pub(super) fn finding(finding: &Finding) -> String {
    let entry = finding.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
    format!("{} {}: {entry}{}", finding.severity, finding.code, finding.message)
}

/// A version that is held back, on one line.
pub(super) fn held_back(held: &HeldBack) -> String {
    format!("{} {} ({} is newer: {})", held.name, held.taken, held.newest, held.reasons.join("; "))
}

fn gained_lines<T>(title: &str, changes: &Gained<T>, text: impl Fn(&T) -> String) -> Vec<String> {
    if changes.is_empty() {
        return Vec::new();
    }
    let gained = changes.gained.iter().map(|item| format!("  + {}", text(item)));
    let lost = changes.lost.iter().map(|item| format!("  - {}", text(item)));
    std::iter::once(format!("{title}:")).chain(gained).chain(lost).collect()
}

/// What was not compared, and why: one line for each side that lacks something.
pub(super) fn not_compared(compared: &Compared<'_>) -> Vec<String> {
    let sides = [(Side::Old, &compared.old), (Side::New, &compared.new)];
    let line = |(side, input): (Side, &DiffSide)| {
        let missing = compared.difference.not_compared.iter().filter(|aspect| aspect.missing == side);
        let what: Vec<&str> = missing.map(|aspect| aspect_word(aspect.what)).collect();
        (!what.is_empty()).then(|| format!("{} ({} is a {})", what.join(", "), input.path, input.kind))
    };
    sides.into_iter().filter_map(line).collect()
}

fn aspect_word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Unzipped => "bytes unzipped",
        Aspect::Zipped => "bytes zipped",
        Aspect::Files => "files",
        Aspect::Findings => "findings",
        Aspect::HeldBack => "versions held back",
    }
}

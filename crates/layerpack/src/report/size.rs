//! What a stack weighs, as text: each part, all together, by package, by kind, the largest files, what could go.

use std::path::Path;

use layer_pack::{ByteSize, Group, Grouped, LAYERS_LIMIT, Mass, Owner, Part, Saving, SavingRule, Stack};

use crate::failure::Failure;
use crate::report::style::STRONG;
use crate::report::{Console, packages, table};

/// Rows of a table for somebody in a hurry.
const SHOWN: usize = 15;

/// Prints all of it on stdout; `files` is how many of the largest files are wanted.
pub(crate) fn size_text(stack: &Stack, limit: u64, files: usize, console: &mut Console) -> Result<(), Failure> {
    let shown = if console.verbose > 0 { usize::MAX } else { SHOWN };
    let mut lines = parts(stack);
    lines.push(String::new());
    lines.extend(together(stack, limit));
    if !console.quiet {
        lines.extend(section("packages", &by_group(stack, shown), &[1, 2, 3]));
        lines.extend(section("kinds of file", &by_kind(stack), &[1, 2, 3]));
        if files > 0 {
            lines.extend(section("largest files", &largest(stack, files), &[1, 2]));
        }
        lines.extend(section("what each would bring by itself", &savings(stack), &[1, 2]));
    }
    lines.iter().try_for_each(|line| console.result(line))
}

/// A heading and a table below it; nothing where there are no rows.
fn section<const N: usize>(title: &str, rows: &[[String; N]], right: &[usize]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let heading = format!("{STRONG}{title}{STRONG:#}");
    let rows = table(rows, right).into_iter().map(|row| format!("  {row}"));
    [String::new(), heading].into_iter().chain(rows).collect()
}

fn parts(stack: &Stack) -> Vec<String> {
    let files = |count: u64| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let of_part = |part: &Part| {
        let mass = part.mass();
        let count = match part.packages() {
            0 => String::new(),
            count => packages(count),
        };
        let [unzipped, zipped] = cells(mass);
        [part.name.clone(), part.kind.word().to_owned(), unzipped, zipped, count, files(mass.files)]
    };
    let mut rows: Vec<[String; 6]> = stack.parts.iter().map(of_part).collect();
    rows.extend(stack.reserved.iter().map(|reserved| {
        let unzipped = format!("{} unzipped", ByteSize(reserved.bytes));
        [reserved.name.clone(), "reserved".to_owned(), unzipped, String::new(), String::new(), String::new()]
    }));
    table(&rows, &[2, 3, 4, 5])
}

/// Where a limit is judged, bytes stand too.
fn together(stack: &Stack, limit: u64) -> Vec<String> {
    let mass = stack.mass();
    let layers = stack.layers();
    let zipped = mass.zipped.map(|zipped| format!(" · {} zipped", ByteSize(zipped))).unwrap_or_default();
    let left = match limit.checked_sub(mass.unzipped) {
        Some(left) => format!("{} left", ByteSize(left)),
        None => format!("{} too much", ByteSize(mass.unzipped.saturating_sub(limit))),
    };
    vec![
        format!(
            "{STRONG}{} of {} unzipped{STRONG:#}{zipped} · {layers} of {LAYERS_LIMIT} layers",
            ByteSize(mass.unzipped),
            ByteSize(limit)
        ),
        format!("{} of {limit} bytes, {}; {left}", mass.unzipped, percent(mass.unzipped, limit)),
    ]
}

/// `12.3 %`; no float, so that it is the same everywhere.
fn percent(part: u64, whole: u64) -> String {
    let whole = u128::from(whole.max(1));
    let tenths = (u128::from(part) * 1000 + whole / 2) / whole;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// The two sizes, the second one empty where it is not known.
fn cells(mass: Mass) -> [String; 2] {
    let zipped = mass.zipped.map(|zipped| format!("{} zipped", ByteSize(zipped))).unwrap_or_default();
    [format!("{} unzipped", ByteSize(mass.unzipped)), zipped]
}

fn short(mass: Mass) -> [String; 2] {
    let zipped = mass.zipped.map(|zipped| format!("{} zipped", ByteSize(zipped))).unwrap_or_default();
    [ByteSize(mass.unzipped).to_string(), zipped]
}

/// `numpy 2.2.6`, `files of python/app`.
pub(super) fn owner(owner: &Owner) -> String {
    match owner {
        Owner::Package { name, version, .. } => format!("{name} {version}"),
        Owner::Folder(folder) if folder.is_empty() => "files at the root".to_owned(),
        Owner::Folder(folder) => format!("files of {folder}/"),
    }
}

fn by_group(stack: &Stack, shown: usize) -> Vec<[String; 5]> {
    let total = stack.mass().unzipped;
    let several = stack.parts.len() > 1;
    let row = |label: String, mass: Mass, place: String| {
        let [unzipped, zipped] = short(mass);
        [label, unzipped, percent(mass.unzipped, total), zipped, place]
    };
    let groups = stack.groups();
    let place = |part: &Part| if several { part.name.clone() } else { String::new() };
    let mut rows: Vec<_> = groups
        .iter()
        .take(shown)
        .map(|Grouped { part, group: Group { owner: of, mass } }| row(owner(of), *mass, place(part)))
        .collect();
    let rest = groups.get(shown.min(groups.len())..).unwrap_or_default();
    if !rest.is_empty() {
        let mass = rest.iter().map(|grouped| grouped.group.mass).collect();
        rows.push(row(format!("{} more (-v)", rest.len()), mass, String::new()));
    }
    rows
}

fn by_kind(stack: &Stack) -> Vec<[String; 4]> {
    let total = stack.mass().unzipped;
    let rows = stack.kinds().into_iter().map(|(kind, mass)| {
        let [unzipped, zipped] = short(mass);
        [kind.to_string(), unzipped, percent(mass.unzipped, total), zipped]
    });
    rows.collect()
}

fn largest(stack: &Stack, count: usize) -> Vec<[String; 5]> {
    let several = stack.parts.len() > 1;
    let rows = stack.largest(count).into_iter().map(|(part, file)| {
        let [unzipped, zipped] = short(file.mass);
        let place = if several { part.name.clone() } else { String::new() };
        [file.path.to_string(), unzipped, zipped, file.kind.to_string(), place]
    });
    rows.collect()
}

fn savings(stack: &Stack) -> Vec<[String; 4]> {
    let row = |saving: Saving| {
        let [unzipped, zipped] = short(saving.mass);
        let (what, why) = without(&saving);
        [what, unzipped, zipped, why]
    };
    stack.savings().into_iter().map(row).collect()
}

/// What would go, and why it could.
fn without(saving: &Saving) -> (String, String) {
    let named = || match saving.packages.as_slice() {
        [] => String::new(),
        [one] => one.to_string(),
        [one, two] => format!("{one} and {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    };
    match saving.rule {
        SavingRule::Slim(rule) => (format!("without {}", rule.kind()), format!("build --slim {rule}")),
        SavingRule::RuntimeSdk => (
            format!("without {}", named()),
            "build --exclude-runtime-sdk: every runtime has them, in versions of its own".to_owned(),
        ),
        SavingRule::SecondCopies => (format!("{} only once", named()), String::new()),
    }
}

/// A part's name without the folders above it: pages and reports tell nothing of the machine.
pub(super) fn label(part: &Part) -> String {
    let name = Path::new(&part.name).file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| part.kind.word().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded() {
        assert_eq!(percent(0, 0), "0.0 %");
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(2, 3), "66.7 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.0 %");
        assert_eq!(percent(300, 250), "120.0 %");
    }
}

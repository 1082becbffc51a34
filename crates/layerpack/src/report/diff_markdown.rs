//! What `layerpack diff` says, as Markdown for pull requests: one line first, then tables; long ones are folded away.

use layer_pack::diff::{Change, ChangeKind, FileChange, PackageChange};

use crate::report::diff::{
    Compared, file_counts, file_mode, file_size, finding, headline, held_back, not_compared, only, signed, sizes, word,
};

/// Rows of a table that is not folded away.
const OPEN_ROWS: usize = 20;
/// Files that are listed where not all are asked for: a comment has room for 65,536 characters.
const LISTED_FILES: usize = 200;

/// A comparison as Markdown.
pub(crate) fn diff_markdown(compared: &Compared<'_>, all_files: bool) -> String {
    let difference = compared.difference;
    let mut first = format!("**{}**", headline(difference));
    if let Some(sizes) = sizes(difference) {
        first = format!("{first} · {sizes}");
    }
    let mut blocks = vec![first];
    if !difference.packages.is_empty() {
        let has_bytes = difference.packages.iter().any(|package| package.unzipped.is_some());
        let rows: Vec<String> = difference.packages.iter().map(|package| package_row(package, has_bytes)).collect();
        let head = if has_bytes {
            "| package | before | after | unzipped | zipped |\n| --- | --- | --- | ---: | ---: |"
        } else {
            "| package | before | after |\n| --- | --- | --- |"
        };
        let table = format!("{head}\n{}", rows.join("\n"));
        blocks.push(folded(rows.len() > OPEN_ROWS, &format!("{} packages", rows.len()), &table));
    }
    if let Some(own) = difference.own_files {
        blocks.push(format!("Files of no package: {} ({})", file_counts(own.files), signed(own.unzipped)));
    }
    if let Some(files) = difference.files.as_deref().filter(|files| !files.is_empty()) {
        let shown = if all_files { files.len() } else { LISTED_FILES.min(files.len()) };
        let rows: Vec<String> = files.iter().take(shown).map(file_row).collect();
        let mut table = format!("| file | | bytes |\n| --- | --- | ---: |\n{}", rows.join("\n"));
        if shown < files.len() {
            table = format!("{table}\n\nand {} more", files.len() - shown);
        }
        let title = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
        blocks.push(folded(true, &title, &table));
    }
    if let Some(findings) = difference.findings.as_ref().filter(|findings| !findings.is_empty()) {
        blocks.push(list("Findings", findings.gained.iter().map(finding), findings.lost.iter().map(finding)));
    }
    if let Some(held) = difference.held_back.as_ref().filter(|held| !held.is_empty()) {
        blocks.push(list("Held back", held.gained.iter().map(held_back), held.lost.iter().map(held_back)));
    }
    blocks.extend(not_compared(compared).into_iter().map(|line| format!("Not compared: {}", plain(&line))));
    blocks.join("\n\n")
}

fn package_row(package: &PackageChange, has_bytes: bool) -> String {
    let versions = |these: &[String], others: &[String]| -> String {
        let shown: Vec<String> = only(these, others).into_iter().map(plain).collect();
        shown.join("<br>")
    };
    let (old, new) = match package.change {
        ChangeKind::Files => {
            let same = package.new.iter().map(|version| plain(version)).collect::<Vec<_>>().join("<br>");
            let counts = package.files.map(file_counts).filter(|counts| !counts.is_empty());
            (same, format!("the same, with other files{}", counts.map(|c| format!(": {c}")).unwrap_or_default()))
        }
        _ => (versions(&package.old, &package.new), versions(&package.new, &package.old)),
    };
    let bytes = |change: Option<Change<u64>>| change.map(signed).unwrap_or_default();
    let row = format!("| {} | {old} | {new} |", plain(package.name.as_str()));
    if has_bytes { format!("{row} {} | {} |", bytes(package.unzipped), bytes(package.zipped)) } else { row }
}

fn file_row(file: &FileChange) -> String {
    let how = [word(file.change).to_owned(), file_mode(file)].join(" ");
    format!("| {} | {} | {} |", plain(&file.path), how.trim_end(), file_size(file))
}

fn list(title: &str, gained: impl Iterator<Item = String>, lost: impl Iterator<Item = String>) -> String {
    let gained = gained.map(|item| format!("- new: {}", plain(&item)));
    let lost: Vec<String> = lost.map(|item| format!("- gone: {}", plain(&item))).collect();
    let items: Vec<String> = gained.chain(lost).collect();
    let count = items.len();
    folded(count > OPEN_ROWS, &format!("{title} ({count})"), &format!("{title}:\n\n{}", items.join("\n")))
}

fn folded(fold: bool, title: &str, block: &str) -> String {
    if fold { format!("<details><summary>{title}</summary>\n\n{block}\n\n</details>") } else { block.to_owned() }
}

/// Text that Markdown takes for nothing else, on one line.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '#' | '~' => plain.extend(['\\', c]),
            // Entities: neither tags nor mentions.
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '@' => plain.push_str("&#64;"),
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

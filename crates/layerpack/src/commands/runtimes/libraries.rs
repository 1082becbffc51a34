//! The libraries and the standard modules of a runtime: in groups of which the same is said, and those as rows.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Arch, Availability, LibraryFact, Profile};
use serde::Serialize;

use crate::commands::runtimes::facts::Row;

type Files<'a> = BTreeMap<Arch, BTreeSet<&'a str>>;

/// Library files of which the same is said.
#[derive(Serialize)]
pub(super) struct Group<'a> {
    #[serde(flatten)]
    fact: LibraryFact<'a>,
    files: Files<'a>,
}

/// Every library file of which something is said: first what is there, then what is not, then what nobody knows.
pub(super) fn groups(profile: &Profile) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<LibraryFact<'_>, Files<'_>> = BTreeMap::new();
    for arch in Arch::ALL {
        for (name, fact) in profile.known_libraries(arch) {
            groups.entry(fact).or_default().entry(arch).or_default().insert(name);
        }
    }
    groups.into_iter().map(|(fact, files)| Group { fact, files }).collect()
}

/// The same for people: a row for each folder, or with every name a row for each group; and the standard modules.
pub(super) fn rows(profile: &Profile, with_names: bool) -> Vec<Row> {
    let groups = groups(profile);
    let groups = if with_names { groups } else { by_folder(groups) };
    let mut rows: Vec<_> = groups.iter().map(|group| row(group, with_names)).collect();
    let modules = profile.standard_modules();
    let count = format!("{} names", modules.value.len());
    rows.push(Row {
        fact: "standard modules".to_owned(),
        value: if with_names { format!("{count}: {}", modules.value.join(" ")) } else { count },
        source: modules.source,
        checked: modules.checked.to_string(),
        note: modules.note,
    });
    rows
}

/// One group for all that one source says of one folder, with the note that most of its files have.
fn by_folder(mut groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let place =
        |group: &Group<'_>| (group.fact.grade, group.fact.folder.map(str::to_owned), group.fact.source.to_owned());
    groups.sort_by_key(|group| (place(group), std::cmp::Reverse(size(&group.files))));
    let mut folders: Vec<Group<'_>> = Vec::new();
    for group in groups {
        match folders.last_mut() {
            Some(last) if place(last) == place(&group) => {
                for (arch, names) in group.files {
                    last.files.entry(arch).or_default().extend(names);
                }
            }
            _ => folders.push(group),
        }
    }
    folders
}

fn size(files: &Files<'_>) -> usize {
    files.values().map(BTreeSet::len).sum()
}

fn row(group: &Group<'_>, with_names: bool) -> Row {
    let fact = &group.fact;
    let names = names(&group.files);
    let (label, value) = match (fact.availability, fact.folder) {
        (Availability::Present, Some(folder)) => ("libraries", format!("{} in {folder}", count(&group.files))),
        (Availability::Present, None) => ("libraries", count(&group.files)),
        // There are few, and their names are what counts.
        (Availability::Absent, _) => ("libraries missing", names.clone()),
        (Availability::Unknown, _) => ("libraries not known", count(&group.files)),
    };
    let lists_names = with_names && fact.availability != Availability::Absent;
    Row {
        fact: label.to_owned(),
        value: if lists_names { format!("{value}: {names}") } else { value },
        source: format!("{}: {}", fact.grade, fact.source),
        checked: fact.checked.to_string(),
        note: fact.note.map(str::to_owned),
    }
}

/// `22 files`, or `23 files on arm64, 25 files on x86_64`.
fn count(files: &Files<'_>) -> String {
    let counted = |count| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let counts: Vec<_> = files.iter().map(|(arch, names)| (arch, names.len())).collect();
    match counts.as_slice() {
        [(_, one), (_, other)] if one == other => counted(*one),
        _ => counts.iter().map(|(arch, count)| format!("{} on {arch}", counted(*count))).collect::<Vec<_>>().join(", "),
    }
}

/// The names, and behind those of one architecture only, which.
fn names(files: &Files<'_>) -> String {
    let every: BTreeSet<_> = files.values().flatten().copied().collect();
    let shown = |name: &str| {
        let on: Vec<_> = files.iter().filter(|(_, names)| names.contains(name)).map(|(arch, _)| arch).collect();
        if let [arch] = on.as_slice() { format!("{name} ({arch})") } else { name.to_owned() }
    };
    every.into_iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_where_the_architectures_differ() {
        let files = |arm64: &[&'static str], x86_64: &[&'static str]| {
            let lists = [(Arch::Arm64, arm64), (Arch::X86_64, x86_64)].into_iter().filter(|(_, list)| !list.is_empty());
            lists.map(|(arch, list)| (arch, list.iter().copied().collect())).collect::<Files<'_>>()
        };
        for (files, expected) in [
            (files(&["a"], &["a"]), "1 file; a"),
            (files(&["a", "b"], &["a", "b"]), "2 files; a b"),
            (files(&["a"], &["a", "b"]), "1 file on arm64, 2 files on x86_64; a b (x86_64)"),
            (files(&["a"], &[]), "1 file on arm64; a (arm64)"),
        ] {
            assert_eq!(format!("{}; {}", count(&files), names(&files)), expected);
        }
    }
}

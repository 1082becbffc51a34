//! Two snapshots and what is told of them.

use std::collections::BTreeMap;

use lambda_compat::{Code, Finding};
use proptest::prelude::*;
use wheel_archive::Sha256;

use super::{
    Aspect, Change, ChangeKind, FileContent, FileState, NotCompared, PackageBytes, PackageState, Side, Snapshot, diff,
};

fn package(versions: &[&str], unzipped: u64) -> PackageState {
    let versions = versions.iter().map(|version| (*version).to_owned()).collect();
    let bytes = Some(PackageBytes { unzipped, zipped: Some(unzipped / 2) });
    PackageState { versions, bytes, archives: Vec::new() }
}

fn file(text: &str, mode: u32, package: Option<&str>) -> FileState {
    FileState {
        size: text.len() as u64,
        content: FileContent::Bytes(Sha256::of(text.as_bytes())),
        mode: Some(mode),
        package: package.map(|name| name.parse().expect("a name")),
    }
}

fn layer(packages: &[(&str, PackageState)], files: &[(&str, FileState)]) -> Snapshot {
    let named = |(name, state): &(&str, PackageState)| (name.parse().expect("a name"), state.clone());
    let files: BTreeMap<String, FileState> =
        files.iter().map(|(path, file)| ((*path).to_owned(), file.clone())).collect();
    let unzipped = files.values().map(|file| file.size).sum();
    Snapshot {
        packages: packages.iter().map(named).collect(),
        files: Some(files),
        unzipped: Some(unzipped),
        zipped: Some(unzipped / 2),
        findings: None,
        held_back: None,
    }
}

#[test]
fn the_largest_change_comes_first() {
    let old = layer(
        &[("a", package(&["1"], 10)), ("gone", package(&["1"], 50)), ("same", package(&["1"], 4))],
        &[("python/a.py", file("0123456789", 0o644, Some("a"))), ("python/same.py", file("1234", 0o644, Some("same")))],
    );
    let new = layer(
        &[("a", package(&["2"], 12)), ("big", package(&["1"], 900)), ("same", package(&["1"], 4))],
        &[
            ("python/a.py", file("0123456789ab", 0o644, Some("a"))),
            ("python/same.py", file("1243", 0o644, Some("same"))),
        ],
    );
    let difference = diff(&old, &new);
    let told: Vec<_> = difference.packages.iter().map(|package| (package.name.as_str(), package.change)).collect();
    let expected = [
        ("big", ChangeKind::Added),
        ("gone", ChangeKind::Removed),
        ("a", ChangeKind::Changed),
        ("same", ChangeKind::Files),
    ];
    assert_eq!(told, expected);
    let files: Vec<_> = difference.files.iter().flatten().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["python/a.py", "python/same.py"]);
    assert_eq!(difference.unzipped, Some(Change { old: 14, new: 16 }));
}

#[test]
fn a_mode_counts_as_far_as_a_function_sees_it() {
    let with = |mode| layer(&[], &[("bin/run", file("x", mode, None))]);
    assert!(diff(&with(0o644), &with(0o664)).is_empty());
    assert!(diff(&with(0o755), &with(0o775)).is_empty());
    let difference = diff(&with(0o644), &with(0o755));
    let mode = difference.files.iter().flatten().next().and_then(|file| file.mode.clone());
    assert_eq!(mode, Some(Change { old: "0644".to_owned(), new: "0755".to_owned() }));
    assert_eq!(difference.own_files.map(|own| own.files.changed), Some(1));
    assert!(!diff(&with(0o644), &with(0o600)).is_empty());
}

#[test]
fn a_link_is_not_the_file_of_its_targets_name() {
    let plain = layer(&[], &[("a", file("b", 0o777, None))]);
    let mut linked = plain.clone();
    if let Some(file) = linked.files.as_mut().and_then(|files| files.get_mut("a")) {
        file.content = FileContent::Link("b".to_owned());
    }
    assert_eq!(diff(&plain, &linked).files.map(|files| files.len()), Some(1));
}

#[test]
fn what_one_side_lacks_is_not_compared_and_said() {
    let full = layer(&[("a", package(&["1"], 10))], &[("a.py", file("x", 0o644, Some("a")))]);
    let lock = Snapshot {
        packages: [(
            "a".parse().expect("a name"),
            PackageState { versions: vec!["1".to_owned()], ..PackageState::default() },
        )]
        .into(),
        ..Snapshot::default()
    };
    let difference = diff(&lock, &full);
    assert!(difference.is_empty());
    let missing = |what| NotCompared { what, missing: Side::Old };
    assert_eq!(difference.not_compared, [Aspect::Unzipped, Aspect::Zipped, Aspect::Files].map(missing));
    assert_eq!(diff(&full, &lock).not_compared.first().map(|one| one.missing), Some(Side::New));
}

#[test]
fn archives_of_one_version_count_where_both_have_them() {
    let with = |archives: &[&str]| {
        let archives = archives.iter().map(|text| (*text).to_owned()).collect();
        let state = PackageState { versions: vec!["1".to_owned()], bytes: None, archives };
        Snapshot { packages: [("a".parse().expect("a name"), state)].into(), ..Snapshot::default() }
    };
    assert!(diff(&with(&["1"]), &with(&["1"])).is_empty() && diff(&with(&["1"]), &with(&[])).is_empty());
    let difference = diff(&with(&["1"]), &with(&["2"]));
    assert_eq!(difference.packages.first().map(|package| package.change), Some(ChangeKind::Files));
}

#[test]
fn a_file_that_another_package_has_now_is_a_change_of_both() {
    let with = |owner, text| {
        layer(&[("a", package(&["1"], 1)), ("b", package(&["1"], 1))], &[("x.py", file(text, 0o644, Some(owner)))])
    };
    let difference = diff(&with("a", "x"), &with("b", "y"));
    let counts: Vec<_> = difference
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package.files.map(|files| (files.added, files.removed, files.changed))))
        .collect();
    assert_eq!(counts, [("a", Some((0, 1, 0))), ("b", Some((1, 0, 0)))]);
}

#[test]
fn findings_are_gained_and_lost() {
    let with = |messages: &[&str]| Snapshot {
        findings: Some(messages.iter().map(|text| Finding::warning(Code::TagTooLow, *text)).collect()),
        ..Snapshot::default()
    };
    let findings = diff(&with(&["a", "b"]), &with(&["b", "c"])).findings.expect("both have some");
    let texts = |findings: &[Finding]| findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>();
    assert_eq!((texts(&findings.gained), texts(&findings.lost)), (vec!["c".to_owned()], vec!["a".to_owned()]));
}

prop_compose! {
    fn any_layer()(
        packages in prop::collection::btree_map("[a-d]", ("[1-3]", 0_u64..100), 0..4),
        files in prop::collection::btree_map("[a-f]", ("[xy]{0,3}", prop::option::of("[a-d]")), 0..6),
    ) -> Snapshot {
        let packages: Vec<_> =
            packages.iter().map(|(name, (version, size))| (name.as_str(), package(&[version], *size))).collect();
        let files: Vec<_> = files
            .iter()
            .map(|(path, (text, package))| (path.as_str(), file(text, 0o644, package.as_deref())))
            .collect();
        layer(&packages, &files)
    }
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(layer in any_layer()) {
        prop_assert!(diff(&layer, &layer).is_empty());
    }

    #[test]
    fn the_other_way_round_is_the_other_way_round(one in any_layer(), two in any_layer()) {
        let (there, back) = (diff(&one, &two), diff(&two, &one));
        let turned = |kind| match kind {
            ChangeKind::Added => ChangeKind::Removed,
            ChangeKind::Removed => ChangeKind::Added,
            same => same,
        };
        let names = |difference: &super::Difference, turn: bool| {
            let kind = |kind| if turn { turned(kind) } else { kind };
            let mut names: Vec<_> = difference.packages.iter().map(|p| (p.name.clone(), kind(p.change))).collect();
            names.sort();
            names
        };
        prop_assert_eq!(names(&there, false), names(&back, true));
        prop_assert_eq!(there.is_empty(), one == two || {
            // Which package a file belongs to is no difference of the layer.
            let bare = |layer: &Snapshot| {
                let mut layer = layer.clone();
                layer.files.iter_mut().flat_map(BTreeMap::values_mut).for_each(|file| file.package = None);
                layer.packages.values_mut().for_each(|package| package.bytes = None);
                layer
            };
            bare(&one) == bare(&two)
        });
        let bytes = |files: Option<Vec<super::FileChange>>| -> i128 {
            let side = |size: Option<u64>| i128::from(size.unwrap_or(0));
            files.into_iter().flatten().map(|file| side(file.new) - side(file.old)).sum()
        };
        prop_assert_eq!(bytes(there.files), there.unzipped.map_or(0, Change::grown));
    }
}

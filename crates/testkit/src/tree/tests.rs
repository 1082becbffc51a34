use fs_err as fs;
use insta::assert_snapshot;

use super::{Tree, zip_listing};
use crate::{ZipBuilder, ZipEntry, extra_field};

#[test]
fn folders_are_listed_with_sorted_paths() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir_all(folder.path().join("b/c")).expect("a folder");
    fs::write(folder.path().join("b/c/two"), b"two").expect("a file");
    fs::write(folder.path().join("b.txt"), b"").expect("a file");
    for path in ["b/c/two", "b.txt"] {
        set_mode(&folder.path().join(path));
    }
    assert_snapshot!(Tree::snapshot(folder.path()), @"
    0644 0 e3b0c44298fc b.txt
    0644 3 3fc4ccfe7458 b/c/two
    ");
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).expect("permissions of an own file");
}

#[cfg(not(unix))]
fn set_mode(_path: &std::path::Path) {}

#[cfg(unix)]
#[test]
fn links_and_modes_are_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("run"), b"#!").expect("a file");
    fs::set_permissions(folder.path().join("run"), std::fs::Permissions::from_mode(0o755)).expect("permissions");
    fs_err::os::unix::fs::symlink("run", folder.path().join("link")).expect("a link");
    assert_snapshot!(Tree::snapshot(folder.path()), @"
    link link -> run
    0755 2 3612ddaf46e1 run
    ");
}

#[test]
fn listings_step_over_extra_fields_and_comments() {
    let entry = ZipEntry::stored("a", b"a").comment("said").central(|header| header.extra = extra_field(9, b"xyz"));
    let archive = ZipBuilder::new().entry(entry).entry(ZipEntry::stored("b", b"bb").mode(0o600)).comment("PK");
    assert_snapshot!(zip_listing(&archive.build()), @"
    100644 stored 1 1 e8b7be43 1980-01-01 00:00:00 a
    100600 stored 2 2 b5ae1bae 1980-01-01 00:00:00 b
    ");
}

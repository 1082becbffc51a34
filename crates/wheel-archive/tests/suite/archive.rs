//! Any zip that Lambda unpacks: what wheels must not have is kept, everything else is as strict as for wheels.

use proptest::prelude::*;
use testkit::{ElfBuilder, Machine, ZipBuilder, ZipEntry, extra_field};
use wheel_archive::{Archive, ListedFile, entry_bytes, list_archive, read_archive};

use crate::support::line;

fn read(bytes: &[u8]) -> Result<Archive, Vec<String>> {
    let outcome = read_archive(&bytes).expect("memory can be read");
    outcome.map_err(|findings| findings.iter().map(line).collect())
}

/// As `zip -ry` writes it: folders, times and owners in extra fields, a link.
fn zipped() -> ZipBuilder {
    let by_info_zip = |entry: ZipEntry| {
        let (local, central) = (
            [extra_field(0x5455, [3; 9]), extra_field(0x7875, [1; 11])].concat(),
            [extra_field(0x5455, [3; 5]), extra_field(0x7875, [1; 11])].concat(),
        );
        entry.local(|fields| fields.extra = local).central(|fields| fields.extra = central)
    };
    let library = ElfBuilder::shared(Machine::Aarch64).soname("libx.so.1").build();
    ZipBuilder::new()
        .entry(by_info_zip(ZipEntry::directory("python/")))
        .entry(by_info_zip(ZipEntry::deflated("python/a.py", b"a = 1\n".repeat(20)).mode(0o600)))
        .entry(by_info_zip(ZipEntry::directory("lib/").mode(0o040_700)))
        .entry(by_info_zip(ZipEntry::deflated("lib/libx.so.1", library).mode(0o755).descriptor()))
        .entry(by_info_zip(ZipEntry::symlink("lib/libx.so", "libx.so.1")))
        .entry(by_info_zip(ZipEntry::stored("made-on-windows.txt", b"x").external_attributes(0x20).made_by(0)))
}

#[test]
fn modes_folders_links_and_native_code_are_kept() {
    let bytes = zipped().build();
    let archive = read(&bytes).expect("sound");
    let files: Vec<_> = archive
        .files
        .iter()
        .map(|file| (file.entry.path.as_str(), file.mode, file.link.as_deref(), file.entry.binary.is_some()))
        .collect();
    assert_eq!(
        files,
        [
            ("lib/libx.so", Some(0o777), Some("libx.so.1"), false),
            ("lib/libx.so.1", Some(0o755), None, true),
            ("made-on-windows.txt", None, None, false),
            ("python/a.py", Some(0o600), None, false),
        ]
    );
    let folders: Vec<_> = archive.folders.iter().map(|folder| (folder.path.as_str(), folder.mode)).collect();
    assert_eq!(folders, [("lib", Some(0o700)), ("python", Some(0o755))]);
    assert_eq!(archive.warnings, []);
    // What nobody may do in a wheel, and Info-ZIP's -c does.
    assert!(read(&zipped().entry(ZipEntry::stored("python/b.py", b"").comment("hello")).build()).is_ok());
    assert_eq!(entry_bytes(&bytes, &archive.files[3].entry).expect("sound"), b"a = 1\n".repeat(20));
}

#[test]
fn a_listing_names_the_same_files_and_tells_where_every_byte_goes() {
    let bytes = zipped().build();
    let archive = read(&bytes).expect("sound");
    let listing = list_archive(&bytes).expect("memory can be read").expect("sound");
    let listed = listing.files.iter().map(|file| (file.path(), file.size(), file.mode(), file.is_link()));
    let whole = archive.files.iter();
    assert!(listed.eq(whole.map(|file| (&file.entry.path, file.entry.size, file.mode, file.link.is_some()))));
    for (listed, file) in listing.files.iter().zip(&archive.files) {
        let inflated = listed.bytes(&bytes).expect("memory can be read").expect("sound");
        assert_eq!(inflated, entry_bytes(&bytes, &file.entry).expect("sound"));
    }
    // Two folders with their headers, names and extra fields, and the end record belong to no file.
    let folders = ["python/", "lib/"].iter().map(|name| 2 * (name.len() + 4 + 11 + 4) + 9 + 5 + 30 + 46).sum::<usize>();
    let zipped: u64 = listing.files.iter().map(ListedFile::zipped).sum();
    assert_eq!(zipped + folders as u64 + 22, bytes.len() as u64);
}

#[test]
fn a_listing_is_of_a_sound_directory_and_entries_are_held_against_it_when_they_are_read() {
    let before = zipped().prefix(b"#!/bin/sh\n").build();
    assert!(list_archive(&before).expect("memory can be read").is_err());
    let wrong_crc = ZipEntry::deflated("a.py", b"a = 1").both(|fields| fields.crc32 ^= 1);
    let other_name = ZipEntry::deflated("b.py", b"b = 1").local(|fields| fields.name = b"c.py".to_vec());
    let bytes = ZipBuilder::new().entry(wrong_crc).entry(other_name).build();
    let listing = list_archive(&bytes).expect("memory can be read").expect("sound as far as it was read");
    for file in &listing.files {
        let refused = file.bytes(&bytes).expect("memory can be read").expect_err("refused");
        assert_eq!(refused[0].entry.as_deref(), Some(file.path().as_str()));
    }
}

#[test]
fn names_beyond_ascii_without_a_flag_are_read_and_warned_of() {
    let name = |name: &str| ZipEntry::stored(name, b"").both(|fields| fields.flags = 0);
    let archive = read(&zipped().entry(name("python/ä")).entry(name("python/ö")).build()).expect("sound");
    let warnings: Vec<_> = archive.warnings.iter().map(line).collect();
    assert_eq!(
        warnings,
        [
            "LP208 warning python/ä: a name with letters beyond ASCII that is not flagged as UTF-8; 1 more names too: it is \
          read as UTF-8 here"
        ]
    );
    assert_eq!(read(&zipped().entry(ZipEntry::stored("python/ä", b"")).build()).expect("sound").warnings, []);
}

#[test]
fn what_has_two_readings_or_none_is_refused() {
    let refused = |bytes: &[u8], expected: &str| {
        let findings = read(bytes).expect_err(expected);
        assert!(findings[0].starts_with(expected), "{findings:?}");
    };
    refused(b"<html>", "LP514 error a web page, not a zip archive: starts with `<html>`");
    refused(&zipped().entry(ZipEntry::stored("../x", b"")).build(), "LP208 error ../x:");
    refused(&zipped().entry(ZipEntry::stored("python\\x.py", b"")).build(), "LP208 error python\\\\x.py:");
    refused(&zipped().entry(ZipEntry::stored("lib/libx.so.1", b"")).build(), "LP209 error lib/libx.so.1:");
    refused(
        &zipped().entry(ZipEntry::stored("pipe", b"").mode(0o010_644)).build(),
        "LP210 error pipe: the entry is a named pipe",
    );
    refused(
        &zipped().entry(ZipEntry::symlink("python/l/", "a")).build(),
        "LP210 error python/l/: the entry is a link by its mode",
    );
    refused(
        &zipped().entry(ZipEntry::symlink("l", "")).build(),
        "LP210 error l: a symbolic link with a target of 0 bytes",
    );
    refused(
        &zipped().entry(ZipEntry::symlink("l", &"a".repeat(5000))).build(),
        "LP210 error l: a symbolic link with a target",
    );
    refused(
        &zipped().entry(ZipEntry::symlink("l", "a\0b")).build(),
        "LP210 error l: a symbolic link whose target is not",
    );
    let wrong_crc = ZipEntry::stored("a.py", b"a = 1").both(|fields| fields.crc32 ^= 1);
    refused(&zipped().entry(wrong_crc).build(), "LP206 error a.py:");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_bytes_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = zipped().build();
        for (index, byte) in changes {
            *index.get_mut(&mut bytes) = byte;
        }
        let _outcome = read(&bytes);
        let listed = list_archive(&bytes).expect("memory can be read");
        for file in listed.into_iter().flat_map(|listing| listing.files) {
            let _inflated = file.bytes(&bytes).expect("memory can be read");
        }
    }
}

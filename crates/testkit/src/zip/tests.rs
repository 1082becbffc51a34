//! The archive as another reader, the `zip` crate, sees it where it is right, and byte by byte where it is wrong.

use std::io::{Cursor, Read as _};

use insta::assert_snapshot;
use zip::{ZipArchive, result::ZipResult};

use super::{METHOD_DEFLATED, ZipBuilder, ZipEntry, deflate, extra_field};
use crate::zip_listing;

fn read(bytes: &[u8]) -> ZipResult<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index)?;
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            Ok((file.name()?.into_owned(), content))
        })
        .collect()
}

fn two() -> ZipBuilder {
    ZipBuilder::new().entry(ZipEntry::stored("a.txt", b"alpha")).entry(ZipEntry::deflated("b.txt", [b'b'; 500]))
}

fn two_contents() -> Vec<(String, Vec<u8>)> {
    vec![("a.txt".to_owned(), b"alpha".to_vec()), ("b.txt".to_owned(), vec![b'b'; 500])]
}

#[test]
fn right_archives_are_read_alike() {
    let long = |entry: ZipEntry| entry.descriptor_with(|descriptor| descriptor.zip64 = true).zip64();
    let archives = [
        ("plain", two()),
        ("descriptors", two().edit("a.txt", ZipEntry::descriptor).edit("b.txt", ZipEntry::descriptor)),
        ("no signature", two().edit("b.txt", |entry| entry.descriptor_with(|descriptor| descriptor.signature = false))),
        ("zip64 entry", two().edit("b.txt", ZipEntry::zip64)),
        ("zip64 end", two().zip64_end()),
        ("zip64 descriptor", two().edit("b.txt", long)),
        ("prefix", two().prefix(b"#!/bin/sh\n")),
        ("prepended", two().prepend(b"#!/bin/sh\n")),
        ("comment", two().comment("said of it")),
        (
            "extra",
            two().edit("a.txt", |entry| entry.both(|fields| fields.extra = extra_field(0x5455, [1, 0, 0, 0, 0]))),
        ),
    ];
    for (case, archive) in archives {
        assert_eq!(read(&archive.build()).ok(), Some(two_contents()), "{case}");
    }
}

#[test]
fn modes_dates_and_kinds_are_in_the_directory() {
    let archive = ZipBuilder::new()
        .entry(ZipEntry::directory("bin/"))
        .entry(ZipEntry::stored("bin/run", b"#!").mode(0o755).modified((2024, 5, 6), (7, 8, 10)))
        .entry(ZipEntry::symlink("bin/link", "run"))
        .entry(ZipEntry::deflated("text", [b't'; 100]));
    assert_snapshot!(zip_listing(&archive.build()), @"
    040755 stored 0 0 00000000 1980-01-01 00:00:00 bin/
    100755 stored 2 2 b31975c0 2024-05-06 07:08:10 bin/run
    120777 stored 3 3 5076a4c0 1980-01-01 00:00:00 bin/link
    100644 deflated 6 100 1a5935b0 1980-01-01 00:00:00 text
    ");
}

#[test]
fn headers_are_set_apart() {
    let archive = two().edit("a.txt", |entry| {
        entry.local(|header| header.name = b"z.txt".to_vec()).central(|header| header.crc32 = 0x1234_5678)
    });
    let bytes = archive.build();
    assert_eq!(&bytes[30..35], b"z.txt");
    assert_eq!(bytes[14..18], crc32fast::hash(b"alpha").to_le_bytes());
    assert!(zip_listing(&bytes).contains("12345678 1980-01-01 00:00:00 a.txt"));
    assert!(read(&bytes).is_err(), "a reader that checks CRCs must refuse");
}

#[test]
fn a_wrong_descriptor_leaves_the_directory_right() {
    let archive = two().edit("a.txt", |entry| entry.descriptor_with(|descriptor| descriptor.crc32 = 7));
    let bytes = archive.build();
    assert_eq!(bytes[14..26], [0; 12], "the local header leaves crc and sizes to the descriptor");
    assert_eq!(bytes[40..48], *b"PK\x07\x08\x07\0\0\0");
    assert_eq!(bytes[6] & 8, 8);
    assert_eq!(zip_listing(&bytes), zip_listing(&two().build()));
}

#[test]
fn entries_may_be_in_one_place_only() {
    let hidden = ZipEntry::stored("hidden", b"?").without_central();
    let ghost = ZipEntry::stored("ghost", b"!").without_local();
    let bytes = two().entry(hidden).entry(ghost).build();
    let listing = zip_listing(&bytes);
    assert!(!listing.contains("hidden") && listing.contains("ghost"));
    assert_eq!(bytes.windows(4).filter(|window| window == b"PK\x03\x04").count(), 3);
    assert_eq!(bytes.windows(4).filter(|window| window == b"PK\x01\x02").count(), 3);
}

#[test]
fn order_offsets_and_gaps_are_free() {
    let bytes = two().gap(b"nothing of anyone").directory_order([1, 0, 1]).build();
    let names: Vec<_> =
        zip_listing(&bytes).lines().filter_map(|line| line.split(' ').next_back().map(str::to_owned)).collect();
    assert_eq!(names, ["b.txt", "a.txt", "b.txt"]);
    let twin = ZipEntry::stored("twin", b"alpha").without_local().offset_of(0);
    assert_eq!(twin.local_header(), b"");
    let bytes = two().entry(twin).build();
    let record = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a central record");
    assert_eq!(bytes[record + 42..record + 46], [0; 4], "the twin's offset is that of the first entry");
}

#[test]
fn end_records_can_be_wrong_and_doubled() {
    let bytes = two().end(|end| end.entries = 7).second_end(|end| end.entries = 1).trailing(b"\0\0").build();
    let ends: Vec<_> = bytes.windows(4).enumerate().filter(|(_, window)| window == b"PK\x05\x06").collect();
    let counts: Vec<_> = ends.iter().map(|(at, _)| bytes[at + 10]).collect();
    assert_eq!(counts, [7, 1]);
    assert!(bytes.ends_with(b"\0\0"));

    let bytes = two().zip64_end_with(|end| end.locator_offset += 1).build();
    assert!(bytes.windows(4).any(|window| window == b"PK\x06\x06"));
    assert!(read(&bytes).is_err(), "the locator leads nowhere");
    assert!(read(&two().without_end().build()).is_err());
}

/// The quoted overlap of the "better zip bomb": the first entry's deflate stream holds the second one's local header in
/// a stored block and then runs on into its data.
#[test]
fn entries_can_overlap() {
    let kernel = deflate(&[0; 1000]);
    let inner = ZipEntry::raw("inner", METHOD_DEFLATED, &kernel, crc32fast::hash(&[0; 1000]), 1000);
    let header = inner.local_header();
    let length = u16::try_from(header.len()).expect("a short header");
    let quote = [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
    let content = [header.clone(), vec![0; 1000]].concat();
    let compressed = u32::try_from(quote.len() + header.len() + kernel.len()).expect("a short stream");
    let outer = ZipEntry::raw("outer", METHOD_DEFLATED, &quote, crc32fast::hash(&content), content.len())
        .both(|fields| fields.compressed = compressed);

    let bytes = ZipBuilder::new().entry(outer).entry(inner).build();
    // This reader does not look for overlaps unless asked to, which makes it a witness that both entries are sound.
    assert_eq!(read(&bytes).ok(), Some(vec![("outer".to_owned(), content), ("inner".to_owned(), vec![0; 1000])]));
}

#[test]
fn a_tail_behind_the_stream_counts_as_compressed() {
    let bytes = two().edit("b.txt", |entry| entry.data_tail(deflate(b"second stream"))).build();
    let plain = two().build();
    assert_eq!(bytes.len(), plain.len() + deflate(b"second stream").len());
}

//! What stands around the entries: end records, zip64, bytes that belong to nobody, counts and limits. The bad inputs 22 to
//! 27, 29 and 37 to 40, by their numbers.

use testkit::{WheelBuilder, ZipBuilder, ZipEntry, deflate, zip64_extra};
use wheel_archive::Inspection;

use crate::support::{FOO, foo, line, look, malformed, refused, sound, with};

#[test]
fn bytes_before_between_and_behind() {
    let zip = || foo().zip();
    let inner = ZipBuilder::new().entry(ZipEntry::stored("a", b"b")).build();
    refused(&[
        ("22", zip().second_end(|_| {}).build(), "LP202 error the central directory should be"),
        ("23", zip().comment(&inner).build(), "LP202 error"),
        (
            "23 header only",
            zip().comment(b"PK\x03\x04").build(),
            "LP202 error the archive's comment holds a zip record",
        ),
        ("24", zip().trailing("x").build(), "LP202 error 1 bytes follow the end of the archive"),
        ("24", zip().trailing([vec![0; 10], b"x".to_vec()].concat()).build(), "LP202 error 11 bytes follow"),
        ("25", zip().prefix("#!/bin/sh\n").build(), "LP202 error 10 bytes stand before the first entry"),
        ("25", zip().prepend("#!/bin/sh\n").build(), "LP202 error the central directory should be"),
        ("25 a zip before a zip", zip().prefix(&inner).build(), "LP202 error"),
        (
            "gap",
            zip().gap("x").build(),
            "LP204 error foo-1.0.dist-info/RECORD: 1 bytes behind the entry belong to none",
        ),
        ("gap", zip().before_directory("x").build(), "LP204 error"),
        ("gap", zip().after_directory("x").build(), "LP202 error"),
        (
            "comment",
            zip().comment("x").end(|end| end.comment_length = Some(2)).build(),
            "LP202 error the archive's comment reaches past",
        ),
        ("comment", zip().comment("xy").end(|end| end.comment_length = Some(1)).build(), "LP202 error 1 bytes follow"),
        ("spread", zip().end(|end| end.disk = 1).build(), "LP202 error the archive is spread over several disks"),
        ("spread", with(ZipEntry::stored("foo/x", b"").disk(1)), "LP202 error foo/x: the entry is on another disk"),
        ("count", zip().end(|end| (end.entries, end.entries_here) = (3, 3)).build(), "LP202 error"),
        ("count", zip().end(|end| (end.entries, end.entries_here) = (5, 5)).build(), "LP202 error record 4"),
        (
            "an entry's comment",
            with(ZipEntry::stored("foo/x", b"").comment("hello")),
            "LP202 error foo/x: the entry has a comment in the central directory",
        ),
        ("order", zip().directory_order([0, 1, 2, 3, 3]).build(), "LP209 error"),
    ]);

    // 24: padding is seen on PyPI; a comment and another order of the directory are no second reading.
    for fine in [
        zip().trailing(vec![0; 300]).build(),
        zip().comment("made by hand").build(),
        zip().comment("made by hand").trailing([0]).build(),
        zip().directory_order([3, 2, 1, 0]).build(),
    ] {
        assert_eq!(sound(FOO, &fine).entries.len(), 4);
    }
}

#[test]
fn an_end_record_inside_a_stored_file_is_data() {
    let inner = ZipBuilder::new().entry(ZipEntry::stored("a", b"b")).build();
    let wheel = |inner: &[u8]| WheelBuilder::new("foo", "1.0").file("foo/data.zip", inner).stored();
    assert_eq!(sound(FOO, &wheel(&inner).build()).entries.len(), 4);

    // Unless its comment reaches exactly to the end of the wheel: then some readers take it for the wheel's own.
    let reaching = |by: u16| {
        let inner = ZipBuilder::new().entry(ZipEntry::stored("a", b"b")).end(move |end| end.comment_length = Some(by));
        wheel(&inner.build()).build()
    };
    let behind = reaching(0).windows(4).position(|window| window == b"PK\x05\x06").expect("the inner record") + 22;
    let by = u16::try_from(reaching(0).len() - behind).expect("a short comment");
    let first = line(&malformed(FOO, &reaching(by))[0]);
    assert_eq!(first, "LP202 error two end-of-central-directory records claim the end of the archive");
    assert_eq!(sound(FOO, &reaching(by - 1)).entries.len(), 4);
}

#[test]
fn zip64_records() {
    let zip = || foo().zip();
    let entry = || ZipEntry::deflated("foo/x", b"hello hello hello");
    refused(&[
        (
            "26",
            zip().zip64_end_with(|end| end.locator_offset -= 1).build(),
            "LP212 error the zip64 end locator does not point",
        ),
        (
            "26",
            zip().zip64_end_with(|end| end.locator_offset = u64::MAX).build(),
            "LP212 error the zip64 end locator does not point",
        ),
        (
            "26",
            zip().zip64_end_with(|end| end.locator_disk = 1).build(),
            "LP212 error the zip64 end locator refers to another",
        ),
        ("26", zip().zip64_end_with(|end| end.locator = false).build(), "LP202 error"),
        ("27", zip().zip64_end_with(|end| end.extensible = vec![0; 4]).build(), "LP212 error"),
        (
            "27",
            zip().zip64_end_with(|end| end.record_size = Some(48)).build(),
            "LP212 error the zip64 end record is damaged",
        ),
        ("disks", zip().zip64_end_with(|end| end.disk = 1).build(), "LP212 error the zip64 end record is damaged"),
        (
            "both ends",
            zip().zip64_end().end(|end| end.entries = 3).build(),
            "LP212 error the zip64 end record and the plain",
        ),
        ("both ends", zip().zip64_end_with(|end| end.directory_offset += 1).build(), "LP202 error"),
        (
            "sentinel alone",
            with(entry().both(|fields| fields.size = u32::MAX)),
            "LP212 error foo/x: a size or offset refers to a zip64 extra field that does not hold it",
        ),
        (
            "extra alone",
            with(entry().both(|fields| fields.extra = zip64_extra(&[18]))),
            "LP212 error foo/x: the zip64 extra field holds other sizes or offsets than the header",
        ),
        (
            "one value too many",
            with(entry().zip64().both(|fields| fields.extra = zip64_extra(&[17, 14, 0, 0]))),
            "LP212 error foo/x: the zip64 extra field holds more",
        ),
        (
            "twice",
            with(entry().both(|fields| fields.extra = [zip64_extra(&[]), zip64_extra(&[])].concat())),
            "LP203 error foo/x: an extra field that may stand once stands twice",
        ),
    ]);
    // Bazel repeats the sizes of every local header in a zip64 field: protobuf's and selenium's wheels are made so.
    let repeats = |entry: ZipEntry| {
        entry.local(|fields| fields.extra = zip64_extra(&[fields.size.into(), fields.compressed.into()]))
    };
    for fine in [
        zip().zip64_end().build(),
        zip().edit("foo/__init__.py", ZipEntry::zip64).zip64_end().build(),
        zip().edit("foo/__init__.py", repeats).build(),
    ] {
        assert_eq!(sound(FOO, &fine).entries.len(), 4);
    }
}

#[test]
fn overlapping_entries_are_refused_before_anything_is_inflated() {
    // 29: each entry's data quote the headers of those behind it, so that all share one kernel.
    let kernel = ZipEntry::deflated("c", vec![0; 1 << 20]);
    let quoting = |name: &str, quoted: &[u8]| {
        let stored_block = |bytes: &[u8]| {
            let len = u16::try_from(bytes.len()).expect("a short block");
            [&[0], &len.to_le_bytes()[..], &(!len).to_le_bytes()[..], bytes].concat()
        };
        let data = [stored_block(quoted), deflate(&vec![0; 1 << 20])].concat();
        let entry = ZipEntry::raw(name, 8, &data, 0, quoted.len() + (1 << 20));
        entry.data(stored_block(&[]))
    };
    let quoted = kernel.local_header();
    let bomb = ZipBuilder::new().entry(quoting("a", &quoted)).entry(quoting("b", &quoted)).entry(kernel).build();
    let findings = malformed(FOO, &bomb);
    assert!(findings.iter().all(|finding| finding.code.number() == 204), "{findings:#?}");

    refused(&[("29", foo().zip().entry(ZipEntry::stored("foo/x", b"").offset_of(0)).build(), "LP204 error")]);
}

#[test]
fn bombs_and_counts() {
    // 37: said openly, it is refused before anything is inflated; hidden, it stops at the promised size.
    let zeros = deflate(&vec![0; 8 << 20]);
    let bomb = (0..3).fold(foo().zip(), |zip, number| {
        let entry = ZipEntry::raw(format!("foo/{number}"), 8, &zeros, 0, 0);
        zip.entry(entry.both(|fields| fields.size = u32::MAX - 1))
    });
    refused(&[
        ("37", bomb.build(), "LP211 error the archive says it inflates to 12884"),
        (
            "37",
            with(ZipEntry::raw("foo/x", 8, &zeros, 0, 100)),
            "LP206 error foo/x: the data inflate to more than the 100 bytes",
        ),
        (
            "39",
            ZipBuilder::new()
                .zip64_end_with(|end| (end.entries, end.entries_here) = (0xffff_ffff, 0xffff_ffff))
                .build(),
            "LP211 error the archive lists 4294967295 entries in 0 bytes",
        ),
        (
            "39 below the limit",
            ZipBuilder::new().zip64_end_with(|end| (end.entries, end.entries_here) = (200_000, 200_000)).build(),
            "LP202 error 200000 entries cannot be listed in 0 bytes",
        ),
    ]);
    let findings = malformed(FOO, &bomb.build());
    assert!(findings[0].message.contains("262,144,000"), "{findings:?}");
}

#[test]
fn more_entries_than_a_plain_zip_can_list() {
    // 38: accepted; whether a layer can hold them is for the layer to say.
    let many =
        (0..65_600).fold(WheelBuilder::new("foo", "1.0"), |wheel, number| wheel.file(&format!("foo/{number}"), b""));
    let bytes = many.stored().zip().zip64_end().build();
    assert_eq!(sound(FOO, &bytes).entries.len(), 65_603);
}

#[test]
fn files_that_are_no_archives() {
    // 40
    let tar_and_zip = [b"foo/\0\0\0\0ustar".as_slice(), &foo().build()].concat();
    let cut = foo().build();
    refused(&[
        ("40", vec![], "LP201 error the file is empty"),
        ("40", b"P".to_vec(), "LP201 error not a zip archive: starts with `P`"),
        (
            "40",
            b"<!DOCTYPE html>\n<html><title>Sign in</title></html>".to_vec(),
            "LP514 error a web page, not a zip archive: starts with `<!DOCTYPE html>\\n<html><t`",
        ),
        ("40", tar_and_zip, "LP202 error"),
        ("40 gzip", b"\x1f\x8b\x08\x00\x00\x00".to_vec(), "LP201 error not a zip archive but gzip data"),
        ("cut short", cut[..cut.len() / 2].to_vec(), "LP201 error the archive is cut short"),
        (
            "cut in the end record",
            cut[..cut.len() - 1].to_vec(),
            "LP202 error the end-of-central-directory record is cut",
        ),
    ]);
    let page = malformed(FOO, b"\n<html>Sign in");
    assert_eq!(page[0].help.as_deref(), Some("is the index or a proxy returning a login page?"));
}

#[test]
fn every_truncation_is_refused() {
    let wheel = foo().build();
    for end in 0..wheel.len() {
        assert!(matches!(look(FOO, &wheel[..end]), Inspection::Malformed(_)), "{end} bytes");
    }
}

//! What each entry is: its name, kind, headers and data. The bad inputs 1 to 21, 28 and 30 to 36, by their numbers.

use testkit::{WheelBuilder, ZipEntry, deflate, extra_field};

use crate::support::{FOO, foo, line, refused, sound, with};

fn named(name: impl AsRef<[u8]>) -> Vec<u8> {
    with(ZipEntry::stored(name, b"evil"))
}

#[test]
fn names_that_escape_or_cannot_be_told() {
    let over_long = "a/".repeat(3000) + "b";
    refused(&[
        ("1", named("../evil.py"), "LP208 error ../evil.py: refused: `../evil.py` leaves its folder by `..`"),
        ("2", named("/abs.py"), "LP208 error /abs.py: refused: `/abs.py` is an absolute path"),
        ("3", named("C:\\x.py"), "LP208 error C:\\\\x.py: refused: `C:\\\\x.py` has a backslash"),
        ("3", named("C:x.py"), "LP208 error C:x.py: refused: `C:x.py` has a drive letter"),
        ("4", named("a\\..\\..\\b.py"), "LP208 error a\\\\..\\\\..\\\\b.py: refused: "),
        ("5", named("../python-x/f"), "LP208 error ../python-x/f: refused: "),
        ("6", named(".."), "LP208 error ..: refused: `..` leaves its folder"),
        ("6", named("../"), "LP208 error ../: refused: `..` leaves its folder"),
        ("6", named("."), "LP208 error .: refused: `.` has the component `.`"),
        ("6", named(""), "LP208 error : refused: `` is empty"),
        ("6", named("/"), "LP208 error /: refused: `` is empty"),
        ("6", named("//"), "LP208 error //: refused: `/` is an absolute path"),
        ("6", named("a//b"), "LP208 error a//b: refused: `a//b` has an empty component"),
        ("7", named("a\0b.py"), "LP208 error a\\0b.py: refused: `a\\0b.py` has a NUL character"),
        ("8", named("a\nb.py"), "LP208 error a\\nb.py: refused: `a\\nb.py` has a control character"),
        ("9", named(b"caf\x82.py"), "LP208 error caf\u{fffd}.py: the name is not UTF-8"),
        (
            "9",
            with(ZipEntry::stored("café.py", b"").both(|fields| fields.flags = 0)),
            "LP208 error café.py: a name with letters beyond ASCII that is not flagged as UTF-8",
        ),
        (
            "10",
            with(ZipEntry::stored(b"caf\x82.py", b"").both(|fields| fields.flags = 1 << 11)),
            "LP208 error caf\u{fffd}.py: the name is not UTF-8",
        ),
        ("6", named(over_long), "LP208 error a/a/a/"),
        ("6", named("a".repeat(256)), "LP208 error aaa"),
    ]);
}

#[test]
fn names_that_only_case_tells_apart_are_a_warning() {
    // 11: Lambda's file system keeps them apart.
    let wheel = WheelBuilder::new("foo", "1.0").file("foo/Ä.py", b"1").file("foo/ä.py", b"2").file("foo/b.py", b"3");
    let warnings: Vec<String> = sound(FOO, &wheel.build()).warnings.iter().map(line).collect();
    assert_eq!(
        warnings,
        ["LP209 warning foo/ä.py: differs from `foo/Ä.py` by case only: one of them is lost on macOS and Windows"]
    );
    // One letter, and a letter with an accent behind it.
    let wheel = WheelBuilder::new("foo", "1.0").file("foo/\u{e9}.py", b"1").file("foo/e\u{301}.py", b"2");
    let warnings: Vec<String> = sound(FOO, &wheel.build()).warnings.iter().map(line).collect();
    assert_eq!(
        warnings,
        [
            "LP209 warning foo/\u{e9}.py: differs from `foo/e\u{301}.py` by how Unicode spells its letters only: one of them is \
         lost on macOS and Windows"
        ]
    );
}

#[test]
fn links_and_special_files() {
    let mode = |mode| with(ZipEntry::stored("foo/x", b"/etc/passwd").mode(mode));
    refused(&[
        (
            "12",
            with(ZipEntry::symlink("foo/x", "/etc")),
            "LP210 error foo/x: the entry is a symbolic link (mode 120777)",
        ),
        (
            "13",
            foo().zip().first(ZipEntry::stored("x/passwd", b"")).first(ZipEntry::symlink("x", "/etc")).build(),
            "LP210 error x: the entry is a symbolic link",
        ),
        ("14", mode(0o010_644), "LP210 error foo/x: the entry is a named pipe"),
        ("14", mode(0o020_644), "LP210 error foo/x: the entry is a device"),
        ("14", mode(0o060_644), "LP210 error foo/x: the entry is a device"),
        ("14", mode(0o140_644), "LP210 error foo/x: the entry is a socket"),
        ("14", mode(0o170_644), "LP210 error foo/x: the entry is of no known kind"),
        ("14", mode(0o040_755), "LP210 error foo/x: the entry is a folder by its mode, a file by its name"),
        (
            "12 from DOS",
            with(ZipEntry::symlink("foo/x", "/etc").made_by(20)),
            "LP210 error foo/x: the entry is a symbolic link",
        ),
    ]);
}

#[test]
fn attributes_of_other_systems_are_no_modes() {
    let amiga = |mode: u32| {
        foo().zip().edit("foo/__init__.py", |entry| entry.external_attributes(mode << 16).made_by(0x0114)).build()
    };
    assert_eq!(sound(FOO, &amiga(0o170_644)).entries.len(), 4);
    // What says that it is a link is none the less taken for one by some.
    refused(&[("12 from Amiga", amiga(0o120_777), "LP210 error foo/__init__.py: the entry is a symbolic link")]);
}

#[test]
fn one_name_stands_once() {
    let twice = |first: &[u8], second: &[u8]| {
        foo().zip().first(ZipEntry::stored("foo/x", first)).first(ZipEntry::stored("foo/x", second)).build()
    };
    let message = "LP209 error foo/x: the archive holds two entries of this name";
    refused(&[
        ("15", twice(b"1", b"2"), message),
        ("16", twice(b"1", b"1"), message),
        (
            "a file and a folder of one name",
            foo().zip().first(ZipEntry::stored("foo/x", b"")).first(ZipEntry::directory("foo/x/")).build(),
            message,
        ),
        (
            "a file with files in it",
            foo().zip().first(ZipEntry::stored("foo/x", b"")).first(ZipEntry::stored("foo/x/y", b"")).build(),
            "LP209 error foo/x: a file, and the folder of `foo/x/y` too",
        ),
    ]);
}

#[test]
fn headers_that_disagree() {
    let entry = || ZipEntry::deflated("foo/x", b"hello hello hello");
    refused(&[
        (
            "17",
            with(entry().local(|header| header.name = b"foo/y".to_vec())),
            "LP203 error foo/x: the entry's own header calls it `foo/y`",
        ),
        ("18", with(entry().local(|header| header.size += 1)), "LP203 error foo/x: the entry's own header says"),
        ("18", with(entry().local(|header| header.compressed -= 1)), "LP203 error foo/x: the entry's own header says"),
        ("18", with(entry().local(|header| header.size = 0)), "LP203 error foo/x: the entry's own header says"),
        ("19", with(entry().both(|header| header.crc32 ^= 1)), "LP206 error foo/x: the data have the CRC-32"),
        (
            "19",
            with(entry().local(|header| header.crc32 ^= 1)),
            "LP203 error foo/x: the entry's own header has another CRC-32",
        ),
        (
            "method",
            with(entry().local(|header| header.method = 0)),
            "LP203 error foo/x: the entry's own header has another",
        ),
        (
            "flags",
            with(entry().local(|header| header.flags |= 1)),
            "LP203 error foo/x: the entry's own header has another",
        ),
        ("20", with(entry().without_central()), "LP202 error"),
        (
            "20 in between",
            foo().zip().entry(entry().without_central()).build(),
            "LP204 error foo-1.0.dist-info/RECORD: 45 bytes behind the entry belong to none",
        ),
        ("21", with(entry().without_local()), "LP204 error"),
        (
            "21 pointing to text",
            with(entry().local(|header| header.signature = *b"PK\x03\x05")),
            "LP203 error foo/x: there is no local header at 0",
        ),
    ]);
}

#[test]
fn extra_fields() {
    let unicode = |name: &[u8], crc: u32| extra_field(0x7075, [&[1], &crc.to_le_bytes()[..], name].concat());
    let same = unicode(b"foo/x", crc32_of(b"foo/x"));
    let entry = |extra: Vec<u8>| with(ZipEntry::stored("foo/x", b"").both(|fields| fields.extra.clone_from(&extra)));
    let another = "LP208 error foo/x: a Unicode path extra field gives the entry another name";
    refused(&[
        ("28", entry([same.clone(), same.clone()].concat()), "LP203 error foo/x: an extra field that may stand once"),
        ("28", entry(unicode(b"foo/y", crc32_of(b"foo/x"))), another),
        ("28", entry(unicode(b"foo/x", 1)), another),
        ("28", entry(extra_field(0x7075, b"\x01")), another),
        ("three bytes", entry(b"   ".to_vec()), "LP203 error foo/x: extra fields are cut short"),
        ("too long", entry(b"up\x09\x00abc".to_vec()), "LP203 error foo/x: extra fields are cut short"),
        (
            "in the local header only",
            with(ZipEntry::stored("foo/x", b"").local(|fields| fields.extra = unicode(b"foo/y", 1))),
            another,
        ),
    ]);
    let fine = foo().zip().edit("foo/__init__.py", |entry| {
        let name = unicode(b"foo/__init__.py", crc32_of(b"foo/__init__.py"));
        entry.both(|fields| fields.extra = [name.clone(), extra_field(0x5455, b"\x00")].concat())
    });
    assert_eq!(sound(FOO, &fine.build()).entries.len(), 4);
}

/// CRC-32 of a name, by way of an entry that holds it.
fn crc32_of(bytes: &[u8]) -> u32 {
    let mut crc = 0;
    let _entry = ZipEntry::stored("x", bytes).central(|fields| crc = fields.crc32);
    crc
}

#[test]
fn data_descriptors() {
    // 30: right ones are accepted, with and without signature, in both widths, with and without the local sizes.
    for zip64 in [false, true] {
        for signature in [false, true] {
            let wheel = foo().zip().edit("foo/__init__.py", |entry| {
                entry.descriptor_with(|descriptor| (descriptor.signature, descriptor.zip64) = (signature, zip64))
            });
            assert_eq!(sound(FOO, &wheel.build()).entries.len(), 4, "{signature} {zip64}");
        }
    }
    assert_eq!(sound(FOO, &foo().descriptors().build()).entries.len(), 4);
    assert_eq!(sound(FOO, &foo().stored().descriptors().build()).entries.len(), 4);

    // 31
    let entry = || ZipEntry::deflated("foo/x", b"hello hello hello");
    let message = "LP205 error foo/x: the data descriptor behind the entry disagrees with the central directory";
    refused(&[
        ("31", with(entry().descriptor_with(|descriptor| descriptor.crc32 ^= 1)), message),
        ("31", with(entry().descriptor_with(|descriptor| descriptor.size += 1)), message),
        ("31", with(entry().descriptor_with(|descriptor| descriptor.compressed += 1)), message),
        (
            "31",
            with(entry().descriptor_with(|descriptor| (descriptor.signature, descriptor.size) = (false, 0))),
            message,
        ),
        (
            "31 zip64",
            with(entry().descriptor_with(|descriptor| (descriptor.zip64, descriptor.size) = (true, 18))),
            message,
        ),
        ("31 none", with(entry().both(|fields| fields.flags |= 1 << 3)), message),
        (
            "31 unflagged",
            with(entry().descriptor().both(|fields| fields.flags = 0)),
            "LP203 error foo/x: the entry's own header says 0 bytes",
        ),
    ]);
}

#[test]
fn data_that_are_not_what_was_promised() {
    let text = b"print('benign')\n# and what nobody sees";
    let deflated = deflate(text);
    let crc = crc32_of(text);
    let raw = |data: &[u8], crc, size| with(ZipEntry::raw("foo/x", 8, data, crc, size));
    refused(&[
        (
            "32",
            raw(&deflated, crc32_of(&text[..15]), 15),
            "LP206 error foo/x: the data inflate to more than the 15 bytes",
        ),
        (
            "33",
            raw(&[&deflated[..], &deflated].concat(), crc, text.len()),
            "LP206 error foo/x: 40 bytes follow the end of the deflate stream",
        ),
        (
            "33",
            raw(&[&deflated[..], b"garbage"].concat(), crc, text.len()),
            "LP206 error foo/x: 7 bytes follow the end",
        ),
        ("34", raw(&deflated[..10], crc, text.len()), "LP206 error foo/x: the deflate stream is cut short"),
        ("34", raw(b"", 0, 0), "LP206 error foo/x: the deflate stream is cut short"),
        ("34", raw(b"\x07", 0, 0), "LP206 error foo/x: the deflate stream is damaged"),
        (
            "stored",
            with(ZipEntry::stored("foo/x", b"abc").both(|fields| fields.size = 2)),
            "LP206 error foo/x: stored without compression as 3 bytes, but said to be 2",
        ),
        (
            "folder",
            with(ZipEntry::stored("foo/x/", b"payload")),
            "LP208 error foo/x/: a folder's name, but 7 bytes of data",
        ),
    ]);
    let folders = foo().zip().first(ZipEntry::directory("foo/")).first(ZipEntry::deflated("bar/", b"").mode(0o040_755));
    assert_eq!(sound(FOO, &folders.build()).entries.len(), 4);
}

#[test]
fn methods_and_flags_that_no_wheel_uses() {
    let method = |method| with(ZipEntry::raw("foo/x", method, b"data", 0, 4));
    let flag = |bit: u16| with(ZipEntry::stored("foo/x", b"").both(|fields| fields.flags |= 1 << bit));
    refused(&[
        ("35", method(12), "LP207 error foo/x: compressed with bzip2; wheels are stored or deflated"),
        ("35", method(14), "LP207 error foo/x: compressed with LZMA"),
        ("35", method(95), "LP207 error foo/x: compressed with XZ"),
        ("35", method(93), "LP207 error foo/x: compressed with Zstandard"),
        ("35", method(9), "LP207 error foo/x: compressed with Deflate64"),
        ("35", method(77), "LP207 error foo/x: compressed with method 77"),
        ("36", flag(0), "LP207 error foo/x: the entry is encrypted"),
        ("36", flag(6), "LP207 error foo/x: the entry is encrypted"),
        ("36", flag(13), "LP207 error foo/x: the entry is encrypted"),
        ("36", method(99), "LP207 error foo/x: the entry is encrypted"),
        ("patched", flag(5), "LP207 error foo/x: the entry is compressed patched data"),
        ("reserved", flag(14), "LP207 error foo/x: the entry has flags that are not known (0x4000)"),
        (
            "version",
            with(ZipEntry::stored("foo/x", b"").both(|fields| fields.version_needed = 64)),
            "LP207 error foo/x: the entry needs version 64 of the zip format",
        ),
    ]);
}

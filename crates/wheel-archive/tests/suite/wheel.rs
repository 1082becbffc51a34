//! Sound archives that are no sound wheels: the bad inputs 41 to 56, by their numbers, and what a sound wheel gives.

use lambda_compat::elf::Binary;
use lambda_compat::{Code, Severity};
use testkit::{ElfBuilder, Machine, WheelBuilder, ZipBuilder, ZipEntry};
use wheel_archive::{Method, ScriptKind, Sha256, entry_bytes};

use crate::support::{FOO, foo, line, malformed, sound};

const INIT: &str = "foo/__init__.py";
const RECORD: &str = "foo-1.0.dist-info/RECORD";
const METADATA: &str = "foo-1.0.dist-info/METADATA";
const WHEEL: &str = "foo-1.0.dist-info/WHEEL";

/// Each wheel is refused, and its errors are these lines.
fn refused(cases: &[(&str, WheelBuilder, &[&str])]) {
    for (case, wheel, expected) in cases {
        let findings = malformed(FOO, &wheel.build());
        let errors: Vec<String> = findings.iter().filter(|f| f.severity == Severity::Error).map(line).collect();
        assert_eq!(errors.len(), expected.len(), "case {case}: {errors:#?}");
        for (error, expected) in errors.iter().zip(*expected) {
            assert!(error.starts_with(expected), "case {case}: {error}");
        }
    }
}

/// The wheel is sound, with these warnings.
fn warned(case: &str, wheel: &WheelBuilder, expected: &[&str]) {
    let warnings: Vec<String> = sound(FOO, &wheel.build()).warnings.iter().map(line).collect();
    assert_eq!(warnings.len(), expected.len(), "case {case}: {warnings:#?}");
    for (warning, expected) in warnings.iter().zip(expected) {
        assert!(warning.starts_with(expected), "case {case}: {warning}");
    }
}

#[test]
fn a_sound_wheel() {
    let library = ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17").build();
    let wheel = WheelBuilder::new("Foo.Bar", "1.0")
        .requires("click>=8")
        .requires_python(">=3.9")
        .script("foo", "foo_bar.cli:main")
        .file("foo_bar/_native.so", &library)
        .file_mode("foo_bar/tool.sh", b"#!/bin/sh\n", 0o755)
        .file("foo_bar/__init__.py", b"");
    let bytes = wheel.build();
    let manifest = sound(&wheel.filename(), &bytes);

    assert_eq!(manifest.sha256, Sha256::of(&bytes));
    assert_eq!(manifest.size, bytes.len() as u64);
    assert_eq!(manifest.warnings, []);
    assert_eq!(manifest.dist_info.as_str(), "foo_bar-1.0.dist-info");
    let paths: Vec<&str> = manifest.entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "foo_bar-1.0.dist-info/METADATA",
            "foo_bar-1.0.dist-info/RECORD",
            "foo_bar-1.0.dist-info/WHEEL",
            "foo_bar-1.0.dist-info/entry_points.txt",
            "foo_bar/__init__.py",
            "foo_bar/_native.so",
            "foo_bar/tool.sh",
        ]
    );
    assert_eq!(manifest.entries.iter().filter(|entry| entry.executable).count(), 1);
    assert_eq!(manifest.metadata.requires_dist, ["click>=8"]);
    assert_eq!(manifest.wheel.version, (1, 0));
    let point = &manifest.entry_points[0];
    assert_eq!(
        (point.group, &*point.name, &*point.module, &*point.attribute),
        (ScriptKind::Console, "foo", "foo_bar.cli", "main")
    );

    let native: Vec<_> = manifest.native().collect();
    assert_eq!(native.len(), 1);
    let (entry, Binary::Elf(facts)) = native[0] else { panic!("{:?}", native[0].1) };
    assert_eq!(
        (entry.path.as_str(), facts.needed.as_slice()),
        ("foo_bar/_native.so", ["libc.so.6".to_owned()].as_slice())
    );

    for entry in &manifest.entries {
        let inflated = entry_bytes(&bytes, entry).expect("it was verified");
        assert_eq!((inflated.len() as u64, Sha256::of(&inflated)), (entry.size, entry.sha256));
        assert_eq!(entry.method, Method::Deflated);
        let at = usize::try_from(entry.offset).expect("a small wheel");
        let packed = &bytes[at..at + usize::try_from(entry.compressed).expect("a small wheel")];
        assert_eq!(xxhash_rust::xxh3::xxh3_64(packed), entry.checksum);
    }
}

#[test]
fn record_is_enforced() {
    let row = |line: &str| foo().record_line(INIT, line);
    let digest = "sha256=qqrlFPGsjOVxAoAFZrUxfFZ2L4zCvqz7Z7hBb0vJcWc";
    let right = Sha256::of(b"answer = 42\n").record();
    refused(&[
        ("41", foo().without("RECORD"), &["LP223 error foo-1.0.dist-info/RECORD: every wheel has this file"]),
        (
            "42",
            foo().record_without(INIT),
            &["LP224 error foo/__init__.py: the archive holds a file that RECORD does not list"],
        ),
        (
            "43",
            foo().record_line("foo/absent.py", &format!("foo/absent.py,{digest},3")),
            &["LP224 error foo/absent.py: RECORD line 5 lists a file that the archive does not hold"],
        ),
        (
            "44",
            row(&format!("foo/__init__.py,{digest},12")),
            &["LP225 error foo/__init__.py: the file is not the one that RECORD line 1 lists"],
        ),
        (
            "45",
            row(&format!("foo/__init__.py,{right},13")),
            &["LP225 error foo/__init__.py: the file has 12 bytes; RECORD line 1 says 13"],
        ),
        (
            "45",
            row(&format!("foo/__init__.py,{right},12.0")),
            &["LP223 error foo/__init__.py: RECORD line 1: `12.0` is not a size"],
        ),
        (
            "45",
            row(&format!("foo/__init__.py,{right},-1")),
            &["LP223 error foo/__init__.py: RECORD line 1: `-1` is not a size"],
        ),
        (
            "46",
            row("foo/__init__.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,12"),
            &["LP223 error foo/__init__.py: RECORD line 1: a digest by md5, which is too weak"],
        ),
        ("46", row("foo/__init__.py,sha1=2jmj7l5rSw0yVb_vlWAYkK_YBwk,12"), &["LP223 error"]),
        (
            "46",
            row("foo/__init__.py,blake9=AAAA,12"),
            &["LP223 error foo/__init__.py: RECORD line 1: a digest by `blake9`"],
        ),
        ("46", row(&format!("foo/__init__.py,{right}=,12")), &["LP223 error"]),
        ("46", row("foo/__init__.py,,12"), &["LP223 error foo/__init__.py: RECORD line 1: no digest"]),
        ("47", row("foo/__init__.py"), &["LP223 error foo-1.0.dist-info/RECORD: RECORD line 1: 1 fields where"]),
        ("47", row("foo/__init__.py,,,"), &["LP223 error foo-1.0.dist-info/RECORD: RECORD line 1: 4 fields where"]),
        ("47", row("\"foo"), &["LP223 error foo-1.0.dist-info/RECORD: RECORD line 1: a quoted field does not end"]),
        ("47", foo().replace("RECORD", b"caf\xe9,,\n"), &["LP223 error foo-1.0.dist-info/RECORD: RECORD is not UTF-8"]),
        (
            "48",
            foo().record_line("../x", &format!("../x,{digest},3")),
            &["LP224 error foo-1.0.dist-info/RECORD: RECORD line 5: `../x` leaves its folder by `..`"],
        ),
        (
            "48",
            row(&format!("/foo/__init__.py,{right},12")),
            &[
                "LP224 error foo-1.0.dist-info/RECORD: RECORD line 1: `/foo/__init__.py` is an absolute path",
                "LP224 error foo/__init__.py: the archive holds a file that RECORD does not list",
            ],
        ),
        (
            "twice, differently",
            foo().record_line("z", &format!("{INIT},{digest},12")),
            &["LP223 error foo/__init__.py: RECORD lists the file differently on lines 1 and 5"],
        ),
    ]);
    warned(
        "size left out",
        &row(&format!("foo/__init__.py,{right},")),
        &["LP223 warning foo/__init__.py: RECORD line 1 gives no size"],
    );
    warned("twice, alike", &foo().record_line("z", &format!("{INIT},{right},12")), &[]);
    warned("a folder", &foo().record_line("foo/", "foo/,,"), &[]);
    warned("itself left out", &foo().record_without(RECORD), &[]);
    warned("signatures", &foo().replace("RECORD.jws", b"{}").record_without("foo-1.0.dist-info/RECORD.jws"), &[]);
}

#[test]
fn stronger_digests_are_checked_too() {
    let sha512 = "sha512=SYIhMAq4n3vPHAQjl7MdR6I7X64uoU2ewLZwHVqRQTNf3bI_XtnuxKVbCmyFCBPZN2KzAUQG8eLgVbMxQs9eMw";
    refused(&[(
        "44",
        foo().record_line(INIT, &format!("{INIT},{sha512},12")),
        &["LP225 error foo/__init__.py: the file is not the one that RECORD line 1 lists"],
    )]);
    // Of the empty file, as FIPS 180-4's examples have them.
    let empty = "sha384=OLBgp1GsljhM2TJ-sbHjaiH9txEUvgdDTAzHv2P24donTt6_529l-9Ua0vFImLlb";
    warned("sha384", &foo().file("foo/a", b"").record_line("foo/a", &format!("foo/a,{empty},0")), &[]);
}

#[test]
fn the_file_name_must_be_the_wheels_own() {
    let message = "LP221 error foo-1.0.dist-info/METADATA: METADATA is of bar 1.0, the file name of foo 1.0";
    refused(&[
        ("49", foo().replace("METADATA", "Metadata-Version: 2.1\nName: bar\nVersion: 1.0\n"), &[message]),
        (
            "49",
            foo().replace("METADATA", "Metadata-Version: 2.1\nName: foo\nVersion: 2.0\n"),
            &["LP221 error foo-1.0.dist-info/METADATA: METADATA is of foo 2.0, the file name of foo 1.0"],
        ),
        ("49", foo().dist_info("bar-1.0.dist-info"), &["LP220 error `bar-1.0.dist-info` is of the project `bar`"]),
        (
            "50",
            foo().file("bar-1.0.dist-info/WHEEL", b""),
            &["LP220 error two .dist-info folders, `bar-1.0.dist-info` and"],
        ),
        ("51", foo().without("WHEEL"), &["LP222 error foo-1.0.dist-info/WHEEL: every wheel has this file"]),
        (
            "51",
            foo().without("METADATA").without("WHEEL").without("RECORD"),
            &["LP512 error a zip archive, but not a wheel"],
        ),
        (
            "51 both",
            foo().without("METADATA").without("RECORD"),
            &[
                "LP221 error foo-1.0.dist-info/METADATA: every wheel has this file",
                "LP223 error foo-1.0.dist-info/RECORD: every wheel has this file",
            ],
        ),
    ]);
    // Another spelling is the same project and version.
    let spelt = WheelBuilder::new("Foo", "1.0")
        .dist_info("Foo-1.0.dist-info")
        .replace("METADATA", "Name: FOO\nVersion: 1.0.0\n");
    warned("49", &spelt, &[]);
}

#[test]
fn the_wheel_file() {
    refused(&[
        ("52", foo().wheel_version("2.0"), &["LP222 error foo-1.0.dist-info/WHEEL: Wheel-Version 2.0 is not known"]),
        ("52", foo().replace("WHEEL", ""), &["LP222 error foo-1.0.dist-info/WHEEL: no Wheel-Version"]),
        (
            "52 and 1.0",
            foo().replace("WHEEL", "Wheel-Version: 1.0\nWheel-Version: 2.0\n"),
            &["LP222 error foo-1.0.dist-info/WHEEL: line 2: a second Wheel-Version"],
        ),
        (
            "both",
            foo().replace("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nRoot-Is-Purelib: false\n"),
            &["LP222 error foo-1.0.dist-info/WHEEL: line 3: a second Root-Is-Purelib"],
        ),
        (
            "52",
            foo().replace("WHEEL", vec![b'a'; 2 << 20]),
            &["LP222 error foo-1.0.dist-info/WHEEL: the file has 2097152 bytes"],
        ),
    ]);
    warned("52", &foo().wheel_version("1.9"), &["LP222 warning foo-1.0.dist-info/WHEEL: Wheel-Version 1.9 is newer"]);
    warned(
        "53",
        &foo().tag("cp311-cp311-linux_x86_64"),
        &[
            "LP229 warning foo-1.0.dist-info/WHEEL: the WHEEL file says cp311-cp311-linux_x86_64 where the file name says py3-none-any",
        ],
    );
}

#[test]
fn metadata_that_cannot_be_read() {
    let metadata = |text: &str| foo().replace("METADATA", text);
    let nested = format!("Name: foo\nVersion: 1.0\nRequires-Dist: x; {}\n", "(".repeat(1 << 20));
    refused(&[
        ("54", metadata("Version: 1.0\n"), &["LP221 error foo-1.0.dist-info/METADATA: METADATA has no Name"]),
        (
            "54",
            metadata("Name: foo\nVersion: one\n"),
            &["LP221 error foo-1.0.dist-info/METADATA: METADATA line 2: `one` is not a version"],
        ),
        (
            "54",
            metadata(&"x".repeat(50 << 20)),
            &["LP221 error foo-1.0.dist-info/METADATA: the file has 52428800 bytes; 16777216 are read at most"],
        ),
    ]);
    warned("54", &metadata("Name: foo\nVersion: 1.0\nRequires-Dist: what? ever\n"), &[]);
    warned("54", &metadata(&nested), &[]);
    warned(
        "54",
        &metadata("Name: foo\nVersion: 1.0\nRequires-Python: >=3.x\n"),
        &["LP221 warning foo-1.0.dist-info/METADATA: Requires-Python `>=3.x` cannot be read and is passed over"],
    );
}

#[test]
fn entry_points_and_schemes() {
    let point = |line: &str| foo().replace("entry_points.txt", format!("[console_scripts]\n{line}\n"));
    let message = "LP226 error foo-1.0.dist-info/entry_points.txt: line 2: ";
    refused(&[
        ("55", point("../../x = a:b"), &[message]),
        ("55", point("/x = a:b"), &[message]),
        ("55", point("C:\\x = a:b"), &[message]),
        ("55", point("python = a:b"), &[message]),
        ("55", point("hello ="), &[message]),
        (
            "56",
            foo().file("foo-1.0.data/unknown/x", b""),
            &["LP227 error foo-1.0.data/unknown/x: `unknown` is no installation scheme"],
        ),
        (
            "56",
            foo().file("foo-1.0.data/scripts/python", b""),
            &["LP227 error foo-1.0.data/scripts/python: the script `python`"],
        ),
        ("56", foo().file("foo-1.0.data/data/bin/Python.exe", b""), &["LP227 error foo-1.0.data/data/bin/Python.exe"]),
        (
            "56",
            foo().file("bar-1.0.data/purelib/x", b""),
            &["LP227 error bar-1.0.data/purelib/x: the .data folder is of the project"],
        ),
        ("56", foo().file("foo-1.0.data/purelib/../../x", b""), &["LP208 error foo-1.0.data/purelib/../../x: refused"]),
        ("56", foo().file("foo-1.0.data", b""), &["LP227 error foo-1.0.data: a file where the .data folder"]),
        (
            "56 over METADATA",
            foo().file("foo-1.0.data/purelib/foo-1.0.dist-info/METADATA", b""),
            &[
                "LP209 error foo-1.0.dist-info/METADATA: goes to the place of `foo-1.0.data/purelib/foo-1.0.dist-info/METADATA`",
            ],
        ),
    ]);
    let manifest = sound(FOO, &foo().data_file("scripts/hello", b"#!python\n").build());
    assert!(manifest.entries.iter().any(|entry| entry.path.as_str() == "foo-1.0.data/scripts/hello"));
}

#[test]
fn several_things_are_said_at_once() {
    let wheel = foo().without("METADATA").wheel_version("2.0").record_without(INIT).script("python", "a:b");
    let codes: Vec<Code> = malformed(FOO, &wheel.build()).into_iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::Metadata, Code::WheelFile, Code::RecordFiles, Code::EntryPoint]);
}

#[test]
fn very_many_findings_are_counted() {
    let zip = (0..500).fold(foo().zip(), |zip, number| zip.entry(ZipEntry::stored(format!("../{number}"), b"")));
    let findings = malformed(FOO, &zip.build());
    assert_eq!(findings.len(), 51);
    assert!(findings.iter().any(|finding| finding.message == "and 450 more findings"), "{findings:#?}");
}

#[test]
fn a_zip_of_something_else_is_no_malformed_wheel() {
    for zip in [ZipBuilder::new(), ZipBuilder::new().entry(ZipEntry::deflated("lambda_function.py", b""))] {
        let findings = malformed(FOO, &zip.build());
        assert_eq!(line(&findings[0]), "LP512 error a zip archive, but not a wheel: it has no .dist-info folder");
    }
}

#[test]
fn damaged_native_code_is_a_fact_not_an_error() {
    let wheel = foo()
        .file("foo/x.so", b"\x7fELF\x02\x01\x01")
        .file("foo/y.dll", testkit::PE)
        .file("foo/z.dylib", testkit::MACHO_64);
    let manifest = sound(FOO, &wheel.build());
    assert!(matches!(
        manifest.native().map(|(_, binary)| binary).collect::<Vec<_>>()[..],
        [Binary::Damaged(_), Binary::Pe, Binary::MachO]
    ));
    assert_eq!(manifest.entry(&METADATA.parse().expect("a path")).map(|entry| entry.binary.is_none()), Some(true));
    assert!(manifest.entry(&WHEEL.parse().expect("a path")).is_some());
}

use std::io::{Cursor, Read as _};

use insta::assert_snapshot;
use zip::ZipArchive;

use super::WheelBuilder;
use crate::zip_listing;

fn text_of(wheel: &WheelBuilder, path: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(wheel.build())).expect("a sound archive");
    let mut file = archive.by_name(path).expect("the entry is there");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("text");
    text
}

fn example() -> WheelBuilder {
    WheelBuilder::new("Foo.Bar", "1.0+cu1")
        .build_tag("2")
        .tag("cp312.cp313-abi3-manylinux_2_28_x86_64")
        .requires("bar>=1")
        .requires_python(">=3.8")
        .extra("cli", &["click", "tomli; python_version < '3.11'"])
        .file("foo/__init__.py", b"x = 1\n")
        .file("foo/a,\"b\".txt", b"")
        .data_file("scripts/run", b"#!python\n")
        .script("foo", "foo.cli:main")
        .gui_script("foo-gui", "foo.gui:main")
}

#[test]
fn file_names_follow_the_parts() {
    assert_eq!(WheelBuilder::new("foo", "1.0").filename(), "foo-1.0-py3-none-any.whl");
    assert_eq!(example().filename(), "foo_bar-1.0+cu1-2-cp312.cp313-abi3-manylinux_2_28_x86_64.whl");
    assert_eq!(example().named("other-2-py3-none-any.whl").filename(), "other-2-py3-none-any.whl");
}

#[test]
fn dist_info_says_what_was_asked_for() {
    let wheel = example();
    assert_snapshot!(text_of(&wheel, "foo_bar-1.0+cu1.dist-info/METADATA"), @r#"
    Metadata-Version: 2.1
    Name: Foo.Bar
    Version: 1.0+cu1
    Requires-Python: >=3.8
    Requires-Dist: bar>=1
    Provides-Extra: cli
    Requires-Dist: click ; extra == "cli"
    Requires-Dist: tomli ; (python_version < '3.11') and extra == "cli"
    "#);
    assert_snapshot!(text_of(&wheel, "foo_bar-1.0+cu1.dist-info/WHEEL"), @"
    Wheel-Version: 1.0
    Generator: testkit
    Root-Is-Purelib: false
    Tag: cp312-abi3-manylinux_2_28_x86_64
    Tag: cp313-abi3-manylinux_2_28_x86_64
    Build: 2
    ");
    assert_snapshot!(text_of(&wheel, "foo_bar-1.0+cu1.dist-info/entry_points.txt"), @"
    [console_scripts]
    foo = foo.cli:main

    [gui_scripts]
    foo-gui = foo.gui:main
    ");
    assert_snapshot!(text_of(&wheel, "foo_bar-1.0+cu1.dist-info/RECORD"), @r#"
    foo/__init__.py,sha256=nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q,6
    "foo/a,""b"".txt",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
    foo_bar-1.0+cu1.data/scripts/run,sha256=NKJyCC0fONcaYytG9mysca37TZf8wBDISvRNAW-78pQ,9
    foo_bar-1.0+cu1.dist-info/METADATA,sha256=eOyxRv_CdbmxGn0pW8AFoU9jeMk9oiC7A5x9RvOA65A,224
    foo_bar-1.0+cu1.dist-info/WHEEL,sha256=D-SQeBfsHZrImolwvT_0qAKukzgVWFr02gmG3s-Hq8c,146
    foo_bar-1.0+cu1.dist-info/entry_points.txt,sha256=tkSn123mfftRsRm7Nvrm6uQeRVk1wyDN4fHpweNmjsk,75
    foo_bar-1.0+cu1.dist-info/RECORD,,
    "#);
}

#[test]
fn entries_have_the_modes_and_dates_of_real_wheels() {
    let wheel = example().stored().modified((2024, 5, 6), (7, 8, 10));
    assert_snapshot!(zip_listing(&wheel.build()), @r#"
    100644 stored 6 6 8bf6893b 2024-05-06 07:08:10 foo/__init__.py
    100644 stored 0 0 00000000 2024-05-06 07:08:10 foo/a,"b".txt
    100755 stored 9 9 020cfeeb 2024-05-06 07:08:10 foo_bar-1.0+cu1.data/scripts/run
    100644 stored 224 224 1545a821 2024-05-06 07:08:10 foo_bar-1.0+cu1.dist-info/METADATA
    100644 stored 146 146 6d00f741 2024-05-06 07:08:10 foo_bar-1.0+cu1.dist-info/WHEEL
    100644 stored 75 75 11398e3f 2024-05-06 07:08:10 foo_bar-1.0+cu1.dist-info/entry_points.txt
    100664 stored 535 535 fe986bde 2024-05-06 07:08:10 foo_bar-1.0+cu1.dist-info/RECORD
    "#);
}

#[test]
fn knobs_break_one_thing_each() {
    let record = "foo-1.0.dist-info/RECORD";
    let wheel = || WheelBuilder::new("foo", "1.0").file("foo.py", b"");
    let own = "foo-1.0.dist-info/WHEEL";

    let replaced = wheel().replace("RECORD", "nonsense");
    assert_eq!(text_of(&replaced, record), "nonsense");
    let replaced = wheel().replace("METADATA", "Name: other\n");
    assert_eq!(replaced.metadata(), b"Name: other\n");
    assert!(text_of(&replaced, record).contains("foo-1.0.dist-info/METADATA,sha256="));

    assert!(!zip_listing(&wheel().without("WHEEL").build()).contains("WHEEL"));
    assert!(!text_of(&wheel().without("WHEEL"), record).contains(own));
    assert!(!zip_listing(&wheel().without("RECORD").build()).contains("RECORD"));

    assert!(!text_of(&wheel().record_without("foo.py"), record).contains("foo.py"));
    assert!(text_of(&wheel().record_line("foo.py", "foo.py,md5=x,0"), record).starts_with("foo.py,md5=x,0\n"));
    assert!(text_of(&wheel().record_line("ghost", "ghost,,"), record).ends_with("RECORD,,\nghost,,\n"));
    assert_eq!(
        text_of(&wheel().dist_info("bar-2.dist-info"), "bar-2.dist-info/METADATA"),
        text_of(&wheel(), "foo-1.0.dist-info/METADATA")
    );
}

#[test]
fn descriptors_and_timestamps_keep_the_wheel_readable() {
    let plain = example();
    let odd = example().descriptors().extended_timestamp(1_700_000_000);
    assert_eq!(zip_listing(&odd.build()), zip_listing(&plain.build()));
    assert_ne!(odd.build(), plain.build());
    assert_eq!(text_of(&odd, "foo/__init__.py"), "x = 1\n");
}

#[test]
fn a_wheel_is_written_under_its_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = example().write_to(folder.path());
    assert_eq!(path.file_name().and_then(|name| name.to_str()), Some(&*example().filename()));
    assert_eq!(fs_err::read(path).expect("the wheel is there"), example().build());
}

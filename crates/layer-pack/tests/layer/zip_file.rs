//! The zip: its bytes, its format, and what happens when something is wrong.

use crate::support::{Wheel, inputs, jobs, local, names_in, planned, read_zip, wheels};
use insta::assert_snapshot;
use layer_pack::{PackError, weigh, write_zip};
use testkit::{WheelBuilder, zip_listing};

/// Everything that decides over bytes: stored and made contents, modes, names that are not ASCII.
///
/// The entries are stored in the wheels, since what is deflated there depends on whoever deflated it; and what
/// `testkit` writes of itself is replaced, so that nothing but this crate decides over the layer's bytes.
fn golden() -> Vec<WheelBuilder> {
    let fixed = |name: &str, version: &str| {
        WheelBuilder::new(name, version)
            .stored()
            .replace("METADATA", format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"))
            .replace("WHEEL", "Wheel-Version: 1.0\nGenerator: golden\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    };
    vec![
        fixed("alpha", "1.0")
            .file("alpha/__init__.py", "x = 1\n".repeat(100))
            .file("alpha/größe.txt", "ä")
            .file_mode("alpha/run", "#!/bin/sh\n", 0o755)
            .data_file("scripts/old-alpha", "#!python\nprint(1)\n")
            .replace("entry_points.txt", "[console_scripts]\nalpha = alpha.cli:main\n"),
        fixed("beta", "2.0").file("beta.py", ""),
    ]
}

#[test]
fn golden_layer() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dest = folder.path().join("layer.zip");
    let wheels = wheels(&golden());
    // Enough of a text that another level, or another encoder, would show.
    let words: Vec<String> = (0..3000).map(|n| format!("{} {}\n", n * n % 617, n * 7919 % 1009)).collect();
    let files = vec![local("lib/libx.so.1", &[0; 5000]), local("python/words.txt", words.concat().as_bytes())];
    let plan = planned(&wheels, &files).expect("a plan");
    let written = write_zip(&plan, &dest, jobs(2)).expect("a zip");
    assert_snapshot!(zip_listing(&fs_err::read(&dest).expect("the zip")), @"
    100644 deflated 21 5000 d8e50ea8 1980-01-01 00:00:00 lib/libx.so.1
    100644 stored 47 47 83f2bf16 1980-01-01 00:00:00 python/alpha-1.0.dist-info/METADATA
    100644 deflated 434 624 7da5a35b 1980-01-01 00:00:00 python/alpha-1.0.dist-info/RECORD
    100644 stored 77 77 71348554 1980-01-01 00:00:00 python/alpha-1.0.dist-info/WHEEL
    100644 stored 41 41 ebdd3787 1980-01-01 00:00:00 python/alpha-1.0.dist-info/entry_points.txt
    100644 stored 600 600 c8e2bbde 1980-01-01 00:00:00 python/alpha/__init__.py
    100644 stored 2 2 70b5f183 1980-01-01 00:00:00 python/alpha/größe.txt
    100755 stored 10 10 04fb9d1d 1980-01-01 00:00:00 python/alpha/run
    100644 stored 46 46 47d0558a 1980-01-01 00:00:00 python/beta-2.0.dist-info/METADATA
    100644 deflated 190 250 b99ac9b3 1980-01-01 00:00:00 python/beta-2.0.dist-info/RECORD
    100644 stored 77 77 71348554 1980-01-01 00:00:00 python/beta-2.0.dist-info/WHEEL
    100644 stored 0 0 00000000 1980-01-01 00:00:00 python/beta.py
    100755 deflated 158 261 6bf1e5ff 1980-01-01 00:00:00 python/bin/alpha
    100755 stored 33 33 36ea6225 1980-01-01 00:00:00 python/bin/old-alpha
    100644 deflated 10894 23093 10fe6b9a 1980-01-01 00:00:00 python/words.txt
    ");
    // The promise of equal bytes across releases: CHANGING THIS DIGEST IS A BREAKING RELEASE.
    assert_snapshot!(written.sha256, @"07420e0062b77e3c55af3446666d17354ad6b77b61465ac5cd4a17d3aadaacf3");
}

/// Large and small entries, so that chunks end in headers, in data and in the central directory.
fn large() -> Vec<WheelBuilder> {
    let noise: Vec<u8> = (0..750_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let mut small = WheelBuilder::new("small", "1.0");
    for n in 0..400 {
        small = small.file(&format!("small/module_{n:04}.py"), format!("x = {n}\n").repeat(n));
    }
    vec![small, WheelBuilder::new("large", "1.0").file("large.bin", &noise).file("other.bin", &noise[7..2_500_000])]
}

#[test]
fn the_size_is_known_before_and_the_digest_is_that_of_the_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, builders) in [("none", Vec::new()), ("golden", golden()), ("large", large())] {
        let dest = folder.path().join(name);
        let wheels = wheels(&builders);
        let plan = planned(&wheels, &[]).expect("a plan");
        let written = write_zip(&plan, &dest, jobs(3)).expect("a zip");
        let bytes = fs_err::read(&dest).expect("the zip");
        assert_eq!(written.size, weigh(&plan).zipped, "{name}");
        assert_eq!(written.size, bytes.len() as u64, "{name}");
        assert_eq!(written.sha256, wheel_archive::Sha256::of(&bytes), "{name}");
    }
}

#[test]
fn neither_jobs_nor_the_order_of_wheels_change_a_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wheels = wheels(&large());
    let mut digests = Vec::new();
    for (at, count) in [1, 2, 8].into_iter().enumerate() {
        let mut inputs = inputs(&wheels);
        if at % 2 == 1 {
            inputs.reverse();
        }
        let plan = layer_pack::plan(&inputs, &[], &layer_pack::PlanOptions::default()).expect("a plan");
        let written = write_zip(&plan, &folder.path().join(count.to_string()), jobs(count)).expect("a zip");
        digests.push(written.sha256);
    }
    digests.dedup();
    assert_eq!(digests.len(), 1);
}

#[test]
fn what_is_read_back_is_what_the_wheels_hold() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dest = folder.path().join("layer.zip");
    let wheels = wheels(&large());
    let plan = planned(&wheels, &[]).expect("a plan");
    write_zip(&plan, &dest, jobs(2)).expect("a zip");
    let read = read_zip(&dest);
    assert_eq!(read.len(), plan.entries().len());
    for (entry, (name, mode, contents)) in plan.entries().iter().zip(read) {
        assert_eq!(entry.path.as_str(), name);
        assert_eq!(entry.mode.permissions(), mode, "{name}");
        assert_eq!(entry.content.sha256(), wheel_archive::Sha256::of(&contents), "{name}");
        assert_eq!(entry.content.size(), contents.len() as u64, "{name}");
    }
}

/// One bit of every compressed byte in turn, in a wheel whose manifest was taken before.
#[test]
fn a_flipped_bit_in_the_store_is_found_and_nothing_is_left() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dest = folder.path().join("layer.zip");
    fs_err::write(&dest, b"the old one").expect("a file");
    let mut wheel = Wheel::new(&WheelBuilder::new("alpha", "1").file("alpha.py", "x = 1\n".repeat(50)));
    let alpha = wheel.manifest.entries.iter().find(|e| e.path.as_str() == "alpha.py").expect("it is there");
    let start = usize::try_from(alpha.offset).expect("small");
    let end = start + usize::try_from(alpha.compressed).expect("small");
    for at in start..end {
        wheel.bytes[at] ^= 1 << (at % 8);
        let wheels = [wheel];
        let plan = planned(&wheels, &[]).expect("a plan");
        let error = write_zip(&plan, &dest, jobs(2)).expect_err("a damaged byte");
        assert!(matches!(&error, PackError::Damaged { sha256, .. } if *sha256 == wheels[0].manifest.sha256), "{error}");
        drop(plan);
        [wheel] = wheels;
        wheel.bytes[at] ^= 1 << (at % 8);
    }
    assert_eq!(names_in(folder.path()), ["layer.zip"]);
    assert_eq!(fs_err::read(&dest).expect("the old file"), b"the old one");
}

#[test]
fn a_truncated_wheel_is_damaged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut wheels = wheels(&large());
    for wheel in &mut wheels {
        let half = wheel.bytes.len() / 2;
        wheel.bytes.truncate(half);
    }
    let plan = planned(&wheels, &[]).expect("a plan");
    let error = write_zip(&plan, &folder.path().join("layer.zip"), jobs(4)).expect_err("half a wheel");
    // The first in the layer, whichever thread meets its end first.
    assert_snapshot!(error, @"the stored copy of large-1.0-py3-none-any.whl is damaged");
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wheels = wheels(&golden());
    let plan = planned(&wheels, &[]).expect("a plan");
    assert!(matches!(write_zip(&plan, folder.path(), jobs(1)), Err(PackError::IsFolder { .. })));

    let file = folder.path().join("file");
    fs_err::write(&file, b"").expect("a file");
    let below = file.join("layer.zip");
    assert!(matches!(write_zip(&plan, &below, jobs(1)), Err(PackError::Write { path, .. }) if path == below));

    write_zip(&plan, &folder.path().join("new/folders/layer.zip"), jobs(1)).expect("missing folders are made");
    assert_eq!(names_in(folder.path()), ["file", "new"]);
}

#[cfg(unix)]
#[test]
fn the_zip_is_as_readable_as_any_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs_err::write(folder.path().join("ordinary"), b"").expect("a file");
    write_zip(&planned(&[], &[]).expect("a plan"), &folder.path().join("zip"), jobs(1)).expect("a zip");
    let mode = |name| fs_err::metadata(folder.path().join(name)).expect("it is there").permissions().mode();
    assert_eq!(mode("zip"), mode("ordinary"));
}

#[test]
fn more_entries_than_a_zip_can_count_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = |count: usize| (0..count).map(|n| local(&format!("python/f{n}"), b"")).collect::<Vec<_>>();
    let most = planned(&[], &files(65_535)).expect("a plan");
    assert!(weigh(&most).findings().is_empty());
    let written = write_zip(&most, &folder.path().join("most.zip"), jobs(2)).expect("65,535 entries fit");
    assert_eq!(written.size, weigh(&most).zipped);
    assert_eq!(read_zip(&folder.path().join("most.zip")).len(), 65_535);

    let many = planned(&[], &files(65_536)).expect("a plan");
    assert_eq!(weigh(&many).findings().len(), 1);
    let error = write_zip(&many, &folder.path().join("many.zip"), jobs(2)).expect_err("one too many");
    assert!(matches!(error, PackError::TooManyEntries { entries: 65_536 }));
    assert_eq!(names_in(folder.path()), ["most.zip"]);
}

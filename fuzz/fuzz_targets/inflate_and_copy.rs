//! A raw copy carries exactly what was verified: a wheel with an arbitrary deflate stream in it is refused, or gives a
//! layer in which another reader finds the very bytes that another inflater finds.

#![no_main]

use std::io::Read as _;
use std::num::NonZeroUsize;

use flate2::{Crc, Decompress, FlushDecompress};
use layer_pack::{LayerInput, PlanOptions, plan, write_zip};
use libfuzzer_sys::fuzz_target;
use testkit::{WheelBuilder, ZipEntry};
use wheel_archive::{Inspection, Sha256, inspect};

const NAME: &str = "a-1-py3-none-any.whl";

fuzz_target!(|stream: &[u8]| {
    // What one inflater makes of it, so that size, CRC-32 and RECORD do not stand against it.
    let mut text = Vec::with_capacity(1 << 16);
    let _ = Decompress::new(false).decompress_vec(stream, &mut text, FlushDecompress::Finish);
    let mut crc = Crc::new();
    crc.update(&text);
    let line = format!("a/data,{},{}", Sha256::of(&text).record(), text.len());
    let wheel = WheelBuilder::new("a", "1").file("a/data", b"").record_line("a/data", &line);
    let raw = ZipEntry::raw("a/data", 8, stream, crc.sum(), text.len());
    let bytes = wheel.zip().edit("a/data", |_| raw).build();

    let Inspection::Sound(manifest) =
        inspect(&NAME.parse().expect("a wheel's name"), None, &bytes).expect("memory can be read")
    else {
        return;
    };
    let input = LayerInput { manifest: &manifest, source: &bytes };
    let plan = plan(&[input], &[], &PlanOptions::default()).expect("a plan");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("layer.zip");
    write_zip(&plan, &path, NonZeroUsize::MIN).expect("a zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).expect("a file")).expect("a zip");
    let mut found = Vec::new();
    archive.by_name("python/a/data").expect("an entry").read_to_end(&mut found).expect("sound data");
    assert_eq!(found, text);
});

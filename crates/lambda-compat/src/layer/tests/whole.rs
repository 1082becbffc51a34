use testkit::{ElfBuilder, Machine};

use super::*;
use crate::finding::{Verdict, verdict_of};
use crate::judge::judge_loose;

fn x86_64() -> Vec<u8> {
    ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").build()
}

fn arm64() -> Vec<u8> {
    ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").build()
}

fn loose(held: &Held) -> String {
    lines(&judge_loose(&held.layer(), &target("python3.12", Arch::Arm64)))
}

#[test]
fn native_code_that_belongs_to_no_distribution_is_judged_by_package() {
    let wrong = layer().bytes("python/a/_a.so", &x86_64()).bytes("python/b/_b.so", &arm64());
    insta::assert_snapshot!(loose(&wrong), @"error LP102 python/a/_a.so: built for x86_64; the target is arm64");
    let library = layer().bytes("lib/liba.so.1", &x86_64());
    insta::assert_snapshot!(loose(&library), @"error LP102 lib/liba.so.1: built for x86_64; the target is arm64");
    assert_eq!(loose(&layer().bytes("python/a/_a.so", &arm64())), "");
    // What is installed for another Python is not reached.
    assert_eq!(loose(&layer().bytes("python/lib/python3.11/site-packages/a.so", &x86_64())), "");
    assert_ne!(loose(&layer().bytes("python/lib/python3.12/site-packages/a.so", &x86_64())), "");
}

#[test]
fn everything_is_said_once_and_names_its_distribution() {
    let held = layer()
        .wheel("a", "1.0", "cp311-cp311-manylinux2014_aarch64", &["python/a/__init__.py"])
        .bytes("python/b/_b.so", &x86_64())
        .file("python/random.py");
    let target = target("python3.12", Arch::Arm64);
    let layer = held.layer();
    let judged = held.with_surroundings(|surroundings| judge_whole(&layer, &target, surroundings));
    assert_eq!((judged.wheels.len(), judged.whole.len()), (1, 2));
    let findings = judged.findings(&layer);
    insta::assert_snapshot!(lines(&findings), @"
    error LP101 a 1.0: built for CPython 3.11; the target is python3.12
    error LP102 python/b/_b.so: built for x86_64; the target is arm64
    error LP416 python/random.py: random hides the random of python3.12's standard library, which Lambda's runtime uses itself
    ");
    assert_eq!(verdict_of(&findings), Verdict::Fails);
}

#[test]
fn a_sound_layer_is_silent() {
    let sound = layer()
        .pure("fastapi", "0.120.0")
        .requires("starlette", ">=0.40")
        .pure("starlette", "0.48.0")
        .folder("python", 0o755)
        .bytes("lib/libx.so.1", &arm64())
        .mode("bin/tool", Some(0o755));
    assert_eq!(sound.said(), "");
    assert_eq!(loose(&sound), "");
    assert_eq!(layer().said(), "");
}

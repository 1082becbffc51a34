//! Shared objects that are not held in memory give the facts that they give when they are.

use lambda_compat::elf::{self, Binary};
use testkit::{ElfBuilder, Machine, WheelBuilder};
use wheel_archive::{Inspection, Sha256, inspect};

use crate::support::{Watched, sound};

/// The facts that inspecting a wheel with this file finds.
fn facts(file: &[u8]) -> Option<Binary> {
    let wheel = WheelBuilder::new("foo", "1.0").file("foo/x.so", file);
    let manifest = sound(&wheel.filename(), &wheel.build());
    let entry = manifest.entry(&"foo/x.so".parse().expect("a plain path")).expect("it was packed");
    assert_eq!(entry.size, file.len() as u64);
    entry.binary.clone()
}

fn library() -> ElfBuilder {
    let library = ElfBuilder::shared(Machine::Aarch64).soname("libx.so.1").needed("libc.so.6").needed("libm.so.6");
    library.version("libc.so.6", "GLIBC_2.28").version("libm.so.6", "GLIBC_2.17").provides("X_1").runpath("$ORIGIN")
}

/// The file with `gap` zeros before everything behind its headers: offsets in the program headers and addresses move
/// along, so that the dynamic section lies far from the start.
fn with_gap(file: &[u8], gap: u64) -> Vec<u8> {
    let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("8 bytes"));
    let headers = usize::try_from(word(32)).expect("a small file");
    let count = usize::from(u16::from_le_bytes([file[56], file[57]]));
    let end = headers + count * 56;
    let mut out = file[..end].to_vec();
    let mut put = |at: usize, value: u64| out[at..at + 8].copy_from_slice(&value.to_le_bytes());
    for header in (0..count).map(|number| headers + number * 56) {
        let offset = word(header + 8);
        let whole = offset < end as u64;
        if whole {
            // The segment that starts with the headers is mapped with the gap in it, at addresses that much lower.
            put(header + 16, word(header + 16).wrapping_sub(gap));
            put(header + 32, word(header + 32) + gap);
            put(header + 40, word(header + 40) + gap);
        } else {
            put(header + 8, offset + gap);
        }
    }
    out.extend(std::iter::repeat_n(0, usize::try_from(gap).expect("a small gap")));
    out.extend(&file[end..]);
    out
}

/// The file with `gap` zeros before its dynamic section: as linkers lay out a large library, with the tables that the
/// dynamic section names far before it.
fn with_gap_before_dynamic(file: &[u8], gap: u64) -> Vec<u8> {
    const DYNAMIC: u64 = 2;
    let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("8 bytes"));
    let table = usize::try_from(word(32)).expect("a small file");
    let headers = || (0..usize::from(u16::from_le_bytes([file[56], file[57]]))).map(|number| table + number * 56);
    let dynamic = headers().find(|header| word(*header) & 0xffff_ffff == DYNAMIC).expect("it has one");
    let split = word(dynamic + 8);
    let mut out = file.to_vec();
    for header in headers() {
        let (offset, size) = (word(header + 8), word(header + 32));
        // What lies behind the gap moves, in the file and in memory; what reaches into it grows.
        let fields = if offset >= split { 8..32 } else { 32..48 };
        if offset + size > split {
            for at in fields.step_by(8).map(|field| header + field) {
                out[at..at + 8].copy_from_slice(&(word(at) + gap).to_le_bytes());
            }
        }
    }
    let split = usize::try_from(split).expect("a small file");
    out.splice(split..split, std::iter::repeat_n(0, usize::try_from(gap).expect("a small gap")));
    out
}

#[test]
fn the_facts_do_not_depend_on_the_size() {
    let small = library().load_at(1 << 32).build();
    let expected = elf::read(&mut small.as_slice());
    assert!(matches!(expected, Some(Binary::Elf(_))), "{expected:?}");
    assert_eq!(facts(&small), expected);

    let padded = library().load_at(1 << 32).pad_to(20 << 20).build();
    assert_eq!(elf::read(&mut padded.as_slice()), expected);
    assert_eq!(facts(&padded), expected, "everything near the start");

    // Tables that were kept from the start, that were passed near it, and that were passed far from it.
    for (before_all, before_dynamic) in [(5, 0), (20, 0), (0, 20), (5, 10), (20, 20)] {
        let far = with_gap_before_dynamic(&with_gap(&small, before_all << 20), before_dynamic << 20);
        assert_eq!(elf::read(&mut far.as_slice()), expected, "the file with gaps is a sound library");
        assert_eq!(facts(&far), expected, "gaps of {before_all} and {before_dynamic} MiB");
    }
}

#[test]
fn a_large_library_is_inflated_once() {
    let small = library().load_at(1 << 32).build();
    let large = with_gap_before_dynamic(&with_gap(&small, 1 << 20), 20 << 20);
    let expected = elf::read(&mut small.as_slice());
    assert_eq!(elf::read(&mut large.as_slice()), expected, "the file with a gap is a sound library");

    // Stored, so that every byte that is read of it is seen to be.
    let wheel = WheelBuilder::new("foo", "1.0").file("foo/x.so", &large).stored();
    let source = Watched::new(wheel.build());
    let filename = wheel.filename().parse().expect("a wheel's name");
    let outcome = inspect(&filename, Some(Sha256::of(b"known")), &source).expect("memory can be read");
    let Inspection::Sound(manifest) = outcome else { panic!("{outcome:?}") };
    assert_eq!(manifest.entry(&"foo/x.so".parse().expect("a plain path")).expect("it was packed").binary, expected);
    let read: usize = source.into_ranges().iter().map(|(_, len)| len).sum();
    assert!(read < large.len() + (1 << 20), "{read} of {} bytes", large.len());
}

#[test]
fn a_large_library_that_is_cut_off_is_damaged() {
    let mut file = library().pad_to(6 << 20).build();
    file[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(facts(&file), Some(Binary::Damaged(_))));
    assert_eq!(facts(&vec![b'M'; 6 << 20]), None);
}

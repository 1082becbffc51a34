//! Shared objects that are not held in memory give the facts that they give when they are.

use lambda_compat::elf::{self, Binary};
use testkit::{ElfBuilder, Machine, WheelBuilder};

use crate::support::sound;

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

#[test]
fn the_facts_do_not_depend_on_the_size() {
    let small = library().load_at(1 << 32).build();
    let expected = elf::read(&mut small.as_slice());
    assert!(matches!(expected, Some(Binary::Elf(_))), "{expected:?}");
    assert_eq!(facts(&small), expected);

    let padded = library().load_at(1 << 32).pad_to(20 << 20).build();
    assert_eq!(elf::read(&mut padded.as_slice()), expected);
    assert_eq!(facts(&padded), expected, "everything near the start");

    for gap in [5 << 20, 20 << 20] {
        let far = with_gap(&small, gap);
        assert_eq!(elf::read(&mut far.as_slice()), expected, "the file with a gap is a sound library");
        assert_eq!(facts(&far), expected, "a gap of {gap} bytes");
    }
}

#[test]
fn a_large_library_that_is_cut_off_is_damaged() {
    let mut file = library().pad_to(6 << 20).build();
    file[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(facts(&file), Some(Binary::Damaged(_))));
    assert_eq!(facts(&vec![b'M'; 6 << 20]), None);
}

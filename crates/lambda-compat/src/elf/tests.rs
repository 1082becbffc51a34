use proptest::prelude::*;
use testkit::{ElfBuilder, MACHO_64, MACHO_FAT, PE};

use super::*;

const DT_NEEDED: u64 = 1;
const DT_VERNEED: u64 = 0x6fff_fffe;
const DT_FLAGS_1: u64 = 0x6fff_fffb;
const DF_1_PIE: u64 = 0x0800_0000;

fn read_slice(mut bytes: &[u8]) -> Option<Binary> {
    read(&mut bytes)
}

fn facts(file: &ElfBuilder) -> ElfFacts {
    match read_slice(&file.build()) {
        Some(Binary::Elf(facts)) => *facts,
        other => panic!("no ELF facts but {other:?}"),
    }
}

fn damage(bytes: &[u8]) -> String {
    match read_slice(bytes) {
        Some(Binary::Damaged(how)) => how,
        other => panic!("not damaged but {other:?}"),
    }
}

fn strings(of: &[&str]) -> Vec<String> {
    of.iter().map(|&s| s.to_owned()).collect()
}

/// A library with one of everything.
fn library(machine: testkit::Machine) -> ElfBuilder {
    ElfBuilder::shared(machine)
        .load_at(0x1_0000)
        .soname("libmine.so.1")
        .needed("libz.so.1")
        .needed("libc.so.6")
        .version("libc.so.6", "GLIBC_2.9")
        .version("libc.so.6", "GLIBC_2.28")
        .weak_version("libc.so.6", "GLIBC_2.36")
        .version("libstdc++.so.6", "GLIBCXX_3.4.22")
        .provides("MINE_2")
        .provides("MINE_1")
        .rpath("$ORIGIN")
        .runpath("$ORIGIN/../mine.libs:/opt/lib")
}

#[test]
fn facts_are_those_of_the_dynamic_section_in_every_class_and_byte_order() {
    let all = [
        (library(testkit::Machine::X86_64), Machine::X86_64, Class::Elf64, true),
        (library(testkit::Machine::X86_64).class32(), Machine::X86_64, Class::Elf32, true),
        (library(testkit::Machine::Aarch64), Machine::Aarch64, Class::Elf64, true),
        (library(testkit::Machine::Aarch64).big_endian(), Machine::Aarch64, Class::Elf64, false),
        (library(testkit::Machine::I386), Machine::I386, Class::Elf32, true),
        (library(testkit::Machine::Arm).big_endian(), Machine::Arm, Class::Elf32, false),
        (library(testkit::Machine::S390x), Machine::Other(22), Class::Elf64, false),
    ];
    for (file, machine, class, little_endian) in all {
        let needed = |library: &str, version: &str, weak| NeededVersion {
            library: library.to_owned(),
            version: version.to_owned(),
            weak,
        };
        let facts = facts(&file);
        assert_eq!(
            facts,
            ElfFacts {
                class,
                little_endian,
                machine,
                kind: Kind::Shared,
                soname: Some("libmine.so.1".to_owned()),
                needed: strings(&["libz.so.1", "libc.so.6"]),
                versions_needed: vec![
                    needed("libc.so.6", "GLIBC_2.28", false),
                    needed("libc.so.6", "GLIBC_2.36", true),
                    needed("libc.so.6", "GLIBC_2.9", false),
                    needed("libstdc++.so.6", "GLIBCXX_3.4.22", false),
                ],
                versions_provided: strings(&["MINE_1", "MINE_2"]),
                rpath: strings(&["$ORIGIN"]),
                runpath: strings(&["$ORIGIN/../mine.libs", "/opt/lib"]),
                interpreter: None,
                executable_stack: false,
                misaligned: None,
            }
        );
        assert_eq!(facts.newest_glibc_symbol(), Some((GlibcVersion::new(2, 28), "GLIBC_2.28")));
    }
}

#[test]
fn features_of_the_loader_count_as_the_glibc_that_brought_them() {
    let x86_64 = || ElfBuilder::shared(testkit::Machine::X86_64);
    let glibc = |version: &str| facts(&x86_64().version("libc.so.6", version)).glibc();
    assert_eq!(glibc("GLIBC_ABI_DT_RELR"), Some(GlibcVersion::new(2, 36)));
    assert_eq!(glibc("GLIBC_2.2.5"), Some(GlibcVersion::new(2, 2)));
    assert_eq!(glibc("GLIBC_PRIVATE"), None);
    assert_eq!(glibc("GLIBCXX_3.4.22"), None);
    assert_eq!(facts(&x86_64()).glibc(), None);
}

#[test]
fn an_executable_stack_is_a_flag_of_its_segment() {
    let plain = ElfBuilder::shared(testkit::Machine::X86_64).needed("libc.so.6");
    assert!(!facts(&plain).executable_stack);
    assert!(facts(&plain.executable_stack()).executable_stack);
}

#[test]
fn a_segment_must_lie_where_the_loader_can_map_it() {
    let at = |address| facts(&ElfBuilder::shared(testkit::Machine::X86_64).load_at(address)).misaligned;
    assert_eq!(at(0x40_0000), None);
    assert_eq!(at(0x40_0010), Some(Misaligned { offset: 0, address: 0x40_0010, alignment: 0x1000 }));
    // Large pages are fine, less than a page is not.
    assert_eq!(Misaligned::of(0x1_0000, 0x2_0000, 0x1_0000), None);
    assert_eq!(Misaligned::of(0x2000, 0x2000, 0), None);
    for (offset, address, alignment) in [(0x2000, 0x3000, 0), (0x2000, 0x2000, 0x200), (0x1000, 0x2000, 0x1_0000)] {
        assert!(Misaligned::of(offset, address, alignment).is_some(), "{offset:#x} {address:#x} {alignment:#x}");
    }
}

#[test]
fn section_headers_are_not_looked_at() {
    let file = library(testkit::Machine::X86_64);
    let mut with_sections = file.clone().sections().build();
    let expected = Some(Binary::Elf(Box::new(facts(&file))));
    assert_eq!(read_slice(&with_sections), expected);
    // e_shoff, e_shentsize, e_shnum, e_shstrndx: into nowhere.
    with_sections[0x28..0x30].fill(0xff);
    with_sections[0x3a..0x40].fill(0xff);
    assert_eq!(read_slice(&with_sections), expected);
}

#[test]
fn programs_are_told_from_libraries() {
    let x86_64 = testkit::Machine::X86_64;
    let kind = |file: &ElfBuilder| facts(file).kind;
    let loader = "/lib64/ld-linux-x86-64.so.2";
    assert_eq!(facts(&ElfBuilder::executable(x86_64, loader)).interpreter.as_deref(), Some(loader));
    assert_eq!(kind(&ElfBuilder::executable(x86_64, loader)), Kind::Executable);
    assert_eq!(kind(&ElfBuilder::executable(x86_64, loader).without_dynamic()), Kind::Executable);
    assert_eq!(kind(&ElfBuilder::shared(x86_64).interpreter(loader)), Kind::Executable);
    assert_eq!(kind(&ElfBuilder::shared(x86_64).dynamic_entry(DT_FLAGS_1, DF_1_PIE)), Kind::Executable);
    // Some libraries can be started, too: glibc's prints its version.
    assert_eq!(kind(&ElfBuilder::shared(x86_64).interpreter(loader).soname("libc.so.6")), Kind::Shared);
    assert_eq!(kind(&ElfBuilder::shared(x86_64).kind(1)), Kind::Relocatable);
    assert_eq!(kind(&ElfBuilder::shared(x86_64).kind(4)), Kind::Core);
    assert_eq!(kind(&ElfBuilder::shared(x86_64).kind(0xfe00)), Kind::Other(0xfe00));
}

#[test]
fn only_the_ranges_that_are_needed_are_read() {
    struct Counting<'a>(&'a [u8], usize);
    impl Bytes for Counting<'_> {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&mut self, offset: u64, len: usize) -> Option<Cow<'_, [u8]>> {
            self.1 += len;
            let start = usize::try_from(offset).ok()?;
            self.0.get(start..start + len).map(Cow::Borrowed)
        }
    }
    let file = library(testkit::Machine::X86_64).pad_to(8 << 20).build();
    let mut counting = Counting(&file, 0);
    assert!(matches!(read(&mut counting), Some(Binary::Elf(_))));
    assert!(counting.1 < 8192, "{} bytes read", counting.1);
}

#[test]
fn damage_is_named() {
    let x86_64 = || ElfBuilder::shared(testkit::Machine::X86_64);
    let whole = library(testkit::Machine::X86_64).build();
    let patched = |offset: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[offset] = byte;
        damage(&bytes)
    };
    insta::assert_snapshot!(damage(b"\x7fELF"), @"it is cut off");
    insta::assert_snapshot!(damage(&whole[..40]), @"it is cut off");
    insta::assert_snapshot!(damage(&whole[..whole.len() - 1]), @"it is cut off: a segment reaches beyond its end");
    insta::assert_snapshot!(patched(4, 3), @"ELF class 3 does not exist");
    insta::assert_snapshot!(patched(5, 0), @"byte order 0 does not exist");
    insta::assert_snapshot!(patched(0x39, 0xff), @"it claims 65282 program headers");
    insta::assert_snapshot!(patched(0x36, 32), @"its program headers have a wrong size");
    insta::assert_snapshot!(damage(&x86_64().without_dynamic().build()), @"it has no dynamic section");
    insta::assert_snapshot!(damage(&x86_64().dynamic_entry(DT_NEEDED, 1 << 40).build()), @"a name lies outside of the string table");
    insta::assert_snapshot!(damage(&x86_64().dynamic_entry(DT_VERNEED, 1 << 40).build()), @"its dynamic section leads to an address that is not in the file");
}

#[test]
fn what_leads_in_circles_comes_to_an_end() {
    // A table of needed versions whose every entry is the file's own first bytes: `next` leads forward only.
    let circle = ElfBuilder::shared(testkit::Machine::X86_64).dynamic_entry(DT_VERNEED, 0).build();
    assert!(read_slice(&circle).is_some());

    // More versions than any library has, each of them real.
    let many = (0..5000).fold(ElfBuilder::shared(testkit::Machine::X86_64), |file, i| {
        file.version("libc.so.6", &format!("GLIBC_2.{i}"))
    });
    insta::assert_snapshot!(damage(&many.build()), @"it needs too many symbol versions");
}

#[test]
fn foreign_formats_are_told_by_their_headers() {
    assert_eq!(read_slice(MACHO_64), Some(Binary::MachO));
    assert_eq!(read_slice(MACHO_FAT), Some(Binary::MachO));
    assert_eq!(read_slice(PE), Some(Binary::Pe));
    for other in [
        &b""[..],
        b"\x7fE",
        b"#!/bin/sh\n",
        b"!<arch>\n",
        b"MZ is how some prose begins",
        // A Java class of version 52.
        b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10\x0a\0",
    ] {
        assert_eq!(read_slice(other), None, "{other:?}");
    }
    assert!([b"\x7fELF", &MACHO_64[..4], &MACHO_FAT[..4], &PE[..4]].iter().all(|head| looks_binary(head)));
    assert!([&b""[..], b"MX", b"PK\x03\x04", b"#!/b"].iter().all(|head| !looks_binary(head)));
}

proptest! {
    #[test]
    fn no_bytes_panic(tail in proptest::collection::vec(any::<u8>(), 0..600), head in 0..5_usize) {
        let heads: [&[u8]; 5] = [b"", b"\x7fELF\x02\x01", b"\x7fELF\x01\x02", b"MZ", b"\xca\xfe\xba\xbe"];
        let _ = read_slice(&[heads[head], &tail].concat());
    }

    #[test]
    fn no_change_of_a_sound_file_panics(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        narrow in any::<bool>(),
        swapped in any::<bool>(),
    ) {
        let mut file = library(testkit::Machine::X86_64);
        if narrow {
            file = file.class32();
        }
        if swapped {
            file = file.big_endian();
        }
        let mut bytes = file.build();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read_slice(&bytes);
    }
}

//! The builder's facts as another reader, `object`, sees them.

use std::fmt::Write as _;

use insta::assert_snapshot;
use object::{
    Endianness,
    elf::{self, FileHeader32, FileHeader64},
    read::elf::{Dyn as _, FileHeader, ProgramHeader as _},
};

use super::{ElfBuilder, MACHO_64, MACHO_FAT, Machine, PE};

fn everything(machine: Machine) -> ElfBuilder {
    ElfBuilder::shared(machine)
        .soname("libx.so.1")
        .needed("libc.so.6")
        .needed("libm.so.6")
        .version("libc.so.6", "GLIBC_2.28")
        .version("libm.so.6", "GLIBC_2.29")
        .weak_version("libc.so.6", "GLIBC_2.34")
        .provides("LIBX_1.0")
        .runpath("$ORIGIN/../x.libs")
        .import("PyLong_FromLong")
        .export("PyInit_x")
        .sections()
}

/// The dynamic entries that hold strings, by way of the program headers; symbols and versions, by way of the sections.
fn facts<Elf: FileHeader<Endian = Endianness>>(file: &[u8]) -> String {
    let header = Elf::parse(file).expect("an ELF header of this class");
    let endian = header.endian().expect("a byte order");
    let sections = header.sections(endian, file).expect("section headers");
    let table = sections.symbols(endian, file, elf::SHT_DYNSYM).expect("dynamic symbols");
    let mut text = format!("machine {} {endian:?} type {}\n", header.e_machine(endian).0, header.e_type(endian).0);
    let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();

    for segment in header.program_headers(endian, file).expect("program headers") {
        if let Some(path) = segment.interpreter(endian, file).expect("an interpreter that can be read") {
            writeln!(text, "interpreter {}", text_of(path)).expect("writing to memory");
        }
        let entries = segment.dynamic(endian, file).expect("a dynamic segment that can be read").unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.is_string(endian)) {
            let string = entry.string(endian, table.strings()).expect("a string that can be read");
            let kind = match entry.tag(endian) {
                elf::DT_NEEDED => "needed",
                elf::DT_SONAME => "soname",
                elf::DT_RUNPATH => "runpath",
                _ => "unexpected",
            };
            writeln!(text, "{kind} {}", text_of(string)).expect("writing to memory");
        }
    }

    if let Some((mut libraries, _)) = sections.gnu_verneed(endian, file).expect("needed versions that can be read") {
        while let Some((library, mut versions)) = libraries.next().expect("a library") {
            let library = text_of(library.file(endian, table.strings()).expect("a library's name"));
            while let Some(version) = versions.next().expect("a version") {
                let name = text_of(version.name(endian, table.strings()).expect("a version's name"));
                let weak = if version.vna_flags.get(endian).0 == 2 { " weakly" } else { "" };
                writeln!(text, "needs {library} {name}{weak}").expect("writing to memory");
            }
        }
    }
    let versions = sections.versions(endian, file).expect("versions that can be read").unwrap_or_default();
    for (index, symbol) in table.enumerate().skip(1) {
        use object::read::elf::Sym as _;
        let name = text_of(symbol.name(endian, table.strings()).expect("a symbol's name"));
        let state = if symbol.is_undefined(endian) { "imports" } else { "exports" };
        let version = versions.version(versions.version_index(endian, index).index()).expect("a version that is there");
        let version = version.map(|version| format!("@{}", text_of(version.name()))).unwrap_or_default();
        writeln!(text, "{state} {name}{version}").expect("writing to memory");
    }
    text
}

#[test]
fn another_reader_sees_what_was_asked_for() {
    let file = everything(Machine::X86_64).interpreter("/lib64/ld-linux-x86-64.so.2").build();
    assert_snapshot!(facts::<FileHeader64<Endianness>>(&file), @"
    machine 62 Little type 3
    interpreter /lib64/ld-linux-x86-64.so.2
    needed libc.so.6
    needed libm.so.6
    soname libx.so.1
    runpath $ORIGIN/../x.libs
    needs libc.so.6 GLIBC_2.28
    needs libc.so.6 GLIBC_2.34 weakly
    needs libm.so.6 GLIBC_2.29
    imports PyLong_FromLong
    exports PyInit_x
    exports defined_LIBX_1.0@LIBX_1.0
    imports needed_GLIBC_2.28@GLIBC_2.28
    imports needed_GLIBC_2.34@GLIBC_2.34
    imports needed_GLIBC_2.29@GLIBC_2.29
    ");
}

#[test]
fn class_and_byte_order_change_nothing_else() {
    let usual = facts::<FileHeader64<Endianness>>(&everything(Machine::Aarch64).build());
    let (_, usual) = usual.split_once('\n').expect("a first line");
    let narrow = facts::<FileHeader32<Endianness>>(&everything(Machine::I386).build());
    assert_eq!(narrow.split_once('\n'), Some(("machine 3 Little type 3", usual)));
    let big = facts::<FileHeader64<Endianness>>(&everything(Machine::S390x).build());
    assert_eq!(big.split_once('\n'), Some(("machine 22 Big type 3", usual)));
    let narrow_big = facts::<FileHeader32<Endianness>>(&everything(Machine::Arm).big_endian().build());
    assert_eq!(narrow_big.split_once('\n'), Some(("machine 40 Big type 3", usual)));
}

#[test]
fn padding_and_load_address_move_the_facts_only() {
    let plain = everything(Machine::X86_64).build();
    let moved = everything(Machine::X86_64).load_at(0x20_0000).pad_to(100_003).build();
    assert_eq!(moved.len(), 100_003);
    assert_eq!(facts::<FileHeader64<Endianness>>(&moved), facts::<FileHeader64<Endianness>>(&plain));
    let last_string = moved.windows(5).rposition(|window| window == b"libx.").expect("the soname is there");
    assert!(last_string > 98_000, "the dynamic data is at byte {last_string}, not at the end");
}

#[test]
fn sections_are_left_out_by_default() {
    let file = ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").build();
    let header = FileHeader64::<Endianness>::parse(&*file).expect("an ELF header");
    assert_eq!(header.e_shoff.get(Endianness::Little), 0);
    assert_eq!(header.e_shnum.get(Endianness::Little), 0);
}

#[test]
fn foreign_heads_are_what_they_claim() {
    assert_eq!((&PE[..2], &PE[0x40..0x46]), (&b"MZ"[..], &b"PE\0\0\x64\x86"[..]));
    assert_eq!(MACHO_64[..4], 0xFEED_FACF_u32.to_le_bytes());
    assert_eq!(MACHO_FAT[..4], 0xCAFE_BABE_u32.to_be_bytes());
}

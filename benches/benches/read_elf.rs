//! The ELF reader of `lambda-compat`: what the loader would see of a shared object of 8 MB.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lambda_compat::GlibcVersion;
use lambda_compat::elf::{self, Binary};
use testkit::{ElfBuilder, Machine};

const SIZE: usize = 8_000_000;

/// As many libraries, symbol versions and symbols as a large extension module of a scientific package has.
fn library() -> Vec<u8> {
    let mut library = ElfBuilder::shared(Machine::X86_64).soname("libbig.so.1").runpath("$ORIGIN/../big.libs:$ORIGIN");
    for needed in ["libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "libc.so.6"] {
        library = library.needed(needed);
    }
    for number in 0..20 {
        library = library.needed(&format!("libvendored-{number:08x}.so.{number}"));
    }
    for minor in 2..=28 {
        library = library.version("libc.so.6", &format!("GLIBC_2.{minor}"));
    }
    for patch in 0..=25 {
        library = library.version("libstdc++.so.6", &format!("GLIBCXX_3.4.{patch}"));
    }
    for version in ["CXXABI_1.3", "CXXABI_1.3.9", "CXXABI_1.3.11"] {
        library = library.version("libstdc++.so.6", version);
    }
    for number in 0..2_000 {
        library = library.import(&format!("_ZN3big6import{number}Ev")).export(&format!("_ZN3big6export{number}Ev"));
    }
    library.export("PyInit_big").provides("BIG_1.0").pad_to(SIZE).build()
}

fn read_elf(criterion: &mut Criterion) {
    let file = library();
    assert_eq!(file.len(), SIZE);
    let Some(Binary::Elf(facts)) = elf::read(&mut file.as_slice()) else { panic!("the builder's files are sound") };
    assert_eq!((facts.needed.len(), facts.glibc()), (25, Some(GlibcVersion::new(2, 28))));

    // No throughput: a reader that takes longer for a larger file would be doing it wrong.
    criterion.bench_function("read_elf", |bencher| bencher.iter(|| elf::read(black_box(&mut file.as_slice()))));
}

criterion_group!(group, read_elf);
criterion_main!(group);

//! A wheel of about 30 MB, like the large ones of scientific Python: some shared objects of many MB and a thousand small
//! modules, all deflated.

use std::fmt::Write as _;

use benches::SplitMix;
use testkit::{ElfBuilder, Machine, WheelBuilder};
use wheel_archive::{Inspection, Manifest, ReadAt, inspect};
use wheel_tags::WheelFilename;

const LIBRARIES: u64 = 6;
/// Bytes of each library: more than is read into memory whole, so that it is streamed.
const LIBRARY: usize = 12_400_000;
const MODULES: u64 = 1_000;

/// The wheel's file name and bytes.
pub(crate) fn build() -> (WheelFilename, Vec<u8>) {
    let mut wheel = WheelBuilder::new("big", "1.0").tag("cp312-cp312-manylinux_2_28_x86_64").script("big", "big:main");
    for number in 0..LIBRARIES {
        wheel = wheel.file_mode(&format!("big/_core/part{number}.so"), library(number), 0o755);
    }
    for number in 0..MODULES {
        wheel = wheel.file(&format!("big/modules/group{}/module{number}.py", number % 20), module(number));
    }
    (wheel.filename().parse().expect("the builder names wheels properly"), wheel.build())
}

/// What its inspection finds.
pub(crate) fn inspected(filename: &WheelFilename, source: &dyn ReadAt) -> Manifest {
    match inspect(filename, None, source).expect("the wheel can be read") {
        Inspection::Sound(manifest) => *manifest,
        Inspection::Malformed(findings) => panic!("the builder's wheels are sound: {findings:#?}"),
    }
}

/// A shared object with what looks like code between its headers and its dynamic section at the end.
fn library(number: u64) -> Vec<u8> {
    let elf = ElfBuilder::shared(Machine::X86_64).soname(&format!("part{number}.so")).needed("libc.so.6");
    let elf = elf.version("libc.so.6", "GLIBC_2.17").export(&format!("PyInit_part{number}"));
    let mut file = elf.clone().pad_to(LIBRARY).build();
    // Headers take less than this; everything else of the file lies behind the padding.
    let headers = 512;
    let padding = headers..LIBRARY - elf.build().len();
    fill_with_code(&mut file[padding], &mut SplitMix::new(number));
    file
}

/// Words of eight bytes out of a skewed vocabulary, every third with an operand of its own in its second half: deflated,
/// it keeps about two fifths of its size, as compiled libraries do.
fn fill_with_code(space: &mut [u8], random: &mut SplitMix) {
    let vocabulary: Vec<[u8; 8]> = (0..600).map(|_| random.bits().to_le_bytes()).collect();
    for bytes in space.chunks_mut(8) {
        let common = random.below(24) + 1;
        let mut instruction = vocabulary[(random.below(600) / common) as usize];
        if random.below(3) == 0 {
            instruction[4..].copy_from_slice(&random.below(1 << 20).to_le_bytes());
        }
        bytes.copy_from_slice(&instruction[..bytes.len()]);
    }
}

/// A module of a few KB of text.
fn module(number: u64) -> String {
    const WORDS: [&str; 12] =
        ["frame", "index", "values", "dtype", "array", "axis", "result", "other", "level", "name", "key", "mask"];
    let mut random = SplitMix::new(1_000_000 + number);
    let mut text = String::from("import big\n\n\n");
    for function in 0..20 + random.below(40) {
        let [a, b, c] = [(); 3].map(|()| *random.pick(&WORDS));
        let constant = random.below(10_000);
        write!(text, "def {a}_{function}({b}, {c}=None):\n    return big.{a}({b}, {c}, {constant})\n\n\n")
            .expect("writing to memory");
    }
    text
}

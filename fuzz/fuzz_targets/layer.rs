//! Any zip that Lambda unpacks: its directory, every entry, what is installed in it, and the judge.

#![no_main]

use lambda_compat::{Arch, Given, Surroundings, Target};
use layer_pack::read_held_zip;
use libfuzzer_sys::fuzz_target;
use wheel_archive::list_archive;

fuzz_target!(|data: &[u8]| {
    let bytes = data.to_vec();
    let listed = list_archive(&bytes).expect("memory can be read");
    let Ok(held) = read_held_zip(Box::new(bytes), None).expect("memory can be read") else { return };
    // What is sound as a whole is sound by its directory, with the same files.
    let listed = listed.expect("the whole is sound");
    assert!(listed.files.iter().map(|file| file.path().as_str()).eq(held.files().iter().map(|file| file.path.as_str())));
    let target = Target::new("python3.12".parse().expect("a runtime"), Arch::Arm64);
    let surroundings =
        Surroundings { is_standard_module: &|_, _| false, requirements: &|_, _| Vec::new(), below: &[] };
    let _ = held.judge(&target, Given::default(), &surroundings);
});

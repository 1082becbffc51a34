//! The facts of a shared object: no bytes may panic, hang or grow without bound.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut bytes = data;
    let _ = lambda_compat::elf::read(&mut bytes);
});

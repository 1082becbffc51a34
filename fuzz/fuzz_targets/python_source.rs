//! What a Python source imports and loads: no bytes may panic, hang or overflow the stack.

#![no_main]

use lambda_compat::python::{Place, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let place = Place { name: "a", package: true, python: (3, 12) };
    if let Ok(facts) = read(data, &place) {
        let _ = (facts.imports(), facts.loads(), facts.dynamic());
    }
});

//! What a Python source imports and loads: no bytes may panic, hang or overflow the stack.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let facts = lambda_compat::python::read("a", true, data);
    let _ = (facts.imports(), facts.loads(), facts.dynamic());
});

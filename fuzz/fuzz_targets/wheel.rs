//! A whole wheel: the directory, every entry, RECORD, METADATA, WHEEL, entry points and shared objects.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wheel_archive::{Inspection, entry_bytes, inspect};

fuzz_target!(|data: &[u8]| {
    let data = data.to_vec();
    let filename = "a-1-py3-none-any.whl".parse().expect("a wheel's name");
    if let Ok(Inspection::Sound(manifest)) = inspect(&filename, None, &data) {
        // What was found sound once inflates to the same bytes again.
        for entry in &manifest.entries {
            let bytes = entry_bytes(&data, entry).expect("it was verified");
            assert_eq!(bytes.len() as u64, entry.size);
        }
    }
});

//! What a wheel says of itself: METADATA, WHEEL, RECORD and licences.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wheel_archive::{Metadata, WheelInfo, licence_of, recorded};

fuzz_target!(|data: &[u8]| {
    if let Ok(metadata) = Metadata::parse(data) {
        assert!(!metadata.name.as_str().is_empty());
    }
    let _ = WheelInfo::read(data);
    let _ = licence_of(data);
    if let Ok(rows) = recorded(data) {
        assert!(rows.iter().all(|row| !row.path.is_empty()));
    }
});

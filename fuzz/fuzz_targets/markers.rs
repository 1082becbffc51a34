//! One requirement with its marker, as METADATA has them: what is read is evaluated.

#![no_main]

use lambda_compat::{Arch, Target};
use libfuzzer_sys::fuzz_target;
use pypi_resolve::requirements::{Requirement, marker_environment};

fuzz_target!(|text: &str| {
    let target = Target::new("python3.12".parse().expect("a runtime"), Arch::Arm64);
    if let Ok(requirement) = Requirement::parse_dist(text) {
        let _ = requirement.marker.evaluate(&marker_environment(&target), &[]);
        let _ = requirement.wanted();
    }
});

//! File names of wheels and of extension modules: what is read is written again as it was.

#![no_main]

use lambda_compat::ExtensionName;
use libfuzzer_sys::fuzz_target;
use wheel_tags::WheelFilename;

fuzz_target!(|name: &str| {
    if let Ok(wheel) = name.parse::<WheelFilename>() {
        assert_eq!(wheel.as_str(), name);
        assert_eq!(wheel.as_str().parse().as_ref(), Ok(&wheel));
    }
    if let Some(module) = ExtensionName::parse(name) {
        assert!(name.starts_with(module.module));
    }
});

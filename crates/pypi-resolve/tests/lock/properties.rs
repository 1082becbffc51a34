//! What holds for any bytes and for any lock.

use std::path::Path;

use lambda_compat::Arch;
use proptest::prelude::*;
use pypi_resolve::lock::{PyLock, WheelPlace};
use pypi_resolve::resolve::Pin;

use crate::make::{local_pin, meta, pin, resolution, target};

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = PyLock::parse(Path::new("pylock.toml"), &bytes);
    }

    #[test]
    fn a_damaged_lock_never_panics(at in 0_usize..2000, byte in any::<u8>(), cut in 0_usize..2000) {
        let on = target("python3.12", Arch::Arm64);
        let lock = PyLock::from_resolution(&resolution(on, vec![pin(&["a-1.0-py3-none-any.whl"], &["b"]), local_pin("b-2-py3-none-any.whl")]), &meta());
        let mut bytes = lock.expect("all digests are known").write().into_bytes();
        let at = at % bytes.len();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(1 + cut % bytes.len());
        if let Ok(lock) = PyLock::parse(Path::new("pylock.toml"), &bytes) {
            let _ = lock.to_resolution(&on);
            let _ = lock.write();
        }
    }

    #[test]
    fn writing_and_reading_change_nothing(
        names in prop::collection::btree_set("[a-z]{1,8}", 0..6),
        minors in prop::collection::vec(0_u32..30, 6),
        path in "[ -~é\\t]{0,20}",
    ) {
        let pins: Vec<Pin> = names.iter().zip(&minors).map(|(name, minor)| pin(&[&format!("{name}-1.{minor}-py3-none-any.whl")], &[name])).collect();
        let mut lock = PyLock::from_resolution(&resolution(target("python3.13", Arch::X86_64), pins), &meta()).expect("all digests are known");
        // Any text must survive as a TOML string.
        for wheel in lock.packages.iter_mut().flat_map(|package| &mut package.wheels) {
            wheel.place = WheelPlace::Path(path.clone());
        }
        lock.created_by.clone_from(&path);
        let read = PyLock::parse(&lock.file, lock.write().as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&read, &lock);
        prop_assert_eq!(read.write(), lock.write());
    }
}

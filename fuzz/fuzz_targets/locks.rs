//! Locks of all four kinds, and the pyproject.toml beside them: what is read is selected from.

#![no_main]

use std::path::Path;

use lambda_compat::{Arch, Target};
use libfuzzer_sys::fuzz_target;
use pypi_resolve::lock::{Beside, Lock, LockKind, Selection};
use pypi_resolve::project::Project;

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let target = Target::new("python3.12".parse().expect("a runtime"), Arch::Arm64);
    let selection = Selection::default();
    let (kind, file) = match first % 5 {
        0 => (LockKind::Pylock, "pylock.toml"),
        1 => (LockKind::Uv, "uv.lock"),
        2 => (LockKind::Poetry, "poetry.lock"),
        3 => (LockKind::Pipfile, "Pipfile.lock"),
        _ => {
            if let Ok(project) = Project::parse(Path::new("pyproject.toml"), bytes) {
                let _ = (project.wants(&selection), project.admits(&target));
            }
            return;
        }
    };
    if let Ok(lock) = Lock::parse(Path::new(file), kind, bytes, &selection) {
        let _ = lock.select(&target, &selection, &Beside::default(), &|_| None);
    }
});

//! `.pre-commit-hooks.yaml`: what pre-commit will run. The real program is run by scripts/precommit.sh.

use std::path::Path;

use testkit::Machine;

use crate::support::{Scratch, native};

#[test]
fn every_entry_is_a_command_that_there_is() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let manifest = fs_err::read_to_string(manifest).expect("the hooks of this repository");
    let entries: Vec<&str> =
        manifest.lines().filter_map(|line| line.trim().strip_prefix("entry: layerpack ")).collect();
    assert_eq!(entries, ["check --quiet", "check --if-possible"]);
    let scratch = Scratch::new();
    scratch.wheel("whl", &native("loop", "0.9", Machine::X86_64, "2.17")).write("requirements.txt", "");
    for entry in entries {
        for file in ["whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl", "requirements.txt"] {
            for (arch, code) in [("x86_64", 0), ("arm64", i32::from(file.ends_with("whl")))] {
                // As pre-commit puts it together: the entry, the hook's `args`, the files.
                let ran = scratch.layerpack(&format!("{entry} --runtime python3.12 --arch {arch} {file}")).run();
                assert_eq!(ran.code, code, "{entry}: {ran}");
            }
        }
    }
}

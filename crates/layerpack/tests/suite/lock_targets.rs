//! `lock` for several targets: one version where one fits all, else what is said of it.

use insta::assert_snapshot;
use testkit::{FakeIndex, Machine};

use crate::support::{Ran, Scratch, native, pure};

/// `tables` 2.0 has no wheel for Arm.
fn index() -> FakeIndex {
    FakeIndex::builder()
        .wheel(native("tables", "1.0", Machine::X86_64, "2.17"))
        .wheel(native("tables", "1.0", Machine::Aarch64, "2.17"))
        .wheel(native("tables", "2.0", Machine::X86_64, "2.17"))
        .wheel(pure("web", "1.0").requires("tables").requires("colours; platform_machine == 'aarch64'"))
        .wheel(pure("colours", "1.0"))
        .start()
}

fn lock(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("lock src --runtime python3.12 --arch {flags}")).index(index).run()
}

fn markers(scratch: &Scratch) -> String {
    let lock = scratch.text("src/pylock.toml");
    let told =
        lock.lines().filter(|line| ["name = ", "version = ", "marker = "].iter().any(|key| line.starts_with(key)));
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn one_version_that_fits_all() {
    let (scratch, index) = (Scratch::with_requirements("web\n"), index());
    assert_snapshot!(lock(&scratch, &index, "x86_64,arm64"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: 2 packages for python3.12 · x86_64
    src: one version for all targets, where x86_64 alone would have another: tables 1.0 (2.0)
    ");
    assert_snapshot!(markers(&scratch), @r#"
    name = "colours"
    version = "1.0"
    marker = "platform_machine == 'aarch64'"
    name = "tables"
    version = "1.0"
    name = "web"
    version = "1.0"
    "#);
    let first = scratch.text("src/pylock.toml");
    fs_err::remove_file(scratch.path("src/pylock.toml")).expect("it was written");
    lock(&scratch, &index, "arm64 --arch x86_64").fine();
    assert_eq!(scratch.text("src/pylock.toml"), first, "the order of targets means nothing");
}

#[test]
fn two_versions_where_none_fits_all() {
    let lines = "web\ntables>1 ; platform_machine == 'x86_64'\n";
    let (scratch, index) = (Scratch::with_requirements(lines), index());
    assert_snapshot!(lock(&scratch, &index, "x86_64,arm64"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: 2 packages for python3.12 · x86_64
    src: tables: 1.0 on arm64, 2.0 elsewhere
      2.0: no wheel for python3.12 · arm64
      src/requirements.txt line 2 asks for tables>1 on python3.12 · x86_64
    ");
    assert_snapshot!(markers(&scratch), @r#"
    name = "colours"
    version = "1.0"
    marker = "platform_machine == 'aarch64'"
    name = "tables"
    version = "1.0"
    marker = "platform_machine == 'aarch64'"
    name = "tables"
    version = "2.0"
    marker = "platform_machine != 'aarch64'"
    name = "web"
    version = "1.0"
    "#);
    assert_snapshot!(scratch.layerpack("resolve src --offline").run(), @"
    exit 0
    ----- stdout -----
    src   python3.12 · arm64
    colours  1.0  879 bytes
    tables   1.0       2 kB
    web      1.0  897 bytes
    src   python3.12 · x86_64
    tables  2.0       2 kB
    web     1.0  897 bytes
    ----- stderr -----
    src: 3 packages for python3.12 · arm64, from pylock.toml
    src: 2 packages for python3.12 · x86_64, from pylock.toml
    ");
    assert_snapshot!(lock(&scratch, &index, "x86_64,arm64 --same-versions"), @"
    exit 1
    ----- stderr -----
    error[LP303]: no version of tables fits all targets
      tables: 1.0 for python3.12 · arm64, 2.0 for python3.12 · x86_64
        2.0: no wheel for python3.12 · arm64
        src/requirements.txt line 2 asks for tables>1 on python3.12 · x86_64
      help: lock fewer targets together, or leave --same-versions out: then each target has the version given here
    ");
}

#[test]
fn a_lock_stays_in_two_versions_until_it_is_upgraded() {
    let lines = "web\ntables>1 ; platform_machine == 'x86_64'\n";
    let (scratch, index) = (Scratch::with_requirements(lines), index());
    lock(&scratch, &index, "x86_64,arm64").fine();
    index.change(|index| index.wheel(native("tables", "2.0", Machine::Aarch64, "2.17")));
    assert_snapshot!(lock(&scratch, &index, "x86_64,arm64 --refresh"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: 2 packages for python3.12 · x86_64
    src: tables: 1.0 on arm64, 2.0 elsewhere
      src/requirements.txt line 2 asks for tables>1 on python3.12 · x86_64
    src: pylock.toml is up to date
    ");
    assert_snapshot!(lock(&scratch, &index, "x86_64,arm64 -P tables"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: 2 packages for python3.12 · x86_64
    src: updated tables 1.0 and 2.0 → 2.0
    ");
}

//! `check --deep` of requirement files: what tags promise and bytes do not hold.

use insta::assert_snapshot;
use testkit::{ElfBuilder, FakeIndex, Machine, WheelBuilder};

use crate::check_requirements::{ARM, check, market};
use crate::support::{Scratch, pure};

#[test]
fn deep_finds_a_wheel_that_lies() {
    let extension = ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.38").build();
    let lying = WheelBuilder::new("lying", "1.0")
        .tag("cp313-cp313-manylinux_2_17_aarch64")
        .file("lying.cpython-313-aarch64-linux-gnu.so", extension);
    let index = market().wheel(lying).start();
    let scratch = Scratch::with_requirements("web==1.2\nlying==1.0\n");
    assert_eq!(check(&scratch, &index, ARM).code, 0, "its tag promises that it loads");
    assert_snapshot!(check(&scratch, &index, &format!("{ARM} --deep")), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 3 packages does not load on python3.13 · arm64
      LP103  lying-1.0-cp313-cp313-manylinux_2_17_aarch64.whl: lying.cpython-313-aarch64-linux-gnu.so: needs glibc 2.38 (GLIBC_2.38), though its tag promises 2.17; python3.13 runs on Amazon Linux 2023, which has 2.34
             help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
    assert_snapshot!(check(&scratch, &index, "--runtime python3.13,python3.14 --arch arm64 --deep"), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: no target has all packages
                         3.13  3.14
      lying==1.0  arm64  no    no
      LP305  src/requirements.txt:2: lying==1.0 has wheels only for cp313 on arm64  (3.14)
             help: there is no other version; 1.0 has one for python3.13 · arm64
      LP103  lying-1.0-cp313-cp313-manylinux_2_17_aarch64.whl: lying.cpython-313-aarch64-linux-gnu.so: needs glibc 2.38 (GLIBC_2.38), though its tag promises 2.17; python3.13 runs on Amazon Linux 2023, which has 2.34  (3.13)
             help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
    scratch.write("src/requirements.txt", "web==1.2\n");
    assert_snapshot!(check(&scratch, &index, &format!("{ARM} --deep")), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: 2 packages, all load on python3.13 · arm64
    ");
}

#[test]
fn a_damaged_wheel_is_found_by_deep_only() {
    let wheel = pure("web", "1.2");
    let index = FakeIndex::builder().wheel(&wheel);
    let index = index.edit(&wheel.filename(), |file| file.bytes.truncate(100)).start();
    let scratch = Scratch::with_requirements("web\n");
    assert_eq!(check(&scratch, &index, ARM).code, 0);
    assert_snapshot!(check(&scratch, &index, &format!("{ARM} --deep")), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 1 package does not load on python3.13 · arm64
      LP306  http://127.0.0.1:PORT/files/web-1.2-py3-none-any.whl has sha256 [SHA256], not [SHA256] as promised
             help: the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner
    ");
}

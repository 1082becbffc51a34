//! Targets in the words of pip and uv: `--platform`, `--python-platform`, `--abi`, `--implementation`.

use insta::assert_snapshot;

use crate::support::{Scratch, pure};

fn resolve(flags: &str) -> crate::support::Ran {
    let scratch = Scratch::new();
    scratch.wheel("src", &pure("own", "0.1"));
    scratch.layerpack(&format!("resolve src --offline {flags}")).run()
}

#[test]
fn what_names_a_target_of_lambda() {
    for (platform, target) in [
        ("manylinux2014_aarch64 --python-version 3.12", "python3.12 · arm64"),
        ("manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --python-version 3.12", "python3.12 · x86_64"),
        ("linux_aarch64 --platform any --runtime python3.12", "python3.12 · arm64"),
        ("linux --runtime python3.12", "python3.12 · x86_64"),
        ("x86_64-unknown-linux-gnu --runtime python3.12", "python3.12 · x86_64"),
        ("aarch64-manylinux_2_34 --runtime python3.12", "python3.12 · arm64"),
        ("aarch64-manylinux2014 --runtime python3.12 --abi cp312 --abi abi3 --implementation cp", "python3.12 · arm64"),
    ] {
        let ran = resolve(&format!("--python-platform {platform}")).fine();
        assert!(ran.stderr.contains(&format!("1 package for {target}\n")), "{platform}: {ran}");
    }
}

#[test]
fn another_glibc_than_the_runtimes_is_said() {
    assert_snapshot!(resolve("--platform manylinux_2_28_aarch64 --runtime python3.11,python3.13"), @"
    exit 0
    ----- stdout -----
    src   python3.11 · arm64
    own  0.1  834 bytes  src/own-0.1-py3-none-any.whl
    src   python3.13 · arm64
    own  0.1  834 bytes  src/own-0.1-py3-none-any.whl
    ----- stderr -----
    note[LP505]: --platform manylinux_2_28_aarch64: python3.11 has glibc 2.26; wheels for a newer glibc than it has are not taken
    note[LP505]: --platform manylinux_2_28_aarch64: python3.13 has glibc 2.34; wheels for any glibc up to that are taken
    src: 1 package for python3.11 · arm64
    src: 1 package for python3.13 · arm64
    ");
    let same = resolve("--platform manylinux_2_34_aarch64 --runtime python3.13");
    assert!(!same.stderr.contains("glibc"), "{same}");
}

#[test]
fn what_is_no_target_of_lambda() {
    for flags in [
        "--platform musllinux_1_2_aarch64",
        "--platform x86_64-unknown-linux-musl",
        "--platform macosx_11_0_arm64",
        "--platform aarch64-apple-darwin",
        "--platform win_amd64",
        "--platform windows",
        "--platform manylinux2014_i686",
        "--platform amiga",
        "--platform linux --arch arm64",
        "--abi cp313t --runtime python3.13",
        "--abi cp311 --runtime python3.13",
        "--implementation pp",
    ] {
        assert_eq!(resolve(flags).code, 2, "{flags}");
    }
    assert_snapshot!(resolve("--platform musllinux_1_2_aarch64"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --platform musllinux_1_2_aarch64: Lambda runs Amazon Linux, which has glibc and no musl
      help: use --arch arm64
    ");
    assert_snapshot!(resolve("--python-platform windows"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --platform windows: Lambda runs Amazon Linux: a layer for another system would not load
      help: use --arch arm64 or --arch x86_64
    ");
    assert_snapshot!(resolve("--platform manylinux2014_i686"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --platform manylinux2014_i686: Lambda runs arm64 and x86_64 only
      help: use --arch arm64 or --arch x86_64
    ");
    assert_snapshot!(resolve("--platform linux --arch arm64"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --platform names no platform for arm64, and --arch does
      help: name one of them only
    ");
    assert_snapshot!(resolve("--abi cp313t --runtime python3.13"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --abi cp313t is not that of python3.13
      help: leave it out: the runtime says which ABIs load; another one is named with --runtime
    ");
    assert_snapshot!(resolve("--implementation pp"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --implementation pp: Lambda's runtimes are CPython
      help: leave it out
    ");
}

//! `check`: will these wheels load, and what to do where they do not.

use insta::assert_snapshot;
use testkit::{ElfBuilder, Machine, WheelBuilder};

use crate::support::{Scratch, native, pure};

/// The two wheels of a project that built them on a developer's machine.
fn local_packages() -> Scratch {
    let scratch = Scratch::new();
    let extension = ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.28").build();
    let second = WheelBuilder::new("local_package2", "0.2.0")
        .tag("cp311-cp311-manylinux_2_28_x86_64")
        .file("local_package2/__init__.py", "from . import _native\n")
        .file("local_package2/_native.cpython-311-x86_64-linux-gnu.so", extension)
        .requires_python(">=3.11");
    scratch.wheel("whl", &pure("local_package1", "0.1.0")).wheel("whl", &second);
    scratch
}

#[test]
fn wheels_of_a_developers_machine_on_the_stack_they_were_meant_for() {
    let scratch = local_packages();
    assert_snapshot!(scratch.layerpack("check whl --runtime python3.11 --arch arm64").run(), @"
    exit 1
    ----- stdout -----
    whl/local_package1-0.1.0-py3-none-any.whl loads on python3.11 · arm64
    error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl does not load on python3.11 · arm64
      LP102  built for x86_64; the target is arm64
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_aarch64, or for cp312 or abi3 on aarch64 and use python3.12 or newer (glibc 2.34)
    ----- stderr -----
    2 wheels: 1 loads, 1 does not
    ");
    assert_snapshot!(scratch.layerpack("check whl").run(), @"
    exit 1
    ----- stdout -----
                          arm64                 x86_64
                          3.11 3.12 3.13 3.14   3.11 3.12 3.13 3.14
    local_package1 0.1.0  yes  yes  yes  yes    yes  yes  yes  yes
    local_package2 0.2.0  no   no   no   no     no   no   no   no
      LP101  built for CPython 3.11  (3.12, 3.13, 3.14)
             local_package2 0.2.0
      LP102  built for x86_64  (arm64)
             local_package2 0.2.0
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26  (3.11)
             local_package2 0.2.0
    error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl loads on no target
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_x86_64, or for cp312 or abi3 on x86_64 and use python3.12 or newer (glibc 2.34)
    ----- stderr -----
    2 wheels: 1 loads, 1 does not
    ");
}

#[test]
fn a_pattern_is_expanded_where_the_shell_did_not() {
    let scratch = local_packages();
    assert_snapshot!(scratch.layerpack("check whl/*1-*.whl --runtime 3.13 --arch arm64").run(), @"
    exit 1
    ----- stdout -----
    whl/local_package1-0.1.0-py3-none-any.whl loads on python3.13 · arm64
    error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl does not load on python3.13 · arm64
      LP101  built for CPython 3.11; the target is python3.13
      LP102  built for x86_64; the target is arm64
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only, which has glibc 2.26. Rebuild it for cp313 or abi3 on manylinux2014_aarch64
    ----- stderr -----
    2 wheels: 1 loads, 1 does not
    ");
    assert_snapshot!(scratch.layerpack("check whl/*.egg").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: `whl/*.egg` matches nothing
      help: check the pattern; it is relative to the working directory
    ");
}

#[test]
fn named_targets_must_all_be_met() {
    let scratch = Scratch::new();
    scratch.wheel("whl", &native("loop", "0.9", Machine::X86_64, "2.17"));
    for (flags, code) in [
        ("--runtime python3.12 --arch x86_64", 0),
        ("--runtime python3.12", 1),
        ("--runtime python3.12,python3.11 --arch x86_64", 1),
        ("--arch x86_64", 0),
        ("--arch arm64", 1),
        ("", 0),
        ("--runtime all", 0),
    ] {
        assert_eq!(scratch.layerpack(&format!("check whl {flags}")).run().code, code, "{flags}");
    }
    assert_snapshot!(scratch.layerpack("check whl --runtime python3.12").run(), @"
    exit 1
    ----- stdout -----
    whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl loads on python3.12 · x86_64
    error: whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl does not load on python3.12 · arm64
      LP102  built for x86_64; the target is arm64
      help: loads on python3.12 · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    ");
    assert_snapshot!(scratch.layerpack("check whl --arch x86_64").run(), @"
    exit 0
    ----- stdout -----
    whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl loads on 1 of 4 targets
              3.11 3.12 3.13 3.14
      x86_64  no   yes  no   no
      LP101  built for CPython 3.12  (3.11, 3.13, 3.14)
    ");
}

#[test]
fn variables_name_targets_too() {
    let scratch = local_packages();
    let run = scratch.layerpack("check whl").env("LAYERPACK_RUNTIME", "python3.12").env("LAYERPACK_ARCH", "arm64");
    assert_eq!(run.run().code, 1);
    let run = scratch.layerpack("check whl").env("LAYERPACK_TODAY", "yesterday");
    assert_snapshot!(run.run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: LAYERPACK_TODAY is `yesterday`, which is no date
      help: write it as YYYY-MM-DD, or leave it unset for today
    ");
}

#[test]
fn a_runtime_past_its_date_is_left_out_of_the_matrix() {
    let scratch = Scratch::new();
    scratch.wheel("whl", &pure("own", "0.1"));
    assert_snapshot!(scratch.layerpack("check whl").env("LAYERPACK_TODAY", "2028-01-01").run(), @"
    exit 0
    ----- stdout -----
    whl/own-0.1-py3-none-any.whl loads everywhere
              3.12 3.13 3.14
      arm64   yes  yes  yes
      x86_64  yes  yes  yes
    ");
    assert_snapshot!(scratch.layerpack("check whl --runtime all").run(), @"
    exit 0
    ----- stdout -----
    whl/own-0.1-py3-none-any.whl loads everywhere
              3.8  3.9  3.10 3.11 3.12 3.13 3.14 3.15
      arm64   yes  yes  yes  yes  yes  yes  yes  yes
      x86_64  yes  yes  yes  yes  yes  yes  yes  yes
    ");
}

#[test]
fn verbose_gives_the_sources_and_quiet_only_what_fails() {
    let scratch = local_packages();
    let flags = "--runtime python3.11 --arch arm64";
    assert_snapshot!(scratch.layerpack(&format!("check whl {flags} -v")).run(), @"
    exit 1
    ----- stdout -----
    whl/local_package1-0.1.0-py3-none-any.whl loads on python3.11 · arm64
    error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl does not load on python3.11 · arm64
      LP102  built for x86_64; the target is arm64
             source: aws/aws-sam-cli samcli/lib/utils/architecture.py (2026-11-22)
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
             source: aws/aws-lambda-builders aws_lambda_builders/workflows/python_pip/packager.py @cd41bcf1 (2026-11-22)
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_aarch64, or for cp312 or abi3 on aarch64 and use python3.12 or newer (glibc 2.34)
    ----- stderr -----
    2 wheels: 1 loads, 1 does not
    ");
    assert_snapshot!(scratch.layerpack(&format!("check whl {flags} -q")).run(), @"
    exit 1
    ----- stdout -----
    error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl does not load on python3.11 · arm64
      LP102  built for x86_64; the target is arm64
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_aarch64, or for cp312 or abi3 on aarch64 and use python3.12 or newer (glibc 2.34)
    ");
    assert_snapshot!(scratch.layerpack("check whl -q").run(), @"
    exit 1
    ----- stdout -----
    error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl loads on no target
              3.11 3.12 3.13 3.14
      arm64   no   no   no   no
      x86_64  no   no   no   no
      LP101  built for CPython 3.11  (3.12, 3.13, 3.14)
      LP102  built for x86_64  (arm64)
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26  (3.11)
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_x86_64, or for cp312 or abi3 on x86_64 and use python3.12 or newer (glibc 2.34)
    ");
}

#[test]
fn a_file_that_is_no_sound_wheel_says_why() {
    let scratch = Scratch::new();
    let escaping = pure("foo", "1.0").zip().entry(testkit::ZipEntry::stored("../evil.py", b"x")).build();
    scratch
        .write("login/foo-1.0-py3-none-any.whl", "<!DOCTYPE html><title>Sign in</title>")
        .write("empty/foo-1.0-py3-none-any.whl", "")
        .write("escape/foo-1.0-py3-none-any.whl", escaping)
        .write("name/foo.whl", pure("foo", "1.0").build())
        .write("other/bar-1.0-py3-none-any.whl", pure("foo", "1.0").build())
        .wheel("record", &pure("foo", "1.0").record_line("foo/__init__.py", "foo/__init__.py,sha256=AAAA,13"));
    assert_snapshot!(scratch.layerpack("check login empty escape name other record").run(), @"
    exit 1
    ----- stdout -----
    error: login/foo-1.0-py3-none-any.whl is not a sound wheel
      LP514  a web page, not a zip archive: starts with `<!DOCTYPE html><title>Si`
             help: is the index or a proxy returning a login page?
    error: empty/foo-1.0-py3-none-any.whl is not a sound wheel
      LP201  the file is empty
             help: download or build it again
    error: escape/foo-1.0-py3-none-any.whl is not a sound wheel
      LP208  refused: `../evil.py` leaves its folder by `..`
    error: name/foo.whl is not a sound wheel
      LP228  a wheel's file name has 5 to 7 parts between its dashes, name-version(-build)-python-abi-platform(-variant).whl, not 1
             help: a wheel is named name-version-python-abi-platform.whl; keep the name that it was built with
    error: other/bar-1.0-py3-none-any.whl is not a sound wheel
      LP220  `foo-1.0.dist-info` is of the project `foo`, not of `bar-1.0-py3-none-any.whl`
             help: give the file back the name it was built with
    error: record/foo-1.0-py3-none-any.whl is not a sound wheel
      LP223  foo/__init__.py: RECORD line 1: `AAAA` is not a sha256 digest in unpadded base64
    ----- stderr -----
    6 wheels: 0 load, 6 do not
    ");
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let scratch = local_packages();
    scratch.write("whl/broken-1.0-py3-none-any.whl", "");
    let ran = scratch.layerpack("check whl --runtime python3.11 --arch x86_64 --format json").run();
    assert_eq!(ran.code, 1);
    let document = ran.json();
    let files = document["files"].as_array().expect("files").iter();
    let said: Vec<_> = files.map(|file| format!("{} {}", file["path"], file["verdict"])).collect();
    assert_snapshot!(said.join("\n"), @r#"
    "whl/broken-1.0-py3-none-any.whl" "fails"
    "whl/local_package1-0.1.0-py3-none-any.whl" "loads"
    "whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl" "fails"
    "#);
    assert_snapshot!(document["files"][2]["findings"][0], @r#"
    {"checked":"2026-11-22","code":"LP103","entry":null,"grade":null,"help":null,"message":"needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26","severity":"error","source":"aws/aws-lambda-builders aws_lambda_builders/workflows/python_pip/packager.py @cd41bcf1"}
    "#);
}

#[test]
fn check_opens_no_socket_and_writes_nothing() {
    let scratch = local_packages();
    scratch.layerpack("check whl").env("HTTPS_PROXY", "http://127.0.0.1:9").run();
    assert_eq!(scratch.names("."), ["whl"]);
    assert_eq!(scratch.names("../cache"), Vec::<String>::new());
}

//! `check` where no runtime is named: which of them load the files.

use insta::assert_snapshot;
use testkit::{Machine, WheelBuilder};

use crate::support::{Scratch, native, pure};

/// Wheels for different things.
fn wheelhouse() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .wheel("whl", &pure("own", "0.1"))
        .wheel("whl", &native("loop", "0.9", Machine::X86_64, "2.17"))
        .wheel("whl", &native("loop", "0.9", Machine::Aarch64, "2.17"))
        .wheel("whl", &WheelBuilder::new("tables", "2.0").tag("cp39-abi3-manylinux_2_28_x86_64"))
        .wheel("whl", &WheelBuilder::new("charts", "1.0").tag("cp39-abi3-manylinux_2_28_x86_64"))
        .wheel("whl", &WheelBuilder::new("colours", "0.4").tag("cp312-cp312-win_amd64"));
    scratch
}

#[test]
fn many_wheels_are_one_table_and_each_reason_once() {
    let scratch = wheelhouse();
    assert_snapshot!(scratch.layerpack("check whl").run(), @"
    exit 1
    ----- stdout -----
                                                     arm64                 x86_64
                                                     3.11 3.12 3.13 3.14   3.11 3.12 3.13 3.14
    charts 1.0                                       no   no   no   no     no   yes  yes  yes
    colours 0.4                                      no   no   no   no     no   no   no   no
    loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl  no   yes  no   no     no   no   no   no
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl   no   no   no   no     no   yes  no   no
    own 0.1                                          yes  yes  yes  yes    yes  yes  yes  yes
    tables 2.0                                       no   no   no   no     no   yes  yes  yes
      LP101  built for CPython 3.12  (3.11, 3.13, 3.14)
             colours 0.4, loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl, loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
      LP102  built for x86_64  (arm64)
             charts 1.0, loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl, tables 2.0
      LP102  built for arm64  (x86_64)
             loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26  (3.11)
             charts 1.0, tables 2.0
      LP104  built for Windows; Lambda runs on Linux
             colours 0.4
    error: whl/colours-0.4-cp312-cp312-win_amd64.whl loads on no target
      help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ----- stderr -----
    6 wheels: 5 load, 1 does not
    ");
    assert_snapshot!(scratch.layerpack("check whl -q").run(), @"
    exit 1
    ----- stdout -----
    error: whl/colours-0.4-cp312-cp312-win_amd64.whl loads on no target
              3.11 3.12 3.13 3.14
      arm64   no   no   no   no
      x86_64  no   no   no   no
      LP101  built for CPython 3.12  (3.11, 3.13, 3.14)
      LP104  built for Windows; Lambda runs on Linux
      help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
    assert_snapshot!(scratch.layerpack("check whl/own-0.1-py3-none-any.whl whl/tables*.whl --runtime all -v").run(), @"
    exit 0
    ----- stdout -----
                arm64                                     x86_64
                3.8  3.9  3.10 3.11 3.12 3.13 3.14 3.15   3.8  3.9  3.10 3.11 3.12 3.13 3.14 3.15
    own 0.1     yes  yes  yes  yes  yes  yes  yes  yes    yes  yes  yes  yes  yes  yes  yes  yes
    tables 2.0  no   no   no   no   no   no   no   no     no   no   no   no   yes  yes  yes  yes
      LP101  built for CPython 3.9 or newer  (3.8)
             source: https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
             tables 2.0
      LP102  built for x86_64  (arm64)
             source: aws/aws-sam-cli samcli/lib/utils/architecture.py (2026-11-22)
             tables 2.0
      LP103  needs glibc 2.28; the runtime runs on Amazon Linux 2, which has 2.26  (3.8, 3.9, 3.10, 3.11)
             source: aws/aws-lambda-builders aws_lambda_builders/workflows/python_pip/packager.py @cd41bcf1 (2026-11-22)
             tables 2.0
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
}

#[test]
fn wheels_of_one_version_are_told_apart() {
    let scratch = wheelhouse();
    scratch.wheel("other", &native("loop", "0.9", Machine::X86_64, "2.17"));
    let table = |paths: &str| {
        let ran = scratch.layerpack(&format!("check {paths}")).run();
        ran.stdout.lines().skip(2).take_while(|line| !line.starts_with("  ")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(table("whl/loop*.whl whl/own*.whl"), @"
    loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl  no   yes  no   no     no   no   no   no
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl   no   no   no   no     no   yes  no   no
    own 0.1                                          yes  yes  yes  yes    yes  yes  yes  yes
    ");
    assert_snapshot!(table("whl/loop*x86_64.whl other"), @"
    whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl    no   no   no   no     no   yes  no   no
    other/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl  no   no   no   no     no   yes  no   no
    ");
}

#[test]
fn what_is_named_must_be_met() {
    let scratch = wheelhouse();
    let code = |flags: &str| {
        scratch.layerpack(&format!("check whl/tables-2.0-cp39-abi3-manylinux_2_28_x86_64.whl {flags}")).run().code
    };
    for (flags, wanted) in [
        ("", 0),
        ("--runtime all", 0),
        ("--arch x86_64", 0),
        ("--arch arm64", 1),
        // Each architecture that is named needs some runtime.
        ("--arch arm64,x86_64", 1),
        ("--runtime python3.12", 1),
        ("--runtime python3.12 --arch x86_64", 0),
        ("--runtime python3.11,python3.12 --arch x86_64", 1),
        ("--runtime python3.12,python3.13 --arch x86_64", 0),
    ] {
        assert_eq!(code(flags), wanted, "{flags}");
    }
    assert_snapshot!(scratch.layerpack("check whl/tables*.whl --arch arm64,x86_64").run(), @"
    exit 1
    ----- stdout -----
    error: whl/tables-2.0-cp39-abi3-manylinux_2_28_x86_64.whl loads on no runtime of arm64
              3.11 3.12 3.13 3.14
      arm64   no   no   no   no
      x86_64  no   yes  yes  yes
      LP102  built for x86_64  (arm64)
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26  (3.11)
      help: loads on python3.12 and newer · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    ");
    assert_snapshot!(scratch.layerpack("check whl/tables*.whl whl/own*.whl --arch arm64,x86_64").run(), @"
    exit 1
    ----- stdout -----
                arm64                 x86_64
                3.11 3.12 3.13 3.14   3.11 3.12 3.13 3.14
    tables 2.0  no   no   no   no     no   yes  yes  yes
    own 0.1     yes  yes  yes  yes    yes  yes  yes  yes
      LP102  built for x86_64  (arm64)
             tables 2.0
      LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26  (3.11)
             tables 2.0
    error: whl/tables-2.0-cp39-abi3-manylinux_2_28_x86_64.whl loads on no runtime of arm64
      help: loads on python3.12 and newer · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    ----- stderr -----
    2 wheels: 1 loads, 1 does not
    ");
}

#[test]
fn as_few_runtimes_as_may_be() {
    let scratch = wheelhouse();
    let run = |day| scratch.layerpack("check whl/tables*.whl whl/own*.whl").env("LAYERPACK_TODAY", day).run();
    assert_snapshot!(run("2029-01-01"), @"
    exit 0
    ----- stdout -----
                arm64       x86_64
                3.13 3.14   3.13 3.14
    tables 2.0  no   no     yes  yes
    own 0.1     yes  yes    yes  yes
      LP102  built for x86_64  (arm64)
             tables 2.0
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
    assert_snapshot!(run("2040-01-01"), @"
    exit 2
    ----- stderr -----
    error[LP507]: on 2040-01-01 no runtime is live that this layerpack knows
      help: name one with --runtime, or --runtime all; or update layerpack
    ");
}

//! `check` for programs: annotations of GitHub Actions, and JSON.

use insta::assert_snapshot;
use testkit::{FakeIndex, Machine};

use crate::support::{Scratch, native, pure};

fn wheels() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .wheel("whl", &pure("own", "0.1"))
        .wheel("whl", &native("loop", "0.9", Machine::X86_64, "2.17"))
        .wheel("whl", &native("tables", "2.0", Machine::X86_64, "2.39"))
        .write("whl/broken-1.0-py3-none-any.whl", "");
    scratch
}

#[test]
fn annotations() {
    let scratch = wheels();
    assert_snapshot!(scratch.layerpack("check whl nowhere --runtime 3.10,3.12 --arch x86_64 --format github").run(), @"
    exit 2
    ----- stdout -----
    ::error title=LP502 no such file or folder::nowhere: no such file or folder%0Ahelp: check the path; it is relative to the working directory
    ::warning title=LP511 a runtime that is not live::python3.10 is deprecated since 2026-10-31%0Ahelp: functions that use it can be updated until 2027-03-03
    ::error file=whl/broken-1.0-py3-none-any.whl,title=LP201 not a zip archive::the file is empty%0Ahelp: download or build it again
    ::error file=whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl,title=LP101 built for another Python::built for CPython 3.12 (3.10)%0Ahelp: loads on python3.12 · x86_64
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP101 built for another Python::built for CPython 3.12 (3.10)%0Ahelp: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP103 needs a newer glibc::needs glibc 2.39; python3.10 runs on Amazon Linux 2, which has 2.26 (3.10)
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP103 needs a newer glibc::needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34 (3.12)
    ----- stderr -----
    error[LP502]: nowhere: no such file or folder
      help: check the path; it is relative to the working directory
    4 wheels: 1 loads, 3 do not
    ");
    // Without a named runtime, what loads somewhere is fine.
    assert_snapshot!(scratch.layerpack("check whl --format github").run(), @"
    exit 1
    ----- stdout -----
    ::error file=whl/broken-1.0-py3-none-any.whl,title=LP201 not a zip archive::the file is empty%0Ahelp: download or build it again
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP101 built for another Python::built for CPython 3.12 (3.11, 3.13, 3.14)%0Ahelp: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP102 built for another architecture::built for x86_64 (arm64)
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP103 needs a newer glibc::needs glibc 2.39; python3.11 runs on Amazon Linux 2, which has 2.26 (3.11)
    ::error file=whl/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl,title=LP103 needs a newer glibc::needs glibc 2.39; the runtime runs on Amazon Linux 2023, which has 2.34 (3.12, 3.13, 3.14)
    ----- stderr -----
    4 wheels: 2 load, 2 do not
    ");
}

#[test]
fn annotations_of_other_commands() {
    let index = FakeIndex::builder().wheel(pure("web", "1.0")).start();
    let scratch = Scratch::with_requirements("web==9,>=1\n");
    let run = scratch.layerpack("build src --arch x86_64 --format github").index(&index);
    assert_snapshot!(run.run(), @"
    exit 1
    ----- stdout -----
    ::warning title=LP510 nobody named a target::nobody named a runtime: this is for python3.14 · x86_64; pin it with --runtime
    ::error title=LP302 no version satisfies the requirement::no version of web can be taken%0A  src/requirements.txt line 1 asks for web>=1,==9%0A  the only version is web 1.0%0Ahelp: it works with web==1.0 in place of web>=1,==9 (src/requirements.txt line 1)
    ----- stderr -----
    error[LP302]: no version of web can be taken
      src/requirements.txt line 1 asks for web>=1,==9
      the only version is web 1.0
      help: it works with web==1.0 in place of web>=1,==9 (src/requirements.txt line 1)
    ");
    scratch.write("src/requirements.txt", "web\n");
    let run = scratch.layerpack("resolve src --arch x86_64 --format github").index(&index);
    assert_snapshot!(run.run(), @"
    exit 0
    ----- stdout -----
    web  1.0  833 bytes
    ::warning title=LP510 nobody named a target::nobody named a runtime: this is for python3.14 · x86_64; pin it with --runtime
    ----- stderr -----
    src: 1 package for python3.14 · x86_64
    ");
}

#[test]
fn json() {
    let scratch = wheels();
    let ran = scratch.layerpack("check whl/loop*.whl --runtime python3.12 --arch arm64 --format json").run();
    assert_snapshot!(ran, @r#"
    exit 1
    ----- stdout -----
    {
      "schema": 1,
      "command": "check",
      "targets": [
        {
          "runtime": "python3.12",
          "arch": "arm64",
          "files": [
            {
              "path": "whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl",
              "verdict": "fails",
              "findings": [
                {
                  "code": "LP102",
                  "severity": "error",
                  "entry": null,
                  "message": "built for x86_64; the target is arm64",
                  "help": null,
                  "source": "aws/aws-sam-cli samcli/lib/utils/architecture.py",
                  "checked": "2026-11-22",
                  "grade": null
                }
              ],
              "help": "loads on python3.12 · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64"
            }
          ]
        }
      ],
      "runtime": "python3.12",
      "arch": "arm64",
      "files": [
        {
          "path": "whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl",
          "verdict": "fails",
          "findings": [
            {
              "code": "LP102",
              "severity": "error",
              "entry": null,
              "message": "built for x86_64; the target is arm64",
              "help": null,
              "source": "aws/aws-sam-cli samcli/lib/utils/architecture.py",
              "checked": "2026-11-22",
              "grade": null
            }
          ],
          "help": "loads on python3.12 · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64"
        }
      ],
      "findings": [],
      "errors": []
    }
    "#);
}

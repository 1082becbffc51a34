//! `check`: exceptions, `--strict`, what is known to be there, and verdicts that stay open.

use insta::assert_snapshot;
use testkit::{ElfBuilder, Machine, WheelBuilder};

use crate::check_requirements::{ARM, market};
use crate::support::{Scratch, native, pure};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

/// A wheel that loads, one that does not, and one of which nobody can tell.
fn three_verdicts() -> Scratch {
    let scratch = Scratch::new();
    let labelled = native("engine", "1.0", Machine::X86_64, "2.17");
    scratch
        .wheel("whl", &pure("own", "0.1"))
        .wheel("whl", &native("loop", "0.9", Machine::Aarch64, "2.17"))
        .write("whl/engine-1.0-cp312-cp312-manylinux_2_17_x86_64-x86_64_v3.whl", labelled.build());
    scratch
}

#[test]
fn an_open_verdict_never_counts_as_loading() {
    let scratch = three_verdicts();
    assert_snapshot!(scratch.layerpack(&format!("check whl {TARGET}")).run(), @"
    exit 1
    ----- stdout -----
    warning: whl/engine-1.0-cp312-cp312-manylinux_2_17_x86_64-x86_64_v3.whl: cannot tell whether it loads on python3.12 · x86_64
      LP109  warning: wheel variant x86_64_v3: whether Lambda's processors have what it needs cannot be told
             help: take the wheel of this version without a variant label
    error: whl/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl does not load on python3.12 · x86_64
      LP102  built for arm64; the target is x86_64
      help: loads on python3.12 · arm64; to stay on x86_64, rebuild it for manylinux2014_x86_64
    whl/own-0.1-py3-none-any.whl loads on python3.12 · x86_64
    ----- stderr -----
    3 wheels: 1 loads, 1 does not, 1 cannot be told
    ");
    let open = "check whl/engine-1.0-cp312-cp312-manylinux_2_17_x86_64-x86_64_v3.whl";
    assert_snapshot!(scratch.layerpack(open).run(), @"
    exit 0
    ----- stdout -----
    warning: whl/engine-1.0-cp312-cp312-manylinux_2_17_x86_64-x86_64_v3.whl: cannot tell whether it loads on 1 of 8 targets
              3.11 3.12 3.13 3.14
      arm64   no   no   no   no
      x86_64  no   ?    no   no
      LP101  built for CPython 3.12  (3.11, 3.13, 3.14)
      LP102  built for x86_64  (arm64)
      LP109  warning: wheel variant x86_64_v3: whether Lambda's processors have what it needs cannot be told
             help: take the wheel of this version without a variant label
    ");
    assert_eq!(scratch.layerpack(&format!("{open} {TARGET}")).run().code, 0);
    assert_eq!(scratch.layerpack(&format!("{open} {TARGET} --strict")).run().code, 1);
    assert_eq!(scratch.layerpack(&format!("{open} --strict")).run().code, 1);
    let ran = scratch.layerpack(&format!("{open} {TARGET} --format json")).run();
    assert_eq!(ran.json()["files"][0]["verdict"], "unknown");
}

#[test]
fn strict_counts_warnings_and_says_so() {
    let scratch = Scratch::new();
    let extension = ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.28").build();
    let wheel = WheelBuilder::new("odd", "1.0")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .wheel_version("1.9")
        .file("odd.cpython-312-x86_64-linux-gnu.so", extension);
    scratch.wheel("whl", &wheel);
    assert_snapshot!(scratch.layerpack(&format!("check whl {TARGET}")).run(), @"
    exit 0
    ----- stdout -----
    whl/odd-1.0-cp312-cp312-manylinux_2_17_x86_64.whl loads on python3.12 · x86_64
      LP108  warning: odd.cpython-312-x86_64-linux-gnu.so: its tag promises glibc 2.17, yet it needs 2.28 (GLIBC_2.28)
      LP222  warning: odd-1.0.dist-info/WHEEL: Wheel-Version 1.9 is newer than 1.0, the one known: some of it may be missed
    ");
    let ran = scratch.layerpack(&format!("check whl {TARGET} --strict")).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (1, "--strict counts warnings as errors\n"));
    assert_eq!(scratch.layerpack("check whl --strict").run().code, 1);
}

#[test]
fn exceptions_are_left_out_before_the_verdict() {
    let scratch = three_verdicts();
    let check = |flags: &str| scratch.layerpack(&format!("check whl {TARGET} --strict {flags}")).run();
    assert_eq!(check("--ignore LP102,LP109").code, 0);
    assert_eq!(check("--ignore 102:loop --ignore lp109:engine").code, 0);
    assert_eq!(check("--ignore LP102:own,LP109").code, 1);
    assert_snapshot!(check("--ignore LP102 --ignore LP109:engine,LP103,LP131:numba"), @"
    exit 1
    ----- stdout -----
    whl/engine-1.0-cp312-cp312-manylinux_2_17_x86_64-x86_64_v3.whl loads on python3.12 · x86_64
    whl/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl loads on python3.12 · x86_64
    whl/own-0.1-py3-none-any.whl loads on python3.12 · x86_64
    ----- stderr -----
    warning[LP515]: --ignore LP103 meets nothing: there is no such finding
             help: remove it, or correct the code or the package
    note[LP515]: --ignore LP131:numba meets nothing: numba is not among what was checked
             help: remove it, or correct the code or the package
    3 wheels: 3 load, 0 do not
    left out, as asked: LP102, LP109:engine
    --strict counts warnings as errors
    ");
    // What is advised holds with the exception too: on arm64 nothing else keeps it from loading.
    let wheel = native("tables", "2.0", Machine::X86_64, "2.39").requires_python(">=3.14");
    scratch.wheel("more", &wheel);
    assert_snapshot!(scratch.layerpack(&format!("check more {TARGET} --ignore LP105")).run(), @"
    exit 1
    ----- stdout -----
    error: more/tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl does not load on python3.12 · x86_64
      LP103  needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
      help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ----- stderr -----
    left out, as asked: LP105
    ");
}

#[test]
fn no_exception_is_made_of_the_archive() {
    let scratch = Scratch::new();
    scratch.write("whl/foo-1.0-py3-none-any.whl", "");
    for code in ["LP201", "225:foo", "LP512", "LP513", "LP514"] {
        assert_eq!(scratch.layerpack(&format!("check whl --ignore {code}")).run().code, 2, "{code}");
    }
    assert_snapshot!(scratch.layerpack("check whl --ignore LP201").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: LP201 cannot be ignored: it is about the archive itself (not a zip archive)
      help: nothing else that is said of such a file could be trusted: download or build it again
    ");
    assert_snapshot!(scratch.layerpack("check whl --ignore numba").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --ignore numba: no finding has the code `numba`; codes look like LP102
      help: write a code, LP131, or a code and a package, LP131:numba; layerpack explain lists the codes
    ");
}

#[test]
fn an_exception_that_meets_nothing_is_said() {
    let scratch = Scratch::new();
    scratch.wheel("whl", &pure("own", "0.1"));
    assert_snapshot!(scratch.layerpack("check whl --ignore LP131,LP131:own,LP131:numba").run(), @"
    exit 0
    ----- stdout -----
    whl/own-0.1-py3-none-any.whl loads everywhere
              3.11 3.12 3.13 3.14
      arm64   yes  yes  yes  yes
      x86_64  yes  yes  yes  yes
    ----- stderr -----
    warning[LP515]: --ignore LP131 meets nothing: there is no such finding
             help: remove it, or correct the code or the package
    warning[LP515]: --ignore LP131:own meets nothing: there is no such finding
             help: remove it, or correct the code or the package
    note[LP515]: --ignore LP131:numba meets nothing: numba is not among what was checked
             help: remove it, or correct the code or the package
    ");
    // A hook looks at the files that changed: an exception for another package must not stop it.
    assert_eq!(scratch.layerpack("check whl --strict --ignore LP131:numba").run().code, 0);
    assert_eq!(scratch.layerpack("check whl --strict --ignore LP131:own").run().code, 1);
    let ran = scratch.layerpack("check whl --format json --ignore LP131").run();
    assert_eq!(ran.json()["findings"][0]["code"], "LP515", "{ran}");
    assert_eq!(ran.stderr, "");
}

#[test]
fn libraries_that_are_known_to_be_there() {
    let scratch = Scratch::new();
    let extension = ElfBuilder::shared(Machine::X86_64).needed("libmystery.so.3").needed("libother.so.1").build();
    let wheel = WheelBuilder::new("odd", "1.0")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .file("odd.cpython-312-x86_64-linux-gnu.so", extension);
    scratch.wheel("whl", &wheel);
    for flags in ["--provides libmystery.so.3,libother.so.1", "--provides libmystery.so.3 --provides libother.so.1"] {
        assert_eq!(scratch.layerpack(&format!("check whl {TARGET} --strict {flags}")).run().code, 0, "{flags}");
    }
}

#[test]
fn runtimes_that_are_not_live_are_said() {
    let scratch = Scratch::new();
    scratch.wheel("whl", &pure("own", "0.1"));
    assert_snapshot!(scratch.layerpack("check whl --runtime 3.9,3.12,3.15 --arch arm64 -v").run(), @"
    exit 0
    ----- stdout -----
    whl/own-0.1-py3-none-any.whl loads on python3.9 · arm64, python3.12 · arm64, python3.15 · arm64
    ----- stderr -----
    warning[LP511]: python3.9 is deprecated since 2025-12-15
             help: functions that use it can be updated until 2027-03-03
             source: endoflife-date/endoflife.date products/aws-lambda.md @a70eca337 (2026-11-22)
    warning[LP511]: python3.15 is a preview: its Python may still change its ABI
             source: aws/aws-lambda-python-runtime-interface-client#216 (2026-11-22)
    ");
    let later = scratch.layerpack("check whl --runtime 3.9 --arch arm64").env("LAYERPACK_TODAY", "2027-06-01");
    assert_snapshot!(later.run(), @"
    exit 0
    ----- stdout -----
    whl/own-0.1-py3-none-any.whl loads on python3.9 · arm64
    ----- stderr -----
    warning[LP511]: python3.9 is deprecated since 2025-12-15
             help: functions that use it can no longer be updated since 2027-03-03
    ");
    assert_eq!(scratch.layerpack("check whl --runtime 3.9 --arch arm64 --strict").run().code, 1);
    assert_eq!(scratch.layerpack("check whl --runtime all").run().stderr, "");
}

#[test]
fn evidence_is_given_where_it_is_asked_for() {
    let scratch = Scratch::new();
    let extension = ElfBuilder::shared(Machine::X86_64).needed("libgomp.so.1").build();
    let wheel = WheelBuilder::new("odd", "1.0")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .file("odd.cpython-312-x86_64-linux-gnu.so", extension);
    scratch.wheel("whl", &wheel);
    assert_snapshot!(scratch.layerpack(&format!("check whl {TARGET} -v")).run(), @"
    exit 1
    ----- stdout -----
    error: whl/odd-1.0-cp312-cp312-manylinux_2_17_x86_64.whl does not load on python3.12 · x86_64
      LP131  odd.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: `import odd` fails
             source: shogo82148/docker-lambda dockerfiles/base.al2023/fs-{arm64,x86_64}.txt @9db92970 (in no list, 2026-11-22)
      help: no Lambda runtime loads this file. Put libgomp.so.1 into the layer, where Lambda looks for it: opt/lib/libgomp.so.1 in its source, built for x86_64 and glibc 2.34 or older
    ");
    let ran = scratch.layerpack(&format!("check whl {TARGET} --format json")).run();
    assert_snapshot!(ran.json()["files"][0]["findings"][0], @r#"{"checked":"2026-11-22","code":"LP131","entry":"odd.cpython-312-x86_64-linux-gnu.so","grade":"unlisted","help":null,"message":"needs libgomp.so.1, which python3.12 lacks: `import odd` fails","severity":"error","source":"shogo82148/docker-lambda dockerfiles/base.al2023/fs-{arm64,x86_64}.txt @9db92970"}"#);
    // What is vouched for is there.
    assert_eq!(scratch.layerpack(&format!("check whl {TARGET} --provides libgomp.so.1")).run().code, 0);
    assert_eq!(scratch.layerpack(&format!("check whl {TARGET} --ignore LP131")).run().code, 0);
}

#[test]
fn together_all_wheels_are_one_function() {
    let scratch = Scratch::new();
    scratch
        .wheel("whl", &pure("web", "1.2").requires("templates>=2").requires("colours; sys_platform == 'win32'"))
        .wheel("whl", &pure("templates", "1.0"));
    assert_eq!(scratch.layerpack(&format!("check whl {TARGET}")).run().code, 0);
    assert_snapshot!(scratch.layerpack(&format!("check whl {TARGET} --together")).run(), @"
    exit 1
    ----- stdout -----
    whl/templates-1.0-py3-none-any.whl loads on python3.12 · x86_64
    whl/web-1.2-py3-none-any.whl loads on python3.12 · x86_64
    error: the function does not load on python3.12 · x86_64
      LP418  web-1.2.dist-info/METADATA: web 1.2 requires templates>=2; the layer has templates 1.0
             help: pack versions that agree; layerpack build resolves them
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
    assert_snapshot!(scratch.layerpack("check whl --together --arch arm64").run(), @"
    exit 1
    ----- stdout -----
                   arm64
                   3.11 3.12 3.13 3.14
    templates 1.0  yes  yes  yes  yes
    web 1.2        yes  yes  yes  yes
    the function   no   no   no   no
      LP418  web-1.2.dist-info/METADATA: web 1.2 requires templates>=2; the layer has templates 1.0
             help: pack versions that agree; layerpack build resolves them
             the function
    error: the function loads on no target
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
    assert_eq!(scratch.layerpack(&format!("check whl {TARGET} --together --ignore LP418")).run().code, 0);
    scratch.wheel("newer", &pure("templates", "2.0"));
    let apart = format!("check whl/web-1.2-py3-none-any.whl newer {TARGET} --together -q");
    assert_snapshot!(scratch.layerpack(&apart).run(), @"exit 0");
}

#[test]
fn exceptions_hold_for_finished_layers_and_requirement_files_too() {
    let scratch = three_verdicts();
    scratch
        .layerpack("build whl/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl --no-index -o dist/layer-1.zip")
        .run()
        .fine();
    let layer = |flags: &str| scratch.layerpack(&format!("check dist/layer-1.zip whl/own*.whl {TARGET} {flags}")).run();
    assert_eq!(layer("").code, 1);
    let spared = layer("--ignore LP102:loop --ignore LP131:loop,LP131:absent --strict");
    assert_snapshot!(spared, @"
    exit 1
    ----- stdout -----
    dist/layer-1.zip loads on python3.12 · x86_64
    whl/own-0.1-py3-none-any.whl loads on python3.12 · x86_64
    ----- stderr -----
    warning[LP515]: --ignore LP131:loop meets nothing: there is no such finding
             help: remove it, or correct the code or the package
    note[LP515]: --ignore LP131:absent meets nothing: absent is not among what was checked
             help: remove it, or correct the code or the package
    2 files: 2 load, 0 do not
    left out, as asked: LP102:loop
    --strict counts warnings as errors
    ");

    let index = market().start();
    scratch.write("src/requirements.txt", "web==1.2\nnumbers==1.0\n");
    let list = |path: &str, flags: &str| scratch.layerpack(&format!("check {path} {ARM} {flags}")).index(&index).run();
    // A source folder stands for its file.
    assert_eq!(list("src", "").to_string(), list("src/requirements.txt", "").to_string());
    assert_eq!(list("src", "").code, 1);
    assert_snapshot!(list("src", "--ignore LP305:numbers"), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: 3 packages, all have wheels for python3.13 · arm64
    ----- stderr -----
    left out, as asked: LP305:numbers
    ");
    assert_eq!(list("src", "--ignore LP305:web").code, 1);
}

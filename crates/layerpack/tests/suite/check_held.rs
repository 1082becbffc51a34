//! `check` of finished layers and functions: zips and unpacked trees.

use insta::assert_snapshot;
use testkit::{ElfBuilder, Machine, WheelBuilder};

use crate::support::{Scratch, native, pure};

const ARM: &str = "--runtime python3.12 --arch arm64";

/// A layer of three packages, built as `dist/whl-python3.12-arm64.zip` and as a tree.
fn built() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .wheel("whl", &pure("own", "0.1").requires("loop>=0.9"))
        .wheel("whl", &native("loop", "0.9", Machine::Aarch64, "2.17"))
        .wheel("whl", &pure("third", "1.0"));
    let ran = scratch.layerpack(&format!("build whl {ARM} --emit zip,tree,report --offline")).run();
    assert_eq!(ran.code, 0, "{ran}");
    scratch
}

#[test]
fn what_build_writes_passes_as_a_zip_and_as_a_tree() {
    let scratch = built();
    for path in ["dist/whl-python3.12-arm64.zip", "dist/whl-python3.12-arm64"] {
        let ran = scratch.layerpack(&format!("check {path} {ARM}")).run();
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (0, format!("{path} loads on python3.12 · arm64\n").as_str()),
            "{ran}"
        );
    }
}

#[test]
fn a_layer_for_another_python_or_processor_is_refused_by_what_it_holds() {
    let scratch = built();
    assert_snapshot!(
        scratch.layerpack("check dist/whl-python3.12-arm64.zip --runtime python3.13 --arch arm64,x86_64").run(), @"
    exit 1
    ----- stdout -----
    error: dist/whl-python3.12-arm64.zip does not load on python3.13 · arm64
      LP101  loop 0.9: built for CPython 3.12; the target is python3.13
      help: loads on python3.12 · arm64
    error: dist/whl-python3.12-arm64.zip does not load on python3.13 · x86_64
      LP101  loop 0.9: built for CPython 3.12; the target is python3.13
      LP102  loop 0.9: built for arm64; the target is x86_64
      help: loads on python3.12 · arm64; to stay on x86_64, rebuild it for cp313 or abi3 on manylinux2014_x86_64
    ");
}

#[test]
fn a_layer_without_what_its_packages_require() {
    let scratch = built();
    fs_err::remove_dir_all(scratch.path("dist/whl-python3.12-arm64/python/loop-0.9.dist-info"))
        .expect("it was written");
    assert_snapshot!(scratch.layerpack(&format!("check dist/whl-python3.12-arm64 {ARM}")).run(), @"
    exit 1
    ----- stdout -----
    error: dist/whl-python3.12-arm64 does not load on python3.12 · arm64
      LP418  python/own-0.1.dist-info/METADATA: own 0.1 requires loop>=0.9; the layer has no loop
             help: pack it as well; layerpack build does
    ");
}

#[test]
fn what_python_does_not_find_in_a_layer() {
    let scratch = Scratch::new();
    scratch
        .write("packed/python/own-0.1-py3-none-any.whl", pure("own", "0.1").build())
        .write("packed/python/own.py", "")
        .write("nested/python/python/own.py", "")
        .write("function/app.py", "import json\n")
        .write("function/run.sh", "#!/bin/bash\r\nexec python -m uvicorn app:app\r\n");
    let run = scratch.layerpack(&format!("check packed/python/.. nested function {ARM}")).run();
    // Windows has no x bits to look at.
    let mode = "  LP419  run.sh: a script without x bit (mode 0644): it cannot be started\n         help: chmod 755 run.sh before packing\n";
    assert_eq!(run.stdout.contains(mode), cfg!(unix), "{run}");
    assert_snapshot!(run.to_string().replace("packed/python/..", "packed").replace(mode, ""), @"
    exit 1
    ----- stdout -----
    error: packed does not load on python3.12 · arm64
      LP410  python/own-0.1-py3-none-any.whl: a packed wheel, and Python does not look into wheels
             help: unpack it below python/; layerpack build does
    error: nested does not load on python3.12 · arm64
      LP412  python/python/own.py: 1 Python file in python/python/, one folder too deep to be found
             help: move what lies in python/python/ up to python/
    error: function does not load on python3.12 · arm64
      LP420  run.sh: a script with Windows line ends: Linux takes the carriage return for a part of each line
             help: save it with Unix line ends (dos2unix; `*.sh text eol=lf` in .gitattributes)
    ----- stderr -----
    3 files: 0 load, 3 do not
    ");
}

#[test]
fn layers_and_wheels_are_one_function_with_together() {
    let scratch = Scratch::new();
    let library = ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").soname("libgomp.so.1").build();
    let extension = ElfBuilder::shared(Machine::Aarch64).needed("libgomp.so.1").build();
    let boost = WheelBuilder::new("boost", "1.0")
        .tag("cp312-cp312-manylinux_2_17_aarch64")
        .file("boost.cpython-312-aarch64-linux-gnu.so", extension);
    scratch.write("gomp/lib/libgomp.so.1", library).wheel("whl", &boost);
    assert_eq!(scratch.layerpack(&format!("check gomp whl {ARM}")).run().code, 1);
    assert_snapshot!(scratch.layerpack(&format!("check gomp whl --together {ARM}")).run(), @"
    exit 0
    ----- stdout -----
    gomp loads on python3.12 · arm64
    whl/boost-1.0-cp312-cp312-manylinux_2_17_aarch64.whl loads on python3.12 · arm64
    the function loads on python3.12 · arm64
    ----- stderr -----
    2 files: 2 load, 0 do not
    ");
}

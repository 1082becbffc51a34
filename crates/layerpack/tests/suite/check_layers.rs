//! `check` over the layers of a configuration that are for different targets.

use insta::assert_snapshot;
use testkit::Machine;

use crate::check_requirements::market;
use crate::layers::{layers, two_layers};
use crate::support::{Scratch, native, pure, shop};

/// Two layers of wheels, each for a target of its own, and a wheel that is no layer's.
fn two_targets() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .write(
            "layerpack.toml",
            "[layers.arm]\nsource = \"arm\"\nruntime = \"python3.12\"\narch = \"arm64\"\n[layers.intel]\n\
             source = \"intel\"\nruntime = \"python3.13\"\narch = \"x86_64\"\n",
        )
        .wheel("arm", &native("loop", "0.9", Machine::Aarch64, "2.17"))
        .wheel("intel", &native("engine", "1.0", Machine::X86_64, "2.17"))
        .wheel("intel", &pure("own", "0.1"));
    scratch
}

#[test]
fn each_layer_is_checked_on_its_own_targets() {
    let scratch = two_targets();
    assert_snapshot!(scratch.layerpack("check").run(), @"
    exit 1
    ----- stdout -----
    arm/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl loads on python3.12 · arm64
    error: intel/engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl does not load on python3.13 · x86_64
      LP101  built for CPython 3.12; the target is python3.13
      help: loads on python3.12 · x86_64
    intel/own-0.1-py3-none-any.whl loads on python3.13 · x86_64
    ----- stderr -----
    3 wheels: 2 load, 1 does not
    ");
    assert_snapshot!(scratch.layerpack("check intel arm -q").run(), @"
    exit 1
    ----- stdout -----
    error: intel/engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl does not load on python3.13 · x86_64
      LP101  built for CPython 3.12; the target is python3.13
      help: loads on python3.12 · x86_64
    ");
    assert_snapshot!(scratch.layerpack("check --format github").run(), @"
    exit 1
    ----- stdout -----
    ::error file=intel/engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl,title=LP101 built for another Python::built for CPython 3.12 (3.13 · x86_64)%0Ahelp: loads on python3.12 · x86_64
    ----- stderr -----
    3 wheels: 2 load, 1 does not
    ");
    // What is typed wins for all.
    assert_snapshot!(scratch.layerpack("check --runtime python3.12 --arch arm64").run(), @"
    exit 1
    ----- stdout -----
    arm/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl loads on python3.12 · arm64
    error: intel/engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl does not load on python3.12 · arm64
      LP102  built for x86_64; the target is arm64
      help: loads on python3.12 · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    intel/own-0.1-py3-none-any.whl loads on python3.12 · arm64
    ----- stderr -----
    3 wheels: 2 load, 1 does not
    ");
}

#[test]
fn the_document_has_every_target_with_its_own_files() {
    let ran = two_targets().layerpack("check --format json").run();
    let document = ran.json();
    let targets = document["targets"].as_array().expect("targets").iter().map(|on| {
        let files = on["files"].as_array().expect("files").iter();
        let files: Vec<String> = files.map(|file| format!("{}: {}", file["path"], file["verdict"])).collect();
        format!("{} {}: {}", on["runtime"], on["arch"], files.join(", "))
    });
    assert_snapshot!(targets.collect::<Vec<_>>().join("\n"), @r#"
    "python3.12" "arm64": "arm/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl": "loads"
    "python3.13" "x86_64": "intel/engine-1.0-cp312-cp312-manylinux_2_17_x86_64.whl": "fails", "intel/own-0.1-py3-none-any.whl": "loads"
    "#);
    assert_eq!(ran.code, 1);
}

#[test]
fn what_is_no_layers_source_is_checked_on_every_target_in_the_order_of_the_paths() {
    let scratch = two_targets();
    scratch.wheel("third", &pure("third", "0.3"));
    // Nobody says which target the third is for: any will do.
    assert_snapshot!(scratch.layerpack("check third arm").run(), @"
    exit 0
    ----- stdout -----
    third/third-0.3-py3-none-any.whl loads everywhere
              3.11 3.12 3.13 3.14
      arm64   yes  yes  yes  yes
      x86_64  yes  yes  yes  yes
    arm/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl loads on python3.12 · arm64
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
}

#[test]
fn requirement_files_too_are_looked_at_for_their_layers_targets() {
    let index = market().start();
    let scratch = layers(
        "[layers.old]\nsource = \"old\"\nruntime = \"python3.12\"\narch = \"arm64\"\n[layers.new]\nsource = \"new\"\n\
         runtime = [\"python3.13\", \"python3.14\"]\narch = \"arm64\"\n",
        &[("old", "letters==1.2\n"), ("new", "letters==1.3\n")],
    );
    assert_snapshot!(scratch.layerpack("check").index(&index).run(), @"
    exit 1
    ----- stdout -----
    old/requirements.txt: 1 package, it has a wheel for python3.12 · arm64
    error: new/requirements.txt: 1 of 2 targets has all packages
                           3.13  3.14
      letters==1.3  arm64  yes   no
      LP305  new/requirements.txt:1: letters==1.3 has wheels only for cp313 on arm64, x86_64  (3.14)
             help: none of the 4 versions has one; 1.3 has one for python3.13 · arm64
    ");
    let document = scratch.layerpack("check --format json").index(&index).run().json();
    let on: Vec<String> = document["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|on| format!("{} {} {}", on["runtime"], on["files"][0]["path"], on["files"][0]["verdict"]))
        .collect();
    assert_snapshot!(on.join("\n"), @r#"
    "python3.12" "old/requirements.txt" "loads"
    "python3.13" "new/requirements.txt" "loads"
    "python3.14" "new/requirements.txt" "fails"
    "#);
}

#[test]
fn one_function_has_one_target() {
    let scratch = two_targets();
    assert_snapshot!(scratch.layerpack("check --together").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: arm and intel are for different targets
      help: what is one function has one target: leave --together out, or name it with --runtime and --arch
    ");
    assert_eq!(scratch.layerpack("check --together --runtime python3.12").run().code, 2);
    assert_eq!(scratch.layerpack("check --together --runtime python3.12 --arch arm64").run().code, 1);
}

#[test]
fn a_built_layer_is_checked_on_top_of_what_its_configuration_says() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.layerpack("build --emit zip,tree --runtime python3.12,python3.13").index(&index).run().fine();
    let built = "check dist/whl-python3.13-arm64.zip dist/whl-python3.12-arm64";
    // Each is for the target that it is called after, though the configuration has only one of them.
    assert_snapshot!(scratch.layerpack(built).run(), @"
    exit 0
    ----- stdout -----
    dist/whl-python3.13-arm64.zip loads on python3.13 · arm64
    dist/whl-python3.12-arm64 loads on python3.12 · arm64
    ----- stderr -----
    2 files: 2 load, 0 do not
    ");
    // What lies below counts as it is, not as it should be.
    fs_err::write(scratch.path("dist/pypi-python3.13-arm64.zip"), "cut off").expect("a file");
    assert_snapshot!(scratch.layerpack(built).run(), @"
    exit 1
    ----- stdout -----
    dist/whl-python3.12-arm64 loads on python3.12 · arm64
    ----- stderr -----
    error[LP201]: the layer pypi of layerpack.toml: dist/pypi-python3.13-arm64.zip: not a zip archive: starts with `cut off`
      help: it lies below: build it again, layerpack build pypi
    ");
    fs_err::remove_file(scratch.path("dist/pypi-python3.13-arm64.zip")).expect("a file");
    fs_err::remove_dir_all(scratch.path("dist/pypi-python3.13-arm64")).expect("a folder");
    // Where it is not there, what it may have is left open.
    assert_snapshot!(scratch.layerpack("check dist/whl-python3.13-arm64.zip").run(), @"
    exit 0
    ----- stdout -----
    dist/whl-python3.13-arm64.zip loads on python3.13 · arm64
    ----- stderr -----
    dist/whl-python3.13-arm64.zip: pypi, below, is not built; what it may have is left open
    ");
    // What is typed wins.
    scratch.write("empty/python/x.py", "x = 1\n");
    assert_snapshot!(scratch.layerpack("check dist/whl-python3.12-arm64.zip --on-top-of empty").run(), @"
    exit 1
    ----- stdout -----
    error: dist/whl-python3.12-arm64.zip does not load on python3.12 · arm64
      LP418  python/local_package1-0.1.0.dist-info/METADATA: local-package1 0.1.0 requires web>=1; the layer has no web
             help: pack it as well; layerpack build does
      LP418  python/local_package2-0.2.0.dist-info/METADATA: local-package2 0.2.0 requires templates<3; the layer has no templates
             help: pack it as well; layerpack build does
    ");
}

//! `check` on top of layers: of wheels, requirement files and locks, what lies below is found and settles versions.

use insta::assert_snapshot;
use testkit::{ElfBuilder, FakeIndex, Machine, WheelBuilder};

use crate::layers::{TWO, layers, two_layers};
use crate::support::{Scratch, pure, shop};

const ARM: &str = "--runtime python3.12 --arch arm64";

/// Two layers, of which the lower one is built.
fn built(scratch: Scratch, index: &FakeIndex) -> Scratch {
    scratch.layerpack("build pypi --emit zip").index(index).run().fine();
    scratch
}

/// A wheel whose library is in another one, and that one.
fn solver() -> [WheelBuilder; 2] {
    let library = ElfBuilder::shared(Machine::Aarch64).soname("libsolve.so.3").build();
    let user = ElfBuilder::shared(Machine::Aarch64).needed("libsolve.so.3").rpath("$ORIGIN/../solve_libs").build();
    let tag = "cp312-cp312-manylinux_2_17_aarch64";
    [
        WheelBuilder::new("solve_libs", "3.1").tag(tag).file("solve_libs/libsolve.so.3", library),
        WheelBuilder::new("solver", "1.0").tag(tag).file("solver/core.cpython-312-aarch64-linux-gnu.so", user),
    ]
}

#[test]
fn wheels_of_a_source_find_what_is_below() {
    let [libs, solver] = solver();
    let index = FakeIndex::builder().wheel(libs).start();
    let scratch = layers(TWO, &[("src/layers/pypi", "solve-libs\n")]);
    scratch.wheel("src/layers/whl", &solver);
    // Not built, so that it is left open, and said which.
    assert_snapshot!(scratch.layerpack("check whl").run(), @"
    exit 0
    ----- stdout -----
    warning: src/layers/whl/solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl: cannot tell whether it loads on python3.12 · arm64
      LP132  warning: solver/core.cpython-312-aarch64-linux-gnu.so: needs libsolve.so.3, looked for in /opt/python/solve_libs, which belongs to a package that was not given
    ----- stderr -----
    src/layers/whl/solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl: pypi, below, is not built; what it may have is left open
    ");
    let scratch = built(scratch, &index);
    assert_snapshot!(scratch.layerpack("check whl").run(), @"
    exit 0
    ----- stdout -----
    src/layers/whl/solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl loads on python3.12 · arm64
    ");
    // The folder and a wheel in it are the layer's as well.
    let by_name = scratch.layerpack("check whl").run().stdout;
    assert_eq!(scratch.layerpack("check src/layers/whl").run().stdout, by_name);
    let wheel = "src/layers/whl/solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl";
    assert_eq!(scratch.layerpack(&format!("check {wheel}")).run().stdout, by_name);
    assert_snapshot!(scratch.layerpack(&format!("check src/layers/whl --no-config {ARM}")).run(), @"
    exit 0
    ----- stdout -----
    warning: src/layers/whl/solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl: cannot tell whether it loads on python3.12 · arm64
      LP132  warning: solver/core.cpython-312-aarch64-linux-gnu.so: needs libsolve.so.3, looked for in /opt/python/solve_libs, which belongs to a package that was not given
    ");
    let on_top = format!("check src/layers/whl --no-config {ARM} --on-top-of dist/pypi-python3.12-arm64.zip");
    assert_eq!(scratch.layerpack(&on_top).run().stdout, by_name);
}

#[test]
fn wheels_are_held_against_the_versions_below() {
    let index = shop().start();
    let scratch = built(two_layers(""), &index);
    // What nobody has named an index may bring, but what is below stays as it is.
    scratch
        .wheel("src/layers/whl", &pure("strict", "1.0").requires("templates<2").requires("nowhere"))
        .wheel("src/layers/whl", &pure("web", "1.1"))
        .wheel("src/layers/whl", &WheelBuilder::new("other", "1.0").file("templates/__init__.py", "x = 2\n"));
    assert_snapshot!(scratch.layerpack("check whl").run(), @"
    exit 1
    ----- stdout -----
    src/layers/whl/local_package1-0.1.0-py3-none-any.whl loads on python3.12 · arm64
    src/layers/whl/local_package2-0.2.0-py3-none-any.whl loads on python3.12 · arm64
    src/layers/whl/other-1.0-py3-none-any.whl loads on python3.12 · arm64
      LP421  warning: templates/__init__.py: templates of other 1.0 shadows the templates of templates in pypi, below
             help: give one of them another name, or leave it out of one of the layers: their files are mixed
    error: src/layers/whl/strict-1.0-py3-none-any.whl does not load on python3.12 · arm64
      LP418  strict-1.0.dist-info/METADATA: strict 1.0 requires templates<2; a layer below has templates 2.1
             help: the layers of a function share one version: change what is required, or what is below
    error: src/layers/whl/web-1.1-py3-none-any.whl does not load on python3.12 · arm64
      LP303  src/layers/whl/web-1.1-py3-none-any.whl is web 1.1, and the layer pypi, below, has 1.2
             help: the layers of a function share one web: change what is asked for, or have the layer pypi take a version that both allow, and lock and build it again
    ----- stderr -----
    5 wheels: 3 load, 2 do not
    ");
    assert_eq!(scratch.layerpack("check whl --ignore LP303,LP418").run().code, 0);
}

#[test]
fn neighbours_may_come_from_elsewhere_and_a_function_may_not() {
    let index = shop().start();
    let scratch = built(two_layers(""), &index);
    let on_top = "check src/layers/whl --on-top-of dist/pypi-python3.12-arm64.zip";
    assert_snapshot!(scratch.layerpack(on_top).run(), @"
    exit 0
    ----- stdout -----
    src/layers/whl/local_package1-0.1.0-py3-none-any.whl loads on python3.12 · arm64
    src/layers/whl/local_package2-0.2.0-py3-none-any.whl loads on python3.12 · arm64
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
    assert_snapshot!(scratch.layerpack(&format!("{on_top} --together")).run(), @"
    exit 1
    ----- stdout -----
    src/layers/whl/local_package1-0.1.0-py3-none-any.whl loads on python3.12 · arm64
    src/layers/whl/local_package2-0.2.0-py3-none-any.whl loads on python3.12 · arm64
    error: the function does not load on python3.12 · arm64
      LP418  local_package1-0.1.0.dist-info/METADATA: local-package1 0.1.0 requires colours; the layer has no colours
             help: pack it as well; layerpack build does
    ----- stderr -----
    2 wheels: 2 load, 0 do not
    ");
    // A configured layer is named like any other.
    assert_eq!(scratch.layerpack("check whl --on-top-of pypi").run().code, 0);
    assert_snapshot!(scratch.layerpack("check whl --on-top-of nowhere").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: nowhere: no such file or folder
      help: check the path; it is relative to the working directory
    ");
}

#[test]
fn requirement_files_take_the_versions_below() {
    let index = shop().start();
    let scratch = layers(TWO, &[("src/layers/pypi", "web\n"), ("src/layers/whl", "web>=1\ncolours\ntables\n")]);
    let scratch = built(scratch, &index);
    assert_snapshot!(scratch.layerpack("check whl").index(&index).run(), @"
    exit 1
    ----- stdout -----
    error: src/layers/whl/requirements.txt: 1 of 2 packages has no wheel for python3.12 · arm64
      LP305  no version of tables that will do has a wheel for python3.12 · arm64
             src/layers/whl/requirements.txt line 3 asks for tables
             tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl: built for x86_64; the target is arm64; needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
             tables-1.0-cp312-cp312-manylinux_2_28_x86_64.whl: built for x86_64; the target is arm64
             help: python3.12 · x86_64 has a wheel of tables 1.0
    ");
    scratch.write("src/layers/whl/requirements.txt", "web\ncolours\ntemplates<2.1\n");
    assert_snapshot!(scratch.layerpack("check whl").index(&index).run(), @"
    exit 1
    ----- stdout -----
    error: src/layers/whl/requirements.txt: 1 of 2 packages cannot be had for python3.12 · arm64
      LP303  the layer pypi, below, has templates 2.1, and another version is asked for
             src/layers/whl/requirements.txt line 3 asks for templates<2.1
             help: the layers of a function share one templates: change what is asked for, or have the layer pypi take a version that both allow, and lock and build it again
    ");
    // By its path it is the same layer's.
    let by_path = scratch.layerpack("check src/layers/whl/requirements.txt").index(&index).run();
    assert_eq!(by_path.stdout, scratch.layerpack("check whl").index(&index).run().stdout);
    // On another target, for which nothing is built, versions are free.
    let other = "check src/layers/whl/requirements.txt --runtime python3.13";
    assert_snapshot!(scratch.layerpack(other).index(&index).run(), @"
    exit 0
    ----- stdout -----
    src/layers/whl/requirements.txt: 3 packages, all have wheels for python3.13 · arm64
    ----- stderr -----
    src/layers/whl/requirements.txt: pypi, below, is not built; what it may have is left open
    ");
}

#[test]
fn deep_finds_what_is_below() {
    let [libs, solver] = solver();
    let index = FakeIndex::builder().wheel(libs).wheel(solver).start();
    let scratch = layers(TWO, &[("src/layers/pypi", "solve-libs\n"), ("src/layers/whl", "solver\n")]);
    let deep = || scratch.layerpack("check whl --deep").index(&index).run();
    assert_snapshot!(deep(), @"
    exit 0
    ----- stdout -----
    src/layers/whl/requirements.txt: 1 package, cannot tell whether all load on python3.12 · arm64
      LP132  warning: solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl: solver/core.cpython-312-aarch64-linux-gnu.so: needs libsolve.so.3, looked for in /opt/python/solve_libs, which belongs to a package that was not given
    ----- stderr -----
    src/layers/whl/requirements.txt: pypi, below, is not built; what it may have is left open
    ");
    scratch.layerpack("build pypi --emit tree").index(&index).run().fine();
    assert_snapshot!(deep(), @"
    exit 0
    ----- stdout -----
    src/layers/whl/requirements.txt: 1 package, it loads on python3.12 · arm64
    ");
    let alone = scratch.layerpack(&format!("check src/layers/whl --deep --no-config {ARM}")).index(&index).run();
    assert_snapshot!(alone, @"
    exit 1
    ----- stdout -----
    error: src/layers/whl/requirements.txt: 1 of 1 package does not load on python3.12 · arm64
      LP131  solver-1.0-cp312-cp312-manylinux_2_17_aarch64.whl: solver/core.cpython-312-aarch64-linux-gnu.so: needs libsolve.so.3, which python3.12 lacks: `import solver` fails
             help: no Lambda runtime loads this file. Put libsolve.so.3 into the layer, where Lambda looks for it: opt/lib/libsolve.so.3 in its source, built for arm64 and glibc 2.34 or older
    ");
}

#[test]
fn locks_are_held_against_the_versions_below() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.write("own/requirements.txt", "web\ncolours\n");
    scratch.layerpack(&format!("lock own {ARM}")).index(&index).run().fine();
    let scratch = built(scratch, &index);
    let on_top = "check own/pylock.toml --on-top-of dist/pypi-python3.12-arm64.zip";
    assert_snapshot!(scratch.layerpack(on_top).index(&index).run(), @"
    exit 0
    ----- stdout -----
    own/pylock.toml: 1 package, it has a wheel for python3.12 · arm64
    ");
    scratch.write("src/layers/pypi/requirements.txt", "web<1.2\n");
    let scratch = built(scratch, &index);
    assert_snapshot!(scratch.layerpack(on_top).index(&index).run(), @"
    exit 1
    ----- stdout -----
    error: own/pylock.toml: 1 of 2 packages cannot be had for python3.12 · arm64
      LP310  own/pylock.toml has web 1.2, and dist/pypi-python3.12-arm64.zip, below, has 1.1
             help: the layers of a function share one web: lock again with layerpack lock own/pylock.toml, so that both have one version
    ");
}

#[test]
fn each_target_lies_on_what_was_built_for_it() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.layerpack("build pypi --runtime python3.12,python3.13 --emit zip").index(&index).run().fine();
    scratch.wheel("src/layers/whl", &pure("strict", "1.0").requires("templates<2"));
    let three = "check whl --runtime python3.12,python3.13,python3.14";
    assert_snapshot!(scratch.layerpack(three).run(), @"
    exit 1
    ----- stdout -----
    src/layers/whl/local_package1-0.1.0-py3-none-any.whl loads on python3.12 · arm64, python3.13 · arm64, python3.14 · arm64
    src/layers/whl/local_package2-0.2.0-py3-none-any.whl loads on python3.12 · arm64, python3.13 · arm64, python3.14 · arm64
    src/layers/whl/strict-1.0-py3-none-any.whl loads on python3.14 · arm64
    error: src/layers/whl/strict-1.0-py3-none-any.whl does not load on python3.12 · arm64
      LP418  strict-1.0.dist-info/METADATA: strict 1.0 requires templates<2; a layer below has templates 2.1
             help: the layers of a function share one version: change what is required, or what is below
    error: src/layers/whl/strict-1.0-py3-none-any.whl does not load on python3.13 · arm64
      LP418  strict-1.0.dist-info/METADATA: strict 1.0 requires templates<2; a layer below has templates 2.1
             help: the layers of a function share one version: change what is required, or what is below
    ----- stderr -----
    src/layers/whl/local_package1-0.1.0-py3-none-any.whl, src/layers/whl/local_package2-0.2.0-py3-none-any.whl, src/layers/whl/strict-1.0-py3-none-any.whl: pypi, below, is not built for 3.14; what it may have is left open
    3 wheels: 2 load, 1 does not
    ");
    let document = scratch.layerpack(&format!("{three} --format json")).run();
    let targets = document.json()["targets"].as_array().expect("targets").clone();
    let on = targets.iter().map(|on| format!("{}: {}", on["runtime"], on["files"][2]["not_built_below"]));
    assert_snapshot!(on.collect::<Vec<_>>().join("\n"), @r#"
    "python3.12": null
    "python3.13": null
    "python3.14": ["pypi"]
    "#);
    assert_eq!(document.stderr, "", "the document says it");
}

#[test]
fn what_is_built_for_few_targets_is_said_in_short() {
    let index = shop().start();
    let scratch = layers(
        "[layers.pypi]\nsource = \"pypi\"\n[layers.more]\nsource = \"more\"\n[layers.top]\nsource = \"top\"\non-top-of = [\"pypi\", \"more\"]\n",
        &[("pypi", "web\n"), ("more", "colours\n")],
    );
    scratch.wheel("top", &pure("own", "0.1").requires("web"));
    let left_open = || scratch.layerpack("check top").run().fine().stderr;
    assert_snapshot!(left_open(), @"
    top/own-0.1-py3-none-any.whl: pypi and more, below, are not built; what they may have is left open
    ");
    scratch.layerpack(&format!("build pypi {ARM} --emit report")).index(&index).run().fine();
    assert_snapshot!(left_open(), @"
    top/own-0.1-py3-none-any.whl: pypi, below, is built for 3.12 · arm64 only; what it may have elsewhere is left open
    top/own-0.1-py3-none-any.whl: more, below, is not built; what it may have is left open
    ");
}

#[test]
fn who_names_a_damaged_layer_below_is_said() {
    let index = shop().start();
    let scratch = two_layers("[layers.top]\nsource = \"top\"\non-top-of = \"vendor/base.zip\"\n");
    let scratch = built(scratch, &index);
    scratch
        .write("dist/pypi-python3.12-arm64.zip", "cut off")
        .write("vendor/base.zip", "not one")
        .write("top/requirements.txt", "web\n");
    assert_snapshot!(scratch.layerpack("check whl top").index(&index).run(), @"
    exit 1
    ----- stderr -----
    error[LP201]: the layer pypi of layerpack.toml: dist/pypi-python3.12-arm64.zip: not a zip archive: starts with `cut off`
      help: it lies below: build it again, layerpack build pypi
    error[LP201]: vendor/base.zip: not a zip archive: starts with `not one`
      help: on-top-of of layers.top in layerpack.toml names it, a layer that loads: see layerpack check vendor/base.zip
    ");
    assert_snapshot!(scratch.layerpack("build top").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP201]: vendor/base.zip: not a zip archive: starts with `not one`
      help: on-top-of of layers.top in layerpack.toml names it, a layer that loads: see layerpack check vendor/base.zip
    ");
    assert_snapshot!(scratch.layerpack("build top --on-top-of vendor/base.zip").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP201]: vendor/base.zip: not a zip archive: starts with `not one`
      help: --on-top-of names a layer that loads: see layerpack check
    ");
    fs_err::remove_file(scratch.path("vendor/base.zip")).expect("a file");
    assert_snapshot!(scratch.layerpack("build top").index(&index).run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: vendor/base.zip: no such file or folder
      help: correct on-top-of of layers.top in layerpack.toml: it names a zip, an unpacked tree, a report of build, a folder with a requirement or lock file, or a configured layer
    ");
}

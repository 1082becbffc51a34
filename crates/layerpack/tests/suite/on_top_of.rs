//! Layers on top of others: versions are shared, nothing is packed again, and all of it is weighed and judged together.

use insta::assert_snapshot;
use testkit::{FakeIndex, Machine, WheelBuilder};

use crate::layers::{TWO, layers, two_layers};
use crate::support::{Scratch, native, pure, shop};

fn entries(scratch: &Scratch, zip: &str) -> Vec<String> {
    let listing = testkit::zip_listing(&scratch.read(zip));
    let paths = listing.lines().filter_map(|line| line.rsplit(' ').next());
    paths.filter(|path| path.ends_with("__init__.py")).map(str::to_owned).collect()
}

#[test]
fn nothing_below_is_packed_again_and_both_are_weighed() {
    let index = shop().start();
    let scratch = two_layers("");
    assert_snapshot!(scratch.layerpack("build").index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/pypi-python3.12-arm64.zip   sha256 [SHA256]
    dist/pypi-python3.12-arm64.json   sha256 [SHA256]
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    dist/whl-python3.12-arm64.json   sha256 [SHA256]
    ----- stderr -----
    pypi   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    whl   python3.12 · arm64   (layerpack.toml)
    3 packages
    2 kB, with pypi (2 kB): 3 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    assert_snapshot!(entries(&scratch, "dist/whl-python3.12-arm64.zip").join("\n"), @"
    python/colours/__init__.py
    python/local_package1/__init__.py
    python/local_package2/__init__.py
    ");
    // A layer below is not built for the sake of one that was asked for.
    fs_err::remove_dir_all(scratch.path("dist")).expect("dist/");
    let alone = scratch.layerpack("build whl").index(&index).run().fine();
    assert!(!alone.stdout.contains("dist/pypi"), "{alone}");
    let report = scratch.text("dist/whl-python3.12-arm64.json");
    let json: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(json["below"], serde_json::json!([{ "name": "pypi", "unzipped": 1427 }]));
    assert!(!report.contains("\"name\":\"web\"") && !report.contains("\"name\": \"web\""), "{report}");
}

#[test]
fn without_what_is_below_its_requirements_are_named() {
    let index = shop().start();
    let scratch = two_layers("");
    let run =
        scratch.layerpack("build src/layers/whl --no-config --no-deps --runtime python3.12 --arch arm64 --emit zip");
    assert_snapshot!(run.index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    warning[LP418]: local_package1-0.1.0.dist-info/METADATA: local-package1 0.1.0 requires colours; the layer has no colours
             help: pack it as well; layerpack build does
    warning[LP418]: local_package1-0.1.0.dist-info/METADATA: local-package1 0.1.0 requires web>=1; the layer has no web
             help: pack it as well; layerpack build does
    warning[LP418]: local_package2-0.2.0.dist-info/METADATA: local-package2 0.2.0 requires templates<3; the layer has no templates
             help: pack it as well; layerpack build does
    whl   python3.12 · arm64
    2 packages
    1005 bytes of 250.0 MB unzipped · 3 kB zipped
    ");
}

#[test]
fn resolve_and_lock_leave_out_what_is_below() {
    let index = shop().start();
    let scratch = two_layers("");
    assert_snapshot!(scratch.layerpack("resolve").index(&index).run(), @"
    exit 0
    ----- stdout -----
    pypi   python3.12 · arm64
    templates  2.1  895 bytes
    web        1.2       2 kB
    whl   python3.12 · arm64
    colours         0.4     878 bytes
    local-package1  0.1.0  1002 bytes  src/layers/whl/local_package1-0.1.0-py3-none-any.whl
    local-package2  0.2.0   997 bytes  src/layers/whl/local_package2-0.2.0-py3-none-any.whl
    ----- stderr -----
    pypi: 2 packages for python3.12 · arm64
    whl: 3 packages for python3.12 · arm64
    ");
    assert_snapshot!(scratch.layerpack("lock").index(&index).run(), @"
    exit 0
    ----- stdout -----
    src/layers/pypi/pylock.toml
    src/layers/whl/pylock.toml
    ----- stderr -----
    pypi: 2 packages for python3.12 · arm64
    whl: 3 packages for python3.12 · arm64
    ");
    let lock = scratch.text("src/layers/whl/pylock.toml");
    assert!(!lock.contains("name = \"web\"") && lock.contains("name = \"colours\""), "{lock}");
    let ran = scratch.layerpack("build").index(&index).run().fine();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/pypi-python3.12-arm64.zip   sha256 [SHA256]
    dist/pypi-python3.12-arm64.json   sha256 [SHA256]
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    dist/whl-python3.12-arm64.json   sha256 [SHA256]
    ----- stderr -----
    pypi   python3.12 · arm64   (layerpack.toml, src/layers/pypi/pylock.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    whl   python3.12 · arm64   (layerpack.toml, src/layers/whl/pylock.toml)
    3 packages
    2 kB, with pypi (2 kB): 3 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    // Nothing has changed, and that is known.
    let again = scratch.layerpack("build").index(&index).run().fine();
    assert_eq!(again.stderr.matches("nothing has changed").count(), 2, "{again}");
    assert_eq!(again.stdout, ran.stdout);
}

#[test]
fn a_clash_is_told_with_the_layer_and_who_asks() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.wheel("src/layers/whl", &pure("strict", "1.0").requires("templates<2"));
    assert_snapshot!(scratch.layerpack("build whl").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP303]: the layer pypi, below, has templates 2.1, and another version is asked for
      src/layers/whl/strict-1.0-py3-none-any.whl is to be packed
      strict 1.0 needs templates<2
      help: the layers of a function share one templates: change what is asked for, or have the layer pypi take a version that both allow, and lock and build it again
    ");
    // What is asked for by a line of its own.
    let scratch = two_layers("");
    scratch.write("src/layers/whl/requirements.txt", "web<1.2\n");
    assert_snapshot!(scratch.layerpack("resolve whl").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP303]: the layer pypi, below, has web 1.2, and another version is asked for
      src/layers/whl/local_package1-0.1.0-py3-none-any.whl is to be packed
      src/layers/whl/requirements.txt line 1 asks for web<1.2
      local-package1 0.1.0 needs web>=1
      help: the layers of a function share one web: change what is asked for, or have the layer pypi take a version that both allow, and lock and build it again
    ");
    // A wheel that lies there.
    let scratch = two_layers("");
    scratch.wheel("src/layers/whl", &pure("web", "1.1"));
    assert_snapshot!(scratch.layerpack("build whl").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP303]: src/layers/whl/web-1.1-py3-none-any.whl is web 1.1, and the layer pypi, below, has 1.2
      help: the layers of a function share one web: change what is asked for, or have the layer pypi take a version that both allow, and lock and build it again
    ");
}

#[test]
fn a_lock_that_no_longer_agrees_is_stale() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.layerpack("lock --no-config src/layers/whl --runtime python3.12 --arch arm64").index(&index).run().fine();
    // It has what the layer below has, in the same version: that is not packed again.
    let built = scratch.layerpack("build whl").index(&index).run().fine();
    assert!(built.stderr.contains("3 packages"), "{built}");
    scratch.write("src/layers/pypi/requirements.txt", "web==1.1\n");
    assert_snapshot!(scratch.layerpack("build whl").index(&index).run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/layers/whl/pylock.toml has web 1.2, and the layer pypi, below, has 1.1
      help: the layers of a function share one web: lock again with layerpack lock src/layers/whl, so that both have one version
    ");
}

#[test]
fn zips_trees_and_reports_lie_below_as_well() {
    let index = shop().start();
    let scratch = two_layers("");
    let target = "--no-config --runtime python3.12 --arch arm64";
    scratch.layerpack(&format!("build src/layers/pypi --out-dir below {target}")).index(&index).run().fine();
    let on = |below: &str| {
        let run = scratch.layerpack(&format!("build src/layers/whl --emit zip {target} --on-top-of {below}"));
        let ran = run.index(&index).run().fine();
        (ran.stdout, ran.stderr)
    };
    let zip = on("below/pypi-python3.12-arm64.zip");
    let tree = on("below/pypi-python3.12-arm64");
    let report = on("below/pypi-python3.12-arm64.json");
    assert_snapshot!(zip.1, @"
    whl   python3.12 · arm64
    3 packages
    2 kB, with pypi-python3.12-arm64.zip (2 kB): 3 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    assert_eq!((&zip.0, &zip.0), (&tree.0, &report.0));
    // The report alone says enough.
    fs_err::remove_file(scratch.path("below/pypi-python3.12-arm64.zip")).expect("the zip");
    fs_err::remove_dir_all(scratch.path("below/pypi-python3.12-arm64")).expect("the tree");
    assert_eq!(on("below/pypi-python3.12-arm64.json").0, report.0);
    let missing = scratch.layerpack(&format!("build src/layers/whl {target} --on-top-of nowhere.zip")).run();
    assert_snapshot!(missing, @"
    exit 2
    ----- stderr -----
    error[LP502]: nowhere.zip: no such file or folder
      help: --on-top-of names a zip, an unpacked tree, a report of build, a folder with a requirement or lock file, or a configured layer
    ");
}

/// A folder of requirements is no tree that was built: it held 26 bytes, and the framework was packed a second time.
#[test]
fn a_source_lies_below_as_what_it_will_be() {
    let index = shop().start();
    let scratch = two_layers("");
    fs_err::remove_file(scratch.path("layerpack.toml")).expect("layerpack.toml");
    let on = "--runtime python3.12 --arch arm64 --on-top-of src/layers/pypi";
    assert_snapshot!(scratch.layerpack(&format!("build src/layers/whl {on}")).index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    dist/whl-python3.12-arm64
    dist/whl-python3.12-arm64.json   sha256 [SHA256]
    ----- stderr -----
    whl   python3.12 · arm64
    3 packages
    2 kB, with pypi (2 kB): 3 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    // Named as well, it is built too, and lies below the other only.
    let both = scratch.layerpack(&format!("build src/layers/whl src/layers/pypi --out-dir both {on}"));
    both.index(&index).run().fine();
    let whl = "whl-python3.12-arm64.zip";
    assert_eq!(scratch.read(&format!("both/{whl}")), scratch.read(&format!("dist/{whl}")));
    assert!(scratch.path("both/pypi-python3.12-arm64.zip").is_file());
    // What was built of it has its distributions in python/, whatever else lies beside that.
    scratch
        .layerpack("build src/layers/pypi --runtime python3.12 --arch arm64 --output tree")
        .index(&index)
        .run()
        .fine();
    scratch.write("tree/requirements.txt", "web\n");
    let of_tree = "build src/layers/whl --runtime python3.12 --arch arm64 --on-top-of tree --out-dir of-tree";
    scratch.layerpack(of_tree).index(&index).run().fine();
    assert_eq!(scratch.read(&format!("of-tree/{whl}")), scratch.read(&format!("dist/{whl}")));
    assert_snapshot!(scratch.layerpack(&format!("check src/layers/whl/*.whl {on}")).run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: src/layers/pypi is what a layer is built from, not a layer
      help: build it, and name the zip: layerpack build src/layers/pypi
    ");
}

#[test]
fn an_extra_of_what_is_below_is_packed_on_top() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.wheel("src/layers/whl", &pure("faster", "1.0").requires("web[fast]"));
    assert_snapshot!(scratch.layerpack("resolve whl").index(&index).run(), @"
    exit 0
    ----- stdout -----
    colours         0.4     878 bytes
    faster          1.0     889 bytes  src/layers/whl/faster-1.0-py3-none-any.whl
    local-package1  0.1.0  1002 bytes  src/layers/whl/local_package1-0.1.0-py3-none-any.whl
    local-package2  0.2.0   997 bytes  src/layers/whl/local_package2-0.2.0-py3-none-any.whl
    loop            0.9          2 kB
    ----- stderr -----
    whl: 5 packages for python3.12 · arm64
    ");
}

#[test]
fn weight_and_slots_of_all_count() {
    let index = shop().start();
    let scratch = two_layers("");
    assert_snapshot!(scratch.layerpack("build whl --budget 2k").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP401]: the layer has 1421 bytes unzipped, with 1427 of other layers and the function, against a limit of 2048: 800 too many
      help: local-package1 0.1.0 takes 512 bytes (without it 3 kB), local-package2 0.2.0 takes 493 bytes (without it 3 kB), colours 0.4 takes 416 bytes (without it 3 kB); a container image may have 10 GB
    ");
    let reserved = "build whl --emit zip --reserve Adapter=5MB --reserve Other=1k";
    assert_snapshot!(scratch.layerpack(reserved).index(&index).run().fine().stderr, @"
    whl   python3.12 · arm64   (layerpack.toml)
    3 packages
    2 kB, with pypi (2 kB), Adapter (5.0 MB), Other (1 kB): 5.0 MB of 250.0 MB unzipped · 3 kB zipped
    ");
    let five = "build whl --reserve a=1k --reserve b=1k --reserve c=1k --reserve d=1k --emit report";
    assert_snapshot!(scratch.layerpack(five).index(&index).run(), @"
    exit 1
    ----- stderr -----
    error[LP407]: 6 layers, with pypi, a, b, c, d; a function may have 5
      help: put two layers into one, or use a container image, which has no layers
    ");
}

#[test]
fn libraries_and_modules_below_count_for_the_judge() {
    let index = FakeIndex::builder().start();
    let scratch = Scratch::new();
    let library = testkit::ElfBuilder::shared(Machine::Aarch64).soname("libextra.so.1").build();
    let user = testkit::ElfBuilder::shared(Machine::Aarch64).needed("libextra.so.1").needed("libc.so.6").build();
    scratch
        .write("layerpack.toml", TWO)
        .write("src/layers/pypi/opt/lib/libextra.so.1", library)
        .wheel("src/layers/pypi", &pure("tools", "1.0").file("shared/__init__.py", "x = 1\n"))
        .wheel(
            "src/layers/whl",
            &WheelBuilder::new("user", "1.0")
                .tag("cp312-cp312-manylinux_2_17_aarch64")
                .file("user/__init__.py", "from . import _extra\n")
                .file("user/_extra.cpython-312-aarch64-linux-gnu.so", user),
        )
        .wheel("src/layers/whl", &pure("other", "2.0").file("shared/__init__.py", "x = 2\n"));
    assert_snapshot!(scratch.layerpack("build whl --emit zip").index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    warning[LP421]: shared/__init__.py: shared of other 2.0 shadows the shared of tools in pypi, below
             help: give one of them another name, or leave it out of one of the layers: their files are mixed
    whl   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB, with pypi (826 bytes): 3 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    let alone = "build src/layers/whl --no-config --runtime python3.12 --arch arm64 --emit zip";
    assert_snapshot!(scratch.layerpack(alone).index(&index).run().code, @"1");
}

#[test]
fn layers_on_top_of_each_other_are_refused() {
    let circle = "[layers.a]\nsource = \"a\"\non-top-of = \"b\"\n[layers.b]\nsource = \"b\"\non-top-of = \"a\"\n";
    let scratch = layers(circle, &[("a", "web\n"), ("b", "web\n")]);
    assert_snapshot!(scratch.layerpack("build a").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: layers lie on top of each other: a on b on a
      help: take one of them out of on-top-of: of two layers one is below
    ");
}

#[test]
fn what_is_wrong_with_one_layer_does_not_hide_the_others() {
    let index = shop().start();
    let config = "runtime = \"python3.12\"\narch = \"arm64\"\nemit = \"zip\"\n[layers.broken]\nsource = \"broken\"\n[layers.on]\n\
        source = \"on\"\non-top-of = \"broken\"\n[layers.unknown]\nsource = \"unknown\"\n[layers.web]\nsource = \"web\"\n";
    let sources =
        [("broken", "web ==== 1\n"), ("on", "templates\n"), ("unknown", "nobody-knows-it\n"), ("web", "web\n")];
    let scratch = layers(config, &sources);
    assert_snapshot!(scratch.layerpack("build").index(&index).run(), @r#"
    exit 2
    ----- stdout -----
    dist/web-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    web   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    error[LP504]: broken/requirements.txt line 1: `==== 1` is not a version specifier: no such comparison operator "====", must be one of ~= == != <= >= < > ===
      web ==== 1
          ^^^^^^
    error[LP301]: no index knows `nobody-knows-it`
      unknown/requirements.txt line 1 asks for nobody-knows-it
      asked: http://127.0.0.1:PORT/simple/
      help: check the spelling; if it is on a private index, name that with --index or --extra-index-url
    "#);
    let ran = scratch.layerpack("build --format json").index(&index).run();
    let document = ran.json();
    assert_eq!(document["targets"][0]["layer"], "web");
    let codes: Vec<_> = document["errors"].as_array().expect("errors").iter().map(|e| e["code"].clone()).collect();
    assert_eq!(codes, ["LP504", "LP301"]);
    assert_eq!(document["error"]["code"], "LP504");
    assert_eq!(ran.code, 2);
}

#[test]
fn versions_that_differ_by_target_are_told() {
    let index = FakeIndex::builder()
        .wheel(native("tables", "1.0", Machine::X86_64, "2.28"))
        .wheel(native("tables", "1.0", Machine::Aarch64, "2.28"))
        .wheel(native("tables", "2.0", Machine::X86_64, "2.28"))
        .start();
    let scratch = Scratch::with_requirements("tables\n");
    let both = "build src --runtime python3.12 --arch arm64,x86_64 --emit zip";
    assert_snapshot!(scratch.layerpack(both).index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-arm64.zip   sha256 [SHA256]
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · arm64
    1 package, 1 held back:
      tables 1.0 (2.0 is newer: built for x86_64; the target is arm64)
    2 kB of 250.0 MB unzipped · 2 kB zipped
    src   python3.12 · x86_64
    1 package
    2 kB of 250.0 MB unzipped · 2 kB zipped
    the targets of src got different versions:
      tables: 1.0 on arm64, 2.0 on x86_64
      layerpack lock src --runtime python3.12 --arch arm64,x86_64 takes one version where one fits all
    ");
}

#[test]
fn check_and_size_take_what_is_below() {
    let index = shop().start();
    let scratch = two_layers("");
    scratch.layerpack("build --emit zip").index(&index).run().fine();
    let whl = "dist/whl-python3.12-arm64.zip";
    assert_snapshot!(scratch.layerpack(&format!("check {whl} --no-config --runtime python3.12 --arch arm64")).run(), @"
    exit 1
    ----- stdout -----
    error: dist/whl-python3.12-arm64.zip does not load on python3.12 · arm64
      LP418  python/local_package1-0.1.0.dist-info/METADATA: local-package1 0.1.0 requires web>=1; the layer has no web
             help: pack it as well; layerpack build does
      LP418  python/local_package2-0.2.0.dist-info/METADATA: local-package2 0.2.0 requires templates<3; the layer has no templates
             help: pack it as well; layerpack build does
    ");
    let on_top = format!("{whl} --on-top-of dist/pypi-python3.12-arm64.zip");
    assert_snapshot!(scratch.layerpack(&format!("check {on_top}")).run(), @"
    exit 0
    ----- stdout -----
    dist/whl-python3.12-arm64.zip loads on python3.12 · arm64
    ");
    let sizes = scratch.layerpack(&format!("size {on_top} --format json")).run().fine().json();
    assert_eq!((&sizes["layers"], sizes["inputs"].as_array().map(Vec::len)), (&serde_json::json!(2), Some(2)));
}

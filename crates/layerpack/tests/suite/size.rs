//! `size`: layers and the function weighed together, and the page with the treemap.

use insta::assert_snapshot;
use testkit::{Machine, WheelBuilder};

use crate::support::{Scratch, native, pure};

/// Two layers as zips, trees and reports in `dist/`, and a function in `src/app`.
fn stack() -> Scratch {
    let scratch = Scratch::new();
    let engine = native("engine", "1.0", Machine::Aarch64, "2.17")
        .file("engine/tests/test_a.py", "assert True\n".repeat(300))
        .file("engine/__init__.pyi", "x: int\n".repeat(200))
        .file("engine/include/engine.h", "int x;\n".repeat(100))
        .file("engine/docs/guide.html", "<p>\n".repeat(100))
        .file("engine/table.json", "[1,2,3]\n".repeat(1000));
    scratch
        .wheel("one", &engine)
        .wheel("one", &pure("shared", "1.0"))
        .wheel("two", &pure("shared", "2.0"))
        .write("two/python/own/settings.py", "x = 1\n".repeat(20))
        .write("src/app/app.py", "import engine\n")
        .write("src/app/requirements.txt", "engine\n");
    let ran = scratch.layerpack("build one two --runtime python3.12 --arch arm64 --offline").run();
    assert_eq!(ran.code, 0, "{ran}");
    scratch
}

const ZIPS: &str = "dist/one-python3.12-arm64.zip dist/two-python3.12-arm64.zip";

#[test]
fn a_stack_together() {
    let scratch = stack();
    let ran =
        scratch.layerpack(&format!("size {ZIPS} src/app --files 2 --reserve")).arguments(["Lambda Web Adapter=5MB"]);
    assert_snapshot!(ran.run(), @"
    exit 0
    ----- stdout -----
    dist/one-python3.12-arm64.zip  layer         16 kB unzipped  4 kB zipped  2 packages  14 files
    dist/two-python3.12-arm64.zip  layer     530 bytes unzipped  2 kB zipped   1 package   5 files
    src/app                        function   21 bytes unzipped                            2 files
    Lambda Web Adapter             reserved     5.0 MB unzipped

    5.0 MB of 250.0 MB unzipped · 3 of 5 layers
    5259374 of 262144000 bytes, 2.0 %; 245.0 MB left

    packages
      engine 1.0                16 kB  0.3 %       3 kB zipped  dist/one-python3.12-arm64.zip
      shared 1.0            410 bytes  0.0 %  898 bytes zipped  dist/one-python3.12-arm64.zip
      shared 2.0            410 bytes  0.0 %  898 bytes zipped  dist/two-python3.12-arm64.zip
      files of python/own/  120 bytes  0.0 %  143 bytes zipped  dist/two-python3.12-arm64.zip
      files at the root      21 bytes  0.0 %                    src/app

    kinds of file
      data              8 kB  0.2 %
      tests             4 kB  0.1 %  186 bytes zipped
      metadata          2 kB  0.0 %       3 kB zipped
      type stubs        2 kB  0.0 %  153 bytes zipped
      headers      700 bytes  0.0 %  154 bytes zipped
      native code  504 bytes  0.0 %  354 bytes zipped
      docs         400 bytes  0.0 %  146 bytes zipped
      Python       188 bytes  0.0 %

    largest files
      python/engine/table.json       8 kB  197 bytes zipped  data   dist/one-python3.12-arm64.zip
      python/engine/tests/test_a.py  4 kB  186 bytes zipped  tests  dist/one-python3.12-arm64.zip

    what each would bring by itself
      without tests            4 kB  186 bytes zipped  build --slim tests
      without type stubs       2 kB  153 bytes zipped  build --slim pyi
      without headers     700 bytes  154 bytes zipped  build --slim headers
      without docs        400 bytes  146 bytes zipped  build --slim docs
    ----- stderr -----
    warning[LP408]: shared is packed twice: 1.0 in dist/one-python3.12-arm64.zip, 2.0 in dist/two-python3.12-arm64.zip
             help: of the layers the last one wins, file by file; keep one of 1.0 and 2.0
    ");
}

#[test]
fn help() {
    let ran = Scratch::new().layerpack("size --help").env("COLUMNS", "100").run().fine();
    let (own, _) = ran.stdout.split_once("\n\nPrinting:").expect("flags of every command");
    assert_snapshot!(own, @"
    Weigh layers and the function together against Lambda's limits

    Usage: layerpack size [OPTIONS] [PATH]...

    Arguments:
      [PATH]...
              Layer and function zips, unpacked trees, reports of build (*.json), wheels (together: one
              layer); without any, what was built of the configuration's layers

    Options:
          --stack <NAME>
              A stack of the configuration: its layers as they were built, its function and what else it
              has

          --function <PATH>
              The function; every other PATH is a layer then (told by what they hold, where not given)

      -h, --help
              Print help (see a summary with '-h')

    Layers below:
          --on-top-of <LAYER>
              A layer that the function has below this one: a zip, an unpacked tree, a report of build,
              or (where layers are built) a SOURCE or a configured layer by its name. Its versions hold,
              and nothing of it is packed again; repeatable, the lowest first

          --reserve <NAME=SIZE>
              Set weight and a layer's slot aside: `Lambda Web Adapter=5MB`; repeatable

          --budget <SIZE>
              Unzipped limit in bytes, or with k, M or G (1,024 each)

          --files <N>
              List the N largest files too

          --html <FILE>
              Write one page with a treemap, which needs nothing but a browser

    Configuration:
          --config <FILE>
              Read this layerpack.toml or pyproject.toml, and not the nearest one

          --no-config
              Read no layerpack.toml, and no [tool.layerpack] of pyproject.toml
    ");
}

#[test]
fn a_zip_its_tree_its_report_and_its_wheels_weigh_the_same() {
    let scratch = stack();
    let unzipped = |paths: &str| {
        let ran = scratch.layerpack(&format!("size {paths} --format json")).run().fine();
        let document = ran.json();
        let kinds = document["kinds"].as_array().expect("kinds").iter();
        let kinds: Vec<_> = kinds.map(|kind| (kind["kind"].clone(), kind["unzipped"].clone())).collect();
        let packages = document["inputs"][0]["packages"].as_array().expect("packages").len();
        (document["unzipped"].clone(), document["layers"].clone(), packages, kinds)
    };
    let zipped = |paths: &str| scratch.layerpack(&format!("size {paths} --format json")).run().json()["zipped"].clone();
    let zip = unzipped("dist/one-python3.12-arm64.zip");
    for other in ["dist/one-python3.12-arm64", "dist/one-python3.12-arm64.json", "one", "one/*.whl"] {
        assert_eq!(unzipped(other), zip, "{other}");
    }
    let bytes = scratch.read("dist/one-python3.12-arm64.zip").len();
    assert_eq!(zipped("dist/one-python3.12-arm64.zip"), bytes);
    assert_eq!(zipped("dist/one-python3.12-arm64.json"), bytes);
    assert_eq!(zipped("one"), bytes);
    assert!(zipped("dist/one-python3.12-arm64").is_null());
}

#[test]
fn over_the_budget_fails_with_the_heaviest_and_the_way_out() {
    let scratch = stack();
    assert_snapshot!(scratch.layerpack("size dist/one-python3.12-arm64.zip --budget 10k -q").run(), @"
    exit 1
    ----- stdout -----
    dist/one-python3.12-arm64.zip  layer  16 kB unzipped  4 kB zipped  2 packages  14 files

    16 kB of 10 kB unzipped · 4 kB zipped · 1 of 5 layers
    15943 of 10240 bytes, 155.7 %; 6 kB too much
    ----- stderr -----
    error[LP401]: 15943 bytes unzipped against a limit of 10240: 5703 too many
             help: engine 1.0 takes 16 kB (without it 410 bytes), shared 1.0 takes 410 bytes (without it 16 kB); --slim tests,pyi,headers,docs would leave 10 kB, which fits; a container image may have 10 GB
    ");
    let ran = scratch
        .layerpack(&format!("size {ZIPS} --budget 300MB --reserve a=1 --reserve b=1 --reserve c=1 --reserve d=1 -q"));
    assert_snapshot!(ran.run(), @"
    exit 1
    ----- stdout -----
    dist/one-python3.12-arm64.zip  layer         16 kB unzipped  4 kB zipped  2 packages  14 files
    dist/two-python3.12-arm64.zip  layer     530 bytes unzipped  2 kB zipped   1 package   5 files
    a                              reserved    1 bytes unzipped
    b                              reserved    1 bytes unzipped
    c                              reserved    1 bytes unzipped
    d                              reserved    1 bytes unzipped

    17 kB of 300.0 MB unzipped · 5 kB zipped · 6 of 5 layers
    16477 of 314572800 bytes, 0.0 %; 300.0 MB left
    ----- stderr -----
    error[LP407]: 6 layers; a function may have 5
             help: put two layers into one, or use a container image, which has no layers
    ");
    let ran = scratch.layerpack(&format!("size {ZIPS} --budget 10k --format github")).run();
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stdout.contains("\n::error title=LP401 over the size limit::"), "{ran}");
    assert!(ran.stdout.contains("\n::warning title=LP408 a package is packed twice::shared is packed twice"), "{ran}");
}

#[test]
fn what_cannot_be_weighed_says_what_to_do() {
    let scratch = stack();
    scratch.write("broken.zip", b"PK\x03\x04 and no more").write("some.json", "{}").write("b/handler.py", "");
    let said: Vec<String> =
        ["one.txt", "broken.zip", "some.json", "dist", "src/app b", "one --reserve x", "one --function one"]
            .iter()
            .map(|paths| {
                let ran = scratch.layerpack(&format!("size {paths}")).run().refused();
                assert!(ran.stdout.is_empty(), "{ran}");
                format!("{} {}", ran.code, ran.stderr)
            })
            .collect();
    assert_snapshot!(said.join(""), @r#"
    2 error[LP502]: one.txt: no such file or folder
      help: check the path; it is relative to the working directory
    1 error[LP201]: broken.zip: the archive is cut short: 16 bytes, but no end-of-central-directory record
      help: download or build it again
    2 error[LP506]: some.json is not a report of layerpack
      help: size reads the report that build writes beside the layer
    2 error[LP506]: dist: a folder of zips, which may be one layer several times over
      help: name them: layerpack size dist/*.zip
    2 error[LP501]: src/app and b look like functions by what they hold; one is weighed at a time
      help: say which one is the function with --function PATH (the others are layers then), or weigh them one by one
    2 error[LP501]: --reserve x: not NAME=SIZE
      help: write `--reserve "Lambda Web Adapter=5MB"`
    2 error[LP501]: --function one: not a function's zip or folder
      help: pack it, or name the folder that is packed
    "#);
}

#[test]
fn a_slow_or_hostile_zip_is_not_inflated_to_be_weighed() {
    // It says 64 MB of a few kB: what its directory says is what counts, as Lambda counts before it unpacks.
    let scratch = Scratch::new();
    let wheel = WheelBuilder::new("zeros", "1.0").file("zeros/data.bin", vec![0_u8; 64 << 20]);
    scratch.write("zeros.zip", wheel.build());
    let ran = scratch.layerpack("size zeros.zip --format json").run().fine();
    assert_eq!(ran.json()["kinds"][0]["kind"], "data");
    assert!(ran.json()["unzipped"].as_u64().expect("bytes") > 64 << 20);
}

#[test]
fn the_page_is_the_same_for_the_same_input_wherever_it_lies() {
    let page = || {
        let scratch = stack();
        let ran = scratch.layerpack(&format!("size {ZIPS} src/app --html out/page.html --reserve adapter=1k -q")).run();
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stdout.ends_with("\nout/page.html\n"), "{ran}");
        let absolute = scratch.path("dist/one-python3.12-arm64.zip").display().to_string();
        scratch.layerpack("size --html absolute.html").arguments([absolute.as_str()]).run().fine();
        scratch.layerpack("size dist/one-python3.12-arm64.zip --html relative.html").run().fine();
        assert_eq!(scratch.text("absolute.html"), scratch.text("relative.html"));
        scratch.text("out/page.html")
    };
    let (first, second) = (page(), page());
    assert_eq!(first, second);
    assert!(first.contains("engine 1.0") && first.contains("_native.cpython-312-aarch64-linux-gnu.so"));
}

/// The page's data, which the script reads.
fn data(page: &str) -> &str {
    let (_, rest) = page.split_once("<script id=\"data\" type=\"application/json\">").expect("data");
    rest.split_once("</script>").expect("an end").0
}

#[test]
#[cfg(unix)]
fn names_of_files_cannot_break_the_page() {
    let scratch = Scratch::new();
    let names = ["<script>alert(1)<", "a&amp;b.txt", "<!--x", "\"'`.py", "/*style*/x", "ünï.txt", "\u{2028}x"];
    for name in names {
        scratch.write(&format!("layer/python/x/{name}"), "12");
    }
    scratch.layerpack("size layer --html page.html --reserve").arguments(["</script><b>=1k"]).run().fine();
    let page = scratch.text("page.html");
    let json = data(&page);
    assert!(!json.contains('<'), "{json}");
    // The data, the script, and what ends them: nothing that a name brought.
    assert_eq!(page.matches("</script>").count(), 2);
    let parsed: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(parsed["reserved"][0][0], "</script><b>");
    let text = parsed["inputs"].to_string();
    for name in ["<script>alert(1)<", "a&amp;b.txt", "<!--x", "ünï.txt"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

//! What a build takes from a source, packs and says.

use insta::assert_snapshot;
use testkit::{ElfBuilder, Machine, WheelBuilder, zip_listing};

use crate::support::{Scratch, native, pure, shop};

const ARM: &str = "--runtime python3.12 --arch arm64";

#[test]
fn a_folder_becomes_a_zip_a_tree_and_a_report() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("# the framework\nweb[fast]\n");
    let ran = scratch.layerpack(&format!("build src {ARM}")).index(&index).run();

    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-arm64.zip   sha256 [SHA256]
    dist/src-python3.12-arm64
    dist/src-python3.12-arm64.json   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · arm64
    3 packages
    3 kB of 250.0 MB unzipped · 4 kB zipped
    ");
    assert_snapshot!(zip_listing(&scratch.read("dist/src-python3.12-arm64.zip")), @"
    100755 deflated 158 259 376cacb8 1980-01-01 00:00:00 python/bin/web
    100644 deflated 41 46 567fba1c 1980-01-01 00:00:00 python/loop-0.9.dist-info/METADATA
    100644 deflated 268 362 49319b02 1980-01-01 00:00:00 python/loop-0.9.dist-info/RECORD
    100644 deflated 98 101 5e938232 1980-01-01 00:00:00 python/loop-0.9.dist-info/WHEEL
    100644 deflated 24 22 3cfe5a07 1980-01-01 00:00:00 python/loop/__init__.py
    100644 deflated 170 504 12f6b8e1 1980-01-01 00:00:00 python/loop/_native.cpython-312-aarch64-linux-gnu.so
    100644 deflated 42 51 56036586 1980-01-01 00:00:00 python/templates-2.1.dist-info/METADATA
    100644 deflated 205 280 b34d08a6 1980-01-01 00:00:00 python/templates-2.1.dist-info/RECORD
    100644 deflated 79 78 e0eefe61 1980-01-01 00:00:00 python/templates-2.1.dist-info/WHEEL
    100644 deflated 21 19 3a33405b 1980-01-01 00:00:00 python/templates/__init__.py
    100644 deflated 142 203 fc3c36ad 1980-01-01 00:00:00 python/web-1.2.dist-info/METADATA
    100644 deflated 292 409 6de89846 1980-01-01 00:00:00 python/web-1.2.dist-info/RECORD
    100644 deflated 79 78 e0eefe61 1980-01-01 00:00:00 python/web-1.2.dist-info/WHEEL
    100644 deflated 39 37 7afe1538 1980-01-01 00:00:00 python/web-1.2.dist-info/entry_points.txt
    100644 deflated 15 13 b6c67630 1980-01-01 00:00:00 python/web/__init__.py
    ");
    assert_snapshot!(scratch.names("dist").join("\n"), @"
    src-python3.12-arm64
    src-python3.12-arm64.json
    src-python3.12-arm64.zip
    ");
}

#[test]
fn tree_and_zip_hold_the_same() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web[fast]\n");
    scratch.layerpack(&format!("build src {ARM}")).index(&index).run().fine();

    let zip = zip_listing(&scratch.read("dist/src-python3.12-arm64.zip"));
    let in_zip: Vec<&str> = zip.lines().filter_map(|line| line.rsplit(' ').next()).collect();
    let tree = testkit::Tree::snapshot(scratch.path("dist/src-python3.12-arm64"));
    let in_tree: Vec<&str> = tree.lines().filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(in_zip, in_tree);
    assert!(in_zip.iter().all(|path| path.starts_with("python/")), "{in_zip:?}");
}

#[test]
fn the_report_knows_packages_and_no_folder_of_this_machine() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.wheel("src", &pure("own", "0.1"));
    scratch.layerpack(&format!("build src {ARM}")).index(&index).run().fine();

    let text = scratch.text("dist/src-python3.12-arm64.json");
    assert!(!text.contains(scratch.path("").to_str().expect("UTF-8")), "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let packages = report["packages"].as_array().expect("packages").iter();
    let said = packages.map(|p| format!("{} {} {}", p["name"], p["version"], p["source"])).collect::<Vec<_>>();
    assert_snapshot!(crate::support::filtered(&said.join("\n"), &scratch.path("")), @r#"
    "own" "0.1" {"file":"own-0.1-py3-none-any.whl"}
    "templates" "2.1" {"url":"http://127.0.0.1:PORT/files/templates-2.1-py3-none-any.whl"}
    "web" "1.2" {"url":"http://127.0.0.1:PORT/files/web-1.2-py3-none-any.whl"}
    "#);
}

#[test]
fn a_source_gives_wheels_trees_and_requirements_and_nothing_else() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    scratch
        .wheel("src", &pure("own", "0.1").requires("colours"))
        .write("src/python/settings.py", "debug = False\n")
        .write("src/opt/lib/libextra.so.1", "not looked at")
        .write("src/opt/bin/start", "#!/bin/sh\n")
        .write("src/helper.py", "")
        .write("src/README.md", "")
        .write("src/deeper/other-1.0-py3-none-any.whl", "not a wheel");
    let ran = scratch.layerpack(&format!("build src {ARM} --emit zip")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    warning[LP508]: src/helper.py is not packed
             help: to have it in the layer, move it to src/python
    src   python3.12 · arm64
    3 packages
    2 kB of 250.0 MB unzipped · 4 kB zipped
    ");
    let listing = zip_listing(&scratch.read("dist/src-python3.12-arm64.zip"));
    let modes = listing.lines().filter(|line| !line.contains("dist-info"));
    let modes = modes.map(|line| format!("{} {}", &line[..6], line.rsplit(' ').next().unwrap_or_default()));
    assert_snapshot!(modes.collect::<Vec<_>>().join("\n"), @"
    100755 bin/start
    100644 lib/libextra.so.1
    100644 python/colours/__init__.py
    100644 python/own/__init__.py
    100644 python/settings.py
    100644 python/templates/__init__.py
    ");
}

#[test]
fn an_older_version_that_loads_is_taken_and_said() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("tables\n");
    let ran = scratch.layerpack("build src --runtime python3.12 --arch x86_64 --emit zip").index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · x86_64
    1 package, 1 held back:
      tables 1.0 (2.0 is newer: needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34)
    2 kB of 250.0 MB unzipped · 2 kB zipped
    ");
}

#[test]
fn a_local_wheel_is_never_looked_up() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web>=0.1\n");
    scratch.wheel("src", &pure("web", "0.5"));
    let ran = scratch.layerpack(&format!("resolve src {ARM}")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    web  0.5  834 bytes  src/web-0.5-py3-none-any.whl
    ----- stderr -----
    src: 1 package for python3.12 · arm64
    ");
    assert_eq!(index.request_lines(), Vec::<String>::new());
}

#[test]
fn every_source_and_target_is_a_layer_of_its_own() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("more/requirements.txt", "templates<3\n").wheel("wheels", &pure("own", "0.1"));
    let ran = scratch
        .layerpack("build src more wheels/own-0.1-py3-none-any.whl --emit zip")
        .arguments(["--runtime", "3.11,python3.12", "--arch", "arm64", "--arch", "amd64"])
        .index(&index)
        .run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.11-arm64.zip   sha256 [SHA256]
    dist/src-python3.11-x86_64.zip   sha256 [SHA256]
    dist/src-python3.12-arm64.zip   sha256 [SHA256]
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    dist/more-python3.11-arm64.zip   sha256 [SHA256]
    dist/more-python3.11-x86_64.zip   sha256 [SHA256]
    dist/more-python3.12-arm64.zip   sha256 [SHA256]
    dist/more-python3.12-x86_64.zip   sha256 [SHA256]
    dist/wheels-python3.11-arm64.zip   sha256 [SHA256]
    dist/wheels-python3.11-x86_64.zip   sha256 [SHA256]
    dist/wheels-python3.12-arm64.zip   sha256 [SHA256]
    dist/wheels-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    src   python3.11 · arm64
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    src   python3.11 · x86_64
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    src   python3.12 · arm64
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    src   python3.12 · x86_64
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    more   python3.11 · arm64
    1 package
    428 bytes of 250.0 MB unzipped · 953 bytes zipped
    more   python3.11 · x86_64
    1 package
    428 bytes of 250.0 MB unzipped · 953 bytes zipped
    more   python3.12 · arm64
    1 package
    428 bytes of 250.0 MB unzipped · 953 bytes zipped
    more   python3.12 · x86_64
    1 package
    428 bytes of 250.0 MB unzipped · 953 bytes zipped
    wheels   python3.11 · arm64
    1 package
    392 bytes of 250.0 MB unzipped · 893 bytes zipped
    wheels   python3.11 · x86_64
    1 package
    392 bytes of 250.0 MB unzipped · 893 bytes zipped
    wheels   python3.12 · arm64
    1 package
    392 bytes of 250.0 MB unzipped · 893 bytes zipped
    wheels   python3.12 · x86_64
    1 package
    392 bytes of 250.0 MB unzipped · 893 bytes zipped
    ");
}

#[test]
fn layers_of_one_name_are_refused() {
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("api/src/requirements.txt", "templates\n");
    assert_snapshot!(scratch.layerpack("build src api/src").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: src and api/src are both called src
      help: build them one by one: name one with --name, or give it an --out-dir of its own
    ");
    for name in ["../evil", "a/b", ".", ""] {
        let ran = scratch.layerpack("build src").arguments(["--name", name]).run();
        assert_eq!((ran.code, ran.stderr.contains("is no name for a file")), (2, true), "{ran}");
    }
}

#[test]
fn a_wheel_on_a_line_follows_its_marker() {
    let index = shop().start();
    let wheel = "house/own-0.1-py3-none-any.whl";
    let scratch = Scratch::with_requirements(&format!("templates\n./{wheel} ; python_version < '3.13'\n"));
    scratch.wheel("src/house", &pure("own", "0.1"));
    let resolve = |runtime: &str| {
        let run = scratch.layerpack(&format!("resolve src --arch arm64 --runtime {runtime} --format requirements"));
        run.index(&index).run().fine().stdout.lines().count()
    };
    assert_eq!((resolve("3.12"), resolve("3.13")), (2, 1));
}

#[test]
fn a_layer_may_be_named() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let ran = scratch.layerpack(&format!("build src {ARM} --name base --emit zip,report")).index(&index).run().fine();
    assert_snapshot!(ran.stdout.contains("dist/base-python3.12-arm64.zip"), @"true");
    assert_snapshot!(scratch.names("dist").join("\n"), @"
    base-python3.12-arm64.json
    base-python3.12-arm64.zip
    ");
}

#[test]
fn quiet_leaves_the_results() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    scratch.write("src/stray.py", "");
    let ran = scratch.layerpack("build src -q --emit zip").index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.14-x86_64.zip   sha256 [SHA256]
    ");
}

#[test]
fn json_is_one_document_with_everything_a_pipeline_needs() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let ran = scratch.layerpack(&format!("build src {ARM} --format json")).index(&index).run().fine();
    let document = ran.json();

    assert_eq!(document["schema"], 1);
    assert_eq!(document["command"], "build");
    assert_eq!((&document["runtime"], &document["arch"]), (&"python3.12".into(), &"arm64".into()));
    assert_eq!(document["targets"][0]["outputs"], document["outputs"]);
    let outputs = document["outputs"].as_array().expect("outputs");
    let kinds: Vec<_> = outputs.iter().filter_map(|output| output["kind"].as_str()).collect();
    assert_eq!(kinds, ["zip", "tree", "report"]);
    for output in outputs.iter().filter(|output| output["kind"] != "tree") {
        let bytes = scratch.read(output["path"].as_str().expect("a path"));
        let digest = wheel_archive::Sha256::of(&bytes);
        assert_eq!(output["size"], bytes.len());
        assert_eq!(output["sha256"], digest.to_string());
        assert_eq!(output["sha256_base64"], digest.base64());
    }
    let names: Vec<_> = document["packages"].as_array().expect("packages").iter().map(|p| &p["name"]).collect();
    assert_eq!(names, ["templates", "web"]);
}

#[test]
fn json_of_several_targets_has_nothing_of_one_at_its_top() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let ran = scratch.layerpack("build src --arch arm64,x86_64 --format json --emit zip").index(&index).run().fine();
    let document = ran.json();
    assert_eq!(document["targets"].as_array().map(Vec::len), Some(2));
    assert!(document.get("outputs").is_none() && document.get("arch").is_none());
}

#[test]
fn a_target_is_named_by_flags_variables_a_version_file_or_wheels() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    scratch.write("pinned/requirements.txt", "templates\n").write("pinned/.python-version", "3.11.4\n");
    scratch.wheel("wheels", &native("loop", "0.9", Machine::Aarch64, "2.17"));
    let head = |run: crate::support::Run<'_>| {
        let ran = run.arguments(["--emit", "zip"]).index(&index).run().fine();
        let interesting = |line: &&str| line.contains("·") && !line.contains("zipped");
        ran.stderr.lines().filter(interesting).collect::<Vec<_>>().join("\n")
    };
    let said = [
        head(scratch.layerpack("build src")),
        head(scratch.layerpack("build src --arch aarch64")),
        head(scratch.layerpack("build src --python-version 3.11").env("LAYERPACK_ARCH", "arm64")),
        head(scratch.layerpack("build src").env("LAYERPACK_RUNTIME", "python3.13")),
        head(scratch.layerpack("build pinned --arch arm64")),
        head(scratch.layerpack("build wheels")),
    ];
    assert_snapshot!(said.join("\n\n"), @"
    warning[LP510]: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    src   python3.14 · x86_64
    nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch

    warning[LP510]: nobody named a runtime: this is for python3.14 · arm64; pin it with --runtime
    src   python3.14 · arm64
    nobody named a runtime: this is for python3.14 · arm64; pin it with --runtime

    src   python3.11 · arm64

    warning[LP510]: nobody named an architecture: this is for python3.13 · x86_64; pin it with --arch
    src   python3.13 · x86_64
    nobody named an architecture: this is for python3.13 · x86_64; pin it with --arch

    pinned   python3.11 · arm64

    wheels   python3.12 · arm64
    ");
}

#[test]
fn a_missing_library_is_refused_unless_it_is_there_or_brought_or_excused() {
    let scratch = Scratch::new();
    let extension = ElfBuilder::shared(Machine::Aarch64).needed("libodbc.so.2").build();
    let wheel = WheelBuilder::new("bridge", "1.0")
        .tag("cp312-cp312-manylinux_2_17_aarch64")
        .file("bridge.cpython-312-aarch64-linux-gnu.so", extension);
    scratch.wheel("src", &wheel);
    let build = |flags: &str| {
        scratch.layerpack(&format!("build src --runtime python3.12 --arch arm64 --offline {flags}")).run()
    };
    assert_snapshot!(build(""), @"
    exit 1
    ----- stderr -----
    error[LP131]: bridge-1.0-cp312-cp312-manylinux_2_17_aarch64.whl does not load on python3.12 · arm64
      LP131  bridge.cpython-312-aarch64-linux-gnu.so: needs libodbc.so.2, which python3.12 lacks: `import bridge` fails
      help: no Lambda runtime loads this file. Put libodbc.so.2 into the layer, where Lambda looks for it: opt/lib/libodbc.so.2 in its source, built for arm64 and glibc 2.34 or older
    ");
    assert_eq!(build("--provides libodbc.so.2").code, 0);
    let excused = build("--ignore LP131:bridge");
    assert_eq!((excused.code, excused.stderr.contains("left out, as asked: LP131:bridge")), (0, true), "{excused}");
    // The layer brings it itself, where the loader looks.
    let library = ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").soname("libodbc.so.2").build();
    scratch.write("src/opt/lib/libodbc.so.2", library);
    assert_eq!(build("").code, 0);
}

//! `layerpack.toml` and `[tool.layerpack]`: which file counts, what it decides beside flags and variables, and what is
//! said of one that cannot be used.

use insta::assert_snapshot;

use crate::layers::layers;
use crate::support::{Run, Scratch, pure, shop};

const CONFIG: &str = "runtime = \"python3.12\"\narch = \"arm64\"\nout-dir = \"out\"\n\n[layers.web]\nsource = \"layers/web\"\n\
    emit = \"zip\"\n\n[layers.fast]\nsource = \"layers/fast\"\nemit = [\"zip\", \"report\"]\narch = \"x86_64\"\n";

fn project(config: &str) -> Scratch {
    layers(config, &[("layers/web", "web\n"), ("layers/fast", "loop\n")])
}

#[test]
fn without_a_source_all_layers_are_built() {
    let index = shop().start();
    let scratch = project(CONFIG);
    assert_snapshot!(scratch.layerpack("build").index(&index).run(), @"
    exit 0
    ----- stdout -----
    out/web-python3.12-arm64.zip   sha256 [SHA256]
    out/fast-python3.12-x86_64.zip   sha256 [SHA256]
    out/fast-python3.12-x86_64.json   sha256 [SHA256]
    ----- stderr -----
    web   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    fast   python3.12 · x86_64   (layerpack.toml)
    1 package
    2 kB of 250.0 MB unzipped · 2 kB zipped
    ");
}

#[test]
fn a_source_is_a_layer_by_its_name_or_its_path() {
    let index = shop().start();
    let scratch = project(CONFIG);
    let outputs = |source: &str| scratch.layerpack(&format!("build {source}")).index(&index).run().fine().stdout;
    let by_name = outputs("fast");
    assert!(by_name.contains("out/fast-python3.12-x86_64.zip"), "{by_name}");
    assert_eq!(by_name, outputs("layers/fast"));
    assert_eq!(by_name, outputs("./layers/../layers/fast/"));
    assert_snapshot!(scratch.layerpack("build wbe").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: wbe: no such file or folder
      help: did you mean `web`, a layer of layerpack.toml?
    ");
    // Another source has what is said of all layers.
    scratch.write("other/requirements.txt", "templates\n");
    assert!(outputs("other").contains("out/other-python3.12-arm64.zip"));
}

#[test]
fn flags_win_over_variables_and_these_over_the_file() {
    let index = shop().start();
    let scratch = project(CONFIG);
    let built = |run: Run<'_>| run.index(&index).run().fine().stdout;
    let by_file = built(scratch.layerpack("build fast"));
    assert!(by_file.contains("out/fast-python3.12-x86_64.zip"), "{by_file}");
    let by_variable = built(scratch.layerpack("build fast").env("LAYERPACK_ARCH", "arm64"));
    assert!(by_variable.contains("out/fast-python3.12-arm64.zip"), "{by_variable}");
    let by_flag = built(
        scratch
            .layerpack("build fast --runtime python3.12 --arch x86_64 --out-dir here --emit zip")
            .env("LAYERPACK_ARCH", "arm64"),
    );
    assert!(by_flag.starts_with("here/fast-python3.12-x86_64.zip") && by_flag.lines().count() == 1, "{by_flag}");
}

#[test]
fn the_target_of_the_file_comes_before_the_lock_and_python_version() {
    let index = shop().start();
    let scratch = project("runtime = \"python3.12\"\n[layers.web]\nsource = \"layers/web\"\nemit = \"zip\"\n");
    scratch.write(".python-version", "3.13\n");
    let stdout = scratch.layerpack("build").index(&index).run().fine().stdout;
    assert!(stdout.contains("dist/web-python3.12-x86_64.zip"), "{stdout}");
}

#[test]
fn every_setting_has_its_effect() {
    let index = shop().start();
    let scratch = Scratch::new();
    let config = format!(
        "runtime = \"python3.12\"\narch = \"arm64\"\nindex-url = \"{}\"\nexclude = \"colours\"\n[layers.a]\nsource = \"src\"\n\
         constraint = \"src/pins.txt\"\nprerelease = \"allow\"\nno-deps = true\n[layers.b]\nsource = \"src\"\n\
         resolution = \"lowest\"\n[layers.c]\nsource = \"src\"\noverride = [\"src/overrides.txt\"]\nfind-links = \"wheels\"\n",
        index.url()
    );
    scratch
        .write("conf/layerpack.toml", config)
        .write("conf/src/requirements.txt", "web\ntemplates\n")
        .write("conf/src/pins.txt", "web==1.1\n")
        .write("conf/src/overrides.txt", "templates==9.0\n")
        .wheel("conf/wheels", &pure("templates", "9.0"));
    let resolved = |layer: &str| scratch.layerpack(&format!("resolve {layer} --config conf/layerpack.toml")).run();
    assert_snapshot!(resolved("a"), @"
    exit 0
    ----- stdout -----
    templates  3.0rc1  922 bytes
    web        1.1     858 bytes
    ----- stderr -----
    note[LP515]: nothing requires colours, which --exclude names
    a: 2 packages for python3.12 · arm64
    ");
    assert_snapshot!(resolved("b"), @"
    exit 0
    ----- stdout -----
    templates  2.0  896 bytes
    web        1.1  858 bytes
    ----- stderr -----
    note[LP515]: nothing requires colours, which --exclude names
    b: 2 packages for python3.12 · arm64
    ");
    assert_snapshot!(resolved("c"), @"
    exit 0
    ----- stdout -----
    templates  9.0  898 bytes
    web        1.2       2 kB
    ----- stderr -----
    note[LP515]: nothing requires colours, which --exclude names
    c: 2 packages for python3.12 · arm64
    ");
    // Which one a path means cannot be told.
    assert_snapshot!(resolved("conf/src"), @"
    exit 2
    ----- stderr -----
    error[LP501]: conf/src is the source of the layers a and b
      help: name the layer: a or b
    ");
}

#[test]
fn the_indexes_of_the_file_come_after_variables_and_before_those_of_uv() {
    let (ours, theirs) = (shop().start(), testkit::FakeIndex::builder().wheel(pure("templates", "7.0")).start());
    let scratch = Scratch::with_requirements("templates\n");
    let resolve = || scratch.layerpack("resolve src --runtime python3.12 --arch arm64");
    scratch.write("uv.toml", format!("index-url = \"{}\"\n", theirs.url()));
    assert!(resolve().run().fine().stdout.contains("7.0"));
    scratch.write("layerpack.toml", format!("index-url = \"{}\"\n", ours.url()));
    assert!(resolve().run().fine().stdout.contains("2.1"));
    assert!(resolve().env("UV_INDEX_URL", &theirs.url()).run().fine().stdout.contains("7.0"));
    // The option lines of a requirements file join it.
    scratch.write("src/requirements.txt", format!("--index-url {}\ntemplates\n", theirs.url()));
    assert!(resolve().run().fine().stdout.contains("7.0"));
}

#[test]
fn the_nearest_file_counts() {
    let index = shop().start();
    let scratch = Scratch::new();
    let with = |arch: &str| {
        format!("runtime = \"python3.12\"\narch = \"{arch}\"\n[layers.web]\nsource = \"src\"\nemit = \"zip\"\n")
    };
    let project = |arch: &str| {
        with(arch).replace("runtime", "[tool.layerpack]\nruntime").replace("[layers", "[tool.layerpack.layers")
    };
    scratch.write("src/requirements.txt", "web\n");
    let built = || scratch.layerpack("build").index(&index).run();
    scratch.write("pyproject.toml", project("arm64"));
    assert!(built().fine().stdout.contains("web-python3.12-arm64.zip"));
    scratch.write("layerpack.toml", with("x86_64"));
    assert!(built().fine().stdout.contains("web-python3.12-x86_64.zip"));
    assert_snapshot!(scratch.layerpack("build --no-config").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: no SOURCE is named
      help: name a folder with a requirement or lock file or *.whl in it, such a file, or wheels; or configure layers in layerpack.toml
    ");
    assert_snapshot!(scratch.layerpack("build").env("LAYERPACK_NO_CONFIG", "1").run().code, @"2");
    let named = scratch.layerpack("build --config pyproject.toml").index(&index).run().fine();
    assert!(named.stdout.contains("web-python3.12-arm64.zip"), "{named}");
    // Above the working directory, and below it nothing.
    scratch.write("deeper/x", "");
    let run = scratch.layerpack("build --emit zip").index(&index).within("deeper").run().fine();
    assert_snapshot!(run, @"
    exit 0
    ----- stdout -----
    dist/web-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    web   python3.12 · x86_64   (../layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    assert_snapshot!(scratch.layerpack("build --config nowhere.toml").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: nowhere.toml: no such file
      help: --config names a layerpack.toml, or a pyproject.toml with [tool.layerpack]
    ");
}

#[test]
fn check_takes_targets_and_ignores_from_the_file() {
    let scratch = Scratch::new();
    scratch
        .write(
            "layerpack.toml",
            "runtime = \"python3.12\"\narch = \"arm64\"\n[layers.whl]\nsource = \"whl\"\n[[ignore]]\ncode = \"LP102\"\n\
             package = \"loop\"\nreason = \"only for its stubs\"\n[[ignore]]\ncode = \"LP131\"\npackage = \"loop\"\nreason = \"x\"\n",
        )
        .wheel("whl", &crate::support::native("loop", "0.9", testkit::Machine::X86_64, "2.17"));
    assert_snapshot!(scratch.layerpack("check").run(), @"
    exit 0
    ----- stdout -----
    whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl loads on python3.12 · arm64
    ----- stderr -----
    note[LP515]: [[ignore]] LP131:loop (x) meets nothing: there is no such finding
             help: remove it from the configuration, if no other target needs it
    left out, as asked: LP102:loop (only for its stubs)
    ");
    assert_snapshot!(scratch.layerpack("check whl").run().code, @"0");
    assert_snapshot!(scratch.layerpack("check whl --no-config --arch arm64").run().code, @"1");
}

#[test]
fn what_cannot_be_used_is_refused() {
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("layerpack.toml", "runtme = \"python3.12\"\narch = 1\n");
    assert_snapshot!(scratch.layerpack("build src").run().refused(), @r#"
    exit 2
    ----- stderr -----
    error[LP520]: layerpack.toml line 1, column 1: unknown key `runtme`
      runtme = "python3.12"
      ^^^^^^
      help: did you mean `runtime`?
    error[LP520]: layerpack.toml line 2, column 8: `arch` is a number, and must be an architecture, or a list of them
      arch = 1
             ^
    "#);
    scratch.write("layerpack.toml", "[layers.web]\nsource = \"nowhere\"\n");
    assert_snapshot!(scratch.layerpack("build").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: layer web: nowhere: no such file or folder
      help: correct the source of layers.web in layerpack.toml: it is relative to that file
    ");
    scratch.write("layerpack.toml", "arch = \"arm64\"\n");
    assert_snapshot!(scratch.layerpack("build").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: no SOURCE is named, and layerpack.toml has no layers
      help: name a folder with a requirement or lock file or *.whl in it, such a file, or wheels; or configure layers in layerpack.toml
    ");
    assert_snapshot!(scratch.layerpack("check").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: no PATH is named
      help: name wheels, layer and function zips, unpacked trees or requirement files, or configure layers in layerpack.toml
    ");
    scratch.write("layerpack.toml", "exclude-newer = \"soon\"\n");
    assert_snapshot!(scratch.layerpack("resolve src --no-index").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: exclude-newer of layerpack.toml is `soon`, which is no date, time or span
      help: write 2026-01-31, 2026-01-31T12:00:00Z, 7 days, 1 week or P7D; months and years are no fixed spans
    ");
}

#[test]
fn the_cache_lies_where_the_file_says() {
    let index = shop().start();
    let scratch = project(&format!("cache-dir = \"kept\"\n{CONFIG}"));
    // The tests' own variable comes before the file.
    let without = |arguments: &str| scratch.layerpack(arguments).env("LAYERPACK_CACHE_DIR", "");
    let dir = |run: Run<'_>| run.run().fine().stdout;
    assert_eq!(dir(scratch.layerpack("cache dir")), dir(scratch.layerpack("cache dir --no-config")));
    assert_eq!(dir(without("cache dir")), "kept\n");
    assert_eq!(dir(without("cache dir --cache-dir other")), "other\n");
    without("build web").index(&index).run().fine();
    assert!(scratch.path("kept/wheels-v1").is_dir());
    assert!(dir(without("cache size")).contains("wheels"), "it is the same folder");
    // Relative to the file, not to where layerpack runs.
    assert_eq!(dir(without("cache dir --config layers/../layerpack.toml")), "layers/../kept\n");
    let scratch = project("[layers.web]\nsource = \"layers/web\"\ncache-dir = \"kept\"\noffline = true\n");
    assert_snapshot!(scratch.layerpack("cache dir").run().refused(), @r#"
    exit 2
    ----- stderr -----
    error[LP520]: layerpack.toml line 3, column 1: `cache-dir` is a key of the whole run
      cache-dir = "kept"
      ^^^^^^^^^
      help: write it at the top of the file
    error[LP520]: layerpack.toml line 4, column 1: unknown key `offline`
      offline = true
      ^^^^^^^
      help: the keys here are source, runtime, arch, on-top-of, from, extra, group, package, constraint, override, exclude, no-deps, prerelease, resolution, exclude-newer, exclude-newer-package, require-hashes, build, no-binary, only-binary, out-dir, emit, budget, reserve, slim, exclude-runtime-sdk, flat, include, provides, index-url, extra-index-url, index, index-strategy, find-links, no-index, keyring-provider, cert, client-cert, trusted-host, proxy, timeout, retries
    "#);
}

#[test]
fn that_nobody_named_a_target_is_said_once_for_all() {
    let index = shop().start();
    let scratch = layers(
        "emit = \"zip\"\n[layers.a]\nsource = \"a\"\n[layers.b]\nsource = \"b\"\n",
        &[("a", "web\n"), ("b", "colours\n")],
    );
    let said = |arguments: &str| scratch.layerpack(arguments).index(&index).run().fine();
    assert_snapshot!(said("build"), @"
    exit 0
    ----- stdout -----
    dist/a-python3.14-x86_64.zip   sha256 [SHA256]
    dist/b-python3.14-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    warning[LP510]: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    a   python3.14 · x86_64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    b   python3.14 · x86_64   (layerpack.toml)
    1 package
    416 bytes of 250.0 MB unzipped · 936 bytes zipped
    nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    ");
    for command in ["resolve", "lock --dry-run", "fetch -o wheels"] {
        let ran = said(command);
        assert_eq!(ran.stderr.matches("LP510").count(), 1, "{ran}");
    }
    // What is not for all names those that it is for.
    scratch.write("b/.python-version", "3.12\n");
    assert_snapshot!(said("resolve"), @"
    exit 0
    ----- stdout -----
    a   python3.14 · x86_64
    templates  2.1  895 bytes
    web        1.2       2 kB
    b   python3.12 · x86_64
    colours  0.4  878 bytes
    ----- stderr -----
    a: 2 packages for python3.14 · x86_64
    b: 1 package for python3.12 · x86_64
    warning[LP510]: a: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    warning[LP510]: b: nobody named an architecture: this is for python3.12 · x86_64; pin it with --arch
    ");
}

//! `[stacks]`: what one function has together, one budget for all of it.

use insta::assert_snapshot;

use crate::layers::{TWO, layers, two_layers_in_a_stack};
use crate::support::shop;

#[test]
fn a_stack_has_one_budget() {
    let index = shop().start();
    let adapter = "others = [{ name = \"Lambda Web Adapter\", size = \"5MB\" }]\nfunction = \"src/app\"\n";
    let scratch = two_layers_in_a_stack(adapter);
    assert_snapshot!(scratch.layerpack("build --emit zip").index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/pypi-python3.12-arm64.zip   sha256 [SHA256]
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    pypi   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    whl   python3.12 · arm64   (layerpack.toml)
    3 packages
    2 kB, with pypi (2 kB): 3 kB of 250.0 MB unzipped · 3 kB zipped
    stack api   python3.12 · arm64: 5.0 MB of 250.0 MB unzipped, 3 of 5 layers
    ");
    // Without everything there is no stack to judge.
    assert!(!scratch.layerpack("build whl").index(&index).run().fine().stderr.contains("stack"));
    // Each by itself fits; all together they do not, and none is written.
    let scratch = two_layers_in_a_stack(&format!("{adapter}budget = 5246000\n"));
    assert_snapshot!(scratch.layerpack("build --emit zip").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP401]: stack api on python3.12 · arm64: 5246328 bytes unzipped against a limit of 5246000: 328 too many, so nothing of it is written
      pypi has 1427, whl has 1421, src/app has 600, Lambda Web Adapter has 5242880
      help: web 1.2 takes 999 bytes (without it 5.0 MB), local-package1 0.1.0 takes 512 bytes (without it 5.0 MB), local-package2 0.2.0 takes 493 bytes (without it 5.0 MB), templates 2.1 takes 428 bytes (without it 5.0 MB), colours 0.4 takes 416 bytes (without it 5.0 MB); a container image may have 10 GB
    ");
    let others = "others = [{ name = \"a\", size = 1 }, { name = \"b\", size = 1 }, { name = \"c\", size = 1 }, { name = \"d\", size = 1 }]\n";
    assert_snapshot!(two_layers_in_a_stack(others).layerpack("build --emit zip").index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP407]: stack api on python3.12 · arm64: 6 layers; a function may have 5, so nothing of it is written
      pypi has 1427, whl has 1421, a has 1, b has 1, c has 1, d has 1
      help: put two layers into one, or use a container image, which has no layers
    ");
}

#[test]
fn what_is_twice_in_a_stack_is_told() {
    let index = shop().start();
    let scratch = two_layers_in_a_stack("");
    scratch.write("layerpack.toml", scratch.text("layerpack.toml").replace("on-top-of = \"pypi\"\n", ""));
    scratch.write("src/layers/pypi/requirements.txt", "web\ntemplates==2.0\n");
    assert_snapshot!(scratch.layerpack("build --emit zip").index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/pypi-python3.12-arm64.zip   sha256 [SHA256]
    dist/whl-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    pypi   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    whl   python3.12 · arm64   (layerpack.toml)
    5 packages
    3 kB of 250.0 MB unzipped · 6 kB zipped
    stack api   python3.12 · arm64: 5 kB of 250.0 MB unzipped, 2 of 5 layers
    warning[LP408]: stack api: templates is packed twice: 2.0 in pypi, 2.1 in whl
             help: of the layers the last one wins, file by file; keep one of 2.0 and 2.1
    warning[LP408]: stack api: web 1.2 is packed twice: in pypi and in whl
             help: leave it out of all but one: every copy counts against the limit
    ");
    scratch.write("layerpack.toml", format!("{TWO}[stacks.api]\nlayers = [\"pypi\", \"wheels\"]\n"));
    assert_snapshot!(scratch.layerpack("build").index(&index).run(), @"
    exit 2
    ----- stderr -----
    error[LP502]: stack api: wheels: no such file or folder
      help: correct stacks.api in layerpack.toml: a layer by its name, or a path relative to that file
    ");
}

#[test]
fn size_weighs_what_was_built_of_a_stack() {
    let index = shop().start();
    let scratch = two_layers_in_a_stack(
        "function = \"src/app\"\nothers = [{ name = \"Adapter\", size = \"1k\" }]\nbudget = \"6k\"\n",
    );
    assert_snapshot!(scratch.layerpack("size").run(), @"
    exit 2
    ----- stderr -----
    error[LP502]: layer pypi: dist/pypi-python3.12-arm64.zip is not there
      help: run layerpack build first
    ");
    scratch.layerpack("build --emit zip").index(&index).run().fine();
    let alone = scratch.layerpack("size").run();
    assert_snapshot!(alone, @"
    exit 0
    ----- stdout -----
    dist/pypi-python3.12-arm64.zip  layer          2 kB unzipped  3 kB zipped  2 packages  10 files
    dist/whl-python3.12-arm64.zip   layer          2 kB unzipped  3 kB zipped  3 packages  12 files
    src/app                         function  600 bytes unzipped                             1 file
    Adapter                         reserved       1 kB unzipped

    5 kB of 6 kB unzipped · 3 of 5 layers
    4472 of 6144 bytes, 72.8 %; 2 kB left

    packages
      web 1.2               999 bytes  22.3 %       2 kB zipped  dist/pypi-python3.12-arm64.zip
      files at the root     600 bytes  13.4 %                    src/app
      local-package1 0.1.0  512 bytes  11.4 %       2 kB zipped  dist/whl-python3.12-arm64.zip
      local-package2 0.2.0  493 bytes  11.0 %       2 kB zipped  dist/whl-python3.12-arm64.zip
      templates 2.1         428 bytes   9.6 %  931 bytes zipped  dist/pypi-python3.12-arm64.zip
      colours 0.4           416 bytes   9.3 %  914 bytes zipped  dist/whl-python3.12-arm64.zip

    kinds of file
      metadata       3 kB  55.7 %       5 kB zipped
      Python    697 bytes  15.6 %
      other     259 bytes   5.8 %  262 bytes zipped
    ");
    assert_eq!(scratch.layerpack("size --stack api").run().stdout, alone.stdout);
    assert_snapshot!(scratch.layerpack("size --stack other").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: layerpack.toml has no stack other
      help: its stacks are: api
    ");
    let nothing = scratch.layerpack("size --no-config").run();
    assert_snapshot!(nothing, @"
    exit 2
    ----- stderr -----
    error[LP501]: no PATH is named, and there is no configuration with layers
      help: name layer and function zips, unpacked trees, reports of build, or wheels
    ");
}

#[test]
fn a_layer_that_cannot_be_built_keeps_its_stack_from_being_written() {
    let index = shop().start();
    let config = "runtime = \"python3.12\"\narch = \"arm64\"\nemit = \"zip\"\n[layers.a]\nsource = \"a\"\n[layers.b]\nsource = \"b\"\n\
        [layers.c]\nsource = \"c\"\n[layers.alone]\nsource = \"alone\"\n[stacks.one]\nlayers = [\"a\", \"b\"]\n[stacks.two]\n\
        layers = [\"c\", \"b\"]\n";
    let sources = [("a", "nobody-knows-it\n"), ("b", "colours\n"), ("c", "templates\n"), ("alone", "web\n")];
    let scratch = layers(config, &sources);
    let ran = scratch.layerpack("build").index(&index).run();
    assert_snapshot!(ran, @"
    exit 1
    ----- stdout -----
    dist/alone-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    alone   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    stack one   python3.12 · arm64: nothing of it is written, since a could not be built
    stack two   python3.12 · arm64: nothing of it is written, since it shares a layer with one that is not written
    error[LP301]: no index knows `nobody-knows-it`
      a/requirements.txt line 1 asks for nobody-knows-it
      asked: http://127.0.0.1:PORT/simple/
      help: check the spelling; if it is on a private index, name that with --index or --extra-index-url
    ");
    // Nothing is asked of it that could not even be read.
    scratch.write("a/requirements.txt", "web ==== 1\n");
    let unread = scratch.layerpack("build --format json").index(&index).run();
    assert_eq!((unread.code, scratch.names("dist")), (2, vec!["alone-python3.12-arm64.zip".to_owned()]));
    let document = unread.json();
    let written =
        |stack: usize| (document["stacks"][stack]["name"].clone(), document["stacks"][stack]["written"].clone());
    assert_eq!(written(0), ("one".into(), false.into()));
    assert_eq!(written(1), ("two".into(), false.into()));
    assert_eq!(document["stacks"][0]["layers"][0], serde_json::json!({ "name": "a", "unzipped": null }));
    assert_eq!(document["targets"].as_array().map(Vec::len), Some(1));
    // Where all of it can be built, all of it is.
    scratch.write("a/requirements.txt", "loop\n");
    scratch.layerpack("build a b c").index(&index).run().fine();
    assert_eq!(scratch.names("dist").len(), 4);
}

#[test]
fn json_says_what_lies_on_what_and_which_stacks_there_are() {
    let index = shop().start();
    let document = |stack: &str| {
        let scratch = two_layers_in_a_stack(stack);
        let document = scratch.layerpack("build --emit zip --format json").index(&index).run().json();
        (document, scratch.names("dist").len())
    };
    let (fine, files) = document("function = \"src/app\"\n");
    assert_eq!((&fine["targets"][1]["on_top_of"], files), (&serde_json::json!(["pypi"]), 2));
    let stacks = serde_json::json!([{
        "name": "api", "runtime": "python3.12", "arch": "arm64",
        "layers": [{ "name": "pypi", "unzipped": 1427 }, { "name": "whl", "unzipped": 1421 }],
        "unzipped": 3448, "limit": 262_144_000, "layer_count": 2, "layer_limit": 5, "written": true, "findings": [],
    }]);
    assert_eq!(fine["stacks"], stacks);
    let (over, files) = document("budget = 2000\n");
    assert_eq!((over["targets"].as_array().map(Vec::len), files), (Some(0), 0));
    let stack = &over["stacks"][0];
    assert_eq!((&stack["unzipped"], &stack["limit"], &stack["written"]), (&2848.into(), &2000.into(), &false.into()));
    assert_eq!(stack["findings"][0]["code"], "LP401");
    assert_eq!(over["errors"][0]["code"], "LP401");
}

#[test]
fn a_stack_of_which_nothing_has_changed_is_judged_all_the_same() {
    let index = shop().start();
    let scratch = two_layers_in_a_stack("");
    scratch.layerpack("lock").index(&index).run().fine();
    let first = scratch.layerpack("build").index(&index).run().fine();
    let again = scratch.layerpack("build").index(&index).run().fine();
    assert_eq!((again.stderr.matches("nothing has changed").count(), &again.stdout), (2, &first.stdout), "{again}");
    assert!(
        again.stderr.contains("stack api   python3.12 · arm64: 3 kB of 250.0 MB unzipped, 2 of 5 layers"),
        "{again}"
    );
    let config = scratch.text("layerpack.toml");
    scratch.write("layerpack.toml", format!("{config}budget = 2000\n"));
    let over = scratch.layerpack("build").index(&index).run();
    assert!(over.stderr.contains("848 too many, so nothing of it is written") && over.stdout.is_empty(), "{over}");
}

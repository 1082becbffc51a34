//! `[stacks]`: what one function has together, one budget for all of it.

use insta::assert_snapshot;

use crate::on_top_of::{CONFIG, project};
use crate::support::{Scratch, shop};

/// The project with a stack of both layers and a function.
fn stacked(stack: &str) -> Scratch {
    let scratch = project();
    scratch.write("layerpack.toml", format!("{CONFIG}[stacks.api]\nlayers = [\"pypi\", \"whl\"]\n{stack}"));
    scratch.write("src/app/app.py", "x = 1\n".repeat(100));
    scratch
}

#[test]
fn a_stack_has_one_budget() {
    let index = shop().start();
    let adapter = "others = [{ name = \"Lambda Web Adapter\", size = \"5MB\" }]\nfunction = \"src/app\"\n";
    let scratch = stacked(adapter);
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
    // The first layer fits; the second is not written.
    let scratch = stacked(&format!("{adapter}budget = 5246000\n"));
    assert_snapshot!(scratch.layerpack("build --emit zip").index(&index).run(), @"
    exit 1
    ----- stdout -----
    dist/pypi-python3.12-arm64.zip   sha256 [SHA256]
    ----- stderr -----
    pypi   python3.12 · arm64   (layerpack.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    error[LP401]: the layer has 1421 bytes unzipped, with 5244907 of other layers and the function, against a limit of 5246000: 328 too many
      help: local-package1 0.1.0 takes 512 bytes (without it 5.0 MB), local-package2 0.2.0 takes 493 bytes (without it 5.0 MB), colours 0.4 takes 416 bytes (without it 5.0 MB); a container image may have 10 GB
    ");
    let others = "others = [{ name = \"a\", size = 1 }, { name = \"b\", size = 1 }, { name = \"c\", size = 1 }, { name = \"d\", size = 1 }]\n";
    assert_snapshot!(stacked(others).layerpack("build --emit zip").index(&index).run(), @"
    exit 1
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
    stack api   python3.12 · arm64: 3 kB of 250.0 MB unzipped, 6 of 5 layers
    error[LP407]: stack api: 6 layers; a function may have 5
             help: put two layers into one, or use a container image, which has no layers
    ");
}

#[test]
fn what_is_twice_in_a_stack_is_told() {
    let index = shop().start();
    let scratch = stacked("");
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
    warning[LP408]: stack api: templates is packed twice: 2.0 in dist/pypi-python3.12-arm64.zip, 2.1 in dist/whl-python3.12-arm64.zip
             help: of the layers the last one wins, file by file; keep one of 2.0 and 2.1
    warning[LP408]: stack api: web 1.2 is packed twice: in dist/pypi-python3.12-arm64.zip and in dist/whl-python3.12-arm64.zip
             help: leave it out of all but one: every copy counts against the limit
    ");
    scratch.write("layerpack.toml", format!("{CONFIG}[stacks.api]\nlayers = [\"pypi\", \"wheels\"]\n"));
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
    let scratch =
        stacked("function = \"src/app\"\nothers = [{ name = \"Adapter\", size = \"1k\" }]\nbudget = \"6k\"\n");
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

//! `check LAYER --lock FILE`: every file of a finished layer goes back to a wheel of the lock.

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::support::{Scratch, filtered, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";
const ZIP: &str = "dist/src-python3.12-x86_64.zip";
const TREE: &str = "dist/src-python3.12-x86_64";

/// A layer as a zip and as a tree, beside its lock. The source has a module of its own.
fn built(index: &FakeIndex) -> Scratch {
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("src/python/own.py", "own = 1\n");
    scratch.layerpack(&format!("lock src {TARGET}")).index(index).run().fine();
    scratch.layerpack("build src --emit zip,tree,report").run().fine();
    scratch
}

#[test]
fn what_was_built_from_a_lock_is_proved_to_be() {
    let index = shop().start();
    let scratch = built(&index);
    index.forget_requests();
    let said = [ZIP, TREE].map(|layer| {
        let ran = scratch.layerpack(&format!("check {layer} --lock src/pylock.toml --offline")).run();
        format!("# {layer}\n{ran}\n")
    });
    assert_snapshot!(said.concat(), @"
    # dist/src-python3.12-x86_64.zip
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip loads on python3.12 · x86_64
    ----- stderr -----
    all 11 files are those of the 2 packages of src/pylock.toml

    # dist/src-python3.12-x86_64
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64 loads on python3.12 · x86_64
    ----- stderr -----
    all 11 files are those of the 2 packages of src/pylock.toml
    ");
    assert_eq!(index.request_lines(), [""; 0], "the store has them");
    // On another machine the wheels come from where the lock says.
    let again = ["--cache-dir", "elsewhere"];
    scratch.layerpack(&format!("check {ZIP} --lock src/pylock.toml")).arguments(again).run().fine();
    assert_eq!(index.requests().len(), 2);
}

#[test]
fn a_layer_that_somebody_changed_is_refused() {
    let index = shop().start();
    let scratch = built(&index);
    let changed = scratch.text(&format!("{TREE}/python/web/__init__.py")) + "import os\n";
    scratch
        .write(&format!("{TREE}/python/web/__init__.py"), changed)
        .write(&format!("{TREE}/python/sitecustomize.py"), "import os\n");
    fs_err::remove_dir_all(scratch.path(&format!("{TREE}/python/templates"))).expect("it was there");
    let ran = scratch.layerpack(&format!("check {TREE} --lock src/pylock.toml --offline")).run();
    assert_snapshot!(filtered(&ran.to_string(), &scratch.path("..")), @"
    exit 1
    ----- stdout -----
    error: dist/src-python3.12-x86_64 is not what the wheels of its lock give on python3.12 · x86_64
      LP430  python/sitecustomize.py: this file comes from no wheel of the lock, and not from the layer's source
             help: build the layer anew from the lock, and see who changed it
      LP431  python/web/__init__.py: not the file of web: it has the sha256 [SHA256], that of the wheel is [SHA256]
             help: build the layer anew from the lock, and see who changed it
      LP432  python/templates/__init__.py: templates has this file, and it is missing
    ");
    let ran = scratch.layerpack(&format!("check {TREE} --lock src/pylock.toml --offline --format json")).run();
    let codes: Vec<_> = ran.json()["files"][0]["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| f["code"].to_string())
        .collect();
    assert_eq!(codes, [r#""LP430""#, r#""LP431""#, r#""LP432""#]);
    // Without the lock nobody could tell.
    scratch.layerpack(&format!("check {TREE} {TARGET}")).run().fine();
}

#[test]
fn one_layer_goes_with_a_lock() {
    let index = shop().start();
    let scratch = built(&index);
    let said = [
        &format!("check {ZIP} {TREE} --lock src/pylock.toml"),
        "check src/requirements.txt --lock src/pylock.toml",
        &format!("check {ZIP} --lock src/requirements.txt"),
        &format!("check {ZIP} --lock nowhere.toml"),
        &format!("check {ZIP} --lock src/pylock.toml --offline --cache-dir empty"),
    ]
    .map(|arguments| format!("# {arguments}\n{}\n", scratch.layerpack(arguments).run()));
    assert_snapshot!(said.concat(), @"
    # check dist/src-python3.12-x86_64.zip dist/src-python3.12-x86_64 --lock src/pylock.toml
    exit 2
    ----- stderr -----
    error[LP501]: --lock goes with one finished layer or function
      help: name its zip, or the folder that it was unpacked into

    # check src/requirements.txt --lock src/pylock.toml
    exit 2
    ----- stderr -----
    error[LP501]: --lock goes with one finished layer or function
      help: name its zip, or the folder that it was unpacked into

    # check dist/src-python3.12-x86_64.zip --lock src/requirements.txt
    exit 2
    ----- stderr -----
    error[LP501]: src/requirements.txt is no lock
      help: name the pylock.toml, uv.lock, poetry.lock or Pipfile.lock that the layer was built from

    # check dist/src-python3.12-x86_64.zip --lock nowhere.toml
    exit 2
    ----- stderr -----
    error[LP502]: nowhere.toml: no such file or folder
      help: check the path; it is relative to the working directory

    # check dist/src-python3.12-x86_64.zip --lock src/pylock.toml --offline --cache-dir empty
    exit 2
    ----- stderr -----
    error[LP312]: templates-2.1-py3-none-any.whl, web-1.2-py3-none-any.whl are not in the cache, and --offline forbids fetching them
      help: run once without --offline, or bring the wheels with --no-index --find-links
    ");
}

//! `check`: what a PATH may be, and what is said of those that are nothing to check.

use insta::assert_snapshot;
use testkit::Machine;

use crate::support::{Scratch, native, pure};

#[test]
fn what_cannot_be_checked_is_said_with_the_next_step() {
    let scratch = Scratch::new();
    scratch
        .wheel("whl", &pure("own", "0.1"))
        .write("setup.py", "import setuptools")
        .write("own-0.1.tar.gz", b"\x1f\x8b\x08\x00")
        .write("deeper/whl/own.txt", "");
    fs_err::create_dir(scratch.path("empty")).expect("a new folder");
    let paths = ["nowhere.whl", "*.egg", "empty", "setup.py", "own-0.1.tar.gz"];
    let said = paths.map(|path| {
        let ran = scratch.layerpack(&format!("check {path}")).run();
        assert_eq!(ran.code, 2, "{path}: {ran}");
        format!("# {path}\n{ran}\n")
    });
    assert_snapshot!(said.concat(), @"
    # nowhere.whl
    exit 2
    ----- stderr -----
    error[LP502]: nowhere.whl: no such file or folder
      help: check the path; it is relative to the working directory

    # *.egg
    exit 2
    ----- stderr -----
    error[LP501]: `*.egg` matches nothing
      help: check the pattern; it is relative to the working directory

    # empty
    exit 2
    ----- stderr -----
    error[LP506]: empty: an empty folder
      help: check reads wheels, folders of them, layer and function zips, unpacked trees, and requirement or lock files

    # setup.py
    exit 2
    ----- stderr -----
    error[LP506]: setup.py: nothing that check reads; not a zip archive: starts with `import setuptools`
      help: check reads wheels, folders of them, layer and function zips, unpacked trees, and requirement or lock files

    # own-0.1.tar.gz
    exit 2
    ----- stderr -----
    error[LP506]: own-0.1.tar.gz: nothing that check reads; not a zip archive but gzip data, as a source distribution (.tar.gz) is
      help: check reads wheels, folders of them, layer and function zips, unpacked trees, and requirement or lock files
    ");
}

#[test]
fn what_cannot_be_looked_at_does_not_hide_the_rest() {
    let scratch = Scratch::new();
    scratch.wheel("whl", &pure("own", "0.1")).wheel("whl", &native("loop", "0.9", Machine::X86_64, "2.17"));
    let run = scratch.layerpack("check nowhere whl setup.py --runtime python3.12 --arch arm64");
    assert_snapshot!(run.run(), @"
    exit 2
    ----- stdout -----
    error: whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl does not load on python3.12 · arm64
      LP102  built for x86_64; the target is arm64
      help: loads on python3.12 · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    whl/own-0.1-py3-none-any.whl loads on python3.12 · arm64
    ----- stderr -----
    error[LP502]: nowhere: no such file or folder
      help: check the path; it is relative to the working directory
    error[LP502]: setup.py: no such file or folder
      help: check the path; it is relative to the working directory
    2 wheels: 1 loads, 1 does not
    ");
    let ran = scratch.layerpack("check nowhere whl --runtime python3.12 --arch arm64 --format json").run();
    assert_eq!(ran.code, 2, "{ran}");
    let document = ran.json();
    assert_eq!(document["files"].as_array().map(Vec::len), Some(2), "{ran}");
    assert_eq!(document["error"]["code"], "LP502", "{ran}");
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1), "{ran}");
}

#[test]
fn what_was_saved_in_place_of_a_wheel_or_zip() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let scratch = Scratch::new();
    scratch
        .write("lfs/foo-1.0-py3-none-any.whl", pointer)
        .write("layer.zip", pointer)
        .write("page/foo-1.0-py3-none-any.whl", "<!DOCTYPE html><title>Sign in</title>")
        .write("error/foo-1.0-py3-none-any.whl", "{\"message\": \"Forbidden\"}")
        .write("sdist/foo-1.0-py3-none-any.whl", b"\x1f\x8b\x08\x00")
        .write("empty.zip", "");
    assert_snapshot!(scratch.layerpack("check lfs layer.zip page error sdist empty.zip").run(), @r#"
    exit 1
    ----- stdout -----
    error: lfs/foo-1.0-py3-none-any.whl is not a sound wheel
      LP513  a Git LFS pointer, not the file itself, which has 12345 bytes
             help: fetch the file with `git lfs pull`; in a pipeline, check out with LFS files
    error: layer.zip is not a sound archive
      LP513  a Git LFS pointer, not the file itself, which has 12345 bytes
             help: fetch the file with `git lfs pull`; in a pipeline, check out with LFS files
    error: page/foo-1.0-py3-none-any.whl is not a sound wheel
      LP514  a web page, not a zip archive: starts with `<!DOCTYPE html><title>Si`
             help: is the index or a proxy returning a login page?
    error: error/foo-1.0-py3-none-any.whl is not a sound wheel
      LP514  a JSON answer of a server, not a zip archive: starts with `{"message": "Forbidden"}`
             help: is the index or a proxy returning a login page?
    error: sdist/foo-1.0-py3-none-any.whl is not a sound wheel
      LP201  not a zip archive but gzip data, as a source distribution (.tar.gz) is
             help: download or build a wheel
    error: empty.zip is not a sound archive
      LP201  the file is empty
             help: download or build it again
    ----- stderr -----
    6 files: 0 load, 6 do not
    "#);
    // A build says the same, with the same exit code.
    let run = scratch.layerpack("build lfs --runtime python3.12 --arch x86_64 --no-index");
    assert_snapshot!(run.run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP513]: lfs/foo-1.0-py3-none-any.whl is not a sound wheel
      LP513  a Git LFS pointer, not the file itself, which has 12345 bytes
      help: fetch the file with `git lfs pull`; in a pipeline, check out with LFS files
    ");
}

//! `check` of the locks of other tools: what they name, and what they lack.

use insta::assert_snapshot;

use crate::check_requirements::{ARM, market};
use crate::support::Scratch;

#[test]
fn the_locks_of_other_tools_are_judged_by_themselves() {
    let index = market().start();
    let scratch = Scratch::new();
    let wheels = |name: &str, tags: &[&str]| {
        let wheel = |tag: &&str| {
            format!("{{ url = \"{}{name}-{tag}.whl\", hash = \"sha256:{}\" }}", index.url(), "0".repeat(64))
        };
        tags.iter().map(wheel).collect::<Vec<_>>().join(", ")
    };
    let package = |name: &str, version: &str, wheels: String| {
        let registry = format!("source = {{ registry = \"{}\" }}", index.url());
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{registry}\nwheels = [{wheels}]\n\n")
    };
    let root = "[[package]]\nname = \"app\"\nversion = \"0\"\nsource = { virtual = \".\" }\n\
                dependencies = [{ name = \"numbers\" }, { name = \"web\" }]\n\n";
    let numbers = wheels("numbers-1.5", &["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_aarch64"]);
    let uv = format!(
        "version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\n{root}{}{}",
        package("numbers", "1.5", numbers),
        package("web", "1.2", wheels("web-1.2", &["py3-none-any"])),
    );
    scratch.write("uv/uv.lock", uv);
    let check = |arguments: &str| scratch.layerpack(&format!("check {arguments}")).index(&index).run();
    assert_snapshot!(check("uv/uv.lock --runtime python3.12"), @"
    exit 0
    ----- stdout -----
    uv/uv.lock: 2 packages, all have wheels for python3.12 · arm64, x86_64
    ");
    assert_eq!(index.request_lines(), Vec::<String>::new(), "the lock says it all");
    assert_snapshot!(check(&format!("uv {ARM}")), @"
    exit 1
    ----- stdout -----
    error: uv/uv.lock: 1 of 2 packages has no wheel for python3.13 · arm64
      LP305  numbers==1.5 has wheels only for cp312 on arm64, x86_64
             help: from 2.0 on there is one; 1.5 has one for python3.12 · arm64
    ");
    assert_eq!(index.request_lines(), ["GET /simple/numbers/"], "only what has no wheel");
    assert_snapshot!(check("uv/uv.lock --runtime python3.11 --arch arm64"), @"
    exit 1
    ----- stdout -----
    error: uv/uv.lock cannot be built for python3.11 · arm64
      LP310  the lock was made for other targets: requires-python is >=3.12
             help: name a runtime that it admits with --runtime, or let the project admit this one and run uv lock
    ");

    // Digests only: the index says where the files are.
    let digest = "0".repeat(64);
    scratch.write(
        "pipenv/Pipfile.lock",
        format!(
            r#"{{"_meta": {{"hash": {{"sha256": "{digest}"}}, "pipfile-spec": 6, "requires": {{}}, "sources": []}},
                "default": {{"web": {{"hashes": ["sha256:{digest}"], "version": "==1.2"}}}}, "develop": {{}}}}"#
        ),
    );
    assert_snapshot!(check(&format!("pipenv/Pipfile.lock {ARM}")), @"
    exit 1
    ----- stdout -----
    error: pipenv/Pipfile.lock: 1 of 1 package cannot be had for python3.13 · arm64
      LP306  http://127.0.0.1:PORT/simple/ has web-1.2-py3-none-any.whl with sha256 [SHA256], and pipenv/Pipfile.lock line 2 locks other digests for web 1.2
             help: the file was replaced since it was locked, or comes from another index than was locked: tell the index's owner, or write the lock anew with pipenv lock if you trust it
    ");
    assert_snapshot!(check(&format!("pipenv/Pipfile.lock {ARM} --offline --cache-dir nowhere")), @"
    exit 2
    ----- stderr -----
    error[LP312]: http://127.0.0.1:PORT/simple/web/ is not in the cache, and --offline forbids fetching it
      help: run once without --offline, or bring the wheels with --no-index --find-links
    ");
    assert_eq!(check(&format!("pipenv/Pipfile.lock {ARM} --offline --cache-dir nowhere --if-possible")).code, 0);
}

/// What would have to be built is one more package that cannot be had: the others are judged all the same.
#[test]
fn what_would_have_to_be_built_is_named() {
    let index = market().start();
    let scratch = Scratch::new();
    let wheel = format!("{}web-1.2-py3-none-any.whl", index.url());
    let uv = format!(
        "version = 1\nrequires-python = \">=3.12\"\n\n\
         [[package]]\nname = \"app\"\nsource = {{ virtual = \".\" }}\n\
         dependencies = [{{ name = \"forked\" }}, {{ name = \"web\" }}]\n\n\
         [[package]]\nname = \"forked\"\nversion = \"1.0\"\nsource = {{ git = \"https://git.example/forked.git#abc\" }}\n\n\
         [[package]]\nname = \"web\"\nversion = \"1.2\"\nsource = {{ registry = \"{}\" }}\n\
         wheels = [{{ url = \"{wheel}\", hash = \"sha256:{}\" }}]\n",
        index.url(),
        "0".repeat(64),
    );
    scratch.write("src/uv.lock", uv);
    assert_snapshot!(scratch.layerpack(&format!("check src/uv.lock --if-possible {ARM}")).index(&index).run(), @"
    exit 1
    ----- stdout -----
    error: src/uv.lock: 1 of 2 packages cannot be had for python3.13 · arm64
      LP506  forked would have to be built (line 9: git https://git.example/forked.git#abc)
             help: have projects and repositories built here by uv or pip with --build NAME; or build wheels with `pip wheel --no-deps` and put them beside the lock, or let the project name them and run uv lock
    ");
    assert_snapshot!(scratch.layerpack(&format!("build src {ARM}")).index(&index).run(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/uv.lock has what would have to be built: forked (line 9: git https://git.example/forked.git#abc)
      help: have projects and repositories built here by uv or pip with --build NAME; or build wheels with `pip wheel --no-deps` and put them beside the lock, or let the project name them and run uv lock
    ");
}

//! `--flat --include`: a function's zip of code and packages.

use insta::assert_snapshot;
use testkit::{Machine, zip_listing};

use crate::support::{Scratch, native, pure};

const TARGET: &str = "--runtime python3.12 --arch arm64";

/// A function beside its requirements, as SAM and CDK have them.
fn app() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .wheel("app", &pure("web", "1.0").script("web", "web:main"))
        .wheel("app", &native("engine", "1.0", Machine::Aarch64, "2.17"))
        .write("app/app.py", "import web\n\ndef handler(event, context):\n    return web.__name__\n")
        .write("app/templates/index.html", "<p>\n")
        .write("app/run.sh", "#!/bin/bash\nexec python -m app\n")
        .write("app/.env", "SECRET=1\n")
        .write("app/__pycache__/app.cpython-312.pyc", "bytecode")
        .write("app/opt/lib/libx.txt", "x\n")
        .write("app/python/shared.py", "y = 1\n");
    scratch
}

#[test]
fn code_and_packages_in_one_zip() {
    let scratch = app();
    let build = format!("build app {TARGET} --offline --flat --include app");
    assert_snapshot!(scratch.layerpack(&build).run(), @"");
    assert_snapshot!(zip_listing(&scratch.read("dist/app-python3.12-arm64.zip")), @"");
    let checked = scratch.layerpack(&format!("check dist/app-python3.12-arm64.zip {TARGET}")).run().fine();
    assert_snapshot!(checked, @"");

    // Its own outputs are no part of it.
    let zip = scratch.read("dist/app-python3.12-arm64.zip");
    for place in ["-o app/function.zip", "--out-dir app/dist"] {
        for _ in 0..2 {
            scratch.layerpack(&format!("{build} {place}")).run().fine();
        }
    }
    assert_eq!(scratch.read("app/function.zip"), zip);
    fs_err::remove_file(scratch.path("app/function.zip")).expect("it is there");
    scratch.layerpack(&format!("{build} --out-dir app/dist")).run().fine();
    assert_eq!(scratch.read("app/dist/app-python3.12-arm64.zip"), zip);
    // The report says what it is.
    let size = scratch.layerpack("size dist/app-python3.12-arm64.json --format json").run().fine().json();
    assert_eq!(size["inputs"][0]["kind"], "function", "{size}");
}

#[test]
fn a_locked_function_is_built_again_when_its_code_changes() {
    let scratch = Scratch::new();
    scratch.write("app/requirements.txt", "./web-1.0-py3-none-any.whl\n").wheel("app", &pure("web", "1.0"));
    scratch.write("code/app.py", "x = 1\n");
    scratch.layerpack(&format!("lock app {TARGET} --offline")).run().fine();
    let build = || scratch.layerpack(&format!("build app {TARGET} --offline --flat --include code")).run().fine().stderr;
    assert!(!build().contains("nothing has changed"));
    assert!(build().contains("nothing has changed"));
    scratch.write("code/app.py", "x = 22\n");
    assert!(!build().contains("nothing has changed"));
}

#[test]
fn what_goes_wrong() {
    let scratch = app();
    scratch.write("code/web/__init__.py", "other\n");
    let refused = |flags: &str| scratch.layerpack(&format!("build app {TARGET} --offline {flags}")).run().refused();
    assert_snapshot!(refused("--include app"), @"");
    assert_snapshot!(refused("--flat --include nowhere"), @"");
    assert_snapshot!(refused("--flat --include app/app.py"), @"");
    assert_snapshot!(refused("--flat --include code"), @"");
    // A script that Lambda cannot start, and a module that hides one of Python's own.
    scratch.write("bad/run.sh", "#!/bin/bash\r\nexec\r\n").write("bad/logging.py", "");
    let ran = scratch.layerpack(&format!("build app {TARGET} --offline --flat --include bad")).run();
    assert_snapshot!(ran, @"");
}

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
    assert_snapshot!(scratch.layerpack(&build).run(), @"
    exit 0
    ----- stdout -----
    dist/app-python3.12-arm64.zip   sha256 [SHA256]
    dist/app-python3.12-arm64
    dist/app-python3.12-arm64.json   sha256 [SHA256]
    ----- stderr -----
    note[LP508]: app: hidden files are not packed: .env
             help: code that needs one has to have it under another name
    app   python3.12 · arm64   function
    2 packages
    2 kB of 250.0 MB unzipped · 4 kB zipped
    ");
    assert_snapshot!(zip_listing(&scratch.read("dist/app-python3.12-arm64.zip")), @"
    100644 stored 65 65 0bac3938 1980-01-01 00:00:00 app.py
    100755 deflated 155 255 55a1d3b4 1980-01-01 00:00:00 bin/web
    100644 deflated 43 48 beedfdd8 1980-01-01 00:00:00 engine-1.0.dist-info/METADATA
    100644 deflated 271 372 e90f8b0a 1980-01-01 00:00:00 engine-1.0.dist-info/RECORD
    100644 deflated 98 101 5e938232 1980-01-01 00:00:00 engine-1.0.dist-info/WHEEL
    100644 deflated 24 22 3cfe5a07 1980-01-01 00:00:00 engine/__init__.py
    100644 deflated 170 504 12f6b8e1 1980-01-01 00:00:00 engine/_native.cpython-312-aarch64-linux-gnu.so
    100644 stored 2 2 46ea081f 1980-01-01 00:00:00 lib/libx.txt
    100755 stored 31 31 edc6b73b 1980-01-01 00:00:00 run.sh
    100644 stored 6 6 40aa5a9e 1980-01-01 00:00:00 shared.py
    100644 stored 4 4 6e580236 1980-01-01 00:00:00 templates/index.html
    100644 deflated 40 45 b8975cdf 1980-01-01 00:00:00 web-1.0.dist-info/METADATA
    100644 deflated 290 408 004aabc0 1980-01-01 00:00:00 web-1.0.dist-info/RECORD
    100644 deflated 79 78 e0eefe61 1980-01-01 00:00:00 web-1.0.dist-info/WHEEL
    100644 deflated 35 33 3033fdb5 1980-01-01 00:00:00 web-1.0.dist-info/entry_points.txt
    100644 deflated 15 13 b6c67630 1980-01-01 00:00:00 web/__init__.py
    ");
    let checked = scratch.layerpack(&format!("check dist/app-python3.12-arm64.zip {TARGET}")).run().fine();
    assert_snapshot!(checked, @"
    exit 0
    ----- stdout -----
    dist/app-python3.12-arm64.zip loads on python3.12 · arm64
    ");

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
    let build =
        || scratch.layerpack(&format!("build app {TARGET} --offline --flat --include code")).run().fine().stderr;
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
    assert_snapshot!(refused("--flat --include nowhere"), @"
    exit 2
    ----- stderr -----
    error[LP502]: nowhere: no such file or folder
      help: check the path; it is relative to the working directory
    ");
    assert_snapshot!(refused("--flat --include app/app.py"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --include app/app.py: not a folder
      help: name the folder that has the code
    ");
    assert_snapshot!(refused("--flat --include code"), @"
    exit 1
    ----- stderr -----
    warning[LP508]: app/app.py is not packed
             help: to have it in the function, add --include app
    error[LP402]: the function's own code and web bring different files of one path: web/__init__.py
      help: one of them would be missing: give the file of your own another name, or leave the package out
    ");
    // A script that Lambda cannot start, and a module that hides one of Python's own.
    scratch.write("bad/run.sh", "#!/bin/bash\r\nexec\r\n").write("worse/logging.py", "");
    assert_snapshot!(refused("--flat --include worse"), @"
    exit 1
    ----- stderr -----
    warning[LP508]: app/app.py is not packed
             help: to have it in the function, add --include app
    error[LP416]: logging hides the logging of python3.12's standard library, which Lambda's runtime uses itself
      help: give the module another name
    ");
    let ran = scratch.layerpack(&format!("build app {TARGET} --offline --flat --include bad")).run();
    assert_snapshot!(ran, @"
    exit 1
    ----- stderr -----
    warning[LP508]: app/app.py is not packed
             help: to have it in the function, add --include app
    error[LP420]: a script with Windows line ends: Linux takes the carriage return for a part of each line
      help: save it with Unix line ends (dos2unix; `*.sh text eol=lf` in .gitattributes)
    ");
}

//! Flags, places and networks that stop a build: nothing is written, and the message says what to do.

use insta::assert_snapshot;
use testkit::WheelBuilder;

use crate::support::{Scratch, shop};

const BUILD: &str = "build src --runtime python3.12 --arch x86_64";

#[test]
fn an_index_that_cannot_be_reached() {
    let scratch = Scratch::with_requirements("web\n");
    // Nothing listens on port 1, and no index of another test can come to be given it.
    let run = scratch.layerpack(BUILD).arguments(["--index-url", "http://127.0.0.1:1/simple/"]);
    assert_snapshot!(run.run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch http://127.0.0.1:PORT/simple/web/: cannot connect: Connection refused (os error N) (tried 5 times)
      help: check the connection and the proxy (HTTPS_PROXY, --proxy), or try again later
    ");

    let index = shop().start();
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).arguments(["--offline"]).run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP312]: http://127.0.0.1:PORT/simple/web/ is not in the cache, and --offline forbids fetching it
      help: run once without --offline, or bring the wheels with --no-index --find-links
    ");
    scratch.layerpack(BUILD).index(&index).run().fine();

    let index = shop().basic_auth("ci", "hunter2").start();
    let scratch = Scratch::with_requirements("web\n");
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP309]: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401 to a request without credentials
      help: neither the index's URL nor .netrc has any for 127.0.0.1: give them as https://user:password@127.0.0.1/…, as `machine 127.0.0.1` in ~/.netrc, or as UV_INDEX_<NAME>_USERNAME and _PASSWORD for a named index, or add --keyring-provider subprocess
    ");
}

#[test]
fn targets_and_sizes_that_do_not_exist() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let flags = [
        "--runtime python4.0",
        "--runtime nodejs22.x",
        "--arch mips",
        "--budget tiny",
        "--jobs 0",
        "--emit pdf",
        "--cert missing.pem",
        "-c missing.txt",
        "-r missing.txt",
        "--index-url nonsense",
    ];
    let said = flags.map(|flags| {
        let run = scratch.layerpack(&format!("build src {flags}"));
        let run = if flags.contains("--index-url") { run } else { run.index(&index) };
        format!("# {flags}\n{}\n", run.run().refused())
    });
    assert_snapshot!(said.concat(), @"
    # --runtime python4.0
    exit 2
    ----- stderr -----
    error[LP507]: no Lambda runtime `python4.0`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8

    # --runtime nodejs22.x
    exit 2
    ----- stderr -----
    error[LP507]: no Lambda runtime `nodejs22.x`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8

    # --arch mips
    exit 2
    ----- stderr -----
    error[LP507]: Lambda has no architecture `mips`; it has arm64 and x86_64

    # --budget tiny
    exit 2
    ----- stderr -----
    error[LP501]: `tiny` is not a size
      help: write bytes, or a number with k, M or G: 262144000, 250MB, 1.5G

    # --jobs 0
    exit 2
    ----- stderr -----
    error: invalid value '0' for '--jobs <N>': 0 is not in 1..=256

    For more information, try '--help'.

    # --emit pdf
    exit 2
    ----- stderr -----
    error: invalid value 'pdf' for '--emit <EMIT>'
      [possible values: zip, tree, report, html, sbom]

    For more information, try '--help'.

    # --cert missing.pem
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    error[LP307]: failed to set up HTTPS: failed to open file `missing.pem`: No such file or directory (os error N)
      help: name readable PEM files with --cert, --client-cert or SSL_CERT_FILE, and a proxy as http://host:port

    # -c missing.txt
    exit 2
    ----- stderr -----
    error[LP502]: missing.txt: no such file or folder
      help: check the path; it is relative to the working directory

    # -r missing.txt
    exit 2
    ----- stderr -----
    error[LP502]: missing.txt: no such file or folder
      help: check the path; it is relative to the working directory

    # --index-url nonsense
    exit 2
    ----- stderr -----
    error[LP501]: an index URL from the command line cannot be used: not a URL (relative URL without a base); an index is given as https://host/simple/
    ");
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("src/.python-version", "2.7.18\n");
    assert_snapshot!(scratch.layerpack("build src").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP507]: [TEMP]/work/src/.python-version names 2.7.18: no Lambda runtime `2.7`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8
      help: name the runtime with --runtime
    ");
}

#[test]
fn a_layer_over_its_budget() {
    let large = WheelBuilder::new("large", "1.0").file("large/data.bin", vec![7; 3 << 20]);
    let index = shop().wheel(large).start();
    let scratch = Scratch::with_requirements("web\nlarge\n");
    let run = scratch.layerpack(BUILD).index(&index).arguments(["--budget", "1k"]);
    assert_snapshot!(run.run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP401]: the layer has 3147546 bytes unzipped against a limit of 1024: 3146522 too many
      help: large 1.0 takes 3.0 MB (without it 2 kB), web 1.2 takes 999 bytes (without it 3.0 MB), templates 2.1 takes 428 bytes (without it 3.0 MB); a container image may have 10 GB
    ");
    let ran = scratch.layerpack(BUILD).index(&index).arguments(["--budget", "300MB", "--emit", "zip"]).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    warning[LP401]: --budget 300MB is above Lambda's limit of 262144000 bytes unzipped: Lambda will refuse a larger layer
    src   python3.12 · x86_64
    3 packages
    3.0 MB of 300.0 MB unzipped · 7 kB zipped
    ");
}

#[test]
fn places_that_cannot_be_written() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("taken", "a file").write("folder.zip/notes.txt", "mine");
    let said = ["--out-dir taken", "-o taken", "-o taken/x.zip", "-o folder.zip"].map(|flags| {
        let run = scratch.layerpack(&format!("{BUILD} {flags}")).index(&index);
        format!("# {flags}\n{}\n", run.run().refused())
    });
    assert_snapshot!(said.concat(), @"
    # --out-dir taken
    exit 2
    ----- stderr -----
    error[LP406]: taken is a file, not a folder
      help: name another place for the output

    # -o taken
    exit 2
    ----- stderr -----
    error[LP406]: taken is a file, not a folder
      help: name another place for the output

    # -o taken/x.zip
    exit 2
    ----- stderr -----
    error[LP406]: taken is a file, not a folder
      help: name another place for the output

    # -o folder.zip
    exit 2
    ----- stderr -----
    error[LP406]: folder.zip is a folder
      help: name another place
    ");
    // Where systems notice it differs, and so do their words.
    let ran = scratch.layerpack(&format!("{BUILD} --cache-dir taken")).index(&index).run().refused();
    let said = if cfg!(windows) {
        "error[LP509]: failed to write to the store: failed to create directory `taken/locks`: "
    } else {
        "error[LP509]: failed to read the store: failed to query raw metadata `taken/wheels-v1/"
    };
    let help = "  help: check that the disk has space and that the cache folder belongs to you, or use --cache-dir\n";
    let shown = ran.to_string();
    assert!(ran.code == 2 && shown.contains(said) && shown.ends_with(help), "{ran}");
    assert_eq!(scratch.text("taken"), "a file");
    assert_eq!(scratch.names("folder.zip"), ["notes.txt"]);
}

#[test]
fn json_says_why_too() {
    let scratch = Scratch::new();
    let ran = scratch.layerpack("build nowhere --format json").run();
    assert_eq!(ran.code, 2);
    assert_snapshot!(ran.stdout, @r#"
    {
      "schema": 1,
      "error": {
        "code": "LP502",
        "message": "nowhere: no such file or folder",
        "help": "check the path; it is relative to the working directory"
      }
    }
    "#);
    let index = shop().start();
    let scratch = Scratch::with_requirements("web==9.9\n");
    let ran = scratch.layerpack(BUILD).arguments(["--format", "json"]).index(&index).run();
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (1, &"LP302".into()));
}

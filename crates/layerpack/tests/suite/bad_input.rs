//! What stops a build: each time one message that names the place and the next step, nothing at the output path, and a
//! good build right afterwards.

use std::net::TcpListener;

use insta::assert_snapshot;
use testkit::{FakeIndex, WheelBuilder};

use crate::support::{Run, Scratch, pure, shop};

const BUILD: &str = "build src --runtime python3.12 --arch x86_64";

/// A build that must stop, and what it says.
fn refused(scratch: &Scratch, run: Run<'_>) -> String {
    let before = scratch.names(".");
    let ran = run.run();
    assert_ne!(ran.code, 0, "{ran}");
    assert_eq!(scratch.names("."), before, "nothing is left behind: {ran}");
    ran.to_string()
}

/// Builds of these requirement lines, one after the other in one folder with one cache, and a good one at the end.
fn refused_lines<'a>(index: &FakeIndex, cases: impl IntoIterator<Item = &'a str>) -> String {
    let scratch = Scratch::new();
    let mut said = String::new();
    for lines in cases {
        scratch.write("src/requirements.txt", lines);
        let ran = refused(&scratch, scratch.layerpack(BUILD).index(index));
        said.push_str(&format!("# {}\n{ran}\n", lines.trim_end().replace('\n', " + ")));
    }
    scratch.write("src/requirements.txt", "templates==2.0\n");
    scratch.layerpack(BUILD).index(index).run().fine();
    assert_eq!(scratch.names("dist").len(), 3);
    said
}

#[test]
fn sources_that_give_nothing() {
    let index = shop().start();
    let scratch = Scratch::new();
    scratch
        .write("empty/notes.txt", "")
        .write("blank/requirements.txt", "# nothing yet\n\n")
        .write("elsewhere/requirements.txt", "colours ; sys_platform == 'win32'\n")
        .write("uv/uv.lock", "version = 1\n")
        .write("project/pyproject.toml", "[project]\n");
    let said =
        ["", "nowhere", "empty", "blank", "uv", "project", "uv/uv.lock", "*.txt", "empty/notes.txt"].map(|source| {
            let run = scratch.layerpack(&format!("build {source}")).index(&index);
            format!("# {source}\n{}\n", refused(&scratch, run))
        });
    assert_snapshot!(said.concat(), @"
    # 
    exit 2
    ----- stderr -----
    error: no SOURCE is named
      help: name a folder with requirements.txt or *.whl in it, a requirements file, or wheels

    # nowhere
    exit 2
    ----- stderr -----
    error: nowhere: no such file or folder

    # empty
    exit 2
    ----- stderr -----
    error: empty: nothing to build a layer from
      help: a source has requirements.txt, pylock.toml, *.whl files, or a python/ or opt/ folder

    # blank
    exit 2
    ----- stderr -----
    error: blank/requirements.txt names no package
      help: write one requirement per line, for example: requests>=2.32

    # uv
    exit 2
    ----- stderr -----
    error: uv/uv.lock: not read yet
      help: write what it holds with: uv export --format requirements-txt --no-emit-project -o requirements.txt

    # project
    exit 2
    ----- stderr -----
    error: project/pyproject.toml: not read yet
      help: write its dependencies with: uv pip compile pyproject.toml -o requirements.txt

    # uv/uv.lock
    exit 2
    ----- stderr -----
    error: uv/uv.lock: not read yet
      help: write what it holds with: uv export --format requirements-txt --no-emit-project -o requirements.txt

    # *.txt
    exit 2
    ----- stderr -----
    error: `*.txt` matches nothing

    # empty/notes.txt
    exit 2
    ----- stderr -----
    error: empty/notes.txt names no package
      help: write one requirement per line, for example: requests>=2.32
    ");
}

#[test]
fn lines_that_cannot_be_read() {
    let index = shop().start();
    let said = refused_lines(
        &index,
        [
            "web\ntemplates >= \n",
            "web\n--frobnicate yes\n",
            "web\n-e .\n",
            "git+https://example.com/web.git\n",
            "./src\n",
            "./missing-1.0-py3-none-any.whl\n",
            "-r others.txt\n",
            "-r requirements.txt\n",
            "web ; python_version > '3' and\n",
            "web --hash=md5:d41d8cd98f00b204e9800998ecf8427e\n",
        ],
    );
    assert_snapshot!(said, @"");
}

#[test]
fn packages_that_cannot_be_had() {
    let index = shop().start();
    let said = refused_lines(
        &index,
        [
            "web\nflask-typo==1.0\n",
            "web==9.9\n",
            "web>=1.2\ntemplates<2\n",
            "templates==2.0\ntemplates==2.1\n",
            "sources\n",
            "tables==2.0\n",
        ],
    );
    assert_snapshot!(said, @"
    # web + flask-typo==1.0
    exit 1
    ----- stderr -----
    error: no index knows `flask-typo`
      src/requirements.txt line 2 asks for flask-typo==1.0
      asked: http://127.0.0.1:PORT/simple/
      help: check the spelling; if it is on a private index, name that with --index or --extra-index-url

    # web==9.9
    exit 1
    ----- stderr -----
    error: no version of web can be taken
      src/requirements.txt line 1 asks for web==9.9
      the newest is web 1.2; there are also 1.1

    # web>=1.2 + templates<2
    exit 1
    ----- stderr -----
    error: no version of templates can be taken
      src/requirements.txt line 1 asks for web>=1.2
      src/requirements.txt line 2 asks for templates<2
      web 1.2 needs templates>=2
      the newest is templates 2.1; there are also 3.0rc1, 2.0

    # templates==2.0 + templates==2.1
    exit 1
    ----- stderr -----
    error: the requirements exclude each other
      src/requirements.txt line 1 asks for templates==2.0
      src/requirements.txt line 2 asks for templates==2.1

    # sources
    exit 1
    ----- stderr -----
    error: sources has only source distributions where a wheel is needed
      src/requirements.txt line 1 asks for sources
      help: build a wheel (pip wheel --no-deps sources) and put it beside the requirements

    # tables==2.0
    exit 1
    ----- stderr -----
    error: no version of tables that will do has a wheel for python3.12 · x86_64
      src/requirements.txt line 1 asks for tables==2.0
      tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl: needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
      help: python3.12 · x86_64 has a wheel of tables 1.0, which is not asked for
    ");
}

#[test]
fn wheels_that_are_not_what_was_promised() {
    let zeros = "0".repeat(64);
    let index = shop()
        .file("login", "login-1.0-py3-none-any.whl", "<!DOCTYPE html><title>Sign in</title>")
        .wheel(pure("swapped", "1.0"))
        .edit("swapped-1.0-py3-none-any.whl", |file| drop(file.hashes.insert("sha256".to_owned(), "1".repeat(64))))
        .wheel(pure("record", "1.0").record_line("record/__init__.py", "record/__init__.py,sha256=AAAA,9"))
        .start();
    let hashed = format!("templates==2.1 --hash=sha256:{zeros}\n");
    let cases = ["login\n", "swapped\n", "record\n", &hashed, "--require-hashes\ntemplates==2.1\n"];
    assert_snapshot!(refused_lines(&index, cases), @"
    # login
    exit 1
    ----- stderr -----
    error: no version of login can be taken
      src/requirements.txt line 1 asks for login
      login 1.0 has METADATA that cannot be used: http://127.0.0.1:PORT/files/login-1.0-py3-none-any.whl is not a sound wheel: not a wheel: starts with `<!DOCTYPE html><title>Si`

    # swapped
    exit 1
    ----- stderr -----
    error: http://127.0.0.1:PORT/files/swapped-1.0-py3-none-any.whl has sha256 [SHA256], not [SHA256] as promised
      help: the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner

    # record
    exit 1
    ----- stderr -----
    error: http://127.0.0.1:PORT/files/record-1.0-py3-none-any.whl is not a sound wheel: RECORD line 1: `AAAA` is not a sha256 digest in unpadded base64

    # templates==2.1 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
    exit 1
    ----- stderr -----
    error: no version of templates can be taken
      src/requirements.txt line 1 asks for templates==2.1
      templates 2.1 has none of the hashes that the requirements give
      help: add --hash=sha256:… of its wheel to its line

    # --require-hashes + templates==2.1
    exit 1
    ----- stderr -----
    error: no version of templates can be taken
      src/requirements.txt line 2 asks for templates==2.1
      templates 2.1 has none of the hashes that the requirements give
      help: add --hash=sha256:… of its wheel to its line
    ");
}

#[test]
fn local_wheels_that_do_not_fit() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.wheel("src", &pure("web", "1.0")).wheel("src", &pure("web", "1.1"));
    assert_snapshot!(refused(&scratch, scratch.layerpack(BUILD).index(&index)), @"
    exit 1
    ----- stderr -----
    error: src/web-1.0-py3-none-any.whl and src/web-1.1-py3-none-any.whl are two versions of web
      help: a layer holds one version of a package: remove one of the files
    ");

    let scratch = Scratch::with_requirements("web>=2\n");
    scratch.wheel("src", &pure("web", "1.0"));
    assert_snapshot!(refused(&scratch, scratch.layerpack(BUILD).index(&index)), @"
    exit 1
    ----- stderr -----
    error: no version of web can be taken
      src/requirements.txt line 1 asks for web>=2
      web 1.0 is given by src/web-1.0-py3-none-any.whl
    ");

    let scratch = Scratch::new();
    scratch.wheel("src", &pure("web", "1.0").tag("cp311-cp311-manylinux_2_28_aarch64"));
    assert_snapshot!(refused(&scratch, scratch.layerpack(BUILD).index(&index)), @"
    exit 1
    ----- stderr -----
    error: no version of web that will do has a wheel for python3.12 · x86_64
      src/web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl is to be packed
      web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl: built for CPython 3.11; the target is python3.12; built for arm64; the target is x86_64
      help: no Lambda runtime has a wheel of web: build one for the target and put it beside the requirements
    ");

    let scratch = Scratch::new();
    scratch.write("src/web-1.0-py3-none-any.whl", "PK but no zip").write("src/web.whl", "");
    assert_snapshot!(refused(&scratch, scratch.layerpack(BUILD).index(&index)), @"
    exit 1
    ----- stderr -----
    error: src/web-1.0-py3-none-any.whl is not a sound wheel
      LP201  not a wheel: starts with `PK but no zip`, not with a zip entry
      help: download or build the wheel again
    ");
}

#[test]
fn two_packages_with_one_path() {
    let index = shop().wheel(pure("fork", "1.0").file("templates/__init__.py", "fork = True\n")).start();
    assert_snapshot!(refused_lines(&index, ["fork\ntemplates\n"]), @"
    # fork + templates
    exit 1
    ----- stderr -----
    error: fork and templates bring different files of one path: python/templates/__init__.py
      help: they exclude each other, since all layers of a function end up in one folder: leave one of them out
    ");
}

#[test]
fn an_index_that_cannot_be_reached() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address");
    let scratch = Scratch::with_requirements("web\n");
    let run = scratch.layerpack(BUILD).arguments(["--index-url", &format!("http://{closed}/simple/")]);
    assert_snapshot!(refused(&scratch, run), @"
    exit 2
    ----- stderr -----
    error: failed to fetch http://127.0.0.1:PORT/simple/web/: cannot connect: Connection refused (os error 111) (tried 5 times)
      help: check the connection and the proxy (HTTPS_PROXY, --proxy), or try again later
    ");

    let index = shop().start();
    assert_snapshot!(refused(&scratch, scratch.layerpack(BUILD).index(&index).arguments(["--offline"])), @"
    exit 2
    ----- stderr -----
    error: http://127.0.0.1:PORT/simple/web/ is not in the cache, and --offline forbids fetching it
      help: run once without --offline, or bring the wheels with --no-index --find-links
    ");
    scratch.layerpack(BUILD).index(&index).run().fine();

    let index = shop().basic_auth("ci", "hunter2").start();
    let scratch = Scratch::with_requirements("web\n");
    assert_snapshot!(refused(&scratch, scratch.layerpack(BUILD).index(&index)), @"
    exit 2
    ----- stderr -----
    error: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401
      help: the index wants credentials: put them into its URL, https://user:password@host/simple/
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
        format!("# {flags}\n{}\n", refused(&scratch, run))
    });
    assert_snapshot!(said.concat(), @"
    # --runtime python4.0
    exit 2
    ----- stderr -----
    error: no Lambda runtime `python4.0`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8

    # --runtime nodejs22.x
    exit 2
    ----- stderr -----
    error: no Lambda runtime `nodejs22.x`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8

    # --arch mips
    exit 2
    ----- stderr -----
    error: Lambda has no architecture `mips`; it has arm64 and x86_64

    # --budget tiny
    exit 2
    ----- stderr -----
    error: `tiny` is not a size
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
      [possible values: zip, tree, report]

    For more information, try '--help'.

    # --cert missing.pem
    exit 2
    ----- stderr -----
    warning: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    error: failed to set up HTTPS: failed to open file `missing.pem`: No such file or directory (os error 2)
      help: name a readable PEM file with --cert or SSL_CERT_FILE, and a proxy as http://host:port

    # -c missing.txt
    exit 2
    ----- stderr -----
    error: missing.txt: no such file or folder

    # -r missing.txt
    exit 2
    ----- stderr -----
    error: missing.txt: no such file or folder

    # --index-url nonsense
    exit 2
    ----- stderr -----
    error: an index URL from the command line cannot be used: not a URL (relative URL without a base); an index is given as https://host/simple/
      help: an index is named as https://host/simple/
    ");
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("src/.python-version", "2.7.18\n");
    assert_snapshot!(refused(&scratch, scratch.layerpack("build src")), @"
    exit 2
    ----- stderr -----
    error: [TEMP]/work/src/.python-version names 2.7.18: no Lambda runtime `2.7`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8
      help: name the runtime with --runtime
    ");
}

#[test]
fn a_layer_over_its_budget() {
    let large = WheelBuilder::new("large", "1.0").file("large/data.bin", vec![7; 3 << 20]);
    let index = shop().wheel(large).start();
    let scratch = Scratch::with_requirements("web\nlarge\n");
    let run = scratch.layerpack(BUILD).index(&index).arguments(["--budget", "1k"]);
    assert_snapshot!(refused(&scratch, run), @"
    exit 1
    ----- stderr -----
    error: the layer has 3147546 bytes unzipped against a limit of 1024: 3146522 too many
      help: large 1.0 takes 3.0 MB (without it 0.0 MB), web 1.2 takes 0.0 MB (without it 3.0 MB), templates 2.1 takes 0.0 MB (without it 3.0 MB); a container image may have 10 GB
    ");
    let ran = scratch.layerpack(BUILD).index(&index).arguments(["--budget", "300MB", "--emit", "zip"]).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    warning: --budget 300MB is above Lambda's limit of 262144000 bytes unzipped: Lambda will refuse a larger layer
    src   python3.12 · x86_64
    3 packages
    3.0 MB of 300.0 MB unzipped · 7 kB zipped
    ");
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
        "help": null
      }
    }
    "#);
    let index = shop().start();
    let scratch = Scratch::with_requirements("web==9.9\n");
    let ran = scratch.layerpack(BUILD).arguments(["--format", "json"]).index(&index).run();
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (1, &"LP302".into()));
}

//! Sources, lines and packages that stop a build: each time one message that names the place and the next step, nothing
//! at the output path, and a good build right afterwards.

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::support::{Scratch, pure, shop};

const BUILD: &str = "build src --runtime python3.12 --arch x86_64";

/// Builds of these requirement lines, one after the other in one folder with one cache, and a good one at the end.
fn refused_lines<'a>(index: &FakeIndex, cases: impl IntoIterator<Item = &'a str>) -> String {
    let scratch = Scratch::new();
    let mut said = String::new();
    for lines in cases {
        scratch.write("src/requirements.txt", lines);
        let ran = scratch.layerpack(BUILD).index(index).run().refused();
        said.extend(["# ", &lines.trim_end().replace('\n', " + "), "\n", &ran.to_string(), "\n"]);
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
        .write("uv/uv.lock", "version = 1\n")
        .write("project/pyproject.toml", "[project]\n");
    let said =
        ["", "nowhere", "empty", "blank", "uv", "project", "uv/uv.lock", "*.txt", "empty/notes.txt"].map(|source| {
            let run = scratch.layerpack(&format!("build {source}")).index(&index);
            format!("# {source}\n{}\n", run.run().refused())
        });
    assert_snapshot!(said.concat(), @"
    # 
    exit 2
    ----- stderr -----
    error[LP501]: no SOURCE is named
      help: name a folder with a requirement or lock file or *.whl in it, such a file, or wheels; or configure layers in layerpack.toml

    # nowhere
    exit 2
    ----- stderr -----
    error[LP502]: nowhere: no such file or folder
      help: check the path; it is relative to the working directory

    # empty
    exit 2
    ----- stderr -----
    error[LP503]: empty: nothing to build a layer from
      help: a source has a requirement or lock file, *.whl files, or a python/ or opt/ folder

    # blank
    exit 2
    ----- stderr -----
    error[LP503]: blank/requirements.txt names no package
      help: write one requirement per line, for example: requests>=2.32

    # uv
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    error[LP503]: uv/uv.lock locks no package that is wanted on python3.14 · x86_64
      help: see its project's dependencies and their markers; uv lock writes the lock anew

    # project
    exit 2
    ----- stderr -----
    error[LP503]: project/pyproject.toml names no package
      help: list what the layer needs under [project] dependencies, or name an --extra or --group

    # uv/uv.lock
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named a target: this is for python3.14 · x86_64; pin it with --runtime and --arch
    error[LP503]: uv/uv.lock locks no package that is wanted on python3.14 · x86_64
      help: see its project's dependencies and their markers; uv lock writes the lock anew

    # *.txt
    exit 2
    ----- stderr -----
    error[LP501]: `*.txt` matches nothing
      help: check the pattern; it is relative to the working directory

    # empty/notes.txt
    exit 2
    ----- stderr -----
    error[LP503]: empty/notes.txt names no package
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
            "web ; sys_platform == 'win32'\n",
            "web ; python_version > '3' and\n",
            "web --hash=md5:d41d8cd98f00b204e9800998ecf8427e\n",
        ],
    );
    assert_snapshot!(said, @"
    # web + templates >=
    exit 2
    ----- stderr -----
    error[LP504]: src/requirements.txt line 2: `>=` is not a version specifier: unexpected end of version specifier, expected version
      templates >=
                ^^

    # web + --frobnicate yes
    exit 2
    ----- stderr -----
    error[LP505]: src/requirements.txt line 2: unknown option `--frobnicate`
      --frobnicate yes
      ^^^^^^^^^^^^
      help: remove the line, or give the option to layerpack itself if it has it

    # web + -e .
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 2: editable installs are not supported in a layer
      -e .
      ^^^^
      help: build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of the source; or have uv or pip build it here: --build :all:

    # git+https://example.com/web.git
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: version control addresses are not supported in a layer
      git+https://example.com/web.git
      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: build a wheel with `pip wheel --no-deps URL` and name its path, or pin a release with name==version; or have uv or pip build it here: --build :all:

    # ./src
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: local project folders are not supported: layerpack builds nothing unless told to
      ./src
      ^^^^^
      help: build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of the source; or have uv or pip build it here: --build :all:

    # ./missing-1.0-py3-none-any.whl
    exit 2
    ----- stderr -----
    error[LP502]: src/requirements.txt line 1: src/missing-1.0-py3-none-any.whl: no such file
      help: check the path; it is relative to the folder of the requirements file

    # -r others.txt
    exit 2
    ----- stderr -----
    error[LP502]: src/requirements.txt line 1: no such file: src/others.txt
      -r others.txt
         ^^^^^^^^^^

    # -r requirements.txt
    exit 2
    ----- stderr -----
    error[LP504]: src/requirements.txt line 1: src/requirements.txt includes itself
      -r requirements.txt
         ^^^^^^^^^^^^^^^^

    # web ; sys_platform == 'win32'
    exit 2
    ----- stderr -----
    error[LP503]: src names no package for python3.12 · x86_64
      help: the markers of its lines exclude this target: see what follows each `;`

    # web ; python_version > '3' and
    exit 2
    ----- stderr -----
    error[LP504]: src/requirements.txt line 1: the marker cannot be read: expected marker value, found end of dependency specification
      web ; python_version > '3' and
                                    ^

    # web --hash=md5:d41d8cd98f00b204e9800998ecf8427e
    exit 2
    ----- stderr -----
    error[LP504]: src/requirements.txt line 1: `md5` is not a hash that counts: sha256, sha384 and sha512 do
      web --hash=md5:d41d8cd98f00b204e9800998ecf8427e
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
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
    error[LP301]: no index knows `flask-typo`
      src/requirements.txt line 2 asks for flask-typo==1.0
      asked: http://127.0.0.1:PORT/simple/
      help: check the spelling; if it is on a private index, name that with --index or --extra-index-url

    # web==9.9
    exit 1
    ----- stderr -----
    error[LP302]: no version of web can be taken
      src/requirements.txt line 1 asks for web==9.9
      the newest is web 1.2; there are also 1.1
      help: it works with web==1.2 in place of web==9.9 (src/requirements.txt line 1)

    # web>=1.2 + templates<2
    exit 1
    ----- stderr -----
    error[LP302]: no version of templates can be taken
      src/requirements.txt line 1 asks for web>=1.2
      src/requirements.txt line 2 asks for templates<2
      web 1.2 needs templates>=2
      the newest is templates 2.1; there are also 3.0rc1, 2.0
      help: it works with templates==2.1 in place of templates<2 (src/requirements.txt line 2)

    # templates==2.0 + templates==2.1
    exit 1
    ----- stderr -----
    error[LP303]: the requirements exclude each other
      src/requirements.txt line 1 asks for templates==2.0
      src/requirements.txt line 2 asks for templates==2.1
      help: it works with templates==2.1 in place of templates==2.0 (src/requirements.txt line 1); or with templates==2.0 in place of templates==2.1 (src/requirements.txt line 2)

    # sources
    exit 1
    ----- stderr -----
    error[LP304]: sources has only source distributions where a wheel is needed
      src/requirements.txt line 1 asks for sources
      help: have uv or pip build it here: --build sources; or build a wheel elsewhere (pip wheel --no-deps sources) and put it beside the requirements

    # tables==2.0
    exit 1
    ----- stderr -----
    error[LP305]: no version of tables that will do has a wheel for python3.12 · x86_64
      src/requirements.txt line 1 asks for tables==2.0
      tables-2.0-cp312-cp312-manylinux_2_39_x86_64.whl: needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
      help: it works with tables==1.0 in place of tables==2.0 (src/requirements.txt line 1)
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
    error[LP302]: no version of login can be taken
      src/requirements.txt line 1 asks for login
      login 1.0 has METADATA that cannot be used: http://127.0.0.1:PORT/files/login-1.0-py3-none-any.whl is not a sound wheel: a web page, not a zip archive: starts with `<!DOCTYPE html><title>Si`
      help: is the index or a proxy returning a login page? If not, tell the index's owner or the project, and pin another version until then

    # swapped
    exit 1
    ----- stderr -----
    error[LP306]: http://127.0.0.1:PORT/files/swapped-1.0-py3-none-any.whl has sha256 [SHA256], not [SHA256] as promised
      help: the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner

    # record
    exit 1
    ----- stderr -----
    error[LP223]: http://127.0.0.1:PORT/files/record-1.0-py3-none-any.whl is not a sound wheel: RECORD line 1: `AAAA` is not a sha256 digest in unpadded base64
      help: tell the index's owner or the project, and pin another version until then

    # templates==2.1 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
    exit 1
    ----- stderr -----
    error[LP302]: no version of templates can be taken
      src/requirements.txt line 1 asks for templates==2.1
      templates 2.1 has sha256 [SHA256]; src/requirements.txt line 1 gives [SHA256]
      help: the file may have been replaced since the hash was written down: find out why it differs before you take the new one

    # --require-hashes + templates==2.1
    exit 1
    ----- stderr -----
    error[LP302]: no version of templates can be taken
      src/requirements.txt line 2 asks for templates==2.1
      templates has no --hash in the requirements, and every package must have one
      help: --require-hashes, or the first --hash of a file, asks for one for every package, also for what others bring in: add templates==2.1 --hash=sha256:[SHA256]
    ");
}

#[test]
fn local_wheels_that_do_not_fit() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.wheel("src", &pure("web", "1.0")).wheel("src", &pure("web", "1.1"));
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP315]: src/web-1.0-py3-none-any.whl and src/web-1.1-py3-none-any.whl are two versions of web
      help: a layer holds one version of a package: remove one of the files
    ");

    let scratch = Scratch::with_requirements("web>=2\n");
    scratch.wheel("src", &pure("web", "1.0"));
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP302]: no version of web can be taken
      src/requirements.txt line 1 asks for web>=2
      web 1.0 is given by src/web-1.0-py3-none-any.whl
    ");

    let scratch = Scratch::with_requirements("./house/web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl\n");
    scratch.wheel("src/house", &pure("web", "1.0").tag("cp311-cp311-manylinux_2_28_aarch64"));
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP305]: no version of web that will do has a wheel for python3.12 · x86_64
      src/house/web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl is to be packed
      src/requirements.txt line 1 asks for web @ src/house/web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl
      web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl: built for CPython 3.11; the target is python3.12; built for arm64; the target is x86_64
      help: no Lambda runtime has a wheel of web: build one for the target and put it beside the requirements
    ");

    let scratch = Scratch::new();
    scratch.wheel("src", &pure("web", "1.0").tag("cp311-cp311-manylinux_2_28_aarch64"));
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP101]: src/web-1.0-cp311-cp311-manylinux_2_28_aarch64.whl does not load on python3.12 · x86_64
      LP101  built for CPython 3.11; the target is python3.12
      LP102  built for arm64; the target is x86_64
      help: no Lambda runtime loads this file: cp311 runs on python3.11 only, which has glibc 2.26. Rebuild it for cp312 or abi3 on manylinux2014_x86_64
    ");

    let scratch = Scratch::new();
    scratch.write("src/web-1.0-py3-none-any.whl", "PK but no zip").write("src/web.whl", "");
    assert_snapshot!(scratch.layerpack(BUILD).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP201]: src/web-1.0-py3-none-any.whl is not a sound wheel
      LP201  not a zip archive: starts with `PK but no zip`
      help: download or build it again
    ");
}

#[test]
fn two_packages_with_one_path() {
    let index = shop().wheel(pure("fork", "1.0").file("templates/__init__.py", "fork = True\n")).start();
    assert_snapshot!(refused_lines(&index, ["fork\ntemplates\n"]), @"
    # fork + templates
    exit 1
    ----- stderr -----
    error[LP402]: fork and templates bring different files of one path: python/templates/__init__.py
      help: they exclude each other, since all layers of a function end up in one folder: leave one of them out
    ");
}

//! `--build`: what is built, by whom, and what becomes of it. The programs are scripts in tests/programs.
#![cfg(unix)]

use std::path::PathBuf;

use insta::assert_snapshot;
use testkit::{FakeIndex, Machine, WheelBuilder};
use wheel_archive::Sha256;

use crate::support::{Ran, Scratch, native, pure, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

/// Has `uv` build this wheel from a source of that name.
fn builds(scratch: &Scratch, source: &str, wheel: &WheelBuilder) {
    scratch.wheel(&format!("wheels/{source}"), wheel);
}

fn run_with(programs: &str, scratch: &Scratch, index: &FakeIndex, arguments: &str) -> Ran {
    let text = |path: &str| scratch.path(path).display().to_string();
    scratch
        .layerpack(&format!("{arguments} {TARGET}"))
        .index(index)
        .env("PATH", &format!("{}/tests/{programs}", concat!(env!("CARGO_MANIFEST_DIR"), "/crates/layerpack")))
        .env("FAKE_WHEELS", &text("wheels"))
        .env("FAKE_LOG", &log(scratch).display().to_string())
        .run()
}

fn run(scratch: &Scratch, index: &FakeIndex, arguments: &str) -> Ran {
    run_with("programs", scratch, index, arguments)
}

/// Where the programs say how they were started: not in the working folder, which is looked at.
fn log(scratch: &Scratch) -> PathBuf {
    scratch.cache().with_file_name("log.txt")
}

/// What was started since the last look, without the folders that differ from run to run.
fn started(scratch: &Scratch) -> Vec<String> {
    let Ok(text) = fs_err::read_to_string(log(scratch)) else { return Vec::new() };
    fs_err::remove_file(log(scratch)).expect("a file");
    let plain = |word: &str| match word.rsplit_once('/') {
        Some((folders, name)) if folders.contains("layerpack-") && name.starts_with(".tmp") => "TEMP".to_owned(),
        Some((_, name)) if word.starts_with('/') => format!("…/{name}"),
        _ => word.to_owned(),
    };
    text.lines().map(|line| line.split(' ').map(plain).collect::<Vec<_>>().join(" ")).collect()
}

/// A layer of a project on disk, a repository and a source distribution, and what each needs.
fn mixed() -> (Scratch, FakeIndex) {
    let index = shop().sdist("old", "1.5").sdist("sources", "2.0").start();
    let scratch = Scratch::with_requirements(
        "-e ./app[fast]\nrepo @ git+https://me:s3cret@git.example/r.git@v1#subdirectory=lib\nold<2\ncolours\n",
    );
    scratch.write("src/app/pyproject.toml", "[project]\nname = \"app\"\n");
    builds(&scratch, "app", &pure("app", "0.1").extra("fast", &["loop"]));
    builds(&scratch, "lib", &pure("repo", "3.0").requires("templates"));
    builds(&scratch, "old-1.5.tar.gz", &pure("old", "1.5").requires("sources"));
    builds(&scratch, "sources-2.0.tar.gz", &pure("sources", "2.0"));
    (scratch, index)
}

#[test]
fn what_would_have_to_be_built_is_listed_at_once() {
    let (scratch, index) = mixed();
    assert_snapshot!(run(&scratch, &index, "resolve src").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: editable installs are not supported in a layer
      -e ./app[fast]
      ^^^^^^^^^^^^^^
    error[LP506]: src/requirements.txt line 2: version control addresses are not supported in a layer
      repo @ git+https://****@git.example/r.git@v1#subdirectory=lib
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    error[LP304]: old has only source distributions where a wheel is needed
      src/requirements.txt line 3 asks for old<2
      help: have them built here by uv or pip: --build app,old,repo; or build wheels elsewhere (pip wheel --no-deps old) and put them beside the requirements
    ");
    scratch.write("src/requirements.txt", "repo @ git+https://git.example/r.git\ncolours\n");
    assert_snapshot!(run(&scratch, &index, "resolve src").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: version control addresses are not supported in a layer
      repo @ git+https://git.example/r.git
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: build a wheel with `pip wheel --no-deps URL` and name its path, or pin a release with name==version; or have uv or pip build it here: --build repo
    ");
    scratch.write("src/requirements.txt", "old\nsources\ncolours\n");
    assert_snapshot!(run(&scratch, &index, "build src").refused(), @"
    exit 1
    ----- stderr -----
    error[LP304]: old has only source distributions where a wheel is needed
      src/requirements.txt line 1 asks for old
    error[LP304]: sources has only source distributions where a wheel is needed
      src/requirements.txt line 2 asks for sources
      help: have them built here by uv or pip: --build old,sources; or build wheels elsewhere (pip wheel --no-deps old sources) and put them beside the requirements
    ");
    assert_snapshot!(run(&scratch, &index, "check src/requirements.txt").refused(), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 2 of 3 packages have no wheel for python3.12 · x86_64
      LP304  old has only source distributions where a wheel is needed
             src/requirements.txt line 1 asks for old
             help: have uv or pip build it here: --build old; or build a wheel elsewhere (pip wheel --no-deps old) and put it beside the requirements
      LP304  sources has only source distributions where a wheel is needed
             src/requirements.txt line 2 asks for sources
             help: have uv or pip build it here: --build sources; or build a wheel elsewhere (pip wheel --no-deps sources) and put it beside the requirements
    ");
    scratch.write("src/requirements.txt", "-e ./app\nold\n");
    assert_snapshot!(run(&scratch, &index, "build src --build old").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: app has to be built, and --build does not name it
      help: add --build app
    ");
    assert_eq!(started(&scratch), Vec::<String>::new());
}

#[test]
fn sources_are_built_resolved_and_packed() {
    let (scratch, index) = mixed();
    assert_snapshot!(run(&scratch, &index, "resolve src --build app,repo,old --build sources").fine(), @"
    exit 0
    ----- stdout -----
    app        0.1  886 bytes  built here from src/app
    colours    0.4  878 bytes
    loop       0.9       2 kB
    old        1.5             built here from old-1.5.tar.gz
    repo       3.0  870 bytes  built here from git+https://****@git.example/r.git@v1
    sources    2.0             built here from sources-2.0.tar.gz
    templates  2.1  895 bytes
    ----- stderr -----
    note[LP304]: app 0.1 was built here from src/app, with uv
    note[LP304]: repo 3.0 was built here from git+https://****@git.example/r.git@v1, with uv
    note[LP304]: old 1.5 was built here from old-1.5.tar.gz, with uv
    note[LP304]: sources 2.0 was built here from sources-2.0.tar.gz, with uv
    src: 7 packages for python3.12 · x86_64
    ");
    assert_snapshot!(started(&scratch).join("\n"), @"
    uv build --wheel --out-dir TEMP -- …/app
    git clone --quiet --no-checkout -- https://me:s3cret@git.example/r.git source
    git checkout --quiet v1 --
    git submodule update --quiet --init --recursive
    git rev-parse HEAD
    uv build --wheel --out-dir TEMP -- …/lib
    uv build --wheel --out-dir TEMP -- …/old-1.5.tar.gz
    uv build --wheel --out-dir TEMP -- …/sources-2.0.tar.gz
    ");
    // A second run builds nothing again but what lies on disk and may have changed.
    let built = run(&scratch, &index, "build src --build :all: -o layer.zip").fine();
    assert!(built.stderr.contains("old 1.5 was built here from old-1.5.tar.gz, in an earlier run"), "{built}");
    let again = started(&scratch);
    assert!(again.iter().all(|line| !line.contains("tar.gz") && !line.contains("/lib")), "{again:?}");
    assert!(again.iter().any(|line| line.contains("…/app")), "{again:?}");
    run(&scratch, &index, "build src --build :all: -o again.zip").fine();
    assert_eq!(scratch.read("layer.zip"), scratch.read("again.zip"));
    assert_snapshot!(run(&scratch, &index, "lock src --build :all:").refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --build does not go with lock: a lock names wheels that others can have
      help: build the wheels first, put them on an index or beside the requirements, and lock that
    ");
}

#[test]
fn the_report_says_what_was_built_and_no_credentials() {
    let (scratch, index) = mixed();
    let ran = run(&scratch, &index, "build src --build :all: --emit report -vv").fine();
    let report = scratch.text("dist/src-python3.12-x86_64.json");
    assert!(report.contains("repo 3.0 was built here from git+https://****@git.example/r.git@v1"), "{report}");
    assert!(!format!("{report}{}{}", ran.stdout, ran.stderr).contains("s3cret"), "{ran}");
}

#[test]
fn a_source_must_have_its_digest() {
    let index = FakeIndex::builder().sdist("old", "1.0").start();
    let scratch = Scratch::with_requirements("");
    builds(&scratch, "old-1.0.tar.gz", &pure("old", "1.0"));
    let address = index.url_of("old-1.0.tar.gz");
    scratch.write("src/requirements.txt", format!("{address}#sha256={}\n", "0".repeat(64)));
    assert_snapshot!(run(&scratch, &index, "resolve src --build old").refused(), @"
    exit 1
    ----- stderr -----
    error[LP306]: src/requirements.txt line 1: http://127.0.0.1:PORT/files/old-1.0.tar.gz has sha256 [SHA256], not [SHA256] as promised
      help: the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner
    ");
    assert_eq!(started(&scratch), Vec::<String>::new(), "nothing is built from it");
    scratch.write("src/requirements.txt", format!("{address}\n"));
    assert!(
        run(&scratch, &index, "resolve src --build old --require-hashes").refused().stderr.contains("has no --hash")
    );
    run(&scratch, &index, "resolve src --build old").fine();
    // The digest of the source vouches for what is built from it.
    let page = run(&scratch, &index, "resolve src --build old --format json").json();
    assert_eq!(page["packages"][0]["name"], "old");
}

#[test]
fn what_is_built_must_load() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("sources\n");
    builds(&scratch, "sources-1.0.tar.gz", &native("sources", "1.0", Machine::Aarch64, "2.17"));
    assert_snapshot!(run(&scratch, &index, "build src --build sources").refused(), @"
    exit 1
    ----- stderr -----
    error[LP102]: sources-1.0-cp312-cp312-manylinux_2_17_aarch64.whl, which was built here from sources-1.0.tar.gz, does not load on python3.12 · x86_64
      LP102  built for arm64; the target is x86_64
      help: it has native code, and that loads where it was built for: build it on x86_64 with Python 3.12, for example in AWS's build image of python3.12, and put the wheel beside the requirements
    ");
    // Built where it fits, by its tag and by its bytes.
    fs_err::remove_dir_all(scratch.path("wheels")).expect("a folder");
    builds(&scratch, "sources-1.0.tar.gz", &native("sources", "1.0", Machine::X86_64, "2.17"));
    run(&scratch, &index, "build src --build sources -o layer.zip").fine();
    // Another machine's wheel lies in the cache too, and is not taken.
    run(&scratch, &index, "build src --build sources -o again.zip").fine();
}

#[test]
fn a_build_that_fails_shows_why() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("sources\n");
    assert_snapshot!(run(&scratch, &index, "build src --build sources").refused(), @"
    exit 1
    ----- stderr -----
    error[LP304]: uv could not build a wheel from sources-1.0.tar.gz
        error: no backend builds sources-1.0.tar.gz from https://****@h/x
      help: mend what it says, or build the wheel where it builds and put it beside the requirements
    ");
    scratch.write("src/requirements.txt", "x @ git+https://me:s3cret@git.example/missing\n");
    assert_snapshot!(run(&scratch, &index, "build src --build x").refused(), @"
    exit 2
    ----- stderr -----
    error[LP307]: src/requirements.txt line 1: https://****@git.example/missing: git failed
        fatal: Authentication failed for 'https://****@git.example/missing/'
      help: check the address, the revision and the credentials
    ");
    scratch.write("src/requirements.txt", "./nothing\n");
    assert_snapshot!(run(&scratch, &index, "build src --build :all:").refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: src/requirements.txt line 1: src/nothing: no such folder
      help: check the path; it is relative to the folder of the requirements file
    ");
    scratch.write("src/requirements.txt", "sources\n");
    assert_snapshot!(run_with("nowhere", &scratch, &index, "build src --build sources").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: sources-1.0.tar.gz has to be built, and neither uv nor pip can be started
      help: install uv, or Python with pip; or build the wheel elsewhere and put it beside the requirements
    ");
}

#[test]
fn pip_builds_where_there_is_no_uv() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("sources\n");
    builds(&scratch, "sources-1.0.tar.gz", &pure("sources", "1.0"));
    let ran = run_with("programs-pip", &scratch, &index, "build src --build sources -o layer.zip").fine();
    assert!(ran.stderr.contains("sources 1.0 was built here from sources-1.0.tar.gz, with pip"), "{ran}");
    assert_snapshot!(started(&scratch).join("\n"), @"python3 -m pip wheel --no-deps --no-input --disable-pip-version-check --wheel-dir TEMP -- …/sources-1.0.tar.gz");
}

#[test]
fn formats_say_what_is_built() {
    let index = shop().sdist("templates", "2.1").sdist("tables", "2.0").start();
    let scratch = Scratch::with_requirements("--no-binary templates\ntemplates\n");
    builds(&scratch, "templates-2.1.tar.gz", &pure("templates", "2.1"));
    builds(&scratch, "tables-2.0.tar.gz", &pure("tables", "2.0"));
    assert_snapshot!(run(&scratch, &index, "resolve src").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: `--no-binary templates` asks for a build from source
      --no-binary templates
      ^^^^^^^^^^^^^^^^^^^^^
      help: remove the line, or build a wheel with `pip wheel --no-binary NAME NAME` and name its path; or have uv or pip build it here: --build templates
    ");
    assert_snapshot!(run(&scratch, &index, "resolve src --build colours").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: --no-binary templates asks for a build from source
      help: add --build templates, or leave templates out of --no-binary
    ");
    assert!(
        run(&scratch, &index, "resolve src --build templates").fine().stdout.contains("built here from templates-2.1")
    );
    // Only what has no fitting wheel is built of :all:, and of a name the newest version.
    scratch.write("src/requirements.txt", "tables\ncolours\n");
    assert!(run(&scratch, &index, "resolve src --build :all:").fine().stdout.contains("held back from 2.0"));
    assert!(run(&scratch, &index, "resolve src --build tables").fine().stdout.contains("built here from tables-2.0"));
    assert_snapshot!(run(&scratch, &index, "resolve src --no-binary :all: --build :all:").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: --no-binary: --no-binary :all: would build every package, and layerpack builds only those that are named
      help: name the packages: --no-binary NAME --build NAME
    ");
    scratch.write("src/requirements.txt", "sources\n");
    let never = run(&scratch, &index, "resolve src --only-binary sources --build :all:").refused();
    assert!(never.stderr.contains("only source distributions"), "{never}");
    let wrong = run(&scratch, &index, "resolve src --build ../x").refused();
    assert!(wrong.stderr.contains("--build `../x` is no name"), "{wrong}");
}

#[test]
fn digests_of_sources_count_for_what_is_built() {
    let index = shop().start();
    let scratch = Scratch::new();
    let page = shop().sdist("kept", "1.0").start();
    builds(&scratch, "kept-1.0.tar.gz", &pure("kept", "1.0"));
    // What the index promises is what a line may give.
    scratch.write("src/requirements.txt", "kept\n");
    run(&scratch, &page, "fetch src --build kept -o house").fine();
    assert_eq!(scratch.names("house"), ["kept-1.0-py3-none-any.whl"]);
    let built = Sha256::of(&scratch.read("house/kept-1.0-py3-none-any.whl"));
    assert_eq!(built, Sha256::of(&pure("kept", "1.0").build()));
    drop(index);
}

#[test]
fn sources_of_a_project_are_built_as_those_of_requirements() {
    let index = shop().start();
    let scratch = Scratch::new();
    scratch.write(
        "src/pyproject.toml",
        "[project]\nname = \"web\"\nversion = \"1\"\ndependencies = [\"app[fast]>=0.1\", \"repo\", \"colours\"]\n\
         [tool.uv.sources]\napp = { path = \"app\", editable = true }\n\
         repo = { git = \"https://git.example/r.git\", tag = \"v1\", subdirectory = \"lib\" }\n",
    );
    scratch.write("src/app/pyproject.toml", "[project]\nname = \"app\"\n");
    builds(&scratch, "app", &pure("app", "0.1").extra("fast", &["loop"]));
    builds(&scratch, "lib", &pure("repo", "3.0"));
    assert_snapshot!(run(&scratch, &index, "resolve src").refused(), @r#"
    exit 2
    ----- stderr -----
    error[LP506]: src/pyproject.toml line 6: local project folders are not supported: layerpack builds nothing unless told to
      app = { path = "app", editable = true }
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    error[LP506]: src/pyproject.toml line 7: version control addresses are not supported in a layer
      repo = { git = "https://git.example/r.git", tag = "v1", subdirectory = "lib" }
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: have them built here by uv or pip: --build app,repo; or build wheels elsewhere (pip wheel --no-deps ADDRESS) and put them beside the requirements
    "#);
    let ran = run(&scratch, &index, "resolve src --build app,repo").fine();
    assert!(ran.stderr.contains("src: 4 packages"), "{ran}");
    assert!(started(&scratch).contains(&"git checkout --quiet v1 --".to_owned()));
    // Poetry's words for the same.
    scratch.write(
        "src/pyproject.toml",
        "[tool.poetry]\nname = \"web\"\n[tool.poetry.dependencies]\napp = { path = \"app\", develop = true }\n\
         repo = { git = \"https://git.example/r.git\", rev = \"v1\", subdirectory = \"lib\" }\n",
    );
    let ran = run(&scratch, &index, "resolve src --build :all:").fine();
    assert!(ran.stderr.contains("src: 2 packages"), "{ran}");
}

#[test]
fn a_project_of_an_archive_is_built_by_pip() {
    let index = FakeIndex::builder().sdist("old", "1.0").start();
    let address = index.url_of("old-1.0.tar.gz");
    let scratch = Scratch::with_requirements(&format!("old @ {address}#subdirectory=lib\n"));
    builds(&scratch, "old-1.0.tar.gz#subdirectory=lib", &pure("old", "1.0"));
    assert_snapshot!(run(&scratch, &index, "resolve src --build old").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/requirements.txt line 1: http://127.0.0.1:PORT/files/old-1.0.tar.gz has to be built, and pip cannot be started
      help: install Python with pip; or build the wheel elsewhere and put it beside the requirements
    ");
    let ran = run_with("programs-pip", &scratch, &index, "resolve src --build old").fine();
    assert!(ran.stderr.contains("old 1.0 was built here"), "{ran}");
}

#[test]
fn who_builds_is_told_how_much_to_do_at_once() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("./app\n");
    scratch.write("src/app/pyproject.toml", "[project]\nname = \"app\"\n");
    builds(&scratch, "app", &pure("app", "0.1"));
    run(&scratch, &index, "resolve src --build app -j 3").fine();
    run(&scratch, &index, "resolve src --build app").fine();
    assert_snapshot!(started(&scratch).join("\n"), @"
    uv build --wheel --out-dir TEMP -- …/app [3 builds, 3 jobs of cargo]
    uv build --wheel --out-dir TEMP -- …/app
    ");
}

#[test]
fn variables_ask_for_builds_of_what_is_taken() {
    let index = shop().sdist("templates", "2.1").start();
    let scratch = Scratch::with_requirements("templates\n");
    builds(&scratch, "templates-2.1.tar.gz", &pure("templates", "2.1"));
    let with = |variable: &str, value: &str, arguments: &str| {
        let path = format!("{}/crates/layerpack/tests/programs", env!("CARGO_MANIFEST_DIR"));
        let command = scratch.layerpack(&format!("resolve src {arguments} {TARGET}")).index(&index);
        let command = command.env("FAKE_WHEELS", &scratch.path("wheels").display().to_string());
        let command = command.env("FAKE_LOG", &log(&scratch).display().to_string()).env("PATH", &path);
        command.env(variable, value).run()
    };
    with("PIP_NO_BINARY", "tables", "").fine();
    assert_snapshot!(with("PIP_NO_BINARY", "templates", "").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: PIP_NO_BINARY asks for a build of templates 2.1 from source
      help: add --build templates, or --only-binary templates to take its wheel
    ");
    assert!(with("UV_NO_BINARY", "1", "").refused().stderr.contains("UV_NO_BINARY asks for a build of templates 2.1"));
    with("UV_NO_BINARY_PACKAGE", "templates", "--only-binary templates").fine();
    let built = with("PIP_NO_BINARY", "templates", "--build templates").fine();
    assert!(built.stdout.contains("built here from templates-2.1.tar.gz"), "{built}");
    scratch.write("src/requirements.txt", "sources\n");
    for (variable, value) in [("PIP_ONLY_BINARY", ":all:"), ("UV_NO_BUILD", "1"), ("UV_NO_BUILD_PACKAGE", "sources")] {
        let never = with(variable, value, "--build :all:").refused();
        assert!(never.stderr.contains("only source distributions"), "{never}");
    }
    assert_eq!(with("PIP_NO_BINARY", "-x", "").code, 2);
}

#[test]
fn projects_and_repositories_of_a_lock_are_built_where_that_is_asked_for() {
    let index = shop().start();
    let scratch = Scratch::new();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    scratch.write(
        "src/uv.lock",
        format!(
            "version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\
             [[package]]\nname = \"web\"\nversion = \"1\"\nsource = {{ virtual = \".\" }}\n\
             dependencies = [{{ name = \"app\" }}, {{ name = \"repo\" }}]\n\
             [[package]]\nname = \"app\"\nversion = \"0.1\"\nsource = {{ editable = \"app\" }}\n\
             [[package]]\nname = \"repo\"\nversion = \"3.0\"\n\
             source = {{ git = \"https://git.example/r.git?subdirectory=lib&tag=v1#{commit}\" }}\n"
        ),
    );
    scratch.write("src/app/pyproject.toml", "[project]\nname = \"app\"\n");
    builds(&scratch, "app", &pure("app", "0.1"));
    builds(&scratch, "lib", &pure("repo", "3.0"));
    assert_snapshot!(run(&scratch, &index, "resolve src").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/uv.lock has what would have to be built: repo (line 13: git https://git.example/r.git?****#0123456789abcdef0123456789abcdef01234567)
      help: have projects and repositories built here by uv or pip with --build NAME; or build wheels with `pip wheel --no-deps` and put them beside the lock, or let the project name them and run uv lock
    ");
    let ran = run(&scratch, &index, "resolve src --build repo").fine();
    assert!(ran.stdout.starts_with("repo") && ran.stderr.contains("app (app) is not packed"), "{ran}");
    let ran = run(&scratch, &index, "build src --build :all:,app -o layer.zip").fine();
    assert!(ran.stderr.contains("app 0.1 was built here from src/app, with uv"), "{ran}");
}

#[test]
fn the_cache_knows_what_was_built() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("sources\n");
    builds(&scratch, "sources-1.0.tar.gz", &pure("sources", "1.0"));
    let resolve = || run(&scratch, &index, "resolve src --build sources").fine();
    resolve();
    let size = scratch.layerpack("cache size --format json").run().json();
    let parts = size["parts"].as_array().expect("parts");
    assert!(parts.iter().any(|part| part["part"] == "built" && part["files"] == 1), "{size}");
    assert_eq!(size["foreign"].as_array().map_or(0, Vec::len), 0, "{size}");
    scratch.layerpack("cache verify").run().fine();
    started(&scratch);
    assert!(resolve().stderr.contains("in an earlier run") && started(&scratch).is_empty());
    scratch.layerpack("cache clean sources").run().fine();
    assert!(resolve().stderr.contains("with uv"));
}

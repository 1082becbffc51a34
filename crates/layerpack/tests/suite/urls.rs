//! Requirements by address: wheels on the web, end to end, and the credentials in their addresses.

use std::path::Path;

use insta::assert_snapshot;
use testkit::{FakeIndex, Response};
use wheel_archive::Sha256;

use crate::support::{Ran, Scratch, filtered, native, pure, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

fn run(scratch: &Scratch, index: &FakeIndex, arguments: &str) -> Ran {
    scratch.layerpack(&format!("{arguments} {TARGET}")).index(index).run()
}

#[test]
fn every_command_takes_wheels_from_addresses() {
    let index = shop().start();
    let scratch = Scratch::with_requirements(&format!(
        "web[fast] @ {}\n{} ; python_version >= '3.9'\n",
        index.url_of("web-1.1-py3-none-any.whl"),
        index.url_of("colours-0.4-py3-none-any.whl"),
    ));
    assert_snapshot!(run(&scratch, &index, "resolve src"), @"
    exit 0
    ----- stdout -----
    colours    0.4             from http://127.0.0.1:PORT/files/colours-0.4-py3-none-any.whl
    templates  2.1  895 bytes
    web        1.1             from http://127.0.0.1:PORT/files/web-1.1-py3-none-any.whl
    ----- stderr -----
    warning[LP316]: web 1.1 has no extra `fast`, which src/requirements.txt line 1 asks for
             help: it has no extras
    src: 3 packages for python3.12 · x86_64
    ");
    assert_snapshot!(run(&scratch, &index, "resolve src --format requirements").stdout.replace(&index.url_of("/"), "https://h/"), @"
    colours @ https://h/files/colours-0.4-py3-none-any.whl
    templates==2.1 --hash=sha256:726dac795c74d93b881ffd74afb88f9e4d0e738d0b3b62d428f5f61aab13f13d
    web @ https://h/files/web-1.1-py3-none-any.whl
    ");
    assert_snapshot!(run(&scratch, &index, "check src/requirements.txt"), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: 3 packages, all have wheels for python3.12 · x86_64
      LP316  warning: web 1.1 has no extra `fast`, which src/requirements.txt line 1 asks for
             help: it has no extras
    ");
    run(&scratch, &index, "fetch src -o house").fine();
    assert_eq!(
        scratch.names("house"),
        ["colours-0.4-py3-none-any.whl", "templates-2.1-py3-none-any.whl", "web-1.1-py3-none-any.whl"]
    );
    run(&scratch, &index, "build src -o layer.zip").fine();
    run(&scratch, &index, "lock src").fine();
    let lock = filtered(&scratch.text("src/pylock.toml"), Path::new("/nowhere"));
    assert_snapshot!(lock.split("[tool").next().expect("packages"), @r#"
    lock-version = "1.0"
    environments = ["python_full_version == '3.12.*'"]
    requires-python = "==3.12.*"
    created-by = "layerpack"

    [[packages]]
    name = "colours"
    version = "0.4"
    archive = { url = "http://127.0.0.1:PORT/files/colours-0.4-py3-none-any.whl", size = 878, hashes = { sha256 = "[SHA256]" } }

    [[packages]]
    name = "templates"
    version = "2.1"
    index = "http://127.0.0.1:PORT/simple/"
    wheels = [
        { name = "templates-2.1-py3-none-any.whl", url = "http://127.0.0.1:PORT/files/templates-2.1-py3-none-any.whl", size = 895, hashes = { sha256 = "[SHA256]" } },
    ]

    [[packages]]
    name = "web"
    version = "1.1"
    dependencies = [
        { name = "templates" },
    ]
    archive = { url = "http://127.0.0.1:PORT/files/web-1.1-py3-none-any.whl", size = 858, hashes = { sha256 = "[SHA256]" } }
    "#);
    // The lock is read back, and nothing is asked of anybody.
    index.forget_requests();
    run(&scratch, &index, "build src --locked -o again.zip").fine();
    assert_eq!(index.request_lines(), Vec::<String>::new());
    assert_eq!(scratch.read("again.zip"), scratch.read("layer.zip"));
    // Another address for the same version is not what was locked.
    let elsewhere = format!("web[fast] @ {}?again\n", index.url_of("web-1.1-py3-none-any.whl"));
    scratch.write("src/requirements.txt", elsewhere);
    let stale = run(&scratch, &index, "resolve src");
    assert!(stale.stderr.contains("pylock.toml has 1.1 from elsewhere"), "{stale}");
}

#[test]
fn offline_they_come_from_the_cache() {
    let index = shop().start();
    let scratch = Scratch::with_requirements(&format!("{}\n", index.url_of("colours-0.4-py3-none-any.whl")));
    assert_snapshot!(run(&scratch, &index, "build src --offline -o layer.zip").refused(), @"
    exit 2
    ----- stderr -----
    error[LP312]: http://127.0.0.1:PORT/files/colours-0.4-py3-none-any.whl is not in the cache, and --offline forbids fetching it
      help: run once without --offline, or bring the wheels with --no-index --find-links
    ");
    run(&scratch, &index, "build src -o layer.zip").fine();
    index.forget_requests();
    run(&scratch, &index, "build src --offline -o again.zip").fine();
    assert_eq!(index.request_lines(), Vec::<String>::new());
    assert_eq!(scratch.read("again.zip"), scratch.read("layer.zip"));
}

/// Without a hash nobody promised that an address keeps its file.
#[test]
fn a_file_that_was_replaced_is_taken_anew() {
    let large = |text: &str| pure("big", "1.0").stored().file("big/data.txt", text.repeat(200_000));
    let index = FakeIndex::builder().wheel(large("a")).without_metadata_files().start();
    let address = index.url_of("big-1.0-py3-none-any.whl");
    let scratch = Scratch::with_requirements(&format!("{address}\n"));
    run(&scratch, &index, "build src -o a.zip").fine();
    index.change(|index| {
        index.remove("big-1.0-py3-none-any.whl").wheel(large("b").requires("colours")).wheel(pure("colours", "1"))
    });
    let noticed = run(&scratch, &index, "build src -o b.zip");
    assert!(noticed.stderr.contains("the file was replaced by another since its METADATA was read"), "{noticed}");
    run(&scratch, &index, "build src -o b.zip").fine();
    assert!(scratch.read("b.zip").len() > 100 && scratch.read("a.zip") != scratch.read("b.zip"));
}

#[test]
fn digests_of_addresses_are_enforced() {
    let index = shop().start();
    let address = index.url_of("colours-0.4-py3-none-any.whl");
    let right = Sha256::of(&pure("colours", "0.4").build()).to_string();
    let wrong = "0".repeat(64);
    let resolved = |line: &str, flags: &str| {
        let scratch = Scratch::with_requirements(line);
        run(&scratch, &index, &format!("build src -o layer.zip {flags}"))
    };
    for fine in [
        format!("{address}#sha256={right}"),
        format!("{address}#egg=colours&sha256={right} --hash=sha256:{right}"),
        format!("colours @ {address} --hash=sha256:{right}"),
    ] {
        resolved(&fine, "--require-hashes").fine();
    }
    resolved(&address, "").fine();
    assert_snapshot!(resolved(&format!("{address}#sha256={wrong}"), "").refused(), @"
    exit 1
    ----- stderr -----
    error[LP306]: http://127.0.0.1:PORT/files/colours-0.4-py3-none-any.whl has sha256 [SHA256], not [SHA256] as promised
      help: the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner
    ");
    assert_snapshot!(resolved(&address, "--require-hashes").refused(), @"
    exit 1
    ----- stderr -----
    error[LP302]: no version of colours can be taken
      src/requirements.txt line 1 asks for colours @ http://127.0.0.1:PORT/files/colours-0.4-py3-none-any.whl
      colours has no --hash in the requirements, and every package must have one
      help: --require-hashes, or the first --hash of a file, asks for one for every package, also for what others bring in: add colours==0.4 --hash=sha256:…
    ");
    let two = format!("{address} --hash=sha256:{right} --hash=sha256:{wrong}");
    assert_snapshot!(resolved(&two, "").refused(), @"
    exit 1
    ----- stderr -----
    error[LP306]: src/requirements.txt line 1: colours has several hashes for one address
      help: keep the one of the file that the address names
    ");
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason() {
    let index = shop().wheel(native("loop", "1.0", testkit::Machine::Aarch64, "2.39")).start();
    let name = "loop-1.0-cp312-cp312-manylinux_2_39_aarch64.whl";
    let scratch = Scratch::with_requirements(&format!("loop @ {}\n", index.url_of(name)));
    assert_snapshot!(run(&scratch, &index, "build src").refused(), @"
    exit 1
    ----- stderr -----
    error[LP305]: no version of loop that will do has a wheel for python3.12 · x86_64
      src/requirements.txt line 1 asks for loop @ http://127.0.0.1:PORT/files/loop-1.0-cp312-cp312-manylinux_2_39_aarch64.whl
      loop-1.0-cp312-cp312-manylinux_2_39_aarch64.whl: built for arm64; the target is x86_64; needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
      help: no Lambda runtime has a wheel of loop: build one for the target and put it beside the requirements
    ");
}

#[test]
fn constraints_and_dependencies_by_address() {
    let needs = |url: &str| pure("app", "1.0").requires(&format!("colours @ {url}"));
    let index = shop().start();
    let address = index.url_of("colours-0.4-py3-none-any.whl");
    let scratch = Scratch::new();
    scratch.wheel("src", &needs(&address));
    // A package that names an address is believed only where a line names the same one.
    let alone = run(&scratch, &index, "resolve src");
    assert!(alone.stderr.contains("only requirement lines may name addresses"), "{alone}");
    scratch.write("src/requirements.txt", format!("colours @ {address}\n"));
    run(&scratch, &index, "resolve src").fine();
    scratch
        .write("src/requirements.txt", "")
        .write("limits.txt", format!("colours @ {address}\nloop @ {address}x.whl\n"));
    let bad = run(&scratch, &index, "resolve src -c limits.txt");
    assert!(
        bad.stderr.contains("limits.txt line 2: the wheel is one of")
            || bad.stderr.contains("is not a wheel's file name"),
        "{bad}"
    );
    scratch.write("limits.txt", format!("colours @ {address}\n"));
    let constrained = run(&scratch, &index, "resolve src -c limits.txt").fine();
    assert!(constrained.stdout.contains(&format!("from {address}")), "{constrained}");

    // A wheel on disk that a constraint names is taken where its package is wanted, and only there.
    let scratch = Scratch::with_requirements("web\n");
    scratch.wheel("house", &pure("templates", "9.0")).wheel("house", &pure("unwanted", "1.0"));
    scratch.write(
        "limits.txt",
        "./house/templates-9.0-py3-none-any.whl\nunwanted @ file:house/unwanted-1.0-py3-none-any.whl\n",
    );
    assert_snapshot!(run(&scratch, &index, "resolve src -c limits.txt"), @"
    exit 0
    ----- stdout -----
    templates  9.0        from file://[TEMP]/work/house/templates-9.0-py3-none-any.whl
    web        1.2  2 kB
    ----- stderr -----
    src: 2 packages for python3.12 · x86_64
    ");
    run(&scratch, &index, "build src -c limits.txt -o layer.zip").fine();

    // Two addresses for one package.
    let scratch = Scratch::with_requirements(&format!(
        "colours @ {address}\ncolours @ https://h.example/colours-0.4-py3-none-any.whl\n"
    ));
    assert_snapshot!(run(&scratch, &index, "resolve src").refused(), @"
    exit 1
    ----- stderr -----
    error[LP303]: src/requirements.txt line 2: colours is to come from https://h.example/colours-0.4-py3-none-any.whl, and src/requirements.txt line 1 has it come from another address
      help: a layer holds one wheel of a package: remove one of the lines
    ");
}

#[test]
fn requirement_files_come_from_the_web_and_from_stdin() {
    let lines = |text: &'static str| move |_: &testkit::Request| Response::ok("text/plain", text);
    let index = shop()
        .answer("/team/base.txt", lines("web\n-c limits/all.txt\n"))
        .answer("/team/limits/all.txt", lines("web<1.2\n"))
        .answer("/bad.txt", lines("web\n-e .\nweb web\n"))
        .start();
    let scratch = Scratch::new();
    let web = |ran: Ran| ran.fine().stdout.contains("web        1.1");
    assert!(web(run(&scratch, &index, &format!("resolve -r {}", index.url_of("/team/base.txt")))));
    scratch.write("src/requirements.txt", "web\n");
    assert!(web(run(&scratch, &index, &format!("resolve src -c {}", index.url_of("/team/limits/all.txt")))));
    let piped = scratch.layerpack(&format!("resolve -r - {TARGET}")).index(&index).input("web==1.1\n").run();
    assert!(web(piped));
    let named =
        |place: &str, flags: &str| run(&scratch, &index, &format!("resolve -r {} {flags}", index.url_of(place)));
    assert_snapshot!(named("/bad.txt", "").refused(), @"
    exit 2
    ----- stderr -----
    error[LP506]: http://127.0.0.1:PORT/bad.txt line 2: editable installs are not supported in a layer
      -e .
      ^^^^
      help: build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of the source; or have uv or pip build it here: --build :all:
    error[LP504]: http://127.0.0.1:PORT/bad.txt line 3: expected a version specifier or the end of the line, found `web`
      web web
          ^^^
      help: put each requirement on a line of its own
    ");
    assert_snapshot!(named("/nowhere.txt", "").refused(), @"
    exit 2
    ----- stderr -----
    error[LP308]: http://127.0.0.1:PORT/nowhere.txt: the answer of http://127.0.0.1:PORT/nowhere.txt cannot be used: HTTP 404 Not Found
      help: make sure that the address is right; if it is, tell its owner what it answers
    ");
    assert_snapshot!(named("/team/base.txt", "--offline").refused(), @"
    exit 2
    ----- stderr -----
    error[LP312]: http://127.0.0.1:PORT/team/base.txt: http://127.0.0.1:PORT/team/base.txt is not in the cache, and --offline forbids fetching it
      help: requirement files are not cached: download it and name its path
    ");
}

/// All that a run prints and keeps, and every header that it sends.
#[test]
fn credentials_of_addresses_go_to_their_origin_and_are_shown_nowhere() {
    let other = FakeIndex::builder().wheel(pure("colours", "0.4")).start();
    let elsewhere = other.url_of("colours-0.4-py3-none-any.whl");
    let index = shop()
        .basic_auth("me", "s3cret")
        .answer("colours-0.4-py3-none-any.whl", move |_| Response::redirect(&elsewhere))
        .start();
    let with_login = |name: &str| index.url_of(name).replacen("http://", "http://${WHO}:s3cret@", 1);
    let scratch = Scratch::with_requirements(&format!(
        "-r {}\ntemplates @ {}\n",
        with_login("/more/lines.txt"),
        with_login("templates-2.1-py3-none-any.whl?sig=s1gnature"),
    ));
    index.change(|index| {
        let line = index_line();
        index.answer("/more/lines.txt", move |_| Response::ok("text/plain", line))
    });
    let mut all = String::new();
    for arguments in ["resolve src -vv", "lock src -vv", "build src -vv", "resolve src -vv --format json --locked"] {
        let ran = scratch.layerpack(arguments).env("WHO", "me").arguments(["--no-index"]).run().fine();
        all.extend([ran.stdout, ran.stderr]);
    }
    all += &scratch.text("src/pylock.toml");
    all += &kept(&scratch.path("dist"));
    all += &kept(&scratch.cache());
    assert!(!all.contains("s3cret"), "{all}");
    assert!(all.contains("colours"), "{all}");
    let sent: Vec<_> =
        index.requests().into_iter().filter(|request| request.header("authorization").is_none()).collect();
    assert!(sent.is_empty(), "{sent:?}");
    assert!(other.requests().iter().all(|request| request.header("authorization").is_none()), "{:?}", other.requests());
    assert!(!other.requests().is_empty());
}

/// A line of a file on the web: its path is relative to the file's address.
fn index_line() -> &'static str {
    "../files/colours-0.4-py3-none-any.whl\n"
}

/// Names and texts of all files below a folder, but for zips.
fn kept(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        all.extend([entry.path().display().to_string(), "\n".to_owned()]);
        if entry.file_type().expect("its type").is_dir() {
            all += &kept(&entry.path());
        } else {
            all += &String::from_utf8_lossy(&fs_err::read(entry.path()).expect("a file"));
        }
    }
    all
}

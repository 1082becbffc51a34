//! `check` of requirement and lock files: which pins have no wheel, and from which version on there is one.

use insta::assert_snapshot;
use testkit::{FakeIndex, FakeIndexBuilder, Machine};

use crate::support::{Ran, Scratch, native, pure, shop};

/// A wheel for one Python on these processors.
fn built(index: FakeIndexBuilder, name: &str, version: &str, python: &str, cpus: &[&str]) -> FakeIndexBuilder {
    let tag = |cpu: &&str| format!("{python}-{python}-manylinux_2_17_{cpu}.manylinux2014_{cpu}");
    cpus.iter().map(tag).fold(index, |index, tag| index.wheel(pure(name, version).tag(&tag)))
}

const BOTH: &[&str] = &["aarch64", "x86_64"];

/// `numbers` grows with Python; `pictures` gave up arm64; `letters` has a gap; `sources` never had a wheel.
pub(crate) fn market() -> FakeIndexBuilder {
    let mut index = shop().sdist("sources", "2.0");
    for (version, pythons) in [
        ("1.0", &["cp39", "cp310"][..]),
        ("1.5", &["cp311", "cp312"]),
        ("2.0", &["cp311", "cp312", "cp313"]),
        ("2.1", &["cp312", "cp313", "cp314"]),
    ] {
        for python in pythons {
            index = built(index, "numbers", version, python, BOTH);
        }
    }
    for (version, cpus) in [("1.0", BOTH), ("2.0", &["x86_64"])] {
        index = built(index, "pictures", version, "cp313", cpus);
    }
    for (version, python) in [("1.0", "cp312"), ("1.1", "cp313"), ("1.2", "cp312"), ("1.3", "cp313")] {
        index = built(index, "letters", version, python, BOTH);
    }
    // What nobody shall be pointed at.
    let unfit = pure("numbers", "3.0").tag("cp313-cp313-manylinux_2_17_aarch64");
    let index = index.wheel(&unfit).yanked(&unfit.filename(), "broken");
    built(index, "numbers", "3.0rc1", "cp313", BOTH)
}

pub(crate) fn check(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("check src/requirements.txt {flags}")).index(index).run()
}

pub(crate) const ARM: &str = "--runtime python3.13 --arch arm64";

#[test]
fn every_pin_without_a_wheel_is_told_with_what_there_is_instead() {
    let index = market().start();
    let scratch = Scratch::with_requirements(
        "web==1.2\nnumbers==1.0\n# a comment\nsources==1.0\npictures==2.0\nletters==1.0\nletters==1.2; python_version < '3'\n",
    );
    assert_snapshot!(check(&scratch, &index, ARM), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 4 of 6 packages have no wheel for python3.13 · arm64
      LP305  src/requirements.txt:2: numbers==1.0 has wheels only for cp39, cp310 on arm64, x86_64
             help: from 2.0 on there is one
      LP304  src/requirements.txt:4: sources==1.0 has no wheel, only a source distribution
             help: none of the 2 versions has one; build one (pip wheel --no-deps sources==1.0) and name its file
      LP305  src/requirements.txt:5: pictures==2.0 has wheels only for cp313 on x86_64
             help: the newest that has one is 1.0; 2.0 has one for python3.13 · x86_64
      LP305  src/requirements.txt:6: letters==1.0 has wheels only for cp312 on arm64, x86_64
             help: the next that has one is 1.1, the newest 1.3; 1.0 has one for python3.12 · arm64
    ");
    // The wheels themselves are not asked for.
    let asked = index.request_lines();
    assert!(asked.iter().all(|line| line.contains("/simple/") || line.ends_with(".metadata")), "{asked:?}");
    let document = check(&scratch, &index, &format!("{ARM} --format json")).json();
    assert_snapshot!(serde_json::to_string_pretty(&document["files"][0]).expect("JSON"), @r#"
    {
      "findings": [
        {
          "checked": null,
          "code": "LP305",
          "entry": "numbers",
          "grade": null,
          "help": "from 2.0 on there is one",
          "message": "src/requirements.txt:2: numbers==1.0 has wheels only for cp39, cp310 on arm64, x86_64",
          "severity": "error",
          "source": null
        },
        {
          "checked": null,
          "code": "LP304",
          "entry": "sources",
          "grade": null,
          "help": "none of the 2 versions has one; build one (pip wheel --no-deps sources==1.0) and name its file",
          "message": "src/requirements.txt:4: sources==1.0 has no wheel, only a source distribution",
          "severity": "error",
          "source": null
        },
        {
          "checked": null,
          "code": "LP305",
          "entry": "pictures",
          "grade": null,
          "help": "the newest that has one is 1.0; 2.0 has one for python3.13 · x86_64",
          "message": "src/requirements.txt:5: pictures==2.0 has wheels only for cp313 on x86_64",
          "severity": "error",
          "source": null
        },
        {
          "checked": null,
          "code": "LP305",
          "entry": "letters",
          "grade": null,
          "help": "the next that has one is 1.1, the newest 1.3; 1.0 has one for python3.12 · arm64",
          "message": "src/requirements.txt:6: letters==1.0 has wheels only for cp312 on arm64, x86_64",
          "severity": "error",
          "source": null
        }
      ],
      "help": null,
      "path": "src/requirements.txt",
      "verdict": "fails"
    }
    "#);
}

#[test]
fn all_fine() {
    let index = market().start();
    let scratch = Scratch::with_requirements("web[fast]==1.2\nnumbers==2.0; sys_platform == 'linux'\n");
    assert_snapshot!(check(&scratch, &index, "--runtime python3.12 --arch arm64"), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: 4 packages, all have wheels for python3.12 · arm64
    ");
    assert_snapshot!(check(&scratch, &index, "--runtime python3.12"), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: 4 packages, all have wheels for python3.12 · arm64, x86_64
    ");
    assert_snapshot!(check(&scratch, &index, "--runtime python3.12 --quiet"), @"
    exit 0
    ");
    let document = check(&scratch, &index, "--runtime python3.12 --format json").fine().json();
    assert_snapshot!(document["targets"][1], @r#"
    {"arch":"x86_64","files":[{"findings":[],"help":null,"path":"src/requirements.txt","verdict":"loads"}],"runtime":"python3.12"}
    "#);
    // A file may have nothing for a layer in it.
    scratch.write("src/requirements.txt", "# nothing yet\ncolours; sys_platform == 'win32'\n");
    assert_snapshot!(check(&scratch, &index, ARM), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: no package for python3.13 · arm64
    ");
}

#[test]
fn several_targets_are_a_matrix_and_each_page_is_asked_for_once() {
    let index = market().start();
    let scratch = Scratch::with_requirements("web==1.2\npictures==2.0\nnumbers==1.5\nsources==1.0\nletters<1.1\n");
    assert_snapshot!(check(&scratch, &index, ""), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: no target has all packages
                                    3.11  3.12  3.13  3.14
      pictures==2.0  arm64          no    no    1.0   no
                     x86_64         no    no    yes   no
      numbers==1.5   arm64, x86_64  yes   yes   2.0+  2.1+
      sources==1.0   arm64, x86_64  no    no    no    no
      letters        arm64, x86_64  no    yes   no    no
      LP305  src/requirements.txt:2: pictures==2.0 has wheels only for cp313 on x86_64
      LP305  src/requirements.txt:3: numbers==1.5 has wheels only for cp311, cp312 on arm64, x86_64
      LP304  src/requirements.txt:4: sources==1.0 has no wheel, only a source distribution
             help: none of the 2 versions has one; build one (pip wheel --no-deps sources==1.0) and name its file
      LP305  no version of letters that will do has a wheel for python3.11 · arm64  (3.11, 3.13, 3.14)
             src/requirements.txt line 5 asks for letters<1.1
             letters-1.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl: built for CPython 3.12; the target is python3.11
             letters-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl: built for CPython 3.12; the target is python3.11; built for x86_64; the target is arm64
             help: python3.12 · arm64 has a wheel of letters 1.0
      help: 2.0+: from that version on there is a wheel; 1.0: the nearest version that has one
    ");
    let pages: Vec<String> = index.request_lines().into_iter().filter(|line| line.contains("/simple/")).collect();
    let names = ["colours", "letters", "numbers", "pictures", "sources", "templates", "web"];
    let expected: Vec<String> = names.iter().map(|name| format!("GET /simple/{name}/")).collect();
    assert_eq!(pages.into_iter().filter(|line| !line.contains("colours")).collect::<Vec<_>>(), expected[1..]);
}

#[test]
fn a_file_without_a_runtime_named_must_do_somewhere() {
    let index = market().start();
    let scratch = Scratch::with_requirements("numbers==1.5\n");
    for (flags, code) in [
        ("", 0),
        ("--arch arm64", 0),
        ("--runtime python3.12", 0),
        ("--runtime python3.12,python3.13", 1),
        ("--runtime python3.13,python3.14", 1),
    ] {
        assert_eq!(check(&scratch, &index, flags).code, code, "{flags}");
    }
    let run = scratch.layerpack("check src/requirements.txt").index(&index).env("LAYERPACK_RUNTIME", "python3.14");
    assert_eq!(run.run().code, 1);
}

#[test]
fn what_is_not_pinned_is_explained_by_the_resolver_and_all_of_it() {
    let index = market().wheel(pure("templates", "1.0")).start();
    let scratch = Scratch::with_requirements("numbers<2\nweb==7\nnope\nweb[fast]\nsources==1.0\n");
    assert_snapshot!(check(&scratch, &index, ARM), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 4 of 4 packages cannot be had for python3.13 · arm64
      LP305  no version of numbers that will do has a wheel for python3.13 · arm64
             src/requirements.txt line 1 asks for numbers<2
             2 wheels of numbers 1.5: not built for python3.13
             2 wheels of numbers 1.5: built for x86_64; the target is arm64; not built for python3.13
             2 wheels of numbers 1.0: not built for python3.13
             2 wheels of numbers 1.0: built for x86_64; the target is arm64; not built for python3.13
             help: python3.13 · arm64 has a wheel of numbers 2.1, which is not asked for; python3.12 · arm64 has a wheel of numbers 1.5
      LP302  no version of web can be taken
             src/requirements.txt line 2 asks for web==7
             the newest is web 1.2; there are also 1.1
      LP301  no index knows `nope`
             src/requirements.txt line 3 asks for nope
             asked: http://127.0.0.1:PORT/simple/
             help: check the spelling; if it is on a private index, name that with --index or --extra-index-url
      LP304  src/requirements.txt:5: sources==1.0 has no wheel, only a source distribution
             help: none of the 2 versions has one; build one (pip wheel --no-deps sources==1.0) and name its file
    ");
    // What does not go together ends it.
    scratch.write("src/requirements.txt", "numbers==1.0\nweb==1.2\ntemplates<2\n");
    assert_snapshot!(check(&scratch, &index, ARM), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt cannot be built for python3.13 · arm64
      LP305  src/requirements.txt:1: numbers==1.0 has wheels only for cp39, cp310 on arm64, x86_64
             help: from 2.0 on there is one
      LP303  the requirements exclude each other
             src/requirements.txt line 2 asks for web==1.2
             src/requirements.txt line 3 asks for templates<2
             web 1.2 needs templates>=2
    ");
}

/// A frozen file names the dependencies too: a package that needs one without a wheel is no second problem.
#[test]
fn a_pin_without_a_wheel_is_told_once() {
    let index = market().wheel(pure("sums", "1.0").requires("numbers==1.0")).start();
    let scratch = Scratch::with_requirements("sums==1.0\nnumbers==1.0\n");
    let ran = check(&scratch, &index, ARM);
    assert_eq!((ran.code, ran.stdout.matches("LP3").count()), (1, 1), "{ran}");
    assert!(ran.stdout.contains(": 1 of 2 packages has no wheel"), "{ran}");
    // Where no line pins it, the resolver tells who asks for it.
    scratch.write("src/requirements.txt", "sums\n");
    assert_snapshot!(check(&scratch, &index, ARM), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 2 packages has no wheel for python3.13 · arm64
      LP305  no version of numbers that will do has a wheel for python3.13 · arm64
             src/requirements.txt line 1 asks for sums
             sums 1.0 needs numbers==1.0
             there is no other version of sums
             2 wheels of numbers 1.0: not built for python3.13
             2 wheels of numbers 1.0: built for x86_64; the target is arm64; not built for python3.13
             help: python3.13 · arm64 has a wheel of numbers 2.1, which is not asked for; python3.10 · arm64 has a wheel of numbers 1.0
    ");
}

#[test]
fn settings_are_those_of_build() {
    let index = market().start();
    let wheel = native("tables", "1.0", Machine::X86_64, "2.28");
    let scratch = Scratch::with_requirements(&format!("--index-url {}\ntables==1.0\n", index.url()));
    let check = |flags: &str| scratch.layerpack(&format!("check src/requirements.txt {flags}")).run();
    let x86 = "--runtime python3.12 --arch x86_64";
    assert_eq!(check(x86).code, 0, "option lines");
    scratch.write("limits.txt", "tables<1\n");
    assert_snapshot!(check(&format!("{x86} -c limits.txt")), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 1 package cannot be had for python3.12 · x86_64
      LP302  no version of tables can be taken
             src/requirements.txt line 2 asks for tables==1.0
             tables 1.0 is excluded by limits.txt line 1: tables<1
             outside of what is asked for there is tables 2.0
    ");
    let digest = "0".repeat(64);
    scratch.write("src/requirements.txt", format!("tables==1.0 --hash=sha256:{digest}\n"));
    scratch.wheel("house", &wheel);
    assert_snapshot!(check(&format!("{x86} --no-index --find-links house")), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 1 package cannot be had for python3.12 · x86_64
      LP302  no version of tables can be taken
             src/requirements.txt line 1 asks for tables==1.0
             tables 1.0 has sha256 [SHA256]; src/requirements.txt line 1 gives [SHA256]
             help: the file may have been replaced since the hash was written down: find out why it differs before you take the new one
    ");
    scratch.write("src/requirements.txt", "./tables.whl\n");
    assert_eq!(check(x86).code, 2);
    scratch.write("src/requirements.txt", "-e .\n");
    assert_eq!(check(&format!("{x86} --if-possible")).code, 2, "a layer cannot be built from it");
}

/// Lines with hashes that were written for one target.
#[test]
fn a_wheel_whose_hash_no_line_gives() {
    let index = market().start();
    let scratch = Scratch::with_requirements("numbers==2.0\nweb==1.2\n");
    let resolve = "resolve src --runtime python3.12 --arch arm64 --format requirements";
    let lines = scratch.layerpack(resolve).index(&index).run().fine().stdout;
    scratch.write("src/requirements.txt", &lines);
    assert_eq!(check(&scratch, &index, "--runtime python3.12 --arch arm64").code, 0);
    let ran = check(&scratch, &index, ARM);
    assert_snapshot!(ran, @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 3 packages has no wheel for python3.13 · arm64
      LP305  src/requirements.txt:1: numbers==2.0 has a wheel, and the line gives hashes of others only
             help: to take numbers-2.0-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl too, add --hash=sha256:[SHA256]
    ");
    let named = ran.stdout.split("--hash=sha256:").nth(1).expect("a hash").trim_end();
    scratch
        .write("src/requirements.txt", lines.replace("numbers==2.0 ", &format!("numbers==2.0 --hash=sha256:{named} ")));
    assert_eq!(check(&scratch, &index, ARM).code, 0, "what the help line says is what helps");
    scratch.write("src/requirements.txt", &lines);
    assert_snapshot!(check(&scratch, &index, "--runtime python3.11,python3.12,python3.14"), @"
    exit 1
    ----- stdout -----
    error: src/requirements.txt: 1 of 6 targets has all packages
                            3.11      3.12      3.14
      numbers==2.0  arm64   unlisted  yes       2.1+
                    x86_64  unlisted  unlisted  2.1+
      LP305  src/requirements.txt:1: numbers==2.0 has a wheel, and the line gives hashes of others only
      LP305  src/requirements.txt:1: numbers==2.0 has wheels only for cp311 to cp313 on arm64, x86_64
      help: 2.1+: from that version on there is a wheel; unlisted: there is one that the file does not list
    ");
}

#[test]
fn a_lock_is_judged_by_itself() {
    let index = market().start();
    let scratch = Scratch::with_requirements("web[fast]==1.2\nnumbers==1.5\n");
    let lock = "lock src --runtime python3.12 --arch arm64,x86_64";
    scratch.layerpack(lock).index(&index).run().fine();
    index.forget_requests();
    let check = |flags: &str| scratch.layerpack(&format!("check src/pylock.toml {flags}")).index(&index).run();
    assert_snapshot!(check("--runtime python3.12"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml: 4 packages, all have wheels for python3.12 · arm64, x86_64
    ");
    assert_eq!(index.request_lines(), Vec::<String>::new(), "the lock says it all");
    assert_snapshot!(check(ARM), @"
    exit 1
    ----- stdout -----
    error: src/pylock.toml cannot be built for python3.13 · arm64
      LP310  the lock was made for other targets: requires-python is ==3.12.*
             help: write a lock for this target with layerpack lock
    ");
    assert_snapshot!(check(""), @"
    exit 0
    ----- stdout -----
    src/pylock.toml: 2 of 8 targets have all packages
                                  3.11  3.12  3.13  3.14
      pylock.toml  arm64, x86_64  no    yes   no    no
      LP310  the lock was made for other targets: requires-python is ==3.12.*  (3.11, 3.13, 3.14)
             help: write a lock for this target with layerpack lock
    ");

    // As other tools write it, for every Python.
    let text = scratch.text("src/pylock.toml");
    let without = |line: &&str| !["environments", "requires-python"].iter().any(|key| line.starts_with(key));
    let lines: Vec<&str> = text.lines().filter(without).collect();
    scratch.write("src/pylock.toml", lines.join("\n"));
    assert_snapshot!(check(&format!("{ARM} --refresh")), @"
    exit 1
    ----- stdout -----
    error: src/pylock.toml: 2 of 4 packages have no wheel for python3.13 · arm64
      LP305  loop==0.9 has wheels only for cp312 on arm64, x86_64
             help: there is no other version; 0.9 has one for python3.12 · arm64
      LP305  numbers==1.5 has wheels only for cp311, cp312 on arm64, x86_64
             help: from 2.0 on there is one; 1.5 has one for python3.12 · arm64
    ");
    assert_eq!(index.request_lines(), ["GET /simple/loop/", "GET /simple/numbers/"], "only what has no wheel");
    let offline = format!("{ARM} --offline --cache-dir nowhere");
    assert_snapshot!(check(&offline), @"
    exit 1
    ----- stdout -----
    error: src/pylock.toml: 2 of 4 packages have no wheel for python3.13 · arm64
      LP305  loop==0.9 has wheels only for cp312 on arm64, x86_64
             help: whether another version has one is not known: http://127.0.0.1:PORT/simple/loop/ is not in the cache, and --offline forbids fetching it; 0.9 has one for python3.12 · arm64
      LP305  numbers==1.5 has wheels only for cp311, cp312 on arm64, x86_64
             help: whether another version has one is not known: http://127.0.0.1:PORT/simple/numbers/ is not in the cache, and --offline forbids fetching it; 1.5 has one for python3.12 · arm64
    ");
    assert_eq!(check(&format!("{offline} --if-possible")).code, 1, "what the lock lacks is known without a network");
    // And one that lists the wheels of the machine it was written on.
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.contains("numbers-1.5-cp312")).collect();
    scratch.write("src/pylock.toml", lines.join("\n"));
    let ran = check("--runtime python3.12 --arch arm64");
    assert!(ran.stdout.contains("help: the index has one of this very version: write the lock anew"), "{ran}");
}

#[test]
fn without_network_a_hook_lets_the_commit_pass() {
    let index = market().start();
    // Nothing listens on port 1.
    let gone = "http://127.0.0.1:1/simple/";
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("bad.txt", "web ==\n");
    let check =
        |arguments: &str, url: &str| scratch.layerpack(&format!("check {arguments}")).arguments(["-i", url]).run();
    assert_eq!(check("src/requirements.txt", gone).code, 2);
    assert_eq!(check("src/requirements.txt --format json", gone).json()["error"]["code"], "LP307");
    assert_snapshot!(check("src/requirements.txt --if-possible --strict", gone), @"
    exit 0
    ----- stderr -----
    warning[LP307]: not checked: src/requirements.txt: failed to fetch http://127.0.0.1:PORT/simple/web/: cannot connect: Connection refused (os error N) (tried 2 times)
    ");
    let ran = check(&format!("src/requirements.txt {ARM} --if-possible --format json"), gone).fine();
    let file = &ran.json()["files"][0];
    assert_eq!((&file["verdict"], &file["findings"][0]["code"]), (&"unknown".into(), &"LP307".into()));
    // What is in the cache needs no network; a line that nobody can read is no matter of the network.
    check("src/requirements.txt", &index.url()).fine();
    let offline = check(&format!("src/requirements.txt {ARM} --offline --if-possible"), &index.url());
    assert!(offline.fine().stdout.contains("all have wheels"));
    assert_eq!(check("bad.txt --if-possible", gone).code, 2);
}

#[test]
fn wheels_and_files_are_checked_in_one_run() {
    let index = market().yanked("web-1.2-py3-none-any.whl", "too fast").start();
    let scratch = Scratch::with_requirements("web==1.2\n");
    scratch.wheel("whl", &native("loop", "0.9", Machine::X86_64, "2.17")).write("src/dev.txt", "nope\n");
    let check = |flags: &str| {
        let arguments =
            format!("check src/requirements.txt whl src/dev.txt --runtime python3.12 --arch x86_64 {flags}");
        scratch.layerpack(&arguments).index(&index).run()
    };
    assert_snapshot!(check(""), @"
    exit 1
    ----- stdout -----
    whl/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl loads on python3.12 · x86_64
    src/requirements.txt: 2 packages, all have wheels for python3.12 · x86_64
      LP314  warning: web 1.2 is yanked: too fast
             help: it was taken because it is pinned; pin a version that is not yanked
    error: src/dev.txt: 1 of 1 package cannot be had for python3.12 · x86_64
      LP301  no index knows `nope`
             src/dev.txt line 1 asks for nope
             asked: http://127.0.0.1:PORT/simple/
             help: check the spelling; if it is on a private index, name that with --index or --extra-index-url
    ");
    fs_err::write(scratch.path("src/dev.txt"), "").expect("a file");
    assert_eq!((check("").code, check("--strict").code), (0, 1));
}

#[test]
fn a_newer_version_that_the_target_cannot_have_is_a_note() {
    let index = market().start();
    let scratch = Scratch::with_requirements("numbers\nweb\n");
    assert_snapshot!(check(&scratch, &index, "--runtime python3.11 --arch arm64"), @"
    exit 0
    ----- stdout -----
    src/requirements.txt: 3 packages, all have wheels for python3.11 · arm64
      LP313  note: numbers 2.0 is held back from 2.1: built for CPython 3.12; the target is python3.11
    ");
    let ran = check(&scratch, &index, "--runtime python3.11 --arch arm64 --format json");
    assert_eq!(ran.json()["files"][0]["findings"][0]["code"], "LP313", "{ran}");
}

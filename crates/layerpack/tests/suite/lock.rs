//! pylock.toml: written by `lock`, used by everything else while it satisfies its source.

use insta::assert_snapshot;
use testkit::{FakeIndex, WheelBuilder};

use crate::support::{Ran, Scratch, filtered, pure, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

/// A locked source.
fn locked(lines: &str, index: &FakeIndex) -> Scratch {
    let scratch = Scratch::with_requirements(lines);
    scratch.layerpack(&format!("lock src {TARGET}")).index(index).run().fine();
    scratch
}

/// A build that could not reach an index if it tried.
fn offline(scratch: &Scratch, flags: &str) -> Ran {
    scratch.layerpack(&format!("build src --offline {flags}")).run()
}

fn offline_resolve(scratch: &Scratch) -> Ran {
    scratch.layerpack("resolve src --offline").run()
}

fn zip(scratch: &Scratch) -> Vec<u8> {
    scratch.read("dist/src-python3.12-x86_64.zip")
}

#[test]
fn a_lock_holds_every_wheel_of_each_pin() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web[fast]\n");
    let ran = scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · x86_64
    ");
    assert_snapshot!(filtered(&scratch.text("src/pylock.toml"), &scratch.path("")), @r#"
    lock-version = "1.0"
    environments = ["python_full_version == '3.12.*'"]
    requires-python = "==3.12.*"
    created-by = "layerpack"

    [[packages]]
    name = "loop"
    version = "0.9"
    index = "http://127.0.0.1:PORT/simple/"
    wheels = [
        { name = "loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl", url = "http://127.0.0.1:PORT/files/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl", size = 1275, hashes = { sha256 = "[SHA256]" } },
        { name = "loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl", url = "http://127.0.0.1:PORT/files/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl", size = 1272, hashes = { sha256 = "[SHA256]" } },
    ]

    [[packages]]
    name = "templates"
    version = "2.1"
    index = "http://127.0.0.1:PORT/simple/"
    wheels = [
        { name = "templates-2.1-py3-none-any.whl", url = "http://127.0.0.1:PORT/files/templates-2.1-py3-none-any.whl", size = 895, hashes = { sha256 = "[SHA256]" } },
    ]

    [[packages]]
    name = "web"
    version = "1.2"
    requires-python = ">=3.9"
    dependencies = [
        { name = "loop" },
        { name = "templates" },
    ]
    index = "http://127.0.0.1:PORT/simple/"
    wheels = [
        { name = "web-1.2-py3-none-any.whl", url = "http://127.0.0.1:PORT/files/web-1.2-py3-none-any.whl", size = 1168, hashes = { sha256 = "[SHA256]" } },
    ]

    [tool.layerpack]
    targets = [
        { runtime = "python3.12", arch = "x86_64" },
    ]
    digest = "sha256:[SHA256]"
    "#);
}

#[test]
fn locking_again_changes_no_byte() {
    let index = shop().start();
    let scratch = locked("web[fast]\ntables\n", &index);
    let before = scratch.text("src/pylock.toml");
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    assert_eq!(scratch.text("src/pylock.toml"), before);
}

#[test]
fn a_lock_keeps_versions_and_needs_no_index_once_its_wheels_are_here() {
    let index = shop().start();
    let scratch = locked("web\n", &index);
    index.change(|index| index.wheel(pure("templates", "2.9")));
    index.forget_requests();
    let ran = scratch.layerpack("build src --emit zip").run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · x86_64   (src/pylock.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    let pages: Vec<_> = index.request_lines().into_iter().filter(|line| line.contains("/simple/")).collect();
    assert_eq!(pages, Vec::<String>::new(), "a lock names its files, no page is read");

    drop(index);
    let first = zip(&scratch);
    fs_err::remove_dir_all(scratch.path("dist")).expect("it was built");
    offline(&scratch, "--emit zip").fine();
    assert!(zip(&scratch) == first);
}

#[test]
fn a_lock_that_no_longer_satisfies_its_source_stops_the_build() {
    let index = shop().start();
    let scratch = locked("web\ntemplates\n", &index);
    for lines in ["web\ntemplates>=2.5\n", "web\ntemplates\ncolours\n", "web\n\n# newer\ntemplates==2.0\n"] {
        scratch.write("src/requirements.txt", lines);
        let ran = scratch.layerpack("build src").index(&index).run();
        assert_eq!(ran.code, 1);
        assert_eq!(scratch.names("dist"), Vec::<String>::new());
    }
    assert_snapshot!(scratch.layerpack("build src").index(&index).run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/requirements.txt line 4 asks for templates==2.0, src/pylock.toml has 2.1
      help: run layerpack lock src
    ");
    scratch.write("src/requirements.txt", "web\ncolours\n");
    assert_snapshot!(scratch.layerpack("resolve src").index(&index).run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/requirements.txt line 2 asks for colours, src/pylock.toml has no such package
      help: run layerpack lock src
    ");
    // --frozen does not look at the source.
    assert_snapshot!(scratch.layerpack("resolve src --frozen").run(), @"
    exit 0
    ----- stdout -----
    templates  2.1  895 bytes
    web        1.2       2 kB
    ----- stderr -----
    src: 2 packages for python3.12 · x86_64, from pylock.toml
    ");
}

#[test]
fn a_lock_made_from_other_packages_is_stale() {
    let index = shop().start();
    let scratch = locked("web\ntemplates\n", &index);
    // Versions, order and comments may change while the lock satisfies them.
    for lines in ["templates  # first\nweb\n", "web>=1\ntemplates==2.1\n"] {
        scratch.write("src/requirements.txt", lines);
        offline_resolve(&scratch).fine();
    }
    for lines in ["web[fast]\ntemplates\n", "web\n", "web\ntemplates ; python_version < '3.13'\n"] {
        scratch.write("src/requirements.txt", lines);
        assert_eq!(offline_resolve(&scratch).code, 1, "{lines}");
    }
    assert_snapshot!(offline_resolve(&scratch), @"
    exit 1
    ----- stderr -----
    error[LP310]: src names other packages, extras or markers than src/pylock.toml was made from
      help: run layerpack lock src
    ");
}

#[test]
fn a_lock_stands_for_its_source_where_it_is_named_alone() {
    let index = shop().start();
    let scratch = locked("web\n", &index);
    assert_snapshot!(scratch.layerpack("resolve src/pylock.toml --offline").run(), @"
    exit 0
    ----- stdout -----
    templates  2.1  895 bytes
    web        1.2       2 kB
    ----- stderr -----
    src: 2 packages for python3.12 · x86_64, from pylock.toml
    ");
}

#[test]
fn a_local_wheel_that_changed_makes_its_lock_stale() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    scratch.wheel("src", &pure("own", "0.1"));
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    scratch.layerpack("build src").run().fine();
    scratch.wheel("src", &pure("own", "0.1").file("own/more.py", ""));
    assert_snapshot!(scratch.layerpack("build src").run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/own-0.1-py3-none-any.whl is not the wheel that src/pylock.toml was made with
      help: run layerpack lock src
    ");
    fs_err::remove_file(scratch.path("src/own-0.1-py3-none-any.whl")).expect("it was there");
    assert_snapshot!(scratch.layerpack("build src").run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src names other packages, extras or markers than src/pylock.toml was made from
      help: run layerpack lock src
    ");
}

#[test]
fn wheels_of_a_local_folder_are_locked_by_path_and_digest() {
    let scratch = Scratch::with_requirements("own\n");
    scratch.wheel("house", &pure("own", "0.1"));
    scratch.layerpack(&format!("lock src {TARGET} --no-index --find-links house")).run().fine();
    let lock = scratch.text("src/pylock.toml");
    assert!(lock.contains("path = \"../house/own-0.1-py3-none-any.whl\""), "{lock}");
    assert!(lock.contains("hashes = { sha256 = "), "{lock}");
    offline(&scratch, "--emit zip").fine();

    scratch.wheel("house", &pure("own", "0.1").file("own/more.py", ""));
    assert_snapshot!(offline(&scratch, "--emit zip --out-dir again"), @"
    exit 1
    ----- stderr -----
    error[LP306]: src/../house/own-0.1-py3-none-any.whl has sha256 [SHA256], and [SHA256] is locked
      help: the wheel has changed since: run layerpack lock src
    ");
}

#[test]
fn a_lock_serves_whatever_target_its_wheels_fit() {
    let index = shop().start();
    let scratch = locked("web\n", &index);
    assert_snapshot!(scratch.layerpack("build src --arch arm64").index(&index).run(), @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-arm64.zip   sha256 [SHA256]
    dist/src-python3.12-arm64
    dist/src-python3.12-arm64.json   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · arm64   (src/pylock.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    let scratch = locked("tables\n", &index);
    assert_snapshot!(scratch.layerpack("build src --arch arm64").index(&index).run(), @"
    exit 1
    ----- stderr -----
    error[LP305]: src/pylock.toml has no wheel that loads on python3.12 · arm64 for tables 1.0 (its only wheel: built for x86_64; the target is arm64)
      help: write a lock for this target with layerpack lock
    ");
}

#[test]
fn locked_and_frozen_need_a_lock() {
    let scratch = Scratch::with_requirements("web\n");
    assert_snapshot!(scratch.layerpack("build src --locked").run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: --locked is given, and there is no src/pylock.toml
      help: write it with layerpack lock src
    ");
    assert_snapshot!(scratch.layerpack("resolve src --frozen").run(), @"
    exit 1
    ----- stderr -----
    error[LP310]: --frozen is given, and there is no src/pylock.toml
      help: write it with layerpack lock src
    ");
}

#[test]
fn a_second_build_of_a_lock_does_nothing() {
    let index = shop().start();
    let scratch = locked("web\n", &index);
    scratch.write("src/python/settings.py", "debug = False\n");
    scratch.layerpack("build src").run().fine();
    drop(index);
    assert_snapshot!(scratch.layerpack("build src").run(), @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    dist/src-python3.12-x86_64
    dist/src-python3.12-x86_64.json   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · x86_64   (src/pylock.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    nothing has changed, nothing was written
    ");
    assert_eq!(scratch.layerpack("build src --format json").run().json()["unchanged"], true);
}

#[test]
fn whatever_a_build_came_from_or_wrote_is_looked_at_again() {
    let index = shop().start();
    let scratch = locked("web\n", &index);
    scratch.write("src/python/settings.py", "debug = False\n");
    let build = || offline(&scratch, "").fine().stderr.contains("nothing has changed");
    scratch.layerpack("build src").run().fine();
    drop(index);
    assert!(build());

    let tree = "dist/src-python3.12-x86_64/python/web/__init__.py";
    let first = zip(&scratch);
    let changes: [(&str, &dyn Fn()); 5] = [
        ("a removed zip", &|| {
            fs_err::remove_file(scratch.path("dist/src-python3.12-x86_64.zip")).expect("it is there");
        }),
        ("another zip", &|| {
            scratch.write("dist/src-python3.12-x86_64.zip", "another");
        }),
        ("a changed file of the tree", &|| {
            scratch.write(tree, "changed = True\n");
        }),
        ("a removed report", &|| {
            fs_err::remove_file(scratch.path("dist/src-python3.12-x86_64.json")).expect("it is there");
        }),
        ("a changed source", &|| {
            scratch.write("src/python/settings.py", "debug = True\n");
        }),
    ];
    for (change, make) in changes {
        make();
        assert!(!build(), "{change}");
        assert!(build(), "after {change}");
        assert_eq!(zip(&scratch) == first, change != "a changed source", "{change}");
        assert_eq!(scratch.text(tree), "name = \"web\"\n", "{change}");
    }
    assert!(!offline(&scratch, "--budget 200MB").fine().stderr.contains("nothing has changed"));
    assert!(!offline(&scratch, "--name other").fine().stderr.contains("nothing has changed"));
}

#[test]
fn a_damaged_wheel_in_the_cache_is_healed() {
    let index = shop().start();
    let scratch = locked("web\n", &index);
    scratch.layerpack("build src --emit zip").run().fine();
    let first = zip(&scratch);
    fs_err::remove_dir_all(scratch.path("dist")).expect("it was built");

    let wheels = files_below(&scratch.cache(), "whl");
    assert_eq!(wheels.len(), 2);
    for wheel in wheels {
        let mut bytes = fs_err::read(&wheel).expect("a wheel");
        // The first byte of the first entry's data, behind its header and name.
        let name = usize::from(bytes[26]);
        bytes[30 + name] ^= 1;
        fs_err::write(&wheel, bytes).expect("the cache is ours");
    }
    let ran = scratch.layerpack("build src --emit zip").run();
    assert!(zip(&scratch) == first);
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    warning[LP306]: the stored copy of templates-2.1-py3-none-any.whl was damaged and is fetched again
    warning[LP306]: the stored copy of web-1.2-py3-none-any.whl was damaged and is fetched again
    src   python3.12 · x86_64   (src/pylock.toml)
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    assert_eq!(offline(&scratch, "--out-dir again --emit zip").fine().code, 0, "the cache is whole again");
}

#[test]
fn a_lock_that_cannot_be_read_is_named_with_its_line() {
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("src/pylock.toml", "lock-version = \"1.0\"\n[[packages]]\nname = \n");
    assert_snapshot!(scratch.layerpack("build src").run(), @"
    exit 2
    ----- stderr -----
    error[LP311]: src/pylock.toml line 3, column 8: string values must be quoted, expected literal string
      help: write the lock anew with layerpack lock, or mend the line
    ");
    scratch.write("src/pylock.toml", "lock-version = \"9.0\"\ncreated-by = \"someone\"\npackages = []\n");
    assert_snapshot!(scratch.layerpack("build src").run(), @r#"
    exit 2
    ----- stderr -----
    error[LP311]: src/pylock.toml line 1: lock-version is "9.0"; layerpack reads 1.0 and later 1.x
      help: write the lock anew with layerpack lock, or look for a newer layerpack that reads this version
    "#);
}

fn files_below(folder: &std::path::Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

/// Scripts are read while the layer is laid out, before anything is copied.
#[test]
fn a_damaged_script_in_the_cache_is_healed() {
    let tool = WheelBuilder::new("tool", "1.0").data_file("scripts/run", b"#!python\nprint('hello')\n").stored();
    let index = FakeIndex::builder().wheel(tool).start();
    let scratch = locked("tool\n", &index);
    scratch.layerpack("build src --emit zip").run().fine();
    let first = zip(&scratch);
    fs_err::remove_dir_all(scratch.path("dist")).expect("it was built");

    let wheel = files_below(&scratch.cache(), "whl").remove(0);
    let mut bytes = fs_err::read(&wheel).expect("a wheel");
    let script = b"print('hello')";
    let at = bytes.windows(script.len()).position(|window| window == script).expect("it is stored");
    bytes[at] ^= 1;
    fs_err::write(&wheel, bytes).expect("the cache is ours");

    let ran = scratch.layerpack("build src --emit zip").run().fine();
    assert!(ran.stderr.contains("the stored copy of tool-1.0-py3-none-any.whl was damaged"), "{ran}");
    assert!(zip(&scratch) == first);
}

//! `resolve` and `fetch`: what build would take, printed and downloaded.

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::support::{Ran, Scratch, filtered, pure, shop};

fn resolve(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("resolve src --runtime python3.12 --arch x86_64 {flags}")).index(index).run()
}

/// Names and versions alone.
fn pins(ran: &Ran) -> String {
    let packages = ran.json()["packages"].clone();
    let packages = packages.as_array().unwrap_or_else(|| panic!("{ran}")).iter();
    let pin = |p: &serde_json::Value| {
        format!("{}=={}", p["name"].as_str().expect("a name"), p["version"].as_str().expect("a version"))
    };
    packages.map(pin).collect::<Vec<_>>().join(" ")
}

#[test]
fn pins_are_a_table_requirement_lines_or_json() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web[fast]\ntables\n");
    assert_snapshot!(resolve(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    loop       0.9       2 kB
    tables     1.0       2 kB  held back from 2.0: needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
    templates  2.1  895 bytes
    web        1.2       2 kB
    ----- stderr -----
    src: 4 packages for python3.12 · x86_64
    ");
    assert_snapshot!(resolve(&scratch, &index, "--format requirements"), @"
    exit 0
    ----- stdout -----
    loop==0.9 --hash=sha256:[SHA256]
    tables==1.0 --hash=sha256:[SHA256]
    templates==2.1 --hash=sha256:[SHA256]
    web==1.2 --hash=sha256:[SHA256]
    ");
    let ran = resolve(&scratch, &index, "--format json");
    let tables = serde_json::to_string_pretty(&ran.json()["packages"][1]).expect("JSON");
    assert_snapshot!(filtered(&tables, &scratch.path("")), @r#"
    {
      "dependencies": [],
      "held_back": {
        "newest": "2.0",
        "reasons": [
          "needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34"
        ]
      },
      "name": "tables",
      "path": null,
      "sha256": "[SHA256]",
      "size": 1295,
      "url": "http://127.0.0.1:PORT/files/tables-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
      "version": "1.0",
      "wheel": "tables-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
    }
    "#);
}

#[test]
fn resolving_writes_nothing_but_the_cache() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    resolve(&scratch, &index, "").fine();
    assert_eq!(scratch.names("."), ["src"]);
    assert_eq!(scratch.names("src"), ["requirements.txt"]);
    let asked = index.request_lines();
    assert!(asked.iter().all(|line| line.contains("/simple/") || line.contains(".whl.metadata")), "{asked:?}");
}

#[test]
fn pinned_lines_build_what_was_resolved() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web[fast]\ntables\n");
    let lines = resolve(&scratch, &index, "--format requirements").fine().stdout;
    let pinned = Scratch::with_requirements(&lines);
    let again = resolve(&pinned, &index, "--format requirements --require-hashes --no-deps").fine();
    assert_eq!(again.stdout, lines);
}

#[test]
fn flags_say_how_to_choose() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("limits.txt", "templates<2.1\n").write("more.txt", "colours\n");
    let cases = [
        ("", "templates==2.1 web==1.2"),
        ("-c limits.txt", "templates==2.0 web==1.2"),
        ("-r more.txt", "colours==0.4 templates==2.1 web==1.2"),
        ("--no-deps", "web==1.2"),
        ("--pre", "templates==3.0rc1 web==1.2"),
        ("--prerelease allow", "templates==3.0rc1 web==1.2"),
        ("--prerelease disallow", "templates==2.1 web==1.2"),
        ("--prerelease if-necessary-or-explicit", "templates==2.1 web==1.2"),
    ];
    for (flags, expected) in cases {
        assert_eq!(pins(&resolve(&scratch, &index, &format!("{flags} --format json"))), expected, "{flags}");
    }
    let variables = [("PIP_PRE", "1"), ("UV_PRERELEASE", "allow")];
    for (name, value) in variables {
        let run = scratch.layerpack("resolve src --format json").index(&index).env(name, value).run();
        assert_eq!(pins(&run), "templates==3.0rc1 web==1.2", "{name}");
    }
    scratch.write("src/requirements.txt", "templates>=3.0rc1\n");
    assert_eq!(pins(&resolve(&scratch, &index, "--format json")), "templates==3.0rc1");
}

#[test]
fn yanked_versions_only_where_pinned() {
    let index = shop().yanked("templates-2.1-py3-none-any.whl", "broken loops").start();
    let scratch = Scratch::with_requirements("templates\n");
    assert_eq!(pins(&resolve(&scratch, &index, "--format json")), "templates==2.0");
    scratch.write("src/requirements.txt", "templates==2.1\n");
    assert_snapshot!(resolve(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    templates  2.1  895 bytes  yanked: broken loops
    ----- stderr -----
    warning[LP314]: templates 2.1 is yanked: broken loops
             help: it was taken because it is pinned; pin a version that is not yanked
    src: 1 package for python3.12 · x86_64
    ");
}

#[test]
fn an_unknown_extra_is_a_warning() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web[slow]\n");
    assert_snapshot!(resolve(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    templates  2.1  895 bytes
    web        1.2       2 kB
    ----- stderr -----
    warning[LP316]: web 1.2 has no extra `slow`, which src/requirements.txt line 1 asks for
             help: it has fast
    src: 2 packages for python3.12 · x86_64
    ");
}

#[test]
fn several_targets_are_told_apart() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("loop\n");
    assert_snapshot!(resolve(&scratch, &index, "--arch arm64"), @"
    exit 0
    ----- stdout -----
    src   python3.12 · x86_64
    loop  0.9  2 kB
    src   python3.12 · arm64
    loop  0.9  2 kB
    ----- stderr -----
    src: 1 package for python3.12 · x86_64
    src: 1 package for python3.12 · arm64
    ");
    assert_eq!(
        resolve(&scratch, &index, "--arch arm64 --format json").json()["targets"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn requirement_lines_are_of_one_layer_and_target() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    assert_snapshot!(scratch.layerpack("build src --format requirements").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --format requirements goes with resolve only
      help: use --format json, or layerpack resolve
    ");
    assert_snapshot!(resolve(&scratch, &index, "--arch arm64 --format requirements"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --format requirements goes with one layer and one target
      help: name one SOURCE, one --runtime and one --arch
    ");
}

#[test]
fn a_wheelhouse_can_be_built_from_without_an_index() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web[fast]\n");
    let target = "--runtime python3.12 --arch x86_64";
    let ran = scratch.layerpack(&format!("fetch src -o house {target}")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    house/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
    house/templates-2.1-py3-none-any.whl
    house/web-1.2-py3-none-any.whl
    ----- stderr -----
    src: 3 packages for python3.12 · x86_64 in house
    ");
    drop(index);

    let other = Scratch::with_requirements("web[fast]\n");
    for name in scratch.names("house") {
        other.write(&format!("house/{name}"), scratch.read(&format!("house/{name}")));
    }
    let ran = other.layerpack(&format!("resolve src --no-index --find-links house --format json {target}")).run();
    assert_eq!(pins(&ran), "loop==0.9 templates==2.1 web==1.2");
    other.layerpack(&format!("build src --no-index -f house {target}")).run().fine();
}

#[test]
fn fetching_twice_changes_nothing_and_strangers_stay() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let fetch = || scratch.layerpack("fetch src -o house --arch arm64 --runtime 3.13").index(&index).run();
    fetch().fine();
    fetch().fine();
    scratch.write("house/templates-2.1-py3-none-any.whl", "mine");
    assert_snapshot!(fetch(), @"
    exit 2
    ----- stderr -----
    error[LP406]: house/templates-2.1-py3-none-any.whl is there with other bytes
      help: name another folder with -o, or move that file away
    ");
    assert_eq!(scratch.text("house/templates-2.1-py3-none-any.whl"), "mine");
}

#[test]
fn find_links_join_the_index() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    scratch.wheel("house", &pure("templates", "2.5"));
    assert_eq!(pins(&resolve(&scratch, &index, "--find-links house --format json")), "templates==2.5");
    assert_snapshot!(resolve(&scratch, &index, "--find-links nowhere"), @"
    exit 2
    ----- stderr -----
    error[LP502]: no such folder or file for --find-links: [TEMP]/work/nowhere
      help: check the path; it is relative to the working directory
    ");
}

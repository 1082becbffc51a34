//! `layerpack diff`: what changed from one layer or lock to another.

use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use insta::assert_snapshot;
use testkit::{ElfBuilder, FakeIndex, Machine};

use crate::support::{Ran, Scratch, native, pure};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

fn shop() -> FakeIndex {
    let web = |version: &str| {
        pure("web", version).requires("templates").file("web/page.html", "x".repeat(2000 * version.len()))
    };
    let elf = ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17").build();
    FakeIndex::builder()
        .wheel(web("1.0"))
        .wheel(web("1.2.3"))
        .wheel(pure("templates", "2.0").file("templates/old.py", "old = 1\n"))
        .wheel(pure("templates", "2.1").file("templates/new.py", "new = 1\n"))
        .wheel(pure("colours", "0.4"))
        .wheel(pure("shades", "0.1").file("shades/_fast.cpython-312-x86_64-linux-gnu.so", elf))
        .wheel(native("tables", "1.0", Machine::X86_64, "2.28"))
        .wheel(native("tables", "2.0", Machine::X86_64, "2.39"))
        .start()
}

/// `old` and `new` built, each with its lock beside its requirements.
fn built(index: &FakeIndex) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("old/requirements.txt", "web==1.0\ntemplates==2.0\ncolours\n");
    scratch.write("new/requirements.txt", "web\ntemplates\ntables\nshades\n");
    for name in ["old", "new"] {
        let build = format!("build {name} {TARGET} --name layer --out-dir out-{name}");
        scratch.layerpack(&build).index(index).run().fine();
        // Afterwards: a build from a lock does not know what is held back.
        scratch.layerpack(&format!("lock {name} {TARGET}")).index(index).run().fine();
    }
    scratch
}

fn out(side: &str, suffix: &str) -> String {
    format!("out-{side}/layer-python3.12-x86_64{suffix}")
}

fn diff(scratch: &Scratch, arguments: &str) -> Ran {
    scratch.layerpack(&format!("diff {arguments}")).run()
}

#[test]
fn two_reports() {
    let scratch = built(&shop());
    let (old, new) = (out("old", ".json"), out("new", ".json"));
    assert_snapshot!(diff(&scratch, &format!("{old} {new}")), @"
    exit 0
    ----- stdout -----
    2 packages changed, 2 added, 1 removed · 29 files differ
    8 kB → 13 kB unzipped (+6 kB) · 4 kB → 5 kB zipped (+2 kB)
      changed  web        1.0 → 1.2.3        +4 kB   +17 bytes zipped
      added    tables     1.0                +2 kB       +2 kB zipped
      added    shades     0.1          +1014 bytes       +2 kB zipped
      removed  colours    0.4           -416 bytes  -914 bytes zipped
      changed  templates  2.0 → 2.1                   -3 bytes zipped
    files, the largest changes first:
      changed       +4 kB  python/web/page.html
      added    +504 bytes  python/shades/_fast.cpython-312-x86_64-linux-gnu.so
      added    +504 bytes  python/tables/_native.cpython-312-x86_64-linux-gnu.so
      added    +371 bytes  python/tables-1.0.dist-info/RECORD
      added    +368 bytes  python/shades-0.1.dist-info/RECORD
      removed  -350 bytes  python/templates-2.0.dist-info/RECORD
      added    +350 bytes  python/templates-2.1.dist-info/RECORD
      added    +333 bytes  python/web-1.2.3.dist-info/RECORD
      removed  -326 bytes  python/web-1.0.dist-info/RECORD
      removed  -272 bytes  python/colours-0.4.dist-info/RECORD
      and 19 more: --files lists all
    held back:
      + tables 1.0 (2.0 is newer: needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34)
    ");
    let markdown = diff(&scratch, &format!("{old} {new} --format markdown"));
    assert_snapshot!(markdown, @r"
    exit 0
    ----- stdout -----
    **2 packages changed, 2 added, 1 removed · 29 files differ** · 8 kB → 13 kB unzipped (+6 kB) · 4 kB → 5 kB zipped (+2 kB)

    | package | before | after | unzipped | zipped |
    | --- | --- | --- | ---: | ---: |
    | web | 1.0 | 1.2.3 | +4 kB | +17 bytes |
    | tables |  | 1.0 | +2 kB | +2 kB |
    | shades |  | 0.1 | +1014 bytes | +2 kB |
    | colours | 0.4 |  | -416 bytes | -914 bytes |
    | templates | 2.0 | 2.1 | ±0 | -3 bytes |

    <details><summary>29 files</summary>

    | file | | bytes |
    | --- | --- | ---: |
    | python/web/page.html | changed | +4 kB |
    | python/shades/\_fast.cpython-312-x86\_64-linux-gnu.so | added | +504 bytes |
    | python/tables/\_native.cpython-312-x86\_64-linux-gnu.so | added | +504 bytes |
    | python/tables-1.0.dist-info/RECORD | added | +371 bytes |
    | python/shades-0.1.dist-info/RECORD | added | +368 bytes |
    | python/templates-2.0.dist-info/RECORD | removed | -350 bytes |
    | python/templates-2.1.dist-info/RECORD | added | +350 bytes |
    | python/web-1.2.3.dist-info/RECORD | added | +333 bytes |
    | python/web-1.0.dist-info/RECORD | removed | -326 bytes |
    | python/colours-0.4.dist-info/RECORD | removed | -272 bytes |
    | python/tables-1.0.dist-info/WHEEL | added | +100 bytes |
    | python/colours-0.4.dist-info/WHEEL | removed | -78 bytes |
    | python/shades-0.1.dist-info/WHEEL | added | +78 bytes |
    | python/templates-2.0.dist-info/WHEEL | removed | -78 bytes |
    | python/templates-2.1.dist-info/WHEEL | added | +78 bytes |
    | python/web-1.0.dist-info/WHEEL | removed | -78 bytes |
    | python/web-1.2.3.dist-info/WHEEL | added | +78 bytes |
    | python/web-1.2.3.dist-info/METADATA | added | +72 bytes |
    | python/web-1.0.dist-info/METADATA | removed | -70 bytes |
    | python/templates-2.0.dist-info/METADATA | removed | -51 bytes |
    | python/templates-2.1.dist-info/METADATA | added | +51 bytes |
    | python/colours-0.4.dist-info/METADATA | removed | -49 bytes |
    | python/shades-0.1.dist-info/METADATA | added | +48 bytes |
    | python/tables-1.0.dist-info/METADATA | added | +48 bytes |
    | python/tables/\_\_init\_\_.py | added | +22 bytes |
    | python/colours/\_\_init\_\_.py | removed | -17 bytes |
    | python/shades/\_\_init\_\_.py | added | +16 bytes |
    | python/templates/new.py | added | +8 bytes |
    | python/templates/old.py | removed | -8 bytes |

    </details>

    Held back:

    - new: tables 1.0 (2.0 is newer: needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34)
    ");
    let all = diff(&scratch, &format!("{old} {new} --files"));
    assert!(!all.stdout.contains("--files lists all"), "{all}");
    let json = diff(&scratch, &format!("{old} {new} --format json")).json();
    assert_eq!(json["held_back"]["gained"][0]["name"], "tables");
    assert_eq!((json["differs"].as_bool(), json["old"]["kind"].as_str()), (Some(true), Some("report")));
}

#[test]
fn all_kinds_of_one_layer_are_the_same() {
    let scratch = built(&shop());
    let kinds = [out("new", ".json"), out("new", ".zip"), out("new", ""), "new/pylock.toml".to_owned()];
    for one in &kinds {
        for two in &kinds {
            let ran = diff(&scratch, &format!("{one} {two} --exit-code")).fine();
            assert!(ran.stdout.starts_with("no difference\n"), "{one} {two}: {ran}");
        }
    }
    assert_snapshot!(diff(&scratch, &format!("{} new/pylock.toml", out("new", ".json"))), @"
    exit 0
    ----- stdout -----
    no difference
    not compared: bytes unzipped, bytes zipped, files, findings, versions held back (new/pylock.toml is a lock)
    ");
    assert_snapshot!(diff(&scratch, &format!("{} {}", out("new", ".zip"), out("new", ""))), @"
    exit 0
    ----- stdout -----
    no difference
    not compared: bytes zipped (out-new/layer-python3.12-x86_64 is a folder)
    ");
}

#[test]
fn different_kinds_of_different_layers() {
    let scratch = built(&shop());
    let sides = |one: &str, two: &str| diff(&scratch, &format!("{} {}", out("old", one), out("new", two))).stdout;
    // What is said of zips and folders is what the reports say, as far as it is known.
    let first = |said: &str, lines: usize| said.lines().take(lines).map(str::to_owned).collect::<Vec<_>>();
    let all = 18;
    assert_eq!(first(&sides(".zip", ".zip"), all), first(&sides(".json", ".json"), all));
    assert_eq!(sides("", "").lines().next(), sides(".json", ".json").lines().next());
    assert_snapshot!(diff(&scratch, &format!("old/pylock.toml {}", out("new", ".zip"))), @"
    exit 0
    ----- stdout -----
    2 packages changed, 2 added, 1 removed
      removed  colours    0.4
      added    shades     0.1
      added    tables     1.0
      changed  templates  2.0 → 2.1
      changed  web        1.0 → 1.2.3
    not compared: bytes unzipped, bytes zipped, files (old/pylock.toml is a lock)
    ");
}

#[test]
fn exit_codes() {
    let scratch = built(&shop());
    let code = |arguments: &str| diff(&scratch, arguments).code;
    assert_eq!(code("old/pylock.toml new/pylock.toml"), 0);
    assert_eq!(code("old/pylock.toml new/pylock.toml --exit-code"), 1);
    assert_eq!(code("old/pylock.toml old/pylock.toml --exit-code"), 0);
    assert_eq!(code("old/pylock.toml nowhere --exit-code"), 2);
}

#[test]
fn a_lock_on_stdin() {
    let scratch = built(&shop());
    for (name, kind) in [("old/pylock.toml", "lock"), (&out("old", ".json"), "report"), (&out("old", ".zip"), "zip")] {
        let file = fs_err::File::open(scratch.path(name)).expect("it was written");
        let output = Command::new(cargo_bin("layerpack"))
            .args(["diff", "-", "new/pylock.toml", "--format", "json"])
            .current_dir(scratch.path("."))
            .env_clear()
            .stdin(Stdio::from(file.into_parts().0))
            .output()
            .expect("layerpack starts");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(
            (document["old"]["kind"].as_str(), document["differs"].as_bool()),
            (Some(kind), Some(true)),
            "{name}"
        );
    }
}

#[test]
fn locks_of_several_targets() {
    let scratch = Scratch::new();
    let uv = |version: &str| {
        format!(
            "version = 1\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"app\"\nversion = \"0\"\nsource = {{ virtual = \".\" }}\n\
             dependencies = [{{ name = \"colours\", marker = \"sys_platform == 'win32'\" }}, {{ name = \"web\" }}]\n\n\
             [[package]]\nname = \"colours\"\nversion = \"{version}\"\nsource = {{ registry = \"https://index.example/simple\" }}\n\
             resolution-markers = [\"sys_platform == 'win32'\"]\n\n\
             [[package]]\nname = \"web\"\nversion = \"1.0\"\nsource = {{ registry = \"https://index.example/simple\" }}\n\
             wheels = [{{ url = \"https://index.example/web-1.0-py3-none-any.whl\", hash = \"sha256:{}\" }}]\n",
            version.repeat(64).get(..64).unwrap_or_default()
        )
    };
    scratch.write("a/uv.lock", uv("1")).write("b/anything", uv("2"));
    assert_snapshot!(diff(&scratch, "a/uv.lock b/anything"), @"
    exit 0
    ----- stdout -----
    1 package changed, 1 of the same version with other files
      changed      colours
        - 1 (sys_platform == 'win32')
        + 2 (sys_platform == 'win32')
      other files  web      1.0
    ----- stderr -----
    all that is locked, for any target: choose one with --runtime and --arch
    ");
    assert_snapshot!(diff(&scratch, &format!("a/uv.lock b/anything {TARGET}")), @"
    exit 0
    ----- stdout -----
    1 package of the same version with other files
      other files  web  1.0
    ");
    assert_eq!(diff(&scratch, "a/uv.lock b/anything --runtime python3.12").refused().code, 2);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let scratch = built(&shop());
    let report = scratch.text(&out("old", ".json"));
    scratch
        .write("newer.json", report.replacen("\"schema\": 1", "\"schema\": 2", 1))
        .write("cut.json", report.get(..report.len() / 2).expect("ASCII"))
        .write("printed.json", "{\"schema\": 1, \"command\": \"build\", \"targets\": []}")
        .write("notes.txt", "hello\n")
        .write("cut.zip", "PK\u{3}\u{4} and nothing")
        .write("uv.lock", "version = \n");
    for name in ["newer.json", "cut.json", "printed.json", "notes.txt", "cut.zip", "uv.lock", "nowhere"] {
        let ran = diff(&scratch, &format!("{name} new/pylock.toml")).refused();
        assert!(ran.stdout.is_empty(), "{ran}");
    }
    assert_snapshot!(diff(&scratch, "newer.json new/pylock.toml"), @"
    exit 2
    ----- stderr -----
    error[LP506]: newer.json has schema 2, this layerpack knows schema 1
      help: use the layerpack that wrote it, or build the layer again with this one
    ");
    assert_snapshot!(diff(&scratch, "printed.json new/pylock.toml"), @"
    exit 2
    ----- stderr -----
    error[LP506]: printed.json is what --format json prints, not a report
      help: name the .json file that layerpack build writes beside the zip
    ");
    assert_snapshot!(diff(&scratch, "notes.txt new/pylock.toml"), @"
    exit 2
    ----- stderr -----
    error[LP506]: notes.txt is no zip, folder, report or lock that layerpack knows
      help: it reads pylock.toml, uv.lock, poetry.lock, Pipfile.lock, the reports of layerpack build, zips and folders
    ");
    assert_eq!(diff(&scratch, "- -").refused().code, 2);
    let reports = format!("{} {} {TARGET}", out("old", ".json"), out("new", ".json"));
    assert_eq!(diff(&scratch, &reports).refused().code, 2);
    assert_eq!(scratch.layerpack("check old --format markdown").run().refused().code, 2);
}

//! Pipfile.lock.

use std::path::Path;

use insta::assert_snapshot;
use pypi_resolve::lock::{LockError, PipfileLock};

use crate::make::{Pages, digest, failed, outcome, selection, target, with_digests};

pub(crate) const LOCK: &str = r#"{
    "_meta": {
        "hash": {
            "sha256": "HASH"
        },
        "pipfile-spec": 6,
        "requires": {
            "python_version": "3.12"
        },
        "sources": [
            {
                "name": "main",
                "url": "https://index.example/simple",
                "verify_ssl": true
            },
            {
                "name": "private",
                "url": "https://${USER}:$TOKEN@private.example/simple",
                "verify_ssl": true
            }
        ]
    },
    "default": {
        "colours": {
            "hashes": [
                "sha256:SHA(colours-0.4-py3-none-any.whl)"
            ],
            "markers": "sys_platform == 'win32'",
            "version": "==0.4"
        },
        "loop": {
            "hashes": [
                "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl)",
                "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl)",
                "sha256:SHA(loop-0.9.tar.gz)"
            ],
            "markers": "python_version >= '3.8'",
            "version": "==0.9"
        },
        "web": {
            "extras": [
                "fast"
            ],
            "hashes": [
                "sha256:SHA(web-1.2-py3-none-any.whl)"
            ],
            "index": "private",
            "version": "==1.2"
        }
    },
    "develop": {
        "testing": {
            "hashes": [
                "sha256:SHA(testing-9.0-py3-none-any.whl)"
            ],
            "version": "==9.0"
        },
        "web": {
            "hashes": [
                "sha256:SHA(web-1.2-py3-none-any.whl)"
            ],
            "version": "==1.2"
        }
    }
}
"#;

const X86_64: &str = "loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl";

fn parse(text: &str) -> Result<PipfileLock, LockError> {
    PipfileLock::parse(Path::new("app/Pipfile.lock"), with_digests(text).as_bytes())
}

fn pages() -> Pages {
    Pages::of(&[
        "loop-0.8-py3-none-any.whl",
        "loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl",
        "loop-0.9-cp312-cp312-manylinux_2_28_x86_64.whl",
        X86_64,
        "testing-9.0-py3-none-any.whl",
        "web-1.2-py3-none-any.whl",
    ])
}

fn on(text: &str, on: &str, chosen: &str, pages: &Pages) -> String {
    outcome(
        parse(text).and_then(|lock| {
            lock.select(&target(on), &selection(chosen), &|name| Some(format!("{}-value", name.to_lowercase())))
        }),
        pages,
    )
}

/// A wheel that was uploaded since is not taken, though it would rank higher.
#[test]
fn files_are_found_by_their_digests() {
    assert_snapshot!(on(LOCK, "python3.12 x86_64", "", &pages()), @"
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
    web-1.2-py3-none-any.whl
    ");
    assert_snapshot!(on(LOCK, "python3.12 arm64", "@develop", &pages()), @"
    loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl
    testing-9.0-py3-none-any.whl
    web-1.2-py3-none-any.whl
    ");
}

#[test]
fn digests_are_held_against_the_index() {
    let other = |file: &mut pypi_resolve::index::IndexFile| file.sha256 = Some(digest("other"));
    let said = on(LOCK, "python3.12 x86_64", "", &pages().edit("web-1.2-py3-none-any.whl", other));
    assert_snapshot!(said.replace(&digest("other").to_string(), "OTHER"), @"
    LP306: https://index.example/simple/ has web-1.2-py3-none-any.whl with sha256 OTHER, and app/Pipfile.lock line 40 locks other digests for web 1.2
      help: the file was replaced since it was locked, or comes from another index than was locked: tell the index's owner, or write the lock anew with pipenv lock if you trust it
    ");
    let without =
        LOCK.replace("SHA(loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl)", "SHA(loop-0.9-py3-none-win32.whl)");
    assert_snapshot!(on(&without, "python3.12 x86_64", "", &pages()), @"
    LP305: app/Pipfile.lock has no wheel that loads on python3.12 · x86_64 for loop 0.9 (its only wheel: built for arm64; the target is x86_64)
      help: name another runtime or architecture, or ask for versions that have a wheel for this one and run pipenv lock
    ");
    assert_snapshot!(on(&LOCK.replace("==0.9", "==0.7"), "python3.12 x86_64", "", &pages()), @"
    LP302: https://index.example/simple/ has no loop 0.7, which app/Pipfile.lock line 31 names
      help: name the index that has it with --index-url, or write the lock anew with pipenv lock
    ");
}

#[test]
fn sources_with_variables() {
    let set = parse(LOCK).and_then(|lock| {
        lock.select(&target("python3.12 x86_64"), &selection(""), &|name| {
            Some(format!("{}-value", name.to_lowercase()))
        })
    });
    let set = set.expect("a sound lock");
    let indexes: Vec<String> = set.indexes().map(|(name, url)| format!("{name} {url}")).collect();
    assert_eq!(indexes, ["loop https://index.example/simple", "web https://private.example/simple"]);
    assert!(!format!("{set:?}").contains("token-value"), "credentials are not shown");

    let unset = |name: &str| Some(name.to_owned()).filter(|name| name == "USER");
    let lock = parse(LOCK).expect("a sound lock");
    let error = lock.select(&target("python3.12 x86_64"), &selection(""), &unset).expect_err("TOKEN is not set");
    assert_snapshot!(failed(&error), @"
    LP501: app/Pipfile.lock line 40: a source needs the environment variable `TOKEN`, which is not set
      help: set it, or name the index with --index-url
    ");
}

#[test]
fn what_is_refused() {
    assert_snapshot!(on(LOCK, "python3.13 x86_64", "", &pages()), @"
    LP310: app/Pipfile.lock does not hold on python3.13 · x86_64: it was locked for Python 3.12
      help: name a runtime that it admits with --runtime, or let the project admit this one and run pipenv lock
    ");
    assert_snapshot!(on(LOCK, "python3.12 x86_64", "@docs", &pages()), @"
    LP501: app/Pipfile.lock has no group `docs`
      help: it has develop
    ");
    let entry = |entry: &str| {
        LOCK.replace(
            "\"index\": \"private\",\n            \"version\": \"==1.2\"\n        }\n    },",
            &format!("{entry}\n        }}\n    }},"),
        )
    };
    assert_snapshot!(on(&entry("\"git\": \"https://git.example/web.git\", \"ref\": \"abc\""), "python3.12 x86_64", "", &pages()), @"
    LP506: app/Pipfile.lock has what would have to be built: web (line 40: git https://git.example/web.git)
      help: have projects and repositories built here by uv or pip with --build NAME; or build wheels with `pip wheel --no-deps` and put them beside the lock, or let the project name them and run pipenv lock
    ");
    assert_snapshot!(on(&entry("\"editable\": true, \"path\": \"libs/web\""), "python3.12 x86_64", "", &pages()), @"
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
    note: app/Pipfile.lock: web (libs/web) is not packed
    ");
    assert_snapshot!(on(&entry("\"path\": \"./whl/web-1.2-py3-none-any.whl\""), "python3.12 x86_64", "", &pages()), @"
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
    web-1.2-py3-none-any.whl
    ");
    assert_snapshot!(on(&entry("\"version\": \">=1.2\""), "python3.12 x86_64", "", &pages()), @"
    LP311: app/Pipfile.lock line 40: package web: `version` is `>=1.2`, which pins none
      help: write the lock anew with pipenv lock, or mend the line
    ");
}

#[test]
fn what_cannot_be_read() {
    let said = |text: &str| failed(&parse(text).expect_err(text));
    assert_snapshot!(said(&LOCK.replace("\"pipfile-spec\": 6", "\"pipfile-spec\": 7")), @"
    LP311: app/Pipfile.lock line 6: pipfile-spec is 7; layerpack reads 6
      help: look for a newer layerpack that reads this version, or write the lock with another release of the tool
    ");
    assert_snapshot!(said("{\n  \"_meta\": {\n"), @"
    LP311: app/Pipfile.lock line 3, column 1: EOF while parsing an object
      help: write the lock anew with pipenv lock, or mend the line
    ");
    assert_snapshot!(said("{\"default\": {}}"), @"
    LP311: app/Pipfile.lock line 1: `_meta` is missing
      help: write the lock anew with pipenv lock, or mend the line
    ");
    assert_snapshot!(said(&LOCK.replace("\"==0.9\"", "9")), @"
    LP311: app/Pipfile.lock line 31: package loop: `version` is no text
      help: write the lock anew with pipenv lock, or mend the line
    ");
}

/// The hashes are those that pipenv gives this Pipfile, with names as written and normalised.
#[test]
fn a_lock_must_match_its_pipfile() {
    let pipfile = "[packages]\nWeb_App = {extras = [\"fast\"], version = \"*\"}\n\n[dev-packages]\n\n[docs]\nsphinx = \"*\"\n\
                   \n[requires]\npython_version = \"3.12\"\n";
    for hash in [
        "f26a4e54d90cfdedb9fbb21f5867706a1f0061c340fb019450165246ccf46d3a",
        "49706d38c0db19a834b52ba35e1634ed96795e9c30aa7fa7b02122b60c748430",
    ] {
        let lock = parse(&LOCK.replace("\"HASH\"", &format!("\"{hash}\""))).expect("a sound lock");
        assert!(lock.matches(pipfile).is_ok(), "{hash}");
        let changed = lock.matches(&pipfile.replace("sphinx", "mkdocs")).expect_err(hash);
        assert_eq!(
            failed(&changed),
            "LP310: app/Pipfile.lock no longer matches app/Pipfile: its hash is that of another Pipfile\n  help: run pipenv lock, or take the lock as it is with --frozen"
        );
    }
}

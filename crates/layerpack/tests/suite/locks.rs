//! uv.lock, poetry.lock, Pipfile.lock and pyproject.toml as sources: built from as they are, with their hashes.

use insta::assert_snapshot;
use testkit::{FakeIndex, FakeIndexBuilder};

use crate::locked_shop::{LOCKS, PIPFILE, POETRY, PROJECT, TARGET, UV, names, source, start, wheels, written, zip};
use crate::support::{Scratch, filtered, pure};

/// The versions are the older ones, and no flag names an index.
#[test]
fn each_lock_gives_the_same_layer() {
    let index = start();
    let mut layers = Vec::new();
    for lock in LOCKS {
        let scratch = source(&index, &[lock]);
        let ran = scratch.layerpack(&format!("build src {TARGET} --emit zip")).run().fine();
        assert!(
            ran.stderr.contains(&format!(
                "(src/{})
3 packages
",
                lock.0
            )),
            "{ran}"
        );
        scratch.layerpack("build src --runtime python3.12 --arch arm64 --emit zip").run().fine();
        layers.push((zip(&scratch, "python3.12-x86_64"), zip(&scratch, "python3.12-arm64")));
    }
    assert!(layers.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(layers[0].0 != layers[0].1, "loop is another wheel for each architecture");
}

#[test]
fn what_is_said_of_a_lock() {
    let index = start();
    let scratch = source(&index, &[("uv.lock", UV), ("pyproject.toml", PROJECT), ("requirements.txt", "templates\n")]);
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET}")).run(), @"
    exit 0
    ----- stdout -----
    loop       0.9
    templates  2.0
    web        1.2
    ----- stderr -----
    src: packages from uv.lock, not from requirements.txt (--from chooses)
    note[LP508]: src/uv.lock: shop (the project itself) is not packed
             help: to have it in the layer, put its code under python/ of the source, or a wheel of it beside the lock
    src: 3 packages for python3.12 · x86_64, from uv.lock
    ");
    assert_snapshot!(scratch.layerpack(&format!("build src {TARGET} --emit zip")).run(), @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip   sha256 [SHA256]
    ----- stderr -----
    src: packages from uv.lock, not from requirements.txt (--from chooses)
    note[LP508]: src/uv.lock: shop (the project itself) is not packed
             help: to have it in the layer, put its code under python/ of the source, or a wheel of it beside the lock
    src   python3.12 · x86_64   (src/uv.lock)
    3 packages
    2 kB of 250.0 MB unzipped · 4 kB zipped
    ");
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET} --from requirements.txt")).index(&index).run(), @"
    exit 0
    ----- stdout -----
    templates  2.1  895 bytes
    ----- stderr -----
    src: 1 package for python3.12 · x86_64
    ");
    assert_snapshot!(scratch.layerpack(&format!("lock src {TARGET}")).run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: src/uv.lock is a lock already
      help: build takes it as it is, uv lock writes it anew; to lock something else, name that with --from
    ");
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET} --from Cargo.lock")).run(), @"
    exit 2
    ----- stderr -----
    error[LP502]: Cargo.lock: no such file, in src or here
      help: --from names one of pylock.toml, uv.lock, poetry.lock, Pipfile.lock, requirements.txt, pyproject.toml, or another requirements file
    ");
    scratch.write("src/Cargo.lock", "version = 4\n");
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET} --from Cargo.lock")).run(), @"
    exit 2
    ----- stderr -----
    error[LP506]: src/Cargo.lock: no file of packages that layerpack reads
      help: it reads pylock.toml, uv.lock, poetry.lock, Pipfile.lock, requirements.txt, pyproject.toml, by these names, and requirements files of any other
    ");
}

#[test]
fn extras_and_groups() {
    let index = start();
    for (file, text, flags, more) in [
        ("uv.lock", UV, "--extra Extra --group dev", vec!["colours", "testing"]),
        ("poetry.lock", POETRY, "--group dev", vec!["testing"]),
        ("Pipfile.lock", PIPFILE, "--group develop", vec!["testing"]),
        ("pyproject.toml", PROJECT, "--extra=extra --group=dev", vec!["colours", "testing"]),
    ] {
        let scratch = source(&index, &[(file, text)]);
        let run = |flags: &str| {
            names(&scratch.layerpack(&format!("resolve src {TARGET} --format json {flags}")).index(&index).run().fine())
        };
        let plain = ["loop", "templates", "web"];
        assert_eq!(run(""), plain, "{file}");
        let mut all: Vec<&str> = plain.into_iter().chain(more).collect();
        all.sort_unstable();
        assert_eq!(run(flags), all, "{file}");
    }
    let requirements = source(&index, &[("requirements.txt", "web\n")]);
    assert_snapshot!(requirements.layerpack("resolve src --extra fast").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --extra does not go with src
      help: it goes with pyproject.toml or a lock that has extras
    ");
    let pipfile = source(&index, &[("Pipfile.lock", PIPFILE)]);
    assert_snapshot!(pipfile.layerpack("resolve src --extra fast").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --extra does not go with src
      help: it goes with pyproject.toml or a lock that has extras
    ");
    assert_snapshot!(pipfile.layerpack("resolve src --package x").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --package does not go with src
      help: it goes with uv.lock
    ");
    assert_snapshot!(pipfile.layerpack("resolve src --group -x").run().refused(), @"
    exit 2
    ----- stderr -----
    error: unexpected argument '-x' found

      tip: to pass '-x' as a value, use '-- -x'

    Usage: layerpack resolve [OPTIONS] [SOURCE]...

    For more information, try '--help'.
    ");
    assert_snapshot!(pipfile.layerpack("resolve src/Pipfile.lock --from uv.lock").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: --from goes with one folder
      help: name one folder as SOURCE, or the file itself instead of a folder
    ");
}

#[test]
fn other_digests_than_the_locked_ones_are_refused() {
    let index = start();
    let wrong = |text: &str| text.replace("SHA(web-1.2-py3-none-any.whl)", &"0".repeat(64));
    let said: Vec<String> = LOCKS
        .iter()
        .map(|(file, text)| {
            let scratch = source(&index, &[(file, &wrong(text))]);
            let ran = scratch.layerpack(&format!("build src {TARGET}")).run().refused();
            format!("# {file}\n{ran}").replace(&"0".repeat(64), "[LOCKED]")
        })
        .collect();
    assert_snapshot!(said.join("\n"), @"
    # uv.lock
    exit 1
    ----- stderr -----
    note[LP508]: src/uv.lock: shop (the project itself) is not packed
             help: to have it in the layer, put its code under python/ of the source, or a wheel of it beside the lock
    error[LP306]: http://127.0.0.1:PORT/files/web-1.2-py3-none-any.whl has sha256 [SHA256], not [SHA256] as promised
      help: the file was replaced or damaged on the way: try again with --refresh, and if it stays, tell the index's owner

    # poetry.lock
    exit 1
    ----- stderr -----
    error[LP306]: http://127.0.0.1:PORT/simple has web-1.2-py3-none-any.whl with sha256 [SHA256], and src/poetry.lock line 57 locks [SHA256]
      help: the file was replaced since it was locked, or comes from another index than was locked: tell the index's owner, or write the lock anew with poetry lock if you trust it

    # Pipfile.lock
    exit 1
    ----- stderr -----
    error[LP306]: http://127.0.0.1:PORT/simple has web-1.2-py3-none-any.whl with sha256 [SHA256], and src/Pipfile.lock line 11 locks other digests for web 1.2
      help: the file was replaced since it was locked, or comes from another index than was locked: tell the index's owner, or write the lock anew with pipenv lock if you trust it
    ");
}

#[test]
fn a_lock_that_no_longer_matches_its_project() {
    let index = start();
    let changed = PROJECT.replace("web[fast]>=1", "web[fast]>=2");
    let scratch = source(&index, &[("uv.lock", UV), ("pyproject.toml", &changed)]);
    assert_snapshot!(scratch.layerpack(&format!("build src {TARGET}")).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/uv.lock no longer matches src/pyproject.toml line 4: web[fast]>=2 was not asked for when it was locked
      help: run uv lock, or take the lock as it is with --frozen
    ");
    scratch.layerpack(&format!("build src {TARGET} --frozen")).run().fine();
    scratch.write("src/pyproject.toml", PROJECT);
    scratch.layerpack(&format!("build src {TARGET} --locked")).run().fine();
}

#[test]
fn a_project_is_resolved_locked_and_held_against_its_lock() {
    let index = start();
    let scratch = source(&index, &[("pyproject.toml", PROJECT)]);
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET}")).index(&index).run(), @"
    exit 0
    ----- stdout -----
    loop       0.9       2 kB
    templates  2.1  895 bytes
    web        1.2  901 bytes
    ----- stderr -----
    src: 3 packages for python3.12 · x86_64
    ");
    assert_snapshot!(scratch.layerpack("resolve src --runtime python3.9").index(&index).run().refused(), @r#"
    exit 1
    ----- stderr -----
    warning[LP510]: nobody named an architecture: this is for python3.9 · x86_64; pin it with --arch
    error[LP105]: src/pyproject.toml line 3: the project is not for Python 3.9.23, which python3.9 has
      requires-python = ">=3.10"
                        ^^^^^^^^
      help: name a runtime that it is for with --runtime, or widen what the line says
    "#);
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    let ran = scratch.layerpack("build src --emit zip").run().fine();
    assert!(ran.stderr.contains("(src/pylock.toml)"), "{ran}");
    scratch.write("src/pyproject.toml", PROJECT.replace("web[fast]>=1", "web[fast]>=1.3"));
    assert_snapshot!(scratch.layerpack("build src").run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/pyproject.toml line 4 asks for web[fast]>=1.3, src/pylock.toml has 1.2
      help: run layerpack lock src
    ");
    scratch.write("src/pyproject.toml", PROJECT.replace("web[fast]", "web"));
    assert_snapshot!(scratch.layerpack("build src").run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src names other packages, extras or markers than src/pylock.toml was made from
      help: run layerpack lock src
    ");
    scratch.write("src/pyproject.toml", "[tool.black]\nline-length = 100\n");
    fs_err::remove_file(scratch.path("src/pylock.toml")).expect("it was written");
    assert_snapshot!(scratch.layerpack("build src").run(), @"
    exit 2
    ----- stderr -----
    error[LP503]: src/pyproject.toml names no package
      help: it holds the settings of tools only: write requirements.txt, or [project] with dependencies
    ");
}

/// A pylock.toml that another tool wrote from the project stands for itself, with its own extras and groups.
#[test]
fn a_pylock_of_another_tool_beside_a_project() {
    let index = start();
    let package = |name: &str, version: &str, marker: &str| {
        let file = format!("{name}-{version}-py3-none-any.whl");
        format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\n{marker}wheels = [{{ url = \"INDEX/files/{file}\", hashes = {{ sha256 = \"SHA({file})\" }} }}]\n"
        )
    };
    let pylock = [
        "lock-version = \"1.0\"\ncreated-by = \"another\"\nextras = [\"extra\"]\ndependency-groups = [\"dev\"]\n",
        &package("templates", "2.0", ""),
        &package("colours", "0.4", "marker = \"'extra' in extras\"\n"),
        &package("testing", "9.0", "marker = \"'dev' in dependency_groups\"\n"),
    ]
    .concat();
    let scratch = source(&index, &[("pyproject.toml", PROJECT), ("pylock.toml", &pylock)]);
    let run =
        |flags: &str| names(&scratch.layerpack(&format!("resolve src {TARGET} --format json {flags}")).run().fine());
    assert_eq!(run(""), ["templates"]);
    assert_eq!(run("--extra extra --group dev"), ["colours", "templates", "testing"]);
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET} --extra nope")).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP316]: src/pylock.toml has no extra `nope`
      help: it has extra
    ");
}

#[test]
fn local_wheels_beside_a_lock() {
    let index = start();
    let scratch = source(&index, &[("uv.lock", UV)]);
    scratch.wheel("src", &pure("shop", "0.1.0"));
    let ran = scratch.layerpack(&format!("resolve src {TARGET} --format json")).run().fine();
    assert_eq!(names(&ran), ["loop", "shop", "templates", "web"]);
    assert_eq!(ran.stderr, "");
    scratch.wheel("src", &pure("web", "1.3"));
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET}")).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/web-1.3-py3-none-any.whl is not the wheel that src/uv.lock was made with
      help: write the lock anew with uv lock
    ");
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET} -r src/uv.lock")).run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: -r src/uv.lock does not go with src/uv.lock
      help: a lock is complete: add what is needed to its project, or name another file with --from
    ");
}

/// Another index than the locked one is asked where a flag names it, and its files must be the locked ones.
#[test]
fn flags_come_before_the_indexes_of_a_lock() {
    let locked = start();
    let other = FakeIndex::builder().wheel(pure("web", "1.2").file("web/more.py", "")).start();
    let scratch = source(&locked, &[("poetry.lock", POETRY)]);
    assert_snapshot!(scratch.layerpack(&format!("resolve src {TARGET}")).index(&other).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP301]: no index knows `loop`: asked http://127.0.0.1:PORT/simple/
      help: check the spelling; if it is on a private index, name that with --index or --extra-index-url
    ");
    locked.forget_requests();
    let both = ["--index-url", &other.url(), "--extra-index-url", &locked.url()];
    let ran = scratch.layerpack(&format!("resolve src {TARGET} --format json")).arguments(both).run().fine();
    assert_eq!(names(&ran), ["loop", "templates", "web"], "web is asked for at the locked index, not at the first");
}

/// pipenv has secrets in variables; they get into no output.
#[test]
fn credentials_of_a_pipfile() {
    let index = wheels().iter().fold(FakeIndex::builder(), FakeIndexBuilder::wheel).basic_auth("me", "s3cret").start();
    let text = written(PIPFILE, &index).replace("http://127", "http://${USER}:$TOKEN@127");
    let scratch = Scratch::new();
    scratch.write("src/Pipfile.lock", text);
    let run = || scratch.layerpack(&format!("build src {TARGET} --emit zip -vv"));
    let ran = run().env("USER", "me").env("TOKEN", "s3cret").run().fine();
    assert!(!format!("{ran}").contains("s3cret") && !ran.stdout.contains("s3cret"), "{ran}");
    assert_snapshot!(scratch.layerpack(&format!("build src {TARGET}")).env("USER", "me").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: src/Pipfile.lock: a source needs the environment variable `TOKEN`, which is not set
      help: set it, or name the index with --index-url
    ");
}

#[test]
fn a_second_build_does_nothing_but_another_selection_does() {
    let index = start();
    let scratch = source(&index, &[("uv.lock", UV)]);
    let build = |flags: &str| scratch.layerpack(&format!("build src {TARGET} --emit zip {flags}")).run().fine().stderr;
    assert!(!build("").contains("nothing has changed"));
    assert!(build("").contains("nothing has changed"));
    let with_group = build("--group dev");
    assert!(!with_group.contains("nothing has changed") && with_group.contains("4 packages"), "{with_group}");
}

/// Locks of Poetry and pipenv do not say where their files are: what was built says that nobody has to be asked.
#[test]
fn a_second_build_asks_for_no_page() {
    for (name, text) in [("poetry.lock", POETRY), ("Pipfile.lock", PIPFILE)] {
        let index = start();
        let scratch = source(&index, &[(name, text)]);
        let build = || {
            index.forget_requests();
            let run = scratch.layerpack(&format!("build src {TARGET} --emit zip --refresh")).index(&index);
            (run.run().fine().stderr.contains("nothing has changed"), index.requests().len())
        };
        assert!(build().1 > 0, "{name}");
        assert_eq!(build(), (true, 0), "{name}");
    }
}

#[test]
fn an_unreadable_lock_is_named_with_line_and_column() {
    let scratch = Scratch::new();
    let said: Vec<String> = [
        ("uv.lock", "version = 1\n[[package]]\nname = \n"),
        ("poetry.lock", "x"),
        ("Pipfile.lock", "{\n  \"_meta\": [}"),
        ("pyproject.toml", "[project]\nname = 1\n"),
    ]
    .iter()
    .map(|(file, text)| {
        scratch.write(&format!("{file}-folder/{file}"), text);
        format!("# {file}\n{}", scratch.layerpack(&format!("build {file}-folder")).run())
    })
    .collect();
    assert_snapshot!(filtered(&said.join("\n"), &scratch.path("")), @"
    # uv.lock
    exit 2
    ----- stderr -----
    error[LP311]: uv.lock-folder/uv.lock line 3, column 8: string values must be quoted, expected literal string
      help: write the lock anew with uv lock, or mend the line

    # poetry.lock
    exit 2
    ----- stderr -----
    error[LP311]: poetry.lock-folder/poetry.lock line 1, column 2: key with no value, expected `=`
      help: write the lock anew with poetry lock, or mend the line

    # Pipfile.lock
    exit 2
    ----- stderr -----
    error[LP311]: Pipfile.lock-folder/Pipfile.lock line 2, column 13: expected value
      help: write the lock anew with pipenv lock, or mend the line

    # pyproject.toml
    exit 2
    ----- stderr -----
    error[LP504]: pyproject.toml-folder/pyproject.toml line 2: invalid type: integer `1`, expected a string
      name = 1
             ^
    ");
}

//! `lock` over a lock that is there: what stays, what is said, and what `--check` refuses.

use insta::assert_snapshot;
use testkit::{FakeIndex, FakeIndexBuilder};

use crate::support::{Ran, Scratch, pure};

/// Each in an old and a new version; `web` needs `templates`.
fn old_and_new() -> FakeIndexBuilder {
    let index = FakeIndex::builder().wheel(pure("web", "1.0").requires("templates"));
    ["templates", "colours"].into_iter().fold(index, |index, name| index.wheel(pure(name, "1.0")))
}

fn newer(index: &FakeIndex) {
    index.change(|index| {
        let index = index.wheel(pure("web", "2.0").requires("templates"));
        ["templates", "colours"].into_iter().fold(index, |index, name| index.wheel(pure(name, "2.0")))
    });
}

fn lock(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("lock src --refresh {flags}")).index(index).run()
}

/// A lock of the old versions, and an index that has newer ones.
fn locked(lines: &str) -> (Scratch, FakeIndex) {
    let index = old_and_new().start();
    let scratch = Scratch::with_requirements(lines);
    lock(&scratch, &index, "--runtime python3.12 --arch arm64").fine();
    newer(&index);
    (scratch, index)
}

#[test]
fn versions_and_targets_stay() {
    let (scratch, index) = locked("web\n");
    let before = scratch.text("src/pylock.toml");
    assert_snapshot!(lock(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 2 packages for python3.12 · arm64
    src: pylock.toml is up to date
    ");
    assert_eq!(scratch.text("src/pylock.toml"), before);
}

#[test]
fn one_more_requirement_changes_its_own_lines_only() {
    let (scratch, index) = locked("web\n");
    let before = scratch.text("src/pylock.toml");
    scratch.write("src/requirements.txt", "web\ncolours\n");
    assert_snapshot!(lock(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: added colours 2.0
    ");
    let now = scratch.text("src/pylock.toml");
    let digest = |line: &&str| !line.starts_with("digest = ");
    let gone: Vec<&str> = before.lines().filter(|line| !now.contains(line)).filter(digest).collect();
    assert_eq!(gone, Vec::<&str>::new());
    let come: Vec<&str> = now.lines().filter(|line| !before.contains(line)).filter(digest).collect();
    assert_eq!(come.len(), 3, "{come:?}");
    assert!(come.iter().all(|line| line.contains("colours") || line.contains("2.0")), "{come:?}");
}

#[test]
fn what_no_longer_does_is_replaced_and_nothing_else() {
    let (scratch, index) = locked("web\ncolours\n");
    scratch.write("src/requirements.txt", "web\ncolours>1\n");
    assert_snapshot!(lock(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: updated colours 1.0 → 2.0
    ");
    scratch.write("src/requirements.txt", "colours\n");
    assert_snapshot!(lock(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 1 package for python3.12 · arm64
    src: removed templates 1.0, removed web 1.0
    ");
}

#[test]
fn a_yanked_version_is_replaced() {
    let (scratch, index) = locked("colours\n");
    index.change(|index| index.yanked("colours-1.0-py3-none-any.whl", "broken"));
    let ran = lock(&scratch, &index, "").fine();
    assert!(ran.stderr.contains("updated colours 1.0 → 2.0"), "{ran}");
}

#[test]
fn upgrades() {
    let (scratch, index) = locked("web\ncolours\n");
    index.change(|index| index.wheel(pure("colours", "3.0")));
    assert_snapshot!(scratch.layerpack("lock src -P web --dry-run").index(&index).run(), @"
    exit 0
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: updated web 1.0 → 2.0 (nothing is written)
    ");
    assert_snapshot!(lock(&scratch, &index, "-P web -P colours==2.0"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src: 3 packages for python3.12 · arm64
    src: updated colours 1.0 → 2.0, updated web 1.0 → 2.0
    ");
    assert_snapshot!(lock(&scratch, &index, "--upgrade --format json").fine().json()["changes"], @r#"{"added":[],"removed":[],"updated":[{"before":["2.0"],"name":"colours","now":["3.0"]},{"before":["1.0"],"name":"templates","now":["2.0"]}]}"#);
    assert_snapshot!(lock(&scratch, &index, "-P clours"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    warning[LP501]: --upgrade-package clours: the lock has no such package
             help: check the spelling
    src: 3 packages for python3.12 · arm64
    src: pylock.toml is up to date
    ");
    assert_snapshot!(lock(&scratch, &index, "-P web[fast]"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --upgrade-package `web[fast]` is no package
      help: it is NAME, for the newest version, or NAME==VERSION
    ");
    assert_snapshot!(lock(&scratch, &index, "-P colours==9"), @"
    exit 1
    ----- stderr -----
    error[LP302]: no version of colours can be taken
      src/requirements.txt line 2 asks for colours
      colours 3.0 is excluded by --upgrade-package: colours==9
      colours 2.0 is excluded by --upgrade-package: colours==9
      colours 1.0 is excluded by --upgrade-package: colours==9
      help: it works without colours==9 (--upgrade-package)
    ");
}

#[test]
fn a_check_writes_nothing() {
    let index = old_and_new().start();
    let scratch = Scratch::with_requirements("web\n");
    assert_snapshot!(lock(&scratch, &index, "--check --runtime python3.12 --arch arm64").refused(), @"
    exit 1
    ----- stderr -----
    error[LP310]: there is no src/pylock.toml
      help: run layerpack lock src
    ");
    lock(&scratch, &index, "--runtime python3.12 --arch arm64").fine();
    newer(&index);
    assert_snapshot!(lock(&scratch, &index, "--check"), @"
    exit 0
    ----- stderr -----
    src: 2 packages for python3.12 · arm64
    src: pylock.toml is up to date (nothing is written)
    ");
    scratch.write("src/requirements.txt", "web>1\n");
    let before = scratch.text("src/pylock.toml");
    assert_snapshot!(lock(&scratch, &index, "--locked"), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/pylock.toml would change: updated web 1.0 → 2.0
      help: run layerpack lock src
    ");
    scratch.write("src/requirements.txt", "web\n");
    assert_snapshot!(lock(&scratch, &index, "--check --arch x86_64"), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/pylock.toml would change: no version, but its targets, its files or what it was made from
      help: run layerpack lock src
    ");
    assert_eq!(scratch.text("src/pylock.toml"), before);
}

#[test]
fn other_rules_keep_no_version() {
    let (scratch, index) = locked("colours\n");
    index.change(|index| index.wheel(pure("colours", "3.0rc1")));
    assert_snapshot!(lock(&scratch, &index, "--pre"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src/pylock.toml: made with the defaults, now prerelease allow: no version is kept
    src: 1 package for python3.12 · arm64
    src: updated colours 1.0 → 3.0rc1
    ");
    assert!(scratch.text("src/pylock.toml").contains("options = { prerelease = \"allow\" }"));
    assert_snapshot!(lock(&scratch, &index, ""), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    src/pylock.toml: made with prerelease allow, now the defaults: no version is kept
    src: 1 package for python3.12 · arm64
    src: updated colours 3.0rc1 → 2.0
    ");
}

#[test]
fn options_that_decide_are_locked() {
    let (scratch, index) = locked("web\n");
    index.change(|index| index.upload_time("web-1.0-py3-none-any.whl", "2024-01-31T00:00:00Z"));
    let flags =
        "--resolution lowest --exclude-newer P7D --exclude-newer-package web=2030-01-31 --exclude colours --no-deps";
    lock(&scratch, &index, &format!("{flags} --exclude-newer-package colours=false")).fine();
    let text = scratch.text("src/pylock.toml");
    assert_snapshot!(text.lines().find(|line| line.starts_with("options")).unwrap_or_default(), @r#"options = { exclude = "colours", exclude-newer = "P7D", exclude-newer-package = "colours=false,web=2030-01-31", no-deps = "true", resolution = "lowest" }"#);
}

#[test]
fn a_build_with_other_options_than_the_lock_is_refused() {
    let (scratch, index) = locked("web\n");
    let resolve = |flags: &str| scratch.layerpack(&format!("resolve src --offline {flags}")).run();
    assert_snapshot!(resolve("--pre"), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/pylock.toml was not made with --prerelease allow
      help: run layerpack lock src with that option, or leave it out
    ");
    assert_eq!(resolve("--no-deps").code, 1);
    resolve("--pre --frozen").fine();
    lock(&scratch, &index, "--pre").fine();
    resolve("--pre").fine();
    resolve("").fine();
}

#[test]
fn the_lock_of_another_tool_is_not_replaced() {
    let (scratch, index) = locked("colours\n");
    let foreign = scratch.text("src/pylock.toml").replace("\"layerpack\"", "\"uv\"");
    scratch.write("src/pylock.toml", &foreign);
    assert_snapshot!(lock(&scratch, &index, ""), @"
    exit 2
    ----- stderr -----
    error[LP501]: src/pylock.toml was written by uv, and lock would replace it
      help: build takes it as it is; to have layerpack lock instead, remove it first
    ");
    assert_eq!(scratch.text("src/pylock.toml"), foreign);
    scratch.write("src/pylock.toml", "lock-version = 1\n");
    assert_snapshot!(lock(&scratch, &index, "--runtime python3.12 --arch arm64"), @"
    exit 0
    ----- stdout -----
    src/pylock.toml
    ----- stderr -----
    warning[LP311]: src/pylock.toml line 1, column 16: invalid type: integer `1`, expected a string: it is written anew
    src: 1 package for python3.12 · arm64
    ");
}

//! uv.lock.

use std::path::Path;

use insta::assert_snapshot;
use pypi_resolve::lock::{LockError, UvLock};
use pypi_resolve::project::Project;
use testkit::slashed;

use crate::make::{Pages, failed, local, outcome, selection, target, with_digests};

/// A workspace with forks, extras that exclude each other, groups, and every kind of source.
pub(crate) const LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.10"
resolution-markers = [
    "python_full_version >= '3.12'",
    "python_full_version < '3.12'",
]
conflicts = [[
    { package = "shop", extra = "old" },
    { package = "shop", extra = "new" },
]]

[manifest]
members = [
    "shop",
    "tools",
]

[[package]]
name = "colours"
version = "0.4"
source = { registry = "https://index.example/simple" }
wheels = [
    { url = "https://files.index.example/colours-0.4-py3-none-any.whl", hash = "sha256:SHA(colours-0.4-py3-none-any.whl)", size = 10 },
]

[[package]]
name = "loop"
version = "0.9"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://files.index.example/loop-0.9.tar.gz", hash = "sha256:SHA(loop-0.9.tar.gz)", size = 10 }
wheels = [
    { url = "https://files.index.example/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl)", size = 10, upload-time = "2025-11-01T11:20:05Z" },
    { url = "https://files.index.example/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl)", size = 10 },
    { url = "https://files.index.example/loop-0.9-cp312-cp312-win_amd64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-win_amd64.whl)", size = 10 },
]

[[package]]
name = "patched"
version = "1.0+local.1"
source = { url = "https://files.index.example/patched-1.0%2Blocal.1-py3-none-any.whl" }
wheels = [
    { url = "https://files.index.example/patched-1.0%2Blocal.1-py3-none-any.whl", hash = "sha256:SHA(patched-1.0+local.1-py3-none-any.whl)" },
]

[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "patched" },
    { name = "tables", version = "1.0", source = { registry = "https://index.example/simple" }, marker = "python_full_version < '3.12'" },
    { name = "tables", version = "2.0", source = { registry = "https://index.example/simple" }, marker = "python_full_version >= '3.12'" },
    { name = "tools" },
    { name = "web", extra = ["fast"] },
    { name = "wheely" },
]

[package.optional-dependencies]
new = [
    { name = "wire", version = "2.0", source = { registry = "https://index.example/simple" }, marker = "extra == 'extra-4-shop-new' and extra != 'extra-4-shop-old'" },
]
old = [
    { name = "wire", version = "1.0", source = { registry = "https://index.example/simple" }, marker = "extra == 'extra-4-shop-old'" },
]

[package.dev-dependencies]
dev = [
    { name = "testing" },
]

[package.metadata]
requires-dist = [
    { name = "patched", url = "https://files.index.example/patched-1.0%2Blocal.1-py3-none-any.whl" },
    { name = "tables", specifier = ">=1" },
    { name = "tools", editable = "tools" },
    { name = "web", extras = ["fast"], specifier = ">=1.2,<2", marker = "python_full_version >= '3.10'" },
    { name = "wheely", path = "whl/wheely-1.0-py3-none-any.whl" },
    { name = "wire", marker = "extra == 'new'", specifier = ">=2" },
    { name = "wire", marker = "extra == 'old'", specifier = "<2" },
]
provides-extras = ["old", "new"]

[package.metadata.requires-dev]
dev = [{ name = "testing" }]

[[package]]
name = "tables"
version = "1.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version < '3.12'"]
wheels = [
    { url = "https://files.index.example/tables-1.0-py3-none-any.whl", hash = "sha256:SHA(tables-1.0-py3-none-any.whl)", size = 10 },
]

[[package]]
name = "tables"
version = "2.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version >= '3.12'"]
wheels = [
    { url = "https://files.index.example/tables-2.0-py3-none-any.whl", hash = "sha256:SHA(tables-2.0-py3-none-any.whl)", size = 10 },
]

[[package]]
name = "testing"
version = "9.0"
source = { registry = "https://index.example/simple" }
wheels = [
    { url = "https://files.index.example/testing-9.0-py3-none-any.whl", hash = "sha256:SHA(testing-9.0-py3-none-any.whl)", size = 10 },
]

[[package]]
name = "tools"
version = "0.2"
source = { editable = "tools" }
dependencies = [
    { name = "colours" },
]

[[package]]
name = "web"
version = "1.2"
source = { registry = "https://index.example/simple" }
dependencies = [
    { name = "colours", marker = "sys_platform == 'win32'" },
]
wheels = [
    { url = "https://files.index.example/web-1.2-py3-none-any.whl", hash = "sha256:SHA(web-1.2-py3-none-any.whl)", size = 10 },
]

[package.optional-dependencies]
fast = [
    { name = "loop", marker = "platform_python_implementation != 'PyPy'" },
]

[[package]]
name = "wheely"
version = "1.0"
source = { path = "whl/wheely-1.0-py3-none-any.whl" }
wheels = [
    { filename = "wheely-1.0-py3-none-any.whl", hash = "sha256:SHA(wheely-1.0-py3-none-any.whl)" },
]

[[package]]
name = "wire"
version = "1.0"
source = { registry = "https://index.example/simple" }
wheels = [
    { url = "https://files.index.example/wire-1.0-py3-none-any.whl", hash = "sha256:SHA(wire-1.0-py3-none-any.whl)", size = 10 },
]

[[package]]
name = "wire"
version = "2.0"
source = { registry = "https://index.example/simple" }
wheels = [
    { url = "https://files.index.example/wire-2.0-py3-none-any.whl", hash = "sha256:SHA(wire-2.0-py3-none-any.whl)", size = 10 },
]
"#;

fn parse(text: &str) -> Result<UvLock, LockError> {
    UvLock::parse(Path::new("app/uv.lock"), with_digests(text).as_bytes())
}

fn on(text: &str, on: &str, chosen: &str) -> String {
    outcome(parse(text).and_then(|lock| lock.select(&target(on), &selection(chosen))), &Pages::default())
}

#[test]
fn the_walk_from_the_project() {
    assert_snapshot!(on(LOCK, "python3.12 x86_64", ""), @"
    colours-0.4-py3-none-any.whl
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
    patched-1.0+local.1-py3-none-any.whl
    tables-2.0-py3-none-any.whl
    web-1.2-py3-none-any.whl needs loop
    wheely-1.0-py3-none-any.whl
    note: app/uv.lock: shop (the project itself), tools (tools) are not packed
    ");
    let arm = on(LOCK, "python3.12 arm64", "");
    assert!(arm.contains("loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl"), "{arm}");
}

#[test]
fn forks_extras_groups_and_members() {
    let has = |on_target: &str, chosen: &str| -> Vec<String> {
        let shown = on(LOCK, on_target, chosen);
        shown.lines().filter_map(|line| Some(line.split_once("-py3")?.0.to_owned())).collect()
    };
    assert!(has("python3.12 x86_64", "").contains(&"tables-2.0".to_owned()));
    assert_eq!(has("python3.12 x86_64", "=tools"), ["colours-0.4"]);
    assert!(has("python3.12 x86_64", "@dev").contains(&"testing-9.0".to_owned()));
    assert_eq!(has("python3.12 x86_64", "@*"), has("python3.12 x86_64", "@dev"));
    assert_eq!(has("python3.12 x86_64", "@* -dev"), has("python3.12 x86_64", ""));
    assert!(has("python3.12 x86_64", "+old").contains(&"wire-1.0".to_owned()));
    assert!(has("python3.12 x86_64", "+new").contains(&"wire-2.0".to_owned()));
}

#[test]
fn packages_without_a_wheel_are_all_named() {
    let lock = LOCK.replace("tables-1.0-py3-none-any", "tables-1.0-cp312-cp312-manylinux_2_39_x86_64");
    assert_snapshot!(on(&lock, "python3.11 x86_64", ""), @"
    LP305: app/uv.lock has no wheel that loads on python3.11 · x86_64 for loop 0.9 (the nearest of its 3 wheels: built for CPython 3.12; the target is python3.11), tables 1.0 (its only wheel: built for CPython 3.12; the target is python3.11; needs glibc 2.39; python3.11 runs on Amazon Linux 2, which has 2.26)
      help: name another runtime or architecture, or ask for versions that have a wheel for this one and run uv lock
    ");
}

#[test]
fn what_is_not_there() {
    assert_snapshot!(on(LOCK, "python3.12 x86_64", "+nope"), @"
    LP316: app/uv.lock has no extra `nope`
      help: it has new, old
    ");
    assert_snapshot!(on(LOCK, "python3.12 x86_64", "@nope"), @"
    LP501: app/uv.lock has no group `nope`
      help: it has dev
    ");
    assert_snapshot!(on(LOCK, "python3.12 x86_64", "=web"), @"
    LP501: app/uv.lock has no package `web`
      help: it has shop, tools
    ");
    assert_snapshot!(on(LOCK, "python3.9 x86_64", ""), @"
    LP310: app/uv.lock does not hold on python3.9 · x86_64: requires-python is >=3.10
      help: name a runtime that it admits with --runtime, or let the project admit this one and run uv lock
    ");
    let linux_arm = LOCK.replace("\n[manifest]", "supported-markers = [\"platform_machine == 'aarch64'\"]\n[manifest]");
    assert_snapshot!(on(&linux_arm, "python3.12 x86_64", ""), @"
    LP310: app/uv.lock does not hold on python3.12 · x86_64: its environments are platform_machine == 'aarch64'
      help: name a runtime that it admits with --runtime, or let the project admit this one and run uv lock
    ");
    let both = LOCK.replace(" and extra != 'extra-4-shop-old'", "");
    assert_snapshot!(on(&both, "python3.12 x86_64", "+old +new"), @"
    LP303: app/uv.lock: two entries of wire hold on python3.12 · x86_64
      help: ask for fewer extras or groups, as some exclude each other, or write the lock anew with uv lock
    ");
}

#[test]
fn what_would_have_to_be_built_is_refused_with_its_line() {
    let lock = LOCK
        .replace(
            "source = { registry = \"https://index.example/simple\" }\ndependencies = [\n    { name = \"colours\"",
            "source = { git = \"https://me:secret@git.example/web?tag=1.2#abc\" }\ndependencies = [\n    { name = \"colours\"",
        )
        .replace("source = { path = \"whl/wheely-1.0-py3-none-any.whl\" }\nwheels", "source = { path = \"wheely-1.0.tar.gz\" }\nold");
    assert_snapshot!(on(&lock, "python3.12 x86_64", ""), @"
    LP506: app/uv.lock has what would have to be built: web (line 121: git https://****@git.example/web?****#abc), wheely (line 137: wheely-1.0.tar.gz)
      help: have projects and repositories built here by uv or pip with --build NAME; or build wheels with `pip wheel --no-deps` and put them beside the lock, or let the project name them and run uv lock
    ");
    // What is not wanted may come from anywhere.
    assert_snapshot!(on(&lock, "python3.12 x86_64", "=tools"), @"
    colours-0.4-py3-none-any.whl
    note: app/uv.lock: tools (tools) is not packed
    ");
}

#[test]
fn wheels_beside_the_lock_are_locked_or_stand_in_for_projects() {
    let resolved = |wheels: &[&str]| {
        let lock = parse(LOCK).and_then(|lock| lock.select(&target("python3.12 x86_64"), &selection("")));
        let mut set = lock.expect("a sound lock");
        let wheels: Vec<_> = wheels.iter().map(|wheel| local(wheel, &[])).collect();
        let taken = set.take_local(&wheels).map(|()| set);
        outcome(taken, &Pages::default())
    };
    assert_snapshot!(resolved(&["tools-0.2-py3-none-any.whl", "wheely-1.0-py3-none-any.whl"]), @"
    colours-0.4-py3-none-any.whl
    loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl
    patched-1.0+local.1-py3-none-any.whl
    tables-2.0-py3-none-any.whl
    tools-0.2-py3-none-any.whl
    web-1.2-py3-none-any.whl needs loop
    wheely-1.0-py3-none-any.whl
    note: app/uv.lock: shop (the project itself) is not packed
    ");
    for other in ["web-1.3-py3-none-any.whl", "unknown-1.0-py3-none-any.whl"] {
        assert_eq!(
            resolved(&[other]),
            format!(
                "LP310: src/{other} is not the wheel that app/uv.lock was made with\n  help: write the lock anew with uv lock"
            )
        );
    }
}

/// Folders of files are registries too, and uv writes no digests for them.
#[test]
fn a_folder_of_files_and_odd_hashes() {
    let package = |source: &str, wheel: &str| {
        format!(
            "version = 1\n[[package]]\nname = \"app\"\nsource = {{ virtual = \".\" }}\ndependencies = [{{ name = \"foo\" }}]\n\n\
             [[package]]\nname = \"foo\"\nversion = \"1.0\"\nsource = {{ {source} }}\nwheels = [{{ {wheel} }}]\n"
        )
    };
    let lock = package("registry = \"../wheels\"", "path = \"foo-1.0-py3-none-any.whl\"");
    let set = parse(&lock).and_then(|lock| lock.select(&target("python3.12 x86_64"), &selection("")));
    let resolution = set.and_then(|set| set.resolution(&Pages::default())).expect("a sound lock");
    let pin = resolution.pins.first().expect("one pin");
    assert_eq!(
        slashed(&format!("{:?} {:?}", pin.source, pin.sha256)),
        "Path(\"app/../wheels/foo-1.0-py3-none-any.whl\") None"
    );

    let url = "url = \"https://f.example/foo-1.0-py3-none-any.whl\"";
    let md5 = package("registry = \"https://f.example\"", &format!("{url}, hash = \"md5:00\""));
    assert_snapshot!(on(&md5, "python3.12 x86_64", ""), @"
    LP311: app/uv.lock line 7: package foo: `hash` of foo-1.0-py3-none-any.whl cannot be used: `md5` is not a hash that counts: sha256, sha384 and sha512 do
      help: write the lock anew with uv lock, or mend the line
    ");
    let other = package("registry = \"https://f.example\"", "url = \"https://f.example/bar-1.0-py3-none-any.whl\"");
    assert_snapshot!(on(&other, "python3.12 x86_64", ""), @"
    LP311: app/uv.lock line 7: package foo: `wheels` have bar-1.0-py3-none-any.whl, a wheel of another package or version
      help: write the lock anew with uv lock, or mend the line
    ");
}

#[test]
fn what_cannot_be_read() {
    let said = |text: &str| failed(&UvLock::parse(Path::new("app/uv.lock"), text.as_bytes()).expect_err(text));
    assert_snapshot!(said("version = 2\n[[package]]\nname = 5\n"), @"
    LP311: app/uv.lock line 1: version is 2; layerpack reads version 1
      help: look for a newer layerpack that reads this version, or write the lock with another release of the tool
    ");
    assert_snapshot!(said("version = 1\n[[package]]\nname = \"a\nb\"\n"), @"
    LP311: app/uv.lock line 4, column 3: key with no value, expected `=`
      help: write the lock anew with uv lock, or mend the line
    ");
    assert_snapshot!(said("version = 1\n[[package]]\nname = \"a b\"\nsource = { virtual = \".\" }\n"), @"
    LP311: app/uv.lock line 2: package a b: `name` cannot be read: a project name is made of ASCII letters, digits, `.`, `_` and `-`: ` ` does not belong in `a b`
      help: write the lock anew with uv lock, or mend the line
    ");
    assert_snapshot!(said("version = 1\n[[package]]\nname = \"a\"\nsource = { svn = \".\" }\n"), @"
    LP311: app/uv.lock line 2: package a: `source` is of a kind that layerpack does not know
      help: write the lock anew with uv lock, or mend the line
    ");
    let gone =
        "version = 1\n[[package]]\nname = \"a\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"b\" }]\n";
    assert_snapshot!(on(gone, "python3.12 x86_64", ""), @"
    LP311: app/uv.lock line 2: package a: `dependencies` name b, which the lock does not have
      help: write the lock anew with uv lock, or mend the line
    ");
}

pub(crate) const PROJECT: &str = r#"[project]
name = "shop"
requires-python = ">=3.10"
dependencies = [
    "Wheely",
    "tools",
    "tables>=1",
    "web[fast] <2, >=1.2",
    "patched @ https://files.index.example/patched-1.0%2Blocal.1-py3-none-any.whl",
]
[project.optional-dependencies]
old = ["wire<2"]
new = ["wire>=2"]
[dependency-groups]
dev = ["testing"]
[tool.uv.sources]
tools = { workspace = true }
wheely = { path = "whl/wheely-1.0-py3-none-any.whl" }
"#;

#[test]
fn a_lock_must_match_its_project() {
    let matches = |text: &str, chosen: &str| {
        let project = Project::parse(Path::new("app/pyproject.toml"), text.as_bytes()).expect("a project");
        let lock = parse(LOCK).expect("a sound lock");
        lock.matches(&project, &selection(chosen)).map_or_else(|error| failed(&error), |()| "matches".to_owned())
    };
    assert_eq!(matches(PROJECT, "@dev"), "matches");
    assert_eq!(matches(&PROJECT.replace("\"tables>=1\"", "\"tables>=1; python_version < '4'\""), ""), {
        "LP310: app/uv.lock no longer matches app/pyproject.toml line 7: tables>=1; python_version < '4' was not asked for when it was locked\n  \
         help: run uv lock, or take the lock as it is with --frozen"
    });
    // What requires-python says already makes no difference.
    assert_eq!(matches(&PROJECT.replace("tables>=1", "tables>=1; python_version >= '3.8'"), ""), "matches");
    assert_eq!(matches(&PROJECT.replace("[\"testing\"]", "[\"testing>9\"]"), ""), "matches");
    assert_snapshot!(matches(&PROJECT.replace("[\"testing\"]", "[\"testing>9\"]"), "@dev"), @"
    LP310: app/uv.lock no longer matches app/pyproject.toml line 15: testing>9 was not asked for when it was locked
      help: run uv lock, or take the lock as it is with --frozen
    ");
    assert_snapshot!(matches(&PROJECT.replace("    \"tables>=1\",\n", ""), ""), @"
    LP310: app/uv.lock no longer matches app/pyproject.toml: tables>=1 is no longer asked for
      help: run uv lock, or take the lock as it is with --frozen
    ");
    assert_eq!(matches(&PROJECT.replace("dependencies = [\n", "dynamic = [\"dependencies\"]\nx = [\n"), ""), "matches");
}

/// What `uv lock --check` tells as well: settings that the lock repeats.
#[test]
fn a_lock_must_match_the_settings_of_uv() {
    let lock = "version = 1\nrequires-python = \">=3.11, !=3.12.1, <4\"\n\n[manifest]\n\
        constraints = [{ name = \"idna\", marker = \"python_full_version < '3.13'\", specifier = \">=3\" }]\n\
        overrides = [{ name = \"certifi\", specifier = \">2020\" }]\nexcludes = [\"chardet\"]\n\n\
        [[package]]\nname = \"app\"\nsource = { virtual = \".\" }\n\n[package.metadata]\n";
    let lock = parse(lock).expect("a sound lock");
    let said = |python: &str, constraint: &str, over: &str, exclude: &str| {
        let text = format!(
            "[project]\nname = \"app\"\nrequires-python = \"{python}\"\n[tool.uv]\nconstraint-dependencies = [{constraint}]\n\
             override-dependencies = [{over}]\nexclude-dependencies = [{exclude}]\n"
        );
        let project = Project::parse(Path::new("app/pyproject.toml"), text.as_bytes()).expect("a project");
        lock.matches(&project, &selection("")).map_or_else(|error| error.to_string(), |()| "the same".to_owned())
    };
    let (python, constraint, over, exclude) =
        ("~=3.11,!=3.12.1", "\"idna>=3 ; python_version<'3.13'\"", "\"certifi>2020\"", "\"chardet\"");
    assert_eq!(said(python, constraint, over, exclude), "the same");
    assert_snapshot!(said(">=3.11", constraint, over, exclude), @"app/uv.lock no longer matches app/pyproject.toml: requires-python is >=3.11, and >=3.11, !=3.12.1, <4 was locked");
    assert_snapshot!(said(python, "\"idna>=4\"", over, exclude), @"app/uv.lock no longer matches app/pyproject.toml line 5: idna>=4 was not a constraint when it was locked");
    assert_snapshot!(said(python, "", over, exclude), @"app/uv.lock no longer matches app/pyproject.toml: idna>=3 ; python_full_version < '3.13' is no longer a constraint");
    assert_snapshot!(said(python, constraint, "\"certifi>2020\", \"six\"", exclude), @"app/uv.lock no longer matches app/pyproject.toml line 6: six was not an override when it was locked");
    assert_snapshot!(said(python, constraint, over, ""), @"app/uv.lock no longer matches app/pyproject.toml: exclude-dependencies has changed: chardet");
}

/// `uv lock --script` writes it beside the script.
#[test]
fn the_lock_of_a_script() {
    let lock = "version = 1\nrequires-python = \">=3.11\"\n\n[manifest]\n\
        requirements = [{ name = \"foo\", marker = \"python_full_version < '3.13'\" }]\n\n\
        [[package]]\nname = \"foo\"\nversion = \"1.0\"\nsource = { registry = \"https://f.example\" }\n\
        wheels = [{ url = \"https://f.example/foo-1.0-py3-none-any.whl\", hash = \"sha256:DIGEST\" }]\n"
        .replace("DIGEST", &"a".repeat(64));
    assert_snapshot!(on(&lock, "python3.12 x86_64", ""), @"foo-1.0-py3-none-any.whl (another digest)");
    assert_snapshot!(on(&lock, "python3.13 x86_64", ""), @"");
}

//! Reading: locks of other tools, unsound ones, and those that hold no wheel for a target.

use lambda_compat::{Arch, Code};
use pypi_resolve::lock::PyLock;
use pypi_resolve::resolve::PinSource;
use testkit::slashed;

use crate::make::{DIGEST, parse, target, with_package};

fn refused(text: &str) -> String {
    let error = parse(text).expect_err("a bad lock");
    assert_eq!(error.code(), Code::UnreadableLock);
    error.to_string()
}

#[test]
fn locks_of_other_tools() {
    let text = r#"
        lock-version = "1.1"
        environments = ["sys_platform == 'linux'", "sys_platform == 'win32'"]
        requires-python = ">=3.9"
        extras = ["x"]
        dependency-groups = ["dev"]
        default-groups = ["default"]
        created-by = "another tool"
        of-the-future = true

        [[packages]]
        name = "Foo.Bar"
        marker = "'default' in dependency_groups and ('x' not in extras)"
        requires-python = ">=3.6,"
        dependencies = [{ name = "baz" }, { name = "qux", version = "1.0" }]
        sdist = { name = "foo_bar-1.0.tar.gz", url = "https://files.example/foo_bar-1.0.tar.gz", hashes = { sha256 = "DIGEST" } }
        wheels = [
            { url = "https://files.example/foo_bar-1.0%2Bcpu-cp312-cp312-linux_x86_64.whl", upload-time = 2025-01-25T11:30:10+00:00, hashes = { sha512 = "00", sha256 = "DIGEST" } },
            { path = './whl/foo_bar-1.0+cpu-py3-none-any.whl', url = "https://files.example/x.whl", size = 5, hashes = { sha256 = "DIGEST" } },
        ]
        attestation-identities = [{ kind = "GitHub", repository = "a/b" }]

        [[packages]]
        name = "dev-only"
        version = "3"
        marker = '"dev" in dependency_groups or "x" in extras'
        wheels = [{ name = "dev_only-3-py3-none-any.whl", url = "https://files.example/1", hashes = { sha256 = "DIGEST" } }]

        [[packages]]
        name = "direct"
        [packages.archive]
        url = "https://files.example/direct-2-py3-none-any.whl"
        [packages.archive.hashes]
        sha256 = "DIGEST"

        [packages.tool.another]
        x = 1

        [tool.another]
        y = 2
    "#;
    let lock = parse(&text.replace("DIGEST", DIGEST)).expect("a sound lock");
    let pins = |on| -> Vec<String> {
        let resolution = lock.to_resolution(&on).expect("wheels for the target");
        resolution.pins.iter().map(|pin| slashed(&format!("{} {} {:?}", pin.version, pin.wheel, pin.source))).collect()
    };
    insta::assert_snapshot!(pins(target("python3.12", Arch::X86_64)).join("\n"), @r#"
    2 direct-2-py3-none-any.whl Url("https://files.example/direct-2-py3-none-any.whl")
    1.0+cpu foo_bar-1.0+cpu-cp312-cp312-linux_x86_64.whl Index { url: "https://files.example/foo_bar-1.0%2Bcpu-cp312-cp312-linux_x86_64.whl" }
    "#);
    insta::assert_snapshot!(pins(target("python3.12", Arch::Arm64)).join("\n"), @r#"
    2 direct-2-py3-none-any.whl Url("https://files.example/direct-2-py3-none-any.whl")
    1.0+cpu foo_bar-1.0+cpu-py3-none-any.whl Path("layers/whl/foo_bar-1.0+cpu-py3-none-any.whl")
    "#);
    insta::assert_snapshot!(lock.to_resolution(&target("python3.8", Arch::Arm64)).expect_err("Python 3.8"), @"layers/pylock.toml does not hold on python3.8 · arm64: requires-python is >=3.9");
}

#[test]
fn unsound_locks() {
    let mut all = String::new();
    for text in [
        "",
        "lock-version = \"1.0\"\ncreated-by = 5\npackages = []",
        "lock-version = \"2.0\"\ncreated-by = \"x\"\npackages = []",
        "\nlock-version = \"0.9\"\ncreated-by = \"x\"\npackages = []",
        "lock-version = \"1.x\"\ncreated-by = \"x\"\npackages = []",
        "lock-version = \"1.0\"\npackages = []",
        "lock-version = \"1.0\"\ncreated-by = \"x\"",
        "lock-version = \"1.0\"\ncreated-by = \"x\"\nenvironments = [\"nonsense\"]\npackages = []",
        "lock-version = \"1.0\"\ncreated-by = \"x\"\nrequires-python = \"three\"\npackages = []",
        "lock-version = \"1.0\"\n created-by = x",
        &with_package(""),
        &with_package("wheels = []\nvcs = { type = 'git', url = 'x', commit-id = 'y' }"),
        &with_package("sdist = { path = 'x.tar.gz', hashes = { sha256 = 'DIGEST' } }\ndirectory = { path = '.' }"),
        &with_package("archive = { path = 'x.tar.gz', hashes = { sha256 = 'DIGEST' } }\ndirectory = { path = '.' }"),
        &with_package("version = 'one'\nwheels = []"),
        &with_package("marker = 'os_name'\nwheels = []"),
        &with_package("wheels = [{ hashes = { sha256 = 'DIGEST' } }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1-py3-none-any.whl' }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1-py3-none-any.whl', hashes = {} }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1-py3-none-any.whl', hashes = 'sha256:x' }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1-py3-none-any.whl', hashes = { md5 = 1 } }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1-py3-none-any.whl', hashes = { sha256 = 'aa' } }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1-py3-none-any.whl', hashes = { md5 = 'DIGEST' } }]"),
        &with_package("wheels = [{ url = 'https://h/foo-1.tar.gz', hashes = { sha256 = 'DIGEST' } }]"),
        &with_package("wheels = [{ name = 'foo-1-py3-none-any.whl', hashes = { sha256 = 'DIGEST' } }]"),
        &with_package("wheels = [{ path = 'bar-1-py3-none-any.whl', hashes = { sha256 = 'DIGEST' } }]"),
        &with_package("version = '2'\nwheels = [{ path = 'foo-1-py3-none-any.whl', hashes = { sha256 = 'DIGEST' } }]"),
        &with_package("wheels = [{ path = 'foo-1-py3-none-any.whl', size = -1, hashes = { sha256 = 'DIGEST' } }]"),
    ] {
        all += &refused(text);
        all.push('\n');
    }
    insta::assert_snapshot!(all, @r#"
    layers/pylock.toml line 1, column 1: missing field `lock-version`
    layers/pylock.toml line 2, column 14: invalid type: integer `5`, expected a string
    layers/pylock.toml line 1: lock-version is "2.0"; layerpack reads 1.0 and later 1.x
    layers/pylock.toml line 2: lock-version is "0.9"; layerpack reads 1.0 and later 1.x
    layers/pylock.toml line 1: lock-version is "1.x"; layerpack reads 1.0 and later 1.x
    layers/pylock.toml line 1, column 1: missing field `created-by`
    layers/pylock.toml line 1, column 1: missing field `packages`
    layers/pylock.toml line 1: `environments` cannot be read: expected a quoted string or a valid marker name, found `nonsense`
    layers/pylock.toml line 1: `requires-python` cannot be read: `three` is not a version specifier: unexpected end of version specifier, expected operator
    layers/pylock.toml line 2, column 15: string values must be quoted, expected literal string
    layers/pylock.toml line 4: package foo: `wheels` are missing, and there is no other source
    layers/pylock.toml line 4: package foo: `vcs` and `wheels` exclude each other
    layers/pylock.toml line 4: package foo: `directory` and `sdist` exclude each other
    layers/pylock.toml line 4: package foo: `directory` and `archive` exclude each other
    layers/pylock.toml line 4: package foo: `version` cannot be read: expected version to start with a number, but no leading ASCII digits were found
    layers/pylock.toml line 4: package foo: `marker` cannot be read: expected a valid marker operator (such as `>=` or `not in`), found ``
    layers/pylock.toml line 4: package foo: `wheels` have neither `name`, `path` nor `url`
    layers/pylock.toml line 6, column 11: missing field `hashes`
    layers/pylock.toml line 4: package foo: `wheels` have no hashes
    layers/pylock.toml line 6, column 64: invalid type: string "sha256:x", expected a map
    layers/pylock.toml line 6, column 72: invalid type: integer `1`, expected a string
    layers/pylock.toml line 4: package foo: `wheels` cannot be read: a sha256 has 64 hexadecimal digits, unlike `aa`
    layers/pylock.toml line 4: package foo: `wheels` have no sha256 for foo-1-py3-none-any.whl
    layers/pylock.toml line 4: package foo: `wheels` cannot be read: a wheel's file name ends in `.whl`
    layers/pylock.toml line 4: package foo: `wheels` have neither `url` nor `path` for foo-1-py3-none-any.whl
    layers/pylock.toml line 4: package foo: `wheels` have bar-1-py3-none-any.whl, a wheel of another package or version
    layers/pylock.toml line 4: package foo: `wheels` have foo-1-py3-none-any.whl, a wheel of another package or version
    layers/pylock.toml line 6, column 53: invalid value: integer `-1`, expected u64
    "#);
}

#[test]
fn locks_on_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("pylock.toml");
    assert_eq!(PyLock::read(&file).expect_err("not there yet").code(), Code::Missing);
    fs_err::File::create(&file).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
    assert!(PyLock::read(&file).expect_err("a terabyte").to_string().contains("larger than 64 MB"));
    fs_err::write(
        &file,
        with_package("wheels = [{ path = 'w/foo-1-py3-none-any.whl', hashes = { sha256 = 'DIGEST' } }]"),
    )
    .expect("a writable folder");
    let lock = PyLock::read(&file).expect("a sound lock");
    let resolution = lock.to_resolution(&target("python3.13", Arch::Arm64)).expect("a pure wheel");
    let sources: Vec<_> = resolution.pins.into_iter().map(|pin| pin.source).collect();
    assert_eq!(sources, [PinSource::Path(folder.path().join("w/foo-1-py3-none-any.whl"))]);
}

#[test]
fn a_lock_without_wheels_for_the_target() {
    let text = with_package(
        "version = '1'\nwheels = [{ path = 'foo-1-cp312-cp312-win_amd64.whl', hashes = { sha256 = 'DIGEST' } }]\n\
         [[packages]]\nname = 'tree'\nvcs = { type = 'git', url = 'x', commit-id = 'y' }\n\
         [[packages]]\nname = 'source'\nversion = '3'\nsdist = { path = 'source-3.tar.gz', hashes = { sha256 = 'DIGEST' } }",
    );
    let text = text.replace("DIGEST", DIGEST);
    let error =
        parse(&text).expect("a sound lock").to_resolution(&target("python3.12", Arch::Arm64)).expect_err("no wheel");
    assert_eq!(error.code(), Code::NoWheelForTarget);
    insta::assert_snapshot!(error, @"layers/pylock.toml has no wheel that loads on python3.12 · arm64 for foo 1 (its only wheel: built for Windows; Lambda runs on Linux), source 3 (sdist only), tree (vcs only)");

    let wheels = "wheels = [{ path = 'foo-1-py3-none-any.whl', hashes = { sha256 = 'DIGEST' } }]";
    let twice = with_package(&format!("{wheels}\n[[packages]]\nname = 'Foo'\n{wheels}"));
    let error =
        parse(&twice).expect("a sound lock").to_resolution(&target("python3.12", Arch::Arm64)).expect_err("twice");
    insta::assert_snapshot!(error, @"layers/pylock.toml: two entries of foo hold on python3.12 · arm64");
}

/// "Does not fit" left it to the reader to find out why.
#[test]
fn a_lock_without_a_fitting_wheel_says_what_the_nearest_misses_by() {
    let wheel = |tags: &str| format!("{{ path = 'foo-1-{tags}.whl', hashes = {{ sha256 = 'DIGEST' }} }}, ");
    let why = |tags: &[&str]| {
        let wheels: String = tags.iter().map(|tags| wheel(tags)).collect();
        let lock = parse(&with_package(&format!("version = '1'\nwheels = [{wheels}]"))).expect("a sound lock");
        lock.to_resolution(&target("python3.11", Arch::Arm64)).expect_err("nothing fits").to_string()
    };
    insta::assert_snapshot!(why(&["cp311-cp311-manylinux_2_17_x86_64"]), @"layers/pylock.toml has no wheel that loads on python3.11 · arm64 for foo 1 (its only wheel: built for x86_64; the target is arm64)");
    let many = ["cp311-cp311-win_amd64", "cp312-cp312-manylinux_2_28_aarch64", "cp311-cp311-manylinux_2_28_aarch64"];
    insta::assert_snapshot!(why(&many), @"layers/pylock.toml has no wheel that loads on python3.11 · arm64 for foo 1 (the nearest of its 3 wheels: needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26)");
}

/// Its tags fit every target, and its label asks for more than they say.
#[test]
fn a_variant_is_not_taken_from_a_lock() {
    let text = with_package(
        "version = '1'\nwheels = [{ path = 'foo-1-py3-none-any-cu12.whl', hashes = { sha256 = 'DIGEST' } }]",
    );
    let error = parse(&text).expect("a sound lock").to_resolution(&target("python3.12", Arch::Arm64));
    insta::assert_snapshot!(error.expect_err("a variant"), @"layers/pylock.toml has no wheel that loads on python3.12 · arm64 for foo 1 (its only wheel: a variant, of which tags do not say all)");
}

#[test]
fn a_lock_of_another_version_says_what_to_do() {
    let error = parse("lock-version = \"9.0\"\ncreated-by = \"x\"\npackages = []").expect_err("version 9");
    assert_eq!(
        error.to_string(),
        "layers/pylock.toml line 1: lock-version is \"9.0\"; layerpack reads 1.0 and later 1.x"
    );
    let help = "write the lock anew with layerpack lock, or look for a newer layerpack that reads this version";
    assert_eq!(error.help().as_deref(), Some(help));
}

//! PEP 751 locks: reading good and bad ones, writing, the way from and to a resolution, and staleness.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_compat::{Arch, Code, Origin, Target};
use proptest::prelude::*;
use pypi_resolve::index::IndexFile;
use pypi_resolve::lock::{LockError, LockMeta, PyLock, WheelPlace};
use pypi_resolve::requirements::{Place, Requirement};
use pypi_resolve::resolve::{LocalWheel, Pin, PinSource, Resolution, Wants};
use wheel_archive::{Metadata, Sha256};
use wheel_tags::WheelFilename;

fn target(runtime: &str, arch: Arch) -> Target {
    Target::new(runtime.parse().expect("a known runtime"), arch)
}

fn parse(text: &str) -> Result<PyLock, LockError> {
    PyLock::parse(Path::new("layers/pylock.toml"), text.as_bytes())
}

fn refused(text: &str) -> String {
    let error = parse(text).expect_err("a bad lock");
    assert_eq!(error.code(), Code::UnreadableLock);
    error.to_string()
}

const DIGEST: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A lock with this package table after the name.
fn with_package(table: &str) -> String {
    format!("lock-version = \"1.0\"\ncreated-by = \"x\"\n\n[[packages]]\nname = \"foo\"\n{table}\n")
        .replace("DIGEST", DIGEST)
}

/// A pin with these wheels on an index, the first of them chosen.
fn pin(wheels: &[&str], dependencies: &[&str]) -> Pin {
    let files: Vec<IndexFile> = wheels
        .iter()
        .map(|name| {
            let filename: WheelFilename = name.parse().expect("a wheel's name");
            let url = format!("https://files.index.example/packages/{name}");
            IndexFile {
                sha256: Some(Sha256::of(name.as_bytes())),
                size: Some(1000),
                upload_time: Some("2025-01-25T11:30:10.164985Z".to_owned()),
                ..IndexFile::wheel(filename, url, Origin::PublicIndex)
            }
        })
        .collect();
    let chosen = files.first().expect("at least one wheel");
    let wheel: WheelFilename = chosen.filename.parse().expect("a wheel's name");
    Pin {
        name: wheel.name.clone(),
        version: wheel.version.clone(),
        wheel,
        source: PinSource::Index { url: chosen.url.clone() },
        sha256: chosen.sha256,
        size: chosen.size,
        requires_python: Some(">=3.8".parse().expect("a specifier")),
        dependencies: dependencies.iter().map(|name| name.parse().expect("a name")).collect(),
        extras: BTreeSet::new(),
        held_back: None,
        yanked: None,
        upload_time: chosen.upload_time.clone(),
        alternatives: files,
    }
}

fn local_pin(path: &str) -> Pin {
    let name = path.rsplit('/').next().expect("a file name");
    let mut pin = pin(&[name], &[]);
    pin.source = PinSource::Path(PathBuf::from(path));
    pin.alternatives.clear();
    pin.upload_time = None;
    pin
}

fn resolution(target: Target, pins: Vec<Pin>) -> Resolution {
    Resolution { target, pins, notes: Vec::new() }
}

fn meta() -> LockMeta {
    LockMeta {
        file: PathBuf::from("layers/pypi/pylock.toml"),
        digest: Some("sha256:00".to_owned()),
        indexes: [("numpy".parse().expect("a name"), "https://user:pw@index.example/simple/".to_owned())].into(),
    }
}

#[test]
fn a_resolution_as_text() {
    let on = target("python3.12", Arch::Arm64);
    let pins = vec![
        local_pin("layers/pypi/whl/local_package1-0.1.0-py3-none-any.whl"),
        local_pin("elsewhere/other-1.0-py3-none-any.whl"),
        pin(
            &[
                "numpy-2.2.3-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
                "numpy-2.2.3-cp312-cp312-win_amd64.whl",
                "numpy-2.2.3-cp312-cp312-macosx_14_0_arm64.whl",
            ],
            &["other", "local-package1"],
        ),
    ];
    let lock = PyLock::from_resolution(&resolution(on, pins), &meta()).expect("all digests are known");
    let text = lock.write();
    insta::assert_snapshot!(text, @r#"
    lock-version = "1.0"
    environments = ["python_full_version == '3.12.*'"]
    requires-python = "==3.12.*"
    created-by = "layerpack"

    [[packages]]
    name = "local-package1"
    version = "0.1.0"
    requires-python = ">=3.8"
    wheels = [
        { name = "local_package1-0.1.0-py3-none-any.whl", path = "whl/local_package1-0.1.0-py3-none-any.whl", size = 1000, hashes = { sha256 = "1c7da27c6e6c51f85e29d86770438ef348bf3341dbae903114056173a44c720b" } },
    ]

    [[packages]]
    name = "numpy"
    version = "2.2.3"
    requires-python = ">=3.8"
    dependencies = [
        { name = "local-package1" },
        { name = "other" },
    ]
    index = "https://index.example/simple/"
    wheels = [
        { name = "numpy-2.2.3-cp312-cp312-macosx_14_0_arm64.whl", upload-time = 2025-01-25T11:30:10.164985Z, url = "https://files.index.example/packages/numpy-2.2.3-cp312-cp312-macosx_14_0_arm64.whl", size = 1000, hashes = { sha256 = "6076cb1b1f98ce76546af3fcadc77c44b88390c8f7dcf6a964bdbce37ae44f81" } },
        { name = "numpy-2.2.3-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", upload-time = 2025-01-25T11:30:10.164985Z, url = "https://files.index.example/packages/numpy-2.2.3-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", size = 1000, hashes = { sha256 = "674341f2d7895a90d65907701b3419994945b5f98fbb179bfadc788e4700507d" } },
        { name = "numpy-2.2.3-cp312-cp312-win_amd64.whl", upload-time = 2025-01-25T11:30:10.164985Z, url = "https://files.index.example/packages/numpy-2.2.3-cp312-cp312-win_amd64.whl", size = 1000, hashes = { sha256 = "7f875b95de42f6d90eeccec8b4d964d6ccdfdd912d6bbbb9f11022f105e06a99" } },
    ]

    [[packages]]
    name = "other"
    version = "1.0"
    requires-python = ">=3.8"
    wheels = [
        { name = "other-1.0-py3-none-any.whl", path = "../../elsewhere/other-1.0-py3-none-any.whl", size = 1000, hashes = { sha256 = "3b1e24c7deb3a252e44d633f75b285f37c0ec421192d9280f55107f495d25957" } },
    ]

    [tool.layerpack]
    targets = [
        { runtime = "python3.12", arch = "arm64" },
    ]
    digest = "sha256:00"
    "#);

    let read = PyLock::parse(&meta().file, text.as_bytes()).expect("its own lock");
    assert_eq!(read.write(), text, "reading and writing change nothing");
    let back = read.to_resolution(&on).expect("the target it was made for");
    let chosen: Vec<String> = back.pins.iter().map(|pin| format!("{} {:?}", pin.wheel, pin.source)).collect();
    insta::assert_snapshot!(chosen.join("\n"), @r#"
    local_package1-0.1.0-py3-none-any.whl Path("layers/pypi/whl/local_package1-0.1.0-py3-none-any.whl")
    numpy-2.2.3-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl Index { url: "https://files.index.example/packages/numpy-2.2.3-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl" }
    other-1.0-py3-none-any.whl Path("layers/pypi/../../elsewhere/other-1.0-py3-none-any.whl")
    "#);
    assert_eq!(read.targets, [on]);
}

#[test]
fn several_targets_share_one_lock() {
    let (arm, x86) = (target("python3.12", Arch::Arm64), target("python3.12", Arch::X86_64));
    let newer = target("python3.13", Arch::Arm64);
    let six = || pin(&["six-1.17.0-py2.py3-none-any.whl"], &[]);
    let resolutions = [
        resolution(arm, vec![pin(&["a-1.0-py3-none-any.whl"], &["six"]), six()]),
        resolution(x86, vec![pin(&["a-2.0-py3-none-any.whl"], &[]), pin(&["b-1.0-py3-none-any.whl"], &["a"]), six()]),
        resolution(newer, vec![pin(&["a-1.0-py3-none-any.whl"], &["six"]), six()]),
    ];
    let lock = PyLock::from_resolutions(&resolutions, &meta()).expect("all digests are known");
    let text = lock.write();
    let without_wheels: String =
        text.lines().filter(|line| !line.contains("hashes")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(without_wheels, @r#"
    lock-version = "1.0"
    environments = ["python_full_version == '3.12.*'", "python_full_version == '3.13.*'"]
    requires-python = ">=3.12"
    created-by = "layerpack"

    [[packages]]
    name = "a"
    version = "1.0"
    marker = "python_full_version >= '3.12' and python_full_version < '3.14' and platform_machine == 'aarch64'"
    requires-python = ">=3.8"
    dependencies = [
        { name = "six" },
    ]
    wheels = [
    ]

    [[packages]]
    name = "a"
    version = "2.0"
    marker = "python_full_version == '3.12.*' and platform_machine == 'x86_64'"
    requires-python = ">=3.8"
    wheels = [
    ]

    [[packages]]
    name = "b"
    version = "1.0"
    marker = "python_full_version == '3.12.*' and platform_machine == 'x86_64'"
    requires-python = ">=3.8"
    dependencies = [
        { name = "a", version = "2.0" },
    ]
    wheels = [
    ]

    [[packages]]
    name = "six"
    version = "1.17.0"
    requires-python = ">=3.8"
    wheels = [
    ]

    [tool.layerpack]
    targets = [
        { runtime = "python3.12", arch = "arm64" },
        { runtime = "python3.12", arch = "x86_64" },
        { runtime = "python3.13", arch = "arm64" },
    ]
    digest = "sha256:00"
    "#);

    let read = PyLock::parse(&meta().file, text.as_bytes()).expect("its own lock");
    assert_eq!(read.write(), text);
    for wanted in &resolutions {
        let back = read.to_resolution(&wanted.target).expect("a target it was made for");
        let names =
            |resolution: &Resolution| resolution.pins.iter().map(|pin| pin.wheel.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&back), names(wanted), "{}", wanted.target);
    }
    insta::assert_snapshot!(read.to_resolution(&target("python3.11", Arch::Arm64)).expect_err("another Python"), @"layers/pypi/pylock.toml does not hold on python3.11 · arm64: requires-python is >=3.12");
}

#[test]
fn credentials_never_enter_a_lock() {
    let mut secret = pin(&["a-1.0-py3-none-any.whl"], &[]);
    secret.source = PinSource::Url("https://user:pw@files.example/a-1.0-py3-none-any.whl".to_owned());
    secret.alternatives.clear();
    let lock = PyLock::from_resolution(&resolution(target("python3.12", Arch::Arm64), vec![secret]), &meta());
    let text = lock.expect("its digest is known").write();
    assert!(text.contains("\"https://files.example/a-1.0-py3-none-any.whl\""), "{text}");
    assert!(!text.contains("pw"), "{text}");
}

#[test]
fn what_has_no_digest_cannot_be_locked() {
    let mut unknown = pin(&["a-1.0-py3-none-any.whl"], &[]);
    unknown.sha256 = None;
    unknown.alternatives.clear();
    let error = PyLock::from_resolution(&resolution(target("python3.12", Arch::Arm64), vec![unknown]), &meta());
    insta::assert_snapshot!(error.expect_err("no digest"), @"a cannot be locked: its index gives no sha256 for a-1.0-py3-none-any.whl");
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
        resolution.pins.iter().map(|pin| format!("{} {} {:?}", pin.version, pin.wheel, pin.source)).collect()
    };
    insta::assert_snapshot!(pins(target("python3.12", Arch::X86_64)).join("\n"), @r#"
    2 direct-2-py3-none-any.whl Index { url: "https://files.example/direct-2-py3-none-any.whl" }
    1.0+cpu foo_bar-1.0+cpu-cp312-cp312-linux_x86_64.whl Index { url: "https://files.example/foo_bar-1.0%2Bcpu-cp312-cp312-linux_x86_64.whl" }
    "#);
    insta::assert_snapshot!(pins(target("python3.12", Arch::Arm64)).join("\n"), @r#"
    2 direct-2-py3-none-any.whl Index { url: "https://files.example/direct-2-py3-none-any.whl" }
    1.0+cpu foo_bar-1.0+cpu-py3-none-any.whl Path("layers/./whl/foo_bar-1.0+cpu-py3-none-any.whl")
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
    insta::assert_snapshot!(error, @"layers/pylock.toml has no wheel that loads on python3.12 · arm64 for foo 1 (its only wheel does not fit), source 3 (sdist only), tree (vcs only)");

    let wheels = "wheels = [{ path = 'foo-1-py3-none-any.whl', hashes = { sha256 = 'DIGEST' } }]";
    let twice = with_package(&format!("{wheels}\n[[packages]]\nname = 'Foo'\n{wheels}"));
    let error =
        parse(&twice).expect("a sound lock").to_resolution(&target("python3.12", Arch::Arm64)).expect_err("twice");
    insta::assert_snapshot!(error, @"layers/pylock.toml: two entries of foo hold on python3.12 · arm64");
}

fn asks(line: &str, number: usize) -> Requirement {
    Requirement::parse(line, &Place::new("requirements.txt", number), Path::new("layers")).expect("a sound line")
}

fn stale(lock: &PyLock, wants: &Wants) -> String {
    match lock.satisfies(wants, &target("python3.12", Arch::Arm64)) {
        Ok(()) => "satisfied".to_owned(),
        Err(error) => {
            assert_eq!(error.code(), Code::StaleLock);
            error.to_string()
        }
    }
}

#[test]
fn staleness() {
    let on = target("python3.12", Arch::Arm64);
    let pins = vec![
        pin(&["fastapi-0.115.0-py3-none-any.whl"], &[]),
        local_pin("layers/pypi/whl/local-0.1.0-py3-none-any.whl"),
    ];
    let lock = PyLock::from_resolution(&resolution(on, pins), &meta()).expect("all digests are known");
    let mut all = String::new();
    for line in [
        "fastapi",
        "FastAPI[all]>=0.115,<1",
        "fastapi>=0.120 ; python_version > '3'",
        "fastapi>=0.120 ; sys_platform == 'win32'",
        "starlette",
        "starlette ; python_version < '3'",
        "./whl/local-0.1.0-py3-none-any.whl",
        "./whl/local-0.2.0-py3-none-any.whl",
    ] {
        let wants = Wants { requirements: vec![asks("fastapi", 1), asks(line, 3)], ..Wants::default() };
        all += &format!("{line}\n  {}\n", stale(&lock, &wants));
    }
    let constraints = |lines: &[&str]| Wants {
        requirements: vec![asks("fastapi", 1)],
        constraints: lines.iter().map(|line| asks(line, 7)).collect(),
        ..Wants::default()
    };
    all += &format!("constraint fastapi<0.100\n  {}\n", stale(&lock, &constraints(&["starlette<1", "fastapi<0.100"])));
    let overridden = Wants {
        requirements: vec![asks("fastapi<0.100", 1)],
        overrides: vec![asks("fastapi>0.110", 2)],
        ..Wants::default()
    };
    all += &format!("fastapi<0.100, overridden\n  {}\n", stale(&lock, &overridden));
    let mut hashed = asks("fastapi", 4);
    hashed.hashes = vec![format!("sha256:{DIGEST}").parse().expect("a digest")];
    all += &format!(
        "fastapi with another hash\n  {}\n",
        stale(&lock, &Wants { requirements: vec![hashed], ..Wants::default() })
    );
    insta::assert_snapshot!(all, @"
    fastapi
      satisfied
    FastAPI[all]>=0.115,<1
      satisfied
    fastapi>=0.120 ; python_version > '3'
      requirements.txt line 3 asks for fastapi>=0.120, layers/pypi/pylock.toml has 0.115.0: run layerpack lock
    fastapi>=0.120 ; sys_platform == 'win32'
      satisfied
    starlette
      requirements.txt line 3 asks for starlette, layers/pypi/pylock.toml has no such package: run layerpack lock
    starlette ; python_version < '3'
      satisfied
    ./whl/local-0.1.0-py3-none-any.whl
      satisfied
    ./whl/local-0.2.0-py3-none-any.whl
      requirements.txt line 3 asks for ./whl/local-0.2.0-py3-none-any.whl, layers/pypi/pylock.toml has 0.1.0: run layerpack lock
    constraint fastapi<0.100
      requirements.txt line 7 asks for fastapi<0.100, layers/pypi/pylock.toml has 0.115.0: run layerpack lock
    fastapi<0.100, overridden
      satisfied
    fastapi with another hash
      requirements.txt line 4 asks for fastapi, layers/pypi/pylock.toml has 0.115.0 with other hashes: run layerpack lock
    ");
}

#[test]
fn a_changed_local_wheel_makes_the_lock_stale() {
    let name = "local-0.1.0-py3-none-any.whl";
    let path = format!("layers/pypi/whl/{name}");
    let on = target("python3.12", Arch::Arm64);
    let lock =
        PyLock::from_resolution(&resolution(on, vec![local_pin(&path)]), &meta()).expect("all digests are known");
    let local = |filename: &str, bytes: &str| LocalWheel {
        path: PathBuf::from(&path),
        filename: filename.parse().expect("a wheel's name"),
        sha256: Sha256::of(bytes.as_bytes()),
        size: 1000,
        metadata: Arc::new(
            Metadata::parse(b"Metadata-Version: 2.1\nName: local\nVersion: 0.1.0\n").expect("sound metadata"),
        ),
    };
    let wants = |local| Wants { local: vec![local], ..Wants::default() };
    assert_eq!(stale(&lock, &wants(local(name, name))), "satisfied");
    insta::assert_snapshot!(stale(&lock, &wants(local(name, "changed"))), @"layers/pypi/whl/local-0.1.0-py3-none-any.whl is not the wheel that layers/pypi/pylock.toml was made with: run layerpack lock");
    insta::assert_snapshot!(stale(&lock, &wants(local("new-1-py3-none-any.whl", name))), @"layers/pypi/whl/local-0.1.0-py3-none-any.whl is not the wheel that layers/pypi/pylock.toml was made with: run layerpack lock");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = PyLock::parse(Path::new("pylock.toml"), &bytes);
    }

    #[test]
    fn a_damaged_lock_never_panics(at in 0_usize..2000, byte in any::<u8>(), cut in 0_usize..2000) {
        let on = target("python3.12", Arch::Arm64);
        let lock = PyLock::from_resolution(&resolution(on, vec![pin(&["a-1.0-py3-none-any.whl"], &["b"]), local_pin("b-2-py3-none-any.whl")]), &meta());
        let mut bytes = lock.expect("all digests are known").write().into_bytes();
        let at = at % bytes.len();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(1 + cut % bytes.len());
        if let Ok(lock) = PyLock::parse(Path::new("pylock.toml"), &bytes) {
            let _ = lock.to_resolution(&on);
            let _ = lock.write();
        }
    }

    #[test]
    fn writing_and_reading_change_nothing(
        names in prop::collection::btree_set("[a-z]{1,8}", 0..6),
        minors in prop::collection::vec(0_u32..30, 6),
        path in "[ -~é\\t]{0,20}",
    ) {
        let pins: Vec<Pin> = names.iter().zip(&minors).map(|(name, minor)| pin(&[&format!("{name}-1.{minor}-py3-none-any.whl")], &[name])).collect();
        let mut lock = PyLock::from_resolution(&resolution(target("python3.13", Arch::X86_64), pins), &meta()).expect("all digests are known");
        // Any text must survive as a TOML string.
        for wheel in lock.packages.iter_mut().flat_map(|package| &mut package.wheels) {
            wheel.place = WheelPlace::Path(path.clone());
        }
        lock.created_by.clone_from(&path);
        let read = PyLock::parse(&lock.file, lock.write().as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&read, &lock);
        prop_assert_eq!(read.write(), lock.write());
    }
}

//! From resolutions to a lock and back.

use lambda_compat::Arch;
use pypi_resolve::lock::{LockMeta, PyLock, WheelPlace};
use pypi_resolve::resolve::{PinSource, Resolution};
use testkit::slashed;

use crate::make::{local_pin, meta, pin, resolution, target};

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
    let chosen: Vec<String> = back.pins.iter().map(|pin| slashed(&format!("{} {:?}", pin.wheel, pin.source))).collect();
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
    let without_wheels: Vec<&str> = text.lines().filter(|line| !line.contains("hashes")).collect();
    insta::assert_snapshot!(without_wheels.join("\n"), @r#"
    lock-version = "1.0"
    environments = ["python_full_version == '3.12.*'", "python_full_version == '3.13.*'"]
    requires-python = ">=3.12"
    created-by = "layerpack"

    [[packages]]
    name = "a"
    version = "1.0"
    marker = "platform_machine == 'aarch64'"
    requires-python = ">=3.8"
    dependencies = [
        { name = "six" },
    ]
    wheels = [
    ]

    [[packages]]
    name = "a"
    version = "2.0"
    marker = "platform_machine != 'aarch64'"
    requires-python = ">=3.8"
    wheels = [
    ]

    [[packages]]
    name = "b"
    version = "1.0"
    marker = "platform_machine == 'x86_64'"
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

/// Folders of `--find-links` are absolute and locks mostly are not: the lock must not hold a path of this machine.
#[test]
fn wheels_of_local_folders_are_locked_by_relative_paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let wheels = folder.path().join("wheel house");
    fs_err::create_dir_all(folder.path().join("layers/pypi")).expect("a folder");
    fs_err::create_dir_all(&wheels).expect("a folder");
    let file = wheels.join("a-1.0-py3-none-any.whl");
    let mut local = pin(&["a-1.0-py3-none-any.whl"], &[]);
    local.alternatives[0].url = url::Url::from_file_path(&file).expect("an absolute path").into();
    let on = target("python3.12", Arch::Arm64);
    let locked = |lock: &str| {
        let meta = LockMeta { file: folder.path().join(lock), ..LockMeta::default() };
        let lock = PyLock::from_resolution(&resolution(on, vec![local.clone()]), &meta).expect("its digest is known");
        let path = match &lock.packages[0].wheels[0].place {
            WheelPlace::Path(path) => path.clone(),
            WheelPlace::Url(url) => panic!("{url}"),
        };
        (path, lock.to_resolution(&on).expect("a pure wheel").pins[0].source.clone())
    };
    assert_eq!(locked("pylock.toml"), ("wheel house/a-1.0-py3-none-any.whl".to_owned(), PinSource::Path(file)));
    assert_eq!(locked("layers/pypi/pylock.toml").0, "../../wheel house/a-1.0-py3-none-any.whl");
    // A lock whose path goes up first: only the file system knows the way back.
    assert_eq!(locked("layers/pypi/../pylock.toml").0, "../wheel house/a-1.0-py3-none-any.whl");
}

/// Relative to the working directory on one side only.
#[test]
fn a_relative_lock_and_an_absolute_wheel() {
    let here = fs_err::canonicalize(".").expect("a working directory");
    let mut local = local_pin("a-1.0-py3-none-any.whl");
    local.source = PinSource::Path(here.join("whl/a-1.0-py3-none-any.whl"));
    let meta = LockMeta { file: "src/pylock.toml".into(), ..LockMeta::default() };
    let lock = PyLock::from_resolution(&resolution(target("python3.12", Arch::Arm64), vec![local]), &meta);
    let place = lock.expect("its digest is known").packages[0].wheels[0].place.clone();
    assert_eq!(place, WheelPlace::Path("../whl/a-1.0-py3-none-any.whl".to_owned()));
}

/// The index and a `--find-links` folder may both have a file: the lock takes the one that was chosen.
#[test]
fn a_file_that_two_places_offer_is_locked_once() {
    let mut twice = pin(&["a-1.0-py3-none-any.whl", "a-1.0-py3-none-any.whl"], &[]);
    twice.alternatives[1].url = "file:///wheels/a-1.0-py3-none-any.whl".to_owned();
    let lock = PyLock::from_resolution(&resolution(target("python3.12", Arch::Arm64), vec![twice.clone()]), &meta());
    let places: Vec<_> = lock.expect("known").packages[0].wheels.iter().map(|wheel| wheel.place.clone()).collect();
    assert_eq!(places, [WheelPlace::Url(twice.alternatives[0].url.clone())]);
}

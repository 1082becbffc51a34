//! Whether a lock still satisfies its source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_compat::{Arch, Code};
use pypi_resolve::lock::PyLock;
use pypi_resolve::requirements::{HashDigest, Place, Requirement};
use pypi_resolve::resolve::{LocalWheel, Wants};
use wheel_archive::{Metadata, Sha256};

use crate::make::{DIGEST, local_pin, meta, pin, resolution, target};

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
    let mut all = Vec::new();
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
        all.push(format!("{line}\n  {}", stale(&lock, &wants)));
    }
    let constraints = |lines: &[&str]| Wants {
        requirements: vec![asks("fastapi", 1)],
        constraints: lines.iter().map(|line| asks(line, 7)).collect(),
        ..Wants::default()
    };
    all.push(format!("constraint fastapi<0.100\n  {}", stale(&lock, &constraints(&["starlette<1", "fastapi<0.100"]))));
    let overridden = Wants {
        requirements: vec![asks("fastapi<0.100", 1)],
        overrides: vec![asks("fastapi>0.110", 2)],
        ..Wants::default()
    };
    all.push(format!("fastapi<0.100, overridden\n  {}", stale(&lock, &overridden)));
    let mut hashed = asks("fastapi", 4);
    hashed.hashes = vec![format!("sha256:{DIGEST}").parse().expect("a digest")];
    all.push(format!(
        "fastapi with another hash\n  {}",
        stale(&lock, &Wants { requirements: vec![hashed], ..Wants::default() })
    ));
    insta::assert_snapshot!(all.join("\n"), @"
    fastapi
      satisfied
    FastAPI[all]>=0.115,<1
      satisfied
    fastapi>=0.120 ; python_version > '3'
      requirements.txt line 3 asks for fastapi>=0.120, layers/pypi/pylock.toml has 0.115.0
    fastapi>=0.120 ; sys_platform == 'win32'
      satisfied
    starlette
      requirements.txt line 3 asks for starlette, layers/pypi/pylock.toml has no such package
    starlette ; python_version < '3'
      satisfied
    ./whl/local-0.1.0-py3-none-any.whl
      satisfied
    ./whl/local-0.2.0-py3-none-any.whl
      requirements.txt line 3 asks for ./whl/local-0.2.0-py3-none-any.whl, layers/pypi/pylock.toml has 0.1.0
    constraint fastapi<0.100
      requirements.txt line 7 asks for fastapi<0.100, layers/pypi/pylock.toml has 0.115.0
    fastapi<0.100, overridden
      satisfied
    fastapi with another hash
      requirements.txt line 4 asks for fastapi, layers/pypi/pylock.toml has 0.115.0 with other hashes
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
    insta::assert_snapshot!(stale(&lock, &wants(local(name, "changed"))), @"layers/pypi/whl/local-0.1.0-py3-none-any.whl is not the wheel that layers/pypi/pylock.toml was made with");
    insta::assert_snapshot!(stale(&lock, &wants(local("new-1-py3-none-any.whl", name))), @"layers/pypi/whl/local-0.1.0-py3-none-any.whl is not the wheel that layers/pypi/pylock.toml was made with");
}

/// A lock may list wheels that the lines did not allow when they got their hashes: what counts is the wheel that would
/// be taken.
#[test]
fn another_wheel_with_the_right_hash_does_not_satisfy_a_line() {
    let (older, newer) =
        ("a-1.0-cp312-cp312-manylinux_2_17_aarch64.whl", "a-1.0-cp312-cp312-manylinux_2_28_aarch64.whl");
    let on = target("python3.12", Arch::Arm64);
    let lock = PyLock::from_resolution(&resolution(on, vec![pin(&[older, newer], &[])]), &meta());
    let lock = lock.expect("all digests are known");
    let hashed = |filename: &str| {
        let mut line = asks("a", 1);
        line.hashes = vec![HashDigest::Sha256(Sha256::of(filename.as_bytes()))];
        stale(&lock, &Wants { requirements: vec![line], ..Wants::default() })
    };
    assert_eq!(hashed(newer), "satisfied");
    assert_eq!(hashed(older), "requirements.txt line 1 asks for a, layers/pypi/pylock.toml has 1.0 with other hashes");
}

/// The command adds which lock to write: said twice it read "run layerpack lock" above "run layerpack lock src".
#[test]
fn what_to_do_is_said_in_the_help_alone() {
    let on = target("python3.12", Arch::Arm64);
    let lock = PyLock::from_resolution(&resolution(on, vec![pin(&["a-1.0-py3-none-any.whl"], &[])]), &meta());
    let wants = Wants { requirements: vec![asks("a>1", 1)], ..Wants::default() };
    let error = lock.expect("its digest is known").satisfies(&wants, &on).expect_err("a is too old");
    assert_eq!(error.to_string(), "requirements.txt line 1 asks for a>1, layers/pypi/pylock.toml has 1.0");
    assert_eq!(error.help().as_deref(), Some("write the lock anew with layerpack lock"));
}

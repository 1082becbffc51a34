//! Locks of several targets: where each entry holds, and what changes from one lock to the next.

use std::collections::BTreeSet;

use lambda_compat::{Arch, Target};
use proptest::prelude::*;
use pypi_resolve::lock::{Changes, PyLock};
use pypi_resolve::resolve::{Pin, Resolution};

use crate::make::{meta, pin, resolution, target};

fn locked(resolutions: &[Resolution]) -> PyLock {
    PyLock::from_resolutions(resolutions, &meta()).expect("all digests are known")
}

fn pure(name: &str, version: &str) -> Pin {
    pin(&[&format!("{name}-{version}-py3-none-any.whl")], &[])
}

fn markers(resolutions: &[Resolution]) -> String {
    let lock = locked(resolutions);
    let marker = |package: &pypi_resolve::lock::LockedPackage| {
        let version = package.version.as_ref().expect("a version");
        format!("{} {version}: {}", package.name, package.marker.try_to_string().unwrap_or_default())
    };
    lock.packages.iter().map(marker).collect::<Vec<_>>().join("\n")
}

#[test]
fn entries_are_told_apart_by_what_tells_their_targets_apart() {
    let [old_arm, old_x86] = [Arch::Arm64, Arch::X86_64].map(|arch| target("python3.11", arch));
    let [new_arm, new_x86] = [Arch::Arm64, Arch::X86_64].map(|arch| target("python3.13", arch));
    let on = |target, pins: &[(&str, &str)]| {
        resolution(target, pins.iter().map(|(name, version)| pure(name, version)).collect())
    };
    insta::assert_snapshot!(markers(&[
        on(old_arm, &[("by_arch", "1"), ("by_python", "1"), ("odd", "1"), ("old", "1"), ("same", "1")]),
        on(old_x86, &[("by_arch", "2"), ("by_python", "1"), ("odd", "2"), ("old", "1"), ("same", "1"), ("x86", "1")]),
        on(new_arm, &[("by_arch", "1"), ("by_python", "2"), ("odd", "2"), ("same", "1")]),
        on(new_x86, &[("by_arch", "2"), ("by_python", "2"), ("odd", "2"), ("same", "1"), ("x86", "1")]),
    ]), @"
    by-arch 1: platform_machine == 'aarch64'
    by-arch 2: platform_machine != 'aarch64'
    by-python 1: python_full_version == '3.11.*'
    by-python 2: python_full_version != '3.11.*'
    odd 1: python_full_version == '3.11.*' and platform_machine == 'aarch64'
    odd 2: python_full_version != '3.11.*' or platform_machine != 'aarch64'
    old 1: python_full_version == '3.11.*'
    same 1: 
    x86 1: platform_machine == 'x86_64'
    ");
}

#[test]
fn what_changed() {
    let on = target("python3.13", Arch::Arm64);
    let lock = |pins: &[(&str, &str)]| {
        locked(&[resolution(on, pins.iter().map(|(name, version)| pure(name, version)).collect())])
    };
    let before = lock(&[("a", "1.0"), ("b", "1.0"), ("c", "1.0")]);
    let now = lock(&[("b", "1.1"), ("c", "1.0"), ("d", "2.0")]);
    assert_eq!(Changes::between(&before, &now).to_string(), "added d 2.0, updated b 1.0 → 1.1, removed a 1.0");
    assert!(Changes::between(&now, &now).is_empty());
    let versions: Vec<_> =
        now.versions_on(&on).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
    assert_eq!(versions, ["b 1.1", "c 1.0", "d 2.0"]);
}

#[test]
fn files_of_a_kept_version_are_kept() {
    let on = target("python3.13", Arch::Arm64);
    let lock = |wheels: &[&str]| locked(&[resolution(on, vec![pin(wheels, &[])])]);
    let before = lock(&["a-1.0-py3-none-any.whl"]);
    let other = lock(&["a-1.0-py3-none-any.whl", "a-1.0-cp38-cp38-win_amd64.whl"]);
    assert_eq!(other.clone().keeping_files_of(&before), before, "a wheel for others has come");
    let better = lock(&["a-1.0-cp313-cp313-manylinux2014_aarch64.whl", "a-1.0-py3-none-any.whl"]);
    assert_eq!(better.clone().keeping_files_of(&before), better, "a wheel for this target has come");
    let newer = lock(&["a-1.1-py3-none-any.whl"]);
    assert_eq!(newer.clone().keeping_files_of(&before), newer, "another version");
}

proptest! {
    /// Read back, a lock gives every target what was resolved for it, whatever that is.
    #[test]
    fn each_target_gets_its_own(takes in prop::collection::vec(prop::collection::btree_map("[a-d]", 1_u8..4, 0..5), 1..7)) {
        let every: Vec<Target> = ["python3.11", "python3.12", "python3.13"]
            .into_iter()
            .flat_map(|runtime| [Arch::Arm64, Arch::X86_64].map(|arch| target(runtime, arch)))
            .collect();
        let resolutions: Vec<Resolution> = every.iter().zip(&takes).map(|(on, takes)| {
            resolution(*on, takes.iter().map(|(name, version)| pure(name, &version.to_string())).collect())
        }).collect();
        let lock = PyLock::parse(&meta().file, locked(&resolutions).write().as_bytes()).expect("its own lock");
        for wanted in &resolutions {
            let back = lock.to_resolution(&wanted.target).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let wheels = |resolution: &Resolution| resolution.pins.iter().map(|pin| pin.wheel.to_string()).collect::<BTreeSet<_>>();
            prop_assert_eq!(wheels(&back), wheels(wanted), "{}", wanted.target);
        }
    }
}

use std::collections::BTreeMap;

use super::*;
use crate::profile::library::{Availability, Grade};
use crate::profile::{runtime, runtimes};

/// What the probe function would give if the runtime had these files.
fn output(runtime: RuntimeName, arch: &str, folders: &BTreeMap<&str, Vec<&str>>) -> String {
    let execution_env = format!("AWS_Lambda_{runtime}");
    serde_json::json!({
        "layerpack-probe": 1, "date": "2027-01-31", "runtime": execution_env, "arch": arch, "folders": folders,
    })
    .to_string()
}

/// The folders as the profile has them, without the loader's own, which is not on `LD_LIBRARY_PATH`.
fn shipped(profile: &Profile, arch: Arch) -> BTreeMap<&str, Vec<&str>> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, fact) in profile.known_libraries(arch) {
        if let Some(folder) = fact.folder.filter(|folder| *folder != "/lib") {
            folders.entry(folder).or_default().push(name);
        }
    }
    folders
}

fn python313() -> &'static Profile {
    runtime("python3.13".parse().expect("a known runtime"))
}

fn probe(text: &str) -> Probe {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_probe_that_finds_what_is_shipped_changes_nothing_but_the_grade() {
    for shipped_profile in runtimes() {
        for arch in Arch::ALL {
            let probe = probe(&output(shipped_profile.name, arch.tag(), &shipped(shipped_profile, arch)));
            assert_eq!((probe.runtime, probe.arch), (shipped_profile.name, arch));
            let probed = shipped_profile.with_probes(std::slice::from_ref(&probe));
            // What nobody knew is settled, nothing else differs.
            for difference in differences(shipped_profile, &probed, arch) {
                assert_eq!(difference.before.grade, Grade::Unknown, "{difference:?}");
                assert_eq!(difference.after.grade, Grade::NotProbed, "{difference:?}");
            }
            let fact = probed.library(arch, "libc.so.6");
            assert_eq!((fact.grade, fact.folder), (Grade::Probed, Some("/lib64")));
            assert_eq!(fact.source, format!("your own probe of {} · {arch}", shipped_profile.name));
            assert_eq!(fact.checked.to_string(), "2027-01-31");
            let other = Arch::ALL.into_iter().find(|other| *other != arch).expect("there are two");
            assert_eq!(probed.library(other, "libc.so.6"), shipped_profile.library(other, "libc.so.6"));
        }
    }
}

#[test]
fn what_is_listed_is_there_and_what_is_not_is_not() {
    let arch = Arch::Arm64;
    let mut folders = shipped(python313(), arch);
    let lib64 = folders.get_mut("/lib64").expect("a folder");
    lib64.retain(|name| *name != "libmagic.so.1" && *name != "libmagic.so.1.0.0");
    lib64.extend(["libexpat.so.1", "libgomp.so.1"]);
    folders.insert("/var/runtime", vec!["libbz2.so.1", "libown.so.1"]);
    // The function's own, and a folder that the loader does not look into.
    folders.insert("/var/task/lib", vec!["libmine.so.1"]);
    folders.insert("/opt/lib", vec!["libodbc.so.2"]);
    folders.insert("/mnt/lib", vec!["libmounted.so.1"]);
    let probed = python313().with_probes(&[probe(&output(python313().name, "aarch64", &folders))]);
    let find = |name: &str| {
        let fact = probed.library(arch, name);
        (fact.grade, fact.folder)
    };
    assert_eq!(find("libexpat.so.1"), (Grade::Probed, Some("/lib64")));
    assert_eq!(find("libown.so.1"), (Grade::Probed, Some("/var/runtime")));
    assert_eq!(find("libbz2.so.1"), (Grade::Probed, Some("/var/lang/lib")));
    for name in ["libmagic.so.1", "libmine.so.1", "libodbc.so.2", "libmounted.so.1", "libnosuch.so.1"] {
        assert_eq!(find(name), (Grade::NotProbed, None), "{name}");
    }
    // The probe lists no /lib, so it says nothing of what lies there.
    assert_eq!(find("ld-linux-aarch64.so.1"), (Grade::SameRoot, Some("/lib")));
    assert_eq!(probed.finds_by_ldconfig(arch, "expat").grade, Grade::Probed);
    assert_eq!(probed.finds_by_ldconfig(arch, "magic").grade, Grade::NotProbed);
    assert_eq!(probed.finds_by_ldconfig(arch, "own").availability, Availability::Absent);

    let found: Vec<_> = differences(python313(), &probed, arch)
        .iter()
        .map(|d| format!("{}: {} -> {}", d.name, d.before.folder.unwrap_or("-"), d.after.folder.unwrap_or("-")))
        .collect();
    insta::assert_snapshot!(found.join("\n"), @"
    libexpat.so.1: - -> /lib64
    libgomp.so.1: - -> /lib64
    libmagic.so.1: /lib64 -> -
    libmagic.so.1.0.0: /lib64 -> -
    libown.so.1: - -> /var/runtime
    ");
}

#[test]
fn only_probes_of_the_runtime_count_and_the_later_of_two() {
    let text = |extra| {
        let mut folders = shipped(python313(), Arch::X86_64);
        folders.entry("/lib64").or_default().push(extra);
        output(python313().name, "x86_64", &folders)
    };
    let both = [probe(&text("libfirst.so.1")), probe(&text("libsecond.so.1"))];
    let python312 = runtime("python3.12".parse().expect("a known runtime"));
    assert_eq!(&python312.with_probes(&both), python312);
    let probed = python313().with_probes(&both);
    assert_eq!(probed.library(Arch::X86_64, "libfirst.so.1").grade, Grade::NotProbed);
    assert_eq!(probed.library(Arch::X86_64, "libsecond.so.1").grade, Grade::Probed);
    let folders: Vec<_> = both[0].folders().collect();
    assert_eq!(folders, [("/lib64", 181), ("/var/lang/lib", 25)]);
}

#[test]
fn what_is_no_probe_is_refused_and_says_where() {
    let whole = output(python313().name, "x86_64", &shipped(python313(), Arch::X86_64));
    let message = |text: &str| text.parse::<Probe>().expect_err("refused").to_string();
    let with = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        message(&whole.replacen(from, to, 1))
    };
    insta::assert_snapshot!(message(""), @"line 1, column 0: EOF while parsing a value");
    insta::assert_snapshot!(message("[]"), @"line 1, column 2: invalid length 0, expected the object that the probe function returns");
    insta::assert_snapshot!(message("\"{}\""), @"line 1, column 4: invalid type: string \"{}\", expected the object that the probe function returns");
    insta::assert_snapshot!(message("{\"errorMessage\":\n \"x\"}"), @"line 1, column 15: unknown field `errorMessage`, expected one of `layerpack-probe`, `date`, `runtime`, `arch`, `folders`");
    insta::assert_snapshot!(with("\"layerpack-probe\":1", "\"layerpack-probe\":2"), @"layerpack-probe is 2; this layerpack reads 1");
    insta::assert_snapshot!(with("2027-01-31", "31.1.2027"), @"line 1, column 35: `31.1.2027` is no date; dates look like 2026-11-22");
    insta::assert_snapshot!(with("\"x86_64\"", "\"riscv64\""), @"line 1, column 17: Lambda has no architecture `riscv64`; it has arm64 and x86_64");
    insta::assert_snapshot!(with("AWS_Lambda_python3.13", "AWS_Lambda_Image"), @"runtime: no Lambda runtime `Image`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8");
    insta::assert_snapshot!(with("AWS_Lambda_python3.13", "python3.13\\u001b[2J"), @"runtime: no Lambda runtime `python3.13�[2J`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8");
    insta::assert_snapshot!(with("\"/lib64\"", "\"/lib32\""), @"folders has no /lib64, which every Python runtime has");
    insta::assert_snapshot!(with("\"libc.so.6\",", ""), @"folders: /lib64 has no libc.so.6, which every function of python3.13 has");
    insta::assert_snapshot!(with("python3.13\"", "python3.12\""), @"folders: /var/lang/lib has no libpython3.12.so.1.0, which every function of python3.12 has");
    insta::assert_snapshot!(with("\"libacl.so.1\"", "\"../libacl.so.1\""), @"folders: /lib64, entry 4: `../libacl.so.1` is no file name");
    insta::assert_snapshot!(with("\"libacl.so.1\"", "\"lib\\u0007.so\""), @"folders: /lib64, entry 4: `lib�.so` is no file name");
    insta::assert_snapshot!(with("\"libacl.so.1\"", "7"), @"line 1, column 122: invalid type: integer `7`, expected a string");
    // A name of 1 MB is cut short.
    assert!(with("libacl.so.1", &"x".repeat(1_000_000)).len() < 400);
    assert!(message(&"[".repeat(100_000)).len() < 400);
}

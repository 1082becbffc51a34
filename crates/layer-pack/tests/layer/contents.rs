//! Finished layers and functions, read back: those that this crate writes, and those that anyone else does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lambda_compat::{Arch, Contents as _, Finding, Given, NeededDistribution, Surroundings, Target, WheelFacts};
use layer_pack::{Held, HeldFile, Layout, read_held, read_held_zip, write_tree, write_zip};
use proptest::prelude::*;
use testkit::{ElfBuilder, Machine, WheelBuilder, ZipBuilder, ZipEntry};

use wheel_archive::Sha256;

use crate::support::{jobs, local, planned, wheels};

fn python312() -> Target {
    Target::new("python3.12".parse().expect("a runtime"), Arch::Arm64)
}

fn zip(bytes: Vec<u8>) -> Result<Held, Vec<String>> {
    let outcome = read_held_zip(Box::new(bytes), None).expect("memory can be read");
    outcome.map_err(|findings| findings.iter().map(line).collect())
}

fn held(zip_of: &ZipBuilder) -> Held {
    zip(zip_of.build()).expect("a sound zip")
}

fn at(path: &Path) -> Held {
    read_held(path, None).expect("it can be read").expect("it is sound")
}

fn line(finding: &Finding) -> String {
    let entry = finding.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
    format!("{} {} {entry}{}", finding.severity, finding.code, finding.message)
}

/// What is said of it on python3.12 · arm64, a line each.
fn judged(held: &Held) -> String {
    let requires_click = |wheel: &WheelFacts<'_>, _: &Target| {
        let click = wheel.requires_dist.iter().filter(|spelt| spelt.starts_with("click"));
        let needed = click.map(|spelt| NeededDistribution {
            name: "click".parse().expect("a name"),
            specifiers: spelt.trim_start_matches("click").parse().expect("specifiers"),
            as_spelt: spelt.clone(),
            excluded: false,
        });
        needed.collect()
    };
    let surroundings = Surroundings {
        is_standard_module: &|name, _| matches!(name, "enum" | "random"),
        requirements: &requires_click,
        below: &[],
    };
    let findings = held.judge(&python312(), Given::default(), &surroundings);
    assert!(findings.is_sorted());
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn arm64() -> Vec<u8> {
    ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").build()
}

fn builders() -> Vec<WheelBuilder> {
    vec![
        WheelBuilder::new("click", "8.3.0")
            .file("click/__init__.py", "x = 1\n".repeat(300))
            .script("click", "click:main"),
        WheelBuilder::new("native", "1.0")
            .tag("cp312-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64")
            .requires("click>=8")
            .requires_python(">=3.12")
            .file("native/__init__.py", "")
            .file_mode("native/_native.abi3.so", arm64(), 0o755)
            .data_file("scripts/native", "#!python\n"),
    ]
}

#[test]
fn a_layer_of_ours_is_read_back_as_it_was_planned() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (zip, tree) = (folder.path().join("layer.zip"), folder.path().join("tree"));
    let wheels = wheels(&builders());
    let plan = planned(&wheels, &[local("lib/libx.so.1", &arm64()), local("python/own.py", b"")]).expect("a plan");
    write_zip(&plan, &zip, jobs(2)).expect("a zip");
    write_tree(&plan, &tree, &BTreeSet::new(), jobs(2)).expect("a tree");

    let planned_files: Vec<_> =
        plan.entries().iter().map(|e| (e.path.clone(), e.content.size(), Some(e.mode.permissions()))).collect();
    for path in [&zip, &tree] {
        let held = at(path);
        assert_eq!(held.kind(), Layout::Layer);
        let modes = cfg!(unix) || path == &zip;
        let of = |file: &HeldFile| (file.path.clone(), file.size, file.mode);
        let without_mode = |(path, size, mode): (_, _, Option<u32>)| (path, size, mode.filter(|_| modes));
        let planned_files: Vec<_> = planned_files.iter().cloned().map(without_mode).collect();
        assert_eq!(held.files().iter().map(of).collect::<Vec<_>>(), planned_files);
        assert_eq!(held.size(), planned_files.iter().map(|(_, size, _)| size).sum::<u64>());

        let native: Vec<_> =
            held.files().iter().filter(|f| f.binary.is_some()).map(|f| f.path.as_str().to_owned()).collect();
        assert_eq!(native, ["lib/libx.so.1", "python/native/_native.abi3.so"]);

        assert_eq!(held.distributions().len(), plan.packages().count());
        for (distribution, manifest) in held.distributions().iter().zip(plan.packages()) {
            assert_eq!(distribution.metadata, manifest.metadata);
            assert_eq!(distribution.tags, *manifest.filename.tags);
            let files: BTreeSet<_> = held.files_of(distribution).map(|file| file.path.clone()).collect();
            let planned_files = plan.entries().iter().filter(|e| e.package == Some(&manifest.metadata.name));
            assert_eq!(files, planned_files.map(|entry| entry.path.clone()).collect());
        }
        assert_eq!(held.findings(), []);
        assert_eq!(judged(&held), "");
        for entry in plan.entries() {
            let bytes = held.read(&format!("/opt/{}", entry.path)).expect("it is there");
            assert_eq!(Sha256::of(&bytes), entry.content.sha256(), "{}", entry.path);
        }
    }
}

/// A layer as `pip install --target python` and `zip -ry` make it.
fn by_pip() -> ZipBuilder {
    let record = "six.py,sha256=x,1\n../../bin/six,,\n../../share/man/six.1,,\nsix-1.dist-info/METADATA,,\ngone.py,,\n/etc/x,,\n";
    ZipBuilder::new()
        .entry(ZipEntry::directory("python/"))
        .entry(ZipEntry::deflated("python/six.py", b"x = 1\n"))
        .entry(ZipEntry::deflated("python/bin/six", b"#!python\n").mode(0o755))
        .entry(ZipEntry::deflated("python/share/man/six.1", b".TH"))
        .entry(ZipEntry::deflated("python/six-1.dist-info/METADATA", b"Metadata-Version: 2.1\nName: six\nVersion: 1\n"))
        .entry(ZipEntry::deflated("python/six-1.dist-info/RECORD", record))
        .entry(ZipEntry::deflated("python/six-1.dist-info/INSTALLER", b"pip\n"))
}

fn dist_info(name: &str, file: &str, text: &str) -> ZipEntry {
    ZipEntry::deflated(format!("python/{name}.dist-info/{file}"), text)
}

#[test]
fn the_files_of_a_distribution_are_those_that_its_record_means() {
    let held = held(&by_pip());
    let [six] = held.distributions() else { panic!("{:?}", held.distributions()) };
    let files: Vec<_> = held.files_of(six).map(|file| file.path.as_str()).collect();
    assert_eq!(
        files,
        [
            "python/bin/six",
            "python/share/man/six.1",
            "python/six-1.dist-info/INSTALLER",
            "python/six-1.dist-info/METADATA",
            "python/six-1.dist-info/RECORD",
            "python/six.py",
        ]
    );
    assert_eq!(six.tags.to_string(), "py3-none-any");
    assert_eq!((judged(&held).as_str(), held.findings()), ("", &[][..]));
}

#[test]
fn damaged_dist_infos_are_warnings() {
    let damaged = by_pip()
        .entry(dist_info("a_b-1.0", "METADATA", "Name: a-b\n"))
        .entry(dist_info("a_b-1.0", "WHEEL", "Wheel-Version: 9.0\n"))
        .entry(dist_info("a_b-1.0", "RECORD", "x\n"))
        .entry(dist_info("six-2", "METADATA", "Name: six\nVersion: 2\n"))
        .entry(dist_info("nameless", "RECORD", ""))
        // Vendored: nothing that Python sees.
        .entry(ZipEntry::deflated("python/six/_vendor/y-1.dist-info/METADATA", b"?"));
    let held = held(&damaged);
    let names: Vec<_> =
        held.distributions().iter().map(|d| format!("{} {}", d.metadata.name, d.metadata.version)).collect();
    assert_eq!(names, ["a-b 1.0", "six 1", "six 2"]);
    insta::assert_snapshot!(held.findings().iter().map(line).collect::<Vec<_>>().join("\n"), @r"
    warning LP220 python/six-2.dist-info: six is installed twice, as 1 and as 2
    warning LP221 python/a_b-1.0.dist-info/METADATA: METADATA has no Version: its headers end before line 2; what the distribution requires is not known
    warning LP221 python/nameless.dist-info/METADATA: there is no METADATA to be read; what the distribution requires is not known
    warning LP222 python/a_b-1.0.dist-info/WHEEL: Wheel-Version 9.0 is not known; 1.0 is
    note LP223 python/six-2.dist-info/RECORD: there is no RECORD: which files belong to the distribution cannot be told
    warning LP223 python/a_b-1.0.dist-info/RECORD: RECORD line 1: 1 fields where path, digest and size belong
    ");
}

#[test]
fn tags_requirements_and_layout_are_judged_together() {
    let tags = "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux2014_x86_64\nTag: cp311-cp311-manylinux_2_17_x86_64\n";
    let layer = by_pip()
        .entry(dist_info("native-1", "METADATA", "Name: native\nVersion: 1\nRequires-Dist: click>=8\n"))
        .entry(dist_info("native-1", "WHEEL", tags))
        .entry(dist_info("native-1", "RECORD", "native/_n.cpython-311-x86_64-linux-gnu.so,,\n"))
        .entry(ZipEntry::deflated("python/native/_n.cpython-311-x86_64-linux-gnu.so", b"\x7fELF"))
        .entry(ZipEntry::deflated("python/loose/_l.cpython-311-aarch64-linux-gnu.so", arm64()))
        .entry(ZipEntry::deflated("python/random.py", b"").mode(0o600));
    insta::assert_snapshot!(judged(&held(&layer)), @r"
    error LP101 native 1: built for CPython 3.11; the target is python3.12
    error LP102 native 1: built for x86_64; the target is arm64
    error LP107 python/native/_n.cpython-311-x86_64-linux-gnu.so: native 1: damaged: it is cut off
    error LP110 python/loose/_l.cpython-311-aarch64-linux-gnu.so: loose._l is there for Python 3.11 only; the target is python3.12 · arm64
    error LP414 python/random.py: mode 0600: Lambda's user may not read it
    error LP416 python/random.py: random hides the random of python3.12's standard library, which Lambda's runtime uses itself
    error LP418 python/native-1.dist-info/METADATA: native 1 requires click>=8; the layer has no click
    ");
}

#[test]
fn what_is_installed_for_another_python_is_not_judged() {
    let of = |minor: u8, name: &str, text: &str| {
        ZipEntry::deflated(format!("python/lib/python3.{minor}/site-packages/{name}"), text)
    };
    let tags = |minor: u8| format!("Wheel-Version: 1.0\nTag: cp3{minor}-cp3{minor}-manylinux2014_aarch64\n");
    let mut both = ZipBuilder::new();
    for minor in [11, 12] {
        both = both
            .entry(of(minor, "a.py", ""))
            .entry(of(minor, "a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"))
            .entry(of(minor, "a-1.dist-info/RECORD", "a.py,,\n"))
            .entry(of(minor, "a-1.dist-info/WHEEL", &tags(minor)));
    }
    let held = held(&both);
    assert_eq!(held.distributions().len(), 2);
    assert_eq!(held.findings(), []);
    insta::assert_snapshot!(judged(&held), @"note LP413 python/lib/python3.11/site-packages/a.py: 1 Python file in python/lib/python3.11/site-packages/ for another runtime: on python3.12 they only weigh");
}

#[test]
fn a_function_has_its_packages_at_the_root() {
    let function = ZipBuilder::new()
        .entry(ZipEntry::deflated("app.py", b"import six\n"))
        .entry(ZipEntry::deflated("run.sh", b"#!/bin/sh\r\n").external_attributes(0).made_by(0))
        .entry(ZipEntry::deflated("six.py", b""))
        .entry(ZipEntry::deflated("six-1.dist-info/METADATA", b"Name: six\nVersion: 1\n"))
        .entry(ZipEntry::deflated("six-1.dist-info/RECORD", b"six.py,,\n"));
    let held = held(&function);
    assert_eq!((held.kind(), held.distributions().len()), (Layout::Function, 1));
    assert_eq!(held.read("/var/task/app.py").as_deref(), Some(&b"import six\n"[..]));
    assert_eq!((held.read("/opt/app.py"), held.read("/var/task/none")), (None, None));
    insta::assert_snapshot!(judged(&held), @r"
    error LP419 run.sh: a script without x bit (mode 0644): it cannot be started
    error LP420 run.sh: a script with Windows line ends: Linux takes the carriage return for a part of each line
    ");
    let as_layer = read_held_zip(Box::new(function.build()), Some(Layout::Layer)).expect("memory").expect("sound");
    assert!(
        judged(&as_layer).starts_with("error LP411 app.py: no python/ at the root: 2 Python files"),
        "{}",
        judged(&as_layer)
    );
}

/// A link of a zip, or of a folder, with what it leads to.
const LINKS: [(&str, &str, Option<&str>); 12] = [
    ("lib/libx.so", "libx.so.1", Some("lib/libx.so.1")),
    ("lib/through.so", "./libx.so", Some("lib/libx.so.1")),
    ("python/a/libx.so", "../../lib/libx.so", Some("lib/libx.so.1")),
    ("python/absolute.so", "/opt/lib/libx.so.1", Some("lib/libx.so.1")),
    ("lib64", "lib", None),
    ("python/a/up", "../..", None),
    ("python/by-folder.so", "../lib64/libx.so.1", Some("lib/libx.so.1")),
    ("python/system.so", "/usr/lib64/libz.so.1", None),
    ("python/out.so", "../../usr/lib64/libz.so.1", None),
    ("python/dangling.so", "libnone.so", None),
    ("python/self.so", "self.so", None),
    ("python/circle", "a/../circle/x", None),
];

#[test]
fn links_are_followed_inside() {
    let mut linked = ZipBuilder::new()
        .entry(ZipEntry::deflated("lib/libx.so.1", arm64()).mode(0o755))
        .entry(ZipEntry::deflated("python/a/__init__.py", b""));
    for (path, target, _) in LINKS {
        linked = linked.entry(ZipEntry::symlink(path, target));
    }
    check_links(&held(&linked));
}

#[cfg(unix)]
#[test]
fn links_of_a_folder_are_followed_inside() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in [("lib/libx.so.1", arm64()), ("python/a/__init__.py", Vec::new())] {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        fs_err::write(path, bytes).expect("a file");
    }
    for (path, target, _) in LINKS {
        fs_err::os::unix::fs::symlink(target, folder.path().join(path)).expect("a link");
    }
    check_links(&at(folder.path()));
}

fn check_links(held: &Held) {
    let layer = held.layer(&python312(), Given::default());
    let placed: BTreeMap<_, _> = layer.files().map(|file| (file.place.as_ref(), file)).collect();
    for (path, _, leads_to) in LINKS {
        let place = format!("/opt/{path}");
        assert_eq!(placed.get(place.as_str()).map(|file| file.entry), leads_to.map(|_| path), "{path}");
        assert_eq!(placed.get(place.as_str()).is_some_and(|file| file.binary.is_some()), leads_to.is_some(), "{path}");
        assert_eq!(held.read(&place).is_some(), leads_to.is_some(), "{path}");
        assert!(held.file(path).and_then(|file| file.link.as_deref()).is_some(), "{path}");
    }
    // A linked folder holds what it leads to, but no links once more.
    assert!(placed.contains_key("/opt/lib64/libx.so.1") && placed.contains_key("/opt/python/a/up/lib/libx.so.1"));
    assert!(!placed.contains_key("/opt/lib64/libx.so"));
    assert!(held.read("/opt/python/a/up/lib64/libx.so").is_some());
    let broken: Vec<_> = held.findings().iter().map(line).collect();
    let nowhere = |path: &str, target: &str| format!("warning LP210 {path}: a link to `{target}`, where nothing lies");
    let expected = [("circle", "a/../circle/x"), ("dangling.so", "libnone.so"), ("self.so", "self.so")];
    assert_eq!(broken, expected.map(|(name, target)| nowhere(&format!("python/{name}"), target)));
}

#[test]
fn what_is_no_sound_zip_is_findings() {
    let findings = |bytes: &[u8]| zip(bytes.to_vec()).err().expect("malformed").join("\n");
    insta::assert_snapshot!(findings(b"PK"), @"error LP201 not a zip archive: starts with `PK`");
    insta::assert_snapshot!(findings(&by_pip().entry(ZipEntry::stored("../x", b"")).build()), @"error LP208 ../x: refused: `../x` leaves its folder by `..`");
    assert!(read_held(Path::new("/nowhere/at/all.zip"), None).is_err());
    assert_eq!(held(&ZipBuilder::new()).files(), []);
}

#[cfg(target_os = "linux")]
#[test]
fn what_no_zip_can_hold_is_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs_err::write(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.py")), b"").expect("a file");
    fs_err::write(folder.path().join("a\\b.py"), b"").expect("a file");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("a socket");
    let held = at(folder.path());
    insta::assert_snapshot!(held.findings().iter().map(line).collect::<Vec<_>>().join("\n"), @r"
    error LP208 a\\b.py: a name that no zip can hold: it is not UTF-8, or has a backslash or a control character
    error LP208 �.py: a name that no zip can hold: it is not UTF-8, or has a backslash or a control character
    error LP210 socket: a pipe, socket or device: no layer can hold it
    ");
}

#[cfg(unix)]
#[test]
fn folders_that_others_may_not_enter_are_found_on_disk() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let package = folder.path().join("python/a");
    fs_err::create_dir_all(&package).expect("a folder");
    fs_err::write(package.join("__init__.py"), b"").expect("a file");
    for (path, mode) in [("python/a/__init__.py", 0o644), ("python/a", 0o750), ("python", 0o755)] {
        fs_err::set_permissions(folder.path().join(path), std::fs::Permissions::from_mode(mode)).expect("a mode");
    }
    insta::assert_snapshot!(judged(&at(folder.path())), @"error LP414 python/a: mode 0750: Lambda's user may not read it");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_zip_makes_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        record in "[a-z./,\n\"]{0,60}",
        metadata in "(Name|Version|Requires-Dist|Tag): [a-z0-9.>=-]{0,6}\n{0,3}",
        link in "[a-z./]{0,12}",
    ) {
        let mut bytes = by_pip()
            .entry(dist_info("b-1", "RECORD", &record))
            .entry(dist_info("b-1", "METADATA", &metadata))
            .entry(dist_info("b-1", "WHEEL", &format!("Wheel-Version: 1.0\n{metadata}")))
            .entry(ZipEntry::stored("python/a.pth", record.as_bytes()))
            .entry(ZipEntry::symlink("python/l", &link))
            .entry(ZipEntry::symlink("python/m", "l/.."))
            .build();
        for (index, byte) in changes {
            *index.get_mut(&mut bytes) = byte;
        }
        if let Ok(held) = zip(bytes) {
            let _findings = judged(&held);
        }
    }
}

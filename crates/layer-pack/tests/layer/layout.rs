//! What goes where, and what happens when two packages bring one path.

use crate::support::{Wheel, jobs, local, paths, planned, text_of, wheels};
use insta::assert_snapshot;
use lambda_compat::{Code, Severity};
use layer_pack::{PlanError, write_zip};
use testkit::WheelBuilder;
use wheel_archive::EntryPath;

/// A wheel that has everything that a wheel can have.
fn rich() -> WheelBuilder {
    WheelBuilder::new("Rich.Tool", "1.0")
        .file("rich_tool/__init__.py", "x = 1\n")
        .file("rich_tool/__pycache__/shipped.cpython-312.pyc", "kept")
        .file_mode("rich_tool/run.sh", "#!/bin/sh\n", 0o755)
        .data_file("purelib/pure.py", "p = 1\n")
        .data_file("platlib/plat.py", "q = 1\n")
        .data_file("data/share/rich/table.txt", "t")
        .data_file("data/lib/kept.txt", "t")
        .data_file("headers/rich.h", "int x;")
        .data_file("scripts/old-tool", "#!python\nprint(1)\n")
        .data_file("scripts/shell-tool", "#!/bin/sh\n")
        .script("rich", "rich_tool.cli:main")
        .gui_script("rich-gui", "rich_tool.gui:App.start")
}

#[test]
fn every_scheme_has_its_place() {
    let wheels = wheels([&rich()]);
    let plan = planned(&wheels, &[local("lib/libgomp.so.1", b"lib"), local("bin/tool", b"tool")]).expect("a plan");
    assert_snapshot!(paths(&plan), @"
    755 bin/tool
    644 lib/libgomp.so.1
    755 python/bin/old-tool
    755 python/bin/rich
    755 python/bin/rich-gui
    755 python/bin/shell-tool
    644 python/include/python/rich-tool/rich.h
    644 python/lib/kept.txt
    644 python/plat.py
    644 python/pure.py
    644 python/rich_tool-1.0.dist-info/METADATA
    644 python/rich_tool-1.0.dist-info/RECORD
    644 python/rich_tool-1.0.dist-info/WHEEL
    644 python/rich_tool-1.0.dist-info/entry_points.txt
    644 python/rich_tool/__init__.py
    644 python/rich_tool/__pycache__/shipped.cpython-312.pyc
    755 python/rich_tool/run.sh
    644 python/share/rich/table.txt
    ");
}

#[test]
fn record_says_what_the_layer_holds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let zip = folder.path().join("layer.zip");
    let wheels = wheels([&rich()]);
    write_zip(&planned(&wheels, &[]).expect("a plan"), &zip, jobs(1)).expect("a zip");
    assert_snapshot!(text_of(&zip, "python/rich_tool-1.0.dist-info/RECORD"), @"
    bin/old-tool,sha256=yYZj4NKdX-uqqnx_CzAe-nnuOaI3Wyx0s-EoooquzeY,33
    bin/rich,sha256=eFPIZRVzPKBuCivYZzcQPz6jmP5Ek6JH055TzpHcgBg,265
    bin/rich-gui,sha256=ySmQ-l8XyqaE11aYIZoU6QhepbinDESUmp5Iw_Xye6E,269
    bin/shell-tool,sha256=qAdtPSjSHgIBKyDq99v3VAmmJ3E0Q5Al8oLjaOMwWr8,10
    include/python/rich-tool/rich.h,sha256=4T4zK9COE8viruCU4TDtI4eLO1VL5bmmZag-Y8qph64,6
    lib/kept.txt,sha256=47mKTaMaEn1L3m5DAz9muidMqw636xxw7EFAK_YnPdg,1
    plat.py,sha256=gdGrtF8GYM_f41oKPI1ATxUyNbAdHXCapfZ9PyLjbtU,6
    pure.py,sha256=VmXQlCTL5k7vMf0EMqfMluWOvmqXPVHlA3687Ry-zXM,6
    rich_tool-1.0.dist-info/METADATA,sha256=8DuxGq1lGSiALiHdhrhpdN5YaYbE4XVz7rTAY7tyDoI,51
    rich_tool-1.0.dist-info/RECORD,,
    rich_tool-1.0.dist-info/WHEEL,sha256=whATbT_WKJeECOK7djVdCwXwJC4kQUbu3Ubi5sMLn8k,78
    rich_tool-1.0.dist-info/entry_points.txt,sha256=RYgD237rK9m-Z4k7d66dYAaHw7uzHNIJCRzI11aBnfw,94
    rich_tool/__init__.py,sha256=nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q,6
    rich_tool/__pycache__/shipped.cpython-312.pyc,sha256=efB2q90Zp1Lbcme__y-QIhYdEg3qkZ_ayi_9_CTKjJY,4
    rich_tool/run.sh,sha256=qAdtPSjSHgIBKyDq99v3VAmmJ3E0Q5Al8oLjaOMwWr8,10
    share/rich/table.txt,sha256=47mKTaMaEn1L3m5DAz9muidMqw636xxw7EFAK_YnPdg,1
    ");
    assert_snapshot!(text_of(&zip, "python/bin/old-tool"), @"
    #!/var/lang/bin/python3
    print(1)
    ");
}

#[test]
fn identical_files_are_one_and_stand_in_both_records() {
    let wheels = wheels([
        &WheelBuilder::new("zeta", "1").file("shared/__init__.py", "same\n").file("shared/z.py", "z"),
        &WheelBuilder::new("alpha", "1").file("shared/__init__.py", "same\n").file("shared/a.py", "a"),
    ]);
    let plan = planned(&wheels, &[]).expect("identical files are no conflict");
    assert!(plan.findings().is_empty());
    let shared: Vec<_> = plan.entries().iter().filter(|e| e.path.as_str() == "python/shared/__init__.py").collect();
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0].package.map(ToString::to_string), Some("alpha".to_owned()));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let zip = folder.path().join("layer.zip");
    write_zip(&plan, &zip, jobs(2)).expect("a zip");
    for package in ["alpha", "zeta"] {
        let record = text_of(&zip, &format!("python/{package}-1.dist-info/RECORD"));
        assert!(record.contains("shared/__init__.py,sha256="), "{record}");
    }
}

#[test]
fn different_code_under_one_path_is_an_error_naming_both() {
    let wheels = wheels([
        &WheelBuilder::new("zeta", "1").file("shared/core.py", "z"),
        &WheelBuilder::new("alpha", "1").file("shared/core.py", "a"),
    ]);
    let error = planned(&wheels, &[]).err().expect("a conflict");
    assert_eq!(error.code(), Code::PathConflict);
    assert_snapshot!(error, @"alpha and zeta bring different files of one path: python/shared/core.py");

    // One that differs from what an ordinary installation would keep apart.
    let alone = WheelBuilder::new("alpha", "1").file("core.py", "a").data_file("data/core.py", "b");
    let wheels = self::wheels([&alone]);
    let error = planned(&wheels, &[]).err().expect("a conflict");
    assert_snapshot!(error, @"alpha itself brings different files of one path: python/core.py");
    assert_eq!(error.help(), Some("the wheel has to be rebuilt by whoever publishes it"));
}

#[test]
fn elsewhere_the_first_by_name_wins_and_the_loser_does_not_list_the_file() {
    let builders = [
        WheelBuilder::new("zeta", "1").file("tests/__init__.py", "z").file("LICENSE", "z"),
        WheelBuilder::new("alpha", "1").file("tests/__init__.py", "a").file("LICENSE", "a"),
    ];
    let wheels = wheels(&builders);
    let plan = planned(&wheels, &[]).expect("only warnings");
    let findings: Vec<String> = plan
        .findings()
        .iter()
        .map(|f| {
            assert_eq!((f.code, f.severity), (Code::PathConflict, Severity::Warning));
            format!("{}: {}\n", f.entry.as_deref().unwrap_or_default(), f.message)
        })
        .collect();
    assert_snapshot!(findings.concat(), @"
    python/LICENSE: alpha and zeta bring different files here; the layer holds that of alpha
    python/tests/__init__.py: alpha and zeta bring different files here; the layer holds that of alpha
    ");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let zip = folder.path().join("layer.zip");
    write_zip(&plan, &zip, jobs(2)).expect("a zip");
    assert_eq!(text_of(&zip, "python/LICENSE"), "a");
    assert!(text_of(&zip, "python/alpha-1.dist-info/RECORD").contains("LICENSE,"));
    assert!(!text_of(&zip, "python/zeta-1.dist-info/RECORD").contains("LICENSE,"));
}

#[test]
fn declarations_of_one_namespace_need_not_be_spelt_alike() {
    let pkgutil = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
    let pkg_resources = "__import__('pkg_resources').declare_namespace(__name__)\n";
    let both = wheels([
        &WheelBuilder::new("google-a", "1").file("google/__init__.py", pkgutil),
        &WheelBuilder::new("google-b", "1").file("google/__init__.py", pkg_resources),
    ]);
    let plan = planned(&both, &[]).expect("both say that google is a namespace");
    assert_eq!(plan.findings().len(), 1);

    let one = wheels([
        &WheelBuilder::new("google-a", "1").file("google/__init__.py", pkgutil),
        &WheelBuilder::new("google-b", "1").file("google/__init__.py", "version = 1\n"),
    ]);
    assert!(matches!(planned(&one, &[]), Err(PlanError::Conflict { .. })));
}

#[test]
fn files_of_the_source_are_in_conflict_like_any_others() {
    let wheels = wheels([&WheelBuilder::new("alpha", "1").file("alpha.py", "a").file("README", "a")]);
    let error = planned(&wheels, &[local("python/alpha.py", b"mine")]).err().expect("a conflict");
    assert_snapshot!(error, @"the layer's source and alpha bring different files of one path: python/alpha.py");
    let error = planned(&wheels, &[local("python/alpha-1.dist-info/RECORD", b"mine")]).err().expect("a conflict");
    assert_snapshot!(error, @"the layer's source and alpha bring different files of one path: python/alpha-1.dist-info/RECORD");

    let plan = planned(&wheels, &[local("python/README", b"mine")]).expect("a warning");
    assert_eq!(plan.findings().len(), 1);
    let readme = plan.entries().iter().find(|e| e.path.as_str() == "python/README").expect("it is there");
    assert_eq!(readme.package, None);
}

#[test]
fn a_file_cannot_be_a_folder_too() {
    let wheels = wheels([
        &WheelBuilder::new("alpha", "1").file("shared", "a").file("shared-x", "a"),
        &WheelBuilder::new("zeta", "1").file("shared/deep/z.txt", "z"),
    ]);
    let error = planned(&wheels, &[]).err().expect("a conflict");
    assert_snapshot!(error, @"python/shared is a file of alpha and a folder of zeta, which brings python/shared/deep/z.txt");
}

#[test]
fn one_distribution_comes_once() {
    let wheels = wheels([&WheelBuilder::new("Foo.Bar", "1"), &WheelBuilder::new("foo_bar", "2")]);
    let error = planned(&wheels, &[]).err().expect("two of one");
    assert_snapshot!(error, @"foo-bar is there twice: foo_bar-1-py3-none-any.whl and foo_bar-2-py3-none-any.whl");
}

#[test]
fn what_linux_cannot_unpack_is_refused() {
    let fits = local(&format!("python/{}", "a".repeat(255)), b"");
    assert!(planned(&[], &[fits]).is_ok());
    format!("python/{}", "a".repeat(256)).parse::<EntryPath>().expect_err("no name for a file");
    // Short enough by itself, and too long below /opt.
    let path = local(&vec!["abcdefg"; 512].join("/"), b"");
    assert!(matches!(planned(&[], &[path]), Err(PlanError::LongPath { .. })));
}

#[test]
fn a_launcher_replaces_the_script_that_setuptools_shipped() {
    let wheel = Wheel::new(
        &WheelBuilder::new("alpha", "1").data_file("scripts/alpha", "#!python\nold\n").script("alpha", "alpha:main"),
    );
    let wheels = [wheel];
    let plan = planned(&wheels, &[]).expect("no conflict");
    assert!(plan.findings().is_empty());
    assert_eq!(plan.entries().iter().filter(|e| e.path.as_str() == "python/bin/alpha").count(), 1);
}

#[test]
fn a_script_that_is_damaged_in_the_store_is_told_as_such() {
    let mut wheels = wheels([&WheelBuilder::new("alpha", "1").stored().data_file("scripts/tool", "#!python\nx\n")]);
    let script = wheels[0].manifest.entries.iter().find(|e| e.path.file_name() == "tool").expect("it is there");
    let at = usize::try_from(script.offset).expect("small");
    wheels[0].bytes[at + 5] ^= 1;
    let sha256 = wheels[0].manifest.sha256;
    let error = planned(&wheels, &[]).err().expect("a damaged script");
    assert!(matches!(error, PlanError::Damaged { sha256: damaged, .. } if damaged == sha256));
    wheels[0].bytes.truncate(at);
    assert!(matches!(planned(&wheels, &[]), Err(PlanError::Damaged { .. })));
}

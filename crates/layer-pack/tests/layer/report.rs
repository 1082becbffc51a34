//! The report: what it says, and that it says the same everywhere.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{Wheel, jobs, local, names_in, planned, wheels};
use insta::assert_snapshot;
use lambda_compat::Arch;
use layer_pack::{Output, PackageSource, Report, ReportError, weigh, write_file, write_zip};
use testkit::WheelBuilder;

fn alpha() -> Vec<Wheel> {
    wheels([&WheelBuilder::new("alpha", "1.0").stored().file("alpha.py", "x = 1\n")])
}

/// The report of a small layer whose zip is written into `folder`.
fn report_of(wheels: &[Wheel], folder: &Path) -> Report {
    let plan = planned(wheels, &[local("lib/libx.so.1", b"x")]).expect("a plan");
    let written = write_zip(&plan, &folder.join("pypi-python3.12-arm64.zip"), jobs(2)).expect("a zip");
    let sources = BTreeMap::from([(
        "alpha".parse().expect("a name"),
        PackageSource::url("https://user:secret@example.org/alpha-1.0-py3-none-any.whl"),
    )]);
    let runtime = "python3.12".parse().expect("a runtime");
    let mut report = Report::new("pypi", runtime, Arch::Arm64, &plan, &weigh(&plan), &sources);
    report.outputs.push(Output::from(&written));
    report
}

#[test]
fn a_small_layer() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let report = report_of(&alpha(), folder.path());
    let json = report.to_json();
    let head = json.split("\"files\": [").next().unwrap_or_default();
    assert_snapshot!(head, @r#"
    {
      "schema": 1,
      "name": "pypi",
      "runtime": "python3.12",
      "arch": "arm64",
      "kind": "layer",
      "unzipped": 386,
      "zipped": 982,
      "own_files": {
        "unzipped": 1,
        "zipped": 103,
        "files": 1
      },
      "packages": [
        {
          "name": "alpha",
          "version": "1.0",
          "wheel": "alpha-1.0-py3-none-any.whl",
          "sha256": "b8c3e65789b760f371fd644c289182229c4c449928ccdb291cc939ce52d83e47",
          "source": {
            "url": "https://example.org/alpha-1.0-py3-none-any.whl"
          },
          "unzipped": 385,
          "zipped": 857,
          "files": 4
        }
      ],
      "outputs": [
        {
          "kind": "zip",
          "file": "pypi-python3.12-arm64.zip",
          "size": 982,
          "sha256": "3a8695267f86872ea616e49b92981b1441c83b543ef9d95c9822602ad6ad4d4f",
          "sha256_base64": "OoaVJn+Ghy6mFuSbkpgbFEHIO1Q++dlcmCJgKtatTU8="
        }
      ],
      "held_back": [],
      "findings": [],
    "#);
    assert_eq!(
        report.paths().collect::<Vec<_>>(),
        [
            "lib/libx.so.1",
            "python/alpha-1.0.dist-info/METADATA",
            "python/alpha-1.0.dist-info/RECORD",
            "python/alpha-1.0.dist-info/WHEEL",
            "python/alpha.py",
        ]
    );
}

#[test]
fn equal_layers_have_equal_reports_wherever_they_are_built() {
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (here, there) = (here.path(), there.path());
    let wheels = alpha();
    assert_eq!(report_of(&wheels, here).to_json(), report_of(&wheels, there).to_json());
    assert!(!report_of(&wheels, here).to_json().contains(&here.display().to_string()));
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("reports/pypi.json");
    let report = report_of(&alpha(), folder.path());
    write_file(&path, report.to_json().as_bytes()).expect("a file");
    write_file(&path, report.to_json().as_bytes()).expect("a file again");
    assert_eq!(Report::read(&path).expect("a report"), report);
    assert_eq!(names_in(&folder.path().join("reports")), ["pypi.json"]);
}

#[test]
fn what_is_no_report_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("report.json");
    assert!(matches!(Report::read(&path), Err(ReportError::Read { .. })));
    for text in ["", "{}", "[1]", r#"{"schema":1}"#, r#"{"schema":"1"}"#] {
        fs_err::write(&path, text).expect("a file");
        assert!(matches!(Report::read(&path), Err(ReportError::Parse { .. })), "{text}");
    }
    fs_err::write(&path, r#"{"schema":2,"layers":[]}"#).expect("a file");
    assert!(matches!(Report::read(&path), Err(ReportError::Schema { found: 2, .. })));
    // A path that leaves the layer does not come back in through a report.
    let escaping = report_of(&alpha(), folder.path()).to_json().replace("lib/libx.so.1", "../libx.so.1");
    fs_err::write(&path, escaping).expect("a file");
    assert!(matches!(Report::read(&path), Err(ReportError::Parse { .. })));
}

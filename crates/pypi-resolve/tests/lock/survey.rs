//! What a lock lacks on a target, and what an index has instead.

use std::sync::Arc;

use lambda_compat::{Arch, Origin};
use pypi_resolve::index::{IndexError, IndexFile, Project, Source};
use pypi_resolve::lock::LockError;
use pypi_resolve::resolve::{Packages, Survey, Unmet};
use wheel_archive::Metadata;
use wheel_tags::DistName;

use crate::make::{parse, target, with_package};

/// An index with these wheels; without any, none that answers.
struct Shelf<'a>(&'a [&'a str]);

impl Packages for Shelf<'_> {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        if self.0.is_empty() {
            return Err(IndexError::NotCached { what: name.to_string() });
        }
        let file = |name: &&str| IndexFile::wheel(name.parse().expect("a file name"), *name, Origin::PublicIndex);
        let from = Source::Index("https://index.example/simple/".to_owned());
        Ok(Arc::new(Project {
            name: name.clone(),
            files: self.0.iter().map(file).collect(),
            from,
            earlier_first: false,
        }))
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        panic!("nobody needs the METADATA of {}", file.filename)
    }
}

fn survey(table: &str, shelf: &[&str]) -> Survey {
    let lock = parse(&with_package(table)).expect("a lock");
    let today = "2026-11-22".parse().expect("a day");
    let set = lock.select(&target("python3.13", Arch::Arm64)).expect("it holds there");
    set.survey(&Shelf(shelf), today).expect("a lock with addresses needs no index")
}

fn told(table: &str, shelf: &[&str]) -> String {
    let survey = survey(table, shelf);
    let [unmet] = survey.unmet.as_slice() else { panic!("{survey:?}") };
    let finding = unmet.finding();
    format!("{} {} | {}", finding.code, finding.message, finding.help.unwrap_or_default())
}

fn wheels(names: &[&str]) -> String {
    let wheel = |name: &&str| {
        format!("{{ name = \"{name}\", url = \"https://files.example/{name}\", hashes = {{ sha256 = \"DIGEST\" }} }}")
    };
    format!("version = \"1.0\"\nwheels = [{}]", names.iter().map(wheel).collect::<Vec<_>>().join(", "))
}

const X86: &str = "foo-1.0-cp313-cp313-manylinux_2_17_x86_64.whl";
const ARM: &str = "foo-1.0-cp313-cp313-manylinux_2_17_aarch64.whl";
const NEWER: &str = "foo-1.1-py3-none-any.whl";

#[test]
fn what_a_package_lacks() {
    let fine = survey(&wheels(&[X86, ARM]), &[]);
    assert_eq!((fine.resolution.map(|r| r.pins.len()), fine.unmet), (Some(1), Vec::<Unmet>::new()));
    let cases = [
        (wheels(&[X86]), &[X86, NEWER][..], "LP305 foo==1.0 has wheels only for cp313 on x86_64 | from 1.1 on there is one; 1.0 has one for python3.13 · x86_64"),
        (wheels(&[X86]), &[X86, ARM, NEWER], "LP305 foo==1.0 has wheels only for cp313 on x86_64 | the index has one of this very version: write the lock anew; 1.0 has one for python3.13 · x86_64"),
        (wheels(&["foo-1.0-cp313-cp313-win_amd64.whl"]), &[], "LP305 foo==1.0 has wheels only for cp313 on Windows | whether another version has one is not known: foo is not in the cache, and --offline forbids fetching it"),
        (
            format!("requires-python = \"<3.13\"\n{}", wheels(&["foo-1.0-py3-none-any.whl"])),
            &[NEWER],
            "LP305 foo==1.0 needs Python <3.13 | from 1.1 on there is one; 1.0 has one for python3.12 · arm64",
        ),
        (
            "version = \"1.0\"\nsdist = { url = \"https://files.example/foo-1.0.tar.gz\", hashes = { sha256 = \"DIGEST\" } }".to_owned(),
            &[NEWER],
            "LP304 foo==1.0 has no wheel, only a source distribution | from 1.1 on there is one",
        ),
        (
            "vcs = { type = \"git\", url = \"https://example.com/foo.git\", commit-id = \"0\" }".to_owned(),
            &[],
            "LP304 foo is locked from `vcs`, not from a wheel | build a wheel of foo and lock its file",
        ),
    ];
    for (table, shelf, expected) in cases {
        assert_eq!(told(&table, shelf), expected);
    }
}

#[test]
fn a_lock_for_others_is_no_survey() {
    let lock = with_package(&wheels(&[ARM])).replace("created-by", "requires-python = \"<3.13\"\ncreated-by");
    let lock = parse(&lock).expect("a lock");
    let error = lock.select(&target("python3.13", Arch::Arm64)).expect_err("it excludes 3.13");
    assert!(matches!(&error, LockError::OtherTarget { why, .. } if why == "requires-python is <3.13"), "{error}");
}

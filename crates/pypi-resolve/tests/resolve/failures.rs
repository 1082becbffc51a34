//! Errors that are not about versions.

use lambda_compat::Code;
use pypi_resolve::index::IndexError;
use pypi_resolve::resolve::{Policy, ResolveError, resolve};

use crate::memory::{Memory, target, wants};

#[test]
fn a_failing_network_ends_the_search_unchanged() {
    let fails = IndexError::Network { url: "https://index.example/simple/a/".to_owned(), why: "refused".to_owned() };
    let mut index = Memory::default();
    index.fails = Some(fails.clone());
    let error =
        resolve(&wants(&["a"]), &target("python3.12 x86_64"), &index, &Policy::default()).expect_err("no network");
    assert!(matches!(&error, ResolveError::Index(IndexError::Network { .. })), "{error}");
    assert_eq!((error.code(), error.to_string()), (Code::Network, fails.to_string()));
}

/// The wheel of a requirement line is among the local wheels, or the line cannot be met.
#[test]
fn a_path_without_its_wheel() {
    let error = resolve(
        &wants(&["./own-0.1-py3-none-any.whl"]),
        &target("python3.12 x86_64"),
        &Memory::default(),
        &Policy::default(),
    )
    .expect_err("there is no such wheel");
    assert_eq!(error.code(), Code::Unsupported);
    assert!(error.to_string().starts_with("requirements.txt line 1: "), "{error}");
}

/// A conflict of hundreds of versions is told in a few lines.
#[test]
fn a_large_conflict_has_a_short_message() {
    let mut index = Memory::default();
    for minor in 0..300 {
        index.plain("a", &format!("1.{minor}"), &[&format!("b<1.{minor}")]);
        index.plain("b", &format!("1.{minor}"), &[]);
    }
    let error = resolve(&wants(&["a>=1.1", "b>=1.299"]), &target("python3.12 x86_64"), &index, &Policy::default())
        .expect_err("no b is old enough");
    assert_eq!(error.code(), Code::Conflict);
    assert_eq!(
        error.to_string(),
        "the requirements exclude each other\n  requirements.txt line 1 asks for a>=1.1\n  \
         requirements.txt line 2 asks for b>=1.299\n  \
         each of a 1.1 to 1.299 (299 versions) needs its own range of b: b<1.1 … b<1.299"
    );
}

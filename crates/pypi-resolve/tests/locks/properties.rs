//! What holds for any bytes, and for every lock with some of its bytes changed.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use pypi_resolve::lock::{PipfileLock, PoetryLock, UvLock};
use pypi_resolve::project::Project;

use crate::make::{Pages, selection, target, with_digests};

/// Reads bytes as each kind of file, and asks all that one can ask.
fn read_as_everything(bytes: &[u8]) {
    let on = target("python3.12 x86_64");
    let pages = Pages::default();
    let project = Project::parse(Path::new("pyproject.toml"), bytes).ok();
    for chosen in ["", "+net +old @dev @test"] {
        let chosen = selection(chosen);
        if let Some(project) = &project {
            let _ = (project.wants(&chosen), project.admits(&on));
        }
        if let Ok(lock) = UvLock::parse(Path::new("uv.lock"), bytes) {
            let _ = lock.select(&on, &chosen).map(|set| set.resolution(&pages));
        }
        if let Ok(lock) = PoetryLock::parse(Path::new("poetry.lock"), bytes) {
            let _ = lock.select(&on, &chosen, project.as_ref()).map(|set| set.resolution(&pages));
        }
        if let Ok(lock) = PipfileLock::parse(Path::new("Pipfile.lock"), bytes) {
            let _ = lock.select(&on, &chosen, &|_| None).map(|set| set.resolution(&pages));
        }
    }
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let texts = [
        crate::uv::LOCK,
        crate::poetry::LOCK,
        crate::poetry::OLD,
        crate::pipfile::LOCK,
        crate::project::PROJECT,
        crate::project::POETRY,
    ];
    prop::sample::select(texts.map(|text| with_digests(text).into_bytes()).to_vec())
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn no_damage_panics(
        mut bytes in texts(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_as_everything(&bytes);
    }

    /// Pieces of such files in any order: what a parser meets only where several things are odd at once.
    #[test]
    fn no_mixture_panics(pieces in prop::collection::vec(texts(), 1..4), lines in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
        let all: Vec<&[u8]> = pieces.iter().flat_map(|text| text.split(|byte| *byte == b'\n')).collect();
        let mixed: Vec<&[u8]> = lines.iter().map(|line| all[line.index(all.len())]).collect();
        read_as_everything(&mixed.join(&b'\n'));
    }
}

/// Chains and circles as long as a hostile file can make them cost neither stack nor time.
#[test]
fn depth_and_size_are_bounded() {
    let mut groups = "[project]\nname = \"a\"\n[dependency-groups]\n".to_owned();
    let mut uv =
        "version = 1\n[[package]]\nname = \"p0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"p1\" }]\n"
            .to_owned();
    let mut poetry = "[metadata]\nlock-version = \"2.0\"\n".to_owned();
    for at in 1..20_000 {
        let next = if at == 19_999 { 1 } else { at + 1 };
        _ = writeln!(groups, "g{at} = [{{ include-group = \"g{next}\" }}]");
        _ = writeln!(
            uv,
            "[[package]]\nname = \"p{at}\"\nsource = {{ registry = \"https://i.example\" }}\ndependencies = [{{ name = \"p{next}\" }}]"
        );
        _ = writeln!(poetry, "[[package]]\nname = \"p{at}\"\nversion = \"1\"\n[package.dependencies]\np{next} = \"*\"");
    }
    let project = Project::parse(Path::new("pyproject.toml"), groups.as_bytes()).expect("TOML");
    let error = project.wants(&selection("@g1")).expect_err("too deep");
    assert!(error.to_string().contains("more than 64 groups inside each other"), "{error}");

    let on = target("python3.12 x86_64");
    let set = UvLock::parse(Path::new("uv.lock"), uv.as_bytes()).and_then(|lock| lock.select(&on, &selection("")));
    assert!(set.is_ok());
    let set = PoetryLock::parse(Path::new("poetry.lock"), poetry.as_bytes())
        .and_then(|lock| lock.select(&on, &selection(""), None));
    assert!(set.is_ok());
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    read_as_everything(deep.as_bytes());
    read_as_everything(deep.replace("x = ", "").as_bytes());
}

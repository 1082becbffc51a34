//! The PyPI package's pyproject.toml, which lies where layerpack itself looks for a project and for its configuration.

use std::path::Path;

use crate::support::Scratch;

fn manifest(name: &str) -> String {
    fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file of the repository")
}

#[test]
fn it_configures_nothing() {
    let scratch = Scratch::new();
    scratch.write("pyproject.toml", manifest("pyproject.toml")).write("src/python/hello.py", "");
    let ran = scratch.layerpack("build src --runtime python3.13 --arch arm64 -v").run().fine();
    assert!(!ran.stderr.contains("pyproject.toml"), "{ran}");
}

#[test]
fn it_says_what_cargo_says() {
    let package: toml::Table = manifest("pyproject.toml").parse().expect("TOML");
    let cargo: toml::Table = manifest("Cargo.toml").parse().expect("TOML");
    assert_eq!(package["project"]["name"], cargo["package"]["name"]);
    assert_eq!(package["project"]["description"], cargo["package"]["description"]);
    assert_eq!(package["project"]["license"], cargo["workspace"]["package"]["license"]);
    assert_eq!(package["project"]["dynamic"][0].as_str(), Some("version"));
}

mod documents;
mod mutated;

use std::path::PathBuf;

use insta::assert_snapshot;

use super::Config;
use super::read::read;

fn config(text: &str) -> Config {
    read(PathBuf::from("conf/layerpack.toml"), text.to_owned()).expect("a configuration").expect("not empty")
}

/// What is said of a file that cannot be used.
fn refused(text: &str) -> String {
    let failure = read(PathBuf::from("layerpack.toml"), text.to_owned()).expect_err("it is wrong");
    let all = std::iter::once(&failure).chain(&failure.others);
    let said = all.map(|failure| {
        let help = failure.help.as_deref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
        format!("{} {}{help}", failure.code, failure.message)
    });
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_are_in_the_order_of_the_file_and_paths_start_from_it() {
    let config = config(
        "arch = \"arm64\"\n[layers.whl]\nsource = \"src/whl\"\nconstraint = [\"c.txt\", \"https://h/c.txt\"]\n\
         find-links = \"wheels\"\nbudget = 1000\nexclude-newer = 2026-01-31\nexclude-newer-package = { a = false, b = 2026-01-31 }\n\
         [layers.pypi]\nsource = \"src/pypi\"\nemit = [\"zip\"]\nfrom = \"uv.lock\"\n",
    );
    let names: Vec<&str> = config.layers.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["whl", "pypi"]);
    assert_eq!(config.every.asking.target.arch, ["arm64"]);
    let whl = &config.layers[0].args;
    let shown =
        |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string().replace('\\', "/")).collect::<Vec<_>>();
    assert_eq!(shown(&whl.source.sources), ["conf/src/whl"]);
    assert_eq!(shown(&whl.source.constraint), ["conf/c.txt", "https://h/c.txt"]);
    assert_eq!(whl.asking.index.find_links.iter().map(|at| at.replace('\\', "/")).collect::<Vec<_>>(), ["conf/wheels"]);
    assert_eq!(whl.output.budget.as_deref(), Some("1000"));
    assert_eq!(whl.asking.resolve.exclude_newer.as_deref(), Some("2026-01-31"));
    assert_eq!(whl.asking.resolve.exclude_newer_package, ["a=false", "b=2026-01-31"]);
    assert_eq!(config.layers[1].args.source.selection.from, Some(PathBuf::from("uv.lock")));
}

#[test]
fn a_project_without_the_table_is_passed_over() {
    let read = |text: &str| read(PathBuf::from("pyproject.toml"), text.to_owned());
    assert!(read("[project]\nname = \"x\"\n").expect("TOML").is_none());
    assert!(read("[tool.other]\n").expect("TOML").is_none());
    assert!(read("[tool.layerpack]\narch = \"arm64\"\n").expect("TOML").is_some());
    // Whose file it is not need not say what is wrong with it.
    assert!(read("[project\n").expect("passed over").is_none());
    assert!(read("[tool.layerpack\n").is_err());
}

#[test]
fn unknown_keys_and_wrong_values_are_told_at_once() {
    assert_snapshot!(refused(
        "runtme = \"python3.12\"\narch = 64\nregion = \"eu-central-1\"\nfrom = \"uv.lock\"\n\n[layers.pypi]\nsorce = \"src\"\n\
         emit = [\"zip\", \"tar\"]\n[layers.whl]\nsource = \"\"\nno-deps = \"yes\"\nruntime = [\"python3.12\", \"python2.7\"]\n"
    ), @r#"
    LP520 layerpack.toml line 1, column 1: unknown key `runtme`
      runtme = "python3.12"
      ^^^^^^
      help: did you mean `runtime`?
    LP520 layerpack.toml line 2, column 8: `arch` is a number, and must be an architecture, or a list of them
      arch = 64
             ^^
    LP520 layerpack.toml line 3, column 1: unknown key `region`
      region = "eu-central-1"
      ^^^^^^
      help: the keys here are runtime, arch, constraint, override, exclude, no-deps, prerelease, resolution, exclude-newer, exclude-newer-package, require-hashes, build, no-binary, only-binary, out-dir, emit, budget, reserve, slim, exclude-runtime-sdk, provides, index-url, extra-index-url, index, index-strategy, find-links, no-index, keyring-provider, cert, client-cert, trusted-host, proxy, timeout, retries, cache-dir, layers, stacks, ignore
    LP520 layerpack.toml line 4, column 1: `from` is a key of one layer
      from = "uv.lock"
      ^^^^
      help: write it below [layers.NAME]
    LP520 layerpack.toml line 7, column 1: unknown key `sorce`
      sorce = "src"
      ^^^^^
      help: did you mean `source`?
    LP520 layerpack.toml line 8, column 16: `emit` is `tar`, and must be one of zip, tree, report, html, sbom
      emit = ["zip", "tar"]
                     ^^^^^
    LP520 layerpack.toml line 10, column 10: `source` is empty
      source = ""
               ^^
    LP520 layerpack.toml line 11, column 11: `no-deps` is a string, and must be true or false
      no-deps = "yes"
                ^^^^^
    LP520 layerpack.toml line 12, column 26: `runtime` is not known: no Lambda runtime `python2.7`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8
      runtime = ["python3.12", "python2.7"]
                               ^^^^^^^^^^^
    "#);
}

#[test]
fn ignores_need_a_code_and_a_reason() {
    assert_snapshot!(refused(
        "[[ignore]]\ncode = \"LP131\"\npackage = \"numba\"\n[[ignore]]\ncode = \"LP208\"\nreason = \"x\"\n[[ignore]]\n\
         code = \"LP999\"\nreason = \"\"\n"
    ), @r#"
    LP520 layerpack.toml line 1, column 1: `ignore` has no `reason`, a string
      [[ignore]]
      ^^^^^^^^^^
      help: Why, for whoever reads it later: reason = "no threading layer used"
    LP520 layerpack.toml line 5, column 8: `code` is LP208, which cannot be ignored: it is about the archive itself
      code = "LP208"
             ^^^^^^^
      help: nothing else that is said of such a file could be trusted: download or build it again
    LP520 layerpack.toml line 8, column 8: `code` is not known: no finding has the code `LP999`; codes look like LP102
      code = "LP999"
             ^^^^^^^
    LP520 layerpack.toml line 9, column 10: `reason` is empty
      reason = ""
               ^^
    "#);
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    assert_snapshot!(refused("arch = \"arm64\"\n[layers.pypi\nsource = 1\n"), @"
    LP520 layerpack.toml line 2, column 13: unclosed table, expected `]`
      [layers.pypi
                  ^
    ");
    assert_snapshot!(refused("index-url = \"https://user:secret@host/simple/\" x\n"), @r#"
    LP520 layerpack.toml line 1, column 48: unexpected key or value, expected newline, `#`
      index-url = "https://****@host/simple/" x
                                              ^
    "#);
    assert_snapshot!(refused("layers = 3\nignore = 1\n"), @"
    LP520 layerpack.toml line 1, column 10: `layers` must be a table
      layers = 3
               ^
      help: write [layers.NAME], with a source below it
    LP520 layerpack.toml line 2, column 10: `ignore` must be a list of tables
      ignore = 1
               ^
      help: write [[ignore]], with a code and a reason below it
    ");
    assert_snapshot!(refused("[layers]\n\"../x\" = { source = \"a\" }\ny = 1\n"), @r#"
    LP520 layerpack.toml line 2, column 1: `../x` is no name for a layer's files
      "../x" = { source = "a" }
      ^^^^^^
      help: a name has no slashes and no dot at its start
    LP520 layerpack.toml line 3, column 5: `layers.y` must be a table
      y = 1
          ^
    "#);
}

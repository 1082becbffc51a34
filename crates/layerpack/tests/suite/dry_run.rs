//! `build --dry-run`: what would be written, foretold.

use insta::assert_snapshot;
use serde_json::Value;
use testkit::{FakeIndex, Tree};

use crate::support::{Scratch, shop};

const BUILD: &str = "build src --runtime python3.12 --arch x86_64 --emit zip,tree,report,sbom,html";

fn locked(index: &FakeIndex) -> Scratch {
    let scratch = Scratch::with_requirements("web[fast]\ntables\n");
    scratch.write("src/python/settings.py", "debug = False\n");
    scratch.layerpack("lock src --runtime python3.12 --arch x86_64").index(index).run().fine();
    scratch
}

/// What a document says of the outputs, and of the layer.
fn said(document: &Value) -> (&Value, &Value, &Value, &Value) {
    (&document["outputs"], &document["unzipped"], &document["packages"], &document["findings"])
}

#[test]
fn what_is_foretold_is_what_is_built() {
    let index = shop().start();
    let scratch = locked(&index);
    let json =
        |flags: &str| scratch.layerpack(&format!("{BUILD} --format json {flags}")).index(&index).run().fine().json();
    let foretold = json("--dry-run");
    assert_eq!(scratch.names("dist"), Vec::<String>::new());
    assert_eq!(foretold["dry_run"], true);
    assert_eq!(foretold["unchanged"], false);

    let built = json("");
    assert_eq!(said(&foretold), said(&built));
    assert_eq!(built["dry_run"], false);
    let kinds: Vec<_> = built["outputs"].as_array().expect("outputs").iter().map(|output| &output["kind"]).collect();
    assert_eq!(kinds, ["zip", "tree", "sbom", "html", "report"]);

    // The outputs are there now: their build is not repeated to say what it would be.
    let again = json("--dry-run");
    assert_eq!(said(&again), said(&built));
    assert_eq!(again["unchanged"], true);
}

#[test]
fn a_terminal_is_told_both_spellings_of_the_digest() {
    let index = shop().start();
    let scratch = locked(&index);
    let ran = scratch.layerpack(&format!("{BUILD} -q --dry-run")).index(&index).run().fine();
    let zip = ran.stdout.lines().next().expect("a zip").to_owned();
    let fields: Vec<&str> = zip.split_whitespace().collect();
    assert_eq!((fields[0], fields[1], fields[3]), ("dist/src-python3.12-x86_64.zip", "sha256", "base64"), "{zip}");
    assert_eq!(fields[4].len(), 44, "{zip}");

    let ran =
        scratch.layerpack("build src --runtime python3.12 --arch x86_64 -o layer.zip --dry-run").index(&index).run();
    let shown = ran.to_string().replace(fields[4], "[BASE64]");
    assert_snapshot!(shown, @"
    exit 0
    ----- stdout -----
    layer.zip   sha256 [SHA256]   base64 [BASE64]
    ----- stderr -----
    src   python3.12 · x86_64   (src/pylock.toml)
    4 packages
    4 kB of 250.0 MB unzipped · 6 kB zipped
    a dry run: this would be written
    ");
}

#[test]
fn nothing_is_written_but_wheels_into_the_cache() {
    let index = shop().start();
    let scratch = locked(&index);
    let before = Tree::snapshot(scratch.path("."));
    scratch.layerpack(&format!("{BUILD} --dry-run")).index(&index).run().fine();
    let cache = Tree::snapshot(scratch.cache());
    assert_eq!(Tree::snapshot(scratch.path(".")), before);
    assert!(!scratch.cache().join("builds-v1").exists());
    assert!(!scratch.cache().join("trees-v1").exists());

    // With the wheels there, offline as well, and to the last byte.
    scratch.layerpack(&format!("{BUILD} --dry-run --offline")).index(&index).run().fine();
    assert_eq!(Tree::snapshot(scratch.cache()), cache);
}

#[test]
fn offline_every_wheel_that_is_missing_is_named() {
    let index = shop().start();
    let scratch = locked(&index);
    let ran = scratch.layerpack(&format!("{BUILD} --dry-run --offline")).index(&index).run().refused();
    assert_snapshot!(ran, @"
    exit 2
    ----- stderr -----
    error[LP312]: loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl, tables-1.0-cp312-cp312-manylinux_2_28_x86_64.whl, templates-2.1-py3-none-any.whl, web-1.2-py3-none-any.whl are not in the cache, and --offline forbids fetching them
      help: run once without --offline, or bring the wheels with --no-index --find-links
    ");
}

#[test]
fn what_a_build_would_refuse_is_refused() {
    let index = shop().start();
    let scratch = locked(&index);
    scratch.write("dist/src-python3.12-x86_64/mine.txt", "mine");
    let ran = scratch.layerpack(&format!("{BUILD} --dry-run")).index(&index).run().refused();
    assert!(ran.stderr.starts_with("error[LP406]"), "{ran}");
    let ran = scratch.layerpack(&format!("{BUILD} --dry-run --budget 1k")).index(&index).run().refused();
    assert!(ran.stderr.contains("error[LP401]"), "{ran}");
}

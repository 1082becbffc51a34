//! Where a build writes: `--out-dir`, `--emit`, `-o X.zip`, `-o FOLDER`, and what it leaves alone.

use insta::assert_snapshot;
use testkit::{FakeIndex, Tree};

use crate::support::{Ran, Scratch, shop};

fn build(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    let target = "--runtime python3.12 --arch x86_64";
    scratch.layerpack(&format!("build src {target} {flags}")).index(index).run()
}

#[test]
fn emit_chooses_what_is_written() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let cases = [
        ("zip", vec![".zip"]),
        ("tree", vec![""]),
        ("report", vec![".json"]),
        ("sbom", vec![".cdx.json"]),
        ("html", vec![".html"]),
        ("report,zip", vec![".json", ".zip"]),
        ("zip,tree,report", vec!["", ".json", ".zip"]),
    ];
    for (emit, expected) in cases {
        let out = format!("out-{emit}");
        build(&scratch, &index, &format!("--emit {emit} --out-dir {out}")).fine();
        let expected: Vec<_> = expected.iter().map(|suffix| format!("src-python3.12-x86_64{suffix}")).collect();
        assert_eq!(scratch.names(&out), expected, "--emit {emit}");
    }
}

#[test]
fn one_zip_and_nothing_else() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let ran = build(&scratch, &index, "-o build/layer.zip");
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    build/layer.zip   sha256 [SHA256]
    ----- stderr -----
    src   python3.12 · x86_64
    1 package
    428 bytes of 250.0 MB unzipped · 953 bytes zipped
    ");
    assert_eq!(scratch.names("."), ["build", "src"]);
    assert_eq!(scratch.names("build"), ["layer.zip"]);
}

#[test]
fn a_folder_is_the_layers_root_and_can_be_built_into_again() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let ran = build(&scratch, &index, "-o artifacts");
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    artifacts
    ----- stderr -----
    src   python3.12 · x86_64
    2 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    assert_eq!(scratch.names("artifacts"), ["python"]);

    // What the layer no longer has is gone, and nothing of it is taken for a stranger's.
    scratch.write("src/requirements.txt", "templates\n");
    build(&scratch, &index, "-o artifacts").fine();
    assert_snapshot!(paths(&scratch, "artifacts"), @"
    python/templates-2.1.dist-info/METADATA
    python/templates-2.1.dist-info/RECORD
    python/templates-2.1.dist-info/WHEEL
    python/templates/__init__.py
    ");
}

#[test]
fn an_out_dir_is_shared_with_others() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("dist/notes.txt", "mine").write("dist/other-python3.12-x86_64.zip", "another layer");
    build(&scratch, &index, "").fine();
    scratch.write("src/requirements.txt", "templates\n");
    build(&scratch, &index, "").fine();
    assert_eq!(scratch.text("dist/notes.txt"), "mine");
    assert_eq!(scratch.text("dist/other-python3.12-x86_64.zip"), "another layer");
    assert_snapshot!(paths(&scratch, "dist/src-python3.12-x86_64"), @"
    python/templates-2.1.dist-info/METADATA
    python/templates-2.1.dist-info/RECORD
    python/templates-2.1.dist-info/WHEEL
    python/templates/__init__.py
    ");
}

#[test]
fn what_layerpack_did_not_write_is_refused_and_stays() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    build(&scratch, &index, "").fine();
    let zip = scratch.read("dist/src-python3.12-x86_64.zip");
    scratch.write("dist/src-python3.12-x86_64/python/mine.py", "precious");
    scratch.write("src/requirements.txt", "web\n");

    assert_snapshot!(build(&scratch, &index, ""), @"
    exit 2
    ----- stderr -----
    error[LP406]: dist/src-python3.12-x86_64 holds a file that layerpack did not write: python/mine.py
      help: name another folder, or move what lies there away
    ");
    assert_eq!(scratch.text("dist/src-python3.12-x86_64/python/mine.py"), "precious");
    assert_eq!(scratch.read("dist/src-python3.12-x86_64.zip"), zip, "the zip is the old one");

    scratch.write("home/notes.txt", "mine");
    assert_snapshot!(build(&scratch, &index, "-o home"), @"
    exit 2
    ----- stderr -----
    error[LP406]: home holds a file that layerpack did not write: notes.txt
      help: name another folder, or move what lies there away
    ");
    assert_eq!(scratch.names("home"), ["notes.txt"]);
}

#[test]
fn one_output_cannot_hold_two_layers() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    assert_snapshot!(build(&scratch, &index, "--arch arm64 -o layer.zip"), @"
    exit 2
    ----- stderr -----
    error[LP501]: -o names one output, and 2 would be built
      help: use --out-dir FOLDER, which gives each layer and target its own files
    ");
    assert_snapshot!(build(&scratch, &index, "-o layer.zip --emit tree"), @"
    exit 2
    ----- stderr -----
    error: the argument '--output <PATH>' cannot be used with '--emit <EMIT>'

    Usage: layerpack build --runtime <RUNTIME> --arch <ARCH> --output <PATH> --index-url <URL> <SOURCE>...

    For more information, try '--help'.
    ");
}

fn paths(scratch: &Scratch, folder: &str) -> String {
    let tree = Tree::snapshot(scratch.path(folder));
    tree.lines().filter_map(|line| line.rsplit(' ').next()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_bill_of_materials_is_the_same_whenever_it_is_built() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    build(&scratch, &index, "--emit zip,sbom,report --out-dir one").fine();
    build(&scratch, &index, "--emit sbom --out-dir two").fine();
    let bill = scratch.text("one/src-python3.12-x86_64.cdx.json");
    assert_eq!(bill, scratch.text("two/src-python3.12-x86_64.cdx.json"));
    let bill: serde_json::Value = serde_json::from_str(&bill).expect("JSON");
    assert_eq!(bill["dependencies"][0]["dependsOn"], serde_json::json!(["pkg:pypi/web@1.2"]));
    let of_web = bill["dependencies"].as_array().into_iter().flatten().find(|one| one["ref"] == "pkg:pypi/web@1.2");
    assert_eq!(of_web.map(|web| &web["dependsOn"]), Some(&serde_json::json!(["pkg:pypi/templates@2.1"])));
    let report: serde_json::Value =
        serde_json::from_str(&scratch.text("one/src-python3.12-x86_64.json")).expect("JSON");
    assert_eq!(report["outputs"][1]["kind"], "sbom");
    assert_eq!(report["packages"][1]["sha256"], bill["components"][1]["hashes"][0]["content"]);
}

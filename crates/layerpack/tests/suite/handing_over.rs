//! What other programs take a layer by: `--format terraform`, the command that publishes it, and code that is included.

use insta::assert_snapshot;
use serde_json::Value;
use testkit::{FakeIndex, Tree};

use crate::support::{Ran, Scratch, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

fn build(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("build src {TARGET} {flags}")).index(index).run()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn terraform_is_handed_one_flat_object_of_strings() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let strings = build(&scratch, &index, "--format terraform").fine().json();
    let object = strings.as_object().expect("an object");
    assert!(object.values().all(Value::is_string), "{strings}");
    let keys: Vec<&str> = object.keys().map(String::as_str).filter(|key| !key.starts_with("src-")).collect();
    let all = ["arch", "layer", "path", "report", "runtime", "sha256", "sha256_base64", "size", "tree", "unzipped"];
    assert_eq!(keys, all);
    assert_eq!(strings["path"], "dist/src-python3.12-x86_64.zip");
    assert_eq!(strings["src-python3.12-x86_64.path"], strings["path"]);
    let report = json(&scratch.text("dist/src-python3.12-x86_64.json"));
    assert_eq!(strings["sha256_base64"], report["outputs"][0]["sha256_base64"]);
    assert_eq!(strings["size"], report["outputs"][0]["size"].to_string());
}

#[test]
fn terraform_tells_several_layers_apart() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let strings = build(&scratch, &index, "--arch arm64 --format terraform").fine().json();
    assert_eq!(strings["src-python3.12-arm64.path"], "dist/src-python3.12-arm64.zip");
    assert_eq!(strings["src-python3.12-x86_64.path"], "dist/src-python3.12-x86_64.zip");
    assert!(strings.get("path").is_none(), "{strings}");
}

#[test]
fn terraform_is_told_of_builds_only_and_of_failures_on_stderr() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates==9\n");
    let ran = build(&scratch, &index, "--format terraform");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("templates==9"), "{}", ran.stderr);
    let ran = scratch.layerpack(&format!("resolve src {TARGET} --format terraform")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 2
    ----- stderr -----
    error[LP501]: --format terraform goes with build only
      help: use --format json
    ");
}

#[test]
fn the_command_that_publishes_stands_in_json_and_report_and_is_said_on_request() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let document = build(&scratch, &index, "--format json").fine().json();
    let declared = "--compatible-runtimes python3.12 --compatible-architectures x86_64";
    let command =
        |zip: &str| format!("aws lambda publish-layer-version --layer-name src --zip-file fileb://{zip} {declared}");
    assert_eq!(document["publish"], command("dist/src-python3.12-x86_64.zip"));
    let report = json(&scratch.text("dist/src-python3.12-x86_64.json"));
    assert_eq!(report["publish"], command("src-python3.12-x86_64.zip"), "the report knows no folder");

    let ran = build(&scratch, &index, "-v").fine();
    assert!(ran.stderr.contains(&command("dist/src-python3.12-x86_64.zip")), "{}", ran.stderr);
    let ran = build(&scratch, &index, "").fine();
    assert!(!ran.stderr.contains("aws lambda"), "{}", ran.stderr);
    let document = build(&scratch, &index, "--emit tree --out-dir other --format json").fine().json();
    assert!(document.get("publish").is_none(), "a tree cannot be published");
}

#[test]
fn files_of_another_folder_go_below_python() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    scratch.write("src/helper.py", "x = 1\n").write("src/python/own.py", "y = 2\n");
    scratch.write("more/helper.py", "x = 1\n").write("more/data/table.csv", "z").write("more/.env", "SECRET=1");
    let ran = build(&scratch, &index, "--include more -o layer").fine();
    assert!(!ran.stderr.contains("src/helper.py is not packed"), "it is, from the other folder: {ran}");
    let tree = Tree::snapshot(scratch.path("layer"));
    let own: Vec<&str> =
        tree.lines().filter_map(|line| line.rsplit(' ').next()).filter(|path| !path.contains("templates")).collect();
    assert_eq!(own, ["python/data/table.csv", "python/helper.py", "python/own.py"]);
}

#[test]
fn a_function_is_not_published_as_a_layer() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let document = build(&scratch, &index, "--flat --format json").fine().json();
    assert!(document.get("publish").is_none(), "{document}");
}

#[test]
fn a_target_that_nobody_named_stands_in_json() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("templates\n");
    let document = scratch.layerpack("build src --format json").index(&index).run().fine().json();
    assert_eq!(document["findings"][0]["code"], "LP510");
    let document = build(&scratch, &index, "--format json").fine().json();
    assert_eq!(document["findings"], serde_json::json!([]));
}

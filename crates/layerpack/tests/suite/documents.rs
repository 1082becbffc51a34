//! `--format json`: real outputs of every command, held against `docs/schema-1.json`.

use std::path::Path;

use serde_json::{Map, Value};
use testkit::{FakeIndex, Machine};

use crate::support::{Scratch, native, pure, shop};

/// The published schema.
fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema-1.json");
    serde_json::from_slice(&fs_err::read(path).expect("the schema")).expect("JSON")
}

/// Why a value is not what a schema says; nothing where it is. Every keyword that the schema uses is known here.
fn faults(value: &Value, schema: &Value, root: &Value, at: &str) -> Vec<String> {
    let rules = schema.as_object().expect("a schema is an object");
    let mut found = Vec::new();
    for (keyword, rule) in rules {
        found.extend(match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "required" | "additionalProperties" => Vec::new(),
            "$ref" => {
                let name = rule.as_str().expect("a reference").trim_start_matches('#');
                faults(value, root.pointer(name).unwrap_or_else(|| panic!("no {name}")), root, at)
            }
            "const" => told(value == rule, at, &format!("is {value}, not {rule}")),
            "enum" => {
                told(rule.as_array().expect("a list").contains(value), at, &format!("is {value}, none of {rule}"))
            }
            "type" => told(is_a(value, rule), at, &format!("is {value}, no {rule}")),
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items.flat_map(|(number, item)| faults(item, rule, root, &format!("{at}[{number}]"))).collect()
            }
            "properties" => properties(value, rules, root, at),
            "oneOf" | "anyOf" => {
                let all: Vec<_> =
                    rule.as_array().expect("a list").iter().map(|choice| faults(value, choice, root, at)).collect();
                let fitting = all.iter().filter(|faults| faults.is_empty()).count();
                let fits = if keyword == "oneOf" { fitting == 1 } else { fitting > 0 };
                told(fits, at, &format!("fits {fitting} of the choices: {all:#?}"))
            }
            other => panic!("the test does not know the keyword {other}"),
        });
    }
    found
}

fn told(holds: bool, at: &str, what: &str) -> Vec<String> {
    if holds { Vec::new() } else { vec![format!("{at} {what}")] }
}

fn is_a(value: &Value, kinds: &Value) -> bool {
    let kinds = match kinds {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        one => vec![one.as_str().expect("a type")],
    };
    kinds.into_iter().any(|kind| match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the test does not know the type {other}"),
    })
}

fn properties(value: &Value, rules: &Map<String, Value>, root: &Value, at: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return Vec::new() };
    let known = rules["properties"].as_object().expect("properties");
    let required = rules["required"].as_array().expect("what is required").iter().filter_map(Value::as_str);
    let mut found: Vec<String> =
        required.filter(|name| !object.contains_key(*name)).map(|name| format!("{at} has no {name}")).collect();
    assert_eq!(rules.get("additionalProperties"), Some(&Value::Bool(false)), "{at}: every field is written down");
    for (name, value) in object {
        let at = format!("{at}.{name}");
        match known.get(name) {
            Some(rule) => found.extend(faults(value, rule, root, &at)),
            None => found.push(format!("{at} stands in no schema")),
        }
    }
    found
}

const STACKS: &str = "runtime = \"python3.12\"\narch = \"x86_64\"\n[layers.src]\nsource = \"src\"\n[layers.on]\nsource = \"on\"\n\
    on-top-of = \"src\"\n[stacks.api]\nlayers = [\"src\", \"on\"]\n";

#[test]
fn every_document_is_what_the_schema_says() {
    let schema = schema();
    let index: FakeIndex = shop().start();
    let scratch = Scratch::with_requirements("web[fast,slow]\ntables\n");
    scratch
        .wheel("whl", &pure("own", "0.1").requires("absent"))
        .wheel("whl", &native("loop", "0.9", Machine::Aarch64, "2.17"))
        .write("whl/broken-1.0-py3-none-any.whl", "")
        .wheel("odd", &native("engine", "1.0", Machine::X86_64, "2.39"))
        .write("on/requirements.txt", "colours\n")
        .write("stacks.toml", STACKS)
        .write("over.toml", format!("{STACKS}budget = 1\n"));
    let target = "--runtime python3.12 --arch x86_64";
    let commands = [
        "check whl".to_owned(),
        format!("check whl odd nowhere {target} --together --ignore LP131"),
        format!("check whl --on-top-of src --config stacks.toml {target}"),
        format!("resolve src {target}"),
        "resolve src --runtime python3.12,python3.13 --arch x86_64".to_owned(),
        format!("build src {target}"),
        format!("lock src {target}"),
        format!("fetch src {target} -o wheels"),
        format!("resolve src {target} --no-index"),
        "build nowhere".to_owned(),
        "build --config stacks.toml".to_owned(),
        "build --config over.toml --dry-run".to_owned(),
        "size dist/src-python3.12-x86_64.zip whl/own-0.1-py3-none-any.whl --function src --reserve x=1k --files 2 --html page"
            .to_owned(),
        "size dist/src-python3.12-x86_64.json dist/src-python3.12-x86_64 --budget 1k".to_owned(),
        "size src".to_owned(),
        "runtimes".to_owned(),
        "explain".to_owned(),
        "explain LP131".to_owned(),
        "explain LP999".to_owned(),
        "diff src/pylock.toml dist/src-python3.12-x86_64.json".to_owned(),
        "diff dist/src-python3.12-x86_64.json dist/src-python3.12-x86_64.zip".to_owned(),
        "diff dist/src-python3.12-x86_64.json wheels".to_owned(),
        "cache dir".to_owned(),
        "cache size".to_owned(),
        "cache verify".to_owned(),
        "cache clean web".to_owned(),
        "cache clean".to_owned(),
    ];
    let mut seen = Vec::new();
    for command in &commands {
        let run = scratch.layerpack(command);
        let asks = ["resolve", "build", "lock", "fetch"].iter().any(|name| command.starts_with(name));
        let run = if asks && !command.contains("--no-index") { run.index(&index) } else { run };
        let ran = run.arguments(["--format", "json"]).run();
        let document = ran.json();
        assert_eq!(faults(&document, &schema, &schema, command), Vec::<String>::new(), "{ran}");
        seen.push(document["command"].as_str().unwrap_or("stopped").to_owned());
        assert_eq!(document.get("error").is_some(), ran.code == 2 || document.get("command").is_none(), "{ran}");
    }
    let line = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory";
    let document = scratch.layerpack("explain --format json").arguments([line]).run().json();
    assert_eq!(faults(&document, &schema, &schema, line), Vec::<String>::new());
    for command in
        ["check", "resolve", "build", "lock", "fetch", "size", "runtimes", "explain", "diff", "cache", "stopped"]
    {
        assert!(seen.iter().any(|seen| seen == command), "{command} was not looked at");
    }
}

#[test]
fn the_checker_finds_faults() {
    let schema = schema();
    let faults = |document: &str| faults(&serde_json::from_str(document).expect("JSON"), &schema, &schema, "it").len();
    assert_eq!(faults(r#"{"schema": 1, "error": {"code": "LP501", "message": "no", "help": null}}"#), 0);
    for wrong in [
        r#"{"schema": 2, "error": {"code": "LP501", "message": "no", "help": null}}"#,
        r#"{"schema": 1, "error": {"code": "LP501", "message": "no"}}"#,
        r#"{"schema": 1, "error": {"code": "LP501", "message": "no", "help": 1}}"#,
        r#"{"schema": 1, "error": {"code": "LP501", "message": "no", "help": null, "more": 1}}"#,
        r#"{"schema": 1, "command": "check", "targets": []}"#,
        "[]",
    ] {
        assert_ne!(faults(wrong), 0, "{wrong}");
    }
}

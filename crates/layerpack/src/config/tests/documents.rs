//! docs/configuration.md and docs/layerpack.schema.json are held against the tables of keys.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::config::key::{Counts, Key, LayerKey, Stands};
use crate::config::keys;
use crate::config::kind::Shape;

const COMMAND: &str = "LAYERPACK_WRITE_DOCS=1 cargo test --bin layerpack config";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// Holds a file against what it must be, or writes it where that is asked for.
fn is_up_to_date(name: &str, wanted: &str) {
    let path = docs().join(name);
    if std::env::var_os("LAYERPACK_WRITE_DOCS").is_some() {
        fs_err::write(&path, wanted).expect("docs/ can be written");
    }
    let is = fs_err::read_to_string(&path).expect("a file of docs/");
    assert!(is == wanted, "{name}: run {COMMAND}");
}

/// An example as JSON has it.
fn example(toml: &str) -> Value {
    let table: toml::Table = format!("x = {toml}").parse().unwrap_or_else(|error| panic!("{toml}: {error}"));
    serde_json::to_value(&table["x"]).expect("JSON")
}

fn of_shape(shape: Shape) -> Value {
    let string = || json!({ "type": "string", "minLength": 1 });
    let several = |one: Value| json!({ "anyOf": [one, { "type": "array", "items": one }] });
    match shape {
        // Editors hand dates over as strings.
        Shape::One(_) | Shape::Date => string(),
        Shape::Several(_) => several(string()),
        Shape::Switch => json!({ "type": "boolean" }),
        Shape::Number => json!({ "type": "integer", "minimum": 0 }),
        Shape::Size => json!({ "type": ["string", "integer"] }),
        Shape::Word(words) => json!({ "enum": words() }),
        Shape::Words(words) => several(json!({ "enum": words() })),
        Shape::Reserved => json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": { "name": string(), "size": { "type": ["string", "integer"] } },
                "required": ["name", "size"],
                "additionalProperties": false,
            },
        }),
        Shape::ByPackage => json!({ "type": "object", "additionalProperties": { "type": ["string", "boolean"] } }),
    }
}

fn property<T>(key: &Key<T>) -> (String, Value) {
    let mut schema = of_shape(key.shape);
    schema["description"] = json!(key.doc);
    schema["examples"] = json!([example(key.example)]);
    (key.name.to_owned(), schema)
}

/// A table of keys as an object.
fn object<'k, T: 'static>(keys: impl Iterator<Item = &'k Key<T>> + Clone) -> Value {
    let required: Vec<&str> = keys.clone().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "properties": keys.map(property).collect::<Map<_, _>>(),
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn keys_but(where_not: Stands) -> impl Iterator<Item = &'static LayerKey> + Clone {
    keys::LAYER.iter().filter(move |known| known.stands != where_not)
}

fn schema() -> Value {
    let mut root = object(keys_but(Stands::OfOneLayer).map(|known| &known.key));
    let tables = [
        (
            "layers",
            json!({
                "type": "object",
                "description": "The layers, by their names",
                "additionalProperties": object(keys_but(Stands::OfTheRun).map(|known| &known.key)),
            }),
        ),
        (
            "stacks",
            json!({
                "type": "object",
                "description": "What functions have together, by name: one budget each",
                "additionalProperties": object(keys::STACK.iter()),
            }),
        ),
        (
            "ignore",
            json!({
                "type": "array",
                "description": "Findings that are left out",
                "items": object(keys::IGNORE.iter()),
            }),
        ),
    ];
    for (name, table) in tables {
        root["properties"][name] = table;
    }
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "layerpack.toml, and [tool.layerpack] of pyproject.toml",
    });
    schema.as_object_mut().expect("an object").extend(root.as_object().expect("an object").clone());
    schema
}

#[test]
fn the_schema_is_up_to_date() {
    let text = serde_json::to_string_pretty(&schema()).expect("JSON");
    is_up_to_date("layerpack.schema.json", &format!("{text}\n"));
}

fn row<T>(key: &Key<T>, more: &str) -> String {
    let needed = if key.required { " (needed)" } else { "" };
    let example = key.example.replace('|', "\\|");
    format!("| `{}`{needed} | {}{more} | {} | `{example}` |\n", key.name, key.doc, key.shape.in_words())
}

const HEADER: &str = "| key | what it says | value | for example |\n| --- | --- | --- | --- |\n";

/// The tables of the page, each below its mark.
fn tables() -> [(&'static str, String); 5] {
    let that_stand = |stands: Stands| {
        let rows = keys::LAYER.iter().filter(|known| known.stands == stands).map(|known| {
            let more = match known.counts {
                Counts::AfterFlag([]) | Counts::InItsPlace => String::new(),
                Counts::AfterFlag(variables) => format!(" (after `{}`)", variables.join("`, `")),
            };
            row(&known.key, &more)
        });
        rows.fold(HEADER.to_owned(), |table, row| table + &row)
    };
    let ignore = keys::IGNORE.iter().fold(HEADER.to_owned(), |table, key| table + &row(key, ""));
    let stacks = keys::STACK.iter().fold(HEADER.to_owned(), |table, key| table + &row(key, ""));
    [
        ("of all layers", that_stand(Stands::Anywhere)),
        ("of one layer", that_stand(Stands::OfOneLayer)),
        ("of the run", that_stand(Stands::OfTheRun)),
        ("stacks", stacks),
        ("ignore", ignore),
    ]
}

#[test]
fn the_page_has_every_key() {
    let mut page = fs_err::read_to_string(docs().join("configuration.md")).expect("docs/configuration.md");
    for (name, table) in tables() {
        let (begin, end) = (format!("<!-- keys {name} -->\n"), "<!-- end of keys -->");
        let from = page.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
        let to = from + page[from..].find(end).unwrap_or_else(|| panic!("no {end} after {begin}"));
        let mut table = format!("\n{table}");
        let _ = writeln!(table);
        page.replace_range(from..to, &table);
    }
    is_up_to_date("configuration.md", &page);
}

#[test]
fn every_example_can_be_read() {
    let mut text = String::new();
    for known in keys::LAYER.iter().filter(|known| known.stands == Stands::OfTheRun) {
        let _ = writeln!(text, "{} = {}", known.key.name, known.key.example);
    }
    text.push_str("[layers.x]\n");
    for known in keys_but(Stands::OfTheRun) {
        let _ = writeln!(text, "{} = {}", known.key.name, known.key.example);
    }
    text.push_str("[stacks.all]\n");
    for key in keys::STACK {
        let _ = writeln!(text, "{} = {}", key.name, key.example);
    }
    text.push_str("[[ignore]]\n");
    for key in keys::IGNORE {
        let _ = writeln!(text, "{} = {}", key.name, key.example);
    }
    let config = super::config(&text);
    let said = &config.layers[0].args;
    for known in keys::LAYER {
        let said = if known.stands == Stands::OfTheRun { &config.every } else { said };
        assert!((known.is_said)(said), "{} was read into nothing", known.key.name);
    }
}

#[test]
fn no_key_stands_twice() {
    let mut names: Vec<&str> = keys::LAYER.iter().map(|known| known.key.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

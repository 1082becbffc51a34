//! Whatever the text, reading it ends with an answer. `read` is a room of the command, which no fuzz target can enter: here
//! a file with every key in it is changed at random instead.

use std::path::PathBuf;

use proptest::prelude::*;

use crate::config::key::Stands;
use crate::config::keys;
use crate::config::read::read;

/// Every key with its example, at the top, in a layer and in a stack.
fn every_key() -> String {
    let line = |name: &str, example: &str| format!("{name} = {example}\n");
    let but = |where_not: Stands| {
        let known = keys::LAYER.iter().filter(move |known| known.stands != where_not);
        known.map(|known| line(known.key.name, known.key.example))
    };
    let (of_all, of_one) = (but(Stands::OfOneLayer), but(Stands::OfTheRun));
    let of_stack = keys::STACK.iter().map(|key| line(key.name, key.example));
    let ignore = keys::IGNORE.iter().map(|key| line(key.name, key.example));
    let parts = [
        of_all.collect::<String>(),
        "[layers.\"é 😀\"]\n".to_owned(),
        of_one.collect(),
        "[layers.x]\nsource = \"src\"\n".to_owned(),
        "[stacks.api]\n".to_owned(),
        of_stack.collect(),
        "[[ignore]]\n".to_owned(),
        ignore.collect(),
    ];
    parts.concat()
}

/// What makes a difference in TOML, and letters of several bytes.
const PIECES: [&str; 20] = [
    "", "\n", "=", "[", "]", "[[", "]]", "{", "}", "\"", "'", "\"\"\"", "#", ".", ",", "-1", "1e9", "true", "é😀",
    "\u{feff}",
];

fn char_boundary(text: &str, index: prop::sample::Index) -> usize {
    let index = index.index(text.len() + 1);
    (0..=index).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_file_is_read_or_refused_with_its_line(
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::sample::select(PIECES.as_slice())), 1..4),
        is_project in any::<bool>(),
    ) {
        let mut text = every_key();
        for (at, until, piece) in changes {
            let (at, until) = (char_boundary(&text, at), char_boundary(&text, until));
            // Mostly short pieces: what is cut out of the whole leaves little to read.
            let until = if until > at { text.floor_char_boundary(until.min(at + 40)) } else { at };
            text.replace_range(at..until.max(at), piece);
        }
        let name = if is_project { "pyproject.toml" } else { "layerpack.toml" };
        let text = if is_project { text.replace("\n[", "\n[tool.layerpack.") } else { text };
        if let Err(failure) = read(PathBuf::from(name), text) {
            for failure in std::iter::once(&failure).chain(&failure.others) {
                prop_assert!(failure.message.starts_with(&format!("{name} line ")), "{}", failure.message);
            }
        }
    }
}

#[test]
fn the_unchanged_file_can_be_read() {
    let config = read(PathBuf::from("layerpack.toml"), every_key()).expect("every key is right").expect("a file");
    assert_eq!(config.layers.len(), 2);
}

#[test]
fn a_file_of_nothing_but_mistakes_is_refused_in_short() {
    let said = |text: String| read(PathBuf::from("layerpack.toml"), text).expect_err("nothing in it is right");
    let many = said((0..5_000).map(|number| format!("key{number} = 1")).collect::<Vec<_>>().join("\n"));
    assert_eq!(many.others.len() + 1, 100);
    assert!(many.message.starts_with("layerpack.toml line 1, column 1: unknown key `key0`"), "{}", many.message);
    let long = said(format!("{} = 1\n", "a".repeat(1 << 16)));
    assert!(long.message.chars().count() < 1000, "{}", long.message);
}

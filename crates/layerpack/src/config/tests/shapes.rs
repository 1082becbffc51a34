//! Values of every shape in the place of every key, and files of shapes that nobody writes by hand.

use std::path::PathBuf;

use crate::config::keys;
use crate::config::read::read;
use crate::exit::Exit;
use crate::failure::Failure;

/// Every key, with the lines before it that make its table; some keys may stand in one of the places only.
fn every_place() -> Vec<(String, &'static str)> {
    let of_all = keys::LAYER.iter().map(|known| (String::new(), known.key.name));
    let of_one = keys::LAYER.iter().map(|known| ("[layers.x]\n".to_owned(), known.key.name));
    let of_stack = keys::STACK.iter().map(|key| ("[stacks.x]\n".to_owned(), key.name));
    let of_ignore = keys::IGNORE.iter().map(|key| ("[[ignore]]\n".to_owned(), key.name));
    of_all.chain(of_one).chain(of_stack).chain(of_ignore).collect()
}

fn failures(text: String) -> Vec<Failure> {
    match read(PathBuf::from("layerpack.toml"), text) {
        Ok(_) => Vec::new(),
        Err(mut first) => {
            let others = std::mem::take(&mut first.others);
            std::iter::once(first).chain(others).collect()
        }
    }
}

#[test]
fn what_is_wrong_for_every_key_is_refused_with_its_line() {
    let wrong = ["nan", "-inf", "-1", "1.5", "[[1]]", "{ x = [1] }", "[{ y = 1 }]"];
    for (before, key) in every_place() {
        for value in wrong {
            let text = format!("# a comment\n{before}{key} = {value}\n");
            let line = format!("layerpack.toml line {}, ", text.lines().count());
            let failures = failures(text);
            assert!(failures.iter().any(|failure| failure.message.starts_with(&line)), "{before}{key} = {value}");
            assert!(failures.iter().all(|failure| failure.exit == Exit::CouldNotRun), "{key}");
        }
    }
}

#[test]
fn whatever_stands_in_a_keys_place_is_read_or_refused_with_a_line() {
    let nines = "9".repeat(5_000);
    let deep = "[".repeat(5_000);
    let odd = [
        "true",
        "0",
        "9223372036854775807",
        &nines,
        "1e999",
        "0x7fffffffffffffff",
        "\"\"",
        "\"\\u0000\"",
        "\"\\n::error::\"",
        "[]",
        "[\"\"]",
        "[true, 1]",
        "{}",
        "{ a.b.c = 1 }",
        "1979-05-27",
        "07:32:00",
        "9999-12-31T23:59:60.999999999999Z",
        "2026-02-30",
        &deep,
        "\"../../..\"",
    ];
    for (before, key) in every_place() {
        for value in odd {
            for text in [format!("{before}{key} = {value}\n"), format!("{before}{key}.a.\"b c\" = {value}\n")] {
                for failure in failures(text) {
                    assert!(failure.message.starts_with("layerpack.toml line "), "{key}: {}", failure.message);
                }
            }
        }
    }
}

#[test]
fn files_that_are_deep_or_long_are_refused_and_not_lived_through() {
    let dots = vec!["a"; 50_000].join(".");
    for text in [
        format!("{dots} = 1"),
        format!("[{dots}]"),
        format!("layers.{dots} = 1"),
        format!("arch = {}", "[".repeat(50_000)),
        format!("arch = {}", "{a=".repeat(50_000)),
        (0..20_000).map(|n| format!("[layers.x.key{n}]")).collect::<Vec<_>>().join("\n"),
    ] {
        let failures = failures(text);
        assert!((1..=100).contains(&failures.len()));
        assert!(failures.iter().all(|failure| failure.message.starts_with("layerpack.toml line ")));
    }
}

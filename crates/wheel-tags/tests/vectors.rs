//! The vectors of `testdata/tags`: one per line, `input -> expected`; an expected that starts with `!` is a part of the
//! message the input is refused with. `#` starts a comment.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use wheel_tags::{AbiTag, DistName, PlatformTag, PythonTag, WheelFilename};

enum Expected<'a> {
    Value(&'a str),
    Refused(&'a str),
}

fn vectors(text: &str) -> impl Iterator<Item = (&str, Expected<'_>)> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let (input, expected) = line.split_once(" -> ").expect("a vector has an arrow");
        let expected = expected.strip_prefix("! ").map_or(Expected::Value(expected), Expected::Refused);
        (input, expected)
    })
}

/// Parses every input, and compares what `show` makes of it, or the message.
fn check<T: FromStr<Err: Error>>(text: &str, show: impl Fn(&T) -> String) {
    let mut checked = 0;
    for (input, expected) in vectors(text) {
        match (input.parse::<T>(), expected) {
            (Ok(value), Expected::Value(expected)) => assert_eq!(show(&value), expected, "{input}"),
            (Err(error), Expected::Refused(expected)) => {
                assert!(error.to_string().contains(expected), "{input}: {error}, not {expected}");
            }
            (Ok(_), Expected::Refused(expected)) => panic!("{input} is accepted, not refused: {expected}"),
            (Err(error), Expected::Value(_)) => panic!("{input}: {error}"),
        }
        checked += 1;
    }
    assert!(checked > 10, "only {checked} vectors were found");
}

#[test]
fn names() {
    check(include_str!("../../../testdata/tags/names.txt"), |name: &DistName| {
        format!("{name} | {}", name.in_filename())
    });
}

#[test]
fn filenames() {
    check(include_str!("../../../testdata/tags/filenames.txt"), |wheel: &WheelFilename| {
        let build = wheel.build.as_ref().map_or("-".to_owned(), |build| format!("{},{}", build.number, build.suffix));
        let variant = wheel.variant.as_deref().unwrap_or("-");
        format!("{} | {} | {build} | {} | {variant}", wheel.name, wheel.version, wheel.tags)
    });
}

#[test]
fn tags() {
    for (input, expected) in vectors(include_str!("../../../testdata/tags/tags.txt")) {
        let Expected::Value(expected) = expected else { panic!("{input}: no tag is refused") };
        let (kind, tag) = input.split_once(' ').expect("a kind, then a tag");
        match kind {
            "python" => check_tag::<PythonTag>(tag, expected),
            "abi" => check_tag::<AbiTag>(tag, expected),
            "platform" => check_tag::<PlatformTag>(tag, expected),
            _ => panic!("{kind} is no kind of tag"),
        }
    }
}

fn check_tag<T: FromStr<Err: Debug> + Display + Debug>(tag: &str, expected: &str) {
    let value: T = tag.parse().expect("every tag is read");
    assert_eq!(format!("{value:?}"), expected, "{tag}");
    assert_eq!(value.to_string(), tag.to_lowercase());
}

#[test]
fn every_accepted_filename_is_written_back_and_serialised_as_it_was() {
    for (input, expected) in vectors(include_str!("../../../testdata/tags/filenames.txt")) {
        if let (Ok(wheel), Expected::Value(_)) = (input.parse::<WheelFilename>(), expected) {
            assert_eq!(wheel.to_string(), input);
            assert_eq!(wheel.as_str(), input);
            let json = serde_json::to_string(&wheel).expect("a file name is a string");
            assert_eq!(json, format!("\"{input}\""));
            assert_eq!(serde_json::from_str::<WheelFilename>(&json).expect("the same file name"), wheel);
        }
    }
}

//! Hostile input, and orders that others build on.

use wheel_tags::{DistName, InvalidName, Tag, TagSet, TagSetError, WheelFilename, WheelFilenameError};

#[test]
fn long_input_is_refused_by_its_length() {
    let long = format!("{}-1.0-py3-none-any.whl", "a".repeat(600));
    assert_eq!(long.parse::<WheelFilename>(), Err(WheelFilenameError::TooLong { length: 621 }));
    assert_eq!("a".repeat(256).parse::<DistName>(), Err(InvalidName::TooLong { length: 256 }));
    assert_eq!("a".repeat(600).parse::<TagSet>(), Err(TagSetError::TooLong { length: 600 }));
}

#[test]
fn a_name_may_fill_the_limit() {
    let name = "a".repeat(255);
    assert_eq!(name.parse::<DistName>().map(|parsed| parsed.as_str() == name), Ok(true));
}

#[test]
fn a_set_of_too_many_combinations_is_refused() {
    let sixteen = ["p"; 16].join(".");
    let seventeen = ["p"; 17].join(".");
    let most: TagSet = format!("{sixteen}-{sixteen}-{sixteen}").parse().expect("4096 tags are allowed");
    assert_eq!(most.iter().count(), 4096);
    let more = format!("{sixteen}-{sixteen}-{seventeen}");
    assert_eq!(more.parse::<TagSet>(), Err(TagSetError::TooMany { count: 4352 }));
    assert_eq!(
        format!("orbit-1.0-{more}.whl").parse::<WheelFilename>(),
        Err(WheelFilenameError::Tags(TagSetError::TooMany { count: 4352 }))
    );
}

#[test]
fn control_characters_and_separators_are_refused_wherever_they_stand() {
    let name = "orbit-1.0-1-py3-none-any-v3.whl";
    for character in ['\0', '\n', '\r', '\t', '\x1b', '\x7f', '/', '\\', ' ', '\u{202e}', '\u{a0}', '"', '*'] {
        for position in 0..name.len() - ".whl".len() {
            let mut hostile = name.to_owned();
            hostile.insert(position, character);
            assert_eq!(hostile.parse::<WheelFilename>(), Err(WheelFilenameError::Character(character)), "{hostile:?}");
        }
        assert!(format!("{name}{character}").parse::<WheelFilename>().is_err());
        assert!(format!("py3-none-an{character}y").parse::<TagSet>().is_err());
    }
}

#[test]
fn messages_hold_no_control_characters() {
    let messages = [
        "a\x1b[31m".parse::<DistName>().map_err(|error| error.to_string()).err(),
        "a\x1b-b".parse::<TagSet>().map_err(|error| error.to_string()).err(),
        "py3-no\x1bne-any".parse::<TagSet>().map_err(|error| error.to_string()).err(),
        "orbit\x1b.whl".parse::<WheelFilename>().map_err(|error| error.to_string()).err(),
    ];
    for message in messages {
        let message = message.expect("refused");
        assert!(!message.contains('\x1b'), "{message:?}");
    }
}

#[test]
fn a_tag_is_one_tag() {
    assert_eq!("py2.py3-none-any".parse::<Tag>(), Err(TagSetError::NotSingle("py2.py3-none-any".to_owned())));
    assert_eq!("py3-none".parse::<Tag>(), Err(TagSetError::Parts("py3-none".to_owned())));
    assert_eq!("py3--any".parse::<Tag>(), Err(TagSetError::EmptyTag(String::new())));
    let tag: Tag = "cp312-abi3-win32".parse().expect("a tag");
    assert_eq!(serde_json::to_string(&tag).expect("a string"), "\"cp312-abi3-win32\"");
    assert_eq!(serde_json::from_str::<Tag>("\"cp312-abi3-win32\"").expect("a tag"), tag);
}

#[test]
fn wheels_are_ordered_by_name_version_and_build() {
    let ordered = [
        "asteroid-9.0-py3-none-any.whl",
        "orbit-1.0rc1-py3-none-any.whl",
        "orbit-1.0-py3-none-any.whl",
        "orbit-1.0-2-py3-none-any.whl",
        "orbit-1.0-2b-py3-none-any.whl",
        "orbit-1.0-10-py3-none-any.whl",
        "orbit-1.10-py3-none-any.whl",
    ];
    let mut wheels: Vec<WheelFilename> = ordered.iter().rev().map(|name| name.parse().expect("a wheel")).collect();
    wheels.sort();
    let sorted: Vec<&str> = wheels.iter().map(WheelFilename::as_str).collect();
    assert_eq!(sorted, ordered);
}

#[test]
fn spellings_of_one_wheel_are_different_files() {
    let dotted: WheelFilename = "Orbit-1.0.0-py3-none-any.whl".parse().expect("a wheel");
    let plain: WheelFilename = "orbit-1.0-py3-none-any.whl".parse().expect("a wheel");
    assert_eq!((&dotted.name, &dotted.version, &dotted.tags), (&plain.name, &plain.version, &plain.tags));
    assert_ne!(dotted, plain);
}

#[test]
fn serialised_names_are_normalised_and_checked() {
    let name: DistName = serde_json::from_str("\"Orbit.Tools\"").expect("a name");
    assert_eq!(serde_json::to_string(&name).expect("a string"), "\"orbit-tools\"");
    assert!(serde_json::from_str::<DistName>("\"../orbit\"").is_err());
    assert!(serde_json::from_str::<WheelFilename>("\"../orbit-1.0-py3-none-any.whl\"").is_err());
}

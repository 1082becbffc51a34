//! What holds for every input: nothing panics, and everything is written back as it was read.

use proptest::prelude::*;
use wheel_tags::{
    AbiFlags, AbiTag, BuildTag, Cpu, DistName, LegacyManylinux, PlatformTag, PythonTag, Tag, TagSet, WheelFilename,
};

fn python_tag() -> impl Strategy<Value = PythonTag> {
    let minor = || proptest::option::of(any::<u8>());
    prop_oneof![
        (0..=9_u8, minor()).prop_map(|(major, minor)| PythonTag::CPython { major, minor }),
        (0..=9_u8, minor()).prop_map(|(major, minor)| PythonTag::Python { major, minor }),
        "(pp|jy|graalpy)[0-9]{0,3}".prop_map(PythonTag::Other),
    ]
}

fn abi_tag() -> impl Strategy<Value = AbiTag> {
    let flags = any::<[bool; 4]>().prop_map(|[free_threaded, debug, pymalloc, wide_unicode]| AbiFlags {
        free_threaded,
        debug,
        pymalloc,
        wide_unicode,
    });
    prop_oneof![
        Just(AbiTag::None),
        Just(AbiTag::Abi3),
        Just(AbiTag::Abi3t),
        (0..=9_u8, any::<u8>(), flags).prop_map(|(major, minor, flags)| AbiTag::CPython { major, minor, flags }),
        "pypy[0-9]{2,3}_pp73".prop_map(AbiTag::Other),
    ]
}

fn cpu() -> impl Strategy<Value = Cpu> {
    prop_oneof![Just(Cpu::X86_64), Just(Cpu::Aarch64), "(armv7|ppc64|s390)[a-z_]{1,3}".prop_map(Cpu::Other)]
}

fn platform_tag() -> impl Strategy<Value = PlatformTag> {
    let legacy = prop_oneof![
        Just((LegacyManylinux::One, 5)),
        Just((LegacyManylinux::Y2010, 12)),
        Just((LegacyManylinux::Y2014, 17))
    ];
    prop_oneof![
        Just(PlatformTag::Any),
        cpu().prop_map(PlatformTag::Linux),
        (any::<u16>(), any::<u16>(), cpu()).prop_map(|(major, minor, cpu)| PlatformTag::Manylinux {
            major,
            minor,
            cpu,
            legacy: None
        }),
        (legacy, cpu()).prop_map(|((legacy, minor), cpu)| PlatformTag::Manylinux {
            major: 2,
            minor,
            cpu,
            legacy: Some(legacy)
        }),
        (any::<u16>(), any::<u16>(), cpu()).prop_map(|(major, minor, cpu)| PlatformTag::Musllinux {
            major,
            minor,
            cpu
        }),
        (any::<u16>(), any::<u16>(), "[a-z0-9_]{1,10}").prop_map(|(major, minor, arch)| PlatformTag::MacOs {
            major,
            minor,
            arch
        }),
        prop_oneof![cpu(), Just(Cpu::Other("x86".to_owned()))].prop_map(PlatformTag::Windows),
        "(ios|android)_[a-z0-9_]{1,10}".prop_map(PlatformTag::Other),
    ]
}

fn tag_set() -> impl Strategy<Value = TagSet> {
    use proptest::collection::vec;
    (vec(python_tag(), 1..4), vec(abi_tag(), 1..3), vec(platform_tag(), 1..5))
        .prop_map(|(pythons, abis, platforms)| TagSet { pythons, abis, platforms })
}

/// Texts that are nearly a file name: the interesting branches are behind the right number of dashes.
fn nearly_a_filename() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[A-Za-z0-9][A-Za-z0-9._]{0,6}",
        2 => "(py3|cp312|none|abi3|any|win32|linux_x86_64|1\\.0|2a)",
        1 => "[-_.+!]{0,3}",
        1 => any::<String>(),
    ];
    proptest::collection::vec(part, 4..9).prop_map(|parts| format!("{}.whl", parts.join("-")))
}

fn in_other_case(text: &str) -> String {
    text.chars().enumerate().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect()
}

proptest! {
    #[test]
    fn any_text_is_a_tag_that_is_written_back_in_lower_case(
        text in prop_oneof![any::<String>(), "(cp|py|abi|win|linux_|manylinux_?|musllinux_|macosx_)[0-9]{0,6}[a-z0-9_]{0,9}"]
    ) {
        let Ok(python) = text.parse::<PythonTag>();
        let Ok(abi) = text.parse::<AbiTag>();
        let Ok(platform) = text.parse::<PlatformTag>();
        let lower = text.to_ascii_lowercase();
        prop_assert_eq!(python.to_string(), lower.as_str());
        prop_assert_eq!(abi.to_string(), lower.as_str());
        prop_assert_eq!(platform.to_string(), lower.as_str());
    }

    #[test]
    fn every_tag_value_is_read_back(python in python_tag(), abi in abi_tag(), platform in platform_tag()) {
        let tag = Tag { python, abi, platform };
        prop_assert_eq!(tag.python.to_string().parse(), Ok(tag.python.clone()));
        prop_assert_eq!(tag.abi.to_string().parse(), Ok(tag.abi.clone()));
        prop_assert_eq!(tag.platform.to_string().parse(), Ok(tag.platform.clone()));
        prop_assert_eq!(tag.to_string().parse(), Ok(tag));
    }

    #[test]
    fn a_set_is_read_back_in_any_case_and_stands_for_each_combination_once(set in tag_set()) {
        let text = set.to_string();
        prop_assert_eq!(in_other_case(&text).parse::<TagSet>(), Ok(set.clone()));
        let json = serde_json::to_string(&set).expect("a set is a string");
        prop_assert_eq!(serde_json::from_str::<TagSet>(&json).expect("the same set"), set.clone());

        let mut expected = Vec::new();
        for python in &set.pythons {
            for abi in &set.abis {
                for platform in &set.platforms {
                    expected.push(format!("{python}-{abi}-{platform}"));
                }
            }
        }
        let tags: Vec<String> = set.iter().map(|tag| tag.to_string()).collect();
        prop_assert_eq!(&tags, &expected);
        prop_assert_eq!(text.parse::<Tag>().is_ok(), tags.len() == 1);
    }

    #[test]
    fn any_text_is_refused_or_written_back(text in prop_oneof![any::<String>(), nearly_a_filename()]) {
        if let Ok(wheel) = text.parse::<WheelFilename>() {
            prop_assert_eq!(wheel.as_str(), text.as_str());
            prop_assert!(wheel.tags.iter().next().is_some());
        }
        if let Ok(set) = text.parse::<TagSet>() {
            prop_assert_eq!(set.to_string(), text.to_ascii_lowercase());
        }
    }

    #[test]
    fn a_filename_is_taken_apart_into_what_it_was_put_together_from(
        name in "[A-Za-z0-9]([._]?[A-Za-z0-9]){0,8}",
        version in "[0-9]{1,4}(\\.[0-9]{1,3}){0,3}((a|b|rc)[0-9])?(\\.post[0-9])?(\\+[a-z0-9]{1,4})?",
        build in proptest::option::of((any::<u64>(), "([a-z_][a-z0-9_.]{0,4})?")),
        tags in tag_set(),
        variant in proptest::option::of("(null|v[a-z0-9_.]{1,8})"),
    ) {
        let build_part = build.as_ref().map_or(String::new(), |(number, suffix)| format!("-{number}{suffix}"));
        let variant_part = variant.as_ref().map_or(String::new(), |label| format!("-{label}"));
        let text = format!("{name}-{version}{build_part}-{tags}{variant_part}.whl");
        let wheel: WheelFilename = text.parse().expect("a file name put together by the rules");
        prop_assert_eq!(wheel.name.as_str(), name.to_lowercase().replace(['.', '_'], "-"));
        prop_assert_eq!(&wheel.version, &version.parse().expect("a version"));
        prop_assert_eq!(wheel.build, build.map(|(number, suffix)| BuildTag { number, suffix }));
        prop_assert_eq!(&*wheel.tags, &tags);
        prop_assert_eq!(wheel.variant, variant);
    }

    #[test]
    fn names_are_equal_when_they_differ_in_case_and_separators_only(
        words in proptest::collection::vec("[a-z0-9]{1,5}", 1..5),
        separators in proptest::collection::vec("[-_.]{1,3}", 4),
    ) {
        let text: String = words.iter().zip(&separators).flat_map(|(word, separator)| [word.as_str(), separator]).collect();
        let text = in_other_case(text.trim_end_matches(['-', '_', '.']));
        let name: DistName = text.parse().expect("words and separators");
        prop_assert_eq!(name.as_str(), words.join("-"));
        prop_assert_eq!(name.in_filename(), words.join("_"));
        prop_assert_eq!(name.to_string().parse(), Ok(name.clone()));
        prop_assert_eq!(name.in_filename().parse(), Ok(name));
    }

    #[test]
    fn any_text_is_refused_or_a_normalised_name(text in prop_oneof![any::<String>(), "[-A-Za-z0-9._]{0,12}"]) {
        if let Ok(name) = text.parse::<DistName>() {
            prop_assert!(name.as_str().split('-').all(|word| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            }), "{name}");
        }
    }
}

use proptest::prelude::*;

use super::*;

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn takes(specifiers: &str, candidate: &str) -> bool {
    range(&specifiers.parse().expect("specifiers")).contains(&version(candidate))
}

/// PEP 440's own words and examples. <https://packaging.python.org/en/latest/specifications/version-specifiers/>
#[test]
fn the_examples_of_the_specification() {
    for (specifier, candidate, expected) in [
        ("~=2.2", "2.2.post3", true),
        ("~=2.2", "3.0.dev1", false),
        ("~=1.4.5", "1.4.9", true),
        ("~=1.4.5", "1.5", false),
        ("~=2.2.post3", "2.2.post2", false),
        ("~=1.4.5a4", "1.4.5a4", true),
        ("==1.1", "1.1.post1", false),
        ("==1.1.*", "1.1.post1", true),
        ("==1.1.*", "1.1a1", true),
        ("==1.1.*", "1.1.dev1", true),
        ("==1.1.*", "1", false),
        ("==1.0.*", "1", true),
        ("==1.1", "1.1.0", true),
        ("==1.1", "1.1.dev1", false),
        ("==1.0", "1.0+cu121", true),
        ("==1.0+cu121", "1.0", false),
        ("==1.0+cu121", "1.0+cu121", true),
        ("==1.0+cu121", "1.0+cu118", false),
        ("!=1.0", "1.0+cu121", false),
        ("!=1.1.*", "1.1.post1", false),
        ("<=1.2.3", "1.2.3+foo", true),
        ("<=1.2.3", "1.2.3.post1", false),
        (">=1.0", "1.0+cu121", true),
        (">1.7", "1.7.0.post1", false),
        (">1.7", "1.7+local", false),
        (">1.7", "1.7.1", true),
        (">1.7.post2", "1.7.1", true),
        (">1.7.post2", "1.7.post3", true),
        (">1.7.post2", "1.7.post3.dev0", true),
        (">1.7.post2", "1.7.post2+local", false),
        ("<3.1", "3.1.dev0", false),
        ("<3.1", "3.1a1", false),
        ("<3.1", "3.0a1", true),
        ("<3.1b2", "3.1b1", true),
        ("<3.1.post1", "3.1a1", true),
        ("<3.1.post1", "3.1.post1.dev0", false),
        ("<3.1.post1", "3.1+local", true),
        (">=1.0", "2.0a1", true),
        ("<2", "1!1.0", false),
        (">=1!1.0", "5.0", false),
        ("===1.0", "1.0", true),
        ("===1.0", "1.0+cu121", false),
        (">=1.0,!=1.5,<2", "1.5", false),
        (">=1.0,!=1.5,<2", "1.5.1", true),
        ("", "0.1.dev1", true),
    ] {
        assert_eq!(takes(specifier, candidate), expected, "{specifier} {candidate}");
    }
}

#[test]
fn numbers_at_the_edge_do_not_overflow() {
    let most = u64::MAX;
    assert!(takes(&format!("==1.dev{most}"), &format!("1.dev{most}")));
    assert!(takes(&format!(">=1,!=1.post{most}"), "1.post7"));
    assert!(takes(&format!("~=1.{most}"), &format!("1.{most}")));
    assert!(takes(&format!("=={most}.*"), &format!("{most}.1")));
    assert!(!takes(&format!(">1.post{most}"), "1.post7"));
}

#[test]
fn pins_are_known_from_their_range() {
    let pin = |text: &str| is_pin(&range(&text.parse().expect("specifiers")));
    assert!(pin("==1.0") && pin("===1.0") && pin("==1.0+local") && pin("==1.0.post1") && pin("==1.0,>=0.5"));
    assert!(!pin("==1.*") && !pin(">=1.0") && !pin("") && !pin("<2") && !pin("==1.0,!=1.0"));
}

/// What the specification says of one operator, written down without any thought of ranges.
fn by_the_words(specifier: &VersionSpecifier, candidate: &Version) -> bool {
    let wanted = specifier.version();
    let public = candidate.clone().without_local();
    let padded = |version: &Version, length: usize| {
        let mut release = version.release().to_vec();
        release.resize(length.max(release.len()), 0);
        release
    };
    let prefix = |prefix: &[u64]| {
        public.epoch() == wanted.epoch() && padded(&public, prefix.len()).get(..prefix.len()) == Some(prefix)
    };
    let equal = if wanted.is_local() { candidate == wanted } else { public == *wanted };
    match specifier.operator() {
        Operator::Equal => equal,
        Operator::NotEqual => !equal,
        Operator::EqualStar => prefix(wanted.release()),
        Operator::NotEqualStar => !prefix(wanted.release()),
        Operator::GreaterThanEqual => public >= *wanted,
        Operator::LessThanEqual => public <= *wanted,
        Operator::TildeEqual => {
            public >= *wanted && prefix(&wanted.release()[..wanted.release().len().saturating_sub(1)])
        }
        Operator::LessThan => {
            // A pre-release of V: what becomes V when its pre-release or development part is taken away.
            let of_wanted = public.any_prerelease()
                && (public.clone().with_dev(None) == *wanted
                    || (!wanted.is_post() && public.clone().with_dev(None).with_pre(None).with_post(None) == *wanted));
            public < *wanted && (wanted.any_prerelease() || !of_wanted)
        }
        Operator::GreaterThan => {
            let of_wanted = public.is_post() && public.clone().with_dev(None).with_post(None) == *wanted;
            public > *wanted && (wanted.is_post() || !of_wanted)
        }
        Operator::ExactEqual => candidate.to_string() == wanted.to_string(),
    }
}

prop_compose! {
    fn versions()(
        epoch in prop_oneof![4 => Just(0_u64), 1 => Just(1)],
        release in prop::collection::vec(0_u64..3, 1..4),
        pre in prop::option::weighted(0.3, (prop::sample::select(vec!["a", "b", "rc"]), 0_u64..3)),
        post in prop::option::weighted(0.3, 0_u64..3),
        dev in prop::option::weighted(0.3, 0_u64..3),
        local in prop::option::weighted(0.2, prop::sample::select(vec!["a", "b", "1", "a.1"])),
    ) -> String {
        let mut text = if epoch == 0 { String::new() } else { format!("{epoch}!") };
        text += &release.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        for part in [
            pre.map(|(kind, number)| format!("{kind}{number}")),
            post.map(|number| format!(".post{number}")),
            dev.map(|number| format!(".dev{number}")),
            local.map(|label| format!("+{label}")),
        ].into_iter().flatten() {
            text += &part;
        }
        text
    }
}

prop_compose! {
    fn specifiers()(
        operator in prop::sample::select(vec!["==", "!=", ">=", "<=", ">", "<", "~="]),
        wildcard in prop::bool::weighted(0.3),
        text in versions(),
    ) -> VersionSpecifier {
        let wildcard = if wildcard && matches!(operator, "==" | "!=") { ".*" } else { "" };
        // Where operator and version do not go together, as in `>=1.0+local`, the plain version stands in.
        format!("{operator}{text}{wildcard}").parse().unwrap_or_else(|_| VersionSpecifier::equals_version(version(&text)))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn ranges_say_what_the_specification_says(specifier in specifiers(), candidate in versions()) {
        let candidate = version(&candidate);
        prop_assert_eq!(range_of(&specifier).contains(&candidate), by_the_words(&specifier, &candidate));
    }

    /// `pep440_rs` judges single versions differently in four places: it compares a wildcard only as far as the candidate
    /// has numbers (`1` in `==1.1.*`), takes base versions for the specified version where the specifier is a pre- or
    /// post-release (`<1.0a2`, `>1.0a1`, `<1.0.post1`), and overlooks the epoch of a pre-release (`2.dev0` in `<1!2`).
    #[test]
    fn ranges_agree_with_pep440_rs(specifier in specifiers(), candidate in versions()) {
        let candidate = version(&candidate);
        let wanted = specifier.version();
        let differs = match specifier.operator() {
            Operator::EqualStar | Operator::NotEqualStar | Operator::TildeEqual => {
                candidate.release().len() < wanted.release().len()
            }
            Operator::LessThan | Operator::GreaterThan => {
                wanted.any_prerelease() || wanted.is_post() || wanted.epoch() != candidate.epoch()
            }
            _ => false,
        };
        if !differs {
            prop_assert_eq!(range_of(&specifier).contains(&candidate), specifier.contains(&candidate));
        }
    }

    #[test]
    fn all_specifiers_of_a_set_count(a in specifiers(), b in specifiers(), candidate in versions()) {
        let both: VersionSpecifiers = [a, b].into_iter().collect();
        let candidate = version(&candidate);
        let each = both.iter().all(|specifier| by_the_words(specifier, &candidate));
        prop_assert_eq!(range(&both).contains(&candidate), each);
    }
}

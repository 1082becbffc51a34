use std::collections::BTreeSet;

use super::*;
use crate::target::GlibcVersion;

/// Every table of a profile that holds a `source`, by its path.
fn facts(path: &str, value: &toml::Value, found: &mut Vec<(String, toml::Table)>) {
    match value {
        toml::Value::Table(table) if table.contains_key("source") => found.push((path.to_owned(), table.clone())),
        toml::Value::Table(table) => {
            for (key, value) in table.iter().filter(|(key, _)| *key != "name") {
                facts(&format!("{path}.{key}"), value, found);
            }
        }
        toml::Value::Array(items) => items.iter().for_each(|item| facts(path, item, found)),
        bare => panic!("{path} is {bare}, without a source"),
    }
}

#[test]
fn every_fact_names_its_source_and_the_day_it_was_checked() {
    let profiles = SOURCES.iter().map(|(minor, text)| (format!("python3.{minor}"), *text, 10));
    let roots = RootName::ALL.iter().map(|root| (root.to_string(), root.text(), 5));
    let modules = [("standard-modules".to_owned(), include_str!("../../profiles/standard-modules.toml"), 7)];
    for (name, text, more_than) in profiles.chain(roots).chain(modules) {
        let profile: toml::Table = toml::from_str(text).expect("TOML");
        let mut found = Vec::new();
        facts(&name, &toml::Value::Table(profile), &mut found);
        assert!(found.len() > more_than, "{name} has {} facts", found.len());
        for (path, fact) in found {
            let text = |key: &str| fact.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            assert!(text("source").trim().len() > 10, "{path} names no source");
            assert!(text("checked").parse::<Date>().is_ok(), "{path} has no date");
            assert!(!fact.contains_key("note") || text("note").len() > 5, "{path} has an empty note");
        }
    }
}

#[test]
fn profiles_are_complete_and_in_order() {
    let names: Vec<_> = runtimes().iter().map(|profile| profile.name.to_string()).collect();
    let expected: Vec<_> = (8..=15).map(|minor| format!("python3.{minor}")).collect();
    assert_eq!(names, expected);
    for profile in runtimes() {
        let (major, minor) = profile.name.python();
        assert_eq!(runtime(profile.name), profile);
        assert_eq!(&profile.python_full.value.release()[..2], [u64::from(major), u64::from(minor)], "{}", profile.name);
        assert_eq!(profile.interpreter.value, format!("/var/lang/bin/{}", profile.name));
        assert_eq!(profile.arches.value, Arch::ALL);
        assert_eq!(profile.libgcc.value.keys().copied().collect::<Vec<_>>(), Arch::ALL);
        let levels = [&profile.glibcxx.value, &profile.cxxabi.value].into_iter().chain(profile.libgcc.value.values());
        assert!(levels.into_iter().all(|level| level.certain <= level.recent), "{}", profile.name);
        let sdk: Vec<_> = profile.sdk.iter().map(|package| package.name.as_str()).collect();
        assert!(sdk.is_sorted() && sdk.iter().collect::<BTreeSet<_>>().len() == sdk.len(), "{sdk:?}");
        assert!(["boto3", "botocore", "urllib3"].iter().all(|name| sdk.contains(name)), "{sdk:?}");
    }
}

#[test]
fn dates_follow_upon_each_other() {
    for profile in runtimes() {
        let dates = [&profile.released, &profile.deprecated, &profile.block_create, &profile.block_update];
        let dates: Vec<_> = dates.into_iter().flatten().map(|fact| fact.value).collect();
        assert!(dates.is_sorted_by(|a, b| a < b), "{} {dates:?}", profile.name);
        let expected = if profile.stage.value == Stage::Preview { 0 } else { 4 };
        assert_eq!(dates.len(), expected, "{}", profile.name);
    }
    let released: Vec<_> = runtimes().iter().filter_map(|p| p.released.as_ref()).map(|fact| fact.value).collect();
    assert!(released.is_sorted());
}

#[test]
fn glibc_is_that_of_the_operating_system() {
    for profile in runtimes() {
        let glibc = match profile.os.value.as_str() {
            "Amazon Linux 2" => GlibcVersion::new(2, 26),
            "Amazon Linux 2023" => GlibcVersion::new(2, 34),
            other => panic!("{other}"),
        };
        assert_eq!(profile.glibc.value, glibc, "{}", profile.name);
    }
}

#[test]
fn live_runtimes_are_neither_previews_nor_past_their_deprecation() {
    let live = |today: &str| {
        let today: Date = today.parse().expect("a date");
        runtimes().iter().filter(|p| p.is_live(today)).map(|p| p.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(live("2026-10-31"), @"python3.10 python3.11 python3.12 python3.13 python3.14");
    insta::assert_snapshot!(live("2026-11-01"), @"python3.11 python3.12 python3.13 python3.14");
    insta::assert_snapshot!(live("2029-07-01"), @"");
}

#[test]
fn the_default_is_the_newest_generally_available_runtime() {
    assert_eq!(default_runtime().name.to_string(), "python3.14");
}

#[test]
fn an_unknown_key_is_refused() {
    let (_, text) = SOURCES[4];
    assert!(toml::from_str::<Profile>(text).is_ok());
    assert!(toml::from_str::<Profile>(&format!("nome = 1\n{text}")).is_err());
    assert!(toml::from_str::<Profile>(&text.replacen("source =", "sauce =", 1)).is_err());
}

//! Everything that a target lacks, and which other version or target has it.

use lambda_compat::{Code, Date};
use proptest::prelude::*;
use pypi_resolve::index::IndexError;
use pypi_resolve::resolve::{Instead, NoWheel, Policy, ResolveError, Survey, Unmet, Wants, survey};

use crate::memory::{Memory, Release, lines, local, pins, target, wants};

fn today() -> Date {
    "2026-11-22".parse().expect("a day")
}

fn survey_of(wants: &Wants, index: &Memory, on: &str) -> Survey {
    survey(wants, &target(on), index, &Policy::default(), today()).expect("the index answers")
}

/// What is unmet, one line each: place, package, help.
fn told(survey: &Survey) -> Vec<String> {
    let tell = |unmet: &Unmet| {
        let finding = unmet.finding();
        let first = finding.message.lines().next().unwrap_or_default();
        format!("{} {first} | {}", finding.code, finding.help.unwrap_or_default())
    };
    survey.unmet.iter().map(tell).collect()
}

fn wheels(tags: &[&str]) -> Release {
    Release { wheels: Some(tags.iter().map(ToString::to_string).collect()), ..Release::default() }
}

const X86: &str = "manylinux_2_17_x86_64";

fn native(index: &mut Memory, name: &str, version: &str, pythons: &[&str]) {
    let tags: Vec<String> = pythons.iter().map(|python| format!("{python}-{python}-{X86}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    index.add(name, version, &wheels(&tags));
}

#[test]
fn what_else_goes_on_without_what_cannot_be_had() {
    let mut index = Memory::default();
    native(&mut index, "a", "1.0", &["cp311"]);
    native(&mut index, "a", "2.0", &["cp312"]);
    index.plain("b", "1.0", &["a==1.0", "c"]);
    index.plain("c", "1.0", &["d"]);
    native(&mut index, "d", "1.0", &["cp311"]);
    index.plain("e", "1.0", &[]);
    let survey = survey_of(&wants(&["e", "b==1.0", "a==1.0", "nope"]), &index, "python3.12 x86_64");
    assert_eq!(
        told(&survey),
        [
            "LP305 requirements.txt:3: a==1.0 has wheels only for cp311 on x86_64 \
             | from 2.0 on there is one; 1.0 has one for python3.11 · x86_64",
            "LP301 no index knows `nope` | check the spelling; if it is on a private index, name that with --index or \
             --extra-index-url",
            "LP305 no version of d that will do has a wheel for python3.12 · x86_64 \
             | python3.11 · x86_64 has a wheel of d 1.0",
        ]
    );
    assert_eq!(survey.resolution.as_ref().map(pins).as_deref(), Some("b 1.0, c 1.0, e 1.0"));
    let packages: Vec<_> = survey.unmet.iter().filter_map(Unmet::package).map(ToString::to_string).collect();
    assert_eq!(packages, ["a", "nope", "d"]);
    // A frozen list has every page read once.
    let mut asked = index.asked.into_inner().expect("not poisoned");
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["a", "b", "c", "d", "e", "nope", "pynope", "python-nope"]);
}

#[test]
fn a_conflict_ends_it() {
    let mut index = Memory::default();
    index.plain("a", "1.0", &["c<2"]);
    index.plain("b", "1.0", &["c>=2"]);
    index.plain("c", "1.0", &[]);
    index.plain("c", "2.0", &[]);
    let survey = survey_of(&wants(&["a", "b", "zzz"]), &index, "python3.12 x86_64");
    assert!(survey.resolution.is_none());
    let codes: Vec<Code> = survey.unmet.iter().map(|unmet| unmet.finding().code).collect();
    assert_eq!(codes, [Code::UnknownProject, Code::Conflict]);
    assert_eq!(survey.unmet.last().and_then(Unmet::package), None);
}

#[test]
fn a_local_wheel_is_no_pin_of_an_index() {
    let mut index = Memory::default();
    native(&mut index, "own", "1.0", &["cp311"]);
    let mut wanted = wants(&["own==1.0"]);
    wanted.local.push(local("own-1.0-py3-none-any.whl", &Release::default()));
    let survey_here = survey_of(&wanted, &index, "python3.12 x86_64");
    assert!(survey_here.unmet.is_empty());
    // One that does not fit is forgotten, and the rest is looked at.
    wanted.local = vec![local(&format!("own-1.0-cp311-cp311-{X86}.whl"), &Release::default())];
    wanted.requirements.extend(lines("more.txt", &["gone"]));
    let survey = survey_of(&wanted, &index, "python3.12 x86_64");
    let codes: Vec<Code> = survey.unmet.iter().map(|unmet| unmet.finding().code).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(survey.resolution.is_some());
}

#[test]
fn overrides_say_what_is_pinned() {
    let mut index = Memory::default();
    native(&mut index, "a", "1.0", &["cp311"]);
    native(&mut index, "a", "2.0", &["cp312"]);
    let mut wanted = wants(&["a==1.0"]);
    wanted.overrides = lines("overrides.txt", &["a==2.0"]);
    assert!(survey_of(&wanted, &index, "python3.12 x86_64").unmet.is_empty());
    wanted = wants(&["a"]);
    wanted.overrides = lines("overrides.txt", &["a==1.0"]);
    assert!(told(&survey_of(&wanted, &index, "python3.12 x86_64"))[0].starts_with("LP305 overrides.txt:1: a==1.0 "));
}

#[test]
fn why_a_pin_has_no_wheel() {
    let mut index = Memory::default();
    index.add("old", "1.0", &Release { python: Some("<3.12".to_owned()), ..Release::default() });
    index.add("src", "1.0", &Release { sdist: true, ..wheels(&[]) });
    index.add("src", "2.0", &Release { yanked: Some(String::new()), ..Release::default() });
    index.add("pre", "1.0", &wheels(&["cp311-cp311-win_amd64"]));
    index.add("pre", "2.0rc1", &Release::default());
    index.add("pre", "2.0rc2", &Release::default());
    let wanted = wants(&["old==1.0", "src==1.0", "pre==1.0"]);
    assert_eq!(
        told(&survey_of(&wanted, &index, "python3.12 arm64")),
        [
            "LP305 requirements.txt:1: old==1.0 needs Python <3.12 \
             | there is no other version; 1.0 has one for python3.11 · arm64",
            "LP304 requirements.txt:2: src==1.0 has no wheel, only a source distribution \
             | there is no other version; build one (pip wheel --no-deps src==1.0) and name its file",
            "LP305 requirements.txt:3: pre==1.0 has wheels only for cp311 on Windows | the newest that has one is 2.0rc2",
        ]
    );
    // A pre-release that is pinned may be answered with another.
    index.add("pre", "2.0rc1.post1", &wheels(&["cp311-cp311-win_amd64"]));
    let survey = survey_of(&wants(&["pre==2.0rc1.post1"]), &index, "python3.12 arm64");
    assert!(told(&survey)[0].ends_with("| from 2.0rc2 on there is one"), "{survey:?}");
    // One that can be taken but for its hash or a constraint is the resolver's.
    let mut wanted = wants(&["pre==2.0rc1"]);
    wanted.constraints = lines("limits.txt", &["pre<2"]);
    assert_eq!(told(&survey_of(&wanted, &index, "python3.12 arm64")), ["LP302 no version of pre can be taken | "]);
}

#[test]
fn a_failing_network_is_an_error() {
    let fails = IndexError::Network { url: "https://index.example/simple/a/".to_owned(), why: "refused".to_owned() };
    let mut index = Memory::default();
    index.fails = Some(fails);
    let error = survey(&wants(&["a==1.0"]), &target("python3.12 arm64"), &index, &Policy::default(), today());
    assert!(matches!(error, Err(ResolveError::Index(IndexError::Network { .. }))));
}

proptest! {
    /// Whatever has wheels: what a help line names has one, and what it says of others holds.
    #[test]
    fn what_is_named_instead_has_a_wheel(has in prop::collection::vec(any::<bool>(), 1..12), at in 0..12_usize) {
        let mut index = Memory::default();
        let pinned = at % has.len();
        for (minor, has) in has.iter().enumerate() {
            let fits = *has && minor != pinned;
            native(&mut index, "a", &format!("1.{minor}"), &[if fits { "cp312" } else { "cp311" }]);
        }
        let survey = survey_of(&wants(&[format!("a==1.{pinned}")]), &index, "python3.12 x86_64");
        let [Unmet::Pin(NoWheel { instead, .. })] = survey.unmet.as_slice() else {
            panic!("{survey:?}");
        };
        let minor = |version: &pep440_rs::Version| version.release().get(1).map_or(0, |n| usize::try_from(*n).expect("small"));
        let fits = |at: &usize| has[*at] && *at != pinned;
        let newer: Vec<usize> = (pinned + 1..has.len()).filter(fits).collect();
        let older = (0..pinned).rev().find(fits);
        let holds = match instead {
            Instead::From(from) => newer.first() == Some(&minor(from)) && newer.len() == has.len() - minor(from),
            Instead::Next { next, newest } => {
                newer.first() == Some(&minor(next)) && newer.last() == Some(&minor(newest))
                    && newer.len() < has.len() - minor(next)
            }
            Instead::Newest(newest) => newer.is_empty() && older == Some(minor(newest)),
            Instead::Nothing(versions) => newer.is_empty() && older.is_none() && *versions == has.len(),
            Instead::Pinned | Instead::Unknown(_) => false,
        };
        prop_assert!(holds, "{has:?} {pinned} {instead:?}");
    }
}

//! Several targets at once, against brute force on small random indexes and in single cases.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::Target;
use proptest::prelude::*;
use pypi_resolve::resolve::{Packages, Policy, ResolveError, Sharing, Together, Wants, resolve_together};

use crate::memory::{Memory, Release, pins, target, wants};

const TARGETS: [&str; 3] = ["python3.11 x86_64", "python3.12 x86_64", "python3.13 arm64"];
const TAGS: [&str; 3] =
    ["cp311-cp311-manylinux2014_x86_64", "cp312-cp312-manylinux2014_x86_64", "cp313-cp313-manylinux2014_aarch64"];
const MARKERS: [&str; 3] = ["3.11", "3.12", "3.13"];
const NAMES: [&str; 3] = ["a", "b", "c"];
const NEWEST: u64 = 3;

/// A requirement: a package, the versions of it that will do, and the targets on which it holds.
type Need = (usize, BTreeSet<u64>, BTreeSet<usize>);

/// What each version of each package needs, and the targets that it has wheels for.
type Graph = BTreeMap<(usize, u64), (Vec<Need>, BTreeSet<usize>)>;

fn some_targets() -> impl Strategy<Value = BTreeSet<usize>> {
    prop_oneof![3 => Just((0..TARGETS.len()).collect()), 2 => prop::collection::btree_set(0..TARGETS.len(), 1..3)]
}

fn need() -> impl Strategy<Value = Need> {
    (0..NAMES.len(), prop::collection::btree_set(1..=NEWEST, 1..4), some_targets())
}

fn graph() -> impl Strategy<Value = (Graph, Vec<Need>)> {
    let keys = (0..NAMES.len()).flat_map(|name| (1..=NEWEST).map(move |version| (name, version)));
    let version = |key| {
        let what = (prop::collection::vec(need(), 0..3), some_targets());
        prop::option::weighted(0.8, what).prop_map(move |what| what.map(|what| (key, what)))
    };
    let versions: Vec<_> = keys.map(version).collect();
    let versions = versions.prop_map(|all| all.into_iter().flatten().collect::<Graph>());
    (versions, prop::collection::vec(need(), 1..4))
}

fn spelt((name, versions, targets): &Need) -> String {
    let excluded = (1..=NEWEST).filter(|version| !versions.contains(version)).map(|version| format!("!={version}"));
    let line = format!("{}{}", NAMES[*name], excluded.collect::<Vec<_>>().join(","));
    if targets.len() == TARGETS.len() {
        return line;
    }
    let markers: Vec<_> = targets.iter().map(|&target| format!("python_version == '{}'", MARKERS[target])).collect();
    format!("{line} ; {}", markers.join(" or "))
}

fn index(graph: &Graph) -> Memory {
    let mut index = Memory::default();
    for ((name, version), (needs, targets)) in graph {
        let requires = needs.iter().map(spelt).collect();
        let all = targets.len() == TARGETS.len();
        let wheels = (!all).then(|| targets.iter().map(|&target| TAGS[target].to_owned()).collect());
        index.add(NAMES[*name], &version.to_string(), &Release { requires, wheels, ..Release::default() });
    }
    index
}

/// Whether a choice of versions, 0 for none, holds on a target.
fn holds(graph: &Graph, wanted: &[Need], target: usize, choice: &[u64]) -> bool {
    let met = |(name, versions, targets): &Need| !targets.contains(&target) || versions.contains(&choice[*name]);
    let good = |(name, version): (usize, &u64)| {
        *version == 0
            || graph
                .get(&(name, *version))
                .is_some_and(|(needs, targets)| targets.contains(&target) && needs.iter().all(met))
    };
    wanted.iter().all(met) && choice.iter().enumerate().all(good)
}

fn choices() -> impl Iterator<Item = Vec<u64>> {
    let digits = NEWEST + 1;
    let power = move |at: usize| digits.pow(u32::try_from(at).expect("few"));
    (0..power(NAMES.len())).map(move |number| (0..NAMES.len()).map(|at| number / power(at) % digits).collect())
}

/// Whether every target can be served so that no package has two versions.
fn has_common(graph: &Graph, wanted: &[Need]) -> bool {
    fn go(graph: &Graph, wanted: &[Need], target: usize, taken: &[u64]) -> bool {
        if target == TARGETS.len() {
            return true;
        }
        let mut fitting = choices().filter(|choice| {
            choice.iter().zip(taken).all(|(a, b)| *a == 0 || *b == 0 || a == b) && holds(graph, wanted, target, choice)
        });
        fitting.any(|choice| {
            let taken: Vec<u64> = choice.iter().zip(taken).map(|(a, b)| *a.max(b)).collect();
            go(graph, wanted, target + 1, &taken)
        })
    }
    go(graph, wanted, 0, &[0; NAMES.len()])
}

fn ask(
    lines: &[impl AsRef<str>],
    targets: &[&str],
    index: &dyn Packages,
    sharing: Sharing,
) -> Result<Together, ResolveError> {
    let asked: Vec<(Target, Wants)> = targets.iter().map(|on| (target(on), wants(lines))).collect();
    resolve_together(&asked, index, &Policy::default(), sharing)
}

fn told(together: &Together) -> String {
    let of_target =
        together.resolutions.iter().map(|resolution| format!("{}: {}", resolution.target, pins(resolution)));
    of_target.collect::<Vec<_>>().join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn one_version_is_found_exactly_where_there_is_one((graph, wanted) in graph()) {
        let index = index(&graph);
        let lines: Vec<_> = wanted.iter().map(spelt).collect();
        let common = has_common(&graph, &wanted);
        let each = (0..TARGETS.len()).all(|target| choices().any(|choice| holds(&graph, &wanted, target, &choice)));

        let free = ask(&lines, &TARGETS, &index, Sharing::WherePossible);
        prop_assert_eq!(free.is_ok(), each);
        prop_assert_eq!(ask(&lines, &TARGETS, &index, Sharing::Demanded).is_ok(), common);
        let Ok(together) = free else { return Ok(()) };
        prop_assert_eq!(together.splits.is_empty(), common, "{}", told(&together));
        for (number, resolution) in together.resolutions.iter().enumerate() {
            let version = |name: &str| {
                let pin = resolution.pins.iter().find(|pin| pin.name.as_str() == name);
                pin.map_or(0, |pin| pin.version.release()[0])
            };
            let choice: Vec<_> = NAMES.iter().map(|name| version(name)).collect();
            prop_assert!(holds(&graph, &wanted, number, &choice), "{}", told(&together));
        }
    }

    #[test]
    fn the_order_of_targets_means_nothing((graph, wanted) in graph()) {
        let index = index(&graph);
        let lines: Vec<_> = wanted.iter().map(spelt).collect();
        let said = |targets: &[&str]| {
            let together = ask(&lines, targets, &index, Sharing::WherePossible);
            together.map(|together| told(&together)).map_err(|error| error.to_string())
        };
        let [a, b, c] = TARGETS;
        let first = said(&[a, b, c]);
        prop_assert_eq!(&said(&[c, a, b]), &first);
        prop_assert_eq!(&said(&[b, c, b, a]), &first);
    }
}

/// `numbers` has wheels for older Pythons up to 2.2 and for newer ones from 2.1 on.
fn numbers() -> Memory {
    let mut index = Memory::default();
    let tags = |minors: &[u8]| {
        let of_minor =
            |minor: &u8| ["x86_64", "aarch64"].map(|cpu| format!("cp3{minor}-cp3{minor}-manylinux2014_{cpu}")).to_vec();
        Some(minors.iter().flat_map(of_minor).collect())
    };
    for (version, minors, python) in [
        ("1.26", &[9, 10, 11, 12][..], ">=3.9"),
        ("2.0", &[9, 10, 11, 12], ">=3.9"),
        ("2.2", &[10, 11, 12, 13], ">=3.10"),
        ("2.4", &[11, 12, 13], ">=3.11"),
    ] {
        let release = Release { wheels: tags(minors), python: Some(python.to_owned()), ..Release::default() };
        index.add("numbers", version, &release);
    }
    index.plain("tables", "3.0", &["numbers>=2.2 ; python_version>='3.11'", "numbers<2 ; python_version<'3.11'"]);
    index.plain("tables", "2.0", &["numbers"]);
    index
}

#[test]
fn the_newest_version_that_fits_all() {
    let on = ["python3.13 arm64", "python3.10 x86_64"];
    let together = ask(&["numbers"], &on, &numbers(), Sharing::WherePossible).expect("2.2 fits both");
    assert_eq!(told(&together), "python3.10 · x86_64: numbers 2.2\npython3.13 · arm64: numbers 2.2");
    let [shared] = together.shared.as_slice() else { panic!("{:?}", together.shared) };
    assert_eq!(format!("{} {} {:?}", shared.name, shared.version, shared.alone.0), "numbers 2.2 \"2.4\"");
}

#[test]
fn as_few_versions_as_can_be() {
    let on = ["python3.9 arm64", "python3.10 arm64", "python3.12 arm64", "python3.13 arm64"];
    let together = ask(&["numbers"], &on, &numbers(), Sharing::WherePossible).expect("two versions will do");
    let [split] = together.splits.as_slice() else { panic!("{:?}", together.splits) };
    let versions: Vec<_> = split.versions.iter().map(|(version, on)| format!("{version} on {}", on.len())).collect();
    assert_eq!(versions, ["2.0 on 1", "2.2 on 3"]);
    insta::assert_snapshot!(split.because.join("\n"), @"
    2.2 needs Python >=3.10; python3.9 has 3.9.23
    2.0 built for CPython 3.9; the target is python3.13
    ");
    let refused = ask(&["numbers"], &on, &numbers(), Sharing::Demanded).expect_err("no version fits all");
    insta::assert_snapshot!(refused, @"
    no version of numbers fits all targets
      numbers: 2.0 for python3.9 · arm64, 2.2 for python3.10, python3.12, python3.13 · arm64
        2.2 needs Python >=3.10; python3.9 has 3.9.23
        2.0 built for CPython 3.9; the target is python3.13
    ");
}

#[test]
fn an_older_version_of_another_package_may_make_one_do() {
    let on = ["python3.10 arm64", "python3.12 arm64"];
    let together = ask(&["tables"], &on, &numbers(), Sharing::WherePossible).expect("tables 2.0 takes all");
    assert_eq!(pins(&together.resolutions[0]), "numbers 2.2, tables 2.0");
    assert_eq!(pins(&together.resolutions[1]), "numbers 2.2, tables 2.0");
    let refused = ask(&["tables>2"], &on, &numbers(), Sharing::Demanded).expect_err("tables 3.0 wants two versions");
    insta::assert_snapshot!(refused, @"
    no version of numbers fits all targets
      numbers: 1.26 for python3.10 · arm64, 2.4 for python3.12 · arm64
        2.4 needs Python >=3.11; python3.10 has 3.10.20
        tables 3.0 requires numbers>=2.2 on python3.12 · arm64
    ");
}

#[test]
fn a_conflict_says_which_target_it_is_about() {
    let on = ["python3.10 arm64", "python3.12 arm64"];
    let lines = ["numbers<2", "numbers>2 ; python_version>='3.12'"];
    let refused = ask(&lines, &on, &numbers(), Sharing::WherePossible).expect_err("they exclude each other");
    insta::assert_snapshot!(refused, @"
    python3.12 · arm64: the requirements exclude each other
      requirements.txt line 1 asks for numbers<2
      requirements.txt line 2 asks for numbers>2
    ");
}

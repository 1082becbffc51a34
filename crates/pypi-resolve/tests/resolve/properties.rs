//! The resolver against brute force on small random indexes.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use pypi_resolve::resolve::{Policy, Preference, ResolveError, Wants, resolve};

use crate::memory::{self, Memory, pins, target, wants};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const NEWEST: u64 = 4;

/// A requirement: a package, and the versions of it that will do.
type Need = (usize, BTreeSet<u64>);
/// What each version of each package needs.
type Graph = BTreeMap<(usize, u64), Vec<Need>>;

fn need() -> impl Strategy<Value = Need> {
    (0..NAMES.len(), prop::collection::btree_set(1..=NEWEST, 1..4))
}

fn graph() -> impl Strategy<Value = (Graph, Vec<Need>)> {
    let keys: Vec<_> = (0..NAMES.len()).flat_map(|name| (1..=NEWEST).map(move |version| (name, version))).collect();
    let versions = keys.into_iter().map(|key| {
        let needs = prop::collection::vec(need(), 0..3);
        prop::option::weighted(0.8, needs).prop_map(move |needs| needs.map(|needs| (key, needs)))
    });
    let versions: Vec<_> = versions.collect();
    let versions = versions.prop_map(|all| all.into_iter().flatten().collect::<Graph>());
    (versions, prop::collection::vec(need(), 1..4))
}

/// `b>=1,!=2,<=3`: the same set of whole numbers, in as many words as it takes.
fn spelt((name, versions): &Need) -> String {
    let excluded = (1..=NEWEST).filter(|v| !versions.contains(v)).map(|v| format!("!={v}"));
    format!("{}{}", NAMES[*name], excluded.collect::<Vec<_>>().join(","))
}

fn index(graph: &Graph) -> Memory {
    let mut index = Memory::default();
    for ((name, version), needs) in graph {
        let requires: Vec<_> = needs.iter().map(spelt).collect();
        let requires: Vec<_> = requires.iter().map(String::as_str).collect();
        index.plain(NAMES[*name], &version.to_string(), &requires);
    }
    index
}

/// Whether a choice of versions, 0 for none, meets all that is asked for and all that it needs itself.
fn holds(graph: &Graph, wanted: &[Need], choice: &[u64]) -> bool {
    let met = |(name, versions): &Need| versions.contains(&choice[*name]);
    wanted.iter().all(met)
        && choice
            .iter()
            .enumerate()
            .filter(|(_, version)| **version > 0)
            .all(|(name, version)| graph.get(&(name, *version)).is_some_and(|needs| needs.iter().all(met)))
}

fn choices() -> impl Iterator<Item = Vec<u64>> {
    let digits = NEWEST + 1;
    let all = digits.pow(u32::try_from(NAMES.len()).expect("few"));
    (0..all).map(move |number| {
        (0..NAMES.len()).map(|at| number / digits.pow(u32::try_from(at).expect("few")) % digits).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_solution_is_found_exactly_where_there_is_one((graph, wanted) in graph()) {
        let index = index(&graph);
        let lines: Vec<_> = wanted.iter().map(spelt).collect();
        let policy = Policy::default();
        let outcome = resolve(&wants(&lines), &target("python3.12 x86_64"), &index, &policy);
        let exists = choices().any(|choice| holds(&graph, &wanted, &choice));
        match outcome {
            Ok(resolution) => {
                let version = |name: &str| {
                    let pin = resolution.pins.iter().find(|pin| pin.name.as_str() == name);
                    pin.map_or(0, |pin| pin.version.release()[0])
                };
                let choice: Vec<_> = NAMES.iter().map(|name| version(name)).collect();
                prop_assert!(holds(&graph, &wanted, &choice), "{} does not hold", pins(&resolution));
                // Nothing is packed that nobody asks for.
                let asked: BTreeSet<_> = wanted.iter().map(|(name, _)| NAMES[*name].to_owned())
                    .chain(resolution.pins.iter().flat_map(|pin| &pin.dependencies).map(ToString::to_string)).collect();
                let packed: BTreeSet<_> = resolution.pins.iter().map(|pin| pin.name.to_string()).collect();
                prop_assert_eq!(packed, asked);
            }
            Err(ResolveError::Unsatisfiable(report)) => {
                prop_assert!(!exists, "there is a solution, and yet: {}", report);
                // The message names a line that it comes from.
                prop_assert!(report.message.contains("requirements.txt line "), "{}", report.message);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer((graph, wanted) in graph()) {
        let lines: Vec<_> = wanted.iter().map(spelt).collect();
        let ask = || {
            let outcome = resolve(&wants(&lines), &target("python3.12 x86_64"), &index(&graph), &Policy::default());
            outcome.map(|resolution| pins(&resolution)).map_err(|error| error.to_string())
        };
        prop_assert_eq!(ask(), ask());
    }

    /// What is left out might as well not be required by anybody.
    #[test]
    fn leaving_out_is_requiring_nothing_of_it((graph, wanted) in graph(), excluded in 0..NAMES.len(), lowest: bool) {
        let mut wants = wants(&wanted.iter().map(spelt).collect::<Vec<_>>());
        wants.excludes = [NAMES[excluded].parse().expect("a name")].into();
        let preference = if lowest { Preference::Lowest } else { Preference::Highest };
        let policy = Policy { preference, ..Policy::default() };
        let outcome = resolve(&wants, &target("python3.12 x86_64"), &index(&graph), &policy);
        let other = |needs: &[Need]| needs.iter().filter(|(name, _)| *name != excluded).cloned().collect::<Vec<_>>();
        let without: Graph = graph.iter().map(|(key, needs)| (*key, other(needs))).collect();
        let wanted = other(&wanted);
        let exists = choices().any(|choice| holds(&without, &wanted, &choice));
        prop_assert_eq!(outcome.is_ok(), exists);
        if let Ok(resolution) = outcome {
            prop_assert!(resolution.pins.iter().all(|pin| pin.name.as_str() != NAMES[excluded]));
            let version = |name: &str| resolution.pins.iter().find(|pin| pin.name.as_str() == name)
                .map_or(0, |pin| pin.version.release()[0]);
            let choice: Vec<_> = NAMES.iter().map(|name| version(name)).collect();
            prop_assert!(holds(&without, &wanted, &choice), "{} does not hold", pins(&resolution));
        }
    }

    /// Whatever is said to work does.
    #[test]
    fn what_is_suggested_works((graph, wanted) in graph()) {
        let lines: Vec<_> = wanted.iter().map(spelt).collect();
        let (target, policy, index) = (target("python3.12 x86_64"), Policy::default(), index(&graph));
        let Err(error) = resolve(&wants(&lines), &target, &index, &policy) else { return Ok(()) };
        let help = error.help().unwrap_or_default();
        for (before, after) in help.match_indices(" in place of ").map(|(at, text)| (&help[..at], &help[at + text.len()..])) {
            let instead = before.rsplit(' ').next().expect("a requirement");
            let number = after.split("line ").nth(1).and_then(|rest| rest.split(')').next()).expect("a line");
            let number: usize = number.parse().expect("a number");
            let mut lines = lines.clone();
            lines[number - 1] = instead.to_owned();
            prop_assert!(resolve(&wants(&lines), &target, &index, &policy).is_ok(), "{}: {}", error, help);
        }
        if let Some((before, _)) = help.split_once(" in a file for --override") {
            let over = before.rsplit(' ').next().expect("a requirement").to_owned();
            let wants = Wants { overrides: memory::lines("overrides.txt", &[over]), ..wants(&lines) };
            prop_assert!(resolve(&wants, &target, &index, &policy).is_ok(), "{}: {}", error, help);
        }
    }
}

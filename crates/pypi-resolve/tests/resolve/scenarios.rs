//! `testdata/scenarios/*.toml`: an index, what is asked for, and the whole answer or message.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use pypi_resolve::resolve::{
    BareDate, Cutoff, Cutoffs, Moment, Policy, Preference, Prereleases, Resolution, ResolveError, Wants, resolve,
};
use serde::Deserialize;
use testkit::slashed;

use crate::memory::{self, Memory, Release};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Scenario {
    name: String,
    #[serde(default = "usual_target")]
    target: String,
    requirements: Vec<String>,
    #[serde(default)]
    constraints: Vec<String>,
    #[serde(default)]
    overrides: Vec<String>,
    #[serde(default)]
    excludes: Vec<String>,
    #[serde(default)]
    preference: Option<String>,
    #[serde(default)]
    exclude_newer: Option<String>,
    #[serde(default)]
    prereleases: Option<String>,
    #[serde(default)]
    no_deps: bool,
    #[serde(default)]
    local: BTreeMap<String, Version>,
    #[serde(default)]
    packages: BTreeMap<String, BTreeMap<String, Version>>,
    outcome: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Version {
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    python: Option<String>,
    #[serde(default)]
    metadata_python: Option<String>,
    #[serde(default)]
    yanked: Option<String>,
    #[serde(default)]
    uploaded: Option<String>,
    #[serde(default)]
    wheels: Option<Vec<String>>,
    #[serde(default)]
    sdist: bool,
    #[serde(default)]
    broken: bool,
}

fn usual_target() -> String {
    "python3.12 x86_64".to_owned()
}

impl From<Version> for Release {
    fn from(version: Version) -> Self {
        let Version { requires, extras, python, metadata_python, yanked, uploaded, wheels, sdist, broken } = version;
        Self { requires, extras, python, metadata_python, yanked, uploaded, wheels, sdist, broken }
    }
}

#[test]
fn every_scenario_has_its_outcome() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/scenarios");
    let mut paths: Vec<_> =
        fs_err::read_dir(folder).expect("scenarios").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut differences = String::new();
    let mut count = 0;
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "toml")) {
        let file: File = toml::from_str(&fs_err::read_to_string(path).expect("readable")).expect("a scenario file");
        for scenario in file.scenario {
            count += 1;
            let (name, expected) = (scenario.name.clone(), scenario.outcome.trim().to_owned());
            let got = slashed(&run(scenario));
            if got.trim() != expected {
                _ = writeln!(differences, "--- {}: {name}\n{expected}\n--- got\n{got}\n", path.display());
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
    assert!(count > 40, "only {count} scenarios were found");
}

fn run(scenario: Scenario) -> String {
    let mut index = Memory::default();
    for (name, versions) in scenario.packages {
        for (version, release) in versions {
            index.add(&name, &version, &release.into());
        }
    }
    let wants = Wants {
        requirements: memory::lines("requirements.txt", &scenario.requirements),
        constraints: memory::lines("constraints.txt", &scenario.constraints),
        overrides: memory::lines("overrides.txt", &scenario.overrides),
        excludes: scenario.excludes.iter().map(|name| name.parse().expect("a name")).collect(),
        local: scenario.local.into_iter().map(|(name, release)| memory::local(&name, &release.into())).collect(),
        ..Wants::default()
    };
    let prereleases = match scenario.prereleases.as_deref() {
        None => Prereleases::IfNecessaryOrExplicit,
        Some("allow") => Prereleases::Allow,
        Some("disallow") => Prereleases::Disallow,
        Some(other) => panic!("no rule for pre-releases is called {other}"),
    };
    let preference = match scenario.preference.as_deref() {
        None => Preference::Highest,
        Some("lowest") => Preference::Lowest,
        Some("lowest-direct") => Preference::LowestDirect,
        Some(other) => panic!("no preference is called {other}"),
    };
    let now = Moment::parse("2026-11-22T00:00:00Z").expect("a time");
    let cutoff = |text: String| Cutoff::parse("--exclude-newer", &text, now, BareDate::Included).expect("a cutoff");
    let cutoffs = Cutoffs { all: scenario.exclude_newer.map(cutoff), ..Cutoffs::default() };
    let policy = Policy { prereleases, preference, cutoffs, no_deps: scenario.no_deps, ..Policy::default() };
    told(&resolve(&wants, &memory::target(&scenario.target), &index, &policy))
}

fn told(outcome: &Result<Resolution, ResolveError>) -> String {
    let mut text = String::new();
    match outcome {
        Ok(resolution) => {
            for pin in &resolution.pins {
                _ = write!(text, "{}", pin.wheel);
                if !pin.dependencies.is_empty() {
                    let names: Vec<_> = pin.dependencies.iter().map(ToString::to_string).collect();
                    _ = write!(text, " needs {}", names.join(", "));
                }
                text.push('\n');
                if let Some(held_back) = &pin.held_back {
                    _ = writeln!(text, "  held back: {}: {}", held_back.newest, held_back.reasons.join("; "));
                }
            }
            for note in &resolution.notes {
                _ = writeln!(text, "{} {}: {}", note.severity, note.code, note.message);
            }
        }
        Err(error) => {
            _ = writeln!(text, "{}: {error}", error.code());
            if let Some(help) = error.help() {
                _ = writeln!(text, "help: {help}");
            }
        }
    }
    text
}

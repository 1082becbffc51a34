//! `layerpack runtimes`: the profiles, every fact with its source and date; or what a probe says against them.

mod facts;
mod libraries;
mod probe;

use lambda_compat::{Code, Fact, Profile, RuntimeName, Stage, runtime, runtimes};
use serde::Serialize;

use crate::args::RuntimesArgs;
use crate::commands::runtimes::facts::Row;
use crate::commands::runtimes::libraries::Group;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Console, wrapped};

/// Where sources and notes begin, and where values do.
const INDENT: usize = 6;
const VALUE: usize = 25;

#[derive(Serialize)]
struct RuntimeDocument<'a> {
    runtime: String,
    live: bool,
    facts: Vec<Row>,
    libraries: Vec<Group<'a>>,
    standard_modules: Fact<Vec<&'static str>>,
}

#[derive(Serialize)]
struct RuntimesDocument<'a> {
    schema: u8,
    command: &'static str,
    runtimes: Vec<RuntimeDocument<'a>>,
}

pub(crate) fn run(args: &RuntimesArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    if let Some(path) = &args.from {
        return probe::run(path, console);
    }
    let today = environment.today()?;
    let chosen: Vec<&Profile> = match &args.name {
        Some(name) => {
            let name: RuntimeName = name
                .parse()
                .map_err(|e: lambda_compat::UnknownRuntime| Failure::new(Code::UnknownTarget, e.to_string()))?;
            vec![runtime(name)]
        }
        None => runtimes().iter().collect(),
    };
    if !console.is_text() {
        let document = |profile: &'static Profile| RuntimeDocument {
            runtime: profile.name.to_string(),
            live: profile.is_live(today),
            facts: facts::rows(profile),
            libraries: libraries::groups(profile),
            standard_modules: profile.standard_modules(),
        };
        let runtimes = chosen.into_iter().map(document).collect();
        console.document(&RuntimesDocument { schema: 1, command: "runtimes", runtimes })?;
    } else if args.name.is_some() {
        for profile in chosen {
            print_facts(profile, profile.is_live(today), console)?;
        }
    } else {
        console.result("runtime      Python    system               glibc  architectures   deprecation")?;
        for profile in chosen {
            console.result(&line(profile, profile.is_live(today)))?;
        }
    }
    Ok(Exit::Fine)
}

fn line(profile: &Profile, live: bool) -> String {
    let arches: Vec<_> = profile.arches.value.iter().map(ToString::to_string).collect();
    let deprecated = profile.deprecated.as_ref().map_or_else(String::new, |date| date.value.to_string());
    let state = match (profile.stage.value, live) {
        (Stage::Preview, _) => "preview",
        (_, false) => "past its deprecation date",
        (_, true) => "",
    };
    format!(
        "{:<12} {:<9} {:<20} {:<6} {:<15} {:<11} {state}",
        profile.name.to_string(),
        profile.python_full.value.to_string(),
        profile.os.value,
        profile.glibc.value.to_string(),
        arches.join(" "),
        deprecated,
    )
    .trim_end()
    .to_owned()
}

fn print_facts(profile: &Profile, live: bool, console: &mut Console) -> Result<(), Failure> {
    let live = if live { "live" } else { "not live" };
    console.result(&format!("{} ({live})", profile.name))?;
    let mut rows = facts::rows(profile);
    rows.extend(libraries::rows(profile, console.verbose > 0));
    for row in rows {
        let mut values = wrapped(&row.value, VALUE).into_iter();
        let first = values.next().unwrap_or_default();
        console.result(&format!("  {:<width$}{}", row.fact, first.trim_start(), width = VALUE - 2))?;
        let details = [Some(format!("{} ({})", row.source, row.checked)), row.note];
        for line in values.chain(details.into_iter().flatten().flat_map(|detail| wrapped(&detail, INDENT))) {
            console.result(&line)?;
        }
    }
    Ok(())
}

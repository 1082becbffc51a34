//! `layerpack runtimes`: the profiles, every fact with its source and date.

use lambda_compat::{Code, Fact, Profile, RuntimeName, Stage, SymbolLevel, runtime, runtimes};
use serde::Serialize;

use crate::args::RuntimesArgs;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Console;

/// One fact as a row: what, its value, where it was read, and when it was last looked at.
#[derive(Serialize)]
struct Row {
    fact: &'static str,
    value: String,
    source: String,
    checked: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct RuntimeDocument {
    runtime: String,
    live: bool,
    facts: Vec<Row>,
}

#[derive(Serialize)]
struct RuntimesDocument {
    schema: u8,
    command: &'static str,
    runtimes: Vec<RuntimeDocument>,
}

pub(crate) fn run(args: &RuntimesArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
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
        let runtimes = chosen
            .iter()
            .map(|p| RuntimeDocument { runtime: p.name.to_string(), live: p.is_live(today), facts: rows(p) })
            .collect();
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
    for row in rows(profile) {
        console.result(&format!("  {:<22} {}", row.fact, row.value))?;
        console.result(&format!("  {:<22}   {} ({})", "", row.source, row.checked))?;
        if let Some(note) = row.note {
            console.result(&format!("  {:<22}   {note}", ""))?;
        }
    }
    Ok(())
}

fn row<T>(fact: &'static str, said: &Fact<T>, value: String) -> Row {
    Row { fact, value, source: said.source.clone(), checked: said.checked.to_string(), note: said.note.clone() }
}

fn rows(profile: &Profile) -> Vec<Row> {
    let level = |level: &SymbolLevel| {
        if level.certain == level.recent {
            level.certain.to_string()
        } else {
            format!("{} everywhere, {} on recent updates", level.certain, level.recent)
        }
    };
    let stage = match profile.stage.value {
        Stage::GenerallyAvailable => "generally available",
        Stage::Preview => "preview, not for production",
    };
    let mut rows = vec![
        row("stage", &profile.stage, stage.to_owned()),
        row("python", &profile.python_full, profile.python_full.value.to_string()),
        row("operating system", &profile.os, profile.os.value.clone()),
        row("glibc", &profile.glibc, profile.glibc.value.to_string()),
        row("libstdc++ GLIBCXX", &profile.glibcxx, level(&profile.glibcxx.value)),
        row("libstdc++ CXXABI", &profile.cxxabi, level(&profile.cxxabi.value)),
    ];
    let libgcc: Vec<_> = profile.libgcc.value.iter().map(|(arch, l)| format!("{arch}: {}", level(l))).collect();
    rows.push(row("libgcc", &profile.libgcc, libgcc.join("; ")));
    rows.push(row("interpreter", &profile.interpreter, profile.interpreter.value.clone()));
    let arches: Vec<_> = profile.arches.value.iter().map(ToString::to_string).collect();
    rows.push(row("architectures", &profile.arches, arches.join(", ")));
    let dates = [
        ("released", &profile.released),
        ("deprecated", &profile.deprecated),
        ("no new functions from", &profile.block_create),
        ("no updates from", &profile.block_update),
    ];
    rows.extend(dates.into_iter().filter_map(|(name, fact)| {
        let fact = fact.as_ref()?;
        Some(row(name, fact, fact.value.to_string()))
    }));
    rows.extend(profile.sdk.iter().map(|package| Row {
        fact: "bundled package",
        value: format!("{} {}", package.name, package.version),
        source: package.source.clone(),
        checked: package.checked.to_string(),
        note: package.note.clone(),
    }));
    rows
}

//! The facts of a profile as rows.

use lambda_compat::{Fact, Profile, Stage, SymbolFact, SymbolLevel};
use serde::Serialize;

/// One fact as a row: what, its value, where it was read, and when it was last looked at.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) fact: String,
    pub(super) value: String,
    pub(super) source: String,
    pub(super) checked: String,
    pub(super) note: Option<String>,
}

fn row<T>(fact: &str, said: &Fact<T>, value: String) -> Row {
    Row {
        fact: fact.to_owned(),
        value,
        source: said.source.clone(),
        checked: said.checked.to_string(),
        note: said.note.clone(),
    }
}

fn symbol_row(fact: String, said: &SymbolFact<'_>) -> Row {
    Row {
        fact,
        value: shown(said.level),
        source: said.source.to_owned(),
        checked: said.checked.to_string(),
        note: said.note.map(str::to_owned),
    }
}

fn shown(level: &SymbolLevel) -> String {
    if level.certain == level.recent {
        level.certain.to_string()
    } else {
        format!("{} everywhere, {} on recent updates", level.certain, level.recent)
    }
}

/// Every fact but the libraries and the standard modules.
pub(super) fn rows(profile: &Profile) -> Vec<Row> {
    let stage = match profile.stage.value {
        Stage::GenerallyAvailable => "generally available",
        Stage::Preview => "preview, not for production",
    };
    let mut rows = vec![
        row("stage", &profile.stage, stage.to_owned()),
        row("python", &profile.python_full, profile.python_full.value.to_string()),
        row("operating system", &profile.os, profile.os.value.clone()),
        row("glibc", &profile.glibc, profile.glibc.value.to_string()),
        row("libstdc++ GLIBCXX", &profile.glibcxx, shown(&profile.glibcxx.value)),
        row("libstdc++ CXXABI", &profile.cxxabi, shown(&profile.cxxabi.value)),
    ];
    let libgcc: Vec<_> = profile.libgcc.value.iter().map(|(arch, l)| format!("{arch}: {}", shown(l))).collect();
    rows.push(row("libgcc", &profile.libgcc, libgcc.join("; ")));
    rows.extend(
        profile
            .symbol_levels()
            .map(|(library, prefix, fact)| symbol_row(format!("{library} {}", prefix.trim_end_matches('_')), &fact)),
    );
    rows.push(row("interpreter", &profile.interpreter, profile.interpreter.value.clone()));
    let arches: Vec<_> = profile.arches.value.iter().map(ToString::to_string).collect();
    rows.push(row("architectures", &profile.arches, arches.join(", ")));
    rows.push(row("LD_LIBRARY_PATH", profile.library_path(), profile.library_path().value.join(" ")));
    rows.push(row("root", &profile.root, profile.root.value.to_string()));
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
        fact: "bundled package".to_owned(),
        value: format!("{} {}", package.name, package.version),
        source: package.source.clone(),
        checked: package.checked.to_string(),
        note: package.note.clone(),
    }));
    rows
}

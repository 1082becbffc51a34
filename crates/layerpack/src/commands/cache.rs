//! `layerpack cache`: what is kept from run to run, shown, cleared and checked.
//!
//! Which files are layerpack's and which of them are to go is told by `wheel-archive`.

use std::io;
use std::path::Path;

use lambda_compat::Code;
use rayon::prelude::*;
use wheel_archive::{CacheFile, CacheKind, CacheListing, Store, StoreLock, list_cache, with_slashes};
use wheel_tags::DistName;

use crate::args::{CacheAction, CacheArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::all_cache_parts;
use crate::plan::{parse_age, run_cache_dir};
use crate::report::{CacheReport, Console, Damage, Verifying, counted};

pub(crate) fn run(
    args: &CacheArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let dir = run_cache_dir(args.cache_dir.as_deref(), config, environment)?;
    // What was typed wrongly is said before anything is looked at.
    let action = match &args.action {
        CacheAction::Dir => return print_dir(&dir, console),
        CacheAction::Size => Action::Size,
        CacheAction::Clean { names } => {
            Action::Clean(names.iter().map(|name| project(name)).collect::<Result<_, _>>()?)
        }
        CacheAction::Prune { older_than } => Action::Prune(parse_age(older_than)?),
        CacheAction::Verify => Action::Verify,
    };
    if matches!(dir.try_exists(), Ok(false)) {
        console.summary(&format!("there is no folder {} yet", dir.display()));
        return finish(&CacheReport::new(action.name(), &dir, false), Vec::new(), console);
    }
    let store = Store::new(dir.clone());
    let _lock = match action {
        Action::Size => None,
        Action::Verify => locked(store.share(), console)?,
        Action::Clean(_) | Action::Prune(_) => {
            let waiting = || console.summary("waiting for other runs of layerpack that use the cache");
            let lock = store.alone(waiting);
            locked(lock, console)?
        }
    };
    let listing = list_cache(&dir, &all_cache_parts())?.unwrap_or_default();
    let report = CacheReport::new(action.name(), &dir, true).foreign(&listing.foreign);
    match action {
        Action::Size => {
            let report = report.of(&listing.files);
            let lines = report.table();
            console.summary(&format!("in {}", dir.display()));
            finish(&report, lines, console)
        }
        Action::Clean(names) if names.is_empty() => {
            let copies = listing.copies();
            let kept = listing.files.len() - copies.len();
            let report = report.of(remove(&copies)?);
            listing.remove_empty_folders();
            if kept > 0 {
                let lists = counted(kept, "list");
                console.summary(&format!("left: {lists} of the files that builds may replace in their folders"));
            }
            let line = format!("{} from {}", report.removed(), dir.display());
            finish(&report, vec![line], console)
        }
        Action::Clean(names) => clean_named(&listing, &names, report, console),
        Action::Prune(age) => {
            let report = report.of(remove(&listing.unused(environment.now, age))?);
            listing.remove_empty_folders();
            let mut lines = if report.is_empty() { Vec::new() } else { report.table() };
            lines.push(format!("{} from {}", report.removed(), dir.display()));
            finish(&report, lines, console)
        }
        Action::Verify => verify(&store, &listing, report, console),
    }
}

/// What is to be done, understood.
enum Action {
    Size,
    Clean(Vec<DistName>),
    Prune(std::time::Duration),
    Verify,
}

impl Action {
    fn name(&self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Clean(_) => "clean",
            Self::Prune(_) => "prune",
            Self::Verify => "verify",
        }
    }
}

fn print_dir(dir: &Path, console: &mut Console) -> Result<Exit, Failure> {
    let report = CacheReport::new("dir", dir, dir.exists());
    finish(&report, vec![dir.display().to_string()], console)
}

fn finish(report: &CacheReport, lines: Vec<String>, console: &mut Console) -> Result<Exit, Failure> {
    if console.is_text() {
        for line in report.foreign_lines() {
            console.summary(&line);
        }
        for line in lines {
            console.result(&line)?;
        }
    } else {
        console.document(report)?;
    }
    Ok(if report.has_damage() { Exit::Findings } else { Exit::Fine })
}

fn project(name: &str) -> Result<DistName, Failure> {
    name.parse().map_err(|error| {
        Failure::new(Code::Usage, format!("{error}")).help("name projects, not files: layerpack cache clean numpy")
    })
}

/// A file system without locks is no reason to stop, but to be told.
fn locked(lock: io::Result<StoreLock>, console: &mut Console) -> Result<Option<StoreLock>, Failure> {
    match lock {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            console.summary("the cache's file system has no locks: let no other layerpack run meanwhile");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes files and gives those that were there. One that cannot be removed does not keep the others.
fn remove<'a>(files: &[&'a CacheFile]) -> Result<Vec<&'a CacheFile>, Failure> {
    let mut removed = Vec::new();
    let mut failed = Vec::new();
    for file in files {
        match file.remove() {
            Ok(true) => removed.push(*file),
            Ok(false) => {}
            Err(error) => failed.push(error),
        }
    }
    match failed.first() {
        None => Ok(removed),
        Some(first) => {
            let more = if failed.len() > 1 { format!(", and {} more", failed.len() - 1) } else { String::new() };
            Err(Failure::new(Code::Io, format!("{}{more}", Failure::io(first).message))
                .help("see who owns the folder; all that could be removed is gone"))
        }
    }
}

fn clean_named(
    listing: &CacheListing,
    names: &[DistName],
    report: CacheReport,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let about = listing.about(names)?;
    let files: Vec<&CacheFile> = about.iter().map(|(file, _)| *file).collect();
    let removed = remove(&files)?;
    listing.remove_empty_folders();
    let mut lines = Vec::new();
    for name in names {
        let of_name = about.iter().filter(|(_, names)| names.contains(name)).map(|(file, _)| *file);
        let of_name = CacheReport::new("clean", Path::new(""), true).of(of_name);
        lines.push(if of_name.is_empty() {
            format!("nothing of {name} is kept")
        } else {
            format!("{name}: {}", of_name.removed())
        });
    }
    finish(&report.of(removed), lines, console)
}

fn verify(store: &Store, listing: &CacheListing, report: CacheReport, console: &mut Console) -> Result<Exit, Failure> {
    let files: Vec<&CacheFile> =
        listing.files.iter().filter(|file| matches!(file.kind, CacheKind::Current(..))).collect();
    let bar = Verifying::new(&console.bars, files.iter().map(|file| file.size).sum());
    let check = |file: &&CacheFile| {
        let checked = look(store, file);
        bar.advance(file.size);
        checked
    };
    let checked: Vec<Result<Option<Damage>, Failure>> = files.par_iter().map(check).collect();
    drop(bar);
    let mut damaged = Vec::new();
    let mut failed = None;
    for outcome in checked {
        match outcome {
            Ok(damage) => damaged.extend(damage),
            // The others are told all the same.
            Err(failure) if failed.is_none() => failed = Some(failure),
            Err(failure) => console.complaint(&failure),
        }
    }
    let report = report.of(files).damaged(damaged);
    let lines = report.verdict();
    if let Some(failure) = failed {
        for line in lines {
            console.summary(&line);
        }
        return Err(failure);
    }
    finish(&report, lines, console)
}

/// Checks a file, and removes it where it is damaged: under the lock of its download, and only if it still is.
fn look(store: &Store, file: &CacheFile) -> Result<Option<Damage>, Failure> {
    let CacheKind::Current(part, sha256) = &file.kind else { return Ok(None) };
    let check = || match file.check() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        outcome => outcome,
    };
    let Some(why) = check()? else { return Ok(None) };
    let _lock = match store.lock(&sha256.to_string()) {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error.into()),
        lock => lock.ok(),
    };
    let removed = check()?.is_some() && file.remove()?;
    Ok(Some(Damage { path: with_slashes(&file.path), part: part.name, why, removed }))
}

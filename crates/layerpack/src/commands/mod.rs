//! The commands, one file each: they call the crates in order and hand what comes back to `report`.

mod build;
mod cache;
mod check;
mod completions;
mod diff;
mod explain;
mod fetch;
mod init;
mod lock;
mod resolve;
mod runtimes;
mod side_by_side;
mod size;

use lambda_compat::{Code, Target};
use serde::Serialize;

use crate::args::{Cli, Command, Format};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Console, json};

/// Ends a run over several layers: the document of what came of them, and what is wrong with the others.
fn conclude<T: Serialize>(
    command: &'static str,
    told: &[(Target, T)],
    stacks: Option<&[json::BuiltStack]>,
    failures: Vec<Failure>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let Some(failure) = Failure::all(failures) else {
        if console.format == Format::Json {
            console.document(&json::Document::new(command, told).with_stacks(stacks))?;
        }
        return Ok(Exit::Fine);
    };
    if console.format != Format::Json || (told.is_empty() && stacks.is_none_or(<[_]>::is_empty)) {
        return Err(failure);
    }
    let all: Vec<&Failure> = std::iter::once(&failure).chain(&failure.others).collect();
    for failure in &all {
        console.complaint(failure);
    }
    console.document(&json::PartialDocument::new(json::Document::new(command, told).with_stacks(stacks), &all))?;
    Ok(failure.exit)
}

/// Runs the command that was typed.
pub(crate) fn run(cli: &Cli, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    if console.format == Format::Requirements && !matches!(cli.command, Command::Resolve(_)) {
        return Err(Failure::new(Code::Usage, "--format requirements goes with resolve only")
            .help("use --format json, or layerpack resolve"));
    }
    if console.format == Format::Markdown && !matches!(cli.command, Command::Diff(_)) {
        return Err(Failure::new(Code::Usage, "--format markdown goes with diff only").help("use --format json"));
    }
    if console.format == Format::Terraform && !matches!(cli.command, Command::Build(_)) {
        return Err(Failure::new(Code::Usage, "--format terraform goes with build only").help("use --format json"));
    }
    let config = match &cli.command {
        Command::Build(_)
        | Command::Check(_)
        | Command::Resolve(_)
        | Command::Lock(_)
        | Command::Fetch(_)
        | Command::Size(_)
        | Command::Cache(_) => Config::find(&cli.config, environment)?,
        _ => None,
    };
    let config = config.as_ref();
    match &cli.command {
        Command::Build(args) => build::run(args, config, environment, console),
        Command::Check(args) => check::run(args, config, environment, console),
        Command::Resolve(args) => resolve::run(args, config, environment, console),
        Command::Lock(args) => lock::run(args, config, environment, console),
        Command::Fetch(args) => fetch::run(args, config, environment, console),
        Command::Size(args) => size::run(args, config, environment, console),
        Command::Runtimes(args) => runtimes::run(args, environment, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Diff(args) => diff::run(args, environment, console),
        Command::Cache(args) => cache::run(args, config, environment, console),
        Command::Init(args) => init::run(args, console),
        Command::Completions(args) => completions::run(args, console),
    }
}

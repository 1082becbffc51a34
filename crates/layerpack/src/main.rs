//! The command: arguments → plan → run → report. The only crate that prints, exits, or reads the environment and
//! today's date.

mod args;
mod commands;
mod config;
mod environment;
mod exit;
mod explain;
mod failure;
mod init;
mod interrupt;
mod layer;
mod plan;
mod report;
mod source_build;

use std::process::ExitCode;

use crate::args::Cli;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::report::Console;

/// The static binary brings its own allocator: with that of musl, whose one lock all threads share, a cold resolve takes twice
/// as long.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Usage errors exit with 2, as the contract has it.
    let cli = match Cli::typed() {
        Ok(cli) => cli,
        Err(error) => return report::usage_error(&error),
    };
    let mut console = Console::new(&cli.global);
    report::start_log(cli.global.verbose);
    interrupt::listen();

    let exit = commands::run(&cli, &Environment::of_process(), &mut console).unwrap_or_else(|failure| {
        interrupt::wait_if_stopping();
        console.failure(&failure);
        failure.exit.max(Exit::Findings)
    });
    interrupt::wait_if_stopping();
    exit.into()
}

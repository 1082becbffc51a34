//! `layerpack completions`: what a shell needs to complete the command line.

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
use clap_complete::generate;
use lambda_compat::{Arch, Code, runtimes};

use crate::args::{Cli, CompletionsArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Console;

/// What values there are, for the shell only: `--runtime 3.12` and `explain "a line"` are read all the same.
fn with_known_values(command: Command) -> Command {
    let runtimes = || runtimes().iter().map(|profile| profile.name.to_string());
    command.mut_subcommands(move |subcommand| {
        let explains = subcommand.get_name() == "explain";
        let lists_runtimes = subcommand.get_name() == "runtimes";
        let named = with_known_values(subcommand);
        named.mut_args(|arg| match arg.get_id().as_str() {
            "runtime" => arg.value_parser(PossibleValuesParser::new(runtimes())),
            "name" if lists_runtimes => arg.value_parser(PossibleValuesParser::new(runtimes())),
            "arch" => arg.value_parser(PossibleValuesParser::new(Arch::ALL.map(|arch| arch.to_string()))),
            "about" if explains => arg.value_parser(PossibleValuesParser::new(Code::ALL.iter().map(Code::to_string))),
            _ => arg,
        })
    })
}

pub(crate) fn run(args: &CompletionsArgs, console: &mut Console) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut with_known_values(Cli::command()), "layerpack", &mut script);
    console.result(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Fine)
}

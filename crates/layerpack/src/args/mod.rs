//! What was typed: the command line as clap reads it, nothing more. What it means is worked out in `plan`.

mod below;
mod cache;
mod check;
mod completions;
mod config;
mod diff;
mod index;
mod init;
mod jobs;
mod layer;
mod leave_out;
mod lock;
mod output;
mod resolve;
mod size;
mod source;
mod spelled;
mod target;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub(crate) use below::BelowArgs;
pub(crate) use cache::{CacheAction, CacheArgs};
pub(crate) use check::{CheckArgs, ExplainArgs, JudgingArgs};
pub(crate) use completions::CompletionsArgs;
pub(crate) use config::ConfigArgs;
pub(crate) use diff::DiffArgs;
pub(crate) use index::{IndexArgs, KeyringArg, StrategyArg};
pub(crate) use init::InitArgs;
pub(crate) use jobs::{JobsArgs, MOST_JOBS};
pub(crate) use layer::LayerArgs;
pub(crate) use leave_out::{FunctionArgs, RuntimeSdkArgs, SlimArg, SlimArgs};
pub(crate) use lock::{LockArgs, LockUseArgs, UpgradeArgs};
pub(crate) use output::{BuildOutputArgs, Emit};
pub(crate) use resolve::{PrereleaseArg, ResolutionArg, ResolveArgs};
pub(crate) use size::SizeArgs;
pub(crate) use source::{SelectionArgs, SourceArgs};
pub(crate) use spelled::spelled;
pub(crate) use target::TargetArgs;

/// Turn requirements.txt into an AWS Lambda layer, and check that its wheels load there: no Docker, no Python.
#[derive(Debug, Parser)]
#[command(name = "layerpack", bin_name = "layerpack", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

impl Cli {
    /// What was typed.
    pub(crate) fn typed() -> Result<Self, clap::Error> {
        let matches = spelled::with_own_separators(Self::command()).try_get_matches()?;
        Self::from_arg_matches(&matches)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Resolve, download, check, pack and weigh a layer
    Build(Box<BuildArgs>),
    /// Say whether wheels load on Lambda, and what to do where they do not
    Check(CheckArgs),
    /// Print what build would take
    Resolve(ResolveCommandArgs),
    /// Write pylock.toml (PEP 751) beside the source
    Lock(LockArgs),
    /// Download the target's wheels into a folder
    Fetch(FetchArgs),
    /// Weigh layers and the function together against Lambda's limits
    Size(SizeArgs),
    /// Print what the Lambda runtimes offer, every fact with its source
    Runtimes(RuntimesArgs),
    /// Say what a finding, or a line from CloudWatch, means and how to fix it
    Explain(ExplainArgs),
    /// Say what changed from one layer or lock to another: packages, versions, files, bytes, findings
    Diff(DiffArgs),
    /// Show, clear and check what is kept from run to run
    Cache(CacheArgs),
    /// Write layerpack.toml from what the project's files say of its layers
    Init(InitArgs),
    /// Print what a shell needs to complete the command line
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// What to print on stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, help_heading = "Printing")]
    pub(crate) format: Format,
    /// Print errors only
    #[arg(short, long, global = true, help_heading = "Printing")]
    pub(crate) quiet: bool,
    /// Print more on stderr; twice for requests and timings
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = "Printing")]
    pub(crate) verbose: u8,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = ColorArg::Auto, help_heading = "Printing")]
    pub(crate) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON document, `"schema": 1`
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// Pinned requirement lines (resolve only)
    Requirements,
    /// For pull requests (diff only)
    Markdown,
    /// Flat strings, for Terraform's data source `external` (build only)
    Terraform,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

/// What a layer takes: the same for every command that resolves.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AskingArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) resolve: ResolveArgs,
    #[command(flatten)]
    pub(crate) below: BelowArgs,
    #[command(flatten)]
    pub(crate) index: IndexArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) asking: AskingArgs,
    #[command(flatten)]
    pub(crate) sdk: RuntimeSdkArgs,
    #[command(flatten)]
    pub(crate) slim: SlimArgs,
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) output: BuildOutputArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) lock: LockUseArgs,
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ResolveCommandArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Print what requires what below each requirement line, with the sizes of the wheels
    #[arg(long, conflicts_with = "why", help_heading = "Views")]
    pub(crate) tree: bool,
    /// Print every way from the requirement lines to a package
    #[arg(long, value_name = "NAME", help_heading = "Views")]
    pub(crate) why: Option<String>,
    #[command(flatten)]
    pub(crate) asking: AskingArgs,
    #[command(flatten)]
    pub(crate) sdk: RuntimeSdkArgs,
    #[command(flatten)]
    pub(crate) lock: LockUseArgs,
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) asking: AskingArgs,
    #[command(flatten)]
    pub(crate) sdk: RuntimeSdkArgs,
    /// Folder for the wheels; it is made if missing
    #[arg(short, long, value_name = "FOLDER", help_heading = "Output")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) lock: LockUseArgs,
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RuntimesArgs {
    /// One runtime, all its facts; with -v every name
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What a function of yours lists (see docs/probe.md): print what differs
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub(crate) from: Option<PathBuf>,
}

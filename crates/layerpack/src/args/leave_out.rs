//! What is left out of a layer, and what makes it a function.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Whether the runtime's own AWS SDK is taken.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RuntimeSdkArgs {
    /// Leave boto3 and what only it needs to the runtime, in the versions that it has (AWS advises against it)
    #[arg(long, help_heading = "Packages")]
    pub(crate) exclude_runtime_sdk: bool,
}

/// Files of packages that are left out.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SlimArgs {
    /// Leave out files that no function needs, but for those that something reads; repeatable or comma-separated
    #[arg(long, value_enum, value_name = "RULE", value_delimiter = ',', help_heading = "Output")]
    pub(crate) slim: Vec<SlimArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SlimArg {
    Tests,
    Pyi,
    Headers,
    Pycache,
    Docs,
    All,
}

/// One zip of code and packages, in place of a layer.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Function")]
pub(crate) struct FunctionArgs {
    /// Make a function's zip: packages at its root, without python/
    #[arg(long)]
    pub(crate) flat: bool,
    /// Pack what is in this folder at the function's root: its code and data; repeatable (with --flat)
    #[arg(long, value_name = "FOLDER")]
    pub(crate) include: Vec<PathBuf>,
}

//! Flags for the choice of versions, in the spellings of pip and uv.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(next_help_heading = "Resolution")]
pub(crate) struct ResolveArgs {
    /// Take what is named and nothing that it requires
    #[arg(long)]
    pub(crate) no_deps: bool,
    /// Allow pre-releases (the same as --prerelease allow)
    #[arg(long, conflicts_with = "prerelease")]
    pub(crate) pre: bool,
    /// When a pre-release may be taken
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) prerelease: Option<PrereleaseArg>,
    /// Demand a hash for every requirement
    #[arg(long)]
    pub(crate) require_hashes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrereleaseArg {
    /// Always
    Allow,
    /// Never
    Disallow,
    /// Where a requirement names one, or a project has nothing else
    IfNecessaryOrExplicit,
}

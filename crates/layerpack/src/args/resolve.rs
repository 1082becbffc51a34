//! Flags for the choice of versions, in the spellings of pip and uv.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Resolution")]
pub(crate) struct ResolveArgs {
    /// Take what is named and nothing that it requires
    #[arg(long)]
    pub(crate) no_deps: bool,
    /// Requirements that stand in for all others of their packages (uv's overrides); repeatable
    #[arg(long = "override", visible_alias = "overrides", value_name = "FILE")]
    pub(crate) overrides: Vec<PathBuf>,
    /// Leave a package out, whoever requires it, and what only it needs; repeatable or comma-separated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Which of the versions that will do is taken
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) resolution: Option<ResolutionArg>,
    /// Allow pre-releases (the same as --prerelease allow)
    #[arg(long, conflicts_with = "prerelease")]
    pub(crate) pre: bool,
    /// When a pre-release may be taken
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) prerelease: Option<PrereleaseArg>,
    /// Take nothing uploaded after a date (YYYY-MM-DD, that day included), a time (RFC 3339) or within a span back from
    /// now (`7 days`, `P7D`); without a zone it is UTC
    #[arg(long, value_name = "DATE|SPAN")]
    pub(crate) exclude_newer: Option<String>,
    /// The same for one package, or `false` to free it; repeatable
    #[arg(long, value_name = "NAME=DATE|SPAN|false")]
    pub(crate) exclude_newer_package: Vec<String>,
    /// As --exclude-newer, in pip's spelling: of a date, that day is not included
    #[arg(long, value_name = "DATE|SPAN", conflicts_with = "exclude_newer")]
    pub(crate) uploaded_prior_to: Option<String>,
    /// Have uv or pip build a package that has no wheel for the target, or `:all:` of them; repeatable or comma-separated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) build: Vec<String>,
    /// Take a package from source though it has wheels (with --build); `:all:`, `:none:` or names
    #[arg(long, value_name = "NAME")]
    pub(crate) no_binary: Vec<String>,
    /// Never build a package; `:all:`, `:none:` or names
    #[arg(long, value_name = "NAME")]
    pub(crate) only_binary: Vec<String>,
    /// Demand a hash for every requirement
    #[arg(long)]
    pub(crate) require_hashes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResolutionArg {
    /// The newest
    Highest,
    /// The oldest
    Lowest,
    /// The oldest of what is named, the newest of what that requires
    LowestDirect,
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

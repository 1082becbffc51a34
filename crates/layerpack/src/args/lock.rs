//! Flags of `lock`, and of how a lock is used.

use clap::Args;

use crate::args::{AskingArgs, JobsArgs, RuntimeSdkArgs, SourceArgs};

#[derive(Debug, Args)]
pub(crate) struct LockArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) asking: AskingArgs,
    #[command(flatten)]
    pub(crate) sdk: RuntimeSdkArgs,
    #[command(flatten)]
    pub(crate) upgrade: UpgradeArgs,
    #[command(flatten)]
    pub(crate) writing: LockWritingArgs,
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
}

/// What of an earlier lock stays.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lock")]
pub(crate) struct UpgradeArgs {
    /// Take the newest versions, whatever the lock has
    #[arg(short = 'U', long)]
    pub(crate) upgrade: bool,
    /// Take the newest version of this package, or the one named; repeatable or comma-separated
    #[arg(short = 'P', long, value_name = "NAME[==VERSION]", value_delimiter = ',')]
    pub(crate) upgrade_package: Vec<String>,
}

/// What may be written, and whether anything is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lock")]
pub(crate) struct LockWritingArgs {
    /// Refuse where no single version of a package fits all targets
    #[arg(long)]
    pub(crate) same_versions: bool,
    /// Write nothing; exit 1 if the lock would change
    #[arg(long, alias = "locked", conflicts_with_all = ["upgrade", "upgrade_package"])]
    pub(crate) check: bool,
    /// Write nothing; say what would change
    #[arg(long, conflicts_with = "check")]
    pub(crate) dry_run: bool,
}

/// How a lock is used.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Lock")]
pub(crate) struct LockUseArgs {
    /// Refuse where there is no lock that satisfies the source
    #[arg(long)]
    pub(crate) locked: bool,
    /// Take the lock as it is, without looking at the source
    #[arg(long, conflicts_with = "locked")]
    pub(crate) frozen: bool,
}

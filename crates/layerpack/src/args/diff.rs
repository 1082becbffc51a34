//! `diff`: what is compared, and how much of it is printed.

use std::path::PathBuf;

use clap::Args;

use crate::args::TargetArgs;

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Before: a zip, a folder, a report (.json) or a lock; `-` is stdin
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// After
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// List every file that has changed, not only the largest changes
    #[arg(long)]
    pub(crate) files: bool,
    /// Exit with 1 where they differ
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Of locks: what is installed there; without it all that they list
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

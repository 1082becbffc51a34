//! `cache` and what is to be done with it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    pub(crate) action: CacheAction,
    /// Where downloads are kept
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// Print where it is
    Dir,
    /// Print how much of what it holds
    Size,
    /// Remove all of it, or what is about the projects that are named; waits until no other run uses it
    Clean {
        /// Projects: wheels, pages, METADATA and builds of theirs go
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Remove what nothing has used for a while, old forms and what killed runs have left
    Prune {
        /// For how long nothing must have used it: `30d`, `12h`, `2w`
        #[arg(long, value_name = "TIME", default_value = "30d")]
        older_than: String,
    },
    /// Check every file against its digest or checksum; remove those that are damaged
    Verify,
}

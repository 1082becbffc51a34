//! How much is done at once.

use clap::Args;

#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct JobsArgs {
    /// Threads at most, for fetching, checking and copying, and layers at once (where not given one for each core, 16 for
    /// downloads, and 8 layers)
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_JOBS), help_heading = "Work")]
    pub(crate) jobs: Option<u16>,
}

/// More threads than that wait for each other.
pub(crate) const MOST_JOBS: i64 = 256;

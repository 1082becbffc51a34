//! What `size` takes.

use std::path::PathBuf;

use clap::Args;

use crate::args::BelowArgs;

#[derive(Debug, Clone, Args)]
pub(crate) struct SizeArgs {
    /// Layer and function zips, unpacked trees, reports of build (*.json), wheels (together: one layer); without any,
    /// what was built of the configuration's layers
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A stack of the configuration: its layers as they were built, its function and what else it has
    #[arg(long, value_name = "NAME", conflicts_with = "paths")]
    pub(crate) stack: Option<String>,
    /// The function; every other PATH is a layer then (told by what they hold, where not given)
    #[arg(long, value_name = "PATH")]
    pub(crate) function: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) below: BelowArgs,
    /// Set weight and a layer's slot aside: `Lambda Web Adapter=5MB`; repeatable
    #[arg(long, value_name = "NAME=SIZE")]
    pub(crate) reserve: Vec<String>,
    /// Unzipped limit in bytes, or with k, M or G (1,024 each)
    #[arg(long, value_name = "SIZE")]
    pub(crate) budget: Option<String>,
    /// List the N largest files too
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) files: usize,
    /// Write one page with a treemap, which needs nothing but a browser
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

//! Which configuration file counts.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArgs {
    /// Read this layerpack.toml or pyproject.toml, and not the nearest one
    #[arg(long, alias = "config-file", global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Read no layerpack.toml, and no [tool.layerpack] of pyproject.toml
    #[arg(long, global = true, conflicts_with = "config")]
    pub(crate) no_config: bool,
}

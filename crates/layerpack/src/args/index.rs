//! Flags for indexes, in the spellings of pip and uv.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "Indexes")]
pub(crate) struct IndexArgs {
    /// The default index (Simple API, PEP 503 or 691)
    #[arg(short = 'i', long, visible_alias = "default-index", value_name = "URL")]
    pub(crate) index_url: Option<String>,
    /// A further index; the first that knows a project serves it
    #[arg(long, value_name = "URL")]
    pub(crate) extra_index_url: Vec<String>,
    /// A further index, asked before the default one
    #[arg(long, value_name = "URL")]
    pub(crate) index: Vec<String>,
    /// A folder or page of wheels that join whatever the index has
    #[arg(short = 'f', long, value_name = "PATH|URL")]
    pub(crate) find_links: Vec<String>,
    /// Ask no index, only --find-links and local wheels
    #[arg(long)]
    pub(crate) no_index: bool,
    /// Open no socket; what is not in the cache is an error
    #[arg(long)]
    pub(crate) offline: bool,
    /// Ask again for everything that the cache has
    #[arg(long, conflicts_with = "offline")]
    pub(crate) refresh: bool,
    /// Where downloads are kept
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Certificates (PEM) to trust besides the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// Proxy for all requests
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
}

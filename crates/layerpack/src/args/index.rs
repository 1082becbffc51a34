//! Flags for indexes, in the spellings of pip and uv.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Indexes")]
pub(crate) struct IndexArgs {
    /// The default index (Simple API, PEP 503 or 691)
    #[arg(short = 'i', long, visible_alias = "default-index", value_name = "URL")]
    pub(crate) index_url: Option<String>,
    /// A further index; the first that knows a project serves it
    #[arg(long, value_name = "URL")]
    pub(crate) extra_index_url: Vec<String>,
    /// A further index, asked before the default one; named, packages can be pinned to it
    #[arg(long, value_name = "[NAME=]URL")]
    pub(crate) index: Vec<String>,
    /// What happens where several indexes know a project
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) index_strategy: Option<StrategyArg>,
    /// A folder or page of wheels that join whatever the index has
    #[arg(short = 'f', long, value_name = "PATH|URL")]
    pub(crate) find_links: Vec<String>,
    /// Ask no index, only --find-links and local wheels
    #[arg(long)]
    pub(crate) no_index: bool,
    /// Whether the program `keyring` is asked for credentials
    #[arg(long, value_enum, value_name = "WHO")]
    pub(crate) keyring_provider: Option<KeyringArg>,
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
    /// Client certificate and its key (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) client_cert: Option<PathBuf>,
    /// Do not check the certificate of this host: whoever answers in its name is believed
    #[arg(long, visible_alias = "allow-insecure-host", value_name = "HOST[:PORT]")]
    pub(crate) trusted_host: Vec<String>,
    /// Proxy for all requests
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// How long a server may stay silent, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
    /// How often a failed request is tried again
    #[arg(long, value_name = "TIMES")]
    pub(crate) retries: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrategyArg {
    /// The first that knows a project serves it, alone
    FirstIndex,
    /// All are asked, earlier ones first: anyone can publish a private name on a public index
    UnsafeFirstMatch,
    /// All are asked, the best version wins: anyone can publish a newer one on a public index
    UnsafeBestMatch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyringArg {
    /// It is not
    Disabled,
    /// Through its command line, after a refusal or where a user name has no password
    Subprocess,
}

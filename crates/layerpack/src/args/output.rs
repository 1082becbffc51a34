//! Where `build` writes, and what.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct BuildOutputArgs {
    /// Folder for everything that is built (dist, where not given)
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out_dir: Option<PathBuf>,
    /// This one zip (X.zip), or this folder as the layer's root
    #[arg(short, long, value_name = "PATH", conflicts_with_all = ["out_dir", "emit"])]
    pub(crate) output: Option<PathBuf>,
    /// What to write into --out-dir (zip, tree and report, where not given)
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) emit: Vec<Emit>,
    /// The layer's name (the source folder's, where not given)
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Unzipped limit in bytes, or with k, M or G (1,024 each)
    #[arg(long, value_name = "SIZE")]
    pub(crate) budget: Option<String>,
    /// Set weight and a layer's slot aside for what else the function has: `Lambda Web Adapter=5MB`; repeatable
    #[arg(long, value_name = "NAME=SIZE")]
    pub(crate) reserve: Vec<String>,
    /// Say what would be written, with the zip's sha256, and write nothing. Wheels that the cache has not got are still
    /// downloaded into it, unless --offline
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Emit {
    /// `<name>-<runtime>-<arch>.zip`
    Zip,
    /// `<name>-<runtime>-<arch>/python/…`
    Tree,
    /// `<name>-<runtime>-<arch>.json`
    Report,
    /// `<name>-<runtime>-<arch>.html`: a treemap of what the layer holds, as `size --html` draws it
    Html,
    /// `<name>-<runtime>-<arch>.cdx.json`: `CycloneDX`, without any time
    Sbom,
}

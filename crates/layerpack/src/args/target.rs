//! `--runtime` and `--arch`.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Lambda runtime, `python3.12`; repeatable or comma-separated
    #[arg(long, value_name = "RUNTIME", value_delimiter = ',', help_heading = "Target")]
    pub(crate) runtime: Vec<String>,
    /// The same as --runtime, in pip's and uv's spelling: `3.12`
    #[arg(long, value_name = "X.Y", value_delimiter = ',', help_heading = "Target")]
    pub(crate) python_version: Vec<String>,
    /// `arm64` or `x86_64`; repeatable or comma-separated
    #[arg(long, value_name = "ARCH", value_delimiter = ',', help_heading = "Target")]
    pub(crate) arch: Vec<String>,
}

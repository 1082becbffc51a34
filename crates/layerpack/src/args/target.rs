//! `--runtime` and `--arch`.

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
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
    /// pip's and uv's name of the platform, where it is one of Lambda's: `manylinux2014_aarch64`
    #[arg(long, alias = "python-platform", value_name = "PLATFORM", value_delimiter = ',', help_heading = "Target")]
    pub(crate) platform: Vec<String>,
    /// pip's name of the ABI: the runtime has it anyway
    #[arg(long, value_name = "ABI", value_delimiter = ',', hide = true)]
    pub(crate) abi: Vec<String>,
    /// pip's name of the implementation: the runtimes are `CPython`
    #[arg(long, value_name = "NAME", hide = true)]
    pub(crate) implementation: Option<String>,
}

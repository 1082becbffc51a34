//! What `completions` takes.

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell that is to complete `layerpack`
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

//! What a layer lies on.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Layers below")]
pub(crate) struct BelowArgs {
    /// A layer that the function has below this one: a zip, an unpacked tree, a report of build, or (where layers are
    /// built) a SOURCE or a configured layer by its name. Its versions hold, and nothing of it is packed again; repeatable, the
    /// lowest first
    #[arg(long, value_name = "LAYER")]
    pub(crate) on_top_of: Vec<PathBuf>,
}

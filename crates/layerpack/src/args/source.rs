//! What a layer is built from, and which parts of it.

use std::path::PathBuf;

use clap::Args;

/// SOURCE: a folder with a requirement or lock file and/or *.whl, such a file, or wheels.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArgs {
    /// Folder with a requirement or lock file and/or *.whl, such a file, wheels (named together: one layer), or the name
    /// of a configured layer; without any, all layers of the configuration
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<PathBuf>,
    /// A requirements file (as SOURCE, in pip's spelling)
    #[arg(short = 'r', long = "requirement", value_name = "FILE")]
    pub(crate) requirement: Vec<PathBuf>,
    /// Restrict versions by this constraints file
    #[arg(short = 'c', long = "constraint", value_name = "FILE")]
    pub(crate) constraint: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

/// Which file of a folder counts, and what of it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Packages")]
pub(crate) struct SelectionArgs {
    /// Take the packages from this file of SOURCE, and not from the first of pylock.toml, uv.lock, poetry.lock,
    /// Pipfile.lock, requirements.txt and pyproject.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// An extra of the project or lock; repeatable or comma-separated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) extra: Vec<String>,
    /// Every extra of the project or lock
    #[arg(long)]
    pub(crate) all_extras: bool,
    /// A dependency group of the project or lock; without it none is taken
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// Every dependency group of the project or lock
    #[arg(long)]
    pub(crate) all_groups: bool,
    /// Not this dependency group, with --all-groups
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) no_group: Vec<String>,
    /// As `--no-group dev`. Without --all-groups it is out anyway: uv's users are used to saying so
    #[arg(long, alias = "no-default-groups", hide = true)]
    pub(crate) no_dev: bool,
    /// The member of a uv workspace whose packages are wanted
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,
}

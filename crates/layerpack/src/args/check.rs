//! What `check` and `explain` take.

use std::path::PathBuf;

use clap::Args;

use crate::args::{BelowArgs, IndexArgs, JobsArgs, ResolveArgs, TargetArgs};

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Wheels, folders that have wheels directly in them, layer and function zips, unpacked trees, requirement files,
    /// configured layers by their names; without any, the sources of all layers of the configuration
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Judge all PATHs as one function, merged in this order
    #[arg(long)]
    pub(crate) together: bool,
    /// Prove that every file of the one layer or function named comes from the wheels of this lock
    #[arg(long, value_name = "FILE", conflicts_with = "together")]
    pub(crate) lock: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) below: BelowArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    /// Count warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) requirements: CheckRequirementsArgs,
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
}

/// How `check` looks at requirement and lock files.
#[derive(Debug, Args)]
pub(crate) struct CheckRequirementsArgs {
    /// Download the wheels and judge their bytes too
    #[arg(long, help_heading = "Requirement and lock files")]
    pub(crate) deep: bool,
    /// Warn and pass where a file cannot be checked for want of a network
    #[arg(long, help_heading = "Requirement and lock files")]
    pub(crate) if_possible: bool,
    /// Restrict versions by this constraints file
    #[arg(short = 'c', long = "constraint", value_name = "FILE", help_heading = "Requirement and lock files")]
    pub(crate) constraint: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) resolve: ResolveArgs,
    #[command(flatten)]
    pub(crate) index: IndexArgs,
}

/// What the judge is told besides the files.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct JudgingArgs {
    /// A shared library that is known to be there: `libgomp.so.1`; repeatable or comma-separated
    #[arg(long, value_name = "SONAME", value_delimiter = ',')]
    pub(crate) provides: Vec<String>,
    /// Leave findings out, of all packages or of one: `LP131`, `LP131:numba`; repeatable or comma-separated
    #[arg(long, value_name = "CODE[:PACKAGE]", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code (`LP131`, `131`), or the line that CloudWatch, the Lambda console, pip or the AWS CLI shows; `-` reads it
    /// from stdin. Without any, all codes
    #[arg(value_name = "CODE|LINE")]
    pub(crate) about: Vec<String>,
}

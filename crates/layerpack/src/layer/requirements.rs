//! What a layer is asked to hold: its requirement and constraint files and its project, read into one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};
use pypi_resolve::project::Project;
use pypi_resolve::requirements::{Disk, Requirement, RequirementsFile, read_requirements_with};

use wheel_tags::DistName;

use crate::args::ResolveArgs;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::{LayerSource, existing};
use crate::report::Console;

/// Everything that is asked, but for a lock.
pub(super) struct Wanted {
    pub(super) file: RequirementsFile,
    pub(super) overrides: Vec<Requirement>,
    /// What is not taken, whoever requires it.
    pub(super) excludes: BTreeSet<DistName>,
    pub(super) project: Option<Project>,
}

/// Reads all files of the source; options that have no effect are said.
pub(super) fn read_files(
    source: &LayerSource,
    resolve: &ResolveArgs,
    environment: &Environment,
    console: &mut Console,
) -> Result<Wanted, Failure> {
    let variable = |name: &str| environment.var(name).map(str::to_owned);
    let read = |path: &Path| read_requirements_with(path, &Disk, &variable).map_err(Failure::from);
    let mut all = RequirementsFile::default();
    let mut overrides = Vec::new();
    let mut excludes = excluded(resolve)?;
    let project = source.project.as_deref().map(Project::read).transpose()?;
    if let Some(project) = &project {
        let wants = project.wants(&source.selection)?;
        overrides = wants.overrides;
        excludes.extend(wants.excludes);
        join(&mut all, wants.file);
    }
    for path in &source.requirements {
        join(&mut all, read(path)?);
    }
    for path in with_variables(&source.constraints, "UV_CONSTRAINT", environment)
        .into_iter()
        .chain(environment.list("PIP_CONSTRAINT").into_iter().map(PathBuf::from))
    {
        let file = read(&existing(path)?)?;
        all.constraints.extend(file.requirements);
        all.constraints.extend(file.constraints);
    }
    for path in with_variables(&resolve.overrides, "UV_OVERRIDE", environment) {
        overrides.extend(read(&existing(path)?)?.requirements);
    }
    if resolve.exclude.is_empty() {
        for path in environment.list("UV_EXCLUDE") {
            excludes.extend(read(&existing(path.into())?)?.requirements.into_iter().map(|line| line.name));
        }
    }
    for ignored in &all.ignored {
        let message = format!("{}: {} is ignored: {}", ignored.place, ignored.option, ignored.reason);
        console.finding(&Finding::warning(Code::UnknownOption, message));
    }
    Ok(Wanted { file: all, overrides, excludes, project })
}

/// Files that a flag names, or else, as in uv, those of its variable.
fn with_variables(named: &[PathBuf], variable: &str, environment: &Environment) -> Vec<PathBuf> {
    if named.is_empty() { environment.list(variable).into_iter().map(PathBuf::from).collect() } else { named.to_vec() }
}

/// The packages that `--exclude` names.
pub(crate) fn excluded(resolve: &ResolveArgs) -> Result<BTreeSet<DistName>, Failure> {
    let name = |text: &String| {
        text.trim().parse::<DistName>().map_err(|_| {
            Failure::new(Code::Usage, format!("--exclude `{text}` is no name of a package"))
                .help("write the name alone, without version or extras: --exclude boto3")
        })
    };
    resolve.exclude.iter().map(name).collect()
}

/// Adds a file to those before it. Of several `--index-url` the last one wins, as within one file.
fn join(all: &mut RequirementsFile, file: RequirementsFile) {
    all.requirements.extend(file.requirements);
    all.constraints.extend(file.constraints);
    all.ignored.extend(file.ignored);
    let mut options = file.options;
    options.first_index_urls.splice(0..0, std::mem::take(&mut all.options.first_index_urls));
    options.extra_index_urls.splice(0..0, std::mem::take(&mut all.options.extra_index_urls));
    options.find_links.splice(0..0, std::mem::take(&mut all.options.find_links));
    options.trusted_hosts.splice(0..0, std::mem::take(&mut all.options.trusted_hosts));
    options.index_url = options.index_url.or_else(|| all.options.index_url.take());
    options.no_index = options.no_index.or_else(|| all.options.no_index.take());
    options.pre = options.pre.or_else(|| all.options.pre.take());
    options.require_hashes = options.require_hashes.or_else(|| all.options.require_hashes.take());
    all.options = options;
}

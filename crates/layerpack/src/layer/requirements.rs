//! What a layer is asked to hold: its requirement and constraint files and its project, read into one.

use std::path::Path;

use lambda_compat::{Code, Finding};
use pypi_resolve::project::Project;
use pypi_resolve::requirements::{Disk, Requirement, RequirementsFile, read_requirements_with};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::LayerSource;
use crate::report::Console;

/// Everything that is asked, but for a lock.
pub(super) struct Wanted {
    pub(super) file: RequirementsFile,
    pub(super) overrides: Vec<Requirement>,
    pub(super) project: Option<Project>,
}

/// Reads all files of the source; options that have no effect are said.
pub(super) fn read_files(
    source: &LayerSource,
    environment: &Environment,
    console: &mut Console,
) -> Result<Wanted, Failure> {
    let variable = |name: &str| environment.var(name).map(str::to_owned);
    let read = |path: &Path| read_requirements_with(path, &Disk, &variable).map_err(Failure::from);
    let mut all = RequirementsFile::default();
    let mut overrides = Vec::new();
    let project = source.project.as_deref().map(Project::read).transpose()?;
    if let Some(project) = &project {
        let wants = project.wants(&source.selection)?;
        overrides = wants.overrides;
        join(&mut all, wants.file);
    }
    for path in &source.requirements {
        join(&mut all, read(path)?);
    }
    for path in &source.constraints {
        let file = read(path)?;
        all.constraints.extend(file.requirements);
        all.constraints.extend(file.constraints);
    }
    for ignored in &all.ignored {
        let message = format!("{}: {} is ignored: {}", ignored.place, ignored.option, ignored.reason);
        console.finding(&Finding::warning(Code::UnknownOption, message));
    }
    Ok(Wanted { file: all, overrides, project })
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

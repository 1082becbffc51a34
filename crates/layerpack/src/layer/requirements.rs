//! The requirement and constraint files of a layer, read into one.

use std::path::Path;

use lambda_compat::{Code, Finding};
use pypi_resolve::requirements::{Disk, RequirementsFile, read_requirements_with};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::LayerSource;
use crate::report::Console;

/// Reads all files of the source; options that have no effect are said.
pub(super) fn read_files(
    source: &LayerSource,
    environment: &Environment,
    console: &mut Console,
) -> Result<RequirementsFile, Failure> {
    let variable = |name: &str| environment.var(name).map(str::to_owned);
    let read = |path: &Path| read_requirements_with(path, &Disk, &variable).map_err(Failure::from);
    let mut all = RequirementsFile::default();
    for path in &source.requirements {
        let file = read(path)?;
        all.requirements.extend(file.requirements);
        all.constraints.extend(file.constraints);
        all.ignored.extend(file.ignored);
        // Options of several files: the last --index-url wins, as within one file.
        let mut options = file.options;
        options.extra_index_urls.splice(0..0, std::mem::take(&mut all.options.extra_index_urls));
        options.find_links.splice(0..0, std::mem::take(&mut all.options.find_links));
        options.trusted_hosts.splice(0..0, std::mem::take(&mut all.options.trusted_hosts));
        options.index_url = options.index_url.or_else(|| all.options.index_url.take());
        options.no_index = options.no_index.or_else(|| all.options.no_index.take());
        options.pre = options.pre.or_else(|| all.options.pre.take());
        options.require_hashes = options.require_hashes.or_else(|| all.options.require_hashes.take());
        all.options = options;
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
    Ok(all)
}

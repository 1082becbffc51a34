//! What a layer is asked to hold: its requirement and constraint files and its project, read into one.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::Path;

use lambda_compat::{Code, Finding, Severity};
use pypi_resolve::index::{DirectUrl, Index, IndexError, IndexUrl, Retries};
use pypi_resolve::project::{IndexPin, Project};
use pypi_resolve::requirements::{
    Disk, Formats, IndexOptions, Located, Location, Place, ReadText, Reader, Requirement, RequirementSource,
    RequirementsFile, SourceTree,
};
use wheel_archive::Store;
use wheel_tags::DistName;

use crate::args::ResolveArgs;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layer::Common;
use crate::layer::asked::Reading;
use crate::plan::{Jobs, LayerSource, Places, located, settle_index};
use crate::report::Console;

/// Everything that is asked, but for a lock.
pub(super) struct Wanted {
    pub(super) file: RequirementsFile,
    pub(super) overrides: Vec<Requirement>,
    /// What is not taken, whoever requires it.
    pub(super) excludes: BTreeSet<DistName>,
    pub(super) project: Option<Project>,
    /// The project's packages that come from one index and no other.
    pub(super) pins: Vec<IndexPin>,
    /// The project's names for indexes.
    pub(super) indexes: Vec<(String, Located<String>)>,
    /// Why each of the sources is not built, where nothing is.
    pub(super) unbuilt: Vec<Failure>,
}

impl Wanted {
    /// The addresses with credentials among those that are named directly.
    pub(super) fn logins(&self) -> Vec<IndexUrl> {
        let lines = self.file.requirements.iter().chain(&self.file.constraints).chain(&self.overrides);
        let wheels = lines.filter_map(|line| match &line.source {
            RequirementSource::Url { url, .. } => url.login(),
            _ => None,
        });
        let sources = self.file.sources.iter().filter_map(|source| match &source.tree {
            SourceTree::Web { url, .. } => url.login(),
            _ => None,
        });
        wheels.chain(sources).cloned().collect()
    }
}

/// Where the text of requirement files comes from. What is on the web is fetched as flags, variables and configuration
/// files say: the option lines have yet to be read.
struct Texts<'a> {
    places: &'a Places<'a>,
    jobs: Jobs,
    retries: Option<Retries>,
    /// Why nothing can be fetched, where the settings cannot be used.
    index: OnceCell<Result<Index, Failure>>,
}

impl Texts<'_> {
    fn index(&self) -> Result<Index, Failure> {
        let mut settings = settle_index(self.places, &IndexOptions::default(), &[])?.settings;
        settings.retries = self.retries.unwrap_or(settings.retries);
        settings.jobs = self.jobs.asked();
        let store = Store::new(settings.cache_dir.clone()).at(settings.now);
        Ok(Index::new(settings, store))
    }
}

impl ReadText for Texts<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Disk.read(path)
    }

    fn fetch(&self, url: &DirectUrl, limit: u64) -> Result<Vec<u8>, IndexError> {
        match self.index.get_or_init(|| self.index()) {
            Ok(index) => index.text(url, limit),
            Err(failure) => Err(IndexError::Client { why: failure.message.clone() }),
        }
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().take(LONGEST_STDIN).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Bytes of a requirements file that is piped in; one byte more than any file may have.
const LONGEST_STDIN: u64 = (8 << 20) + 1;

/// Reads all files of the source; options that have no effect are said at `-v`.
pub(super) fn read_files(
    source: &LayerSource,
    reading: &Reading<'_>,
    places: &Places<'_>,
    builds: bool,
    common: &Common<'_>,
    console: &mut Console,
) -> Result<Wanted, Failure> {
    let environment = common.environment;
    let variable = |name: &str| environment.var(name).map(str::to_owned);
    let resolve = reading.resolve;
    let texts = Texts { places, jobs: common.jobs, retries: reading.retries, index: OnceCell::new() };
    let reader = Reader { files: &texts, variable: &variable, builds };
    let (mut failures, mut unbuilt) = (Vec::new(), Vec::new());
    let mut read = |at: &Location| {
        reader.read(at).unwrap_or_else(|errors| {
            let rest = errors.unbuilt().cloned();
            let refused = if rest.is_some() { &mut unbuilt } else { &mut failures };
            refused.push(Failure::from(errors));
            rest.unwrap_or_default()
        })
    };
    let mut all = RequirementsFile::default();
    let mut overrides = Vec::new();
    let mut excludes = excluded(resolve)?;
    let (mut pins, mut indexes) = (Vec::new(), Vec::new());
    let mut by_project = Vec::new();
    let project = source.project.as_deref().map(Project::read).transpose()?;
    if let Some(project) = &project {
        let wants = project.wants(&source.selection)?;
        overrides = wants.overrides;
        excludes.extend(wants.excludes);
        (pins, indexes) = (wants.pins, wants.indexes);
        by_project.extend(wants.unbuilt.into_iter().filter(|_| !builds).map(Failure::from));
        join(&mut all, wants.file);
    }
    for path in &source.requirements {
        join(&mut all, read(path));
    }
    let by_variable = |variable: &str| located_all(&environment.list(variable));
    let constraints =
        if source.constraints.is_empty() { by_variable("UV_CONSTRAINT")? } else { source.constraints.clone() };
    for path in constraints.iter().chain(&by_variable("PIP_CONSTRAINT")?) {
        let file = read(path);
        all.constraints.extend(file.requirements);
        all.constraints.extend(file.constraints);
    }
    let named =
        if resolve.overrides.is_empty() { by_variable("UV_OVERRIDE")? } else { located_all(&resolve.overrides)? };
    for path in &named {
        overrides.extend(read(path).requirements);
    }
    if resolve.exclude.is_empty() {
        for path in &by_variable("UV_EXCLUDE")? {
            excludes.extend(read(path).requirements.into_iter().map(|line| line.name));
        }
    }
    if let Some(Err(unsettled)) = texts.index.into_inner() {
        return Err(unsettled);
    }
    unbuilt.splice(0..0, by_project);
    if !failures.is_empty() {
        failures.append(&mut unbuilt);
    }
    if let Some(failure) = Failure::all(failures) {
        return Err(failure);
    }
    all.formats = formats(resolve, environment, std::mem::take(&mut all.formats))?;
    let said = if console.verbose > 0 { all.ignored.as_slice() } else { &[] };
    for ignored in said {
        let message = format!("{}: {} has no effect: {}", ignored.place, ignored.option, ignored.reason);
        console.finding(&Finding::new(Code::UnknownOption, Severity::Note, message));
    }
    Ok(Wanted { file: all, overrides, excludes, project, pins, indexes, unbuilt })
}

/// Where files are that flags or variables name.
fn located_all(paths: &[impl AsRef<Path>]) -> Result<Vec<Location>, Failure> {
    paths.iter().map(|path| located(path.as_ref())).collect()
}

/// What variables say of wheels and sources, then files, then flags: of two that name one package the later counts.
fn formats(resolve: &ResolveArgs, environment: &Environment, by_files: Formats) -> Result<Formats, Failure> {
    let mut by_flags = Formats::default();
    let mut formats = Formats::default();
    for variable in ["PIP_NO_BINARY", "UV_NO_BINARY", "UV_NO_BINARY_PACKAGE"] {
        if let Some(value) = format_variable(variable, environment) {
            formats.no_binary(&value, &Place::new(variable, 0)).map_err(|why| no_names(variable, &why))?;
        }
    }
    for variable in ["PIP_ONLY_BINARY", "UV_NO_BUILD", "UV_NO_BUILD_PACKAGE"] {
        if let Some(value) = format_variable(variable, environment) {
            formats.only_binary(&value, &Place::new(variable, 0)).map_err(|why| no_names(variable, &why))?;
        }
    }
    for value in &resolve.no_binary {
        let read = by_flags.no_binary(value, &Place::new("--no-binary", 0));
        read.map_err(|why| no_names("--no-binary", &why))?;
    }
    for value in &resolve.only_binary {
        let read = by_flags.only_binary(value, &Place::new("--only-binary", 0));
        read.map_err(|why| no_names("--only-binary", &why))?;
    }
    formats.join(by_files);
    formats.join(by_flags);
    Ok(formats)
}

fn no_names(option: &str, why: &str) -> Failure {
    Failure::new(Code::Usage, format!("{option}: {why}")).help("write :all:, :none: or names, separated by commas")
}

/// The value of a variable in pip's words. uv has switches for all packages, and lists for some.
fn format_variable(variable: &str, environment: &Environment) -> Option<String> {
    if variable.starts_with("PIP_") || variable.ends_with("_PACKAGE") {
        return Some(environment.list(variable).join(",")).filter(|names| !names.is_empty());
    }
    environment.flag(variable).then(|| ":all:".to_owned())
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
    all.sources.extend(file.sources);
    all.formats.join(file.formats);
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

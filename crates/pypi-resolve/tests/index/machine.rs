//! What the tests of the index share: an index client over a fake index, with its cache in a temporary folder.

use std::path::Path;
use std::time::{Duration, SystemTime};

use pypi_resolve::index::{Index, IndexFile, ProxyUrl, Retries, Settings, Wanted};
use tempfile::TempDir;
use wheel_archive::Store;
use wheel_tags::DistName;

/// A cache folder, and settings that change nothing of this machine but that folder.
pub(crate) struct Machine {
    pub(crate) folder: TempDir,
    pub(crate) settings: Settings,
}

impl Machine {
    pub(crate) fn new(indexes: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(folder.path().join("cache"), at(0));
        settings.indexes = indexes.iter().map(|url| url.parse().expect("an index URL")).collect();
        settings.proxy = Some(ProxyUrl::new(""));
        settings.retries =
            Retries { again: 2, first_wait: Duration::from_millis(1), longest_wait: Duration::from_millis(5) };
        Self { folder, settings }
    }

    pub(crate) fn cache(&self) -> &Path {
        &self.settings.cache_dir
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(self.folder.path().join("store"))
    }

    /// A new run: nothing is remembered but what is on disk.
    pub(crate) fn index(&self) -> Index {
        Index::new(self.settings.clone(), self.store())
    }
}

/// The clock of the tests, so many seconds later.
pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

pub(crate) fn name(text: &str) -> DistName {
    text.parse().expect("a name")
}

/// The file names of a project, or the code and message of the error.
pub(crate) fn files(index: &Index, project: &str) -> Result<Vec<String>, String> {
    match index.files(&name(project)) {
        Ok(project) => Ok(project.files.iter().map(|file| file.filename.to_string()).collect()),
        Err(error) => Err(format!("{} {error}", error.code())),
    }
}

/// The first file of a project.
pub(crate) fn first(index: &Index, project: &str) -> IndexFile {
    let project = index.files(&name(project)).expect("a project");
    project.files.first().expect("a file").clone()
}

/// The first file of a project, to be downloaded.
pub(crate) fn wanted(index: &Index, project: &str) -> Wanted {
    Wanted::from_file(&first(index, project)).expect("a wheel")
}

/// What the first file of a project requires, or the code and message of the error.
pub(crate) fn requires(index: &Index, project: &str) -> Result<Vec<String>, String> {
    let metadata = index.metadata(&first(index, project));
    metadata.map(|m| m.requires_dist.clone()).map_err(|error| format!("{} {error}", error.code()))
}

//! An index in memory, and requirement lines as a file would hold them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lambda_compat::{Origin, Target};
use pypi_resolve::index::{FileKind, IndexError, IndexFile, Project, Source, UploadTime};
use pypi_resolve::requirements::{Place, Requirement};
use pypi_resolve::resolve::{LocalWheel, Packages, Resolution, Wants};
use wheel_archive::{Metadata, Sha256};
use wheel_tags::DistName;

/// One version, as the tests describe it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Release {
    pub(crate) requires: Vec<String>,
    pub(crate) extras: Vec<String>,
    /// Requires-Python, in METADATA and on the index.
    pub(crate) python: Option<String>,
    /// Requires-Python in METADATA only.
    pub(crate) metadata_python: Option<String>,
    pub(crate) yanked: Option<String>,
    /// When its files were uploaded.
    pub(crate) uploaded: Option<String>,
    /// Tags of its wheels; `None`: py3-none-any.
    pub(crate) wheels: Option<Vec<String>>,
    pub(crate) sdist: bool,
    /// METADATA that cannot be read.
    pub(crate) broken: bool,
}

/// What the index holds, and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    projects: BTreeMap<DistName, Arc<Project>>,
    metadata: BTreeMap<String, Option<Arc<Metadata>>>,
    pub(crate) fails: Option<IndexError>,
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) read: AtomicUsize,
}

impl Memory {
    pub(crate) fn add(&mut self, name: &str, version: &str, release: &Release) {
        let dist: DistName = name.parse().expect("a name");
        let project = self.projects.entry(dist.clone()).or_insert_with(|| {
            let from = Source::Index("https://index.example/simple/".to_owned());
            Arc::new(Project { name: dist.clone(), files: Vec::new(), from, earlier_first: false })
        });
        let files = &mut Arc::get_mut(project).expect("nobody reads yet").files;
        let any = vec!["py3-none-any".to_owned()];
        for tags in release.wheels.as_ref().unwrap_or(&any) {
            let filename = format!("{}-{version}-{tags}.whl", dist.in_filename());
            let url = format!("https://index.example/{filename}");
            let mut file = IndexFile::wheel(filename.parse().expect("a file name"), url, Origin::PublicIndex);
            file.sha256 = Some(Sha256::of(filename.as_bytes()));
            file.requires_python = release.python.as_ref().map(|p| Arc::new(p.parse().map_err(|_| p.clone())));
            file.yanked.clone_from(&release.yanked);
            file.upload_time = release.uploaded.as_deref().map(UploadTime::new);
            files.push(file);
            let metadata = (!release.broken).then(|| Arc::new(metadata(name, version, release)));
            self.metadata.insert(filename, metadata);
        }
        if release.sdist {
            let kind = FileKind::Sdist { version: version.parse().expect("a version") };
            let some = IndexFile::wheel("x-1-py3-none-any.whl".parse().expect("a file name"), "", Origin::PublicIndex);
            files.push(IndexFile { filename: format!("{name}-{version}.tar.gz").into(), kind, ..some });
        }
    }

    /// A version without anything special.
    pub(crate) fn plain(&mut self, name: &str, version: &str, requires: &[&str]) {
        let requires = requires.iter().map(ToString::to_string).collect();
        self.add(name, version, &Release { requires, ..Release::default() });
    }
}

/// METADATA as a wheel would hold it.
pub(crate) fn metadata(name: &str, version: &str, release: &Release) -> Metadata {
    let pythons = release.python.iter().chain(&release.metadata_python).map(|p| format!("Requires-Python: {p}"));
    let requires = release.requires.iter().map(|r| format!("Requires-Dist: {r}"));
    let extras = release.extras.iter().map(|e| format!("Provides-Extra: {e}"));
    let head = ["Metadata-Version: 2.1".to_owned(), format!("Name: {name}"), format!("Version: {version}")];
    let text = head.into_iter().chain(pythons).chain(requires).chain(extras).collect::<Vec<_>>().join("\n") + "\n";
    Metadata::parse(text.as_bytes()).expect("METADATA")
}

impl Packages for Memory {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        self.asked.lock().expect("not poisoned").push(name.to_string());
        if let Some(error) = &self.fails {
            return Err(error.clone());
        }
        let asked = vec!["https://index.example/simple/".to_owned()];
        self.projects.get(name).cloned().ok_or_else(|| IndexError::UnknownProject { name: name.clone(), asked })
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.metadata.get(&*file.filename).cloned().flatten().ok_or_else(|| IndexError::Answer {
            url: file.url.clone(),
            why: "METADATA has no Name".to_owned(),
            help: None,
        })
    }
}

/// Requirement lines of a file.
pub(crate) fn lines(file: &str, lines: &[impl AsRef<str>]) -> Vec<Requirement> {
    let parse = |(number, line): (usize, &str)| {
        Requirement::parse(line, &Place::new(file, number + 1), Path::new("/src")).expect("a requirement")
    };
    lines.iter().map(AsRef::as_ref).enumerate().map(parse).collect()
}

/// These requirement lines and nothing else.
pub(crate) fn wants(requirements: &[impl AsRef<str>]) -> Wants {
    Wants { requirements: lines("requirements.txt", requirements), ..Wants::default() }
}

/// A local wheel whose METADATA requires this.
pub(crate) fn local(filename: &str, release: &Release) -> LocalWheel {
    let filename: wheel_tags::WheelFilename = filename.parse().expect("a file name");
    let metadata = Arc::new(metadata(filename.name.as_str(), &filename.version.to_string(), release));
    let path = Path::new("whl").join(filename.to_string());
    LocalWheel { path, sha256: Sha256::of(filename.to_string().as_bytes()), size: 1000, filename, metadata }
}

/// `python3.12 x86_64`.
pub(crate) fn target(text: &str) -> Target {
    let (runtime, arch) = text.split_once(' ').expect("a runtime and an architecture");
    Target::new(runtime.parse().expect("a runtime"), arch.parse().expect("an architecture"))
}

/// `a 1.0, b 2.0`.
pub(crate) fn pins(resolution: &Resolution) -> String {
    let pins = resolution.pins.iter().map(|pin| format!("{} {}", pin.name, pin.version));
    pins.collect::<Vec<_>>().join(", ")
}

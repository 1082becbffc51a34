//! TOML to [`PoetryLock`].

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use wheel_tags::DistName;

use super::{Edge, File, Package, PoetryLock, Source};
use crate::lock::condition::Condition;
use crate::lock::entry::{Entry, MOST_OF_ONE_NAME, unreadable};
use crate::lock::error::LockError;
use crate::project::PoetryDependency;
use crate::requirements::git_tree;
use crate::source_text::SourceText;

#[derive(Deserialize)]
struct Versioned {
    metadata: VersionedMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct VersionedMetadata {
    lock_version: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    package: Vec<Spanned<RawPackage>>,
    #[serde(default)]
    extras: BTreeMap<String, Vec<String>>,
    metadata: RawMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawMetadata {
    python_versions: Option<String>,
    content_hash: Option<String>,
    /// Files by package, up to lock-version 1.1.
    #[serde(default)]
    files: BTreeMap<String, Vec<RawFile>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawPackage {
    name: String,
    version: String,
    #[serde(default)]
    optional: bool,
    category: Option<String>,
    python_versions: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    markers: Option<RawMarkers>,
    files: Option<Vec<RawFile>>,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    source: Option<RawSource>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawMarkers {
    All(String),
    ByGroup(BTreeMap<String, String>),
}

#[derive(Deserialize, Clone)]
struct RawFile {
    file: String,
    hash: String,
}

#[derive(Deserialize)]
struct RawSource {
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
    resolved_reference: Option<String>,
    subdirectory: Option<String>,
}

impl PoetryLock {
    /// Reads a lock from its bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8, not TOML, of another version than 1.x from 1.1 on or 2.x, or not a sound lock.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, LockError> {
        let (source, fault) = SourceText::decode(file, bytes);
        if let Some(fault) = fault {
            return Err(unreadable(&source, fault));
        }
        // The version first: another one may have other keys.
        let versioned: Versioned = source.toml().map_err(|fault| unreadable(&source, fault))?;
        let version = versioned.metadata.lock_version;
        let found = version.as_ref().map_or("", |version| version.get_ref());
        let numbers = found.split_once('.').and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)));
        let has_groups = match numbers {
            Some((1, 1..) | (2, 0)) => false,
            Some((2, _)) => true,
            _ => {
                let place = source.place(version.as_ref().map_or(0, |version| version.span().start));
                let found = if version.is_some() { format!("{found:?}") } else { "missing".to_owned() };
                return Err(LockError::Version { place, key: "lock-version", found, reads: "1.1 and 2.x" });
            }
        };
        let document = source.toml().map_err(|fault| unreadable(&source, fault))?;
        read(&source, document, has_groups)
    }
}

fn read(source: &SourceText<'_>, document: Document, has_groups: bool) -> Result<PoetryLock, LockError> {
    let top = Entry::top(source);
    let mut extras = BTreeMap::new();
    for (extra, names) in &document.extras {
        extras.insert(top.read("extras", extra)?, top.names("extras", names)?);
    }
    let pythons = document.metadata.python_versions;
    let read = |text: String| Ok::<_, LockError>((text.clone(), top.read("python-versions", &text)?));
    let pythons = pythons.map(read).transpose()?;
    let mut files_by_name: BTreeMap<DistName, Vec<RawFile>> = BTreeMap::new();
    for (name, files) in document.metadata.files {
        files_by_name.insert(top.read("files", &name)?, files);
    }
    let mut by_name: BTreeMap<DistName, Vec<usize>> = BTreeMap::new();
    let mut packages = Vec::with_capacity(document.package.len());
    for spanned in document.package {
        let at = spanned.span().start;
        let raw = spanned.into_inner();
        let entry = Entry { source, at, package: Some(raw.name.clone()) };
        let package = entry.poetry_package(raw, &files_by_name)?;
        let same = by_name.entry(package.name.clone()).or_default();
        if same.len() >= MOST_OF_ONE_NAME {
            return Err(entry.invalid("name", "has too many entries"));
        }
        same.push(packages.len());
        packages.push(package);
    }
    Ok(PoetryLock {
        file: source.file.to_path_buf(),
        pythons,
        extras,
        has_groups,
        packages,
        by_name,
        content_hash: document.metadata.content_hash,
    })
}

impl Entry<'_> {
    fn poetry_package(
        &self,
        raw: RawPackage,
        files_by_name: &BTreeMap<DistName, Vec<RawFile>>,
    ) -> Result<Package, LockError> {
        let name: DistName = self.read("name", &raw.name)?;
        let mut groups = BTreeMap::new();
        for group in &raw.groups {
            let markers = match &raw.markers {
                None => None,
                Some(RawMarkers::All(text)) => Some(text),
                Some(RawMarkers::ByGroup(texts)) => texts.get(group),
            };
            groups.insert(self.read("groups", group)?, self.condition("markers", markers.map(String::as_str))?);
        }
        let mut dependencies = Vec::new();
        for (to, value) in &raw.dependencies {
            let to: DistName = self.read("dependencies", to)?;
            match value {
                toml::Value::Array(several) => {
                    for one in several {
                        dependencies.push(self.poetry_edge(&to, one)?);
                    }
                }
                one => dependencies.push(self.poetry_edge(&to, one)?),
            }
        }
        // Poetry 1 keeps the files of all versions of a package together.
        let files = raw.files.or_else(|| files_by_name.get(&name).cloned()).unwrap_or_default();
        Ok(Package {
            version: self.read("version", &raw.version)?,
            optional: raw.optional,
            category: raw.category,
            pythons: raw.python_versions.as_deref().map(|text| self.read("python-versions", text)).transpose()?,
            groups,
            dependencies,
            files: files.into_iter().map(|file| File { name: file.file, hash: file.hash }).collect(),
            source: self.poetry_source(raw.source)?,
            place: self.place(),
            name,
        })
    }

    fn poetry_edge(&self, name: &DistName, value: &toml::Value) -> Result<Edge, LockError> {
        let wrong = |why: String| self.invalid("dependencies", format!("of {name} cannot be read: {why}"));
        let dependency = PoetryDependency::of(value).map_err(wrong)?;
        let condition = match dependency.marker_text() {
            None => Condition::always(),
            Some(text) => Condition::read(&text).map_err(wrong)?,
        };
        Ok(Edge { name: name.clone(), constraint: dependency.constraint, extras: dependency.extras, condition })
    }

    fn poetry_source(&self, raw: Option<RawSource>) -> Result<Source, LockError> {
        let Some(raw) = raw else { return Ok(Source::Default) };
        let url = raw.url.ok_or_else(|| self.invalid("source", "has no `url`"))?;
        Ok(match raw.kind.as_deref() {
            Some("legacy") => Source::Index(url),
            Some("url") => Source::Url(url),
            Some("file") => Source::File(url),
            Some("directory") => Source::Directory(url),
            Some(kind) => {
                let commit = raw.resolved_reference.filter(|_| kind == "git");
                let tree = commit.and_then(|commit| git_tree(&format!("git+{url}@{commit}"), raw.subdirectory));
                Source::Other(format!("{kind} {url}"), tree)
            }
            None => Source::Other(url, None),
        })
    }
}

//! TOML to [`UvLock`].

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use wheel_tags::DistName;

use super::{Edge, Metadata, Package, Source, UvLock, Wheel, Wish};
use crate::lock::entry::{Entry, MOST_OF_ONE_NAME, unreadable};
use crate::lock::error::LockError;
use crate::source_text::SourceText;

/// The one version of the format.
const VERSION: i64 = 1;

#[derive(Deserialize)]
struct Versioned {
    version: Spanned<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    requires_python: Option<String>,
    #[serde(default)]
    supported_markers: Vec<String>,
    #[serde(default)]
    manifest: RawManifest,
    #[serde(default)]
    package: Vec<Spanned<RawPackage>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct RawManifest {
    members: Vec<String>,
    /// Of a script (PEP 723), which has no entry of its own.
    requirements: Vec<RawWish>,
    constraints: Vec<RawWish>,
    overrides: Vec<RawWish>,
    excludes: Vec<String>,
    dependency_groups: BTreeMap<String, Vec<RawWish>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawPackage {
    name: String,
    version: Option<String>,
    source: RawSource,
    #[serde(default)]
    resolution_markers: Vec<String>,
    #[serde(default)]
    dependencies: Vec<RawEdge>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<RawEdge>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<RawEdge>>,
    metadata: Option<RawMetadata>,
    sdist: Option<toml::Table>,
    #[serde(default)]
    wheels: Vec<RawWheel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawSource {
    registry: Option<String>,
    url: Option<String>,
    path: Option<String>,
    git: Option<String>,
    directory: Option<String>,
    editable: Option<String>,
    #[serde(rename = "virtual")]
    virtual_: Option<String>,
}

#[derive(Deserialize)]
struct RawEdge {
    name: String,
    version: Option<String>,
    source: Option<RawSource>,
    #[serde(default)]
    extra: Vec<String>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawWheel {
    url: Option<String>,
    path: Option<String>,
    filename: Option<String>,
    hash: Option<String>,
    size: Option<u64>,
    upload_time: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawMetadata {
    #[serde(default)]
    requires_dist: Vec<RawWish>,
    #[serde(default)]
    requires_dev: BTreeMap<String, Vec<RawWish>>,
    #[serde(default)]
    provides_extras: Vec<String>,
}

#[derive(Deserialize)]
struct RawWish {
    name: String,
    #[serde(default)]
    extras: Vec<String>,
    specifier: Option<String>,
    marker: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

impl UvLock {
    /// Reads a lock from its bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8, not TOML, of another version than 1, or not a sound lock.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, LockError> {
        let (source, fault) = SourceText::decode(file, bytes);
        if let Some(fault) = fault {
            return Err(unreadable(&source, fault));
        }
        // The version first: another one may have other keys.
        let versioned: Versioned = source.toml().map_err(|fault| unreadable(&source, fault))?;
        if *versioned.version.get_ref() != VERSION {
            let place = source.place(versioned.version.span().start);
            let (found, reads) = (versioned.version.get_ref().to_string(), "version 1");
            return Err(LockError::Version { place, key: "version", found, reads });
        }
        let document = source.toml().map_err(|fault| unreadable(&source, fault))?;
        read(&source, document)
    }
}

fn read(source: &SourceText<'_>, document: Document) -> Result<UvLock, LockError> {
    let top = Entry::top(source);
    let environments = document
        .supported_markers
        .iter()
        .map(|text| top.marker("supported-markers", text))
        .collect::<Result<_, _>>()?;
    let requires_python = document.requires_python.map(|text| top.specifiers("requires-python", &text)).transpose()?;
    let mut root_groups = BTreeMap::new();
    for (group, wishes) in document.manifest.dependency_groups {
        root_groups.insert(top.read("dependency-groups", &group)?, top.wishes("dependency-groups", wishes)?);
    }
    let mut by_name: BTreeMap<DistName, Vec<usize>> = BTreeMap::new();
    let mut packages = Vec::with_capacity(document.package.len());
    for spanned in document.package {
        let at = spanned.span().start;
        let raw = spanned.into_inner();
        let entry = Entry { source, at, package: Some(raw.name.clone()) };
        let package = entry.uv_package(raw)?;
        let same = by_name.entry(package.name.clone()).or_default();
        if same.len() >= MOST_OF_ONE_NAME {
            return Err(entry.invalid("name", "has too many entries"));
        }
        same.push(packages.len());
        packages.push(package);
    }
    Ok(UvLock {
        file: source.file.to_path_buf(),
        requires_python,
        environments,
        members: top.names("members", &document.manifest.members)?,
        requirements: top.wishes("requirements", document.manifest.requirements)?,
        constraints: top.wishes("constraints", document.manifest.constraints)?,
        overrides: top.wishes("overrides", document.manifest.overrides)?,
        excludes: top.names("excludes", &document.manifest.excludes)?,
        root_groups,
        packages,
        by_name,
    })
}

impl Entry<'_> {
    fn uv_package(&self, raw: RawPackage) -> Result<Package, LockError> {
        let mut extras = BTreeMap::new();
        for (extra, edges) in raw.optional_dependencies {
            extras.insert(self.read("optional-dependencies", &extra)?, self.edges("optional-dependencies", edges)?);
        }
        let mut groups = BTreeMap::new();
        for (group, edges) in raw.dev_dependencies {
            groups.insert(self.read("dev-dependencies", &group)?, self.edges("dev-dependencies", edges)?);
        }
        let markers = raw.resolution_markers.iter();
        Ok(Package {
            name: self.read("name", &raw.name)?,
            version: raw.version.map(|version| self.read("version", &version)).transpose()?,
            source: self.source(raw.source)?,
            forks: markers.map(|text| self.marker("resolution-markers", text)).collect::<Result<_, _>>()?,
            dependencies: self.edges("dependencies", raw.dependencies)?,
            extras,
            groups,
            wheels: raw.wheels.into_iter().map(wheel).collect(),
            has_sdist: raw.sdist.is_some(),
            metadata: raw.metadata.map(|metadata| self.metadata(metadata)).transpose()?,
            place: self.place(),
        })
    }

    fn source(&self, raw: RawSource) -> Result<Source, LockError> {
        let project = |how| move |path| Source::Project { how, path };
        let mut given = [
            raw.registry.map(Source::Registry),
            raw.url.map(Source::Url),
            raw.path.map(Source::Path),
            raw.git.map(Source::Git),
            raw.directory.map(project("directory")),
            raw.editable.map(project("editable")),
            raw.virtual_.map(project("virtual")),
        ]
        .into_iter()
        .flatten();
        match (given.next(), given.next()) {
            (Some(source), None) => Ok(source),
            (None, _) => Err(self.invalid("source", "is of a kind that layerpack does not know")),
            (Some(_), Some(_)) => Err(self.invalid("source", "names two places")),
        }
    }

    fn edges(&self, key: &'static str, edges: Vec<RawEdge>) -> Result<Vec<Edge>, LockError> {
        let edge = |raw: RawEdge| {
            Ok(Edge {
                name: self.read(key, &raw.name)?,
                version: raw.version.map(|version| self.read(key, &version)).transpose()?,
                source: raw.source.map(|source| self.source(source)).transpose()?,
                extras: self.names(key, &raw.extra)?,
                condition: self.condition(key, raw.marker.as_deref())?,
            })
        };
        edges.into_iter().map(edge).collect()
    }

    fn metadata(&self, raw: RawMetadata) -> Result<Metadata, LockError> {
        let mut requires_dev = BTreeMap::new();
        for (group, wishes) in raw.requires_dev {
            requires_dev.insert(self.read("requires-dev", &group)?, self.wishes("requires-dev", wishes)?);
        }
        let requires_dist = self.wishes("requires-dist", raw.requires_dist)?;
        Ok(Metadata { requires_dist, requires_dev, extras: self.names("provides-extras", &raw.provides_extras)? })
    }

    fn wishes(&self, key: &'static str, wishes: Vec<RawWish>) -> Result<Vec<Wish>, LockError> {
        let wish = |raw: RawWish| {
            let specifiers = self.specifiers(key, raw.specifier.as_deref().unwrap_or_default())?;
            let elsewhere = raw.others.keys().any(|key| key != "index");
            Ok(Wish {
                name: self.read(key, &raw.name)?,
                extras: self.names(key, &raw.extras)?,
                specifiers: Some(specifiers).filter(|_| !elsewhere),
                condition: self.condition(key, raw.marker.as_deref())?,
                marker: raw.marker,
            })
        };
        wishes.into_iter().map(wish).collect()
    }
}

fn wheel(raw: RawWheel) -> Wheel {
    // A text in most revisions, a TOML date in some.
    let upload_time = raw.upload_time.map(|time| match time {
        toml::Value::String(text) => text,
        other => other.to_string(),
    });
    Wheel { url: raw.url, path: raw.path, filename: raw.filename, hash: raw.hash, size: raw.size, upload_time }
}

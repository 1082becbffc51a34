//! TOML to [`PyLock`]: strict about what the specification says, silent about keys that it does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lambda_compat::{Arch, RuntimeName, Target};
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::address::{name_in_path, name_in_url};
use super::entry::{Entry, unreadable};
use super::error::LockError;
use super::pylock::{Dependency, LockedPackage, LockedWheel, PyLock, WheelPlace};
use super::selection::Selection;
use crate::source_text::{SourceText, read_bounded};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    lock_version: Spanned<String>,
    #[serde(default)]
    environments: Vec<String>,
    requires_python: Option<String>,
    #[serde(default)]
    default_groups: Vec<String>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    dependency_groups: Vec<String>,
    created_by: String,
    packages: Vec<Spanned<Package>>,
    #[serde(default)]
    tool: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    version: Option<String>,
    marker: Option<String>,
    requires_python: Option<String>,
    #[serde(default)]
    dependencies: Vec<RawDependency>,
    index: Option<String>,
    wheels: Option<Vec<File>>,
    sdist: Option<File>,
    archive: Option<File>,
    vcs: Option<toml::Table>,
    directory: Option<toml::Table>,
}

#[derive(Deserialize)]
struct RawDependency {
    name: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
    upload_time: Option<Datetime>,
    size: Option<u64>,
    hashes: BTreeMap<String, String>,
}

impl PyLock {
    /// Reads a lock from disk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is larger than 64 MB, or is not a sound lock.
    pub fn read(file: &Path) -> Result<Self, LockError> {
        Self::parse(file, &read_bounded(file).map_err(LockError::Io)?)
    }

    /// Reads a lock from its bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8, not TOML, of another version than 1.x, or breaks a rule of the specification.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, LockError> {
        Self::parse_for(file, bytes, &Selection::default())
    }

    /// [`Self::parse`], deciding what a lock says of extras and dependency groups for these.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`], and where the lock has no such extra or group.
    pub fn parse_for(file: &Path, bytes: &[u8], selection: &Selection) -> Result<Self, LockError> {
        let (source, fault) = SourceText::decode(file, bytes);
        if let Some(fault) = fault {
            return Err(unreadable(&source, fault));
        }
        let document = source.toml().map_err(|fault| unreadable(&source, fault))?;
        read_lock(&source, document, selection)
    }
}

fn read_lock(source: &SourceText<'_>, document: Document, selection: &Selection) -> Result<PyLock, LockError> {
    let version = document.lock_version.get_ref();
    if version.split_once('.').is_none_or(|(major, minor)| major != "1" || minor.parse::<u32>().is_err()) {
        let place = source.place(document.lock_version.span().start);
        let (found, reads) = (format!("{version:?}"), "1.0 and later 1.x");
        return Err(LockError::Version { place, key: "lock-version", found, reads });
    }
    let top = Entry::top(source);
    let names = |texts: &[String]| texts.iter().filter_map(|text| text.parse().ok()).collect::<Vec<DistName>>();
    let selection = selection.among(&names(&document.extras), &names(&document.dependency_groups));
    let members = Members {
        extras: top.chosen("extra", &document.extras, &selection.extras)?,
        groups: top.chosen("group", &document.dependency_groups, &selection.groups)?,
        default_groups: document.default_groups,
    };
    let environments = document
        .environments
        .iter()
        .map(|text| top.marker("environments", &without_memberships(text, &members)))
        .collect::<Result<_, _>>()?;
    let requires_python = top.requires_python(document.requires_python.as_deref())?;
    let packages = document
        .packages
        .into_iter()
        .map(|spanned| {
            let at = spanned.span().start;
            let package = spanned.into_inner();
            Entry { source, at, package: Some(package.name.clone()) }.package(package, &members)
        })
        .collect::<Result<_, _>>()?;
    let tool = document.tool.get("layerpack");
    Ok(PyLock {
        file: source.file.to_path_buf(),
        environments,
        requires_python,
        created_by: document.created_by,
        packages,
        targets: read_targets(tool),
        digest: tool.and_then(|tool| tool.get("digest")).and_then(toml::Value::as_str).map(str::to_owned),
        options: read_options(tool),
    })
}

/// What `extras` and `dependency_groups` of markers hold.
struct Members {
    extras: BTreeSet<DistName>,
    groups: BTreeSet<DistName>,
    default_groups: Vec<String>,
}

impl Entry<'_> {
    fn requires_python(&self, text: Option<&str>) -> Result<Option<VersionSpecifiers>, LockError> {
        text.map(|text| self.specifiers("requires-python", text)).transpose()
    }

    /// What was chosen of what the lock lists.
    fn chosen(
        &self,
        what: &'static str,
        listed: &[String],
        wanted: &BTreeSet<DistName>,
    ) -> Result<BTreeSet<DistName>, LockError> {
        let is_listed = |name: &DistName| listed.iter().any(|listed| listed.parse().as_ref() == Ok(name));
        match wanted.iter().find(|name| !is_listed(name)) {
            None => Ok(wanted.clone()),
            Some(name) => {
                let (file, there) = (self.source.file.to_path_buf(), listed.to_vec());
                Err(LockError::Unlisted { file, what, name: name.clone(), there })
            }
        }
    }

    fn package(&self, package: Package, members: &Members) -> Result<LockedPackage, LockError> {
        let name: DistName = self.read("name", &package.name)?;
        let marker = package
            .marker
            .as_deref()
            .map_or(Ok(MarkerTree::TRUE), |text| self.marker("marker", &without_memberships(text, members)))?;
        let version = package.version.as_deref().map(|text| self.read::<Version>("version", text)).transpose()?;
        let dependencies = package
            .dependencies
            .iter()
            .filter_map(|dependency| dependency.name.as_deref().map(|name| (name, &dependency.version)))
            .map(|(name, version)| {
                let version = version.as_deref().map(|text| self.read("dependencies", text)).transpose()?;
                Ok(Dependency { name: self.read("dependencies", name)?, version })
            })
            .collect::<Result<_, LockError>>()?;

        let trees = [
            ("vcs", package.vcs.is_some()),
            ("directory", package.directory.is_some()),
            ("archive", package.archive.is_some()),
        ];
        let files = [("sdist", package.sdist.is_some()), ("wheels", package.wheels.is_some())];
        let sources: Vec<&'static str> = trees.iter().filter(|(_, given)| *given).map(|&(key, _)| key).collect();
        let file_sources = files.iter().filter(|(_, given)| *given).map(|&(key, _)| key);
        match sources.as_slice() {
            [] => {}
            [only] => {
                if let Some(other) = file_sources.clone().next() {
                    return Err(self.invalid(only, format!("and `{other}` exclude each other")));
                }
            }
            [first, second, ..] => return Err(self.invalid(first, format!("and `{second}` exclude each other"))),
        }
        let mut other_source = sources.first().copied().or(file_sources.clone().find(|&key| key == "sdist"));
        if other_source.is_none() && package.wheels.is_none() {
            return Err(self.invalid("wheels", "are missing, and there is no other source"));
        }
        if let Some(sdist) = &package.sdist {
            self.hashes("sdist", sdist)?;
        }

        let (mut wheels, mut direct) = (Vec::new(), false);
        for file in package.wheels.unwrap_or_default() {
            wheels.push(self.wheel("wheels", &name, version.as_ref(), file)?);
        }
        if let Some(archive) = package.archive {
            self.hashes("archive", &archive)?;
            if file_name(&archive)
                .is_some_and(|name| Path::new(&name).extension().is_some_and(|ending| ending == "whl"))
            {
                wheels.push(self.wheel("archive", &name, version.as_ref(), archive)?);
                (other_source, direct) = (None, true);
            }
        }
        let version = version.or_else(|| wheels.first().map(|wheel| wheel.filename.version.clone()));
        Ok(LockedPackage {
            name,
            version,
            marker,
            requires_python: self.requires_python(package.requires_python.as_deref())?,
            dependencies,
            index: package.index,
            wheels,
            direct,
            other_source,
        })
    }

    fn wheel(
        &self,
        key: &'static str,
        name: &DistName,
        version: Option<&Version>,
        file: File,
    ) -> Result<LockedWheel, LockError> {
        self.hashes(key, &file)?;
        let Some(filename) = file_name(&file) else {
            return Err(self.invalid(key, "have neither `name`, `path` nor `url`"));
        };
        let filename: WheelFilename = self.read(key, &filename)?;
        if filename.name != *name || version.is_some_and(|version| filename.version != *version) {
            return Err(self.invalid(key, format!("have {filename}, a wheel of another package or version")));
        }
        let sha256 =
            file.hashes.get("sha256").ok_or_else(|| self.invalid(key, format!("have no sha256 for {filename}")))?;
        let sha256: Sha256 = self.read(key, sha256)?;
        // "If `path` is set, use it": it comes before `url`.
        let place = match (file.path, file.url) {
            (Some(path), _) => WheelPlace::Path(path),
            (None, Some(url)) => WheelPlace::Url(url),
            (None, None) => return Err(self.invalid(key, format!("have neither `url` nor `path` for {filename}"))),
        };
        let upload_time = file.upload_time.map(|time| time.to_string());
        Ok(LockedWheel { filename, place, upload_time, size: file.size, sha256 })
    }

    /// "The table MUST contain at least one entry."
    fn hashes(&self, key: &'static str, file: &File) -> Result<(), LockError> {
        if file.hashes.is_empty() { Err(self.invalid(key, "have no hashes")) } else { Ok(()) }
    }
}

/// The name of a file: its `name`, else the last part of its path or URL.
fn file_name(file: &File) -> Option<String> {
    let from_url = || name_in_url(file.url.as_deref()?);
    let from_path = || file.path.as_deref().and_then(name_in_path);
    file.name.clone().or_else(from_path).or_else(from_url)
}

/// Decides `'x' in extras` and `'x' in dependency_groups`, which PEP 751 adds to markers and PEP 508 does not have.
fn without_memberships(marker: &str, members: &Members) -> String {
    // Any comparison that is always true: every environment has an os_name.
    let decided = |holds: bool| if holds { "os_name != ''" } else { "os_name == ''" };
    let mut rest = marker;
    let mut result = String::with_capacity(marker.len());
    while let Some(at) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(at);
        let quote = if quoted.starts_with('"') { '"' } else { '\'' };
        let Some((value, after)) = quoted.get(1..).and_then(|inner| inner.split_once(quote)) else {
            break;
        };
        let mut words = after.split_whitespace();
        let (negated, set) = match (words.next(), words.next(), words.next()) {
            (Some("in"), Some(set), _) => (false, set),
            (Some("not"), Some("in"), Some(set)) => (true, set),
            _ => (false, ""),
        };
        let set = set.trim_end_matches(')');
        let member = match set {
            "extras" => Some(value.parse().is_ok_and(|name| members.extras.contains(&name))),
            "dependency_groups" => Some(
                members.default_groups.iter().any(|group| group == value)
                    || value.parse().is_ok_and(|name| members.groups.contains(&name)),
            ),
            _ => None,
        };
        result.push_str(before);
        if let Some(member) = member {
            result.push_str(decided(member != negated));
            rest = after.split_once(set).map_or("", |(_, after)| after);
        } else {
            result.push_str(quoted.get(..value.len() + 2).unwrap_or_default());
            rest = after;
        }
    }
    result.push_str(rest);
    result
}

/// `tool.layerpack.targets`. "Data recorded in the table MUST be disposable": what cannot be read is as good as absent.
fn read_targets(tool: Option<&toml::Value>) -> Vec<Target> {
    let read = |value: &toml::Value| {
        let runtime: RuntimeName = value.get("runtime")?.as_str()?.parse().ok()?;
        let arch: Arch = value.get("arch")?.as_str()?.parse().ok()?;
        Some(Target::new(runtime, arch))
    };
    let targets = tool.and_then(|tool| tool.get("targets")).and_then(toml::Value::as_array);
    let mut targets: Vec<Target> = targets.into_iter().flatten().filter_map(read).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// `tool.layerpack.options`.
fn read_options(tool: Option<&toml::Value>) -> BTreeMap<String, String> {
    let options = tool.and_then(|tool| tool.get("options")).and_then(toml::Value::as_table);
    let text = |(key, value): (&String, &toml::Value)| Some((key.clone(), value.as_str()?.to_owned()));
    options.into_iter().flatten().filter_map(text).collect()
}

//! TOML to [`PyLock`]: strict about what the specification says, silent about keys that it does not know.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::str::FromStr;

use lambda_compat::{Arch, RuntimeName, Target};
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::error::LockError;
use super::pylock::{Dependency, LockedPackage, LockedWheel, PyLock, WheelPlace};
use crate::requirements::{Place, marker};

/// Bytes of a lock. Locks of a thousand packages have some 5 MB.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    lock_version: Spanned<String>,
    #[serde(default)]
    environments: Vec<String>,
    requires_python: Option<String>,
    #[serde(default)]
    default_groups: Vec<String>,
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
        use io::Read as _;
        let mut bytes = Vec::new();
        let open = fs_err::File::open(file).map_err(LockError::Io)?;
        open.take(LARGEST + 1).read_to_end(&mut bytes).map_err(LockError::Io)?;
        if bytes.len() as u64 > LARGEST {
            let why = format!("{} is larger than {} MB", file.display(), LARGEST >> 20);
            return Err(LockError::Io(io::Error::new(io::ErrorKind::FileTooLarge, why)));
        }
        Self::parse(file, &bytes)
    }

    /// Reads a lock from its bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8, not TOML, of another version than 1.x, or breaks a rule of the specification.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, LockError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
            let source = Source { file, text: valid.unwrap_or_default() };
            source.toml_error(error.valid_up_to(), "is not UTF-8".to_owned())
        })?;
        let source = Source { file, text };
        let document: Document = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(text.len(), |span| span.start);
            source.toml_error(at, error.message().lines().collect::<Vec<_>>().join(" "))
        })?;
        source.lock(document)
    }
}

/// The text that is being read.
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn lock(&self, document: Document) -> Result<PyLock, LockError> {
        let version = document.lock_version.get_ref();
        if version.split_once('.').is_none_or(|(major, minor)| major != "1" || minor.parse::<u32>().is_err()) {
            let place = self.place(document.lock_version.span().start);
            return Err(LockError::Version { place, found: version.clone() });
        }
        let top = Entry { source: self, at: 0, package: None };
        let environments =
            document.environments.iter().map(|text| top.marker("environments", text, &[])).collect::<Result<_, _>>()?;
        let requires_python = top.specifiers(document.requires_python)?;
        let groups = &document.default_groups;
        let packages = document
            .packages
            .into_iter()
            .map(|spanned| {
                let at = spanned.span().start;
                let package = spanned.into_inner();
                Entry { source: self, at, package: Some(package.name.clone()) }.package(package, groups)
            })
            .collect::<Result<_, _>>()?;
        let tool = document.tool.get("layerpack");
        Ok(PyLock {
            file: self.file.to_owned(),
            environments,
            requires_python,
            created_by: document.created_by,
            packages,
            targets: read_targets(tool),
            digest: tool.and_then(|tool| tool.get("digest")).and_then(toml::Value::as_str).map(str::to_owned),
        })
    }

    fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        Place::new(self.file.display().to_string(), 1 + before.matches('\n').count())
    }

    fn toml_error(&self, at: usize, why: String) -> LockError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        LockError::Toml { place: self.place(at), column, why }
    }
}

/// The part of the lock that is being read, for messages.
struct Entry<'a> {
    source: &'a Source<'a>,
    at: usize,
    package: Option<String>,
}

impl Entry<'_> {
    fn invalid(&self, key: &'static str, why: impl Into<String>) -> LockError {
        LockError::Invalid { place: self.source.place(self.at), package: self.package.clone(), key, why: why.into() }
    }

    fn read<T: FromStr<Err: ToString>>(&self, key: &'static str, text: &str) -> Result<T, LockError> {
        text.parse().map_err(|error: T::Err| self.invalid(key, format!("cannot be read: {}", error.to_string())))
    }

    fn specifiers(&self, text: Option<String>) -> Result<Option<VersionSpecifiers>, LockError> {
        let read = |text: String| {
            crate::requirements::lenient_specifiers(&text)
                .map_err(|why| self.invalid("requires-python", format!("cannot be read: {why}")))
        };
        text.map(read).transpose()
    }

    fn marker(&self, key: &'static str, text: &str, groups: &[String]) -> Result<MarkerTree, LockError> {
        let (marker, ignored) = marker::read_marker(&without_memberships(text, groups))
            .map_err(|fault| self.invalid(key, fault.problem.to_string().replacen("the marker cannot", "cannot", 1)))?;
        match ignored {
            None => Ok(marker),
            Some(ignored) => Err(self.invalid(key, format!("compares what cannot be compared: {}", ignored.0))),
        }
    }

    fn package(&self, package: Package, groups: &[String]) -> Result<LockedPackage, LockError> {
        let name: DistName = self.read("name", &package.name)?;
        let marker =
            package.marker.as_deref().map_or(Ok(MarkerTree::TRUE), |text| self.marker("marker", text, groups))?;
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

        let mut wheels = Vec::new();
        for file in package.wheels.unwrap_or_default() {
            wheels.push(self.wheel("wheels", &name, version.as_ref(), file)?);
        }
        if let Some(archive) = package.archive {
            self.hashes("archive", &archive)?;
            if file_name(&archive)
                .is_some_and(|name| Path::new(&name).extension().is_some_and(|ending| ending == "whl"))
            {
                wheels.push(self.wheel("archive", &name, version.as_ref(), archive)?);
                other_source = None;
            }
        }
        let version = version.or_else(|| wheels.first().map(|wheel| wheel.filename.version.clone()));
        Ok(LockedPackage {
            name,
            version,
            marker,
            requires_python: self.specifiers(package.requires_python)?,
            dependencies,
            index: package.index,
            wheels,
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
    let from_url = || {
        let url = url::Url::parse(file.url.as_deref()?).ok()?;
        let last = url.path_segments()?.next_back()?.to_owned();
        // Of all that is escaped in URLs, only the `+` of local versions occurs in wheels' names.
        Some(last.replace("%2B", "+").replace("%2b", "+"))
    };
    let from_path = || file.path.as_deref().and_then(|path| path.rsplit(['/', '\\']).next()).map(str::to_owned);
    file.name.clone().or_else(from_path).or_else(from_url)
}

/// Decides `'x' in extras` and `'x' in dependency_groups`, which PEP 751 adds to markers and PEP 508 does not have:
/// a layer is the default installation, with no extras and the default groups.
fn without_memberships(marker: &str, groups: &[String]) -> String {
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
            "extras" => Some(false),
            "dependency_groups" => Some(groups.iter().any(|group| group == value)),
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
